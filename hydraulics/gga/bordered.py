"""
The greatest demand a place can take before somebody falls below a limit, compiled.

Demand and heads are found together: at each demand the heads are settled, the same factor gives how every head falls
with more of it, and the node that would reach its limit first gives the next demand. More demand lowers every head
and ever faster, so the steps come down on the answer from above.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from hydraulics.gga.branches import (
    HOW,
    NOT_SURE,
    ROOT,
    TOP,
    TOP_KNOWN,
    WHO,
    Branches,
    Trail,
    add,
    begin,
    from_trail,
    is_beyond,
    path_to_root,
)  # fmt: skip
from hydraulics.gga.compiled import njit, njit_nogil
from hydraulics.gga.desk import PATH, SEEN, Base, Desk
from hydraulics.gga.devices import Devices
from hydraulics.gga.laws import Array
from hydraulics.gga.local import clear, find_heads, mend, settle, tidy, touch
from hydraulics.gga.newton import Grid
from hydraulics.gga.reach import LeftOut, Reach, base_response, no_left_out, note_reach, pass_down
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
    load: Array, root: int, told: Array,
) -> Any:  # fmt: skip
    """
    (demand, limiting row, outcome, passes, demand beyond the cap) for one row; the desk is left to be cleared.

    `told` gets the fall of `root` [m] and its slope at the answer, a fall of -1 where it was not looked at.
    """
    rows, extra = np.array([row]), np.zeros(1)
    demand, which, last_change = start, row, np.inf
    touch(base, desk, rows)
    for passes in range(_MOST_STEPS):
        extra[0], before = demand, which
        if not find_heads(base, desk, rows, extra, asked.branch_m, len(base.always)):
            return demand, which, LOST, _MOST_STEPS, 0.0
        _fall(base, desk, row, falls, load)
        step, which = _first_to_fail(desk, row, limits, falls)
        # From far below the tangent points far beyond the answer; heads there would be found for nothing.
        new = max(min(demand + step, 3.0 * demand + _ENOUGH_M3S, asked.cap_m3s), 0.2 * demand)
        told[1] = falls[root]
        for at in range(desk.counts[SEEN]):
            seen = desk.seen[at]
            desk.head[seen] -= falls[seen] * (new - demand)
            falls[seen] = 0.0
        told[0] = -desk.head[root] if desk.seen_mark[root] else -1.0
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
            told[0] -= told[1] * next_change
            return new - next_change, which, FOUND, passes, 0.0
        demand, last_change = new, change
    return demand, which, LOST, _MOST_STEPS, 0.0


class Work(NamedTuple):
    """
    Room for one run of `capacities`.

    Attributes
    ----------
    falls, load, visited, path
        Scratch, zero between uses where they hold figures.
    told
        Fall [m] and slope of the root at the last answer.
    left
        What is noted of branches that were left out.
    lately
        The last noted limiting row, its demand, its fall there [m]; the last demand found; 1 where the desk is worn.
    """

    falls: Array
    load: Array
    visited: Array
    path: Array
    told: Array
    left: LeftOut
    lately: Array


NOTED, NOTED_FLOW, NOTED_FALL, LAST_FLOW, WORN = range(5)


@njit_nogil
def capacities(
    base: Base, desk: Desk, devices: Devices, limits: Limits, asked: Asked, branches: Branches, trail: Trail,
    rows: Array, capacity: Array, limiting: Array, outcome: Array, reach: Reach,
) -> None:  # fmt: skip
    """
    Fill capacity [m3/s], limiting row and outcome of all `rows`, and what they lean on into `reach`.

    Neighbours in a row of rows help each other; what is known of a branch's root serves all of the branch.
    """
    columns = len(base.always)
    work = Work(
        np.zeros(len(limits.spare)), np.zeros(columns), np.empty(columns, dtype=np.int64),
        np.empty(columns, dtype=np.int64), np.zeros(2), no_left_out(columns if len(reach.group) > 0 else 0),
        np.array([-1.0, 0.0, 0.0, 1e-3, 0.0]),
    )  # fmt: skip
    trail.about[:] = -1
    for at in range(len(rows)):
        length = path_to_root(branches, rows[at], work.path)
        root = branches.root[rows[at]] if length > 0 else rows[at]
        if root >= 0 and root != trail.about[ROOT] and branches.first[root] >= 0:
            begin(trail, root, base_response(base, root, work.falls, work.load, work.visited))
        start = work.lately[LAST_FLOW]
        if length > 0 and root >= 0:
            demand, which, how = _in_branch(base, desk, limits, branches, trail, root, length, reach, work)
            if how != LOST:
                capacity[at], limiting[at], outcome[at] = demand, which, how
                continue
            start = demand if demand > 0.0 else start
        start = min(max(start, 1e-5), asked.cap_m3s)
        demand, which, how, beyond = _anew(base, desk, devices, limits, asked, rows[at], root, start, work)
        capacity[at], limiting[at], outcome[at] = demand, which, how
        if how <= AT_CAP and root >= 0 and root == trail.about[ROOT] and work.told[0] >= 0.0:
            _learn(branches, trail, limits, rows[at], work.path, length, demand, which, how, work.told)
        if len(reach.group) > 0:
            _note(base, desk, rows[at], demand, which, how, beyond, reach, work)
    pass_down(base.shape.parent, reach, work.left)
    clear(base, desk)


@njit
def _in_branch(
    base: Base, desk: Desk, limits: Limits, branches: Branches, trail: Trail, root: int, length: int, reach: Reach,
    work: Work,
) -> Any:  # fmt: skip
    """(demand, limiting row, outcome) of a row by what is known of its root; LOST, and a guess, where that is too little."""
    demand, which, known, steep, slope = from_trail(
        base, branches, trail, limits.own, limits.spare, work.path, length
    )
    if known == NOT_SURE:
        return demand, which, LOST
    if known == TOP_KNOWN:  # noted when that was found
        return demand, which, trail.about[HOW]
    # The path's own limit leans on its root, and so much less as its pipes take a larger part of the fall.
    fall, lately = (steep + slope) * demand, work.lately
    alike = lately[NOTED] == root and abs(fall - lately[NOTED_FALL]) <= _ALIKE_SHARE * fall
    if len(reach.group) > 0 and not alike:
        lately[NOTED], lately[NOTED_FLOW], lately[NOTED_FALL] = root, -1.0, fall
        note_reach(
            base, desk, root, root, reach, work.left, demand, 0.0, steep, work.falls, work.load, work.visited
        )
    return demand, which, FOUND


@njit
def _anew(
    base: Base,
    desk: Desk,
    devices: Devices,
    limits: Limits,
    asked: Asked,
    row: int,
    root: int,
    start: Any,
    work: Work,
) -> Any:
    """(demand, limiting row, outcome, demand beyond the cap) of a row, found from where the desk stands."""
    # A neighbour's tangents are a good start, until they have spread over more than they spare.
    if work.lately[WORN] > 0.0:
        clear(base, desk)
    else:
        tidy(base, desk, asked.balance_m)
    demand, which, how, passes, beyond = _search(
        base, desk, devices, limits, asked, row, start, work.falls, work.load, max(root, 0), work.told
    )
    work.lately[WORN] = 1.0 if how != FOUND or passes > _MANY_PASSES else 0.0
    if how == FOUND:
        work.lately[LAST_FLOW] = demand
    return demand, which, how, beyond


@njit
def _note(
    base: Base, desk: Desk, row: int, demand: Any, which: int, how: int, beyond: Any, reach: Reach, work: Work
) -> None:
    """Note what an answer leans on; neighbours with one limiting row and much the same answer lean on the same."""
    lately = work.lately
    if how > AT_CAP:
        reach.influence[-1] = np.inf
    elif not (
        how == FOUND
        and lately[NOTED] == which
        and abs(demand - lately[NOTED_FLOW]) <= _ALIKE_SHARE * lately[NOTED_FLOW]
    ):
        lately[NOTED], lately[NOTED_FLOW], lately[NOTED_FALL] = which, demand, 0.0
        note_reach(
            base, desk, row, which, reach, work.left, demand, beyond, 0.0, work.falls, work.load, work.visited
        )


@njit
def _learn(
    branches: Branches, trail: Trail, limits: Limits, row: int, path: Array, length: int, demand: Any, which: int,
    how: int, told: Array,
) -> None:  # fmt: skip
    """Keep what the answer of a row tells of its root."""
    add(trail, demand, told[0], told[1])
    inside = (
        is_beyond(branches, which, path, length)
        if length > 0
        else (which == row and limits.spare[row] == np.inf)
    )
    if how == AT_CAP or not inside:
        trail.about[TOP], trail.about[WHO], trail.about[HOW] = 1, which, how


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
