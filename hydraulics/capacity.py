"""
Capacity map 余量图: the largest extra peak demand of every junction that keeps every customer's pressure.

Found by our own solver about the base state; where a device switches on the way, or the model has what that solver
does not follow, by bisection with EPANET. What is published has been tried with plain EPANET (see `verify`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from gis.progress import SILENT
from hydraulics.errors import HydraulicsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gis.progress import Progress
    from hydraulics.gga.bordered import Limits
    from hydraulics.gga.desk import Base
    from hydraulics.gga.reach import Reach
    from hydraulics.gga.system import System
    from hydraulics.results import FloatArray
    from hydraulics.session import Session

Spread = Callable[[Callable[[int], None], Iterable[int]], Iterable[None]]
_CHUNK, _PIECE = 200, 2000
_BRANCH_M, _BALANCE_M = 0.005, 2e-5
# Looser ones add up over a large city: 0.1 mm of balance promised 1.4 % too much at 100,000 pipes.
_ALIKE_M, _CLOSE_BALANCE_M = 5e-4, 1e-5
_SAME_HEAD_M = 1e-4
_NEAR_LIMIT_M = 0.006  # closer to a limit than heads are sure to
_CLOSE_SHARE, _CLOSE_M3S = 0.002, 1e-6
_NEAR_M3S = 2e-5


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
    from hydraulics.spare.tour import tour_order

    index = session.index
    wanted = np.flatnonzero(index.is_junction) if nodes is None else np.asarray(nodes, dtype=np.int64)
    order = np.argsort(tour_order(session)[wanted], kind="stable")
    found = Finder(session, rule).answer(wanted[order], progress=progress)
    back = np.argsort(order, kind="stable")
    return Capacities(
        wanted,
        found.capacity_m3s[back],
        found.limiting_nodes[back],
        found.limits[back],
        found.by_epanet[back],
    )


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

    index, demands = session.index, demands_of(session, rule)
    takes, unsure = (
        np.zeros(len(index.node_ids), dtype=bool),
        index.is_junction & np.isfinite(session.base.head_m),
    )
    if nodes is not None:
        unsure &= np.isin(np.arange(len(unsure)), nodes)
    system = system_of(session)
    if system is not None:
        base, limits = _prepared(system, demands, by_spread=False)
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


class Finder:
    """
    Finds capacities by one rule, the quick way first; made once and asked for some places at a time.

    Attributes
    ----------
    system
        The equations; None where the model has what our own solver does not follow, and EPANET answers alone.
    """

    def __init__(self, session: Session, rule: CapacityRule, *, system: System | None = None) -> None:
        self._session, self._rule = session, rule
        self._demands = demands_of(session, rule)
        self._bisection = Bisection(session, self._demands, rule)
        self.system = system if system is not None else system_of(session)
        if self.system is not None:
            from hydraulics.gga.branches import branches_of, new_trail
            from hydraulics.gga.desk import new_desk

            self._base, self._limits = _prepared(self.system, self._demands, by_spread=True)
            self._desk, self._trail = new_desk(self._base), new_trail()
            held = np.concatenate(
                [
                    self.system.devices.first,
                    self.system.devices.second,
                    self.system.pinned.held,
                    self.system.pinned.other,
                ]
            )
            self._branches = branches_of(self._base, self._limits.spare, held)

    def answer(
        self, nodes: NDArray[np.int64], *, reach: Reach | None = None, progress: Progress = SILENT
    ) -> Capacities:
        """
        Give the capacity of junctions, in their order; neighbours should follow each other.

        `reach` takes note of what the answers lean on. The same nodes in the same order give the same figures,
        whatever was asked before.
        """
        found = _Answer(nodes)
        wet = np.flatnonzero(np.isfinite(self._session.base.head_m[nodes]))
        left = wet if self.system is None else self._quickly(found, wet, reach, progress)
        if len(left) and reach is not None:
            reach.influence[-1] = np.inf
        self._session.forget()
        for done, place in enumerate(left):
            progress.step("capacity-epanet", done, len(left))
            found.take(place, *self._bisection.capacity(int(nodes[place])))
        return found.capacities(self._demands.is_below, np.isfinite(self._session.base.head_m[nodes]))

    def _quickly(
        self, found: _Answer, places: NDArray[np.int64], reach: Reach | None, progress: Progress
    ) -> NDArray[np.int64]:
        """Answer what our own solver can; the places that are left."""
        from hydraulics.gga import bordered
        from hydraulics.gga.reach import NO_REACH
        from hydraulics.gga.solver import SWITCH_MARGIN_M

        system = self.system
        assert system is not None
        rows = system.row[found.nodes[places]]
        inside = (rows >= 0) & (rows < system.unknowns)
        asked = bordered.Asked(_ALIKE_M, _CLOSE_BALANCE_M, self._rule.cap_m3s, SWITCH_MARGIN_M)
        chosen, rows = places[inside], rows[inside]
        outcome = np.zeros(len(rows), dtype=np.int64)
        for start in range(0, len(rows), _CHUNK):
            progress.step("capacity", start, len(rows))
            part = slice(start, start + _CHUNK)
            flow, which = np.zeros(len(rows[part])), np.zeros(len(rows[part]), dtype=np.int64)
            bordered.capacities(
                self._base, self._desk, system.devices, self._limits, asked, self._branches, self._trail, rows[part], flow,
                which, outcome[part], reach or NO_REACH,
            )  # fmt: skip
            found.fill(chosen[part], flow, system.node[which], outcome[part] == bordered.AT_CAP)
        progress.step("capacity", len(rows), len(rows))
        doubtful = chosen[outcome > bordered.AT_CAP]
        return np.sort(np.concatenate([places[~inside], doubtful]))


class _Answer:
    """The arrays of an answer while it is found."""

    def __init__(self, nodes: NDArray[np.int64]) -> None:
        self.nodes = nodes
        self._capacity_m3s = np.zeros(len(nodes))
        self._limiting = np.full(len(nodes), -1, dtype=np.int64)
        self._by_epanet = np.zeros(len(nodes), dtype=bool)

    def fill(
        self, places: NDArray[np.int64], flow_m3s: NDArray[np.float64], limiting: NDArray[np.int64], at_cap: NDArray[np.bool_]
    ) -> None:  # fmt: skip
        self._capacity_m3s[places] = flow_m3s
        self._limiting[places] = np.where(at_cap, -1, limiting)

    def take(self, place: int, flow_m3s: float, limiting: int) -> None:
        self._capacity_m3s[place], self._limiting[place], self._by_epanet[place] = flow_m3s, limiting, True

    def capacities(self, is_below: NDArray[np.bool_], wet: NDArray[np.bool_]) -> Capacities:
        named = np.where(is_below[np.maximum(self._limiting, 0)], "no-worse", "pressure")
        own = np.where(self._limiting == self.nodes, "own-", "")
        words = np.strings.add(own.astype("U16"), named)
        words = np.where(self._limiting < 0, "cap", words)
        words = np.where(wet, words, "no-water")
        return Capacities(self.nodes, self._capacity_m3s, self._limiting, words, self._by_epanet)


def system_of(session: Session) -> System | None:
    """Give the session's equations, None where our own solver does not follow the model."""
    from hydraulics.gga.system import build_system

    try:
        return build_system(session)
    except HydraulicsError:
        return None


