"""
A small change re-solved where it reaches, compiled.

Heads are sought as changes from the base state. A demand, or a link whose loss left its base tangent, touches only
the columns of the factor on its way to the root; they are eliminated anew by differences. Going back down, a whole
branch is left out when no head change around it reaches the tolerance: pipes and pumps lose head monotonically, so
nothing inside can change more than its border does.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from hydraulics.gga.factor import Factor
from hydraulics.gga.laws import Array, Laws, loss_and_slope
from hydraulics.gga.newton import Grid, Pinned, State
from hydraulics.gga.ordering import Symbolic

UNSETTLED, TOO_WIDE = -1, -2


class Base(NamedTuple):
    """The state changes are counted from: everything here is only read."""

    shape: Symbolic
    factor: Factor
    laws: Laws
    grid: Grid
    pinned: Pinned
    state: State
    conductance: Array
    always: Array  # columns never left out once their tree is touched: neighbours of held heads and all above them


class Desk(NamedTuple):
    """
    Working arrays of one solver; between questions all marks are zero and `entry`, `diagonal` equal the base factor.

    Attributes
    ----------
    head
        Change of every row's head [m].
    path, path_mark, seen, seen_mark
        Columns touched, and rows whose change was found; counts stand in `counts`: path, seen, bent.
    bent, bent_mark, bent_flow, bent_loss, bent_conductance
        Links with a tangent of their own, and where it touches.
    """

    diagonal: Array
    entry: Array
    right: Array
    head: Array
    path: Array
    path_mark: Array
    seen: Array
    seen_mark: Array
    stack: Array
    bent: Array
    bent_mark: Array
    bent_flow: Array
    bent_loss: Array
    bent_conductance: Array
    counts: Array
    passed: Array


def new_desk(base: Base) -> Desk:
    """Room for one solver."""
    columns, rows, links = len(base.shape.parent), len(base.state.head), len(base.state.flow)
    whole, mark = np.int64, np.int8
    return Desk(
        base.factor.diagonal.copy(), base.factor.entry.copy(), np.zeros(columns), np.zeros(rows),
        np.empty(columns, dtype=whole), np.zeros(columns, dtype=mark), np.empty(columns, dtype=whole),
        np.zeros(rows, dtype=mark), np.empty(columns + 1, dtype=whole), np.empty(links, dtype=whole),
        np.zeros(links, dtype=mark), np.zeros(links), np.zeros(links), np.zeros(links),
        np.zeros(3, dtype=whole), np.zeros(len(base.pinned.held)),
    )  # fmt: skip


PATH, SEEN, BENT = range(3)


@njit(cache=True)
def _mark_path(shape: Symbolic, desk: Desk, row: int) -> None:
    while row >= 0 and desk.path_mark[row] == 0:
        desk.path_mark[row] = 1
        desk.path[desk.counts[PATH]] = row
        desk.counts[PATH] += 1
        row = shape.parent[row]


@njit(cache=True)
def _bend(base: Base, desk: Desk, link: int, flow: Any, loss: Any, slope: Any) -> None:
    """Take the tangent of a link at another flow from now on."""
    if desk.bent_mark[link] == 0:
        desk.bent_mark[link] = 1
        desk.bent[desk.counts[BENT]] = link
        desk.counts[BENT] += 1
        a, b = base.grid.first[link], base.grid.second[link]
        low = min(a, b)
        if low < len(base.shape.parent):
            _mark_path(base.shape, desk, low)
    desk.bent_flow[link], desk.bent_loss[link], desk.bent_conductance[link] = flow, loss, 1.0 / slope


@njit(cache=True)
def flow_of(base: Base, desk: Desk, link: int) -> Any:
    """Flow of a link by its present tangent [m3/s]."""
    a, b = base.grid.first[link], base.grid.second[link]
    change = desk.head[a] - desk.head[b]
    if desk.bent_mark[link] == 0:
        return base.state.flow[link] + base.conductance[link] * change
    drop = base.state.head[a] - base.state.head[b] + change
    return desk.bent_flow[link] + desk.bent_conductance[link] * (drop - desk.bent_loss[link])


@njit(cache=True)
def _load(base: Base, desk: Desk, rows: Array, extra: Array) -> None:
    """Matrix and right-hand side on the touched columns: base figures, then the changes."""
    shape, columns = base.shape, len(base.shape.parent)
    for at in range(desk.counts[PATH]):
        column = desk.path[at]
        desk.right[column] = 0.0
        desk.diagonal[column] = base.factor.diagonal[column]
        for a in range(shape.column_start[column], shape.column_start[column + 1]):
            desk.entry[a] = base.factor.entry[a]
    for at in range(len(rows)):
        if rows[at] < columns:
            desk.right[rows[at]] -= extra[at]
    for valve in range(len(desk.passed)):
        other = base.pinned.other[valve]
        if other < columns and desk.path_mark[other]:
            desk.right[other] -= base.pinned.sign[valve] * desk.passed[valve]
    for at in range(desk.counts[BENT]):
        link = desk.bent[at]
        a, b = base.grid.first[link], base.grid.second[link]
        more = desk.bent_conductance[link] - base.conductance[link]
        drop = base.state.head[a] - base.state.head[b]
        fresh = desk.bent_flow[link] + desk.bent_conductance[link] * (drop - desk.bent_loss[link])
        fresh -= base.state.flow[link]
        if a < columns:
            desk.right[a] -= fresh
            desk.diagonal[a] += more
        if b < columns:
            desk.right[b] += fresh
            desk.diagonal[b] += more
        if base.grid.place[link] >= 0:
            desk.entry[base.grid.place[link]] -= more


@njit(cache=True)
def _eliminate(base: Base, desk: Desk) -> None:
    """Carry the differences of the touched columns upwards, and the right-hand side with them."""
    shape = base.shape
    for at in range(desk.counts[PATH]):
        column = desk.path[at]
        start, end = shape.column_start[column], shape.column_start[column + 1]
        pivot, old_pivot = desk.diagonal[column], base.factor.diagonal[column]
        differs = pivot != old_pivot
        for a in range(start, end):
            differs = differs or desk.entry[a] != base.factor.entry[a]
        target = shape.target_start[column]
        for a in range(start, end):
            share = desk.entry[a] / pivot
            desk.right[shape.row[a]] -= share * desk.right[column]
            if differs:
                old = base.factor.entry[a] / old_pivot
                desk.diagonal[shape.row[a]] += old * base.factor.entry[a] - share * desk.entry[a]
                target += 1
                for b in range(a + 1, end):
                    desk.entry[shape.target[target]] += old * base.factor.entry[b] - share * desk.entry[b]
                    target += 1


@njit(cache=True)
def _reached(shape: Symbolic, desk: Desk, child: int, tolerance: float) -> bool:
    for a in range(shape.column_start[child], shape.column_start[child + 1]):
        if abs(desk.head[shape.row[a]]) >= tolerance:
            return True
    return False


@njit(cache=True)
def _descend(base: Base, desk: Desk, tolerance: float) -> None:
    """Find head changes from the roots down, leaving out branches whose border changes less than `tolerance` [m]."""
    shape, depth = base.shape, 0
    for at in range(desk.counts[SEEN]):
        desk.head[desk.seen[at]] = 0.0
        desk.seen_mark[desk.seen[at]] = 0
    desk.counts[SEEN] = 0
    for at in range(desk.counts[PATH]):
        if shape.parent[desk.path[at]] < 0:
            desk.stack[depth] = desk.path[at]
            depth += 1
    while depth > 0:
        depth -= 1
        column = desk.stack[depth]
        total = desk.right[column] if desk.path_mark[column] else 0.0
        for a in range(shape.column_start[column], shape.column_start[column + 1]):
            total -= desk.entry[a] * desk.head[shape.row[a]]
        desk.head[column] = total / desk.diagonal[column]
        desk.seen_mark[column] = 1
        desk.seen[desk.counts[SEEN]] = column
        desk.counts[SEEN] += 1
        for at in range(shape.child_start[column], shape.child_start[column + 1]):
            child = shape.child[at]
            wanted = desk.path_mark[child] != 0 or base.always[child]
            if wanted or _reached(shape, desk, child, tolerance):
                desk.stack[depth] = child
                depth += 1


@njit(cache=True)
def _straighten(base: Base, desk: Desk, allowed_m: float) -> int:
    """Give every link near a found head a better tangent where its loss is off by more than `allowed_m`; how many."""
    columns, bent = len(base.shape.parent), 0
    for at in range(desk.counts[SEEN]):
        row = desk.seen[at]
        for meeting in range(base.grid.meet_start[row], base.grid.meet_start[row + 1]):
            link = base.grid.meet[meeting]
            a, b = base.grid.first[link], base.grid.second[link]
            other = b if a == row else a
            if other < columns and (desk.seen_mark[other] == 0 or other < row):
                continue
            flow = flow_of(base, desk, link)
            loss, slope = loss_and_slope(base.laws, link, flow)
            drop = base.state.head[a] - base.state.head[b] + desk.head[a] - desk.head[b]
            if abs(loss - drop) > allowed_m:
                _bend(base, desk, link, flow, loss, slope)
                bent += 1
    return bent


@njit(cache=True)
def _pass_on(base: Base, desk: Desk) -> Any:
    """What active pressure valves pass more than at the base; the largest change since the last look [m3/s]."""
    worst = 0.0
    for valve in range(len(desk.passed)):
        row, more = base.pinned.held[valve], 0.0
        for at in range(base.grid.meet_start[row], base.grid.meet_start[row + 1]):
            link = base.grid.meet[at]
            change = flow_of(base, desk, link) - base.state.flow[link]
            more += change if base.grid.first[link] == row else -change
        for earlier in range(len(desk.passed)):
            if base.pinned.other[earlier] == row:
                more += base.pinned.sign[earlier] * desk.passed[earlier]
        more *= base.pinned.sign[valve]
        if abs(more - desk.passed[valve]) > 1e-9:
            worst = max(worst, abs(more - desk.passed[valve]))
            desk.passed[valve] = more
            other = base.pinned.other[valve]
            if other < len(base.shape.parent):
                _mark_path(base.shape, desk, other)
    return worst


@njit(cache=True)
def settle(
    base: Base,
    desk: Desk,
    rows: Array,
    extra: Array,
    tolerance: float,
    allowed_m: float,
    most: int,
    widest: int,
) -> int:
    """
    Find the head changes when `extra` [m3/s] is drawn at `rows`; rows found, UNSETTLED, or TOO_WIDE above `widest`.

    `tolerance` [m] is the change below which branches are left out, `allowed_m` how far a loss may be from its law.
    Links already bent by the caller keep their start. `clear` must follow.
    """
    for at in range(len(rows)):
        if rows[at] < len(base.shape.parent):
            _mark_path(base.shape, desk, rows[at])
    for _ in range(most):
        desk.path[: desk.counts[PATH]].sort()
        _load(base, desk, rows, extra)
        _eliminate(base, desk)
        _descend(base, desk, tolerance)
        if desk.counts[SEEN] > widest:
            return TOO_WIDE
        bent = _straighten(base, desk, allowed_m)
        passed = _pass_on(base, desk)
        if bent == 0 and passed < 1e-8:
            return desk.counts[SEEN]
    return UNSETTLED


@njit(cache=True)
def clear(base: Base, desk: Desk) -> None:
    """Put the desk back as it was before the question."""
    shape = base.shape
    for at in range(desk.counts[PATH]):
        column = desk.path[at]
        desk.path_mark[column] = 0
        desk.diagonal[column] = base.factor.diagonal[column]
        desk.right[column] = 0.0
        for a in range(shape.column_start[column], shape.column_start[column + 1]):
            desk.entry[a] = base.factor.entry[a]
    for at in range(desk.counts[SEEN]):
        desk.head[desk.seen[at]] = 0.0
        desk.seen_mark[desk.seen[at]] = 0
    for at in range(desk.counts[BENT]):
        desk.bent_mark[desk.bent[at]] = 0
    desk.counts[:] = 0
    desk.passed[:] = 0.0
