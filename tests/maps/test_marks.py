"""Marks in tiles: none is lost on the way out, none is drawn twice, and a city full of them stays light."""

import math

import mapbox_vector_tile
import numpy as np
import pyproj
import pytest

from maps.errors import MapError
from maps.tiling.marks import CELLS, SINGLE_ZOOM, Mark, MarkTiles

CRS = pyproj.CRS("EPSG:4548")
TO_LONLAT = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)


def scattered(count, seed=3):
    random = np.random.default_rng(seed)
    kinds = [("ends-apart", "repaired"), ("dn-missing", "warning"), ("no-sources", "error")]
    places = np.column_stack(
        [random.uniform(498_000, 506_000, count), random.uniform(4_055_000, 4_062_000, count)]
    )
    return [
        Mark(f"I{k}", *kinds[random.integers(len(kinds))], (float(x), float(y)))
        for k, (x, y) in enumerate(places)
    ]


def lonlat(mark):
    return TO_LONLAT.transform(*mark.place_xy)


def tile_of(mark, z):
    lon, lat = lonlat(mark)
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z
    return int((lon + 180) / 360 * 2**z), int(y)


def features(tiles, z, x, y):
    content = tiles.tile(z, x, y)
    return mapbox_vector_tile.decode(content)["issues"]["features"] if content else []


def counts(found):
    total = {}
    for feature in found:
        for key, value in feature["properties"].items():
            if key != "id":
                total[key] = total.get(key, 0) + value
    return total


@pytest.mark.parametrize("z", [8, 12, 15, SINGLE_ZOOM])
def test_every_mark_is_counted_once_at_every_zoom(z):
    marks = scattered(700)
    tiles = MarkTiles(marks, CRS, layer="issues")
    found = [f for x, y in {tile_of(mark, z) for mark in marks} for f in features(tiles, z, x, y)]
    expected = {}
    for mark in marks:
        key = f"{mark.kind}|{mark.severity}"
        expected[key] = expected.get(key, 0) + 1
    assert counts(found) == expected


def test_from_near_each_mark_stands_for_itself_at_its_place():
    marks = scattered(200)
    tiles = MarkTiles(marks, CRS, layer="issues")
    for mark in marks[:20]:
        x, y = tile_of(mark, SINGLE_ZOOM)
        (own,) = [f for f in features(tiles, SINGLE_ZOOM, x, y) if f["properties"]["id"] == mark.mark_id]
        lon, lat = lonlat(mark)
        column = (lon + 180) / 360 * 2**SINGLE_ZOOM - x
        row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**SINGLE_ZOOM - y
        right, up = own["geometry"]["coordinates"]
        assert (right / 4096, 1 - up / 4096) == pytest.approx((column, row), abs=1e-3)


def test_a_tile_never_holds_more_than_its_cells():
    marks = scattered(20_000)
    tiles = MarkTiles(marks, CRS, layer="issues")
    x, y = tile_of(marks[0], 11)
    assert 0 < len(features(tiles, 11, x, y)) <= CELLS * CELLS


def test_without_a_coordinate_system_nothing_is_drawn():
    assert MarkTiles(scattered(5), None, layer="issues").tile(0, 0, 0) == b""


def test_an_address_outside_the_pyramid_is_refused():
    with pytest.raises(MapError):
        MarkTiles([], CRS, layer="issues").tile(3, 8, 0)
