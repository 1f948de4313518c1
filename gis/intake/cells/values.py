"""Single values as sources write them: numbers, dates, ids, code words; what cannot be read is `UNREADABLE`."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from gis.schema import code_words, materials, plain_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


class Unreadable:
    """Stands for a value that is there but cannot be understood."""


UNREADABLE: Final = Unreadable()
BLANK_WORDS = frozenset({"", "/", "-", "--", "—", "null", "none", "nan", "<null>", "无数据", "空"})
LONGEST_BLANK = 12
SPREADSHEET_DAY_ZERO = dt.date(1899, 12, 30)
UNITS: dict[str, float] = {
    "m": 1.0, "mm": 0.001, "cm": 0.01, "dm": 0.1, "km": 1000.0, "in": 0.0254, "ft": 0.3048, "us-ft": 1200 / 3937,
    "m3/s": 1.0, "l/s": 0.001, "m3/h": 1 / 3600, "m3/d": 1 / 86400, "gpm": 6.30901964e-5, "m3": 1.0, "kl": 1.0,
    "kW": 1.0, "W": 0.001, "MPa": 1.0, "kPa": 0.001, "bar": 0.1, "mH2O": 0.00980665,
}  # fmt: skip


_ALIKE = (
    {"m", "mm", "cm", "dm", "km", "in", "ft"}, {"m3/s", "l/s", "m3/h", "m3/d", "gpm"}, {"m3", "kl"},
    {"MPa", "kPa", "bar", "mH2O"}, {"kW", "W"},
)  # fmt: skip
_BRACKETED = re.compile(r"[(\[]\s*([^()\[\]]+?)\s*[)\]]\s*$")


def unit_in_heading(heading: str | None, ours: str) -> str | None:
    """
    Give the unit a heading ends with, if it measures the same thing as `ours`.

    >>> unit_in_heading("额定流量（m³/h）", "m3/s"), unit_in_heading("设定压力(Mpa)", "MPa"), unit_in_heading("长度(新)", "m")
    ('m3/h', 'MPa', None)
    """
    found = _BRACKETED.search(unicodedata.normalize("NFKC", heading or ""))
    if found is None:
        return None
    plain = found[1].casefold().replace(" ", "")
    return next(
        (unit for units in _ALIKE if ours in units for unit in units if unit.casefold() == plain), None
    )


def is_blank(value: Any) -> bool:
    """Tell whether a cell holds nothing."""
    if isinstance(value, str):
        return len(value) <= LONGEST_BLANK and value.strip().casefold() in BLANK_WORDS
    return value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def each(values: pd.Series, read: Callable[[Any], Any]) -> NDArray[np.object_]:
    """Read every value, but equal ones only once; blanks become None."""
    codes, unique = pd.factorize(values.astype("object"), use_na_sentinel=True)
    known = np.empty(len(unique) + 1, dtype=object)
    known[:-1] = [None if is_blank(value) else read(value) for value in unique]
    known[-1] = None
    result: NDArray[np.object_] = known[codes]
    return result


def text(value: Any) -> str | None:
    """
    Give text; whole numbers lose the ".0" that spreadsheets give them, and surrounding space goes.

    >>> text(1023.0), text(" JS12 ")
    ('1023', 'JS12')
    """
    if isinstance(value, str) and value.isascii() and value.isprintable():
        return value.strip() or None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()[:10]
    return unicodedata.normalize("NFC", str(value)).replace("\x00", "").strip() or None


def number(value: Any) -> float | Unreadable:
    """
    Give a number; full-width digits and thousands commas are understood.

    >>> number("１，２００．５"), number(3), number("约100") is UNREADABLE
    (1200.5, 3.0, True)
    """
    if isinstance(value, bool):
        return UNREADABLE
    if isinstance(value, int | float | np.integer | np.floating):
        return float(value) if math.isfinite(value) else UNREADABLE
    plain = unicodedata.normalize("NFKC", str(value)).strip()
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", plain):
        plain = plain.replace(",", "")
    try:
        found = float(plain)
    except ValueError:
        return UNREADABLE
    return found if math.isfinite(found) else UNREADABLE


_DATE = re.compile(r"(\d{4})\s*(?:[-/.年]\s*(\d{1,2})\s*(?:[-/.月]\s*(\d{1,2})\s*日?)?|年)?月?(?:[T\s].*)?")


def date(value: Any) -> str | Unreadable:
    """
    Give an ISO date; a year or month alone becomes its first day.

    >>> date("2008年6月"), date("1979/01/01 00:00:00+00"), date(1986), date("2026-09-31") is UNREADABLE
    ('2008-06-01', '1979-01-01', '1986-01-01', True)
    """
    if isinstance(value, dt.datetime | dt.date | pd.Timestamp | np.datetime64):
        return str(pd.Timestamp(value).date().isoformat())
    plain = unicodedata.normalize("NFKC", text(value) or "")
    if re.fullmatch(r"\d{8}", plain):
        plain = f"{plain[:4]}-{plain[4:6]}-{plain[6:]}"
    elif re.fullmatch(r"\d{5}(\.\d+)?", plain):
        return (SPREADSHEET_DAY_ZERO + dt.timedelta(days=int(float(plain)))).isoformat()
    match = _DATE.fullmatch(plain.strip())
    if match is None:
        return UNREADABLE
    year, month, day = (int(part) if part else 1 for part in match.groups())
    try:
        return dt.date(year, month or 1, day or 1).isoformat()
    except ValueError:
        return UNREADABLE


def code(layer: str, attribute: str) -> Callable[[Any], str | Unreadable]:
    """Give the reader of a code list: code, label or synonym."""
    words = code_words(layer, attribute)

    def read(value: Any) -> str | Unreadable:
        return words.get(plain_text(text(value) or ""), UNREADABLE)

    return material if attribute == "material" else read


def material(value: Any) -> str | Unreadable:
    """
    Give the material code; grade and class behind the name are passed over.

    >>> material("球墨铸铁管（K9）"), material("pe100级给水管"), material("竹管") is UNREADABLE
    ('DI', 'PE', True)
    """
    words = code_words("pipes", "material")
    plain = plain_text(text(value) or "")
    if plain in words:
        return words[plain]
    inside = [word for word in words if len(word) >= 3 and word in plain and not word.isascii()]
    starts = [word for word in words if len(word) >= 2 and plain.startswith(word)]
    found = max([*inside, *starts], key=len, default=None)
    return words[found] if found and words[found] in materials() else UNREADABLE
