"""Small networks for renewal, built in code: rows in, Network out."""

from datetime import date

import geopandas as gpd
import numpy as np
import shapely
import shapely.ops
from pyproj import CRS

from design.renewal.assessment.condition import assess
from design.renewal.parameters import parse_parameters
from gis.network import Network
from gis.schema import conform, empty_layer

EPSG = 4548
ON = date(2024, 6, 30)


def network_of(synthetic=False, **layers):
    """A network of the given tables; layers not given are empty."""
    tables = {name: conform(table, name) for name, table in layers.items()}
    return Network(
        "v-test",
        CRS.from_epsg(EPSG),
        "test",
        synthetic,
        lambda name: tables.get(name, empty_layer(name, EPSG)),
    )


def table_of(rows, geometry=None):
    rows = [dict(row) for row in rows]
    shapes = [row.pop("geometry", geometry) for row in rows]
    columns = {key: [row.get(key) for row in rows] for key in {key for row in rows for key in row}}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=EPSG)


def pipe(pipe_id="P1", material="DI", installed_on=None, year=None, lining="unknown", **more):
    return {
        "pipe_id": pipe_id, "dn": 200, "material": material, "lining": lining, "length_m": 100.0, "installed_on": installed_on,
        "install_year": year or (installed_on and int(installed_on[:4])), "geometry": shapely.LineString([(0, 0), (100, 0)]),
        **more,
    }  # fmt: skip


def leak(pipe_id=None, on="2020-01-15", break_id="B1", **more):
    return {"break_id": break_id, "kind": "break", "occurred_on": on, "pipe_id": pipe_id, **more}


def parameters(**tables):
    return parse_parameters(tables, file="test.toml")


def assessed(pipes, records=(), /, on=ON, **tables):
    """Assessment of a few pipes; a break on a pipe elsewhere stands for "records are kept here"."""
    elsewhere = pipe("elsewhere", "PE", "2022-01-02")
    kept = [*records, leak("elsewhere", "2023-05-05", "B0")]
    network = network_of(pipes=table_of([*pipes, elsewhere]), breaks=table_of(kept))
    return assess(network, on=on, parameters=parameters(**tables))


def verdict(assessment, pipe_id="P1"):
    return assessment.pipes.set_index("pipe_id").loc[pipe_id]


def random_city(seed, pipes=400, span_m=1500.0):
    """Pipes, breaks, streets, road works and renovations at random, with gaps and bad dates among them."""
    rng = np.random.default_rng(seed)
    streets = _streets(rng, span_m)
    return network_of(
        pipes=_pipes(rng, pipes, span_m), breaks=_breaks(rng, 120, span_m), streets=streets,
        road_works=_works(rng, streets, 40, span_m), renovations=_renovations(rng, 25, span_m),
    )  # fmt: skip


def _pick(rng, values, count):
    return [values[i] for i in rng.integers(0, len(values), count)]


def _days(rng, first, last, count, gaps=0.1):
    ordinals = rng.integers(date(first, 1, 1).toordinal(), date(last, 12, 31).toordinal(), count)
    return [
        None if hole < gaps else date.fromordinal(int(d)).isoformat()
        for d, hole in zip(ordinals, rng.random(count))
    ]


def _pipes(rng, count, span_m):
    grid = 100.0 * rng.integers(0, int(span_m / 100), count) + rng.uniform(-8, 8, count)
    along, length = rng.uniform(0, span_m, count), rng.uniform(5, 160, count)
    flip = rng.random(count) < 0.5
    start = np.where(flip[:, None], np.c_[along, grid], np.c_[grid, along])
    end = start + np.where(flip[:, None], np.c_[length, 0 * length], np.c_[0 * length, length])
    rows = {
        "pipe_id": [f"P{i:04d}" for i in range(count)], "dn": _pick(rng, [100, 150, 200, 300], count),
        "material": _pick(rng, ["DI", "GCI", "PE", "AC", "PC", "GS", "unknown"], count),
        "lining": _pick(rng, ["lined", "unlined", "unknown"], count), "length_m": length,
        "installed_on": _days(rng, 1955, 2023, count),
    }  # fmt: skip
    return gpd.GeoDataFrame(rows, geometry=shapely.linestrings(np.stack([start, end], axis=1)), crs=EPSG)


def _breaks(rng, count, span_m):
    rows = {
        "break_id": [f"B{i}" for i in range(count)], "kind": _pick(rng, ["break", "leak"], count),
        "occurred_on": _days(rng, 1990, 2026, count, gaps=0.0), "dn": _pick(rng, [100, 150, 200, None], count),
        "material": _pick(rng, ["DI", "GCI", "unknown"], count),
        "pipe_id": _pick(rng, [None, None, None, "P0001", "P0007", "P9999"], count),
    }  # fmt: skip
    return gpd.GeoDataFrame(rows, geometry=shapely.points(rng.uniform(0, span_m, (count, 2))), crs=EPSG)


def _streets(rng, span_m):
    at = np.arange(0, span_m, 100.0)
    lines = [shapely.LineString([(x, 0), (x, span_m)]) for x in at]
    lines += [shapely.LineString([(0, y), (span_m, y)]) for y in at]
    count = len(lines)
    rows = {
        "street_id": [f"S{i}" for i in range(count)], "name": [f"{i}号路" for i in range(count)],
        "width_m": _pick(rng, [None, 12.0, 24.0, 40.0], count), "opened_on": _days(rng, 2015, 2027, count, gaps=0.5),
        "paved_on": _days(rng, 2018, 2027, count, gaps=0.5),
    }  # fmt: skip
    return gpd.GeoDataFrame(rows, geometry=lines, crs=EPSG)


def _works(rng, streets, count, span_m):
    chosen = rng.integers(0, len(streets), count)
    begin = rng.uniform(0, span_m - 400, count)
    lines = [shapely.ops.substring(streets.geometry[i], a, a + 400) for i, a in zip(chosen, begin)]
    rows = {
        "work_id": [f"W{i}" for i in range(count)], "name": [f"{i}号路工程{n}" for n, i in enumerate(chosen)],
        "kind": _pick(rng, ["new", "widen", "overhaul", "utility"], count), "starts_on": _days(rng, 2022, 2033, count),
        "ends_on": _days(rng, 2022, 2034, count), "status": _pick(rng, ["planned", "approved", "running", "done", "cancelled"], count),
    }  # fmt: skip
    return gpd.GeoDataFrame(rows, geometry=lines, crs=EPSG)


def _renovations(rng, count, span_m):
    corner = rng.uniform(0, span_m, (count, 2))
    rows = {
        "renovation_id": [f"R{i}" for i in range(count)], "name": [f"{i}小区" for i in range(count)],
        "starts_on": _days(rng, 2023, 2033, count), "ends_on": _days(rng, 2023, 2034, count),
        "status": _pick(rng, ["planned", "running", "done"], count),
    }  # fmt: skip
    return gpd.GeoDataFrame(rows, geometry=[shapely.box(x, y, x + 180, y + 130) for x, y in corner], crs=EPSG)
