"""The connection on a plan: the new service pipe with its legs, tie-in, meter and site; and the routes of other options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely.ops import substring

from gis.ways.redline import red_line_crossing
from maps.plan.layers import picture_style, symbol
from maps.plan.svg import label_box, readable_deg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gis.ways.strips import Strip
    from maps.plan.svg import Canvas, Frame

_OFFSETS_MM = tuple(
    (reach * np.cos(turn), reach * np.sin(turn))
    for reach in (7.0, 11.0, 16.0, 22.0)
    for turn in np.radians((-40, 40, -140, 140, -75, 75, -105, 105, 0, 180))
)
_OTHERS_APART_MM = 1.1
_ROUND = {"fill": "none", "stroke_linecap": "round", "stroke_linejoin": "round"}


def draw_connection(
    canvas: Canvas, route: Any, tie_in_xy: tuple[float, float], *, frame: Frame, site: Any, parcels: Any,
    labels: Mapping[str, str], strip: Strip | None = None,
) -> set[str]:  # fmt: skip
    """
    The new pipe, its tie-in, meter and site, with leg lengths and the words beside them; of a strip, what lies in it.

    Gives which of `tie_in`, `meter` and `site` the sheet shows.
    """
    look = picture_style()["route"]
    piece = route if strip is None else substring(route, strip.from_m, strip.to_m)
    if strip is not None:
        _draw_rest(canvas, shapely.difference(route, piece.buffer(1e-6)), frame)
    canvas.add("path", d=frame.path(piece), **_ROUND, stroke="#fff", stroke_width=look["width_mm"] + 0.8)
    canvas.add("path", d=frame.path(piece), **_ROUND, stroke=look["line"], stroke_width=look["width_mm"])
    spots = _spots(route, piece, tie_in_xy, frame=frame, site=site, parcels=parcels, strip=strip)
    for kind in ("tie_in", "site", "meter"):
        if kind in spots:
            _draw_spot(canvas, kind, spots[kind])
            canvas.taken.append(shapely.Point(spots[kind]).buffer(1.8))
    points = frame.paper(shapely.get_coordinates(piece))
    _dimension_legs(canvas, piece, points)
    canvas.taken.append(shapely.LineString(points).buffer(look["width_mm"]))
    for key, spot in spots.items():
        if labels.get(key):
            _callout(canvas, labels[key], spot, fill=look["line"])
    return set(spots)


def _spots(
    route: Any, piece: Any, tie_in_xy: tuple[float, float], *, frame: Frame, site: Any, parcels: Any, strip: Strip | None
) -> dict[str, tuple[float, float]]:  # fmt: skip
    """Where tie-in, the pipe's words, meter and site stand on paper; those of other sheets are left out."""
    inner = shapely.point_on_surface(site)
    meter_xy = red_line_crossing(route, site, parcels=parcels if len(parcels) else None)
    middle = shapely.line_interpolate_point(piece, 0.5, normalized=True)
    places = {
        "tie_in": (tie_in_xy, 0.0),
        "service": ((middle.x, middle.y), None),
        "meter": (meter_xy, float(route.project(shapely.Point(meter_xy)))),
        "site": ((inner.x, inner.y), float(route.length)),
    }
    return {
        key: tuple(frame.paper([xy])[0])
        for key, (xy, at_m) in places.items()
        if strip is None or at_m is None or strip.from_m - 1e-6 <= at_m <= strip.to_m + 1e-6
    }


def _draw_spot(canvas: Canvas, kind: str, at_mm: tuple[float, float]) -> None:
    if kind != "tie_in":
        symbol(canvas, kind, at_mm)
        return
    x, y = (f"{value:.2f}" for value in at_mm)
    canvas.add("circle", cx=x, cy=y, r=1.5, fill=picture_style()["route"]["line"], stroke="#fff", stroke_width=0.4)  # fmt: skip


def _draw_rest(canvas: Canvas, rest: Any, frame: Frame) -> None:
    """The new pipe beyond the match lines: thin and dashed, it belongs to other sheets."""
    look = picture_style()["route"]
    canvas.add("path", d=frame.path(rest), **_ROUND, stroke=look["line"], stroke_width=0.3, stroke_dasharray="2 1.2")  # fmt: skip