def _prepared(system: System, demands: Demands, *, by_spread: bool) -> tuple[Base, Limits]:
    """Base state and limits; `by_spread`: branches that move as one are left out, however far they move."""
    from hydraulics.gga.bordered import Limits, anchored, branch_spare
    from hydraulics.gga.solver import LocalSolver

    spare_m, own_m = demands.spare_m[system.node], demands.own_m[system.node]
    base = LocalSolver(system).base._replace(spare=branch_spare(system.shape.parent, spare_m))
    if by_spread:
        base = base._replace(anchored=anchored(system.shape.parent, system.grid))
    return base, Limits(spare_m, own_m)


class Bisection:
    """
    The same question asked of EPANET alone, cold where the model has devices.

    With `cold` every solve starts as from a freshly opened file.
    """

    def __init__(self, session: Session, demands: Demands, rule: CapacityRule, *, cold: bool = False) -> None:
        self._session, self._cap_m3s, self._cold = session, rule.cap_m3s, cold
        self._lowest_m = session.base.head_m - demands.spare_m - _SAME_HEAD_M
        self._own_m = session.base.head_m - demands.own_m - _SAME_HEAD_M

    def failing(self, node: int, flow_m3s: float) -> int | None:
        """The junction that fails most with `flow_m3s` more at `node`, None when all hold."""
        if self._cold:
            self._session.forget()
        head_m = self._session.solve({node: flow_m3s}).head_m
        short_m = np.where(np.isfinite(self._lowest_m), self._lowest_m - head_m, -np.inf)
        short_m[node] = max(short_m[node], self._own_m[node] - head_m[node])
        # A junction that water no longer reaches fails before any other.
        short_m[np.isnan(short_m)] = np.inf
        worst = int(np.argmax(short_m))
        return worst if short_m[worst] > 0 else None

    def capacity(self, node: int, *, near_m3s: float | None = None) -> tuple[float, int]:
        """
        Largest demand that all bear [m3/s], and who fails just above it (-1 at the cap).

        `near_m3s` is where it is believed to be: fewer solves when that is about right.
        """
        low, high, limiting = self._bracket(node, near_m3s)
        if low >= self._cap_m3s:
            return self._cap_m3s, -1
        while high - low > _CLOSE_SHARE * low + _CLOSE_M3S:
            middle = 0.5 * (low + high)
            fails = self.failing(node, middle)
            if fails is None:
                low = middle
            else:
                high, limiting = middle, fails
        return low, limiting

    def _bracket(self, node: int, near_m3s: float | None) -> tuple[float, float, int]:
        """Demand that all bear, one that somebody does not, and who."""
        low, high, limiting, wide = 0.0, self._cap_m3s, node, 0.01
        while near_m3s is not None and wide < 1.0:
            less, more = near_m3s * (1.0 - wide) - _NEAR_M3S, near_m3s * (1.0 + wide) + _NEAR_M3S
            if low < less and self.failing(node, less) is None:
                low = less
            if high > more and (fails := self.failing(node, more)) is not None:
                high, limiting = more, fails
            if low >= less and high <= more:
                return low, high, limiting
            wide *= 4.0
        if high == self._cap_m3s and (fails := self.failing(node, high)) is None:
            return high, high, -1
        return low, high, limiting
