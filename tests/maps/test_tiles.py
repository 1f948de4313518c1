"""Vector tiles: what lies in the city is what a reader of the format finds in them."""

from __future__ import annotations

import json
import math

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer
from shapely.geometry import LineString, Point, Polygon

from gis.network import Network
from gis.schema import conform, empty_layer
from gis.schema import layers as schema_layers
from maps.errors import MapError
from maps.layers import map_layers, tilesets
from maps.tiling.quantise import BUFFER
from maps.tiling.thin import CROWD
from maps.tilejson import tile_json
from maps.tiles import TileServer

ZONE = "EPSG:4548"
FROM_DEGREES = Transformer.from_crs("EPSG:4326", ZONE, always_xy=True)
TO_DEGREES = Transformer.from_crs(ZONE, "EPSG:4326", always_xy=True)
CENTRE = FROM_DEGREES.transform(117.02, 36.66)


def at(east_m: float, north_m: float) -> tuple[float, float]:
    return CENTRE[0] + east_m, CENTRE[1] + north_m


def city(crs: str | None = ZONE, **layers) -> Network:
    def read(name):
        if name not in layers:
            return empty_layer(name, crs)
        table = gpd.GeoDataFrame(layers[name], geometry="geometry", crs=crs)
        return conform(table, name)

    return Network("v1", CRS(crs) if crs else None, "built in the test", True, read)


def pipe(pipe_id, line, dn=100, role="distribution", **more):
    return {"pipe_id": pipe_id, "geometry": line, "dn": dn, "role": role, "material": "DI", **more}


def address(lon: float, lat: float, z: int) -> tuple[int, int, int]:
    x = int((lon + 180) / 360 * 2**z)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)
    return z, x, y


def read(tile: bytes, layer: str):
    """Features as another program decodes them, in whole tile units with y downwards."""
    decoded = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})
    return decoded[layer]["features"] if layer in decoded else []


def units(xy, z: int, x: int, y: int):
    """Tile units of a point of the zone, by the projection's textbook formula."""
    lon, lat = TO_DEGREES.transform(*xy)
    across = (lon + 180) / 360 * 2**z - x
    down = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z - y
    return across * 4096, down * 4096


def test_a_pipe_lies_in_its_tile_where_the_projection_puts_it():
    corners = [at(10, 10), at(60, 30), at(80, 90)]
    server = TileServer(city(pipes=[pipe("P1", LineString(corners), dn=300, install_year=1987)]))
    where = address(117.0205, 36.6604, 15)

    (feature,) = read(server.tile("pipes", *where), "pipes")

    assert feature["properties"] == {
        "pipe_id": "P1", "dn": 300, "material": "DI", "install_year": 1987, "status": "open",
    }  # fmt: skip
    expected = [units(corner, *where) for corner in corners]
    assert np.allclose(feature["geometry"]["coordinates"], expected, atol=0.51)


def test_null_and_empty_geometries_are_left_out():
    server = TileServer(
        city(
            pipes=[pipe("P0", None), pipe("P1", LineString([at(0, 0), at(50, 0)])), pipe("P2", LineString())]
        )
    )

    features = read(server.tile("pipes", *address(117.02, 36.66, 16)), "pipes")

    assert [f["properties"]["pipe_id"] for f in features] == ["P1"]


def test_a_line_that_leaves_and_comes_back_stays_one_feature_of_two_parts():
    z, x, y = address(117.02, 36.66, 17)
    west = FROM_DEGREES.transform(x / 2**z * 360 - 180, 36.66)[0]
    loop = LineString(
        [
            (west + 50, CENTRE[1] + 2),
            (west - 90, CENTRE[1] + 2),
            (west - 90, CENTRE[1]),
            (west + 50, CENTRE[1]),
        ]
    )
    server = TileServer(city(pipes=[pipe("P1", loop)]))

    (feature,) = read(server.tile("pipes", z, x, y), "pipes")

    assert feature["geometry"]["type"] == "MultiLineString"
    assert len(feature["geometry"]["coordinates"]) == 2
    assert min(px for part in feature["geometry"]["coordinates"] for px, _ in part) >= -BUFFER


