"""Newton's method on the whole network (Todini and Pilati's gradient method), device states held as they are."""

from __future__ import annotations

from typing import Any, NamedTuple

from hydraulics.gga.compiled import njit
from hydraulics.gga.factor import Factor, eliminate, solve
from hydraulics.gga.laws import Array, Laws, loss_and_slope
from hydraulics.gga.ordering import Symbolic


class Grid(NamedTuple):
    """
    Which link meets which row. Rows below `len(shape.parent)` are unknown heads, the others are fixed.

    Attributes
    ----------
    first, second
        Rows of the two ends of every link.
    place
        Its place among the factor's entries; -1 when an end is fixed.
    meet_start, meet
        Links at every row.
    own_start
        Links lie in the order of their lower end: row k has those from own_start[k] to own_start[k + 1].
    """

    first: Array
    second: Array
    place: Array
    meet_start: Array
    meet: Array
    own_start: Array


class Pinned(NamedTuple):
    """
    Active pressure-reducing and -sustaining valves: one row holds its head, the flow passes on to the other.

    Attributes
    ----------
    held, other
        Rows; `other` takes or gives what `held` needs to stay balanced.
    sign
        1 where `other` is upstream (PRV), -1 where it is downstream (PSV).
    """

    held: Array
    other: Array
    sign: Array


class State(NamedTuple):
    """Heads of all rows [m], flows of all links, demand of all rows, flow of every pinned valve [m3/s]."""

    head: Array
    flow: Array
    demand: Array
    passed: Array


class Room(NamedTuple):
    """Working arrays: right-hand side (rows,), and for links the flow at no head change and the conductance."""

    right: Array
    fresh: Array
    conductance: Array


@njit
def assemble(shape: Symbolic, factor: Factor, laws: Laws, grid: Grid, state: State, room: Room) -> Any:
    """Write matrix and right-hand side of the present linearisation; the largest loss out of balance [m]."""
    count, worst = len(shape.parent), 0.0
    factor.diagonal[:] = 0.0
    factor.entry[:] = 0.0
    room.right[:] = 0.0
    room.right[:count] -= state.demand[:count]
    for link in range(len(state.flow)):
        a, b = grid.first[link], grid.second[link]
        loss, slope = loss_and_slope(laws, link, state.flow[link])
        off = loss - (state.head[a] - state.head[b])
        worst = max(worst, abs(off))
        conductance = 1.0 / slope
        fresh = state.flow[link] - conductance * off
        room.conductance[link], room.fresh[link] = conductance, fresh
        if a < count:
            room.right[a] -= fresh
            factor.diagonal[a] += conductance
        if b < count:
            room.right[b] += fresh
            factor.diagonal[b] += conductance
        if grid.place[link] >= 0:
            factor.entry[grid.place[link]] -= conductance
    return worst


@njit
def passed_flow(grid: Grid, state: State, row: int) -> Any:
    """Flow out of a held row through its links plus its demand [m3/s]: what its valve must bring."""
    total = state.demand[row]
    for at in range(grid.meet_start[row], grid.meet_start[row + 1]):
        link = grid.meet[at]
        total += state.flow[link] if grid.first[link] == row else -state.flow[link]
    return total


@njit
def pass_on(grid: Grid, pinned: Pinned, state: State) -> Any:
    """Move the demand of every `other` row to what its valve passes; the largest change [m3/s]."""
    worst = 0.0
    for valve in range(len(pinned.held)):
        flow = pinned.sign[valve] * passed_flow(grid, state, pinned.held[valve])
        change = flow - state.passed[valve]
        state.demand[pinned.other[valve]] += pinned.sign[valve] * change
        state.passed[valve] = flow
        worst = max(worst, abs(change))
    return worst


@njit
def balance(
    shape: Symbolic, factor: Factor, laws: Laws, grid: Grid, pinned: Pinned, state: State, room: Room,
    tolerance: float, most: int,
) -> int:  # fmt: skip
    """
    Solve in place to `tolerance` [m] in heads and losses; the number of iterations, -1 when `most` were not enough.

    The factor is that of the last step but one at the solution, good for first-order answers about it.
    """
    count, moved, passed = len(shape.parent), 1e30, 0.0
    for iteration in range(most):
        off = assemble(shape, factor, laws, grid, state, room)
        if off < tolerance and moved < tolerance and passed < 1e-9:
            eliminate(shape, factor)
            return iteration
        eliminate(shape, factor)
        solve(shape, factor, room.right[:count])
        moved = 0.0
        for row in range(count):
            state.head[row] += room.right[row]
            moved = max(moved, abs(room.right[row]))
        for link in range(len(state.flow)):
            a, b = grid.first[link], grid.second[link]
            state.flow[link] = room.fresh[link] + room.conductance[link] * (room.right[a] - room.right[b])
        passed = pass_on(grid, pinned, state)
        if not moved < 1e30:
            return -1
    return -1
