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
    stub = max(tie["dn"], pipe["dn"]) * 1.09
    valve = device_length_mm("valve", max(tie["dn"], pipe["dn"]))
    reach = main / 2 + 260.0 + valve + 700.0
    scale = fitting_scale(
        reach + main / 2 + 150, main * 3 + 900, room_mm=(room_mm[0] - 20.0, room_mm[1] - 16.0)
    )
    high = room_mm[1] / 2 * scale
    panel = Panel(draft, ((room_mm[0] - (reach - main / 2) / scale) / 2, room_mm[1] / 2), scale)
    half = min(high * 0.82, main * 1.5 + 450)
    panel.pipe((0, -half), (0, half), main, "existing")
    parts = assembly.get("parts") or []
    method = tie["method"] if tie["method"] in _METHODS else "cut-in"
    _METHODS[method](panel, Joint(main, stub if method == "reserved" else branch, branch, valve, parts))
    material = words.code("pipes", "material", tie["pipe_material"])
    draft.text(words("detail-main", dn=tie["pipe_dn"], material=material, pipe=tie["pipe_id"] or "—"),
               (panel.at(-main / 2 - 40, 0)[0] - 1.5, room_mm[1] / 2 + 14.0), height_mm=2.3, turn_deg=-90.0, style="existing")  # fmt: skip
    x, y = panel.at(reach - main / 2 - 120, 0)
    draft.text(
        pipe_name(pipe, words),
        (x + 14.0, y - branch / 2 / scale - 2.0),
        height_mm=2.3,
        style="design",
        anchor="end",
    )
    panel.line([(reach - main / 2 - 260, 0), (reach - main / 2 - 60, 0)], "design")
    draft.text(
        words("detail-to-site"),
        (panel.at(reach - main / 2 - 100, 0)[0], y + branch / 2 / scale + 4.0),
        height_mm=2.2,
    )
    draft.text(words.text(tie, "method_text"), (3.0, 5.0), height_mm=2.6, anchor="start", bold=True)
    return scale


def _reserved(panel: Panel, joint: Joint) -> None:
    """An existing tee, stub and valve in blue; a flanged spigot, a reducer where sizes differ, and the new pipe."""
    tee, face = joint.main_mm / 2 + 120.0, joint.main_mm / 2 + 120.0 + 140.0
    panel.pipe((0, 0), (face, 0), joint.stub_mm, "existing")
    draw_device(panel, "valve", (tee, 0), length_mm=joint.valve_mm, outer_mm=joint.stub_mm, style="fitting")
    flange = tee + joint.valve_mm
    panel.pipe((flange, 0), (flange + 90, 0), joint.stub_mm, "existing")
    _flange(panel, flange + 90, joint.stub_mm, "fitting")
    _flange(panel, flange + 110, joint.stub_mm, "design-fitting")
    panel.balloon(
        part_number(joint.parts, "gasket"), (flange + 100, -joint.stub_mm * 0.7), dx_mm=-5.0, dy_mm=-9.0
    )
    panel.balloon(
        part_number(joint.parts, "bolt"), (flange + 100, joint.stub_mm * 0.7), dx_mm=-5.0, dy_mm=9.0
    )
    spigot = flange + 130
    end = spigot + 160
    panel.pipe((spigot, 0), (end, 0), joint.stub_mm, "design-fitting")
    panel.balloon(
        part_number(joint.parts, "spigot"), (spigot + 80, -joint.stub_mm * 0.4), dx_mm=3.0, dy_mm=-10.0
    )
    if joint.stub_mm > joint.branch_mm * 1.05:
        _reducer(panel, end, joint)
        end += 160
    panel.pipe((end, 0), (end + 420, 0), joint.branch_mm, "design")
    panel.dimension(
        (0, joint.main_mm / 2 + joint.stub_mm),
        (flange + 100, joint.main_mm / 2 + joint.stub_mm),
        away_mm=-5.0,
    )


def _reducer(panel: Panel, west_mm: float, joint: Joint) -> None:
    """From the size of the tap-off down to that of the new pipe."""
    stub, branch, east = joint.stub_mm / 2, joint.branch_mm / 2, west_mm + 160
    corners = [(west_mm, -stub), (east, -branch), (east, branch), (west_mm, stub)]
    panel.line(corners, "design-fitting", closed=True, fill="#ffffff")
    number = part_number(joint.parts, "reducer")
    panel.balloon(number, (west_mm + 80, joint.branch_mm * 0.4), dx_mm=3.0, dy_mm=10.0)


def _saddle(panel: Panel, joint: Joint) -> None:
    """A saddle round the main with its ferrule valve."""
    panel.box(
        -joint.main_mm / 2 - 25,
        -joint.stub_mm - 60,
        joint.main_mm / 2 + 25,
        joint.stub_mm + 60,
        "design-fitting",
        hatch_mm=1.2,
    )
    panel.balloon(part_number(joint.parts, "saddle"), (0, -joint.stub_mm - 40), dx_mm=-10.0, dy_mm=-7.0)
    panel.pipe((joint.main_mm / 2 + 25, 0), (joint.main_mm / 2 + 85, 0), joint.stub_mm, "design-fitting")
    draw_device(
        panel,
        "valve",
        (joint.main_mm / 2 + 85, 0),
        length_mm=joint.valve_mm,
        outer_mm=joint.stub_mm * 1.2,
        style="design-fitting",
    )
    panel.balloon(
        part_number(joint.parts, "valve"),
        (joint.main_mm / 2 + 85 + joint.valve_mm / 2, 0),
        dx_mm=2.0,
        dy_mm=-12.0,
    )
    x = joint.main_mm / 2 + 85 + joint.valve_mm
    panel.box(x, -joint.branch_mm * 0.7, x + 70, joint.branch_mm * 0.7, "design-fitting", fill="#ffffff")
    panel.balloon(
        part_number(joint.parts, "coupling"), (x + 35, joint.branch_mm * 0.5), dx_mm=2.0, dy_mm=10.0
    )
    panel.pipe((x + 70, 0), (x + 620, 0), joint.branch_mm, "design")
    panel.dimension((0, joint.stub_mm + 70), (x, joint.stub_mm + 70), away_mm=-7.0)


