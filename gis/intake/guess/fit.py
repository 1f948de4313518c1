"""How well the values of a column fit an attribute: sizes, materials, code words, dates, lengths, point numbers."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.intake.cells.values import UNITS, UNREADABLE, code, date, each
from gis.intake.guess.names import bears, refers
from gis.intake.guess.proposal import because
from gis.intake.normalise import SIZE_ATTRIBUTES
from gis.repair.diameters import bores, read_size
from gis.repair.thresholds import load_thresholds
from gis.schema import data_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gis.intake.guess.names import Names
    from gis.intake.guess.profile import Profile
    from gis.messages import Text
    from gis.schema import Attribute

STRONG, WEAK, NOTHING = 0.9, 0.5, 0.0
LENGTH_WITHIN = 0.05
MOST_UNREAD = 8
SMALL_NUMBER = 1000.0  # house numbers, zones and sizes also are point numbers of a table numbered from 1
INCHES = (
    0.75,
    1,
    1.25,
    1.5,
    2,
    2.5,
    3,
    4,
    6,
    8,
    10,
    12,
    14,
    15,
    16,
    18,
    20,
    21,
    24,
    27,
    30,
    36,
    42,
    48,
    54,
    60,
)
_ROAD = re.compile(r".*(路|街|道|巷|弄|线|street|st|road|rd|avenue|ave|lane|drive|dr|way)\.?$", re.IGNORECASE)
_UNIT = re.compile(
    r"(?:[(（\[_\s])(mm|毫米|cm|m|米|ft|feet|in|inch|inches|英寸|lps|l/s|升/秒|m3h|m3/h|m³/h|立方米/小时|cmh|m3d|m3/d|m³/d|cmd|m3s|m3/s|cms|gpm|kpa|mpa|bar)[)）\]]?$",
    re.IGNORECASE,
)
_UNIT_OF = {
    "毫米": "mm",
    "米": "m",
    "feet": "ft",
    "inch": "in",
    "inches": "in",
    "英寸": "in",
    "kpa": "kPa",
    "mpa": "MPa",
    "lps": "l/s",
    "升/秒": "l/s",
    "m3h": "m3/h",
    "m³/h": "m3/h",
    "立方米/小时": "m3/h",
    "cmh": "m3/h",
    "m3d": "m3/d",
    "m³/d": "m3/d",
    "cmd": "m3/d",
    "m3s": "m3/s",
    "cms": "m3/s",
}


@dataclass(frozen=True)
class Context:
    """
    What a column is judged with: drawn length of each row [m] (None without lines), numbers of the other tables.
    """

    layer: str
    drawn_m: NDArray[np.float64] | None
    names: Names


@dataclass(frozen=True)
class Fit:
    """
    Share of the values that can be what the attribute holds, and how much that tells (weight, 0 to 1).

    `weight` is 0 where any number or text would fit as well.
    """

    share: float
    weight: float = NOTHING
    unit: str | None = None
    reason: Text | None = None
    unread: tuple[str, ...] = ()


def fit(column: Profile, attribute: Attribute, context: Context) -> Fit:
    """Judge how well a column's values fit an attribute."""
    if not column.words:
        return Fit(0.5)
    if attribute.name in SIZE_ATTRIBUTES:
        return _size(column)
    names_points = attribute.name in {"start_node_id", "end_node_id"} or (
        attribute.name == "node_id" and context.layer != "nodes"
    )
    if names_points:
        return _point(column, context)
    if attribute.name == "install_year":
        return _year(column)
    if attribute.name == "length_m" and context.drawn_m is not None:
        return _length(column, context.drawn_m)
    if attribute.name == "road_name":
        return _road(column)
    return _by_type(column, attribute, context)


def _by_type(column: Profile, attribute: Attribute, context: Context) -> Fit:
    if attribute.value_type == "code":
        return _code(column, context.layer, attribute.name)
    if attribute.value_type == "date":
        return _date(column)
    if attribute.value_type in {"number", "integer"}:
        return _number(column, attribute)
    if attribute.name == "node_id" and bears(column) and (share := context.names.named_share(column)) > 0.5:
        return Fit(share, STRONG, None, because("values-named", share=_percent(share)))
    return _text(column, is_id=attribute.required and attribute.name.endswith("_id"))


@cache
def _sizes() -> frozenset[float]:
    return frozenset(float(one) for bore in bores() for one in (bore.dn, bore.nominal_dn))


def _size(column: Profile) -> Fit:
    read = each(column.values, read_size)
    labels = np.array([float(size.dn) if size.dn else np.nan for size in read])
    marked = float(np.mean([bool(size.marked) for size in read]))
    common = float(np.isin(labels, list(_sizes())).mean())
    readable = float(np.isfinite(labels).mean())
    found = [(max(common, readable if marked > 0.2 else 0.0), "mm", STRONG if marked > 0.2 else WEAK)]
    for unit, known in (
        ("m", [one / 1000 for one in _sizes()] + [one * 0.0254 for one in INCHES]),
        ("in", INCHES),
    ):
        near = np.abs(column.numbers[:, None] - np.array(sorted(known))[None, :]).min(axis=1) < 1e-6
        found.append((float(near.mean()), unit, WEAK))
    share, unit, weight = max(found, key=lambda one: (one[0] > 0.6, one[0] + 0.01 * (one[1] == "mm")))
    stated = stated_unit(column.name)
    if stated in {"mm", "m", "in"} and max(share, readable) > 0.5:
        share, unit = max(share, readable), stated
    if unit == "mm" and share < readable and common > 0.3:
        share = readable
    # a running number also meets common sizes now and then, but a network has few different ones
    if len(set(column.words)) > 60 and marked <= 0.2:
        share, weight = share / 2, NOTHING
    return Fit(
        share,
        weight if share >= 0.8 else NOTHING,
        unit,
        because("values-size", share=_percent(share), unit=unit),
    )


