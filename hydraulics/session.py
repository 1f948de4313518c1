"""
Session: one open EPANET project of one model, kept warm, so that a what-if costs a solve and a read.

Traps it guards against (all measured): EPANET's device states depend on what was solved before, so a model with
pumps, tanks, check or regulating valves is solved from a cold start every time, exactly as a freshly opened file
would be; a model without them has one solution only, and the next solve goes on from the last. Every few solves
the base state is solved again and compared; on any difference the project starts cold.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, Self

import numpy as np

from hydraulics.engine import EngineCallError, Project
from hydraulics.engine_codes import LinkValue, NodeValue, Statistic
from hydraulics.errors import HydraulicsError
from hydraulics.fed import FedWatch
from hydraulics.inp_text import TRIALS
from hydraulics.results import ModelIndex, Solution
from hydraulics.tables import CutOff, PipeState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hydraulics.model import PeakModel
    from hydraulics.results import FloatArray
    from hydraulics.tables import ModelTables

_STATELESS_VALVES = ("TCV", "PBV", "GPV")
_GUARD_EVERY = 50
_SAME_HEAD_M = 0.001


class Session:
    """
    A model held open. Safe to share between threads: a lock lets one solve at a time pass.

    Attributes
    ----------
    index
        Ids and fixed figures, in the order of every array.
    base
        The state without extra demand.
    """

    def __init__(self, model: PeakModel) -> None:
        self.model = model
        self.index = _index(model)
        self.node_position = {name: n for n, name in enumerate(self.index.node_ids)}
        self.link_position = {name: n for n, name in enumerate(self.index.link_ids)}
        self.is_warm = not has_devices(model.tables)
        self._watch = None if self.is_warm else FedWatch(model.tables)
        self._lock = Lock()
        self._solves = 0
        self._cut_off_nodes = len(self.index.node_ids) - len(model.tables.node_ids)
        self._cut_off_links = len(self.index.link_ids) - len(model.tables.link_ids)
        self._area_m2 = np.pi / 4.0 * self.index.link_diameter_m**2
        self._demand_lps = model.tables.demand_m3s * 1000.0
        self._scratch = TemporaryDirectory(prefix="tapwright-")
        self._project: Project | None = None
        try:
            self._project = Project(model.inp, Path(self._scratch.name) / "model.rpt")
            self._project.open_hydraulics()
            self.base = self._run(self._project, cold=True)
        except EngineCallError as error:
            self.close()
            raise HydraulicsError("model-not-runnable", reason=error.code) from error
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give memory and files back; may be called twice."""
        with self._lock:
            if self._project is not None:
                self._project.close()
                self._project = None
            self._scratch.cleanup()

    def can_tap(self, pipe_id: str) -> bool:
        """Say whether a new connection may be put on the pipe: in the model, no device, open, with water."""
        link = self.link_position.get(pipe_id)
        if link is None or link >= self.model.tables.pipe_count:
            return False
        ends = (self.index.link_start[link], self.index.link_end[link])
        is_open = self.model.tables.pipe_state[link] != PipeState.CLOSED
        return bool(is_open and all(self.index.is_fed[end] for end in ends))

    def solve(self, extra_m3s: Mapping[int, float]) -> Solution:
        """
        Solve the base state plus constant extra demand at nodes (position in `index.node_ids` to m3/s).

        Extra demand at a reservoir or tank changes nothing: its head is fixed.

        Raises
        ------
        HydraulicsError
            The session is closed, or EPANET cannot solve at all.
        """
        with self._lock:
            project = self._project
            if project is None:
                raise HydraulicsError("session-closed")
            junctions = {n: q for n, q in extra_m3s.items() if self.index.is_junction[n]}
            try:
                return self._solve_and_restore(project, junctions)
            except EngineCallError as error:
                raise HydraulicsError("run-stopped", reason=error.code) from error

    def _solve_and_restore(self, project: Project, extra_m3s: Mapping[int, float]) -> Solution:
        for node, flow in extra_m3s.items():
            project.set_base_demand(node, float(self._demand_lps[node] + flow * 1000.0))
        try:
            solution = self._run(project, cold=not self.is_warm)
            if self.is_warm and not solution.converged:
                solution = self._run(project, cold=True)
        finally:
            for node in extra_m3s:
                project.set_base_demand(node, float(self._demand_lps[node]))
        self._solves += 1
        if self.is_warm and (self._solves % _GUARD_EVERY == 0 or not solution.converged):
            self._guard(project)
        return solution

    def _guard(self, project: Project) -> None:
        project.run()
        head_m = project.node_values(NodeValue.HEAD)
        before_m = self.base.head_m[: len(head_m)]
        if np.nanmax(np.abs(head_m - before_m), initial=0.0) > _SAME_HEAD_M:
            self._run(project, cold=True)

    def _run(self, project: Project, *, cold: bool) -> Solution:
        if cold:
            project.forget_flows()
        warning = project.run()
        converged = project.statistic(Statistic.ITERATIONS) <= TRIALS
        flow_m3s = project.link_values(LinkValue.FLOW) / 1000.0
        head_m = project.node_values(NodeValue.HEAD)
        head_m[~self._joined(project, flow_m3s=flow_m3s)] = np.nan
        head_m = np.append(head_m, np.full(self._cut_off_nodes, np.nan))
        flow_m3s = np.append(flow_m3s, np.zeros(self._cut_off_links))
        area_m2 = np.where(self._area_m2 > 0, self._area_m2, np.inf)
        gravity = self.model.tables.options.specific_gravity_ratio
        return Solution(
            head_m=head_m,
            pressure_m=(head_m - self.index.elevation_m) * gravity,
            flow_m3s=flow_m3s,
            velocity_mps=np.abs(flow_m3s) / area_m2,
            converged=converged,
            warnings=(warning,) if warning else (),
        )

    def _joined(self, project: Project, *, flow_m3s: FloatArray) -> NDArray[np.bool_]:
        """Nodes fed in this state: a check valve, pump or tank may have shut a part off."""
        if self._watch is None:
            return self.index.is_fed[: len(self.model.tables.node_ids)]
        states = project.some_link_values(self._watch.links, LinkValue.STATE)
        return self._watch.fed(states, flow_m3s=flow_m3s)


