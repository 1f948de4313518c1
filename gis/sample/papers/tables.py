"""The survey tables of the pipes (点表, 线表) and the ledger of reserved tap-offs (预留口台账)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gis.files.workbook import Sheet
from gis.sample.papers.labels import chinese_codes
from gis.sample.pipes.survey import (
    BEND,
    END,
    HYDRANT,
    JUNCTION,
    MAIN,
    SOURCE,
    STUB,
    TAPOFF,
    TEE,
    TRUNK,
    VALVE,
)
from gis.sample.settings import FloatArray, IntArray, drawn, known_if, names, parameters, stream

if TYPE_CHECKING:
    from gis.sample.district import City

TILE_M = 600.0
FEATURES = {
    JUNCTION: ["直线点", "一般管线点", "探测点"], TEE: ["三通"], BEND: ["拐点", "弯头"], VALVE: [""], HYDRANT: [""],
    TAPOFF: ["预留口", "预留口", "预留口", "盖堵"], END: ["入户", "管端"], SOURCE: [""],
}  # fmt: skip
APPURTENANCES = {VALVE: ["阀门", "阀门", "阀门井"], HYDRANT: ["消火栓", "消火栓", "地下消防栓"]}


@dataclass(frozen=True)
class Numbers:
    """Names of points and lines: points are numbered district by district, lines in the order of their first point."""

    point_order: IntArray
    point_name: NDArray[np.object_]
    line_order: IntArray
    line_name: NDArray[np.object_]
    ground_m: FloatArray


def number(city: City) -> Numbers:
    """Number points and lines, and level the points."""
    register = city.register
    rng = stream(city.seed, "levels")
    tile = np.floor((register.place_xy - register.place_xy.min(axis=0)) / TILE_M).astype(np.int64)
    order = np.lexsort((np.arange(len(tile)), tile[:, 0], tile[:, 1]))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(1, len(order) + 1)
    name = np.array([f"JS{n}" for n in rank.tolist()], dtype=object)
    line_name = name[register.first] + "-" + name[register.second]
    shown = np.flatnonzero(register.shown)
    line_order = shown[np.argsort(rank[register.first[shown]], kind="stable")]
    noise_m = parameters()["terrain"]["survey_noise_m"]
    ground = city.terrain.elevation_m(register.place_xy) + rng.normal(0, noise_m, len(order))
    return Numbers(order, name, line_order, line_name, np.round(ground, 3))


def road_names_of(
    city: City, streets: NDArray[np.object_], lane_names: NDArray[np.object_]
) -> NDArray[np.object_]:
    """Name of the road of each point: a street, or a community's lane."""
    return np.concatenate([streets, lane_names])[city.register.road]


def point_sheet(city: City, numbers: Numbers, roads: NDArray[np.object_]) -> Sheet:
    """点表: X坐标 is northing, Y坐标 easting."""
    register, order = city.register, numbers.point_order
    feature, appurtenance = _point_words(city)
    place = np.round(register.place_xy, 3)
    return {
        "点号": numbers.point_name[order], "X坐标": place[order, 1], "Y坐标": place[order, 0],
        "地面高程": numbers.ground_m[order], "特征点": feature[order], "附属物名称": appurtenance[order],
        "道路名称": roads[order],
    }  # fmt: skip


def _point_words(city: City) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    register = city.register
    rng = stream(city.seed, "point-words")
    draw = rng.random(len(register.kind))
    degree = np.bincount(
        np.concatenate([register.first[register.shown], register.second[register.shown]]),
        minlength=len(register.kind),
    )
    feature = np.full(len(register.kind), "", dtype=object)
    appurtenance = feature.copy()
    for kind, words in FEATURES.items():
        rows = np.flatnonzero(register.kind == kind)
        feature[rows] = np.array(words, dtype=object)[(draw[rows] * len(words)).astype(np.int64)]
    for kind, words in APPURTENANCES.items():
        rows = np.flatnonzero(register.kind == kind)
        appurtenance[rows] = np.array(words, dtype=object)[(draw[rows] * len(words)).astype(np.int64)]
    tee = register.kind == TEE
    feature[tee & (degree == 2)] = "拐点"
    feature[tee & (degree == 4)] = "四通"
    feature[tee & (degree > 4)] = "多通"
    plants = np.flatnonzero(register.kind == SOURCE)
    appurtenance[plants] = source_kinds(len(plants))
    return feature, appurtenance


def source_kinds(count: int) -> NDArray[np.object_]:
    """A plant first, then pumping stations with a plant now and then."""
    plant, pumping = names()["owners"]["plants"]
    return np.array([plant if n % 4 == 0 else pumping for n in range(count)], dtype=object)


