"""How far a capacity leans on the rest of the network, compiled: what a later change elsewhere would do to it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from hydraulics.gga.compiled import njit
from hydraulics.gga.desk import SEEN, Base, Desk
from hydraulics.gga.laws import Array
from hydraulics.gga.ordering import Symbolic

_STALE_SHARE, _STALE_M3S = 0.002, 2e-5  # what an answer may be off by changes since it was found
_LEAST_INFLUENCE = 1e-3  # influence below which a branch is left out
_ALIKE_SHARE = 0.1  # a branch whose border answers so much alike is noted as one
_LEAST_FALL_M = 0.001


class Reach(NamedTuple):
    """
    How far answers lean on the rest of the network, by groups of rows: room for the greatest figure of all rows asked.

    Attributes
    ----------
    group
        Shape (rows,): group of every row of the system, -1 for none; of length 0 when nothing is noted.
    influence
        Shape (groups + 1,): capacity lost for one m3/s drawn in a group, divided by what an answer may be off after
        changes; the last is infinite where that is not known.
    fall
        Shape (groups,): greatest fall of a head in a group while a capacity is drawn [m].
    """

    group: Array
    influence: Array
    fall: Array


NO_REACH = Reach(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0))


class LeftOut(NamedTuple):
    """Branches that were not looked into, by their highest column: the most their rows may have [as in `Reach`]."""

    influence: Array
    fall: Array


@njit
def no_left_out(columns: int) -> LeftOut:
    """Room for every column."""
    return LeftOut(np.zeros(columns), np.zeros(columns))


@njit
def pass_down(parent: Array, reach: Reach, left: LeftOut) -> None:
    """Note what was found of branches for every row in them."""
    for back in range(len(left.fall)):
        column = len(left.fall) - 1 - back
        above, group = parent[column], reach.group[column]
        if above >= 0:
            left.influence[column] = max(left.influence[column], left.influence[above])
            left.fall[column] = max(left.fall[column], left.fall[above])
        if group >= 0:
            reach.influence[group] = max(reach.influence[group], left.influence[column])
            reach.fall[group] = max(reach.fall[group], left.fall[column])


@njit
def _load_path(shape: Symbolic, diagonal: Array, entry: Array, row: int, load: Array) -> None:
    """Carry a unit demand at `row` up its path."""
    start, rows, parent = shape.column_start, shape.row, shape.parent
    load[row] = 1.0
    while row >= 0:
        if load[row] != 0.0:
            share = load[row] / diagonal[row]
            for a in range(start[row], start[row + 1]):
                load[rows[a]] -= entry[a] * share
        row = parent[row]


@njit
def note_reach(
    base: Base, desk: Desk, row: int, which: int, reach: Reach, left: LeftOut, demand: Any, beyond: Any, more_own: Any,
    falls: Array, load: Array,
    visited: Array,
) -> None:  # fmt: skip
    """
    Note what the answer of `row`, limited by `which`, leans on; `falls` must be zero and is left so.

    A demand elsewhere lowers the limiting head, and the answer must make that good: the ratio of two responses of that
    head, which the matrix being symmetric are those of the two heads to a demand at the limiting row. `more_own` is what
    the limiting head falls on top of that [m per m3/s].
    """
    parent = base.shape.parent
    # An answer at the cap stands while the change takes less than what lies beyond; a tangent sees that too far off.
    allowed = _STALE_SHARE * demand + _STALE_M3S + 0.25 * beyond
    _load_path(base.shape, desk.diagonal, desk.entry, which, load)
    own = more_own + _response_at(base.shape, desk.diagonal, desk.entry, row, falls, load, visited)
    scale = 1.0 / own / allowed if own > 1e-12 else np.inf
    found = _respond(base, desk, which, own * _LEAST_INFLUENCE, falls, load, visited, left.influence, scale)
    for at in range(found):
        column = visited[at]
        group = reach.group[column]
        if group >= 0:
            reach.influence[group] = max(reach.influence[group], falls[column] * scale)
        falls[column] = 0.0
    _note_falls(base, desk, reach, left.fall)
    while which >= 0:
        load[which] = 0.0
        which = parent[which]


@njit
def _note_falls(base: Base, desk: Desk, reach: Reach, left_fall: Array) -> None:
    """Note the falls of found heads, and for branches that were left out that of their borders."""
    start, rows = base.shape.column_start, base.shape.row
    child_start, child_of = base.shape.child_start, base.shape.child
    for at in range(desk.counts[SEEN]):
        column = desk.seen[at]
        group = reach.group[column]
        if group >= 0:
            reach.fall[group] = max(reach.fall[group], -desk.head[column])
        for place in range(child_start[column], child_start[column + 1]):
            child = child_of[place]
            if desk.seen_mark[child] == 0:
                for a in range(start[child], start[child + 1]):
                    fall = -desk.head[rows[a]]
                    if fall > max(left_fall[child], _LEAST_FALL_M):
                        left_fall[child] = fall


@njit
def _respond(
    base: Base, desk: Desk, which: int, least: Any, falls: Array, load: Array, visited: Array, left: Array, scale: Any
) -> int:  # fmt: skip
    """
    Responses to the loaded demand into `falls`; how many are `visited`.

    Branches below `least` are left out, and those whose border answers alike: the border's, times `scale`, into `left`.
    """
    start, rows, parent = base.shape.column_start, base.shape.row, base.shape.parent
    child_start, child_of = base.shape.child_start, base.shape.child
    stack, found, depth = desk.stack, 0, 1
    while parent[which] >= 0:
        which = parent[which]
    stack[0] = which
    while depth > 0:
        depth -= 1
        column = stack[depth]
        total = load[column]
        for a in range(start[column], start[column + 1]):
            total -= desk.entry[a] * falls[rows[a]]
        falls[column] = total / desk.diagonal[column]
        visited[found] = column
        found += 1
        for at in range(child_start[column], child_start[column + 1]):
            child = child_of[at]
            low, high = np.inf, 0.0
            for a in range(start[child], start[child + 1]):
                low, high = min(low, falls[rows[a]]), max(high, falls[rows[a]])
            alike = not base.anchored[child] and high - low <= _ALIKE_SHARE * high
            if load[child] != 0.0 or (high > least and not alike):
                stack[depth] = child
                depth += 1
            elif high > least:
                left[child] = max(left[child], high * scale)
    return found


@njit
def _response_at(
    shape: Symbolic, diagonal: Array, entry: Array, row: int, falls: Array, load: Array, path: Array
) -> Any:
    """Response of one row to the loaded demand, from the root down its own path only."""
    start, rows, parent = shape.column_start, shape.row, shape.parent
    length, at = 0, row
    while at >= 0:
        path[length] = at
        length += 1
        at = parent[at]
    for back in range(length):
        column = path[length - 1 - back]
        total = load[column]
        for a in range(start[column], start[column + 1]):
            total -= entry[a] * falls[rows[a]]
        falls[column] = total / diagonal[column]
    own = falls[row]
    for place in range(length):
        falls[path[place]] = 0.0
    return own


@njit
def base_response(base: Base, row: int, falls: Array, load: Array, path: Array) -> Any:
    """Fall of a row per demand there at the base state [m per m3/s]; `falls` and `load` must be zero and are left so."""
    _load_path(base.shape, base.factor.diagonal, base.factor.entry, row, load)
    own = _response_at(base.shape, base.factor.diagonal, base.factor.entry, row, falls, load, path)
    while row >= 0:
        load[row] = 0.0
        row = base.shape.parent[row]
    return own
