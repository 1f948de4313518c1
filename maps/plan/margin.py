"""The margin of a plan picture: title, north arrow, scale bar, legend of what is really shown, coordinate crosses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.messages import lookup
from maps.plan.layers import main_style, picture_style, symbol
from maps.plan.svg import text_width_mm, wrapped

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from gis.messages import Language
    from maps.plan.svg import Canvas, Frame

_INK = "#333"


def draw_margin(
    canvas: Canvas, frame: Frame, near: Mapping[str, Any], *, title: str, crs: Any, language: Language,
    others: Sequence[tuple[dict[str, Any], str]] = (), shown: Container[str] = ("tie_in", "meter", "site"),
) -> None:  # fmt: skip
    """The column right of the map, from the title down to the scale."""
    style = picture_style()["sheet"]
    left = frame.left_mm + frame.width_mm
    canvas.add(
        "rect",
        x=frame.left_mm,
        y=frame.top_mm,
        width=frame.width_mm,
        height=frame.height_mm,
        fill="none",
        stroke=_INK,
        stroke_width=0.4,
    )
    canvas.add(
        "rect",
        x=left,
        y=frame.top_mm,
        width=style["legend_mm"],
        height=frame.height_mm,
        fill="#fff",
        stroke=_INK,
        stroke_width=0.4,
    )
    y_mm = frame.top_mm + 6.0
    for line in _title_lines(title, style["legend_mm"] - 6.0):
        canvas.text(line, (left + 3.0, y_mm), size_mm=3.0, bold=True, halo=False)
        y_mm += 4.2
    _north_arrow(canvas, (left + style["legend_mm"] / 2, y_mm + 10.0), language)
    _legend(
        canvas,
        {name: _on_sheet(table, frame) for name, table in near.items()},
        (left + 3.0, y_mm + 23.0),
        language=language,
        others=others,
        shown=shown,
        bottom_mm=frame.top_mm + frame.height_mm - 20.0,
    )
    _scale_bar(canvas, frame, left + 3.0, style["legend_mm"] - 8.0)
    _crs_note(canvas, frame, left + 3.0, crs, language=language)


def _on_sheet(table: Any, frame: Frame) -> Any:
    """The rows that the map really shows, not only those close by."""
    if len(table) == 0:
        return table
    return table[shapely.intersects(table.geometry.to_numpy(), shapely.box(*frame.window()))]


def _title_lines(title: str, room_mm: float) -> list[str]:
    """At most four lines, broken at the dots between its parts where there are any."""
    parts = title.split(" · ")
    lines = [line for part in parts for line in wrapped(part, width_mm=room_mm, size_mm=3.0)]
    return lines if len(lines) <= 4 else [*lines[:3], f"{lines[3][:-1]}…"]


def _north_arrow(canvas: Canvas, at_mm: tuple[float, float], language: Language) -> None:
    x, y = at_mm
    canvas.add("path", d=f"M{x:.2f} {y - 8:.2f}l3.2 14l-3.2 -2.6z", fill=_INK)
    canvas.add(
        "path",
        d=f"M{x:.2f} {y - 8:.2f}l-3.2 14l3.2 -2.6z",
        fill="#fff",
        stroke=_INK,
        stroke_width=0.25,
        stroke_linejoin="round",
    )
    canvas.text(
        lookup("maps", "plan.north", language),
        (x, y - 9.2),
        size_mm=3.0,
        anchor="middle",
        bold=True,
        halo=False,
    )


def _legend(
    canvas: Canvas,
    near: Mapping[str, Any],
    at_mm: tuple[float, float],
    *,
    language: Language,
    others: Sequence[tuple[dict[str, Any], str]],
    shown: Container[str],
    bottom_mm: float,
) -> None:
    x_mm, y_mm = at_mm
    canvas.text(lookup("maps", "plan.legend", language), (x_mm, y_mm), size_mm=2.6, bold=True, halo=False)
    entries = list(_entries(near, language, others=others, shown=shown))
    step_mm = min(3.8, (bottom_mm - y_mm) / max(len(entries), 1))
    for kind, look, words in entries:
        y_mm += step_mm
        _sample(canvas, kind, look, (x_mm + 3.5, y_mm - 0.8))
        canvas.text(words, (x_mm + 9.0, y_mm), size_mm=2.2, halo=False)


def _entries(
    near: Mapping[str, Any],
    language: Language,
    *,
    others: Sequence[tuple[dict[str, Any], str]],
    shown: Container[str],
) -> Iterator[tuple[str, dict[str, Any], str]]:
    """What the picture shows, in reading order: kind of sample, its look, its words."""
    style = picture_style()

    def word(key: str) -> str:
        return lookup("maps", f"plan.{key}", language)

    yield (
        "line",
        {"stroke": style["route"]["line"], "stroke_width": style["route"]["width_mm"]},
        word("route"),
    )
    for look, name in others:
        yield "line", look, name or word("other-route")
    for key in ("tie-in", "meter", "site"):
        if key.replace("-", "_") in shown:
            yield key, {}, word(key)
    for kind, layer in (("tapoff", "tapoffs"), ("valve", "valves"), ("hydrant", "hydrants")):
        if len(near[layer]):
            yield kind, {}, word(kind)
            if kind == "tapoff" and (near[layer]["status"] != "free").any():
                yield kind, {"hollow": True}, word("tapoff-taken")
    yield from _main_entries(near["pipes"], word("main"))
    if len(near["parcels"]):
        yield (
            "line",
            {"stroke": style["parcel"]["line"], "stroke_width": 0.3, "stroke_dasharray": "2.4 0.8 0.5 0.8"},
            word("parcel"),
        )
    if len(near["utilities"]):
        for kind in sorted(set(near["utilities"]["kind"].dropna())):
            known = kind if kind in style["utility"] else "other"
            colour = style["utility"][known]
            yield (
                "line",
                {"stroke": colour, "stroke_width": 0.25, "stroke_dasharray": "1.6 0.7"},
                word(f"utility-{known}"),
            )


def _main_entries(pipes: Any, name: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    """One entry a class of size that is there, with the sizes it stands for."""
    dns = sorted({int(dn) for dn in pipes["dn"].dropna()}) if len(pipes) else []
    for row in picture_style()["main"]:
        shown = [dn for dn in dns if main_style(dn) is row]
        if shown:
            sizes = f"DN{shown[0]}" if len(shown) == 1 else f"DN{shown[0]}–{shown[-1]}"
            yield "line", {"stroke": row["colour"], "stroke_width": row["width_mm"]}, f"{name} {sizes}"


def _sample(canvas: Canvas, kind: str, look: dict[str, Any], at_mm: tuple[float, float]) -> None:
    x, y = at_mm
    if kind == "line":
        canvas.add("path", d=f"M{x - 3:.2f} {y:.2f}h6", fill="none", **look)
    elif kind == "tie-in":
        canvas.add("circle", cx=f"{x:.2f}", cy=f"{y:.2f}", r=1.3, fill=picture_style()["route"]["line"])
    else:
        symbol(canvas, kind, at_mm, hollow=bool(look.get("hollow")))


def _scale_bar(canvas: Canvas, frame: Frame, left_mm: float, room_mm: float) -> None:
    """Four fields of a round length, with the scale above."""
    step_m = max(
        base * 10**power
        for power in range(4)
        for base in (1, 2, 2.5, 5)
        if base * 10**power * 4 * frame.mm_per_m <= room_mm or (power, base) == (0, 1)
    )
    y, step = frame.top_mm + frame.height_mm - 8.5, step_m * frame.mm_per_m
    canvas.text(f"1:{frame.scale:.0f}", (left_mm, y - 2.6), size_mm=3.0, bold=True, halo=False)
    for field in range(4):
        canvas.add(
            "rect",
            x=f"{left_mm + field * step:.2f}",
            y=f"{y:.2f}",
            width=f"{step:.2f}",
            height=1.2,
            fill=_INK if field % 2 == 0 else "#fff",
            stroke=_INK,
            stroke_width=0.2,
        )
    for mark in (0, 2, 4):
        words = f"{mark * step_m:g}" + (" m" if mark == 4 else "")
        canvas.text(
            words,
            (left_mm + mark * step, y + 3.6),
            size_mm=1.9,
            anchor="middle" if mark else "start",
            halo=False,
        )


def _crs_note(canvas: Canvas, frame: Frame, left_mm: float, crs: Any, *, language: Language) -> None:
    if crs is None:
        words = lookup("maps", "plan.local-coordinates", language)
    else:
        code = crs.to_epsg()
        words = f"EPSG:{code}" if code else str(crs.name)
    if text_width_mm(words, 1.9) > 34.0:
        words = words[:24]
    canvas.text(words, (left_mm, frame.top_mm + frame.height_mm - 1.8), size_mm=1.9, fill="#666", halo=False)


def draw_grid(canvas: Canvas, frame: Frame, *, axes: bool = False) -> None:
    """Crosses at round coordinates, their values at the edges [m]; with axes as on surveys, X north and Y east."""
    step_m = next((s for s in (10, 20, 50, 100, 200, 500, 1000, 2000) if s * frame.mm_per_m >= 35.0), 5000)
    west, south, east, north = frame.window()
    xs, ys = (np.arange(np.ceil(a / step_m) * step_m, b, step_m) for a, b in ((west, east), (south, north)))
    for x in xs:
        for y in ys:
            px, py = frame.paper([[x, y]])[0]
            canvas.add(
                "path",
                d=f"M{px - 1.2:.2f} {py:.2f}h2.4M{px:.2f} {py - 1.2:.2f}v2.4",
                stroke="#7a7a7a",
                stroke_width=0.12,
            )
    small: Any = {"size_mm": 1.6, "fill": "#777"}
    for x in xs:
        canvas.text(
            f"Y={x:.0f}" if axes else f"{x:.0f}",
            (frame.paper([[x, south]])[0][0], frame.top_mm + frame.height_mm - 0.8),
            anchor="middle",
            **small,
        )
    for y in ys:
        canvas.text(
            f"X={y:.0f}" if axes else f"{y:.0f}",
            (frame.left_mm + 2.0, frame.paper([[west, y]])[0][1]),
            anchor="middle",
            turn_deg=-90.0,
            **small,
        )
