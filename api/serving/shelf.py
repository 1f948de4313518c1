"""The shelf: versions beside the one that is served, opened when somebody looks at them and kept while they are used."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, TypeVar

from api.network.issue_book import IssueBook
from gis.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from gis.network import Network
    from gis.store import NetworkStore
    from gis.stores.address import Address

T = TypeVar("T")
MOST_KEPT = 6


class Shelf:
    """
    Networks and issues of a workspace by version; a version never changes, so what was read stays true.

    Raises
    ------
    WorkspaceError
        From every method: no workspace, no such version, or one that cannot be read.
    """

    def __init__(self, workspace: Address) -> None:
        self._workspace = workspace
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.RLock()

    def store(self) -> NetworkStore:
        """The versions as they are on disk now."""
        return open_store(self._workspace)

    def network(self, version: str) -> Network:
        """One version's tables."""
        return self.once(("network", version), lambda: self.store().open(version))

    def issues(self, version: str) -> IssueBook:
        """One version's issues."""
        return self.once(
            ("issues", version), lambda: IssueBook(self.store().issues(version), self.network(version).crs)
        )

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Give what is kept under `key`, made now when it is not; the longest unused goes first."""
        with self._lock:
            if key not in self._kept:
                self._kept[key] = make()
                while len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            value: T = self._kept[key]
            return value
