"""The price of planned works as a workbook: lines, tax, total as live formulas, the pipes, and what has no price."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from design.documents.sheets.quote_sheet import WIDTHS, write_lines
from design.documents.sheets.workbook import Sheet, new_workbook, save_workbook
from design.documents.words import Words

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from design.pricing.laying import PricedWorks
    from gis.messages import Language

_LENGTH = "0.00##"


def write_works(priced: PricedWorks, path: Path, *, name: str, on: date, language: Language = "zh") -> None:
    """Write the workbook to `path`, dated by the day the prices were taken for."""
    words, catalogue = Words(language), priced.quote.catalogue
    book = new_workbook(created=f"{on.isoformat()}T00:00:00+00:00", title=f"{words('sheet-quote')} {name}")
    footer = f"{name} · {catalogue.provenance} · {on.isoformat()}"

    def sheet(key: str, *widths: float) -> Sheet:
        return Sheet(book.create_sheet(words(key)), widths=widths, footer=footer)

    lines = sheet("sheet-quote", *WIDTHS)
    lines.row([words("sheet-quote")], bold=True, size=16)
    lines.row([words("project"), None, name])
    lines.row([words("currency"), None, catalogue.currency])
    write_lines(lines, priced.quote.doc(), words)
    plan = sheet("sheet-planned", 8, 18, 26, 12, 12, 12, 16)
    heads = ("number", "planned-id", "code", "form-length", "planned-outer", "planned-cover", "form-surface")
    plan.head([words(key) for key in heads], freeze=True)
    for number, pipe in enumerate(priced.pipes, 1):
        figures = [_exact(pipe.length_m), _exact(pipe.outer_diameter_m * 1000.0), _exact(pipe.cover_m)]
        plan.row(
            [number, pipe.pipe_id, pipe.item, *figures, pipe.surface], boxed=True,
            formats={4: _LENGTH, 5: "0.#", 6: _LENGTH},
        )  # fmt: skip
    for number, piece in enumerate(priced.pieces, len(priced.pipes) + 1):
        plan.row([number, piece.piece_id, piece.item, piece.count, None, None, None], boxed=True)
    rest = sheet("sheet-left-out", 30, 14)
    rest.head([words("code"), words("quantity")], freeze=True)
    for left in priced.left_out:
        rest.row([left.code, left.quantity], boxed=True, formats={2: _LENGTH})
    save_workbook(book, path, [lines, plan, rest])


def _exact(value: float) -> Decimal:
    return Decimal(repr(round(value, 4)))
