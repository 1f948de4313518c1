"""The spreads of data/uncertainty/spread.toml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from gis.files.shipped import shipped_table

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Spread:
    """Standard deviations; the mappings go by confidence word."""

    demand_common_share: float
    demand_node_share: float
    roughness_share: Mapping[str, float]
    bore_share: Mapping[str, float]
    elevation_m: Mapping[str, float]
    source_head_m: float
    reading_m: float
    coverage_share: float

    @property
    def reach(self) -> float:
        """Standard deviations on either side that the range spans."""
        return NormalDist().inv_cdf(0.5 + self.coverage_share / 2.0)


@cache
def spread() -> Spread:
    """Give the figures in force."""
    return Spread(
        **{
            name: _figure(row)
            for name, row in shipped_table("hydraulics", "uncertainty", "spread.toml").items()
        }
    )


def _figure(row: dict[str, Any]) -> Any:
    if "value" in row:
        return float(row["value"])
    return {word: float(inner["value"]) for word, inner in row.items() if isinstance(inner, dict)}
