"""
PriceCatalogue 价目表: dated composite prices; Decimal throughout; a missing item is an error, an expired one a finding.

A catalogue is a TOML file, a CSV or an XLSX, or a folder of editions of which the one of the day is taken. TOML:
`[catalogue]` (id, title, note, valid_from, valid_to, tax_rate, regional_factor, base, currency), the name of a CSV of
`items` (code, name_zh, name_en, unit, price_cny, taxed, tax_rate, valid_from, valid_to, source, confidence) or
`[[item]]`, `[[fee]]` in percent of the works, `[[composite]]` (code, item, factor), and a CSV `one_fee`.
With `base = "illustrative"` what it lacks is taken from the shipped list and told; a CSV or XLSX does so unless it says
`base = none`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from design.errors import DesignDataError
from design.pricing.composites import composite_prices
from design.pricing.editions import Edition, in_force, read_editions
from design.pricing.items import BadField, PriceItem, amount, day, item_of
from design.pricing.one_fee import OneFeeRow, one_fee_rows
from design.rules.ruleset import RuleSet
from design.works.digging import plan_trench
from design.works.plan import PUBLIC_ROADS, SURFACES

CURRENCY = "CNY"
CENT = Decimal("0.01")
TOLD_COUNT = 8


@dataclass(frozen=True)
class FeeItem:
    """A fee in percent of the works: design, supervision; `item` names it, its price is the rate."""

    item: PriceItem
    rate: Decimal


@dataclass(frozen=True)
class PriceCatalogue:
    """A price list of one place and time, as read on a day."""

    catalogue_id: str
    title: str
    note: str
    valid_from: date | None
    valid_to: date | None
    on: date
    tax_rate: Decimal
    items: Mapping[str, PriceItem]
    digest: str
    regional_factor: Decimal = Decimal(1)
    currency: str = CURRENCY
    fees: tuple[FeeItem, ...] = ()
    one_fee: tuple[OneFeeRow, ...] = ()
    title_en: str = ""
    note_en: str = ""

    def item(self, code: str) -> PriceItem:
        """The price of an item; DesignDataError `catalogue-item-missing` when there is none."""
        if code not in self.items:
            raise DesignDataError("catalogue-item-missing", item=code, catalogue=self.catalogue_id)
        return self.items[code]

    def rate_of(self, item: PriceItem) -> Decimal:
        """Tax on an item: none on fees of an authority, its own rate, else that of the catalogue."""
        if not item.taxed:
            return Decimal(0)
        return self.tax_rate if item.tax_rate is None else item.tax_rate

    @property
    def provenance(self) -> str:
        """`id@hash`, for the scheme document."""
        return f"{self.catalogue_id}@{self.digest[:12]}"


def load_catalogue(path: Path | None, *, on: date) -> PriceCatalogue:
    """
    The edition of the day: of a file, of a folder of editions, or the shipped illustrative one.

    Raises
    ------
    DesignDataError
        A list that cannot be read, or rows that cannot be used, each with its number and field.
    """
    edition = in_force(read_editions(path), on)
    base = None
    if str(edition.head.get("base", "none")).strip().lower() not in {"none", "无", ""}:
        base = load_catalogue(None, on=on)
    try:
        return _built(edition, on, base)
    except BadField as bad:
        raise DesignDataError(
            "catalogue-bad", catalogue=edition.name, item=bad.item, field=bad.field
        ) from bad


def require_cny(catalogue: PriceCatalogue) -> PriceCatalogue:
    """The catalogue itself; DesignDataError `catalogue-currency` when its prices are in other money."""
    if catalogue.currency != CURRENCY:
        raise DesignDataError(
            "catalogue-currency", catalogue=catalogue.catalogue_id, currency=catalogue.currency
        )
    return catalogue


def _built(edition: Edition, on: date, base: PriceCatalogue | None) -> PriceCatalogue:
    head = dict(edition.head)
    if base is not None:
        head.setdefault("tax_rate", base.tax_rate)
    for key in ("id", "title", "tax_rate"):
        if key not in head:
            raise BadField("catalogue", key)
    factor = amount(head.get("regional_factor", 1), "catalogue", "regional_factor")
    items = {code: replace(item, borrowed=True) for code, item in (base.items if base else {}).items()}
    own = _items(edition, head, lent=items)
    items |= {item.code: _regional(item, factor) for item in own}
    fees = tuple(_fee(row, head) for row in edition.fees) or (base.fees if base else ())
    listed = one_fee_rows(edition.one_fee, head) or (base.one_fee if base else ())
    return PriceCatalogue(
        str(head["id"]), str(head["title"]), str(head.get("note", "")),
        day(head.get("valid_from"), "catalogue", "valid_from"), day(head.get("valid_to"), "catalogue", "valid_to"),
        on, amount(head["tax_rate"], "catalogue", "tax_rate"), items,
        edition.digest if base is None else f"{edition.digest[:6]}{base.digest}", factor,
        str(head.get("currency", CURRENCY)).strip().upper(), fees, listed,
        str(head.get("title_en", head["title"])), str(head.get("note_en", head.get("note", ""))),
    )  # fmt: skip


def _items(edition: Edition, head: Mapping[str, Any], *, lent: Mapping[str, PriceItem]) -> list[PriceItem]:
    """
    Own items; in a table every bad row is told at once, elsewhere the first.

    A row of a table whose price is left blank stands for the price that is `lent`, where there is one.
    """
    composed = _composed(edition)
    found: dict[str, PriceItem] = {}
    bad: list[str] = []
    for number, row in edition.items:
        code = str(row.get("code") or "").strip()
        filled = {**row, "price_cny": composed[code]} if code in composed else row
        if number and code in lent and filled.get("price_cny") in {None, ""}:
            continue
        try:
            item = item_of(filled, head)
            if item.code in found:
                raise BadField(item.code, "code", "重复 / twice")
            found[item.code] = item
        except BadField as error:
            if not number:
                raise
            bad.append(f"{number}: {error.item}, {error.field} = {error.value!r}")
    if bad:
        more = f" … (+{len(bad) - TOLD_COUNT})" if len(bad) > TOLD_COUNT else ""
        raise DesignDataError(
            "catalogue-rows", catalogue=edition.name, count=len(bad), rows="；".join(bad[:TOLD_COUNT]) + more
        )
    return list(found.values())


def _composed(edition: Edition) -> dict[str, Decimal]:
    if not edition.composites:
        return {}
    known = {
        str(row.get("code")).strip(): amount(row["price_cny"], str(row.get("code")), "price_cny")
        for _, row in edition.items
        if row.get("price_cny") not in {None, ""}
    }
    return composite_prices(edition.composites, known)


def _regional(item: PriceItem, factor: Decimal) -> PriceItem:
    """The item at the prices of the place: price x factor, rounded half up to the cent; fees of an authority stay."""
    if not item.regional or factor == 1:
        return item
    return replace(
        item, base_price_cny=item.price_cny, price_cny=(item.price_cny * factor).quantize(CENT, ROUND_HALF_UP)
    )


def _fee(row: Mapping[str, Any], head: Mapping[str, Any]) -> FeeItem:
    code = str(row.get("code") or "?")
    rate = amount(row.get("rate"), code, "rate")
    return FeeItem(item_of({**row, "unit": "项", "price_cny": str(rate), "regional": "no"}, head), rate)


def surface_costs(catalogue: PriceCatalogue, rules: RuleSet) -> Mapping[str, float]:
    """
    What a metre of route costs by surface [CNY/m], for choosing between routes: pipe, trench and restoration.

    Also by `surface:road_class`, for the asphalt of main roads is dearer to restore.

    For the typical size of rule `trial-dn` in a public road; prices of the quote are exact, these only compare.
    """
    outer_m = rules.value("trial-outer").value
    trench = plan_trench(outer_m, cover_depth_m=rules.value("cover-large").value, rules=rules)
    per_m = float(catalogue.item(f"pipe-DI-dn{int(rules.value('trial-dn').value)}").price_cny)
    excavated = float(catalogue.item("040101002").price_cny) + float(catalogue.item("040103001").price_cny)
    base = per_m + excavated * trench.area_m2

    def cost(surface: str, road_class: str) -> float:
        code = restoration_code(surface, road_class)
        return base + trench.top_width_m * float(catalogue.item(code).price_cny if code else Decimal(0))

    by_class = {f"{surface}:{name}": cost(surface, name) for surface in SURFACES for name in PUBLIC_ROADS}
    return {surface: cost(surface, "branch") for surface in SURFACES} | by_class


def restoration_code(surface: str, road_class: str) -> str:
    """Fee item that restores a surface of a public road, by the rows of the restoration fee table; "" for soil."""
    if surface == "soil":
        return ""
    if surface == "asphalt":
        return (
            "fee-restore-asphalt-main"
            if road_class in {"expressway", "arterial", "secondary"}
            else "fee-restore-asphalt"
        )
    known = surface if surface in SURFACES else "asphalt"
    return f"fee-restore-{known}"
