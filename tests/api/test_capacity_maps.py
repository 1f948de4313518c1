"""`tapwright capacity` as durable work: stopped and gone on with, killed, spoilt, refreshed."""

import csv
import json
import os
import shutil
import signal
from contextlib import closing

import geopandas as gpd
import numpy as np
import pytest

from api.pressure.capacity import capacity_maps
from api.cli import main
from api.jobs.runs import CAPACITY
from api.settings import read_settings
from api.spare import crew as crew_module
from api.spare.folder import MapFolder
from api.workbench import Workbench
from gis.progress import SILENT
from hydraulics.capacity import CapacityRule
from hydraulics.errors import HydraulicsError
from hydraulics.spare.chunk import Chunk

RULE = CapacityRule(20.0, cap_m3s=0.01)


class Stop(Exception):
    pass


class StopsAfter:
    """Progress that cancels after some chunks."""

    def __init__(self, steps=10**9, do=None):
        self.left, self.do = steps, do

    def step(self, stage, done, total):
        if stage == "capacity" and total > 60:
            self.left -= 1
            if self.left == 0:
                raise Stop if self.do is None else self.do()


@pytest.fixture
def workspace(sample_workspace, tmp_path):
    return shutil.copytree(sample_workspace, tmp_path / "w")


def maps(workspace, *, progress=None, processes=1):
    with closing(Workbench.open(read_settings(workspace=str(workspace)))) as bench:
        return capacity_maps(bench, [RULE], processes=processes, progress=progress or StopsAfter())


def files(workspace):
    return {path.name: path.read_bytes() for path in sorted((workspace / "capacity").glob("*/*/chunk-*.csv"))}


def test_a_stopped_run_goes_on_and_ends_in_the_same_bytes(sample_workspace, workspace, tmp_path):
    with pytest.raises(Stop):
        maps(workspace, progress=StopsAfter(7))
    begun = files(workspace)
    assert len(begun) == 6 and not list((workspace / "capacity").glob("*/*/map.json"))
    torn = min((workspace / "capacity").glob("*/*/chunk-*.csv"))
    torn.write_bytes(torn.read_bytes()[:100])
    maps(workspace)
    other = shutil.copytree(sample_workspace, tmp_path / "other")
    maps(other)

    assert files(workspace) == files(other)
    assert {name: files(workspace)[name] for name in begun} == begun


def test_two_processes_of_which_one_is_killed_find_the_same_bytes(
    sample_workspace, workspace, tmp_path, monkeypatch
):
    hands = []
    monkeypatch.setattr("api.spare.run._ALONE_S", 0.0)
    init = crew_module._Hand.__init__
    monkeypatch.setattr(
        crew_module._Hand, "__init__", lambda self, *a: (init(self, *a), hands.append(self))[0]
    )

    def kill():
        os.kill(hands[0].process.pid, signal.SIGKILL)
        return None

    class Kills(StopsAfter):
        def step(self, stage, done, total):
            if hands and self.left:
                self.left = 0
                kill()

    maps(workspace, processes=2, progress=Kills())
    assert len(hands) == 3 and all(hand.process.poll() is not None for hand in hands)
    other = shutil.copytree(sample_workspace, tmp_path / "other")
    maps(other)

    assert files(workspace) == files(other)


def test_a_map_whose_chunks_promise_too_much_is_not_given_out(workspace):
    with pytest.raises(Stop):
        maps(workspace, progress=StopsAfter(60))
    for path in (workspace / "capacity").glob("*/*/chunk-*.csv"):
        chunk = Chunk.from_text(path.read_text(encoding="utf-8"))
        spoilt = Chunk(**{**vars(chunk), "capacity_lps": chunk.capacity_lps * 3.0 + 5.0})
        path.write_text(spoilt.text(), encoding="utf-8")

    with pytest.raises(HydraulicsError) as refusal:
        maps(workspace)

    assert refusal.value.code == "capacity-not-verified"
    assert not files(workspace)


def run(*words):
    return main([str(word) for word in words])


