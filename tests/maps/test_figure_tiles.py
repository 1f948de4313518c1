"""Tiles of computed figures: nothing is lost from near, and from afar the gravest of each class stands for its neighbours."""

from __future__ import annotations

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry import LineString

from maps.errors import MapError
from maps.figure_tiles import CELLS, CLASS, FULL_ZOOM, MIN_ZOOM, FigureTiles
from maps.figures import FigureLayer, figure_classes

TO_MAP = Transformer.from_crs("EPSG:4548", "EPSG:3857", always_xy=True)
WIDTH_M = 2 * np.pi * 6378137.0
EAST_M, NORTH_M = 501_800.0, 4_059_000.0


def nodes(count=3000, span_m=4000.0, crs="EPSG:4548", **more):
    rng = np.random.default_rng(5)
    xy = rng.uniform(0.0, span_m, (count, 2)) + (EAST_M, NORTH_M)
    table = gpd.GeoDataFrame(
        {
            "node_id": [f"J{k}" for k in range(count)], "capacity_lps": np.round(rng.exponential(6.0, count), 3),
            "limiting_node_id": [f"J{k // 9}" for k in range(count)], "limit": ["pressure"] * count, **more,
        },
        geometry=shapely.points(xy), crs=crs,
    )  # fmt: skip
    return FigureLayer(
        "capacity_nodes",
        "Point",
        table,
        "capacity_lps",
        ("node_id", "capacity_lps", "limiting_node_id", "limit"),
    )


def squares(layer, z):
    """Every tile the rows of a layer lie in."""
    x, y = TO_MAP.transform(*shapely.get_coordinates(layer.table.geometry).T)
    side_m = WIDTH_M / 2**z
    across, down = (x + WIDTH_M / 2) // side_m, (WIDTH_M / 2 - y) // side_m
    return sorted(set(zip(across.astype(int).tolist(), down.astype(int).tolist(), strict=True)))


def drawn(tiles, layer, z):
    """What another program finds at a zoom, by id; what lies in the buffer of two tiles is one."""
    found = {}
    for x, y in squares(layer, z):
        content = tiles.tile(z, x, y)
        for part in (mapbox_vector_tile.decode(content) if content else {}).values():
            for one in part["features"]:
                found[one["properties"].get("node_id") or one["properties"]["pipe_id"]] = one["properties"]
    return found


def class_of(value):
    """The class whose range holds a spare flow, found by looking at each."""
    for place, one in enumerate(figure_classes("capacity")):
        if (
            one.key == "range"
            and (value > one.above_lps or value == 0)
            and (one.up_to_lps is None or value <= one.up_to_lps)
        ):
            return place
    raise AssertionError(value)


def test_from_near_every_row_is_there_with_its_figures():
    layer = nodes()
    found = drawn(FigureTiles("capacity", [layer]), layer, FULL_ZOOM)
    assert len(found) == len(layer.table)
    for row in layer.table.to_dict("records"):
        told = found[row["node_id"]]
        assert told["capacity_lps"] == pytest.approx(row["capacity_lps"], abs=5e-4)
        assert told["limiting_node_id"] == row["limiting_node_id"]
        assert told[CLASS] == class_of(row["capacity_lps"])


@pytest.mark.parametrize("z", [9, 11, 13])
def test_from_afar_each_cell_shows_the_gravest_of_each_class_and_nothing_twice(z):
    layer = nodes()
    x, y = TO_MAP.transform(*shapely.get_coordinates(layer.table.geometry).T)
    cell_m = WIDTH_M / 2**z / CELLS
    gravest = {}
    for k, value in enumerate(layer.table["capacity_lps"]):
        cell = (class_of(value), int((x[k] + WIDTH_M / 2) // cell_m), int((y[k] + WIDTH_M / 2) // cell_m))
        gravest[cell] = min(gravest.get(cell, np.inf), value)
    found = drawn(FigureTiles("capacity", [layer]), layer, z)
    assert sorted(one["capacity_lps"] for one in found.values()) == pytest.approx(
        sorted(gravest.values()), abs=5e-4
    )
    assert len(found) < len(layer.table)


def test_what_is_drawn_stays_drawn_from_nearer():
    layer = nodes()
    tiles = FigureTiles("capacity", [layer])
    before: set[str] = set()
    for z in range(MIN_ZOOM, FULL_ZOOM + 1):
        now = set(drawn(tiles, layer, z))
        assert before <= now
        before = now


def test_no_water_and_no_limit_are_classes_of_their_own_and_every_row_is_counted():
    layer = nodes(300, limit=["no-water"] * 10 + ["cap"] * 20 + ["own-pressure"] * 270)
    tiles = FigureTiles("capacity", [layer])
    keys = [one.key for one in figure_classes("capacity")]
    assert tiles.counts[keys.index("no-water")] == 10
    assert tiles.counts[keys.index("at-cap")] == 20
    assert tiles.counts.sum() == 300
    west, south, east, north = tiles.bounds
    lon, lat = Transformer.from_crs("EPSG:4548", "EPSG:4326", always_xy=True).transform(
        EAST_M + 2000, NORTH_M + 2000
    )
    assert west < lon < east and south < lat < north


def test_a_long_pipe_is_drawn_from_afar_beside_a_graver_short_one_of_its_class():
    lines = [
        LineString([(EAST_M, NORTH_M), (EAST_M + 9000, NORTH_M)]),
        LineString([(EAST_M + 4500, NORTH_M), (EAST_M + 4510, NORTH_M)]),
    ]
    table = gpd.GeoDataFrame(
        {"pipe_id": ["long", "short"], "unserved_lps": [6.0, 9.0]}, geometry=lines, crs="EPSG:4548"
    )
    layer = FigureLayer("outages", "LineString", table, "unserved_lps", ("pipe_id", "unserved_lps"))
    tiles = FigureTiles("outages", [layer])
    assert "long" in drawn(tiles, layer, 10)
    bounds = [(one.above_lps, one.up_to_lps) for one in figure_classes("outages")]
    assert bounds == sorted(bounds, reverse=True), "the gravest first"
    holds_both = next(
        place for place, (low, high) in enumerate(bounds) if low < 6.0 and (high is None or high >= 9.0)
    )
    assert tiles.counts[holds_both] == tiles.counts.sum() == 2


def test_without_a_coordinate_system_there_is_no_map():
    with pytest.raises(MapError) as refused:
        FigureTiles("capacity", [nodes(5, crs=None)])
    assert refused.value.code == "map-needs-crs"


def test_an_address_outside_the_pyramid_is_refused():
    with pytest.raises(MapError) as refused:
        FigureTiles("capacity", [nodes(5)]).tile(3, 9, 0)
    assert refused.value.code == "tile-out-of-range"
