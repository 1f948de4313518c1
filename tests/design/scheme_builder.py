"""
A complete hand-made scheme document with its surroundings, for the tests of every document.

Names carry what breaks documents: 𠮷 (plane 2), 㙟 塱 淏 骉 (rare), markup and spreadsheet formulas.
Every figure is written by hand; the quote's sums are checked in the tests with Decimal.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import geopandas as gpd
from pyproj import Transformer
from shapely.geometry import LineString, Point, Polygon, box

from gis.schema import conform

CRS = "EPSG:4548"
EAST, NORTH = 501_780.0, 4_058_900.0
EVIL_MARKUP = "<script>alert('骉')</script>"
EVIL_FORMULA = "=cmd|'/C calc'!A0"
RARE_NAME = "𠮷庄㙟塱淏苑骉园"

_to_lonlat = Transformer.from_crs(CRS, "EPSG:4490", always_xy=True)
_to_xy = Transformer.from_crs("EPSG:4490", CRS, always_xy=True)


def to_xy(lon: float, lat: float) -> tuple[float, float]:
    x, y = _to_xy.transform(lon, lat)
    return float(x), float(y)


def lonlat(x: float, y: float) -> list[float]:
    """Local metres east and north of the town's corner, as on the wire."""
    lon, lat = _to_lonlat.transform(EAST + x, NORTH + y)
    return [round(float(lon), 9), round(float(lat), 9)]


ROUTES_XY = {
    1: [(60.0, -4.0), (60.0, 30.0), (60.0, 52.0)],
    2: [(123.0, 60.0), (113.0, 60.0), (113.0, 52.0), (60.0, 52.0)],
    3: [(20.0, -8.0), (20.0, 20.0), (60.0, 20.0), (60.0, 52.0)],
}


def route_line(rank: int = 1) -> LineString:
    return LineString([(EAST + x, NORTH + y) for x, y in ROUTES_XY[rank]])


def scheme(**changes: Any) -> dict[str, Any]:
    """The scheme document; `changes` replace its top keys."""
    return {
        "id": "JS-2026-0042",
        "name": f"{RARE_NAME} {EVIL_MARKUP}",
        "feasible": True,
        "summary": "推荐由预留口 T-0012(DN100)接入,接户管 dn110 PE100 长 56.0 m,水表 DN50;"
        "高峰时接管点压力 0.318 MPa,满足所需 0.280 MPa;报价合计 40402.86 元。",
        "summary_en": "Connect at reserved tap-off T-0012 (DN100): 56.0 m of dn110 PE100, meter DN50.",
        "request": {
            "name": f"{RARE_NAME} {EVIL_MARKUP}",
            "applicant": EVIL_FORMULA,
            "site": {"position": lonlat(60, 52), "polygon": None, "elevation_m": 31.25, "storeys": 6},
            "use": {"type": "residential", "dwellings": 48, "fixture_units_per_dwelling": 4.0,
                    "persons_per_dwelling": 3.2, "quota_lpcd": 200, "hourly_factor": 2.5},
            "fire": {"outdoor_lps": 15.0},
            "options": {"count": 3},
        },
        "demand": _demand(),
        "options": [_option(1), _option(2), _option(3)],
        "rejected": _rejected(),
        "provenance": {
            "network_version": "v-7f3a91c2", "network_source": "合成示范城区 给水管线成果.xlsx", "synthetic": True,
            "crs": CRS, "rules": ["GB 50015-2019 @ 2020-03-01 sha256:1f0c22", "GB 50974-2014 @ 2014-10-01 sha256:77ab10"],
            "prices": "jinan-demo-2026 sha256:90ffee", "engine": "EPANET 2.2.0", "software": "tapwright 0.1.0",
            "created": "2026-11-21T10:31:07+08:00",
        },
        **changes,
    }  # fmt: skip


