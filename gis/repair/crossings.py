"""Lines that cross without a node, and lines that run on each other: straight segments compared on arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from gis.repair.topology import distance_along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.repair.topology import BoolArray, FloatArray, IntArray, Lines

CHUNK = 100_000  # segments asked at once: bounds the memory of the pairs
AT_END_M = 1e-6
LEAST_TURN = 1e-6  # sine of the angle


@dataclass(frozen=True)
class Crossings:
    """
    Pairs of line rows (`a` below `b`) that cross.

    Attributes
    ----------
    count
        How many times they do.
    at_xy, along_a_m, along_b_m
        Where they do first: place (shape (pairs, 2)) and distance along either line.
    """

    a: IntArray
    b: IntArray
    count: IntArray
    at_xy: FloatArray
    along_a_m: FloatArray
    along_b_m: FloatArray

    def __len__(self) -> int:
        return len(self.a)

    def take(self, rows: BoolArray) -> Crossings:
        """Give some of them."""
        return Crossings(
            self.a[rows],
            self.b[rows],
            self.count[rows],
            self.at_xy[rows],
            self.along_a_m[rows],
            self.along_b_m[rows],
        )


@dataclass(frozen=True)
class Overlaps:
    """Pairs of line rows (`a` below `b`), the length they share, and the middle of the longest stretch of it."""

    a: IntArray
    b: IntArray
    length_m: FloatArray
    at_xy: FloatArray

    def __len__(self) -> int:
        return len(self.a)


@dataclass(frozen=True)
class Segments:
    """
    Straight pieces of lines.

    Attributes
    ----------
    from_xy, to_xy
        Where they start and end, shape (segments, 2) each.
    from_m, length_m
        Distance of their start along their line, and their length.
    line
        The line they are of.
    """

    from_xy: FloatArray
    to_xy: FloatArray
    from_m: FloatArray
    length_m: FloatArray
    line: IntArray


def segments_of(lines: Lines) -> Segments:
    """Take lines apart."""
    at_xy, owner = shapely.get_coordinates(lines.geometry, return_index=True)
    inner = np.flatnonzero(owner[1:] == owner[:-1])
    along_m = distance_along(at_xy, owner)
    line = owner[inner].astype(np.int64)
    return Segments(at_xy[inner], at_xy[inner + 1], along_m[inner], along_m[inner + 1] - along_m[inner], line)


def crossings(lines: Lines) -> Crossings:
    """Give the pairs of lines that pass through each other in a point that is an end of neither."""
    parts, ends_xy = segments_of(lines), _ends(lines)
    return _crossings([_crossing_rows(parts, ends_xy, s, t) for s, t in _close_pairs(parts, 0.0)])


def meetings(lines: Lines, *, within_m: float, least_m: float) -> tuple[Crossings, Overlaps]:
    """Give the crossings, and the pairs of lines that run within `within_m` of each other for at least `least_m`."""
    parts, ends_xy = segments_of(lines), _ends(lines)
    crossed, beside = [], []
    for s, t in _close_pairs(parts, within_m):
        crossed.append(_crossing_rows(parts, ends_xy, s, t))
        beside.append(_overlap_rows(parts, s, t, within_m))
    return _crossings(crossed), _overlaps(beside, least_m)


def _crossing_rows(parts: Segments, ends_xy: FloatArray, s: IntArray, t: IntArray) -> pd.DataFrame:
    crossed, share_s, share_t = _cross(parts, s, t)
    s, t = s[crossed], t[crossed]
    a, b = parts.line[s], parts.line[t]
    at_xy = parts.from_xy[s] + share_s[:, None] * (parts.to_xy[s] - parts.from_xy[s])
    rows = {
        "a": a, "b": b, "x": at_xy[:, 0], "y": at_xy[:, 1], "along_a": parts.from_m[s] + share_s * parts.length_m[s],
        "along_b": parts.from_m[t] + share_t * parts.length_m[t],
    }  # fmt: skip
    inside = ~(_at_end(ends_xy, a, at_xy) | _at_end(ends_xy, b, at_xy))
    return pd.DataFrame(rows)[inside]


def _crossings(found: list[pd.DataFrame]) -> Crossings:
    columns = ("a", "b", "x", "y", "along_a", "along_b")
    table = pd.concat(found, ignore_index=True) if found else pd.DataFrame({name: [] for name in columns})
    each = table.sort_values(["a", "b", "x", "y"])
    count = each.groupby(["a", "b"])["x"].transform("size").to_numpy(np.int64)
    first = ~each.duplicated(["a", "b"]).to_numpy()
    each = each[first]
    rows = each["a"].to_numpy(np.int64), each["b"].to_numpy(np.int64)
    along = each["along_a"].to_numpy(dtype=float), each["along_b"].to_numpy(dtype=float)
    return Crossings(*rows, count[first], each[["x", "y"]].to_numpy(dtype=float), *along)


def _overlap_rows(parts: Segments, s: IntArray, t: IntArray, within_m: float) -> pd.DataFrame:
    length_m, at_xy = _shared(parts, s, t, within_m)
    some = length_m > 0
    return pd.DataFrame(
        {
            "a": parts.line[s[some]], "b": parts.line[t[some]], "length_m": length_m[some],
            "x": at_xy[some, 0], "y": at_xy[some, 1],
        }
    )  # fmt: skip


def _overlaps(found: list[pd.DataFrame], least_m: float) -> Overlaps:
    columns = ("a", "b", "length_m", "x", "y")
    table = pd.concat(found, ignore_index=True) if found else pd.DataFrame({name: [] for name in columns})
    table["total_m"] = table.groupby(["a", "b"])["length_m"].transform("sum")
    table = table[table["total_m"] >= least_m]
    each = table.sort_values(["a", "b", "length_m", "x", "y"], ascending=[True, True, False, True, True])
    each = each.drop_duplicates(["a", "b"])
    rows = each["a"].to_numpy(np.int64), each["b"].to_numpy(np.int64)
    return Overlaps(*rows, each["total_m"].to_numpy(dtype=float), each[["x", "y"]].to_numpy(dtype=float))


def unexplained(crossed: Crossings, cover_m: FloatArray, clear_depth_m: float) -> Crossings:
    """Leave out pairs whose recorded cover (one a line, NaN where unknown) shows that one passes over the other."""
    with np.errstate(invalid="ignore"):
        return crossed.take(~(np.abs(cover_m[crossed.a] - cover_m[crossed.b]) > clear_depth_m))


def _close_pairs(parts: Segments, within_m: float) -> Iterator[tuple[IntArray, IntArray]]:
    """Give pairs of segments of different lines whose boxes come within a distance, that of the lower line first."""
    if not len(parts.line):
        return
    low, high = np.minimum(parts.from_xy, parts.to_xy), np.maximum(parts.from_xy, parts.to_xy)
    windows = shapely.linestrings(np.stack([low - within_m / 2.0, high + within_m / 2.0], axis=1))
    tree = shapely.STRtree(windows)
    for first in range(0, len(parts.line), CHUNK):
        s, t = tree.query(windows[first : first + CHUNK])
        s = s + first
        below = parts.line[s] < parts.line[t]
        yield s[below], t[below]


def _cross(parts: Segments, s: IntArray, t: IntArray) -> tuple[BoolArray, FloatArray, FloatArray]:
    """Tell which pairs cross, and at which share of either; a corner on a line counts for one of its two segments."""
    start, along = parts.from_xy[s], parts.to_xy[s] - parts.from_xy[s]
    other, across = parts.from_xy[t], parts.to_xy[t] - parts.from_xy[t]
    turn = _turn(along, across)
    begins, ends = _turn(along, other - start) >= 0, _turn(along, other + across - start) >= 0
    begins_too, ends_too = _turn(across, start - other) >= 0, _turn(across, start + along - other) >= 0
    # Of lines that run the same way there is no telling where they cross, nor in figures of 16 digits whether.
    slanted = np.abs(turn) > LEAST_TURN * np.hypot(*along.T) * np.hypot(*across.T)
    crossed: BoolArray = (begins != ends) & (begins_too != ends_too) & slanted
    between, turn = (other - start)[crossed], turn[crossed]
    return crossed, _turn(between, across[crossed]) / turn, _turn(between, along[crossed]) / turn


def _shared(parts: Segments, s: IntArray, t: IntArray, within_m: float) -> tuple[FloatArray, FloatArray]:
    """Length of `s` that `t` runs beside within `within_m` (distances square to `s`), and the middle of that stretch."""
    start, along = parts.from_xy[s], parts.to_xy[s] - parts.from_xy[s]
    length_m = np.hypot(*along.T)
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = along / length_m[:, None]
        p, q = parts.from_xy[t] - start, parts.to_xy[t] - start
        at_p, at_q = (unit * p).sum(axis=1), (unit * q).sum(axis=1)
        off_p, off_q = _turn(unit, p), _turn(unit, q)
        # Where along `t`, as a share of it, the distance square to `s` comes to within_m on either side.
        first, second = (within_m * sign - off_p for sign in (-1.0, 1.0))
        steps = np.sort(np.stack([first, second]) / (off_q - off_p), axis=0)
    parallel = off_p == off_q
    inside = np.abs(off_p) <= within_m
    low = np.where(parallel, np.where(inside, 0.0, 1.0), np.clip(steps[0], 0.0, 1.0))
    high = np.where(parallel, np.where(inside, 1.0, 0.0), np.clip(steps[1], 0.0, 1.0))
    ends = np.sort(np.stack([at_p + low * (at_q - at_p), at_p + high * (at_q - at_p)]), axis=0)
    begin_m, end_m = np.maximum(ends[0], 0.0), np.minimum(ends[1], length_m)
    shared_m = np.where((high > low) & (end_m > begin_m), end_m - begin_m, 0.0)
    middle = start + ((begin_m + end_m) / 2.0)[:, None] * unit
    return np.nan_to_num(shared_m), middle


def _turn(one_xy: FloatArray, other_xy: FloatArray) -> FloatArray:
    turn: FloatArray = one_xy[:, 0] * other_xy[:, 1] - one_xy[:, 1] * other_xy[:, 0]
    return turn


def _ends(lines: Lines) -> FloatArray:
    """Shape (lines, 2, 2): first and last vertex."""
    ends = [shapely.get_coordinates(shapely.get_point(lines.geometry, at)) for at in (0, -1)]
    return np.stack(ends, axis=1)


def _at_end(ends_xy: FloatArray, line: IntArray, at_xy: FloatArray) -> BoolArray:
    away_m = np.hypot(*np.moveaxis(ends_xy[line] - at_xy[:, None, :], 2, 0))
    near: BoolArray = (away_m < AT_END_M).any(axis=1)
    return near
