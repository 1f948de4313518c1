"""Street edges of the built part: which stay, how long they are, and where along and beside them a thing lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gis.sample.settings import BRANCH, BoolArray, FloatArray, IntArray, parameters, stream
from gis.sample.town.lattice import Lattice

SOUTH, NORTH, WEST, EAST = range(4)
BLEND = 0.35


@dataclass(frozen=True)
class Alignment:
    """
    A line beside every street edge.

    Attributes
    ----------
    offset_m
        Signed distance from the centre line, north and east positive.
    first_fraction, last_fraction
        Where along the edge it begins and ends (a little outside 0..1 at times).
    start_xy, end_xy
        Its first and last point, shape (edges, 2).
    """

    offset_m: FloatArray
    first_fraction: FloatArray
    last_fraction: FloatArray
    start_xy: FloatArray
    end_xy: FloatArray


@dataclass(frozen=True)
class Streets:
    """
    One row an edge between neighbouring crossings; eastward or northward.

    Attributes
    ----------
    column, row, northward
        Lattice place of the first crossing and the direction.
    start, end
        Crossing numbers, column * (rows + 1) + row.
    low_cell, high_cell
        Built cell south or west, north or east of the edge; -1 where none is.
    main
        Where the water main runs.
    length_m
        Of the main along the edge.
    side_edge
        Edge on the SOUTH, NORTH, WEST, EAST of each lattice cell, shape (cells, 4); -1 where none is.
    partner
        Cell that a cell shares its block with, itself when none.
    """

    lattice: Lattice
    column: IntArray
    row: IntArray
    northward: BoolArray
    start: IntArray
    end: IntArray
    low_cell: IntArray
    high_cell: IntArray
    street_class: IntArray
    width_m: FloatArray
    main: Alignment
    length_m: FloatArray
    side_edge: IntArray
    partner: IntArray

    @property
    def crossing_numbers(self) -> int:
        """How many crossing numbers the lattice has, used or not."""
        return (self.lattice.columns + 1) * (self.lattice.rows + 1)

    def share(self, edge: IntArray, fraction: FloatArray) -> FloatArray:
        """Fraction of the street edge of a fraction of its main."""
        first, last = self.main.first_fraction[edge], self.main.last_fraction[edge]
        return first + fraction * (last - first)

    def beside(self, edge: IntArray, share: FloatArray, offset_m: FloatArray) -> FloatArray:
        """Points at a fraction of the street edge, `offset_m` north or east of its centre line, shape (n, 2)."""
        return self.centre(edge, share) + offset_m[:, None] * self.normal(edge, share)

    def centre(self, edge: IntArray, share: FloatArray) -> FloatArray:
        """Points on the centre line, shape (n, 2)."""
        north = self.northward[edge]
        return self.lattice.place(
            self.column[edge] + np.where(north, 0.0, share), self.row[edge] + np.where(north, share, 0.0)
        )

    def normal(self, edge: IntArray, share: FloatArray) -> FloatArray:
        """Unit vectors across the street, north or east, shape (n, 2)."""
        inside = np.clip(share, 0.03, 0.97)
        along = self.centre(edge, inside + 0.02) - self.centre(edge, inside - 0.02)
        along /= np.linalg.norm(along, axis=1, keepdims=True)
        across = np.column_stack([-along[:, 1], along[:, 0]])
        return np.where(self.northward[edge][:, None], -across, across)

    def main_at(
        self, edge: IntArray, fraction: FloatArray, *, beyond_m: FloatArray | float = 0.0
    ) -> FloatArray:
        """Points on the water main, or `beyond_m` from it away from the carriageway, shape (n, 2)."""
        return self.along(self.main, edge, fraction, beyond_m=beyond_m)

    def along(
        self, line: Alignment, edge: IntArray, fraction: FloatArray, *, beyond_m: FloatArray | float = 0.0
    ) -> FloatArray:
        """
        Points at fractions of a line beside the street, shape (n, 2).

        Streets bend at crossings, so a line at a fixed distance misses the points where it meets the next one; what
        it misses by is spread over the outer thirds of the edge.
        """
        first, last, offset_m = line.first_fraction[edge], line.last_fraction[edge], line.offset_m[edge]
        missed = [
            point - self._straight(edge, share, offset_m)
            for point, share in ((line.start_xy[edge], first), (line.end_xy[edge], last))
        ]
        place = self._straight(
            edge, first + fraction * (last - first), offset_m + np.sign(offset_m) * beyond_m
        )
        for away, miss in zip((fraction, 1 - fraction), missed, strict=True):
            place = place + np.maximum(0.0, 1 - away / BLEND)[:, None] * miss
        return place

    def _straight(self, edge: IntArray, share: FloatArray, offset_m: FloatArray) -> FloatArray:
        """Points beside the street; before its start and behind its end as if it went straight on."""
        inside = np.clip(share, 0.0, 1.0)
        step = np.where(share < 0.5, 0.05, -0.05)
        ahead = (self.centre(edge, inside + step) - self.centre(edge, inside)) / step[:, None]
        return self.beside(edge, inside, offset_m) + (share - inside)[:, None] * ahead


def meeting_points(lattice: Lattice, crossing: IntArray, *, trunk: bool = False) -> FloatArray:
    """
    Where the mains of a crossing's two streets meet, shape (n, 2).

    With `trunk`, where the transmission mains do: on the other side of both streets.
    """
    column, row = np.divmod(crossing, lattice.rows + 1)
    sign = -1.0 if trunk else 1.0
    u, v, step = column.astype(np.float64), row.astype(np.float64), 0.02
    east = lattice.place(u + step, v) - lattice.place(u - step, v)
    north = lattice.place(u, v + step) - lattice.place(u, v - step)
    east /= np.linalg.norm(east, axis=1, keepdims=True)
    north /= np.linalg.norm(north, axis=1, keepdims=True)
    normals = np.stack(
        [np.column_stack([-east[:, 1], east[:, 0]]), np.column_stack([north[:, 1], -north[:, 0]])], axis=1
    )
    offsets = sign * np.column_stack([lattice.row_main_m[row], lattice.column_main_m[column]])
    shift: FloatArray = np.linalg.solve(normals, offsets[:, :, None])[:, :, 0]
    return lattice.place(u, v) + shift


def lay_streets(lattice: Lattice, built: BoolArray, seed: int) -> Streets:
    """Lay the street edges around the built cells, without those that two cells of one block would share."""
    rng = stream(seed, "streets")
    partner = _partners(lattice, built, rng)
    cell = np.where(built, np.arange(built.size).reshape(built.shape), -1)
    padded = np.pad(cell, 1, constant_values=-1)
    sides = [
        _direction(padded, partner, northward=False),
        _direction(padded, partner, northward=True),
    ]
    column, row, low, high = (np.concatenate(part) for part in zip(*sides, strict=True))
    northward = np.repeat([False, True], [len(sides[0][0]), len(sides[1][0])])
    side_edge = np.full((built.size, 4), -1, dtype=np.int64)
    for near, far, mask in ((SOUTH, NORTH, ~northward), (WEST, EAST, northward)):
        for side, beside in ((near, high), (far, low)):
            rows = np.flatnonzero(mask & (beside >= 0))
            side_edge[beside[rows], side] = rows
    return _measured(lattice, column, row, northward, low, high, side_edge, partner)


def _direction(
    padded: IntArray, partner: IntArray, *, northward: bool
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Edges of one direction: first column and row, cell before and after it."""
    if northward:
        low, high = padded[:-1, 1:-1], padded[1:, 1:-1]
    else:
        low, high = padded[1:-1, :-1], padded[1:-1, 1:]
    shared = (low >= 0) & (high >= 0) & (partner[low] == high)
    column, row = np.nonzero(((low >= 0) | (high >= 0)) & ~shared)
    return column.astype(np.int64), row.astype(np.int64), low[column, row], high[column, row]


