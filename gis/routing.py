"""The search itself: a window of ways, the site and the tie-ins joined to it, the cheapest walk between them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.graph import Arcs, cheapest_paths
from gis.trench import (
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
from gis.walks import Piece, Scene, Trench, candidates, reckoned_cny

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from gis.ground import Ground

    FloatArray = NDArray[np.float64]


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


def _search(scene: Scene, window: NDArray[np.intp]) -> tuple[list[Piece], list[list[int] | None]]:
    """
    Pieces that may be walked, and for each target the labels of its path.

    A label below len(pieces) is a piece; then come the legs of the site, then the legs of the targets.
    """
    graph, out, back = scene.ways.graph, scene.out, scene.back
    edges = np.unique(np.concatenate([window, out.edges, back.edges]))
    corners, local = np.unique(np.concatenate([graph.starts[edges], graph.ends[edges]]), return_inverse=True)
    busy = graph.degrees[corners] >= 3
    starts, ends = local[: len(edges)], local[len(edges) :]
    feet = _feet(out, back, first_node=len(corners))
    pieces: list[Piece] = []
    tails: list[int] = []
    heads: list[int] = []
    for k, edge in enumerate(edges.tolist()):
        length_m, a, b = float(graph.lengths_m[edge]), int(starts[k]), int(ends[k])
        stops = [(0.0, a), *feet.get(edge, []), (length_m, b)]
        hops = list(pairwise(stops))
        if len(hops) > 1:
            hops.append((stops[0], stops[-1]))
        for (from_m, tail), (to_m, head) in hops:
            junctions = sum(node < len(corners) and bool(busy[node]) for node in (tail, head))
            pieces += [Piece(edge, from_m, to_m, junctions), Piece(edge, to_m, from_m, junctions)]
            tails += [tail, head]
            heads += [head, tail]
    arcs = _with_legs(scene, pieces, tails, heads, first_node=len(corners))
    legs = len(out.edges) + len(back.edges)
    source = len(corners) + legs
    targets = [source + 1 + k for k in range(len(scene.targets))]
    return pieces, cheapest_paths(arcs, nodes=source + 1 + len(targets), source=source, targets=targets)


def _feet(out: Legs, back: Legs, *, first_node: int) -> dict[int, list[tuple[float, int]]]:
    """Where legs stand on edges, by edge and rising distance: (distance along [m], node number)."""
    found: dict[int, list[tuple[float, int]]] = {}
    places = np.concatenate([out.edges, back.edges]).tolist()
    for k, (edge, at_m) in enumerate(zip(places, [*out.at_m.tolist(), *back.at_m.tolist()], strict=True)):
        found.setdefault(edge, []).append((at_m, first_node + k))
    return {edge: sorted(stops) for edge, stops in found.items()}


def _with_legs(
    scene: Scene, pieces: list[Piece], tails: list[int], heads: list[int], *, first_node: int
) -> Arcs:
    """Add the legs one way only, so that no path walks through the land of another target."""
    out, back = scene.out, scene.back
    site = first_node + len(out.edges) + len(back.edges)
    tails = (
        tails + [site] * len(out.edges) + [first_node + len(out.edges) + k for k in range(len(back.edges))]
    )
    heads = heads + [first_node + k for k in range(len(out.edges))] + (site + 1 + back.places).tolist()
    costs = [_piece_cny(scene, piece) for piece in pieces]
    costs += [_leg_cny(scene, legs, k) for legs in (out, back) for k in range(len(legs.edges))]
    return Arcs(
        np.asarray(tails, dtype=np.intp), np.asarray(heads, dtype=np.intp),
        np.asarray(costs, dtype=float), np.arange(len(costs)),
    )  # fmt: skip


def _piece_cny(scene: Scene, piece: Piece) -> float:
    surface = scene.ways.surfaces[scene.ways.graph.rows[piece.edge]]
    length_m = abs(piece.to_m - piece.from_m)
    return length_m * surface_price(scene.prices, surface) + piece.junction_ends * scene.crossing_cny / 2


def _leg_cny(scene: Scene, legs: Legs, leg: int) -> float:
    hindrance_m = float(obstacle_m(legs.crossing)[leg])
    return price_cny(leg_runs(scene.ways, legs, leg), scene.prices) + hindrance_m * scene.dearest_cny_m


def _candidates(scene: Scene, target: int, path: list[int], pieces: list[Piece]) -> list[Trench]:
    """Decode the labels of a path: leg of the site, pieces, leg of the target."""
    out_leg = path[0] - len(pieces)
    back_leg = path[-1] - len(pieces) - len(scene.out.edges)
    return candidates(scene, target, out_leg, [pieces[label] for label in path[1:-1]], back_leg)


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
