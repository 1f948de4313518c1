"""Versions: whole or not at all, the same content has the same id, other formats are refused."""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely

from gis import store as store_module
from gis.diff import diff_layer, diff_versions
from gis.errors import GisInputError, WorkspaceError
from gis.export import export_version
from gis.issues import DataIssue
from gis.messages import both_languages
from gis.schema import layers
from gis.store import create_store, open_store
from gis.version import Candidate


def town(*, east_m=100.0, dn=200, names=("P1", "P2")):
    lines = [shapely.LineString([(0, 0), (east_m, 0)]), shapely.LineString([(east_m, 0), (east_m, 50)])]
    pipes = gpd.GeoDataFrame(
        {
            "pipe_id": list(names), "start_node_id": ["A", "B"], "end_node_id": ["B", "C"], "dn": [dn, 100],
            "inner_diameter_m": [dn / 1000, 0.1], "material": ["DI", "PE"], "length_m": [east_m, 50.0],
            "installed_on": ["2008-06-01", None], "install_year": [2008, None], "road_name": ["经十路", None],
        },
        geometry=lines, crs="EPSG:4548",
    )  # fmt: skip
    nodes = gpd.GeoDataFrame(
        {"node_id": ["A", "B", "C"], "elevation_m": [50.0, None, 48.5]},
        geometry=[shapely.Point(0, 0), shapely.Point(east_m, 0), shapely.Point(east_m, 50)], crs="EPSG:4548",
    )  # fmt: skip
    issues = (
        DataIssue("dn-missing", "repaired", "pipes", "P2", (1.5, 2.5), {"dn": 100}, "dn-filled"),
        DataIssue("no-sources", "error", "sources", "*"),
    )
    return Candidate({"pipes": pipes, "nodes": nodes}, issues, "town", "EPSG:4548")


@pytest.fixture
def workspace(tmp_path):
    return tmp_path / "W"


def test_what_was_published_is_read_back_with_every_declared_column(workspace):
    record = create_store(workspace).publish(town())
    network = open_store(workspace).open()
    assert network.version == record.version
    assert network.crs.to_epsg() == 4548
    assert list(network.pipes.columns) == [a.name for a in layers()["pipes"].attributes] + ["geometry"]
    assert network.pipes["road_name"].tolist() == ["经十路", None]
    assert network.pipes["install_year"].isna().tolist() == [False, True]
    assert network.pipes["status"].tolist() == ["open", "open"]
    assert network.pipes.geometry.iloc[0].coords[:] == [(0, 0), (100, 0)]
    assert network.nodes["elevation_m"].isna().tolist() == [False, True, False]
    assert len(network.tapoffs) == 0
    assert network.tapoffs.crs.to_epsg() == 4548


def test_issues_keep_place_figures_and_repair(workspace):
    candidate = town()
    store = create_store(workspace)
    store.publish(candidate)
    assert {i.issue_id: i for i in store.issues()} == {i.issue_id: i for i in candidate.issues}


def test_the_record_counts_what_is_there(workspace):
    record = create_store(workspace).publish(town())
    assert record.counts["pipes"] == 2
    assert record.counts["nodes"] == 3
    assert record.counts["tapoffs"] == 0
    assert record.length_m == 150.0
    assert record.issue_counts == {"error": 1, "warning": 0, "repaired": 1}
    assert record.crs == "EPSG:4548"
    assert record.synthetic is False
    assert record.parent is None


def test_an_equal_import_is_the_same_version_whatever_the_order_of_rows(workspace):
    store = create_store(workspace)
    first = store.publish(town())
    shuffled = town()
    shuffled = replace(
        shuffled,
        layers={name: table.iloc[::-1] for name, table in shuffled.layers.items()},
        issues=tuple(reversed(shuffled.issues)),
    )
    assert store.publish(shuffled) == first
    assert len(store.versions()) == 1


