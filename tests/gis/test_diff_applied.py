"""A difference applied to the old version is the new one, and its file shows what changed."""

import geopandas as gpd
import pyogrio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from gis.versions.diff import apply_change, change_layer
from gis.versions.diff import change_versions
from gis.versions.export import export_diff
from gis.network import Network
from gis.schema import conform, empty_layer

CRS = "EPSG:4548"
ROW = st.tuples(
    st.sampled_from([None, 100, 200, 300]), st.sampled_from([None, "DI", "PE"]), st.sampled_from([None, 1.5, 2.25]),
    st.integers(0, 3) | st.none(),
)  # fmt: skip
TABLE = st.dictionaries(st.sampled_from([f"P{k}" for k in range(8)]), ROW)


def network(rows):
    names = sorted(rows)
    shapes = [
        None if (y := rows[name][3]) is None else shapely.LineString([(0, y), (100, y)]) for name in names
    ]
    columns = {key: [rows[name][k] for name in names] for k, key in enumerate(("dn", "material", "length_m"))}
    table = gpd.GeoDataFrame({"pipe_id": names, **columns}, geometry=shapes, crs=CRS)
    tables = {"pipes": conform(table, "pipes")}
    return Network(
        "v", None, "test", True, lambda name: tables[name] if name in tables else empty_layer(name, CRS)
    )


@settings(max_examples=40, deadline=None)
@given(TABLE, TABLE)
def test_the_difference_of_two_versions_applied_to_the_old_one_is_the_new_one(a, b):
    old, new = network(a), network(b)
    change = change_layer(old, new, "pipes")
    got = apply_change(old.pipes, change, "pipes")
    assert_frame_equal(
        got.drop(columns="geometry"),
        new.pipes.drop(columns="geometry"),
        check_index_type=False,
        check_column_type=False,
    )
    assert [None if g is None else g.wkt for g in got.geometry] == [
        None if g is None else g.wkt for g in new.pipes.geometry
    ]
    assert len(change.added) == len(set(b) - set(a))
    assert len(change.removed) == len(set(a) - set(b))
    assert set(change.changed["pipe_id"]) == {name for name in set(a) & set(b) if a[name] != b[name]}


def test_each_changed_pipe_says_in_what_it_changed():
    old = network({"P1": (100, "DI", 1.5, 0), "P2": (100, "DI", 1.5, 1), "P3": (100, "DI", 1.5, 2)})
    new = network({"P1": (200, "PE", 1.5, 0), "P2": (100, "DI", 1.5, 3), "P3": (100, "DI", 1.5, 2)})
    changed = change_layer(old, new, "pipes").changed
    assert dict(zip(changed["pipe_id"], changed["changed_fields"], strict=True)) == {
        "P1": "dn, material",
        "P2": "geometry",
    }


def test_the_file_holds_what_came_what_changed_and_what_went(tmp_path):
    old = network({"P1": (100, "DI", 1.5, 0), "P2": (100, "DI", 1.5, 1)})
    new = network({"P1": (200, "DI", 1.5, 0), "P9": (100, "DI", 1.5, 1)})
    export_diff(change_versions(old, new), tmp_path / "d.gpkg")
    found = {
        name: pyogrio.read_dataframe(tmp_path / "d.gpkg", layer=name)["pipe_id"].tolist()
        for name, _ in pyogrio.list_layers(tmp_path / "d.gpkg")
    }
    assert found == {"pipes_added": ["P9"], "pipes_changed": ["P1"], "pipes_removed": ["P2"]}


def test_two_equal_versions_leave_three_empty_layers(tmp_path):
    same = network({"P1": (100, "DI", 1.5, 0)})
    export_diff(change_versions(same, same), tmp_path / "d.gpkg")
    assert [
        len(pyogrio.read_dataframe(tmp_path / "d.gpkg", layer=n))
        for n, _ in pyogrio.list_layers(tmp_path / "d.gpkg")
    ] == [0, 0, 0]
