"""Sheets, scales and places: how a drawing fits on paper at a round scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Drawing area inside the frame of a landscape sheet, above its title strip [mm]: GB/T 50001 edges, 25 mm for the binding.
SHEETS = {"a4": (267.0, 177.0), "a3": (390.0, 264.0)}
SCALES = (500, 1000, 2000, 5000, 10000, 20000)
LARGER = (100, 200)  # for profiles that would be a few centimetres long at 1:500


@dataclass(frozen=True)
class Sheet:
    """A landscape sheet: its paper, the room inside its frame [mm], the scale of what is drawn on it."""

    paper: str
    width_mm: float
    height_mm: float
    scale: int


def profile_sheet(length_m: float, *, labels_mm: float) -> Sheet:
    """
    The smallest sheet that holds a profile of that length at 1:500.

    A short one is drawn larger where the small sheet holds it, smaller scales are for what the larger sheet cannot hold.
    """
    for scale in LARGER:
        if length_m * 1000 / scale <= SHEETS["a4"][0] - labels_mm - 20.0:
            return Sheet("a4", *SHEETS["a4"], scale)
    for scale in SCALES:
        for paper, (width, height) in SHEETS.items():
            if length_m * 1000 / scale <= width - labels_mm and (scale == SCALES[0] or paper == "a3"):
                return Sheet(paper, width, height, scale)
    return Sheet("a3", *SHEETS["a3"], int(length_m * 1000 / (SHEETS["a3"][0] - labels_mm)) + 1)


def chainage(at_m: float) -> str:
    """
    Chainage as it is written on drawings.

    >>> chainage(0.0), chainage(52.215), chainage(1207.996)
    ('0+000.00', '0+052.22', '1+208.00')
    """
    centimetres = round(at_m * 100)
    kilometres, rest = divmod(centimetres, 100_000)
    return f"{kilometres}+{rest / 100:06.2f}"


def spread(places_mm: Sequence[float], *, gap_mm: float, room_mm: tuple[float, float]) -> list[float]:
    """
    Places moved as little as needed to stand `gap_mm` apart inside the room, in their order.

    >>> spread([10.0, 11.0, 50.0], gap_mm=4.0, room_mm=(0.0, 52.0))
    [10.0, 14.0, 50.0]
    """
    low, high = room_mm
    moved: list[float] = []
    for place in places_mm:
        moved.append(max(place, low if not moved else moved[-1] + gap_mm))
    limit = high
    for n in range(len(moved) - 1, -1, -1):
        moved[n] = min(moved[n], limit)
        limit = moved[n] - gap_mm
    return moved
