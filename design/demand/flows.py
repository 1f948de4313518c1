"""
Closed forms of GB 50015 for design flows: probability method, alpha times root, simultaneous use.

Symbols follow the standard: Ng fixture units, U0 and U in percent, flows here in L/s as its formulas are.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Branch:
    """Fixtures of one use on the pipe: Ng of one kind of dwelling, and its U0."""

    u0_pct: float
    fixture_units: float


@dataclass(frozen=True)
class Scattered:
    """
    Fixtures of one public building with scattered use.

    `fixture_units` leaves out delayed flush valves; `largest_lps` is the largest single fixture, 0 when unknown.
    """

    alpha: float
    fixture_units: float
    flush_valves: int = 0
    largest_lps: float = 0.0


def u0_pct(
    *, quota_lpcd: float, dwelling_persons: float, hourly_factor: float, dwelling_units: float, hours_h: float,
    unit_flow_lps: float,
) -> float:  # fmt: skip
    """
    Average outflow probability in the hour of greatest use, U0 [%] (3.7.5-1).

    >>> round(u0_pct(quota_lpcd=200, dwelling_persons=3.2, hourly_factor=2.5, dwelling_units=4, hours_h=24,
    ...              unit_flow_lps=0.2), 6)
    2.314815
    """
    return (
        100.0
        * quota_lpcd
        * dwelling_persons
        * hourly_factor
        / (unit_flow_lps * dwelling_units * hours_h * 3600.0)
    )


def mixed_u0_pct(branches: Iterable[Branch]) -> float:
    """U0 of a pipe that serves branches of different U0, weighted by fixture units [%] (3.7.5-4)."""
    known = list(branches)
    return sum(b.u0_pct * b.fixture_units for b in known) / sum(b.fixture_units for b in known)


def alpha_c(probability_pct: float, rows: Sequence[Mapping[str, Any]]) -> float:
    """
    Coefficient of U0 by linear interpolation in appendix B; held at the ends of the table.

    `rows` have `u0_pct` and `alpha_c`, rising.
    """
    known = [(float(row["u0_pct"]), float(row["alpha_c"])) for row in rows]
    if probability_pct <= known[0][0]:
        return known[0][1]
    for (left, low), (right, high) in itertools.pairwise(known):
        if probability_pct <= right:
            return low + (high - low) * (probability_pct - left) / (right - left)
    return known[-1][1]


def simultaneous_pct(*, fixture_units: float, coefficient_c: float) -> float:
    """Simultaneous outflow probability U [%], at most 100 (3.7.5-2)."""
    if fixture_units <= 1.0:
        return 100.0
    return min(
        100.0, 100.0 * (1.0 + coefficient_c * (fixture_units - 1.0) ** 0.49) / math.sqrt(fixture_units)
    )


def residential_lps(
    *, fixture_units: float, probability_pct: float, coefficient_c: float, unit_flow_lps: float
) -> float:
    """
    Design second flow of dwellings [L/s] (3.7.5-3).

    Never below the average flow of the greatest hour, 0.2 U0 Ng: where that takes over, appendix C has ended.
    """
    u = simultaneous_pct(fixture_units=fixture_units, coefficient_c=coefficient_c)
    return unit_flow_lps * fixture_units * max(u, probability_pct) / 100.0


def mixed_alpha(uses: Iterable[Scattered], *, valve_units: float) -> float:
    """Alpha of a building with several uses, weighted by fixture units (3.7.6, rule d)."""
    weights = [(use.alpha, use.fixture_units + valve_units * use.flush_valves) for use in uses]
    return sum(alpha * units for alpha, units in weights) / sum(units for _, units in weights)


def scattered_lps(
    uses: Sequence[Scattered], *, unit_flow_lps: float, valve_units: float, valve_flow_lps: float
) -> float:
    """
    Design second flow of public buildings with scattered use [L/s] (3.7.6 with its rules a to d).

    Never below the flow of any single use alone: the weighted alpha of a mixed building can fall under it.
    """
    valves = sum(use.flush_valves for use in uses)
    units = sum(use.fixture_units for use in uses) + valve_units * valves
    if units == 0.0:
        return 0.0
    alpha = mixed_alpha(uses, valve_units=valve_units)
    root = unit_flow_lps * alpha * math.sqrt(units) + (valve_flow_lps if valves else 0.0)
    largest = max([use.largest_lps for use in uses] + [valve_flow_lps if valves else 0.0])
    everything = unit_flow_lps * sum(use.fixture_units for use in uses) + valve_flow_lps * valves
    held = max(min(root, everything), largest)
    if len(uses) == 1:
        return held
    alone = [
        scattered_lps(
            [use], unit_flow_lps=unit_flow_lps, valve_units=valve_units, valve_flow_lps=valve_flow_lps
        )
        for use in uses
    ]
    return max(held, *alone)


def dense_lps(
    fixtures: Sequence[tuple[str, float, int, float]], *, valve: str, valve_flow_lps: float
) -> float:
    """
    Design second flow of concentrated use [L/s] (3.7.8): sum of flow x count x simultaneous share.

    `fixtures` are (code, flow L/s, count, percent). Flush valves count for at least one of them (rule b), and
    the whole for at least its largest fixture (rule a).
    """
    parts = [(code, flow * count * percent / 100.0) for code, flow, count, percent in fixtures if count]
    valves = sum(part for code, part in parts if code == valve)
    has_valves = any(code == valve for code, _ in parts)
    others = sum(part for code, part in parts if code != valve)
    total = others + (max(valves, valve_flow_lps) if has_valves else 0.0)
    largest = max((flow for _, flow, count, _ in fixtures if count), default=0.0)
    return max(total, largest)
