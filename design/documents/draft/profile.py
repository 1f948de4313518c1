"""Longitudinal profile 纵断面: ground, pipe, what is crossed, and the table of stations under it, at true scales."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from design.documents.draft.draft import Draft, text_width_mm
from design.documents.draft.profile_crossings import crossing_table, crossing_words
from design.documents.draft.scales import Sheet, chainage, profile_sheet, spread
from design.documents.figures import figure
from design.documents.reading import pipe_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from design.documents.words import Words
    from design.wire.scheme import OptionDoc, StationDoc

LABELS_MM = 34.0  # the column of row names and of the height axis
TOP_MM = 16.0
ROWS = ("profile-node", "profile-chainage", "profile-distance", "profile-ground", "profile-top", "profile-bottom",
        "profile-cover", "profile-pipe", "profile-surface")  # fmt: skip
ROW_MM = {
    "profile-chainage": 15.0,
    "profile-ground": 12.0,
    "profile-top": 12.0,
    "profile-bottom": 12.0,
    "profile-cover": 9.0,
}
KEYS = ("tie-in", "site", "bend", "crossing", "street")
GAP_MM = 3.4
LABEL_ROOM_MM = 31.0  # what the names of crossings need above the ground


@dataclass(frozen=True)
class Scale:
    """Where a distance along the route and a height stand on paper."""

    left_mm: float
    bottom_mm: float
    per_m: float
    up_per_m: float
    lowest_m: float
    right_mm: float

    def at(self, along_m: float, height_m: float) -> tuple[float, float]:
        return self.left_mm + along_m * self.per_m, self.bottom_mm - (
            height_m - self.lowest_m
        ) * self.up_per_m


def profile_draft(option: OptionDoc, words: Words) -> tuple[Draft, Sheet] | None:
    """The profile of a route on the smallest sheet that holds it at 1:500; None when the scheme tells no stations."""
    stations = option["route"].get("profile") or []
    if len(stations) < 2:
        return None
    sheet = profile_sheet(stations[-1]["at_m"], labels_mm=LABELS_MM + 12.0)
    draft = Draft(sheet.width_mm, sheet.height_mm)
    table_mm = sum(ROW_MM.get(row, 7.0) for row in ROWS)
    scale = _scale(
        option, stations, sheet, room_mm=sheet.height_mm - TOP_MM - table_mm - 8.0, table_mm=table_mm
    )
    _graph(draft, option, stations, scale=scale, words=words)
    _table(draft, option, stations, scale=scale, words=words)
    exaggeration = scale.up_per_m / scale.per_m
    told = words(
        "profile-scale",
        horizontal=f"1:{sheet.scale}",
        vertical=f"1:{1000 / scale.up_per_m:.0f}",
        times=f"{exaggeration:.0f}",
    )
    draft.text(words("drawing-profile"), (draft.width_mm / 2, 6.0), height_mm=4.5, bold=True)
    draft.text(told, (draft.width_mm / 2, 11.0), height_mm=2.6)
    crossing_table(draft, option, words, bottom_mm=min(scale.at(0, _ground(s))[1] for s in stations) - LABEL_ROOM_MM,
                   end_mm=scale.at(stations[-1]["at_m"], 0.0)[0])  # fmt: skip
    return draft, sheet


def _scale(
    option: OptionDoc, stations: Sequence[StationDoc], sheet: Sheet, *, room_mm: float, table_mm: float
) -> Scale:
    """The largest round vertical scale that holds ground, pipe and all that is crossed."""
    low, high = _heights(option, stations)
    up = next((s for s in (20, 25, 50, 100, 200, 500) if (high - low + 1.0) * 1000 / s <= room_mm), 1000)
    step = 0.5 if up <= 50 else 1.0 if up <= 100 else 5.0
    lowest = np.floor((low - 0.3) / step) * step
    left, per_m = LABELS_MM + 6.0, 1000 / sheet.scale
    right = min(left + stations[-1]["at_m"] * per_m + 8.0, sheet.width_mm)
    return Scale(left, sheet.height_mm - table_mm - 4.0, per_m, 1000 / up, float(lowest), right)


def _heights(option: OptionDoc, stations: Sequence[StationDoc]) -> tuple[float, float]:
    tops = [_ground(s) for s in stations]
    lows = [_ground(s) - s["cover_m"] - _outer_m(option) for s in stations]
    for crossing in option["route"].get("crossings") or []:
        if crossing["cover_m"] is not None:
            ground = ground_at(stations, crossing["at_m"])
            lows.append(ground - crossing["cover_m"] - crossing.get("height_m", 0.0))
    return min(lows), max(tops)


def _ground(station: StationDoc) -> float:
    """Ground height; where no terrain is known the drawing stands on zero, and says so."""
    return station["ground_m"] if station["ground_m"] is not None else 0.0


def ground_at(stations: Sequence[StationDoc], at_m: float) -> float:
    """Ground between stations [m]."""
    return float(np.interp(at_m, [s["at_m"] for s in stations], [_ground(s) for s in stations]))


def _outer_m(option: OptionDoc) -> float:
    return option["service_pipe"]["outer_diameter_mm"] / 1000.0


def _graph(
    draft: Draft, option: OptionDoc, stations: Sequence[StationDoc], *, scale: Scale, words: Words
) -> None:
    _axis(
        draft,
        scale,
        highest_m=max(_ground(s) for s in stations),
        words=words,
        known=stations[0]["ground_m"] is not None,
    )
    ground = [scale.at(s["at_m"], _ground(s)) for s in stations]
    top = [scale.at(s["at_m"], _ground(s) - s["cover_m"]) for s in stations]
    bottom = [scale.at(s["at_m"], _ground(s) - s["cover_m"] - _outer_m(option)) for s in stations]
    draft.line([*top, *reversed(bottom)], "design", closed=True, fill="#f6d3e0")
    draft.line(ground, "ground")
    for (x0, y0), (x1, y1) in pairwise(ground):
        for share in np.arange(0.0, 1.0, 4.0 / max(x1 - x0, 4.0)):
            x, y = x0 + (x1 - x0) * share, y0 + (y1 - y0) * share
            draft.line([(x, y), (x - 1.2, y + 1.2)], "hatch")
    draft.text(
        words("profile-ground-line"),
        (ground[0][0] + 1.0, ground[0][1] - 1.4),
        height_mm=2.3,
        anchor="start",
        style="ground",
    )
    told = _pipe_words(option, words)
    x, half = (bottom[0][0] + bottom[-1][0]) / 2, text_width_mm(told, 2.4) / 2
    under = [y for along, y in bottom if abs(along - x) <= half + 10.0] or [y for _, y in bottom]
    draft.text(told, (x, max(under) + 3.8), height_mm=2.4, style="design")
    _crossed(draft, option, stations, scale=scale, words=words)


def _pipe_words(option: OptionDoc, words: Words) -> str:
    return f"{pipe_name(option['service_pipe'], words)} L={figure(option['route']['length_m'], 'length')} m"


def _axis(draft: Draft, scale: Scale, *, highest_m: float, words: Words, known: bool) -> None:
    """The height axis with a tick every half metre, or every metre where that is too close."""
    step = 0.5 if scale.up_per_m * 0.5 >= 6.0 else 1.0 if scale.up_per_m >= 5.0 else 5.0
    x = LABELS_MM
    levels = np.arange(scale.lowest_m, highest_m + step, step)
    for n, (low, high) in enumerate(pairwise(levels)):
        y0, y1 = scale.at(0, float(low))[1], scale.at(0, float(high))[1]
        draft.box(x, y1, x + 1.4, y0, "thin", fill="#1d2b3a" if n % 2 == 0 else "#ffffff")
    for level in levels:
        y = scale.at(0, float(level))[1]
        draft.line([(x + 1.4, y), (scale.right_mm, y)], "grid")
        draft.text(f"{level:.2f}", (x - 1.0, y + 0.8), height_mm=2.2, anchor="end")
    told = words("profile-axis") if known else words("profile-no-ground")
    draft.text(told, (2.0, scale.at(0, float(levels[-1]))[1] - 2.5), height_mm=2.2, anchor="start")


def _crossed(
    draft: Draft, option: OptionDoc, stations: Sequence[StationDoc], *, scale: Scale, words: Words
) -> None:
    """Pipes and cables across the route, at their depth, each with its clear distance."""
    crossings = option["route"].get("crossings") or []
    spots = [scale.at(c["at_m"], 0.0)[0] for c in crossings]
    tops_mm = min(scale.at(s["at_m"], _ground(s))[1] for s in stations)
    for crossing, x, label_x in zip(
        crossings, spots, spread(spots, gap_mm=9.0, room_mm=(LABELS_MM + 8, draft.width_mm - 4)), strict=True
    ):
        style = f"utility-{crossing['kind']}" if crossing["kind"] in _DRAWN else "utility-other"
        ground = ground_at(stations, crossing["at_m"])
        depth = crossing["cover_m"]
        high = crossing.get("height_m") or 0.1
        y = scale.at(0, ground - (depth if depth is not None else 0.0) - high / 2)[1]
        if depth is not None:
            draft.ellipse(
                (x, y),
                (max(high * scale.per_m / 2, 0.5), max(high * scale.up_per_m / 2, 0.6)),
                style,
                fill="#ffffff",
            )
        lines = crossing_words(crossing, words)
        draft.line([(x, y), (x, tops_mm - 2.0), (label_x, tops_mm - 4.0)], style)
        for n, line in enumerate(lines):
            draft.text(
                line,
                (label_x + 1.0 + 2.9 * n - 2.9, tops_mm - 4.6),
                height_mm=2.1,
                anchor="start",
                turn_deg=-60.0,
                style=style,
            )


_DRAWN = {"sewer", "storm", "gas", "power", "telecom", "heat", "water"}


def _table(
    draft: Draft, option: OptionDoc, stations: Sequence[StationDoc], *, scale: Scale, words: Words
) -> None:
    kept = _kept(stations, scale)
    xs = [scale.at(s["at_m"], 0.0)[0] for s in kept]
    labels = spread(xs, gap_mm=GAP_MM, room_mm=(LABELS_MM + 2.5, scale.right_mm - 2.5))
    y = scale.bottom_mm + 4.0
    for x, label_x, station in zip(xs, labels, kept, strict=True):
        draft.line([scale.at(station["at_m"], _ground(station)), (x, scale.bottom_mm), (label_x, y)], "grid")
    for row in ROWS:
        height = ROW_MM.get(row, 7.0)
        draft.box(0.0, y, LABELS_MM, y + height, "thin", fill="#eef3f8")
        draft.box(LABELS_MM, y, scale.right_mm, y + height, "thin")
        draft.text(words(row), (LABELS_MM / 2, y + height / 2 + 0.9), height_mm=2.5, room_mm=LABELS_MM - 2.0)
        _row(draft, row, option, kept, labels=labels, at_mm=(y, height), words=words, scale=scale)
        y += height


def _kept(stations: Sequence[StationDoc], scale: Scale) -> list[StationDoc]:
    """Ends, bends and crossings always; the even stations only where there is room between them."""
    fixed = [s for s in stations if s["kind"] in KEYS]
    room = GAP_MM / scale.per_m
    extra = [
        s
        for s in stations
        if s["kind"] not in KEYS and all(abs(s["at_m"] - o["at_m"]) >= room for o in fixed)
    ]
    both = sorted([*fixed, *extra], key=lambda s: s["at_m"])
    most = int((scale.per_m * stations[-1]["at_m"]) / GAP_MM) + 3
    return both if len(both) <= most else sorted(fixed, key=lambda s: s["at_m"])[:most]


def _row(
    draft: Draft, row: str, option: OptionDoc, kept: Sequence[StationDoc], *, labels: Sequence[float],
    at_mm: tuple[float, float], words: Words, scale: Scale,
) -> None:  # fmt: skip
    y, height = at_mm
    if row == "profile-distance":
        for (x0, s0), (x1, s1) in zip(
            zip(labels, kept, strict=True), zip(labels[1:], kept[1:], strict=False), strict=False
        ):
            draft.line([(x0, y), (x0, y + height)], "grid")
            narrow, told = x1 - x0 < 6.0, figure(s1["at_m"] - s0["at_m"], "m")
            place = ((x0 + x1) / 2 + (0.7 if narrow else 0.0), y + height / 2 + (0.0 if narrow else 0.8))
            draft.text(
                told,
                place,
                height_mm=2.0,
                turn_deg=-90.0 if narrow else 0.0,
                room_mm=height - 0.6 if narrow else None,
            )
        draft.line([(labels[-1], y), (labels[-1], y + height)], "grid")
    elif row == "profile-pipe":
        draft.text(
            _pipe_words(option, words), ((labels[0] + labels[-1]) / 2, y + height / 2 + 0.9), height_mm=2.4
        )
    elif row == "profile-surface":
        _surfaces(draft, option, at_mm=at_mm, words=words, scale=scale)
    else:
        for x, station in zip(labels, kept, strict=True):
            cell = _cell(row, station, words)
            turned = row != "profile-node"
            place = (x + (0.8 if turned else 0.0), y + height / 2 + (0.0 if turned else 0.8))
            draft.text(
                cell,
                place,
                height_mm=2.2,
                turn_deg=-90.0 if turned else 0.0,
                room_mm=height - 1.0 if turned else GAP_MM - 0.2,
            )


def _cell(row: str, station: StationDoc, words: Words) -> str:
    if row == "profile-node":
        return words(f"profile-kind-{station['kind']}")
    if row == "profile-chainage":
        return chainage(station["at_m"])
    value: Any = {
        "profile-ground": station["ground_m"], "profile-top": station["pipe_top_m"],
        "profile-bottom": station.get("pipe_bottom_m"), "profile-cover": station["cover_m"],
    }[row]  # fmt: skip
    return "—" if value is None else f"{value:.2f}"


def _surfaces(
    draft: Draft, option: OptionDoc, *, at_mm: tuple[float, float], words: Words, scale: Scale
) -> None:
    """The surfaces one after the other along the route, each in its field."""
    y, height = at_mm
    along = 0.0
    for run in option["route"]["surfaces"]:
        x0, x1 = scale.at(along, 0.0)[0], scale.at(along + run["length_m"], 0.0)[0]
        draft.line([(x1, y), (x1, y + height)], "grid")
        name = words.code("*", "surface", run["surface"])
        if x1 - x0 > 4.0:
            draft.text(name, ((x0 + x1) / 2, y + height / 2 + 0.8), height_mm=2.2, room_mm=x1 - x0 - 0.6)
        along += run["length_m"]
