"""Rows that the book and the workbook share: points of the pressure check, what a scheme rests on, how its quote rounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from design.documents.book.money import rounding_words
from design.documents.book.rows import pressure_points

if TYPE_CHECKING:
    from design.documents.words import Words
    from design.wire.scheme import SchemeDoc

__all__ = ["pressure_points", "provenance_rows", "rounding_words"]


def provenance_rows(scheme: SchemeDoc, words: Words) -> list[list[str]]:
    """What the scheme rests on: label and value."""
    made = scheme["provenance"]
    return [
        [words("version"), made["network_version"]],
        [words("source"), made["network_source"]],
        [words("crs"), made["crs"] or "—"],
        *[[words("rules") if i == 0 else "", rule] for i, rule in enumerate(made["rules"])],
        [words("prices"), made["prices"]],
        [words("engine"), made["engine"]],
        [words("software"), made["software"]],
        [words("created"), made["created"]],
        [words("synthetic"), words.yes(made["synthetic"])],
    ]
