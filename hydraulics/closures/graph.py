"""Which segments hang on which: the graph of segments and open valves, walked from the sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from hydraulics.gga.closing import Tree, walk_segments

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from hydraulics.closures.plan import ValvePlan
    from hydraulics.results import FloatArray
    from hydraulics.session import Session

    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class SegmentGraph:
    """
    Segments and the open valves between them; the number after the last segment stands for all sources.

    Attributes
    ----------
    one, other
        Ends of every way between segments.
    is_leaf
        Shape (segments,): at most one way leads on from it and what hangs on it, so that shutting it draws nothing
        another way.
    """

    count: int
    one: IntArray
    other: IntArray
    tree: Tree
    is_leaf: BoolArray

    @property
    def is_reached(self) -> BoolArray:
        """Shape (segments,): a source leads there."""
        return self.tree.order[: self.count] >= 0

    def behind(self, value: FloatArray) -> FloatArray:
        """Shape (segments,): sum of a figure of segments over each and all that hangs on it."""
        tree, total = self.tree, value.copy()
        seen = tree.at[tree.at >= 0]
        inner = np.append(value, 0.0)[seen]
        running = np.concatenate([[0.0], np.cumsum(inner)])
        on = np.repeat(np.arange(self.count), np.diff(tree.branch_start[: self.count + 1]))
        branch = tree.branch[: len(on)]
        np.add.at(total, on, running[tree.end[branch]] - running[tree.order[branch]])
        return total

    def hangs_on(self, segment: int, other: int) -> bool:
        """Say whether a segment has no way to a source but through another one."""
        tree, place = self.tree, self.tree.order[segment]
        branches = tree.branch[tree.branch_start[other] : tree.branch_start[other + 1]]
        return bool(((tree.order[branches] <= place) & (place < tree.end[branches])).any())

    def dry(self, shut: IntArray) -> tuple[BoolArray, IntArray]:
        """
        Say which segments have no water while some are shut, and number the connected parts that are left.

        Shape (segments,) both.
        """
        keeps = ~np.isin(self.one, shut) & ~np.isin(self.other, shut)
        size = self.count + 1
        graph: Any = coo_matrix(
            (np.ones(int(keeps.sum()), dtype=np.int8), (self.one[keeps], self.other[keeps])),
            shape=(size, size),
        )
        _, label = connected_components(graph, directed=False)
        dry = (label[: self.count] != label[self.count]) & self.is_reached
        dry[shut] = True
        return dry, label[: self.count].astype(np.int64)


def segment_graph(session: Session, plan: ValvePlan) -> SegmentGraph:
    """Give the graph of a session's segments."""
    segments, count = plan.segments, plan.segments.count
    is_way = (segments.first != segments.second) & ~plan.seats.is_shut
    tables = session.model.tables
    fixed = segments.node[tables.junction_count : len(tables.node_ids)]
    one = np.concatenate([segments.first[is_way], fixed])
    other = np.concatenate([segments.second[is_way], np.full(len(fixed), count)])
    at, to = np.concatenate([one, other]), np.concatenate([other, one])
    start = np.zeros(count + 2, dtype=np.int64)
    np.cumsum(np.bincount(at, minlength=count + 1), out=start[1:])
    order, end, place, came, hangs = walk_segments(start, to[np.argsort(at, kind="stable")], count)
    tree = _tree(order, end, place, came, hangs)
    above = np.bincount(at[order[to] < order[at]], minlength=count + 1)
    kept_below = np.bincount(came[(came >= 0) & ~hangs], minlength=count + 1)
    return SegmentGraph(count, one, other, tree, ((above <= 1) & (kept_below == 0))[:count])


def _tree(order: IntArray, end: IntArray, place: IntArray, came: IntArray, hangs: BoolArray) -> Tree:
    branches = np.flatnonzero(hangs)
    on = came[branches]
    start = np.zeros(len(order) + 1, dtype=np.int64)
    np.cumsum(np.bincount(on, minlength=len(order)), out=start[1:])
    return Tree(order, end, place, start, branches[np.argsort(on, kind="stable")])
