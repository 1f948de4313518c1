"""
A small change re-solved where it reaches, compiled.

Heads are sought as changes from the base state. A demand, or a link whose loss left its base tangent, touches only
the columns of the factor on its way to the root; they are eliminated anew by differences. Going back down, a whole
branch is left out when no head change around it reaches the tolerance: pipes and pumps lose head monotonically, so
nothing inside can change more than its border does.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hydraulics.gga.compiled import njit
from hydraulics.gga.desk import BENT, BENT_NOW, HELD, PATH, SEEN, Base, Desk
from hydraulics.gga.laws import Array
from hydraulics.gga.ordering import Symbolic
from hydraulics.gga.tangents import flow_of, mark_path, straighten

UNSETTLED, TOO_WIDE = -1, -2
TOUCHED, WRITTEN = (
    1,
    2,
)  # marks of a column in `Desk.path_mark`: to be solved again, and not as in the base factor
# Smaller changes of a column are not carried up: a dead end's new tangent leaves nothing but rounding to the rest, and
# a metre of head drives no more than 0.01 mL/s through this.
_LEAST_CHANGE_M2S = 1e-8
_HOLD_M2S = (
    1e3  # holds a row that hangs on nothing: far above what any pipe carries a metre, far below the digits
)


_NEAR_SPARE_FACTOR = 1.5  # who limits must stay among those that are looked at


@njit
def hold(base: Base, desk: Desk, row: int) -> None:
    """Keep the head of a row where it is from now on, until the desk is cleared."""
    if row < len(base.shape.parent):
        desk.held[desk.counts[HELD]] = row
        desk.counts[HELD] += 1
        mark_path(base.shape.parent, desk.path_mark, desk.path, desk.counts, row)


@njit
def _load(base: Base, desk: Desk, rows: Array, extra: Array) -> None:
    """Matrix and right-hand side on the touched columns: base figures, then the changes."""
    columns, start = len(base.shape.parent), base.shape.column_start
    diagonal, entry, right, path, mark = desk.diagonal, desk.entry, desk.right, desk.path, desk.path_mark
    base_diagonal, base_entry = base.factor.diagonal, base.factor.entry
    for at in range(desk.counts[PATH]):
        column = path[at]
        right[column] = 0.0
        if mark[column] == WRITTEN:
            mark[column] = TOUCHED
            diagonal[column] = base_diagonal[column]
            for a in range(start[column], start[column + 1]):
                entry[a] = base_entry[a]
    for at in range(len(rows)):
        if rows[at] < columns:
            right[rows[at]] -= extra[at]
    for valve in range(len(desk.passed)):
        other = base.pinned.other[valve]
        if other < columns and desk.path_mark[other]:
            right[other] -= base.pinned.sign[valve] * desk.passed[valve]
    _load_bent(base, desk)
    for at in range(desk.counts[HELD]):
        diagonal[desk.held[at]] += _HOLD_M2S
        mark[desk.held[at]] = WRITTEN


@njit
def _load_bent(base: Base, desk: Desk) -> None:
    columns, diagonal, entry, right = len(base.shape.parent), desk.diagonal, desk.entry, desk.right
    mark = desk.path_mark
    first, second, place, head = base.grid.first, base.grid.second, base.grid.place, base.state.head
    base_conductance, base_flow = base.conductance, base.state.flow
    bent, bent_flow, bent_loss, conductance = desk.bent, desk.bent_flow, desk.bent_loss, desk.bent_conductance
    for at in range(desk.counts[BENT]):
        link = bent[at]
        a, b = first[link], second[link]
        more = conductance[link] - base_conductance[link]
        fresh = bent_flow[link] + conductance[link] * (head[a] - head[b] - bent_loss[link]) - base_flow[link]
        if a < columns:
            right[a] -= fresh
            diagonal[a] += more
            mark[a] = WRITTEN
        if b < columns:
            right[b] += fresh
            diagonal[b] += more
            mark[b] = WRITTEN
        if place[link] >= 0:
            entry[place[link]] -= more


@njit
def _eliminate(base: Base, desk: Desk) -> None:
    """Carry the differences of the touched columns upwards, and the right-hand side with them."""
    start, row, target, target_start = (
        base.shape.column_start, base.shape.row, base.shape.target, base.shape.target_start
    )  # fmt: skip
    diagonal, entry, right, path, mark = desk.diagonal, desk.entry, desk.right, desk.path, desk.path_mark
    base_diagonal, base_entry = base.factor.diagonal, base.factor.entry
    for at in range(desk.counts[PATH]):
        column = path[at]
        pivot, old_pivot, load = diagonal[column], base_diagonal[column], right[column]
        begin, end = start[column], start[column + 1]
        differs = False
        if mark[column] == WRITTEN:
            differs = abs(pivot - old_pivot) > _LEAST_CHANGE_M2S
            for a in range(begin, end):
                differs = differs or abs(entry[a] - base_entry[a]) > _LEAST_CHANGE_M2S
        if not differs:
            load /= pivot
            for a in range(begin, end):
                right[row[a]] -= entry[a] * load
            continue
        to = target_start[column]
        for a in range(begin, end):
            share, old = entry[a] / pivot, base_entry[a] / old_pivot
            right[row[a]] -= share * load
            mark[row[a]] = WRITTEN
            diagonal[row[a]] += old * base_entry[a] - share * entry[a]
            to += 1
            for b in range(a + 1, end):
                entry[target[to]] += old * base_entry[b] - share * entry[b]
                to += 1


@njit
def _sort_path(shape: Symbolic, desk: Desk) -> None:
    """Touched columns in order of elimination: sorted while few, found by their marks when many."""
    count, columns = desk.counts[PATH], len(shape.parent)
    if count * 16 < columns:
        desk.path[:count].sort()
        return
    at = 0
    for column in range(columns):
        if desk.path_mark[column]:
            desk.path[at] = column
            at += 1


@njit
def _forget_heads(desk: Desk) -> None:
    head, seen, seen_mark = desk.head, desk.seen, desk.seen_mark
    for at in range(desk.counts[SEEN]):
        head[seen[at]] = 0.0
        seen_mark[seen[at]] = 0
    desk.counts[SEEN] = 0


@njit
def _descend(base: Base, desk: Desk, tolerance: float, widest: int) -> bool:
    """
    Find head changes from the roots down, leaving out branches around which they differ by less than `tolerance` [m].

    Heads inside lie between those of the border, and 0 where the branch is anchored, so no pipe's loss in it changes
    by more; one that is not anchored may fall far as a whole. None is left out that comes near its spare head.
    False where a part hangs on nothing: its heads are no numbers. With more than `widest` found it goes no further.
    """
    _forget_heads(desk)
    parent, start, row = base.shape.parent, base.shape.column_start, base.shape.row
    child_start, child_of, always, spare = base.shape.child_start, base.shape.child, base.always, base.spare
    anchored = base.anchored
    diagonal, entry, right, head = desk.diagonal, desk.entry, desk.right, desk.head
    path_mark, seen, seen_mark, stack = desk.path_mark, desk.seen, desk.seen_mark, desk.stack
    depth, found, sound = 0, 0, True
    for at in range(desk.counts[PATH]):
        if parent[desk.path[at]] < 0:
            stack[depth] = desk.path[at]
            depth += 1
    while depth > 0 and found <= widest:
        depth -= 1
        column = stack[depth]
        total = right[column] if path_mark[column] else 0.0
        for a in range(start[column], start[column + 1]):
            total -= entry[a] * head[row[a]]
        head[column] = total / diagonal[column]
        sound = sound and np.isfinite(head[column])
        seen_mark[column] = 1
        seen[found] = column
        found += 1
        for at in range(child_start[column], child_start[column + 1]):
            child = child_of[at]
            wanted = path_mark[child] != 0 or always[child]
            if not wanted:
                low, high = (0.0, 0.0) if anchored[child] else (np.inf, -np.inf)
                for a in range(start[child], start[child + 1]):
                    low, high = min(low, head[row[a]]), max(high, head[row[a]])
                wanted = high - low >= tolerance or -_NEAR_SPARE_FACTOR * low >= spare[child]
            if wanted:
                stack[depth] = child
                depth += 1
    desk.counts[SEEN] = found
    return sound


@njit
def _put_back(base: Base, desk: Desk, column: int) -> None:
    if desk.path_mark[column] == WRITTEN:
        desk.diagonal[column] = base.factor.diagonal[column]
        for a in range(base.shape.column_start[column], base.shape.column_start[column + 1]):
            desk.entry[a] = base.factor.entry[a]
    desk.path_mark[column] = 0
    desk.right[column] = 0.0


@njit
def tidy(base: Base, desk: Desk, allowed_m: float) -> None:
    """
    Let go of tangents that those of the base do as well as, after heads were found; what they touched is as before.

    Heads are left as they are, and so is what `settle` was asked: `touch` must follow.
    """
    first, second, parent = base.grid.first, base.grid.second, base.shape.parent
    for at in range(desk.counts[PATH]):
        _put_back(base, desk, desk.path[at])
    desk.counts[PATH], kept = 0, 0
    for at in range(desk.counts[BENT]):
        link = desk.bent[at]
        if desk.bent_mark[link] == BENT_NOW:
            size, conductance = abs(base.state.flow[link]), base.conductance[link]
            away = abs(desk.bent_flow[link] - base.state.flow[link])
            if away < 0.25 * size and away * away < allowed_m * conductance * size:
                desk.bent_mark[link] = 0
                continue
        desk.bent[kept] = link
        kept += 1
        low = min(first[link], second[link])
        if low < len(parent):
            mark_path(parent, desk.path_mark, desk.path, desk.counts, low)
    desk.counts[BENT] = kept


@njit
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
                mark_path(base.shape.parent, desk.path_mark, desk.path, desk.counts, other)
    return worst


@njit
def touch(base: Base, desk: Desk, rows: Array) -> None:
    """Mark the columns that demand at `rows` touches."""
    for at in range(len(rows)):
        if rows[at] < len(base.shape.parent):
            mark_path(base.shape.parent, desk.path_mark, desk.path, desk.counts, rows[at])


@njit
def find_heads(base: Base, desk: Desk, rows: Array, extra: Array, tolerance: float, widest: int) -> bool:
    """Find the heads of the present tangents, of not many more rows than `widest`; False where there are none."""
    _sort_path(base.shape, desk)
    _load(base, desk, rows, extra)
    _eliminate(base, desk)
    return bool(_descend(base, desk, tolerance, widest))


@njit
def mend(base: Base, desk: Desk, allowed_m: float) -> int:
    """Mend the tangents where the present heads left them; how many were off."""
    bent = straighten(base, desk, allowed_m)
    return bent + (1 if _pass_on(base, desk) > 1e-8 else 0)


@njit
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
    touch(base, desk, rows)
    for _ in range(most):
        if not find_heads(base, desk, rows, extra, tolerance, widest):
            return UNSETTLED
        if desk.counts[SEEN] > widest:
            return TOO_WIDE
        if mend(base, desk, allowed_m) == 0:
            return desk.counts[SEEN]
    return UNSETTLED


@njit
def clear(base: Base, desk: Desk) -> None:
    """Put the desk back as it was before the question."""
    for at in range(desk.counts[PATH]):
        _put_back(base, desk, desk.path[at])
    _forget_heads(desk)
    for at in range(desk.counts[BENT]):
        desk.bent_mark[desk.bent[at]] = 0
    desk.counts[:] = 0
    desk.passed[:] = 0.0
