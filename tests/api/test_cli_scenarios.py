"""`tapwright check --scenario`, `--mode pda` and fire flow, judged by the exported files run in WNTR's EpanetSimulator."""

import warnings

import pytest

from tests.api.command import said
from tests.api.test_cli_check import imported, plain_heads

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def net3(shared_data, tmp_path_factory):
    workspace = tmp_path_factory.mktemp("net3") / "w"
    imported(shared_data / "networks" / "Net3.inp", workspace)
    return workspace


@pytest.mark.real_data
def test_every_scenario_is_reproduced_by_its_exported_files(net3, tmp_path):
    models = tmp_path / "models"
    answer = said(
        "check", "--workspace", net3, "--node", "203", "--flow-lps", 4, "--scenario", "all", "--inp-out", models,
        "--json",
    ).document  # fmt: skip

    told = {one["name"]: one for one in answer["scenarios"]}
    assert list(told) == ["peak", "peak-fire", "source-out", "low-tank"]
    for name, one in told.items():
        suffix = "" if name == "peak" else f"-{name}"
        for when in ("before", "after"):
            _, pressures, _ = plain_heads(models / f"model-{when}{suffix}.inp", tmp_path)
            assert one[f"pressure_{when}_m"] == pytest.approx(pressures["203"], abs=0.01), (name, when)
    assert told["peak"]["pressure_after_m"] == answer["pressure_after_m"]
    assert told["source-out"]["flow_lps"] == pytest.approx(0.7 * 4)
    assert told["peak-fire"]["flow_lps"] == pytest.approx(4 + 15)
    assert len({one["pressure_before_m"] for one in told.values()}) == 3


@pytest.mark.real_data
def test_the_largest_source_gives_nothing_when_it_is_out(net3, tmp_path):
    models = tmp_path / "models"
    said(
        "check", "--workspace", net3, "--node", "203", "--flow-lps", 0, "--scenario", "all", "--inp-out", models, "--json"
    ).document  # fmt: skip
    import wntr

    outflow = {}
    for suffix in ("", "-source-out"):
        model = wntr.network.WaterNetworkModel(str(models / f"model-before{suffix}.inp"))
        demand = (
            wntr.sim.EpanetSimulator(model).run_sim(file_prefix=str(tmp_path / "run")).node["demand"].iloc[0]
        )
        outflow[suffix] = -demand[model.reservoir_name_list + model.tank_name_list]
    largest = outflow[""].idxmax()
    assert outflow[""][largest] > 0.1
    assert outflow["-source-out"][largest] == pytest.approx(0.0, abs=1e-6)
    assert outflow["-source-out"].sum() == pytest.approx(0.7 * outflow[""].sum(), rel=1e-3)


@pytest.mark.real_data
def test_demand_drawn_by_pressure_is_that_of_epanet(net3, tmp_path):
    models = tmp_path / "models"
    answer = said(
        "check", "--workspace", net3, "--node", "203", "--flow-lps", 60, "--mode", "pda", "--required-pressure-m", 45,
        "--inp-out", models, "--json",
    ).document  # fmt: skip
    import wntr

    missing, pressure = {}, {}
    for when in ("before", "after"):
        path = models / f"model-{when}.inp"
        model = wntr.network.WaterNetworkModel(str(path))
        assert model.options.hydraulic.demand_model in ("PDA", "PDD")
        result = wntr.sim.EpanetSimulator(model).run_sim(file_prefix=str(tmp_path / "run"))
        asked = sum(max(j.base_demand, 0.0) for _, j in model.junctions())
        drawn = result.node["demand"].iloc[0][model.junction_name_list].clip(lower=0.0).sum()
        missing[when], pressure[when] = (asked - drawn) * 1000.0, result.node["pressure"].iloc[0]["203"]

    assert missing["after"] > 1.0
    for when in ("before", "after"):
        assert answer[f"unserved_{when}_lps"] == pytest.approx(missing[when], abs=0.05)
        assert answer[f"pressure_{when}_m"] == pytest.approx(pressure[when], abs=0.01)


def test_a_hydrant_gives_what_epanet_leaves_ten_metres_for(sample_workspace, tmp_path):
    from gis.store import open_store

    network = open_store(sample_workspace).open()
    hydrant = network.layer("hydrants").dropna(subset=["node_id"]).iloc[5]
    x, y = hydrant.geometry.x, hydrant.geometry.y
    answer = said(
        "check", "--workspace", sample_workspace, "--at", f"{x},{y}", "--crs", network.crs.to_string(), "--flow-lps", 0,
        "--scenario", "peak-fire", "--json",
    ).document  # fmt: skip
    fire = answer["fire"]

    assert fire["fire_lps"] == 15 and fire["least_pressure_m"] == pytest.approx(10.197)
    assert all(one["distance_m"] <= 150 for one in fire["hydrants"])
    tried = [one for one in fire["hydrants"] if one["available_lps"] and not one["at_cap"]][:3]
    assert tried
    for one in tried:
        for flow_lps, wanted_m in ((one["available_lps"], 10.197), (15.0, one["pressure_m"])):
            models = tmp_path / f"{one['id']}-{flow_lps}"
            said(
                "check", "--workspace", sample_workspace, "--node", one["node_id"], "--flow-lps", flow_lps,
                "--inp-out", models, "--json",
            )  # fmt: skip
            _, pressures, _ = plain_heads(models / "model-after.inp", tmp_path)
            assert pressures[one["node_id"]] == pytest.approx(wanted_m, abs=0.02)
        assert one["verdict"] == ("pass" if one["available_lps"] >= 15 else "fail")


