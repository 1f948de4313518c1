"""Profile and node details as further sheets of the drawing, each with its title strip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from design.documents.book.front import crs_words
from design.documents.draft.details import detail_sheets
from design.documents.draft.profile import profile_draft
from design.documents.dxf.layouts import draw_on
from design.documents.dxf.sheet import add_paper, add_strip, layer_name, standard

if TYPE_CHECKING:
    from design.documents.words import Words
    from design.wire.scheme import OptionDoc, SchemeDoc

PAPERS_MM = {"a4": (297.0, 210.0), "a3": (420.0, 297.0)}


def add_more_sheets(drawing: Any, scheme: SchemeDoc, option: OptionDoc, words: Words) -> None:
    """Profile and node details, each on its sheet with its title strip."""
    profile = profile_draft(option, words)
    found = (
        []
        if profile is None
        else [(words("drawing-profile"), profile[0], profile[1].paper, f"1:{profile[1].scale}")]
    )
    sheets = detail_sheets(option, words)
    for number, (draft, paper) in enumerate(sheets, 1):
        name = words("drawing-details") + (f" {number}" if len(sheets) > 1 else "")
        found.append((name, draft, paper, words("as-shown")))
    for number, (name, draft, paper, scale) in enumerate(found, 2):
        size = PAPERS_MM[paper]
        layout = add_paper(drawing, name=name, size_mm=size)
        draw_on(layout, draft, left_mm=float(standard()["sheet"]["margin_left_mm"]), top_mm=size[1] - 5.0)
        cells = _strip(scheme, words, name=name, scale=scale, number=number, count=len(found) + 1)
        add_strip(layout, cells, size_mm=size)
        if scheme["provenance"]["synthetic"]:
            mark = {"layer": layer_name("synthetic"), "style": standard()["style"]["name"]}
            layout.add_text(words("synthetic"), height=5, dxfattribs={**mark, "insert": (30, size[1] - 13)})


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
