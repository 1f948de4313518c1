"""The search itself: a window of ways, the site and the tie-ins joined to it, the cheapest walk between them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.ways.graph import Arcs, cheapest_paths
from gis.ways.trench import (
    PAVEMENT,
    SITE_LEGS,
    TARGET_LEGS,
    Basis,
    Legs,
    Route,
    SurfaceRun,
    Ways,
    joined,
    leg_runs,
    make_legs,
    obstacle_m,
    parcel_runs,
    price_cny,
    surface_price,
)
from gis.ways.walks import Piece, Scene, Trench, candidates, reckoned_cny

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from gis.ways.ground import Ground

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.intp]


def way_routes(
    ways: Ways,
    ground: Ground,
    site: Any,
    targets: Sequence[tuple[float, float]],
    *,
    reach_m: float,
    surface_cost_cny_m: Mapping[str, float],
    crossing_cny: float,
) -> list[Route | None]:
    """Cheapest route along `ways` for each target, None where the ways do not lead there."""
    points = np.asarray(shapely.points(np.asarray(targets, dtype=float)), dtype=object)
    here = np.asarray([site], dtype=object)
    scene = Scene(
        ways, ground, site, points, surface_cost_cny_m, crossing_cny,
        out=make_legs(ways, ground, here, site, count=SITE_LEGS, reach_m=reach_m),
        back=make_legs(ways, ground, points, site, count=TARGET_LEGS, reach_m=reach_m),
    )  # fmt: skip
    window = shapely.box(site.x - reach_m, site.y - reach_m, site.x + reach_m, site.y + reach_m)
    pieces, paths = _search(scene, ways.graph.tree.query(window, predicate="intersects"))
    routes: list[Route | None] = []
    for target, path in enumerate(paths):
        walks = _candidates(scene, target, path, pieces) if path is not None else []
        best = min(walks, key=lambda walk: reckoned_cny(scene, walk), default=None)
        routes.append(_route(scene, best) if best is not None else None)
    return routes


@dataclass(frozen=True)
class _Pieces:
    """Walks along edges from one place on them to another, shape (n,) each; see `Piece`."""

    tails: IntArray
    heads: IntArray
    edges: IntArray
    from_m: FloatArray
    to_m: FloatArray
    junction_ends: IntArray

    def piece(self, k: int) -> Piece:
        return Piece(
            int(self.edges[k]), float(self.from_m[k]), float(self.to_m[k]), int(self.junction_ends[k])
        )


def _search(scene: Scene, window: IntArray) -> tuple[_Pieces, list[list[int] | None]]:
    """
    Pieces that may be walked, and for each target the labels of its path.

    A label below the number of pieces is a piece; then come the legs of the site, then the legs of the targets.
    """
    graph, out, back = scene.ways.graph, scene.out, scene.back
    edges = np.unique(np.concatenate([window, out.edges, back.edges]))
    corners, local = np.unique(np.concatenate([graph.starts[edges], graph.ends[edges]]), return_inverse=True)
    first_foot = len(corners)
    starts, ends = local[: len(edges)], local[len(edges) :]
    whole = edges, starts, ends, np.zeros(len(edges)), graph.lengths_m[edges]
    hops = _hops(scene, dict(zip(edges.tolist(), zip(starts, ends, strict=True), strict=True)), first_foot)
    busy = np.concatenate(
        [graph.degrees[corners] >= 3, np.zeros(len(out.edges) + len(back.edges), dtype=bool)]
    )
    pieces = _both_ways([np.concatenate(pair) for pair in zip(whole, hops, strict=True)], busy)
    arcs = _with_legs(scene, pieces, first_foot)
    source = first_foot + len(out.edges) + len(back.edges)
    targets = [source + 1 + k for k in range(len(scene.targets))]
    return pieces, cheapest_paths(arcs, nodes=source + 1 + len(targets), source=source, targets=targets)


def _hops(scene: Scene, ends: Mapping[int, tuple[int, int]], first_foot: int) -> tuple[Any, ...]:
    """On edges where legs stand: the hops from end to foot to foot to end, as (edge, tail, head, from, to)."""
    feet: dict[int, list[tuple[float, int]]] = {}
    places = zip(
        np.concatenate([scene.out.edges, scene.back.edges]).tolist(),
        np.concatenate([scene.out.at_m, scene.back.at_m]).tolist(),
        strict=True,
    )
    for k, (edge, at_m) in enumerate(places):
        feet.setdefault(edge, []).append((at_m, first_foot + k))
    hops = []
    for edge, stops in feet.items():
        start, end = ends[edge]
        way = [(0.0, start), *sorted(stops), (float(scene.ways.graph.lengths_m[edge]), end)]
        hops += [(edge, tail, head, from_m, to_m) for (from_m, tail), (to_m, head) in pairwise(way)]
    columns = zip(*hops, strict=True)
    return tuple(
        np.asarray(c, dtype=kind) for c, kind in zip(columns, (*[np.intp] * 3, float, float), strict=True)
    )


def _both_ways(columns: Sequence[NDArray[Any]], busy: NDArray[np.bool_]) -> _Pieces:
    edges, tails, heads, from_m, to_m = columns
    junction_ends = np.tile(busy[tails].astype(np.intp) + busy[heads], 2)
    return _Pieces(
        np.concatenate([tails, heads]), np.concatenate([heads, tails]), np.tile(edges, 2),
        np.concatenate([from_m, to_m]), np.concatenate([to_m, from_m]), junction_ends,
    )  # fmt: skip


def _with_legs(scene: Scene, pieces: _Pieces, first_foot: int) -> Arcs:
    """Add the legs one way only, so that no path walks through the land of another target."""
    out, back = scene.out, scene.back
    feet = first_foot + np.arange(len(out.edges) + len(back.edges))
    site = first_foot + len(feet)
    tails = [pieces.tails, np.full(len(out.edges), site), feet[len(out.edges) :]]
    heads = [pieces.heads, feet[: len(out.edges)], site + 1 + back.places]
    legs_cny = [_leg_cny(scene, legs, k) for legs in (out, back) for k in range(len(legs.edges))]
    weight = np.concatenate([_pieces_cny(scene, pieces), legs_cny])
    return Arcs(np.concatenate(tails), np.concatenate(heads), weight, np.arange(len(weight)))


def _pieces_cny(scene: Scene, pieces: _Pieces) -> FloatArray:
    rows = scene.ways.graph.rows[pieces.edges]
    known, code = np.unique(rows, return_inverse=True)
    prices_cny_m = np.array([surface_price(scene.prices, scene.ways.surfaces[row]) for row in known])
    lengths_m = np.abs(pieces.to_m - pieces.from_m)
    cost_cny: FloatArray = lengths_m * prices_cny_m[code] + pieces.junction_ends * scene.crossing_cny / 2
    return cost_cny


def _leg_cny(scene: Scene, legs: Legs, leg: int) -> float:
    hindrance_m = float(obstacle_m(legs.crossing)[leg])
    return price_cny(leg_runs(scene.ways, legs, leg), scene.prices) + hindrance_m * scene.dearest_cny_m


def _candidates(scene: Scene, target: int, path: list[int], pieces: _Pieces) -> list[Trench]:
    """Decode the labels of a path: leg of the site, pieces, leg of the target."""
    count = len(pieces.edges)
    out_leg = path[0] - count
    back_leg = path[-1] - count - len(scene.out.edges)
    return candidates(scene, target, out_leg, [pieces.piece(label) for label in path[1:-1]], back_leg)


def _route(scene: Scene, trench: Trench) -> Route:
    cost_cny = price_cny(trench.runs, scene.prices) + trench.junctions * scene.crossing_cny
    return finished_route(trench.vertices_xy, trench.runs, cost_cny, scene.ways.basis)


def straight_route(
    ground: Ground, site: Any, target: tuple[float, float], surface_cost_cny_m: Mapping[str, float]
) -> Route:
    """The last resort: a straight line, under pavement where it is in no parcel."""
    line = shapely.LineString([target, (site.x, site.y)])
    crossing = ground.crossing(np.asarray([line], dtype=object), site)
    inside = parcel_runs(crossing, 0)
    outside_m = max(line.length - sum(run.length_m for run in inside), 0.0)
    runs = [SurfaceRun(PAVEMENT, outside_m, None, None), *inside]
    cost_cny = price_cny(runs, surface_cost_cny_m)
    return finished_route(shapely.get_coordinates(line), runs, cost_cny, "straight")


def finished_route(vertices_xy: FloatArray, runs: list[SurfaceRun], cost_cny: float, basis: Basis) -> Route:
    """A route whose line repeats no vertex; two equal points when tie-in and site are one place."""
    moved = np.concatenate([[True], np.hypot(*np.diff(vertices_xy, axis=0).T) > 1e-9])
    moved[-1] |= moved.sum() < 2
    line = shapely.LineString(vertices_xy[moved])
    return Route(line, float(line.length), joined(runs), cost_cny, basis)
