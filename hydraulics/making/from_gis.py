"""
ModelTables from the GIS layers: pipes, customers and sources of a network version at the peak hour of the peak day.

Pumps, regulating and check valves and tanks whose records suffice are elements of the model (`gis.equipment`); what
was assumed of the others is in `doubts`. Nothing is guessed silently: abandoned and unbuilt pipes and pipes without
size are left out, parts that no source reaches are set aside by the graph before EPANET sees them, and a node without
elevation has a head but no pressure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from gis.equipment.found import equipment_of
from hydraulics.demand.demands import placed_demands
from hydraulics.errors import HydraulicsError
from hydraulics.making.devices_of_gis import device_links, settled, split_from, with_devices
from hydraulics.making.roughness import friction_of
from hydraulics.supplied.cut_off import against_flow, without_cut_off
from hydraulics.tables import ModelTables, PipeState, SolverOptions, Tank

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from gis.equipment.found import Equipment
    from gis.equipment.records import TankRecord
    from gis.network import Network
    from hydraulics.demand.basis import PeakBasis
    from hydraulics.making.devices_of_gis import DeviceLink
    from hydraulics.making.roughness import Friction
    from hydraulics.results import FloatArray

    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

_TITLE = "Tapwright: peak hour of the peak day from GIS layers, metric (LPS)"
_NOT_IN_GROUND = ("abandoned", "building")
_SOURCE_REACH_M = 50.0


@dataclass(frozen=True)
class _Nodes:
    """Every node at a pipe's end, in the order of first use."""

    ids: NDArray[np.object_]
    ends: IntArray
    device_ends: IntArray
    elevation_m: FloatArray
    position_xy: FloatArray


@dataclass(frozen=True)
class _Fixed:
    """Shape (nodes,): peak-hour head of nodes that are sources, NaN elsewhere; and which of them are tanks."""

    heads_m: FloatArray
    tanks: dict[int, TankRecord]


def tables_of_network(network: Network, *, basis: PeakBasis | None = None) -> ModelTables:
    """
    Build the peak-hour model of the GIS layers.

    Raises
    ------
    HydraulicsError
        `no-source`: no source stands on or near a pipe in use.
    """
    pipes, sources = modelled_pipes(network.pipes), network.layer("sources")
    valves = network.layer("valves")
    gear = equipment_of(pipes, network.nodes, pumps=network.layer("pumps"), valves=valves, sources=sources)
    drafts, between = device_links(gear, pipes["inner_diameter_m"].to_numpy(dtype=np.float64))
    nodes = _nodes(pipes, network.nodes, gear, drafts, split_from(gear, between))
    fixed = _fixed(sources, nodes, gear.tanks)
    state = _pipe_states(pipes, nodes, valves[~valves["valve_id"].isin(gear.handled)])
    state[list(gear.check_pipes)] = np.where(
        state[list(gear.check_pipes)] == PipeState.OPEN, PipeState.CHECK_VALVE, PipeState.CLOSED
    )
    placed = placed_demands(network, pipes, ends=nodes.ends, node_ids=nodes.ids, basis=basis)
    ground_m = dict(
        zip(nodes.ids[nodes.device_ends.ravel()], nodes.elevation_m[nodes.device_ends.ravel()], strict=True)
    )
    heads = set(nodes.ids[np.isfinite(fixed.heads_m)])
    links, refused = settled(
        drafts,
        ground_m=ground_m.__getitem__,
        is_source=heads.__contains__,
        demand_m3s=float(placed.node_m3s.sum()),
    )
    friction = friction_of(pipes)
    whole = _tables(
        pipes, nodes, fixed=fixed, state=state, demand_m3s=placed.node_m3s, links=links, friction=friction
    )
    doubts = (*gear.issues, *refused, *friction.doubts, *against_flow(whole))
    return without_cut_off(replace(whole, demand_by=placed.by, peak_hour=placed.hour, doubts=doubts))


