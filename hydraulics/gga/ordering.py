"""
The order of elimination and everything about it that does not depend on figures.

Water networks are almost trees: with a minimum-degree order a column of the factor has about two entries, so a list
of the places that each elimination step writes to, made once, leaves the numeric work without any searching.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from hydraulics.gga.compiled import njit
from hydraulics.gga.laws import Array


class Symbolic(NamedTuple):
    """
    A factor's shape; rows and columns are places in the order of elimination.

    Attributes
    ----------
    column_start, row
        Entries below the diagonal, column by column, rows ascending.
    parent
        Elimination tree; -1 for a root.
    child_start, child
        Its children.
    target_start, target
        For each column the places its elimination writes to, pair by pair: an entry's place, or -1 - row for a
        diagonal.
    """

    column_start: Array
    row: Array
    parent: Array
    child_start: Array
    child: Array
    target_start: Array
    target: Array


def elimination_order(first: Array, second: Array, count: int) -> Array:
    """Give the place of every unknown so that little fills in; `first`, `second` are the two ends of every link."""
    if count == 0:
        return np.empty(0, dtype=np.int64)
    from scipy.sparse import coo_matrix, csc_matrix, eye  # a tenth of a cold start: only who asks waits
    from scipy.sparse.linalg import splu

    ones = np.full(len(first), -1.0)
    off: Any = coo_matrix((ones, (first, second)), shape=(count, count))
    matrix = csc_matrix(off + off.T)
    degree = -np.asarray(matrix.sum(axis=1)).ravel() + 1.0
    matrix = csc_matrix(matrix + eye(count, format="csc").multiply(degree))
    factor = splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    place = np.asarray(factor.perm_c, dtype=np.int64)
    # The same elimination branch after branch: what is worked on together lies together in memory.
    return _branch_by_branch(_shape(place[first], place[second], count)[2])[place]


def symbolic(first: Array, second: Array, count: int) -> Symbolic:
    """Give the shape of the factor for links between places `first` and `second` (in elimination order)."""
    column_start, row, parent = _shape(first, second, count)
    child_start, child = _children(parent)
    target_start, target = _targets(column_start, row)
    small = np.int32  # half the memory to read
    return Symbolic(
        column_start.astype(small), row.astype(small), parent.astype(small), child_start.astype(small),
        child.astype(small), target_start, target.astype(small),
    )  # fmt: skip


def _shape(first: Array, second: Array, count: int) -> tuple[Array, Array, Array]:
    """Start and rows of every column of the factor, and its parent."""
    low, high = np.minimum(first, second), np.maximum(first, second)
    pairs = np.sort(low.astype(np.int64) * count + high)
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]  # of parallel links one
    starts = np.searchsorted(pairs, np.arange(count + 1, dtype=np.int64) * count)
    column_start, row = _filled(starts, pairs % max(count, 1), count)
    parent = np.full(count, -1, dtype=np.int64)
    has_rows = column_start[1:] > column_start[:-1]
    parent[has_rows] = row[column_start[:-1][has_rows]]
    return column_start, row, parent


@njit
def _branch_by_branch(parent: Array) -> Array:
    """Place of every column when each branch of the tree is counted out before its root; parents come after children."""
    count = len(parent)
    size = np.ones(count, dtype=np.int64)
    for column in range(count):
        if parent[column] >= 0:
            size[parent[column]] += size[column]
    # The end of a branch's places; each child takes the ones before those of its later brothers.
    place, free, roots = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64), count
    for back in range(count):
        column = count - 1 - back
        above = parent[column]
        if above >= 0:
            end = free[above]
            free[above] -= size[column]
        else:
            end = roots
            roots -= size[column]
        place[column] = end - 1
        free[column] = end - 1
    return place


def _children(parent: Array) -> tuple[Array, Array]:
    count = len(parent)
    order = np.argsort(parent, kind="stable")
    order = order[parent[order] >= 0]
    starts = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(parent[order], minlength=count)[:count], out=starts[1:])
    return starts, order.astype(np.int64)


@njit
def _filled(start: Array, index: Array, count: int) -> Any:
    """Union of a column's own rows and those of its children; the first row of a column is its parent."""
    column_start = np.zeros(count + 1, dtype=np.int64)
    room = max(4 * (len(index) + count), 16)
    row = np.empty(room, dtype=np.int64)
    mark = np.full(count, -1, dtype=np.int64)
    first_child, next_child = np.full(count, -1, dtype=np.int64), np.full(count, -1, dtype=np.int64)
    used = 0
    for column in range(count):
        begin = used
        if used + count > room:
            bigger = np.empty(2 * room + count, dtype=np.int64)
            bigger[:used] = row[:used]
            row, room = bigger, len(bigger)
        mark[column] = column
        for at in range(start[column], start[column + 1]):
            if mark[index[at]] != column:
                mark[index[at]] = column
                row[used] = index[at]
                used += 1
        child = first_child[column]
        while child >= 0:
            for at in range(column_start[child], column_start[child + 1]):
                if mark[row[at]] != column:
                    mark[row[at]] = column
                    row[used] = row[at]
                    used += 1
            child = next_child[child]
        row[begin:used].sort()
        column_start[column + 1] = used
        if used > begin:
            next_child[column] = first_child[row[begin]]
            first_child[row[begin]] = column
    return column_start, row[:used].copy()


@njit
def _targets(column_start: Array, row: Array) -> Any:
    count = len(column_start) - 1
    target_start = np.zeros(count + 1, dtype=np.int64)
    for column in range(count):
        entries = column_start[column + 1] - column_start[column]
        target_start[column + 1] = target_start[column] + entries * (entries + 1) // 2
    target = np.empty(target_start[count], dtype=np.int64)
    for column in range(count):
        at = target_start[column]
        end = column_start[column + 1]
        for a in range(column_start[column], end):
            target[at] = -1 - row[a]
            at += 1
            place = column_start[row[a]]
            for b in range(a + 1, end):
                while row[place] != row[b]:
                    place += 1
                target[at] = place
                at += 1
    return target_start, target
