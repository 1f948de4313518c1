"""The segments of a model with all that shuts them: valves of the layer, valves and pumps of the model, closed pipes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gis.segments import Seats, Segments, segments_of, valve_seats
from hydraulics.closures.settings import closure_settings
from hydraulics.tables import PipeState

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hydraulics.session import Session

    IntArray = NDArray[np.int64]

PUMP_KIND, CLOSED_PIPE_KIND, UNKNOWN_KIND = "pump", "closed-pipe", "unknown"


@dataclass(frozen=True)
class ValvePlan:
    """
    Valves and segments of a session's model; `index.link_ids` and `index.node_ids` give what places mean.

    Attributes
    ----------
    has_valves
        False where hardly any valve is recorded: every pipe and every node is then a segment of its own.
    valve_start, valve_at
        The valves around segment s are `valve_at[valve_start[s]:valve_start[s + 1]]`.
    link_start, link_at, node_start, node_at
        The same for the links and nodes in it.
    """

    seats: Seats
    segments: Segments
    has_valves: bool
    valve_start: IntArray
    valve_at: IntArray
    link_start: IntArray
    link_at: IntArray
    node_start: IntArray
    node_at: IntArray

    def valves_of(self, segment: int) -> IntArray:
        """Valves around a segment."""
        return self.valve_at[self.valve_start[segment] : self.valve_start[segment + 1]]

    def links_of(self, segment: int) -> IntArray:
        """Links in a segment."""
        return self.link_at[self.link_start[segment] : self.link_start[segment + 1]]

    def nodes_of(self, segment: int) -> IntArray:
        """Nodes in a segment."""
        return self.node_at[self.node_start[segment] : self.node_start[segment + 1]]


def valve_plan(session: Session, valves: gpd.GeoDataFrame) -> ValvePlan:
    """Give the plan of a session's model with the valves layer of its network."""
    index, tables = session.index, session.model.tables
    unplaced = np.full((len(index.node_ids) - len(tables.node_ids), 2), np.nan)
    layer = valve_seats(
        valves, link_ids=index.link_ids, node_ids=index.node_ids, start=index.link_start, end=index.link_end,
        position_xy=np.concatenate([tables.position_xy, unplaced]),
    )  # fmt: skip
    model = _model_seats(session)
    known_count = len(layer) + len(tables.valves)
    has_valves = known_count > closure_settings().fewest_valves_ratio * tables.pipe_count
    seats = layer.joined(model).joined(_closed_pipes(session, layer))
    if not has_valves:
        seats = seats.joined(_everywhere(session))
    segments = segments_of(index.link_start, index.link_end, node_count=len(index.node_ids), seats=seats)
    parts = segments.first != segments.second
    rows = np.flatnonzero(parts)
    valve_start, at = _grouped(np.concatenate([segments.first[rows], segments.second[rows]]), segments.count)
    link_start, link_at = _grouped(segments.link, segments.count)
    node_start, node_at = _grouped(segments.node, segments.count)
    return ValvePlan(
        seats, segments, has_valves, valve_start, np.tile(rows, 2)[at], link_start, link_at, node_start, node_at
    )  # fmt: skip


def _grouped(group: IntArray, count: int) -> tuple[IntArray, IntArray]:
    """Start of every group, and the rows in order of their group."""
    start = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(group, minlength=count), out=start[1:])
    return start, np.argsort(group, kind="stable").astype(np.int64)


def _model_seats(session: Session) -> Seats:
    """Pumps and valves that the model has as links, each at its end."""
    tables, index = session.model.tables, session.index
    links = np.arange(tables.pipe_count, len(tables.link_ids), dtype=np.int64)
    kinds = [PUMP_KIND] * len(tables.pumps) + [valve.kind for valve in tables.valves]
    shut = [pump.is_closed for pump in tables.pumps] + [v.fixed == "CLOSED" for v in tables.valves]
    return Seats(
        np.array(index.link_ids, dtype=object)[links], np.array(kinds, dtype=object),
        np.round(index.link_diameter_m[links] * 1000.0).astype(np.int64), links, index.link_end[links],
        np.array(shut, dtype=bool),
    )  # fmt: skip


def _closed_pipes(session: Session, layer: Seats) -> Seats:
    """Pipes that are shut though no closed valve is known on them: somewhere there is one."""
    tables, index = session.model.tables, session.index
    shut = np.flatnonzero(tables.pipe_state == PipeState.CLOSED)
    links = shut[~np.isin(shut, layer.link[layer.is_shut])].astype(np.int64)
    return Seats(
        np.array(index.link_ids, dtype=object)[links], np.full(len(links), CLOSED_PIPE_KIND, dtype=object),
        np.round(index.link_diameter_m[links] * 1000.0).astype(np.int64), links, index.link_end[links],
        np.ones(len(links), dtype=bool),
    )  # fmt: skip


def _everywhere(session: Session) -> Seats:
    """A valve at either end of every pipe, for a network whose valves nobody has recorded."""
    index = session.index
    links = np.tile(np.arange(session.model.tables.pipe_count, dtype=np.int64), 2)
    half = links[: len(links) // 2]
    return Seats(
        np.full(len(links), "", dtype=object), np.full(len(links), UNKNOWN_KIND, dtype=object),
        np.zeros(len(links), dtype=np.int64), links,
        np.concatenate([index.link_start[half], index.link_end[half]]), np.zeros(len(links), dtype=bool),
    )  # fmt: skip


def segment_names(session: Session, plan: ValvePlan) -> list[str]:
    """A name for every segment: its first pipe, or its first node where it has none; a pipe alone is called like it."""
    index = session.index
    names = [""] * plan.segments.count
    for node in range(len(index.node_ids) - 1, -1, -1):
        names[plan.segments.node[node]] = f"N:{index.node_ids[node]}"
    for link in range(len(index.link_ids) - 1, -1, -1):
        names[plan.segments.link[link]] = index.link_ids[link]
    return names