def modelled_pipes(pipes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Pipes in the ground with a size and two different ends."""
    kept = np.ones(len(pipes), dtype=bool)
    for rows in left_out(pipes).values():
        kept[rows] = False
    return pipes[kept].reset_index(drop=True)


def left_out(pipes: gpd.GeoDataFrame) -> dict[str, IntArray]:
    """Rows of pipes that are not modelled, by the first reason: not in use, without size or length, without two ends."""
    start, end = pipes["start_node_id"], pipes["end_node_id"]
    reasons = {
        **{word: (pipes["status"] == word).to_numpy() for word in _NOT_IN_GROUND},
        "without-size": ~((pipes["inner_diameter_m"] > 0) & (pipes["length_m"] > 0)).to_numpy(),
        "without-ends": (start.isna() | end.isna() | (start == end)).to_numpy(),
    }
    told, found = np.zeros(len(pipes), dtype=bool), {}
    for reason, is_so in reasons.items():
        found[reason] = np.flatnonzero(is_so & ~told)
        told |= is_so
    return found


def _nodes(
    pipes: gpd.GeoDataFrame,
    nodes: gpd.GeoDataFrame,
    gear: Equipment,
    links: list[DeviceLink],
    roots: dict[str, str],
) -> _Nodes:
    count, devices = len(pipes), len(links)
    starts, ends = [link.start_id for link in links], [link.end_id for link in links]
    every = np.concatenate([gear.start_ids, gear.end_ids, np.array(starts + ends, dtype=object)])
    codes, ids = pd.factorize(every)
    known = nodes.set_index(nodes["node_id"].astype(str))
    wanted = [roots.get(name, name) for name in ids] if roots else ids
    known = known[~known.index.duplicated()].reindex(wanted)
    elevation_m = known["elevation_m"].to_numpy(dtype=np.float64, na_value=np.nan)
    points = known.geometry.to_numpy()
    position_xy = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    missing = ~np.isfinite(position_xy[:, 0])
    if missing.any():
        position_xy[missing] = _drawn_ends(pipes, codes[: 2 * count], len(ids))[missing]
    pairs = codes.astype(np.int64)
    return _Nodes(
        ids, np.column_stack([pairs[:count], pairs[count : 2 * count]]),
        np.column_stack([pairs[2 * count : 2 * count + devices], pairs[2 * count + devices :]]), elevation_m, position_xy,
    )  # fmt: skip


def _drawn_ends(pipes: gpd.GeoDataFrame, codes: IntArray, count: int) -> FloatArray:
    """Where the lines say the nodes are."""
    lines = pipes.geometry.to_numpy()
    points = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    places = np.full((count, 2), np.nan)
    places[codes] = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    return places


def _fixed(sources: gpd.GeoDataFrame, nodes: _Nodes, tanks: Mapping[int, TankRecord]) -> _Fixed:
    """The highest head where two sources share a node; a tank that has a node to itself."""
    heads_m = np.full(len(nodes.ids), np.nan)
    given_m = sources["head_m"].to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    for row, tank in tanks.items():
        given_m[row] = tank.bottom_m + tank.depth_m
    usable = np.flatnonzero(np.isfinite(given_m))
    rows = pd.Series(np.arange(len(nodes.ids)), index=nodes.ids)
    named = sources["node_id"].iloc[usable].astype(str)
    at = named.map(rows).to_numpy(dtype=np.float64, na_value=np.nan).copy()
    lost = np.flatnonzero(np.isnan(at))
    at[lost] = _nearest_node(sources.geometry.to_numpy()[usable[lost]], nodes)
    seated: dict[int, TankRecord] = {}
    for node, row in zip(at, usable.tolist(), strict=True):
        if np.isfinite(node):
            place = int(node)
            if row in tanks and np.isnan(heads_m[place]):
                seated[place] = tanks[row]
            else:
                seated.pop(place, None)
            heads_m[place] = np.fmax(heads_m[place], given_m[row])
    if not np.isfinite(heads_m).any():
        raise HydraulicsError("no-source")
    return _Fixed(heads_m, seated)


def _nearest_node(points: NDArray[np.object_], nodes: _Nodes) -> FloatArray:
    """Node within reach of each point, NaN where there is none."""
    placed = np.flatnonzero(np.isfinite(nodes.position_xy[:, 0]))
    found = np.full(len(points), np.nan)
    known = np.flatnonzero(~(shapely.is_missing(points) | shapely.is_empty(points)))
    if len(placed) and len(known):
        wanted = np.column_stack([shapely.get_x(points[known]), shapely.get_y(points[known])])
        from scipy.spatial import cKDTree  # half a second to load: only who asks waits

        away_m, row = cKDTree(nodes.position_xy[placed]).query(wanted, distance_upper_bound=_SOURCE_REACH_M)
        near = np.isfinite(away_m)
        found[known[near]] = placed[row[near]]
    return found


def _pipe_states(pipes: gpd.GeoDataFrame, nodes: _Nodes, valves: gpd.GeoDataFrame) -> NDArray[np.int8]:
    """Shape (pipes,): closed by its own status, or by a closed valve on it or (failing that) on its node."""
    state = np.where(pipes["status"] == "closed", PipeState.CLOSED, PipeState.OPEN).astype(np.int8)
    shut = valves[valves["state"] == "closed"]
    if not len(shut):
        return state
    pipe_rows = pd.Series(np.arange(len(pipes)), index=pipes["pipe_id"].astype(str))
    on_pipe = shut["pipe_id"].astype(str).map(pipe_rows[~pipe_rows.index.duplicated()])
    start_of = pd.Series(np.arange(len(pipes)), index=nodes.ids[nodes.ends[:, 0]])
    end_of = pd.Series(np.arange(len(pipes)), index=nodes.ids[nodes.ends[:, 1]])
    at_node = pd.concat([start_of, end_of])
    on_node = shut["node_id"].astype(str).map(at_node[~at_node.index.duplicated()])
    rows = on_pipe.fillna(on_node).dropna().to_numpy(dtype=np.int64)
    state[rows] = PipeState.CLOSED
    return state


def _tables(
    pipes: gpd.GeoDataFrame, nodes: _Nodes, *, fixed: _Fixed, state: NDArray[np.int8], demand_m3s: FloatArray,
    links: list[DeviceLink], friction: Friction,
) -> ModelTables:  # fmt: skip
    is_source = np.isfinite(fixed.heads_m)
    kind = is_source.astype(np.int8)
    kind[list(fixed.tanks)] = 2
    order = np.argsort(kind, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    elevation_m, tanks = nodes.elevation_m.copy(), [n for n in order.tolist() if n in fixed.tanks]
    elevation_m[tanks] = [fixed.tanks[n].bottom_m for n in tanks]
    whole = ModelTables(
        title=_TITLE,
        node_ids=tuple(nodes.ids[order].tolist()),
        link_ids=tuple(pipes["pipe_id"].astype(str).to_numpy().tolist()),
        junction_count=int((~is_source).sum()),
        reservoir_count=int((kind == 1).sum()),
        elevation_m=elevation_m[order],
        reservoir_head_m=fixed.heads_m[order][kind[order] == 1],
        demand_m3s=np.where(is_source, 0.0, demand_m3s)[order],
        position_xy=nodes.position_xy[order],
        link_start=place[nodes.ends[:, 0]],
        link_end=place[nodes.ends[:, 1]],
        length_m=pipes["length_m"].to_numpy(dtype=np.float64),
        diameter_m=pipes["inner_diameter_m"].to_numpy(dtype=np.float64),
        roughness_factor=friction.roughness_factor,
        minor_k=np.maximum(np.nan_to_num(pipes["loss_k"].to_numpy(dtype=np.float64, na_value=np.nan)), 0.0),
        pipe_state=state,
        options=SolverOptions(friction.formula),
        tanks=tuple(_tank(fixed.tanks[n]) for n in tanks),
        vertices=_vertices(pipes),
    )
    return with_devices(whole, links, place[nodes.device_ends]) if links else whole


def _tank(record: TankRecord) -> Tank:
    return Tank(
        record.depth_m, record.min_depth_m, record.max_depth_m, record.diameter_m, record.can_overflow
    )  # fmt: skip


def _vertices(pipes: gpd.GeoDataFrame) -> dict[int, tuple[tuple[float, float], ...]]:
    """Inner points of bent lines."""
    lines = pipes.geometry.to_numpy()
    bent = np.flatnonzero(shapely.get_num_points(lines) > 2)
    xy, owner = shapely.get_coordinates(lines[bent], return_index=True)
    parts = np.split(xy, np.flatnonzero(np.diff(owner)) + 1) if len(bent) else []
    return {
        int(row): tuple((float(x), float(y)) for x, y in part[1:-1])
        for row, part in zip(bent, parts, strict=True)
    }
