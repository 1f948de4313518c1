"""Shutting segments with our own solver: all links of a segment gone at once, the heads found where they change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hydraulics.closures.service import asked_m3s
from hydraulics.gga.closing import Cuts, shut_each, shut_off
from hydraulics.gga.desk import new_desk
from hydraulics.gga.local import clear
from hydraulics.gga.removal import Served
from hydraulics.gga.solver import SWITCH_MARGIN_M, LocalSolver
from hydraulics.gga.system import system_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.progress import Progress
    from hydraulics.capacity import Spread
    from hydraulics.closures.graph import SegmentGraph
    from hydraulics.closures.loss import Loss
    from hydraulics.closures.plan import ValvePlan
    from hydraulics.closures.service import Customers
    from hydraulics.gga.system import System
    from hydraulics.outages import Service
    from hydraulics.session import Session

    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

# Heads to some two centimetres: what a segment takes from its neighbours is then right to a thousandth.
_BRANCH_M, _BALANCE_M = 0.02, 5e-4
_CHUNK = 250


class LocalClosures:
    """
    Our own solver's part of the answers. Not for two threads at once.

    Raises
    ------
    HydraulicsError
        `local-unsupported`: the model has what this solver does not follow.
    """

    def __init__(
        self, session: Session, plan: ValvePlan, graph: SegmentGraph, service: Service, customers: Customers
    ) -> None:
        system = system_of(session)
        self._system, self._graph = system, graph
        self._base = LocalSolver(system).base
        self._desk, self._cuts = new_desk(self._base), _cuts(system, plan, graph)
        self._row_of = _first_rows(self._cuts, graph.count)
        self._served = Served(
            asked_m3s(session)[system.node], customers.at_node_count[system.node], session.base.pressure_m[system.node],
            service.required_pressure_m, service.least_pressure_m, session.model.tables.options.specific_gravity_ratio,
        )  # fmt: skip

    def ask(self, shut: IntArray, part: IntArray, dry: BoolArray) -> tuple[float, float, int, float] | None:
        """
        Give what shutting some segments does where water still comes; None where EPANET must tell.

        `part` numbers the connected parts of the segments that are left, `dry` says which have no water.
        (demand lost elsewhere [m3/s], customers below, lowest node, its pressure [m])
        """
        loose = np.flatnonzero(dry & (self._row_of >= 0) & ~np.isin(np.arange(len(dry)), shut))
        _, one_each = np.unique(part[loose], return_index=True)
        rows = self._row_of[loose[one_each]]
        try:
            sure, lost, low, worst, lowest = shut_off(
                self._base, self._desk, self._system.devices, self._served, self._cuts, shut, rows,
                np.append(dry, False), _BRANCH_M, _BALANCE_M, SWITCH_MARGIN_M,
            )  # fmt: skip
        finally:
            clear(self._base, self._desk)
        return (float(lost), float(low), *self._worst(worst, lowest)) if sure else None

    def _worst(self, row: Any, pressure_m: Any) -> tuple[int, float]:
        return (int(self._system.node[row]), float(pressure_m)) if row >= 0 else (-1, float("nan"))

    def each(
        self, wanted: IntArray, answers: list[Loss], progress: Progress, *, spread: Spread = map
    ) -> IntArray:
        """Complete the answers of some segments, shut one at a time; those that are EPANET's."""
        count = len(wanted)
        lost, low, lowest = np.zeros(count), np.zeros(count), np.zeros(count)
        worst, is_sure = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=bool)

        def shut(start: int) -> None:
            part, desk = slice(start, start + _CHUNK), new_desk(self._base)
            shut_each(
                self._base, desk, self._system.devices, self._served, self._graph.tree, self._cuts, wanted[part],
                _BRANCH_M, _BALANCE_M, SWITCH_MARGIN_M, lost[part], low[part], worst[part], lowest[part], is_sure[part],
            )  # fmt: skip

        for done, _ in enumerate(spread(shut, range(0, count, _CHUNK))):
            progress.step("segments", min(done * _CHUNK, count), count)
        progress.step("segments", count, count)
        for at in np.flatnonzero(is_sure):
            node, pressure_m = self._worst(worst[at], lowest[at])
            answers[wanted[at]] = replace(
                answers[wanted[at]], low_m3s=float(lost[at]), low_count=float(low[at]), worst_node=node,
                worst_pressure_m=pressure_m, method="local",
            )  # fmt: skip
        return wanted[~is_sure]


def _cuts(system: System, plan: ValvePlan, graph: SegmentGraph) -> Cuts:
    segments = plan.segments
    segment = segments.node[system.node]
    laws = np.arange(len(system.link))
    of = np.concatenate([segments.link[system.link], segment[system.grid.first], segment[system.grid.second]])
    pairs = np.unique(np.column_stack([of, np.tile(laws, 3)]), axis=0)
    rows = np.arange(system.unknowns)
    order = np.argsort(segment[rows], kind="stable").astype(np.int64)
    row_start = _starts(segment[rows], segments.count)
    law_start = _starts(pairs[:, 0], segments.count)
    next_row, next_place = _next(graph, order, row_start)
    return Cuts(
        law_start, np.ascontiguousarray(pairs[:, 1]), row_start, order, segment.astype(np.int64), next_row, next_place
    )  # fmt: skip


def _starts(group: IntArray, count: int) -> IntArray:
    start = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(group, minlength=count), out=start[1:])
    return start


def _next(graph: SegmentGraph, row: IntArray, row_start: IntArray) -> tuple[IntArray, IntArray]:
    """For every place of the walk a row there or at the first place after it, and that place."""
    at = graph.tree.at
    own = np.full(len(at), -1, dtype=np.int64)
    inner = np.flatnonzero((at >= 0) & (at < graph.count))
    has = row_start[at[inner] + 1] > row_start[at[inner]]
    own[inner[has]] = row[row_start[at[inner[has]]]]
    places = np.where(own >= 0, np.arange(len(at)), len(at))
    place = np.minimum.accumulate(places[::-1])[::-1]
    return np.append(own, -1)[place], place


def _first_rows(cuts: Cuts, count: int) -> IntArray:
    """Shape (segments,): a row of each, -1 for none."""
    has = cuts.row_start[1:] > cuts.row_start[:-1]
    rows = np.full(count, -1, dtype=np.int64)
    rows[has] = cuts.row[cuts.row_start[:-1][has]]
    return rows
