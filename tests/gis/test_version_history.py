"""Going back to an older version, and imports from which much has disappeared."""

import geopandas as gpd
import pytest
import shapely

from api.network.versions import list_versions
from gis.errors import GisInputError, WorkspaceError
from gis.messages import both_languages
from gis.store import create_store, open_store
from gis.version import Candidate
from gis.versions.copying import copy_versions
from gis.versions.history import proposal_of, states
from gis.versions.removals import load_removal_limits


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


def proposed(store):
    first = store.publish(street())
    return first, store.propose(street(pipes=20), by="张工")


def test_a_large_removal_waits_for_another_person_and_survives_a_restart(store, address):
    first, fewer = proposed(store)
    again = open_store(address)
    assert again.open().version == first.version
    assert len(again.open(fewer.version).pipes) == 20
    assert states(again.history())[fewer.version] == "pending"
    assert proposal_of(again.history(), fewer.version)["details"]["removals"] == [
        {"layer": "pipes", "before": 100, "removed": 80}
    ]
    again.approve(fewer.version, by="李工", reason="东区已移交")
    assert store.open().version == fewer.version
    last = store.history()[-1]
    assert (last["action"], last["by"], last["reason"], last["previous"]) == (
        "approve", "李工", "东区已移交", first.version,
    )  # fmt: skip
    assert states(store.history())[fewer.version] == "published"


@pytest.mark.parametrize("name", ["张工", " 张工 ", "ZHANG"])
def test_nobody_agrees_to_an_import_of_their_own(store, name):
    store.publish(street())
    fewer = store.propose(street(pipes=20), by="zhang" if name == "ZHANG" else "张工")
    with pytest.raises(GisInputError) as refusal:
        store.approve(fewer.version, by=name, reason="对")
    assert refusal.value.code == "approve-self"
    assert states(store.history())[fewer.version] == "pending"


def test_a_rejected_version_stays_readable_and_never_becomes_current(store):
    first, fewer = proposed(store)
    store.reject(fewer.version, by="李工", reason="数据不全")
    assert states(store.history())[fewer.version] == "rejected"
    assert len(store.open(fewer.version).pipes) == 20
    for attempt in (
        lambda: store.approve(fewer.version, by="王工", reason="对"),
        lambda: store.reject(fewer.version, by="王工", reason="对"),
        lambda: store.roll_back(fewer.version, reason="绕过"),
    ):
        with pytest.raises(GisInputError):
            attempt()
    assert store.open().version == first.version


def test_nobody_rolls_back_to_a_pending_version(store):
    first, fewer = proposed(store)
    with pytest.raises(GisInputError) as refusal:
        store.roll_back(fewer.version, reason="绕过")
    assert refusal.value.code == "version-unapproved"
    assert store.open().version == first.version


def test_consent_is_to_what_was_looked_at_and_not_to_what_came_later(store):
    _, fewer = proposed(store)
    store.publish(street(dn=300))
    with pytest.raises(GisInputError) as refusal:
        store.approve(fewer.version, by="李工", reason="对")
    assert refusal.value.code == "proposal-outdated"
    assert store.propose(street(pipes=20), by="张工").version == fewer.version
    store.approve(fewer.version, by="李工", reason="对")
    assert store.open().version == fewer.version


def test_the_same_proposal_twice_is_told_once(store):
    _, fewer = proposed(store)
    assert store.propose(street(pipes=20), by="张工") == fewer
    assert [e["action"] for e in store.history()] == ["import", "propose"]


def test_a_former_version_proposed_again_and_refused_is_what_it_was(store):
    first = store.publish(street(pipes=20))
    whole = store.publish(street())
    assert store.propose(street(pipes=20), by="张工") == first
    assert states(store.history())[first.version] == "pending"
    store.reject(first.version, by="李工", reason="不对")
    assert states(store.history())[first.version] == "published"
    assert store.open().version == whole.version
    store.roll_back(first.version, reason="演练")


def test_a_copy_carries_what_waits_for_consent(store, tmp_path):
    first, fewer = proposed(store)
    target = create_store(tmp_path / "copied")
    copy_versions(store, target)
    copy_versions(store, target)
    assert states(target.history())[fewer.version] == "pending"
    assert [e["action"] for e in target.history()] == ["propose", "copy"]
    target.approve(fewer.version, by="李工", reason="对")
    assert target.open().version == fewer.version
    assert target.open(first.version).version == first.version


def test_a_damaged_version_is_listed_as_such_beside_the_others(folder_store, tmp_path):
    first, second = folder_store.publish(street()), folder_store.publish(street(dn=300))
    folder = tmp_path / "W" / "versions"
    for damage in (
        lambda: (folder / first.version / "network.gpkg").write_bytes(b"SQLite format 3\0"),
        lambda: (folder / first.version / "manifest.json").write_text("{"),
        lambda: (folder / first.version / "manifest.json").unlink(),
    ):
        damage()
        assert [r.version for r in folder_store.versions()] == [second.version]
        assert [version for version, _ in folder_store.damaged()] == [first.version]
        listed = list_versions(tmp_path / "W")
        assert [(v["version"], v["state"]) for v in listed] == [
            (first.version, "damaged"), (second.version, "published"),
        ]  # fmt: skip
        assert listed[0]["problem"]


def test_a_few_things_may_go_from_a_small_layer_unasked(store):
    store.publish(street(pipes=12))
    assert len(store.open(store.publish(street(pipes=6)).version).pipes) == 6


def test_a_damaged_version_does_not_stand_in_the_way_of_a_new_import(folder_store, tmp_path):
    store = folder_store
    first = store.publish(street())
    (tmp_path / "W" / "versions" / first.version / "network.gpkg").write_bytes(b"SQLite format 3\0")
    assert store.publish(street(pipes=20)).version == store.open().version
