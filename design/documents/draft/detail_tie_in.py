"""The tie-in from above: the main, what it is tapped with, the valve and the new pipe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from design.documents.draft.panel import Panel, device_length_mm, draw_device, fitting_scale, part_number
from design.documents.reading import pipe_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from design.documents.draft.draft import Draft
    from design.documents.words import Words
    from design.wire.scheme import OptionDoc

FLANGE_MM, PIPE_MM = 18.0, 450.0


@dataclass(frozen=True)
class Joint:
    """Outside diameters of main, tap-off and new pipe, the length of the valve, and the numbered parts."""

    main_mm: float
    stub_mm: float
    branch_mm: float
    valve_mm: float
    parts: Sequence[Mapping[str, Any]]


def tie_in_detail(
    draft: Draft, assembly: Mapping[str, Any], option: OptionDoc, words: Words, room_mm: tuple[float, float]
) -> int:
    """Draw a tie-in by its method; the branch runs to the right, the main upright; gives the scale."""
    tie, pipe = option["connection"], option["service_pipe"]
    main = tie["pipe_dn"] * 1.09
    branch = pipe["outer_diameter_mm"]
    method = tie["method"] if tie["method"] in _METHODS else "cut-in"
    size = max(tie["dn"], pipe["dn"]) if method in _AT_TAPOFF else pipe["dn"]
    stub = size * 1.09 if method in _AT_TAPOFF else branch
    joint = Joint(main, stub, branch, device_length_mm("valve", size), assembly.get("parts") or [])
    reach = main / 2 + 260.0 + joint.valve_mm + 700.0
    scale = fitting_scale(
        reach + main / 2 + 150, main * 3 + 900, room_mm=(room_mm[0] - 20.0, room_mm[1] - 16.0)
    )
    panel = Panel(draft, ((room_mm[0] - (reach - main / 2) / scale) / 2, room_mm[1] / 2), scale)
    half = min(room_mm[1] / 2 * scale * 0.82, main * 1.5 + 450)
    panel.pipe((0, -half), (0, half), main, "existing")
    _METHODS[method](panel, joint)
    _told(draft, panel, option, words, end_mm=reach - main / 2, room_mm=room_mm)
    return scale


def _told(
    draft: Draft,
    panel: Panel,
    option: OptionDoc,
    words: Words,
    *,
    end_mm: float,
    room_mm: tuple[float, float],
) -> None:
    """Words beside main and new pipe, the way the water goes on, and the method."""
    tie, pipe = option["connection"], option["service_pipe"]
    main, half = tie["pipe_dn"] * 1.09, pipe["outer_diameter_mm"] / 2 / panel.scale
    material = words.code("pipes", "material", tie["pipe_material"])
    west = panel.at(-main / 2 - 40, 0)[0] - 1.5
    told = words("detail-main", dn=tie["pipe_dn"], material=material, pipe=tie["pipe_id"] or "—")
    draft.text(told, (west, room_mm[1] / 2 + 14.0), height_mm=2.3, turn_deg=-90.0, style="existing")
    x, y = panel.at(end_mm - 120, 0)
    draft.text(
        pipe_name(pipe, words), (x + 14.0, y - half - 2.0), height_mm=2.3, style="design", anchor="end"
    )
    panel.line([(end_mm - 260, 0), (end_mm - 60, 0)], "design")
    draft.text(words("detail-to-site"), (panel.at(end_mm - 100, 0)[0], y + half + 4.0), height_mm=2.2)
    draft.text(words.text(tie, "method_text"), (3.0, 5.0), height_mm=2.6, anchor="start", bold=True)


def _reserved(panel: Panel, joint: Joint) -> None:
    """An existing tee, stub and valve in blue; a flanged spigot, a reducer where sizes differ, and the new pipe."""
    tee = joint.main_mm / 2 + 120.0
    panel.pipe((0, 0), (tee + 140.0, 0), joint.stub_mm, "existing")
    east = _valve(panel, joint, tee, style="fitting")
    panel.pipe((east, 0), (east + 90, 0), joint.stub_mm, "existing")
    _flange(panel, east + 90, joint.stub_mm, "fitting")
    east = _flanged(panel, joint, east + 90 + FLANGE_MM)
    east = _spigot(panel, joint, east)
    number = part_number(joint.parts, "reducer")
    if number is not None or joint.stub_mm > joint.branch_mm * 1.05:
        stub, branch = joint.stub_mm / 2, joint.branch_mm / 2
        corners = [(east, -stub), (east + 160, -branch), (east + 160, branch), (east, stub)]
        panel.line(corners, "design-fitting", closed=True, fill="#ffffff")
        panel.balloon(number, (east + 80, branch * 0.8), dx_mm=3.0, dy_mm=10.0)
        east += 160
    panel.pipe((east, 0), (east + PIPE_MM, 0), joint.branch_mm, "design")
    level = joint.main_mm / 2 + joint.stub_mm
    panel.dimension((0, level), (tee + joint.valve_mm + 100, level), away_mm=-5.0)


def _saddle(panel: Panel, joint: Joint) -> None:
    """A saddle round the main with its seal and ferrule valve, and the coupling to the new pipe."""
    wide, half = joint.main_mm / 2 + 25, joint.stub_mm + 60
    panel.box(-wide, -half, wide, half, "design-fitting", hatch_mm=1.2)
    panel.balloon(part_number(joint.parts, "saddle"), (0, -half + 20), dx_mm=-10.0, dy_mm=-7.0)
    panel.balloon(part_number(joint.parts, "seal"), (wide - 12, half * 0.6), dx_mm=-9.0, dy_mm=9.0)
    panel.pipe((wide, 0), (wide + 60, 0), joint.stub_mm, "design-fitting")
    east = _valve(panel, joint, wide + 60)
    side = joint.branch_mm * 0.7
    panel.box(east, -side, east + 70, side, "design-fitting", fill="#ffffff")
    panel.balloon(part_number(joint.parts, "coupling"), (east + 35, side * 0.7), dx_mm=2.0, dy_mm=10.0)
    panel.pipe((east + 70, 0), (east + 70 + PIPE_MM, 0), joint.branch_mm, "design")
    panel.dimension((0, half), (east, half), away_mm=-7.0)


def _sleeve(panel: Panel, joint: Joint) -> None:
    """A two-part sleeve bolted round the main, tapped through its valve."""
    half, wide = joint.stub_mm * 0.9 + 120, joint.main_mm / 2 + 30
    panel.box(-wide, -half, wide, half, "design-fitting", hatch_mm=1.2)
    for y in (-half + 30, half - 30):
        panel.line([(-wide - 25, y), (wide + 25, y)], "design-fitting")
    panel.balloon(part_number(joint.parts, "sleeve"), (0, -half + 20), dx_mm=-10.0, dy_mm=-8.0)
    panel.pipe((wide, 0), (wide + 90, 0), joint.stub_mm, "design-fitting")
    east = _valve(panel, joint, _flanged(panel, joint, wide + 90))
    east = _spigot(panel, joint, east)
    panel.pipe((east, 0), (east + PIPE_MM, 0), joint.branch_mm, "design")
    panel.dimension((0, half), (east - 160, half), away_mm=-5.0)


def _cut_in(panel: Panel, joint: Joint) -> None:
    """The main is cut, a tee set in between two couplings."""
    half, wide = joint.stub_mm * 0.5 + joint.main_mm * 0.4 + 60, joint.main_mm / 2 + 12
    panel.box(-wide, -half, wide, half, "design-fitting", fill="#ffffff")
    long = joint.main_mm * 0.45 + 60
    for sign in (-1, 1):
        panel.box(-wide - 28, sign * half, wide + 28, sign * (half + long), "design-fitting", fill="#ffffff")
        middle = sign * (half + long / 2)
        panel.line([(-wide - 28, middle), (wide + 28, middle)], "design-fitting")
    panel.balloon(part_number(joint.parts, "coupling"), (joint.main_mm * 0.3, -half - 60), dx_mm=10.0, dy_mm=-4.0)  # fmt: skip
    panel.balloon(part_number(joint.parts, "tee"), (0, -half * 0.5), dx_mm=-12.0, dy_mm=-5.0)
    panel.balloon(part_number(joint.parts, "pipe length"), (-joint.main_mm * 0.3, half + long + 40), dx_mm=-11.0, dy_mm=4.0)  # fmt: skip
    panel.pipe((wide, 0), (wide + 110, 0), joint.stub_mm, "design-fitting")
    neck = _flanged(panel, joint, wide + 110)
    east = _valve(panel, joint, neck)
    panel.pipe((east, 0), (east + PIPE_MM, 0), joint.branch_mm, "design")
    panel.dimension((0, half + long), (neck, half + long), away_mm=-4.0)


def _valve(panel: Panel, joint: Joint, west_mm: float, *, style: str = "design-fitting") -> float:
    """The gate valve of the branch, numbered where it is new; gives its far end."""
    draw_device(panel, "valve", (west_mm, 0), length_mm=joint.valve_mm, outer_mm=joint.stub_mm, style=style)
    if style == "design-fitting":
        number = part_number(joint.parts, "valve")
        panel.balloon(number, (west_mm + joint.valve_mm / 2, 0), dx_mm=2.0, dy_mm=-12.0)
    return west_mm + joint.valve_mm


def _flanged(panel: Panel, joint: Joint, west_mm: float) -> float:
    """A flange with its gasket and bolts numbered; gives its far end."""
    _flange(panel, west_mm, joint.stub_mm, "design-fitting")
    at = west_mm + FLANGE_MM / 2
    panel.balloon(part_number(joint.parts, "gasket"), (at, joint.stub_mm * 0.3), dx_mm=-4.0, dy_mm=11.0)
    panel.balloon(part_number(joint.parts, "bolt"), (at, -joint.stub_mm * 0.68), dx_mm=-4.0, dy_mm=-9.0)
    return west_mm + FLANGE_MM


def _spigot(panel: Panel, joint: Joint, west_mm: float) -> float:
    """A flanged spigot; gives its far end."""
    panel.pipe((west_mm, 0), (west_mm + 160, 0), joint.stub_mm, "design-fitting")
    panel.balloon(part_number(joint.parts, "spigot"), (west_mm + 80, joint.stub_mm * 0.4), dx_mm=4.0, dy_mm=10.0)  # fmt: skip
    return west_mm + 160


def _flange(panel: Panel, west_mm: float, outer_mm: float, style: str) -> None:
    panel.box(west_mm, -outer_mm * 0.75, west_mm + FLANGE_MM, outer_mm * 0.75, style, fill="#ffffff")


_AT_TAPOFF = ("reserved", "flange")
_METHODS = {
    "reserved": _reserved,
    "flange": _reserved,
    "saddle": _saddle,
    "sleeve": _sleeve,
    "cut-in": _cut_in,
    "tee": _cut_in,
}
