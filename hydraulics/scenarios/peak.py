"""
Scenario peak 高峰工况 of a model with patterns: its extended-period run, stopped at the greatest total demand.

The state found there (tank levels, pump and valve states, settings, reservoir heads, demands) is frozen into tables
from which a single-period file is written: plain EPANET then gives the same heads without the patterns and rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hydraulics.epanet.codes import Count, NodeValue, Option, Statistic, TimeValue
from hydraulics.epanet.engine import EngineCallError
from hydraulics.errors import HydraulicsError
from hydraulics.inp.read import opened
from hydraulics.inp.text import CONVERGENCE_LADDER, TRIALS
from hydraulics.making.freeze import frozen_tables, solver_order
from hydraulics.mending.refusals import refuse_impossible_ground, refuse_unsound, stopped
from hydraulics.supplied.fed import fed_nodes, open_by_command

if TYPE_CHECKING:
    from pathlib import Path

    from hydraulics.epanet.engine import Project
    from hydraulics.inp.read import ModelFile
    from hydraulics.results import FloatArray
    from hydraulics.tables import ModelTables

_IMPOSSIBLE_HEAD_M = 1e6


@dataclass(frozen=True)
class PeakState:
    """
    The frozen step.

    `time_s` is counted from the start of the run; `head_m` are the heads EPANET had there, in the order of `tables`.
    """

    tables: ModelTables
    time_s: float
    head_m: FloatArray


def peak_of_file(path: Path) -> PeakState:
    """
    Freeze the peak step of an EPANET file.

    Raises
    ------
    ModelInputError
        EPANET refuses the file.
    HydraulicsError
        There is no source, demand is connected to nothing, controls contradict each other, a customer's ground is
        impossible, or the run stops before the peak or gives impossible heads; the sentence names the element.
    """
    with opened(path) as file:
        if not file.has_source:
            raise HydraulicsError("no-source")
        refuse_unsound(file)
        project = file.project
        demand = PatternDemand(project)
        time_s = _run_to(file, demand)
        units = project.flow_units()
        project.use_metric_units()
        head_m = project.node_values(NodeValue.HEAD)
        demand_m3s = demand.at(demand.period(time_s)) * units.lps_factor / 1000.0
        tables = frozen_tables(file, demand_m3s=demand_m3s, head_m=head_m, units=units)
        order = solver_order(project).nodes
        refuse_impossible(tables, head_m[order])
        refuse_impossible_ground(tables)
        return PeakState(tables, float(time_s), _exact_heads(project, head_m)[order])


class PatternDemand:
    """Demand of every node at any time, by pattern, in the units of the file."""

    def __init__(self, project: Project) -> None:
        nodes, bases, patterns = project.demands()
        self._count = project.count(Count.NODES)
        self._bases = np.array(bases, dtype=np.float64)
        self._nodes = np.array(nodes, dtype=np.int64)
        self._patterns = np.array(patterns, dtype=np.int64)
        self._values = [project.pattern(n) for n in range(project.count(Count.PATTERNS) + 1)]
        self._multiplier = project.option(Option.DEMAND_MULTIPLIER)
        self._step_s = project.time(TimeValue.PATTERN_STEP)
        self._start_s = project.time(TimeValue.PATTERN_START)
        self._duration_s = project.time(TimeValue.DURATION)

    def period(self, time_s: int) -> int:
        """Pattern period of a time [s]."""
        return (time_s + self._start_s) // self._step_s

    def at(self, period: int) -> FloatArray:
        """Shape (nodes,)."""
        factors = np.array([v[period % len(v)] for v in self._values], dtype=np.float64)
        values = self._bases * factors[self._patterns] * self._multiplier
        return np.bincount(self._nodes, weights=values, minlength=self._count).astype(np.float64)

    def greatest_period(self) -> int:
        """
        First pattern period within the run with the greatest total demand.

        Negative demands are inflows from neighbouring systems, so they are not taken off.
        """
        periods = range(self.period(0), self.period(self._duration_s) + 1)
        totals = np.array([np.maximum(self.at(p), 0.0).sum() for p in periods])
        # Equal days must give the first day although sums may differ in the last digit.
        return periods[int(np.argmax(totals >= totals.max() * (1.0 - 1e-9)))]


def _run_to(file: ModelFile, demand: PatternDemand) -> int:
    """Run until the first step of the greatest period; its time [s]."""
    wanted, project = demand.greatest_period(), file.project
    try:
        project.open_hydraulics()
        project.forget_flows()
        while True:
            now, _ = project.run_at()
            if demand.period(now) >= wanted or project.advance() <= 0:
                return now
    except EngineCallError as error:
        raise stopped(file, error.code) from error


def _exact_heads(project: Project, head_m: FloatArray) -> FloatArray:
    """Heads of the same step balanced closely; files ask for as little as 0.1 of the flow, half a metre of head."""
    tight = CONVERGENCE_LADDER[0]
    project.tighten(
        accuracy_ratio=tight.accuracy_ratio, head_error_m=tight.head_error_m or 0.0, trials=TRIALS
    )
    try:
        project.run()
    except EngineCallError:
        return head_m
    balanced = project.statistic(Statistic.ITERATIONS) <= TRIALS
    return project.node_values(NodeValue.HEAD) if balanced else head_m


def refuse_impossible(tables: ModelTables, head_m: FloatArray) -> None:
    """Raise `no-convergence` where a node that water can reach has a head no pipe can hold."""
    is_fed = fed_nodes(tables, open_by_command(tables))
    wrong = np.flatnonzero(is_fed & ~(np.abs(head_m) < _IMPOSSIBLE_HEAD_M))
    if len(wrong):
        raise HydraulicsError("no-convergence", node=tables.node_ids[wrong[0]], nodes=len(wrong))
