"""Node details 节点大样 on one sheet: every standard detail of an option, drawn to its dimensions, with its numbered parts."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from design.documents.draft.detail_backflow import backflow_detail
from design.documents.draft.detail_cabinet import backflow_place_detail
from design.documents.draft.detail_ground import casing_detail, hydrant_detail, trench_detail
from design.documents.draft.detail_sheeting import sheeting_detail
from design.documents.draft.detail_thrust import thrust_detail
from design.documents.draft.detail_tie_in import tie_in_detail
from design.documents.draft.detail_well import well_detail
from design.documents.draft.draft import Draft
from design.documents.draft.kinds import KINDS, detail_kind, sizes_mm
from design.documents.draft.part_list import part_list
from design.documents.draft.scales import SHEETS
from design.documents.reading import parts_of, second_inlet
from design.documents.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from design.wire.scheme import OptionDoc
    from gis.messages import Language

# Paper, columns and rows of a sheet by how many details it holds.
LAYOUTS = {1: ("a4", 1, 1), 2: ("a4", 2, 1), 3: ("a3", 3, 1), 4: ("a3", 2, 2)}
# What of an option its details are drawn from.
_READ = ("connection", "service_pipe", "meter", "works", "devices", "assemblies", "inlets")
TITLE_MM, SIDE_MM = 12.0, 84.0
MANY_PARTS, WIDE_FIELD_MM = 7, 180.0


def drawn_details(option: OptionDoc) -> list[tuple[Mapping[str, Any], OptionDoc]]:
    """What is drawn with the inlet it belongs to: the details of the option, then those of a second inlet that differ."""
    first = details_of(option)
    second = second_inlet(option)
    shown = [(assembly, option) for assembly in first]
    if second is not None:
        known = [(a["code"], a.get("dimensions_mm")) for a in first]
        for assembly in details_of(second):
            is_new = (assembly["code"], assembly.get("dimensions_mm")) not in known
            if is_new or detail_kind(assembly) == "tie-in":
                name = {
                    key: _marked(assembly.get(key), key) for key in ("name", "name_en") if assembly.get(key)
                }
                shown.append(({**assembly, **name}, second))
    return shown


def _marked(name: Any, key: str) -> str:
    return Words("zh" if key == "name" else "en")("of-second-inlet", name=name)


def details_of(option: OptionDoc) -> list[Mapping[str, Any]]:
    """The standard details that have a drawing, one of a code; several blocks of one kind are drawn once."""
    found: dict[str, Mapping[str, Any]] = {}
    for assembly in sorted(option["assemblies"], key=_straight):
        kind = detail_kind(assembly)
        if kind in _DRAWERS:
            found.setdefault(f"{kind} {assembly['code']}", assembly)
    return sorted(found.values(), key=lambda assembly: KINDS.index(detail_kind(assembly)))


def _straight(assembly: Mapping[str, Any]) -> bool:
    """The block of a tee, whose reason tells no angle: a bend is drawn before it."""
    return " 0°" in str(assembly["reason"])


def detail_sheets(option: OptionDoc, words: Words) -> Sequence[tuple[Draft, str]]:
    """
    Sheets of node details with their paper, each detail in its field with its parts beneath; none when there is no detail.

    The book and the DXF show the same drawings: they are made once, and not to be changed by who gets them.
    """
    told = {key: option.get(key) for key in _READ}
    return _drawn(json.dumps(told, ensure_ascii=False, sort_keys=True), words.language)


@lru_cache(maxsize=16)
def _drawn(told: str, language: Language) -> Sequence[tuple[Draft, str]]:
    return _sheets(json.loads(told), Words(language))


def _sheets(option: OptionDoc, words: Words) -> list[tuple[Draft, str]]:
    details = drawn_details(option)
    most = max(LAYOUTS)
    sheets: list[tuple[Draft, str]] = []
    for first in range(0, len(details), most):
        here = details[first : first + most]
        paper, columns, rows = LAYOUTS[len(here)]
        width, height = SHEETS[paper]
        draft, cell = Draft(width, height), (width / columns, height / rows)
        for place, (assembly, inlet) in enumerate(here):
            field = _field(assembly, inlet, words, cell, first + place + 1)
            draft.place(field, ((place % columns) * cell[0], (place // columns) * cell[1]))
        sheets.append((draft, paper))
    return sheets


def _field(
    assembly: Mapping[str, Any], option: OptionDoc, words: Words, cell_mm: tuple[float, float], number: int
) -> Draft:
    """One detail: number and name, the drawing at its scale, the list of parts beneath or, if long, beside it."""
    width, height = cell_mm
    draft = Draft(width, height)
    draft.box(0.0, 0.0, width, height, "thin")
    draft.circle((8.0, 7.0), 4.2, "frame", fill="#ffffff")
    draft.text(str(number), (8.0, 8.3), height_mm=3.6, bold=True)
    parts, count = _listed(assembly, option, words)
    beside = len(parts) > MANY_PARTS and width > WIDE_FIELD_MM
    heads = [words(key) for key in ("part-no", "name", "part-spec", "count")]
    listed = part_list(heads, parts, width_mm=SIDE_MM if beside else width)
    list_mm = listed.height_mm if parts else 0.0
    room = (
        (width - SIDE_MM - 8.0, height - TITLE_MM - 2.0)
        if beside
        else (width - 6.0, height - TITLE_MM - list_mm - 4.0)
    )
    inner = Draft(*room)
    scale = _DRAWERS[detail_kind(assembly)](inner, assembly, option, words, room)
    inner.settle()
    draft.place(inner, (3.0, TITLE_MM + 1.0))
    many = words("detail-count", count=count) if count > 1 else ""
    draft.text(
        f"{words.text(assembly, 'name')} {many}".strip(),
        (14.5, 6.6),
        height_mm=3.2,
        anchor="start",
        bold=True,
        room_mm=width - 17.0,
    )
    told = " · ".join(
        part
        for part in (f"1:{scale}" if scale else words("not-to-scale"), words.text(assembly, "drawing"))
        if part
    )
    draft.text(told, (14.5, 11.0), height_mm=2.2, anchor="start", room_mm=width - 17.0)
    if parts and beside:
        listed.draw(draft, (width - SIDE_MM - 2.0, TITLE_MM + 2.0))
    elif parts:
        listed.draw(draft, (0.0, height - list_mm))
    return draft


def _listed(assembly: Mapping[str, Any], option: OptionDoc, words: Words) -> tuple[list[list[str]], int]:
    """Rows of the list and how many there are of the detail; of thrust blocks every size, each with its place."""
    alike = [other for other in option["assemblies"] if other["code"] == assembly["code"]]
    count = sum(other["count"] for other in alike)
    if detail_kind(assembly) != "thrust" or len(alike) < 2:
        return parts_of(assembly, words), count
    rows = []
    for n, other in enumerate(alike, 1):
        sizes = sizes_mm(other)
        block = (
            "×".join(f"{sizes[key]:.0f}" for key in ("width", "height", "thickness") if key in sizes) or "—"
        )
        rows.append([str(n), words.text(other, "reason"), block, str(other["count"])])
    return rows, count


_DRAWERS: dict[str, Callable[..., int]] = {
    "tie-in": tie_in_detail,
    "valve-well": well_detail,
    "meter-well": well_detail,
    "backflow": backflow_detail,
    "backflow-place": backflow_place_detail,
    "thrust": thrust_detail,
    "trench": trench_detail,
    "sheeting": sheeting_detail,
    "casing": casing_detail,
    "hydrant": hydrant_detail,
}
