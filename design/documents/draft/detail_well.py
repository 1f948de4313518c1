"""Valve wells and meter wells: section along the pipe above, plan below, with the train of devices inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely

from design.documents.draft.kinds import detail_kind, sizes_mm
from design.documents.draft.panel import Panel, device_length_mm, draw_device, fitting_scale, part_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from design.documents.draft.draft import Draft
    from design.documents.words import Words
    from design.wire.scheme import OptionDoc

VALVE_TRAIN = (("valve", ("valve",)), ("joint", ("joint",)))
METER_TRAIN = (
    ("valve", ("valve", "before")), ("strainer", ("strainer",)), ("meter", ("meter", "remote")), ("check", ("check",)),
    ("joint", ("joint",)), ("valve", ("valve", "after")),
)  # fmt: skip
BACKFLOW_TRAIN = (
    ("valve", ("valve",)), ("strainer", ("strainer",)), ("preventer", ("preventer",)), ("joint", ("joint",)), ("valve", ("valve",)),
)  # fmt: skip
BOX_TRAIN = (
    ("valve", ("valve",)), ("strainer", ("strainer",)), ("meter", ("meter,",)), ("preventer", ("preventer",)), ("valve", ("valve",)),
)  # fmt: skip
WALL_MM, BASE_MM, OPENING_MM = 240.0, 150.0, 700.0
BOX_LENGTH_MM, LONG_BOX_MM, BOX_DEPTH_MM = 700.0, 800.0, 500.0


@dataclass(frozen=True)
class Well:
    """
    Sizes of a well inside, of its walls and base, the depth of the pipe's axis, the pipe, and the devices in it [mm].

    The devices are numbered here, or in a list of their own.
    """

    length_mm: float
    width_mm: float
    depth_mm: float
    axis_mm: float
    wall_mm: float
    base_mm: float
    opening_mm: float
    outer_mm: float
    dn: int
    is_round: bool
    is_box: bool
    parts: Sequence[Mapping[str, Any]]
    train: tuple[tuple[str, tuple[str, ...]], ...]
    is_listed_elsewhere: bool = False


def well_detail(
    draft: Draft, assembly: Mapping[str, Any], option: OptionDoc, words: Words, room_mm: tuple[float, float]
) -> int:
    """Draw a well; gives its scale."""
    well = _well(assembly, option)
    height = well.depth_mm + well.base_mm + well.width_mm + 2 * well.wall_mm + 250
    outside = (well.length_mm + 2 * well.wall_mm) * 1.25
    scale = fitting_scale(outside, height, room_mm=(room_mm[0] - 20.0, room_mm[1] - 24.0))
    left = (room_mm[0] - well.length_mm / scale) / 2
    section = Panel(draft, (left, 9.0), scale)
    _section(section, well, words)
    _train(section, well, axis_y_mm=well.axis_mm, numbered=True)
    away = max(well.wall_mm / scale + 7.0, 9.0)
    section.dimension((0, well.depth_mm), (0, 0), away_mm=away)
    section.dimension((well.length_mm, 0), (well.length_mm, well.axis_mm), away_mm=away)
    top = 9.0 + (well.depth_mm + well.base_mm) / scale + 11.0
    plan = Panel(draft, (left, top), scale)
    _plan(plan, well)
    _train(plan, well, axis_y_mm=well.width_mm / 2, numbered=False)
    foot = well.width_mm + well.wall_mm
    size = ("Φ" if well.is_round else "") + f"{well.length_mm:.0f}"
    plan.dimension((0, foot), (well.length_mm, foot), away_mm=-4.0, words=size)
    if not well.is_round:
        east = well.length_mm + well.wall_mm
        plan.dimension((east, 0), (east, well.width_mm), away_mm=well.length_mm * 0.12 / scale + 6.0)
    draft.text(words("detail-section"), (6.0, 5.0), height_mm=2.4, anchor="start", bold=True)
    draft.text(words("detail-plan"), (6.0, top + 1.0), height_mm=2.4, anchor="start", bold=True)
    return scale


def _well(assembly: Mapping[str, Any], option: OptionDoc) -> Well:
    """Sizes as told, else as usual; a meter box is a small shallow well."""
    kind = detail_kind(assembly)
    is_meter = kind in {"meter-well", "backflow-place"}
    sizes, pipe = sizes_mm(assembly), option["service_pipe"]
    works: Mapping[str, Any] = option.get("works") or {}
    dn = option["meter"]["dn"] if is_meter else pipe["dn"]
    outer = dn * 1.1 if is_meter else pipe["outer_diameter_mm"]
    cover = works.get("cover_depth_m", 1.0) * 1000.0
    length = sizes.get("inner_length") or sizes.get("inner_diameter") or 1000.0
    is_box = length < BOX_LENGTH_MM or ("wall" not in sizes and length <= LONG_BOX_MM)
    depth = sizes.get("depth") or (BOX_DEPTH_MM if is_box else max(cover + outer + 300.0, 1000.0))
    axis = depth * 0.6 if is_box else min(cover + outer / 2, depth - outer / 2 - 100.0)
    return Well(
        length, sizes.get("inner_width") or length, depth, axis, sizes.get("wall", 20.0 if is_box else WALL_MM),
        sizes.get("base", 0.0 if is_box else BASE_MM), sizes.get("cover", OPENING_MM), outer, dn, "inner_diameter" in sizes,
        is_box, assembly.get("parts") or [], _train_of(kind, is_box=is_box), kind == "backflow-place",
    )  # fmt: skip


def _train_of(kind: str, *, is_box: bool) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The devices of a well in the order of the flow."""
    if kind == "backflow-place":
        return BOX_TRAIN if is_box else BACKFLOW_TRAIN
    return METER_TRAIN if kind == "meter-well" else VALVE_TRAIN


