"""Straight segments as arrays: where they meet, and how they are cut there without losing who they came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.intp]

SAME_M = 1e-4  # cuts nearer than this to each other or to an end are one place


@dataclass(frozen=True)
class Segments:
    """
    Straight pieces between nodes.

    `a_xy`, `b_xy` have shape (n, 2); `tails`, `heads` are the nodes at a and b.
    """

    a_xy: FloatArray
    b_xy: FloatArray
    tails: IntArray
    heads: IntArray

    def __len__(self) -> int:
        """How many there are."""
        return len(self.a_xy)

    @property
    def lengths_m(self) -> FloatArray:
        """Shape (n,)."""
        return length_of(self.b_xy - self.a_xy)

    @property
    def middles_xy(self) -> FloatArray:
        """Shape (n, 2)."""
        return (self.a_xy + self.b_xy) / 2.0

    @property
    def lines(self) -> NDArray[Any]:
        """As geometries."""
        return lines_of(self.a_xy, self.b_xy)

    def take(self, rows: NDArray[Any]) -> Segments:
        """Those of the rows."""
        return Segments(self.a_xy[rows], self.b_xy[rows], self.tails[rows], self.heads[rows])


def length_of(steps_xy: FloatArray) -> FloatArray:
    """Lengths of vectors, shape (n,), of shape (n, 2)."""
    found: FloatArray = np.hypot(steps_xy[:, 0], steps_xy[:, 1])
    return found


def lines_of(a_xy: FloatArray, b_xy: FloatArray) -> NDArray[Any]:
    """Two-point lines."""
    return np.asarray(shapely.linestrings(np.stack([a_xy, b_xy], axis=1)), dtype=object)


def joined(parts: list[Segments]) -> Segments:
    """All parts in one; their nodes are numbered in common already."""
    return Segments(
        np.concatenate([p.a_xy for p in parts]), np.concatenate([p.b_xy for p in parts]),
        np.concatenate([p.tails for p in parts]), np.concatenate([p.heads for p in parts]),
    )  # fmt: skip


def chains(lines: NDArray[Any], *, first_node: int) -> tuple[Segments, IntArray, int]:
    """
    Segments of lines, a node at every vertex; with which line each is of, and the next free node.

    Closed lines close in their first node.
    """
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    node = first_node + np.arange(len(xy))
    same = owner[1:] == owner[:-1]
    tails, heads = node[:-1][same], node[1:][same].copy()
    closed = shapely.is_closed(lines)[owner[1:][same]] if len(lines) else np.zeros(0, dtype=bool)
    last = np.searchsorted(owner, np.arange(len(lines)), side="right") - 1
    first = np.searchsorted(owner, np.arange(len(lines)))
    start_of = dict(zip((first_node + last).tolist(), (first_node + first).tolist(), strict=True))
    ends = np.flatnonzero(closed & np.isin(heads, first_node + last))
    heads[ends] = [start_of[int(h)] for h in heads[ends]]
    made = Segments(xy[:-1][same], xy[1:][same], tails.astype(np.intp), heads.astype(np.intp))
    longer = made.lengths_m > 0.0
    return made.take(longer), owner[1:][same][longer].astype(np.intp), first_node + len(xy)


def meetings(
    ones: Segments, others: Segments, pairs: tuple[IntArray, IntArray]
) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    """
    Where pairs of segments meet: which one, which other, and the share of the way along each.

    Segments that touch within `SAME_M` meet; parallel ones do not.
    """
    one, other = pairs
    start, step = ones.a_xy[one], ones.b_xy[one] - ones.a_xy[one]
    other_start, other_step = others.a_xy[other], others.b_xy[other] - others.a_xy[other]
    reach, other_reach = length_of(step), length_of(other_step)
    across = _cross(step, other_step)
    crossed = np.abs(across) > 1e-9 * reach * other_reach
    safe = np.where(crossed, across, 1.0)
    t = _cross(other_start - start, other_step) / safe
    u = _cross(other_start - start, step) / safe
    slack, other_slack = SAME_M / np.maximum(reach, SAME_M), SAME_M / np.maximum(other_reach, SAME_M)
    hit = crossed & (t >= -slack) & (t <= 1 + slack) & (u >= -other_slack) & (u <= 1 + other_slack)
    return one[hit], other[hit], np.clip(t[hit], 0.0, 1.0), np.clip(u[hit], 0.0, 1.0)


def _cross(one_xy: FloatArray, other_xy: FloatArray) -> FloatArray:
    found: FloatArray = one_xy[:, 0] * other_xy[:, 1] - one_xy[:, 1] * other_xy[:, 0]
    return found


def crossing_pairs(ones: Segments, others: Segments) -> tuple[IntArray, IntArray]:
    """Pairs whose boxes meet: the candidates for `meetings`."""
    if not len(ones) or not len(others):
        return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp)
    other, one = shapely.STRtree(ones.lines).query(others.lines)
    return one, other


def cut(
    segments: Segments, which: IntArray, at_share: FloatArray, *, next_node: int
) -> tuple[Segments, IntArray, IntArray, int]:
    """
    Cut segments at shares of their way.

    Returns
    -------
    tuple
        The pieces; the row each is a part of; the node of every cut asked for, in that order; the next free node.
    """
    if not len(which):
        return segments, np.arange(len(segments)), np.zeros(0, dtype=np.intp), next_node
    order = np.lexsort((at_share, which))
    row, share = which[order], at_share[order]
    lengths_m = segments.lengths_m[row]
    at_tail, at_head = share * lengths_m < SAME_M, (1.0 - share) * lengths_m < SAME_M
    inside = ~at_tail & ~at_head
    new = inside.copy()
    gap_m = np.diff(share) * lengths_m[1:]
    new[1:] &= (row[1:] != row[:-1]) | (gap_m >= SAME_M) | ~inside[:-1]
    node = next_node - 1 + np.cumsum(new)
    node = np.where(at_tail, segments.tails[row], np.where(at_head, segments.heads[row], node))
    asked = np.empty(len(which), dtype=np.intp)
    asked[order] = node
    pieces, parents = _between(segments, row[new], share[new], node[new])
    return pieces, parents, asked, next_node + int(new.sum())


def _between(
    segments: Segments, row: IntArray, share: FloatArray, node: IntArray
) -> tuple[Segments, IntArray]:
    count = len(segments)
    every = np.arange(count)
    rows = np.concatenate([every, row, every])
    shares = np.concatenate([np.zeros(count), share, np.ones(count)])
    nodes = np.concatenate([segments.tails, node, segments.heads])
    order = np.lexsort((shares, rows))
    rows, shares, nodes = rows[order], shares[order], nodes[order]
    same = rows[1:] == rows[:-1]
    parent = rows[:-1][same]
    a_xy, step = segments.a_xy[parent], segments.b_xy[parent] - segments.a_xy[parent]
    low, high = shares[:-1][same][:, None], shares[1:][same][:, None]
    ends_xy = np.where(high >= 1.0, segments.b_xy[parent], a_xy + high * step)
    starts_xy = np.where(low <= 0.0, a_xy, a_xy + low * step)
    return Segments(starts_xy, ends_xy, nodes[:-1][same], nodes[1:][same]), parent
