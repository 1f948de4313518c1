"""The site card: places against distances to everything, pressures against plain EPANET, the running state as drawn."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import wntr

from api.settings import read_settings
from api.workbench import Workbench
from gis.store import create_store
from tests.api.command import said
from tests.gis.town import town

MPA_OF_M = 9.80665e-3


@contextmanager
def bench_of(workspace):
    with closing(Workbench.open(read_settings(workspace=str(workspace)))) as bench:
        yield bench


@pytest.fixture(scope="module")
def bench(sample_workspace):
    with bench_of(sample_workspace) as bench:
        yield bench


@pytest.fixture(scope="module")
def places(bench):
    rng = np.random.default_rng(3)
    pipes = bench.network.pipes.geometry
    middle = [pipes.iloc[row].interpolate(0.5, normalized=True) for row in rng.integers(0, len(pipes), 25)]
    return [(p.x + rng.uniform(-40, 40), p.y + rng.uniform(-40, 40)) for p in middle]


def test_pipes_and_valves_are_the_nearest_with_what_the_tables_say(bench, places):
    pipes, valves = (
        bench.network.pipes.set_index("pipe_id"),
        bench.network.layer("valves").set_index("valve_id"),
    )
    for xy in places:
        card = bench.site_card(xy, crs="EPSG:4548")
        point = shapely.Point(xy)
        away_m = pipes.geometry.distance(point).sort_values(kind="stable")
        assert [p["distance_m"] for p in card["pipes"]] == pytest.approx(away_m.iloc[:8].tolist(), abs=0.006)
        for pipe in card["pipes"]:
            row = pipes.loc[pipe["id"]]
            assert pipe["distance_m"] == pytest.approx(away_m[pipe["id"]], abs=0.006)
            assert (pipe["dn"], pipe["material"]) == (row["dn"], row["material"])
            unknown = pd.isna(row["install_year"])
            assert pipe["age_years"] == (None if unknown else bench.today.year - row["install_year"])
            assert pipe["cover_depth_m"] == pytest.approx(row["cover_depth_m"], abs=5e-4)
            assert (pipe["install_year_confidence"] == "unknown") == unknown
        gaps_m = valves.geometry.distance(point).sort_values()
        expected = gaps_m[gaps_m <= 300].iloc[:5]
        assert [v["distance_m"] for v in card["valves"]] == pytest.approx(expected.tolist(), abs=0.006)


def test_pressures_are_those_of_plain_epanet_between_the_ends_of_the_pipe(bench, places, tmp_path):
    session = bench.city.session
    model = wntr.network.WaterNetworkModel(str(session.model.inp))
    heads = (
        wntr.sim.EpanetSimulator(model).run_sim(file_prefix=str(tmp_path / "plain")).node["pressure"].iloc[0]
    )
    pressure_m = dict(
        zip(session.model.tables.node_ids, heads[list(session.model.engine_nodes)], strict=True)
    )
    pipes = bench.network.pipes.set_index("pipe_id")
    for xy in places:
        card = bench.site_card(xy, crs="EPSG:4548")
        near = card["pipes"][0]
        row = pipes.loc[near["id"]]
        share = row.geometry.project(shapely.Point(xy), normalized=True)
        ends = pressure_m[row["start_node_id"]], pressure_m[row["end_node_id"]]
        expected_mpa = (ends[0] + (ends[1] - ends[0]) * share) * MPA_OF_M
        assert near["peak_pressure_mpa"] == pytest.approx(expected_mpa, abs=3e-4)
        assert card["pressure"].pop("relies_on")["path_pipes"] > 0
        assert card["pressure"] == {
            "peak_mpa": near["peak_pressure_mpa"], "pipe_id": near["id"], "distance_m": near["distance_m"],
            "peak_head_m": pytest.approx(expected_mpa / MPA_OF_M, abs=0.04), "scenario": "peak",
        }  # fmt: skip


def test_whole_city_pressures_for_the_map_are_the_lower_end_of_each_pipe(bench):
    session, pipes = bench.city.session, bench.network.pipes
    at = session.node_position
    pressure_m = {node: session.base.pressure_m[row] for node, row in at.items() if session.index.is_fed[row]}
    ends = [
        [pressure_m.get(node, np.nan) for node in pipes[name]] for name in ("start_node_id", "end_node_id")
    ]
    assert np.isfinite(ends).mean() > 0.99

    assert bench.pipe_pressures_mpa() == pytest.approx(np.min(ends, axis=0) * MPA_OF_M, abs=6e-4, nan_ok=True)


def two_sided_town(*, closed=True):
    """Source at A; P1 leads to B, P2 from B to C, whose valve at B is shut when `closed`."""
    candidate = town()
    pipes, nodes = candidate.layers["pipes"], candidate.layers["nodes"].assign(elevation_m=50.0)
    pipes = pipes.assign(status=["open", "closed" if closed else "open"])
    crs = pipes.crs
    sources = gpd.GeoDataFrame({"source_id": ["S"], "node_id": ["A"], "name": ["东厂"], "kind": ["plant"], "head_m": [90.0]},
                               geometry=[shapely.Point(0, 0)], crs=crs)  # fmt: skip
    valves = gpd.GeoDataFrame({"valve_id": ["V", "W"], "node_id": ["B", "A"], "pipe_id": ["P2", "P1"], "dn": [100, 200],
                               "kind": ["gate"] * 2, "state": ["closed" if closed else "open", "open"]},
                              geometry=[shapely.Point(100, 0), shapely.Point(0, 0)], crs=crs)  # fmt: skip
    customers = gpd.GeoDataFrame({"customer_id": ["K"], "node_id": ["B"], "pipe_id": ["P1"], "base_demand_m3s": [0.002]},
                                 geometry=[shapely.Point(90, 5)], crs=crs)  # fmt: skip
    layers = {"pipes": pipes, "nodes": nodes, "sources": sources, "valves": valves, "customers": customers}
    return replace(candidate, layers=layers, issues=())


def published(folder, candidate):
    create_store(folder / "w").publish(candidate)
    return folder / "w"


def test_the_running_state_says_what_is_fed_from_where_and_what_is_shut(tmp_path):
    with bench_of(published(tmp_path, two_sided_town())) as bench:
        beside_open = bench.site_card((50, 3), crs="EPSG:4548")
        beside_shut = bench.site_card((103, 45), crs="EPSG:4548")

    assert beside_open["running"] == {
        "computed": True, "problem": None, "fed": True, "fed_pipe_id": "P1", "through": None,
        "source": {"id": "S", "name": "东厂", "kind": "plant", "head_m": 90.0},
        "closed_valves": ["V"], "closed_pipes": ["P2"],
    }  # fmt: skip
    assert beside_shut["pipes"][0]["id"] == "P2"
    assert beside_shut["running"]["fed"] is not True
    assert beside_shut["pipes"][0]["peak_pressure_mpa"] is None
    assert beside_shut["running"]["fed_pipe_id"] == "P1"


def test_pressure_comes_from_the_nearest_pipe_that_has_water(tmp_path):
    with bench_of(published(tmp_path, two_sided_town())) as bench:
        card = bench.site_card((103, 45), crs="EPSG:4548")

    assert (card["pressure"]["pipe_id"], card["pressure"]["distance_m"]) == (
        "P1",
        pytest.approx(45.1, abs=0.01),
    )
    assert card["peak_pressure_mpa"] == pytest.approx(40 * MPA_OF_M, abs=0.01)


def test_without_a_source_the_card_says_why_there_is_no_pressure(tmp_path):
    with bench_of(published(tmp_path, town())) as bench:
        card = bench.site_card((50, 3), crs="EPSG:4548")

    assert [pipe["id"] for pipe in card["pipes"]] == ["P1", "P2"]
    assert card["peak_pressure_mpa"] is card["pressure"] is None
    running = card["running"]
    assert (running["computed"], running["fed"], running["source"]) == (False, None, None)
    assert "水源" in running["problem"]["zh"]


def test_the_command_prints_the_card_for_people_and_for_programs(tmp_path):
    workspace = published(tmp_path, two_sided_town())
    call = ("site-card", "--workspace", workspace, "--at", "50,3", "--crs", "EPSG:4548")

    document = said(*call, "--json").document
    page = said(*call).out

    assert document["running"]["source"]["name"] == "东厂"
    for word in ("东厂", "球墨铸铁", "闸阀", "有水", "附近关闭阀门：V", "可信度"):
        assert word in page
