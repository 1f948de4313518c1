"""Texts that a cell of a spreadsheet can hold."""

from __future__ import annotations

LONGEST_CELL = 32_767
MARK = "…（已截短，全文见 JSON 与 GeoPackage / cut short, whole in JSON and GeoPackage）"


def cell_text(text: str) -> str:
    """
    Give a text that fits into a cell; one that is longer ends with a mark that says so.

    >>> cell_text("接水"), len(cell_text("管" * 40_000)), cell_text("管" * 40_000)[-1]
    ('接水', 32767, '）')
    """
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - len(MARK)] + MARK
