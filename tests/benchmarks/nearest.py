"""Nearest tap-offs among many: in process, and against PostGIS `<->` over a local socket, answers equal."""

from __future__ import annotations

import time
from statistics import median

import geopandas as gpd
import numpy as np
import shapely

from gis.nearest import TapoffIndex
from tests.benchmarks.rows import percentile, row
from tests.postgis import cluster, programs

COUNT, WITHIN_M = 5, 500.0
SPACING_M = 20.0
SITES, CHECKED, BLOCK = 3_000, 200, 50
CRS = "EPSG:4548"
TABLE = "create table tapoffs (id text, status text, place geometry(Point, 4548))"
QUERY = "select id from tapoffs where status = 'free' order by place <-> st_setsrid(st_makepoint(%s, %s), 4548) limit 5"


def measure(sizes=(200_000, 1_000_000)):
    """Yield the rows of the table."""
    for size in sizes:
        yield from _measured(size)


def _town(count: int):
    rng = np.random.default_rng(2)
    xy = rng.random((count, 2)) * (count**0.5 * SPACING_M)
    status = np.where(rng.random(count) < 0.8, "free", "used")
    table = gpd.GeoDataFrame(
        {"tapoff_id": [f"T{n}" for n in range(count)], "status": status}, geometry=shapely.points(xy), crs=CRS
    )
    return table, xy, (rng.random((SITES, 2)) * (count**0.5 * SPACING_M)).tolist()


def _measured(count: int):
    table, xy, sites = _town(count)
    index = TapoffIndex(table)
    _check(index, xy, np.flatnonzero(table["status"] == "free"), sites[:20])
    ours: list[float] = []
    rival: list[float] = []
    if programs() is None:
        print("!! no PostGIS on this machine: nearest tap-offs were measured without the rival")
        ours = [_timed(lambda at=site: index.near(at, count=COUNT, within_m=WITHIN_M)) for site in sites]
    else:
        ours, rival = _against_postgis(index, table, sites)
    yield row("nearest 5 free tap-offs, p95", count, percentile(ours, 95), bar_s=0.0001)
    yield row("nearest 5 free tap-offs, p99", count, percentile(ours, 99), bar_s=0.002)
    if rival:
        yield row(
            "nearest 5 free tap-offs, against PostGIS <-> over a local socket, median", count, median(ours),
            rival_s=median(rival), bar_ratio=5, rival_p95_s=percentile(rival, 95),
        )  # fmt: skip


def _timed(call) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _check(index, xy, free, sites) -> None:
    for site in sites:
        away_m = np.hypot(*(xy[free] - site).T)
        nearest = free[np.argsort(away_m)[:COUNT]]
        nearest = nearest[np.hypot(*(xy[nearest] - site).T) <= WITHIN_M].tolist()
        assert [hit.row for hit in index.near(site, count=COUNT, within_m=WITHIN_M)] == nearest


def _against_postgis(index, table, sites):
    """Both are asked about the same places, block by block, so that a busy moment hits both."""
    import psycopg

    with cluster() as (folder, port), psycopg.connect(
        host=str(folder), port=port, user="gis", dbname="gis", autocommit=True
    ) as link:  # fmt: skip
        _load(link, table)
        cursor = link.cursor()

        def ask(site):
            cursor.execute(QUERY, site, prepare=True)
            return [found[0] for found in cursor.fetchall()]

        for site in sites[:CHECKED]:
            # within the reach: the rival knows none, and in so dense a town five always lie inside
            assert ask(site) == [hit.tapoff_id for hit in index.near(site, count=COUNT, within_m=WITHIN_M)]
        ours, rival = [], []
        for first in range(0, len(sites), BLOCK):
            block = sites[first : first + BLOCK]
            ours += [_timed(lambda at=site: index.near(at, count=COUNT, within_m=WITHIN_M)) for site in block]
            rival += [_timed(lambda at=site: ask(at)) for site in block]
    return ours, rival


def _load(link, table) -> None:
    link.execute(TABLE)
    rows = zip(
        table["tapoff_id"], table["status"], shapely.to_wkb(table.geometry.to_numpy(), hex=True), strict=True
    )
    with link.cursor().copy("copy tapoffs from stdin") as stream:
        for name, status, place in rows:
            stream.write_row((name, status, "0101000020" + "C4110000" + place[10:]))
    # the rival's best: an index of the free ones alone
    link.execute("create index on tapoffs using gist (place) where status = 'free'")
    link.execute("vacuum analyze tapoffs")
