"""Vector tiles of a city: cut for the first time, and sent again; what is in them is looked up in the network."""

from __future__ import annotations

import math
import random
import time

import mapbox_vector_tile
import shapely
from pyproj import Transformer

from api.serving.tiles import HeldTiles
from gis.store import open_store
from maps.tiles import TileServer
from maps.tiling.web_mercator import corner_m
from tests.benchmarks.city import workspace_of
from tests.benchmarks.rows import limited, percentile, row

SETS = ("network", "ground", "works")
ZOOMS = range(8, 18)
PER_ZOOM = 40
CHECKED_ZOOM, CHECKED = 15, 20
COLD_S, MOST_KB = 0.060, 500.0


def measure(folder, sizes):
    """Yield the rows of the table, from workspaces that `city.measure` left."""
    for size in sizes:
        yield from _measured(open_store(workspace_of(folder, size)).open(), size)


def addresses(bounds, *, seed=1):
    """Tile addresses over the city, zooms mixed as a person mixes them: as many of each."""
    west, south, east, north = bounds
    rng = random.Random(seed)
    found = []
    for z in ZOOMS:
        (x0, y0), (x1, y1) = _tile(west, north, z), _tile(east, south, z)
        tiles = [(z, x, y) for x in range(x0, x1 + 1) for y in range(y0, y1 + 1)]
        found += rng.sample(tiles, min(PER_ZOOM, len(tiles)))
    rng.shuffle(found)
    return found


def _tile(lon: float, lat: float, z: int) -> tuple[int, int]:
    x = int((lon + 180) / 360 * 2**z)
    return x, int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)


def _measured(network, size: int):
    held = HeldTiles(TileServer(network), edition="bench")
    started = time.perf_counter()
    held.make_ready()
    yield row("tiles: layers made ready, reading included", size, time.perf_counter() - started)
    where = addresses(held.server.bounds())
    _check(network, held, [one for one in where if one[0] == CHECKED_ZOOM][:CHECKED])
    held = HeldTiles(held.server, edition="bench")
    cold, again, kilobytes = [], [], []
    for kind in SETS:
        for address in where:
            started = time.perf_counter()
            tile = held.tile(kind, *address)
            cold.append(time.perf_counter() - started)
            kilobytes.append(len(tile.content) / 1000)
            started = time.perf_counter()
            held.tile(kind, *address)
            again.append(time.perf_counter() - started)
    yield row(
        "tiles z8 to z17, cut and zipped, p95", size, percentile(cold, 95), bar_s=COLD_S, most_s=max(cold)
    )
    yield row("tiles, from memory in process, p95", size, percentile(again, 95), bar_s=0.005)
    yield limited("tiles, largest as sent", size, max(kilobytes), most=MOST_KB, unit="kB")


def _check(network, held, where) -> None:
    """Pipes of a tile are those whose lines cross it, found by geometry alone."""
    project = Transformer.from_crs(network.crs, "EPSG:3857", always_xy=True).transform
    lines = shapely.transform(network.pipes.geometry.to_numpy(), project, interleaved=False)
    tree, ids = shapely.STRtree(lines), network.pipes["pipe_id"].to_numpy()
    for z, x, y in where:
        west_m, north_m, size_m = corner_m(z, x, y)
        inside = shapely.box(west_m, north_m - size_m, west_m + size_m, north_m)
        crossing = tree.query(inside, predicate="intersects")
        crossing = crossing[shapely.length(shapely.intersection(lines[crossing], inside)) > size_m / 1000]
        features = mapbox_vector_tile.decode(held.server.tile("pipes", z, x, y)).get(
            "pipes", {"features": []}
        )
        drawn = {feature["properties"]["pipe_id"] for feature in features["features"]}
        assert set(ids[crossing]) <= drawn, (z, x, y)
        buffered = tree.query(inside.buffer(size_m * 0.12))
        assert drawn <= set(ids[buffered]), (z, x, y)
