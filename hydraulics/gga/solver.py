"""
LocalSolver: what a change does to a network, found where the change reaches; the error is bounded by what is asked.

Three ways, the cheapest that holds: the local re-solve; Newton on the whole network where the change reaches most of
it; no answer where a device may switch, which is EPANET's to tell.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Literal

import numpy as np

from hydraulics.gga.compiled import njit
from hydraulics.gga.desk import GONE, Base, new_desk
from hydraulics.gga.devices import BOTH_WAYS, LEAST_FLOW_M3S, moved_beside_dry, stands, stands_beside_dry
from hydraulics.gga.factor import empty_factor
from hydraulics.gga.local import TOO_WIDE, UNSETTLED, clear, settle
from hydraulics.gga.newton import Room, State, balance
from hydraulics.gga.tangents import flow_of
from hydraulics.gga.whole import Tangents, rebalance, tangent_flows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hydraulics.gga.desk import Desk
    from hydraulics.gga.devices import Devices
    from hydraulics.gga.laws import Array
    from hydraulics.gga.system import System
    from hydraulics.results import FloatArray

Way = Literal["local", "whole"]
Reason = Literal["device", "unsettled", "no-water", "fixed-head"]

_MOST_STEPS = 60
_WIDEST_SHARE = 0.35
_CLOSEST_M = 1e-4  # how far a loss may stay from its law
_WHOLE_CLOSEST_M = 1e-5  # the same where every link is looked at: a long way adds them up
_CLOSE_SHARE = 0.02  # of the tolerance: a last step that moved no head further left nothing worth another
SWITCH_MARGIN_M = 0.002  # EPANET's own is 0.15 mm; heads at devices are found to less than this
_BRANCH_SHARE, _BRANCH_M = 0.5, 0.0075


@dataclass(frozen=True)
class LocalAnswer:
    """
    Head changes after a change of demand.

    Attributes
    ----------
    way
        How it was found; None where it was not.
    declined
        Why not, then.
    nodes
        Positions of the nodes whose change was found; every other changes by less than the tolerance.
    head_change_m
        In that order.
    link_flow_m3s
        Flows of the links that were asked for, NaN for one that follows no law.
    """

    way: Way | None
    declined: Reason | None
    nodes: Array
    head_change_m: FloatArray
    link_flow_m3s: FloatArray = field(default_factory=lambda: np.empty(0))


def branch_tolerance_m(tolerance_m: float) -> float:
    """Head change below which branches are left out [m], so that the whole error stays below `tolerance_m`."""
    return min(_BRANCH_SHARE * tolerance_m, _BRANCH_M)


class LocalSolver:
    """
    Answers for one system. Safe to share between threads: a lock lets one question at a time pass.

    Attributes
    ----------
    base
        What the compiled kernels read.
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self.base = Base(
            system.shape, system.factor, system.laws, system.grid, system.pinned, system.state,
            system.conductance, _always(system), np.full(system.unknowns, np.inf),
            np.ones(system.unknowns, dtype=np.bool_),
        )  # fmt: skip
        self._desk, self._lock = new_desk(self.base), Lock()
        self._widest = max(int(_WIDEST_SHARE * system.unknowns), 200)

    def ask(
        self, extra_m3s: Mapping[int, float], *, tolerance_m: float, links: Sequence[int] = ()
    ) -> LocalAnswer:
        """
        Give the head changes when `extra_m3s` (node position to constant demand) is drawn on top of the base.

        Every head is right to `tolerance_m` of what EPANET would give. `links` are positions whose flows are wanted.
        """
        nodes = np.fromiter(extra_m3s.keys(), dtype=np.int64, count=len(extra_m3s))
        extra = np.fromiter(extra_m3s.values(), dtype=np.float64, count=len(extra_m3s))
        inside = nodes < len(self.system.row)
        rows = self.system.row[nodes[inside]]
        if not inside.all() or (rows < 0).any():
            return _declined("no-water")
        with self._lock:
            return self._found(self._drawn(rows), extra, tolerance_m, self._laws(links))

    def _drawn(self, rows: Array) -> Array:
        """Rows where demands at `rows` are felt: one at a head that a valve holds is drawn on that valve's other side."""
        pinned = self.system.pinned
        beyond = dict(zip(pinned.held.tolist(), pinned.other.tolist(), strict=True))
        felt = rows.copy()
        for at in np.flatnonzero(rows >= self.system.unknowns).tolist():
            while (row := int(felt[at])) in beyond:
                felt[at] = beyond[row]
        return felt

    def _laws(self, links: Sequence[int]) -> Array:
        """Which laws the links at these positions follow; -1 for none."""
        found = [np.flatnonzero(self.system.link == link) for link in links]
        return np.array([place[0] if len(place) else -1 for place in found], dtype=np.int64)

    def _found(self, rows: Array, extra: Array, tolerance_m: float, laws: Array) -> LocalAnswer:
        branch_m, system = branch_tolerance_m(tolerance_m), self.system
        try:
            found = settle(
                self.base, self._desk, rows, extra, branch_m, _CLOSEST_M, _MOST_STEPS, self._widest
            )
            if found == TOO_WIDE:
                return self._whole(rows, extra, laws, _CLOSE_SHARE * tolerance_m)
            if found == UNSETTLED:
                return _declined("unsettled")
            if not all_stand(self.base, self._desk, system.devices, SWITCH_MARGIN_M):
                return _declined("device")
            seen = self._desk.seen[:found]
            flows = [flow_of(self.base, self._desk, law) if law >= 0 else np.nan for law in laws.tolist()]
            return LocalAnswer("local", None, system.node[seen], self._desk.head[seen], np.array(flows))
        finally:
            clear(self.base, self._desk)

    def _whole(self, rows: Array, extra: Array, laws: Array, close_m: float) -> LocalAnswer:
        system, base = self.system, self.system.state
        found = (
            self._balanced(rows, extra) if len(system.pinned.held) else self._rebalanced(rows, extra, close_m)
        )
        if found is None:
            return _declined("unsettled")
        head, flow = found
        if not states_stand(system.devices, base.head, base.flow, head, flow, SWITCH_MARGIN_M):
            return _declined("device")
        return LocalAnswer("whole", None, system.node, head - base.head, np.append(flow, np.nan)[laws])

    def _rebalanced(self, rows: Array, extra: Array, close_m: float) -> tuple[Array, Array] | None:
        """Heads and flows, going on from the base's tangents; None where they do not settle."""
        base, state = self.base, self.base.state
        loss = state.head[base.grid.first] - state.head[base.grid.second]
        tangents = Tangents(state.flow.copy(), loss, base.conductance.copy())
        change, flow = np.zeros(len(state.head)), np.empty(len(state.flow))
        room = empty_factor(base.shape)
        closest = _WHOLE_CLOSEST_M, close_m
        if rebalance(base, tangents, room, rows, extra, change, *closest, _MOST_STEPS) < 0:
            return None
        tangent_flows(base, tangents, change, flow)
        return state.head + change, flow

    def _balanced(self, rows: Array, extra: Array) -> tuple[Array, Array] | None:
        """The same from the laws alone, with what valves that hold a pressure pass on."""
        system, base = self.system, self.system.state
        state = State(base.head.copy(), base.flow.copy(), base.demand.copy(), base.passed.copy())
        np.add.at(state.demand, rows, extra)
        room = Room(np.zeros(len(base.head)), np.zeros(len(base.flow)), np.zeros(len(base.flow)))
        steps = balance(
            system.shape, empty_factor(system.shape), system.laws, system.grid, system.pinned, state, room,
            _CLOSEST_M, _MOST_STEPS,
        )  # fmt: skip
        return None if steps < 0 else (state.head, state.flow)


