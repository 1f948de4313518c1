"""
Outages 停水影响: what the network loses without each of its pipes, in the peak hour.

Bridges come from the graph; every other pipe is taken out and the heads are found again where they change (no linear
screening: detours carry little water before, so tangents there say nothing). Where a device would switch, EPANET
solves the network with the pipe shut. Demand is drawn by pressure after Wagner: all of it from the required pressure
on, none below the least, the square root between, judged at the heads of full demand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gis.progress import SILENT
from hydraulics.errors import HydraulicsError
from hydraulics.supplied.fed import open_by_command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gis.progress import Progress
    from hydraulics.capacity import Spread
    from hydraulics.gga.laws import Array
    from hydraulics.gga.removal import Served, Walk
    from hydraulics.gga.system import System
    from hydraulics.results import FloatArray
    from hydraulics.session import Session

_CHUNK = 2000
_BRANCH_M, _BALANCE_M = 0.0075, 1e-4


@dataclass(frozen=True)
class Service:
    """Pressure with which all of a demand is drawn, and below which nothing is [m]."""

    required_pressure_m: float
    least_pressure_m: float = 0.0


@dataclass(frozen=True)
class Outages:
    """
    What is lost beyond the base state without each link.

    Attributes
    ----------
    links
        Their positions in the model.
    unserved_m3s
        Peak demand that is no longer drawn: cut off, or by too little pressure.
    cut_off_m3s
        The part of it that no water reaches.
    customers_out_count
        Customers cut off, or pushed below the required pressure.
    worst_nodes, worst_pressure_m
        The supplied junction with demand that is left lowest among those the outage reaches (-1, NaN: it reaches none).
    is_bridge, by_epanet
        How it was found.
    """

    links: NDArray[np.int64]
    unserved_m3s: FloatArray
    cut_off_m3s: FloatArray
    customers_out_count: FloatArray
    worst_nodes: NDArray[np.int64]
    worst_pressure_m: FloatArray
    is_bridge: NDArray[np.bool_]
    by_epanet: NDArray[np.bool_]


def pipe_outages(
    session: Session,
    service: Service,
    *,
    customer_count: FloatArray | None = None,
    links: Sequence[int] | None = None,
    spread: Spread = map,
    progress: Progress = SILENT,
) -> Outages:
    """
    Give the effect of losing each of the given links, of all pipes where none are given.

    `customer_count` holds how many stand at every node; without it a junction with demand counts as one. `spread` may
    be the `map` of a thread pool: the loops do not hold the interpreter.
    """
    count = session.model.tables.pipe_count
    wanted = np.arange(count) if links is None else np.asarray(links, dtype=np.int64)
    if customer_count is None:
        customer_count = (session.index.demand_m3s > 0).astype(np.float64)
    answer = _nothing_lost(wanted)
    left = _Quick(session, service, customer_count, answer, spread).answer(progress)
    for done, place in enumerate(left):
        progress.step("outages-epanet", done, len(left))
        _by_epanet(session, service, customer_count, answer, int(place))
    return answer


def _nothing_lost(links: NDArray[np.int64]) -> Outages:
    count = len(links)
    return Outages(
        links, np.zeros(count), np.zeros(count), np.zeros(count), np.full(count, -1, dtype=np.int64),
        np.full(count, np.nan), np.zeros(count, dtype=bool), np.zeros(count, dtype=bool),
    )  # fmt: skip


class _Quick:
    """Our own solver's part of the answer."""

    def __init__(
        self, session: Session, service: Service, customer_count: FloatArray, answer: Outages, spread: Spread
    ) -> None:
        self._session, self._service, self._customer_count = session, service, customer_count
        self._answer, self._spread = answer, spread

    def answer(self, progress: Progress) -> NDArray[np.int64]:
        """Fill in what can be told quickly; the places that are EPANET's."""
        from hydraulics.gga.system import system_of

        links, session = self._answer.links, self._session
        carries = np.abs(session.base.flow_m3s[links]) > 0
        try:
            system = system_of(session)
        except HydraulicsError:
            return np.flatnonzero(carries)
        law_of = np.full(len(session.index.link_ids), -1, dtype=np.int64)
        law_of[system.link] = np.arange(len(system.link))
        places = np.flatnonzero(law_of[links] >= 0)
        return self._by_chunks(system, places, law_of[links[places]], progress)

    def _by_chunks(
        self, system: System, places: NDArray[np.int64], laws: NDArray[np.int64], progress: Progress
    ) -> NDArray[np.int64]:
        served, walk = self._served(system), walk_of(self._session, system)
        is_bridge = walk.through[laws] >= 0
        # Nothing but a device that is shut now leads around these: whether it opens is EPANET's to tell.
        stranded = (walk_of(self._session, system, through_valves=False).through[laws] >= 0) & ~is_bridge
        looped = ~is_bridge & ~stranded
        self._behind(served, walk, places[is_bridge], laws[is_bridge])
        unsure = self._around(system, served, places[looped], laws[looped], progress)
        return np.sort(np.concatenate([places[stranded], unsure]))

    def _around(
        self,
        system: System,
        served: Served,
        places: NDArray[np.int64],
        laws: NDArray[np.int64],
        progress: Progress,
    ) -> NDArray[np.int64]:
        """Answer for pipes that water can go around; the places where a device would switch."""
        from hydraulics.gga.desk import new_desk
        from hydraulics.gga.removal import removals
        from hydraulics.gga.solver import SWITCH_MARGIN_M, LocalSolver

        base, count = LocalSolver(system).base, len(laws)
        lost, customers, lowest = np.zeros(count), np.zeros(count), np.zeros(count)
        worst, is_sure = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=bool)

        def remove(start: int) -> None:
            part, desk = slice(start, start + _CHUNK), new_desk(base)
            removals(
                base, desk, system.devices, served, laws[part], _BRANCH_M, _BALANCE_M, SWITCH_MARGIN_M,
                lost[part], customers[part], worst[part], lowest[part], is_sure[part],
            )  # fmt: skip

        for done, _ in enumerate(self._spread(remove, range(0, count, _CHUNK))):
            progress.step("outages", min(done * _CHUNK, count), count)
        progress.step("outages", count, count)
        answer, seen = self._answer, worst >= 0
        answer.unserved_m3s[places], answer.customers_out_count[places] = lost, customers
        answer.worst_nodes[places[seen]] = system.node[worst[seen]]
        answer.worst_pressure_m[places[seen]] = lowest[seen]
        return places[~is_sure]

    def _behind(self, served: Served, walk: Walk, places: Array, laws: Array) -> None:
        """Tell what bridges cut off: everything that the walk reached through them; pressures elsewhere only rise."""
        from hydraulics.gga.removal import share_served

        now = [share_served(p, served.required_m, served.least_m) for p in served.pressure[walk.row]]
        drawn = np.concatenate([[0.0], np.cumsum(served.demand[walk.row] * now)])
        there = np.concatenate([[0.0], np.cumsum(served.customers[walk.row])])
        behind, answer = walk.through[laws], self._answer
        start, end = walk.order[behind], walk.end[behind]
        answer.is_bridge[places] = True
        answer.cut_off_m3s[places] = drawn[end] - drawn[start]
        answer.unserved_m3s[places] = answer.cut_off_m3s[places]
        answer.customers_out_count[places] = there[end] - there[start]

    def _served(self, system: System) -> Served:
        from hydraulics.gga.removal import Served

        index, base = self._session.index, self._session.base
        demand = np.where(index.is_junction, np.maximum(index.demand_m3s, 0.0), 0.0)[system.node]
        return Served(
            demand, np.where(demand > 0, self._customer_count[system.node], 0.0), base.pressure_m[system.node],
            self._service.required_pressure_m, self._service.least_pressure_m,
            self._session.model.tables.options.specific_gravity_ratio,
        )  # fmt: skip


