"""Checks of the prices behind a quote: in force on the day, from the own list, both methods possible."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from design.pricing.quote import Quote
from design.rules.ruleset import Finding, RuleSet, finding

SHOWN_COUNT = 5


def price_findings(quote: Quote, rules: RuleSet, *, on: date, meter_dn: int) -> Iterator[Finding]:
    """Prices not in force, prices borrowed from the illustrative list, and a case the one-fee list lacks."""
    rule = rules.value("price-validity")
    expired = [item for item in quote.used if item.is_expired(on) or item.is_early(on)]
    names = "、".join(
        f"{item.name_zh}（至 {item.valid_to}）"
        if item.is_expired(on)
        else f"{item.name_zh}（自 {item.valid_from}）"
        for item in expired
    )
    yield finding(
        rule, "price-expired", measured=float(len(expired)), limit=0.0, unit="项",
        verdict="warn" if expired else "pass", on=on.isoformat(), items=names,
    )  # fmt: skip
    borrowed = quote.borrowed
    if borrowed:
        told = "、".join(item.name_zh for item in borrowed[:SHOWN_COUNT])
        more = "……" if len(borrowed) > SHOWN_COUNT else ""
        yield finding(
            rule, "price-borrowed", measured=float(len(borrowed)), limit=0.0, unit="项", verdict="warn", items=told + more
        )  # fmt: skip
    if quote.one_fee is None and quote.catalogue.one_fee:
        yield finding(rule, "one-fee", measured=float(meter_dn), limit=0.0, unit="DN", verdict="warn")
