"""From understood layers to the tables of a version: repaired network, things on it, records that point at it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.fill.elevation import fill_elevations
from gis.fill.roughness import mark_roughness
from gis.fill.sizes import fill_sizes
from gis.fill.terrain import cell_table
from gis.intake.assets import (
    finish_tapoffs,
    follow_pieces,
    link_customers,
    loose_things,
    on_nodes,
    pipes_of_points,
)
from gis.intake.equipment import equipment_doubts, follow_downstream, nodes_behind
from gis.intake.normalise import Working
from gis.issues import DataIssue
from gis.memory import give_back
from gis.repair.clean import repair
from gis.repair.doubts.alike import doubt_alike
from gis.repair.doubts.fabric import weave
from gis.repair.doubts.lying import doubts_of_lying
from gis.repair.doubts.materials import doubt_materials
from gis.repair.doubts.parts import doubts_of_parts
from gis.repair.doubts.steps import doubts_of_steps
from gis.repair.outcome import Repaired
from gis.repair.stubs import Incidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.fill.terrain import Terrain
    from gis.progress import Progress
    from gis.repair.thresholds import Thresholds

ON_NODES = ("valves", "pumps", "hydrants", "tapoffs", "sources", "loggers")
DIRECTED = ("valves", "pumps")
NAMING_PIPES = ("breaks", "customers")
VALUED = ("pipes", "nodes", "valves", "hydrants")  # looked at for values that programs fill in
SOURCE_KINDS = {"tank": "tank", "reservoir": "reservoir"}


def build_network(
    layers: dict[str, Working], limits: Thresholds, issues: list[DataIssue], progress: Progress,
    grids: Sequence[Terrain] = (),
) -> dict[str, gpd.GeoDataFrame]:  # fmt: skip
    """
    Give every layer of a version; what was doubted or mended is added to `issues`; `grids` tell the ground.

    Pipes without any geometry (a register as a bare table) are kept as a list: no nodes, no repair.
    """
    if shapely.is_missing(layers["pipes"].table.geometry.to_numpy()).all():
        return _list_only(layers, issues)
    _pipe_defaults(layers["pipes"])
    _doubt_values(layers, limits)
    things_given = loose_things(layers, ON_NODES)
    pipes, given_nodes = layers.pop("pipes"), layers.pop("nodes", None)
    net = repair(pipes, given_nodes, limits, progress, things=things_given)
    issues += [] if given_nodes is None else given_nodes.issues
    del pipes, given_nodes
    give_back()
    issues += net.issues
    net = _filled(net, layers, limits, issues, grids)
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
    sources = set(things["sources"].table["node_id"].dropna()) | _source_nodes(net) | nodes_behind(things)
    # A node the survey calls a source has no head: without the layer of sources there is nothing to compute with.
    listed = len(things["sources"].table)
    issues += network_doubts(net, sources if listed else set(), limits, listed_sources=listed)
    issues += equipment_doubts(net, things)
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
    net: Repaired,
    layers: dict[str, Working],
    limits: Thresholds,
    issues: list[DataIssue],
    grids: Sequence[Terrain],
) -> Repaired:
    pipes, unknown_sizes = fill_sizes(net.pipes)
    terrain = layers["terrain"].table if "terrain" in layers else None
    nodes, believed, unknown_levels = fill_elevations(net.nodes, terrain, limits, grids)
    if believed:
        layers["terrain"] = _with_cells(layers.get("terrain"), believed, net)
    issues += [*unknown_sizes, *unknown_levels, *_doubtful_lengths(pipes, limits), *mark_roughness(pipes)]
    return Repaired(pipes, nodes, net.issues, net.became, net.pieces)


def _with_cells(terrain: Working | None, grids: Sequence[Terrain], net: Repaired) -> Working:
    """Ground between the nodes as well: sites and routes that are asked for later lie there."""
    bounds = tuple(float(value) for value in shapely.total_bounds(net.nodes.geometry.to_numpy()))
    cells = [cell_table(grid, bounds, crs=net.nodes.crs, nth=nth) for nth, grid in enumerate(grids, 1)]
    known = [] if terrain is None else [terrain.table]
    table = gpd.GeoDataFrame(
        pd.concat([*known, *cells], ignore_index=True), geometry="geometry", crs=net.nodes.crs
    )
    return Working("terrain", table, [] if terrain is None else terrain.issues)


def _doubt_values(layers: dict[str, Working], limits: Thresholds) -> None:
    """What is doubtful in the tables themselves; by rows of the source, before lines are split."""
    doubt_materials(layers["pipes"], limits)
    for name in VALUED:
        if name in layers:
            doubt_alike(layers[name], limits)


def network_doubts(
    net: Repaired, source_nodes: set[str], limits: Thresholds, *, listed_sources: int
) -> list[DataIssue]:
    """What stays doubtful about the network as a whole: how lines lie, what is joined, sizes against the flow."""
    fabric = weave(net.pipes, net.nodes)
    return [
        *doubts_of_lying(fabric, limits),
        *doubts_of_parts(fabric, source_nodes, limits, listed_sources=listed_sources),
        *doubts_of_steps(fabric, source_nodes, limits),
    ]


def _doubtful_lengths(pipes: gpd.GeoDataFrame, limits: Thresholds) -> list[DataIssue]:
    """Report recorded lengths far from the drawn ones; `pipes` gets the drawn ones where the rule says so."""
    if not limits.lists("length-differs"):
        return []
    drawn_m = pipes.geometry.length.to_numpy()
    given_m = pipes["length_m"].to_numpy(dtype=float, copy=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        off = np.abs(given_m - drawn_m) > np.maximum(limits.length_ratio * drawn_m, limits.length_least_m)
    mended = limits.does("length-differs") == "drawn"
    if mended:
        pipes["length_m"] = np.where(off, drawn_m, given_m)
    issues = []
    for row in np.flatnonzero(off):
        middle = shapely.line_interpolate_point(pipes.geometry.iloc[row], 0.5, normalized=True)
        params = {"length_m": round(float(given_m[row]), 2), "drawn_m": round(float(drawn_m[row]), 2)}
        pipe, place = str(pipes["pipe_id"].iloc[row]), (middle.x, middle.y)
        issue = DataIssue("length-differs", "warning", "pipes", pipe, place, params)
        issues.append(replace(issue, severity="repaired", repair="length-drawn") if mended else issue)
    return issues


def _things(layers: dict[str, Working], net: Repaired, limits: Thresholds) -> dict[str, Working]:
    things = {name: on_nodes(name, layers.get(name), net, limits, surveyed=True) for name in ON_NODES}
    incidence = Incidence(net.pipes, net.nodes)
    pipes_of_points(things["valves"], incidence)
    for name in DIRECTED:
        follow_downstream(things[name], net)
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