def stated_unit(heading: str) -> str | None:
    """Give the unit a heading names at its end."""
    found = _UNIT.search(heading)
    if found is None:
        return None
    word = found.group(1).casefold()
    unit = _UNIT_OF.get(word, word)
    return unit if unit in UNITS else None


def _percent(share: float) -> int:
    return int(share * 100)


def _point(column: Profile, context: Context) -> Fit:
    """Values that are numbers of another table's points, some more than once, name them."""
    share = context.names.borne_share(column)
    if share < 0.5:
        return Fit(1.0)
    small = column.numeric_share == 1.0 and float(np.median(column.numbers)) < SMALL_NUMBER
    weight = STRONG if share >= 0.8 and refers(column) and not small else NOTHING
    return Fit(share, weight, None, because("values-points", share=_percent(share)))


def _year(column: Profile) -> Fit:
    whole = np.isfinite(column.numbers) & (np.mod(column.numbers, 1) == 0)
    years = (
        whole & (column.numbers >= load_thresholds().earliest_year) & (column.numbers <= dt.date.today().year)
    )
    share = float(years.mean())
    several = len(set(column.words)) > 1
    return Fit(
        share,
        WEAK if share > 0.95 and several else NOTHING,
        None,
        because("values-year", share=_percent(share)),
    )


def _length(column: Profile, drawn_m: NDArray[np.float64]) -> Fit:
    drawn = drawn_m[column.rows]
    best = Fit(
        column.numeric_share, NOTHING, None, because("values-number", share=_percent(column.numeric_share))
    )
    for unit in ("m", "ft", "km", "cm"):
        with np.errstate(divide="ignore", invalid="ignore"):
            off = np.abs(column.numbers * UNITS[unit] - drawn) / drawn
        share = float((off[drawn > 1.0] < LENGTH_WITHIN).mean()) if (drawn > 1.0).any() else 0.0
        if share > 0.6 and (best.weight == NOTHING or share > best.share):
            best = Fit(
                share,
                STRONG,
                None if unit == "m" else unit,
                because("values-length", share=_percent(share), unit=unit),
            )
    return best


def _road(column: Profile) -> Fit:
    share = float(np.mean([bool(_ROAD.match(word)) for word in column.words]))
    several = len(set(column.words)) > 1
    return Fit(
        share,
        WEAK if share > 0.8 and several else NOTHING,
        None,
        because("values-road", share=_percent(share)),
    )


def _code(column: Profile, layer: str, attribute: str) -> Fit:
    read: Callable[[Any], Any] = code(layer, attribute)
    found = each(column.values, read)
    bad = np.array([value is UNREADABLE for value in found], dtype=bool)
    told = {value for value in found if value is not UNREADABLE} - {"unknown"}
    share = float((~bad).mean())
    unread = Counter(word for word, wrong in zip(column.words, bad, strict=True) if wrong)
    weight = NOTHING
    if share >= 0.5 and attribute == "material" and len(told) > 1:
        weight = STRONG
    elif share >= 0.9 and len(told) > 1 and column.numeric_share < 0.5:
        weight = STRONG if layer == "nodes" else WEAK  # no other words are like those for survey points
    words = tuple(word for word, _ in unread.most_common(MOST_UNREAD))
    return Fit(share, weight, None, because("values-code", share=_percent(share)), words)


def _date(column: Profile) -> Fit:
    found = each(column.values, date)
    share = float(np.mean([value is not UNREADABLE for value in found]))
    plain = column.numeric_share > 0.5
    return Fit(
        share, NOTHING if plain or share < 0.9 else WEAK, None, because("values-date", share=_percent(share))
    )


@cache
def _plausible() -> dict[str, tuple[float, float]]:
    return {
        row["attribute"]: (float(row["low"]), float(row["high"]))
        for row in data_rows("mappings", "plausible.csv")
    }


def _number(column: Profile, attribute: Attribute) -> Fit:
    unit = stated_unit(column.name)
    low, high = _plausible().get(attribute.name, (-np.inf, np.inf))
    factor = UNITS[unit] / UNITS.get(attribute.unit, 1.0) if unit and attribute.unit else 1.0
    share = float(((column.numbers * factor >= low) & (column.numbers * factor <= high)).mean())
    return Fit(share, NOTHING, unit, because("values-number", share=_percent(share)))


def _text(column: Profile, *, is_id: bool) -> Fit:
    if not is_id:
        return Fit(1.0)
    if column.unique and column.filled_share > 0.95:
        return Fit(1.0, NOTHING, None, because("values-unique"))
    share = len(set(column.words)) / len(column.words) * column.filled_share
    return Fit(share, NOTHING, None, because("values-not-unique", share=_percent(share)))
