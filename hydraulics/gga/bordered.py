"""
The greatest demand a place can take before somebody falls below a limit, compiled.

Demand and heads are found together: at each demand the heads are settled, the same factor gives how every head falls
with more of it, and the node that would reach its limit first gives the next demand. More demand lowers every head
and ever faster, so the steps come down on the answer from above.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from hydraulics.gga.compiled import njit, njit_nogil
from hydraulics.gga.desk import PATH, SEEN, Base, Desk
from hydraulics.gga.devices import Devices
from hydraulics.gga.laws import Array
from hydraulics.gga.local import clear, find_heads, mend, settle, tidy, touch
from hydraulics.gga.newton import Grid
from hydraulics.gga.reach import Reach, no_left_out, note_reach, pass_down
from hydraulics.gga.solver import SWITCH_MARGIN_M, all_stand

FOUND, AT_CAP, SWITCHES, LOST = range(4)
_MOST_STEPS, _MANY_PASSES = 60, 8
_ENOUGH_SHARE, _ENOUGH_M3S = 0.001, 2e-6
_NEAR_SHARE, _REST_SHARE = (
    0.02,
    0.0003,
)  # a step so small ends the search where the next would change so little
_ALIKE_SHARE = 0.1


class Limits(NamedTuple):
    """
    What must hold, by rows of the system.

    Attributes
    ----------
    spare
        Head every row may lose [m]; infinite where nobody is asked about.
    own
        The same for the row that draws.
    """

    spare: Array
    own: Array


class Asked(NamedTuple):
    """How exactly: branch tolerance and loss balance [m], greatest demand looked for [m3/s], margin of devices [m]."""

    branch_m: float
    balance_m: float
    cap_m3s: float
    margin_m: float


def branch_spare(parent: Array, spare: Array) -> Array:
    """Give the least spare head of every column's branch [m], from that of the rows."""
    least = spare[: len(parent)].copy()
    _gather(parent, least)
    return least


def anchored(parent: Array, grid: Grid) -> Array:
    """Say of every column whether anything in its branch lies beside a fixed head."""
    marked = np.zeros(len(parent), dtype=np.bool_)
    _anchor(parent, grid.first, grid.second, marked)
    return marked


@njit
def _anchor(parent: Array, first: Array, second: Array, marked: Array) -> None:
    columns = len(parent)
    for link in range(len(first)):
        low, high = min(first[link], second[link]), max(first[link], second[link])
        if low < columns <= high:
            marked[low] = True
    for column in range(columns):
        if marked[column] and parent[column] >= 0:
            marked[parent[column]] = True


@njit
def _gather(parent: Array, least: Array) -> None:
    for column in range(len(parent)):
        above = parent[column]
        if above >= 0 and least[column] < least[above]:
            least[above] = least[column]


@njit
def _fall(base: Base, desk: Desk, row: int, falls: Array, load: Array) -> None:
    """How every found head falls with the demand at `row` [m per m3/s], into `falls`."""
    start, rows = base.shape.column_start, base.shape.row
    diagonal, entry, path, path_mark, seen = desk.diagonal, desk.entry, desk.path, desk.path_mark, desk.seen
    for at in range(desk.counts[PATH]):
        load[path[at]] = 0.0
    load[row] = 1.0
    while row >= 0:
        if load[row] != 0.0:
            share = load[row] / diagonal[row]
            for a in range(start[row], start[row + 1]):
                load[rows[a]] -= entry[a] * share
        row = base.shape.parent[row]
    for at in range(desk.counts[SEEN]):
        column = seen[at]
        total = load[column] if path_mark[column] else 0.0
        for a in range(start[column], start[column + 1]):
            total -= entry[a] * falls[rows[a]]
        falls[column] = total / diagonal[column]
    for at in range(desk.counts[PATH]):
        load[path[at]] = 0.0


@njit
def _first_to_fail(desk: Desk, row: int, limits: Limits, falls: Array) -> Any:
    """Further demand until the first row fails by its present fall [m3/s], and that row."""
    step, which, spare, head, found = 1e30, row, limits.spare, desk.head, desk.seen
    for at in range(desk.counts[SEEN]):
        seen = found[at]
        may_lose = limits.own[seen] if seen == row else spare[seen]
        if falls[seen] > 1e-12 and may_lose < np.inf:
            further = (may_lose + head[seen]) / falls[seen]
            if further < step:
                step, which = further, seen
    return step, which


