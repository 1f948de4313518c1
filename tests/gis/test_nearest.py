"""Nearest equals brute force, whatever the points, the limits and the ties."""

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.nearest import MainIndex, TapoffIndex

STATUSES = ["free", "reserved", "used", "blocked"]


def tapoff_table(points, statuses=None):
    return gpd.GeoDataFrame(
        {
            "tapoff_id": [f"T{k}" for k in range(len(points))],
            "status": statuses or ["free"] * len(points),
            "geometry": [None if p is None else shapely.Point(p) for p in points],
        },
        geometry="geometry",
    )


def pipe_table(lines):
    return gpd.GeoDataFrame(
        {
            "pipe_id": [f"P{k}" for k in range(len(lines))],
            "geometry": [None if line is None else shapely.LineString(line) for line in lines],
        },
        geometry="geometry",
    )


def every_tapoff_by_distance(table, xy, count, within_m, status):
    rows = [
        (math.dist(xy, (p.x, p.y)), tapoff_id)
        for p, tapoff_id, s in zip(table.geometry, table["tapoff_id"], table["status"], strict=True)
        if p is not None and status in (None, s)
    ]
    return [(tapoff_id, d) for d, tapoff_id in sorted(r for r in rows if r[0] <= within_m)[:count]]


def near_as_pairs(index, xy, **options):
    return [(hit.tapoff_id, hit.distance_m) for hit in index.near(xy, **options)]


# whole metres make ties and points on top of each other common
places = st.tuples(st.integers(-5, 5), st.integers(-5, 5))


@given(
    points=st.lists(st.one_of(st.none(), places), max_size=30),
    data=st.data(),
    xy=places,
    count=st.integers(0, 12),
    within_m=st.one_of(st.integers(0, 12).map(float), st.just(math.inf)),
    status=st.one_of(st.none(), st.sampled_from(STATUSES)),
)
@settings(max_examples=300, deadline=None)
def test_the_nearest_tapoffs_are_those_of_brute_force_ties_by_id(points, data, xy, count, within_m, status):
    statuses = [data.draw(st.sampled_from(STATUSES)) for _ in points]
    table = tapoff_table(points, statuses)
    found = near_as_pairs(TapoffIndex(table), xy, count=count, within_m=within_m, status=status)
    assert found == every_tapoff_by_distance(table, xy, count, within_m, status)


def test_ten_thousand_random_places_get_the_answer_of_brute_force():
    rng = np.random.default_rng(7)
    points = rng.uniform(0, 20_000, (3_000, 2)) + [500_000, 4_000_000]
    statuses = rng.choice(STATUSES, 3_000, p=[0.4, 0.2, 0.3, 0.1])
    table = tapoff_table(points.tolist(), statuses.tolist())
    index = TapoffIndex(table)
    free = np.flatnonzero(statuses == "free")
    for xy in rng.uniform(-2_000, 22_000, (10_000, 2)) + [500_000, 4_000_000]:
        distances = np.hypot(*(points[free] - xy).T)
        nearest = np.argsort(distances)[:5]
        expected = [f"T{free[k]}" for k in nearest if distances[k] <= 800.0]
        assert [hit.tapoff_id for hit in index.near(tuple(xy), count=5, within_m=800.0)] == expected


def test_a_hit_names_the_row_of_the_table_it_came_from():
    table = tapoff_table([None, (0, 0), (3, 4)])
    (hit,) = TapoffIndex(table).near((3, 4), count=1, within_m=1.0)
    assert (hit.row, table["tapoff_id"][hit.row], hit.distance_m) == (2, "T2", 0.0)


@pytest.mark.parametrize("xy", [(math.nan, 0.0), (0.0, math.inf)])
def test_a_place_that_is_not_finite_has_nothing_near_it(xy):
    assert TapoffIndex(tapoff_table([(0, 0)])).near(xy, count=1, within_m=math.inf) == []
    assert MainIndex(pipe_table([[(0, 0), (1, 0)]])).near(xy, count=1, within_m=math.inf) == []


@pytest.mark.parametrize("lines", [[], [None], [None, None]])
def test_a_city_without_lines_or_points_answers_with_nothing(lines):
    assert MainIndex(pipe_table(lines)).near((0, 0), count=3, within_m=math.inf) == []
    assert TapoffIndex(tapoff_table(lines)).near((0, 0), count=3, within_m=math.inf) == []


segments = st.lists(places, min_size=2, max_size=4, unique=True)


@given(
    lines=st.lists(st.one_of(st.none(), segments), max_size=20),
    data=st.data(),
    xy=st.tuples(st.floats(-9, 9), st.floats(-9, 9)),
    count=st.integers(1, 6),
    within_m=st.one_of(st.floats(0, 12), st.just(math.inf)),
)
@settings(max_examples=300, deadline=None)
def test_the_nearest_mains_are_the_allowed_ones_of_brute_force(lines, data, xy, count, within_m):
    table = pipe_table(lines)
    allowed = np.array([data.draw(st.booleans()) for _ in lines], dtype=bool)
    point = shapely.Point(xy)
    everything = sorted(
        (line.distance(point), pipe_id)
        for line, pipe_id, may in zip(table.geometry, table["pipe_id"], allowed, strict=True)
        if may and line is not None
    )
    expected = [(pipe_id, d) for d, pipe_id in everything if d <= within_m][:count]
    hits = MainIndex(table).near(xy, count=count, within_m=within_m, allowed=allowed)
    assert [(hit.pipe_id, hit.distance_m) for hit in hits] == expected


@given(line=segments, xy=st.tuples(st.floats(-9, 9), st.floats(-9, 9)))
@settings(max_examples=200, deadline=None)
def test_the_foot_on_a_main_lies_at_its_fraction_and_at_its_distance(line, xy):
    table = pipe_table([line])
    (hit,) = MainIndex(table).near(xy, count=1, within_m=math.inf)
    foot = table.geometry[0].interpolate(hit.fraction, normalized=True)
    assert math.dist((foot.x, foot.y), hit.position_xy) < 1e-9
    assert math.dist(xy, hit.position_xy) == pytest.approx(hit.distance_m, abs=1e-9)


def test_the_fraction_is_measured_from_the_start_of_the_pipe_along_its_bends():
    (hit,) = MainIndex(pipe_table([[(0, 0), (10, 0), (10, 30)]])).near((12, 20), count=1, within_m=5.0)
    assert hit.fraction == pytest.approx(0.75)
    assert hit.position_xy == (10.0, 20.0)
    assert hit.distance_m == 2.0
