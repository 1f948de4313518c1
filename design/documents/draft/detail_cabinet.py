"""Where a backflow preventer stands: in a well or a longer meter box, or above ground in an insulated cabinet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from design.documents.draft.detail_well import well_detail
from design.documents.draft.panel import Panel, device_length_mm, draw_device, fitting_scale, part_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from design.documents.draft.draft import Draft
    from design.documents.words import Words
    from design.wire.scheme import OptionDoc

TRAIN = ("valve", "strainer", "preventer", "joint", "valve")
RISER_MM, SIDE_MM, DEEP_MM = 250.0, 200.0, 700.0


def backflow_place_detail(
    draft: Draft, assembly: Mapping[str, Any], option: OptionDoc, words: Words, room_mm: tuple[float, float]
) -> int:
    """Draw the place: a cabinet has a height inside, all others are wells or boxes."""
    sizes = assembly.get("dimensions_mm") or {}
    if "clear_height" not in sizes:
        return well_detail(draft, assembly, option, words, room_mm)
    dn = option["meter"]["dn"]
    outer = dn * 1.1
    lengths = [device_length_mm(kind, dn) for kind in TRAIN]
    total, high = sum(lengths), float(sizes["clear_height"])
    wide = total + 2 * (RISER_MM + SIDE_MM + outer)
    scale = fitting_scale(wide + 700, high + DEEP_MM + 200, room_mm=(room_mm[0] - 30.0, room_mm[1] - 26.0))
    panel = Panel(draft, ((room_mm[0] - total / scale) / 2, 16.0 + high / scale), scale)
    axis = -(float(sizes.get("drain_above_floor", 300.0)) + outer)
    _case(panel, total, outer, sizes)
    _pipes(panel, total, outer, axis)
    x = 0.0
    for kind, length in zip(TRAIN, lengths, strict=True):
        draw_device(panel, kind, (x, axis), length_mm=length, outer_mm=outer, style="design-fitting")
        if kind == "preventer":
            middle = x + length / 2
            panel.line([(middle, axis + outer * 0.75), (middle, axis + outer)], "design-fitting")
            panel.line(
                [(middle, axis + outer + 60), (middle, 150), (total + RISER_MM + 500, 180)], "design-fitting"
            )
        x += length
    _numbers(panel, assembly, total, outer, axis)
    side = total + RISER_MM + SIDE_MM + outer
    panel.dimension((side, 0), (side, -high), away_mm=5.0)
    panel.dimension(
        (-RISER_MM - SIDE_MM - outer, axis + outer), (-RISER_MM - SIDE_MM - outer, 0), away_mm=5.0
    )
    panel.note(words("profile-ground-line"), (side + 180, 0), height_mm=2.0, up_mm=1.0)
    draft.text(words.text(assembly, "reason"), (room_mm[0] / 2, 5.0), height_mm=2.2, room_mm=room_mm[0] - 4.0)
    return scale


def _case(panel: Panel, total_mm: float, outer_mm: float, sizes: Mapping[str, Any]) -> None:
    """The cabinet on its base; the ground beside it."""
    west, east = -RISER_MM - SIDE_MM - outer_mm, total_mm + RISER_MM + SIDE_MM + outer_mm
    panel.line([(west - 250, 0), (east + 300, 0)], "ground")
    panel.box(west - 50, 0, east + 50, float(sizes.get("base", 200.0)), "concrete", hatch_mm=1.4)
    panel.box(west, -float(sizes["clear_height"]), east, 0, "structure")


def _pipes(panel: Panel, total_mm: float, outer_mm: float, axis_mm: float) -> None:
    """The pipe up out of the ground, over, and down again, with its four bends."""
    for riser, inner, away in ((-RISER_MM, 0.0, -1), (total_mm + RISER_MM, total_mm, 1)):
        panel.pipe((riser, axis_mm), (inner, axis_mm), outer_mm, "design")
        panel.pipe((riser, axis_mm), (riser, DEEP_MM * 0.7), outer_mm, "design")
        panel.pipe((riser, DEEP_MM * 0.7), (riser + away * 350, DEEP_MM * 0.7), outer_mm, "design")
        for y in (axis_mm, DEEP_MM * 0.7):
            panel.circle(riser, y, outer_mm * 0.62, "design-fitting", fill="#ffffff")


def _numbers(
    panel: Panel, assembly: Mapping[str, Any], total_mm: float, outer_mm: float, axis_mm: float
) -> None:
    parts = assembly.get("parts") or []
    panel.balloon(
        part_number(parts, "cabinet"), (total_mm * 0.2, axis_mm - outer_mm * 1.6), dx_mm=-6.0, dy_mm=-9.0
    )
    panel.balloon(part_number(parts, "base"), (total_mm * 0.2, 100), dx_mm=-8.0, dy_mm=9.0)
    panel.balloon(part_number(parts, "drain"), (total_mm + RISER_MM + 400, 178), dx_mm=9.0, dy_mm=9.0)
    panel.balloon(part_number(parts, "bend"), (-RISER_MM, axis_mm), dx_mm=-10.0, dy_mm=-9.0)
    panel.balloon(part_number(parts, "heating"), (total_mm * 0.9, axis_mm), dx_mm=8.0, dy_mm=9.0)
