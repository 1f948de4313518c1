"""The connection drawing as DXF R2018 in survey coordinates: what is there, what is new, and a plotted sheet at 1:500."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from design.documents.book.front import crs_words
from design.documents.dxf.more_sheets import add_more_sheets, more_sheets
from design.documents.dxf.pen import Pen, grid_step_m
from design.documents.dxf.sheet import (
    add_legend,
    add_sheet,
    add_title_block,
    layer_name,
    new_drawing,
    standard,
)
from design.documents.dxf.views import View, draw_grid_values, draw_key_frames, draw_match_lines, plan_views
from design.documents.figures import figure
from design.documents.reading import chosen_option, override_lines, pipe_name, second_inlet
from design.documents.words import Words
from gis.ways.redline import red_line_crossing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd

    from design.wire.scheme import OptionDoc, SchemeDoc
    from gis.messages import Language

    ToXY = Callable[[float, float], tuple[float, float]]

_STREET_WIDTH_M = 9.0  # only how wide a street without a width is drawn


def write_dxf(
    scheme: SchemeDoc, path: Path, *, surroundings: Mapping[str, gpd.GeoDataFrame], to_xy: ToXY, language: Language = "zh"
) -> None:  # fmt: skip
    """
    Write the drawing of the proposed option to `path`.

    `surroundings` are tables of the schema in the working CRS, already cut to the site: pipes, streets, parcels,
    buildings, utilities, tapoffs, valves, hydrants; missing ones are left out. `to_xy` turns the document's lon, lat
    into the same coordinates; geometry is kept to better than 1 mm. Layers follow data/dxf_layers.toml. Without any
    option the drawing shows the surroundings alone.
    """
    words = Words(language)
    option = chosen_option(scheme)
    inlets = [] if option is None else [one for one in (option, second_inlet(option)) if one is not None]
    routes = [_route(inlet, to_xy) for inlet in inlets]
    views = plan_views(routes, surroundings, words)
    working = views[-1].scale
    drawing = new_drawing(working)
    windows = [view.window for view in views if view.scale == working or len(views) == 1]
    pen = Pen(drawing.modelspace(), working / 1000.0, window=shapely.union_all(windows))
    for n, (inlet, route) in enumerate(zip(inlets, routes, strict=True)):
        mine = [v.strip for v in views if v.strip is not None and v.strip.line == n]
        pieces = [substring(route, strip.from_m, strip.to_m) for strip in mine] or [route]
        _draw_design(
            pen, inlet, route, pieces=pieces, site=scheme["id"] if n == 0 else "",
            parcels=surroundings.get("parcels"), words=words,
        )  # fmt: skip
    _draw_mains(pen, surroundings)
    _draw_ground(pen, surroundings)
    for window in windows:
        pen.window = window
        _label_mains(pen, surroundings.get("pipes"), words)
        _label_ground(pen, surroundings)
    pen.window = shapely.union_all(windows)
    pen.grid(windows)
    if scheme["provenance"]["synthetic"]:
        pen.text(words("synthetic"), _below(pen, routes, surroundings), key="synthetic", height_mm=8.0)
    details = more_sheets(option, words) if option is not None else []
    for number, view in enumerate(views, 1):
        _plan_sheet(drawing, pen, view, scheme=scheme, option=option, routes=routes, views=views,
                    number=(number, len(views) + len(details)), words=words)  # fmt: skip
    add_more_sheets(drawing, scheme, details, words, first=len(views) + 1)
    _, south, _, north = views[0].window.bounds
    drawing.set_modelspace_vport(height=north - south, center=views[0].centre)
    drawing.saveas(path)


def _plan_sheet(
    drawing: Any, pen: Pen, view: View, *, scheme: SchemeDoc, option: OptionDoc | None, routes: Sequence[Any],
    views: Sequence[View], number: tuple[int, int], words: Words,
) -> None:  # fmt: skip
    """One layout of plan: its view of the model, title block, legend, and where a long route goes on."""
    layout = add_sheet(
        drawing, name=view.name, size_mm=view.size_mm, view_centre=view.centre, scale=view.scale,
        frozen=("labels", "dimensions", "chainage", "grid") if view.strips else (),
    )  # fmt: skip
    heading = f"{view.title}  {scheme['name']}"
    rows = _title_rows(scheme, option, scale=view.scale, size_mm=view.size_mm, number=number, words=words)
    add_title_block(layout, rows, size_mm=view.size_mm, heading=heading)
    used = {layer for layer, shape in pen.drawn if shapely.intersects(shape, view.window)}
    add_legend(layout, used, heading=words("legend"), language=words.language)
    draw_grid_values(layout, view, grid_step_m(view.scale / 1000.0))
    draw_match_lines(layout, view, routes, words)
    draw_key_frames(layout, view, views)
    if scheme["provenance"]["synthetic"]:
        mark = {"layer": layer_name("synthetic"), "style": standard()["style"]["name"]}
        layout.add_text(words("synthetic"), height=8, dxfattribs={**mark, "insert": (31, 13)})
    for place, line in enumerate(override_lines(scheme, words)):
        mark = {"layer": layer_name("labels"), "style": standard()["style"]["name"]}
        layout.add_text(line, height=2.5, dxfattribs={**mark, "insert": (31, 26 + 4 * place)})


def _route(option: OptionDoc, to_xy: ToXY) -> Any:
    return shapely.LineString([to_xy(*place[:2]) for place in option["route"]["geometry"]["coordinates"]])


def _draw_ground(pen: Pen, surroundings: Mapping[str, gpd.GeoDataFrame]) -> None:
    for key in ("streets", "parcels", "buildings"):
        for shape in _shapes(surroundings.get(key)):
            pen.lines(shape, key=key)
    streets = surroundings.get("streets")
    if streets is not None and len(streets):
        widths = streets["width_m"].fillna(_STREET_WIDTH_M).to_numpy(dtype=float)
        bodies = shapely.buffer(streets.geometry.to_numpy(), widths / 2, cap_style="flat", quad_segs=4)
        pen.lines(shapely.union_all(bodies), key="kerbs")
    known = {row["key"] for row in standard()["layer"]}
    for kind, shape in _named(surroundings.get("utilities"), "kind"):
        pen.lines(shape, key=f"utility-{kind}" if f"utility-{kind}" in known else "utility-other")


def _label_ground(pen: Pen, surroundings: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Names of streets and parcels and storeys of buildings, of what the sheet shows."""
    for name, shape in _named(pen.near(surroundings.get("streets")), "name"):
        places, turn_deg = _beside(pen.seen(shape))
        pen.label(name, places, height_mm=3.5, turn_deg=turn_deg)
    for storeys, shape in _named(pen.near(surroundings.get("buildings")), "storeys"):
        inner = shapely.point_on_surface(pen.seen(shape))
        pen.label(f"{storeys}F", [(inner.x, inner.y)], height_mm=2.0)
    for name, shape in _named(pen.near(surroundings.get("parcels")), "name"):
        pen.label(name, _inside(pen.seen(shape)), height_mm=2.5)


