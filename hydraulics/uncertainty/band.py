"""
The range of a tie-in's pressure, and the one reading that would narrow it most.

Every parameter has a mean and a standard deviation; to first order the pressure is a weighted sum of them, so its
variance is the sum of squares, and what a reading elsewhere tells of it is a covariance (a Kalman step).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from hydraulics.uncertainty.figures import spread
from hydraulics.uncertainty.sensitivity import Parts, Sensitivity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hydraulics.gga.system import System
    from hydraulics.results import FloatArray
    from hydraulics.tables import ModelTables
    from hydraulics.uncertainty.groups import Groups

Verdict = Literal["safe", "unsafe", "measure-here"]
Quantity = Literal["pressure", "elevation"]
_TRIED = 24
_AS_GOOD_SHARE = 0.97


@dataclass(frozen=True)
class Measure:
    """One reading: what, at which node, and the share of the variance it would take away."""

    node_id: str
    quantity: Quantity
    removes_share: float


@dataclass(frozen=True)
class PressureRange:
    """
    Pressure at the tie-in with the new demand [m].

    Attributes
    ----------
    low_m, high_m
        Ends of the range that covers the asked share of cases.
    sd_m
        Its standard deviation.
    parts_m
        Standard deviations by cause: demand, roughness, bore, source, elevation.
    verdict
        Against the required pressure.
    measure_at
        The reading that would narrow the range most; None where nothing would.
    """

    middle_m: float
    low_m: float
    high_m: float
    sd_m: float
    parts_m: Mapping[str, float]
    verdict: Verdict
    measure_at: Measure | None

    def doc(self) -> dict[str, object]:
        """As the answers give it."""
        at = self.measure_at
        return {
            "low_m": round(self.low_m, 2), "high_m": round(self.high_m, 2), "sd_m": round(self.sd_m, 3),
            "coverage_share": spread().coverage_share, "verdict": self.verdict,
            "by_cause_sd_m": {name: round(sd_m, 3) for name, sd_m in self.parts_m.items()},
            "measure_at": None if at is None else {
                "node_id": at.node_id, "quantity": at.quantity, "when": "peak-hour" if at.quantity == "pressure" else None,
                "removes_share": round(at.removes_share, 3),
            },
        }  # fmt: skip


@dataclass(frozen=True)
class Prior:
    """Standard deviations of every parameter in the shapes of `Parts`; groups and the common demand move together."""

    common_share: float
    demand_m3s: FloatArray
    node_share: float
    group_share: FloatArray
    law_group: np.ndarray
    bore_share: FloatArray
    source_m: FloatArray

    def product(self, one: Parts, other: Parts) -> dict[str, float]:
        """Covariance of two heads by cause [m2]."""
        demands = [float((part.demand * self.demand_m3s).sum()) for part in (one, other)]
        local = float((one.demand * other.demand * (self.node_share * self.demand_m3s) ** 2).sum())
        rough = [self._by_group(part.roughness) for part in (one, other)]
        return {
            "demand": demands[0] * demands[1] * self.common_share**2 + local,
            "roughness": float((rough[0] * rough[1] * self.group_share**2).sum()),
            "bore": float((one.bore * other.bore * self.bore_share**2).sum()),
            "source": float((one.source * other.source * self.source_m**2).sum()),
        }

    def direction(self, part: Parts) -> Parts:
        """Change of the parameters along which all heads move as they covary with one."""
        common = float((part.demand * self.demand_m3s).sum()) * self.common_share**2
        demand = common * self.demand_m3s + part.demand * (self.node_share * self.demand_m3s) ** 2
        group = self._by_group(part.roughness) * self.group_share**2
        rough = np.where(self.law_group >= 0, np.append(group, 0.0)[self.law_group], 0.0)
        return Parts(demand, rough, part.bore * self.bore_share**2, part.source * self.source_m**2)

    def _by_group(self, roughness: np.ndarray) -> FloatArray:
        inside = self.law_group >= 0
        sums: FloatArray = np.bincount(
            self.law_group[inside], weights=roughness[inside], minlength=len(self.group_share)
        ).astype(np.float64)
        return sums


def prior_of(system: System, tables: ModelTables, groups: Groups) -> Prior:
    """Give the spreads of a model before any reading."""
    known = spread()
    demand_m3s = np.maximum(tables.demand_m3s[system.node], 0.0)
    source_m = np.zeros(len(system.node))
    fixed = system.node >= tables.junction_count
    source_m[fixed] = known.source_head_m
    return Prior(
        known.demand_common_share, demand_m3s, known.demand_node_share, groups.roughness_share,
        groups.group[system.link], groups.bore_share[system.link], source_m,
    )  # fmt: skip


@dataclass(frozen=True)
class Question:
    """
    A tie-in to be judged.

    Attributes
    ----------
    weights
        Node position to its share in the tie-in's head: one node, or the two ends of a pipe.
    extra_m3s
        Node position to new demand.
    pressure_m, required_pressure_m
        As the check gives and asks for it.
    """

    weights: Mapping[int, float]
    extra_m3s: Mapping[int, float]
    pressure_m: float
    required_pressure_m: float


def pressure_range(
    system: System, tables: ModelTables, groups: Groups, question: Question, *, node_ids: tuple[str, ...],
    prior: Prior | None = None, today: Sensitivity | None = None,
) -> PressureRange:  # fmt: skip
    """
    Give the range of a tie-in's pressure by first-order sensitivities; `today` are those without new demand.

    Raises
    ------
    HydraulicsError
        `local-unsupported`: no water, or the loaded state cannot be balanced with device states held.
    """
    before = prior or prior_of(system, tables, groups)
    rows = {int(system.row[node]): weight for node, weight in question.weights.items()}
    loaded = Sensitivity(system, tables, question.extra_m3s)
    part = loaded.over_spread(rows, loaded.backward(rows), before.source_m)
    variance = before.product(part, part)
    ground = sum((weight * groups.elevation_sd_m[node]) ** 2 for node, weight in question.weights.items())
    variance["elevation"] = float(ground)
    sd_m = float(np.sqrt(sum(variance.values())))
    reach_m = spread().reach * sd_m
    low_m, high_m = question.pressure_m - reach_m, question.pressure_m + reach_m
    verdict: Verdict = "measure-here"
    if low_m >= question.required_pressure_m:
        verdict = "safe"
    elif high_m < question.required_pressure_m:
        verdict = "unsafe"
    at = None
    if sd_m > 0.0:
        today = today or Sensitivity(system, tables, {})
        at = _best_reading(today, tables, groups, question, before, part, sd_m**2)
    named = None if at is None else Measure(node_ids[at[0]], at[1], at[2])
    parts_m = {name: float(np.sqrt(max(value, 0.0))) for name, value in variance.items()}
    return PressureRange(question.pressure_m, low_m, high_m, sd_m, parts_m, verdict, named)


def _best_reading(
    today: Sensitivity, tables: ModelTables, groups: Groups, question: Question, prior: Prior, part: Parts, variance_m2: float
) -> tuple[int, Quantity, float]:  # fmt: skip
    """(node, what, share of the variance taken away); a reading at the tie-in itself wins a tie."""
    system = today.system
    with_tie_in = today.forward(prior.direction(part))
    own = max(question.weights, key=lambda node: question.weights[node])
    open_rows = np.flatnonzero(system.node[: system.unknowns] < tables.junction_count)
    likely = open_rows[np.argsort(-np.abs(with_tie_in[open_rows]), kind="stable")[:_TRIED]]
    nodes = [own, *(int(system.node[row]) for row in likely)]
    reading_m2 = spread().reading_m ** 2
    found: list[tuple[float, int, Quantity]] = []
    for node in dict.fromkeys(nodes):
        row = int(system.row[node])
        if row < 0 or row >= system.unknowns:
            continue
        there = today.backward({row: 1.0})
        ground_m2 = float(groups.elevation_sd_m[node] ** 2)
        shared = float(with_tie_in[row]) + question.weights.get(node, 0.0) * ground_m2
        total_m2 = sum(prior.product(there, there).values()) + ground_m2 + reading_m2
        found.append((shared**2 / total_m2, node, "pressure"))
    levels = {node: (weight * groups.elevation_sd_m[node]) ** 2 for node, weight in question.weights.items()}
    worst = max(levels, key=lambda node: levels[node])
    found.append((float(levels[worst]), worst, "elevation"))
    most = max(gain for gain, _, _ in found)
    here = [one for one in found if one[1] == own and one[0] >= _AS_GOOD_SHARE * most]
    gain, node, what = max(here or found)
    return node, what, min(gain / variance_m2, 1.0)
