"""Values of a request read strictly: numbers, words and shapes, refused with the field, its value and what is allowed."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from design.errors import RequestError


def refuse_unknown(value: Mapping[str, Any], known: Sequence[str], place: str) -> None:
    """Refuse a key that is none of the known ones."""
    for key in value:
        if key not in known:
            raise RequestError("field-unknown", field=f"{place}.{key}", known=", ".join(known))


def whole(value: Any, place: str, *, default: int, high: int) -> int:
    """A whole number from 1 to `high`, the default where none is given."""
    return default if value is None else int(number(value, place, limits=(1, high), whole=True))


def optional(value: Any, place: str, *, limits: tuple[float, float]) -> float | None:
    """A number within limits, or None."""
    return None if value is None else number(value, place, limits=limits)


def word(value: Any, place: str) -> str | None:
    """A code as text, or None; what codes there are is told by those who know them."""
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise RequestError("field-wrong-shape", field=place, value=shown(value), allowed="text")
    return value.strip()


def number(value: Any, place: str, *, limits: tuple[float, float], whole: bool = False) -> float:
    """A finite number within limits; text with full-width digits counts as the number it shows."""
    allowed = f"{limits[0]:g} … {limits[1]:g}"
    found = _as_float(unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else value)
    if not math.isfinite(found):
        raise RequestError("field-not-number", field=place, value=shown(value), allowed=allowed)
    if not limits[0] <= found <= limits[1]:
        raise RequestError("field-out-of-range", field=place, value=shown(value), allowed=allowed)
    if whole and found != int(found):
        raise RequestError("field-not-whole", field=place, value=shown(value), allowed=allowed)
    return found


def _as_float(value: Any) -> float:
    """The number a value stands for, NaN for everything that is none (true, "1_000" and "nan" are none)."""
    if not isinstance(value, int | float | str) or isinstance(value, bool) or "_" in str(value):
        return math.nan
    try:
        return float(value)
    except (ValueError, OverflowError):
        return math.nan


def shown(value: Any) -> str:
    """A value as an error sentence shows it, cut short."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
