"""Writes SVG on a sheet of paper measured in millimetres: map geometry in, escaped text and short paths out."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable

FONT = "Noto Sans SC"
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WORDS = re.compile(r"[!-~]+?(?:-|(?=[^!-~])|$)\s*|.[）」』》，。；：！？、]*", re.DOTALL)
_HIDDEN = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def xml_text(value: object) -> str:
    """Text made safe for element content and attributes; what XML cannot hold and what turns text round is left out."""
    return escape(_HIDDEN.sub("", _NOT_XML.sub("", str(value))), quote=True)


def text_width_mm(text: str, size_mm: float) -> float:
    """About how wide the text runs in Noto Sans SC [mm]: full-width characters one em, others 0.58."""
    return sum(1.0 if ord(c) > 0x2E7F else 0.58 for c in text) * size_mm


def wrapped(text: str, *, width_mm: float, size_mm: float) -> list[str]:
    """
    Lines that fit `width_mm`; breaks anywhere, as Chinese may, but inside a word of letters only where it fits no line.

    >>> wrapped("Sant Boi carrer-north", width_mm=30.0, size_mm=3.0), wrapped("接水平面图", width_mm=9.0, size_mm=3.0)
    (['Sant Boi carrer-', 'north'], ['接水平', '面图'])
    """
    lines = [""]
    for word in _WORDS.findall(text):
        if lines[-1] and text_width_mm(lines[-1] + word.rstrip(), size_mm) > width_mm:
            lines.append("")
        for char in word:
            if text_width_mm(lines[-1] + char.rstrip(), size_mm) > width_mm and lines[-1]:
                lines.append("")
            lines[-1] += char
    return lines


@dataclass(frozen=True)
class Frame:
    """
    The window of the map on paper: its south-west corner in map metres, its place and size in millimetres.

    `scale` is the denominator: 500 for 1:500.
    """

    west_x: float
    south_y: float
    scale: float
    left_mm: float
    top_mm: float
    width_mm: float
    height_mm: float

    @property
    def mm_per_m(self) -> float:
        return 1000.0 / self.scale

    def window(self, *, margin_mm: float = 0.0) -> tuple[float, float, float, float]:
        """West, south, east, north of the frame in map metres, grown by a margin of paper."""
        grow = margin_mm / self.mm_per_m
        return (
            self.west_x - grow,
            self.south_y - grow,
            self.west_x + self.width_mm / self.mm_per_m + grow,
            self.south_y + self.height_mm / self.mm_per_m + grow,
        )

    def paper(self, xy: Any) -> Any:
        """Millimetres on the sheet, shape (n, 2), of map positions of the same shape."""
        points = np.asarray(xy, dtype=float).reshape(-1, 2)
        return np.column_stack([
            self.left_mm + (points[:, 0] - self.west_x) * self.mm_per_m,
            self.top_mm + self.height_mm - (points[:, 1] - self.south_y) * self.mm_per_m,
        ])  # fmt: skip

    def path(self, geometry: Any) -> str:
        """Path data of a line or polygon, or of many."""
        parts = []
        for piece in shapely.get_parts(geometry):
            rings = [piece] if piece.geom_type == "LineString" else _rings(piece)
            parts += [
                _line(self.paper(shapely.get_coordinates(ring)), closed=piece.geom_type == "Polygon")
                for ring in rings
            ]
        return "".join(parts)


def _rings(polygon: Any) -> list[Any]:
    return [polygon.exterior, *polygon.interiors] if polygon.geom_type == "Polygon" else []


def _line(points: Any, *, closed: bool) -> str:
    body = "L".join(f"{x:.2f} {y:.2f}" for x, y in points)
    return f"M{body}{'Z' if closed else ''}"


@dataclass
class Canvas:
    """
    Collects elements; `taken` remembers where text already stands, so that labels do not cover each other.

    `room` is the polygon labels must stay inside [mm].
    """

    room: Any
    parts: list[str] = field(default_factory=list)
    taken: list[Any] = field(default_factory=list)

    def add(self, tag: str, **attributes: object) -> None:
        self.parts.append(f"<{tag}{_attributes(attributes)}/>")

    def open(self, tag: str, **attributes: object) -> None:
        self.parts.append(f"<{tag}{_attributes(attributes)}>")

    def close(self, tag: str) -> None:
        self.parts.append(f"</{tag}>")

    def text(
        self, value: str, at_mm: tuple[float, float], *, size_mm: float, fill: str = "#222", anchor: str = "start",
        bold: bool = False, turn_deg: float = 0.0, halo: bool = True,
    ) -> None:  # fmt: skip
        """One line of text whose baseline starts, centres or ends at `at_mm`; turned clockwise by `turn_deg`."""
        x_mm, y_mm = at_mm
        more: dict[str, object] = {"font-weight": "700"} if bold else {}
        if halo:
            more |= {"stroke": "#fff", "stroke-width": f"{size_mm * 0.22:.2f}"}
            more |= {"paint-order": "stroke", "stroke-linejoin": "round"}
        if turn_deg:
            more["transform"] = f"rotate({turn_deg:.1f} {x_mm:.2f} {y_mm:.2f})"
        place = {"x": f"{x_mm:.2f}", "y": f"{y_mm:.2f}", "font-size": f"{size_mm:.2f}"}
        head = _attributes({**place, "fill": fill, "text-anchor": anchor, **more})
        self.parts.append(f"<text{head}>{xml_text(value)}</text>")

    def claim(self, box: Any) -> bool:
        """Take a place on the paper (a polygon in mm); False when something stands there or it leaves the room."""
        if not self.room.covers(box) or any(box.intersects(other) for other in self.taken):
            return False
        self.taken.append(box)
        return True

    def document(self, *, width_mm: float, height_mm: float, title: str) -> str:
        """The whole SVG file, at true size."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width_mm:g}mm" height="{height_mm:g}mm" '
            f'viewBox="0 0 {width_mm:g} {height_mm:g}" font-family="{FONT}, Noto Sans JP, Microsoft YaHei, sans-serif">'
            f"<title>{xml_text(title)}</title>{''.join(self.parts)}</svg>"
        )


