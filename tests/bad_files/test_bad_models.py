"""What the list of model files asks beyond the import itself: runs, limits, names inside the engine."""

from dataclasses import replace

import pytest

import hydraulics.inp.read
from hydraulics.mending.limits import load_model_limits
from tests.api.command import said
from tests.bad_files.models import LONG, model


def test_a_model_without_a_source_is_kept_and_its_run_refused_in_words(tmp_path):
    """B-046."""
    file = model(("[RESERVOIRS]\nR1 85", "R1 85"))(tmp_path)
    assert said("import", file, "--workspace", tmp_path / "w").status == 0
    answer = said("check", "--workspace", tmp_path / "w", "--node", "J1", "--flow-lps", "1", "--json")
    answer.refused(3)
    assert "水源" in answer.err


def test_the_engine_answers_under_ids_it_cannot_hold(tmp_path):
    """B-041: the check names the node as the file does, and its figures are those of the model with short ids."""
    said("import", model()(tmp_path), "--workspace", tmp_path / "short", "--json").document
    said("import", model(("J2", LONG))(tmp_path), "--workspace", tmp_path / "long", "--json").document
    figures = {}
    for name, node in (("short", "J2"), ("long", LONG)):
        call = [
            "check",
            "--workspace",
            tmp_path / name,
            "--node",
            node,
            "--flow-lps",
            "5",
            "--inp-out",
            tmp_path / f"{name}-out",
            "--json",
        ]
        figures[name] = said(*call).document
    assert figures["long"]["node"] == LONG
    assert figures["long"]["pressure_after_m"] == figures["short"]["pressure_after_m"]


def test_a_limit_on_size_refuses_in_words(tmp_path, monkeypatch):
    """B-059: 1,000,000 pipes lie under the limit of 2,000,000; the limit itself is tried with a small one."""
    assert load_model_limits().most_links == 2_000_000
    small = replace(load_model_limits(), most_links=3)
    monkeypatch.setattr(hydraulics.inp.read, "load_model_limits", lambda: small)
    answer = said("import", model()(tmp_path), "--workspace", tmp_path / "w").refused(2, "模型.inp", 4, 3)
    assert "上限" in answer.err and not (tmp_path / "w").exists()


NOT_RUN = {
    "no-source": (model(("[RESERVOIRS]\nR1 85", "R1 85")), ("水源", "source")),
    "bores-next-to-nothing": (
        model(("P3 J2 J3 400 200", "P3 J2 J3 400 0.5"), ("P4 J1 J3 900 150", "P4 J1 J3 900 0.5")), ("J3",),
    ),
    "demand-no-pipe-carries": (model(("J3 52.0 6", "J3 52.0 60000")), ("J3",)),
    "pump-against-nothing": (
        model(
            ("P1 R1 J1 1500 400 120 0 Open\n", ""),
            ("[OPTIONS]", "[PUMPS]\nPU R1 J1 POWER 50\n[OPTIONS]"), ("J1 50.0 20", "J1 50.0 0"), ("J2 51.2 12", "J2 51.2 0"),
            ("J3 52.0 6", "J3 52.0 1e5"),
        ), ("J",),
    ),
    "demand-on-a-node-without-pipes": (model(("J3 52.0 6", "J3 52.0 6\nJ9 50 25")), ("J9",)),
    "demand-of-the-demands-section-on-such-a-node": (
        model(("J3 52.0 6", "J3 52.0 6\nJ9 50 0"), ("[OPTIONS]", "[DEMANDS]\nJ9 25\n[OPTIONS]")), ("J9",),
    ),
    "demand-in-a-part-no-pipe-joins": (
        model(("J3 52.0 6", "J3 52.0 6\nJ8 50 0\nJ9 50 25"), ("[OPTIONS]", "[PIPES]\nP9 J8 J9 50 100 110 0 Open\n[OPTIONS]")), ("J8",),
    ),
    "controls-of-one-moment": (
        model(("[OPTIONS]", "[CONTROLS]\nLINK P4 CLOSED AT TIME 0\nLINK P4 OPEN AT TIME 0.0\n[OPTIONS]")), ("P4",),
    ),
    "controls-of-levels-that-overlap": (
        model(("[OPTIONS]", "[CONTROLS]\nLINK P4 CLOSED IF NODE J2 ABOVE 20\nLINK P4 OPEN IF NODE J2 BELOW 30\n[OPTIONS]")), ("P4",),
    ),
    "rules-that-exclude-each-other": (
        model((
            "[OPTIONS]",
            "[RULES]\nRULE 1\nIF SYSTEM TIME >= 0\nTHEN PIPE P4 STATUS = OPEN\n"
            "RULE 2\nIF SYSTEM TIME >= 0\nTHEN PIPE P4 STATUS = CLOSED\n[OPTIONS]",
        )), ("P4",),
    ),
    "customer-below-any-sea": (model(("J3 52.0 6", "J3 -9999 6")), ("J3",)),
    "customer-above-any-town": (model(("J3 52.0 6", "J3 9999 6")), ("J3",)),
}  # fmt: skip