def rows(path):
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_the_command_writes_junctions_tapoffs_and_a_map_and_takes_off_what_is_promised(
    workspace, tmp_path, capsys
):
    out, taps, page = tmp_path / "c.csv", tmp_path / "t.csv", tmp_path / "m.html"
    asked = ["capacity", "--workspace", workspace, "--cap-lps", 50, "--json", "--processes", 1]
    assert (
        run(
            *asked,
            "--required-pressure-m",
            14,
            "--required-pressure-m",
            25,
            "--out",
            out,
            "--tapoffs-out",
            taps,
            "--map",
            page,
        )
        == 0
    )
    answer = json.loads(capsys.readouterr().out)
    with closing(Workbench.open(read_settings(workspace=str(workspace)))) as bench:
        junctions = int(bench.city.session.index.is_junction.sum())
        tapoffs = len(bench.network.tapoffs)
    low, high = (
        {
            row["node_id"]: float(row["capacity_lps"])
            for row in rows(out)
            if float(row["required_pressure_m"]) == pressure
        }
        for pressure in (14.0, 25.0)
    )
    promised = tmp_path / "r.csv"
    weakest = min(high, key=high.get)
    promised.write_text(f"node_id,flow_lps,name\n{weakest},0.3,A\n", encoding="utf-8")
    assert run(*asked, "--required-pressure-m", 25, "--reserved", promised, "--out", out) == 0
    after = {row["node_id"]: float(row["capacity_lps"]) for row in rows(out)}
    assert json.loads(capsys.readouterr().out)["reserved_newly_below"] == []

    assert len(low) == len(high) == junctions and answer["maps"][0]["verified"]["tried"] >= 20
    assert all(high[name] <= low[name] + 0.02 for name in low)
    assert len({row["tapoff_id"] for row in rows(taps)}) == tapoffs
    assert after[weakest] == pytest.approx(max(high[weakest] - 0.3, 0.0), abs=0.1 + 0.01 * high[weakest])
    assert all(after[name] <= high[name] * 1.005 + 0.02 for name in high)
    assert "供水余量图" in page.read_text(encoding="utf-8")
    kept = list((workspace / "capacity").glob("*/*/map.json"))
    assert len(kept) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("node_id,flow_lps\nX,abc\n", ["r.csv", "2", "flow_lps", "abc"]),
        ("node_id,flow_lps\nX,-1\n", ["r.csv", "2", "flow_lps", "-1"]),
        ("flow_lps\n1\n", ["r.csv", "2", "node_id|pipe_id"]),
        ("pipe_id,fraction,flow_lps\nP,7,1\n", ["r.csv", "2", "fraction", "7"]),
        ("node_id,flow_lps,name\nNOWHERE,1,某小区\n", ["NOWHERE", "某小区"]),
    ],
)
def test_a_list_of_promised_demand_that_cannot_be_one_is_refused_by_row_and_field(
    text, words, workspace, tmp_path, capsys
):
    path = tmp_path / "r.csv"
    path.write_text(text, encoding="utf-8")

    assert run("capacity", "--workspace", workspace, "--reserved", path, "--out", tmp_path / "c.csv") == 2
    told = capsys.readouterr().err
    assert all(word in told for word in words)


def test_the_servers_job_writes_tables_page_and_layers_of_the_kept_map(workspace):
    with closing(Workbench.open(read_settings(workspace=str(workspace)))) as bench:
        request = {"required_pressures_m": [20.0], "no_worse_m": 0.5, "cap_lps": 10.0}
        done = CAPACITY.do(bench, workspace, job_id="j1", request=request, progress=SILENT)
        folder = workspace / "capacity" / "runs" / done["capacity_run"]
        layer = json.loads((folder / "map.geojson").read_text(encoding="utf-8"))
        layers = gpd.list_layers(folder / "map.gpkg")["name"].tolist()

    assert sorted(path.name for path in folder.iterdir()) == [
        "map.geojson", "map.gpkg", "map.html", "nodes.csv", "result.json", "tapoffs.csv",
    ]  # fmt: skip
    assert layers == ["capacity_nodes", "capacity_tapoffs"]
    points = {one["properties"]["node_id"]: one["geometry"]["coordinates"] for one in layer["features"]}
    assert set(points) >= {row["node_id"] for row in rows(folder / "nodes.csv")}
    assert all(116.5 < x < 117.5 and 36 < y < 37.5 for x, y in points.values())


def test_an_unknown_plan_is_begun_anew(tmp_path):
    folder = MapFolder(tmp_path / "a" / "b")
    folder.path.mkdir(parents=True)
    (folder.path / "plan.json").write_text('{"format": 0, "rule": {}, "chunks": []}', encoding="utf-8")

    assert folder.plan() is None and folder.chunk(0) is None and folder.summary() is None
    assert np.isfinite(RULE.cap_m3s)