def test_a_courtyard_stays_a_hole():
    outer = [at(0, 0), at(100, 0), at(100, 100), at(0, 100)]
    yard = [at(30, 30), at(70, 30), at(70, 70), at(30, 70)]
    server = TileServer(city(buildings=[{"building_id": "B", "geometry": Polygon(outer, [yard])}]))
    where = address(117.0205, 36.6605, 15)

    (feature,) = read(server.tile("buildings", *where), "buildings")
    drawn = Polygon(feature["geometry"]["coordinates"][0], feature["geometry"]["coordinates"][1:])

    expected = Polygon([units(p, *where) for p in outer], [[units(p, *where) for p in yard]])
    assert drawn.is_valid
    assert drawn.area == pytest.approx(expected.area, rel=0.01)


@pytest.mark.parametrize("z", [12, 14, 16, 18])
def test_tiles_hold_what_an_independent_cut_finds(z):
    rng = np.random.default_rng(7)
    starts = rng.uniform(-1500, 1500, (400, 2))
    lines = [
        LineString([at(*s), at(*(s + rng.uniform(-120, 120, 2))), at(*(s + rng.uniform(-120, 120, 2)))])
        for s in starts
    ]
    server = TileServer(city(pipes=[pipe(f"P{i}", line, role="main") for i, line in enumerate(lines)]))
    z, x, y = address(117.021, 36.661, z)

    features = read(server.tile("pipes", z, x, y), "pipes")

    frame = shapely.box(-BUFFER, -BUFFER, 4096 + BUFFER, 4096 + BUFFER)
    wanted = {}
    for i, line in enumerate(lines):
        cut = LineString([units(p, z, x, y) for p in line.coords]).intersection(frame)
        if cut.length > 4:
            wanted[f"P{i}"] = cut.length
    found = {
        f["properties"]["pipe_id"]: shapely.from_geojson(json.dumps(f["geometry"])).length for f in features
    }
    assert wanted.keys() <= found.keys()
    assert all(found[k] == pytest.approx(wanted[k], abs=4) for k in wanted)
    assert all(found[k] <= 6 for k in found.keys() - wanted.keys())


def test_a_crowded_city_shows_only_mains_from_afar_and_everything_close_by():
    mains = [
        pipe(f"M{i}", LineString([at(100 * i, 0), at(100 * i + 100, 0)]), role="main") for i in range(50)
    ]
    rng = np.random.default_rng(3)
    small = [
        pipe(f"S{i}", LineString([at(x, y), at(x + 40, y)]))
        for i, (x, y) in enumerate(rng.uniform(-4000, 4000, (20_000, 2)))
    ]
    server = TileServer(city(pipes=mains + small))

    far = read(server.tile("pipes", *address(117.02, 36.66, 11)), "pipes")
    near = read(server.tile("pipes", *address(117.02, 36.66, 15)), "pipes")

    assert {f["properties"]["pipe_id"][0] for f in far} == {"M"}
    assert {f["properties"]["pipe_id"][0] for f in near} == {"M", "S"}


def test_from_afar_the_largest_sizes_come_first_and_a_size_is_shown_everywhere_or_nowhere():
    rng = np.random.default_rng(5)
    pipes = [
        pipe(f"P{i}", LineString([at(x, y), at(x + 60, y)]), dn=dn)
        for i, ((x, y), dn) in enumerate(
            zip(rng.uniform(-3000, 3000, (9000, 2)), rng.choice([100, 300, 600], 9000, p=[0.7, 0.25, 0.05]), strict=True)
        )
    ]  # fmt: skip
    server = TileServer(city(pipes=pipes))

    shown = {z: {f["properties"]["dn"] for x in (0, 1) for y in (-1, 0, 1)
                 for f in read(server.tile("pipes", z, address(116.98, 36.66, z)[1] + x,
                                           address(117.02, 36.66, z)[2] + y), "pipes")} for z in (11, 14)}  # fmt: skip

    assert shown == {11: {600, 300}, 14: {600, 300, 100}}


def test_a_crowd_of_one_size_still_shows_its_longest():
    rng = np.random.default_rng(6)
    pipes = [
        pipe(f"P{i}", LineString([at(x, y), at(x + 20 + i % 50, y)]))
        for i, (x, y) in enumerate(rng.uniform(-800, 800, (6000, 2)))
    ]
    server = TileServer(city(pipes=pipes))

    far = read(server.tile("pipes", *address(117.02, 36.66, 11)), "pipes")

    assert 0 < len(far) <= CROWD
    shown = {int(f["properties"]["pipe_id"][1:]) % 50 for f in far}
    assert min(shown) >= 15


