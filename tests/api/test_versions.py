"""Versions over HTTP and on the command line: the list, differences for the map, consent, going back."""

import json

import pytest

from gis.store import create_store
from tests.api.command import said
from tests.api.fakes import serving
from tests.gis.test_version_history import street

JSON = {"content-type": "application/json"}


@pytest.fixture
def place(tmp_path):
    return tmp_path / "W"


@pytest.fixture
def versions(place):
    store = create_store(place)
    return store.publish(street()).version, store.publish(street(dn=300)).version


def call(client, method, path, **body):
    answer = client.request(method, f"/api/v1{path}", json=body or None)
    return answer.status_code, answer.json()


def test_the_list_and_one_of_it(place, versions):
    with serving(place) as client:
        status, listed = call(client, "GET", "/versions")
        assert (status, [v["version"] for v in listed]) == (200, list(versions))
        assert [v["current"] for v in listed] == [False, True]
        assert call(client, "GET", f"/versions/{versions[0]}") == (200, listed[0])
        status, problem = call(client, "GET", "/versions/v000000000000")
        assert (status, problem["type"]) == (404, "urn:tapwright:problem:version-missing")


def test_a_difference_gives_counts_values_and_places_in_degrees(place, versions):
    with serving(place) as client:
        status, found = call(client, "GET", f"/versions/{versions[0]}/diff/{versions[1]}?limit=7")
        assert status == 200
        assert found["layers"]["pipes"] == {"added": 0, "changed": 100, "removed": 0}
        assert found["attributes"] == {"pipes": {"dn": 100}}
        assert found["left_off"] == {"pipes": {"changed": 93}}
        assert len(found["features"]["features"]) == 7
        first = found["features"]["features"][0]
        assert first["properties"]["fields"] == ["dn"]
        assert (first["properties"]["before"], first["properties"]["after"]) == ({"dn": 200}, {"dn": 300})
        assert first["geometry"]["type"] == "LineString"
        west, south, east, north = found["bounds"]
        assert all(
            west <= lon <= east and south <= lat <= north for lon, lat in first["geometry"]["coordinates"]
        )
        assert 110 < west < east < 113
        assert found["labels"]["pipes"]["attributes"]["dn"] == ["公称直径", "DN"]
        status, problem = call(client, "GET", f"/versions/{versions[0]}/diff/v000000000000")
        assert (status, problem["type"]) == (404, "urn:tapwright:problem:version-unknown")
        status, problem = call(client, "GET", f"/versions/{versions[0]}/diff/{versions[1]}?layer=moon")
        assert (status, "moon" in problem["detail"]) == (422, True)


def test_what_came_and_what_went_tell_all_they_have(place):
    store = create_store(place)
    few, more = store.publish(street(pipes=9)).version, store.publish(street(pipes=12)).version
    with serving(place) as client:
        _, found = call(client, "GET", f"/versions/{few}/diff/{more}")
        came = [f["properties"] for f in found["features"]["features"]]
        assert [(p["id"], p["change"], p["after"]["dn"]) for p in came] == [
            ("P10", "added", 200), ("P11", "added", 200), ("P9", "added", 200),
        ]  # fmt: skip
        _, back = call(client, "GET", f"/versions/{more}/diff/{few}?layer=pipes")
        assert {p["properties"]["change"] for p in back["features"]["features"]} == {"removed"}
        assert back["features"]["features"][0]["properties"]["before"]["dn"] == 200


def test_going_back_needs_a_reason_and_stands_in_the_history(place, versions):
    with serving(place) as client:
        path = f"/versions/{versions[0]}/current"
        assert call(client, "POST", path, reason=" ")[0] == 422
        status, line = call(client, "POST", path, reason="口径有误", by="李工")
        assert (status, line["current"]) == (200, True)
        _, history = call(client, "GET", "/versions/history")
        assert (history[-1]["action"], history[-1]["by"], history[-1]["reason"]) == (
            "rollback",
            "李工",
            "口径有误",
        )


def test_consent_over_http_is_another_persons(place, versions):
    store = create_store(place)
    fewer = store.propose(street(pipes=20), by="张工").version
    with serving(place) as client:
        _, line = call(client, "GET", f"/versions/{fewer}")
        assert line["state"] == "pending"
        assert line["proposal"]["removals"] == [{"layer": "pipes", "before": 100, "removed": 80}]
        status, problem = call(client, "POST", f"/versions/{fewer}/approve", by="张工", reason="对")
        assert (status, problem["type"]) == (403, "urn:tapwright:problem:approve-self")
        assert call(client, "POST", f"/versions/{versions[0]}/approve", by="李工", reason="对")[0] == 409
        status, line = call(client, "POST", f"/versions/{fewer}/approve", by="李工", reason="东区移交")
        assert (status, line["state"], line["current"], line["proposal"]) == (200, "published", True, None)
        assert call(client, "POST", f"/versions/{fewer}/reject", by="李工", reason="不")[0] == 409


def test_the_command_line_proposes_lists_approves_and_rejects(place, tmp_path):
    whole, fewer = tmp_path / "a" / "pipes.geojson", tmp_path / "b" / "pipes.geojson"
    whole.parent.mkdir()
    fewer.parent.mkdir()
    for file, pipes in ((whole, 100), (fewer, 20)):
        table = street(pipes=pipes).layers["pipes"]
        table.set_geometry(table.translate(500_000, 4_058_000)).to_file(file)
    at = ("--workspace", place, "--json")
    first = said("import", whole, *at, "--crs", "EPSG:4548").document
    assert first["state"] == "published"
    held = said("import", fewer, *at, "--crs", "EPSG:4548", "--by", "张工").document
    assert (held["state"], held["current"], held["by"]) == ("pending", first["version"], "张工")
    assert {"layer": "pipes", "before": 100, "removed": 80} in held["removals"]
    listed = {v["version"]: v["state"] for v in said("versions", *at).document}
    assert listed == {first["version"]: "published", held["version"]: "pending"}
    assert "approve" in said("import", fewer, "--workspace", place, "--crs", "EPSG:4548", "--by", "张工").out
    said("approve", held["version"], *at, "--reason", "对").refused(2, "--by")
    said("approve", held["version"], *at, "--by", "李工").refused(2, "--reason")
    said("approve", held["version"], *at, "--by", "张工", "--reason", "对").refused(2, "张工")
    said("rollback", held["version"], *at, "--reason", "对").refused(2, held["version"])
    assert (
        said("reject", held["version"], *at, "--by", "李工", "--reason", "不全").document["state"]
        == "rejected"
    )
    said("import", fewer, *at, "--crs", "EPSG:4548", "--by", "张工")
    assert said("approve", held["version"], *at, "--by", "李工", "--reason", "对").document["by"] == "李工"
    assert [e["action"] for e in said("versions", "--history", *at).document] == [
        "import", "propose", "reject", "propose", "approve",
    ]  # fmt: skip
    assert "李工" in said("versions", "--history", "--workspace", place).out


def test_details_of_a_difference_on_the_command_line(place, versions):
    at = ("--workspace", place)
    found = said("diff", *versions, *at, "--json", "--details", "3").document
    assert len(found["features"]["features"]) == 3
    assert "dn 200 → 300" in said("diff", *versions, *at, "--details", "3").out
    said("diff", *versions, *at, "--json", "--details", "0").refused(2, "--details")
    assert json.dumps(said("diff", *versions, *at, "--json").document["layers"]["pipes"]) == json.dumps(
        {"added": 0, "changed": 100, "removed": 0}
    )
