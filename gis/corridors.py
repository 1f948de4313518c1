"""
Corridors: where a service pipe can run from a tie-in to a site, along streets, at least cost.

A trench keeps to the side of a street, crosses it once and square, enters the parcel where it faces the street, and
leaves buildings, water and the land of others alone. What it cannot avoid is told with the route.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.ways.ground import Ground, Surroundings
from gis.ways.legs import MORE_LEGS, SITE_LEGS, TARGET_LEGS
from gis.ways.patch import Patch, make_patch
from gis.ways.route import Note, Route, StreetCrossing, SurfaceRun, finished_route
from gis.ways.routing import Scene, Walk, net_of, walks
from gis.ways.streets import Streets, pipes_as_ways, streets_of
from gis.ways.terms import Tariff, Terms
from gis.ways.tidy import plain
from gis.ways.trace import Trace
from gis.ways.utilities import Mains, Utilities, UtilityCrossing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.network import Network
    from gis.ways.route import Reason

    Xy = tuple[float, float]

__all__ = ["Corridors", "Note", "Route", "StreetCrossing", "SurfaceRun"]

TILE_M = 100.0  # windows end at multiples of this, so that neighbouring questions share one
MARGIN_M, MARGIN_SHARE = 120.0, 0.3  # of the distance of the farthest tie-in
KEPT_PATCHES = 24
MOST_FACTOR, MOST_M = 4.0, 1000.0  # nobody looks farther from the site than so many times the farthest tie-in
WORTH_FACTOR, WORTH_M = (
    6.0,
    300.0,
)  # a hindered route is worth a way around so much longer, and no farther search
NEAR_M = 25.0


class Corridors:
    """
    The streets of one network version, with what lies beside them.

    Built once a version; a call looks at a window around the site and the tie-ins, so its cost does not grow with the
    city. The window is widened until every route that leaves it would be longer, and longer than the hindrances are worth.
    """

    def __init__(self, network: Network, terms: Terms) -> None:
        self._network = network
        self._terms = terms
        self._ground = Ground(network)
        self.utilities = Utilities(network.layer("utilities"))
        self._streets = streets_of(network.layer("streets"), terms)
        self._pipes: Streets | None = None
        self._mains = Mains(network.pipes)
        self._patches: dict[tuple[str, tuple[float, ...]], Patch] = {}

    def routes(
        self, site_xy: Xy, targets: Sequence[Xy], *, reach_m: float, tariff: Tariff
    ) -> list[Route | None]:
        """The cheapest route from each target (the tie-in) to the site: what `traces` finds, finished."""
        found = self.traces(site_xy, targets, reach_m=reach_m, tariff=tariff)
        return [None if trace is None else trace.route for trace in found]

    def traces(
        self, site_xy: Xy, targets: Sequence[Xy], *, reach_m: float, tariff: Tariff
    ) -> list[Trace | None]:
        """
        The cheapest way from each target (the tie-in) to the site, in the order of the targets, not yet finished.

        Along streets where there are any near the site and the tie-in; else beside the network's own pipes, for
        pipes mostly lie in streets; else straight, with the reason. None for a target farther than `reach_m` as the
        crow flies or without finite coordinates.
        """
        found: list[Trace | None] = [None] * len(targets)
        open_ones = [k for k, xy in enumerate(targets) if math.dist(site_xy, xy) <= reach_m]
        reason: Reason = "no-streets"
        for ways in (self._streets, None):
            if not open_ones:
                return found
            ways = ways if ways is not None else self._pipe_ways()
            if not ways.near(shapely.Point(site_xy), min(self._terms.near_m, reach_m)):
                continue
            told = None if ways.basis == "streets" else reason
            reason = "unconnected" if ways.basis == "streets" else reason
            scene = self._scene(ways, site_xy, tariff)
            made = self._along(scene, [targets[k] for k in open_ones], reach_m, told)
            for k, trace in zip(open_ones, made, strict=True):
                found[k] = trace
            open_ones = [k for k in open_ones if found[k] is None]
        for k in open_ones:
            found[k] = self._straight(site_xy, targets[k], tariff, reason)
        return found

    def surveyed(self, vertices_xy: Sequence[Xy], *, tariff: Tariff) -> Route:
        """The route along a line somebody drew, from tie-in to site, with everything that is told of one."""
        scene = self._scene(self._streets, vertices_xy[-1], tariff)
        xy = plain(np.asarray(vertices_xy, dtype=float))
        around = self._around(self._streets, shapely.LineString(xy))
        return finished_route(scene, around, xy, basis="drawn", reason=None)

    def water_pipes_crossed(self, line: Any, *, but: str | None) -> list[UtilityCrossing]:
        """Where a route crosses the network's own pipes, except the one it is tied to; along the route."""
        return self._mains.crossed(line, but=but)

    def building_beside(self, line: Any, *, outer_m: float, within_m: float) -> tuple[str, float] | None:
        """The building nearest to a pipe of that diameter, the site's own left out, and how far it is [m]."""
        return self._ground.building_beside(line, outer_m=outer_m, within_m=within_m)

    def _scene(self, ways: Streets, site_xy: Xy, tariff: Tariff) -> Scene:
        site = shapely.Point(site_xy)
        home = self._ground.home(site)
        return Scene(ways, self._ground, self.utilities, self._terms, tariff, site, home)

    def _around(self, ways: Streets, shape: Any) -> Surroundings:
        return Surroundings(ways, self._ground, shape.buffer(NEAR_M).envelope, self._terms)

    def _along(
        self, scene: Scene, targets: Sequence[Xy], reach_m: float, reason: Reason | None
    ) -> list[Trace | None]:
        """The best walk of each target, each from a window that no walk worth taking leaves."""
        site, streets = scene.site, scene.streets
        points = np.asarray(shapely.points(np.asarray(targets, dtype=float)), dtype=object)
        found: list[Trace | None] = [None] * len(points)
        away_m = float(shapely.distance(site, points).max(initial=0.0))
        margin_m, last = MARGIN_M + MARGIN_SHARE * away_m, False
        whole = site.buffer(min(reach_m, MOST_FACTOR * away_m + MOST_M) + MARGIN_M).envelope
        rest = [k for k, point in enumerate(points) if streets.near(point, self._terms.near_m)]
        while rest and not last:
            window = shapely.union_all([site, *points[rest]]).envelope.buffer(margin_m).envelope
            last = shapely.contains(window, whole)
            patch = self._patch(streets, _tiled(window))
            counts = (MORE_LEGS, MORE_LEGS) if last else (SITE_LEGS, TARGET_LEGS)
            net = net_of(scene, patch, points[rest], legs_count=counts)
            for number, (k, walk) in enumerate(zip(rest, walks(scene, net), strict=True)):
                border = patch.around.window.boundary
                way_out_m = border.distance(site) + border.distance(points[k])
                if walk is not None and (last or self._worth_m(scene, walk) <= way_out_m):
                    found[k] = Trace(scene, patch.around, targets[k], reason, walk, net, number)
            rest = [k for k in rest if found[k] is None]
            margin_m *= 2.0
        return found

    def _worth_m(self, scene: Scene, walk: Walk) -> float:
        """How long a way around may be to be worth taking instead [m]: hindrances count as metres, up to a limit."""
        counted_m = walk.reckoned_cny / scene.tariff.dearest_cny_m
        return max(walk.length_m, min(counted_m, WORTH_FACTOR * walk.length_m + WORTH_M))

    def _patch(self, streets: Streets, window: Any) -> Patch:
        key = (streets.basis, window.bounds)
        patch = self._patches.get(key)
        if patch is None:
            patch = make_patch(streets, self._ground, self.utilities, window, self._terms)
            self._patches[key] = patch
            # several questions may be asked at once: each step of this is whole in itself
            for old in list(self._patches)[:-KEPT_PATCHES]:
                self._patches.pop(old, None)
        return patch

    def _straight(self, site_xy: Xy, target: Xy, tariff: Tariff, reason: Reason) -> Trace:
        """The last resort, with everything it meets."""
        scene = self._scene(self._streets, site_xy, tariff)
        around = self._around(self._streets, shapely.LineString([target, site_xy]))
        return Trace(scene, around, target, reason)

    def _pipe_ways(self) -> Streets:
        if self._pipes is None:
            self._pipes = pipes_as_ways(self._network.pipes)
        return self._pipes


def _tiled(window: Any) -> Any:
    west, south, east, north = (float(v) / TILE_M for v in window.bounds)
    return shapely.box(
        math.floor(west) * TILE_M,
        math.floor(south) * TILE_M,
        math.ceil(east) * TILE_M,
        math.ceil(north) * TILE_M,
    )
