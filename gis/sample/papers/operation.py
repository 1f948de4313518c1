"""Layers of the operating departments: meters, sources, loggers, valves, breaks, road works, renovations, heights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.sample.papers.labels import chinese_table, numbered
from gis.sample.papers.records import Roads, measured_pressures, past_breaks, renovations
from gis.sample.papers.tables import Numbers, source_kinds
from gis.sample.settings import FloatArray, known_if, names, parameters, stream
from gis.sample.town.outlines import parcel_polygons
from gis.sample.town.terrain import terrain_grid

if TYPE_CHECKING:
    from gis.sample.district import City
    from gis.sample.town.names_of import Names


def points(place_xy: FloatArray) -> NDArray[Any]:
    """Point geometries, to the millimetre."""
    return shapely.points(np.round(place_xy, 3))


def customer_table(city: City, numbers: Numbers, words: Names) -> gpd.GeoDataFrame:
    """用户水表."""
    customers, register = city.layout.customers, city.register
    line = register.customer_line
    known = line >= 0
    ends = np.stack([register.first[line], register.second[line]])
    away = [np.linalg.norm(register.place_xy[end] - customers.place_xy, axis=1) for end in ends]
    near = np.where(away[0] <= away[1], ends[0], ends[1])
    name = words.parcels[customers.parcel].copy()
    home = customers.lateral >= 0
    house = np.zeros(len(name), dtype=np.int64)
    house[home] = _rank_in_group(customers.parcel[home]) + 1
    name[home] = name[home] + house[home].astype(str).astype(object) + "号楼"
    _give_rare_names(name, customers.use)
    edge_name = words.streets[customers.edge]
    door = (
        stream(city.seed, "doors")
        .integers(1, 240, len(words.parcels))
        .astype(str)
        .astype(object)[customers.parcel]
    )
    return chinese_table("customers", {
        "customer_id": numbered("YH", len(name), digits=8), "name": name, "use": customers.use,
        "dwellings": customers.dwellings, "storeys": customers.storeys, "meter_dn": customers.meter_dn,
        "annual_m3": customers.annual_m3, "pipe_id": known_if(known, numbers.line_name[line]),
        "node_id": known_if(known, numbers.point_name[near]),
        "service_distance_m": np.round(customers.service_m, 1), "address": edge_name + door + "号",
    }, points(customers.place_xy))  # fmt: skip


def _rank_in_group(group: NDArray[np.int64]) -> NDArray[np.int64]:
    order = np.argsort(group, kind="stable")
    _, first, count = np.unique(group[order], return_index=True, return_counts=True)
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - np.repeat(first, count)
    return rank


def _give_rare_names(name: NDArray[np.object_], use: NDArray[np.object_]) -> None:
    """Some shops and hotels bear characters that GBK, or even the basic plane, does not hold."""
    rare = names()["rare"]
    rows = np.flatnonzero(np.isin(use.astype(str), ["shop", "hotel"]))
    for rank, row in enumerate(rows[:: max(1, len(rows) // max(2, len(name) // rare["every"]))].tolist()):
        name[row] = rare["customers"][rank % len(rare["customers"])]


def source_table(city: City, numbers: Numbers) -> gpd.GeoDataFrame:
    """水源."""
    sizes, point = city.sizes, city.layout.source_point
    count = len(point)
    kind = source_kinds(count)
    plant = names()["owners"]["plants"][0]
    roots = names()["community_roots"]
    peak = parameters()["peak"]
    return chinese_table("sources", {
        "source_id": numbered("SY", count, digits=3), "node_id": numbers.point_name[point],
        "kind": np.where(kind == plant, "plant", "pumping"),
        "name": np.array([f"{roots[n % len(roots)]}{k}" for n, k in enumerate(kind)], dtype=object),
        "head_m": sizes.source_head_m,
        # Peak day plus a quarter, in steps of 500 m3/d.
        "capacity_m3d": np.ceil(sizes.source_flow_m3s * 86400 / peak["hourly_factor"] * 1.25 / 500) * 500,
    }, points(city.register.place_xy[point]))  # fmt: skip


def logger_table(city: City, numbers: Numbers) -> gpd.GeoDataFrame:
    """测压点."""
    trunks, sources = len(city.layout.supply.trunk_crossing), len(city.layout.source_point)
    count = len(city.ground_m) - trunks - sources
    pressure = (city.sizes.head_m - city.ground_m)[:count]
    # The points of the crossings were drawn first, in the order of the skeleton's nodes.
    node, measured_mpa, dates = measured_pressures(count, pressure, city.seed, pipes=city.pipes)
    return chinese_table("loggers", {
        "logger_id": numbered("CY", len(node), digits=4), "node_id": numbers.point_name[node],
        "name": np.array([f"测压点{n}" for n in range(1, len(node) + 1)], dtype=object),
        "peak_pressure_mpa": measured_mpa, "measured_on": dates,
    }, points(city.register.place_xy[node]))  # fmt: skip


def break_table(city: City, numbers: Numbers) -> gpd.GeoDataFrame:
    """爆漏记录."""
    breaks = past_breaks(city.register, city.runs, city.seed)
    run = city.register.run[breaks.line]
    return chinese_table("breaks", {
        "break_id": numbered("BL", len(breaks.line)), "kind": breaks.kind, "occurred_on": breaks.occurred_on,
        "pipe_id": known_if(breaks.recorded, numbers.line_name[breaks.line]),
        "dn": city.runs.dn[run], "material": breaks.material, "cause": breaks.cause,
    }, points(breaks.place_xy))  # fmt: skip


def road_work_table(city: City, roads: Roads) -> gpd.GeoDataFrame:
    """道路工程."""
    streets = city.layout.streets
    works = roads.works
    counts = np.array([len(work["edges"]) for work in works])
    edge = np.concatenate([np.array(work["edges"], dtype=np.int64) for work in works])
    work_of = np.repeat(np.arange(len(works)), counts)
    at = np.array([0.0, 0.25, 0.5, 0.75])
    last = np.cumsum(counts) - 1
    row = np.concatenate([np.repeat(np.arange(len(edge)), len(at)), last])
    share = np.concatenate([np.tile(at, len(edge)), np.ones(len(last))])
    order = np.lexsort((share, row))
    place = streets.centre(edge[row[order]], share[order])
    lines = shapely.linestrings(np.round(place, 3), indices=work_of[row[order]])
    titles = {"overhaul": "大修工程", "widen": "改扩建工程", "new": "新建工程", "utility": "管线敷设工程"}
    columns = {
        key: [work[key] for work in works] for key in ("kind", "starts_on", "ends_on", "status", "owner")
    }
    return chinese_table("road_works", {
        "work_id": numbered("GC", len(works), digits=5),
        "name": [work["road"] + titles[work["kind"]] for work in works], **columns,
    }, lines)  # fmt: skip


def renovation_table(city: City, words: Names) -> gpd.GeoDataFrame:
    """老旧小区改造."""
    layout = city.layout
    rows = renovations(layout.parcels, layout.gates, city.seed)
    gate = np.array([row["gate"] for row in rows], dtype=np.int64)
    polygons = parcel_polygons(layout.streets, layout.cells, layout.parcels)[layout.gates.parcel[gate]]
    return chinese_table("renovations", {
        "renovation_id": numbered("GZ", len(rows), digits=5), "community_id": words.community_ids[gate],
        "name": words.communities[gate] + "改造",
        **{key: [row[key] for row in rows] for key in ("starts_on", "ends_on", "status", "owner")},
    }, polygons)  # fmt: skip


def height_table(city: City) -> gpd.GeoDataFrame:
    """高程点."""
    place, height_m = terrain_grid(city.terrain, city.skeleton_xy, city.seed)
    return chinese_table("terrain", {
        "point_id": numbered("GCD", len(place)), "elevation_m": height_m,
    }, shapely.points(np.column_stack([place])))  # fmt: skip