def test_a_city_of_one_source_says_so_and_still_answers(sample_workspace):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from gis.store import open_store

    network = open_store(sample_workspace).open()
    node = network.nodes.loc[network.nodes["kind"] == "junction", "node_id"].iloc[40]
    answer = said(
        "check", "--workspace", sample_workspace, "--node", node, "--flow-lps", 1, "--scenario", "all", "--json"
    ).document  # fmt: skip
    told = {one["name"]: one for one in answer["scenarios"]}
    assert told["low-tank"]["verdict"] == "none" and told["low-tank"]["reason"]
    assert answer["lowest_scenario"] in told


def test_flows_and_modes_that_make_no_sense_are_refused(sample_workspace):
    words = ("check", "--workspace", sample_workspace, "--node", "JS1", "--flow-lps", "1")
    said(*words, "--fire-lps", "-3", "--scenario", "peak-fire").refused(2, "-3")
    assert said(*words, "--scenario", "flood").status == 2


def test_plots_of_scenarios_fire_and_outages_come_with_their_data(sample_workspace, tmp_path):
    import csv

    from gis.store import open_store

    hydrant = open_store(sample_workspace).open().layer("hydrants").dropna(subset=["node_id"]).iloc[5]
    answer = said(
        "check", "--workspace", sample_workspace, "--node", hydrant["node_id"], "--flow-lps", 1, "--scenario", "peak-fire",
        "--plots", tmp_path / "check", "--json",
    ).document  # fmt: skip
    said(
        "outages",
        "--workspace",
        sample_workspace,
        "--out",
        tmp_path / "o.csv",
        "--plots",
        tmp_path / "outages",
        "--json",
    )

    def rows(path):
        with path.open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    fire = rows(tmp_path / "check" / "fire.csv")
    assert [row["id"] for row in fire] == ["tie-in", *(one["id"] for one in answer["fire"]["hydrants"])]
    assert float(fire[0]["available_lps"]) == answer["fire"]["connection"]["available_lps"]
    assert [row["name"] for row in rows(tmp_path / "check" / "scenarios.csv")] == ["peak-fire"]
    pipes = [row for row in rows(tmp_path / "outages" / "outages.csv") if row["kind"] == "pipe"]
    assert len(pipes) == len(rows(tmp_path / "o.csv"))
    for name in ("check/fire", "check/scenarios", "outages/outages"):
        assert (tmp_path / f"{name}.png").stat().st_size > 5000


def test_a_scheme_tells_how_each_option_does_in_a_fire_and_what_a_cut_in_takes(sample_workspace, tmp_path):
    import json

    from gis.crs import to_lonlat
    from gis.store import open_store

    network = open_store(sample_workspace).open()
    pipe = network.pipes[network.pipes["role"] == "distribution"].iloc[120]
    point = pipe.geometry.interpolate(0.5, normalized=True)
    request = {
        "name": "case", "site": {"position": list(to_lonlat(network.crs, point.x + 12.0, point.y + 9.0)), "storeys": 5},
        "use": {"type": "residential", "dwellings": 60}, "options": {"count": 2, "scenarios": "all"},
    }  # fmt: skip
    (tmp_path / "r.json").write_text(json.dumps(request))
    answer = said(
        "scheme", "--workspace", sample_workspace, tmp_path / "r.json", "--out", tmp_path / "s", "--json"
    ).document

    assert len(answer["options"]) == 2
    for option in answer["options"]:
        told = {one["name"]: one for one in option["scenarios"]}
        assert list(told) == ["peak", "peak-fire", "source-out", "low-tank"]
        after_m = option["check"]["tie_in_pressure_after_mpa"] * 101.97162
        assert told["peak"]["pressure_after_m"] == pytest.approx(after_m, abs=0.02)
        assert told["peak-fire"]["pressure_after_m"] < told["peak"]["pressure_after_m"]
        assert told["peak-fire"]["flow_lps"] == pytest.approx(told["peak"]["flow_lps"] + 15.0, abs=1e-3)
        assert (option["outage"] is not None) == (option["connection"]["method"] == "cut-in")
