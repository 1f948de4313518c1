"""Quoting 报价: the works of a connection priced by both methods: by quantities with their fees, and by the one-fee list."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from design.pricing.one_fee import one_fee
from design.pricing.quantities import quantities_of
from design.pricing.quote import ZERO, Quote, price_quantities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from design.pricing.catalogue import PriceCatalogue
    from design.pricing.policy import Policy
    from design.pricing.quantity import Quantity
    from design.rules.ruleset import RuleSet
    from design.works.plan import Works

RESTORATION = "fee-restore-"


def quote_works(
    works: Works, rules: RuleSet, *, catalogue: PriceCatalogue, policy: Policy, also: Sequence[Quantity] = ()
) -> Quote:
    """
    Quote of the works; beside it the price by the one-fee list, whose restoration is that of the quote.

    `also` is what belongs to the scheme besides: a second inlet, pumps and tanks. The list has no price for it.
    """
    own = quantities_of(works, rules)
    alone = price_quantities(own, catalogue, policy, fees=catalogue.fees)
    quote = price_quantities((*own, *also), catalogue, policy, fees=catalogue.fees) if also else alone
    restoration = sum(
        (line.amount_cny for line in alone.lines if line.item.code.startswith(RESTORATION)), ZERO
    )
    listed = one_fee(
        catalogue.one_fee, meter_dn=works.meter.dn, method=works.tapping.method, length_m=works.length_m,
        restoration_cny=restoration, quote_total_cny=quote.total_cny, on=catalogue.on,
        left_out_cny=quote.total_cny - alone.total_cny,
    )  # fmt: skip
    return replace(quote, one_fee=listed, also_cny=quote.total_cny - alone.total_cny)
