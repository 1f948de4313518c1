"""Composite prices 组价: a price put together from others, each so many times; rounded half up to four places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from design.pricing.items import BadField, amount

PLACES = Decimal("0.0001")


def composite_prices(rows: Iterable[Mapping[str, Any]], known: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """
    Price of every composite of the rows (code, item, factor); one may be part of another.

    Raises
    ------
    BadField
        An item nobody prices, a factor that is no number, or composites that contain each other.
    """
    parts: dict[str, list[tuple[str, Decimal]]] = {}
    for row in rows:
        code = str(row.get("code") or "").strip()
        factor = amount(row.get("factor"), code, "factor")
        parts.setdefault(code, []).append((str(row.get("item") or "").strip(), factor))
    made: dict[str, Decimal] = {}
    for code in parts:
        _price(code, parts, known, made, ())
    return {code: made[code] for code in parts}


def _price(
    code: str, parts: Mapping[str, list[tuple[str, Decimal]]], known: Mapping[str, Decimal],
    made: dict[str, Decimal], above: tuple[str, ...],
) -> Decimal:  # fmt: skip
    if code in made:
        return made[code]
    if code not in parts:
        if code not in known:
            raise BadField(above[-1], "item", code)
        return known[code]
    if code in above:
        raise BadField(code, "item", code)
    total = sum(
        (factor * _price(item, parts, known, made, (*above, code)) for item, factor in parts[code]),
        Decimal(0),
    )
    made[code] = total.quantize(PLACES, ROUND_HALF_UP)
    return made[code]
