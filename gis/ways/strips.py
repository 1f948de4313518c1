"""A long route cut into pieces that each fit one drawing sheet: what match-line sheets 接图 are made of."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from shapely.ops import substring

# What a piece of a route may measure on an A3 sheet: the map of the printed sheet (350 x 264 mm) and the view of the DXF
# sheet (385 x 221 mm) both show it with a margin.
PIECE_MM = (280.0, 208.0)
SCALES = (500, 1000, 2000, 5000, 10000)
MOST_SHEETS = 24
ROUND_M = 10.0  # match lines stand at round chainages


@dataclass(frozen=True)
class Strip:
    """
    One sheet of a long route: the piece of the route it shows, by distance along it, and the middle of its window.

    `number` counts from 1 to `count`; `scale` is the denominator, 500 for 1:500; `line` says which of several routes it
    is, `goes_on` whether that route has a sheet before and one after this one.
    """

    number: int
    count: int
    from_m: float
    to_m: float
    centre_xy: tuple[float, float]
    scale: int
    line: int = 0
    goes_on: tuple[bool, bool] = (False, False)

    @property
    def neighbours(self) -> list[tuple[float, int]]:
        """Where the route goes on elsewhere: distance along it [m] and the number of the sheet there."""
        ends = ((self.from_m, self.number - 1), (self.to_m, self.number + 1))
        return [end for end, on in zip(ends, self.goes_on, strict=True) if on]

    def window(self, width_mm: float, height_mm: float) -> Any:
        """The ground that a sheet of this size shows, as a rectangle."""
        half_x, half_y = width_mm * self.scale / 2000.0, height_mm * self.scale / 2000.0
        x, y = self.centre_xy
        return shapely.box(x - half_x, y - half_y, x + half_x, y + half_y)


def sheet_strips(*lines: Any) -> list[Strip]:
    """
    The sheets of a route at 1:500, one where it fits a single A3; at a smaller scale only where that would take too many.

    The pieces are about as long as each other and end at round distances. Several routes, such as two inlets of one site,
    share a sheet where all fit one; else each has its own, numbered through.
    """
    west, south, east, north = shapely.total_bounds(list(lines))
    if max((east - west) / PIECE_MM[0], (north - south) / PIECE_MM[1]) * 1000.0 <= SCALES[0]:
        return [Strip(1, 1, 0.0, float(lines[0].length), ((west + east) / 2, (south + north) / 2), SCALES[0])]
    for scale in SCALES:
        width_m, height_m = (side * scale / 1000.0 for side in PIECE_MM)
        cuts = [_even_marks(line, width_m, height_m) for line in lines]
        count = sum(len(marks) - 1 for marks in cuts)
        if count <= MOST_SHEETS:
            break
    pieces = [
        (n, start, end, (start > 0.0, end < marks[-1]))
        for n, marks in enumerate(cuts)
        for start, end in pairwise(marks)
    ]
    return [
        Strip(number, count, start, end, _middle(substring(lines[n], start, end)), scale, n, goes_on)
        for number, (n, start, end, goes_on) in enumerate(pieces, 1)
    ]


def spans(length_m: float, *, most_m: float) -> list[tuple[float, float]]:
    """
    A length cut into as few about equal pieces as needed, none longer than `most_m`, ends at round distances.

    >>> spans(120.0, most_m=170.0), spans(400.0, most_m=170.0)
    ([(0.0, 120.0)], [(0.0, 130.0), (130.0, 270.0), (270.0, 400.0)])
    """
    count = max(1, int(np.ceil(length_m / (most_m if length_m <= most_m else most_m - ROUND_M) - 1e-9)))
    marks = [round(length_m * n / count / ROUND_M - 1e-9) * ROUND_M for n in range(1, count)]
    return list(pairwise([0.0, *marks, length_m]))


def _middle(piece: Any) -> tuple[float, float]:
    west, south, east, north = piece.bounds
    return (west + east) / 2, (south + north) / 2


def _even_marks(line: Any, width_m: float, height_m: float) -> list[float]:
    """Ends of the pieces: as few as the full window needs, then the smallest window that needs no more."""
    best = _marks(line, width_m, height_m)
    low, high = 0.3, 1.0
    for _ in range(6 if len(best) > 2 else 0):
        middle = (low + high) / 2
        tried = _marks(line, width_m * middle, height_m * middle)
        if len(tried) == len(best):
            best, high = tried, middle
        else:
            low = middle
    return best


def _marks(line: Any, width_m: float, height_m: float) -> list[float]:
    """Ends of pieces, each the longest that fits the window."""
    marks = [0.0]
    while marks[-1] < line.length:
        marks.append(_farthest(line, marks[-1], width_m, height_m))
    return marks if len(marks) > 1 else [0.0, float(line.length)]


def _farthest(line: Any, start_m: float, width_m: float, height_m: float) -> float:
    """How far a piece may run from its start: to the end, or to the last round distance at which it fits."""

    def fits(end_m: float) -> bool:
        west, south, east, north = substring(line, start_m, end_m).bounds
        return east - west <= width_m and north - south <= height_m

    if fits(line.length):
        return float(line.length)
    first = int(np.floor(start_m / ROUND_M)) + 1
    last = int(np.ceil(line.length / ROUND_M)) - 1
    while first < last:
        middle = (first + last + 1) // 2
        first, last = (middle, last) if fits(middle * ROUND_M) else (first, middle - 1)
    return min(first * ROUND_M, float(line.length))