def _demand() -> dict[str, Any]:
    return {
        "design_flow_lps": 4.251, "peak_hour_lps": 0.889, "max_day_m3": 30.72, "fire_flow_lps": 15.0,
        "method": "概率法", "even_use": False,
        "clauses": [
            {"name": "最大用水时卫生器具给水当量平均出流概率", "formula": "U0 = 100·qL·m·Kh / (0.2·Ng·T·3600)",
             "inputs": {"qL": 200, "m": 3.2, "Kh": 2.5, "Ng": 4.0, "T": 24}, "value": 2.3148, "unit": "%",
             "clause": "GB 50015-2019 3.7.5-1", "source": "建筑给水排水设计标准", "confidence": "verified"},
            {"name": "设计秒流量", "formula": "qg = 0.2·U·ΣNg", "inputs": {"U": 0.1107, "ΣNg": 192.0}, "value": 4.251,
             "unit": "L/s", "clause": "GB 50015-2019 3.7.5-3", "source": "建筑给水排水设计标准", "confidence": "verified"},
            {"name": "所需水压", "formula": "H = 120 + 40·(n - 2)", "inputs": {"n": 6}, "value": 28.0, "unit": "m",
             "clause": "CJJ 58-2009 附录", "source": "通行做法,缺省值", "confidence": "BK-M"},
        ],
    }  # fmt: skip


_TIES = {
    1: {"kind": "tapoff", "tapoff_id": "T-0012", "pipe_id": "JS101-JS102", "pipe_dn": 300, "pipe_material": "DI",
        "node_id": "JS131", "fraction": 0.4, "dn": 100, "method": "flange", "method_text": "预留口法兰直接",
        "cover_depth_m": 1.35, "valve_id": "FM-0012", "status": "free", "confidence": "surveyed", "distance_m": 57.31},
    2: {"kind": "new-tap", "tapoff_id": None, "pipe_id": "JS102-JS140", "pipe_dn": 150, "pipe_material": "PE",
        "node_id": None, "fraction": 0.27, "dn": 100, "method": "saddle", "method_text": "带水开孔,鞍座",
        "cover_depth_m": None, "valve_id": None, "status": None, "confidence": "inferred", "distance_m": 63.5},
    3: {"kind": "new-tap", "tapoff_id": None, "pipe_id": "JS101-JS102", "pipe_dn": 300, "pipe_material": "DI",
        "node_id": None, "fraction": 0.13, "dn": 100, "method": "tee", "method_text": "停水开三通",
        "cover_depth_m": 1.4, "valve_id": None, "status": None, "confidence": "as-built", "distance_m": 72.1},
}  # fmt: skip
_SURFACES = {
    1: [
        ("asphalt", 19.0, "经十路", "arterial"),
        ("paving-brick", 15.0, "经十路", "arterial"),
        ("green", 22.0, "", ""),
    ],
    2: [("asphalt", 15.0, RARE_NAME + "巷", "branch"), ("concrete", 56.0, "", "")],
    3: [("asphalt", 28.0, "经十路", "arterial"), ("green", 72.0, "", "")],
}
_ENGLISH_REASONS = {
    1: ["Reserved tap-off: no cutting into the main."],
    2: ["Longer by 15.0 m."],
    3: ["Pressure short by 1.53 m."],
}


