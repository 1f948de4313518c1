"""What would make an infeasible scheme pass: each fix with its size, its price and what it does to the pressure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from design.documents.book.money import money
from design.documents.figures import figure

if TYPE_CHECKING:
    from design.documents.words import Words
    from design.wire.scheme import FixDoc, SchemeDoc

Rows = list[list[str]]


def fix_rows(scheme: SchemeDoc, words: Words) -> Rows:
    """Kind, what it is, its price alone and with the connection, pressure at the site before and after, margin."""
    return [_row(fix, words) for fix in scheme.get("fixes") or []]


def _row(fix: FixDoc, words: Words) -> list[str]:
    before, after = (
        figure(fix[key], "MPa") for key in ("site_pressure_before_mpa", "site_pressure_after_mpa")
    )
    return [
        words(f"fix-{fix['kind']}"), words.text(fix, "what"), money(fix["extra_cny"]), money(fix["total_cny"]),
        f"{before} → {after}", figure(fix["margin_m"], "m"),
        words("fix-checked", engine=fix["checked_by"], before=fix["newly_below_before"], after=fix["newly_below_after"]),
    ]  # fmt: skip
