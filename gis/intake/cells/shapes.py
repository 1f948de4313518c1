"""Shapes as sources draw them: of the wrong kind, crossed, or with coordinates that are no numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Shapes = NDArray[np.object_]
    BoolArray = NDArray[np.bool_]

FAMILIES = {"Point": (0, 4), "LineString": (1, 5), "Polygon": (3, 6)}
NO_SHAPE = -1


def broken_shapes(shapes: Shapes) -> BoolArray:
    """Mark shapes with a coordinate that is not finite, and empty ones; shape (n,)."""
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    broken: BoolArray = shapely.is_empty(shapes) & ~shapely.is_missing(shapes)
    broken[owner[~np.isfinite(coordinates).all(axis=1)]] = True
    return broken


def kind_fits(shapes: Shapes, geometry: str) -> BoolArray:
    """Mark shapes of a layer's kind (single or multi), and missing ones."""
    return np.isin(shapely.get_type_id(shapes), (*FAMILIES[geometry], NO_SHAPE))


def single_points(shapes: Shapes) -> Shapes:
    """Give the first point of every collection of points."""
    several = shapely.get_type_id(shapes) == FAMILIES["Point"][1]
    result = shapes.copy()
    result[several] = shapely.get_geometry(shapes[several], 0)
    return result


def mended(shapes: Shapes) -> tuple[Shapes, BoolArray]:
    """Give polygons whose outlines do not cross themselves, and which ones did."""
    crossed = np.isin(shapely.get_type_id(shapes), FAMILIES["Polygon"]) & ~shapely.is_valid(shapes)
    result = shapes.copy()
    for row in np.flatnonzero(crossed):
        parts = shapely.get_parts(shapely.make_valid(shapes[row]))
        areas = [part for part in parts if shapely.get_type_id(part) in FAMILIES["Polygon"]]
        result[row] = shapely.union_all(areas) if areas else None
    return result, crossed
