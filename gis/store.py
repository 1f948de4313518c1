"""The doors to a workspace's network versions: one protocol, a folder or a PostGIS database behind it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from gis.stores.folder import create_folder, is_folder_workspace, open_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.claims.events import Permit, SchemeEvent
    from gis.issues import DataIssue
    from gis.network import Network
    from gis.register.entries import Allow, Entry
    from gis.stores.address import Address
    from gis.version import Candidate, VersionRecord
    from gis.versions.history import Action, Event, Onto


class NetworkStore(Protocol):
    """Where versions live. `open_store` gives the one that fits the workspace address."""

    def publish(
        self,
        candidate: Candidate,
        *,
        accepted: str | None = None,
        by: str | None = None,
        onto: Onto | None = None,
    ) -> VersionRecord:
        """
        Make it the current version, wholly or not at all; an equal current version is given back instead.

        Where much of the current version would disappear (gis.versions.removals) it is refused, unless `accepted`
        says why: `propose` keeps it for a second person instead. With `onto` it is a change of one version, and refused
        (`current-moved`) when another has become current since that was read.
        """
        ...

    def propose(self, candidate: Candidate, *, by: str) -> VersionRecord:
        """Keep it beside the others, readable by its id, until another person approves or rejects it."""
        ...

    def approve(self, version: str, *, by: str, reason: str) -> VersionRecord:
        """Make a proposed version current; GisInputError when `by` proposed it, or other things are current now."""
        ...

    def reject(self, version: str, *, by: str, reason: str) -> VersionRecord:
        """Refuse a proposed version; it stays readable by its id and cannot become current."""
        ...

    def roll_back(self, version: str, *, reason: str, by: str | None = None) -> VersionRecord:
        """Make an older version the current one again; nothing is deleted, and the history tells it."""
        ...

    def history(self) -> list[Event]:
        """Every proposal, consent and change of the current version, oldest first (gis.versions.history)."""
        ...

    def recall(self, history: Sequence[Event]) -> None:
        """Add entries of another workspace's history; those that are there already are left out."""
        ...

    def register(self) -> list[Entry]:
        """Every entry of the tap-off register, as they were written; it belongs to the workspace, not to a version."""
        ...

    def enter(self, entry: Entry, *, allow: Allow | None = None) -> None:
        """Add an entry; `allow` is given those that are there while nobody else can add, and may refuse by raising."""
        ...

    def recall_entries(self, entries: Sequence[Entry]) -> None:
        """Add entries of another workspace's register; those that are there already are left out."""
        ...

    def scheme_events(self) -> list[SchemeEvent]:
        """Every event in the lives of schemes as they were written, plans first; they belong to the workspace."""
        ...

    def tell_schemes(self, events: Sequence[SchemeEvent], *, allow: Permit | None = None) -> None:
        """
        Add events all together; the register tells of the tap-offs they reserve or let go.

        `allow` is given the events and the register as they are while nobody else can add, and may refuse by raising.
        """
        ...

    def recall_schemes(self, events: Sequence[SchemeEvent]) -> None:
        """Add events of another workspace's schemes; those that are there already are left out."""
        ...

    def register_mark(self) -> str:
        """Tell how far register and schemes have been written: while it stays, so do the entries."""
        ...

    def take(self, candidate: Candidate, record: VersionRecord) -> None:
        """Keep a version of another workspace under its own record; the current version stays what it was."""
        ...

    def make_current(self, version: str, *, action: Action = "copy", by: str | None = None) -> None:
        """Let readers who name no version see this copied one; the history tells it."""
        ...

    def current(self) -> str | None:
        """Give the id of the current version, None before the first import."""
        ...

    def versions(self) -> list[VersionRecord]:
        """All that can be read, newest last; pending and rejected ones too."""
        ...

    def damaged(self) -> list[tuple[str, str]]:
        """Versions that cannot be read, with what is wrong with each."""
        ...

    def open(self, version: str | None = None) -> Network:
        """Open the given, else the current version; WorkspaceError when there is none."""
        ...

    def issues(self, version: str | None = None) -> list[DataIssue]:
        """Give what the import doubted and mended."""
        ...


def create_store(address: Address) -> NetworkStore:
    """
    Make a workspace, or open the one that is there.

    Raises
    ------
    WorkspaceError
        `workspace-format` for one of another format; `workspace-path` when the folder cannot be made;
        `database-…` and `schema-taken` when the database cannot serve.
    """
    if isinstance(address, Path):
        return create_folder(address)
    from gis.stores.postgis import create_database

    return create_database(address)


def open_store(address: Address) -> NetworkStore:
    """
    Open a workspace.

    Raises
    ------
    WorkspaceError
        `workspace-missing`; `workspace-format` naming both formats when another program version wrote it;
        `database-…` when the database cannot serve.
    """
    if isinstance(address, Path):
        return open_folder(address)
    from gis.stores.postgis import open_database

    return open_database(address)


def is_workspace(address: Address) -> bool:
    """Tell whether a workspace is there, of whatever format; a database that cannot be reached is an error."""
    if isinstance(address, Path):
        return is_folder_workspace(address)
    from gis.stores.postgis import is_database_workspace

    return is_database_workspace(address)
