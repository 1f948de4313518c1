"""Quote 报价单: quantities times catalogue prices in Decimal; each line rounded half up to 0.01, then added."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from design.catalogue import PriceCatalogue, PriceItem
from design.errors import DesignDataError
from design.policy import Payer, Policy
from design.pricing.quantity import CENT, Ledger, Quantity
from design.wire import QuoteDoc, QuoteLineDoc
from gis.messages import Text

ROUNDING = "ROUND_HALF_UP 0.01"


@dataclass(frozen=True)
class QuoteLine:
    """One line; `amount_cny` is quantity x price, rounded half up to 0.01."""

    item: PriceItem
    quantity: Decimal
    amount_cny: Decimal
    payer: Payer
    ledger: Ledger
    basis: Text

    def doc(self) -> QuoteLineDoc:
        """As the scheme document carries it."""
        return {
            "code": self.item.code, "name": self.item.name_zh, "quantity": f"{self.quantity:f}",
            "unit": self.item.unit, "price_cny": f"{self.item.price_cny:f}", "amount_cny": f"{self.amount_cny:f}",
            "payer": self.payer, "ledger": self.ledger, "basis": self.basis.render("zh"),
        }  # fmt: skip


@dataclass(frozen=True)
class Quote:
    """
    A priced bill.

    `net_cny` is the sum of the lines, `total_cny` net and tax, and also what customer and utility pay together.
    Fees of an authority carry no tax.
    """

    catalogue: PriceCatalogue
    policy: Policy
    lines: tuple[QuoteLine, ...]
    net_cny: Decimal
    tax_cny: Decimal
    total_cny: Decimal
    customer_total_cny: Decimal
    utility_total_cny: Decimal

    @property
    def expired(self) -> tuple[PriceItem, ...]:
        """Prices used that are past their validity on the catalogue's day."""
        used = {line.item.code: line.item for line in self.lines}
        return tuple(item for item in used.values() if item.is_expired(self.catalogue.on))

    def doc(self) -> QuoteDoc:
        """As the scheme document carries it."""
        return {
            "catalogue": self.catalogue.title, "catalogue_note": self.catalogue.note,
            "valid_from": _day(self.catalogue.valid_from) or "", "valid_to": _day(self.catalogue.valid_to),
            "rounding": ROUNDING, "lines": [line.doc() for line in self.lines], "net_cny": f"{self.net_cny:f}",
            "tax_rate": f"{self.catalogue.tax_rate:f}", "tax_cny": f"{self.tax_cny:f}",
            "total_cny": f"{self.total_cny:f}", "customer_total_cny": f"{self.customer_total_cny:f}",
            "utility_total_cny": f"{self.utility_total_cny:f}",
        }  # fmt: skip


def price_quantities(quantities: Iterable[Quantity], catalogue: PriceCatalogue, policy: Policy) -> Quote:
    """
    Price a bill of quantities.

    Tax is computed once on all taxed lines; the customer's part on the customer's lines, the utility bears the rest.

    Raises
    ------
    DesignDataError
        An item the catalogue does not have, or a forbidden fee on a customer's line.
    """
    lines = tuple(_line(quantity, catalogue, policy) for quantity in quantities)
    rate = catalogue.tax_rate
    net, tax = _sum(lines), _tax(lines, rate)
    mine = [line for line in lines if line.payer == "customer"]
    customer = _sum(mine) + _tax(mine, rate)
    total = net + tax
    return Quote(catalogue, policy, lines, net, tax, total, customer, total - customer)


def _line(quantity: Quantity, catalogue: PriceCatalogue, policy: Policy) -> QuoteLine:
    item = catalogue.item(quantity.code)
    payer = policy.payer(quantity.ledger, metering=quantity.metering)
    if payer == "customer" and any(fee in item.name_zh for fee in policy.forbidden):
        raise DesignDataError("fee-forbidden", item=item.name_zh, catalogue=catalogue.catalogue_id)
    amount = (quantity.quantity * item.price_cny).quantize(CENT, ROUND_HALF_UP)
    return QuoteLine(item, quantity.quantity, amount, payer, quantity.ledger, quantity.basis)


def _sum(lines: Iterable[QuoteLine]) -> Decimal:
    return sum((line.amount_cny for line in lines), Decimal("0.00"))


def _tax(lines: Iterable[QuoteLine], rate: Decimal) -> Decimal:
    return (_sum(line for line in lines if line.item.taxed) * rate).quantize(CENT, ROUND_HALF_UP)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
