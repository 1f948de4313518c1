"""How a route runs, in words: along which roads, under what, what it crosses and what it meets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.messages import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from design.works.plan import RoadRun
    from gis.corridors import Route

ROADS_TOLD = 3
LEAST_M = 1.0
FOOTWAY = "paving-brick"
PAVED = ("asphalt", "concrete", "gravel")
MET = ("foreign-land", "building", "water", "bridge", "rail", "slanted-crossing")


def how_it_runs(runs: Sequence[RoadRun], route: Route) -> Text:
    """The longest parts of a route by road and ground, its crossings of streets and what hinders it."""
    along: dict[tuple[str, str], float] = {}
    for run in runs:
        key = run.road_name, _ground(run)
        along[key] = along.get(key, 0.0) + run.length_m
    longest = sorted(along.items(), key=lambda item: (-item[1], item[0]))[:ROADS_TOLD]
    parts = [
        Text(
            "design", f"route.along-{ground}{'-named' if road else ''}", {"road": road, "length_m": f"{length_m:.0f}"}
        )
        for (road, ground), length_m in longest
        if length_m >= LEAST_M
    ]  # fmt: skip
    if route.street_crossings:
        parts.append(Text("design", "route.crosses", {"count": len(route.street_crossings)}))
    met: dict[str, float] = {}
    for note in route.notes:
        if note.kind in MET:
            met[note.kind] = met.get(note.kind, 0.0) + note.extent_m
    parts += [
        Text("design", f"route.meets-{kind}", {"length_m": f"{met[kind]:.0f}"}) for kind in MET if kind in met
    ]
    return listed(parts) if parts else Text("design", f"route.{route.basis}")


def is_mostly_paved(runs: Sequence[RoadRun]) -> bool:
    """Whether more of a route in roads lies under carriageways than under footways."""
    paved_m = sum(run.length_m for run in runs if run.road_name and _ground(run) == "carriageway")
    foot_m = sum(run.length_m for run in runs if run.road_name and _ground(run) == "footway")
    return paved_m > foot_m


def _ground(run: RoadRun) -> str:
    """Footway, carriageway, green or open ground."""
    if run.surface in PAVED:
        return "carriageway"
    return "footway" if run.surface == FOOTWAY else "green" if run.surface == "green" else "ground"


def listed(parts: Sequence[Text]) -> Text:
    """Texts as one, in their order."""
    whole = parts[0]
    for part in parts[1:]:
        whole = Text("design", "route.and", {"one": whole, "other": part})
    return whole