@pytest.mark.parametrize("case", NOT_RUN)
def test_a_model_that_cannot_be_solved_is_kept_and_its_check_refused_by_name(case, tmp_path):
    build, named = NOT_RUN[case]
    assert said("import", build(tmp_path), "--workspace", tmp_path / "w").status == 0

    for node in ("J1", "J2"):
        answer = said("check", "--workspace", tmp_path / "w", "--node", node, "--flow-lps", "1", "--json")
        answer.refused(3)
        assert any(word in answer.err for word in named), answer.err


def test_a_place_of_impossible_ground_is_refused_by_name(tmp_path):
    file = model(("J3 52.0 6", "J3 -9999 0"))(tmp_path)
    assert said("import", file, "--workspace", tmp_path / "w").status == 0
    answer = said("check", "--workspace", tmp_path / "w", "--node", "J3", "--flow-lps", "1", "--json")
    answer.refused(3, "J3", "-9999")


def test_levels_that_meet_without_overlap_are_no_contradiction(tmp_path):
    controls = "[CONTROLS]\nLINK P4 CLOSED IF NODE J2 ABOVE 30\nLINK P4 OPEN IF NODE J2 BELOW 30\n[OPTIONS]"
    file = model(("[OPTIONS]", controls))(tmp_path)
    assert said("import", file, "--workspace", tmp_path / "w").status == 0
    call = ["check", "--workspace", tmp_path / "w", "--node", "J2", "--flow-lps", "1", "--json"]
    assert said(*call).document["converged"]


DOUBTED = {
    "node-without-demand-or-pipes": (model(("J3 52.0 6", "J3 52.0 6\nJ9 50 0")), "J9"),
    "elevation-below-any-sea-where-nobody-draws": (model(("J3 52.0 6", "J3 -9999 0")), "J3"),
    "a-pump-opened-and-given-a-speed": (
        model(
            ("P1 R1 J1 1500 400 120 0 Open\n", ""),
            ("[OPTIONS]", "[PUMPS]\nPU R1 J1 POWER 50\n[CONTROLS]\nLINK PU OPEN AT TIME 0\nLINK PU 1.0 AT TIME 0\n[OPTIONS]"),
        ),
        "PU",
    ),
    "part-behind-a-closed-pipe": (
        model(("P3 J2 J3 400 200 110 0 Open", "P3 J2 J3 400 200 110 0 Closed"), ("P4 J1 J3 900 150 100 0 Open", "P4 J1 J3 900 150 100 0 Closed")),
        "J3",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DOUBTED)
def test_what_a_model_can_be_solved_without_is_listed_by_name_and_the_rest_answers(case, tmp_path):
    build, named = DOUBTED[case]
    assert said("import", build(tmp_path), "--workspace", tmp_path / "w").status == 0

    issues = said("issues", "--workspace", tmp_path / "w", "--json").document
    assert any(named in issue["subject"] or named in issue["message"] for issue in issues), issues
    answer = said(
        "check", "--workspace", tmp_path / "w", "--node", "J2", "--flow-lps", "1", "--json"
    ).document
    assert answer["converged"] and answer["pressure_after_m"] > 20


@pytest.mark.parametrize(
    ("was", "is_now"),
    [("800 300 110", "800 0 110"), ("800 300 110", "0 300 110"), ("800 300 110", "800 300 0")],
)
def test_a_pipe_of_no_bore_length_or_roughness_is_refused_by_name(was, is_now, tmp_path):
    file = model((f"P2 J1 J2 {was}", f"P2 J1 J2 {is_now}"))(tmp_path)
    said("import", file, "--workspace", tmp_path / "w", "--json").refused(2, "模型.inp", "P2")