def test_below_zoom_eleven_a_street_of_equal_pipes_is_one_line_and_keeps_its_look():
    street = [
        pipe(f"P{i}", LineString([at(50 * i, 0), at(50 * i + 50, 0)]), dn=dn, install_year=year)
        for i, (dn, year) in enumerate([(300, 1987)] * 40 + [(300, 1985)] * 40 + [(200, 1996)] * 40)
    ]
    server = TileServer(city(pipes=street))
    where = address(117.02, 36.66, 10)

    features = read(server.tile("pipes", *where), "pipes")

    look = {"material": "DI", "status": "open"}
    assert sorted((f["properties"] for f in features), key=lambda p: p["dn"]) == [
        {"dn": 200, "install_year": 1995, **look}, {"dn": 300, "install_year": 1985, **look},
    ]  # fmt: skip
    longest = max((shapely.from_geojson(json.dumps(f["geometry"])) for f in features), key=lambda g: g.length)
    ends = [units(at(0, 0), *where), units(at(4000, 0), *where)]
    assert np.allclose(sorted(longest.coords), sorted(ends), atol=1.01)


def test_values_of_every_kind_are_read_back_as_they_were():
    rng = np.random.default_rng(1)
    ids = [f"管{i}-" + "长" * int(rng.integers(0, 90)) for i in range(3000)]
    elevations = np.r_[
        np.round(rng.uniform(-500, 9000, 2990), 3), [0, -1, 63, -64, 64, 8191, -8193, 1e6, 2**31, -(2**40)]
    ]
    rows = [{"node_id": name, "elevation_m": float(height), "geometry": Point(at(*xy))}
            for name, height, xy in zip(ids, elevations, rng.uniform(0, 40, (3000, 2)), strict=True)]  # fmt: skip
    server = TileServer(city(nodes=rows))

    found = read(server.tile("nodes", *address(117.0202, 36.6602, 15)), "nodes")

    assert {f["properties"]["node_id"]: f["properties"]["elevation_m"] for f in found} == pytest.approx(
        dict(zip(ids, elevations.tolist(), strict=True))
    )


def test_codes_come_with_their_chinese_words_close_by():
    server = TileServer(city(pipes=[pipe("P1", LineString([at(0, 0), at(50, 0)]), status="abandoned")]))

    (close,) = read(server.tile("pipes", *address(117.0202, 36.66, 16)), "pipes")

    assert (close["properties"]["material"], close["properties"]["material_zh"]) == ("DI", "球墨铸铁")
    assert close["properties"]["status_zh"] == "废弃"


@pytest.mark.parametrize("z", [9, 13, 17])
def test_computed_pressures_are_tiles_of_their_own(z):
    pipes = [pipe("P1", LineString([at(0, 0), at(900, 0)])), pipe("P2", LineString([at(0, 0), at(0, 900)]))]
    server = TileServer(city(pipes=pipes), {"peak_pressure_mpa": lambda: np.array([0.2854, np.nan])})
    where = address(117.0201, 36.6601, z)

    features = read(server.tile("pressure", *where), "pressures")

    shown = {0.28} if z == 9 else {0.285}
    assert {f["properties"].get("peak_pressure_mpa") for f in features} == {*shown, None}


def test_a_place_the_map_cannot_show_is_left_out():
    server = TileServer(city(pipes=[pipe("P1", LineString([at(0, 0), at(50, 0)])),
                                    pipe("P2", LineString([(1e30, 1e30), (2e30, 1e30)]))]))  # fmt: skip

    features = read(server.tile("pipes", *address(117.0202, 36.66, 16)), "pipes")

    assert [f["properties"]["pipe_id"] for f in features] == ["P1"]


def test_the_description_says_every_attribute_in_words():
    told = tile_json("network", url="http://h/{z}/{x}/{y}.mvt", bounds=(116, 36, 117, 37))
    layers = {layer["id"]: layer for layer in told["vector_layers"]}

    assert list(layers) == list(tilesets()["network"])
    assert layers["pipes"]["fields"]["cover_depth_m"] == "覆土埋深 [m]"
    assert "DI 球墨铸铁" in layers["pipes"]["fields"]["material"]
    assert tile_json("pressure", url="", bounds=None, language="en")["vector_layers"][0]["fields"][
        "peak_pressure_mpa"
    ] == "Lowest peak-hour pressure [MPa]"  # fmt: skip


def test_every_layer_of_the_schema_has_tiles():
    assert {layer.table for layer in map_layers().values()} == set(schema_layers())


def test_what_only_cards_need_comes_with_close_tiles_only():
    server = TileServer(city(pipes=[pipe("P1", LineString([at(0, 0), at(50, 0)]), road_name="经十路")]))

    (far,), (close,) = (read(server.tile("pipes", *address(117.0202, 36.66, z)), "pipes") for z in (15, 16))

    assert "road_name" not in far["properties"]
    assert close["properties"]["road_name"] == "经十路"


