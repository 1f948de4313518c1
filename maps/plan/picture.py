"""The plan of a connection scheme as one clean SVG at true scale: no tiles, no web, fit for print and for the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from maps.plan.chainage import draw_chainage
from maps.plan.connection import draw_also, draw_connection, draw_faint, draw_others
from maps.plan.layers import (
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
)
from maps.plan.margin import draw_grid, draw_margin
from maps.plan.match import draw_key_frames, draw_match_lines
from maps.plan.svg import Canvas, Frame

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from gis.messages import Language
    from gis.ways.strips import Strip

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


@dataclass(frozen=True)
class PlanSheet:
    """The drawing area of a landscape sheet [mm] and the scale it is drawn at; `paper` is a4 or a3."""

    paper: str
    width_mm: float
    height_mm: float
    scale: int


def plan_sheet(route_line: Any, site: Any, *, whole: bool = False) -> PlanSheet:
    """The smallest sheet that holds a route at 1:500, else (or `whole`: a key plan) the large one at the next round scale."""
    style = picture_style()
    share, legend = style["plan"]["key_fill_share" if whole else "fill_share"], style["sheet"]["legend_mm"]
    west, south, east, north = shapely.union(route_line, site).bounds
    for scale in style["plan"]["scales"][1 if whole else 0 :]:
        for paper, (width, height) in style["plan"]["sizes_mm"].items():
            fits_x = (east - west) * 1000 / scale <= (width - legend) * share
            fits_y = (north - south) * 1000 / scale <= height * share
            if fits_x and fits_y and (scale == style["plan"]["scales"][0] or paper == "a3"):
                return PlanSheet(paper, width, height, scale)
    width, height = style["plan"]["sizes_mm"]["a3"]
    needed = max((east - west) / (width - legend), (north - south) / height) * 1000 / share
    return PlanSheet("a3", width, height, int(np.ceil(needed / 10000) * 10000))


def strip_sheet(strip: Strip) -> PlanSheet:
    """The A3 sheet of one piece of a long route."""
    width, height = picture_style()["plan"]["sizes_mm"]["a3"]
    return PlanSheet("a3", width, height, strip.scale)


def strip_ground(strip: Strip) -> Any:
    """The ground that the map of a piece's sheet shows, as a rectangle."""
    return strip.window(*_map_mm(strip_sheet(strip)))


def _map_mm(sheet: PlanSheet) -> tuple[float, float]:
    """Width and height of the map on a sheet, beside its legend."""
    return sheet.width_mm - picture_style()["sheet"]["legend_mm"] - 0.6, sheet.height_mm - 0.6


def plan_svg(
    *, layers: Mapping[str, gpd.GeoDataFrame], route_line: Any, tie_in_xy: tuple[float, float], site: Any, title: str,
    scale_hint: int | None = None, labels: Mapping[str, str] | None = None, language: Language = "zh",
    sheet: PlanSheet | None = None, others: Sequence[Any] = (), other_labels: Sequence[str] = (),
    strip: Strip | None = None, key_to: Sequence[Strip] = (), also: Sequence[tuple[Any, str, str]] = (),
    faint: Sequence[Any] = (), faint_name: str = "",
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
        Routes of other options underneath, each in its own colour and dashes; `other_labels` names them.
    faint
        Routes that were worked out and not taken: thin grey lines; `faint_name` is their name in the legend.
    strip
        The piece of a long route that this sheet shows, between its match lines.
    also
        Further new pipes such as the second inlet: the line, its words on the plan, its name in the legend.
    key_to
        The pieces a long route is cut into, on the plan of the whole route: their windows with their numbers.

    Returns
    -------
    str
        Every text is escaped; the fonts named are Noto Sans SC and Noto Sans JP; nothing is fetched.
    """
    reach = shapely.union_all([route_line, *others, *(line for line, *_ in also)])
    frame = _frame_of(reach, site, scale_hint, sheet=sheet, strip=strip)
    near = {name: in_window(layers.get(name), frame) for name in LAYERS}
    size = picture_style()["sheet"]
    width_mm, height_mm = (
        (size["width_mm"], size["height_mm"]) if sheet is None else (sheet.width_mm, sheet.height_mm)
    )
    canvas = _canvas(frame, width_mm, height_mm)
    _draw_ground(canvas, near, frame)
    draw_grid(canvas, frame, axes=sheet is not None)
    looks = draw_faint(canvas, faint, frame, name=faint_name)
    looks += draw_others(canvas, others, frame, labels=other_labels)
    looks += draw_also(canvas, also, frame)
    if sheet is not None:
        draw_chainage(
            canvas,
            route_line,
            frame,
            span_m=(strip.from_m + 0.5 * strip.goes_on[0], strip.to_m) if strip else None,
        )
    if strip is not None:
        draw_match_lines(canvas, route_line, strip, frame, language=language)
    draw_key_frames(canvas, [(piece, strip_ground(piece)) for piece in key_to], frame)
    shown = draw_connection(
        canvas,
        route_line,
        tie_in_xy,
        frame=frame,
        site=site,
        parcels=near["parcels"],
        labels=labels or {},
        strip=strip,
    )
    _label_ground(canvas, near, frame, language)
    canvas.close("g")
    crs = next((table.crs for table in layers.values() if getattr(table, "crs", None)), None)
    draw_margin(canvas, frame, near, title=title, crs=crs, language=language, others=looks, shown=shown)
    return canvas.document(width_mm=width_mm, height_mm=height_mm, title=title)


def _frame_of(
    reach: Any, site: Any, scale_hint: int | None, *, sheet: PlanSheet | None, strip: Strip | None
) -> Frame:
    """The window: of the piece of a long route, of a drawing sheet, or as large as fits the small picture."""
    if sheet is None:
        return _frame(reach, site, scale_hint)
    middle = shapely.Point(strip.centre_xy) if strip is not None else None
    return _sheet_frame(middle or reach, middle or site, sheet)


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


def _sheet_frame(route: Any, site: Any, sheet: PlanSheet) -> Frame:
    """The window of a drawing sheet: its own scale, the route in the middle."""
    width, height = _map_mm(sheet)
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
