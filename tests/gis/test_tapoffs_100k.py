"""Ten thousand places in a city of a hundred thousand pipes: the index and the command against distances to every tap-off."""

import json
import math

import geopandas as gpd
import numpy as np
import pyogrio
import pytest

from api.settings import read_settings
from api.workbench import Workbench
from gis.nearest import TapoffIndex
from tests.api.command import said

PIPES, PLACES = 100_000, 10_000
COUNT, WITHIN_M = 5, 500.0


@pytest.fixture(scope="session")
def city(tmp_path_factory):
    """Workspace of the sample city, made by the commands a user types."""
    folder = tmp_path_factory.mktemp("city-100k")
    said("sample", "--seed", 11, "--pipes", PIPES, "--out", folder / "sources", "--json").document
    answer = said("import", folder / "sources", "--workspace", folder / "w", "--json").document
    assert answer["counts"]["pipes"] == pytest.approx(PIPES, rel=0.01)
    assert answer["counts"]["tapoffs"] > 5000
    return folder / "w"


@pytest.fixture(scope="session")
def tapoffs(city, tmp_path_factory):
    """The tap-offs as anyone may read them: from the exported GeoPackage."""
    out = tmp_path_factory.mktemp("export") / "all.gpkg"
    said("export", "--workspace", city, "--out", out, "--json").document
    return pyogrio.read_dataframe(out, layer="tapoffs")


@pytest.fixture(scope="session")
def places(tapoffs):
    """Half anywhere in the extent and 300 m around it, half within 250 m of a tap-off."""
    rng = np.random.default_rng(2026)
    west, south, east, north = tapoffs.total_bounds
    anywhere = rng.uniform((west - 300, south - 300), (east + 300, north + 300), (PLACES // 2, 2))
    at = tapoffs.geometry.iloc[rng.integers(0, len(tapoffs), PLACES - PLACES // 2)]
    near = np.column_stack([at.x, at.y]) + rng.uniform(-250, 250, (len(at), 2))
    return np.concatenate([anywhere, near])


def brute_force(tapoffs, status, *, count=COUNT, within_m=WITHIN_M):
    """Ids and distances from every tap-off to a place, nearest first, equal distances by id."""
    chosen = tapoffs if status is None else tapoffs[tapoffs["status"] == status]
    x, y = chosen.geometry.x.to_numpy(), chosen.geometry.y.to_numpy()
    ids = chosen["tapoff_id"].to_numpy(str)

    def near(xy):
        away_m = np.hypot(x - xy[0], y - xy[1])
        order = np.lexsort((ids, away_m))[:count]
        return [(ids[row], away_m[row]) for row in order if away_m[row] <= within_m]

    return near


@pytest.mark.parametrize("status", ["free", None])
def test_the_nearest_tapoffs_of_ten_thousand_places_are_those_of_brute_force(status, tapoffs, places):
    index, expect = TapoffIndex(tapoffs), brute_force(tapoffs, status)
    answered = 0
    for xy in places:
        expected = expect(xy)
        hits = index.near((float(xy[0]), float(xy[1])), count=COUNT, within_m=WITHIN_M, status=status)
        assert [hit.tapoff_id for hit in hits] == [tapoff_id for tapoff_id, _ in expected]
        assert all(
            abs(hit.distance_m - away_m) < 1e-9 for hit, (_, away_m) in zip(hits, expected, strict=True)
        )
        answered += bool(hits)
    assert answered > 0.9 * PLACES


def on_the_wire(tapoffs, places):
    """Longitude and latitude of places."""
    points = gpd.GeoSeries(gpd.points_from_xy(*places.T), crs=tapoffs.crs).to_crs("EPSG:4490")
    return list(zip(points.x, points.y, strict=True))


def is_the_answer(rows, expected):
    assert [row["id"] for row in rows] == [tapoff_id for tapoff_id, _ in expected]
    assert [row["distance_m"] for row in rows] == pytest.approx([away_m for _, away_m in expected], abs=0.001)


def test_the_whole_answer_has_the_same_tapoffs_with_routes_no_shorter_and_pressures(city, tapoffs, places):
    chosen = places[:: PLACES // 30][:30]
    expect = brute_force(tapoffs, "free")
    bench = Workbench.open(read_settings(workspace=str(city)))
    try:
        routed = total = 0
        for xy, wire in zip(chosen, on_the_wire(tapoffs, chosen), strict=True):
            rows = bench.tapoffs(wire, count=COUNT, within_m=WITHIN_M)
            is_the_answer(rows, expect(xy))
            total += len(rows)
            for row in rows:
                assert row["peak_pressure_mpa"] is None or 0.0 < row["peak_pressure_mpa"] < 1.0
                if row["route_length_m"] is not None:
                    routed += 1
                    assert row["route_length_m"] >= row["distance_m"] - 0.01
        assert routed > 0.9 * total > 0
    finally:
        bench.close()


def test_the_command_gives_the_same(city, tapoffs, places):
    chosen = places[7 :: PLACES // 4][:4]
    for number, (xy, wire) in enumerate(zip(chosen, on_the_wire(tapoffs, chosen), strict=True)):
        status = ("free", "any")[number % 2]
        answer = said(
            "tapoffs", "--workspace", city, "--at", f"{wire[0]!r},{wire[1]!r}", "--count", 7, "--within-m", 800,
            "--status", status, "--json",
        )  # fmt: skip
        expect = brute_force(tapoffs, None if status == "any" else status, count=7, within_m=800.0)
        is_the_answer(json.loads(answer.out), expect(xy))
        assert all(math.isfinite(part) for row in answer.document for part in row["position"])
