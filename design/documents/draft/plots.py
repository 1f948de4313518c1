"""Plots of the pressure check: head along the water's way before and after, neighbours, and pressure floor by floor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from design.documents.draft.draft import Draft
from design.documents.figures import figure
from gis.units import head_m_from_mpa

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from design.documents.words import Words
    from design.wire.scheme import CheckDoc, OptionDoc

LEFT_MM, FOOT_MM, HEAD_MM = 14.0, 13.0, 8.0
WIDE_MM, PATH_MM, ROW_MM, FLOORS_MM = 180.0, 62.0, 7.6, 30.0


@dataclass(frozen=True)
class Axes:
    """A plot's frame: distance to the right, height up."""

    end_m: float
    low_m: float
    high_m: float
    step_m: float

    def at(self, along_m: float, height_m: float) -> tuple[float, float]:
        """Place on paper [mm]."""
        x = LEFT_MM + along_m / self.end_m * (WIDE_MM - LEFT_MM - 6.0)
        share = (height_m - self.low_m) / (self.high_m - self.low_m)
        return x, PATH_MM - FOOT_MM - share * (PATH_MM - FOOT_MM - HEAD_MM)


def path_plot(option: OptionDoc, words: Words) -> Draft | None:
    """Ground and head from the source to the tie-in and on to the site, before and after; None without a known way."""
    check, path = option["check"], option["check"].get("supply_path") or []
    if len(path) < 2:
        return None
    draft = Draft(WIDE_MM, PATH_MM)
    tie_m = path[-1]["at_m"]
    end_m = tie_m + option["route"]["length_m"]
    lines = {
        "before": [*((p["at_m"], p["head_before_m"]) for p in path), (end_m, check["tie_in_head_before_m"])],
        "after": [*((p["at_m"], p["head_after_m"]) for p in path), (end_m, _site_head_m(option))],
        "ground": [*((p["at_m"], p["ground_m"]) for p in path), (end_m, check["site_elevation_m"])],
    }
    levels = [height for points in lines.values() for _, height in points]
    axes = Axes(end_m, *nice_range((min(levels), max(levels)), most=6))
    _draw_axes(draft, axes, words)
    for style, points in lines.items():
        draft.line([axes.at(*point) for point in points], style)
    draft.line([axes.at(tie_m, axes.low_m), axes.at(tie_m, axes.high_m)], "limit")
    x, y = axes.at(tie_m, axes.high_m)
    draft.text(words("tie-in"), (x, y - 1.0), height_mm=2.2, anchor="end" if tie_m > end_m / 2 else "start")
    legend = [
        ("before", words("head-before")),
        ("after", words("head-after")),
        ("ground", words("elevation")),
    ]
    _legend(draft, legend, (46.0, 3.5))
    return draft


def _draw_axes(draft: Draft, axes: Axes, words: Words) -> None:
    for level in np.arange(axes.low_m, axes.high_m + axes.step_m / 2, axes.step_m):
        draft.line([axes.at(0, level), axes.at(axes.end_m, level)], "grid")
        draft.text(f"{level:g}", (LEFT_MM - 1.2, axes.at(0, level)[1] + 0.8), height_mm=2.2, anchor="end")
    _, _, along = nice_range((0.0, axes.end_m), most=8)
    for mark in np.arange(0.0, axes.end_m, along):
        x, y = axes.at(mark, axes.low_m)
        draft.line([(x, y), (x, y + 1.0)], "thin")
        draft.text(f"{mark:g}", (x, y + 3.6), height_mm=2.2)
    draft.line([axes.at(0, axes.low_m), axes.at(axes.end_m, axes.low_m)], "thin")
    draft.text(words("path-axis"), (2.0, 3.5), height_mm=2.2, anchor="start")
    draft.text(words("path-along"), (WIDE_MM - 3.0, PATH_MM - 5.5), height_mm=2.2, anchor="end")


def _site_head_m(option: OptionDoc) -> float:
    """Head left at the site as the check has it [m]."""
    check = option["check"]
    return check["site_elevation_m"] + head_m_from_mpa(check["site_pressure_after_mpa"])


def _legend(draft: Draft, entries: Sequence[tuple[str, str]], at_mm: tuple[float, float]) -> None:
    x, y = at_mm
    for style, told in entries:
        draft.line([(x, y - 0.8), (x + 7.0, y - 0.8)], style)
        draft.text(told, (x + 8.2, y), height_mm=2.2, anchor="start")
        x += 12.0 + 2.3 * len(told) if any(ord(c) > 0x2E7F for c in told) else 12.0 + 1.35 * len(told)


def nice_range(ends: tuple[float, float], *, most: int) -> tuple[float, float, float]:
    """
    Round ends and step of an axis that holds low and high with at most so many steps.

    >>> nice_range((36.2, 73.7), most=6)
    (30.0, 80.0, 10.0)
    """
    low, high = ends
    span = max(high - low, 1e-6)
    raw = span / most
    base = 10.0 ** np.floor(np.log10(raw))
    for factor in (1.0, 2.0, 2.5, 5.0, 10.0, 20.0):
        step = float(base * factor)
        first, last = float(np.floor(low / step) * step), float(np.ceil(high / step) * step)
        if (last - first) / step <= most + 1e-9:
            break
    return first, max(last, first + step), step


