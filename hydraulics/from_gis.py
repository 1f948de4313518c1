"""
ModelTables from the GIS layers: pipes, customers and sources of a network version at the peak hour of the peak day.

Nothing is guessed silently: abandoned and unbuilt pipes and pipes without size are left out, parts that no source
reaches are set aside by the graph before EPANET sees them, and a node without elevation has a head but no pressure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from hydraulics.demands import placed_demands
from hydraulics.errors import HydraulicsError
from hydraulics.fed import fed_nodes, open_by_command
from hydraulics.roughness import roughness_c
from hydraulics.tables import CutOff, ModelTables, PipeState, SolverOptions

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from gis.network import Network
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
    elevation_m: FloatArray
    position_xy: FloatArray


def tables_of_network(network: Network) -> ModelTables:
    """
    Build the peak-hour model of the GIS layers.

    Raises
    ------
    HydraulicsError
        `no-source`: no source stands on or near a pipe in use.
    """
    pipes = modelled_pipes(network.pipes)
    nodes = _nodes(pipes, network.nodes)
    heads_m = _source_heads_m(network.layer("sources"), nodes)
    state = _pipe_states(pipes, nodes, network.layer("valves"))
    placed = placed_demands(network, pipes, ends=nodes.ends, node_count=len(nodes.ids))
    whole = _tables(pipes, nodes, heads_m=heads_m, state=state, demand_m3s=placed.node_m3s)
    return _without_cut_off(replace(whole, demand_by_area=placed.by_area))


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


def _nodes(pipes: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame) -> _Nodes:
    count = len(pipes)
    both = np.concatenate([pipes["start_node_id"].astype(str), pipes["end_node_id"].astype(str)])
    codes, ids = pd.factorize(both)
    ends = np.column_stack([codes[:count], codes[count:]]).astype(np.int64)
    known = nodes.set_index(nodes["node_id"].astype(str))
    known = known[~known.index.duplicated()].reindex(ids)
    elevation_m = known["elevation_m"].to_numpy(dtype=np.float64, na_value=np.nan)
    points = known.geometry.to_numpy()
    position_xy = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    missing = ~np.isfinite(position_xy[:, 0])
    if missing.any():
        position_xy[missing] = _drawn_ends(pipes, codes, len(ids))[missing]
    return _Nodes(ids, ends, elevation_m, position_xy)


def _drawn_ends(pipes: gpd.GeoDataFrame, codes: IntArray, count: int) -> FloatArray:
    """Where the lines say the nodes are."""
    lines = pipes.geometry.to_numpy()
    points = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    places = np.full((count, 2), np.nan)
    places[codes] = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    return places


def _source_heads_m(sources: gpd.GeoDataFrame, nodes: _Nodes) -> FloatArray:
    """Shape (nodes,): peak-hour head of nodes that are sources, NaN elsewhere; the highest where two share a node."""
    heads_m = np.full(len(nodes.ids), np.nan)
    usable = sources[sources["head_m"].notna()]
    rows = pd.Series(np.arange(len(nodes.ids)), index=nodes.ids)
    at = usable["node_id"].astype(str).map(rows).to_numpy(dtype=np.float64, na_value=np.nan).copy()
    lost = np.flatnonzero(np.isnan(at))
    at[lost] = _nearest_node(usable.geometry.to_numpy()[lost], nodes)
    for node, head_m in zip(at, usable["head_m"], strict=True):
        if np.isfinite(node):
            heads_m[int(node)] = np.fmax(heads_m[int(node)], float(head_m))
    if not np.isfinite(heads_m).any():
        raise HydraulicsError("no-source")
    return heads_m


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
    pipes: gpd.GeoDataFrame,
    nodes: _Nodes,
    *,
    heads_m: FloatArray,
    state: NDArray[np.int8],
    demand_m3s: FloatArray,
) -> ModelTables:
    is_source = np.isfinite(heads_m)
    order = np.argsort(is_source, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    ends = place[nodes.ends]
    count = len(pipes)
    return ModelTables(
        title=_TITLE,
        node_ids=tuple(nodes.ids[order].tolist()),
        link_ids=tuple(pipes["pipe_id"].astype(str).to_numpy().tolist()),
        junction_count=int((~is_source).sum()),
        reservoir_count=int(is_source.sum()),
        elevation_m=nodes.elevation_m[order],
        reservoir_head_m=heads_m[is_source],
        demand_m3s=np.where(is_source, 0.0, demand_m3s)[order],
        position_xy=nodes.position_xy[order],
        link_start=ends[:, 0],
        link_end=ends[:, 1],
        length_m=pipes["length_m"].to_numpy(dtype=np.float64),
        diameter_m=pipes["inner_diameter_m"].to_numpy(dtype=np.float64),
        roughness_factor=roughness_c(pipes),
        minor_k=np.zeros(count),
        pipe_state=state,
        options=SolverOptions("H-W"),
        vertices=_vertices(pipes),
    )


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


def _without_cut_off(whole: ModelTables) -> ModelTables:
    """
    Set aside what no source reaches.

    EPANET stops on a part without a source (error 110), and behind a closed pipe it lets unserved demand leak
    through: both would spoil the figures of everybody else.
    """
    is_fed = fed_nodes(whole, open_by_command(whole))
    if is_fed.all():
        return whole
    kept = np.flatnonzero(is_fed)
    order = np.concatenate([kept, np.flatnonzero(~is_fed)])
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    start, end = place[whole.link_start], place[whole.link_end]
    joined = (start < len(kept)) & (end < len(kept))
    rows, rest = np.flatnonzero(joined), np.flatnonzero(~joined)
    lost = order[len(kept) :]
    return replace(
        whole,
        node_ids=tuple(whole.node_ids[n] for n in kept),
        link_ids=tuple(whole.link_ids[k] for k in rows),
        junction_count=len(kept) - whole.reservoir_count,
        elevation_m=whole.elevation_m[kept],
        demand_m3s=whole.demand_m3s[kept],
        position_xy=whole.position_xy[kept],
        link_start=start[rows],
        link_end=end[rows],
        length_m=whole.length_m[rows],
        diameter_m=whole.diameter_m[rows],
        roughness_factor=whole.roughness_factor[rows],
        minor_k=whole.minor_k[rows],
        pipe_state=whole.pipe_state[rows],
        vertices=_renumbered(whole, rows),
        cut_off=CutOff(
            node_ids=tuple(whole.node_ids[n] for n in lost),
            link_ids=tuple(whole.link_ids[k] for k in rest),
            elevation_m=whole.elevation_m[lost],
            link_start=start[rest],
            link_end=end[rest],
            length_m=whole.length_m[rest],
            diameter_m=whole.diameter_m[rest],
        ),
    )


def _renumbered(whole: ModelTables, rows: IntArray) -> dict[int, tuple[tuple[float, float], ...]]:
    new_row = {int(old): new for new, old in enumerate(rows)}
    return {new_row[k]: points for k, points in whole.vertices.items() if k in new_row}
