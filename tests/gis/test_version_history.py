"""Going back to an older version, and imports from which much has disappeared."""

import geopandas as gpd
import pytest
import shapely

from gis.errors import GisInputError, WorkspaceError
from gis.messages import both_languages
from gis.versions.removals import load_removal_limits
from gis.store import create_store, open_store
from gis.version import Candidate


def street(*, pipes=100, dn=200):
    lines = [shapely.LineString([(k * 50, 0), (k * 50 + 50, 0)]) for k in range(pipes)]
    table = gpd.GeoDataFrame(
        {"pipe_id": [f"P{k}" for k in range(pipes)], "dn": dn, "length_m": 50.0},
        geometry=lines,
        crs="EPSG:4548",
    )
    return Candidate({"pipes": table}, (), "street", "EPSG:4548")


@pytest.fixture
def store(address):
    return create_store(address)


@pytest.fixture
def folder_store(tmp_path):
    return create_store(tmp_path / "W")


def test_an_older_version_becomes_current_again_and_nothing_is_lost(store, address):
    first, second = store.publish(street()), store.publish(street(dn=300))
    store.roll_back(first.version, reason="wrong sizes")
    again = open_store(address)
    assert again.open().version == first.version
    assert again.open(second.version).pipes["dn"].eq(300).all()
    assert [r.version for r in again.versions()] == [first.version, second.version]


def test_the_history_tells_every_change_with_its_reason(store):
    first, second = store.publish(street()), store.publish(street(dn=300))
    store.publish(street(dn=300))
    store.roll_back(first.version, reason="口径有误")
    told = [(e["action"], e["previous"], e["version"], e["reason"]) for e in store.history()]
    assert told == [
        ("import", None, first.version, None),
        ("import", first.version, second.version, None),
        ("rollback", second.version, first.version, "口径有误"),
    ]
    assert [e["when"] for e in store.history()] == sorted(e["when"] for e in store.history())


def test_no_one_rolls_back_to_what_is_unknown_or_damaged(folder_store, tmp_path):
    store = folder_store
    first, second = store.publish(street()), store.publish(street(dn=300))
    (tmp_path / "W" / "versions" / first.version / "network.gpkg").write_bytes(b"SQLite format 3\0")
    for version in (first.version, "v000000000000"):
        with pytest.raises(WorkspaceError):
            store.roll_back(version, reason="try")
    assert store.open().version == second.version
    assert len(store.history()) == 2


def test_a_line_cut_short_by_a_crash_hides_no_other(folder_store, tmp_path):
    store = folder_store
    store.publish(street())
    with (tmp_path / "W" / "history.jsonl").open("a") as stream:
        stream.write('{"when": "20')
    assert len(store.history()) == 1
    second = store.publish(street(dn=300))
    assert [e["version"] for e in store.history()][1:] == [second.version]


def test_an_import_that_loses_much_is_refused_naming_what_and_the_way_out(store):
    first = store.publish(street())
    limits = load_removal_limits()
    most = int(limits.share * 100)
    with pytest.raises(GisInputError) as refusal:
        store.publish(street(pipes=100 - most - 1))
    assert refusal.value.code == "removals-many"
    assert f"{most + 1}/100" in both_languages(refusal.value)
    assert "--accept-removals" in both_languages(refusal.value)
    assert store.open().version == first.version
    assert len(store.versions()) == 1
    assert store.publish(street(pipes=100 - most)).parent == first.version


def test_what_a_person_accepts_goes_in_and_the_reason_stays(store):
    store.publish(street())
    fewer = store.publish(street(pipes=20), accepted="东区移交")
    assert store.open().version == fewer.version
    assert store.history()[-1]["reason"] == "东区移交"


def test_a_few_things_may_go_from_a_small_layer_unasked(store):
    store.publish(street(pipes=12))
    assert len(store.open(store.publish(street(pipes=6)).version).pipes) == 6


def test_a_damaged_version_does_not_stand_in_the_way_of_a_new_import(folder_store, tmp_path):
    store = folder_store
    first = store.publish(street())
    (tmp_path / "W" / "versions" / first.version / "network.gpkg").write_bytes(b"SQLite format 3\0")
    assert store.publish(street(pipes=20)).version == store.open().version
