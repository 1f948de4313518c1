"""The list of parts beside or under a detail: number, name, specification, count; long words run on to a second line."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from design.documents.draft.draft import text_width_mm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from design.documents.draft.draft import Draft

PART_MM, LINE_MM, TEXT_MM = 3.8, 2.9, 2.1
SHARES = (0.0, 0.075, 0.46, 0.83, 1.0)  # of the width, where the columns begin and end


@dataclass(frozen=True)
class PartList:
    """Rows of cells, the first of them the headings, each cell as lines that fit its column of a list so wide."""

    rows: Sequence[Sequence[Sequence[str]]]
    width_mm: float

    @property
    def height_mm(self) -> float:
        """Height of the whole list [mm]."""
        return sum(_row_mm(row) for row in self.rows)

    def draw(self, draft: Draft, corner_mm: tuple[float, float]) -> None:
        """Draw the list, its upper left corner at `corner_mm`."""
        left, y = corner_mm
        top = y
        edges = [left + share * self.width_mm for share in SHARES]
        for n, row in enumerate(self.rows):
            high = _row_mm(row)
            draft.box(left, y, left + self.width_mm, y + high, "thin", fill="#eef3f8" if n == 0 else "")
            for cell, west, east in zip(row, edges, edges[1:], strict=False):
                for line, words in enumerate(cell):
                    draft.text(
                        words, (west + 1.0, y + 2.8 + LINE_MM * line), height_mm=TEXT_MM, anchor="start", bold=n == 0,
                        room_mm=east - west - 1.6,
                    )  # fmt: skip
            y += high
        for x in edges[1:-1]:
            draft.line([(x, top), (x, y)], "thin")


def part_list(heads: Sequence[str], parts: Sequence[Sequence[str]], *, width_mm: float) -> PartList:
    """The list of parts with its cells broken into lines."""
    rooms = [(east - west) * width_mm - 1.6 for west, east in pairwise(SHARES)]
    rows = [[_lines(cell, room) for cell, room in zip(row, rooms, strict=True)] for row in [heads, *parts]]
    return PartList(rows, width_mm)


def _row_mm(row: Sequence[Sequence[str]]) -> float:
    return PART_MM + LINE_MM * (max(len(cell) for cell in row) - 1)


def _lines(text: str, room_mm: float) -> list[str]:
    """
    Lines of a text that fit the room: broken at spaces, Chinese anywhere.

    >>> _lines("Resilient-seated gate valve before the meter", 30.0)
    ['Resilient-seated gate', 'valve before the meter']
    """
    if text_width_mm(text, TEXT_MM) <= room_mm:
        return [text]
    lines = [""]
    for word in _words(text):
        if lines[-1] and text_width_mm((lines[-1] + word).rstrip(), TEXT_MM) > room_mm:
            lines.append("")
        lines[-1] += word
    return [line.strip() for line in lines]


def _words(text: str) -> list[str]:
    """Words with the space behind them; a full-width sign is a word of its own."""
    found = [""]
    for sign in text:
        wide = ord(sign) > 0x2E7F
        if found[-1] and (wide or found[-1][-1] == " " or ord(found[-1][-1]) > 0x2E7F):
            found.append("")
        found[-1] += sign
    return found