def _attributes(attributes: dict[str, object]) -> str:
    return "".join(f' {name.replace("_", "-")}="{xml_text(value)}"' for name, value in attributes.items())


def label_box(
    text: str, at_mm: tuple[float, float], *, size_mm: float, turn_deg: float = 0.0, anchor: str = "middle"
) -> Any:
    """The ground a label covers, as a polygon in millimetres; `at_mm` as in `Canvas.text`."""
    width = text_width_mm(text, size_mm)
    left = {"start": 0.0, "middle": -width / 2, "end": -width}[anchor]
    x_mm, y_mm = at_mm
    flat = shapely.box(x_mm + left, y_mm - size_mm * 0.9, x_mm + left + width, y_mm + size_mm * 0.25)
    return shapely.affinity.rotate(flat, turn_deg, origin=(x_mm, y_mm)) if turn_deg else flat


def readable_deg(along_x: float, along_y: float) -> float:
    """Turn of a text along a direction on paper (y down), between -90 and 90: it never stands on its head [degrees]."""
    turn = math.degrees(math.atan2(along_y, along_x))
    if turn > 89.9:  # upright text is read from the right-hand side, as on drawings
        return turn - 180.0
    return turn + 180.0 if turn < -90.1 else turn


def longest_leg(points: Iterable[Any]) -> tuple[Any, Any]:
    """The two ends of the longest straight piece of a polyline."""
    coordinates = np.asarray(list(points), dtype=float)
    lengths = np.hypot(*np.diff(coordinates, axis=0).T)
    at = int(lengths.argmax())
    return coordinates[at], coordinates[at + 1]
