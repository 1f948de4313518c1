"""Runs about the whole network on the map: legend and tiles come from the run that is named, and only from there."""

from __future__ import annotations

import json

import geopandas as gpd
import mapbox_vector_tile
import pytest
from shapely.geometry import LineString, Point

from tests.api.fakes import serving

LON, LAT = 117.02, 36.66
SQUARE = "15/27035/12792"  # of that place, by the formula of the slippy map


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    workspace = tmp_path_factory.mktemp("runs")
    for kind in ("capacity/runs", "outages"):
        (workspace / kind / "r1").mkdir(parents=True)
        (workspace / kind / "r1" / "result.json").write_text("{}", encoding="utf-8")
    nodes = gpd.GeoDataFrame(
        {
            "node_id": ["J1", "J2", "J3"], "capacity_lps": [0.0, 2.5, 500.0], "limiting_node_id": ["J1", "J9", None],
            "limit": ["own-pressure", "pressure", "cap"], "pressure_m": [14.0, 21.0, 30.0],
        },
        geometry=[Point(LON + k * 1e-4, LAT) for k in range(3)], crs=4326,
    )  # fmt: skip
    tapoffs = nodes.iloc[:1].assign(tapoff_id="T1", status="free", dn=100)
    for name, table in (("capacity_nodes", nodes), ("capacity_tapoffs", tapoffs)):
        table.to_file(workspace / "capacity/runs/r1/map.gpkg", layer=name, driver="GPKG", engine="pyogrio")
    pipes = gpd.GeoDataFrame(
        {
            "pipe_id": ["P1"], "segment_id": ["S1"], "customers_out": [4], "unserved_lps": [7.5], "worst_node_id": ["J1"],
            "worst_pressure_m": [3.0], "segment_unserved_lps": [9.0],
        },
        geometry=[LineString([(LON, LAT), (LON + 1e-3, LAT)])], crs=4326,
    )  # fmt: skip
    # as runs left it before they wrote a GeoPackage
    (workspace / "outages/r1/map.geojson").write_text(pipes.to_json(), encoding="utf-8")
    with serving(workspace) as client:
        yield client


def counted(told):
    return {(one["key"], one["above_lps"], one["up_to_lps"]): one["count"] for one in told["classes"]}


def test_the_legend_counts_every_point_once_the_gravest_first(client):
    told = client.get("/api/v1/capacity/runs/r1/map").json()
    assert [one["class"] for one in told["classes"]] == list(range(len(told["classes"])))
    assert told["classes"][0]["key"] == "no-water"
    found = {key: count for key, count in counted(told).items() if count}
    assert found == {("range", 0.0, 0.1): 2, ("range", 1.0, 3.0): 1, ("at-cap", None, None): 1}
    assert told["bounds"] == pytest.approx([LON, LAT, LON + 2e-4, LAT], abs=1e-6)


def test_a_tile_holds_the_figures_and_is_not_sent_twice(client):
    address = client.get("/api/v1/capacity/runs/r1/map").json()["tiles"].replace("{z}/{x}/{y}", SQUARE)
    first = client.get(address, headers={"accept-encoding": "gzip"})
    assert first.headers["content-encoding"] == "gzip"
    nodes = mapbox_vector_tile.decode(first.content)["capacity_nodes"]["features"]
    told = {one["properties"]["node_id"]: one["properties"] for one in nodes}
    assert (told["J2"]["capacity_lps"], told["J2"]["limiting_node_id"]) == (2.5, "J9")
    assert "limiting_node_id" not in told["J3"]
    again = client.get(address, headers={"accept-encoding": "gzip", "if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = client.get(address, headers={"accept-encoding": "identity"})
    assert mapbox_vector_tile.decode(plain.content) == mapbox_vector_tile.decode(first.content)
    assert plain.headers["etag"] != first.headers["etag"]


def test_a_run_of_before_is_drawn_from_its_geojson(client):
    told = client.get("/api/v1/outages/runs/r1/map").json()
    assert {key: count for key, count in counted(told).items() if count} == {("range", 5.0, 20.0): 1}
    tile = client.get(told["tiles"].replace("{z}/{x}/{y}", SQUARE))
    (pipe,) = mapbox_vector_tile.decode(tile.content)["outages"]["features"]
    assert pipe["properties"]["segment_unserved_lps"] == 9.0


@pytest.mark.parametrize("run", ["r2", "..", ".", "%2e%2e", "r1%2f..", "*"])
@pytest.mark.parametrize("part", ["map", f"tiles/{SQUARE}.mvt"])
def test_only_runs_of_the_workspace_are_found(client, run, part):
    answer = client.get(f"/api/v1/capacity/runs/{run}/{part}")
    assert answer.status_code == 404
    assert "result" not in json.dumps(answer.json())
