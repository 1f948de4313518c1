"""A long profile cut into stretches that each fit one sheet; a short one is a single stretch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from gis.ways.strips import spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from design.wire.scheme import CrossingDoc, OptionDoc, StationDoc

SAME_PLACE_M = 0.05
_HEIGHTS = ("ground_m", "pipe_top_m", "pipe_bottom_m")


@dataclass(frozen=True)
class Stretch:
    """
    A piece of a route: its stations (with one at each match line), what it crosses, the surfaces over it.

    `number` counts from 1 to `count`; distances are those along the whole route [m].
    """

    number: int
    count: int
    from_m: float
    to_m: float
    stations: Sequence[StationDoc]
    crossings: Sequence[CrossingDoc]
    first_crossing: int
    surfaces: Sequence[tuple[float, float, str]]

    @property
    def neighbours(self) -> list[tuple[float, int]]:
        """Where the profile goes on elsewhere: distance along the route [m] and the number of that sheet."""
        before = [(self.from_m, self.number - 1)] if self.number > 1 else []
        return before + ([(self.to_m, self.number + 1)] if self.number < self.count else [])


def stretches(option: OptionDoc, *, most_m: float) -> list[Stretch]:
    """The stretches of an option's route, none longer than `most_m`; none where the scheme tells no stations."""
    stations = option["route"].get("profile") or []
    if len(stations) < 2:
        return []
    crossings = option["route"].get("crossings") or []
    cut = spans(stations[-1]["at_m"], most_m=most_m)
    found = []
    for number, (start, end) in enumerate(cut, 1):
        last = number == len(cut)
        here = [c for c in crossings if start <= c["at_m"] < end or (last and c["at_m"] >= end)]
        found.append(
            Stretch(
                number, len(cut), start, end, _stations(stations, start, end), here,
                sum(c["at_m"] < start for c in crossings), _surfaces(option, start, end),
            )
        )  # fmt: skip
    return found


def ground_of(station: StationDoc) -> float:
    """Ground height; where no terrain is known the drawing stands on zero, and says so."""
    return station["ground_m"] if station["ground_m"] is not None else 0.0


def ground_at(stations: Sequence[StationDoc], at_m: float) -> float:
    """Ground between stations [m]."""
    return float(np.interp(at_m, [s["at_m"] for s in stations], [ground_of(s) for s in stations]))


def _stations(stations: Sequence[StationDoc], start_m: float, end_m: float) -> list[StationDoc]:
    """Those of the piece; an end between stations gets one of its own, of kind `match`."""
    inside = [s for s in stations if start_m - SAME_PLACE_M <= s["at_m"] <= end_m + SAME_PLACE_M]
    if not inside or inside[0]["at_m"] > start_m + SAME_PLACE_M:
        inside.insert(0, _between(stations, start_m))
    if inside[-1]["at_m"] < end_m - SAME_PLACE_M:
        inside.append(_between(stations, end_m))
    first, last = stations[0]["at_m"], stations[-1]["at_m"]
    ends = {start_m, end_m} - {first, last}
    return [_matched(s) if any(abs(s["at_m"] - m) <= SAME_PLACE_M for m in ends) else s for s in inside]


def _matched(station: StationDoc) -> StationDoc:
    return cast("StationDoc", {**station, "kind": "match"}) if station["kind"] == "station" else station


def _between(stations: Sequence[StationDoc], at_m: float) -> StationDoc:
    """A station between two others, its heights by proportion."""
    places = [s["at_m"] for s in stations]
    near = stations[int(np.argmin([abs(place - at_m) for place in places]))]
    told: dict[str, Any] = {**near, "at_m": at_m, "kind": "match"}
    for key in _HEIGHTS:
        heights = [s.get(key) for s in stations]
        known = all(height is not None for height in heights)
        told[key] = float(np.interp(at_m, places, cast("list[float]", heights))) if known else None
    told["cover_m"] = float(np.interp(at_m, places, [s["cover_m"] for s in stations]))
    return cast("StationDoc", told)


def _surfaces(option: OptionDoc, start_m: float, end_m: float) -> list[tuple[float, float, str]]:
    """From where to where which surface lies over the piece."""
    found, along = [], 0.0
    for run in option["route"]["surfaces"]:
        west, east = max(along, start_m), min(along + run["length_m"], end_m)
        if east > west:
            found.append((west, east, run["surface"]))
        along += run["length_m"]
    return found
