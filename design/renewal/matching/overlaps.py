"""Lengths of pipes inside areas, by spatial index and in bulk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Chords in a quarter circle of a buffer: within 0.5 % of its radius.
QUARTER_SEGMENTS = 16


def overlaps(
    lines: NDArray[Any], areas: NDArray[Any], *, min_overlap_m: float, min_overlap_share: float
) -> pd.DataFrame:
    """
    Pairs that run together: line, area (positions in the arrays), overlap_m, overlap_share; sorted by both.

    A pair counts when the line's length inside the area reaches `min_overlap_m`, or `min_overlap_share` of the line.
    Missing shapes match nothing.
    """
    tree = shapely.STRtree(lines)
    area, line = tree.query(areas, predicate="intersects")
    overlap_m = shapely.length(shapely.intersection(lines[line], areas[area]))
    length_m = shapely.length(lines[line])
    share = np.divide(overlap_m, length_m, out=np.zeros_like(overlap_m), where=length_m > 0)
    pairs = pd.DataFrame({"line": line, "area": area, "overlap_m": overlap_m, "overlap_share": share})
    together = (overlap_m >= min_overlap_m) | (share >= min_overlap_share)
    return pairs[together & (overlap_m > 0)].sort_values(["line", "area"]).reset_index(drop=True)
