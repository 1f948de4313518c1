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
    width: float,
    depth: float,
    levels: list[float],
    option: OptionDoc,
    sizes: Mapping[str, float],
) -> None:
    """Across the trench: boards driven below its floor, waling, struts, pipe on its bedding."""
    outer, bedding = option["service_pipe"]["outer_diameter_mm"], sizes.get("bedding", 100.0)
    for west, east in ((-350.0, -BOARD_MM), (width + BOARD_MM, width + 350.0)):
        panel.line([(west, 0), (east, 0)], "ground")
    panel.box(0, depth - bedding, width, depth, "concrete", fill="#f3e7c9", hatch_mm=1.1)
    panel.line([(0, depth), (width, depth)], "concrete")
    for west in (-BOARD_MM, width):
        panel.box(west, -100, west + BOARD_MM, depth + DEEPER_MM, "structure", fill="#d9c39a")
    for level in levels:
        for west in (0.0, width - WALE_MM):
            panel.box(
                west, level - WALE_MM / 2, west + WALE_MM, level + WALE_MM / 2, "structure", fill="#ffffff"
            )
        panel.box(
            WALE_MM, level - STRUT_MM / 2, width - WALE_MM, level + STRUT_MM / 2, "structure", fill="#ffffff"
        )
    panel.circle(width / 2, depth - bedding - outer / 2, outer / 2, "design", fill="#f6d3e0")
    panel.dimension((0, depth), (width, depth), away_mm=-(DEEPER_MM / panel.scale + 2.5))
    panel.dimension((-BOARD_MM, depth), (-BOARD_MM, 0), away_mm=8.0)


def _side(panel: Panel, along: float, depth: float, levels: list[float]) -> None:
    """Along the trench: the boards side by side, the waling, the ends of the struts."""
    panel.line([(-150, 0), (along + 150, 0)], "ground")
    step = 250.0
    for n in range(int(along // step)):
        panel.box(n * step, -100, (n + 1) * step, depth + DEEPER_MM, "structure", fill="#f6efe0")
    panel.line([(0, depth), (along, depth)], "grid")
    first = 300.0
    for level in levels:
        panel.box(0, level - WALE_MM / 2, along, level + WALE_MM / 2, "structure", fill="#ffffff")
        for n in range(3):
            panel.circle(first + n * SPACING_MM, level, STRUT_MM / 2, "structure", fill="#bfbfbf")
    panel.dimension((first, depth + DEEPER_MM), (first + SPACING_MM, depth + DEEPER_MM), away_mm=-2.5)
    for high, low in zip([0.0, *levels], levels, strict=False):
        panel.dimension((along, high), (along, low), away_mm=4.0)
    panel.dimension((along, depth), (along, depth + DEEPER_MM), away_mm=4.0)
