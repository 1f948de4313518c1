"""From understood layers to the tables of a version: repaired network, things on it, records that point at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from gis.intake.assets import (
    finish_tapoffs,
    follow_pieces,
    link_customers,
    on_nodes,
    part_issues,
    pipes_of_points,
)
from gis.intake.normalise import Working
from gis.issues import DataIssue
from gis.memory import give_back
from gis.repair.clean import Repaired, repair
from gis.repair.elevation import fill_elevations
from gis.repair.fill import fill_sizes
from gis.repair.stubs import Incidence

if TYPE_CHECKING:
    import geopandas as gpd

    from gis.progress import Progress
    from gis.repair.thresholds import Thresholds

ON_NODES = ("valves", "hydrants", "tapoffs", "sources", "loggers")
NAMING_PIPES = ("breaks", "customers")
SOURCE_KINDS = {"tank": "tank", "reservoir": "reservoir"}


def build_network(
    layers: dict[str, Working], limits: Thresholds, issues: list[DataIssue], progress: Progress
) -> dict[str, gpd.GeoDataFrame]:
    """
    Give every layer of a version; what was doubted or mended is added to `issues`.

    Pipes without any geometry (a register as a bare table) are kept as a list: no nodes, no repair.
    """
    if shapely.is_missing(layers["pipes"].table.geometry.to_numpy()).all():
        return _list_only(layers, issues)
    _pipe_defaults(layers["pipes"])
    net = repair(layers.pop("pipes"), layers.pop("nodes", None), limits, progress)
    give_back()
    issues += net.issues
    net = _filled(net, layers, limits, issues)
    progress.step("link", 0, 3)
    things = _things(layers, net, limits)
    progress.step("link", 1, 3)
    for name in NAMING_PIPES:
        if name in layers:
            follow_pieces(layers[name], net)
    if "customers" in layers:
        if "node_id" in layers["customers"].table and net.became:
            layers["customers"].table["node_id"] = (
                layers["customers"].table["node_id"].replace(dict(net.became))
            )
        link_customers(layers["customers"], net, limits)
    progress.step("link", 2, 3)
    sources = set(things["sources"].table["node_id"].dropna()) | _source_nodes(net)
    # A node the survey calls a source has no head: without the layer of sources there is nothing to compute with.
    issues += part_issues(net, sources if len(things["sources"].table) else set())
    everything = {**layers, **things}
    for working in everything.values():
        issues += working.issues
    progress.step("link", 3, 3)
    tables = {name: working.table for name, working in everything.items() if len(working.table)}
    return {**tables, "pipes": net.pipes, "nodes": _with_sources(net.nodes, things["sources"])}


def _list_only(layers: dict[str, Working], issues: list[DataIssue]) -> dict[str, gpd.GeoDataFrame]:
    issues.append(DataIssue("pipes-without-geometry", "warning", "pipes", "*"))
    for working in layers.values():
        issues += working.issues
    return {name: working.table for name, working in layers.items() if len(working.table)}


def _pipe_defaults(pipes: Working) -> None:
    for column, value in (("status", "open"), ("role", "distribution"), ("material", "unknown")):
        if column not in pipes.table:
            pipes.table[column] = value
        pipes.table[column] = pipes.table[column].fillna(value)
    if "dn" not in pipes.table:
        pipes.table["dn"] = pd.array([None] * len(pipes.table), dtype="Int64")


def _filled(
    net: Repaired, layers: dict[str, Working], limits: Thresholds, issues: list[DataIssue]
) -> Repaired:
    pipes, unknown_sizes = fill_sizes(net.pipes)
    terrain = layers["terrain"].table if "terrain" in layers else None
    nodes, unknown_levels = fill_elevations(net.nodes, terrain, limits)
    issues += [*unknown_sizes, *unknown_levels, *_doubtful_lengths(pipes, limits)]
    return Repaired(pipes, nodes, net.issues, net.became, net.pieces)


def _doubtful_lengths(pipes: gpd.GeoDataFrame, limits: Thresholds) -> list[DataIssue]:
    drawn_m = pipes.geometry.length.to_numpy()
    given_m = pipes["length_m"].to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        off = np.abs(given_m - drawn_m) > limits.length_ratio * np.maximum(drawn_m, 1.0)
    issues = []
    for row in np.flatnonzero(off):
        middle = shapely.line_interpolate_point(pipes.geometry.iloc[row], 0.5, normalized=True)
        params = {"length_m": round(float(given_m[row]), 2), "drawn_m": round(float(drawn_m[row]), 2)}
        pipe = str(pipes["pipe_id"].iloc[row])
        issues.append(DataIssue("length-differs", "warning", "pipes", pipe, (middle.x, middle.y), params))
    return issues


def _things(layers: dict[str, Working], net: Repaired, limits: Thresholds) -> dict[str, Working]:
    things = {name: on_nodes(name, layers.get(name), net, limits, surveyed=True) for name in ON_NODES}
    incidence = Incidence(net.pipes, net.nodes)
    pipes_of_points(things["valves"], incidence)
    finish_tapoffs(things["tapoffs"], things["valves"], incidence, limits)
    return things


def _source_nodes(net: Repaired) -> set[str]:
    return set(net.nodes.loc[net.nodes["kind"].isin(["source", "tank", "reservoir"]), "node_id"])


def _with_sources(nodes: gpd.GeoDataFrame, sources: Working) -> gpd.GeoDataFrame:
    """Mark the nodes that sources stand on."""
    if not len(sources.table):
        return nodes
    kind = sources.table.get("kind", pd.Series("plant", index=sources.table.index)).fillna("plant")
    of_node = dict(zip(sources.table["node_id"], kind.map(SOURCE_KINDS).fillna("source"), strict=True))
    table = nodes.copy()
    table["kind"] = table["node_id"].map(of_node).fillna(table["kind"])
    return table
