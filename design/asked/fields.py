"""Reading single fields of a request: numbers, words, switches, and keys nobody knows."""

from __future__ import annotations

import csv
import difflib
import math
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from importlib.resources import files
from typing import Any

from design.errors import RequestError
from gis.units import m3s_from_lps

_SHOWN_LENGTH = 80


def number(value: Any, place: str, *, limits: tuple[float, float], whole: bool = False) -> float:
    """
    A finite number within limits; text with full-width digits counts as the number it shows.

    Raises
    ------
    RequestError
        Names the field, its value and what is allowed.
    """
    allowed = f"{limits[0]:g} … {limits[1]:g}"
    found = _as_float(unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else value)
    if not math.isfinite(found):
        raise RequestError("field-not-number", field=place, value=shown(value), allowed=allowed)
    if not limits[0] <= found <= limits[1]:
        raise RequestError("field-out-of-range", field=place, value=shown(value), allowed=allowed)
    if whole and found != int(found):
        raise RequestError("field-not-whole", field=place, value=shown(value), allowed=allowed)
    return found


def optional(value: Any, place: str, *, limits: tuple[float, float]) -> float | None:
    """A number, or None where the request is silent."""
    return None if value is None else number(value, place, limits=limits)


def whole(value: Any, place: str, *, default: int, high: int) -> int:
    """A whole number from 1 to `high`; `default` where the request is silent."""
    return default if value is None else int(number(value, place, limits=(1, high), whole=True))


def flow_m3s(value: Any, place: str, *, limits: tuple[float, float]) -> float | None:
    """A flow given in L/s [m3/s], or None."""
    found = optional(value, place, limits=limits)
    return None if found is None else m3s_from_lps(found)


def word(value: Any, place: str, *, known: Collection[str]) -> str | None:
    """One of the known words, or None where the request is silent."""
    if value is None:
        return None
    if not isinstance(value, str) or value not in known:
        raise RequestError(
            "field-word-unknown", field=place, value=shown(value), near=near(value, known), known=", ".join(known)
        )  # fmt: skip
    return value


def code(value: Any, place: str) -> str | None:
    """A code as text, or None; what codes there are is told by those who know them."""
    if value is None:
        return None
    if not isinstance(value, str) or not value.strip():
        raise RequestError("field-wrong-shape", field=place, value=shown(value), allowed="text")
    return value.strip()


def switch(value: Any, place: str) -> bool | None:
    """True or false, or None where the request is silent."""
    if value is None or isinstance(value, bool):
        return value
    raise RequestError("field-wrong-shape", field=place, value=shown(value), allowed="true / false")


def text(value: Any, place: str, *, longest: int) -> str:
    """A line of text without control characters; empty where the request is silent."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RequestError("field-wrong-shape", field=place, value=shown(value), allowed="…")
    kept = "".join(c for c in value if unicodedata.category(c) not in {"Cc", "Cs"} or c == " ")
    return kept.strip()[:longest]


def part(document: Mapping[str, Any], key: str, known: Sequence[str]) -> Mapping[str, Any]:
    """One object of the request, its keys checked; empty where the request is silent."""
    value = document.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise RequestError("field-wrong-shape", field=key, value=shown(value), allowed="{…}")
    refuse_unknown(value, known, key)
    return value


def refuse_unknown(value: Mapping[str, Any], known: Collection[str], place: str) -> None:
    """Refuse keys that nobody knows: a misspelt figure must not be taken for its default."""
    for key in value:
        if key not in known:
            field = f"{place}.{key}" if place else str(key)
            raise RequestError("field-unknown", field=field, near=near(key, known), known=", ".join(known))


def near(value: Any, known: Collection[str]) -> str:
    """The known word that looks most like what was written, or a dash."""
    found = difflib.get_close_matches(str(value), list(known), n=1, cutoff=0.6)
    return found[0] if found else "—"


def shown(value: Any) -> str:
    """What was written, short enough for a sentence."""
    said = repr(value)
    return said if len(said) <= _SHOWN_LENGTH else f"{said[: _SHOWN_LENGTH - 3]}..."


def rows(name: str, *, folder: str = "request") -> list[dict[str, str]]:
    """Rows of a table of design/data."""
    with files("design").joinpath("data", folder, name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def _as_float(value: Any) -> float:
    """The number a value stands for, NaN for everything that is none (true, "1_000" and "nan" are none)."""
    if not isinstance(value, int | float | str) or isinstance(value, bool) or "_" in str(value):
        return math.nan
    try:
        return float(value)
    except (ValueError, OverflowError):
        return math.nan
