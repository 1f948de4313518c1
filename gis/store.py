"""Network versions in a workspace: a folder of GeoPackages today; the protocol is what a database will answer too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd

    from gis.issues import DataIssue
    from gis.network import Network


@dataclass(frozen=True)
class VersionRecord:
    """What `tapwright versions` lists about one import."""

    version: str
    parent: str | None
    created: str
    source: str
    crs: str | None
    synthetic: bool
    counts: Mapping[str, int]
    length_m: float
    issue_counts: Mapping[str, int]


@dataclass(frozen=True)
class Candidate:
    """A whole version that is not yet published: every layer conformed, in one CRS."""

    layers: Mapping[str, gpd.GeoDataFrame]
    issues: Sequence[DataIssue]
    source: str
    crs: str | None
    synthetic: bool = False
    model_inp: Path | None = None


class NetworkStore(Protocol):
    """Where versions live. `open_store` gives the one that fits the workspace address."""

    def publish(self, candidate: Candidate) -> VersionRecord:
        """Make it the current version, wholly or not at all; an equal current version is given back instead."""
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
