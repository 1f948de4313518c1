"""Which option is the scheme, and in words why: feasible first, a near free tap-off next, then the lower total."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from design.options import prefers
from design.points import Rejected
from gis.messages import Text
from gis.units import mpa_from_head_m

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from design.option import SchemeOption
    from design.points import Search
    from gis.errors import Param


MANY = 3


def rank(
    options: Sequence[SchemeOption], *, count: int, search: Search
) -> tuple[tuple[SchemeOption, ...], list[Rejected]]:
    """Give the best `count` options in order, each with its reasons, and the others with why they lost."""
    ordered = _varied(sorted(options, key=lambda option: _key(option, search)), count)
    cheapest = min((option.quote.total_cny for option in ordered), default=None)
    ranked = tuple(
        replace(option, rank=place, reasons=_reasons(option, ordered[0], cheapest, search))
        for place, option in enumerate(ordered[:count], start=1)
    )
    return ranked, [Rejected(option.point, _lost(option, ordered[0])) for option in ordered[count:]]


def _varied(ordered: list[SchemeOption], count: int) -> list[SchemeOption]:
    """Let the last place shown go to the best feasible option of the other kind, so that it can be compared."""
    shown = ordered[:count]
    if count < MANY or len({option.point.kind for option in shown}) > 1:
        return ordered
    for option in ordered[count:]:
        if option.feasible and option.point.kind != shown[0].point.kind:
            return [*shown[:-1], option, *(other for other in ordered[count - 1 :] if other is not option)]
    return ordered


def _key(option: SchemeOption, search: Search) -> tuple[object, ...]:
    shortage_m = 0.0 if option.feasible else round(max(-option.margin_m, 0.0), 3)
    first = not prefers(option.routed, search)
    return (
        not option.feasible,
        shortage_m,
        first,
        option.quote.total_cny,
        -round(option.margin_m, 3),
        option.point.key,
    )


def _reasons(
    option: SchemeOption, best: SchemeOption, cheapest: Decimal | None, search: Search
) -> tuple[Text, ...]:
    return (_connection(option), _price(option, best, cheapest), _pressure(option, search))


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


def _lost(option: SchemeOption, best: SchemeOption) -> Text:
    gap = option.quote.total_cny - best.quote.total_cny
    told: dict[str, Param] = {
        "gap_cny": f"{abs(gap):,}",
        "length_m": round(option.routed.route.length_m, 1),
        "margin_m": f"{option.margin_m:.1f}",
    }
    if best.feasible and not option.feasible:
        return Text("design", "reason.lost-infeasible", told)
    return Text("design", "reason.lost-dearer" if gap >= 0 else "reason.lost-tapoff-first", told)
