"""No-dig periods: until when a new, rebuilt or overhauled road may not be opened (Urban Road Regulation art. 33)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from design.renewal.assessment.dates import day, parse_days, plus_years
from design.renewal.matching.overlaps import QUARTER_SEGMENTS
from design.rules.ruleset import load_rules

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import geopandas as gpd
    from numpy.typing import NDArray

    from design.renewal.parameters import RenewalParameters
    from design.rules.ruleset import RuleSet


@dataclass(frozen=True)
class BanRule:
    """A cause of a no-dig period: how many years, which date of a street starts it, which road works start it."""

    cause: str
    period_years: int
    clause: str
    source: str
    confidence: str
    street_date: str
    work_kinds: tuple[str, ...]
    label_zh: str
    label_en: str


@cache
def _use_of_rules() -> dict[str, Any]:
    path = files("design").joinpath("data", "renewal", "moratoria.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def ban_rules(rules: RuleSet) -> tuple[BanRule, ...]:
    """The causes of no-dig periods with the years of the rules of the day."""
    found = []
    for row in _use_of_rules()["ban"]:
        rule = rules.value(row["rule"])
        found.append(
            BanRule(
                row["cause"],
                round(rule.value),
                f"{rule.standard} {rule.clause}",
                rule.source,
                rule.confidence,
                row["street_date"],
                tuple(row["work_kinds"]),
                row["label_zh"],
                row["label_en"],
            )
        )
    return tuple(found)


def rebuilding_kinds() -> frozenset[str]:
    """Kinds of road works that open the road themselves, so that a pipe may be laid with them during a ban."""
    return frozenset(_use_of_rules()["rebuild"]["work_kinds"])


def blocked_through(start: NDArray[Any], years: int) -> NDArray[Any]:
    """Last day without digging: the anniversary itself is still blocked, the day after is free."""
    return plus_years(start, years)


def bans_of_works(kinds: pd.Series, ends: NDArray[Any], rules: RuleSet) -> NDArray[Any]:
    """Last blocked day after each of the road works; NaT where their kind starts no ban or the end is unknown."""
    through = np.full(len(kinds), np.datetime64("NaT"), dtype="datetime64[D]")
    for rule in ban_rules(rules):
        chosen = kinds.isin(rule.work_kinds).to_numpy()
        through[chosen] = blocked_through(ends[chosen], rule.period_years)
    return through


def active_bans(
    layers: Mapping[str, gpd.GeoDataFrame], *, on: date, parameters: RenewalParameters
) -> pd.DataFrame:
    """
    No-dig areas in force on a day: source_layer, source_id, name, cause, since, through (datetime64[s]), area.

    A street's area is its centre line with half its width on both sides; the area of finished road works is their line
    with the reach of the parameters. Streets without dates give no ban; they are counted by the caller.
    """
    rules = load_rules(on=on)
    parts = [
        *(_street_bans(layers["streets"], rule, parameters) for rule in ban_rules(rules)),
        *(_work_bans(layers["road_works"], rule, on, parameters) for rule in ban_rules(rules)),
    ]
    table = pd.concat(parts, ignore_index=True)
    begun = table["since"] <= pd.Timestamp(on)
    return table[begun & (table["through"] >= pd.Timestamp(on))].reset_index(drop=True)


def _street_bans(streets: gpd.GeoDataFrame, rule: BanRule, parameters: RenewalParameters) -> pd.DataFrame:
    half_m = streets["width_m"].fillna(parameters.coordination_street_width_m).to_numpy() / 2.0
    since = parse_days(streets[rule.street_date])
    return _bans("streets", streets, streets["street_id"], rule, since, half_m)


def _work_bans(
    works: gpd.GeoDataFrame, rule: BanRule, on: date, parameters: RenewalParameters
) -> pd.DataFrame:
    ends = parse_days(works["ends_on"])
    finished = (works["status"] == "done").to_numpy() & (ends <= day(on))
    chosen = works[works["kind"].isin(rule.work_kinds).to_numpy() & finished]
    reach_m = np.full(len(chosen), parameters.coordination_road_work_reach_m)
    return _bans("road_works", chosen, chosen["work_id"], rule, parse_days(chosen["ends_on"]), reach_m)


def _bans(
    layer: str, table: gpd.GeoDataFrame, ids: pd.Series, rule: BanRule, since: NDArray[Any], reach_m: NDArray[Any]
) -> pd.DataFrame:  # fmt: skip
    usable = ~np.isnat(since) & ~(table.geometry.isna() | table.geometry.is_empty).to_numpy()
    area = shapely.buffer(table.geometry.to_numpy()[usable], reach_m[usable], quad_segs=QUARTER_SEGMENTS)
    return pd.DataFrame(
        {
            "source_layer": layer, "source_id": ids.to_numpy()[usable], "name": table["name"].to_numpy()[usable],
            "cause": rule.cause, "since": since[usable].astype("datetime64[s]"),
            "through": blocked_through(since[usable], rule.period_years).astype("datetime64[s]"), "area": area,
        }
    )  # fmt: skip
