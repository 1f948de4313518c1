"""Price lists and the price of planned works, without a workspace: import, check, price."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from api.files.outputs import whole_file
from design.pricing.catalogue import load_catalogue
from design.pricing.laying import price_planned
from design.pricing.mapping import catalogue_toml, imported_items, read_mapping, read_planned
from design.pricing.policy import load_policy
from design.rules.ruleset import load_rules

if TYPE_CHECKING:
    from pathlib import Path

    from api.settings import Prices
    from design.pricing.catalogue import PriceCatalogue
    from design.pricing.laying import PricedWorks


def import_catalogue(prices: Path, *, mapping: Path | None, out: Path) -> dict[str, Any]:
    """Turn a foreign price list into a catalogue of ours, by the mapping where headings and codes are others."""
    told = {} if mapping is None else read_mapping(mapping)
    head, items, unpriced = imported_items(prices, told)
    head.setdefault("tax_rate", "0.09")
    with whole_file(out) as draft:
        draft.write_text(catalogue_toml(head, items), encoding="utf-8")
    catalogue = load_catalogue(out, on=date.today())
    return {
        "file": str(out), "id": catalogue.catalogue_id, "title": catalogue.title, "currency": catalogue.currency,
        "items": len(items), "mapped": sorted(told.get("items", {})),
        "without_price": unpriced, "tax_rate": f"{catalogue.tax_rate:f}",
    }  # fmt: skip


def check_catalogue(path: Path | None, *, on: date) -> dict[str, Any]:
    """Read a list as a scheme would: the edition of the day, what it has, what it borrows, what is not in force."""
    catalogue = load_catalogue(path, on=on)
    items = list(catalogue.items.values())
    return {
        "id": catalogue.catalogue_id, "title": catalogue.title, "currency": catalogue.currency, "on": on.isoformat(),
        "valid_from": _day(catalogue.valid_from), "valid_to": _day(catalogue.valid_to),
        "tax_rate": f"{catalogue.tax_rate:f}", "regional_factor": f"{catalogue.regional_factor:f}",
        "own": sum(not item.borrowed for item in items),
        "borrowed": sorted(item.code for item in items if item.borrowed),
        "expired": sorted(item.code for item in items if item.is_expired(on)),
        "not_yet": sorted(item.code for item in items if item.is_early(on)),
        "fees": {fee.item.name_zh: f"{fee.rate:f}" for fee in catalogue.fees},
        "one_fee_rows": len(catalogue.one_fee),
    }  # fmt: skip


def write_price_template(out: Path, *, on: date) -> dict[str, Any]:
    """Write a workbook of every item a quote may ask for, to be filled with own prices."""
    from design.documents.sheets.price_template import write_template

    with whole_file(out) as draft:
        count = write_template(load_catalogue(None, on=on), draft)
    return {"file": str(out), "items": count}


def price_works(planned: Path, *, mapping: Path | None, prices: Prices, out: Path | None) -> dict[str, Any]:
    """Price planned pipes and pieces by a catalogue in any currency; with `out` also as a workbook of live formulas."""
    rules = load_rules(on=prices.on, extra=prices.rules)
    catalogue = load_catalogue(prices.catalogue, on=prices.on)
    pipes, pieces = read_planned(planned, {} if mapping is None else read_mapping(mapping), rules)
    policy = load_policy(prices.policy, on=prices.on)
    priced = price_planned(pipes, pieces, catalogue=catalogue, policy=policy, rules=rules)
    if out is not None:
        from design.documents.sheets.works_xlsx import write_works

        with whole_file(out) as draft:
            write_works(priced, draft, name=planned.stem, on=prices.on)
    return _document(priced, catalogue, out)


def _document(priced: PricedWorks, catalogue: PriceCatalogue, out: Path | None) -> dict[str, Any]:
    quote = priced.quote
    return {
        "catalogue": catalogue.title, "prices": catalogue.provenance, "currency": catalogue.currency,
        "pipes": len(priced.pipes), "pieces": sum(piece.count for piece in priced.pieces),
        "length_m": round(priced.length_m, 3),
        "lines": [
            {
                "code": line.item.code, "name": line.item.name_zh, "quantity": f"{line.quantity:f}",
                "unit": line.item.unit, "price": f"{line.item.price_cny:f}", "amount": f"{line.amount_cny:f}",
            }
            for line in quote.lines
        ],
        "net": f"{quote.net_cny:f}", "tax": f"{quote.tax_cny:f}", "total": f"{quote.total_cny:f}",
        "per_m": f"{_per_m(quote.net_cny, priced.length_m):f}",
        "left_out": [{"code": left.code, "quantity": f"{left.quantity:f}"} for left in priced.left_out],
        "file": None if out is None else str(out),
    }  # fmt: skip


def _per_m(net: Decimal, length_m: float) -> Decimal:
    return (net / Decimal(repr(length_m))).quantize(Decimal("0.01")) if length_m > 0.0 else Decimal("0.00")


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
