"""
Capacity map 余量图: the largest extra peak demand of every junction that keeps every customer's pressure.

Found by our own solver about the base state; where a device switches on the way, or the model has what that solver
does not follow, by bisection with EPANET. What is published has been tried with plain EPANET (see `verify`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from gis.progress import SILENT
from hydraulics.errors import HydraulicsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gis.progress import Progress
    from hydraulics.gga.bordered import Limits
    from hydraulics.gga.desk import Base
    from hydraulics.gga.system import System
    from hydraulics.results import FloatArray
    from hydraulics.session import Session

Limit = Literal["pressure", "no-worse", "cap", "no-water", "own-pressure", "own-no-worse"]
Spread = Callable[[Callable[[int], None], Iterable[int]], Iterable[None]]
_CHUNK, _PIECE = 200, 2000
_BRANCH_M, _BALANCE_M = 0.005, 1e-4
_SAME_HEAD_M = 1e-4
_NEAR_LIMIT_M = 0.006  # closer to a limit than heads are sure to
_CLOSE_SHARE, _CLOSE_M3S = 0.002, 1e-6


@dataclass(frozen=True)
class CapacityRule:
    """
    What must hold while more is drawn.

    Attributes
    ----------
    required_pressure_m
        Every junction with demand, and the one that draws, keeps this if it had it.
    no_worse_m
        One already below it may lose this much.
    cap_m3s
        Nobody asks about more.
    """

    required_pressure_m: float
    no_worse_m: float = 0.5
    cap_m3s: float = 0.5


@dataclass(frozen=True)
class Capacities:
    """
    Answers for some junctions.

    Attributes
    ----------
    nodes
        Their positions in the model.
    capacity_m3s
        Largest constant extra demand there.
    limiting_nodes
        The junction that would fail first, -1 where none does.
    limits
        Which limit that is: `own-…` is the junction itself, the others a neighbour; `cap`, or `no-water`.
    by_epanet
        True where EPANET found it, because a device switches on the way.
    """

    nodes: NDArray[np.int64]
    capacity_m3s: FloatArray
    limiting_nodes: NDArray[np.int64]
    limits: NDArray[np.str_]
    by_epanet: NDArray[np.bool_]


@dataclass(frozen=True)
class Demands:
    """Head that every node may lose [m]: `spare_m` as somebody's supply (inf: nobody's), `own_m` as the one that draws."""

    spare_m: FloatArray
    own_m: FloatArray
    is_below: NDArray[np.bool_] = field(repr=False)


def demands_of(session: Session, rule: CapacityRule) -> Demands:
    """Give what the rule asks of every node of the base state."""
    index, base = session.index, session.base
    is_below = ~(base.pressure_m >= rule.required_pressure_m)
    density = session.model.tables.options.specific_gravity_ratio
    spare_m = (base.pressure_m - rule.required_pressure_m) / density
    own_m = np.where(is_below, rule.no_worse_m, spare_m)
    asked = index.is_junction & (index.demand_m3s > 0) & np.isfinite(base.head_m)
    return Demands(np.where(asked, own_m, np.inf), own_m, is_below)


def capacities(
    session: Session,
    rule: CapacityRule,
    *,
    nodes: Sequence[int] | None = None,
    progress: Progress = SILENT,
) -> Capacities:
    """
    Give the capacity of the given junctions, of all where none are given.

    Within 1 % + 0.05 L/s of what bisection with EPANET gives; 0 where no water arrives.
    """
    index = session.index
    wanted = np.flatnonzero(index.is_junction) if nodes is None else np.asarray(nodes, dtype=np.int64)
    demands = demands_of(session, rule)
    finder = _Finder(session, rule, demands, len(wanted))
    wet = np.isfinite(session.base.head_m[wanted])
    finder.answer(np.flatnonzero(wet), wanted, progress)
    limits = finder.limits(wanted, wet)
    return Capacities(wanted, finder.capacity_m3s, finder.limiting, limits, finder.by_epanet)


def can_take(
    session: Session, rule: CapacityRule, flow_m3s: float, *, nodes: Sequence[int] | None = None,
    spread: Spread = map, progress: Progress = SILENT,
) -> NDArray[np.bool_]:  # fmt: skip
    """
    Shape (nodes,): whether every limit of the rule holds when `flow_m3s` more is drawn at that junction alone.

    Asked of the given junctions, of all where none are given; False for those that are not asked about, are no
    junction or have no water. What is close to a limit, and what a device may decide, is
    solved with EPANET. `spread` may be the `map` of a thread pool: the loops do not hold the interpreter.
    """
    from hydraulics.gga import bordered
    from hydraulics.gga.desk import new_desk
    from hydraulics.gga.system import build_system

    index, demands = session.index, demands_of(session, rule)
    takes, unsure = (
        np.zeros(len(index.node_ids), dtype=bool),
        index.is_junction & np.isfinite(session.base.head_m),
    )
    if nodes is not None:
        unsure &= np.isin(np.arange(len(unsure)), nodes)
    try:
        system = build_system(session)
    except HydraulicsError:
        system = None
    if system is not None:
        base, limits = _prepared(system, demands)
        rows = np.flatnonzero(unsure[system.node[: system.unknowns]])
        answer = np.zeros(len(rows), dtype=np.int64)
        asked = bordered.Asked(_BRANCH_M, _BALANCE_M, rule.cap_m3s, _NEAR_LIMIT_M)

        def judge(start: int) -> None:
            progress.step("can-take", start, len(rows))
            part, desk = slice(start, start + _PIECE), new_desk(base)
            bordered.can_take(base, desk, system.devices, limits, asked, rows[part], flow_m3s, answer[part])

        deque(spread(judge, range(0, len(rows), _PIECE)), maxlen=0)
        asked_nodes = system.node[rows]
        takes[asked_nodes], unsure[asked_nodes] = answer == bordered.YES, answer == bordered.UNSURE
    bisection = Bisection(session, demands, rule)
    for node in np.flatnonzero(unsure):
        takes[node] = bisection.failing(int(node), flow_m3s) is None
    return takes


class _Finder:
    """Fills the arrays of an answer, the quick way first."""

    def __init__(self, session: Session, rule: CapacityRule, demands: Demands, count: int) -> None:
        self._session, self._rule, self._demands = session, rule, demands
        self.capacity_m3s = np.zeros(count)
        self.limiting = np.full(count, -1, dtype=np.int64)
        self.by_epanet = np.zeros(count, dtype=bool)
        self._at_cap = np.zeros(count, dtype=bool)

    def answer(self, places: NDArray[np.int64], wanted: NDArray[np.int64], progress: Progress) -> None:
        left = self._quickly(places, wanted, progress)
        bisection = Bisection(self._session, self._demands, self._rule)
        for done, place in enumerate(left):
            progress.step("capacity-epanet", done, len(left))
            node = int(wanted[place])
            self.capacity_m3s[place], self.limiting[place] = bisection.capacity(node)
            self.by_epanet[place] = True
            self._at_cap[place] = self.limiting[place] < 0

    def _quickly(
        self, places: NDArray[np.int64], wanted: NDArray[np.int64], progress: Progress
    ) -> NDArray[np.int64]:
        """Answer what our own solver can; the places that are left."""
        from hydraulics.gga.system import build_system

        try:
            system = build_system(self._session)
        except HydraulicsError:
            return places
        rows = system.row[wanted[places]]
        inside = (rows >= 0) & (rows < system.unknowns)
        order = np.flatnonzero(inside)[np.argsort(rows[inside])]  # neighbours follow each other
        doubtful = self._by_chunks(system, places[order], rows[order], progress)
        return np.sort(np.concatenate([places[~inside], doubtful]))

    def _by_chunks(
        self, system: System, places: NDArray[np.int64], rows: NDArray[np.int64], progress: Progress
    ) -> NDArray[np.int64]:
        from hydraulics.gga import bordered
        from hydraulics.gga.desk import new_desk
        from hydraulics.gga.solver import SWITCH_MARGIN_M

        base, limits = _prepared(system, self._demands)
        desk, count = new_desk(base), len(rows)
        asked = bordered.Asked(_BRANCH_M, _BALANCE_M, self._rule.cap_m3s, SWITCH_MARGIN_M)
        found, which, outcome = (
            np.zeros(count),
            np.zeros(count, dtype=np.int64),
            np.zeros(count, dtype=np.int64),
        )
        for start in range(0, count, _CHUNK):
            progress.step("capacity", start, count)
            part = slice(start, start + _CHUNK)
            bordered.capacities(
                base, desk, system.devices, limits, asked, rows[part], found[part], which[part], outcome[part]
            )
        progress.step("capacity", count, count)
        sure = outcome <= bordered.AT_CAP
        self.capacity_m3s[places[sure]] = found[sure]
        self._at_cap[places] = outcome == bordered.AT_CAP
        self.limiting[places[sure]] = np.where(self._at_cap[places[sure]], -1, system.node[which[sure]])
        return places[~sure]

    def limits(self, wanted: NDArray[np.int64], wet: NDArray[np.bool_]) -> NDArray[np.str_]:
        below = self._demands.is_below[np.maximum(self.limiting, 0)]
        named = np.where(below, "no-worse", "pressure")
        own = np.where(self.limiting == wanted, "own-", "")
        words = np.strings.add(own.astype("U16"), named)
        words = np.where(self.limiting < 0, "cap", words)
        return np.where(wet, words, "no-water")


def _prepared(system: System, demands: Demands) -> tuple[Base, Limits]:
    from hydraulics.gga.bordered import Limits, branch_spare
    from hydraulics.gga.solver import LocalSolver

    spare_m, own_m = demands.spare_m[system.node], demands.own_m[system.node]
    base = LocalSolver(system).base._replace(spare=branch_spare(system.shape.parent, spare_m))
    return base, Limits(spare_m, own_m)


class Bisection:
    """The same question asked of EPANET alone, cold where the model has devices."""

    def __init__(self, session: Session, demands: Demands, rule: CapacityRule) -> None:
        self._session, self._cap_m3s = session, rule.cap_m3s
        self._lowest_m = session.base.head_m - demands.spare_m - _SAME_HEAD_M
        self._own_m = session.base.head_m - demands.own_m - _SAME_HEAD_M

    def failing(self, node: int, flow_m3s: float) -> int | None:
        """The junction that fails most with `flow_m3s` more at `node`, None when all hold."""
        head_m = self._session.solve({node: flow_m3s}).head_m
        short_m = np.where(np.isfinite(self._lowest_m), self._lowest_m - head_m, -np.inf)
        short_m[node] = max(short_m[node], self._own_m[node] - head_m[node])
        # A junction that water no longer reaches fails before any other.
        short_m[np.isnan(short_m)] = np.inf
        worst = int(np.argmax(short_m))
        return worst if short_m[worst] > 0 else None

    def capacity(self, node: int) -> tuple[float, int]:
        """Largest demand that all bear [m3/s], and who fails just above it (-1 at the cap)."""
        if self.failing(node, self._cap_m3s) is None:
            return self._cap_m3s, -1
        low, high, limiting = 0.0, self._cap_m3s, node
        while high - low > _CLOSE_SHARE * low + _CLOSE_M3S:
            middle = 0.5 * (low + high)
            fails = self.failing(node, middle)
            if fails is None:
                low = middle
            else:
                high, limiting = middle, fails
        return low, limiting
