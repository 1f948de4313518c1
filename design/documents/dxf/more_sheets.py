"""Profile and node details as further sheets of the drawing, each with its title strip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from design.documents.book.front import crs_words
from design.documents.draft.details import detail_sheets
from design.documents.draft.profile import profile_sheets
from design.documents.dxf.layouts import draw_on
from design.documents.dxf.sheet import add_paper, add_strip, layer_name, standard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from design.documents.draft.draft import Draft
    from design.documents.draft.profile import ProfileSheet
    from design.documents.words import Words
    from design.wire.scheme import OptionDoc, SchemeDoc

PAPERS_MM = {"a4": (297.0, 210.0), "a3": (420.0, 297.0)}


@dataclass(frozen=True)
class MoreSheet:
    """A sheet without a view of the model: tab, title, drawing, paper and the scale as its strip tells it."""

    name: str
    title: str
    draft: Draft
    paper: str
    scale: str


def more_sheets(option: OptionDoc, words: Words) -> list[MoreSheet]:
    """Profile and node details in order."""
    found: list[MoreSheet] = []
    for profile in profile_sheets(option, words):
        name, scale = _sheet_name(profile, words), f"1:{profile.sheet.scale}"
        found.append(MoreSheet(name, profile.title, profile.draft, profile.sheet.paper, scale))
    details = detail_sheets(option, words)
    for number, (draft, paper) in enumerate(details, 1):
        name = words("drawing-details") + (f" {number}" if len(details) > 1 else "")
        found.append(MoreSheet(name, name, draft, paper, words("as-shown")))
    return found


def add_more_sheets(
    drawing: Any, scheme: SchemeDoc, sheets: Sequence[MoreSheet], words: Words, *, first: int
) -> None:
    """Draw them, each with its title strip; `first` is the number of the first of them among all sheets."""
    for number, sheet in enumerate(sheets, first):
        size = PAPERS_MM[sheet.paper]
        layout = add_paper(drawing, name=sheet.name, size_mm=size)
        draw_on(
            layout, sheet.draft, left_mm=float(standard()["sheet"]["margin_left_mm"]), top_mm=size[1] - 5.0
        )
        count = first - 1 + len(sheets)
        cells = _strip(scheme, words, name=sheet.title, scale=sheet.scale, number=number, count=count)
        add_strip(layout, cells, size_mm=size)
        if scheme["provenance"]["synthetic"]:
            mark = {"layer": layer_name("synthetic"), "style": standard()["style"]["name"]}
            layout.add_text(words("synthetic"), height=2.6, dxfattribs={**mark, "insert": (30, size[1] - 4)})


def _sheet_name(profile: ProfileSheet, words: Words) -> str:
    """Short name of its tab."""
    piece = profile.stretch
    name = profile.mark.replace(" · ", " ") + words("drawing-profile")
    return name + (f" {piece.number}-{piece.count}" if piece.count > 1 else "")


def _strip(
    scheme: SchemeDoc, words: Words, *, name: str, scale: str, number: int, count: int
) -> list[tuple[str, str]]:
    made = scheme["provenance"]
    return [
        (words("project"), scheme["name"] or scheme["id"]), (words("drawing"), name),
        (words("drawing-number"), f"{scheme['id']}-{number:02d}"), (words("sheet-of"), f"{number} / {count}"),
        (words("drawing-scale"), scale), (words("date"), made["created"][:10]), (words("crs"), crs_words(scheme, words)),
        *((words(f"sign-{key}"), "") for key in ("design", "check", "review", "approve")), (words("version"), made["network_version"]),
        (words("engine"), made["engine"]), (words("software"), made["software"]),
    ]  # fmt: skip
