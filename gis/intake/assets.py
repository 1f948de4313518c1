"""Things on the network: valves, hydrants, tap-offs, sources, loggers on their nodes; customers on their mains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.intake.normalise import Working
from gis.repair.stubs import Incidence, stub_of
from gis.repair.wider import LooseThings, nothing_loose
from gis.schema import layers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from gis.repair.outcome import Repaired
    from gis.repair.thresholds import Thresholds

SURVEYED_KINDS = {"valves": "valve", "hydrants": "hydrant", "tapoffs": "tapoff"}
ALLOWED_ROLES = ("main", "distribution")


def loose_things(tables: Mapping[str, Working], names: Sequence[str]) -> LooseThings:
    """Give the things that have a place and name no known node: repair makes nodes where they sit on a line."""
    known: set[Any] = set(tables["nodes"].table["node_id"]) if "nodes" in tables else set()
    for end in ("start_node_id", "end_node_id"):
        if end in tables["pipes"].table:
            known |= set(tables["pipes"].table[end].dropna())
    found: list[LooseThings] = []
    for name in names:
        if name not in tables:
            continue
        table = tables[name].table
        placed = ~shapely.is_missing(table.geometry.to_numpy())
        named = (
            table["node_id"].isin(known).to_numpy()
            if "node_id" in table
            else np.zeros(len(table), dtype=bool)
        )
        points = shapely.centroid(table.geometry.to_numpy()[placed & ~named])
        ids = table[layers()[name].id_column].to_numpy(object)[placed & ~named]
        found.append(
            LooseThings(
                np.full(len(ids), name, dtype=object),
                ids,
                np.column_stack([shapely.get_x(points), shapely.get_y(points)]),
            )
        )
    if not found:
        return nothing_loose()
    return LooseThings(
        *(np.concatenate([getattr(one, part) for one in found]) for part in ("layers", "ids", "at_xy"))
    )


def on_nodes(
    layer: str, register: Working | None, net: Repaired, limits: Thresholds, *, surveyed: bool
) -> Working:
    """
    Give a register's things on their nodes, and with `surveyed` the survey points of that kind it lacks.

    A recorded node number wins; without one it is the nearest node within `asset_reach_m`. A thing that finds
    neither is reported; without a position of its own it is left out.
    """
    column = layers()[layer].id_column
    working = register or Working(layer, _no_rows(column, net), [])
    _resolve_nodes(working, net, limits)
    if surveyed and layer in SURVEYED_KINDS:
        working = _with_surveyed(working, net, column)
    return working


def _no_rows(column: str, net: Repaired) -> gpd.GeoDataFrame:
    empty: dict[str, Any] = {column: [], "node_id": []}
    return gpd.GeoDataFrame(pd.DataFrame(empty, dtype="object"), geometry=[], crs=net.nodes.crs)


def _resolve_nodes(working: Working, net: Repaired, limits: Thresholds) -> None:
    table = working.table
    if "node_id" not in table:
        table["node_id"] = pd.Series(None, index=table.index, dtype="object")
    place = pd.Series(net.nodes.geometry.to_numpy(), index=net.nodes["node_id"].to_numpy())
    table["node_id"] = table["node_id"].replace(dict(net.became)) if net.became else table["node_id"]
    named = table["node_id"].notna().to_numpy()
    known = table["node_id"].isin(place.index).to_numpy()
    nodes = table["node_id"].to_numpy(object).copy()
    placed = ~shapely.is_missing(table.geometry.to_numpy())
    working.report(named & ~known & placed, "node-unknown", "warning", lambda i: {"node": str(nodes[i])})
    table.loc[~known, "node_id"] = None
    _nearest_nodes(table, ~known & placed, net, limits)
    found = table["node_id"].notna().to_numpy()
    working.report(placed & ~found, "off-network", "warning", lambda _: {"reach_m": limits.asset_reach_m})
    working.report(~placed & ~found, "without-place", "error", lambda _: {})
    geometry = table.geometry.to_numpy().copy()
    fill = ~placed & found
    geometry[fill] = place.reindex(table["node_id"][fill]).to_numpy()
    table = table.set_geometry(gpd.GeoSeries(geometry, index=table.index, crs=net.nodes.crs))
    working.table = table[placed | found].reset_index(drop=True)


def _nearest_nodes(
    table: gpd.GeoDataFrame, rows: NDArray[np.bool_], net: Repaired, limits: Thresholds
) -> None:
    if not rows.any() or not len(net.nodes):
        return
    at = np.flatnonzero(rows)
    tree = shapely.STRtree(net.nodes.geometry.to_numpy())
    points = shapely.centroid(table.geometry.to_numpy()[at])
    found = tree.query_nearest(points, max_distance=limits.asset_reach_m, all_matches=False)
    table.loc[table.index[at[found[0]]], "node_id"] = net.nodes["node_id"].to_numpy()[found[1]]


def _with_surveyed(working: Working, net: Repaired, column: str) -> Working:
    kind = SURVEYED_KINDS[working.layer]
    points = net.nodes[(net.nodes["kind"] == kind) & ~net.nodes["node_id"].isin(working.table["node_id"])]
    if not len(points):
        return working
    extra = gpd.GeoDataFrame(
        {column: points["node_id"].to_numpy(), "node_id": points["node_id"].to_numpy()},
        geometry=points.geometry.to_numpy(), crs=net.nodes.crs,
    )  # fmt: skip
    if working.layer == "tapoffs":
        extra["origin"], extra["confidence"] = "surveyed", "surveyed"
        unregistered = Working(working.layer, extra, working.issues)
        if len(working.table):
            unregistered.report(
                np.ones(len(extra), dtype=bool), "tapoff-unregistered", "warning", lambda _: {}
            )
    table = pd.concat([working.table, extra], ignore_index=True) if len(working.table) else extra
    return Working(
        working.layer, gpd.GeoDataFrame(table, geometry="geometry", crs=net.nodes.crs), working.issues
    )


def pipes_of_points(working: Working, incidence: Incidence) -> None:
    """Name the pipe each valve sits on: of those at its node the nearest in size; complete the size from it."""
    table = working.table
    stated = pd.to_numeric(table.get("dn", pd.Series(np.nan, index=table.index)), errors="coerce")
    wanted = pd.Series(stated.to_numpy(dtype=float, na_value=np.nan), index=table.index)
    pipe = [incidence.closest(node, dn) for node, dn in zip(table["node_id"], wanted, strict=True)]
    rows = np.array([-1 if row is None else row for row in pipe], dtype=np.int64)
    table["dn"] = wanted.fillna(pd.Series(incidence.dn_of(rows), index=table.index))
    if "pipe_id" in {a.name for a in layers()[working.layer].attributes}:
        given = table.get("pipe_id", pd.Series(None, index=table.index, dtype="object"))
        known = given.isin(set(incidence.pipe_ids))
        table["pipe_id"] = given.where(known, pd.Series(incidence.ids_of(rows), index=table.index))


def finish_tapoffs(working: Working, valves: Working, incidence: Incidence, limits: Thresholds) -> None:
    """Complete tap-offs from their stub: main and its size, own size, valve, depth, road."""
    table = working.table
    valve_at = dict(zip(valves.table["node_id"], valves.table["valve_id"], strict=True))
    known_valves = set(valves.table["valve_id"])
    stubs = [stub_of(node, incidence, valve_at, limits.stub_valve_m) for node in table["node_id"]]
    main = np.array([stub.main for stub in stubs], dtype=np.int64)
    own = np.array([stub.pipe for stub in stubs], dtype=np.int64)
    working.report(main < 0, "tapoff-without-main", "error", lambda _: {})
    given = table.get("valve_id", pd.Series(None, index=table.index, dtype="object"))
    wrong = (given.notna() & ~given.isin(known_valves)).to_numpy()
    working.report(wrong, "valve-unknown", "warning", lambda i: {"valve": str(given.iloc[i])})
    table["valve_id"] = given.mask(wrong).where(given.notna() & ~wrong, [stub.valve for stub in stubs])
    table["pipe_id"] = incidence.ids_of(main)
    table["pipe_dn"] = incidence.dn_of(main)
    table["dn_confidence"] = _size_confidence(table, incidence, own)
    for column, source in (("dn", own), ("cover_depth_m", own)):
        values = pd.to_numeric(table.get(column, pd.Series(np.nan, index=table.index)), errors="coerce")
        table[column] = values.fillna(pd.Series(incidence.value_of(column, source), index=table.index))
    road = table.get("road_name", pd.Series(None, index=table.index, dtype="object"))
    table["road_name"] = road.where(road.notna(), incidence.text_of("road_name", main))


def _size_confidence(table: gpd.GeoDataFrame, incidence: Incidence, own: NDArray[np.int64]) -> pd.Series:
    """How sure a tap-off's size is: as its own record where that has one, else as the size of its stub."""
    given = table.get("dn_confidence", pd.Series(None, index=table.index, dtype="object"))
    sized = pd.to_numeric(table.get("dn", pd.Series(np.nan, index=table.index)), errors="coerce").notna()
    record = table.get("confidence", pd.Series(None, index=table.index, dtype="object")).fillna("unknown")
    stub = pd.Series(incidence.text_of("dn_confidence", own), index=table.index, dtype="object")
    return given.where(given.notna(), record.where(sized, stub.fillna("unknown")))


