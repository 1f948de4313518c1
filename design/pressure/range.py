"""The range of a tie-in's pressure (校核区间) in a city: safe, unsafe, or which reading would decide it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from design.pressure.reliance import known_in
from hydraulics.errors import HydraulicsError
from hydraulics.uncertainty.calibrated import narrowed

if TYPE_CHECKING:
    from design.city import City
    from hydraulics.gga.system import System
    from hydraulics.results import PressureCheck
    from hydraulics.uncertainty.band import PressureRange, Prior
    from hydraulics.uncertainty.groups import Groups


def tie_in_range(city: City, check: PressureCheck, *, required_pressure_m: float) -> PressureRange | None:
    """
    Give the range of the pressure at a check's tie-in, judged against what is needed there.

    None where the ground is unknown, or the model has what our own solver does not follow.
    """
    from hydraulics.uncertainty.band import (  # loads the compiler: only who asks waits
        Question,
        pressure_range,
    )
    from hydraulics.uncertainty.sensitivity import Sensitivity

    pressure_m = check.tie_in_head_after_m - city.tie_in_elevation_m(check.tie_in)
    prepared = city.once(("range", city.session.model.inp), lambda: _prepared(city))
    if prepared is None or not np.isfinite(pressure_m):
        return None
    system, groups = prepared
    weights = _weights(city, check)
    extra_m3s = {node: weight * check.flow_m3s for node, weight in weights.items()}
    index, tables = city.session.index, city.session.model.tables
    question = Question(weights, extra_m3s, pressure_m, required_pressure_m)
    try:
        prior = _prior(city, system, groups)
        today = city.once(("range-today", city.session.model.inp), lambda: Sensitivity(system, tables, {}))
        return pressure_range(
            system, tables, groups, question, node_ids=index.node_ids, prior=prior, today=today
        )
    except HydraulicsError:
        return None


def _prior(city: City, system: System, groups: Groups) -> Prior:
    """Give the spreads, that of the whole demand as a calibration left it."""
    from hydraulics.uncertainty.band import prior_of

    prior, found = prior_of(system, city.session.model.tables, groups), city.session.model.calibration
    return prior if found is None else replace(prior, common_share=found.demand.share)


def _prepared(city: City) -> tuple[System, Groups] | None:
    from hydraulics.gga.system import system_of

    session = city.session
    try:
        system, groups = system_of(session), known_in(city).groups
    except HydraulicsError:
        return None
    found = session.model.calibration
    return system, groups if found is None else narrowed(groups, found)


def _weights(city: City, check: PressureCheck) -> dict[int, float]:
    """Nodes that the tie-in's head goes by: its own, or the two ends of its pipe by distance."""
    session, tie_in = city.session, check.tie_in
    if tie_in.node_id is not None:
        return {city.node_row(tie_in.node_id): 1.0}
    link = session.link_position[tie_in.pipe_id or ""]
    start, end = int(session.index.link_start[link]), int(session.index.link_end[link])
    return {start: 1.0 - tie_in.fraction, end: tie_in.fraction}
