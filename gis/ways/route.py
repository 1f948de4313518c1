"""Route: a trench from tie-in to site, with what each metre runs under and what an engineer must be told of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import shapely

from gis.ways.ground import NONE
from gis.ways.reckoning import (
    in_building,
    in_water,
    is_foreign,
    measure,
    on_bridge,
    prices_cny,
    reckoned_cny,
    surfaces,
)
from gis.ways.segments import chains
from gis.ways.streets import Basis
from gis.ways.utilities import crossing_places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gis.ways.ground import Ground, Surroundings
    from gis.ways.reckoning import Stretches
    from gis.ways.routing import Scene
    from gis.ways.streets import Streets

    FloatArray = NDArray[np.float64]

Reason = Literal["no-streets", "unconnected"]
NoteKind = Literal["foreign-land", "building", "water", "bridge", "rail", "slanted-crossing", "near-building"]
SLANTED_COUNT = 5  # a crossing aslant counts as so many more
BESIDE_M = 2.0  # so far before and after a crossing the line is on the two sides
ONE_PLACE_M = 0.5
LEAST_M = 0.05  # of a hindrance: less is how the data was drawn


@dataclass(frozen=True)
class SurfaceRun:
    """A part of a route under one surface; the road's name, class and id only where it runs in a known road."""

    surface: str
    length_m: float
    road_name: str | None
    road_class: str | None
    street_id: str | None = None


@dataclass(frozen=True)
class Note:
    """
    What an engineer must be told of a route: somebody else's land, a building, water, a bridge, a railway, ...

    `subject` names the thing, `at_m` is where along the route it begins, `extent` how much of it there is: metres, or
    the angle in degrees of a crossing that is not square.
    """

    kind: NoteKind
    subject: str
    at_m: float
    extent_m: float
    angle_deg: float | None = None


@dataclass(frozen=True)
class StreetCrossing:
    """Where the route crosses the middle of a street, and at which angle."""

    road_name: str
    road_class: str
    at_m: float
    angle_deg: float


@dataclass(frozen=True)
class Route:
    """
    A trench from the tie-in to the site.

    Attributes
    ----------
    line
        Starts at the tie-in.
    surfaces
        Follow the line and add up to `length_m`.
    cost_cny, reckoned_cny
        Price by the caller's table, crossings included; and what routes are compared by, hindrances included.
    basis, reason
        Along what it was sought; why not along streets, where it was not.
    notes, street_crossings
        What it meets, along the line.
    """

    line: shapely.LineString
    length_m: float
    surfaces: tuple[SurfaceRun, ...]
    cost_cny: float
    basis: Basis
    reckoned_cny: float = 0.0
    reason: Reason | None = None
    notes: tuple[Note, ...] = field(default=())
    street_crossings: tuple[StreetCrossing, ...] = field(default=())


def stretches_of(scene: Scene, around: Surroundings, line: Any) -> tuple[Stretches, FloatArray]:
    """A line cut where the ground changes, in its order, with where each stretch begins [m]."""
    whole, _, node = chains(np.asarray([line], dtype=object), first_node=0)
    pieces, parents, _ = around.cut(whole, next_node=node)
    # pieces of a cut keep the order of their parents and of the way along them
    made = measure(
        pieces, around.places(pieces.middles_xy), ground=scene.ground,
        utilities=scene.utilities, home=scene.home, terms=scene.terms,
    )  # fmt: skip
    starts_m = np.concatenate([[0.0], np.cumsum(made.lengths_m)[:-1]]) if len(parents) else np.zeros(0)
    return made, starts_m


def reckon_line_cny(scene: Scene, around: Surroundings, line: Any) -> float:
    """What a line counts when routes are compared: surfaces, hindrances, bends and crossings [CNY]."""
    made, _ = stretches_of(scene, around, line)
    bends = max(len(line.coords) - 2, 0) * scene.bend_cny
    crossings = crossings_of(line, around)
    slanted = len(_slanted(crossings, scene)) * SLANTED_COUNT
    return float(scene.reckon_cny(made).sum()) + bends + (len(crossings) + slanted) * scene.crossing_cny


def finished_route(
    scene: Scene, around: Surroundings, vertices_xy: FloatArray, *, basis: Basis, reason: Reason | None
) -> Route:  # fmt: skip
    """Everything that is told of a route with those vertices."""
    line = shapely.LineString(vertices_xy)
    streets = around.streets
    made, starts_m = stretches_of(scene, around, line)
    crossings = crossings_of(line, around)
    paid = prices_cny(made, ground=scene.ground, streets=streets, tariff=scene.tariff)
    counted = reckoned_cny(
        made, ground=scene.ground, streets=streets, home=scene.home, terms=scene.terms, tariff=scene.tariff
    )
    crossing_cny = len(crossings) * scene.tariff.crossing_cny
    runs = _runs(made, scene.ground, streets)
    return Route(
        line, float(line.length), _to_length(runs, float(line.length)), float(paid.sum()) + crossing_cny, basis,
        float(counted.sum()) + len(crossings) * scene.crossing_cny, reason,
        tuple(notes_of(scene, made, starts_m, streets) + _slanted(crossings, scene)), tuple(crossings),
    )  # fmt: skip


