"""Book: what is dated: rules, prices and who pays, as valid on one day, with what one scheme overrides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from design.pricing.catalogue import PriceCatalogue
from design.pricing.policy import Policy
from design.rules.overrides import Applied
from design.rules.ruleset import RuleSet


@dataclass(frozen=True)
class Book:
    """What is dated: rules, prices and who pays, as valid on `today`; `overrides` are already in `rules`."""

    rules: RuleSet
    catalogue: PriceCatalogue
    policy: Policy
    today: date
    overrides: tuple[Applied, ...] = ()