def test_a_small_model_without_roles_is_drawn_at_every_zoom():
    server = TileServer(city(pipes=[pipe("P1", LineString([at(0, 0), at(900, 0)]))]))

    assert len(read(server.tile("pipes", *address(117.02, 36.66, 9)), "pipes")) == 1


def test_a_tile_set_is_its_layers_in_one_file():
    layers = {
        "pipes": [pipe("P1", LineString([at(0, 0), at(50, 0)]))],
        "tapoffs": [{"tapoff_id": "T1", "dn": 100, "status": "free", "geometry": Point(at(20, 5))}],
        "hydrants": [{"hydrant_id": "H1", "geometry": Point(at(30, 5))}],
    }
    server = TileServer(city(**layers))
    where = address(117.0202, 36.66001, 16)

    together = mapbox_vector_tile.decode(server.tile("network", *where))

    assert set(together) == set(layers)
    for name in layers:
        assert together[name] == mapbox_vector_tile.decode(server.tile(name, *where))[name]


def test_a_name_is_written_once_however_many_tiles_its_polygon_covers():
    square = Polygon([at(-900, -900), at(900, -900), at(900, 900), at(-900, 900)])
    server = TileServer(city(communities=[{"community_id": "C", "name": "化工西村", "geometry": square}]))
    z, x, y = address(117.02, 36.66, 15)
    around = [(z, x + dx, y + dy) for dx in (-2, -1, 0, 1, 2) for dy in (-2, -1, 0, 1, 2)]

    inside = [f for where in around for f in read(server.tile("community_names", *where), "community_names")
              if all(0 <= unit < 4096 for unit in f["geometry"]["coordinates"])]  # fmt: skip

    assert sum(bool(read(server.tile("communities", *where), "communities")) for where in around) > 4
    assert [f["properties"]["name"] for f in inside] == ["化工西村"]


def test_an_empty_place_is_an_empty_tile():
    server = TileServer(city(pipes=[pipe("P1", LineString([at(0, 0), at(50, 0)]))]))

    assert server.tile("network", *address(100.0, 30.0, 15)) == b""


def test_bounds_enclose_the_pipes_in_degrees():
    server = TileServer(city(pipes=[pipe("P1", LineString([at(-500, -400), at(700, 900)]))]))

    west, south, east, north = server.bounds()

    assert west < 117.02 < east
    assert south < 36.66 < north
    assert (north - south) * 111_000 == pytest.approx(1300, rel=0.02)


def test_places_are_on_the_features_half_way_along():
    server = TileServer(
        city(pipes=[pipe("P1", LineString([at(0, 0), at(60, 0), at(60, 40)])), pipe("P0", None)])
    )

    (where,) = server.places("pipes").items()

    assert where[0] == "P1"
    assert FROM_DEGREES.transform(*where[1]) == pytest.approx(at(50, 0), abs=0.2)


def test_label_text_holds_every_character_once():
    server = TileServer(
        city(streets=[{"street_id": str(i), "name": n, "geometry": LineString([at(0, 0), at(9, 9)])}
                      for i, n in enumerate(["经十路", "经七路", None])])
    )  # fmt: skip

    assert server.label_text() == "".join(sorted("经十路七"))


def test_a_network_without_coordinate_system_is_refused_by_name():
    server = TileServer(city(None, pipes=[pipe("P1", LineString([(0, 0), (9, 9)]))]))

    with pytest.raises(MapError) as refused:
        server.tile("pipes", 10, 1, 1)

    assert refused.value.code == "map-needs-crs"
    assert server.bounds() is None


@pytest.mark.parametrize(
    ("layer", "z", "x", "y", "code"),
    [
        ("pipe", 3, 0, 0, "unknown-tile-layer"),
        ("pipes", 3, 8, 0, "tile-out-of-range"),
        ("pipes", -1, 0, 0, "tile-out-of-range"),
        ("pipes", 23, 0, 0, "tile-out-of-range"),
    ],
)
def test_a_wrong_address_is_refused(layer, z, x, y, code):
    with pytest.raises(MapError) as refused:
        TileServer(city()).tile(layer, z, x, y)

    assert refused.value.code == code


def test_every_layer_is_in_exactly_one_tile_set():
    members = [name for layers in tilesets().values() for name in layers]
    assert sorted(members) == sorted(map_layers())
