"""Thresholds of repair, from data/repair.toml; a mapping file may override them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Thresholds:
    """See data/repair.toml for the meaning of each."""

    snap_m: float
    tee_m: float
    named_end_m: float
    shortest_m: float
    duplicate_m: float
    same_point_m: float
    asset_reach_m: float
    stub_valve_m: float
    customer_reach_m: float
    elevation_reach_m: float
    length_ratio: float
    deepest_cover_m: float

    def names(self) -> list[str]:
        """Give the keys a mapping file may set under [repair]."""
        return [item.name for item in fields(self)]

    def with_overrides(self, overrides: Mapping[str, float]) -> Thresholds:
        """Give the thresholds with some of them set otherwise."""
        return replace(self, **overrides)


@cache
def load_thresholds() -> Thresholds:
    """Read data/repair.toml."""
    text = files("gis").joinpath("data", "repair.toml").read_text(encoding="utf-8")
    return Thresholds(**{key: float(value) for key, value in tomllib.loads(text).items()})
