"""Quantity 工程量: so much of one catalogue item, with how it was found; Decimal with two places, half up."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from design.works.plan import RoadRun, Works
from gis.messages import Text

Ledger = Literal["outside-red-line", "inside-red-line", "third-party", "secondary-supply"]
Share = Literal["connection", "second-inlet", "secondary-supply"]
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Quantity:
    """
    So much of one catalogue item; `basis` says by which formula.

    `metering` marks what belongs to the metering device: the policy may give it a payer of its own. `detail` follows
    the item's name: the angle of a bend. `share` says to which part of the scheme it belongs.
    """

    code: str
    quantity: Decimal
    ledger: Ledger
    basis: Text
    metering: bool = False
    detail: str = ""
    share: Share = "connection"


def rounded(value: float) -> Decimal:
    """Two places, half up, from the shortest decimal that is the float."""
    return Decimal(repr(value)).quantize(CENT, ROUND_HALF_UP)


def basis(key: str, **told: float | str | Text) -> Text:
    """How a quantity was found: message `basis.<key>`."""
    return Text("design", f"basis.{key}", told)


def split_at_red_line(works: Works) -> tuple[tuple[RoadRun, ...], tuple[RoadRun, ...]]:
    """The runs outside and inside the red line; the run the line crosses is cut there."""
    left_m = works.outside_length_m
    outside, inside = [], []
    for run in works.runs:
        before = min(run.length_m, max(left_m, 0.0))
        if before > 0.0:
            outside.append(cut(run, before))
        if run.length_m - before > 1e-9:
            inside.append(cut(run, run.length_m - before))
        left_m -= run.length_m
    return tuple(outside), tuple(inside)


def cut(run: RoadRun, length_m: float) -> RoadRun:
    """The same stretch with another length."""
    return RoadRun(run.surface, length_m, run.road_name, run.road_class, run.opened_on, run.paved_on)


def length_of(runs: tuple[RoadRun, ...]) -> float:
    """Length of the runs [m]."""
    return sum(run.length_m for run in runs)


def surface_of(run: RoadRun) -> str:
    """Surface of a run; one that is not known is priced as asphalt, the dearest common one."""
    known = {"asphalt", "concrete", "paving-brick", "gravel", "soil", "green"}
    return run.surface if run.surface in known else "asphalt"


def tie_in_ledger(works: Works) -> Ledger:
    """On which side of the red line the tie-in and the meter stand."""
    return "outside-red-line" if works.outside_length_m > 0.0 or works.length_m == 0.0 else "inside-red-line"
