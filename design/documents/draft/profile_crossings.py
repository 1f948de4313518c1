"""Pipes and cables across the route: their words on the profile, and the list of them beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from design.checks.clearances import SAME_M
from design.documents.draft.scales import chainage
from design.documents.figures import figure

if TYPE_CHECKING:
    from design.documents.draft.draft import Draft
    from design.documents.draft.stretch import Stretch
    from design.documents.words import Words
    from design.wire.scheme import CrossingDoc

EDGES_MM = (0.0, 8.0, 32.0, 58.0, 77.0, 91.0, 105.0, 119.0)
HEADS = (
    "number",
    "crossing-kind",
    "crossing-id",
    "profile-chainage",
    "crossing-cover",
    "crossing-gap",
    "crossing-limit",
)
ROW_MM = 4.0


def crossing_words(crossing: CrossingDoc, words: Words) -> list[str]:
    """What is crossed, and how far its face is from the pipe."""
    name = f"{words.utility(crossing['kind'])} {crossing['utility_id']}"
    if crossing["gap_m"] is None or crossing["cover_m"] is None:
        return [name, words("profile-depth-unknown")]
    return [
        name,
        words("profile-gap", cover=figure(crossing["cover_m"], "m"), gap=figure(crossing["gap_m"], "m")),
    ]


def crossing_table(draft: Draft, piece: Stretch, words: Words, *, bottom_mm: float, end_mm: float) -> None:
    """List every crossing with its clear distance at the upper right: above `bottom_mm`, or right of the profile's end."""
    crossings = piece.crossings
    top, left = 16.0, draft.width_mm - EDGES_MM[-1] - 3.0
    if not crossings or (top + ROW_MM * (len(crossings) + 2) > bottom_mm and left < end_mm + 16.0):
        return
    draft.text(words("crossing-list"), (left + EDGES_MM[-1] / 2, top + 3.2), height_mm=2.8, bold=True)
    rows = [
        [words(key) for key in HEADS],
        *(_row(n, crossing, words) for n, crossing in enumerate(crossings, piece.first_crossing + 1)),
    ]
    for n, row in enumerate(rows):
        y = top + ROW_MM * (n + 1)
        draft.box(left, y, left + EDGES_MM[-1], y + ROW_MM, "thin", fill="#eef3f8" if n == 0 else "")
        for cell, west, east in zip(row, EDGES_MM, EDGES_MM[1:], strict=False):
            style = "limit" if n and _short(crossings[n - 1]) and west == EDGES_MM[5] else "text"
            draft.text(
                cell,
                (left + (west + east) / 2, y + 2.9),
                height_mm=2.3,
                room_mm=east - west - 1.0,
                bold=n == 0,
                style=style,
            )
    for x in EDGES_MM[1:-1]:
        draft.line([(left + x, top + ROW_MM), (left + x, top + ROW_MM * (len(rows) + 1))], "thin")


def _row(number: int, crossing: CrossingDoc, words: Words) -> list[str]:
    return [
        str(number), words.utility(crossing["kind"]), crossing["utility_id"], chainage(crossing["at_m"]),
        figure(crossing["cover_m"], "m"), figure(crossing["gap_m"], "m"), figure(crossing["limit_m"], "m"),
    ]  # fmt: skip


def _short(crossing: CrossingDoc) -> bool:
    """Closer than the standard allows, as far as known."""
    gap, limit = crossing["gap_m"], crossing["limit_m"]
    return gap is not None and limit is not None and gap < limit - SAME_M
