"""Copying a workspace: every version arrives with equal content, in either direction, or the copy is refused."""

from dataclasses import replace

import pytest

from gis.versions.copying import content_hash, copy_versions
from gis.errors import GisInputError, WorkspaceError
from gis.issues import DataIssue
from gis.messages import both_languages
from gis.store import create_store, open_store
from gis.stores.address import parse_address
from tests.gis.town import town


@pytest.fixture(
    params=["folder to database", "database to folder", "folder to folder", "database to database"]
)
def pair(request, tmp_path):
    """Two stores, nothing in them; those in a database need PostGIS."""
    places = {"folder": tmp_path / "W"}
    if "database" in request.param:
        places["database"] = parse_address(request.getfixturevalue("database"))
    first, _, second = request.param.partition(" to ")
    target = places[second]
    if first == second:
        target = tmp_path / "W2" if first == "folder" else replace(target, schema=f"{target.schema}_copy")
    return create_store(places[first]), create_store(target)


def fill(store, tmp_path):
    model = tmp_path / "net.inp"
    model.write_bytes("[TITLE]\r\n管网\r\n".encode("gbk"))
    store.publish(town())
    store.publish(replace(town(dn=250), model_inp=model, synthetic=True))
    store.publish(
        replace(town(names=("P1", "P9")), issues=[DataIssue("no-sources", "error", "sources", "*")])
    )
    store.publish(town())


def test_every_version_arrives_with_record_issues_model_and_content(pair, tmp_path):
    source, target = pair
    fill(source, tmp_path)
    hashes = copy_versions(source, target)
    assert [version for version, _ in hashes] == [content for _, content in hashes]
    assert target.versions() == source.versions()
    assert len(target.versions()) == 3
    assert target.current() == source.current()
    for record in source.versions():
        assert content_hash(target, record) == record.version
        assert {issue.issue_id: issue for issue in target.issues(record.version)} == {
            issue.issue_id: issue for issue in source.issues(record.version)
        }
    with_model = target.open(source.versions()[1].version)
    assert with_model.model_inp.read_bytes() == "[TITLE]\r\n管网\r\n".encode("gbk")
    assert with_model.synthetic


def test_a_second_copy_brings_only_what_is_new(pair, tmp_path):
    source, target = pair
    fill(source, tmp_path)
    copy_versions(source, target)
    newest = source.publish(town(east_m=120.0))
    assert len(copy_versions(source, target)) == 4
    assert target.current() == newest.version
    assert target.versions() == source.versions()


def test_the_history_stays_behind_and_the_copy_is_told_once(pair, tmp_path):
    source, target = pair
    fill(source, tmp_path)
    copy_versions(source, target)
    copy_versions(source, target)
    told = [(e["action"], e["previous"], e["version"]) for e in target.history()]
    assert told == [("copy", None, source.current())]


def test_a_target_with_versions_of_its_own_is_left_alone(pair):
    source, target = pair
    source.publish(town())
    own = target.publish(town(dn=300))
    with pytest.raises(GisInputError) as refusal:
        copy_versions(source, target)
    assert refusal.value.code == "copy-target-differs"
    assert own.version in both_languages(refusal.value)
    assert [record.version for record in target.versions()] == [own.version]
    assert target.current() == own.version


def test_a_target_that_gives_back_something_else_is_found_out(pair, monkeypatch):
    source, target = pair
    record = source.publish(town())
    real = type(target).take
    monkeypatch.setattr(type(target), "take", lambda self, _, record: real(self, town(dn=999), record))
    with pytest.raises(WorkspaceError) as refusal:
        copy_versions(source, target)
    assert refusal.value.code == "copy-unequal"
    assert record.version in both_languages(refusal.value)
    assert target.current() is None


def test_an_empty_workspace_is_copied_as_one(pair):
    source, target = pair
    assert copy_versions(source, target) == []
    with pytest.raises(WorkspaceError) as refusal:
        target.open()
    assert refusal.value.code == "no-version"


def test_the_sample_city_is_the_same_in_both(sample_workspace, database):
    source, target = open_store(sample_workspace), create_store(parse_address(database))
    copy_versions(source, target)
    assert target.open().version == content_hash(target, target.versions()[0])
    assert len(target.issues()) == len(source.issues())
