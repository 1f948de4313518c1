"""Quote 报价单: quantities times catalogue prices in Decimal; each line rounded half up to 0.01, then added."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from design.errors import DesignDataError
from design.pricing.catalogue import FeeItem, PriceCatalogue
from design.pricing.items import PriceItem
from design.pricing.one_fee import OneFee
from design.pricing.policy import Payer, Policy
from design.pricing.quantity import CENT, Ledger, Quantity, Share, basis
from design.wire.works import PayerDoc, QuoteDoc, QuoteLineDoc
from gis.messages import Language, Text

ROUNDING = "ROUND_HALF_UP 0.01"
ZERO = Decimal("0.00")
OWN_LEDGERS: tuple[Ledger, ...] = ("outside-red-line", "inside-red-line")


@dataclass(frozen=True)
class QuoteLine:
    """
    One line; `amount_cny` is quantity x price, rounded half up to 0.01.

    A fee is one piece at the price of `base_cny` (the works on its side of the red line) x `rate`. `share` says to
    which part of the scheme the line belongs; a line of the second inlet has that in its name.
    """

    item: PriceItem
    quantity: Decimal
    amount_cny: Decimal
    payer: Payer
    ledger: Ledger
    basis: Text
    tax_rate: Decimal = Decimal(0)
    rate: Decimal | None = None
    base_cny: Decimal = ZERO
    detail: str = ""
    share: Share = "connection"

    @property
    def is_fee(self) -> bool:
        """A share of the works above it."""
        return self.rate is not None

    def doc(self) -> QuoteLineDoc:
        """As the scheme document carries it."""
        item = self.item
        base = item.price_cny if item.base_price_cny is None else item.base_price_cny
        return {
            "code": item.code, "name": self._name("zh"), "name_en": self._name("en"), "quantity": f"{self.quantity:f}",
            "unit": item.unit, "price_cny": f"{item.price_cny:f}", "amount_cny": f"{self.amount_cny:f}",
            "payer": self.payer, "ledger": self.ledger, "basis": self.basis.render("zh"),
            "basis_en": self.basis.render("en"), "taxed": item.taxed, "tax_rate": f"{self.tax_rate:f}",
            "kind": "fee" if self.is_fee else "item",
            "rate": None if self.rate is None else f"{self.rate:f}",
            "base_cny": None if self.rate is None else f"{self.base_cny:f}", "base_price_cny": f"{base:f}", "source": item.source,
            "confidence": item.confidence, "valid_to": _day(item.valid_to), "borrowed": item.borrowed,
            "share": self.share,
        }  # fmt: skip

    def _name(self, language: Language) -> str:
        name = self.item.name_zh if language == "zh" else self.item.name_en
        whole = f"{name} {self.detail}".rstrip()
        if self.share != "second-inlet":
            return whole
        return Text("design", "basis.second-inlet", {"name": whole}).render(language)


@dataclass(frozen=True)
class Quote:
    """
    A priced bill.

    `net_cny` is the sum of the lines, `total_cny` net and tax, and also what customer and utility pay together.
    Fees of an authority carry no tax. `one_fee` is the second method, None where the list has no row for the case.
    `also_cny` is what of the total is not the first inlet: a second one, pumps and tanks.
    """

    catalogue: PriceCatalogue
    policy: Policy
    lines: tuple[QuoteLine, ...]
    net_cny: Decimal
    tax_cny: Decimal
    total_cny: Decimal
    customer_total_cny: Decimal
    utility_total_cny: Decimal
    one_fee: OneFee | None = None
    also_cny: Decimal = ZERO

    @property
    def used(self) -> tuple[PriceItem, ...]:
        """Every price once."""
        return tuple({line.item.code: line.item for line in self.lines}.values())

    @property
    def expired(self) -> tuple[PriceItem, ...]:
        """Prices used that are not in force on the catalogue's day: past it, or not begun."""
        on = self.catalogue.on
        return tuple(item for item in self.used if item.is_expired(on) or item.is_early(on))

    @property
    def borrowed(self) -> tuple[PriceItem, ...]:
        """Prices used that the own catalogue lacks and the shipped illustrative one lent."""
        return tuple(item for item in self.used if item.borrowed)

    def doc(self) -> QuoteDoc:
        """As the scheme document carries it."""
        catalogue, policy = self.catalogue, self.policy
        return {
            "catalogue": catalogue.title, "catalogue_en": catalogue.title_en, "catalogue_note": catalogue.note,
            "catalogue_note_en": catalogue.note_en,
            "valid_from": _day(catalogue.valid_from) or "", "valid_to": _day(catalogue.valid_to),
            "regional_factor": f"{catalogue.regional_factor:f}", "currency": catalogue.currency, "rounding": ROUNDING,
            "lines": [line.doc() for line in self.lines], "net_cny": f"{self.net_cny:f}",
            "tax_rate": f"{catalogue.tax_rate:f}", "tax_cny": f"{self.tax_cny:f}",
            "taxes": [
                {"rate": f"{rate:f}", "base_cny": f"{_sum(group):f}", "tax_cny": f"{_cents(_sum(group) * rate):f}"}
                for rate, group in _by_rate(self.lines)
            ],
            "total_cny": f"{self.total_cny:f}", "customer_total_cny": f"{self.customer_total_cny:f}",
            "utility_total_cny": f"{self.utility_total_cny:f}", "payers": self._payers(),
            "policy": {
                "id": policy.policy_id, "title": policy.title, "title_en": policy.title_en, "source": policy.source,
                "confidence": policy.confidence, "conditions": policy.conditions, "conditions_en": policy.conditions_en,
            },
            "borrowed": [item.code for item in self.borrowed],
            "one_fee": None if self.one_fee is None else self.one_fee.doc(),
        }  # fmt: skip

    def _payers(self) -> list[PayerDoc]:
        """What each side bears of every ledger, without tax; nothing is left out because it is free to the customer."""
        behind: tuple[Ledger, ...] = ("secondary-supply",)
        used = {line.ledger for line in self.lines}
        ledgers: tuple[Ledger, ...] = (*OWN_LEDGERS, "third-party", *(one for one in behind if one in used))
        payers: tuple[Payer, ...] = ("utility", "customer")
        return [
            {
                "ledger": ledger, "payer": payer,
                "net_cny": f"{_sum(ln for ln in self.lines if (ln.ledger, ln.payer) == (ledger, payer)):f}",
            }
            for ledger in ledgers
            for payer in payers
        ]  # fmt: skip