def _section(panel: Panel, well: Well, words: Words) -> None:
    """Ground, walls, base slab, cover and frame, cut along the pipe."""
    length, depth, wall = well.length_mm, well.depth_mm, well.wall_mm
    reach = length * 0.12 + wall
    panel.line([(-reach - 80, 0), (length + reach + 80, 0)], "ground")
    for west in (-wall, length):
        panel.box(west, 0, west + wall, depth, "concrete", hatch_mm=1.4)
    if well.base_mm:
        panel.box(-wall, depth, length + wall, depth + well.base_mm, "concrete", hatch_mm=1.4)
    if well.is_box:
        panel.box(-wall, 0, length + wall, 25, "concrete", fill="#555555")
        panel.balloon(part_number(well.parts, "box"), (length * 0.8, 10), dx_mm=12.0, dy_mm=-5.0)
    else:
        _cover(panel, well)
    panel.balloon(part_number(well.parts, "wall"), (length + wall / 2, depth * 0.8), dx_mm=10.0, dy_mm=4.0)
    panel.balloon(
        part_number(well.parts, "base"), (length * 0.8, depth + well.base_mm / 2), dx_mm=12.0, dy_mm=5.0
    )
    _fittings(panel, well)
    panel.note(words("profile-ground-line"), (length + reach, 0), height_mm=2.0, up_mm=1.0)


def _fittings(panel: Panel, well: Well) -> None:
    """What else the list names: sleeves in the walls, supports under the train, the sump in the floor, insulation."""
    parts, length, depth, sleeve = well.parts, well.length_mm, well.depth_mm, well.outer_mm * 0.5 + 25
    if (number := part_number(parts, "wall sleeve")) is not None:
        for west in (-well.wall_mm, length):
            for side in (-1, 1):
                y = well.axis_mm + side * sleeve
                panel.line([(west - 20, y), (west + well.wall_mm + 20, y)], "design-fitting")
        panel.balloon(number, (-well.wall_mm / 2, well.axis_mm - sleeve), dx_mm=-9.0, dy_mm=-8.0)
    if (number := part_number(parts, "support")) is not None:
        for share in (0.2, 0.5, 0.8):
            top = min(well.axis_mm + well.outer_mm * 0.6, depth - 60)
            panel.box(length * share - 100, top, length * share + 100, depth, "concrete", hatch_mm=1.2)
        panel.balloon(number, (length * 0.2, depth - 50), dx_mm=-13.0, dy_mm=9.0)
    if (number := part_number(parts, "sump")) is not None:
        west, deep = length - 380, min(300.0, well.base_mm)
        panel.box(west, depth, west + 300, depth + deep, "concrete", fill="#ffffff")
        panel.balloon(number, (west + 150, depth + deep / 2), dx_mm=-12.0, dy_mm=9.0)
    if (number := part_number(parts, "insulation")) is not None:
        panel.box(0, 25, length, 60, "hatch", fill="#f3e7c9")
        panel.balloon(number, (length * 0.2, 45), dx_mm=-12.0, dy_mm=-5.0)


