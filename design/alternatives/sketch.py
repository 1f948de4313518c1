"""Sketch of an alternative: peak hour, size, works and price of one routed point, without what only a chosen one needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from design.alternatives.score import risks_of, score_of
from design.alternatives.value import Score
from design.checks.option import neighbour_limit_m
from design.city import SCOUT_M
from design.options import check_failed, fit, prefers
from design.points import Rejected
from design.pressure.outage import stay_apart
from design.pricing.equipment import equipment_quantities
from design.pricing.quote import ZERO
from design.pricing.quoting import quote_works
from design.works.building import plan_building
from design.works.permits import plan_permits, total_workdays
from gis.errors import InputError
from hydraulics.pressure import check_connection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from design.alternatives.case import Case
    from design.option import SchemeOption
    from design.route.routing import RoutedPoint

SECOND_TRIES = 12
CENTS = Decimal("1.00")  # rounding of lines, fees and tax, apart and together


@dataclass(frozen=True)
class Figures:
    """
    What alternatives are compared by.

    Attributes
    ----------
    fits
        Water arrives with the pressure asked for and nobody else falls below the limit; of an option worked out
        whole: it is feasible.
    first
        A tap-off that goes before new taps.
    pinned
        Decided on by an engineer.
    inlet_cny
        Of a sketch: price of its inlet alone, without pumps and tanks.
    is_short
        Two inlets are needed and no second one was found.
    is_whole
        Worked out with every finding; else the score is the least it can be.
    counted_short_m
        Missing head by which it is ranked where it does not fit: another route counts with that of the cheapest route
        of its point, for centimetres of head are no reason to dig elsewhere.
    """

    entry: RoutedPoint
    fits: bool
    first: bool
    total_cny: Decimal
    margin_m: float
    days: int
    below_count: int
    score: Score
    is_whole: bool
    pinned: bool = False
    counted_short_m: float | None = None
    inlet_cny: Decimal = ZERO
    is_short: bool = False

    @property
    def length_m(self) -> float:
        """Length of the route."""
        return self.entry.route.length_m

    @property
    def short_m(self) -> float:
        """Missing head that counts [m]."""
        own_m = round(max(-self.margin_m, 0.0), 3)
        return own_m if self.counted_short_m is None else self.counted_short_m

    @property
    def told_score(self) -> Score:
        """The score with what goes before it, so that a reader can weigh anew."""
        return replace(self.score, fits=self.fits, first=self.first)

    @property
    def key(self) -> tuple[object, ...]:
        """Order of preference: what works, the least shortage, tap-offs first where that is the policy, the score."""
        shortage_m = 0.0 if self.fits else self.short_m
        return (
            not self.fits, shortage_m, self.is_short, not self.first, self.score.total_cny, -round(self.margin_m, 3), self.entry.key,
        )  # fmt: skip


def figures_of(option: SchemeOption, case: Case) -> Figures:
    """What an option that is worked out whole is compared by."""
    risks, works = risks_of(option.point, option.tapping, option.findings), [option.works]
    second = option.second
    if second is not None:
        risks, works = [*risks, *risks_of(second.point, second.tapping)], [*works, second.works]
    score = score_of(
        case.weights, total_cny=option.quote.total_cny, margin_m=option.margin_m, works=works,
        days=option.workdays, risks=risks, hindrance_cny=option.routed.hindrance_cny,
    )  # fmt: skip
    return Figures(
        option.routed, option.feasible, goes_first(option.routed, case), option.quote.total_cny, option.margin_m,
        option.workdays, len(option.check.newly_below), score, is_whole=True,
        is_short=option.inlets is not None and option.inlets.is_short,
    )  # fmt: skip


def with_second_inlet(
    found: Sequence[Figures], case: Case, *, among: Sequence[Figures] | None = None
) -> list[Figures]:
    """
    Sketches of a site that needs two inlets, each with the least that a second one can add.

    The second inlet of one is what another is as the first: the cheapest on another main is the bound. `among`
    are all of these where only some get theirs.
    """
    ways = sorted(found if among is None else among, key=lambda one: one.inlet_cny)
    factor = case.weights.factors["cost"]
    made = []
    for one in found:
        other = _other_main(one, ways, case)
        if other is None:
            made.append(replace(one, is_short=True))
            continue
        added = float(other.inlet_cny - CENTS)
        parts = {**one.score.parts, "cost": round(one.score.parts["cost"] + factor * added, 2)}
        score = replace(one.score, parts=parts)
        made.append(replace(one, total_cny=one.total_cny + other.inlet_cny - CENTS, score=score))
    return made


def _other_main(one: Figures, ways: Sequence[Figures], case: Case) -> Figures | None:
    """The cheapest of `ways` on a main that keeps its water without that of `one`; after some tries the next unseen."""
    point = one.entry.point
    others = [way for way in ways if way.entry.point.pipe_id not in {None, point.pipe_id}]
    for way in others[:SECOND_TRIES]:
        if stay_apart(case.city, point, way.entry.point, case.book.rules):
            return way
    return next(iter(others[SECOND_TRIES:]), None)


def goes_first(entry: RoutedPoint, case: Case) -> bool:
    """A tap-off that goes before new taps by policy."""
    return case.weights.tapoff_first and prefers(entry, case.search)


def sketch(entry: RoutedPoint, case: Case) -> Figures | Rejected:
    """Give the figures of a routed point; Rejected when it cannot be built at all."""
    point, book = entry.point, case.book
    # a first look errs by so much at most: the sketch takes the side on which nothing is lost
    slack_m = 0.0 if case.city.scout is case.city.checker else SCOUT_M
    try:
        check = case.scouted.get(point.tie_in) or check_connection(
            case.city.scout, point.tie_in, flow_m3s=case.demand.design_flow_m3s,
            limit_m=neighbour_limit_m(book.rules) - slack_m,
        )  # fmt: skip
        case.scouted[point.tie_in] = check
    except InputError as error:
        return Rejected(point, check_failed(error))
    fitted = fit(entry, check, site=case.site, demand=case.demand, book=book)
    if isinstance(fitted, Rejected):
        return fitted
    service, tapping = fitted.service, fitted.tapping
    works, _ = plan_building(
        entry, service, tapping, site=case.site, meter=case.meter, city=case.city, book=book
    )
    permits = plan_permits(works, on=book.today, rules=book.rules, notes=entry.route.notes)
    days = total_workdays(works, permits, book.rules)
    after_m = check.tie_in_head_after_m - case.site.elevation_m - service.headloss_m + slack_m
    margin_m = after_m - case.site.deducted_m - case.site.required_head_m
    pumps = equipment_quantities(case.pumps(point, service, after_m, margin_m))
    quote = quote_works(works, book.rules, catalogue=book.catalogue, policy=book.policy, also=pumps)
    score = score_of(
        case.weights, total_cny=quote.total_cny, margin_m=margin_m, works=[works], days=days, risks=risks_of(point, tapping),
        hindrance_cny=entry.hindrance_cny,
    )  # fmt: skip
    fits = check.converged and margin_m >= 0.0 and not check.newly_below
    return Figures(
        entry, fits, goes_first(entry, case), quote.total_cny, margin_m, days, len(check.newly_below), score, is_whole=False,
        inlet_cny=quote.total_cny - quote.also_cny,
    )  # fmt: skip