def link_customers(working: Working, net: Repaired, limits: Thresholds) -> None:
    """Link customers to their recorded pipe, else to the nearest open main or distribution pipe in reach."""
    table, pipes = working.table, net.pipes
    row_of = pd.Series(np.arange(len(pipes)), index=pipes["pipe_id"].to_numpy())
    points = table.geometry.to_numpy()
    recorded = table.get("pipe_id", pd.Series(None, index=table.index, dtype="object"))
    row = row_of.reindex(recorded).fillna(-1).to_numpy().astype(int)
    working.report(
        (recorded.notna() & (row < 0)).to_numpy(),
        "pipe-unknown",
        "warning",
        lambda i: {"pipe": str(recorded.iloc[i])},
    )
    allowed = np.flatnonzero(
        pipes["role"].fillna("distribution").isin(ALLOWED_ROLES) & pipes["status"].fillna("open").eq("open")
    )
    wanted = np.flatnonzero((row < 0) & ~shapely.is_missing(points))
    tree = shapely.STRtree(pipes.geometry.to_numpy()[allowed])
    found = tree.query_nearest(points[wanted], max_distance=limits.customer_reach_m, all_matches=False)
    row[wanted[found[0]]] = allowed[found[1]]
    working.report(row < 0, "customer-unlinked", "warning", lambda _: {"reach_m": limits.customer_reach_m})
    _write_links(table, pipes, row, points)


