"""Why an option ranks where it does and why each other lost, in words with the figures that decided."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from design.fixes.cheapest import MENDED
from design.fixes.fix import fix_terms
from design.points import Rejected
from gis.messages import Text
from gis.units import mpa_from_head_m

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from design.alternatives.choosing import Choice
    from design.alternatives.least import Least
    from design.alternatives.sketch import Figures
    from design.fixes.fix import Fix
    from design.option import SchemeOption
    from design.points import ConnectionPoint, Search
    from design.route.routing import RoutedPoint
    from gis.errors import Param

Whole = tuple["SchemeOption", "Figures"]


def explained(
    choice: Choice, unbuilt: Sequence[Rejected], *, search: Search
) -> tuple[tuple[SchemeOption, ...], list[Rejected]]:
    """Give the options in order with rank, score and reasons, and everything else with why it lost."""
    shown = choice.shown
    best = shown[0][1]
    lost = [
        Rejected(one.entry.point, lost_to(one, best), one.told_score, one.entry.way) for one in choice.losers
    ]
    lost += [Rejected(one.entry.point, _spared(one, shown), way=one.entry.way) for one in choice.spared]
    cheapest = min(option.quote.total_cny for option, _ in shown)
    ranked = []
    for place, (option, figures) in enumerate(shown, start=1):
        reasons: tuple[Text, ...] = (
            _connection(option),
            _price(option, shown[0][0], cheapest),
            _pressure(option, search),
        )
        if option.pinned is not None:
            told: dict[str, Param | Text] = {"reason": option.pinned.reason, "by": option.pinned.by or "—"}
            reasons = (Text("design", "reason.pinned", told), *reasons)
        if figures is best:
            others = [
                Rejected(one.entry.point, lost_to(one, best), way=one.entry.way) for _, one in shown[1:]
            ]
            reasons += _nearer(best, [*others, *lost, *unbuilt]) + _shorter(best, [*others, *lost, *unbuilt])
        else:
            reasons += (lost_to(figures, best),)
        ranked.append(replace(option, rank=place, reasons=reasons, score=figures.told_score))
    return tuple(ranked), [*lost, *unbuilt]


def _nearer(best: Figures, others: Sequence[Rejected]) -> tuple[Text, ...]:
    """Why not the nearer one: the nearest of those that lie nearer to the site, by name, and what it lacks."""
    own_m = best.entry.point.distance_m
    nearer = [one for one in others if one.point.distance_m < own_m]
    if not nearer:
        return ()
    nearest = min(nearer, key=lambda one: (one.point.distance_m, one.point.key))
    told: dict[str, Param | Text] = {
        "where": named(nearest.point),
        "distance_m": f"{nearest.point.distance_m:.1f}",
        "why": nearest.reason,
    }
    return (Text("design", "reason.nearer", told),)


def _shorter(best: Figures, others: Sequence[Rejected]) -> tuple[Text, ...]:
    """Why not another route of the same point: the shortest one that is shorter, else the first that was looked at."""
    same = [one for one in others if one.way is not None and one.point.key == best.entry.point.key]
    if not same:
        return ()
    shortest = min(same, key=lambda one: one.way.length_m if one.way is not None else 0.0)
    is_shorter = shortest.way is not None and shortest.way.length_m < best.length_m
    worked_out = [one for one in same if one.way is not None and one.way.number is not None]
    told = shortest if is_shorter else [*worked_out, *same][0]
    return (Text("design", "reason.shorter" if is_shorter else "reason.other-way", {"why": told.reason}),)


def with_fix_told(options: tuple[SchemeOption, ...], fixes: Sequence[Fix]) -> tuple[SchemeOption, ...]:
    """The options with the cheapest fix among the reasons of the first, or that none was found."""
    best = options[0]
    if not fixes:
        return options if best.feasible else (_unmended(best), *options[1:])
    return replace(best, reasons=(*best.reasons, _fixed_by(fixes[0]))), *options[1:]


def _unmended(best: SchemeOption) -> SchemeOption:
    """An option that nothing makes pass: because of what more pressure would not mend, or of everything that was tried."""
    other = any(one.verdict == "fail" and one.rule not in MENDED for one in best.findings)
    terms = fix_terms()
    told: dict[str, Param | Text] = {
        "least_dn": min(terms.sizes), "most_dn": max(terms.sizes), "valve_m": f"{terms.valve_reach_m:.0f}",
        "loop_m": f"{terms.loop_reach_m:.0f}", "path_count": terms.path_count,
    }  # fmt: skip
    said = Text("design", "reason.no-fix-sought" if other else "reason.no-fix", told)
    return replace(best, reasons=(*best.reasons, said))


def _fixed_by(fix: Fix) -> Text:
    """The cheapest thing that would make it pass, with its price and what it does."""
    told: dict[str, Param | Text] = {
        "what": fix.what, "extra_cny": f"{fix.extra_cny:,}", "total_cny": f"{fix.total_cny:,}",
        "before_mpa": f"{mpa_from_head_m(fix.before_m):.3f}", "after_mpa": f"{mpa_from_head_m(fix.after_m):.3f}",
        "below": fix.below_after_count,
    }  # fmt: skip
    return Text("design", "reason.fixed-by", told)


def named(point: ConnectionPoint) -> str:
    """What a point of connection is called in a sentence."""
    return str(point.tapoff_id if point.kind == "tapoff" else point.pipe_id)


def called(entry: RoutedPoint) -> str | Text:
    """What an alternative is called: its point, and which of its routes where that is not the cheapest."""
    if entry.number == 1:
        return named(entry.point)
    key = "route.of-point" if entry.number else "route.drawn-of-point"
    return Text("design", key, {"point": named(entry.point), "number": entry.number})


def lost_to(one: Figures, best: Figures) -> Text:
    """Why an alternative lost to the best, with the figures of both."""
    gap, worse = one.total_cny - best.total_cny, one.score.total_cny - best.score.total_cny
    price = "reason.price-more" if gap >= 0 else "reason.price-less"
    told: dict[str, Param | Text] = {
        "best": called(best.entry),
        "how": Text("design", "reason.fits" if one.is_whole else "reason.would-fit"),
        "total_cny": f"{one.total_cny:,}", "price": Text("design", price, {"gap_cny": f"{abs(gap):,}"}),
        "length_m": f"{one.length_m:.1f}", "best_length_m": f"{best.length_m:.1f}",
        "margin_m": f"{one.margin_m:.1f}", "best_margin_m": f"{best.margin_m:.1f}",
        "short_m": f"{max(-one.margin_m, 0.0):.1f}", "below": one.below_count, "score_cny": f"{abs(worse):,.0f}",
        "days": one.days, "best_days": best.days,
    }  # fmt: skip
    why = Text("design", f"reason.{_way_lost(one, best, worse)}", told)
    if one.entry.number < 2:
        return why
    return _of_route(one.entry, why)


def _spared(one: Least, shown: Sequence[Whole]) -> Text:
    """Why an alternative was not worked out: with everything in its favour it comes after what is shown."""
    best, last = shown[0][1], shown[-1][1]
    told: dict[str, Param | Text] = {
        "best": called(best.entry), "length_m": f"{one.entry.route.length_m:.1f}",
        "best_length_m": f"{best.length_m:.1f}", "cost_cny": f"{one.cost_cny:,.0f}",
        "score_cny": f"{one.score.total_cny:,.0f}", "last_cny": f"{last.score.total_cny:,.0f}",
    }  # fmt: skip
    by_policy = best.first and not one.first
    why = Text("design", "reason.spared-tapoff-first" if by_policy else "reason.spared", told)
    return why if one.entry.number < 2 else _of_route(one.entry, why)


def _of_route(entry: RoutedPoint, why: Text) -> Text:
    asked = Text("design", f"route.ask-{entry.asked}")
    return Text("design", "reason.of-route", {"asked": asked, "how": entry.way.how, "why": why})


def _way_lost(one: Figures, best: Figures, worse_cny: float) -> str:
    if not one.fits:
        if one.margin_m < 0:
            return "lost-pressure"
        return "lost-neighbours" if one.below_count else "lost-infeasible"
    if best.pinned:
        return "lost-pinned"
    if one.is_short and not best.is_short:
        return "lost-second"
    if not best.fits:
        return "lost-chosen"
    if best.first and not one.first and worse_cny <= 0:
        return "lost-tapoff-first"
    return "lost-weighed" if worse_cny >= 0 else "lost-chosen"


def _connection(option: SchemeOption) -> Text:
    point, length_m = option.point, round(option.routed.route.length_m, 1)
    if point.kind == "tapoff":
        key = "reason.tapoff-derived" if point.is_derived else "reason.tapoff"
        return Text(
            "design", key, {"tapoff": point.tapoff_id, "dn": point.dn, "length_m": length_m}
        )  # fmt: skip
    told: dict[str, Param] = {"pipe": point.pipe_id, "dn": point.pipe_dn, "length_m": length_m}
    if not option.tapping.outage or option.outage is None:
        return Text("design", "reason.new-tap", told)
    told |= {"customers": option.outage.customers_out, "valves": len(option.outage.valves)}
    key = "reason.new-tap-outage" if option.outage.is_known else "reason.new-tap-outage-no-valves"
    return Text("design", key, told)


def _price(option: SchemeOption, best: SchemeOption, cheapest: Decimal | None) -> Text:
    total = option.quote.total_cny
    if total == cheapest:
        return Text("design", "reason.cheapest", {"total_cny": f"{total:,}"})
    other = cheapest if option is best or cheapest is None else best.quote.total_cny
    gap = total - (other or total)
    key = "reason.dearer" if gap >= 0 else "reason.cheaper-than-best"
    return Text("design", key, {"total_cny": f"{total:,}", "gap_cny": f"{abs(gap):,}"})


def _pressure(option: SchemeOption, search: Search) -> Text:
    told: dict[str, Param] = {
        "pressure_mpa": f"{mpa_from_head_m(option.site_pressure_after_m):.3f}",
        "margin_m": f"{abs(option.margin_m):.1f}",
        "neighbours": len(option.check.newly_below),
    }
    if option.margin_m < 0:
        return Text("design", "reason.short", told)
    if option.check.newly_below:
        return Text("design", "reason.neighbours-fall", told)
    return Text(
        "design", "reason.just-enough" if option.margin_m < search.marginal_m else "reason.enough", told
    )
