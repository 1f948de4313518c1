"""Plan pictures made by others for the documents: SVG with its paper and scale."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PlanPicture:
    """
    A plan as SVG at true size.

    `paper` is a4 or a3 (landscape) for a drawing sheet, empty for a picture inside a page; `scale` the denominator.
    Of a long route in several sheets, `sheet` counts from 1 to `sheets`, 0 is the key plan, and `span_m` says from where
    to where the route runs on the sheet, `inlet` which of its inlets it is.
    """

    svg: str
    paper: str
    scale: int
    sheet: int = 1
    sheets: int = 1
    span_m: tuple[float, float] = (0.0, 0.0)
    inlet: int = 0


@dataclass(frozen=True)
class SchemePictures:
    """Pictures of a scheme: plan sheets of the proposed option, all options side by side, a small map; empty where none."""

    plans: tuple[PlanPicture, ...] = ()
    overview: str = ""
    small_map: str = ""
