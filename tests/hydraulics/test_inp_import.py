"""EPANET files become layers with the file's own ids, in metres, or are refused with file, line and reason."""

import numpy as np
import pytest
from pytest import approx

from gis.errors import GisInputError
from gis.messages import both_languages
from hydraulics.errors import ModelInputError
from hydraulics.inp.importing import import_inp
from tests.hydraulics.models import N1, session_of, written

FEET = """
[JUNCTIONS]
J1 100 200
J2 110 100
[RESERVOIRS]
R1 300
[TANKS]
T1 250 10 0 20 40 0
[PIPES]
P1 R1 J1 1000 12 120 0 Open
P2 J1 J2 500 8 110 0 Closed
P3 J1 T1 500 8 110 0 CV
[PUMPS]
PU1 J1 J2 HEAD C
[VALVES]
V1 J1 J2 6 PRV 50 0
[CURVES]
C 100 50
[VERTICES]
P1 500 40
[COORDINATES]
R1 0 0
J1 1000 0
J2 1000 500
T1 1500 0
[OPTIONS]
Units GPM
Headloss H-W
[END]
"""


def kinds(candidate):
    return {issue.kind for issue in candidate.issues}


def test_feet_become_metres_and_positions_stay_the_file_s_own(tmp_path):
    layers = import_inp(written(tmp_path, FEET), crs=None).layers
    pipes = layers["pipes"].set_index("pipe_id")

    assert pipes["length_m"].to_dict() == approx({"P1": 304.8, "P2": 152.4, "P3": 152.4})
    assert pipes["inner_diameter_m"].to_dict() == approx({"P1": 0.3048, "P2": 0.2032, "P3": 0.2032})
    assert pipes["dn"].to_dict() == {"P1": 305, "P2": 203, "P3": 203}
    assert pipes["status"].to_dict() == {"P1": "open", "P2": "closed", "P3": "open"}
    assert pipes["roughness_c"].to_dict() == approx({"P1": 120, "P2": 110, "P3": 110})
    assert list(pipes.geometry["P1"].coords) == [(0, 0), (500, 40), (1000, 0)]
    nodes = layers["nodes"].set_index("node_id")
    assert nodes["elevation_m"]["J1"] == approx(30.48)
    assert np.isnan(nodes["elevation_m"]["R1"])
    assert nodes["kind"].to_dict() == {"J1": "junction", "J2": "junction", "R1": "reservoir", "T1": "tank"}
    assert nodes["demand_m3s"]["J1"] == approx(200 * 6.309e-5, rel=1e-4)


def test_valves_and_sources_keep_their_place_and_what_they_hang_on(tmp_path):
    layers = import_inp(written(tmp_path, FEET), crs=None).layers
    valve = layers["valves"].iloc[0]
    sources = layers["sources"].set_index("source_id")

    assert (valve["valve_id"], valve["kind"], valve["node_id"], valve["pipe_id"], valve["dn"]) == (
        "V1", "PRV", "J1", "P1", 152,
    )  # fmt: skip
    assert (valve.geometry.x, valve.geometry.y) == (1000, 250)
    assert sources["head_m"].to_dict() == approx({"R1": 91.44, "T1": 79.248})
    assert sources["kind"].to_dict() == {"R1": "reservoir", "T1": "tank"}


def test_pumps_are_counted_in_an_issue(tmp_path):
    issue = next(i for i in import_inp(written(tmp_path, FEET), crs=None).issues if i.kind == "model-pumps")

    assert " 1 台水泵" in issue.message("zh")


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig"])
def test_chinese_ids_are_read_in_either_encoding(encoding, tmp_path):
    text = N1.replace("J2", "解放路2号").replace("P3", "供水支管3")
    path = written(tmp_path, text.encode(encoding))
    candidate = import_inp(path, crs=None)

    assert set(candidate.layers["nodes"]["node_id"]) == {"R1", "J1", "解放路2号", "J3"}
    assert "供水支管3" in set(candidate.layers["pipes"]["pipe_id"])
    with session_of(path, tmp_path / "model") as session:
        assert session.base.pressure_m[session.node_position["解放路2号"]] == approx(33.117, abs=0.02)


def test_latin_letters_of_any_file_are_read(tmp_path):
    path = written(tmp_path, ("; caf\xe9\n" + N1.replace("J2", "caf\xe9")).encode("latin-1"))

    assert "caf\xe9" in set(import_inp(path, crs=None).layers["nodes"]["node_id"])


def test_a_projected_file_lands_in_metres(tmp_path):
    feet = N1.replace("R1 0 0", "R1 5250000 3800000").replace("J1 1500 0", "J1 5251500 3800000")
    feet = feet.replace("J2 2300 0", "J2 5252300 3800000").replace("J3 2300 400", "J3 5252300 3800400")
    candidate = import_inp(written(tmp_path, feet), crs="EPSG:3089")
    line = candidate.layers["pipes"].set_index("pipe_id").geometry["P2"]

    assert candidate.crs == "EPSG:26916"
    assert line.length == approx(800 * 0.3048006096, rel=1e-3)
    assert "model-crs-absent" not in kinds(candidate)


