"""
The least an alternative can be weighed at, from its route alone: no hydraulics, no works, no quote.

Pipe of the cheapest size that holds the velocity, restoration of public roads by the narrowest trench, roads dug,
days of laying, and the risks of its point. Whoever comes after what is shown with all this in his favour needs no
working out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from design.alternatives.score import UNSEEN
from design.alternatives.value import Score
from design.alternatives.weights import PARTS
from design.options import prefers
from design.pricing.catalogue import restoration_code
from design.pricing.fittings import by_dn
from design.pricing.quantity import cut, surface_of
from design.sizing.series import service_sizes
from design.works.digging import trench_width_m

if TYPE_CHECKING:
    from collections.abc import Iterator

    from design.alternatives.case import Case
    from design.route.routing import RoutedPoint
    from design.works.plan import RoadRun

ROUNDED_CNY = 20.0  # quantities of a quote are rounded to the hundredth: together they lose less than this


@dataclass(frozen=True)
class Least:
    """A routed point before it is sketched, with the least it can be weighed at."""

    entry: RoutedPoint
    first: bool
    cost_cny: float
    score: Score

    @property
    def key(self) -> tuple[object, ...]:
        """Where it can come at best, in the order of `Figures.key`."""
        return (False, 0.0, False, not self.first, self.score.total_cny, -math.inf, self.entry.key)


def least_of(entry: RoutedPoint, case: Case) -> Least:
    """The least of one routed point."""
    weights, point, rules = case.weights, entry.point, case.book.rules
    key = ("least", rules.mark, case.book.catalogue.digest, case.branch_dn, case.meter.dn)
    pipe_cny_m, width_m, meter_cny = case.city.once(key, lambda: _rates(case))
    roads = [run for run in _outside(entry) if run.is_public_road]
    restored_cny = sum(run.length_m * width_m * _restored_cny_m2(run, case) for run in roads)
    length_m = entry.route.length_m
    cost_cny = max(pipe_cny_m * length_m + restored_cny + meter_cny - ROUNDED_CNY, 0.0)
    days = rules.value("service-days").value + rules.value("construction-days-base").value
    days += length_m / rules.value("construction-rate").value
    told = {
        "new-tap": point.kind == "new-tap",
        "derived": point.is_derived,
        "unseen": point.confidence in UNSEEN,
    }
    dug_m = sum(run.length_m for run in entry.runs if run.is_public_road)
    parts = {
        "cost": cost_cny, "pressure": 0.0, "digging": dug_m * weights.digging_cny_m,
        "days": math.ceil(days) * weights.days_cny,
        "risk": sum(weights.risks_cny[name] for name, is_so in told.items() if is_so) + entry.hindrance_cny,
    }  # fmt: skip
    score = Score({name: round(parts[name] * weights.factors[name] - 0.01, 2) for name in PARTS})
    return Least(entry, weights.tapoff_first and prefers(entry, case.search), cost_cny, score)


def _rates(case: Case) -> tuple[float, float, float]:
    """A metre of the cheapest pipe laid and tested, width of the narrowest trench [m], the meter in its well."""
    rules, items = case.book.rules, case.book.catalogue.items

    def price_cny(*codes: str) -> float:
        return sum(float(items[code].price_cny) for code in codes if code in items)

    sizes = service_sizes(rules)
    bore_m = min((size.inner_diameter_m for size in sizes if size.dn == case.branch_dn), default=0.0)
    wide = [size for size in sizes if size.inner_diameter_m >= bore_m - 1e-9]
    metre_cny_m = [
        price_cny(
            f"pipe-{size.material}-dn{size.dn}", by_dn("test", size.dn, rules), "flush-disinfect", "marker-tape"
        )
        for size in wide
    ]  # fmt: skip
    dn = case.meter.dn
    meter_cny = price_cny(f"040502009-dn{dn}", f"meter-set-dn{dn}", by_dn("meter-well", dn, rules))
    width_m = min((trench_width_m(size.outer_diameter_m, rules) for size in wide), default=0.0)
    return min(metre_cny_m, default=0.0), width_m, meter_cny


def _outside(entry: RoutedPoint) -> Iterator[RoadRun]:
    """The runs outside the red line."""
    left_m = entry.route.length_m - entry.inside_length_m
    for run in entry.runs:
        if left_m <= 0.0:
            return
        yield run if run.length_m <= left_m else cut(run, left_m)
        left_m -= run.length_m


def _restored_cny_m2(run: RoadRun, case: Case) -> float:
    code = restoration_code(surface_of(run), run.road_class)
    items = case.book.catalogue.items
    return float(items[code].price_cny) if code in items else 0.0
