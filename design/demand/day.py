"""DayProfile 日变化: how the water of the greatest day is spread over its hours, use by use."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from design.demand.load import UseLoad
    from design.rules.ruleset import RuleSet, RuleTable
    from design.wire.demand import DayProfileDoc

HOURS = 24
_STEPS = 200
_STEEPEST = 400.0


@dataclass(frozen=True)
class DayProfile:
    """
    Water of the greatest day by hour.

    Attributes
    ----------
    hourly_m3h
        Shape (24,): hour 0 is midnight to one.
    parts
        The same by use: (label zh, label en, pattern, shape (24,)).
    source, confidence
        Of the patterns.
    """

    hourly_m3h: tuple[float, ...]
    parts: tuple[tuple[str, str, str, tuple[float, ...]], ...]
    source: str
    confidence: str

    @property
    def day_m3(self) -> float:
        """Sum of the hours [m3]."""
        return math.fsum(self.hourly_m3h)

    @property
    def peak_hour(self) -> int:
        """Hour of the greatest draw, 0 to 23."""
        return int(np.argmax(self.hourly_m3h))

    @property
    def peak_factor(self) -> float:
        """Greatest hour over the mean of 24."""
        mean = self.day_m3 / HOURS
        return max(self.hourly_m3h) / mean if mean else 0.0

    @property
    def least_m3h(self) -> float:
        """Least hour that draws anything [m3/h]."""
        return min((flow for flow in self.hourly_m3h if flow > 0.0), default=0.0)

    def doc(self) -> DayProfileDoc:
        """As the scheme document carries it."""
        return {
            "hourly_m3h": list(self.hourly_m3h), "day_m3": self.day_m3, "peak_hour": self.peak_hour,
            "peak_m3h": max(self.hourly_m3h), "peak_factor": self.peak_factor, "least_m3h": self.least_m3h,
            "parts": [
                {"use": zh, "use_en": en, "pattern": pattern, "hourly_m3h": list(hours)}
                for zh, en, pattern, hours in self.parts
            ],
            "source": self.source, "confidence": self.confidence,
        }  # fmt: skip


def day_profile(loads: Sequence[UseLoad], rules: RuleSet) -> DayProfile:
    """The greatest day of all uses by hour; every use keeps its own day and its own greatest hour."""
    table = rules.table("day-patterns")
    parts = []
    for load in loads:
        mean_m3h = load.day_m3 / HOURS
        shape = np.array(load.hourly_share) * HOURS if load.hourly_share else _by_pattern(load, table)
        pattern = "given" if load.hourly_share else load.pattern
        parts.append((load.label, load.label_en, pattern, tuple(float(v) for v in shape * mean_m3h)))
    total = np.sum([hours for *_, hours in parts], axis=0) if parts else np.zeros(HOURS)
    return DayProfile(tuple(float(v) for v in total), tuple(parts), table.source, table.confidence)


def _by_pattern(load: UseLoad, table: RuleTable) -> NDArray[np.float64]:
    row = table.row("pattern", load.pattern) or table.rows[0]
    base_m3h = np.array([float(row[f"h{hour:02d}"]) for hour in range(HOURS)])
    return shaped(base_m3h, hours_h=load.hours_h, peak_factor=load.peak_factor)


def shaped(base_m3h: NDArray[np.float64], *, hours_h: float, peak_factor: float) -> NDArray[np.float64]:
    """
    A day pattern with mean 1 and the wanted greatest hour.

    Parameters
    ----------
    base_m3h
        Shape (24,): relative draw by hour, positive.
    hours_h
        Hours of use: the draw is kept to so many hours, those of the greatest draw.
    peak_factor
        Greatest hour over the mean of 24 hours.

    Notes
    -----
    The pattern is raised to a power, which keeps the order of its hours: the power is found by halving.
    """
    kept = np.zeros(HOURS)
    count = min(HOURS, max(1, math.ceil(hours_h - 1e-9)))
    open_hours = np.argsort(-base_m3h, kind="stable")[:count]
    kept[open_hours] = base_m3h[open_hours] / base_m3h.max()

    def raised(factor: float) -> NDArray[np.float64]:
        found = np.where(kept > 0.0, kept, 1.0) ** factor * (kept > 0.0)
        return np.asarray(found * HOURS / found.sum())

    low, high = 0.0, _STEEPEST
    for _ in range(_STEPS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if raised(middle).max() < peak_factor else (low, middle)
    return raised(0.5 * (low + high))
