"""One open EPANET project with its base demand in place: extra demands in, states out. Not for two threads at once."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import numpy as np

from hydraulics.epanet.codes import LinkValue, NodeValue, Option, State, Statistic, Warned
from hydraulics.errors import ModelInputError
from hydraulics.inp.text import TRIALS
from hydraulics.results import Solution
from hydraulics.supplied.fed import FedWatch, fed_nodes, passing
from hydraulics.tables import PipeState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from hydraulics.epanet.engine import Project
    from hydraulics.model import PeakModel
    from hydraulics.results import FloatArray, ModelIndex
    from hydraulics.tables import ModelTables, Tank

_STATELESS_VALVES = ("TCV", "PBV", "GPV")
_SAME_HEAD_M = 0.001
_TANK_MARGIN_M = 0.01
_PUMPS_STRAINED = (State.PUMP_OFF_CURVE, State.PUMP_BEYOND_CURVE)
_VALVES_STRAINED = (State.FLOW_NOT_HELD, State.PRESSURE_NOT_HELD)
_LOSES_ALL, _LEAST_LOSS = 1e12, 1e-9
# A question to a large model stops one or two iterations sooner: losses to a third of a millimetre, not a tenth.
_LARGE_COUNT, _EASED_ACCURACY_RATIO, _EASED_HEAD_ERROR_M = 10_000, 1e-3, 0.0003
# Measured by `measure` it stops sooner still: no head would move further than this. Flows that move more show a head
# that is not there yet, and save the look.
_NEAR_M, _HARDLY_NEAR_RATIO, _MOST_LOOKS = 0.0025, 0.005, 12
# A look costs a fifth of a trial. It spares one or two by Darcy and Weisbach; else two are enough, and are had without.
_LOOKED_AT = ("D-W",)
SAME_HEAD_M_OF_HALVES, _EASED_SAME_HEAD_M_OF_HALVES = 2e-5, 0.001


class Measure(Protocol):
    """What says how far a state is from the balance, without EPANET: `gga.nearness.Nearness`."""

    def away_m(self, head_m: FloatArray, flow_m3s: FloatArray, extra_m3s: Mapping[int, float]) -> float:
        """Give the most that a head of a state as read would still move [m]."""
        ...

    def through_change(self, link: int) -> tuple[float, float] | None:
        """Give the change of a link's flow with demand at its start and at its end, about the base."""
        ...


