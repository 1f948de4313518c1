"""What kind of shapes a source table has, and how long its lines are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import Geod

from gis.intake.cells.shapes import FAMILIES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.sources.raw import RawTable

ELLIPSOID = Geod(ellps="GRS80")


def shape_kind(raw: RawTable) -> str | None:
    """Give Point, LineString or Polygon, `mixed`, or None for a table without shapes."""
    if raw.geometry is None:
        return None
    numbers = set(shapely.get_type_id(raw.geometry).tolist()) - {-1}
    kinds = {kind for kind, ids in FAMILIES.items() if numbers & set(ids)}
    return kinds.pop() if len(kinds) == 1 else "mixed" if kinds else None


def drawn_lengths_m(raw: RawTable) -> NDArray[np.float64] | None:
    """Give the drawn length of each row [m], NaN for a row without line; None for a table without lines."""
    if raw.geometry is None or shape_kind(raw) not in {"LineString", "mixed"}:
        return None
    if raw.crs is not None and raw.crs.is_geographic:
        lengths = [np.nan if line is None else ELLIPSOID.geometry_length(line) for line in raw.geometry]
        return np.array(lengths, dtype=np.float64)
    factor = raw.crs.axis_info[0].unit_conversion_factor if raw.crs is not None else 1.0
    return np.asarray(shapely.length(raw.geometry), dtype=np.float64) * factor
