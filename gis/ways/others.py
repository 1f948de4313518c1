"""
Other routes: ways from a tie-in to the site that really differ from the cheapest one, and why the others are none.

Each is the answer to a question an engineer would ask: along another street, on the other side, under the other ground,
around the street that may not be dug or through it, straight through what the first goes around. The pieces that the
question wants left alone are reckoned dearer, and the cheapest way is sought again on the same net.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import shapely

from gis.ways.ground import NONE
from gis.ways.routing import walk_weighed
from gis.ways.tidy import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from gis.ways.route import Route
    from gis.ways.routing import Net, Walk
    from gis.ways.trace import Trace

    FloatArray = NDArray[np.float64]

Question = Literal["street", "side", "ground", "unbanned", "banned", "through", "apart"]
Lost = Literal["alike", "longer", "dearer", "more"]
SAME_SHARE = 0.97  # more in common than this is the same route: nothing is told of it
SIDE_M = 5.5  # so far beside the line a lane is on the same side of the street
MAIN_SHARE = 0.2  # of the length: a street with less of it is only crossed
AROUND_RATIO = 1.4  # of the straight line: a shorter route goes around nothing


@dataclass(frozen=True)
class Differing:
    """
    What counts as another route.

    Attributes
    ----------
    count
        Routes of a tie-in at most, the cheapest included.
    alike_share
        Share of its length that a route may have in common with an earlier one.
    beside_m
        Lines nearer to each other than this are in the same place.
    longer_ratio, dearer_ratio, spare_m
        How much longer, and how much dearer when routes are compared, than the cheapest; and so many metres besides.
    penalty_factor
        How much dearer a piece is reckoned that the question wants left alone.
    """

    count: int
    alike_share: float
    beside_m: float
    longer_ratio: float
    dearer_ratio: float
    spare_m: float
    penalty_factor: float


@dataclass(frozen=True)
class Other:
    """
    Another way for the same tie-in.

    Attributes
    ----------
    route
        The finished route; None for one that is none, with `lost` saying why.
    alike_share, alike_to
        How much of it lies where an earlier route does, and which one that is: 1 is the cheapest.
    """

    question: Question
    line: Any
    length_m: float
    reckoned_cny: float
    first_length_m: float
    first_reckoned_cny: float
    alike_share: float
    alike_to: int
    route: Route | None = None
    lost: Lost | None = None


def other_routes(trace: Trace, terms: Differing) -> list[Other]:
    """Routes that really differ from the cheapest and from each other, the cheapest first; then those that are none."""
    if trace.walk is None or trace.net is None or terms.count < 2:
        return []
    first = trace.route
    kept: list[Other] = []
    lost: list[Other] = []
    lines = [first.line]
    for question, walk in sorted(_asked(trace, terms), key=lambda pair: pair[1].reckoned_cny):
        found = _judged(question, walk, trace, lines, terms)
        if found is None:
            continue
        if found.lost is None and len(kept) + 1 < terms.count:
            found = _finished(found, walk, trace, lines, terms)
        elif found.lost is None:
            found = replace(found, lost="more")
        if found.lost is None:
            kept.append(found)
            lines.append(found.line)
        elif found.alike_share < SAME_SHARE and not _told(found, lost, terms):
            lost.append(found)
    return kept + lost


def _asked(trace: Trace, terms: Differing) -> Iterator[tuple[Question, Walk]]:
    """The answer to every question; the same walk once."""
    net, first = trace.net, trace.walk
    if net is None or first is None:
        return
    seen = {np.sort(first.rows).tobytes()}
    for question, costs_cny in _questions(trace, net, first, terms):
        walk = walk_weighed(trace.scene, net, trace.number, costs_cny)
        if walk is None or (mark := np.sort(walk.rows).tobytes()) in seen:
            continue
        seen.add(mark)
        yield question, walk


def _questions(
    trace: Trace, net: Net, first: Walk, terms: Differing
) -> Iterator[tuple[Question, FloatArray]]:
    """What pieces count under each question that makes sense here."""
    places, dear = net.stretches.places, terms.penalty_factor
    scene, streets = trace.scene, trace.scene.streets
    ones, lengths_m = first.rows, net.stretches.lengths_m[first.rows]

    def dearer(pieces: NDArray[np.bool_]) -> FloatArray:
        found: FloatArray = np.where(pieces, net.costs_cny * dear, net.costs_cny)
        return found

    beside = _beside(net, trace.route.line, SIDE_M)
    used = _main_streets(trace, places.street[ones], lengths_m)
    if used.any():
        yield "street", dearer(used[places.street] & (places.street != NONE))
        yield "side", dearer(beside)
        under = places.carriageway[ones]
        mostly = float(lengths_m[under].sum()) > float(lengths_m.sum()) / 2.0
        yield "ground", dearer((places.street != NONE) & (places.carriageway == mostly))
    else:
        yield "apart", dearer(_beside(net, trace.route.line, terms.beside_m))
    banned = np.append(streets.banned(scene.tariff.on), False)[places.street]
    if float(lengths_m[banned[ones]].sum()) > MAIN_SHARE * float(lengths_m.sum()):
        yield "unbanned", dearer(banned)
    elif banned.any():
        free = replace(scene, terms=replace(scene.terms, banned_factor=1.0))
        yield "banned", free.reckon_cny(net.stretches) + net.crossing_cny
    if first.length_m > AROUND_RATIO * shapely.length(shapely.LineString(trace.ends_xy)):
        yield "through", _unhindered(trace, net)


def _unhindered(trace: Trace, net: Net) -> FloatArray:
    """What pieces count where water, railways and bridges cost no more than a dear street: trenchless work."""
    terms = replace(
        trace.scene.terms, water_factor=2.0, rail_m=10.0, bridge_factor=2.0, class_factors=(), crossing_m=0.0
    )
    found: FloatArray = replace(trace.scene, terms=terms).reckon_cny(net.stretches) + net.crossing_cny / 4.0
    return found


def _main_streets(trace: Trace, street: NDArray[np.intp], lengths_m: FloatArray) -> NDArray[np.bool_]:
    """Rows of the streets that a walk follows, with all others of their names; one row more for no street."""
    names = trace.scene.streets.names
    count = len(names)
    along_m = np.bincount(np.where(street == NONE, count, street), lengths_m, count + 1)[:count]
    main = np.zeros(count + 1, dtype=bool)
    main[np.flatnonzero(along_m > MAIN_SHARE * lengths_m.sum())] = True
    known = {names[row] for row in np.flatnonzero(main[:count]).tolist() if names[row]}
    if known:
        around = np.unique(trace.scene.streets.graph.rows[trace.around.edges])
        main[[row for row in around.tolist() if names[row] in known]] = True
    return main


def _beside(net: Net, line: Any, beside_m: float) -> NDArray[np.bool_]:
    """Pieces whose middle lies near a line."""
    middles_xy = net.segments.middles_xy
    west, south, east, north = shapely.bounds(line)
    x, y = middles_xy[:, 0], middles_xy[:, 1]
    near = (x > west - beside_m) & (x < east + beside_m) & (y > south - beside_m) & (y < north + beside_m)
    found = np.zeros(len(middles_xy), dtype=bool)
    shapely.prepare(line)
    found[near] = shapely.dwithin(shapely.points(middles_xy[near]), line, beside_m)
    return found


def _judged(
    question: Question, walk: Walk, trace: Trace, lines: Sequence[Any], terms: Differing
) -> Other | None:
    """A walk by what is known before it is finished; None where it is the first route itself."""
    first = trace.route
    line = shapely.LineString(plain(trace.vertices_xy(walk)))
    share, number = _alike(line, lines, terms.beside_m)
    if share >= SAME_SHARE:
        return None
    base = trace.walk.reckoned_cny if trace.walk is not None else first.reckoned_cny
    found = Other(question, line, float(line.length), walk.reckoned_cny, first.length_m, base, share, number)
    return replace(found, lost=_lost(found, trace, terms))


def _lost(found: Other, trace: Trace, terms: Differing) -> Lost | None:
    spare_cny = terms.spare_m * trace.scene.tariff.dearest_cny_m
    if found.alike_share > terms.alike_share:
        return "alike"
    if found.length_m > terms.longer_ratio * found.first_length_m + terms.spare_m:
        return "longer"
    if found.reckoned_cny > terms.dearer_ratio * found.first_reckoned_cny + spare_cny:
        return "dearer"
    return None


def _finished(found: Other, walk: Walk, trace: Trace, lines: Sequence[Any], terms: Differing) -> Other:
    """The route of a walk, judged again: tidying may have brought it nearer to an earlier one."""
    route = trace.finished(walk)
    share, number = _alike(route.line, lines, terms.beside_m)
    done = replace(
        found, line=route.line, length_m=route.length_m, alike_share=share, alike_to=number, route=route
    )
    lost = _lost(done, trace, terms)
    return done if lost is None else replace(done, route=None, lost=lost)


def _alike(line: Any, lines: Sequence[Any], beside_m: float) -> tuple[float, int]:
    """The greatest share of a line that lies where one of the earlier lines does, and the number of that one."""
    shares = [
        float(shapely.length(shapely.intersection(line, shapely.buffer(one, beside_m)))) for one in lines
    ]
    most = int(np.argmax(shares))
    return shares[most] / max(float(line.length), 1e-9), most + 1


def _told(found: Other, lost: Sequence[Other], terms: Differing) -> bool:
    """Whether a route that is none was told already in another's place."""
    return bool(lost) and _alike(found.line, [one.line for one in lost], terms.beside_m)[0] >= SAME_SHARE