class Runner:
    """
    Solves scenarios of a model, cold or going on from the last one.

    Attributes
    ----------
    is_warm
        True for a model without devices: it has one solution only, so the way there does not matter. A model with
        pumps, tanks, check or regulating valves is solved cold every time, exactly as a freshly opened file would be.
    converged
        EPANET's own statement on the last run.
    base_state
        Shape (links of the engine,): raw states at the base.
    measure
        What measures how far an answer to a question by itself still is; None while EPANET's own measures are taken.
    base_bare_head_m
        Shape (nodes of the engine,): heads as EPANET left them there, also where no water comes.
    """

    measure: Measure | None = None

    def __init__(
        self, model: PeakModel, index: ModelIndex, project: Project, *, is_solved: bool = False
    ) -> None:
        self._tables, self._index, self._project = model.tables, index, project
        self.is_warm = not has_devices(model.tables)
        self.converged = True
        self._watch = None if self.is_warm else FedWatch(model.tables)
        self._base_lps = model.tables.demand_m3s * 1000.0
        area_m2 = np.pi / 4.0 * index.link_diameter_m**2
        self._area_m2 = np.where(area_m2 > 0, area_m2, np.inf)
        self._moved: set[int] = set()
        self._tight = (project.option(Option.ACCURACY), project.option(Option.HEAD_ERROR))
        # A file that EPANET does not balance to a head error has no measure that holds at any size.
        self.may_ease = self.is_warm and self._tight[1] > 0.0 and len(self._base_lps) > _LARGE_COUNT
        self._seen: tuple[FloatArray, FloatArray] | None = None
        if not is_solved:
            project.open_hydraulics()
            self._solve(cold=True)
        self.base = self.solution()
        self.base_state = project.link_values(LinkValue.STATE)
        self.base_bare_head_m = project.node_values(NodeValue.HEAD)

    def run(self, extra_m3s: Mapping[int, float], *, cold: bool = False) -> None:
        """
        Solve the base state plus `extra_m3s`; an earlier scenario's extra demand is taken away.

        Solved `cold` the figures are the same to the last digit whatever was solved before.
        """
        self.restore()
        self._draw(extra_m3s)
        self._solve(cold=cold or not self.is_warm)
        if not self.converged and self.is_warm:
            self._solve(cold=True)

    def run_once(self, extra_m3s: Mapping[int, float], *, measured: bool = True) -> None:
        """
        As `run` for a question by itself: of a large model heads are right to half a millimetre or so, found sooner.

        Where it may be `measured`, can be, and it pays, they are right to two or three, found sooner still.
        """
        if not (self.may_ease and extra_m3s):
            self.run(extra_m3s)
        elif self.measure is None or not measured or self._tables.options.formula not in _LOOKED_AT:
            with self._asked_for(_EASED_ACCURACY_RATIO, _EASED_HEAD_ERROR_M):
                self.run(extra_m3s)
        elif not self._comes_near(self.measure, extra_m3s):
            self.run(extra_m3s, cold=True)

    @property
    def same_head_m(self) -> float:
        """How far the heads of the two halves of a tapped pipe may differ [m]."""
        return _EASED_SAME_HEAD_M_OF_HALVES if self.may_ease and self.measure else SAME_HEAD_M_OF_HALVES

    def _comes_near(self, measure: Measure, extra_m3s: Mapping[int, float]) -> bool:
        """Solve trial by trial until no head is far from where it must be; False where that takes too long."""
        self.restore()
        self._draw(extra_m3s)
        drawn = {node: flow for node, flow in extra_m3s.items() if self._index.is_junction[node]}
        with self._asked_for(_HARDLY_NEAR_RATIO, 0.0):
            for _ in range(_MOST_LOOKS):
                self._solve(cold=False)
                if not self.converged:
                    return False
                head_m, flow_m3s = self._project.node_values(NodeValue.HEAD), self._flows_m3s()
                if measure.away_m(head_m, flow_m3s, drawn) <= _NEAR_M:
                    self._seen = head_m, flow_m3s
                    return True
        return False

    def _flows_m3s(self) -> FloatArray:
        flow_m3s: FloatArray = self._project.link_values(LinkValue.FLOW) / 1000.0
        return flow_m3s

    @contextmanager
    def _asked_for(self, accuracy_ratio: float, head_error_m: float) -> Iterator[None]:
        self._ask_for(accuracy_ratio, head_error_m)
        try:
            yield
        finally:
            self._ask_for(*self._tight)

    def _ask_for(self, accuracy_ratio: float, head_error_m: float) -> None:
        self._project.tighten(accuracy_ratio=accuracy_ratio, head_error_m=head_error_m, trials=TRIALS)

    def _draw(self, extra_m3s: Mapping[int, float]) -> None:
        for node, flow in extra_m3s.items():
            if not self._index.is_fed[node]:
                raise ModelInputError("tie-in-not-fed", subject=self._index.node_ids[node])
            if self._index.is_junction[node]:
                self._project.set_base_demand(node, float(self._base_lps[node] + flow * 1000.0))
                self._moved.add(node)

    def run_without(
        self, links: Sequence[int], *, dry: Sequence[int] = (), extra_m3s: Mapping[int, float] | None = None
    ) -> Solution:
        """
        Solve the base state with some links shut, cold, and open them again.

        `dry` are nodes that no water reaches then: nothing is drawn there, and they have no head.
        """
        self.restore()
        with self._shut(links):
            self._draw(extra_m3s or {})
            for node in dry:
                if node < self._tables.junction_count:
                    self._project.set_base_demand(node, 0.0)
                    self._moved.add(node)
            self._solve(cold=True)
            return self.solution(shut=links)

    @contextmanager
    def _shut(self, links: Sequence[int]) -> Iterator[None]:
        undo = [action for link in links for action in self._opened_again(link)]
        try:
            for link in links:
                # EPANET lets nobody shut a check valve; one that loses everything carries as good as nothing.
                one_way = self._is_check_valve(link)
                what = LinkValue.MINOR_LOSS if one_way else LinkValue.INITIAL_STATUS
                self._project.set_link_value(link, what, _LOSES_ALL if one_way else 0.0)
            yield
        finally:
            for link, what, figure in undo:
                self._project.set_link_value(link, what, figure)
            self.converged = False  # the next run starts cold

    def _is_check_valve(self, link: int) -> bool:
        states = self._tables.pipe_state
        return bool(link < len(states) and states[link] == PipeState.CHECK_VALVE)

    def _opened_again(self, link: int) -> list[tuple[int, LinkValue, float]]:
        """What makes a link again what it is now: shutting a pump or valve makes EPANET forget its speed or setting."""
        value, tables = self._project.link_value, self._tables
        if self._is_check_valve(link):
            # EPANET refuses a minor loss of nothing, though a file may have it.
            return [(link, LinkValue.MINOR_LOSS, max(value(link, LinkValue.MINOR_LOSS), _LEAST_LOSS))]
        status = value(link, LinkValue.INITIAL_STATUS)
        undo = [(link, LinkValue.INITIAL_STATUS, status)]
        valve = link - tables.pipe_count - len(tables.pumps)
        is_set = valve < 0 or (tables.valves[valve].fixed is None and tables.valves[valve].kind != "GPV")
        if link >= tables.pipe_count and status > 0 and is_set:
            undo.append((link, LinkValue.INITIAL_SETTING, value(link, LinkValue.INITIAL_SETTING)))
        return undo

    @contextmanager
    def by_pressure(self, rule: tuple[float, float, float]) -> Iterator[None]:
        """Let demands be drawn by pressure in here: minimum and required pressure [m] and the exponent between."""
        factor = self._tables.options.specific_gravity_ratio
        self._project.set_demand_model(
            (rule[0] * factor, max(rule[1] * factor, rule[0] * factor + 0.1), rule[2])
        )
        self.converged = False
        try:
            yield
        finally:
            self._project.set_demand_model(self._tables.options.pressure_driven)
            self.converged = False

    def delivered_m3s(self) -> FloatArray:
        """Shape (nodes,): demand drawn in the present state, by pressure where that holds [m3/s]."""
        drawn = self._project.node_values(NodeValue.DEMAND) / 1000.0
        return _padded(drawn, len(self._index.node_ids), 0.0)

    def _solve(self, *, cold: bool) -> None:
        # After a run that failed, nothing the project holds is worth going on from.
        if cold or not self.converged:
            self._project.forget_flows()
        self.converged, self._seen = False, None
        self._project.run()
        self.converged = self._project.statistic(Statistic.ITERATIONS) <= TRIALS

    def restore(self) -> None:
        """Put the base demand back; the next solve takes it."""
        for node in self._moved:
            self._project.set_base_demand(node, float(self._base_lps[node]))
        self._moved.clear()

    def guard(self) -> None:
        """Solve the base state again and start cold if it is no longer what it was."""
        self.restore()
        self._solve(cold=False)
        head_m = self._project.node_values(NodeValue.HEAD)
        away_m = np.abs(head_m - self.base.head_m[: len(head_m)])
        stands = np.array_equal(self._project.link_values(LinkValue.STATE), self.base_state)
        if not (stands and np.nanmax(away_m, initial=0.0) <= _SAME_HEAD_M):
            self._solve(cold=True)

    def flow_m3s(self, link: int) -> float:
        """Flow of one link, from start to end."""
        return self._project.link_value(link, LinkValue.FLOW) / 1000.0

    def solution(self, *, shut: Sequence[int] = ()) -> Solution:
        """Read the whole state; what only the links in `shut` led to has no water."""
        head_m, flow_m3s = self._seen or (self._project.node_values(NodeValue.HEAD), self._flows_m3s())
        head_m[~self._joined(flow_m3s=flow_m3s, shut=shut)] = np.nan
        head_m = _padded(head_m, len(self._index.node_ids), np.nan)
        flow_m3s = _padded(flow_m3s, len(self._index.link_ids), 0.0)
        pressure_m = (head_m - self._index.elevation_m) * self._tables.options.specific_gravity_ratio
        warning = self._project.warning
        return Solution(
            head_m=head_m,
            pressure_m=pressure_m,
            flow_m3s=flow_m3s,
            velocity_mps=np.abs(flow_m3s) / self._area_m2,
            converged=self.converged,
            warnings=(warning,) if warning else (),
            warned_ids=self._warned(Warned(warning), pressure_m) if warning else (),
        )

    def _warned(self, warning: Warned, pressure_m: FloatArray) -> tuple[str, ...]:
        """Ids of what EPANET warns of: it tells them to its report only."""
        index = self._index
        if warning in (Warned.PUMPS, Warned.VALVES):
            wanted = _PUMPS_STRAINED if warning == Warned.PUMPS else _VALVES_STRAINED
            links = np.flatnonzero(np.isin(self._project.link_values(LinkValue.STATE), wanted))
            return tuple(index.link_ids[k] for k in links)
        asked = index.is_junction & (index.demand_m3s > 0)
        lost = np.isnan(pressure_m) if warning == Warned.CUT_OFF else pressure_m < 0
        if warning in (Warned.CUT_OFF, Warned.NEGATIVE):
            nodes = np.flatnonzero(asked & lost)
            return tuple(index.node_ids[n] for n in nodes[np.argsort(pressure_m[nodes], kind="stable")])
        return ()

    def _joined(self, *, flow_m3s: FloatArray, shut: Sequence[int]) -> NDArray[np.bool_]:
        """Nodes fed in this state: a check valve, pump or tank may have shut a part off."""
        if shut:
            states = self._project.link_values(LinkValue.STATE)
            states[list(shut)] = State.CLOSED
            return fed_nodes(self._tables, passing(self._tables, state=states, flow_m3s=flow_m3s))
        if self._watch is None:
            return self._index.is_fed[: len(self._tables.node_ids)]
        states = self._project.some_link_values(self._watch.links, LinkValue.STATE)
        return self._watch.fed(states, flow_m3s=flow_m3s)


def _padded(figures: NDArray[np.floating], count: int, value: float) -> FloatArray:
    """Room behind the model for what is cut off from it."""
    return np.append(figures, np.full(count - len(figures), value)).astype(np.float64)


def _near_limit(tank: Tank) -> bool:
    """EPANET shuts the pipes of a full or empty tank; any other tank is a fixed head."""
    return not tank.min_level_m + _TANK_MARGIN_M < tank.level_m < tank.max_level_m - _TANK_MARGIN_M


def has_devices(tables: ModelTables) -> bool:
    """Say whether EPANET's answer may depend on what it solved before."""
    return bool(
        any(_near_limit(tank) for tank in tables.tanks)
        or tables.pumps
        or (tables.pipe_state == PipeState.CHECK_VALVE).any()
        or tables.options.pressure_driven
        or any(v.fixed is None and v.kind not in _STATELESS_VALVES for v in tables.valves)
    )
