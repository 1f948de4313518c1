"""System: a session's model at its base state as equations, with one factor kept; made once for a network version."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from hydraulics.epanet.codes import State as LinkState
from hydraulics.errors import HydraulicsError
from hydraulics.gga.devices import Devices, devices_of
from hydraulics.gga.factor import Factor, empty_factor
from hydraulics.gga.from_tables import chosen, holds, laws_of, unsupported
from hydraulics.gga.newton import Grid, Pinned, Room, State, balance
from hydraulics.gga.ordering import Symbolic, elimination_order, symbolic
from hydraulics.kept.order import kept_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hydraulics.gga.laws import Array, Laws
    from hydraulics.results import FloatArray, Solution
    from hydraulics.session import Session
    from hydraulics.tables import ModelTables

_TOLERANCE_M = 1e-7
_MOST = 60
_SAME_BASE_M = 0.005


@dataclass(frozen=True)
class System:
    """
    Equations of a model at its base state.

    Attributes
    ----------
    row
        Shape (nodes,): a node's row, -1 for one without water. Rows below `unknowns` are heads to be found.
    node
        Shape (rows,): the node of a row.
    link
        Shape (laws,): position in the model of every link that carries water by a law.
    state, conductance
        The base state, and for every law its flow per metre of head there [m2/s].
    base_error_m
        Largest head difference to EPANET at the base state.
    """

    row: Array
    node: Array
    link: Array
    shape: Symbolic
    factor: Factor
    laws: Laws
    grid: Grid
    pinned: Pinned
    devices: Devices
    state: State
    conductance: Array
    base_error_m: float

    @property
    def unknowns(self) -> int:
        """How many heads are found."""
        return len(self.shape.parent)


def system_of(session: Session) -> System:
    """
    Give the equations of a session's base state, made once.

    Raises
    ------
    HydraulicsError
        As `build_system`.
    """
    if "system" not in session.kept:
        session.kept["system"] = build_system(session)
    system: System = session.kept["system"]
    return system


def build_system(session: Session) -> System:
    """
    Give the equations of a session's base state.

    Raises
    ------
    HydraulicsError
        `local-unsupported` with what the model has that is not followed here; EPANET then answers alone.
    """
    order = partial(kept_order, session.model.derived, find=elimination_order)
    return system_at(
        session.model.tables, session.base, states=session.base_state(), bare_head_m=session.base_bare_head_m(), order=order
    )  # fmt: skip


def system_at(
    tables: ModelTables, base: Solution, *, states: NDArray[np.floating], bare_head_m: FloatArray,
    order: Callable[[Array, Array, int], Array],
) -> System:  # fmt: skip
    """
    Give the equations of a solved state; `states` and `bare_head_m` are EPANET's own, `order` is that of elimination.

    Raises
    ------
    HydraulicsError
        As `build_system`.
    """
    if reason := unsupported(tables):
        raise HydraulicsError("local-unsupported", reason=reason)
    held, carries = holds(tables, states), states > LinkState.CLOSED
    head_m = base.head_m[: len(tables.node_ids)]
    wet = np.isfinite(head_m)
    carries &= ~held & wet[tables.link_start] & wet[tables.link_end]
    rows = _Rows(tables, wet, carries, held, order)
    return _solved(tables, base, rows, states=states, bare_head_m=bare_head_m)


class _Rows:
    """Which node is which row."""

    def __init__(
        self,
        tables: ModelTables,
        wet: NDArray[np.bool_],
        carries: NDArray[np.bool_],
        held: NDArray[np.bool_],
        order: Callable[[Array, Array, int], Array],
    ) -> None:
        self.link = np.flatnonzero(carries)
        kinds = np.array(["", *(v.kind for v in tables.valves)])
        kind = np.zeros(len(held), dtype=np.int64)
        kind[tables.pipe_count + len(tables.pumps) :] = np.arange(1, len(kinds))
        self.valves = [(int(k), str(kinds[kind[k]])) for k in np.flatnonzero(held)]
        fixed = np.arange(len(wet)) >= tables.junction_count
        for place, what in self.valves:
            if what != "FCV":
                fixed[(tables.link_end if what == "PRV" else tables.link_start)[place]] = True
        unknown = np.flatnonzero(wet & ~fixed)
        local = np.full(len(wet), -1, dtype=np.int64)
        local[unknown] = np.arange(len(unknown))
        a, b = local[tables.link_start[self.link]], local[tables.link_end[self.link]]
        both = (a >= 0) & (b >= 0)
        self.row = np.full(len(wet), -1, dtype=np.int64)
        self.row[unknown] = order(a[both], b[both], len(unknown))
        rest = np.flatnonzero(wet & fixed)
        self.row[rest] = len(unknown) + np.arange(len(rest))
        self.node = np.empty(len(unknown) + len(rest), dtype=np.int64)
        self.node[self.row[unknown]] = unknown
        self.node[len(unknown) :] = rest
        self.count = len(unknown)
        # Links in the order of their rows: what is read together lies together.
        ends = self.row[tables.link_start[self.link]], self.row[tables.link_end[self.link]]
        self.link = self.link[np.argsort(np.minimum(*ends), kind="stable")]
        self.first = self.row[tables.link_start[self.link]]
        self.second = self.row[tables.link_end[self.link]]


def _require_heads(rows: _Rows, parent: Array) -> None:
    """See that every part of the network has a known head beside it: a part is a tree of the elimination."""
    root = np.where(parent < 0, np.arange(len(parent)), parent)
    while not np.array_equal(further := root[root], root):
        root = further
    beside = (rows.first < rows.count) != (rows.second < rows.count)
    has_head = np.zeros(len(parent), dtype=bool)
    has_head[root[np.minimum(rows.first, rows.second)[beside]]] = True
    if not has_head[root].all():
        raise HydraulicsError("local-unsupported", reason="part-without-head")


def _grid(rows: _Rows, shape: Symbolic) -> Grid:
    low, high = np.minimum(rows.first, rows.second), np.maximum(rows.first, rows.second)
    place = np.full(len(low), -1, dtype=np.int64)
    inner = high < rows.count
    # Entries are sorted by column, then row: one number for both finds them.
    column = np.repeat(np.arange(rows.count), np.diff(shape.column_start))
    keys = column * (rows.count + 1) + shape.row
    place[inner] = np.searchsorted(keys, low[inner] * (rows.count + 1) + high[inner])
    ends = np.concatenate([rows.first, rows.second])
    links = np.tile(np.arange(len(rows.first)), 2)
    by_row = np.argsort(ends, kind="stable")
    start = np.zeros(len(rows.node) + 1, dtype=np.int64)
    np.cumsum(np.bincount(ends, minlength=len(rows.node)), out=start[1:])
    own_start = np.searchsorted(low, np.arange(len(rows.node) + 1))
    small = np.int32  # half the memory to read
    return Grid(
        rows.first.astype(small), rows.second.astype(small), place.astype(small), start.astype(small),
        links[by_row].astype(small), own_start.astype(small),
    )  # fmt: skip


def _base_state(tables: ModelTables, rows: _Rows, base: Solution) -> tuple[State, Pinned]:
    head = np.ascontiguousarray(base.head_m[rows.node])
    demand = np.ascontiguousarray(tables.demand_m3s[rows.node])
    held, other, sign, passed = [], [], [], []
    for place, kind in rows.valves:
        start, end = int(rows.row[tables.link_start[place]]), int(rows.row[tables.link_end[place]])
        through = float(base.flow_m3s[place])
        demand[start] += through
        demand[end] -= through
        if kind == "FCV":
            continue
        reduces = kind == "PRV"
        held.append(end if reduces else start)
        other.append(start if reduces else end)
        sign.append(1.0 if reduces else -1.0)
        # What the held row draws is found from its links, not carried as demand there.
        demand[held[-1]] += through if reduces else -through
        passed.append(through)
    pinned = Pinned(
        np.array(held, dtype=np.int64), np.array(other, dtype=np.int64), np.array(sign, dtype=np.float64)
    )
    flow = np.ascontiguousarray(base.flow_m3s[rows.link])
    return State(head, flow, demand, np.array(passed, dtype=np.float64)), pinned


def _solved(
    tables: ModelTables, base: Solution, rows: _Rows, *, states: NDArray[np.floating], bare_head_m: FloatArray
) -> System:
    inner = (rows.first < rows.count) & (rows.second < rows.count)
    shape = symbolic(rows.first[inner], rows.second[inner], rows.count)
    _require_heads(rows, shape.parent)
    laws, grid, factor = chosen(laws_of(tables), rows.link), _grid(rows, shape), empty_factor(shape)
    state, pinned = _base_state(tables, rows, base)
    room = Room(np.zeros(len(rows.node)), np.zeros(len(rows.link)), np.zeros(len(rows.link)))
    if balance(shape, factor, laws, grid, pinned, state, room, _TOLERANCE_M, _MOST) < 0:
        raise HydraulicsError("local-unsupported", reason="no-balance")
    error_m = float(np.abs(state.head - base.head_m[rows.node]).max(initial=0.0))
    if error_m > _SAME_BASE_M:
        raise HydraulicsError("local-unsupported", reason="base-differs")
    devices = devices_of(tables, states, bare_head_m, rows.row, rows.link)
    return System(
        rows.row, rows.node, rows.link, shape, factor, laws, grid, pinned, devices, state,
        room.conductance.copy(), error_m,
    )  # fmt: skip