@njit
def _search(
    base: Base, desk: Desk, devices: Devices, limits: Limits, asked: Asked, row: int, start: Any, falls: Array,
    load: Array,
) -> Any:  # fmt: skip
    """(demand, limiting row, outcome, passes, demand beyond the cap) for one row; the desk is left to be cleared."""
    rows, extra = np.array([row]), np.zeros(1)
    demand, which, last_change = start, row, np.inf
    touch(base, desk, rows)
    for passes in range(_MOST_STEPS):
        extra[0], before = demand, which
        if not find_heads(base, desk, rows, extra, asked.branch_m):
            return demand, which, LOST, _MOST_STEPS, 0.0
        _fall(base, desk, row, falls, load)
        step, which = _first_to_fail(desk, row, limits, falls)
        # From far below the tangent points far beyond the answer; heads there would be found for nothing.
        new = max(min(demand + step, 3.0 * demand + _ENOUGH_M3S, asked.cap_m3s), 0.2 * demand)
        for at in range(desk.counts[SEEN]):
            seen = desk.seen[at]
            desk.head[seen] -= falls[seen] * (new - demand)
            falls[seen] = 0.0
        off = mend(base, desk, asked.balance_m)
        change = abs(new - demand)
        if off == 0 and change <= _ENOUGH_SHARE * demand + _ENOUGH_M3S:
            if not all_stand(base, desk, devices, asked.margin_m):
                return new, which, SWITCHES, passes, 0.0
            return (
                new,
                which,
                AT_CAP if new >= asked.cap_m3s else FOUND,
                passes,
                max(demand + step - new, 0.0),
            )
        # Changes shrink with their square: what the next one would still take off can be told from the last two.
        next_change = change * (change / last_change) ** 2
        near = passes >= 2 and before == which and change < min(0.1 * last_change, _NEAR_SHARE * demand)
        if near and new < asked.cap_m3s and len(devices.kind) == 0 and next_change <= _REST_SHARE * demand:
            return new - next_change, which, FOUND, passes, 0.0
        demand, last_change = new, change
    return demand, which, LOST, _MOST_STEPS, 0.0


@njit_nogil
def capacities(
    base: Base, desk: Desk, devices: Devices, limits: Limits, asked: Asked, rows: Array, capacity: Array,
    limiting: Array, outcome: Array, reach: Reach,
) -> None:  # fmt: skip
    """
    Fill capacity [m3/s], limiting row and outcome of all `rows`, and what they lean on into `reach`.

    Neighbours in a row of rows help each other.
    """
    falls, load, start = np.zeros(len(limits.spare)), np.zeros(len(base.always)), 1e-3
    left = no_left_out(len(base.always) if len(reach.group) > 0 else 0)
    visited = np.empty(len(base.always), dtype=np.int64)
    noted, noted_flow = -1, 0.0
    for at in range(len(rows)):
        demand, which, how, passes, beyond = _search(
            base, desk, devices, limits, asked, rows[at], min(max(start, 1e-5), asked.cap_m3s), falls, load
        )
        capacity[at], limiting[at], outcome[at] = demand, which, how
        # Neighbours with one limiting row and much the same answer lean on the same; each is not worth a look.
        known = how == FOUND and which == noted and abs(demand - noted_flow) <= _ALIKE_SHARE * noted_flow
        if len(reach.group) > 0 and not known:
            if how <= AT_CAP:
                noted, noted_flow = which, demand
                note_reach(base, desk, rows[at], which, reach, left, demand, beyond, falls, load, visited)
            else:
                reach.influence[-1] = np.inf
        # A neighbour's tangents are a good start, until they have spread over more than they spare.
        if how != FOUND or passes > _MANY_PASSES:
            clear(base, desk)
        else:
            tidy(base, desk, asked.balance_m)
        if how == FOUND:
            start = demand
    pass_down(base.shape.parent, reach, left)
    clear(base, desk)


NO, YES, UNSURE = range(3)
_CLOSE_BRANCH_M, _CLOSE_BALANCE_M, _CLOSE_MARGIN_M = (
    2e-4,
    1e-5,
    0.001,
)  # EPANET's own heads are sure to the last


@njit_nogil
def can_take(
    base: Base,
    desk: Desk,
    devices: Devices,
    limits: Limits,
    asked: Asked,
    rows: Array,
    flow: Any,
    answer: Array,
) -> None:
    """Fill NO, YES or UNSURE: whether everybody's limit holds when `flow` [m3/s] is drawn at each of `rows` alone."""
    one, extra = np.zeros(1, dtype=np.int64), np.full(1, flow)
    close = Asked(_CLOSE_BRANCH_M, _CLOSE_BALANCE_M, asked.cap_m3s, _CLOSE_MARGIN_M)
    for at in range(len(rows)):
        one[0] = rows[at]
        answer[at] = _judged(base, desk, devices, limits, asked, one, extra)
        if answer[at] == UNSURE:
            answer[at] = _judged(base, desk, devices, limits, close, one, extra)


@njit
def _judged(
    base: Base, desk: Desk, devices: Devices, limits: Limits, asked: Asked, one: Array, extra: Array
) -> int:
    """NO, YES, or UNSURE where a limit is closer than heads are sure to, or a device may switch."""
    found = settle(base, desk, one, extra, asked.branch_m, asked.balance_m, _MOST_STEPS, len(base.always))
    least = limits.own[one[0]] + desk.head[one[0]]
    for place in range(desk.counts[SEEN]):
        seen = desk.seen[place]
        least = min(least, limits.spare[seen] + desk.head[seen])
    stands = all_stand(base, desk, devices, min(asked.margin_m, SWITCH_MARGIN_M))
    clear(base, desk)
    if found < 0 or not stands or abs(least) < asked.margin_m:
        return UNSURE
    return YES if least >= 0.0 else NO
