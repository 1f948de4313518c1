"""Small towns of streets, parcels, buildings and utilities, and the terms their routes are sought by."""

from dataclasses import replace

import geopandas as gpd
import pytest
from shapely.geometry import LineString

from gis.corridors import Corridors
from gis.network import Network
from gis.schema import conform, empty_layer
from gis.ways.terms import Ban, Tariff, Terms

PRICES = {"asphalt": 300.0, "concrete": 250.0, "paving-brick": 150.0, "soil": 60.0, "green": 80.0}
CRS = "EPSG:4548"
TERMS = Terms(
    lanes_m=(1.5, 3.0, -1.5), widths_m=(("branch", 12.0), ("lane", 5.0), ("", 9.0)), class_factors=(),
    clearances_m=(("sewer", "", 1.0), ("gas", "low", 0.5), ("gas", "sub-high-a", 1.5), ("telecom", "", 1.0)),
    bans=(Ban("opened_on", 5), Ban("paved_on", 3)), pavement_m=8.0, median_m=8.0, building_m=1.0, narrow_m=0.4,
    foreign_factor=10.0, building_factor=200.0, close_factor=2.0, water_factor=40.0, water_allowed=True,
    bridge_factor=5.0, banned_factor=3.0, clearance_factor=1.0, middle_factor=1.5, crossing_m=8.0, rail_m=200.0,
    bend_m=4.0, square_deg=60.0, leg_m=5.0, near_m=150.0, direct_m=60.0, rung_m=80.0, around_m=60.0,
)  # fmt: skip
# nothing counts but price and length: what brute force can judge
PLAIN = replace(
    TERMS,
    lanes_m=(1.5,),
    middle_factor=1e6,
    foreign_factor=1e4,
    crossing_m=0.0,
    bend_m=0.0,
    close_factor=0.0,
    leg_m=0.0,
    direct_m=0.0,
    around_m=0.0,
)


def city(crs=CRS, **layers):
    def read(name):
        if name not in layers:
            return empty_layer(name, crs)
        table = gpd.GeoDataFrame(layers[name], geometry="geometry", crs=crs)
        return conform(table, name)

    return Network("v-test", None, "test", synthetic=True, read_layer=read)


def streets(lines, *, width_m=12.0, surfaces=None, classes=None, **columns):
    count = len(lines)
    return {
        "street_id": [f"S{k}" for k in range(count)],
        "name": [f"第{k}路" for k in range(count)],
        "road_class": classes or ["branch"] * count,
        "surface": surfaces or ["asphalt"] * count,
        "width_m": [width_m] * count,
        "geometry": [None if line is None else LineString(line) for line in lines],
        **columns,
    }


def areas(kind, polygons, **columns):
    return {f"{kind}_id": [f"A{k}" for k in range(len(polygons))], "geometry": polygons, **columns}


def lines_layer(kind_, lines, **columns):
    return {
        f"{kind_}_id": [f"L{k}" for k in range(len(lines))],
        "geometry": [LineString(line) for line in lines],
        **columns,
    }


def pipes(lines):
    return {
        "pipe_id": [f"P{k}" for k in range(len(lines))],
        "geometry": [LineString(line) for line in lines],
    }


def one_route(network, site, target, *, reach_m=2000.0, prices=PRICES, terms=TERMS, **tariff):
    (route,) = Corridors(network, terms).routes(
        site, [target], reach_m=reach_m, tariff=Tariff(prices, **tariff)
    )
    return route


def by_surface(route):
    total = {}
    for run in route.surfaces:
        total[run.surface] = total.get(run.surface, 0.0) + run.length_m
    return total


def kinds(route):
    return [note.kind for note in route.notes]


def adds_up(route):
    assert route.length_m == route.line.length
    assert sum(run.length_m for run in route.surfaces) == pytest.approx(route.length_m, abs=1e-6)
    assert all(run.length_m > 0 for run in route.surfaces)
