"""Valve wells and meter wells: section along the pipe above, plan below, with the train of devices inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely

from design.documents.draft.panel import Panel, device_length_mm, draw_device, fitting_scale, part_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from design.documents.draft.draft import Draft
    from design.documents.words import Words
    from design.wire import OptionDoc

VALVE_TRAIN = (("valve", ("valve",)), ("joint", ("joint",)))
METER_TRAIN = (
    ("valve", ("valve", "before")), ("strainer", ("strainer",)), ("meter", ("meter", "remote")), ("check", ("check",)),
    ("joint", ("joint",)), ("valve", ("valve", "after")),
)  # fmt: skip
WALL_MM, BASE_MM, OPENING_MM, DEFAULT_DEPTH_MM = 240.0, 150.0, 700.0, 1400.0
BOX_DEPTH_MM = 500.0


def well_detail(
    draft: Draft, assembly: Mapping[str, Any], option: OptionDoc, words: Words, room_mm: tuple[float, float]
) -> int:
    """Draw a well; gives its scale."""
    from design.documents.draft.details import detail_kind, sizes_mm

    is_meter = detail_kind(assembly) == "meter-well"
    sizes = sizes_mm(assembly)
    dn = option["meter"]["dn"] if is_meter else option["service_pipe"]["dn"]
    cover = option.get("works", {}).get("cover_depth_m", 1.0) * 1000.0  # type: ignore[call-overload]
    outer = option["service_pipe"]["outer_diameter_mm"] if not is_meter else dn * 1.1
    length = sizes.get("inner_length") or sizes.get("inner_diameter") or 1000.0
    width = sizes.get("inner_width") or length
    is_box = length < 700.0
    wall = sizes.get("wall", 20.0 if is_box else WALL_MM)
    base = sizes.get("base", 0.0 if is_box else BASE_MM)
    depth = sizes.get("depth") or (BOX_DEPTH_MM if is_box else max(cover + outer + 300.0, 1000.0))
    outside = length + 2 * wall
    scale = fitting_scale(outside * 1.25, depth + base + width + 2 * wall + 250, room_mm=(room_mm[0] - 26.0, room_mm[1] - 24.0))
    axis = min(cover + outer / 2, depth - outer / 2 - 100.0) if not is_box else depth * 0.6
    left = room_mm[0] / 2
    section = Panel(draft, (left - length / 2 / scale, 9.0), scale)
    parts = assembly.get("parts") or []
    _section(section, (length, depth, axis), (wall, base, sizes.get("cover", OPENING_MM)), parts, words, is_box=is_box)
    _train(section, METER_TRAIN if is_meter else VALVE_TRAIN, parts, dn=dn, outer_mm=outer, length_mm=length, axis_y_mm=axis, numbered=True)
    section.dimension((0, depth), (0, 0), away_mm=max(wall / scale + 7.0, 9.0))
    section.dimension((length, 0), (length, axis), away_mm=max(wall / scale + 7.0, 9.0))
    top = 9.0 + (depth + base) / scale + 11.0
    plan = Panel(draft, (left - length / 2 / scale, top), scale)
    _plan(plan, length, width, wall, is_round="inner_diameter" in sizes)
    _train(plan, METER_TRAIN if is_meter else VALVE_TRAIN, parts, dn=dn, outer_mm=outer, length_mm=length, axis_y_mm=width / 2, numbered=False)
    plan.dimension((0, width + wall), (length, width + wall), away_mm=-4.0, words=("Φ" if "inner_diameter" in sizes else "") + f"{length:.0f}")
    if "inner_diameter" not in sizes:
        plan.dimension((length + wall, 0), (length + wall, width), away_mm=5.0)
    draft.text(words("detail-section"), (6.0, 5.0), height_mm=2.4, anchor="start", bold=True)
    draft.text(words("detail-plan"), (6.0, top + 1.0), height_mm=2.4, anchor="start", bold=True)
    return scale


def _section(
    panel: Panel, inner_mm: tuple[float, float, float], build_mm: tuple[float, float, float], parts: Any, words: Words, *, is_box: bool
) -> None:  # fmt: skip
    """Ground, walls, base slab, cover and frame, cut along the pipe."""
    length, depth, axis = inner_mm
    wall, base, opening = build_mm
    reach = length * 0.12 + wall
    panel.line([(-reach - 80, 0), (length + reach + 80, 0)], "ground")
    for west in (-wall, length):
        panel.box(west, 0, west + wall, depth, "concrete", hatched=1.4)
    if base:
        panel.box(-wall, depth, length + wall, depth + base, "concrete", hatched=1.4)
    if not is_box:
        slab = 120.0
        middle = length / 2
        for west, east in ((-wall, middle - opening / 2), (middle + opening / 2, length + wall)):
            if east > west:
                panel.box(west, 60, east, 60 + slab, "concrete", fill="#ffffff", hatched=1.2)
        panel.box(middle - opening / 2, 0, middle + opening / 2, 60, "concrete", fill="#555555")
        panel.balloon(part_number(parts, "cover", "frame"), (middle + opening * 0.3, 20), dx_mm=12.0, dy_mm=-5.5)
        for y in range(360, int(depth - 200), 360):
            panel.line([(0, y), (90, y)], "concrete")
        panel.balloon(part_number(parts, "step"), (80, 360), dx_mm=6.0, dy_mm=5.0)
    else:
        panel.box(-wall, 0, length + wall, 25, "concrete", fill="#555555")
        panel.balloon(part_number(parts, "box"), (length * 0.8, 10), dx_mm=12.0, dy_mm=-5.0)
    panel.balloon(part_number(parts, "wall"), (length + wall / 2, depth * 0.8), dx_mm=10.0, dy_mm=4.0)
    panel.balloon(part_number(parts, "base"), (length * 0.8, depth + base / 2), dx_mm=12.0, dy_mm=5.0)
    panel.note(words("profile-ground-line"), (length + reach, 0), height_mm=2.0, up_mm=1.0)
    del axis


def _plan(panel: Panel, length_mm: float, width_mm: float, wall_mm: float, *, is_round: bool) -> None:
    """The walls from above: a ring or a frame."""
    if is_round:
        middle, radius = length_mm / 2, length_mm / 2
        x, y = panel.at(middle, middle)
        ring = shapely.Point(x, y).buffer((radius + wall_mm) / panel.scale) - shapely.Point(x, y).buffer(radius / panel.scale)
        panel.draft.hatch(ring, step_mm=1.6)
        for r in (radius, radius + wall_mm):
            panel.circle(middle, middle, r, "concrete")
        return
    west, north = panel.at(-wall_mm, -wall_mm)
    east, south = panel.at(length_mm + wall_mm, width_mm + wall_mm)
    hole = shapely.box(*panel.at(0, 0), *panel.at(length_mm, width_mm))
    panel.draft.hatch(shapely.box(west, north, east, south) - hole, step_mm=1.6)
    panel.box(-wall_mm, -wall_mm, length_mm + wall_mm, width_mm + wall_mm, "concrete")
    panel.box(0, 0, length_mm, width_mm, "concrete")


def _train(
    panel: Panel, train: Any, parts: Any, *, dn: int, outer_mm: float, length_mm: float, axis_y_mm: float, numbered: bool
) -> None:  # fmt: skip
    """The devices one after the other in the middle of the well, the pipe on both sides; pressed together if they must."""
    present = [(kind, keys) for kind, keys in train if not parts or part_number(parts, *keys) is not None]
    lengths = [device_length_mm(kind, dn) for kind, _ in present]
    squeeze = min(1.0, length_mm * 0.94 / (sum(lengths) or 1.0))
    reach = length_mm * 0.12 + WALL_MM
    panel.pipe((-reach, axis_y_mm), (length_mm + reach, axis_y_mm), outer_mm, "design")
    x = (length_mm - sum(lengths) * squeeze) / 2
    for n, ((kind, keys), length) in enumerate(zip(present, lengths, strict=True)):
        draw_device(panel, kind, x, axis_y_mm, length_mm=length * squeeze, outer_mm=outer_mm, style="design-fitting")
        if numbered:
            up = -1 if n % 2 == 0 else 1
            number = part_number(parts, *keys) or (n + 1 if not parts else None)
            panel.balloon(number, (x + length * squeeze / 2, axis_y_mm), dx_mm=-2.0 + n % 3 * 2.0, dy_mm=up * (outer_mm / panel.scale + 7.0))
        x += length * squeeze
