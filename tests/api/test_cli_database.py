"""The commands on a workspace in a database: the same answers as on a folder, and words where they cannot."""

import json

import pytest

from tests.api.command import said

AT = "117.02,36.66"
REQUEST = {
    "site": {"position": [117.02, 36.66], "storeys": 6},
    "use": {"type": "residential", "dwellings": 48},
}


@pytest.fixture
def copied(sample_workspace, database):
    """The sample city in a database; its address."""
    said("copy", sample_workspace, database, "--json").document
    return database


def without_time(document):
    return {key: value for key, value in document.items() if key not in {"seconds"}}


def test_a_database_answers_as_the_folder_does(sample_workspace, copied, tmp_path):
    def both(*words):
        return [said(*words, "--workspace", place, "--json").document for place in (sample_workspace, copied)]

    for words in (["versions"], ["issues"], ["tapoffs", "--at", AT]):
        first, second = both(*words)
        assert first == second and first
    first, second = both("check", "--at", AT, "--flow-lps", "5")
    assert without_time(first) == without_time(second)
    version = said("versions", "--workspace", copied, "--json").document[0]["version"]
    assert not any(any(n.values()) for n in said("diff", version, version, "--workspace", copied, "--json").document["layers"].values())  # fmt: skip
    for place, name in ((sample_workspace, "a.gpkg"), (copied, "b.gpkg")):
        said("export", "--workspace", place, "--out", tmp_path / name, "--json").document
    request = tmp_path / "request.json"
    request.write_text(json.dumps(REQUEST), encoding="utf-8")
    schemes = [
        said("scheme", request, "--workspace", place, "--out", tmp_path / f"out{n}", "--json").document
        for n, place in enumerate((sample_workspace, copied))
    ]
    assert [option["quote"]["total_cny"] for option in schemes[0]["options"]] == [
        option["quote"]["total_cny"] for option in schemes[1]["options"]
    ]


def test_an_import_makes_the_workspace_in_the_database_and_a_dry_run_does_not(sample_sources, sample_workspace, database):  # fmt: skip
    said("import", sample_sources, "--workspace", database, "--dry-run", "--json").document
    said("versions", "--workspace", database).refused(3, "tapwright import")
    made = said("import", sample_sources, "--workspace", database, "--json").document
    assert (
        made["version"] == said("versions", "--workspace", sample_workspace, "--json").document[0]["version"]
    )


def test_a_model_file_answers_from_a_database(database, tmp_path):
    model = tmp_path / "two.inp"
    model.write_text(
        "[JUNCTIONS]\nJ1 10 1\nJ2 10 1\n[RESERVOIRS]\nR 60\n[PIPES]\nP0 R J1 10 300 130 0 Open\nP1 J1 J2 100 100 100 0 Open\n"
        "[OPTIONS]\nUnits LPS\nHeadloss H-W\n[COORDINATES]\nR 0 0\nJ1 10 0\nJ2 110 0\n[END]\n"
    )
    answers = []
    for place in (database, tmp_path / "W"):
        said("import", model, "--workspace", place, "--json").document
        answers.append(without_time(said("check", "--node", "J2", "--flow-lps", "2", "--workspace", place, "--json").document))  # fmt: skip
    assert answers[0] == answers[1]
    assert answers[0]["converged"]


def test_commands_that_keep_decisions_say_that_they_need_a_folder(copied, tmp_path):
    for words in (["renewal", "assess", "--out", tmp_path / "r"], ["serve", "--local", "--port", "0"]):
        said(*words, "--workspace", copied).refused(2, "tapwright copy", "postgresql://")
    assert not (tmp_path / "r").exists()


def test_a_copy_tells_both_addresses_and_each_content(sample_workspace, database):
    answer = said("copy", sample_workspace, database, "--json").document
    assert answer["from"] == str(sample_workspace)
    assert answer["to"].startswith("postgresql://gis@/gis?")
    assert [row["version"] for row in answer["versions"]] == [answer["current"]]
    assert answer["versions"][0]["content_hash"] == answer["current"]
    assert "（当前）" in said("copy", sample_workspace, database).out


def test_a_copy_from_nowhere_makes_nothing(tmp_path):
    said("copy", tmp_path / "none", tmp_path / "new").refused(3, str(tmp_path / "none"))
    assert not (tmp_path / "new").exists()
    said("copy", "mysql://h/x", tmp_path / "new").refused(2, "mysql")


def test_a_scheme_stored_from_a_database_is_recomputed_bit_for_bit(copied, tmp_path):
    request = tmp_path / "request.json"
    request.write_text(json.dumps({**REQUEST, "options": {"count": 4, "routes": 3}}), encoding="utf-8")
    stored = said("scheme", request, "--workspace", copied, "--out", tmp_path / "out", "--json").document
    told = [*stored["options"], *stored["rejected"]]
    assert any((one["route"] or {}).get("number", 1) not in {1, None} for one in told), (
        "no second route to recompute"
    )

    answer = said("verify", tmp_path / "out", "--workspace", copied, "--json").document

    assert answer["equal"] and answer["differences"] == [] and answer["figures"] > 1000
    assert (
        answer["scheme_id"] == stored["id"]
        and answer["network_version"] == stored["provenance"]["network_version"]
    )


def test_a_changed_figure_of_a_scheme_from_a_database_is_found(copied, tmp_path):
    request = tmp_path / "request.json"
    request.write_text(json.dumps(REQUEST), encoding="utf-8")
    said("scheme", request, "--workspace", copied, "--out", tmp_path / "out", "--json")
    file = tmp_path / "out" / "scheme.json"
    changed = json.loads(file.read_text(encoding="utf-8"))
    changed["options"][0]["route"]["length_m"] += 1.0
    file.write_text(json.dumps(changed, ensure_ascii=False), encoding="utf-8")

    told = said("verify", tmp_path / "out", "--workspace", copied, "--json")

    assert told.status == 1
    assert "options[0].route.length_m" in {one["path"] for one in json.loads(told.out)["differences"]}