def neighbour_plot(check: CheckDoc, words: Words) -> Draft:
    """Bars before and after at the site, the tie-in and the neighbours hit hardest, the limit as a red tick [MPa]."""
    rows: list[tuple[str, float, float, float | None]] = [
        (
            words("site"),
            check["site_pressure_before_mpa"],
            check["site_pressure_after_mpa"],
            check["pressure_required_mpa"],
        ),
        (words("tie-in"), check["tie_in_pressure_before_mpa"], check["tie_in_pressure_after_mpa"], None),
    ]
    worst = check["worst_neighbour"]
    near = ([worst] if worst else []) + [
        n for n in check["most_affected"] if not worst or n["node_id"] != worst["node_id"]
    ]
    for node in near[:5]:
        name = f"{words('worst')} {node['node_id']}" if node is worst else node["node_id"]
        rows.append(
            (name, node["pressure_before_mpa"], node["pressure_after_mpa"], check["neighbour_limit_mpa"])
        )
    draft = Draft(WIDE_MM, HEAD_MM + len(rows) * ROW_MM + 6.0)
    top = max(0.1, *(value for _, before, after, limit in rows for value in (before, after, limit or 0.0)))
    _, full, step = nice_range((0.0, top * 1.06), most=8)
    left, room = 42.0, WIDE_MM - 42.0 - 16.0
    foot = HEAD_MM + len(rows) * ROW_MM
    for mark in np.arange(0.0, full + step / 2, step):
        x = left + mark / full * room
        draft.line([(x, HEAD_MM - 1.0), (x, foot)], "grid")
        draft.text(f"{mark:.2f}", (x, foot + 3.6), height_mm=2.2)
    for n, row in enumerate(rows):
        _bar(draft, row, top_mm=HEAD_MM + n * ROW_MM, left_mm=left, per_mpa=room / full)
    draft.text("MPa", (WIDE_MM - 12.0, foot + 3.6), height_mm=2.2, anchor="start")
    for x, colour, told in (
        (42.0, "#a9c4de", "before"),
        (70.0, "#17548f", "after"),
        (98.0, "#c22727", "plot-limit"),
    ):
        draft.box(x, 2.0, x + (5.0 if told != "plot-limit" else 0.6), 4.2, "grid", fill=colour)
        draft.text(words(told), (x + 6.5, 4.0), height_mm=2.3, anchor="start")
    return draft


def _bar(
    draft: Draft,
    row: tuple[str, float, float, float | None],
    *,
    top_mm: float,
    left_mm: float,
    per_mpa: float,
) -> None:
    name, before, after, limit = row
    draft.text(name, (left_mm - 2.0, top_mm + 4.2), height_mm=2.4, anchor="end", room_mm=left_mm - 3.0)
    for n, (value, colour) in enumerate(((before, "#a9c4de"), (after, "#17548f"))):
        y = top_mm + n * 3.0
        draft.box(left_mm, y, left_mm + max(value, 0.0) * per_mpa, y + 2.7, "grid", fill=colour)
        draft.text(
            figure(value, "MPa"),
            (left_mm + max(value, 0.0) * per_mpa + 1.0, y + 2.2),
            height_mm=2.1,
            anchor="start",
        )
    if limit is not None:
        draft.box(
            left_mm + limit * per_mpa - 0.3,
            top_mm - 0.4,
            left_mm + limit * per_mpa + 0.3,
            top_mm + 6.1,
            "grid",
            fill="#c22727",
        )


def floors_plot(floors: Sequence[Mapping[str, Any]], words: Words) -> Draft | None:
    """Pressure left on every floor and how it is supplied, the ground floor below."""
    rows = sorted((row for row in floors if row.get("floor") is not None), key=lambda row: -int(row["floor"]))
    if not rows:
        return None
    height = min(5.0, 110.0 / len(rows))
    draft = Draft(WIDE_MM, HEAD_MM + len(rows) * height + 8.0)
    values = [float(row.get(key) or 0.0) for row in rows for key in ("fixture_pressure_mpa", "pressure_mpa")]
    _, full, step = nice_range((0.0, max(0.1, *values) * 1.05), most=8)
    left, room, foot = FLOORS_MM, WIDE_MM - FLOORS_MM - 46.0, HEAD_MM + len(rows) * height
    for mark in np.arange(0.0, full + step / 2, step):
        x = left + mark / full * room
        draft.line([(x, HEAD_MM - 1.0), (x, foot)], "grid")
        draft.text(f"{mark:.2f}", (x, foot + 3.6), height_mm=2.2)
    draft.text("MPa", (left + room + 3.0, foot + 3.6), height_mm=2.2, anchor="start")
    for n, row in enumerate(rows):
        _floor(draft, row, words, top_mm=HEAD_MM + n * height, size_mm=(height, room), per_mpa=room / full)
    return draft


def _floor(
    draft: Draft, row: Mapping[str, Any], words: Words, *, top_mm: float, size_mm: tuple[float, float], per_mpa: float
) -> None:  # fmt: skip
    """One floor: its bar in green where the main serves it, its figure and how it is supplied."""
    height, room = size_mm
    value = float(row.get("fixture_pressure_mpa") or row.get("pressure_mpa") or 0.0)
    mode = str(row.get("mode", "direct"))
    fill = "#1b7f3b" if mode == "direct" else "#d9a441"
    draft.box(
        FLOORS_MM,
        top_mm + 0.4,
        FLOORS_MM + max(value, 0.0) * per_mpa,
        top_mm + height - 0.4,
        "grid",
        fill=fill,
    )
    letter, y = min(2.3, height * 0.8), top_mm + height / 2 + 0.9
    draft.text(words("floor", number=row["floor"]), (FLOORS_MM - 2.0, y), height_mm=letter, anchor="end")
    reduced = f" · {words('floor-reduce')}" if row.get("reduce") and mode == "direct" else ""
    told = f"{figure(value, 'MPa')}  {words.known('supply', mode)}{reduced}"
    draft.text(told, (FLOORS_MM + room + 3.0, y), height_mm=letter, anchor="start")
