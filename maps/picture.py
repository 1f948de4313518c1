"""The plan of a connection scheme as one clean SVG at true scale: no tiles, no web, fit for print and for the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.ways.redline import red_line_crossing
from maps.plan_chainage import draw_chainage
from maps.plan_layers import (
    draw_buildings,
    draw_mains,
    draw_parcels,
    draw_railways,
    draw_streets,
    draw_symbols,
    draw_utilities,
    draw_waters,
    in_window,
    label_mains,
    label_parcels,
    label_storeys,
    label_streets,
    picture_style,
    symbol,
)
from maps.plan_margin import draw_grid, draw_margin
from maps.svg import Canvas, Frame, label_box, readable_deg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from gis.messages import Language

LAYERS = (
    "waters",
    "railways",
    "streets",
    "parcels",
    "buildings",
    "utilities",
    "pipes",
    "valves",
    "hydrants",
    "tapoffs",
)
_OFFSETS_MM = tuple(
    (reach * np.cos(turn), reach * np.sin(turn))
    for reach in (7.0, 11.0, 16.0, 22.0)
    for turn in np.radians((-40, 40, -140, 140, -75, 75, -105, 105, 0, 180))
)


@dataclass(frozen=True)
class PlanSheet:
    """The drawing area of a landscape sheet [mm] and the scale it is drawn at; `paper` is a4 or a3."""

    paper: str
    width_mm: float
    height_mm: float
    scale: int


def plan_sheet(route_line: Any, site: Any) -> PlanSheet:
    """The smallest sheet that holds a route at 1:500, else the large one at the next round scale."""
    style = picture_style()
    share, legend = style["plan"]["fill_share"], style["sheet"]["legend_mm"]
    west, south, east, north = shapely.union(route_line, site).bounds
    for scale in style["plan"]["scales"]:
        for paper, (width, height) in style["plan"]["sizes_mm"].items():
            fits_x = (east - west) * 1000 / scale <= (width - legend) * share
            fits_y = (north - south) * 1000 / scale <= height * share
            if fits_x and fits_y and (scale == style["plan"]["scales"][0] or paper == "a3"):
                return PlanSheet(paper, width, height, scale)
    width, height = style["plan"]["sizes_mm"]["a3"]
    needed = max((east - west) / (width - legend), (north - south) / height) * 1000 / share
    return PlanSheet("a3", width, height, int(np.ceil(needed / 10000) * 10000))


def plan_svg(
    *, layers: Mapping[str, gpd.GeoDataFrame], route_line: Any, tie_in_xy: tuple[float, float], site: Any, title: str,
    scale_hint: int | None = None, labels: Mapping[str, str] | None = None, language: Language = "zh",
    sheet: PlanSheet | None = None, others: Sequence[Any] = (),
) -> str:  # fmt: skip
    """
    The plan of one option as an SVG document, 180 mm x 117 mm at a round scale, or as large and at the scale of `sheet`.

    Parameters
    ----------
    layers
        Tables of the schema in one projected CRS [m], whole or clipped: any of `LAYERS`; missing ones are left out.
    route_line
        LineString from the tie-in to the site, same CRS.
    tie_in_xy
        Where the service pipe leaves the main.
    site
        Point or Polygon of the site.
    title
        Words over the legend; wrapped, at most four lines.
    scale_hint
        The drawing is not larger than 1:scale_hint; it gets smaller as far as the route needs. None: as large as fits.
    labels
        Words beside the symbols, any of `tie_in`, `service`, `meter`, `site`.
    language
        Of the legend and of materials.
    sheet
        Of a drawing sheet: its size and scale; chainage is then marked along the route.
    others
        Routes of other options, drawn grey underneath.

    Returns
    -------
    str
        Every text is escaped; the fonts named are Noto Sans SC and Noto Sans JP; nothing is fetched.
    """
    reach = shapely.union_all([route_line, *others])
    frame = _frame(reach, site, scale_hint) if sheet is None else _sheet_frame(reach, site, sheet)
    near = {name: in_window(layers.get(name), frame) for name in LAYERS}
    size = picture_style()["sheet"]
    width_mm, height_mm = (
        (size["width_mm"], size["height_mm"]) if sheet is None else (sheet.width_mm, sheet.height_mm)
    )
    canvas = _canvas(frame, width_mm, height_mm)
    _draw_ground(canvas, near, frame)
    draw_grid(canvas, frame, axes=sheet is not None)
    for other in others:
        _draw_other(canvas, other, frame)
    if sheet is not None:
        draw_chainage(canvas, route_line, frame)
    _draw_connection(canvas, route_line, tie_in_xy, frame=frame, site=site, near=near, labels=labels or {})
    _label_ground(canvas, near, frame, language)
    canvas.close("g")
    crs = next((table.crs for table in layers.values() if getattr(table, "crs", None)), None)
    draw_margin(canvas, frame, near, title=title, crs=crs, language=language, others=bool(others))
    return canvas.document(width_mm=width_mm, height_mm=height_mm, title=title)


def _canvas(frame: Frame, width_mm: float, height_mm: float) -> Canvas:
    """A white sheet, clipped to the map from here on."""
    left, top, width, height = frame.left_mm, frame.top_mm, frame.width_mm, frame.height_mm
    canvas = Canvas(room=shapely.box(left + 0.5, top + 0.5, left + width - 0.5, top + height - 0.5))
    canvas.add("rect", width=width_mm, height=height_mm, fill="#fff")
    canvas.open("defs")
    canvas.open("clipPath", id="frame")
    canvas.add("rect", x=left, y=top, width=width, height=height)
    canvas.close("clipPath")
    canvas.close("defs")
    canvas.open("g", clip_path="url(#frame)")
    return canvas


def _draw_other(canvas: Canvas, route: Any, frame: Frame) -> None:
    """The route of an option that is not proposed."""
    look = picture_style()["route"]
    common = {"d": frame.path(route), "fill": "none", "stroke_linecap": "round", "stroke_linejoin": "round"}
    canvas.add("path", **common, stroke="#fff", stroke_width=look["width_mm"] + 0.5)
    canvas.add(
        "path",
        **common,
        stroke=look["other"],
        stroke_width=look["width_mm"] * 0.8,
        stroke_dasharray="2.4 1.2",
    )


def _sheet_frame(route: Any, site: Any, sheet: PlanSheet) -> Frame:
    """The window of a drawing sheet: its own scale, the route in the middle."""
    width, height = sheet.width_mm - picture_style()["sheet"]["legend_mm"] - 0.6, sheet.height_mm - 0.6
    west, south, east, north = shapely.union(route, site).bounds
    half_x, half_y = width * sheet.scale / 2000, height * sheet.scale / 2000
    return Frame(
        (west + east) / 2 - half_x, (south + north) / 2 - half_y, sheet.scale, 0.3, 0.3, width, height
    )


def _frame(route: Any, site: Any, hint: int | None) -> Frame:
    sheet = picture_style()["sheet"]
    width, height = sheet["width_mm"] - sheet["legend_mm"] - 0.6, sheet["height_mm"] - 0.6
    west, south, east, north = shapely.union(route, site).bounds
    fits = [
        scale
        for scale in sheet["scales"]
        if scale >= (hint or 0)
        and (east - west) * 1000 / scale <= width * sheet["fill_share"]
        and (north - south) * 1000 / scale <= height * sheet["fill_share"]
    ]
    needed = max((east - west) / width, (north - south) / height) * 1000 / sheet["fill_share"]
    scale = fits[0] if fits else float(np.ceil(max(needed, hint or 0) / 10000) * 10000)
    half_x, half_y = width * scale / 2000, height * scale / 2000
    return Frame((west + east) / 2 - half_x, (south + north) / 2 - half_y, scale, 0.3, 0.3, width, height)


def _draw_ground(canvas: Canvas, near: Mapping[str, Any], frame: Frame) -> None:
    draw_waters(canvas, near["waters"], frame)
    draw_streets(canvas, near["streets"], frame)
    draw_railways(canvas, near["railways"], frame)
    draw_buildings(canvas, near["buildings"], frame)
    draw_parcels(canvas, near["parcels"], frame)
    draw_utilities(canvas, near["utilities"], frame)
    draw_mains(canvas, near["pipes"], frame)
    for kind, name in (("valve", "valves"), ("hydrant", "hydrants"), ("tapoff", "tapoffs")):
        draw_symbols(canvas, near[name], frame, kind=kind)


def _label_ground(canvas: Canvas, near: Mapping[str, Any], frame: Frame, language: Language) -> None:
    label_mains(canvas, near["pipes"], frame, language=language)
    label_streets(canvas, near["streets"], frame)
    storeys = "层" if language == "zh" else "F"
    label_storeys(canvas, near["buildings"], frame, suffix=storeys)
    label_parcels(canvas, near["parcels"], frame, buildings=near["buildings"])


def _draw_connection(
    canvas: Canvas, route: Any, tie_in_xy: tuple[float, float], *, frame: Frame, site: Any, near: Mapping[str, Any],
    labels: Mapping[str, str],
) -> None:  # fmt: skip
    """The new service pipe, its tie-in, meter and site, with leg lengths and the words beside them."""
    look = picture_style()["route"]
    points = frame.paper(shapely.get_coordinates(route))
    common = {"d": frame.path(route), "fill": "none", "stroke_linecap": "round", "stroke_linejoin": "round"}
    canvas.add("path", **common, stroke="#fff", stroke_width=look["width_mm"] + 0.8)
    canvas.add("path", **common, stroke=look["line"], stroke_width=look["width_mm"])
    meter_xy = red_line_crossing(route, site, parcels=near["parcels"] if len(near["parcels"]) else None)
    inner = shapely.point_on_surface(site)
    (tie_in, meter, place) = frame.paper([tie_in_xy, meter_xy, (inner.x, inner.y)])
    canvas.add(
        "circle",
        cx=f"{tie_in[0]:.2f}",
        cy=f"{tie_in[1]:.2f}",
        r=1.5,
        fill=look["line"],
        stroke="#fff",
        stroke_width=0.4,
    )
    symbol(canvas, "site", tuple(place))
    symbol(canvas, "meter", tuple(meter))
    for spot in (tie_in, meter, place):
        canvas.taken.append(shapely.Point(spot).buffer(1.8))
    _dimension_legs(canvas, route, points)
    canvas.taken.append(shapely.LineString(points).buffer(look["width_mm"]))
    middle = frame.paper(
        shapely.get_coordinates(shapely.line_interpolate_point(route, 0.5, normalized=True))
    )[0]
    for key, spot in (("tie_in", tie_in), ("service", middle), ("meter", meter), ("site", place)):
        if labels.get(key):
            _callout(canvas, labels[key], tuple(spot), fill=look["line"])


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
