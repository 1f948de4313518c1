"""
Fit roughness groups and demand to readings: least squares with what was known before, slopes by the solver's factor.

What the readings do not judge stays where it was: every parameter is held by its own spread. The residuals that are
told are those of plain EPANET with the fitted parameters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import least_squares

from hydraulics.errors import HydraulicsError
from hydraulics.gga.laws import DARCY
from hydraulics.gga.newton import State
from hydraulics.gga.system import build_system
from hydraulics.model import write_model
from hydraulics.session import Session
from hydraulics.uncertainty.calibrated import Calibration, Factor, calibrated_tables
from hydraulics.uncertainty.figures import spread
from hydraulics.uncertainty.sensitivity import Sensitivity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gis.progress import Progress
    from hydraulics.gga.system import System
    from hydraulics.results import FloatArray
    from hydraulics.uncertainty.groups import Groups
    from hydraulics.uncertainty.readings import Reading

_FARTHEST = 3.0  # standard deviations that a parameter may leave its table figure by
_JUDGED_RATIO = 0.7  # a parameter whose spread shrinks to less than this share was judged by the readings
_ALIKE = 0.95
_AT_BOUND_SHARE = 0.98
_UNSOUND = 3.0  # misses, in standard deviations of their readings, above which the model explains nothing
_OUTLIER = 2.5  # standard deviations beyond which a reading counts by its distance only, not by the square


@dataclass(frozen=True)
class Fit:
    """
    A calibration with what an engineer wants to see of it.

    Attributes
    ----------
    before_m, after_m
        Shape (readings,): EPANET's pressure before and with the parameters.
    alike
        Pairs of parameters the readings cannot tell apart.
    """

    calibration: Calibration
    readings: tuple[Reading, ...]
    before_m: FloatArray
    after_m: FloatArray
    alike: tuple[tuple[str, str], ...]


def calibrate(
    session: Session, groups: Groups, readings: Sequence[Reading], *, scratch: Path, progress: Progress
) -> Fit:
    """
    Fit the parameters of a session's model to readings at its nodes.

    Raises
    ------
    HydraulicsError
        `local-unsupported`: the model has what our own solver does not follow, or a load cannot be balanced.
    """
    problem = _Problem(session, groups, readings, progress)
    scale = problem.prior_share
    found = least_squares(
        problem.residuals, np.zeros(len(scale)), jac=problem.slopes, x_scale=scale, method="trf",
        bounds=(-_FARTHEST * scale, _FARTHEST * scale), loss=problem.loss, xtol=1e-6, ftol=1e-8, max_nfev=40,
    )  # fmt: skip
    covariance = problem.covariance(found.x)
    share = np.sqrt(np.diag(covariance))
    factors = [
        Factor(
            float(np.exp(x)), float(prior), float(left), bool(left < _JUDGED_RATIO * prior),
            is_at_bound=bool(abs(x) > _AT_BOUND_SHARE * _FARTHEST * prior),
        )
        for x, prior, left in zip(found.x, scale, share, strict=True)
    ]  # fmt: skip
    names = (*groups.names, "demand")
    calibration = Calibration(
        dict(zip(groups.names, factors[:-1], strict=True)), factors[-1], len(readings), 0.0, 0.0, 0.0
    )
    before_m = _by_epanet(session, readings)
    tables = calibrated_tables(session.model.tables, groups, calibration)
    model = write_model(tables, scratch, version=session.model.version, description=session.model.description)
    with Session(model) as fitted:
        after_m = _by_epanet(fitted, readings)
    read_m = np.array([one.pressure_m for one in readings])
    calibration = replace(
        calibration, rms_before_m=_rms(before_m - read_m), rms_after_m=_rms(after_m - read_m),
        worst_after_m=float(np.abs(after_m - read_m).max()),
        is_sound=_rms((after_m - read_m) / np.array([one.accuracy_m for one in readings])) <= _UNSOUND,
    )  # fmt: skip
    return Fit(calibration, tuple(readings), before_m, after_m, _alike(covariance, names))


def _rms(misses_m: FloatArray) -> float:
    return float(np.sqrt(np.mean(misses_m**2)))


def _alike(covariance: Any, names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    size = np.sqrt(np.diag(covariance))
    alike = np.abs(covariance / np.outer(size, size)) > _ALIKE
    return tuple((names[a], names[b]) for a, b in zip(*np.nonzero(np.triu(alike, 1)), strict=True))


class _Problem:
    """Residuals and slopes in the logarithms of the factors: groups, then demand."""

    def __init__(
        self, session: Session, groups: Groups, readings: Sequence[Reading], progress: Progress
    ) -> None:
        self._tables, self._system, self._progress = session.model.tables, build_system(session), progress
        self._place, self._groups, self._readings = session.node_position, groups, readings
        self.prior_share = np.append(groups.roughness_share, spread().demand_common_share)
        self._law_group = groups.group[self._system.link]
        self._accuracy_m = np.array([one.accuracy_m for one in readings])
        self._density = self._tables.options.specific_gravity_ratio
        self._asked = 0

    def residuals(self, x: FloatArray) -> FloatArray:
        """What is left over the readings, in standard deviations, and how far every parameter has moved in its own."""
        self._asked += 1
        self._progress.step("calibrate", self._asked, 40)
        pressure_m = np.empty(len(self._readings))
        for places, state in self._states(x):
            for place in places:
                node = self._place[self._readings[place].node_id]
                head_m = state.state.head[self._system.row[node]]
                pressure_m[place] = (head_m - self._tables.elevation_m[node]) * self._density
        read_m = np.array([one.pressure_m for one in self._readings])
        misses: FloatArray = np.append((pressure_m - read_m) / self._accuracy_m, x / self.prior_share)
        return misses

    def slopes(self, x: FloatArray) -> FloatArray:
        """Shape (residuals, parameters)."""
        count, groups = len(self._readings), len(self._groups.names)
        slopes = np.zeros((count + len(x), len(x)))
        inside = self._law_group >= 0
        demand = self._tables.demand_m3s[self._system.node] * np.exp(x[-1])
        for places, state in self._states(x):
            for place in places:
                one = self._readings[place]
                part = state.backward({int(self._system.row[self._place[one.node_id]]): 1.0})
                slopes[place, :groups] = np.bincount(
                    self._law_group[inside], weights=part.roughness[inside], minlength=groups
                )
                slopes[place, -1] = float((part.demand * demand).sum()) * one.demand_factor
        slopes[:count] *= self._density / self._accuracy_m[:, None]
        slopes[count:] = np.diag(1.0 / self.prior_share)
        return slopes

    def loss(self, z: Any) -> Any:
        """Shape (3, residuals): the square of small misses, and of readings far off their distance only (Huber)."""
        count = len(self._readings)
        rho = np.stack([z, np.ones_like(z), np.zeros_like(z)])
        far = np.flatnonzero(z[:count] > _OUTLIER**2)
        root = np.sqrt(z[far])
        rho[:, far] = 2.0 * _OUTLIER * root - _OUTLIER**2, _OUTLIER / root, -0.5 * _OUTLIER / root**3
        return rho

    def covariance(self, x: FloatArray) -> Any:
        """Shape (parameters, parameters): what is left unsure, readings far off counting for less."""
        slopes, misses = self.slopes(x), self.residuals(x)
        misses[len(self._readings) :] = 0.0
        weight = np.minimum(1.0, _OUTLIER / np.maximum(np.abs(misses), 1e-12))
        return np.asarray(np.linalg.inv((slopes.T * weight) @ slopes))

    def _states(self, x: FloatArray) -> list[tuple[list[int], Sensitivity]]:
        """The loaded states that readings were taken in, each with its readings."""
        loads: dict[tuple[float, str, float], list[int]] = {}
        for place, one in enumerate(self._readings):
            loads.setdefault(one.load, []).append(place)
        system = self._with_roughness(x)
        return [
            (places, Sensitivity(self._loaded(system, share * np.exp(x[-1])), self._tables, {self._place[node]: flow} if node else {}))
            for (share, node, flow), places in loads.items()
        ]  # fmt: skip

    def _with_roughness(self, x: FloatArray) -> System:
        laws, formula = self._system.laws, self._tables.options.formula
        factor = np.exp(np.append(x[:-1], 0.0)[self._law_group])
        if formula == "D-W":
            first = np.where(laws.kind == DARCY, laws.first * factor, laws.first)
            return replace(self._system, laws=laws._replace(first=first))
        resistance = laws.resistance * np.where(
            self._law_group >= 0, factor ** (-1.852 if formula == "H-W" else 2.0), 1.0
        )
        return replace(self._system, laws=laws._replace(resistance=resistance))

    def _loaded(self, system: System, factor: float) -> System:
        base = system.state
        drawn = self._tables.demand_m3s[system.node] * (factor - 1.0)
        drawn[system.node >= self._tables.junction_count] = 0.0
        return replace(system, state=State(base.head, base.flow, base.demand + drawn, base.passed))


def _by_epanet(session: Session, readings: Sequence[Reading]) -> FloatArray:
    """Shape (readings,): EPANET's pressure under each reading's load [m]."""
    index, loads = session.index, {}
    for load in dict.fromkeys(one.load for one in readings):
        share, node, flow_m3s = load
        extra = {}
        if share != 1.0:
            drawing = np.flatnonzero(index.is_junction & index.is_fed & (index.demand_m3s != 0))
            extra = {int(n): float(index.demand_m3s[n]) * (share - 1.0) for n in drawing}
        if node:
            where = session.node_position[node]
            extra[where] = extra.get(where, 0.0) + flow_m3s
        loads[load] = session.solve(extra).pressure_m
    pressure_m = np.array([loads[one.load][session.node_position[one.node_id]] for one in readings])
    if not np.isfinite(pressure_m).all():
        lost = readings[int(np.flatnonzero(~np.isfinite(pressure_m))[0])]
        raise HydraulicsError("reading-no-water", node=lost.node_id)
    return pressure_m
