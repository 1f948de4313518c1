"""
What a fire or a closure does over hours: EPANET's extended-period run, demand drawn by pressure, tanks running down.

For models that came as EPANET files: their patterns, tanks and controls say what happens meanwhile. Controls of what
is shut are dropped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from hydraulics.epanet.codes import LinkKind, LinkValue, NodeValue
from hydraulics.epanet.engine import EngineCallError
from hydraulics.errors import HydraulicsError, ModelInputError
from hydraulics.inp.read import opened
from hydraulics.making.freeze import metres_of_pressure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from hydraulics.inp.read import ModelFile
    from hydraulics.results import FloatArray

_M_PER_FOOT, _FEET_PER_PSI = 0.3048, 1.0 / 0.4333  # EPANET's own figures
_HOUR_S, _TANK = 3600, 2
_EMPTY_FT = 0.005
_EXPONENT = 0.5


@dataclass(frozen=True)
class Event:
    """
    What happens from `start_s` on, for `lasts_s`.

    Attributes
    ----------
    shut
        Ids of links.
    extra_m3s
        Constant demand by id of its node, drawn by pressure like every other.
    """

    start_s: int
    lasts_s: int
    shut: frozenset[str] = frozenset()
    extra_m3s: Mapping[str, float] = field(default_factory=dict)


def lowest_pressures_m(path: Path, event: Event, *, least_m: float, required_m: float) -> dict[str, float]:
    """
    Give the lowest pressure of every junction at the full hours of an event [m].

    Nothing is drawn at or below `least_m`, all from `required_m` on, the square root between.

    Raises
    ------
    ModelInputError
        EPANET refuses the file, or a link or node of the event is not in it.
    HydraulicsError
        The run stops.
    """
    with opened(path) as file:
        try:
            return _run(file, event, least_m=least_m, required_m=required_m)
        except EngineCallError as error:
            raise HydraulicsError("run-stopped", reason=error.code) from error


def _run(file: ModelFile, event: Event, *, least_m: float, required_m: float) -> dict[str, float]:
    project, node_ids = file.project, file.node_ids()
    units = project.flow_units()
    length_factor = _M_PER_FOOT if units.is_us_customary else 1.0
    pressure_factor = (
        _M_PER_FOOT * _FEET_PER_PSI if units.is_us_customary else metres_of_pressure(file, units)
    )
    project.set_demand_model((least_m / pressure_factor, required_m / pressure_factor, _EXPONENT))
    project.set_duration(event.start_s + event.lasts_s)
    shut = [_place(file.link_ids(), name, "pipe-unknown", "pipe") for name in sorted(event.shut)]
    demands = {
        _place(node_ids, name, "node-unknown", "node"): flow * 1000.0 / units.lps_factor
        for name, flow in event.extra_m3s.items()
    }
    junctions = np.flatnonzero(project.node_kinds() == 0)
    ground = project.node_values(NodeValue.ELEVATION)
    lowest_m = np.full(len(node_ids), np.inf)
    for now, head in _steps(file, event, shut, demands):
        if now >= event.start_s and now % _HOUR_S == 0:
            lowest_m = np.fmin(lowest_m, (head - ground) * length_factor)
    return {node_ids[n]: float(lowest_m[n]) for n in junctions}


def _steps(
    file: ModelFile, event: Event, shut: list[int], demands: dict[int, float]
) -> Iterator[tuple[int, FloatArray]]:
    """Time [s] and heads of every hydraulic step, in the file's unit."""
    project = file.project
    numbers = {node: project.add_demand(node) for node in demands}
    project.open_hydraulics()
    project.forget_flows()
    tanks, is_on = _Tanks(file, set(shut)), False
    while True:
        if project.next_time() >= event.start_s:
            if not is_on:
                project.drop_controls(shut)
                for node, flow in demands.items():
                    project.set_demand(node, numbers[node], flow)
                is_on = True
            for link in shut:
                if tanks.kinds[link] != LinkKind.CHECK_VALVE_PIPE:
                    project.set_link_value(link, LinkValue.STATUS, 0.0)
        now = tanks.run()
        yield now, project.node_values(NodeValue.HEAD)
        if project.advance() <= 0:
            return


class _Tanks:
    """Runs a step and keeps empty tanks from giving water: EPANET lets one at its lowest level go on."""

    def __init__(self, file: ModelFile, shut: set[int]) -> None:
        project = self._project = file.project
        self.kinds = project.link_kinds()
        self._tanks = np.flatnonzero(project.node_kinds() == _TANK)
        self._least = project.node_values(NodeValue.ELEVATION) + project.node_values(NodeValue.MIN_LEVEL)
        ends = project.link_ends()
        self._links = {
            int(tank): [
                int(k)
                for k in np.flatnonzero((ends == tank).any(axis=1))
                if k not in shut and self.kinds[k] == LinkKind.PIPE
            ]
            for tank in self._tanks
        }
        self._closed: list[int] = []

    def run(self) -> int:
        """Solve the present time; its second."""
        project = self._project
        for link in self._closed:
            project.set_link_value(link, LinkValue.STATUS, 1.0)
        self._closed = []
        now, _ = project.run_at()
        head, filling = project.node_values(NodeValue.HEAD), project.node_values(NodeValue.DEMAND)
        for tank in self._tanks:
            if head[tank] <= self._least[tank] + _EMPTY_FT and filling[tank] < 0.0:
                self._closed += self._links[int(tank)]
        if self._closed:
            for link in self._closed:
                project.set_link_value(link, LinkValue.STATUS, 0.0)
            now, _ = project.run_at()
        return now


def _place(ids: list[str], name: str, code: str, what: str) -> int:
    if name not in ids:
        raise ModelInputError(code, **{what: name})
    return ids.index(name)
