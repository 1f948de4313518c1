"""One-fee list 一费制清单: a fixed price by meter size and method with a base length and so much for each metre more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from design.pricing.items import BadField, amount, day
from design.pricing.quantity import CENT, rounded
from design.wire.works import OneFeeDoc
from gis.messages import Text

REQUIRED = ("meter_dn", "method", "base_cny", "base_length_m", "extra_cny_m")


@dataclass(frozen=True)
class OneFeeRow:
    """One row of the list; the price includes tax, the surface of public roads is charged on top by its area."""

    meter_dn: int
    method: str
    base_cny: Decimal
    base_length_m: Decimal
    extra_cny_m: Decimal
    includes: str
    valid_from: date | None
    valid_to: date | None
    source: str
    confidence: str

    def is_valid(self, on: date) -> bool:
        """In force on that day."""
        return (self.valid_from or date.min) <= on <= (self.valid_to or date.max)


@dataclass(frozen=True)
class OneFee:
    """
    Price of a connection by the list; `total_cny` = base + extra x metres beyond the base length + restoration.

    `difference_cny` is the list's price less the quote's total without `left_out_cny`, what the list has no price for:
    above 0 the list is dearer.
    """

    row: OneFeeRow
    length_m: Decimal
    extra_length_m: Decimal
    restoration_cny: Decimal
    total_cny: Decimal
    difference_cny: Decimal
    left_out_cny: Decimal = Decimal("0.00")

    @property
    def basis(self) -> Text:
        """How it was found."""
        row = self.row
        told: dict[str, str | int | float | Text | None] = {
            "dn": row.meter_dn, "base": f"{row.base_cny:f}", "first": f"{row.base_length_m:f}",
            "more": f"{self.extra_length_m:f}", "extra": f"{row.extra_cny_m:f}", "surface": f"{self.restoration_cny:f}",
        }  # fmt: skip
        return Text("design", "basis.one-fee", told)

    def doc(self) -> OneFeeDoc:
        """As the scheme document carries it."""
        row = self.row
        return {
            "meter_dn": row.meter_dn, "method": row.method, "base_cny": f"{row.base_cny:f}",
            "base_length_m": f"{row.base_length_m:f}", "extra_cny_m": f"{row.extra_cny_m:f}",
            "extra_length_m": f"{self.extra_length_m:f}", "restoration_cny": f"{self.restoration_cny:f}",
            "total_cny": f"{self.total_cny:f}", "difference_cny": f"{self.difference_cny:f}",
            "basis": self.basis.render("zh"), "basis_en": self.basis.render("en"), "includes": row.includes,
            "source": row.source, "confidence": row.confidence, "left_out_cny": f"{self.left_out_cny:f}",
        }  # fmt: skip


def one_fee_rows(rows: Iterable[Mapping[str, Any]], head: Mapping[str, Any]) -> tuple[OneFeeRow, ...]:
    """
    Rows of a list.

    Raises
    ------
    BadField
        A row without a field, or with one that cannot be read.
    """
    found = []
    for row in rows:
        key = f"DN{row.get('meter_dn')} {row.get('method')}"
        for name in REQUIRED:
            if row.get(name) in {None, ""}:
                raise BadField(key, name, row.get(name))
        found.append(
            OneFeeRow(
                int(amount(row["meter_dn"], key, "meter_dn")), str(row["method"]).strip(),
                amount(row["base_cny"], key, "base_cny"), amount(row["base_length_m"], key, "base_length_m"),
                amount(row["extra_cny_m"], key, "extra_cny_m"), str(row.get("includes") or ""),
                day(row.get("valid_from") or head.get("valid_from"), key, "valid_from"),
                day(row.get("valid_to") or head.get("valid_to"), key, "valid_to"),
                str(row.get("source") or head.get("source") or ""), str(row.get("confidence") or "design"),
            )
        )  # fmt: skip
    return tuple(found)


def one_fee(
    rows: Sequence[OneFeeRow], *, meter_dn: int, method: str, length_m: float, restoration_cny: Decimal,
    quote_total_cny: Decimal, on: date, left_out_cny: Decimal = Decimal("0.00"),
) -> OneFee | None:  # fmt: skip
    """The price by the list, or None where it has no row in force for that meter and method."""
    fits = [row for row in rows if row.meter_dn == meter_dn and row.method == method and row.is_valid(on)]
    if not fits:
        return None
    row = max(fits, key=lambda row: row.valid_from or date.min)
    length = rounded(length_m)
    more = max(length - row.base_length_m, Decimal("0.00"))
    total = (row.base_cny + more * row.extra_cny_m + restoration_cny).quantize(CENT, ROUND_HALF_UP)
    difference = total - (quote_total_cny - left_out_cny)
    return OneFee(row, length, more, restoration_cny, total, difference, left_out_cny)