def _draw_mains(pen: Pen, surroundings: Mapping[str, gpd.GeoDataFrame]) -> None:
    for shape in _shapes(surroundings.get("pipes")):
        pen.lines(shape, key="pipes")
    for layer, symbol in (("valves", "TW-VALVE"), ("hydrants", "TW-HYDRANT"), ("tapoffs", "TW-TAPOFF")):
        table = surroundings.get(layer)
        for row in () if table is None else table.itertuples():
            if row.geometry is None or row.geometry.is_empty:
                continue
            spot = shapely.centroid(row.geometry)
            pen.symbol(
                symbol, (spot.x, spot.y), key="fittings", values=_record(row, id_column=f"{layer[:-1]}_id")
            )


def _label_mains(pen: Pen, pipes: gpd.GeoDataFrame | None, words: Words) -> None:
    """Size and material along the mains that the sheet shows."""
    near = pen.near(pipes)
    for row in () if near is None else near.itertuples():
        seen = pen.seen(row.geometry)
        if seen.length > 20.0 * pen.millimetre:
            places, turn_deg = _beside(seen, lift_m=2.0 * pen.millimetre)
            dn = int(row.dn) if pd.notna(row.dn) else "?"
            material = words.code("pipes", "material", row.material) if row.material != "unknown" else ""
            pen.label(f"DN{dn} {material}".strip(), places, height_mm=2.0, turn_deg=turn_deg)


def _record(row: Any, *, id_column: str) -> dict[str, str]:
    """What the block of an existing fitting carries: id, size, state."""
    dn: Any = getattr(row, "dn", None)
    status = getattr(row, "status", None)
    return {
        "ID": str(getattr(row, id_column)), "DN": f"DN{int(dn)}" if pd.notna(dn) else "",
        "STATUS": str(status) if pd.notna(status) else "",
    }  # fmt: skip


def _draw_design(
    pen: Pen, option: OptionDoc, route: Any, *, pieces: Sequence[Any], site: str,
    parcels: gpd.GeoDataFrame | None, words: Words,
) -> None:  # fmt: skip
    """A new pipe with its legs dimensioned, tie-in, meter and, where it is named, the site; and what each is."""
    pipe, tie, meter = option["service_pipe"], option["connection"], option["meter"]
    coordinates = shapely.get_coordinates(route)
    pen.lines(route, key="design", width_mm=0.8)
    pen.taken.append(route.buffer(1.5 * pen.millimetre))
    for start, end in pairwise(coordinates):
        if np.hypot(*(end - start)) > 12.0 * pen.millimetre:
            pen.dimension(start, end)
    pen.chainage(route, every_m=next((s for s in (10, 20, 50, 100, 200) if s >= 18.0 * pen.millimetre), 500))
    start_xy, end_xy = tuple(coordinates[0]), tuple(coordinates[-1])
    meter_xy = red_line_crossing(route, shapely.Point(end_xy), parcels=parcels)
    place = tie["tapoff_id"] or tie["pipe_id"] or ""
    pen.symbol("TW-TIEIN", start_xy, key="design-fittings", values={"ID": place, "DN": f"DN{tie['dn']}"})
    pen.symbol(
        "TW-METER", meter_xy, key="design-fittings", values={"ID": meter["type"], "DN": f"DN{meter['dn']}"}
    )
    if site:
        pen.symbol("TW-SITE", end_xy, key="design-fittings", values={"ID": site, "DN": ""})
    length = figure(option["route"]["length_m"], "length")
    name = f"{words('service-pipe' if site else 'second-inlet')} {pipe_name(pipe, words)} L={length} m"
    pen.note(
        start_xy,
        [
            f"{words('connection')} {place} DN{tie['dn']}",
            words.text(tie, "method_text"),
            _coordinates(start_xy),
        ],
    )
    pen.note(
        meter_xy, [f"{words('meter')} DN{meter['dn']} {words.text(meter, 'type')}", _coordinates(meter_xy)]
    )
    if site:
        pen.note(end_xy, [words("site"), _coordinates(end_xy)])
    for piece in pieces:
        (middle_xy, *_), _ = _beside(piece)
        pen.note(middle_xy, [name])


