"""Corridors: where a service pipe can run from a tie-in to a site, along streets, at least cost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import shapely

from gis.ways.graph import LineGraph, node_lines
from gis.ways.ground import Ground
from gis.ways.routing import straight_route, way_routes
from gis.ways.trench import Route, SurfaceRun, Ways

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from gis.network import Network

__all__ = ["Corridors", "Route", "SurfaceRun"]

SNAP_M = 0.5  # digitised centre lines miss each other by less than this; real gaps are wider


class Corridors:
    """
    The streets of one network version as a graph, with what lies beside them.

    Built once a version and then only read. A call looks at a window around the site, so its cost does not grow
    with the city.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._ground = Ground(network)
        self._streets = _ways_of(network.layer("streets"), "streets")
        self._pipes: Ways | None = None

    def routes(
        self,
        site_xy: tuple[float, float],
        targets: Sequence[tuple[float, float]],
        *,
        reach_m: float,
        surface_cost_cny_m: Mapping[str, float],
        crossing_cny: float = 0.0,
    ) -> list[Route | None]:
        """
        The cheapest route from each target (the tie-in) to the site, in the order of the targets.

        Along streets where there are any within `reach_m` [m] of the site; else along the network's own pipes,
        for pipes mostly lie in streets; else straight. None for a target farther than `reach_m` as the crow flies
        or without finite coordinates. A surface without a price costs as much as the dearest one.
        `crossing_cny` is added for every street junction passed.
        """
        site = shapely.Point(site_xy)
        found: list[Route | None] = [None] * len(targets)
        open_ones = [k for k, xy in enumerate(targets) if math.dist(site_xy, xy) <= reach_m]
        for ways in (self._streets, None):
            if not open_ones:
                break
            ways = ways if ways is not None else self._pipe_ways()
            if not ways.near(site, reach_m):
                continue
            routes = way_routes(
                ways, self._ground, site, [targets[k] for k in open_ones],
                reach_m=reach_m, surface_cost_cny_m=surface_cost_cny_m, crossing_cny=crossing_cny,
            )  # fmt: skip
            for k, route in zip(open_ones, routes, strict=True):
                found[k] = route
            open_ones = [k for k in open_ones if found[k] is None]
        for k in open_ones:
            found[k] = straight_route(self._ground, site, targets[k], surface_cost_cny_m)
        return found

    def _pipe_ways(self) -> Ways:
        if self._pipes is None:
            self._pipes = _ways_of(self._network.pipes, "pipes")
        return self._pipes


def _ways_of(table: gpd.GeoDataFrame, basis: Literal["streets", "pipes"]) -> Ways:
    geometries = np.asarray(table.geometry.array, dtype=object)
    graph: LineGraph = node_lines(geometries, snap_m=SNAP_M, crossings=basis == "streets")
    if basis == "pipes":
        surfaces, names = ["asphalt"] * len(table), table["road_name"].tolist()
        classes: list[Any] = [None] * len(table)
        half_widths_m = np.zeros(len(table))
    else:
        surfaces, names, classes = (table[c].tolist() for c in ("surface", "name", "road_class"))
        half_widths_m = np.nan_to_num(table["width_m"].to_numpy(dtype=float)) / 2
    return Ways(basis, graph, surfaces, names, classes, half_widths_m)