@pytest.mark.parametrize("change", [{"dn": 250}, {"east_m": 100.001}, {"names": ("P1", "P3")}])
def test_any_change_of_content_is_a_new_version_with_its_parent(workspace, change):
    store = create_store(workspace)
    first, second = store.publish(town()), store.publish(town(**change))
    assert second.version != first.version
    assert second.parent == first.version
    assert [r.version for r in store.versions()] == [first.version, second.version]
    assert store.open().version == second.version
    assert store.open(first.version).pipes["dn"].tolist() == [200, 100]


def test_going_back_to_former_content_goes_back_to_its_version(workspace):
    store = create_store(workspace)
    first = store.publish(town())
    store.publish(town(dn=250))
    assert store.publish(town()).version == first.version
    assert store.open().version == first.version
    assert len(store.versions()) == 2


def content(workspace):
    return {
        str(path.relative_to(workspace)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(workspace.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


@pytest.mark.parametrize("place", ["write_layers", "write_issues", "sync", "version_id"])
def test_a_failure_on_the_way_leaves_the_workspace_as_it_was(workspace, monkeypatch, place):
    store = create_store(workspace)
    first = store.publish(town())
    before = content(workspace)

    def broken(*_, **__):
        raise OSError("disk full")

    monkeypatch.setattr(store_module, place, broken)
    with pytest.raises(OSError, match="disk full"):
        store.publish(town(dn=250))
    assert content(workspace) == before
    assert store.open().version == first.version


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from gis import store as s
import importlib.util
spec = importlib.util.spec_from_file_location("t", sys.argv[2]); t = importlib.util.module_from_spec(spec); spec.loader.exec_module(t)
at, calls, real = int(sys.argv[4]), [0], os.fsync
def fsync(handle):
    calls[0] += 1
    if calls[0] == at: os.kill(os.getpid(), signal.SIGKILL)
    real(handle)
os.fsync = fsync
s.create_store(Path(sys.argv[1])).publish(t.town(dn=250))
"""


@pytest.mark.parametrize("at", [1, 2, 3, 4, 5, 6])
def test_a_killed_import_leaves_the_old_version_or_the_new_one(workspace, at):
    store = create_store(workspace)
    first = store.publish(town())
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", KILLED, str(workspace), __file__, str(root), str(at)],
        capture_output=True,
        check=False,
    )
    assert run.returncode in {-9, 0}, run.stderr.decode()
    network = open_store(workspace).open()
    assert network.pipes["dn"].iloc[0] == (200 if network.version == first.version else 250)
    for record in store.versions():
        assert len(store.open(record.version).pipes) == 2
    after = create_store(workspace).publish(town(dn=300))
    assert store.open().version == after.version
    assert not list((workspace / "versions").glob(".draft-*"))


def test_a_workspace_of_another_format_is_refused_naming_both(workspace):
    create_store(workspace)
    (workspace / "workspace.json").write_text(json.dumps({"format": 7}))
    for enter in (open_store, create_store):
        with pytest.raises(WorkspaceError) as refusal:
            enter(workspace)
        assert refusal.value.code == "workspace-format"
        assert refusal.value.exit_status == 3
        assert "7" in both_languages(refusal.value)
        assert "1" in both_languages(refusal.value)


def test_a_workspace_without_network_says_so(workspace):
    with pytest.raises(WorkspaceError) as refusal:
        create_store(workspace).open()
    assert refusal.value.code == "no-version"


def test_a_folder_that_is_no_workspace_is_refused(tmp_path):
    with pytest.raises(WorkspaceError) as refusal:
        open_store(tmp_path)
    assert refusal.value.code == "workspace-missing"


@pytest.mark.parametrize("name", ["v000000000000", "../W/versions/x", "..", ""])
def test_an_unknown_version_is_refused(workspace, name):
    store = create_store(workspace)
    store.publish(town())
    if name == "":
        assert store.open(name or None).version
        return
    with pytest.raises(WorkspaceError) as refusal:
        store.open(name)
    assert refusal.value.code == "version-unknown"


def test_reading_writes_nothing(workspace):
    store = create_store(workspace)
    store.publish(town())
    before = content(workspace)
    network = store.open()
    for name in layers():
        network.layer(name)
    store.issues()
    store.versions()
    assert content(workspace) == before


def test_a_model_file_is_kept_with_its_version(workspace, tmp_path):
    model = tmp_path / "net.inp"
    model.write_text("[TITLE]\n")
    store = create_store(workspace)
    with_model = store.publish(replace(town(), model_inp=model))
    model.write_text("changed later")
    assert store.open().model_inp.read_text() == "[TITLE]\n"
    assert store.publish(town()).version != with_model.version
    assert store.open().model_inp is None


def test_a_register_without_shapes_and_crs_is_kept(workspace):
    candidate = town()
    bare = candidate.layers["pipes"].copy()
    bare["geometry"] = None
    bare = bare.set_geometry("geometry").set_crs(None, allow_override=True)
    store = create_store(workspace)
    store.publish(Candidate({"pipes": bare}, (), "register", None))
    network = store.open()
    assert network.crs is None
    assert network.pipes.geometry.isna().all()
    assert network.pipes["dn"].tolist() == [200, 100]


def test_a_diff_counts_by_id(workspace):
    store = create_store(workspace)
    old = store.open(store.publish(town()).version)
    new = store.open(store.publish(town(dn=250, names=("P1", "P9"))).version)
    assert diff_versions(old, new)["layers"] == {
        "pipes": {"added": 1, "changed": 1, "removed": 1},
        "nodes": {"added": 0, "changed": 0, "removed": 0},
    }
    assert diff_layer(old, new, "pipes").changed == ("P1",)
    assert diff_layer(old, new, "pipes").added == ("P9",)
    assert diff_versions(old, old)["layers"]["pipes"] == {"added": 0, "changed": 0, "removed": 0}


def test_a_moved_vertex_is_a_change(workspace):
    store = create_store(workspace)
    old = store.open(store.publish(town()).version)
    new = store.open(store.publish(town(east_m=100.001)).version)
    assert diff_versions(old, new)["layers"]["nodes"] == {"added": 0, "changed": 2, "removed": 0}


def test_an_export_holds_every_layer_in_one_file(workspace, tmp_path):
    store = create_store(workspace)
    store.publish(town())
    out = tmp_path / "out.gpkg"
    assert export_version(store.open(), out) == {"pipes": 2, "nodes": 3}
    assert {name for name, _ in pyogrio.list_layers(out)} == {"pipes", "nodes"}
    table = gpd.read_file(out, layer="pipes")
    assert {
        "pipe_id", "start_node_id", "end_node_id", "dn", "inner_diameter_m", "material", "length_m", "install_year",
    } <= set(table.columns)  # fmt: skip
    assert table.crs.to_epsg() == 4548
    assert sorted(os.listdir(tmp_path)) == ["W", "out.gpkg"]


def test_an_export_into_no_folder_is_refused(workspace, tmp_path):
    store = create_store(workspace)
    store.publish(town())
    with pytest.raises(GisInputError) as refusal:
        export_version(store.open(), tmp_path / "nowhere" / "out.gpkg")
    assert refusal.value.code == "export-folder-missing"


@pytest.mark.parametrize(("name", "content"), [("manifest.json", b"{"), ("manifest.json", b'{"colour": 1}'), ("network.gpkg", b"SQLite format 3\0")])  # fmt: skip
def test_a_damaged_version_is_named_and_not_read(workspace, name, content):
    store = create_store(workspace)
    record = store.publish(town())
    (workspace / "versions" / record.version / name).write_bytes(content)
    with pytest.raises(WorkspaceError) as refusal:
        store.open().layer("pipes")
    assert refusal.value.code == "version-unreadable"
    assert name in both_languages(refusal.value)


def test_a_version_without_its_layers_file_is_named_too(workspace):
    store = create_store(workspace)
    record = store.publish(town())
    (workspace / "versions" / record.version / "network.gpkg").unlink()
    with pytest.raises(WorkspaceError) as refusal:
        store.issues()
    assert refusal.value.code == "version-unreadable"
