"""Match lines of a plan in several sheets 接图, and the key plan that tells where each sheet lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.messages import lookup
from maps.plan.svg import label_box, readable_deg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.messages import Language
    from gis.ways.strips import Strip
    from maps.plan.svg import Canvas, Frame

INK = "#111"
HALF_MM, SIZE_MM, NUMBER_MM = 34.0, 2.8, 3.2


def draw_match_lines(canvas: Canvas, route: Any, strip: Strip, frame: Frame, *, language: Language) -> None:
    """A line across the route at each end of the sheet's piece, with the sheet it goes on to and the chainage there."""
    for at_m, other in strip.neighbours:
        spot, across = _across(route, at_m, frame)
        line = shapely.LineString([spot - across * HALF_MM, spot + across * HALF_MM])
        line = shapely.intersection(line, canvas.room)
        if line.is_empty:
            continue
        (x0, y0), (x1, y1) = shapely.get_coordinates(line)[[0, -1]]
        canvas.add(
            "path",
            d=f"M{x0:.2f} {y0:.2f}L{x1:.2f} {y1:.2f}",
            stroke=INK,
            stroke_width=0.6,
            stroke_dasharray="6 1.2 1.2 1.2",
            fill="none",
        )
        canvas.taken.append(line.buffer(0.6))
        words = lookup("maps", "plan.match-line", language).format_map(
            {"sheet": other, "sheets": strip.count, "chainage": chainage(at_m)}
        )
        _along(canvas, words, line, spot)


def chainage(at_m: float) -> str:
    """
    Chainage to the metre, as ticks on plans show it.

    >>> chainage(1207.0)
    '1+207'
    """
    kilometres, metres = divmod(round(at_m), 1000)
    return f"{kilometres}+{metres:03d}"


def draw_key_frames(canvas: Canvas, strips: Sequence[tuple[Strip, Any]], frame: Frame) -> None:
    """The window of every sheet as a rectangle with its number, on the plan of the whole route."""
    for strip, ground in strips:
        west, south, east, north = ground.bounds
        (x0, y0), (x1, y1) = frame.paper([(west, north), (east, south)])
        canvas.add(
            "rect",
            x=f"{x0:.2f}",
            y=f"{y0:.2f}",
            width=f"{x1 - x0:.2f}",
            height=f"{y1 - y0:.2f}",
            fill="none",
            stroke=INK,
            stroke_width=0.3,
            stroke_dasharray="3 1",
        )
        words = f"{strip.number}/{strip.count}"
        corners = [(x0 + 1.2, y0 + NUMBER_MM + 0.4), (x0 + 1.2, y1 - 1.2), (x1 - 8.5, y0 + NUMBER_MM + 0.4), (x1 - 8.5, y1 - 1.2)]  # fmt: skip
        free = (at for at in corners if canvas.claim(label_box(words, at, size_mm=NUMBER_MM, anchor="start")))
        canvas.text(words, next(free, corners[0]), size_mm=NUMBER_MM, bold=True, fill=INK)


def _across(route: Any, at_m: float, frame: Frame) -> tuple[Any, Any]:
    """Place of a distance along the route on paper, and the way across the route there."""
    around = [route.interpolate(min(max(at_m + step, 0.0), route.length)) for step in (0.0, -0.5, 0.5)]
    spot, behind, ahead = frame.paper([(point.x, point.y) for point in around])
    way = (ahead - behind) / (float(np.hypot(*(ahead - behind))) or 1.0)
    return spot, np.array([-way[1], way[0]])


def _along(canvas: Canvas, words: str, line: Any, spot: Any) -> None:
    """Words along a match line, beside the route, on the side where there is room."""
    (x0, y0), (x1, y1) = shapely.get_coordinates(line)[[0, -1]]
    turn = readable_deg(x1 - x0, y1 - y0)
    away = np.array([np.sin(np.radians(turn)), -np.cos(np.radians(turn))]) * 1.2
    middles = [
        (np.array(end) + spot) / 2 + lift for end in ((x0, y0), (x1, y1)) for lift in (away, -away * 2.6)
    ]
    spots = [(float(x), float(y)) for x, y in middles]
    free = (at for at in spots if canvas.claim(label_box(words, at, size_mm=SIZE_MM, turn_deg=turn)))
    canvas.text(
        words, next(free, spots[0]), size_mm=SIZE_MM, anchor="middle", turn_deg=turn, fill=INK, bold=True
    )