def _partners(lattice: Lattice, built: BoolArray, rng: np.random.Generator) -> IntArray:
    """Pairs of cells that become one block: a branch street between them is never built."""
    columns, rows = built.shape
    index = np.arange(built.size).reshape(built.shape)
    partner = index.ravel().copy()
    wish = rng.random((2, columns, rows))
    share = parameters()["lattice"]["merged_share"]
    east = built[:-1] & built[1:] & (lattice.column_class[1:-1, None] == BRANCH) & (wish[0, :-1] < share)
    north = (
        built[:, :-1] & built[:, 1:] & (lattice.row_class[None, 1:-1] == BRANCH) & (wish[1, :, :-1] < share)
    )
    first = np.concatenate([index[:-1][east], index[:, :-1][north]])
    second = np.concatenate([index[1:][east], index[:, 1:][north]])
    order = rng.permutation(len(first))
    taken = np.zeros(built.size, dtype=np.bool_)
    for a, b in zip(first[order].tolist(), second[order].tolist(), strict=True):
        if not (taken[a] or taken[b]):
            taken[a] = taken[b] = True
            partner[a], partner[b] = b, a
    return partner


def align(
    lattice: Lattice, start: IntArray, end: IntArray, offset_m: FloatArray, *, trunk: bool
) -> Alignment:
    """Run the mains of edges between the places where they meet; with `trunk`, the transmission mains."""
    across = lattice.rows + 1
    low, high = (
        lattice.place(*(part.astype(np.float64) for part in np.divmod(n, across))) for n in (start, end)
    )
    chord = high - low
    square = (chord**2).sum(axis=1)
    ends = [meeting_points(lattice, n, trunk=trunk) for n in (start, end)]
    first, last = (((point - low) * chord).sum(axis=1) / square for point in ends)
    return Alignment(offset_m, first, last, ends[0], ends[1])


def _measured(
    lattice: Lattice, column: IntArray, row: IntArray, northward: BoolArray,
    low: IntArray, high: IntArray, side_edge: IntArray, partner: IntArray,
) -> Streets:  # fmt: skip
    def of_line(by_column: FloatArray | IntArray, by_row: FloatArray | IntArray) -> FloatArray:
        return np.where(northward, by_column[column], by_row[row])

    end_column, end_row = column + ~northward, row + northward
    across = lattice.rows + 1
    start, end = column * across + row, end_column * across + end_row
    main = align(lattice, start, end, of_line(lattice.column_main_m, lattice.row_main_m), trunk=False)
    span = np.linalg.norm(main.end_xy - main.start_xy, axis=1).astype(np.float64)
    return Streets(
        lattice, column, row, northward, start, end, low, high,
        of_line(lattice.column_class, lattice.row_class).astype(np.int64),
        of_line(lattice.column_width_m, lattice.row_width_m),
        main, span, side_edge, partner,
    )  # fmt: skip
