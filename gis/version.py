"""A network version before and after it is published: what an import hands over, and what is listed of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd

    from gis.issues import DataIssue


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
