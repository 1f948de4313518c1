"""The figures closures are judged by: data/closures.toml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from gis.files.shipped import shipped_table


@dataclass(frozen=True)
class ClosureSettings:
    """Below how many valves a pipe they count as unknown; notice before a shut-off [h]; where nothing is drawn [m]."""

    fewest_valves_ratio: float
    notice_hours: float
    least_pressure_m: float


@cache
def closure_settings() -> ClosureSettings:
    """The figures in force."""
    return ClosureSettings(
        **{name: float(row["value"]) for name, row in shipped_table("hydraulics", "closures.toml").items()}
    )
