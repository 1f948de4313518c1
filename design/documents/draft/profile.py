"""Longitudinal profile 纵断面: ground, pipe, what is crossed, and the table of stations under it, at true scales."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from design.documents.draft.draft import Draft, text_width_mm
from design.documents.draft.profile_crossings import crossing_table, crossing_words
from design.documents.draft.profile_table import LABELS_MM, Scale, draw_table, pipe_words, table_height_mm
from design.documents.draft.scales import SCALES, SHEETS, Sheet, chainage, profile_sheet, spread
from design.documents.draft.stretch import Stretch, ground_at, ground_of, stretches
from design.documents.reading import second_inlet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from design.documents.words import Words
    from design.wire.scheme import OptionDoc

TOP_MM, SIDE_MM = 16.0, 12.0
LABEL_ROOM_MM = 31.0  # what the names of crossings need above the ground
UPS = (20, 25, 50, 100, 200, 500)


@dataclass(frozen=True)
class ProfileSheet:
    """A sheet of the profile; of a long route one of several between match lines; `mark` names a second inlet."""

    mark: str
    title: str
    draft: Draft
    sheet: Sheet
    stretch: Stretch


def profile_sheets(option: OptionDoc, words: Words) -> list[ProfileSheet]:
    """The profiles of an option: of its route, and of that of its second inlet where it has one."""
    second = second_inlet(option)
    found = _profile(option, words, mark="")
    return found if second is None else [*found, *_profile(second, words, mark=f"{words('second-inlet')} · ")]


def _profile(option: OptionDoc, words: Words, *, mark: str) -> list[ProfileSheet]:
    """The profile of a route at 1:500 on the smallest sheet that holds it, or on several; none when the scheme tells no stations."""
    most_m = (SHEETS["a3"][0] - LABELS_MM - SIDE_MM) * SCALES[0] / 1000.0
    pieces = stretches(option, most_m=most_m)
    up = max((_up(option, piece) for piece in pieces), default=0)
    return [_sheet(option, piece, words, up=up, mark=mark) for piece in pieces]


def _sheet(option: OptionDoc, piece: Stretch, words: Words, *, up: int, mark: str) -> ProfileSheet:
    sheet = profile_sheet(piece.to_m - piece.from_m, labels_mm=LABELS_MM + SIDE_MM)
    if piece.count > 1:
        sheet = Sheet("a3", *SHEETS["a3"], sheet.scale)
    draft = Draft(sheet.width_mm, sheet.height_mm)
    scale = _scale(option, piece, sheet, up=up, told=pipe_words(option, words))
    _graph(draft, option, piece, scale=scale, words=words)
    draw_table(draft, option, piece, scale=scale, words=words)
    _match_lines(draft, piece, scale=scale, words=words)
    told = words(
        "profile-scale", horizontal=f"1:{sheet.scale}", vertical=f"1:{up}", times=f"{sheet.scale / up:.0f}"
    )
    title = mark + words("drawing-profile")
    if piece.count > 1:
        ends = {"start": chainage(piece.from_m), "end": chainage(piece.to_m)}
        title = mark + words("drawing-profile-part", number=piece.number, count=piece.count, **ends)
    draft.text(title, (draft.width_mm / 2, 6.0), height_mm=4.5, bold=True, room_mm=draft.width_mm - 20.0)
    draft.text(told, (draft.width_mm / 2, 11.0), height_mm=2.6)
    crossing_table(draft, piece, words, bottom_mm=min(scale.at(piece.from_m, ground_of(s))[1] for s in piece.stations) - LABEL_ROOM_MM,
                   end_mm=scale.at(piece.to_m, 0.0)[0])  # fmt: skip
    return ProfileSheet(mark, title, draft, sheet, piece)


def _up(option: OptionDoc, piece: Stretch) -> int:
    """The largest round vertical scale that holds ground, pipe and all that is crossed."""
    low, high = _heights(option, piece)
    paper = "a3" if piece.count > 1 else profile_sheet(piece.to_m, labels_mm=LABELS_MM + SIDE_MM).paper
    room_mm = SHEETS[paper][1] - TOP_MM - table_height_mm() - 8.0
    return next((s for s in UPS if (high - low + 1.0) * 1000 / s <= room_mm), 1000)


def _scale(option: OptionDoc, piece: Stretch, sheet: Sheet, *, up: int, told: str) -> Scale:
    low, _ = _heights(option, piece)
    step = 0.5 if up <= 50 else 1.0 if up <= 100 else 5.0
    lowest = np.floor((low - 0.3) / step) * step
    left, per_m = LABELS_MM + 6.0, 1000 / sheet.scale
    words_mm = LABELS_MM + text_width_mm(told, 2.4) + 6.0
    right = min(max(left + (piece.to_m - piece.from_m) * per_m + 8.0, words_mm), sheet.width_mm)
    bottom = sheet.height_mm - table_height_mm() - 4.0
    return Scale(left, bottom, per_m, 1000 / up, float(lowest), right, piece.from_m)


def _heights(option: OptionDoc, piece: Stretch) -> tuple[float, float]:
    tops = [ground_of(s) for s in piece.stations]
    lows = [ground_of(s) - s["cover_m"] - _outer_m(option) for s in piece.stations]
    for crossing in piece.crossings:
        if crossing["cover_m"] is not None:
            ground = ground_at(piece.stations, crossing["at_m"])
            lows.append(ground - crossing["cover_m"] - crossing.get("height_m", 0.0))
    return min(lows), max(tops)


def _outer_m(option: OptionDoc) -> float:
    return option["service_pipe"]["outer_diameter_mm"] / 1000.0


def _match_lines(draft: Draft, piece: Stretch, *, scale: Scale, words: Words) -> None:
    """An upright line where the profile goes on on another sheet, from above the ground down to the table."""
    for at_m, other in piece.neighbours:
        x = scale.at(at_m, 0.0)[0]
        # The list of crossings stands above the names of the crossed: the line begins below both.
        top = min(scale.at(piece.from_m, ground_of(s))[1] for s in piece.stations) - LABEL_ROOM_MM
        draft.line([(x, max(top, TOP_MM)), (x, scale.bottom_mm)], "match")
        told = words("match-line", sheet=other, sheets=piece.count, chainage=chainage(at_m))
        beside = -1.2 if at_m == piece.from_m else 3.4
        draft.text(told, (x + beside, scale.bottom_mm - 3.0), height_mm=2.6, turn_deg=-90.0, anchor="start", bold=True)  # fmt: skip


def _graph(draft: Draft, option: OptionDoc, piece: Stretch, *, scale: Scale, words: Words) -> None:
    stations = piece.stations
    _axis(
        draft,
        scale,
        highest_m=max(ground_of(s) for s in stations),
        words=words,
        known=stations[0]["ground_m"] is not None,
    )
    ground = [scale.at(s["at_m"], ground_of(s)) for s in stations]
    top = [scale.at(s["at_m"], ground_of(s) - s["cover_m"]) for s in stations]
    bottom = [scale.at(s["at_m"], ground_of(s) - s["cover_m"] - _outer_m(option)) for s in stations]
    draft.line([*top, *reversed(bottom)], "design", closed=True, fill="#f6d3e0")
    draft.line(ground, "ground")
    for (x0, y0), (x1, y1) in pairwise(ground):
        for share in np.arange(0.0, 1.0, 4.0 / max(x1 - x0, 4.0)):
            x, y = x0 + (x1 - x0) * share, y0 + (y1 - y0) * share
            draft.line([(x, y), (x - 1.2, y + 1.2)], "hatch")
    draft.text(
        words("profile-ground-line"),
        (ground[0][0] + 1.0, min(y for x, y in ground if x <= ground[0][0] + 12.0) - 1.4 - _rise(ground)),
        height_mm=2.3,
        anchor="start",
        style="ground",
    )
    told = pipe_words(option, words)
    half = text_width_mm(told, 2.4) / 2
    x = max((bottom[0][0] + bottom[-1][0]) / 2, LABELS_MM + half + 3.0)
    under = [y for along, y in bottom if abs(along - x) <= half + 10.0] or [y for _, y in bottom]
    draft.text(told, (x, max(under) + 3.8), height_mm=2.4, style="design")
    _crossed(draft, piece, scale=scale, words=words)


def _rise(ground: Sequence[tuple[float, float]]) -> float:
    """How much the ground rises under its name at the start of the profile [mm]."""
    (x0, y0), (x1, y1) = ground[0], ground[1]
    return max(0.0, (y0 - y1) / max(x1 - x0, 1e-6) * 10.0) if x1 > x0 + 12.0 else 0.0


def _axis(draft: Draft, scale: Scale, *, highest_m: float, words: Words, known: bool) -> None:
    """The height axis with a tick every half metre, or every metre where that is too close."""
    step = 0.5 if scale.up_per_m * 0.5 >= 6.0 else 1.0 if scale.up_per_m >= 5.0 else 5.0
    x = LABELS_MM
    levels = np.arange(scale.lowest_m, highest_m + step, step)
    for n, (low, high) in enumerate(pairwise(levels)):
        y0, y1 = scale.at(scale.from_m, float(low))[1], scale.at(scale.from_m, float(high))[1]
        draft.box(x, y1, x + 1.4, y0, "thin", fill="#1d2b3a" if n % 2 == 0 else "#ffffff")
    for level in levels:
        y = scale.at(scale.from_m, float(level))[1]
        draft.line([(x + 1.4, y), (scale.right_mm, y)], "grid")
        draft.text(f"{level:.2f}", (x - 1.0, y + 0.8), height_mm=2.2, anchor="end")
    told = words("profile-axis") if known else words("profile-no-ground")
    draft.text(told, (2.0, scale.at(scale.from_m, float(levels[-1]))[1] - 2.5), height_mm=2.2, anchor="start")


def _crossed(draft: Draft, piece: Stretch, *, scale: Scale, words: Words) -> None:
    """Pipes and cables across the route, at their depth, each with its clear distance."""
    crossings, stations = piece.crossings, piece.stations
    spots = [scale.at(c["at_m"], 0.0)[0] for c in crossings]
    tops_mm = min(scale.at(s["at_m"], ground_of(s))[1] for s in stations)
    for crossing, x, label_x in zip(
        crossings, spots, spread(spots, gap_mm=9.0, room_mm=(LABELS_MM + 8, draft.width_mm - 4)), strict=True
    ):
        style = f"utility-{crossing['kind']}" if crossing["kind"] in _DRAWN else "utility-other"
        ground = ground_at(stations, crossing["at_m"])
        depth = crossing["cover_m"]
        high = crossing.get("height_m") or 0.1
        y = scale.at(scale.from_m, ground - (depth if depth is not None else 0.0) - high / 2)[1]
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