def _cover(panel: Panel, well: Well) -> None:
    """The slab with its opening, the cover in its frame, and the steps below."""
    middle, half = well.length_mm / 2, well.opening_mm / 2
    for west, east in ((-well.wall_mm, middle - half), (middle + half, well.length_mm + well.wall_mm)):
        if east > west:
            panel.box(west, 60, east, 180, "concrete", fill="#ffffff", hatch_mm=1.2)
    panel.box(middle - half, 0, middle + half, 60, "concrete", fill="#555555")
    panel.balloon(
        part_number(well.parts, "cover", "frame"), (middle + half * 0.6, 20), dx_mm=12.0, dy_mm=-5.5
    )
    panel.balloon(part_number(well.parts, "slab", "cover"), (middle - half - 60, 120), dx_mm=-9.0, dy_mm=9.0)
    if (number := part_number(well.parts, "inner lid")) is not None:
        panel.box(middle - half, 150, middle + half, 180, "design-fitting", fill="#ffffff")
        panel.balloon(number, (middle, 165), dx_mm=7.0, dy_mm=8.0)
    for y in range(360, int(well.depth_mm - 200), 360):
        panel.line([(0, y), (90, y)], "concrete")
    panel.balloon(part_number(well.parts, "step"), (80, 360), dx_mm=6.0, dy_mm=5.0)


def _plan(panel: Panel, well: Well) -> None:
    """The walls from above: a ring or a frame."""
    length, width, wall = well.length_mm, well.width_mm, well.wall_mm
    if well.is_round:
        radius = length / 2
        here = shapely.Point(*panel.at(radius, radius))
        ring = here.buffer((radius + wall) / panel.scale) - here.buffer(radius / panel.scale)
        panel.draft.hatch(ring, step_mm=1.6)
        for r in (radius, radius + wall):
            panel.circle(radius, radius, r, "concrete")
        return
    outside = shapely.box(*panel.at(-wall, -wall), *panel.at(length + wall, width + wall))
    panel.draft.hatch(outside - shapely.box(*panel.at(0, 0), *panel.at(length, width)), step_mm=1.6)
    panel.box(-wall, -wall, length + wall, width + wall, "concrete")
    panel.box(0, 0, length, width, "concrete")


def _train(panel: Panel, well: Well, *, axis_y_mm: float, numbered: bool) -> None:
    """The devices one after the other in the middle of the well, the pipe on both sides; pressed together if they must."""
    parts = well.parts
    present = [
        (kind, keys)
        for kind, keys in well.train
        if not parts or well.is_listed_elsewhere or part_number(parts, *keys) is not None
    ]
    lengths = [device_length_mm(kind, well.dn) for kind, _ in present]
    squeeze = min(1.0, well.length_mm * 0.94 / (sum(lengths) or 1.0))
    reach = well.length_mm * 0.12 + well.wall_mm
    panel.pipe((-reach, axis_y_mm), (well.length_mm + reach, axis_y_mm), well.outer_mm, "design")
    x = (well.length_mm - sum(lengths) * squeeze) / 2
    for n, ((kind, keys), length) in enumerate(zip(present, lengths, strict=True)):
        draw_device(
            panel,
            kind,
            (x, axis_y_mm),
            length_mm=length * squeeze,
            outer_mm=well.outer_mm,
            style="design-fitting",
        )
        if numbered:
            middle, up = x + length * squeeze / 2, -1 if n % 2 == 0 else 1
            apart = well.length_mm * (n + 0.5) / len(present) - middle
            number = (
                None
                if well.is_listed_elsewhere
                else part_number(parts, *keys) or (n + 1 if not parts else None)
            )
            away = up * (well.outer_mm / panel.scale + 7.5)
            panel.balloon(number, (middle, axis_y_mm), dx_mm=apart / panel.scale, dy_mm=away)
        x += length * squeeze
    if numbered:
        flange = (well.length_mm - sum(lengths) * squeeze) / 2
        panel.balloon(part_number(parts, "bolt"), (flange, axis_y_mm - well.outer_mm * 0.6), dx_mm=-8.0, dy_mm=-7.0)  # fmt: skip