def draw_others(
    canvas: Canvas, others: Sequence[Any], frame: Frame, *, labels: Sequence[str]
) -> list[tuple[dict[str, Any], str]]:
    """The routes of options that are not proposed, each with its own look and its name; gives looks and names for the legend."""
    style, found = picture_style()["route"], []
    for number, route in enumerate(others):
        look = style["others"][number % len(style["others"])]
        name = labels[number] if number < len(labels) else ""
        side = _OTHERS_APART_MM * (number // 2 + 1) * (1 if number % 2 == 0 else -1)
        route = _beside(route, side_mm=side, frame=frame)
        line = {
            "stroke": look["line"],
            "stroke_width": style["width_mm"] * 0.8,
            "stroke_dasharray": look["dash"],
        }
        canvas.add("path", d=frame.path(route), **_ROUND, stroke="#fff", stroke_width=style["width_mm"] + 0.5)
        canvas.add("path", d=frame.path(route), fill="none", stroke_linejoin="round", **line)
        found.append((line, name))
    for (look, name), route in zip(found, others, strict=True):
        if name:
            _name_other(canvas, name, route, frame, fill=str(look["stroke"]), beside=others)
    return found


def draw_faint(
    canvas: Canvas, routes: Sequence[Any], frame: Frame, *, name: str
) -> list[tuple[dict[str, Any], str]]:
    """Routes that were not taken, thin and grey underneath; gives their look and name for the legend."""
    line = {"stroke": picture_style()["route"]["other"], "stroke_width": 0.45, "stroke_dasharray": "1 0.7"}
    for route in routes:
        canvas.add("path", d=frame.path(route), **_ROUND, **line)
    return [(line, name)] if routes else []


def draw_also(
    canvas: Canvas, also: Sequence[tuple[Any, str, str]], frame: Frame
) -> list[tuple[dict[str, Any], str]]:
    """Further new pipes in the colour of the first, dashed, with their tie-in and name; gives looks and names for the legend."""
    style, found = picture_style()["route"], []
    for route, name, legend in also:
        line = {"stroke": style["line"], "stroke_width": style["width_mm"] * 0.8, "stroke_dasharray": "5 1.2"}
        canvas.add("path", d=frame.path(route), **_ROUND, stroke="#fff", stroke_width=style["width_mm"] + 0.5)
        canvas.add("path", d=frame.path(route), fill="none", stroke_linejoin="round", **line)
        start = tuple(frame.paper([route.coords[0][:2]])[0])
        _draw_spot(canvas, "tie_in", start)
        canvas.taken.append(shapely.Point(start).buffer(1.8))
        seen = shapely.intersection(route, shapely.box(*frame.window()))
        if seen.length > 0.0:
            middle = shapely.line_interpolate_point(shapely.get_parts(seen)[0], 0.5, normalized=True)
            _callout(canvas, name, tuple(frame.paper([(middle.x, middle.y)])[0]), fill=style["line"])
        found.append((line, legend))
    return found


def _beside(route: Any, *, side_mm: float, frame: Frame) -> Any:
    """The route moved a little to one side, so that routes along the same street lie beside each other."""
    moved = shapely.offset_curve(route, side_mm / frame.mm_per_m, join_style="mitre", mitre_limit=2.0)
    return route if moved.is_empty or moved.geom_type != "LineString" else moved


def _name_other(
    canvas: Canvas, name: str, route: Any, frame: Frame, *, fill: str, beside: Sequence[Any]
) -> None:
    """The name of an option where its route runs alone, else in its middle."""
    rest = [other for other in beside if other is not route]
    alone = shapely.difference(route, shapely.union_all(rest).buffer(2.0)) if rest else route
    longest = max(shapely.get_parts(alone), key=lambda part: part.length, default=None)
    piece = longest if longest is not None and longest.length > 1.0 else route
    middle = shapely.line_interpolate_point(piece, 0.5, normalized=True)
    _callout(canvas, name, tuple(frame.paper([(middle.x, middle.y)])[0]), fill=fill)


def _dimension_legs(canvas: Canvas, route: Any, points: Any) -> None:
    """The length of every leg that has room for it, beside the leg [m]."""
    coordinates = shapely.get_coordinates(route)
    lengths = np.hypot(*np.diff(coordinates, axis=0).T)
    for start, end, length in zip(points[:-1], points[1:], lengths, strict=True):
        step = end - start
        if np.hypot(*step) < 9.0:
            continue
        turn = readable_deg(*step)
        away = np.array([np.sin(np.radians(turn)), -np.cos(np.radians(turn))]) * 1.2
        at_mm = tuple((start + end) / 2 + away)
        words = f"{length:.1f} m"
        canvas.claim(label_box(words, at_mm, size_mm=2.3, turn_deg=turn))
        canvas.text(
            words, at_mm, size_mm=2.3, anchor="middle", turn_deg=turn, fill=picture_style()["route"]["line"]
        )


def _callout(canvas: Canvas, words: str, spot_mm: tuple[float, float], *, fill: str) -> None:
    """Words on a short leader, at the first free place around the spot; the last place when none is free."""
    for dx, dy in _OFFSETS_MM:
        anchor = "start" if dx >= 0 else "end"
        at_mm = (spot_mm[0] + dx, spot_mm[1] + dy)
        if canvas.claim(label_box(words, at_mm, size_mm=2.6, anchor=anchor).buffer(0.4)):
            break
    west_mm, _, east_mm, _ = label_box(words, at_mm, size_mm=2.6, anchor=anchor).bounds
    far_mm = east_mm if anchor == "start" else west_mm
    leader = f"M{spot_mm[0]:.2f} {spot_mm[1]:.2f}L{at_mm[0]:.2f} {at_mm[1] + 0.7:.2f}H{far_mm:.2f}"
    canvas.add("path", d=leader, fill="none", stroke=fill, stroke_width=0.2)
    canvas.text(words, at_mm, size_mm=2.6, anchor=anchor, fill="#222", bold=True)
