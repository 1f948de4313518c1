"""A drawing as a list of lines, circles and texts in millimetres, y down from its upper left corner."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import shapely

from gis.files.shipped import shipped_table

if TYPE_CHECKING:
    from collections.abc import Sequence

XY = tuple[float, float]
Anchor = Literal["start", "middle", "end"]


@cache
def styles() -> dict[str, dict[str, Any]]:
    """Pens of data/draft_styles.toml by name."""
    return shipped_table("design", "draft_styles.toml")


def text_width_mm(words: str, height_mm: float) -> float:
    """About how wide a text runs in Noto Sans SC [mm]: full-width signs one em, others 0.58."""
    return sum(1.0 if ord(sign) > 0x2E7F else 0.58 for sign in words) * height_mm


BALLOON_MM = 2.2  # radius of the circle round a part's number


def _text_box(item: dict[str, Any]) -> Any:
    """The ground a text covers [mm]."""
    width, left = text_width_mm(item["t"], item["h"]), {"start": 0.0, "middle": -0.5, "end": -1.0}
    x, y = item["x"] + left[item["anchor"]] * width, item["y"]
    flat = shapely.box(x, y - item["h"] * 0.9, x + width, y + item["h"] * 0.2)
    return shapely.affinity.rotate(flat, item["turn"], origin=(item["x"], y)) if item["turn"] else flat


@dataclass
class Draft:
    """Collects primitives; `items` are plain values, fit for JSON, `waiting` the part numbers still to be placed."""

    width_mm: float
    height_mm: float
    items: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[tuple[int, XY, XY]] = field(default_factory=list)

    def line(
        self, points_mm: Sequence[Any], style: str = "thin", *, closed: bool = False, fill: str = ""
    ) -> None:
        """A polyline, or an area with an outline; `fill` is a colour."""
        placed = [[round(float(x), 3), round(float(y), 3)] for x, y in points_mm]
        self.items.append({"k": "line", "p": placed, "s": style, "closed": closed, "fill": fill})

    def box(self, west_mm: float, top_mm: float, east_mm: float, bottom_mm: float, style: str = "thin", *, fill: str = "") -> None:  # fmt: skip
        """A rectangle."""
        corners = [(west_mm, top_mm), (east_mm, top_mm), (east_mm, bottom_mm), (west_mm, bottom_mm)]
        self.line(corners, style, closed=True, fill=fill)

    def ellipse(self, centre_mm: XY, half_mm: XY, style: str = "thin", *, fill: str = "") -> None:
        """An ellipse with its axes along the sheet; a circle where both halves are equal."""
        (x, y), (a, b) = centre_mm, half_mm
        at = {"x": round(x, 3), "y": round(y, 3), "a": round(a, 3), "b": round(b, 3)}
        self.items.append({"k": "ellipse", **at, "s": style, "fill": fill})

    def circle(self, centre_mm: XY, radius_mm: float, style: str = "thin", *, fill: str = "") -> None:
        """A circle."""
        self.ellipse(centre_mm, (radius_mm, radius_mm), style, fill=fill)

    def text(
        self, words: str, at_mm: XY, *, height_mm: float = 2.5, anchor: Anchor = "middle", turn_deg: float = 0.0,
        bold: bool = False, style: str = "text", room_mm: float | None = None,
    ) -> None:  # fmt: skip
        """One line whose baseline starts, centres or ends at `at_mm`, turned clockwise; made smaller to fit `room_mm`."""
        wide = text_width_mm(words, height_mm)
        if room_mm is not None and wide > room_mm:
            height_mm *= room_mm / wide
        self.items.append({
            "k": "text", "t": words, "x": round(at_mm[0], 3), "y": round(at_mm[1], 3), "h": round(height_mm, 3),
            "anchor": anchor, "turn": round(turn_deg, 2), "bold": bold, "s": style,
        })  # fmt: skip

    def dimension(
        self, start_mm: XY, end_mm: XY, words: str, *, away_mm: float, height_mm: float = 2.2
    ) -> None:
        """A dimension line `away_mm` to the left of the way from start to end (y down), with ticks and its figure."""
        start, end = np.asarray(start_mm, dtype=float), np.asarray(end_mm, dtype=float)
        along = end - start
        length = float(np.hypot(*along)) or 1.0
        along = along / length
        left = np.array([along[1], -along[0]]) * (1.0 if away_mm >= 0 else -1.0)
        foot, head = start + left * abs(away_mm), end + left * abs(away_mm)
        for base, tip in ((start, foot), (end, head)):
            self.line([base + left * 0.8, tip + left * 1.2], "dimension")
            self.line([tip - (along + left) * 0.8, tip + (along + left) * 0.8], "dimension")
        self.line([foot, head], "dimension")
        turn = float(np.degrees(np.arctan2(along[1], along[0])))
        turn = turn - 180.0 if turn > 89.9 else turn + 180.0 if turn < -90.1 else turn
        up = np.array([np.sin(np.radians(turn)), -np.cos(np.radians(turn))])
        middle = (foot + head) / 2 + up * 0.7
        self.text(words, (middle[0], middle[1]), height_mm=height_mm, turn_deg=turn, style="dimension")

    def balloon(self, number: int, at_mm: XY, target_mm: XY) -> None:
        """Ask for a part's number in a circle with a leader to the part; `settle` finds where it stands."""
        self.waiting.append((number, at_mm, target_mm))

    def settle(self) -> None:
        """Place the numbers that were asked for: where wished, else nearby, so that none covers another or a text."""
        taken = [_text_box(item) for item in self.items if item["k"] == "text"]
        tips = [shapely.Point(target) for _, _, target in self.waiting]
        for number, wished, target in self.waiting:
            others = [tip.buffer(0.8) for tip in tips if tip.coords[0] != tuple(map(float, target))]
            at = self._free_place(wished, target, [*taken, *others])
            taken.append(shapely.Point(at).buffer(BALLOON_MM + 0.25))
            self._draw_balloon(number, at, target)
        self.waiting.clear()

    def _free_place(self, wished_mm: XY, target_mm: XY, taken: Sequence[Any]) -> XY:
        """The first place around a part, from the wished one on, that is on the sheet and free; the wished one when none is."""
        way = np.asarray(wished_mm, dtype=float) - np.asarray(target_mm, dtype=float)
        reach, angle = max(float(np.hypot(*way)), 6.0), float(np.arctan2(way[1], way[0]))
        for stretch in (1.0, 1.35, 1.75, 2.2):
            for turn in (0, 20, -20, 40, -40, 60, -60, 85, -85, 110, -110, 140, -140, 180):
                towards = angle + np.radians(turn)
                x = target_mm[0] + reach * stretch * float(np.cos(towards))
                y = target_mm[1] + reach * stretch * float(np.sin(towards))
                on_sheet = (
                    BALLOON_MM < x < self.width_mm - BALLOON_MM
                    and BALLOON_MM < y < self.height_mm - BALLOON_MM
                )
                if on_sheet and not any(shapely.Point(x, y).buffer(BALLOON_MM).intersects(o) for o in taken):
                    return x, y
        return wished_mm

    def _draw_balloon(self, number: int, at_mm: XY, target_mm: XY) -> None:
        centre, tip = np.asarray(at_mm, dtype=float), np.asarray(target_mm, dtype=float)
        way = tip - centre
        edge = centre + way / (float(np.hypot(*way)) or 1.0) * BALLOON_MM
        self.line([edge, tip], "thin")
        self.circle((float(tip[0]), float(tip[1])), 0.4, "thin", fill="#1d2b3a")
        self.circle((float(centre[0]), float(centre[1])), BALLOON_MM, "thin", fill="#ffffff")
        self.text(str(number), (float(centre[0]), float(centre[1]) + 0.9), height_mm=2.5)

    def hatch(self, area: Any, *, step_mm: float = 1.6, turn_deg: float = 45.0) -> None:
        """Parallel lines over a polygon in millimetres."""
        if area.is_empty:
            return
        west, top, east, bottom = area.bounds
        reach = float(np.hypot(east - west, bottom - top)) / 2 + step_mm
        centre = ((west + east) / 2, (top + bottom) / 2)
        offsets = np.arange(-reach, reach, step_mm)
        along = np.array([np.cos(np.radians(turn_deg)), -np.sin(np.radians(turn_deg))])
        middles = np.array(centre) + offsets[:, None] * np.array([-along[1], along[0]])
        rows = shapely.linestrings(np.stack([middles - along * reach, middles + along * reach], axis=1))
        for piece in shapely.get_parts(shapely.intersection(rows, area)):
            if piece.geom_type == "LineString" and piece.length > 0.05:
                self.line(shapely.get_coordinates(piece), "hatch")

    def place(self, other: Draft, at_mm: XY) -> None:
        """Put another drawing onto this one, its corner at `at_mm`."""
        dx, dy = at_mm
        for item in other.items:
            moved = dict(item)
            if item["k"] == "line":
                moved["p"] = [[round(x + dx, 3), round(y + dy, 3)] for x, y in item["p"]]
            else:
                moved |= {"x": round(item["x"] + dx, 3), "y": round(item["y"] + dy, 3)}
            self.items.append(moved)

    def document(self) -> dict[str, Any]:
        """The drawing as the typesetter reads it."""
        return {"width": self.width_mm, "height": self.height_mm, "items": self.items}
