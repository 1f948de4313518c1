"""What lies in the ground: trench and bedding, casings, hydrants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely

from design.documents.draft.panel import Panel, fitting_scale, part_number
from design.documents.reading import pipe_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from design.documents.draft.draft import Draft
    from design.documents.words import Words
    from design.wire.scheme import OptionDoc

TAPE_MM, SIDE_LAYER_MM = 400.0, 500.0


def trench_detail(
    draft: Draft, assembly: Mapping[str, Any], option: OptionDoc, words: Words, room_mm: tuple[float, float]
) -> int:
    """Cross-section of the trench: bedding, pipe, backfill in layers, warning tape, surface."""
    works: Mapping[str, Any] = option.get("works") or {}
    outer = option["service_pipe"]["outer_diameter_mm"]
    width = works.get("trench_width_m", outer / 1000 + 0.6) * 1000
    top = works.get("trench_top_width_m", width / 1000) * 1000
    depth = works.get("trench_depth_m", 1.2) * 1000
    bedding = works.get("bedding_m", 0.1) * 1000
    cover = works.get("cover_depth_m", 1.0) * 1000
    scale = fitting_scale(top * 1.5, depth * 1.1, room_mm=(room_mm[0] - 52.0, room_mm[1] - 18.0))
    panel = Panel(draft, (room_mm[0] / 2 - 6.0, 8.0), scale)
    side = (top - width) / 2
    section = [(-width / 2 - side, 0.0), (-width / 2, depth), (width / 2, depth), (width / 2 + side, 0.0)]
    panel.line([(-top / 2 - 250, 0), (-top / 2, 0)], "ground")
    panel.line([(top / 2, 0), (top / 2 + 250, 0)], "ground")
    panel.box(-width / 2, depth - bedding, width / 2, depth, "concrete", fill="#f3e7c9", hatch_mm=1.1)
    panel.line(section, "concrete")
    layer = cover + outer - SIDE_LAYER_MM - outer
    for y in (cover - SIDE_LAYER_MM, cover):
        if y > 0:
            half = width / 2 + side * (1 - y / depth)
            panel.line([(-half, y), (half, y)], "grid")
    panel.line([(-width * 0.35, cover - TAPE_MM), (width * 0.35, cover - TAPE_MM)], "limit")
    panel.circle(0, cover + outer / 2, outer / 2, "design", fill="#f6d3e0")
    parts = assembly.get("parts") or []
    panel.balloon(part_number(parts, "bedding"), (width * 0.3, depth - bedding / 2), dx_mm=14.0, dy_mm=3.0)
    panel.balloon(
        part_number(parts, "backfill"), (width * 0.3, max(layer * 0.5, 120.0)), dx_mm=15.0, dy_mm=-2.0
    )
    panel.balloon(part_number(parts, "tape"), (width * 0.3, cover - TAPE_MM), dx_mm=15.0, dy_mm=-1.0)
    panel.balloon(part_number(parts, "tracer"), (outer * 0.3, cover), dx_mm=18.0, dy_mm=-2.0)
    panel.dimension((-width / 2, depth), (width / 2, depth), away_mm=-4.5)
    panel.dimension((-top / 2, depth), (-top / 2, 0), away_mm=15.0)
    panel.dimension((-top / 2, cover), (-top / 2, 0), away_mm=6.0)
    panel.dimension((-top / 2, depth), (-top / 2, depth - bedding), away_mm=6.0)
    if side > 0:
        panel.dimension((-top / 2, 0), (top / 2, 0), away_mm=4.0)
    pipe = option["service_pipe"]
    panel.note(pipe_name(pipe, words), (0, depth), height_mm=2.3, style="design", up_mm=-10.0)
    return scale


def casing_detail(
    draft: Draft, assembly: Mapping[str, Any], option: OptionDoc, words: Words, room_mm: tuple[float, float]
) -> int:
    """A casing along the pipe, cut in its length; its length is broken, not to scale."""
    outer = option["service_pipe"]["outer_diameter_mm"]
    sizes = assembly.get("dimensions_mm") or {}
    casing = float(sizes.get("casing_dn", outer * 2))
    scale = fitting_scale(3000, casing * 3, room_mm=(room_mm[0] - 12.0, room_mm[1] - 30.0))
    panel = Panel(draft, (room_mm[0] / 2, room_mm[1] * 0.45), scale)
    panel.box(-1100, -casing / 2, 1100, casing / 2, "concrete", fill="#f4f4f4")
    panel.pipe((-1450, 0), (1450, 0), outer, "design")
    parts = assembly.get("parts") or []
    for x in (-700, 0, 700):
        panel.box(x - 30, -casing / 2, x + 30, -outer / 2, "design-fitting", fill="#ffffff")
        panel.box(x - 30, outer / 2, x + 30, casing / 2, "design-fitting", fill="#ffffff")
    for x in (-1100, 1040):
        panel.box(x, -casing / 2, x + 60, -outer / 2, "concrete", hatch_mm=0.9)
        panel.box(x, outer / 2, x + 60, casing / 2, "concrete", hatch_mm=0.9)
    panel.balloon(part_number(parts, "casing"), (-400, -casing / 2), dx_mm=-4.0, dy_mm=-9.0)
    panel.balloon(part_number(parts, "spacer"), (0, -casing * 0.4), dx_mm=4.0, dy_mm=-11.0)
    panel.balloon(part_number(parts, "seal"), (1070, -casing * 0.4), dx_mm=4.0, dy_mm=-10.0)
    told = f"{float(sizes['length']) / 1000:.1f} m" if "length" in sizes else "—"
    panel.dimension((-1100, casing / 2), (1100, casing / 2), away_mm=-6.0, words=f"L = {told}")
    draft.text(words.text(assembly, "reason"), (room_mm[0] / 2, 5.0), height_mm=2.2, room_mm=room_mm[0] - 4.0)
    return 0


def hydrant_detail(
    draft: Draft, assembly: Mapping[str, Any], option: OptionDoc, words: Words, room_mm: tuple[float, float]
) -> int:
    """A pillar hydrant on its branch, in section."""
    works: Mapping[str, Any] = option.get("works") or {}
    cover = works.get("cover_depth_m", 1.0) * 1000.0
    dn, outer = 100.0, 118.0
    scale = fitting_scale(2200, cover + 1500, room_mm=(room_mm[0] - 20.0, room_mm[1] - 14.0))
    panel = Panel(draft, (room_mm[0] * 0.4, 5.0 + 750 / scale), scale)
    panel.line([(-700, 0), (1500, 0)], "ground")
    axis = cover + outer / 2
    panel.pipe((0, axis), (1400, axis), outer, "design")
    panel.pipe((0, axis), (0, -200), outer, "design-fitting")
    panel.box(-110, -700, 110, -80, "design-fitting", fill="#ffffff")
    panel.box(-180, -520, 180, -400, "design-fitting", fill="#ffffff")
    panel.box(-200, axis + outer / 2, 200, axis + outer / 2 + 100, "concrete", hatch_mm=1.2)
    parts = assembly.get("parts") or []
    panel.balloon(part_number(parts, "hydrant"), (60, -600), dx_mm=12.0, dy_mm=-2.0)
    panel.balloon(part_number(parts, "flanged pipe"), (0, axis * 0.5), dx_mm=-12.0, dy_mm=0.0)
    panel.balloon(part_number(parts, "duckfoot"), (0, axis), dx_mm=-12.0, dy_mm=3.0)
    panel.balloon(part_number(parts, "valve"), (900, axis), dx_mm=3.0, dy_mm=-10.0)
    panel.balloon(part_number(parts, "support"), (150, axis + outer / 2 + 50), dx_mm=12.0, dy_mm=6.0)
    panel.balloon(part_number(parts, "bolt"), (800, axis - outer * 0.6), dx_mm=-7.0, dy_mm=-8.0)
    if (number := part_number(parts, "gravel")) is not None:
        corners = [(-420, axis - 250), (-200, axis + outer / 2 + 100), (-420, axis + outer / 2 + 100)]
        panel.draft.hatch(
            shapely.Polygon([panel.at(*corner) for corner in corners]), step_mm=0.9, turn_deg=-45.0
        )
        panel.line(corners, "hatch", closed=True)
        panel.balloon(number, (-370, axis), dx_mm=-10.0, dy_mm=-5.0)
    panel.line(
        [(800, axis - dn * 0.7), (800, axis + dn * 0.7), (1000, axis - dn * 0.7), (1000, axis + dn * 0.7)],
        "design-fitting",
        closed=True,
        fill="#ffffff",
    )
    panel.dimension((1400, 0), (1400, cover), away_mm=4.0)
    del words
    return scale