def walk_of(session: Session, system: System, *, through_valves: bool = True) -> Walk:
    """
    Walk the network from its fixed heads.

    Devices without a law now (valves that hold a pressure or a flow, shut check valves, idle pumps) lead on like
    pipes, for water may come that way once a pipe is gone; without `through_valves` they end the walk.
    """
    from hydraulics.gga.removal import Walk, walk_from

    tables, rows = session.model.tables, len(system.node)
    if through_valves:
        can_carry = open_by_command(tables)
        can_carry[system.link] = False
        held = np.flatnonzero(can_carry)
        ends = system.row[tables.link_start[held]], system.row[tables.link_end[held]]
        fixed = system.row[tables.junction_count : len(tables.node_ids)]
    else:
        held, ends = np.empty(0, dtype=np.int64), (np.empty(0, dtype=np.int64),) * 2
        fixed = np.arange(system.unknowns, rows)
    both, fixed = (ends[0] >= 0) & (ends[1] >= 0), fixed[fixed >= 0]
    first = np.concatenate([system.grid.first, ends[0][both], np.full(len(fixed), rows)])
    second = np.concatenate([system.grid.second, ends[1][both], fixed])
    at = np.concatenate([first, second])
    edges = np.tile(np.arange(len(first)), 2)[np.argsort(at, kind="stable")]
    start = np.zeros(rows + 2, dtype=np.int64)
    np.cumsum(np.bincount(at, minlength=rows + 1), out=start[1:])
    order, end, row_at, through = walk_from(start, edges, first, second, rows)
    # The place beside the fixed heads stands first and holds no demand of its own.
    reached = row_at[: int(end[rows])]
    return Walk(order[:rows] - 1, end[:rows] - 1, reached[1:], through[: len(system.grid.first)])


def _by_epanet(
    session: Session, service: Service, customer_count: FloatArray, answer: Outages, place: int
) -> None:
    """One outage solved by EPANET with the link shut; what no water reaches is cut off."""
    index, base = session.index, session.base
    after = session.solve_without([int(answer.links[place])])
    demand = np.where(index.is_junction, np.maximum(index.demand_m3s, 0.0), 0.0)
    before_share = shares(base.pressure_m, service)
    lost = demand * np.clip(before_share - shares(after.pressure_m, service), None, 1.0)
    dry = np.isnan(after.head_m) & np.isfinite(base.head_m)
    below = (base.pressure_m >= service.required_pressure_m) & ~(
        after.pressure_m >= service.required_pressure_m
    )
    asked = np.flatnonzero((demand > 0) & np.isfinite(after.head_m))
    worst = asked[np.argmin(after.pressure_m[asked])] if len(asked) else -1
    answer.unserved_m3s[place] = lost.sum()
    answer.cut_off_m3s[place] = (demand * before_share)[dry].sum()
    answer.customers_out_count[place] = customer_count[(below | dry) & (demand > 0)].sum()
    answer.worst_nodes[place] = worst
    answer.worst_pressure_m[place] = after.pressure_m[worst] if worst >= 0 else np.nan
    answer.by_epanet[place] = True


def shares(pressure_m: FloatArray, service: Service) -> FloatArray:
    span_m = service.required_pressure_m - service.least_pressure_m
    share = np.clip((np.nan_to_num(pressure_m, nan=-1e9) - service.least_pressure_m) / span_m, 0.0, 1.0)
    return np.sqrt(share)
