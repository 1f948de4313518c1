"""PressureCheck 压力校核: what a new demand does to the applicant's tie-in and to everybody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hydraulics.engine import ENGINE_NAME
from hydraulics.results import NodePressure, PressureCheck
from hydraulics.tie_in import tap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hydraulics.repeatable import Repeatable
    from hydraulics.results import ModelIndex, Solution, TieIn
    from hydraulics.session import Session
    from hydraulics.tie_in import Tapped

_LISTED_COUNT = 20
SAME_HEAD_M = 0.005


def check_connection(
    session: Session | Repeatable, tie_in: TieIn, *, flow_m3s: float, limit_m: float
) -> PressureCheck:
    """
    Pressures before and after drawing `flow_m3s` at the tie-in, in the model's scenario.

    `flow_m3s` is a constant extra demand; 0 gives the state before twice. `limit_m` is the pressure every customer
    should keep: one that misses it before is never counted as newly below.

    Raises
    ------
    ModelInputError
        The tie-in is not in the model, is closed, or no water reaches it.
    HydraulicsError
        EPANET cannot solve the network with the new demand.
    """
    tapped = tap(session, tie_in, flow_m3s=flow_m3s)
    before, after = session.base, tapped.after
    customers = _customers(session.index, before, after)
    lowest_first = customers[np.argsort(after.pressure_m[customers], kind="stable")]
    lost_m = before.pressure_m - after.pressure_m
    most_lost = customers[np.argsort(-lost_m[customers], kind="stable")][:_LISTED_COUNT]
    fell = lowest_first[
        (before.pressure_m[lowest_first] >= limit_m) & (after.pressure_m[lowest_first] < limit_m)
    ]

    def listed(nodes: NDArray[np.intp]) -> tuple[NodePressure, ...]:
        return tuple(_node(session.index, int(n), before, after) for n in nodes)

    return PressureCheck(
        tie_in=tie_in,
        flow_m3s=flow_m3s,
        limit_m=limit_m,
        tie_in_head_before_m=tapped.head_before_m,
        tie_in_head_after_m=tapped.head_after_m,
        worst=next(iter(listed(lowest_first[:1])), None),
        newly_below=listed(fell),
        most_affected=listed(most_lost),
        max_velocity_mps=_max_velocity_mps(session, tie_in, tapped),
        before=before,
        after=after,
        converged=before.converged and after.converged,
        engine=ENGINE_NAME,
    )


def confirmed(checker: Repeatable, check: PressureCheck) -> bool:
    """Say whether EPANET itself finds the heads of a check; at once where it was EPANET that found them."""
    if not checker.is_local:
        return True
    found = tap(checker.session, check.tie_in, flow_m3s=check.flow_m3s)
    away_m = np.abs(found.after.head_m - check.after.head_m)
    return found.after.converged and float(np.nanmax(away_m, initial=0.0)) <= SAME_HEAD_M


def _customers(index: ModelIndex, before: Solution, after: Solution) -> NDArray[np.intp]:
    """Junctions with demand and with water in both states."""
    known = np.isfinite(before.head_m) & np.isfinite(after.head_m)
    return np.flatnonzero(index.is_junction & index.is_fed & (index.demand_m3s > 0) & known)


def _node(index: ModelIndex, node: int, before: Solution, after: Solution) -> NodePressure:
    return NodePressure(
        index.node_ids[node],
        float(index.elevation_m[node]),
        float(before.pressure_m[node]),
        float(after.pressure_m[node]),
    )


def _max_velocity_mps(session: Session | Repeatable, tie_in: TieIn, tapped: Tapped) -> float:
    """Fastest flow of any link; in a tapped pipe that of its busier half."""
    velocities = tapped.after.velocity_mps.copy()
    if tapped.start_flow_m3s is not None and tapped.end_flow_m3s is not None and tie_in.pipe_id is not None:
        link = session.link_position[tie_in.pipe_id]
        busier = max(abs(tapped.start_flow_m3s), abs(tapped.end_flow_m3s))
        velocities[link] = busier / (np.pi / 4.0 * session.index.link_diameter_m[link] ** 2)
    return float(velocities.max(initial=0.0))
