"""The figures scenarios are made by: data/scenarios.toml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from gis.files.shipped import shipped_table

Name = Literal["peak", "peak-fire", "source-out", "low-tank"]
NAMES: tuple[Name, ...] = ("peak", "peak-fire", "source-out", "low-tank")


@dataclass(frozen=True)
class ScenarioRules:
    """Fire flow [L/s] and the pressure it leaves [m], reach of hydrants [m], shares of demand and of tank depth."""

    fire_lps: float
    fire_pressure_m: float
    hydrant_reach_m: float
    most_fire_lps: float
    source_out_share: float
    low_tank_share: float


@cache
def scenario_rules() -> ScenarioRules:
    """The figures in force."""
    return ScenarioRules(
        **{name: float(row["value"]) for name, row in shipped_table("hydraulics", "scenarios.toml").items()}
    )
