"""Price items 单价: one row of a price list read strictly: what is wrong is told with the item and the field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
_NO = {"no", "false", "0", "否", "不计", "n"}
REQUIRED = ("code", "name_zh", "unit", "price_cny", "source")


class BadField(Exception):
    """A field of an item that cannot be used; callers tell it with the file."""

    def __init__(self, item: str, field: str, value: Any = None) -> None:
        super().__init__(item, field)
        self.item, self.field, self.value = item, field, value


@dataclass(frozen=True)
class PriceItem:
    """
    One price; `taxed` is False for fees of an authority.

    Attributes
    ----------
    price_cny
        What the quote uses: the price of the list times the regional factor where that applies.
    base_price_cny
        Price as the list has it.
    tax_rate
        Rate of its own, or None for that of the catalogue.
    borrowed
        Comes from the base catalogue, for the own one does not have it.
    """

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
    base_price_cny: Decimal | None = None
    tax_rate: Decimal | None = None
    regional: bool = True
    borrowed: bool = False

    def is_expired(self, on: date) -> bool:
        """The day lies after the price's own validity."""
        return self.valid_to is not None and on > self.valid_to

    def is_early(self, on: date) -> bool:
        """The day lies before the price comes into force."""
        return self.valid_from is not None and on < self.valid_from


def item_of(row: Mapping[str, Any], head: Mapping[str, Any]) -> PriceItem:
    """
    The item of a row; what the row leaves open comes from the head of the list.

    Raises
    ------
    BadField
        A field that is missing or cannot be read.
    """
    code = str(row.get("code") or "").strip()
    for key in REQUIRED:
        if row.get(key, head.get(key) if key == "source" else None) in {None, ""}:
            raise BadField(code or "?", key, row.get(key))
    taxed = str(row.get("taxed") if row.get("taxed") not in {None, ""} else "yes").strip().lower() not in _NO
    own = row.get("regional")
    return PriceItem(
        code, str(row["name_zh"]).strip(), str(row.get("name_en") or row["name_zh"]).strip(), str(row["unit"]).strip(),
        amount(row["price_cny"], code, "price_cny"), taxed,
        day(row.get("valid_from") or head.get("valid_from"), code, "valid_from/valid_to"),
        day(row.get("valid_to") or head.get("valid_to"), code, "valid_from/valid_to"),
        str(row.get("source") or head["source"]), str(row.get("confidence") or head.get("confidence") or "design"),
        tax_rate=None if row.get("tax_rate") in {None, ""} else amount(row["tax_rate"], code, "tax_rate"),
        regional=taxed if own in {None, ""} else str(own).strip().lower() not in _NO,
    )  # fmt: skip


def amount(value: Any, item: str, field: str) -> Decimal:
    """A finite number that is not negative; full-width digits and 1,234.50 are read, 12,5 is not."""
    text = unicodedata.normalize("NFKC", str(value)).strip().lstrip("¥￥").strip()
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise BadField(item, field, value) from None
    if not found.is_finite() or found < 0 or "_" in text:
        raise BadField(item, field, value)
    return found


def day(value: Any, item: str, field: str) -> date | None:
    """A date as such or as YYYY-MM-DD, YYYY/M/D; None when none is given."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    parts = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", str(value).strip())
    try:
        if parts is None:
            raise ValueError
        return date(*(int(part) for part in parts.groups()))
    except ValueError:
        raise BadField(item, field, value) from None
