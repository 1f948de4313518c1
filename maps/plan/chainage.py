"""Chainage 桩号 along the new pipe on a plan: a tick every round distance, its figure beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from maps.plan.layers import picture_style
from maps.plan.svg import label_box, readable_deg

if TYPE_CHECKING:
    from maps.plan.svg import Canvas, Frame

STEPS_M = (10, 20, 50, 100, 200, 500, 1000)
APART_MM = 18.0
SIZE_MM = 1.9


def draw_chainage(
    canvas: Canvas, route: Any, frame: Frame, *, span_m: tuple[float, float] | None = None
) -> None:
    """Ticks across the route, or a span of it, with chainage in kilometres and metres, 0+020; the words stand across the route."""
    first_m, last_m = span_m or (0.0, route.length)
    step_m = next((step for step in STEPS_M if step * frame.mm_per_m >= APART_MM), STEPS_M[-1])
    colour = picture_style()["route"]["line"]
    for at_m in np.arange(np.ceil(first_m / step_m) * step_m, last_m, step_m):
        ahead = route.interpolate(min(at_m + 0.1, route.length))
        here = route.interpolate(max(min(at_m, route.length - 0.1), 0.0))
        spot, along = frame.paper([(here.x, here.y)])[0], frame.paper([(ahead.x, ahead.y)])[0]
        way = (along - spot) / (float(np.hypot(*(along - spot))) or 1.0)
        across = np.array([-way[1], way[0]])
        tick = f"M{spot[0] - across[0] * 1.6:.2f} {spot[1] - across[1] * 1.6:.2f}L{spot[0] + across[0] * 1.6:.2f} {spot[1] + across[1] * 1.6:.2f}"
        canvas.add("path", d=tick, stroke=colour, stroke_width=0.2, fill="none")
        _write(canvas, f"{int(at_m) // 1000}+{int(at_m) % 1000:03d}", spot, across, fill=colour)


def _write(canvas: Canvas, words: str, spot: Any, across: Any, *, fill: str) -> None:
    """The figure on that side of the route where there is room; on neither when both are taken."""
    for side in (1.0, -1.0):
        way = across * side
        turn = readable_deg(*way)
        anchor = "start" if abs(readable_deg(*way) - np.degrees(np.arctan2(way[1], way[0]))) < 1.0 else "end"
        foot = spot + way * 2.2 + np.array([-np.sin(np.radians(turn)), np.cos(np.radians(turn))]) * 0.6
        at_mm = (float(foot[0]), float(foot[1]))
        if canvas.claim(label_box(words, at_mm, size_mm=SIZE_MM, turn_deg=turn, anchor=anchor).buffer(0.1)):
            canvas.text(words, at_mm, size_mm=SIZE_MM, anchor=anchor, turn_deg=turn, fill=fill)
            return
