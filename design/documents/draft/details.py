"""Node details 节点大样 on one sheet: every standard detail of an option, drawn to its dimensions, with its numbered parts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from design.documents.draft.detail_ground import casing_detail, hydrant_detail, thrust_detail, trench_detail
from design.documents.draft.detail_tie_in import tie_in_detail
from design.documents.draft.detail_well import well_detail
from design.documents.draft.draft import Draft
from design.documents.draft.scales import SHEETS
from design.documents.reading import parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from design.documents.words import Words
    from design.wire import OptionDoc

# Paper, columns and rows of a sheet by how many details it holds.
LAYOUTS = {1: ("a4", 1, 1), 2: ("a4", 2, 1), 3: ("a3", 3, 1), 4: ("a3", 2, 2), 5: ("a3", 3, 2), 6: ("a3", 3, 2)}
TITLE_MM = 12.0


def details_of(option: OptionDoc) -> list[Mapping[str, Any]]:
    """The standard details that have a drawing, one of a code; several blocks of one kind are drawn once."""
    found: dict[str, Mapping[str, Any]] = {}
    for assembly in option["assemblies"]:
        kind = detail_kind(assembly)
        if kind in _DRAWERS:
            found.setdefault(f"{kind} {assembly['code']}", assembly)
    order = list(_DRAWERS)
    return sorted(found.values(), key=lambda assembly: order.index(detail_kind(assembly)))


def detail_kind(assembly: Mapping[str, Any]) -> str:
    """Kind of a standard detail: as told, else from its code."""
    kinds = (*_DRAWERS, "meter-box")
    told = str(assembly.get("kind") or next((k for k in kinds if str(assembly["code"]).startswith(k)), ""))
    return "meter-well" if told == "meter-box" else told


def sizes_mm(assembly: Mapping[str, Any]) -> dict[str, float]:
    """Dimensions of a detail [mm]: as told, else as its name writes them (Φ1200, 2750×1300)."""
    told = {key: float(value) for key, value in (assembly.get("dimensions_mm") or {}).items()}
    if not told:
        if found := re.search(r"(\d{3,4})\s*[×x]\s*(\d{3,4})", assembly["name"]):
            told = {"inner_length": float(found[1]), "inner_width": float(found[2])}
        elif found := re.search(r"Φ\s*(\d{3,4})", assembly["name"]):
            told = {"inner_diameter": float(found[1])}
    return told


def detail_sheets(option: OptionDoc, words: Words) -> list[tuple[Draft, str]]:
    """Sheets of node details with their paper, each detail in its field with its parts beneath; none when there is no detail."""
    details = details_of(option)
    most = max(LAYOUTS)
    sheets: list[tuple[Draft, str]] = []
    for first in range(0, len(details), most):
        here = details[first : first + most]
        paper, columns, rows = LAYOUTS[len(here)]
        width, height = SHEETS[paper]
        draft, cell = Draft(width, height), (width / columns, height / rows)
        for place, assembly in enumerate(here):
            field = _field(assembly, option, words, cell, first + place + 1)
            draft.place(field, ((place % columns) * cell[0], (place // columns) * cell[1]))
        sheets.append((draft, paper))
    return sheets


def _field(
    assembly: Mapping[str, Any], option: OptionDoc, words: Words, cell_mm: tuple[float, float], number: int
) -> Draft:
    """One detail: number and name, the drawing at its scale, the list of parts."""
    width, height = cell_mm
    draft = Draft(width, height)
    draft.box(0.0, 0.0, width, height, "thin")
    draft.circle((8.0, 7.0), 4.2, "frame", fill="#ffffff")
    draft.text(str(number), (8.0, 8.3), height_mm=3.6, bold=True)
    parts = parts_of(assembly, words)
    list_mm = 3.6 * (len(parts) + 1) + 1.0 if parts else 0.0
    room = (width - 6.0, height - TITLE_MM - list_mm - 4.0)
    inner = Draft(*room)
    scale = _DRAWERS[detail_kind(assembly)](inner, assembly, option, words, room)
    draft.place(inner, (3.0, TITLE_MM + 1.0))
    count = words("detail-count", count=assembly["count"]) if assembly["count"] > 1 else ""
    draft.text(f"{words.text(assembly, 'name')} {count}".strip(), (14.5, 6.6), height_mm=3.2, anchor="start", bold=True, room_mm=width - 17.0)
    told = " · ".join(part for part in (f"1:{scale}" if scale else words("not-to-scale"), words.text(assembly, "drawing")) if part)
    draft.text(told, (14.5, 11.0), height_mm=2.2, anchor="start", room_mm=width - 17.0)
    if parts:
        _part_list(draft, parts, top_mm=height - list_mm, words=words)
    return draft


def _part_list(draft: Draft, parts: list[list[str]], *, top_mm: float, words: Words) -> None:
    """Number, name, specification, count: one line a part."""
    edges = (0.0, 9.0, 58.0, 108.0, draft.width_mm)
    heads = [words(key) for key in ("part-no", "name", "part-spec", "count")]
    for n, row in enumerate([heads, *parts]):
        y = top_mm + n * 3.6
        draft.box(0.0, y, draft.width_mm, y + 3.6, "thin", fill="#eef3f8" if n == 0 else "")
        for cell, west, east in zip(row, edges, edges[1:], strict=False):
            draft.text(cell, (west + 1.0, y + 2.6), height_mm=2.1, anchor="start", bold=n == 0, room_mm=east - west - 1.6)
    for x in edges[1:-1]:
        draft.line([(x, top_mm), (x, top_mm + 3.6 * (len(parts) + 1))], "thin")


_DRAWERS: dict[str, Callable[..., int]] = {
    "tie-in": tie_in_detail,
    "valve-well": well_detail,
    "meter-well": well_detail,
    "thrust": thrust_detail,
    "trench": trench_detail,
    "casing": casing_detail,
    "hydrant": hydrant_detail,
}