def _option(rank: int) -> dict[str, Any]:
    feasible = rank < 3
    after = {1: 0.318, 2: 0.291, 3: 0.265}[rank]
    length = route_line(rank).length
    return {
        "rank": rank, "feasible": feasible,
        "connection": {**_TIES[rank], "position": lonlat(*ROUTES_XY[rank][0])},
        "route": {
            "length_m": round(length, 2),
            "geometry": {"type": "LineString", "coordinates": [lonlat(*p) for p in ROUTES_XY[rank]]},
            "surfaces": [{"surface": s, "length_m": m, "road_name": n, "road_class": c} for s, m, n, c in _SURFACES[rank]],
            "basis": "streets", "basis_text": "沿道路布线",
            "profile": _profile(length), "crossings": _CROSSINGS, "near_utilities": [], "street_crossings": [],
        },
        "works": {"outside_length_m": round(length - 22, 2), "inside_length_m": 22.0, "cover_depth_m": 1.0,
                  "trench_width_m": 0.71, "trench_top_width_m": 0.71, "trench_depth_m": 1.21, "bedding_m": 0.1,
                  "bends": [[90.0, 1]], "thrust_blocks": 0, "valve_wells": 1},
        "service_pipe": {"dn": 100, "material": "PE", "series": "PE100 SDR17 dn110", "outer_diameter_mm": 110.0,
                         "inner_diameter_mm": 96.8, "velocity_mps": 0.578, "headloss_m": 0.312, "friction_m": 0.24,
                         "local_m": 0.072, "clause": "GB 50015-2019 3.7.13"},
        "meter": {"dn": 50, "q3_m3h": 25.0, "q4_m3h": 31.25, "ratio_r": 100, "type": "水平螺翼式", "headloss_m": 2.62,
                  "clause": "GB/T 778.1-2018"},
        "check": _check(after, rank),
        "findings": _findings(after, rank),
        "assemblies": _assemblies(),
        "quote": _quote(rank),
        "permits": _permits(rank),
        "workdays": 9 + rank,
        "reasons": {1: ["利用预留口,不破主管。", "距离最短,路面破除最少。"], 2: ["线路长 15.0 m,须带水开孔。"],
                    3: [f"高峰时压力不足 1.53 m;申请人备注 {EVIL_MARKUP}"]}[rank],
        "reasons_en": _ENGLISH_REASONS[rank],
    }  # fmt: skip


def _profile(length_m: float) -> list[dict[str, Any]]:
    """Ground that rises 2 cm a metre, the pipe a metre under it."""
    marks = [(0.0, "tie-in"), (10.0, "station"), (12.0, "crossing"), (34.0, "bend"), (length_m, "site")]
    return [
        {"at_m": at, "kind": kind, "ground_m": 30.0 + 0.02 * at, "cover_m": 1.0, "pipe_top_m": 29.0 + 0.02 * at,
         "pipe_bottom_m": 28.89 + 0.02 * at}
        for at, kind in marks
    ]  # fmt: skip


_CROSSINGS = [
    {"utility_id": "WS1", "kind": "sewer", "detail": "", "at_m": 7.0, "angle_deg": 90.0, "cover_m": 2.4, "height_m": 0.6,
     "gap_m": 1.29, "limit_m": 0.4},
    {"utility_id": "MQ1", "kind": "gas", "detail": "medium", "at_m": 12.0, "angle_deg": 90.0, "cover_m": None, "height_m": 0.0,
     "gap_m": None, "limit_m": 0.15},
]  # fmt: skip


def neighbour(
    node_id: str, before_m: float, after_m: float, *, x: float = 0.0, y: float = 0.0
) -> dict[str, Any]:
    return {
        "node_id": node_id, "position": lonlat(x, y), "elevation_m": 30.4, "pressure_before_m": before_m,
        "pressure_after_m": after_m, "pressure_before_mpa": round(before_m * 0.00980665, 4),
        "pressure_after_mpa": round(after_m * 0.00980665, 4),
    }  # fmt: skip


def _check(after_mpa: float, rank: int) -> dict[str, Any]:
    hit = [neighbour(f"JS{200 + i}", 31.2 + i, 30.64 + 1.03 * i, x=20.0 * i, y=15.0 * i) for i in range(8)]
    return {
        "engine": "EPANET 2.2.0", "scenario": "peak", "converged": True, "pressure_required_mpa": 0.28,
        "site_elevation_m": 31.25, "site_pressure_before_mpa": 0.331, "site_pressure_after_mpa": after_mpa,
        "margin_m": round((after_mpa - 0.28) / 0.00980665, 2), "tie_in_head_before_m": 65.82, "tie_in_head_after_m": 65.21,
        "tie_in_pressure_before_mpa": 0.342, "tie_in_pressure_after_mpa": 0.336, "neighbour_limit_mpa": 0.14,
        "worst_neighbour": neighbour("JS0877", 15.11, 14.93, x=180.0, y=90.0),
        "newly_below_limit": [neighbour("JS0901", 14.29, 14.21, x=190.0, y=60.0)] if rank == 3 else [],
        "most_affected": hit,
    }  # fmt: skip