def _write_links(
    table: gpd.GeoDataFrame, pipes: gpd.GeoDataFrame, row: NDArray[np.int64], points: NDArray[np.object_]
) -> None:
    linked = row >= 0
    line = pipes.geometry.to_numpy()[row]
    with_place = linked & ~shapely.is_missing(points)
    share = np.zeros(len(table))
    share[with_place] = shapely.line_locate_point(line[with_place], points[with_place], normalized=True)
    ends = np.where(
        share <= 0.5, pipes["start_node_id"].to_numpy()[row], pipes["end_node_id"].to_numpy()[row]
    )
    given = table.get("node_id", pd.Series(None, index=table.index, dtype="object"))
    known = given.isin(set(pipes["start_node_id"]) | set(pipes["end_node_id"]))
    table["node_id"] = given.where(known, pd.Series(np.where(linked, ends, None), index=table.index))
    table["pipe_id"] = np.where(linked, pipes["pipe_id"].to_numpy()[row], None)
    drawn_m = np.full(len(table), np.nan)
    drawn_m[with_place] = shapely.distance(points[with_place], line[with_place])
    distance_m = pd.to_numeric(
        table.get("service_distance_m", pd.Series(np.nan, index=table.index)), errors="coerce"
    )
    table["service_distance_m"] = distance_m.fillna(pd.Series(drawn_m, index=table.index))


def follow_pieces(working: Working, net: Repaired) -> None:
    """Point records at the piece of a split pipe that lies nearest; pipes dropped as doubles give way to their twin."""
    table = working.table
    if "pipe_id" not in table or not net.pieces:
        return
    rows = np.flatnonzero(table["pipe_id"].isin(net.pieces.keys()))
    line = pd.Series(net.pipes.geometry.to_numpy(), index=net.pipes["pipe_id"].to_numpy())
    line = line[~line.index.duplicated()]
    chosen = table["pipe_id"].to_numpy(object).copy()
    points = table.geometry.to_numpy()
    for row in rows:
        pieces = [piece for piece in net.pieces[chosen[row]] if piece in line.index]
        if points[row] is None or len(pieces) < 2:
            chosen[row] = pieces[0] if pieces else None
        else:
            away_m = shapely.distance(points[row], line[pieces].to_numpy())
            chosen[row] = pieces[int(np.argmin(away_m))]
    table["pipe_id"] = chosen