def has_devices(tables: ModelTables) -> bool:
    """Say whether EPANET's answer may depend on what it solved before."""
    return bool(
        tables.tanks
        or tables.pumps
        or (tables.pipe_state == PipeState.CHECK_VALVE).any()
        or tables.options.pressure_driven
        or any(v.fixed is None and v.kind not in _STATELESS_VALVES for v in tables.valves)
    )


def _index(model: PeakModel) -> ModelIndex:
    tables, rest = model.tables, model.tables.cut_off or _NOTHING
    demand_m3s = np.append(tables.demand_m3s, np.zeros(len(rest.node_ids)))
    is_junction = np.ones(len(demand_m3s), dtype=bool)
    is_junction[tables.junction_count : len(tables.node_ids)] = False
    return ModelIndex(
        node_ids=tables.node_ids + rest.node_ids,
        link_ids=tables.link_ids + rest.link_ids,
        is_junction=is_junction,
        is_fed=model.is_fed,
        elevation_m=np.append(tables.elevation_m, rest.elevation_m),
        demand_m3s=demand_m3s,
        link_start=np.append(tables.link_start, rest.link_start),
        link_end=np.append(tables.link_end, rest.link_end),
        link_length_m=np.append(tables.length_m, rest.length_m),
        link_diameter_m=np.append(tables.diameter_m, rest.diameter_m),
    )


_NO_FLOATS, _NO_INTEGERS = np.empty(0), np.empty(0, dtype=np.int64)
_NOTHING = CutOff((), (), _NO_FLOATS, _NO_INTEGERS, _NO_INTEGERS, _NO_FLOATS, _NO_FLOATS)
