"""A backflow preventer 倒流防止器 from the side: valve, strainer, preventer, joint and valve on supports, with its drain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from design.documents.draft.panel import Panel, device_length_mm, draw_device, fitting_scale, part_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from design.documents.draft.draft import Draft
    from design.documents.words import Words
    from design.wire.scheme import OptionDoc

# What is drawn in the order of the flow: device, words of its part's name, whether its flanges are numbered.
TRAIN = (
    ("valve", ("valve",)), ("strainer", ("strainer",)), ("preventer", ("preventer",)), ("preventer", ("check valve",)),
    ("joint", ("joint",)), ("valve", ("valve",)),
)  # fmt: skip
FLOOR_MM, DRAINED_FLOOR_MM, AIR_GAP_SHARE, LEAST_GAP_MM = 300.0, 500.0, 2.0, 25.0


def backflow_detail(
    draft: Draft, assembly: Mapping[str, Any], option: OptionDoc, words: Words, room_mm: tuple[float, float]
) -> int:
    """Draw the train above the floor; one with a relief valve stands higher, to drain through an air gap."""
    parts = assembly.get("parts") or []
    devices = option.get("devices")
    dn = devices["backflow"]["dn"] if devices else option["meter"]["dn"]
    outer = dn * 1.1
    train = [(kind, keys) for kind, keys in TRAIN if _present(parts, kind, keys)]
    lengths = [device_length_mm(kind, dn) for kind, _ in train]
    total = sum(lengths)
    drained = part_number(parts, "funnel") is not None
    floor = (DRAINED_FLOOR_MM if drained else FLOOR_MM) + outer / 2
    high = floor + outer + 130
    scale = fitting_scale(total + 700, high, room_mm=(room_mm[0] - 26.0, room_mm[1] - 38.0))
    above = 26.0 + outer / scale
    panel = Panel(
        draft, ((room_mm[0] - total / scale) / 2, max(above, (room_mm[1] - high / scale) / 2 + 10.0)), scale
    )
    panel.line([(-350, floor), (total + 350, floor)], "ground")
    panel.pipe((-300, 0), (0, 0), outer, "design")
    panel.pipe((total, 0), (total + 300, 0), outer, "design")
    x, first_valve = 0.0, True
    for (kind, keys), length in zip(train, lengths, strict=True):
        draw_device(panel, kind, (x, 0), length_mm=length, outer_mm=outer, style="design-fitting")
        if kind != "valve" or first_valve:
            panel.balloon(
                part_number(parts, *keys), (x + length / 2, 0), dx_mm=2.0, dy_mm=-outer / scale - 8.0
            )
        first_valve = first_valve and kind != "valve"
        if kind == "preventer":
            _under(panel, parts, (x, length), outer, floor)
        x += length
    panel.balloon(part_number(parts, "bolt"), (lengths[0], outer * 0.6), dx_mm=-6.0, dy_mm=9.0)
    panel.dimension((0, -outer * 0.8), (total, -outer * 0.8), away_mm=14.0)
    panel.dimension((total + 300, 0), (total + 300, floor), away_mm=4.0)
    panel.note(words("detail-floor"), (-250, floor), height_mm=2.2, up_mm=1.0)
    panel.line([(total + 60, 0), (total + 240, 0)], "design")
    panel.note(words("detail-flow"), (-200, -outer * 0.5), height_mm=2.2, up_mm=1.5)
    draft.text(words.text(assembly, "reason"), (room_mm[0] / 2, 5.0), height_mm=2.2, room_mm=room_mm[0] - 4.0)
    return scale


def _present(parts: Sequence[Mapping[str, Any]], kind: str, keys: tuple[str, ...]) -> bool:
    """Whether the list has the device; without a list a preventer between valves is drawn."""
    if not parts:
        return kind == "valve" or keys == ("preventer",)
    return part_number(parts, *keys) is not None


def _under(
    panel: Panel,
    parts: Sequence[Mapping[str, Any]],
    span_mm: tuple[float, float],
    outer_mm: float,
    floor_mm: float,
) -> None:
    """Supports at both ends of the preventer; below a relief valve its funnel, an air gap under the outlet."""
    west, length = span_mm
    half = min(40.0, length * 0.08)
    for x in (west + length * 0.12, west + length * 0.88):
        panel.box(x - half, outer_mm * 0.75, x + half, floor_mm, "concrete", hatch_mm=1.1)
    number = part_number(parts, "funnel")
    if number is None:
        return
    middle, outlet, wide = west + length / 2, outer_mm * 0.75 + 60, max(outer_mm * 0.5, 40.0)
    gap = max(AIR_GAP_SHARE * outer_mm / 2, LEAST_GAP_MM)
    panel.box(middle - wide / 3, outer_mm * 0.75, middle + wide / 3, outlet, "design-fitting", fill="#ffffff")
    rim, foot = outlet + gap, outlet + gap + wide
    funnel = [
        (middle - wide, rim),
        (middle - wide / 4, foot),
        (middle + wide / 4, foot),
        (middle + wide, rim),
    ]
    panel.line(funnel, "design-fitting", closed=True, fill="#ffffff")
    panel.line([(middle, foot), (middle, floor_mm + 120)], "design-fitting")
    panel.balloon(number, (middle + wide * 0.5, rim + wide * 0.3), dx_mm=10.0, dy_mm=6.0)