def _findings(after_mpa: float, rank: int) -> list[dict[str, Any]]:
    return [
        _finding(
            "pressure.site",
            "接管点水压",
            "CJJ 58-2009",
            after_mpa,
            0.28,
            "MPa",
            "pass" if rank < 3 else "fail",
        ),
        _finding("pressure.neighbour", "最不利用户水压", "城镇供水服务标准 4.2", 0.1464, 0.14, "MPa", "pass"),
        _finding("velocity.service", "接户管流速", "GB 50015-2019 3.7.13", 0.578, 1.5, "m/s", "pass"),
        _finding("meter.headloss", "水表水头损失", "GB 50015-2019 3.7.16", 2.62, 2.45, "m", "warn"),
        _finding("pressure.close", "小数之差", "示例", 0.13996, 0.14, "MPa", "fail" if rank == 3 else "warn"),
    ]


def _finding(
    rule: str, name: str, clause: str, measured: float, limit: float, unit: str, verdict: str
) -> dict[str, Any]:
    return {
        "rule": rule, "name": name, "clause": clause, "measured": measured, "limit": limit, "unit": unit, "verdict": verdict,
        "text": f"{name}实测 {measured} {unit},限值 {limit} {unit}。", "text_en": f"{rule}: {measured} against {limit} {unit}.",
        "source": "标准条文", "confidence": "BK-H",
    }  # fmt: skip


def _assemblies() -> list[dict[str, Any]]:
    return [
        {
            "code": "JS-TAP-100",
            "name": "预留口接管 DN100",
            "drawing": "05S502-12",
            "count": 1,
            "reason": "预留口 DN100,法兰连接",
        },
        {
            "code": "JS-VALVE-100",
            "name": "阀门井 Φ1200",
            "drawing": "05S502-24",
            "count": 1,
            "reason": "接户管起点设阀",
        },
        {
            "code": "JS-METER-50",
            "name": "水表井 DN50(不带旁通)",
            "drawing": "05S502-61",
            "count": 1,
            "reason": "水表 DN50",
        },
    ]


_LINES = [
    (
        "pipe-pe-dn110",
        "PE100 给水管 dn110 SDR17 敷设",
        "56.00",
        "m",
        "128.50",
        "customer",
        "outside-red-line",
    ),
    ("excavate", "沟槽开挖(深 1.5 m)", "67.20", "m3", "46.80", "customer", "outside-red-line"),
    ("asphalt", "沥青路面破除与恢复", "22.80", "m2", "385.00", "utility", "outside-red-line"),
    ("brick", "人行道方砖恢复", "18.00", "m2", "126.35", "utility", "outside-red-line"),
    ("valve-well", "阀门井 Φ1200", "1", "座", "4860.00", "customer", "outside-red-line"),
    ("meter-50", "水平螺翼式水表 DN50", "1", "只", "1680.00", "utility", "inside-red-line"),
    ("meter-well", "水表井", "1", "座", "5220.00", "customer", "inside-red-line"),
    ("traffic", "-占道交通组织费", "1", "项", "2600.00", "customer", "third-party"),
    ("flush", "+冲洗消毒与水质检测", "1", "项", "980.55", "customer", "outside-red-line"),
    ("@note", EVIL_FORMULA, "0.333", "项", "1000.10", "customer", "third-party"),
]


def _cents(value: Decimal) -> str:
    return str(value.quantize(Decimal("0.01"), ROUND_HALF_UP))