def price_quantities(
    quantities: Iterable[Quantity], catalogue: PriceCatalogue, policy: Policy, *, fees: Sequence[FeeItem] = ()
) -> Quote:
    """
    Price a bill of quantities; `fees` in percent of the works follow it, of each side of the red line.

    Tax is computed once a rate on all its lines; the customer's part on the customer's lines, the utility bears the rest.

    Raises
    ------
    DesignDataError
        An item the catalogue does not have, or a forbidden fee on a customer's line.
    """
    lines = tuple(_line(quantity, catalogue, policy) for quantity in quantities)
    lines += tuple(_fees(lines, fees, catalogue, policy))
    net, tax = _sum(lines), _tax(lines)
    mine = [line for line in lines if line.payer == "customer"]
    customer = _sum(mine) + _tax(mine)
    total = net + tax
    return Quote(catalogue, policy, lines, net, tax, total, customer, total - customer)


def _line(quantity: Quantity, catalogue: PriceCatalogue, policy: Policy) -> QuoteLine:
    item = catalogue.item(quantity.code)
    payer = policy.payer(quantity.ledger, metering=quantity.metering)
    _refuse_forbidden(item, payer, catalogue, policy)
    return QuoteLine(
        item, quantity.quantity, _cents(quantity.quantity * item.price_cny), payer, quantity.ledger, quantity.basis,
        catalogue.rate_of(item), detail=quantity.detail, share=quantity.share,
    )  # fmt: skip


def _refuse_forbidden(item: PriceItem, payer: Payer, catalogue: PriceCatalogue, policy: Policy) -> None:
    if payer == "customer" and any(fee in item.name_zh for fee in policy.forbidden):
        raise DesignDataError("fee-forbidden", item=item.name_zh, catalogue=catalogue.catalogue_id)


def _fees(
    lines: Sequence[QuoteLine], fees: Sequence[FeeItem], catalogue: PriceCatalogue, policy: Policy
) -> Iterable[QuoteLine]:
    for fee in fees:
        for ledger in OWN_LEDGERS:
            base = _sum(line for line in lines if line.ledger == ledger)
            if not base:
                continue
            payer = policy.payer(ledger)
            _refuse_forbidden(fee.item, payer, catalogue, policy)
            amount = _cents(base * fee.rate)
            told = basis("fee", base=f"{base:f}", rate=f"{fee.rate:f}", title=fee.item.source)
            line = QuoteLine(replace(fee.item, price_cny=amount), Decimal(1), amount, payer, ledger, told)
            yield replace(line, tax_rate=catalogue.rate_of(fee.item), rate=fee.rate, base_cny=base)


def _by_rate(lines: Iterable[QuoteLine]) -> list[tuple[Decimal, list[QuoteLine]]]:
    groups: dict[Decimal, list[QuoteLine]] = {}
    for line in lines:
        if line.tax_rate:
            groups.setdefault(line.tax_rate, []).append(line)
    return sorted(groups.items(), reverse=True)


def _sum(lines: Iterable[QuoteLine]) -> Decimal:
    return sum((line.amount_cny for line in lines), ZERO)


def _tax(lines: Iterable[QuoteLine]) -> Decimal:
    return sum((_cents(_sum(group) * rate) for rate, group in _by_rate(lines)), ZERO)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