def line_sheet(city: City, numbers: Numbers, roads: NDArray[np.object_]) -> Sheet:
    """线表: every pipe once, and some again from their other end."""
    register, runs = city.register, city.runs
    once = numbers.line_order
    again = once[register.repeated[once]]
    lines = np.concatenate([once, again])
    turned = np.arange(len(lines)) >= len(once)
    run = register.run[lines]
    first = np.where(turned, register.second[lines], register.first[lines])
    second = np.where(turned, register.first[lines], register.second[lines])
    depth = _point_depths(city)
    old = register.abandoned[lines]
    date = known_if(~register.no_date[lines], np.where(old, _older(runs.laid_on[run]), runs.laid_on[run]))
    return {
        "点号": numbers.point_name[first], "连接点号": numbers.point_name[second],
        "起点埋深": np.round(runs.cover_m[run] + depth[first], 2), "终点埋深": np.round(runs.cover_m[run] + depth[second], 2),
        "材质": np.where(old, "铸铁", _material_words(city)[run]),
        "内衬": np.where(old, "", chinese_codes("pipes", "lining", runs.lining)[run]),
        "埋设方式": np.full(len(lines), "直埋", dtype=object),
        "管径或断面尺寸(mm)": known_if(~register.no_dn[lines], _size_words(city)[run]),
        "埋设日期": date, "管线类别": chinese_codes("pipes", "role", runs.role)[run],
        "使用状态": np.where(old, "废弃", "使用"), "权属单位": _owners(city)[run], "道路名称": roads[first],
    }  # fmt: skip


def _point_depths(city: City) -> FloatArray:
    return stream(city.seed, "depths").uniform(-0.09, 0.09, len(city.register.kind))


def _older(laid_on: NDArray[np.object_]) -> NDArray[np.object_]:
    """Dates of abandoned pipes: a generation before what replaced them."""
    return np.array([f"{max(1955, int(d[:4]) - 34)}{d[4:]}" for d in laid_on], dtype=object)


def _material_words(city: City) -> NDArray[np.object_]:
    words, runs = parameters()["label"], city.runs
    draw = stream(city.seed, "material-words").random(len(runs.dn)).tolist()
    return np.array(
        [words[m][int(u * len(words[m]))] for m, u in zip(runs.material, draw, strict=True)], dtype=object
    )


def _size_words(city: City) -> NDArray[np.object_]:
    outside = {int(dn): f"De{de}" for dn, de in parameters()["pe_outside_mm"].items()}
    plastic = np.isin(city.runs.material.astype(str), ["PE", "PVC"])
    return np.array(
        [
            outside.get(dn, f"DN{dn}") if p else f"DN{dn}"
            for dn, p in zip(city.runs.dn.tolist(), plastic.tolist(), strict=True)
        ],
        dtype=object,
    )


def _owners(city: City) -> NDArray[np.object_]:
    owners = names()["owners"]
    in_street = np.isin(city.runs.kind, [MAIN, TRUNK, STUB]) | (
        city.runs.road < len(city.layout.streets.start)
    )
    rank = city.runs.road % 4
    return np.where(
        in_street,
        np.array(owners["pipes"], dtype=object)[rank],
        np.array(owners["community"], dtype=object)[rank % len(owners["community"])],
    )


def valve_columns(city: City, numbers: Numbers) -> tuple[IntArray, dict[str, Any]]:
    """Points of the valves, and their register by attribute name."""
    register, runs = city.register, city.runs
    rng = stream(city.seed, "valves")
    point = np.flatnonzero(register.kind == VALVE)
    run_at = np.full(len(register.kind), -1, dtype=np.int64)
    run_at[register.second], run_at[register.first] = register.run, register.run
    run = run_at[point]
    dn = runs.dn[run]
    stub = runs.kind[run] == STUB
    unknown = rng.random(len(point)) < np.where(stub, 0.25, 0.01)
    return point, {
        "valve_id": np.array([f"FM{n:06d}" for n in range(1, len(point) + 1)], dtype=object),
        "node_id": numbers.point_name[point], "dn": dn, "kind": np.where(dn >= 350, "butterfly", "gate"),
        "state": np.where(unknown, "unknown", "open"), "installed_on": runs.laid_on[run],
    }  # fmt: skip


def tapoff_sheet(
    city: City, numbers: Numbers, valve_point: IntArray, valve_id: NDArray[np.object_], road_names: NDArray[np.object_]
) -> Sheet:  # fmt: skip
    """预留口台账: every reserved tap-off of the survey with what the last visit found."""
    mains, rng, p = city.layout.mains, stream(city.seed, "tapoffs"), parameters()["tapoff"]
    count = len(mains.stub_end)
    status = drawn(rng, p["status"], count)
    year, month = rng.integers(2027, 2029, count), rng.integers(1, 13, count)
    until = [
        f"{y}-{m:02d}-28" if s == "reserved" else None for y, m, s in zip(year, month, status, strict=True)
    ]
    visit = [f"{y}-{m:02d}-{d:02d}" for y, m, d in zip(
        rng.integers(2021, 2027, count), rng.integers(1, 11, count), rng.integers(1, 29, count), strict=True
    )]  # fmt: skip
    run = mains.stub_run
    valve = np.empty(len(city.register.kind), dtype=object)
    valve[valve_point] = valve_id
    return {
        "预留口编号": np.array([f"YLK{n:05d}" for n in range(1, count + 1)], dtype=object),
        "点号": numbers.point_name[mains.stub_end], "口径": city.runs.dn[run],
        "状态": chinese_codes("tapoffs", "status", status), "预留至": until, "阀门编号": valve[mains.stub_valve],
        "覆土埋深": np.round(city.runs.cover_m[run], 2), "最近踏勘": visit, "所在道路": road_names[mains.stub_edge],
    }  # fmt: skip
