"""What the peak hour is reckoned by: factors, or how demand goes over the day by use; shipped, or a utility's own."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from gis.files.shipped import shipped_table
from gis.units import SECONDS_PER_DAY
from hydraulics.errors import ModelInputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Method = Literal["factor", "pattern"]
METHODS: tuple[Method, ...] = ("factor", "pattern")
HOURS = 24
_DAYS_PER_YEAR = 365.0
_FACTORS = ("daily_factor", "hourly_factor", "unaccounted_share")
_MOST_FACTOR = 10.0
_ANY_USE = "other"


@dataclass(frozen=True)
class PeakBasis:
    """
    What turns a year's billed volume into the peak hour of the peak day.

    Attributes
    ----------
    method
        `factor`: the hourly factor for all; `pattern`: the hour in which all draw most together, each by its use.
    patterns
        Use to its 24 values from 0 o'clock, of mean 1.
    source
        Name of the utility's file, empty for what is shipped.
    """

    daily_factor: float
    hourly_factor: float
    unaccounted_share: float
    method: Method = "factor"
    patterns: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    source: str = ""

    @property
    def m3s_per_annual_m3(self) -> float:
        """Peak-hour demand [m3/s] of one cubic metre billed a year, by factors."""
        return self.mean_m3s_per_annual_m3 * self.hourly_factor * (1.0 + self.unaccounted_share)

    @property
    def mean_m3s_per_annual_m3(self) -> float:
        """Mean demand of the peak day [m3/s] of one cubic metre billed a year, without losses."""
        return self.daily_factor / (_DAYS_PER_YEAR * SECONDS_PER_DAY)

    def pattern(self, use: object) -> tuple[float, ...]:
        """Give the 24 values of a use; those of `other` for one that is not known."""
        return self.patterns.get(str(use), self.patterns[_ANY_USE])


def _data(name: str) -> dict[str, Any]:
    return shipped_table("hydraulics", "demand", name)


@cache
def shipped_basis() -> PeakBasis:
    """What is in force where a utility says nothing (data/demand/peak.toml, day.toml)."""
    factors = {name: float(row["value"]) for name, row in _data("peak.toml").items()}
    patterns = {use: _scaled(values) for use, values in _data("day.toml").items()}
    daily, hourly, lost = (factors[name] for name in _FACTORS)
    return PeakBasis(daily, hourly, lost, patterns=patterns)


def _scaled(values: list[float]) -> tuple[float, ...]:
    mean = sum(values) / len(values)
    return tuple(value / mean for value in values)


def load_basis(path: Path | None) -> PeakBasis:
    """
    Give the basis of a utility's `demand.toml` over that shipped.

    The file may have `method`, the three factors as plain numbers, and tables `[pattern]` of 24 values by use.

    Raises
    ------
    ModelInputError
        `demand-file`: it cannot be read, or a field cannot be what it says.
    """
    basis = shipped_basis()
    if path is None:
        return basis
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelInputError("demand-file", file=path.name, field="—", value=str(error)[:120]) from error

    def refused(name: str, value: object) -> ModelInputError:
        return ModelInputError("demand-file", file=path.name, field=name, value=str(value)[:60])

    unknown = set(told) - {"method", "pattern", *_FACTORS}
    if unknown:
        raise refused(min(unknown), told[min(unknown)])
    method = told.get("method", basis.method)
    if method not in METHODS:
        raise refused("method", method)
    factors = {name: told.get(name, getattr(basis, name)) for name in _FACTORS}
    for name, value in factors.items():
        least = 0.0 if name == "unaccounted_share" else 1.0
        if not _is_number(value) or not least <= value <= _MOST_FACTOR:
            raise refused(name, value)
    patterns = dict(basis.patterns)
    for use, values in told.get("pattern", {}).items():
        if not _is_pattern(values):
            raise refused(f"pattern.{use}", values)
        patterns[use] = _scaled([float(value) for value in values])
    return replace(basis, **factors, method=method, patterns=patterns, source=path.name)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_pattern(values: object) -> bool:
    return (
        isinstance(values, list) and len(values) == HOURS and sum(map(_is_number, values)) == HOURS
        and min(values) >= 0.0 and max(values) > 0.0
    )  # fmt: skip
