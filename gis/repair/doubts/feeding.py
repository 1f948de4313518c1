"""Which pipe alone feeds what: the tree from the sources and the pipes without a second way (bridges)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import breadth_first_order

if TYPE_CHECKING:
    from gis.repair.topology import BoolArray, IntArray

SEED = 20_260_101  # any: two unlike sets of loops have equal marks once in 2^64


@dataclass(frozen=True)
class Feeding:
    """
    How water comes to each node, sources taken together.

    Attributes
    ----------
    parent, pipe_to
        Shape (nodes,): node before it on a shortest way (by pipes) from a source and the pipe between; -1 for sources
        and for what no source reaches.
    alone
        Shape (pipes,): all water to one of its ends comes through this pipe.
    beyond
        Shape (pipes,): that end, -1 for other pipes.
    """

    parent: IntArray
    pipe_to: IntArray
    alone: BoolArray
    beyond: IntArray


def feeding(start: IntArray, end: IntArray, open_: BoolArray, sources: IntArray, *, nodes: int) -> Feeding:
    """
    Give the feeding tree of `nodes` nodes joined by the pipes that `open_` marks.

    Bridges by marks: every pipe outside the tree gets a random number on both its ends; a tree pipe under which all
    numbers cancel is crossed by no loop. Linear in the pipes; rejected: the recursive search of textbooks.
    """
    rows = np.flatnonzero(open_)
    a = np.concatenate([start[rows], np.full(len(sources), nodes)])
    b = np.concatenate([end[rows], sources])
    graph = coo_matrix((np.ones(len(a), dtype=np.int8), (a, b)), shape=(nodes + 1, nodes + 1)).tocsr()
    order, before = breadth_first_order(graph, nodes, directed=False)
    parent = before.astype(np.int64)
    parent[nodes] = -1
    pipe_to = _tree_pipes(start, end, rows, parent)
    marks = _loop_marks(start, end, rows, pipe_to, nodes).tolist()
    up = parent.tolist()
    for node in order[:0:-1].tolist():
        marks[up[node]] ^= marks[node]
    fed = np.flatnonzero(pipe_to >= 0)
    single = fed[np.array(marks, dtype=np.uint64)[fed] == 0]
    alone = np.zeros(len(start), dtype=bool)
    beyond = np.full(len(start), -1, dtype=np.int64)
    alone[pipe_to[single]] = True
    beyond[pipe_to[single]] = single
    parent[parent == nodes] = -1
    return Feeding(np.where(parent[:nodes] < 0, -1, parent[:nodes]), pipe_to, alone, beyond)


def _tree_pipes(start: IntArray, end: IntArray, rows: IntArray, parent: IntArray) -> IntArray:
    """The pipe from each node to its parent, the first of several."""
    pipe_to = np.full(len(parent) - 1, -1, dtype=np.int64)
    for child, other in ((start, end), (end, start)):
        down = rows[parent[child[rows]] == other[rows]][::-1]
        fresh = pipe_to[child[down]] < 0
        pipe_to[child[down[fresh]]] = down[fresh]
    return pipe_to


def _loop_marks(start: IntArray, end: IntArray, rows: IntArray, pipe_to: IntArray, nodes: int) -> np.ndarray:
    """A random number for each pipe outside the tree, summed (exclusive or) at its ends; the last node is the root."""
    in_tree = np.zeros(len(start), dtype=bool)
    in_tree[pipe_to[pipe_to >= 0]] = True
    loops = rows[~in_tree[rows]]
    numbers = np.random.default_rng(SEED).integers(1, 2**63, len(loops), dtype=np.uint64)
    marks = np.zeros(nodes + 1, dtype=np.uint64)
    np.bitwise_xor.at(marks, start[loops], numbers)
    np.bitwise_xor.at(marks, end[loops], numbers)
    return marks
