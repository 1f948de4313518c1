"""A network version before and after it is published: what an import hands over, and what is listed of it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gis.memory import give_back
from gis.schema import conform, layers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd

    from gis.issues import DataIssue

COUNTED = ("pipes", "nodes", "valves", "hydrants", "tapoffs", "customers", "sources")


@dataclass(frozen=True)
class VersionRecord:
    """What `tapwright versions` lists about one import; `vertical_datum` see gis.frames.vertical."""

    version: str
    parent: str | None
    created: str
    source: str
    crs: str | None
    synthetic: bool
    counts: Mapping[str, int]
    length_m: float
    issue_counts: Mapping[str, int]
    vertical_datum: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Candidate:
    """A whole version that is not yet published, in one CRS."""

    layers: Mapping[str, gpd.GeoDataFrame]
    issues: Sequence[DataIssue]
    source: str
    crs: str | None
    synthetic: bool = False
    model_inp: Path | None = None
    vertical_datum: Mapping[str, Any] = field(default_factory=dict)


def conformed(candidate: Candidate) -> Candidate:
    """Give the candidate with the declared columns in every layer and rows in order of id."""
    if isinstance(candidate.layers, ConformedLayers):
        return candidate
    return replace(candidate, layers=conform_layers(dict(candidate.layers)))


class ConformedLayers(dict[str, "gpd.GeoDataFrame"]):
    """Layers as `conform_layers` gives them: to do it again would cost the memory of a city."""


def conform_layers(tables: dict[str, gpd.GeoDataFrame]) -> ConformedLayers:
    """Take tables out of `tables` one by one, so that none is held twice, and give them as a version has them."""
    ready = ConformedLayers()
    for name in list(tables):
        plain, id_column = conform(tables.pop(name), name), layers()[name].id_column
        if not plain[id_column].is_monotonic_increasing:
            plain = plain.sort_values(id_column, kind="stable").reset_index(drop=True)
        ready[name] = plain
    give_back()
    return ready


def describe(candidate: Candidate, version: str, *, parent: str | None) -> VersionRecord:
    """Give the record of a conformed candidate that is made a version now."""
    tables = candidate.layers
    pipes = tables.get("pipes")
    counts = {name: len(tables[name]) if name in tables else 0 for name in layers()}
    severities = Counter(issue.severity for issue in candidate.issues)
    return VersionRecord(
        version=version, parent=parent, created=dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds"),
        source=candidate.source, crs=candidate.crs, synthetic=candidate.synthetic,
        counts={name: count for name, count in counts.items() if count or name in COUNTED},
        length_m=round(float(pipes["length_m"].sum()), 3) if pipes is not None else 0.0,
        issue_counts={name: severities.get(name, 0) for name in ("error", "warning", "repaired")},
        vertical_datum=candidate.vertical_datum,
    )  # fmt: skip
