"""Where a service pipe crosses the red line 用地红线 of its site: the meter stands there, and who pays changes there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely

if TYPE_CHECKING:
    import geopandas as gpd


def red_line_crossing(route: Any, site: Any, *, parcels: gpd.GeoDataFrame | None) -> tuple[float, float]:
    """
    Position where the route last enters the parcel of the site (x, y); its own end when no parcel says more.

    Parameters
    ----------
    route
        LineString from the tie-in to the site.
    site
        Point or Polygon; a polygon's inner point is used.
    parcels
        Polygons in the same CRS; None or empty where the city has none.
    """
    end = shapely.Point(route.coords[-1])
    if parcels is None or len(parcels) == 0:
        return (end.x, end.y)
    inner = shapely.point_on_surface(site)
    around = parcels.geometry.to_numpy()[parcels.sindex.query(inner, predicate="within")]
    if len(around) == 0:
        return (end.x, end.y)
    crossings = shapely.get_parts(shapely.intersection(route, around[0].boundary))
    crossings = crossings[~shapely.is_empty(crossings)]
    if len(crossings) == 0:
        return (end.x, end.y)
    points = shapely.centroid(crossings)
    last = points[int(shapely.line_locate_point(route, points).argmax())]
    return (float(last.x), float(last.y))
