"""PressureCheck 压力校核: what a new demand does to the applicant's tie-in and to everybody else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hydraulics.epanet.engine import ENGINE_NAME
from hydraulics.results import NodePressure, PressureCheck
from hydraulics.scenarios.by_pressure import pressure_rule, solve_by_pressure
from hydraulics.session import Session
from hydraulics.tie_in import law_of, node_of, pipe_of, tap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hydraulics.epanet.repeatable import Repeatable
    from hydraulics.outages import Service
    from hydraulics.results import FloatArray, ModelIndex, Solution, TieIn
    from hydraulics.tie_in import Tapped

_LISTED_COUNT = 20
SAME_HEAD_M = 0.01


def check_connection(
    session: Session | Repeatable,
    tie_in: TieIn,
    *,
    flow_m3s: float,
    limit_m: float,
    by_pressure: Service | None = None,
) -> PressureCheck:
    """
    Pressures before and after drawing `flow_m3s` at the tie-in, in the model's scenario.

    `flow_m3s` is a constant extra demand; 0 gives the state before twice. `limit_m` is the pressure every customer
    should keep: one that misses it before is never counted as newly below. With `by_pressure` every demand, the
    applicant's too, is drawn only as far as the pressure allows.

    Raises
    ------
    ModelInputError
        The tie-in is not in the model, is closed, or no water reaches it.
    HydraulicsError
        EPANET cannot solve the network with the new demand.
    """
    tapped, before = tap(session, tie_in, flow_m3s=flow_m3s), session.base
    unserved_m3s = (0.0, 0.0)
    if by_pressure is not None:
        own = session if isinstance(session, Session) else session.session
        tapped, before, unserved_m3s = _drawn(own, tie_in, tapped, by_pressure, flow_m3s=flow_m3s)
    return _told(
        session, tie_in, tapped, before, flow_m3s=flow_m3s, limit_m=limit_m, by_pressure=None if by_pressure is None else pressure_rule(by_pressure),
        unserved_m3s=unserved_m3s,
    )  # fmt: skip


def _told(
    session: Session | Repeatable, tie_in: TieIn, tapped: Tapped, before: Solution, *, flow_m3s: float, limit_m: float,
    by_pressure: tuple[float, float, float] | None, unserved_m3s: tuple[float, float],
) -> PressureCheck:  # fmt: skip
    after = tapped.after
    customers = _customers(session.index, before, after)
    after_m = after.pressure_m[customers]
    lowest = customers[_least(after_m, 1)]
    most_lost = customers[_least(after_m - before.pressure_m[customers], _LISTED_COUNT)]
    fell = customers[(before.pressure_m[customers] >= limit_m) & (after_m < limit_m)]
    fell = fell[np.argsort(after.pressure_m[fell], kind="stable")]

    def listed(nodes: NDArray[np.intp]) -> tuple[NodePressure, ...]:
        return tuple(_node(session.index, int(n), before, after) for n in nodes)

    return PressureCheck(
        tie_in=tie_in,
        flow_m3s=flow_m3s,
        limit_m=limit_m,
        tie_in_head_before_m=tapped.head_before_m,
        tie_in_head_after_m=tapped.head_after_m,
        worst=next(iter(listed(lowest)), None),
        newly_below=listed(fell),
        most_affected=listed(most_lost),
        max_velocity_mps=_max_velocity_mps(session, tie_in, tapped),
        before=before,
        after=after,
        converged=before.converged and after.converged,
        engine=ENGINE_NAME,
        by_pressure=by_pressure,
        unserved_before_m3s=unserved_m3s[0],
        unserved_after_m3s=unserved_m3s[1],
    )


def _least(pressures_m: FloatArray, count: int) -> NDArray[np.intp]:
    """Places of the least pressures or changes of them, least first, equal ones in their order; a city is not sorted for twenty rows."""
    # One whose ground is not known has no pressure: it comes after all others.
    pressures_m = np.where(np.isnan(pressures_m), np.inf, pressures_m)
    if count == 1 and len(pressures_m):
        return np.array([np.argmin(pressures_m)])
    if len(pressures_m) <= count:
        return np.argsort(pressures_m, kind="stable")
    places = np.flatnonzero(pressures_m <= np.partition(pressures_m, count - 1)[count - 1])
    return places[np.argsort(pressures_m[places], kind="stable")][:count]


def confirmed(checker: Repeatable, check: PressureCheck) -> bool:
    """Say whether EPANET itself finds the heads of a check; at once where it was EPANET that found them."""
    if not checker.is_local:
        return True
    found = tap(checker.session, check.tie_in, flow_m3s=check.flow_m3s, closely=True)
    away_m = np.abs(found.after.head_m - check.after.head_m)
    return found.after.converged and float(np.nanmax(away_m, initial=0.0)) <= SAME_HEAD_M


def _drawn(
    session: Session, tie_in: TieIn, tapped: Tapped, service: Service, *, flow_m3s: float
) -> tuple[Tapped, Solution, tuple[float, float]]:
    """
    The same with demands drawn by pressure; what is not drawn before and after [m3/s].

    On a pipe the applicant draws from both ends in the shares that balance the two halves when all is drawn.
    """
    node, index = node_of(session, tie_in), session.index
    if node is not None:
        shares = {node: 1.0}
    else:
        link = pipe_of(session, tie_in)
        entering = (tapped.start_flow_m3s or 0.0) - float(tapped.after.flow_m3s[link])
        share = entering / flow_m3s if flow_m3s else 1.0 - tie_in.fraction
        shares = {int(index.link_start[link]): share, int(index.link_end[link]): 1.0 - share}
    before = solve_by_pressure(session, service)
    after = solve_by_pressure(
        session, service, extra_m3s={n: flow_m3s * share for n, share in shares.items()}
    )
    asked = np.where(index.is_junction & index.is_fed, np.maximum(index.demand_m3s, 0.0), 0.0)
    missing = (
        float(np.maximum(asked - before.drawn_m3s, 0.0).sum()),
        float(max(asked.sum() + flow_m3s - np.maximum(after.drawn_m3s, 0.0).sum(), 0.0)),
    )
    before_m = _head_m(session, tie_in, before.state, given_m3s=0.0)
    after_m = _head_m(session, tie_in, after.state, given_m3s=next(iter(shares.values())) * flow_m3s)
    whole = replace(
        tapped,
        head_before_m=before_m,
        head_after_m=after_m,
        after=after.state,
        start_flow_m3s=None,
        end_flow_m3s=None,
    )
    return whole, before.state, missing


def _head_m(session: Session, tie_in: TieIn, state: Solution, *, given_m3s: float) -> float:
    """Head at a tie-in [m]; `given_m3s` is what its start node gives in a solve where the pipe is whole."""
    node = node_of(session, tie_in)
    if node is not None:
        return float(state.head_m[node])
    link = pipe_of(session, tie_in)
    entering = float(state.flow_m3s[link]) + given_m3s
    loss_m = law_of(session, link).part(tie_in.fraction).loss_m(entering)
    return float(state.head_m[int(session.index.link_start[link])]) - loss_m


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