def _quote(rank: int) -> dict[str, Any]:
    lines, by_payer = [], {"customer": Decimal(0), "utility": Decimal(0)}
    for code, name, quantity, unit, price, payer, ledger in _LINES:
        quantity = str(Decimal(quantity) * rank) if code == "pipe-pe-dn110" else quantity
        amount = _cents(Decimal(quantity) * Decimal(price))
        by_payer[payer] += Decimal(amount)
        lines.append(
            {"code": code, "name": name, "quantity": quantity, "unit": unit, "price_cny": price, "amount_cny": amount,
             "payer": payer, "ledger": ledger, "basis": "政府定价目录第 3 条", "basis_en": "Government price list, item 3",
             "name_en": f"Item {code}", "taxed": True, "tax_rate": "0.09", "kind": "item"}
        )  # fmt: skip
    net = sum(by_payer.values())
    tax = Decimal(_cents(net * Decimal("0.09")))
    customer = by_payer["customer"] + Decimal(_cents(by_payer["customer"] * Decimal("0.09")))
    return {
        "catalogue": "jinan-demo-2026", "catalogue_note": "示范价目,非政府定价", "valid_from": "2026-01-01", "valid_to": None,
        "rounding": "每行四舍五入到分,税额按合计计算后四舍五入到分。", "lines": lines, "net_cny": _cents(net), "tax_rate": "0.09",
        "tax_cny": _cents(tax), "total_cny": _cents(net + tax), "customer_total_cny": _cents(customer),
        "utility_total_cny": _cents(net + tax - customer),
    }  # fmt: skip


def _permits(rank: int) -> list[dict[str, Any]]:
    return [
        {"kind": "road-opening", "name": "占用、挖掘城市道路许可", "authority": "市政公用事业管理部门", "area_m2": 22.8 * rank,
         "length_m": 19.0, "workdays": 5, "basis": "城市道路管理条例 第三十三条"},
        {"kind": "green", "name": "临时占用绿地许可", "authority": "园林绿化部门", "area_m2": 26.4, "length_m": 22.0, "workdays": 3,
         "basis": "城市绿化条例 第二十条"},
    ]  # fmt: skip


def _rejected() -> list[dict[str, Any]]:
    return [
        {"connection": {"kind": "tapoff", "tapoff_id": "T-0013", "pipe_id": "JS101-JS102", "pipe_dn": 300,
                        "position": lonlat(90, -4), "distance_m": 63.6},
         "reason": "预留口 T-0013 已预留给其他项目,预留至 2027-03-31。", "reason_en": "T-0013 is reserved until 2027-03-31."},
        {"connection": {"kind": "new-tap", "tapoff_id": None, "pipe_id": "@JS7-JS8", "pipe_dn": 800, "position": lonlat(150, 10)},
         "reason": f"输水干管不得开口 {EVIL_FORMULA}", "reason_en": "No tapping of transmission mains."},
    ]  # fmt: skip


def surroundings() -> dict[str, gpd.GeoDataFrame]:
    """What lies around the site, in the working CRS: two streets, three mains, parcels, buildings, other utilities."""
    return {
        "pipes": _layer("pipes", _PIPES, LineString),
        "streets": _layer("streets", _STREETS, LineString),
        "parcels": _layer("parcels", _PARCELS, _box),
        "buildings": _layer("buildings", _BUILDINGS, _box),
        "utilities": _layer("utilities", _UTILITIES, LineString),
        "tapoffs": _layer("tapoffs", _TAPOFFS, Point),
        "valves": _layer("valves", _VALVES, Point),
        "hydrants": _layer("hydrants", _HYDRANTS, Point),
    }


def surroundings_lonlat() -> dict[str, gpd.GeoDataFrame]:
    return {name: table.to_crs("EPSG:4490") for name, table in surroundings().items()}


