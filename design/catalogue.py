"""
PriceCatalogue 价目表: dated composite prices; Decimal throughout; a missing item is an error, an expired one a finding.

A catalogue is a TOML file: `[catalogue]` (id, title, note, valid_from, valid_to, tax_rate) and the name of a CSV of
items (code, name_zh, name_en, unit, price_cny, ledger, taxed, valid_from, valid_to, source, confidence) or `[[item]]`.
"""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from design.digging import plan_trench
from design.errors import DesignDataError
from design.rules import RuleSet
from design.works import PUBLIC_ROADS, SURFACES

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

DEFAULT = "illustrative-2026.toml"


@dataclass(frozen=True)
class PriceItem:
    """One price; `taxed` is False for fees of an authority."""

    code: str
    name_zh: str
    name_en: str
    unit: str
    price_cny: Decimal
    taxed: bool
    valid_from: date | None
    valid_to: date | None
    source: str
    confidence: str

    def is_expired(self, on: date) -> bool:
        """The day lies after the price's own validity."""
        return self.valid_to is not None and on > self.valid_to


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

    def item(self, code: str) -> PriceItem:
        """The price of an item; DesignDataError `catalogue-item-missing` when there is none."""
        if code not in self.items:
            raise DesignDataError("catalogue-item-missing", item=code, catalogue=self.catalogue_id)
        return self.items[code]

    @property
    def provenance(self) -> str:
        """`id@hash`, for the scheme document."""
        return f"{self.catalogue_id}@{self.digest[:12]}"


def load_catalogue(path: Path | None, *, on: date) -> PriceCatalogue:
    """
    A catalogue file, or the bundled illustrative one.

    Raises
    ------
    DesignDataError
        The file cannot be read, or an item lacks a field or has no usable price.
    """
    folder: Traversable | Path = (
        files("design").joinpath("data", "catalogues") if path is None else path.parent
    )
    name = DEFAULT if path is None else path.name
    try:
        raw = folder.joinpath(name).read_bytes()
        content = tomllib.loads(raw.decode("utf-8-sig"))
        rows, digest = _rows(content, folder, raw)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DesignDataError("catalogue-unreadable", catalogue=name, detail=str(error)) from error
    head = content.get("catalogue", {})
    for key in ("id", "title", "tax_rate"):
        if key not in head:
            raise DesignDataError("catalogue-bad", catalogue=name, item="catalogue", field=key)
    items = [_item(row, head, name) for row in rows]
    return PriceCatalogue(
        str(head["id"]), str(head["title"]), str(head.get("note", "")), head.get("valid_from"), head.get("valid_to"),
        on, _decimal(head["tax_rate"], name, "catalogue", "tax_rate"), {item.code: item for item in items}, digest,
    )  # fmt: skip


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


def _rows(
    content: Mapping[str, Any], folder: Traversable | Path, raw: bytes
) -> tuple[list[Mapping[str, Any]], str]:
    digest = hashlib.sha256(raw)
    rows: list[Mapping[str, Any]] = list(content.get("item", []))
    if "items" in content.get("catalogue", {}):
        listed = folder.joinpath(str(content["catalogue"]["items"])).read_bytes()
        digest.update(listed)
        rows += list(csv.DictReader(listed.decode("utf-8-sig").splitlines()))
    return rows, digest.hexdigest()


def _item(row: Mapping[str, Any], head: Mapping[str, Any], name: str) -> PriceItem:
    code = str(row.get("code") or "")
    for key in ("code", "name_zh", "unit", "price_cny", "source"):
        if row.get(key) in {None, ""}:
            raise DesignDataError("catalogue-bad", catalogue=name, item=code or "?", field=key)
    price = _decimal(row["price_cny"], name, code, "price_cny")
    return PriceItem(
        code, str(row["name_zh"]), str(row.get("name_en") or row["name_zh"]), str(row["unit"]), price,
        str(row.get("taxed") or "yes") != "no",
        _day(row.get("valid_from") or head.get("valid_from"), name, code),
        _day(row.get("valid_to") or head.get("valid_to"), name, code),
        str(row["source"]), str(row.get("confidence") or "design"),
    )  # fmt: skip


def _decimal(value: Any, name: str, item: str, field: str) -> Decimal:
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise DesignDataError("catalogue-bad", catalogue=name, item=item, field=field) from error
    if not found.is_finite() or found < 0:
        raise DesignDataError("catalogue-bad", catalogue=name, item=item, field=field)
    return found


def _day(value: Any, name: str, item: str) -> date | None:
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError as error:
        raise DesignDataError(
            "catalogue-bad", catalogue=name, item=item, field="valid_from/valid_to"
        ) from error