def test_positions_outside_the_stated_crs_are_refused(tmp_path):
    with pytest.raises(GisInputError) as refusal:
        import_inp(written(tmp_path, N1), crs="EPSG:23700")
    assert refusal.value.code == "crs-outside"


def test_a_file_without_positions_is_imported_without_geometry(tmp_path):
    candidate = import_inp(written(tmp_path, N1.partition("[COORDINATES]")[0] + "[END]\n"), crs="EPSG:4548")

    assert candidate.crs is None
    assert candidate.layers["pipes"].geometry.isna().all()
    assert {"model-no-coordinates"} == kinds(candidate)


REFUSALS = {
    "211": ("P3 J2 J3 400 200", "P3 J2 J3 400 0", "P3", True),
    "202": ("P3 J2 J3 400", "P3 J2 J3 four", "four", True),
    "215": ("J3 52.0 6", "J1 52.0 6", "J1", True),
    "222": ("P3 J2 J3", "P3 J2 J2", "P3", True),
    "201": ("[OPTIONS]", "[OPTIENS]", "OPTIENS", True),
    "206": ("[OPTIONS]", "[PUMPS]\nPU R1 J3 HEAD K9\n[OPTIONS]", "K9", True),
    "226": ("[OPTIONS]", "[PUMPS]\nPU R1 J3\n[OPTIONS]", "PU", False),
    "225": ("[OPTIONS]", "[TANKS]\nT9 50 9 1 5 10 0\n[PIPES]\nP9 T9 J3 9 99 99\n[OPTIONS]", "T9", False),
}


@pytest.mark.parametrize("number", REFUSALS)
def test_epanet_s_refusals_name_the_line_and_the_thing(number, tmp_path):
    old, new, named, has_line = REFUSALS[number]
    path = written(tmp_path, N1.replace(old, new))
    wanted = next(
        n
        for n, line in enumerate(path.read_text().splitlines(), 1)
        if new.splitlines()[-2 if "\n" in new else 0][:9] in line
    )
    with pytest.raises(ModelInputError) as refusal:
        import_inp(path, crs=None)

    assert refusal.value.code.startswith("model-refused")
    assert refusal.value.exit_status == 2
    sentence = both_languages(refusal.value)
    assert named in sentence
    assert "{" not in sentence
    if has_line:
        assert refusal.value.params["line"] == wanted


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02" * 500, "接水".encode("gb18030") * 50])
def test_files_that_are_no_models_are_refused(content, tmp_path):
    with pytest.raises(ModelInputError) as refusal:
        import_inp(written(tmp_path, content), crs=None)
    assert "model.inp" in both_languages(refusal.value)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ModelInputError):
        import_inp(tmp_path / "nowhere.inp", crs=None)


def test_a_part_without_a_source_is_an_error_with_its_first_node(tmp_path):
    text = N1.replace("[RESERVOIRS]", "X1 40 1\nX2 40 1\n[RESERVOIRS]").replace(
        "[OPTIONS]", "P9 X1 X2 9 99 99\n[OPTIONS]"
    )
    issues = {i.kind: i for i in import_inp(written(tmp_path, text), crs=None).issues}

    assert issues["model-part-without-source"].severity == "error"
    assert issues["model-part-without-source"].subject == "X1"
    assert issues["model-part-without-source"].params["count"] == 2
    assert "model-stops" not in issues, "said once, by name"


def test_placeholder_bores_are_errors_and_explain_why_nothing_can_be_computed(tmp_path):
    text = (
        N1.replace(" 400 120", " 0.0001 120")
        .replace(" 300 110", " 0.0001 110")
        .replace(" 150 100", " 0.0001 100")
    )
    candidate = import_inp(written(tmp_path, text), crs=None)
    wrong = [i.subject for i in candidate.issues if i.kind == "model-bore-impossible"]

    assert wrong == ["P1", "P2", "P4"]
    assert kinds(candidate) & {"model-no-convergence", "model-stops"}


def test_a_closed_pipe_leaves_nodes_cut_off_and_the_rest_answerable(tmp_path):
    text = N1.replace("P3 J2 J3 400 200 110 0 Open", "P3 J2 J3 400 200 110 0 Closed").replace(
        "P4 J1 J3 900 150 100 0 Open", "P4 J1 J3 900 150 100 0 Closed"
    )
    path = written(tmp_path, text.replace("J3 52.0 6", "J3 52.0 0"))
    issues = [i for i in import_inp(path, crs=None).issues if i.kind == "model-node-cut-off"]

    assert [(i.subject, i.position) for i in issues] == [("J3", (2300.0, 400.0))]
    with session_of(path, tmp_path / "model") as session:
        assert np.isnan(session.base.head_m[session.node_position["J3"]])
        assert session.base.pressure_m[session.node_position["J2"]] > 30
