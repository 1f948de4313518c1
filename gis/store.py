"""The doors to a workspace's network versions: one protocol, a folder or a PostGIS database behind it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from gis.stores.folder import create_folder, is_folder_workspace, open_folder

if TYPE_CHECKING:
    from gis.issues import DataIssue
    from gis.network import Network
    from gis.stores.address import Address
    from gis.version import Candidate, VersionRecord


class NetworkStore(Protocol):
    """Where versions live. `open_store` gives the one that fits the workspace address."""

    def publish(self, candidate: Candidate, *, accepted: str | None = None) -> VersionRecord:
        """
        Make it the current version, wholly or not at all; an equal current version is given back instead.

        Where much of the current version would disappear (gis.versions.removals) it is refused, unless `accepted` says why.
        """
        ...

    def roll_back(self, version: str, *, reason: str) -> VersionRecord:
        """Make an older version the current one again; nothing is deleted, and the history tells it."""
        ...

    def history(self) -> list[dict[str, Any]]:
        """Every change of the current version, oldest first: when, action, version, previous, reason."""
        ...

    def take(self, candidate: Candidate, record: VersionRecord) -> None:
        """Keep a version of another workspace under its own record; the current version stays what it was."""
        ...

    def make_current(self, version: str) -> None:
        """Let readers who name no version see this copied one; the history tells it as `copy`."""
        ...

    def current(self) -> str | None:
        """Give the id of the current version, None before the first import."""
        ...

    def versions(self) -> list[VersionRecord]:
        """Newest last."""
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
