"""Versions: whole or not at all, the same content has the same id, other formats are refused."""

import os
from dataclasses import replace

import geopandas as gpd
import pyogrio
import pytest
import shapely

from gis.versions.diff import diff_layer, diff_versions
from gis.errors import GisInputError, WorkspaceError
from gis.versions.export import export_version
from gis.issues import DataIssue
from gis.messages import both_languages
from gis.schema import layers
from gis.store import create_store, open_store
from gis.version import Candidate
from tests.gis.town import town


@pytest.fixture
def workspace(address):
    return address


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


def test_a_workspace_without_network_says_so(workspace):
    with pytest.raises(WorkspaceError) as refusal:
        create_store(workspace).open()
    assert refusal.value.code == "no-version"


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
    (tmp_path / "exports").mkdir()
    out = tmp_path / "exports" / "out.gpkg"
    assert export_version(store.open(), out) == {"pipes": 2, "nodes": 3}
    assert {name for name, _ in pyogrio.list_layers(out)} == {"pipes", "nodes"}
    table = gpd.read_file(out, layer="pipes")
    assert {
        "pipe_id", "start_node_id", "end_node_id", "dn", "inner_diameter_m", "material", "length_m", "install_year",
    } <= set(table.columns)  # fmt: skip
    assert table.crs.to_epsg() == 4548
    assert os.listdir(out.parent) == ["out.gpkg"]


def test_an_export_into_no_folder_is_refused(workspace, tmp_path):
    store = create_store(workspace)
    store.publish(town())
    with pytest.raises(GisInputError) as refusal:
        export_version(store.open(), tmp_path / "nowhere" / "out.gpkg")
    assert refusal.value.code == "export-folder-missing"
