"""Layers of the base map as a planning bureau keeps them: streets, blocks, red lines, buildings, communities, other lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.sample.papers.labels import chinese_table, numbered
from gis.sample.settings import LANE, STREET_CLASSES, drawn, parameters, stream
from gis.sample.town.outlines import (
    blocks,
    building_polygons,
    lanes,
    other_lines,
    parcel_polygons,
    street_pieces,
)

if TYPE_CHECKING:
    from gis.sample.district import City
    from gis.sample.papers.records import Roads
    from gis.sample.town.names_of import Names


def street_table(city: City, words: Names, roads: Roads) -> gpd.GeoDataFrame:
    """道路中心线: streets between crossings, and the communities' lanes."""
    layout, rng = city.layout, stream(city.seed, "surfaces")
    edge, pieces = street_pieces(layout.streets, layout.gates)
    lane_lines = lanes(layout.streets, layout.cells, layout.parcels, layout.gates, layout.yards)
    count, lane_count = len(edge), len(lane_lines)
    street_class = np.concatenate([layout.streets.street_class[edge], np.full(lane_count, LANE)])
    surface = np.empty(len(layout.streets.start), dtype=object)
    lane_surface = drawn(rng, parameters()["street"]["lane"]["surface"], lane_count)
    for number, name in enumerate(STREET_CLASSES):
        rows = np.flatnonzero(layout.streets.street_class == number)
        surface[rows] = drawn(rng, parameters()["street"][name]["surface"], len(rows))
    low, high = parameters()["street"]["lane"]["width_m"]
    built = layout.parcels.built_year[layout.gates.parcel]
    return chinese_table("streets", {
        "street_id": numbered("DL", count + lane_count),
        "name": np.concatenate([words.streets[edge], words.lanes]),
        "road_class": np.array(STREET_CLASSES, dtype=object)[street_class],
        "surface": np.concatenate([surface[edge], lane_surface]),
        "width_m": np.concatenate([layout.streets.width_m[edge], np.round(rng.uniform(low, high, lane_count), 1)]),
        "opened_on": np.concatenate([roads.opened_on[edge], np.array([f"{y}-09-01" for y in built], dtype=object)]),
        "paved_on": np.concatenate([roads.paved_on[edge], np.full(lane_count, None)]),
    }, np.concatenate([pieces, lane_lines]))  # fmt: skip


def land_tables(city: City, words: Names) -> dict[str, gpd.GeoDataFrame]:
    """街区, 用地红线, 建筑, 小区 by layer name."""
    layout = city.layout
    outlines, block = blocks(layout.streets, layout.cells)
    block_id, parcel_id = numbered("JQ", len(outlines), digits=5), numbered("DK", len(layout.parcels.cell))
    red_lines = parcel_polygons(layout.streets, layout.cells, layout.parcels)
    buildings, gates = layout.buildings, layout.gates
    homes = np.bincount(buildings.parcel, buildings.dwellings, minlength=len(parcel_id)).astype(np.int64)
    houses = building_polygons(layout.streets, layout.cells, layout.parcels, buildings)
    return {
        "blocks": chinese_table("blocks", {
            "block_id": block_id, "name": np.array([f"第{n}街区" for n in range(1, len(block_id) + 1)], dtype=object),
        }, outlines),
        "parcels": chinese_table("parcels", {
            "parcel_id": parcel_id, "name": words.parcels, "use": layout.parcels.use,
            "block_id": block_id[block[layout.parcels.cell]],
        }, red_lines),
        "buildings": chinese_table("buildings", {
            "building_id": numbered("JZ", len(houses)), "parcel_id": parcel_id[buildings.parcel],
            "use": layout.parcels.use[buildings.parcel], "storeys": buildings.storeys,
            "dwellings": buildings.dwellings, "built_year": layout.parcels.built_year[buildings.parcel],
        }, houses),
        "communities": chinese_table("communities", {
            "community_id": words.community_ids, "name": words.communities,
            "built_year": layout.parcels.built_year[gates.parcel], "dwellings": homes[gates.parcel],
        }, red_lines[gates.parcel]),
    }  # fmt: skip


def utility_table(city: City, words: Names) -> gpd.GeoDataFrame:
    """其他管线."""
    parts: list[gpd.GeoDataFrame] = []
    for kind, (edge, lines, depth_m, size) in other_lines(city.layout.streets, city.seed).items():
        columns: dict[str, Any] = {
            "utility_id": numbered(_prefix(kind), len(edge)), "kind": np.full(len(edge), kind, dtype=object),
            "size": size, "cover_depth_m": depth_m, "road_name": words.streets[edge],
        }  # fmt: skip
        parts.append(chinese_table("utilities", columns, lines))
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=parameters()["crs"])


def _prefix(kind: str) -> str:
    return {"sewer": "WS", "storm": "YS", "gas": "MQ", "power": "GD", "telecom": "DX"}[kind]