def _coordinates(at_xy: tuple[float, float]) -> str:
    """Survey coordinates as on Chinese drawings: X is north, Y is east [m]."""
    return f"X={at_xy[1]:.3f} Y={at_xy[0]:.3f}"


def _title_rows(
    scheme: SchemeDoc,
    option: OptionDoc | None,
    *,
    scale: int,
    size_mm: Sequence[float],
    number: tuple[int, int],
    words: Words,
) -> list[tuple[str, str]]:
    made = scheme["provenance"]
    status = words("feasible" if scheme["feasible"] else "infeasible")
    rows = [
        (words("scheme-id"), scheme["id"]), (words("status"), status),
        (words("drawing-scale"), f"1:{scale}"), (words("date"), made["created"][:10]),
        (words("crs"), crs_words(scheme, words)), (words("version"), made["network_version"]),
        (words("drawing-number"), f"{scheme['id']}-{number[0]:02d}"), (words("sheet-of"), f"{number[0]} / {number[1]}"),
        (words("paper"), "×".join(str(side) for side in size_mm)),
    ]  # fmt: skip
    if option is not None:
        length = figure(option["route"]["length_m"], "length")
        rows += [
            (words("service-pipe"), f"{pipe_name(option['service_pipe'], words)} L={length} m"),
            (words("meter"), f"DN{option['meter']['dn']} {words.text(option['meter'], 'type')}"),
        ]
    rows += [(words(f"sign-{key}"), "") for key in ("design", "check", "review", "approve")]
    return [
        *rows,
        (words("prices"), made["prices"]),
        (words("engine"), f"{made['engine']} · {made['software']}"),
    ]


def _shapes(table: gpd.GeoDataFrame | None) -> list[Any]:
    return (
        []
        if table is None
        else [shape for shape in table.geometry if shape is not None and not shape.is_empty]
    )


def _named(table: gpd.GeoDataFrame | None, column: str) -> Iterator[tuple[str, Any]]:
    if table is not None and len(table):
        for value, shape in zip(table[column], table.geometry, strict=True):
            if pd.notna(value) and value != "" and shape is not None and not shape.is_empty:
                yield str(value), shape


def _beside(line: Any, *, lift_m: float = 0.0) -> tuple[list[tuple[float, float]], float]:
    """Places beside the longest leg of a line, its middle first, and the turn of a text that reads from below or right."""
    longest = max(shapely.get_parts(line), key=lambda part: part.length)
    points = shapely.get_coordinates(longest)
    steps = np.diff(points, axis=0)
    at = int(np.hypot(*steps.T).argmax())
    turn = np.degrees(np.arctan2(steps[at][1], steps[at][0]))
    turn = turn - 180.0 if turn > 90.1 else turn + 180.0 if turn < -89.9 else turn
    lift = lift_m * np.array([-np.sin(np.radians(turn)), np.cos(np.radians(turn))])
    places = [points[at] + steps[at] * share + lift for share in (0.5, 0.3, 0.7, 0.15, 0.85)]
    return [(float(x), float(y)) for x, y in places], float(turn)


def _inside(shape: Any) -> list[tuple[float, float]]:
    """Places inside an area, its middle first."""
    west, south, east, north = shape.bounds
    inner = shapely.point_on_surface(shape)
    xs = [west + (east - west) * share for share in (0.5, 0.3, 0.7)]
    ys = [south + (north - south) * share for share in (0.5, 0.65, 0.35, 0.8, 0.2, 0.9, 0.1)]
    return [(inner.x, inner.y), *((x, y) for y in ys for x in xs if shape.contains(shapely.Point(x, y)))]


def _below(pen: Pen, routes: Sequence[Any], surroundings: Mapping[str, Any]) -> tuple[float, float]:
    """Under everything drawn: where a mark on the whole drawing covers nothing."""
    shapes = [
        *routes,
        *(shape for t in surroundings.values() for shape in _shapes(t)),
    ]
    west, south, east, _ = shapely.total_bounds(shapes) if shapes else (0.0, 0.0, 0.0, 0.0)
    return (float(west + east) / 2, float(south) - 12.0 * pen.millimetre)
