"""A thrust block from above and its bearing face: behind the bend it holds, or behind a tee."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from design.documents.draft.panel import Panel, fitting_scale, part_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from design.documents.draft.draft import Draft
    from design.documents.words import Words
    from design.wire.scheme import OptionDoc

DEFAULT_BLOCK = {"width": 600.0, "height": 500.0, "thickness": 400.0}
_ANGLE = re.compile(r"(\d+(?:\.\d+)?)\s*°")


def thrust_detail(
    draft: Draft, assembly: Mapping[str, Any], option: OptionDoc, words: Words, room_mm: tuple[float, float]
) -> int:
    """Draw the block to its sizes, or as usual and marked as not to scale where none are told."""
    told = {key: float(value) for key, value in (assembly.get("dimensions_mm") or {}).items()}
    sizes = DEFAULT_BLOCK | told
    outer = option["service_pipe"]["outer_diameter_mm"]
    wide, high, thick = sizes["width"], sizes["height"], sizes["thickness"]
    scale = fitting_scale(
        wide * 2 + 900, thick + outer * 3 + 900, room_mm=(room_mm[0] - 22.0, room_mm[1] - 26.0)
    )
    plan = Panel(draft, (room_mm[0] * 0.3, room_mm[1] * 0.45), scale)
    _pipes(plan, outer, _angle_deg(assembly))
    back = -outer / 2 - thick
    corners = [(-outer / 2, -outer / 2), (-wide / 2, back), (wide / 2, back), (outer / 2, -outer / 2)]
    plan.line(corners, "concrete", closed=True, fill="#e9e9e9")
    parts = assembly.get("parts") or []
    plan.balloon(part_number(parts, "concrete"), (0, back * 0.75), dx_mm=14.0, dy_mm=-3.0)
    plan.balloon(part_number(parts, "separating"), (0, -outer / 2), dx_mm=-14.0, dy_mm=-3.0)
    face = Panel(draft, (room_mm[0] * 0.76, room_mm[1] * 0.45), scale)
    face.box(-wide / 2, -high / 2, wide / 2, high / 2, "concrete", hatch_mm=1.8)
    face.circle(0, 0, outer / 2, "design", fill="#ffffff")
    if told:
        plan.dimension((-wide / 2, back), (wide / 2, back), away_mm=4.0)
        plan.dimension((-wide / 2, -outer / 2), (-wide / 2, back), away_mm=5.0)
        face.dimension((wide / 2, -high / 2), (wide / 2, high / 2), away_mm=5.0)
    low = room_mm[1] - 4.0
    draft.text(words("detail-plan"), (room_mm[0] * 0.3, low), height_mm=2.4, bold=True)
    draft.text(words("detail-face"), (room_mm[0] * 0.76, low), height_mm=2.4, bold=True)
    draft.text(words.text(assembly, "reason"), (room_mm[0] / 2, 5.0), height_mm=2.2, room_mm=room_mm[0] - 4.0)
    return scale if told else 0


def _angle_deg(assembly: Mapping[str, Any]) -> float:
    """The bend that the block holds [degrees], as its reason tells; 0 is a tee; a right angle where nothing is told."""
    found = _ANGLE.search(str(assembly.get("reason", "")))
    return float(found[1]) if found else 90.0


def _pipes(plan: Panel, outer_mm: float, angle_deg: float) -> None:
    """Both legs of the bend running away from the block; of a tee the main across and the branch."""
    reach, centre = outer_mm * 2 + 350, (0.0, 0.0)
    if angle_deg == 0.0:
        plan.pipe((-reach, 0), (reach, 0), outer_mm, "existing")
        plan.pipe((0, outer_mm / 2), (0, reach), outer_mm, "design")
        plan.box(-outer_mm, -outer_mm * 0.56, outer_mm, outer_mm * 0.56, "design-fitting", fill="#ffffff")
        plan.box(
            -outer_mm * 0.56, outer_mm * 0.5, outer_mm * 0.56, outer_mm, "design-fitting", fill="#ffffff"
        )
        return
    half = np.radians(90.0 - angle_deg / 2)
    for side in (-1.0, 1.0):
        end = (side * reach * float(np.sin(half)), reach * float(np.cos(half)))
        plan.pipe(centre, end, outer_mm, "design")
    plan.circle(0, 0, outer_mm * 0.62, "design-fitting", fill="#ffffff")
