"""What a local re-solve reads and what it writes on: the base state, and one solver's working arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hydraulics.gga.factor import Factor
from hydraulics.gga.laws import Array, Laws
from hydraulics.gga.newton import Grid, Pinned, State
from hydraulics.gga.ordering import Symbolic

PATH, SEEN, BENT, HELD = range(4)  # places in `Desk.counts`
BENT_NOW, GONE = 1, 2  # marks of a link in `Desk.bent_mark`


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
    spare: (
        Array  # head that each column's branch can lose before somebody in it is asked about [m]; inf: no one
    )
    anchored: Array  # columns with a fixed head beside their branch, or to be treated so: see `_descend`


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
    held
        Rows kept where they are, for nothing else holds them any more.
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
    held: Array


def new_desk(base: Base) -> Desk:
    """Room for one solver."""
    columns, rows, links = len(base.shape.parent), len(base.state.head), len(base.state.flow)
    whole, mark = np.int64, np.int8
    return Desk(
        base.factor.diagonal.copy(), base.factor.entry.copy(), np.zeros(columns), np.zeros(rows),
        np.empty(columns, dtype=whole), np.zeros(columns, dtype=mark), np.empty(columns, dtype=whole),
        np.zeros(rows, dtype=mark), np.empty(columns + 1, dtype=whole), np.empty(links, dtype=whole),
        np.zeros(links, dtype=mark), np.zeros(links), np.zeros(links), np.zeros(links),
        np.zeros(4, dtype=whole), np.zeros(len(base.pinned.held)), np.empty(columns, dtype=whole),
    )  # fmt: skip