def _runs(made: Stretches, ground: Ground, streets: Streets) -> list[SurfaceRun]:
    """Neighbouring stretches of the same surface and road as one."""
    out: list[SurfaceRun] = []
    places = made.places
    named = zip(
        surfaces(places, ground, streets), made.lengths_m.tolist(), places.street.tolist(),
        (places.carriageway | (places.parcel == NONE)).tolist(), strict=True,
    )  # fmt: skip
    for surface, length_m, street, in_road in named:
        known = street != NONE and in_road
        road = (streets.names[street], streets.classes[street], streets.ids[street]) if known else (None,) * 3
        last = out[-1] if out else None
        if last and (last.surface, last.road_name, last.road_class, last.street_id) == (surface, *road):
            out[-1] = SurfaceRun(surface, last.length_m + length_m, *road)
        elif length_m > 0.0:
            out.append(SurfaceRun(surface, length_m, *road))
    return out


def _to_length(runs: list[SurfaceRun], length_m: float) -> tuple[SurfaceRun, ...]:
    """Runs whose sum is the length of the line to the last digit or two."""
    if runs:
        rest_m = length_m - sum(run.length_m for run in runs[:-1])
        last = runs[-1]
        runs = [*runs[:-1], replace(last, length_m=max(rest_m, 0.0))]
    return tuple(run for run in runs if run.length_m > 0.0)


def notes_of(scene: Scene, made: Stretches, starts_m: FloatArray, streets: Streets) -> list[Note]:
    """Hindrances along a line, each run of stretches in the same thing as one."""
    places, ground, home = made.places, scene.ground, scene.home
    water_ids = ground.water_ids
    found: list[Note] = []
    for kind, mask, numbers, names in (
        ("foreign-land", is_foreign(places, ground, streets, home), places.parcel, ground.parcel_ids),
        ("building", in_building(places, home), places.building, ground.building_ids),
        ("water", in_water(places), places.water, water_ids),
        ("bridge", on_bridge(places, streets), places.street, [str(name or "") for name in streets.names]),
    ):
        found += _notes(kind, mask, numbers, names, made.lengths_m, starts_m)  # type: ignore[arg-type]
    close_m = float(made.close_m[~in_building(places, home)].sum())
    if close_m > LEAST_M:
        at_m = float(starts_m[np.argmax(made.close_m > LEAST_M)])
        found.append(Note("near-building", "", at_m, close_m))
    found += [
        Note("rail", "", float(starts_m[k]), float(made.rails[k]))
        for k in np.flatnonzero(made.rails).tolist()
    ]
    return sorted(found, key=lambda note: (note.at_m, note.kind))


def _notes(
    kind: NoteKind, mask: NDArray[np.bool_], numbers: Any, names: Sequence[str], lengths_m: FloatArray,
    starts_m: FloatArray,
) -> list[Note]:  # fmt: skip
    found: dict[int, Note] = {}
    for k in np.flatnonzero(mask).tolist():
        number = int(numbers[k])
        before = found.get(number)
        name = names[number] if number != NONE else ""
        at_m = before.at_m if before else float(starts_m[k])
        found[number] = Note(kind, name, at_m, (before.extent_m if before else 0.0) + float(lengths_m[k]))
    return [note for note in found.values() if note.extent_m > LEAST_M]


def _slanted(crossings: list[StreetCrossing], scene: Scene) -> list[Note]:
    return [
        Note("slanted-crossing", crossing.road_name, crossing.at_m, 0.0, crossing.angle_deg)
        for crossing in crossings
        if crossing.angle_deg < scene.terms.square_deg - 1e-6
    ]


def crossings_of(line: Any, around: Surroundings) -> list[StreetCrossing]:
    """Streets that the line crosses from one side to the other, along the line; two that meet at one place count once."""
    streets, graph = around.streets, around.streets.graph
    if streets.basis != "streets" or not len(around.edges):
        return []
    places = [
        (at_m, angle_deg, int(graph.rows[edge]))
        for edge in around.edges_met(line).tolist()
        for at_m, _, _ in crossing_places(line, graph.lines[edge])
        if (angle_deg := _angle_deg(line, graph.lines[edge], at_m)) is not None
    ]
    found: list[StreetCrossing] = []
    for at_m, angle, row in sorted(places):
        if not found or at_m - found[-1].at_m >= ONE_PLACE_M:
            found.append(StreetCrossing(streets.names[row] or "", streets.classes[row] or "", at_m, angle))
    return found


def _angle_deg(line: Any, street: Any, at_m: float) -> float | None:
    """
    Angle at which a line crosses a street [deg], from side to side; None where it only meets its middle.

    A trench that comes from the middle of the street, or goes on along it, does not cross.
    """
    low_m, high_m = at_m - BESIDE_M, at_m + BESIDE_M
    if low_m < 0.0 or high_m > line.length:
        return None
    before, after = (shapely.get_coordinates(line.interpolate(m))[0] for m in (low_m, high_m))
    foot_m = street.project(line.interpolate(at_m))
    one, two = (
        shapely.get_coordinates(street.interpolate(m))[0]
        for m in (max(foot_m - BESIDE_M, 0.0), min(foot_m + BESIDE_M, street.length))
    )
    along, through = two - one, after - before
    sides = [along[0] * (p - one)[1] - along[1] * (p - one)[0] for p in (before, after)]
    length_m = float(np.hypot(*along))
    off_m = [side / length_m for side in sides]
    if off_m[0] * off_m[1] >= 0.0 or min(abs(off) for off in off_m) < BESIDE_M / 4.0:
        return None
    sine = abs(along[0] * through[1] - along[1] * through[0]) / (length_m * float(np.hypot(*through)))
    return float(np.degrees(np.arcsin(min(sine, 1.0))))
