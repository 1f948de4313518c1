"""The tie-in from above: the main, what it is tapped with, the valve and the new pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from design.documents.draft.panel import Panel, device_length_mm, draw_device, fitting_scale, part_number
from design.documents.reading import pipe_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from design.documents.draft.draft import Draft
    from design.documents.words import Words
    from design.wire import OptionDoc


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
    scale = fitting_scale(reach + main / 2 + 150, main * 3 + 900, room_mm=(room_mm[0] - 20.0, room_mm[1] - 16.0))
    high = room_mm[1] / 2 * scale
    panel = Panel(draft, ((room_mm[0] - (reach - main / 2) / scale) / 2, room_mm[1] / 2), scale)
    half = min(high * 0.82, main * 1.5 + 450)
    panel.pipe((0, -half), (0, half), main, "existing")
    parts = assembly.get("parts") or []
    method = tie["method"] if tie["method"] in _METHODS else "cut-in"
    _METHODS[method](panel, parts, main, stub if method == "reserved" else branch, branch, valve)
    material = words.code("pipes", "material", tie["pipe_material"])
    draft.text(words("detail-main", dn=tie["pipe_dn"], material=material, pipe=tie["pipe_id"] or "—"),
               (panel.at(-main / 2 - 40, 0)[0] - 1.5, room_mm[1] / 2 + 14.0), height_mm=2.3, turn_deg=-90.0, style="existing")  # fmt: skip
    x, y = panel.at(reach - main / 2 - 120, 0)
    draft.text(pipe_name(pipe, words), (x + 14.0, y - branch / 2 / scale - 2.0), height_mm=2.3, style="design", anchor="end")
    panel.line([(reach - main / 2 - 260, 0), (reach - main / 2 - 60, 0)], "design")
    draft.text(words("detail-to-site"), (panel.at(reach - main / 2 - 100, 0)[0], y + branch / 2 / scale + 4.0), height_mm=2.2)
    draft.text(words.text(tie, "method_text"), (3.0, 5.0), height_mm=2.6, anchor="start", bold=True)
    return scale


def _reserved(panel: Panel, parts: Any, main: float, stub: float, branch: float, valve: float) -> None:
    """An existing tee, stub and valve in blue; a flanged spigot, a reducer where sizes differ, and the new pipe."""
    tee, face = main / 2 + 120.0, main / 2 + 120.0 + 140.0
    panel.pipe((0, 0), (face, 0), stub, "existing")
    draw_device(panel, "valve", tee, 0, length_mm=valve, outer_mm=stub, style="fitting")
    joint = tee + valve
    panel.pipe((joint, 0), (joint + 90, 0), stub, "existing")
    _flange(panel, joint + 90, stub, "fitting")
    _flange(panel, joint + 110, stub, "design-fitting")
    panel.balloon(part_number(parts, "gasket"), (joint + 100, -stub * 0.7), dx_mm=-5.0, dy_mm=-9.0)
    panel.balloon(part_number(parts, "bolt"), (joint + 100, stub * 0.7), dx_mm=-5.0, dy_mm=9.0)
    spigot = joint + 130
    end = spigot + 160
    panel.pipe((spigot, 0), (end, 0), stub, "design-fitting")
    panel.balloon(part_number(parts, "spigot"), (spigot + 80, -stub * 0.4), dx_mm=3.0, dy_mm=-10.0)
    if stub > branch * 1.05:
        panel.line([(end, -stub / 2), (end + 160, -branch / 2), (end + 160, branch / 2), (end, stub / 2)], "design-fitting", closed=True, fill="#ffffff")
        panel.balloon(part_number(parts, "reducer"), (end + 80, branch * 0.4), dx_mm=3.0, dy_mm=10.0)
        end += 160
    panel.pipe((end, 0), (end + 420, 0), branch, "design")
    panel.dimension((0, main / 2 + stub), (joint + 100, main / 2 + stub), away_mm=-5.0)


def _saddle(panel: Panel, parts: Any, main: float, stub: float, branch: float, valve: float) -> None:
    """A saddle round the main with its ferrule valve."""
    panel.box(-main / 2 - 25, -stub - 60, main / 2 + 25, stub + 60, "design-fitting", hatched=1.2)
    panel.balloon(part_number(parts, "saddle"), (0, -stub - 40), dx_mm=-10.0, dy_mm=-7.0)
    panel.pipe((main / 2 + 25, 0), (main / 2 + 85, 0), stub, "design-fitting")
    draw_device(panel, "valve", main / 2 + 85, 0, length_mm=valve, outer_mm=stub * 1.2, style="design-fitting")
    panel.balloon(part_number(parts, "valve"), (main / 2 + 85 + valve / 2, 0), dx_mm=2.0, dy_mm=-12.0)
    x = main / 2 + 85 + valve
    panel.box(x, -branch * 0.7, x + 70, branch * 0.7, "design-fitting", fill="#ffffff")
    panel.balloon(part_number(parts, "coupling"), (x + 35, branch * 0.5), dx_mm=2.0, dy_mm=10.0)
    panel.pipe((x + 70, 0), (x + 620, 0), branch, "design")
    panel.dimension((0, stub + 70), (x, stub + 70), away_mm=-7.0)


def _sleeve(panel: Panel, parts: Any, main: float, stub: float, branch: float, valve: float) -> None:
    """A two-part sleeve bolted round the main, tapped through its valve."""
    half = stub * 0.9 + 120
    panel.box(-main / 2 - 30, -half, main / 2 + 30, half, "design-fitting", hatched=1.2)
    for y in (-half + 30, half - 30):
        panel.line([(-main / 2 - 55, y), (main / 2 + 55, y)], "design-fitting")
    panel.balloon(part_number(parts, "sleeve"), (0, -half + 20), dx_mm=-10.0, dy_mm=-8.0)
    neck = main / 2 + 30
    panel.pipe((neck, 0), (neck + 100, 0), stub, "design-fitting")
    _flange(panel, neck + 90, stub, "design-fitting")
    panel.balloon(part_number(parts, "gasket"), (neck + 100, stub * 0.6), dx_mm=-4.0, dy_mm=10.0)
    draw_device(panel, "valve", neck + 110, 0, length_mm=valve, outer_mm=stub, style="design-fitting")
    panel.balloon(part_number(parts, "valve"), (neck + 110 + valve / 2, 0), dx_mm=2.0, dy_mm=-13.0)
    x = neck + 110 + valve
    panel.pipe((x, 0), (x + 150, 0), stub, "design-fitting")
    panel.balloon(part_number(parts, "spigot"), (x + 75, branch * 0.4), dx_mm=4.0, dy_mm=10.0)
    panel.pipe((x + 150, 0), (x + 570, 0), branch, "design")
    panel.dimension((0, half), (x, half), away_mm=-5.0)


def _cut_in(panel: Panel, parts: Any, main: float, stub: float, branch: float, valve: float) -> None:
    """The main is cut, a tee set in between two couplings."""
    half = stub * 0.5 + main * 0.4 + 60
    panel.box(-main / 2 - 12, -half, main / 2 + 12, half, "design-fitting", fill="#ffffff")
    for sign in (-1, 1):
        panel.box(-main / 2 - 40, sign * half, main / 2 + 40, sign * (half + main * 0.45 + 60), "design-fitting", fill="#ffffff")
        y = sign * (half + (main * 0.45 + 60) / 2)
        panel.line([(-main / 2 - 40, y), (main / 2 + 40, y)], "design-fitting")
    panel.balloon(part_number(parts, "coupling"), (main * 0.3, -half - 60), dx_mm=10.0, dy_mm=-4.0)
    panel.balloon(part_number(parts, "tee"), (0, -half * 0.5), dx_mm=-12.0, dy_mm=-5.0)
    panel.balloon(part_number(parts, "pipe length"), (-main * 0.3, half + 40), dx_mm=-11.0, dy_mm=4.0)
    neck = main / 2 + 12
    panel.pipe((neck, 0), (neck + 120, 0), stub, "design-fitting")
    _flange(panel, neck + 110, stub, "design-fitting")
    panel.balloon(part_number(parts, "gasket"), (neck + 120, stub * 0.6), dx_mm=2.0, dy_mm=11.0)
    draw_device(panel, "valve", neck + 130, 0, length_mm=valve, outer_mm=stub, style="design-fitting")
    panel.balloon(part_number(parts, "bolt"), (neck + 125, -stub * 0.6), dx_mm=3.0, dy_mm=-11.0)
    x = neck + 130 + valve
    panel.pipe((x, 0), (x + 520, 0), branch, "design")
    panel.dimension((0, half + main * 0.45 + 60), (neck + 130, half + main * 0.45 + 60), away_mm=-4.0)


def _flange(panel: Panel, west_mm: float, outer_mm: float, style: str) -> None:
    panel.box(west_mm, -outer_mm * 0.75, west_mm + 18, outer_mm * 0.75, style, fill="#ffffff")


_METHODS = {"reserved": _reserved, "saddle": _saddle, "sleeve": _sleeve, "cut-in": _cut_in, "flange": _reserved, "tee": _cut_in}
