"""One detail on paper: its own scale, true sizes in millimetres of the ground, balloons beside the parts."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from design.documents.draft.draft import Draft

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

XY = tuple[float, float]
SCALES = (5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 400)


@cache
def device_lengths() -> dict[str, tuple[list[float], list[float]]]:
    """Face to face lengths of devices by kind: DN and length [mm], data/devices.csv."""
    found: dict[str, tuple[list[float], list[float]]] = {}
    with files("design").joinpath("data", "devices.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            sizes, lengths = found.setdefault(row["kind"], ([], []))
            sizes.append(float(row["dn"]))
            lengths.append(float(row["length_mm"]))
    return found


def device_length_mm(kind: str, dn: int) -> float:
    """Face to face length of a device [mm], between the sizes of the table by proportion."""
    sizes, lengths = device_lengths()[kind]
    return float(np.interp(dn, sizes, lengths))


@dataclass
class Panel:
    """
    A part of a sheet that shows one view at 1:scale; sizes and places are those of the real thing [mm], y down.

    `origin_mm` is where (0, 0) of the real thing stands on the sheet.
    """

    draft: Draft
    origin_mm: XY
    scale: float

    def at(self, x_mm: float, y_mm: float) -> XY:
        return self.origin_mm[0] + x_mm / self.scale, self.origin_mm[1] + y_mm / self.scale

    def line(self, points_mm: Sequence[XY], style: str, *, closed: bool = False, fill: str = "") -> None:
        self.draft.line([self.at(x, y) for x, y in points_mm], style, closed=closed, fill=fill)

    def box(
        self, west_mm: float, top_mm: float, east_mm: float, bottom_mm: float, style: str, *, fill: str = "",
        hatch_mm: float = 0.0,
    ) -> None:  # fmt: skip
        """A rectangle; hatched with lines so far apart [mm of paper]."""
        corners = [self.at(west_mm, top_mm), self.at(east_mm, bottom_mm)]
        (x0, y0), (x1, y1) = corners
        if fill:
            self.draft.box(x0, y0, x1, y1, style, fill=fill)
        if hatch_mm:
            self.draft.hatch(
                shapely.box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)), step_mm=hatch_mm
            )
        self.draft.box(x0, y0, x1, y1, style)

    def circle(self, x_mm: float, y_mm: float, radius_mm: float, style: str, *, fill: str = "") -> None:
        self.draft.circle(self.at(x_mm, y_mm), radius_mm / self.scale, style, fill=fill)

    def pipe(self, start_mm: XY, end_mm: XY, outer_mm: float, style: str) -> None:
        """A straight pipe as its two sides and its axis."""
        start, end = np.asarray(start_mm, dtype=float), np.asarray(end_mm, dtype=float)
        along = (end - start) / (float(np.hypot(*(end - start))) or 1.0)
        side = np.array([-along[1], along[0]]) * outer_mm / 2
        self.line(
            [tuple(start + side), tuple(end + side), tuple(end - side), tuple(start - side)],
            style,
            closed=True,
            fill="#ffffff",
        )
        self.line([tuple(start - along * 60), tuple(end + along * 60)], "centre")

    def dimension(self, start_mm: XY, end_mm: XY, *, away_mm: float, words: str = "") -> None:
        """A dimension between two points of the real thing, `away_mm` of paper beside them; its figure in millimetres."""
        length = float(np.hypot(end_mm[0] - start_mm[0], end_mm[1] - start_mm[1]))
        self.draft.dimension(self.at(*start_mm), self.at(*end_mm), words or f"{length:.0f}", away_mm=away_mm)

    def balloon(self, number: int | None, target_mm: XY, *, dx_mm: float, dy_mm: float) -> None:
        """The number of a part, so far from it on paper; nothing for a part that is not in the list."""
        if number is None:
            return
        x, y = self.at(*target_mm)
        self.draft.balloon(number, (x + dx_mm, y + dy_mm), (x, y))

    def note(
        self, words: str, at_mm: XY, *, height_mm: float = 2.3, style: str = "text", up_mm: float = 0.0
    ) -> None:
        x, y = self.at(*at_mm)
        self.draft.text(words, (x, y - up_mm), height_mm=height_mm, style=style)


def fitting_scale(width_mm: float, height_mm: float, *, room_mm: XY) -> int:
    """The largest round scale at which something so large fits the room on paper."""
    fits = [s for s in SCALES if width_mm / s <= room_mm[0] and height_mm / s <= room_mm[1]]
    return fits[0] if fits else SCALES[-1]


def part_number(parts: Sequence[Mapping[str, Any]], *words: str) -> int | None:
    """Number of the first part whose English name holds all the words; None when the list has none such."""
    for part in parts:
        name = str(part.get("name_en", "")).lower()
        if all(word in name for word in words):
            return int(part["no"])
    return None


def draw_device(
    panel: Panel, kind: str, at_mm: XY, *, length_mm: float, outer_mm: float, style: str
) -> None:  # fmt: skip
    """A valve, strainer, meter, check valve or joint seen from the side, from `at_mm` to the right, flanges at both ends."""
    west, axis = at_mm
    half, flange = outer_mm * 0.62, max(length_mm * 0.07, 6.0)
    _DEVICES[kind](panel, at_mm, length_mm, outer_mm, style)
    for x in (west, west + length_mm - flange):
        panel.box(x, axis - half, x + flange, axis + half, style, fill="#ffffff")


def _valve(panel: Panel, at_mm: XY, length_mm: float, outer_mm: float, style: str) -> None:
    (west, axis), half = at_mm, outer_mm * 0.62
    east = west + length_mm
    corners = [(west, axis - half), (west, axis + half), (east, axis - half), (east, axis + half)]
    panel.line(corners, style, closed=True, fill="#ffffff")


def _body(panel: Panel, at_mm: XY, length_mm: float, outer_mm: float, style: str) -> None:
    (west, axis), half = at_mm, outer_mm * 0.5
    panel.box(west, axis - half, west + length_mm, axis + half, style, fill="#ffffff")


def _meter(panel: Panel, at_mm: XY, length_mm: float, outer_mm: float, style: str) -> None:
    _body(panel, at_mm, length_mm, outer_mm, style)
    middle, axis, hand = at_mm[0] + length_mm / 2, at_mm[1], outer_mm * 0.3
    panel.circle(middle, axis, outer_mm * 0.62, style, fill="#ffffff")
    panel.line([(middle - hand, axis + hand), (middle + hand, axis - hand)], style)


def _check(panel: Panel, at_mm: XY, length_mm: float, outer_mm: float, style: str) -> None:
    (west, axis), half = at_mm, outer_mm * 0.62
    east = west + length_mm
    panel.box(west, axis - half, east, axis + half, style, fill="#ffffff")
    panel.line([(west, axis + half), (east, axis - half)], style)
    panel.line([(east - length_mm * 0.3, axis - half), (east, axis - half), (east, axis - half * 0.5)], style)


def _strainer(panel: Panel, at_mm: XY, length_mm: float, outer_mm: float, style: str) -> None:
    _body(panel, at_mm, length_mm, outer_mm, style)
    middle, foot = at_mm[0] + length_mm / 2, at_mm[1] + outer_mm * 0.5
    sides = [
        (middle - length_mm * 0.1, foot),
        (middle + length_mm * 0.2, foot + outer_mm * 0.5),
        (middle + length_mm * 0.38, foot),
    ]
    panel.line(sides, style)


def _joint(panel: Panel, at_mm: XY, length_mm: float, outer_mm: float, style: str) -> None:
    _body(panel, at_mm, length_mm, outer_mm, style)
    (west, axis), half = at_mm, outer_mm * 0.62
    for share in (0.35, 0.5, 0.65):
        x = west + length_mm * share
        panel.line([(x, axis - half), (x, axis + half)], style)


def _preventer(panel: Panel, at_mm: XY, length_mm: float, outer_mm: float, style: str) -> None:
    """Two check valves one after the other in one body, their way of flow to the right."""
    (west, axis), half = at_mm, outer_mm * 0.75
    panel.box(west, axis - half, west + length_mm, axis + half, style, fill="#ffffff")
    for share in (0.14, 0.54):
        start, end = west + length_mm * share, west + length_mm * (share + 0.32)
        wing = half * 0.7
        panel.line([(start, axis - wing), (start, axis + wing), (end, axis)], style, closed=True)
        panel.line([(end, axis - wing), (end, axis + wing)], style)


_DEVICES = {
    "preventer": _preventer,
    "valve": _valve,
    "strainer": _strainer,
    "meter": _meter,
    "check": _check,
    "joint": _joint,
}
