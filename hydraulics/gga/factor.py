"""The numeric factor L D L' and the two triangular solves, over a ready-made list of targets."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hydraulics.gga.compiled import njit
from hydraulics.gga.laws import Array
from hydraulics.gga.ordering import Symbolic


class Factor(NamedTuple):
    """Diagonal (rows,) and entries below it before division by their column's diagonal; in order of elimination."""

    diagonal: Array
    entry: Array


def empty_factor(shape: Symbolic) -> Factor:
    """Room for the figures."""
    return Factor(np.zeros(len(shape.parent)), np.zeros(len(shape.row)))


@njit
def eliminate(shape: Symbolic, factor: Factor) -> None:
    """Turn the assembled matrix in `factor` into its factor, in place."""
    diagonal, entry = factor.diagonal, factor.entry
    for column in range(len(diagonal)):
        at, end = shape.target_start[column], shape.column_start[column + 1]
        inverse = 1.0 / diagonal[column]
        for a in range(shape.column_start[column], end):
            share = entry[a] * inverse
            diagonal[-1 - shape.target[at]] -= share * entry[a]
            at += 1
            for b in range(a + 1, end):
                entry[shape.target[at]] -= share * entry[b]
                at += 1


@njit
def solve(shape: Symbolic, factor: Factor, right: Array) -> None:
    """Turn the right-hand side into the solution, in place."""
    diagonal, entry = factor.diagonal, factor.entry
    count = len(diagonal)
    for column in range(count):
        if right[column] != 0.0:
            share = right[column] / diagonal[column]
            for a in range(shape.column_start[column], shape.column_start[column + 1]):
                right[shape.row[a]] -= entry[a] * share
    for back in range(count):
        column = count - 1 - back
        total = right[column]
        for a in range(shape.column_start[column], shape.column_start[column + 1]):
            total -= entry[a] * right[shape.row[a]]
        right[column] = total / diagonal[column]
