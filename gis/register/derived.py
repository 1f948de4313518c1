"""
Tap-offs derived from the drawing, where no register tells of them: capped tees, dead ends, hydrant tees.

They are places to look at, never entries of a register: `origin` derived, confidence inferred, ids `derived-NODE`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.files.shipped import shipped_table
from gis.issues import DataIssue
from gis.repair.stubs import Incidence, stub_of
from gis.repair.thresholds import load_thresholds
from gis.schema import conform
from gis.version import Candidate, conformed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DERIVED, INFERRED = "derived", "inferred"
PREFIX = "derived-"
_ENDS_OF_SUPPLY = {"source", "tank", "reservoir", "hydrant"}
_NOT_IN_USE = ("abandoned", "building")


@dataclass(frozen=True)
class Limits:
    """See data/derived.toml."""

    smallest_dn: int
    hydrant_dn: int
    service_longest_m: float


@cache
def load_limits() -> Limits:
    """Read data/derived.toml."""
    given = shipped_table("gis", "derived.toml")
    return Limits(int(given["smallest_dn"]), int(given["hydrant_dn"]), float(given["service_longest_m"]))


@dataclass(frozen=True)
class _Found:
    """A place: its node, what it is, and the size of the branch, 0 where that is unknown."""

    node_id: str
    kind: str
    dn: float


def with_derived(candidate: Candidate) -> Candidate:
    """
    Give the candidate with derived tap-offs at nodes that have none, and one issue that counts them by kind.

    A network without shapes, or in which nothing can be derived, is given back as it was.
    """
    pipes, nodes = candidate.layers.get("pipes"), candidate.layers.get("nodes")
    if pipes is None or nodes is None or not len(nodes):
        return candidate
    live = pipes[~pipes["status"].isin(_NOT_IN_USE) & (pipes["start_node_id"] != pipes["end_node_id"])]
    incidence = Incidence(live, nodes)
    found = list(_places(candidate, live, nodes, incidence))
    if not found:
        return candidate
    table = _table(found, candidate, nodes, incidence)
    own = candidate.layers.get("tapoffs")
    both = table if own is None or not len(own) else pd.concat([own, table], ignore_index=True)
    counts = Counter(place.kind for place in found)
    issue = DataIssue(
        "tapoffs-derived", "warning", "tapoffs", "*", None,
        {"count": len(found), "ends": counts["end"], "capped": counts["capped"], "hydrants": counts["hydrant"]},
    )  # fmt: skip
    layers = {**candidate.layers, "tapoffs": gpd.GeoDataFrame(both, geometry="geometry", crs=nodes.crs)}
    return conformed(replace(candidate, layers=layers, issues=(*candidate.issues, issue)))


def _places(
    candidate: Candidate, live: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame, incidence: Incidence
) -> Iterator[_Found]:
    """Every node once: capped tee before hydrant before dead end."""
    limits, taken = load_limits(), _taken(candidate)
    kinds = dict(zip(nodes["node_id"], nodes["kind"], strict=True))
    hydrants = _hydrants(candidate)
    service = _service_ends(candidate, live, limits)
    ends = pd.concat([live["start_node_id"], live["end_node_id"]])
    degree = ends.value_counts().to_dict()
    for node in sorted(set(degree) - taken):
        dn = max((incidence.dn(pipe) for pipe, _ in incidence.at(incidence.node_row(node) or 0)), default=0.0)
        place = _place(str(node), str(kinds.get(node)), degree[node], dn, hydrants=hydrants, service=service)
        if place is not None and (not place.dn or place.dn >= limits.smallest_dn):
            yield place


def _place(
    node: str, kind: str, degree: int, dn: float, *, hydrants: Mapping[str, float], service: set[str]
) -> _Found | None:
    if kind == "tapoff":
        return _Found(node, "capped", dn) if degree == 1 else None
    if node in hydrants:
        branch = hydrants[node] if np.isfinite(hydrants[node]) else float(load_limits().hydrant_dn)
        return _Found(node, "hydrant", dn if degree == 1 and dn else min(branch, dn or branch))
    if degree == 1 and kind not in _ENDS_OF_SUPPLY and node not in service:
        return _Found(node, "end", dn)
    return None


def _taken(candidate: Candidate) -> set[Any]:
    """Nodes of tap-offs that are known, and of sources."""
    taken: set[Any] = set()
    for name in ("tapoffs", "sources"):
        table = candidate.layers.get(name)
        if table is not None:
            taken |= set(table["node_id"].dropna())
    return taken


def _hydrants(candidate: Candidate) -> dict[str, float]:
    table = candidate.layers.get("hydrants")
    if table is None:
        return {}
    sizes = pd.to_numeric(table["dn"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return {str(node): dn for node, dn in zip(table["node_id"], sizes, strict=True) if isinstance(node, str)}


def _service_ends(candidate: Candidate, live: gpd.GeoDataFrame, limits: Limits) -> set[str]:
    """Ends of service pipes: by their role, or short ones that a customer is on."""
    short = live["length_m"] <= limits.service_longest_m
    customers = candidate.layers.get("customers")
    served = live["pipe_id"].isin(customers["pipe_id"].dropna()) if customers is not None else short & False
    rows = live[(live["role"] == "service") | (short & served)]
    return {*rows["start_node_id"], *rows["end_node_id"]}


def _table(
    found: list[_Found], candidate: Candidate, nodes: gpd.GeoDataFrame, incidence: Incidence
) -> gpd.GeoDataFrame:
    """One row a place, with main, size, valve, depth and road from the pipes that lead there."""
    valves = candidate.layers.get("valves")
    valve_at = {} if valves is None else dict(zip(valves["node_id"], valves["valve_id"], strict=True))
    reach_m = load_thresholds().stub_valve_m
    stubs = [stub_of(place.node_id, incidence, valve_at, reach_m) for place in found]
    own = np.array([stub.pipe for stub in stubs], dtype=np.int64)
    main = np.array([stub.main if stub.main >= 0 else stub.pipe for stub in stubs], dtype=np.int64)
    points = nodes.set_index("node_id").geometry.reindex([place.node_id for place in found]).to_numpy()
    rows = {
        "tapoff_id": [PREFIX + place.node_id for place in found],
        "node_id": [place.node_id for place in found], "pipe_id": incidence.ids_of(main),
        "pipe_dn": incidence.dn_of(main), "dn": [place.dn or None for place in found], "status": "free",
        "valve_id": [stub.valve for stub in stubs], "cover_depth_m": incidence.value_of("cover_depth_m", own),
        "origin": DERIVED, "confidence": INFERRED, "road_name": incidence.text_of("road_name", main),
    }  # fmt: skip
    table = gpd.GeoDataFrame(pd.DataFrame(rows), geometry=points, crs=nodes.crs)
    return conform(table[~shapely.is_missing(table.geometry.to_numpy())], "tapoffs")