def _sleeve(panel: Panel, joint: Joint) -> None:
    """A two-part sleeve bolted round the main, tapped through its valve."""
    half = joint.stub_mm * 0.9 + 120
    panel.box(-joint.main_mm / 2 - 30, -half, joint.main_mm / 2 + 30, half, "design-fitting", hatch_mm=1.2)
    for y in (-half + 30, half - 30):
        panel.line([(-joint.main_mm / 2 - 55, y), (joint.main_mm / 2 + 55, y)], "design-fitting")
    panel.balloon(part_number(joint.parts, "sleeve"), (0, -half + 20), dx_mm=-10.0, dy_mm=-8.0)
    neck = joint.main_mm / 2 + 30
    panel.pipe((neck, 0), (neck + 100, 0), joint.stub_mm, "design-fitting")
    _flange(panel, neck + 90, joint.stub_mm, "design-fitting")
    panel.balloon(
        part_number(joint.parts, "gasket"), (neck + 100, joint.stub_mm * 0.6), dx_mm=-4.0, dy_mm=10.0
    )
    draw_device(
        panel,
        "valve",
        (neck + 110, 0),
        length_mm=joint.valve_mm,
        outer_mm=joint.stub_mm,
        style="design-fitting",
    )
    panel.balloon(
        part_number(joint.parts, "valve"), (neck + 110 + joint.valve_mm / 2, 0), dx_mm=2.0, dy_mm=-13.0
    )
    x = neck + 110 + joint.valve_mm
    panel.pipe((x, 0), (x + 150, 0), joint.stub_mm, "design-fitting")
    panel.balloon(part_number(joint.parts, "spigot"), (x + 75, joint.branch_mm * 0.4), dx_mm=4.0, dy_mm=10.0)
    panel.pipe((x + 150, 0), (x + 570, 0), joint.branch_mm, "design")
    panel.dimension((0, half), (x, half), away_mm=-5.0)


def _couplings(panel: Panel, joint: Joint, from_mm: float) -> None:
    """A coupling on the main at both ends of the new tee."""
    wide, long = joint.main_mm / 2 + 40, joint.main_mm * 0.45 + 60
    for sign in (-1, 1):
        panel.box(-wide, sign * from_mm, wide, sign * (from_mm + long), "design-fitting", fill="#ffffff")
        y = sign * (from_mm + long / 2)
        panel.line([(-wide, y), (wide, y)], "design-fitting")


def _cut_in(panel: Panel, joint: Joint) -> None:
    """The main is cut, a tee set in between two couplings."""
    half = joint.stub_mm * 0.5 + joint.main_mm * 0.4 + 60
    panel.box(-joint.main_mm / 2 - 12, -half, joint.main_mm / 2 + 12, half, "design-fitting", fill="#ffffff")
    _couplings(panel, joint, half)
    panel.balloon(
        part_number(joint.parts, "coupling"), (joint.main_mm * 0.3, -half - 60), dx_mm=10.0, dy_mm=-4.0
    )
    panel.balloon(part_number(joint.parts, "tee"), (0, -half * 0.5), dx_mm=-12.0, dy_mm=-5.0)
    panel.balloon(
        part_number(joint.parts, "pipe length"), (-joint.main_mm * 0.3, half + 40), dx_mm=-11.0, dy_mm=4.0
    )
    neck = joint.main_mm / 2 + 12
    panel.pipe((neck, 0), (neck + 120, 0), joint.stub_mm, "design-fitting")
    _flange(panel, neck + 110, joint.stub_mm, "design-fitting")
    panel.balloon(
        part_number(joint.parts, "gasket"), (neck + 120, joint.stub_mm * 0.6), dx_mm=2.0, dy_mm=11.0
    )
    draw_device(
        panel,
        "valve",
        (neck + 130, 0),
        length_mm=joint.valve_mm,
        outer_mm=joint.stub_mm,
        style="design-fitting",
    )
    panel.balloon(
        part_number(joint.parts, "bolt"), (neck + 125, -joint.stub_mm * 0.6), dx_mm=3.0, dy_mm=-11.0
    )
    x = neck + 130 + joint.valve_mm
    panel.pipe((x, 0), (x + 520, 0), joint.branch_mm, "design")
    panel.dimension(
        (0, half + joint.main_mm * 0.45 + 60), (neck + 130, half + joint.main_mm * 0.45 + 60), away_mm=-4.0
    )


def _flange(panel: Panel, west_mm: float, outer_mm: float, style: str) -> None:
    panel.box(west_mm, -outer_mm * 0.75, west_mm + 18, outer_mm * 0.75, style, fill="#ffffff")


_METHODS = {
    "reserved": _reserved,
    "saddle": _saddle,
    "sleeve": _sleeve,
    "cut-in": _cut_in,
    "flange": _reserved,
    "tee": _cut_in,
}
