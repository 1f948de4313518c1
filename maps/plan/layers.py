"""The layers of a plan picture, each drawn from its table: streets, parcels, buildings, other utilities, mains, symbols."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from gis.files.shipped import shipped_table
from gis.schema import materials
from maps.plan.svg import label_box, longest_leg, readable_deg, text_width_mm

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

    from gis.messages import Language
    from maps.plan.svg import Canvas, Frame


_SHARES = (0.0, -0.2, 0.2, -0.35, 0.35, -0.48, 0.48)  # tried places along a leg, from its middle


@cache
def picture_style() -> dict[str, Any]:
    """Widths, sizes and colours of data/picture.toml."""
    return shipped_table("maps", "picture.toml")


def in_window(table: gpd.GeoDataFrame | None, frame: Frame) -> gpd.GeoDataFrame:
    """The rows that reach into the frame, lines and polygons cut a little outside of it."""
    if table is None or len(table) == 0:
        return pd.DataFrame({"geometry": []})
    window = frame.window(margin_mm=6.0)
    rows = np.sort(table.sindex.query(shapely.box(*window)))
    near = table.iloc[rows]
    return near.set_geometry(shapely.clip_by_rect(near.geometry.to_numpy(), *window))


def main_style(dn: int) -> dict[str, Any]:
    """Colour and width of a water main by its dn."""
    return next(row for row in picture_style()["main"] if dn <= row["up_to_dn"])


def draw_streets(canvas: Canvas, table: gpd.GeoDataFrame, frame: Frame) -> None:
    """Street bodies by width, joined where they meet."""
    if len(table) == 0:
        return
    style = picture_style()
    by_class = style["street_width_m"]
    widths = [
        float(w) if pd.notna(w) and w > 0 else by_class.get(c, 9.0)
        for w, c in zip(table["width_m"], table["road_class"], strict=True)
    ]
    bodies = shapely.buffer(table.geometry.to_numpy(), np.asarray(widths) / 2, cap_style="round")
    look = style["street"]
    canvas.add(
        "path",
        d=frame.path(shapely.union_all(bodies)),
        fill=look["fill"],
        stroke=look["edge"],
        stroke_width=0.25,
    )


def draw_parcels(canvas: Canvas, table: gpd.GeoDataFrame, frame: Frame) -> None:
    """Red lines 用地红线."""
    for shape in table.geometry:
        canvas.add(
            "path", d=frame.path(shape), fill="none", stroke=picture_style()["parcel"]["line"], stroke_width=0.3,
            stroke_dasharray="2.4 0.8 0.5 0.8",
        )  # fmt: skip


def draw_waters(canvas: Canvas, table: gpd.GeoDataFrame, frame: Frame) -> None:
    """Rivers, canals and ponds."""
    look = picture_style()["water"]
    for shape in table.geometry:
        canvas.add("path", d=frame.path(shape), fill=look["fill"], stroke=look["line"], stroke_width=0.2)


def draw_railways(canvas: Canvas, table: gpd.GeoDataFrame, frame: Frame) -> None:
    """Railways as a dark line with white ties; the metro below ground is left out."""
    dark = picture_style()["railway"]["line"]
    for kind, shape in _pairs(table, "kind"):
        if kind != "metro":
            canvas.add("path", d=frame.path(shape), fill="none", stroke=dark, stroke_width=0.9)
            canvas.add(
                "path",
                d=frame.path(shape),
                fill="none",
                stroke="#fff",
                stroke_width=0.5,
                stroke_dasharray="2 2",
            )


def draw_buildings(canvas: Canvas, table: gpd.GeoDataFrame, frame: Frame) -> None:
    """Grey blocks."""
    look = picture_style()["building"]
    canvas.open("g", fill=look["fill"], stroke=look["line"], stroke_width=0.2)
    for shape in table.geometry:
        canvas.add("path", d=frame.path(shape))
    canvas.close("g")


def draw_utilities(canvas: Canvas, table: gpd.GeoDataFrame, frame: Frame) -> None:
    """Sewers, gas, power ... as thin dashed lines in the colours of survey drawings."""
    colours = picture_style()["utility"]
    for kind, shape in _pairs(table, "kind"):
        canvas.add(
            "path", d=frame.path(shape), fill="none", stroke=colours.get(kind, colours["other"]), stroke_width=0.25,
            stroke_dasharray="1.6 0.7",
        )  # fmt: skip


def draw_mains(canvas: Canvas, table: gpd.GeoDataFrame, frame: Frame) -> None:
    """Existing water pipes by dn; what is closed or abandoned is dotted."""
    if len(table) == 0:
        return
    for dn, status, shape in zip(table["dn"], table["status"], table.geometry, strict=True):
        look = main_style(int(dn) if pd.notna(dn) else 0)
        dots = {"stroke_dasharray": "0.5 0.9"} if status in {"abandoned", "closed"} else {}
        canvas.add(
            "path", d=frame.path(shape), fill="none", stroke=look["colour"], stroke_width=look["width_mm"],
            stroke_linecap="round", stroke_linejoin="round", **dots,
        )  # fmt: skip


def draw_symbols(canvas: Canvas, table: gpd.GeoDataFrame, frame: Frame, *, kind: str) -> None:
    """Valves, hydrants or tap-offs; a tap-off that is not free is drawn hollow."""
    if len(table) == 0:
        return
    statuses = table["status"] if kind == "tapoff" else ["free"] * len(table)
    points = frame.paper(shapely.get_coordinates(shapely.centroid(table.geometry.to_numpy())))
    for (x_mm, y_mm), status in zip(points, statuses, strict=True):
        symbol(canvas, kind, (x_mm, y_mm), hollow=status not in {"free", None})


def symbol(canvas: Canvas, kind: str, at_mm: tuple[float, float], *, hollow: bool = False) -> None:
    """One map symbol, also used by the legend."""
    colour, (x, y) = picture_style()["symbol"][kind], at_mm
    fill = "#fff" if hollow else colour
    line = {"stroke": colour, "stroke_width": 0.25}
    if kind == "valve":
        canvas.add(
            "path",
            d=f"M{x - 1:.2f} {y - 0.65:.2f}v1.3l2 -1.3v1.3z",
            fill="#fff",
            stroke_linejoin="round",
            **line,
        )
    elif kind == "hydrant":
        canvas.add("circle", cx=f"{x:.2f}", cy=f"{y:.2f}", r=0.9, fill="#fff", **line)
        canvas.add("circle", cx=f"{x:.2f}", cy=f"{y:.2f}", r=0.45, fill=colour)
    elif kind == "tapoff":
        canvas.add("path", d=f"M{x:.2f} {y - 1.15:.2f}l1 1.8h-2z", fill=fill, stroke_linejoin="round", **line)
    elif kind == "meter":
        canvas.add(
            "rect",
            x=f"{x - 1.3:.2f}",
            y=f"{y - 1.3:.2f}",
            width=2.6,
            height=2.6,
            rx=0.3,
            fill="#fff",
            stroke=colour,
            stroke_width=0.4,
        )
        canvas.text("M", (x, y + 0.75), size_mm=2.0, fill=colour, anchor="middle", bold=True, halo=False)
    else:
        canvas.add(
            "circle", cx=f"{x:.2f}", cy=f"{y:.2f}", r=1.0, fill="#fff", stroke=colour, stroke_width=0.4
        )
        canvas.add(
            "path",
            d=f"M{x - 1.7:.2f} {y:.2f}h3.4M{x:.2f} {y - 1.7:.2f}v3.4",
            stroke=colour,
            stroke_width=0.25,
        )


def label_mains(canvas: Canvas, table: gpd.GeoDataFrame, frame: Frame, *, language: Language) -> None:
    """DN, material and year along each main, where there is room; the biggest first, the same words not twice in 45 mm."""
    if len(table) == 0:
        return
    written: list[tuple[str, float, float]] = []
    for row in table.sort_values("dn", ascending=False).itertuples():
        words, fill = _main_words(row, language), main_style(int(row.dn) if pd.notna(row.dn) else 0)["colour"]
        for piece in shapely.get_parts(row.geometry):
            for at_mm, turn in _along(
                frame.paper(shapely.get_coordinates(piece)), words, size_mm=2.1, lift_mm=0.9
            ):
                if any(w == words and np.hypot(x - at_mm[0], y - at_mm[1]) < 45.0 for w, x, y in written):
                    continue
                if _write(canvas, words, at_mm, size_mm=2.1, turn_deg=turn, fill=fill):
                    written.append((words, *at_mm))
                    break


def _main_words(row: Any, language: Language) -> str:
    material = materials().get(row.material)
    size = f"{'dn' if material and material.plastic else 'DN'}{int(row.dn) if pd.notna(row.dn) else '?'}"
    known = material is not None and material.code != "unknown"
    name = (material.label_zh if language == "zh" else material.label_en) if material and known else ""
    year = f" {int(row.install_year)}" if pd.notna(row.install_year) else ""
    return f"{size} {name}{year}".strip()


def label_streets(canvas: Canvas, table: gpd.GeoDataFrame, frame: Frame) -> None:
    """Street names, spaced along the longest leg of each street, once a name."""
    done: set[str] = set()
    for name, shape in sorted(_pairs(table, "name"), key=lambda pair: -pair[1].length):
        if name in done:
            continue
        spots = [
            spot
            for piece in shapely.get_parts(shape)
            for spot in _along(frame.paper(shapely.get_coordinates(piece)), name, size_mm=2.8, lift_mm=-1.0)
        ]
        fill = picture_style()["street"]["text"]
        if any(_write(canvas, name, at_mm, size_mm=2.8, turn_deg=turn, fill=fill) for at_mm, turn in spots):
            done.add(name)


def label_storeys(canvas: Canvas, table: gpd.GeoDataFrame, frame: Frame, *, suffix: str) -> None:
    """Storeys in the middle of each building that has room for them."""
    fill = picture_style()["building"]["text"]
    for storeys, shape in _pairs(table, "storeys"):
        words, size_mm = f"{storeys}{suffix}", 2.0
        inner = shapely.point_on_surface(shape)
        x_mm, y_mm = frame.paper([[inner.x, inner.y]])[0]
        west, south, east, north = shape.bounds
        if min(east - west, (north - south) * 2) * frame.mm_per_m > text_width_mm(words, size_mm):
            _write(canvas, words, (x_mm, y_mm + 0.7), size_mm=size_mm, turn_deg=0.0, fill=fill)


def label_parcels(
    canvas: Canvas, table: gpd.GeoDataFrame, frame: Frame, *, buildings: gpd.GeoDataFrame
) -> None:
    """Names inside the red lines, on open ground where there is room, else across a building."""
    standing = shapely.union_all(buildings.geometry.to_numpy()) if len(buildings) else shapely.Point()
    fill, size_mm = picture_style()["parcel"]["text"], 2.4
    visible = shapely.box(*frame.window())
    for name, shape in _pairs(table, "name"):
        seen = shapely.intersection(shape, visible)
        for ground in (shapely.difference(seen, standing), seen):
            spots = _inner_spots(ground, frame, width_m=text_width_mm(name, size_mm) / frame.mm_per_m)
            if any(_write(canvas, name, at_mm, size_mm=size_mm, turn_deg=0.0, fill=fill) for at_mm in spots):
                break


def _inner_spots(ground: Any, frame: Frame, *, width_m: float) -> list[tuple[float, float]]:
    """Places where a text of this width lies wholly on the ground, from its middle outwards [mm]."""
    if ground.is_empty:
        return []
    west, south, east, north = ground.bounds
    line_m = 3.2 / frame.mm_per_m
    xs = [(west + east) / 2 + (east - west) * share for share in (0.0, -0.25, 0.25)]
    ys = [
        (south + north) / 2 + (north - south) * share for share in (0.0, 0.2, -0.2, 0.33, -0.33, 0.44, -0.44)
    ]
    shapely.prepare(ground)
    boxes = [
        (x, y)
        for y in ys
        for x in xs
        if ground.contains(shapely.box(x - width_m / 2, y - line_m / 2, x + width_m / 2, y + line_m / 2))
    ]
    return [(float(x), float(y) + 0.8) for x, y in frame.paper(boxes)] if boxes else []


def _pairs(table: gpd.GeoDataFrame, column: str) -> Iterator[tuple[Any, Any]]:
    if len(table) == 0:
        return
    for value, shape in zip(table[column], table.geometry, strict=True):
        if pd.notna(value) and value != "" and not shape.is_empty:
            yield value, shape


def _along(
    points: Any, words: str, *, size_mm: float, lift_mm: float
) -> list[tuple[tuple[float, float], float]]:
    """Where words may stand beside the longest leg (position and turn), the middle first; none when it is too short."""
    if len(points) < 2:
        return []
    start, end = longest_leg(points)
    length = float(np.hypot(*(end - start)))
    room = length - text_width_mm(words, size_mm) - 2.0
    if room < 0.0:
        return []
    turn = readable_deg(*(end - start))
    radians = np.radians(turn)
    lift = np.array([np.sin(radians), -np.cos(radians)]) * lift_mm
    spots = [(start + end) / 2 + (end - start) / length * room * share + lift for share in _SHARES]
    return [((float(x), float(y)), turn) for x, y in spots]


def _write(
    canvas: Canvas, words: str, at_mm: tuple[float, float], *, size_mm: float, turn_deg: float, fill: str
) -> bool:
    if not canvas.claim(label_box(words, at_mm, size_mm=size_mm, turn_deg=turn_deg)):
        return False
    canvas.text(words, at_mm, size_mm=size_mm, anchor="middle", turn_deg=turn_deg, fill=fill)
    return True
