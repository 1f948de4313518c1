"""
How far a state that EPANET has reached is from the balance: one Newton step from there, by our own equations.

EPANET's own measures say how much flows still move or how far a single pipe's loss is off; neither says how far a head
is, and asking them costs a trial or two more than the heads need. Here flows and heads as read are put into every
pipe's law and every node's balance, so a state that is another scenario's, or keeps something of the last one, is far.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hydraulics.gga.compiled import njit
from hydraulics.gga.factor import Factor, eliminate, empty_factor, solve
from hydraulics.gga.laws import Array, Laws, loss_and_slope
from hydraulics.gga.newton import Grid, State
from hydraulics.gga.ordering import Symbolic
from hydraulics.gga.through import through_change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hydraulics.gga.system import System
    from hydraulics.results import FloatArray

_ALLOWED_M = 1e-5  # what a loss may be from its law where the base's tangent serves


class Nearness:
    """
    Measures states of one system. Not for two threads at once: it has one set of working arrays.

    A system where a valve holds a pressure or a flow has no such measure.

    Attributes
    ----------
    system
        The equations measured by.
    """

    def __init__(self, system: System) -> None:
        self.system, self._right = system, np.zeros(len(system.node))
        self._factor = empty_factor(system.shape)
        self._extra = np.zeros(len(system.node))

    def away_m(self, head_m: FloatArray, flow_m3s: FloatArray, extra_m3s: Mapping[int, float]) -> float:
        """
        Give the most that a head would move in the next Newton step [m]; infinite or NaN where there is none.

        Shapes (nodes,) and (links,), in the order of the model; `extra_m3s` is drawn by node on top of the base.
        """
        system = self.system
        rows = system.row[np.fromiter(extra_m3s.keys(), dtype=np.int64, count=len(extra_m3s))]
        self._extra[rows] = np.fromiter(extra_m3s.values(), dtype=np.float64, count=len(extra_m3s))
        try:
            return float(
                _away(
                    system.shape, self._factor, system.laws, system.grid, system.state, system.conductance,
                    system.node, system.link, head_m, flow_m3s, self._extra, self._right,
                )
            )  # fmt: skip
        finally:
            self._extra[rows] = 0.0

    def through_change(self, link: int) -> tuple[float, float] | None:
        """As `through.through_change`."""
        return through_change(self.system, link)


@njit
def _away(
    shape: Symbolic, factor: Factor, laws: Laws, grid: Grid, base: State, base_conductance: Array, node: Array,
    link: Array, head_m: Array, flow_m3s: Array, extra: Array, right: Array,
) -> Any:  # fmt: skip
    count, worst = len(shape.parent), 0.0
    first, second, place, base_head, base_flow = grid.first, grid.second, grid.place, base.head, base.flow
    diagonal, entry = factor.diagonal, factor.entry
    diagonal[:] = 0.0
    entry[:] = 0.0
    for row in range(len(right)):
        right[row] = -base.demand[row] - extra[row]
    for law in range(len(base_flow)):
        a, b, flow = first[law], second[law], flow_m3s[link[law]]
        drop = head_m[node[a]] - head_m[node[b]]
        conductance, touch = base_conductance[law], base_flow[law]
        more, size = flow - touch, abs(touch)
        # A loss that grows at most with the square of the flow cannot have left its tangent: spare the powers.
        if abs(more) < 0.25 * size and more * more < _ALLOWED_M * conductance * size:
            loss = base_head[a] - base_head[b] + more / conductance
        else:
            loss, slope = loss_and_slope(laws, law, flow)
            conductance = 1.0 / slope
        fresh = flow + conductance * (drop - loss)
        right[a] -= fresh
        right[b] += fresh
        if a < count:
            diagonal[a] += conductance
        if b < count:
            diagonal[b] += conductance
        if place[law] >= 0:
            entry[place[law]] -= conductance
    eliminate(shape, factor)
    change = right[:count]
    solve(shape, factor, change)
    for row in range(count):
        # Written so that a figure that is none is told.
        if not abs(change[row]) <= worst:
            worst = abs(change[row])
    return worst