def _declined(reason: Reason) -> LocalAnswer:
    return LocalAnswer(None, reason, np.empty(0, dtype=np.int64), np.empty(0))


def _always(system: System) -> Array:
    """
    Columns that are found whenever their tree is touched.

    Those beside held heads, for what a held valve passes on needs them exactly; those of devices, for whether one
    switches is judged to a millimetre; and all above them.
    """
    marked = np.zeros(system.unknowns, dtype=np.bool_)
    grid, parent, devices = system.grid, system.shape.parent, system.devices
    rows = [devices.first, devices.second]
    for held in system.pinned.held:
        links = grid.meet[grid.meet_start[held] : grid.meet_start[held + 1]]
        rows += [grid.first[links], grid.second[links]]
    for row in np.concatenate(rows).tolist():
        while 0 <= row < system.unknowns and not marked[row]:
            marked[row] = True
            row = int(parent[row])
    return marked


@njit
def all_stand(base: Base, desk: Desk, devices: Devices, margin_m: float) -> bool:
    """Say whether every device that the change reached keeps its state."""
    lowest, highest = moved_beside_dry(devices, desk.head)
    for at in range(len(devices.kind)):
        a, b, law = devices.first[at], devices.second[at], devices.law[at]
        if a < 0 or b < 0:
            if not stands_beside_dry(devices, at, base.state.head, desk.head, lowest, highest, margin_m):
                return False
            continue
        if desk.head[a] == 0.0 and desk.head[b] == 0.0:
            continue
        if law >= 0 and desk.bent_mark[law] == GONE:
            continue
        flow = flow_of(base, desk, law) if law >= 0 else 2.0 * LEAST_FLOW_M3S
        if devices.kind[at] == BOTH_WAYS and flow * base.state.flow[law] <= 0.0:
            return False
        first, second = base.state.head[a] + desk.head[a], base.state.head[b] + desk.head[b]
        if not stands(devices.kind[at], devices.limit[at], first, second, flow, margin_m):
            return False
    return True


@njit
def states_stand(
    devices: Devices, old_head: Array, old_flow: Array, head: Array, flow: Array, margin_m: float
) -> bool:
    """Say whether every device keeps its state between two whole states."""
    change = head - old_head
    lowest, highest = moved_beside_dry(devices, change)
    for at in range(len(devices.kind)):
        a, b, law = devices.first[at], devices.second[at], devices.law[at]
        if a < 0 or b < 0:
            if not stands_beside_dry(devices, at, old_head, change, lowest, highest, margin_m):
                return False
            continue
        if abs(change[a]) < 1e-9 and abs(change[b]) < 1e-9:
            continue
        through = flow[law] if law >= 0 else 2.0 * LEAST_FLOW_M3S
        if devices.kind[at] == BOTH_WAYS and through * old_flow[law] <= 0.0:
            return False
        if not stands(devices.kind[at], devices.limit[at], head[a], head[b], through, margin_m):
            return False
    return True
