"""What a tile shows from afar: the larger things first, and lines that look alike drawn as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from maps.tiling.quantise import EXTENT
from maps.tiling.web_mercator import FULL_WIDTH_M

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

CROWD = 4_000  # rows that the densest tile of a zoom may hold
GENERAL_CROWD = 8_000  # the same before lines are merged
SLACK_UNITS = 8  # a line may leave its course by half a pixel where lines are merged
SHORTEST_UNITS = 16  # and is left out when it is shorter than a pixel


def ranks(major: NDArray[np.bool_], dn: NDArray[np.float64]) -> NDArray[np.int64]:
    """Give the class of each row, 0 the most important: major ones first, then by size; unknown sizes come last."""
    dn = np.where(np.isnan(dn), -np.inf, dn)
    order = np.lexsort((-dn, ~major))
    step = (np.diff(dn[order]) != 0) | (major[order][1:] != major[order][:-1])
    rank = np.empty(len(dn), dtype=np.int64)
    rank[order] = np.concatenate([[0], np.cumsum(step)])[: len(dn)]
    return rank


def first_zooms(
    rank: NDArray[np.int64],
    extent_m: NDArray[np.float64],
    middle_m: NDArray[np.float64],
    *,
    lowest: int,
    full: int,
) -> NDArray[np.int8]:
    """
    Zoom from which each row is drawn; at `full` all are.

    Parameters
    ----------
    rank, extent_m, middle_m
        Class of importance, length, and a point of shape (rows, 2) [Web Mercator m] of each row.
    lowest, full
        First and last zoom that may be answered.
    """
    zooms = np.full(len(rank), full, dtype=np.int8)
    for z in range(lowest, full):
        shown = fitting(rank, extent_m, middle_m, z=z, crowd=CROWD)
        zooms[shown & (zooms == full)] = z
    return zooms


def fitting(
    rank: NDArray[np.int64],
    extent_m: NDArray[np.float64],
    middle_m: NDArray[np.float64],
    *,
    z: int,
    crowd: int,
) -> NDArray[np.bool_]:
    """
    Rows of as many whole classes as the densest tile can hold, so that a class is drawn everywhere or nowhere.

    When even the first class is too many, the longest of each tile.
    """
    if len(rank) <= crowd:
        return np.ones(len(rank), dtype=bool)
    _, tile = np.unique(_tile_numbers(middle_m, z), return_inverse=True)
    order = np.argsort(rank, kind="stable")
    ends = np.flatnonzero(np.r_[np.diff(rank[order]) != 0, True]) + 1
    held, begin = np.zeros(tile.max() + 1, dtype=np.int64), 0
    for end in ends.tolist():
        held += np.bincount(tile[order[begin:end]], minlength=len(held))
        if held.max() > crowd:
            break
        begin = end
    shown = np.zeros(len(rank), dtype=bool)
    shown[order[:begin]] = True
    if begin == 0:
        first = order[: ends[0]]
        shown[first[_place_in_tile(tile[first], extent_m[first]) < crowd]] = True
    return shown


def _tile_numbers(middle_m: NDArray[np.float64], z: int) -> NDArray[np.int64]:
    cells = np.floor((middle_m + FULL_WIDTH_M / 2) / (FULL_WIDTH_M / 2**z)).astype(np.int64)
    return (cells[:, 0] << 32) | (cells[:, 1] & 0xFFFFFFFF)


def _place_in_tile(tile: NDArray[np.int64], extent_m: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many longer rows its tile has."""
    order = np.lexsort((-extent_m, tile))
    begins = np.flatnonzero(np.r_[True, np.diff(tile[order]) != 0])
    counts = np.diff(np.r_[begins, len(order)])
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order)) - np.repeat(begins, counts)
    return place


def merged_lines(
    lines: NDArray[np.object_], keys: Sequence[NDArray[np.int64]], *, z: int
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """
    Give lines that share all keys end to end as one, simplified for a zoom, and for each a row it stands for.

    Parameters
    ----------
    lines
        LineStrings [Web Mercator m].
    keys
        Numbers of equal things, each of shape (lines,).
    """
    if not len(lines):
        return lines, np.zeros(0, dtype=np.int64)
    unit_m = FULL_WIDTH_M / 2**z / EXTENT
    order = np.lexsort(tuple(keys))
    change = np.zeros(len(order) - 1, dtype=bool)
    for key in keys:
        change |= np.diff(key[order]) != 0
    begins = np.flatnonzero(np.r_[True, change])
    group = np.cumsum(np.r_[0, change])
    merged = shapely.line_merge(shapely.multilinestrings(lines[order], indices=group))
    parts, owner = shapely.get_parts(merged, return_index=True)
    parts = shapely.simplify(parts, SLACK_UNITS * unit_m, preserve_topology=False)
    long_enough = shapely.length(parts) >= SHORTEST_UNITS * unit_m
    return parts[long_enough], order[begins][owner[long_enough]]
