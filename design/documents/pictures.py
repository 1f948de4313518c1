"""Plan pictures made by others for the documents: SVG with its paper and scale."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PlanPicture:
    """
    A plan as SVG at true size.

    `paper` is a4 or a3 (landscape) for a drawing sheet, empty for a picture inside a page; `scale` the denominator.
    """

    svg: str
    paper: str
    scale: int


@dataclass(frozen=True)
class SchemePictures:
    """Pictures of a scheme: the plan sheet of the proposed option, all options side by side, a small map; empty where none."""

    plan: PlanPicture | None = None
    overview: str = ""
    small_map: str = ""
