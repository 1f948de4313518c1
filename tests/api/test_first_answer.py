"""The first answer after a cold start is the one that is found without anything kept beside the version."""

import csv
import json
import shutil

import pytest

from gis.store import open_store
from hydraulics.gga.warm import load_range
from hydraulics.kept import model as kept
from tests.api.command import said
from tests.built_site import site_part

DAY = {"TAPWRIGHT_TODAY": "2026-11-21", "TAPWRIGHT_PERSON": "李工"}


@pytest.fixture
def place(sample_workspace, tmp_path):
    return shutil.copytree(sample_workspace, tmp_path / "w", ignore=shutil.ignore_patterns("derived"))


def ask(place, *words, env=DAY):
    answer = said(*words, "--workspace", place, "--json", env=env).document
    return {name: value for name, value in answer.items() if name not in {"seconds", "created"}}


def node_of(place):
    pipes = open_store(place).open().pipes
    return str(pipes["start_node_id"].iloc[len(pipes) // 2])


def check(place, *more, env=DAY):
    return ask(place, "check", "--node", node_of(place), "--flow-lps", 3, *more, env=env)


def anew(place, *more, env=DAY):
    """The same with nothing kept."""
    shutil.rmtree(place / "derived", ignore_errors=True)
    return check(place, *more, env=env)


def never(*_, **__):
    raise AssertionError("built although it lay ready")


def test_the_second_answer_builds_nothing_and_is_the_first(place, monkeypatch):
    asked = [
        ["check", "--node", node_of(place), "--flow-lps", 3, "--scenario", "all"],
        ["isolate", "--pipe", str(open_store(place).open().pipes["pipe_id"].iloc[7])],
        ["site-card", "--at", "117.02,36.66"],
        ["tapoffs", "--at", "117.02,36.66"],
    ]
    first = []
    for words in asked:
        shutil.rmtree(place / "derived", ignore_errors=True)
        first.append(said(*words, "--workspace", place, "--json", env=DAY).document)
    monkeypatch.setattr(kept, "_built", never)
    second = [said(*words, "--workspace", place, "--json", env=DAY).document for words in asked]
    for one, other in zip(first, second, strict=True):
        if isinstance(one, dict):
            one.pop("seconds", None)
            other.pop("seconds", None)
        assert one == other


def test_a_reservation_accepted_and_withdrawn_changes_the_next_answer(place, tmp_path):
    site_part("fonts")
    before = check(place)
    request = {
        "name": "甲小区", "site": {"position": [117.02, 36.66], "storeys": 6},
        "use": {"type": "residential", "dwellings": 48}, "options": {"count": 1},
    }  # fmt: skip
    (tmp_path / "r.json").write_text(json.dumps(request))
    scheme = ask(place, "scheme", tmp_path / "r.json", "--out", tmp_path / "out")
    ask(place, "schemes", "accept", scheme["id"])
    held = check(place)
    assert [one["scheme_id"] for one in held["reserved"]] == [scheme["id"]] and before["reserved"] == []
    assert held == anew(place)
    assert check(place, env={**DAY, "TAPWRIGHT_TODAY": "2036-11-21"})["reserved"] == []
    ask(place, "schemes", "withdraw", scheme["id"], "--reason", "不建了")
    assert check(place) == before == anew(place)


def test_readings_calibrate_the_next_answer_and_a_switch_takes_them_back(place, tmp_path):
    before = check(place)
    with (tmp_path / "r.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([
            ("node_id", "pressure_m", "flow_lps", "accuracy_m"),
            (before["node"], before["pressure_before_m"] - 1.0, 0.0, 0.1),
            (before["worst_node"]["id"], before["worst_node"]["pressure_before_m"] - 1.5, 0.0, 0.1),
        ])  # fmt: skip
    said("calibrate", tmp_path / "r.csv", "--workspace", place, "--json", env=DAY).document
    said("calibrate", "--workspace", place, "--switch", "on", "--json", env=DAY).document
    after = check(place)
    assert after["calibration"]["readings"] == 2
    assert after["pressure_before_m"] < before["pressure_before_m"]
    assert after == anew(place)
    assert check(place, "--uncalibrated") == before
    said("calibrate", "--workspace", place, "--switch", "off", "--json", env=DAY).document
    assert check(place) == before


def test_a_tapoff_that_is_set_a_demand_file_and_another_version_are_in_the_next_answer(place, tmp_path):
    before, name = check(place), str(open_store(place).open().tapoffs["tapoff_id"].iloc[0])
    ask(place, "tapoff", "set", name, "--status", "blocked")
    assert check(place) == before == anew(place)

    (place / "demand.toml").write_text("hourly_factor = 2.5\n", encoding="utf-8")
    more = check(place)
    assert more["pressure_before_m"] < before["pressure_before_m"]
    assert more == anew(place)
    (place / "demand.toml").unlink()
    assert check(place) == before

    first = open_store(place).current()
    ask(place, "export", "--out", tmp_path / "all.gpkg")
    narrow(tmp_path / "all.gpkg")
    ask(place, "import", tmp_path / "all.gpkg")
    assert open_store(place).current() != first
    other = check(place)
    assert other["network_version"] != before["network_version"]
    assert other["pressure_before_m"] < before["pressure_before_m"]
    assert other == anew(place)
    ask(place, "rollback", first, "--reason", "演练")
    assert check(place) == before


def narrow(file):
    """Make the pipes of an exported version a fifth narrower."""
    import sqlite3

    with sqlite3.connect(file) as database:
        database.create_function("ST_IsEmpty", 1, lambda _: 0)
        for name in ("MinX", "MaxX", "MinY", "MaxY"):
            database.create_function(f"ST_{name}", 1, lambda _: 0.0)
        database.execute("update pipes set inner_diameter_m = inner_diameter_m * 0.8")
    database.close()


def test_a_kept_file_that_is_damaged_or_cut_short_changes_no_answer(place):
    before = check(place)
    for spoil in (lambda content: content[: len(content) // 2], lambda content: content[::-1], lambda _: b""):
        (file,) = (place / "derived").glob("model-*.npz")
        file.write_bytes(spoil(file.read_bytes()))
        assert check(place) == before
    assert len(list((place / "derived").glob("model-*.npz"))) == 1


def test_a_version_whose_file_is_damaged_later_is_still_refused(place):
    before = check(place)
    (file,) = (place / "versions").glob("*/network.gpkg")
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 3])
    said("check", "--workspace", place, "--node", before["node"], "--flow-lps", 3, env=DAY).refused(3)


def test_an_import_keeps_what_the_first_answer_needs(sample_sources, tmp_path, monkeypatch):
    said("import", sample_sources, "--workspace", tmp_path / "w", "--json", env=DAY).document
    monkeypatch.setattr(kept, "_built", never)
    assert check(tmp_path / "w")["converged"]


def test_an_import_of_a_network_without_an_answer_is_an_import_all_the_same(tmp_path):
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "pipes.geojson").write_text(json.dumps(PIPES_ALONE), encoding="utf-8")
    answer = said(
        "import", tmp_path / "s", "--workspace", tmp_path / "w", "--crs", "EPSG:4548", "--json", env=DAY
    )
    assert answer.document["state"] == "published"
    said("check", "--workspace", tmp_path / "w", "--at", "117.0,36.6", "--flow-lps", 1).refused(3)


PIPES_ALONE = {
    "type": "FeatureCollection", "features": [{
        "type": "Feature", "properties": {"pipe_id": "P1", "dn": 100, "material": "DI"},
        "geometry": {"type": "LineString", "coordinates": [[500000, 4050000], [500100, 4050000]]},
    }],
}  # fmt: skip


def test_the_loops_of_the_range_are_loaded_without_the_engine(monkeypatch):
    monkeypatch.setattr("hydraulics.epanet.engine.Project.__init__", never)
    load_range()
