"""Programmes of others a pipe can go along with: road works and renovations of old communities, on one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from design.renewal.assessment.dates import day, parse_days, plus_years
from design.renewal.matching.bans import bans_of_works, rebuilding_kinds
from design.renewal.matching.overlaps import QUARTER_SEGMENTS
from design.rules.ruleset import load_rules
from gis.schema import codes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import geopandas as gpd

    from design.renewal.parameters import RenewalParameters

# What is not over and not called off can still be joined.
OPEN_STATUSES = ("planned", "approved", "running")


def open_programmes(
    layers: Mapping[str, gpd.GeoDataFrame], *, on: date, horizon_years: int, parameters: RenewalParameters
) -> pd.DataFrame:
    """
    Works and renovations whose time touches the horizon: one row each.

    Columns: programme_id, layer, kind, name, owner, status, starts, ends, window_start, window_end (datetime64[s]; NaT
    without any date), rebuilds, ban_through (last blocked day after it, NaT for none), area (polygon or None).

    A missing start or end is taken as the other one; without both, or with an end before the start, the programme is
    matched in place but not in time.
    """
    horizon_end = plus_years(np.array([day(on)]), horizon_years)[0]
    works = _works(layers["road_works"], on, parameters)
    renovations = _renovations(layers["renovations"], parameters)
    table = pd.concat([works, renovations], ignore_index=True)
    table = table[table["status"].isin(OPEN_STATUSES)]
    table.loc[table["ends"] < table["starts"], ["starts", "ends"]] = pd.NaT
    first, last = table["starts"].fillna(table["ends"]), table["ends"].fillna(table["starts"])
    table["window_start"] = first.clip(lower=pd.Timestamp(on))
    table["window_end"] = last.clip(upper=pd.Timestamp(horizon_end))
    in_time = first.isna() | ((last >= pd.Timestamp(on)) & (first <= pd.Timestamp(horizon_end)))
    return table[in_time].sort_values(["layer", "programme_id"]).reset_index(drop=True)


def _works(works: gpd.GeoDataFrame, on: date, parameters: RenewalParameters) -> pd.DataFrame:
    reach_m = parameters.coordination_road_work_reach_m
    ends = parse_days(works["ends_on"])
    return _programmes(works, "road_works", works["work_id"], works["kind"], reach_m).assign(
        rebuilds=works["kind"].isin(rebuilding_kinds()).to_numpy(),
        ban_through=bans_of_works(works["kind"], ends, load_rules(on=on)).astype("datetime64[s]"),
    )


def _renovations(renovations: gpd.GeoDataFrame, parameters: RenewalParameters) -> pd.DataFrame:
    reach_m = parameters.coordination_renovation_reach_m
    kind = pd.Series("renovation", index=renovations.index)
    never = np.full(len(renovations), np.datetime64("NaT"), dtype="datetime64[s]")
    return _programmes(renovations, "renovations", renovations["renovation_id"], kind, reach_m).assign(
        rebuilds=False, ban_through=never
    )


def _programmes(
    table: gpd.GeoDataFrame, layer: str, ids: pd.Series, kind: pd.Series, reach_m: float
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "programme_id": ids.to_numpy(), "layer": layer, "kind": kind.to_numpy(), "name": table["name"].to_numpy(),
            "owner": table["owner"].to_numpy(), "status": table["status"].to_numpy(),
            "starts": parse_days(table["starts_on"]).astype("datetime64[s]"),
            "ends": parse_days(table["ends_on"]).astype("datetime64[s]"), "area": _areas(table, reach_m),
        }
    )  # fmt: skip


def _areas(table: gpd.GeoDataFrame, reach_m: float) -> Any:
    shapes = shapely.make_valid(table.geometry.to_numpy())
    return shapely.buffer(shapes, reach_m, quad_segs=QUARTER_SEGMENTS) if reach_m else shapes


def kind_label(layer: str, kind: str, language: str) -> str:
    """Label of a programme's kind: the layer's for renovations, the code's for road works."""
    from gis.schema import layers

    if layer == "renovations":
        return layers()[layer].label_en if language == "en" else layers()[layer].label_zh
    entry = codes(layer, "kind").get(kind)
    return kind if entry is None else (entry.label_en if language == "en" else entry.label_zh)
