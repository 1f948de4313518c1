"""Renewal as map layers in the working CRS: geometry, label and pop-up text; what the quick map and GeoPackage draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from design.renewal.reports.coordination_report import ban_table, match_table, programme_table

if TYPE_CHECKING:
    from design.renewal.matching.coordination import Coordination
    from gis.network import Network

# What a layer of the GeoPackage cannot hold as it is.
_NESTED = ("causes", "deciding")


def candidate_layer(listed: pd.DataFrame, network: Network) -> gpd.GeoDataFrame:
    """
    Candidates of a `candidate_table` with their pipes' lines, most urgent first; all its columns but the nested ones.

    `label_zh`, `label_en` are short, `popup_zh`, `popup_en` the sentence of evidence; pipes without a place have
    geometry None.
    """
    table = listed.drop(columns=list(_NESTED))
    for language in ("zh", "en"):
        table[f"label_{language}"] = _joined(
            table, ["pipe_id", f"rule_label_{language}", f"certainty_{language}"]
        )
        table[f"popup_{language}"] = table[f"evidence_{language}"]
    return _placed(table, network)


def coordinated_layer(pipes: pd.DataFrame, network: Network) -> gpd.GeoDataFrame:
    """Candidates of a `pipe_table` with outcome, year and ban; `label_*` the outcome, `popup_*` the sentence."""
    table = pipes.copy()
    for language in ("zh", "en"):
        table[f"label_{language}"] = _joined(table, ["pipe_id", f"outcome_{language}"])
        table[f"popup_{language}"] = table[f"sentence_{language}"]
    return _placed(table, network)


def match_layer(coordination: Coordination, network: Network) -> gpd.GeoDataFrame:
    """The part of each pipe that runs along a programme, one row a match."""
    table, rows = match_table(coordination), coordination.matches["pipe_row"].to_numpy()
    lines = network.pipes.geometry.iloc[rows].reset_index(drop=True)
    areas = gpd.GeoSeries(coordination.programmes["area"].tolist(), crs=network.crs)
    inside = lines.intersection(
        areas.iloc[coordination.matches["programme"].to_numpy()].reset_index(drop=True)
    )
    for language in ("zh", "en"):
        table[f"label_{language}"] = _joined(table, ["pipe_id", "programme_name"])
        table[f"popup_{language}"] = _joined(
            table, ["pipe_id", f"programme_kind_{language}", "programme_name", f"feasible_{language}"]
        )
    return gpd.GeoDataFrame(table, geometry=inside.to_numpy(), crs=network.crs)


def programme_layer(coordination: Coordination, network: Network) -> gpd.GeoDataFrame:
    """Areas of road works and renovations within the horizon."""
    table = programme_table(coordination)
    for language in ("zh", "en"):
        table[f"label_{language}"] = _joined(table, ["name", f"kind_{language}"])
        table[f"popup_{language}"] = _joined(
            table, ["name", f"kind_{language}", "starts_on", "ends_on", "owner"]
        )
    return gpd.GeoDataFrame(table, geometry=coordination.programmes["area"].tolist(), crs=network.crs)


def ban_layer(coordination: Coordination, network: Network) -> gpd.GeoDataFrame:
    """Areas that may not be dug up now, with the last blocked day."""
    table = ban_table(coordination)
    for language in ("zh", "en"):
        table[f"label_{language}"] = _joined(table, ["name", "through"])
        table[f"popup_{language}"] = table[f"text_{language}"]
    return gpd.GeoDataFrame(table, geometry=coordination.bans["area"].tolist(), crs=network.crs)


def _placed(table: pd.DataFrame, network: Network) -> gpd.GeoDataFrame:
    lines = network.pipes.geometry.to_numpy()[table.index.to_numpy(dtype="int64")]
    return gpd.GeoDataFrame(table.reset_index(drop=True), geometry=lines, crs=network.crs)


def _joined(table: pd.DataFrame, columns: list[str]) -> list[str]:
    """Words of several columns in one line; missing ones are left out."""
    if table.empty:
        return []
    rows: list[list[Any]] = table[columns].to_numpy(dtype=object).tolist()
    return [" · ".join(str(value) for value in row if not pd.isna(value)) for row in rows]
