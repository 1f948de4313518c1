"""The model a plan is checked on: the peak state with all that accepted schemes will draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from design.reservations import reservation_terms
from design.rules.ruleset import finding
from gis.crs import from_lonlat
from hydraulics.demand.reserved import Promise, can_hold, shares, with_promises
from hydraulics.results import TieIn

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from design.city import City
    from design.reservations import Reservation
    from design.rules.ruleset import Finding, RuleSet
    from hydraulics.model import PeakModel
    from hydraulics.results import PressureCheck


def places(city: City, model: PeakModel) -> dict[str, TieIn]:
    """
    Where each reservation's water leaves the model, by scheme; one whose place is gone is left out.

    Where a later version split or renamed the pipe, the nearest main to the old place takes it.
    """
    found = {entry.scheme_id: _place(entry, city, model) for entry in city.reserved}
    return {name: tie_in for name, tie_in in found.items() if tie_in is not None}


def promised_model(city: City, model: PeakModel, placed: Mapping[str, TieIn], scratch: Path) -> PeakModel:
    """Give the model with the demand of all reservations that have a place."""
    promises = [
        Promise(placed[entry.scheme_id], entry.claim.flow_m3s)
        for entry in city.reserved
        if entry.scheme_id in placed
    ]
    return with_promises(model, promises, scratch)


def _place(entry: Reservation, city: City, model: PeakModel) -> TieIn | None:
    if can_hold(model, entry.tie_in):
        return entry.tie_in
    x, y = entry.claim.position
    xy = (x, y) if city.network.crs is None else from_lonlat(city.network.crs, x, y)
    within_m = reservation_terms().found_again_m
    for hit in city.mains.near((float(xy[0]), float(xy[1])), count=10, within_m=within_m):
        tie_in = TieIn(pipe_id=hit.pipe_id, fraction=hit.fraction)
        if can_hold(model, tie_in):
            return tie_in
    return None


LEAST_LOSS_M = (
    0.005  # a scheme that misses its head already is not held against who takes less than this from it
)


@dataclass(frozen=True)
class Shortfall:
    """An accepted scheme that a new demand leaves without the head it was promised."""

    reservation: Reservation
    needed_m: float
    before_m: float
    after_m: float


def shortfalls(city: City, check: PressureCheck) -> list[Shortfall]:
    """Accepted schemes that miss their head after a check and had it before, or lose more of what they lack."""
    found = []
    placed = city.once(("promised-places", city.reserved), lambda: places(city, city.session.model))
    for entry in city.reserved:
        needed_m = entry.claim.needed_head_m
        if needed_m is None or entry.scheme_id not in placed:
            continue
        nodes = shares(city.session.model, placed[entry.scheme_id])
        before_m, after_m = (
            float(np.sum([state.head_m[node] * share for node, share in nodes]))
            for state in (check.before, check.after)
        )
        if after_m < needed_m and before_m - after_m > LEAST_LOSS_M:
            found.append(Shortfall(entry, needed_m, before_m, after_m))
    return sorted(found, key=lambda one: (one.after_m - one.needed_m, one.reservation.scheme_id))


def promised_findings(city: City, check: PressureCheck, rules: RuleSet) -> list[Finding]:
    """Whether accepted schemes keep what they were promised; nothing where there are none."""
    if not city.reserved:
        return []
    short = shortfalls(city, check)
    worst_m = max((one.needed_m - one.after_m for one in short), default=0.0)
    return [
        finding(
            rules.value("network-end-pressure"), "promised", measured=worst_m, limit=0.0, unit="m",
            verdict="fail" if short else "pass", count=len(city.reserved),
            schemes="、".join(f"{one.reservation.scheme_id} {one.reservation.name}".strip() for one in short[:5]),
        )
    ]  # fmt: skip
