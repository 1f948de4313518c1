"""Quantities 工程量: what the works need of every priced item, split by red line; Decimal with two places, half up."""

from __future__ import annotations

from design.pricing.earth import earthworks, occupation_fee, own_surfaces, pit, restoration_fees
from design.pricing.fittings import metering, pipe, structures
from design.pricing.quantity import Quantity, length_of, split_at_red_line
from design.rules.ruleset import RuleSet
from design.works.plan import Works


def quantities_of(works: Works, rules: RuleSet) -> tuple[Quantity, ...]:
    """Every quantity of the works, in the order a bill lists them; nothing of zero amount."""
    outside, inside = split_at_red_line(works)
    found = [
        *earthworks(works, outside, "outside-red-line", rules),
        *earthworks(works, inside, "inside-red-line", rules),
        *pit(works, rules),
        *own_surfaces(works, outside, "outside-red-line", rules),
        *own_surfaces(works, inside, "inside-red-line", rules),
        *pipe(works, rules, length_of(outside), "outside-red-line"),
        *pipe(works, rules, length_of(inside), "inside-red-line"),
        *structures(works, rules),
        *metering(works, rules),
        *restoration_fees(works, outside, rules),
        *occupation_fee(outside, rules),
    ]
    return tuple(quantity for quantity in found if quantity.quantity > 0)