def _box(corners: list[tuple[float, float]]) -> Polygon:
    (west, south), (east, north) = corners
    return box(west, south, east, north)


def _layer(name: str, rows: list[tuple[Any, dict[str, Any]]], shape: Any) -> gpd.GeoDataFrame:
    def moved(points: Any) -> Any:
        if isinstance(points, tuple):
            return shape(EAST + points[0], NORTH + points[1])
        return shape([(EAST + x, NORTH + y) for x, y in points])

    table = gpd.GeoDataFrame(
        [row for _, row in rows], geometry=[moved(points) for points, _ in rows], crs=CRS
    )
    return conform(table, name)


_PIPES = [
    ([(-120, -8), (120, -8)], {"pipe_id": "JS101-JS102", "dn": 300, "material": "DI", "length_m": 240.0, "install_year": 2009,
                               "role": "main", "road_name": "经十路"}),
    ([(120, -8), (260, -8)], {"pipe_id": "JS102-JS103", "dn": 300, "material": "DI", "length_m": 140.0, "role": "main"}),
    ([(120, -8), (123, 10), (123, 200)], {"pipe_id": "JS102-JS140", "dn": 150, "material": "PE", "length_m": 208.2,
                                          "role": "distribution", "road_name": RARE_NAME + "巷"}),
    ([(-120, 8), (260, 8)], {"pipe_id": "@JS7-JS8", "dn": 800, "material": "ST", "length_m": 380.0, "role": "transmission"}),
]  # fmt: skip
_STREETS = [
    ([(-120, 0), (260, 0)], {"street_id": "S1", "name": "经十路", "road_class": "arterial", "surface": "asphalt", "width_m": 30.0}),
    ([(120, 0), (120, 200)], {"street_id": "S2", "name": RARE_NAME + "巷", "road_class": "branch", "surface": "asphalt", "width_m": 9.0}),
]  # fmt: skip
_PARCELS = [
    ([(20, 24), (108, 110)], {"parcel_id": "P1", "name": f"{RARE_NAME} {EVIL_MARKUP}", "use": "residential"}),
    ([(-90, 24), (10, 110)], {"parcel_id": "P2", "name": "第三中学", "use": "school"}),
    ([(132, 24), (230, 120)], {"parcel_id": "P3", "name": "恒隆商厦", "use": "shop"}),
]
_BUILDINGS = [
    ([(30, 60), (98, 72)], {"building_id": "B1", "use": "residential", "storeys": 6, "dwellings": 48}),
    ([(30, 86), (98, 98)], {"building_id": "B2", "use": "residential", "storeys": 6, "dwellings": 48}),
    ([(-80, 40), (-20, 60)], {"building_id": "B3", "use": "school", "storeys": 4}),
    ([(146, 40), (216, 96)], {"building_id": "B4", "use": "shop", "storeys": 11}),
]
_UTILITIES = [
    ([(-120, 3), (260, 3)], {"utility_id": "WS1", "kind": "sewer", "size": "DN500"}),
    ([(-120, 12), (260, 12)], {"utility_id": "MQ1", "kind": "gas", "size": "DN200"}),
    ([(117, 0), (117, 200)], {"utility_id": "DL1", "kind": "power", "size": "10kV"}),
]
_TAPOFFS = [
    (
        (60, -4),
        {"tapoff_id": "T-0012", "pipe_id": "JS101-JS102", "pipe_dn": 300, "dn": 100, "status": "free"},
    ),
    (
        (90, -4),
        {"tapoff_id": "T-0013", "pipe_id": "JS101-JS102", "pipe_dn": 300, "dn": 100, "status": "reserved"},
    ),
]
_VALVES = [((110, -8), {"valve_id": "FM-7", "dn": 300}), ((123, 20), {"valve_id": "FM-8", "dn": 150})]
_HYDRANTS = [((100, -12), {"hydrant_id": "XF-3", "dn": 100}), ((127, 120), {"hydrant_id": "XF-4", "dn": 100})]
