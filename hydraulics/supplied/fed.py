"""Which nodes water can reach: found on the graph before any solver sees the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hydraulics.epanet.codes import State
from hydraulics.tables import PipeState

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from hydraulics.results import FloatArray
    from hydraulics.tables import ModelTables

    BoolArray = NDArray[np.bool_]

_IDLE_M3S = 1e-5
_ONE_WAY_VALVES = ("PRV", "PSV", "FCV")


def open_by_command(tables: ModelTables) -> BoolArray:
    """Shape (links,): True where neither data nor command closes the link."""
    return np.concatenate([
        tables.pipe_state != PipeState.CLOSED,
        np.array([not pump.is_closed for pump in tables.pumps], dtype=bool),
        np.array([valve.fixed != "CLOSED" for valve in tables.valves], dtype=bool),
    ])  # fmt: skip


def one_way(tables: ModelTables) -> BoolArray:
    """Shape (links,): True where water passes from start to end only."""
    return np.concatenate([
        tables.pipe_state == PipeState.CHECK_VALVE,
        np.ones(len(tables.pumps), dtype=bool),
        np.array([v.fixed is None and v.kind in _ONE_WAY_VALVES for v in tables.valves], dtype=bool),
    ])  # fmt: skip


def fed_nodes(tables: ModelTables, passable: BoolArray) -> BoolArray:
    """Shape (nodes,): True where a path of passable links leads from a reservoir or tank."""
    from scipy.sparse import coo_matrix  # a tenth of a cold start: only who asks waits
    from scipy.sparse.csgraph import breadth_first_order

    count = len(tables.node_ids)
    forward, back = passable, passable & ~one_way(tables)
    starts = np.concatenate([tables.link_start[forward], tables.link_end[back]])
    ends = np.concatenate([tables.link_end[forward], tables.link_start[back]])
    fixed = np.arange(tables.junction_count, count)
    graph: Any = coo_matrix(
        (
            np.ones(len(starts) + len(fixed), dtype=np.int8),
            (np.concatenate([starts, np.full(len(fixed), count)]), np.concatenate([ends, fixed])),
        ),
        shape=(count + 1, count + 1),
    ).tocsr()
    reached = breadth_first_order(graph, count, directed=True, return_predecessors=False)
    is_fed = np.zeros(count + 1, dtype=bool)
    is_fed[reached] = True
    return is_fed[:count]


def passing(tables: ModelTables, *, state: NDArray[Any], flow_m3s: FloatArray) -> BoolArray:
    """
    Shape (links,): True where the link joins its ends in a solved state.

    `state` is the `engine_codes.State` of every link after the solve, `flow_m3s` its flow: a pump of constant power
    has no head at no flow, so an idle one joins nothing.
    """
    joined = open_by_command(tables) & (state > State.CLOSED)
    for n, pump in enumerate(tables.pumps, tables.pipe_count):
        if not isinstance(pump.lift, tuple) and abs(flow_m3s[n]) < _IDLE_M3S:
            joined[n] = False
    return joined


class FedWatch:
    """
    Fed nodes of one solved state after another; walks the graph only when a device has switched.

    `links` are those whose state EPANET may change by itself: check valves, pumps, valves, and all that end in a tank.
    """

    def __init__(self, tables: ModelTables) -> None:
        self._tables = tables
        first_tank = tables.junction_count + tables.reservoir_count
        switches = (tables.link_start >= first_tank) | (tables.link_end >= first_tank)
        switches[: tables.pipe_count] |= tables.pipe_state == PipeState.CHECK_VALVE
        switches[tables.pipe_count :] = True
        self.links = np.flatnonzero(switches).tolist()
        self._seen: tuple[NDArray[Any], BoolArray] | None = None

    def fed(self, states: NDArray[Any], *, flow_m3s: FloatArray) -> BoolArray:
        """Shape (nodes,); `states` of `links`, `flow_m3s` of all links."""
        state = np.full(len(flow_m3s), float(State.OPEN))
        state[self.links] = states
        joined = passing(self._tables, state=state, flow_m3s=flow_m3s)
        if self._seen is None or not np.array_equal(self._seen[0], joined):
            self._seen = (joined, fed_nodes(self._tables, joined))
        return self._seen[1]
