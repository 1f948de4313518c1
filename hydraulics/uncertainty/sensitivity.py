"""
How heads move with demand, roughness, bore and source heads, about one state: by the factor that the solver keeps.

One backward solve gives how one head depends on everything; one forward solve how all heads move with one change of
everything. Both are exact to first order; device states are held.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hydraulics.errors import HydraulicsError
from hydraulics.gga.factor import empty_factor, solve
from hydraulics.gga.laws import DARCY, losses_and_slopes
from hydraulics.gga.newton import Room, State, balance
from hydraulics.gga.solver import states_stand

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hydraulics.gga.factor import Factor
    from hydraulics.gga.laws import Array
    from hydraulics.gga.system import System
    from hydraulics.results import FloatArray
    from hydraulics.tables import ModelTables

_CLOSEST_M, _MOST = 1e-6, 60
_STEP_SHARE = 1e-4
_PASSIVE = 0.55  # without such a valve a head follows a source by 0 to 1, that is 0.5 more or less than 0.5
_BORE_POWER = 2.63  # of the bore in the flow by Hazen-Williams, at a given loss
_HALVINGS = 6
_ROUNDS, _SAME = 200, 1e-10


@dataclass(frozen=True)
class Parts:
    """
    How one head moves [m], part by part; the same shapes hold a change of the parameters.

    Attributes
    ----------
    demand
        Shape (rows,): for one more m3/s drawn at a row.
    roughness
        Shape (laws,): for the logarithm of a pipe's coefficient.
    bore
        Shape (laws,): for the logarithm of its bore.
    source
        Shape (rows,): for a fixed head one metre higher; zero for found heads.
    """

    demand: Array
    roughness: Array
    bore: Array
    source: Array


class Sensitivity:
    """
    About one loaded state of a system.

    Attributes
    ----------
    state
        Heads and flows with the extra demand.
    """

    def __init__(self, system: System, tables: ModelTables, extra_m3s: Mapping[int, float]) -> None:
        self.system, self._tables = system, tables
        self.state, self._factor = _loaded(system, extra_m3s)
        loss, slope = np.zeros(len(system.link)), np.zeros(len(system.link))
        losses_and_slopes(system.laws, self.state.flow, loss, slope)
        self._conductance = 1.0 / slope
        self._by_roughness = _by_roughness(system, tables, self.state.flow, loss) * self._conductance
        grid, count = system.grid, system.unknowns
        self._from_fixed = np.flatnonzero(grid.first >= count)
        self._to_fixed = np.flatnonzero(grid.second >= count)
        is_pipe = system.link < tables.pipe_count
        self._by_bore = np.where(is_pipe, _BORE_POWER * self.state.flow, 0.0)

    def backward(self, weights: Mapping[int, float]) -> Parts:
        """Give how a weighted mean of heads (row to weight) depends on everything."""
        grid, count = self.system.grid, self.system.unknowns
        aim, fixed = np.zeros(len(self.system.node)), np.zeros(len(self.system.node))
        for row, weight in weights.items():
            (aim if row < count else fixed)[row] += weight
        worth = self._solved(aim)
        through = worth[grid.second] - worth[grid.first]
        for ends, links, sign in ((grid.first, self._from_fixed, 1.0), (grid.second, self._to_fixed, -1.0)):
            np.add.at(fixed, ends[links], sign * self._conductance[links] * through[links])
        fixed[:count] = 0.0
        return Parts(-worth, through * self._by_roughness, through * self._by_bore, fixed)

    def over_spread(self, weights: Mapping[int, float], part: Parts, source_m: FloatArray) -> Parts:
        """
        Give `part` with what fixed heads do over their whole spread where the slope at one point says too little.

        Only a valve that holds a pressure can make a head move more than the source that is raised, and then flows
        double within centimetres: such slopes are found anew by solving with the source `source_m` higher and lower.
        """
        steep = np.flatnonzero((np.abs(part.source - 0.5) > _PASSIVE) & (source_m > 0.0))
        source = part.source.copy()
        for row in steep.tolist():
            step_m = float(source_m[row])
            rises_m = [self._moved(weights, row, step_m), self._moved(weights, row, -step_m)]
            source[row] = np.copysign(np.sqrt(np.mean(np.square(rises_m))) / step_m, source[row])
        return replace(part, source=source) if len(steep) else part

    def _moved(self, weights: Mapping[int, float], row: int, step_m: float) -> float:
        """How the weighted head moves with a fixed head `step_m` higher; one to one from where a device would switch."""
        held_m, rise_m, beyond_m = 0.0, 0.0, step_m
        found_m = self._held(weights, row, step_m)
        if found_m is not None:
            return found_m
        for _ in range(_HALVINGS):
            middle_m = 0.5 * (held_m + beyond_m)
            found_m = self._held(weights, row, middle_m)
            if found_m is None:
                beyond_m = middle_m
            else:
                held_m, rise_m = middle_m, found_m
        return rise_m + (step_m - held_m)

    def _held(self, weights: Mapping[int, float], row: int, step_m: float) -> float | None:
        """The same with all devices as they stand; None where one would switch, or there is no balance."""
        now, system = self.state, self.system
        state = State(now.head.copy(), now.flow.copy(), now.demand.copy(), now.passed.copy())
        state.head[row] += step_m
        room = Room(np.zeros(len(now.head)), np.zeros(len(now.flow)), np.zeros(len(now.flow)))
        steps = balance(
            system.shape, empty_factor(system.shape), system.laws, system.grid, system.pinned, state, room, _CLOSEST_M, _MOST
        )  # fmt: skip
        brings = (state.passed >= 0.0).all()
        if (
            steps < 0
            or not brings
            or not states_stand(system.devices, now.head, now.flow, state.head, state.flow, 0.0)
        ):
            return None
        return float(sum(weight * (state.head[at] - now.head[at]) for at, weight in weights.items()))

    def forward(self, change: Parts) -> FloatArray:
        """Shape (rows,): how every head moves with a change of demand [m3/s], ln coefficient, ln bore, source head [m]."""
        grid, count = self.system.grid, self.system.unknowns
        through = change.roughness * self._by_roughness + change.bore * self._by_bore
        through = through + self._conductance * (change.source[grid.first] - change.source[grid.second])
        right = -change.demand.copy()
        np.add.at(right, grid.first, -through)
        np.add.at(right, grid.second, through)
        pinned, passed = self.system.pinned, np.zeros(len(self.system.pinned.held))
        whole: FloatArray = change.source.copy()
        for _ in range(_ROUNDS):
            moved = right.copy()
            np.add.at(moved, pinned.other, -pinned.sign * passed)
            solve(self.system.shape, self._factor, moved[:count])
            whole[:count] = moved[:count]
            # What leaves a held row is what its valve brings, and is drawn on the other side.
            flow = (
                through
                + self._conductance * (whole[grid.first] - whole[grid.second])
                - self._conductance * (change.source[grid.first] - change.source[grid.second])
            )
            leaves = np.zeros(len(whole))
            np.add.at(leaves, grid.first, flow)
            np.add.at(leaves, grid.second, -flow)
            now = pinned.sign * (leaves + change.demand)[pinned.held]
            if np.abs(now - passed).max(initial=0.0) <= _SAME * (np.abs(now).max(initial=0.0) + 1e-12):
                return whole
            passed = now
        raise HydraulicsError("local-unsupported", reason="no-balance")

    def _solved(self, aim: Array) -> Array:
        """
        Worth of one m3/s brought to every row, for the aimed heads.

        What a valve that holds a pressure passes is drawn on its other side: a demand at the held row is worth what it
        is worth there.
        """
        grid, count, pinned = self.system.grid, self.system.unknowns, self.system.pinned
        worth = np.zeros(len(aim))
        for _ in range(_ROUNDS):
            right = aim[:count].copy()
            for ends, others, links in (
                (grid.first, grid.second, self._to_fixed), (grid.second, grid.first, self._from_fixed),
            ):  # fmt: skip
                beside = links[ends[links] < count]
                np.add.at(right, ends[beside], self._conductance[beside] * worth[others[beside]])
            solve(self.system.shape, self._factor, right)
            worth[:count] = right
            held = worth[pinned.other] if len(pinned.held) else np.empty(0)
            if np.abs(worth[pinned.held] - held).max(initial=0.0) <= _SAME * (
                np.abs(worth).max(initial=0.0) + 1e-12
            ):
                return worth
            worth[pinned.held] = held
        raise HydraulicsError("local-unsupported", reason="no-balance")


def _loaded(system: System, extra_m3s: Mapping[int, float]) -> tuple[State, Factor]:
    base = system.state
    state = State(base.head.copy(), base.flow.copy(), base.demand.copy(), base.passed.copy())
    for node, flow_m3s in extra_m3s.items():
        if system.row[node] < 0:
            raise HydraulicsError("local-unsupported", reason="no-water")
        state.demand[system.row[node]] += flow_m3s
    room = Room(np.zeros(len(base.head)), np.zeros(len(base.flow)), np.zeros(len(base.flow)))
    factor = empty_factor(system.shape)
    steps = balance(
        system.shape, factor, system.laws, system.grid, system.pinned, state, room, _CLOSEST_M, _MOST
    )
    if steps < 0:
        raise HydraulicsError("local-unsupported", reason="no-balance")
    return state, factor


def _by_roughness(system: System, tables: ModelTables, flow: Array, loss: Array) -> NDArray[np.float64]:
    """Shape (laws,): loss that each pipe is rid of for the logarithm of its coefficient [m]; zero for devices."""
    laws = system.laws
    is_pipe = system.link < tables.pipe_count
    if (laws.kind[is_pipe] == DARCY).any():
        rougher = laws._replace(first=laws.first * (1.0 + _STEP_SHARE))
        more, slope = np.zeros(len(flow)), np.zeros(len(flow))
        losses_and_slopes(rougher, flow, more, slope)
        return np.where(is_pipe, (loss - more) / _STEP_SHARE, 0.0)
    friction = loss - laws.minor * np.abs(flow) * flow
    power = -2.0 if tables.options.formula == "C-M" else 1.852
    return np.where(is_pipe, power * friction, 0.0)
