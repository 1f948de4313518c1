"""Trench sheeting 支护: the trench cut across with its boards and struts, and one side of it along the trench."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from design.documents.draft.kinds import sizes_mm
from design.documents.draft.panel import Panel, fitting_scale, part_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from design.documents.draft.draft import Draft
    from design.documents.words import Words
    from design.wire.scheme import OptionDoc

BOARD_MM, WALE_MM, STRUT_MM, DEEPER_MM, SPACING_MM, LEVEL_MM = 50.0, 100.0, 100.0, 300.0, 1500.0, 1000.0


def sheeting_detail(
    draft: Draft, assembly: Mapping[str, Any], option: OptionDoc, words: Words, room_mm: tuple[float, float]
) -> int:
    """Draw the sheeting to the trench's own width and depth; struts every 1.5 m along it."""
    sizes = sizes_mm(assembly)
    width, depth = sizes.get("width", 1000.0), sizes.get("depth", 2000.0)
    along = SPACING_MM * 2 + 600
    gap = 22.0
    height = depth + DEEPER_MM + 200
    scale = fitting_scale(width + 700 + along, height, room_mm=(room_mm[0] - gap - 26.0, room_mm[1] - 22.0))
    left = (room_mm[0] - (width + 700 + along) / scale - gap) / 2 + 350 / scale
    section = Panel(draft, (left, 10.0), scale)
    side = Panel(draft, (left + (width + 350) / scale + gap, 10.0), scale)
    levels = _levels(depth)
    _section(section, width, depth, levels, option, sizes)
    _side(side, along, depth, levels)
    parts = assembly.get("parts") or []
    section.balloon(part_number(parts, "board"), (width + BOARD_MM / 2, depth * 0.3), dx_mm=10.0, dy_mm=-4.0)
    section.balloon(part_number(parts, "strut"), (width * 0.6, levels[0]), dx_mm=9.0, dy_mm=9.0)
    low = 10.0 + height / scale + 7.0
    draft.text(words("detail-section"), (section.at(width / 2, 0)[0], low), height_mm=2.4, bold=True)
    draft.text(words("detail-side"), (side.at(along / 2, 0)[0], low), height_mm=2.4, bold=True)
    draft.text(words.text(assembly, "reason"), (room_mm[0] / 2, 4.0), height_mm=2.2, room_mm=room_mm[0] - 4.0)
    return scale


def _levels(depth_mm: float) -> list[float]:
    """Depths of the rows of struts: half a metre down, then not more than a metre apart, clear of the pipe."""
    count = max(1, int((depth_mm - 900.0) // LEVEL_MM) + 1)
    return [500.0 + n * LEVEL_MM for n in range(count)]


def _section(
    panel: Panel,
    width_mm: float,
    depth_mm: float,
    levels_mm: list[float],
    option: OptionDoc,
    sizes: Mapping[str, float],
) -> None:
    """Across the trench: boards driven below its floor, waling, struts, pipe on its bedding."""
    outer, bedding = option["service_pipe"]["outer_diameter_mm"], sizes.get("bedding", 100.0)
    for west, east in ((-350.0, -BOARD_MM), (width_mm + BOARD_MM, width_mm + 350.0)):
        panel.line([(west, 0), (east, 0)], "ground")
    panel.box(0, depth_mm - bedding, width_mm, depth_mm, "concrete", fill="#f3e7c9", hatch_mm=1.1)
    panel.line([(0, depth_mm), (width_mm, depth_mm)], "concrete")
    for west in (-BOARD_MM, width_mm):
        panel.box(west, -100, west + BOARD_MM, depth_mm + DEEPER_MM, "structure", fill="#d9c39a")
    for level in levels_mm:
        for west in (0.0, width_mm - WALE_MM):
            panel.box(
                west, level - WALE_MM / 2, west + WALE_MM, level + WALE_MM / 2, "structure", fill="#ffffff"
            )
        panel.box(
            WALE_MM,
            level - STRUT_MM / 2,
            width_mm - WALE_MM,
            level + STRUT_MM / 2,
            "structure",
            fill="#ffffff",
        )
    panel.circle(width_mm / 2, depth_mm - bedding - outer / 2, outer / 2, "design", fill="#f6d3e0")
    panel.dimension((0, depth_mm), (width_mm, depth_mm), away_mm=-(DEEPER_MM / panel.scale + 2.5))
    panel.dimension((-BOARD_MM, depth_mm), (-BOARD_MM, 0), away_mm=8.0)


def _side(panel: Panel, along_mm: float, depth_mm: float, levels_mm: list[float]) -> None:
    """Along the trench: the boards side by side, the waling, the ends of the struts."""
    panel.line([(-150, 0), (along_mm + 150, 0)], "ground")
    step = 250.0
    for n in range(int(along_mm // step)):
        panel.box(n * step, -100, (n + 1) * step, depth_mm + DEEPER_MM, "structure", fill="#f6efe0")
    panel.line([(0, depth_mm), (along_mm, depth_mm)], "grid")
    first = 300.0
    for level in levels_mm:
        panel.box(0, level - WALE_MM / 2, along_mm, level + WALE_MM / 2, "structure", fill="#ffffff")
        for n in range(3):
            panel.circle(first + n * SPACING_MM, level, STRUT_MM / 2, "structure", fill="#bfbfbf")
    panel.dimension((first, depth_mm + DEEPER_MM), (first + SPACING_MM, depth_mm + DEEPER_MM), away_mm=-2.5)
    for high, low in zip([0.0, *levels_mm], levels_mm, strict=False):
        panel.dimension((along_mm, high), (along_mm, low), away_mm=4.0)
    panel.dimension((along_mm, depth_mm), (along_mm, depth_mm + DEEPER_MM), away_mm=4.0)
