"""What the list of model files asks beyond the import itself: runs, limits, names inside the engine."""

from dataclasses import replace

import hydraulics.inp_read
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
    monkeypatch.setattr(hydraulics.inp_read, "load_model_limits", lambda: small)
    answer = said("import", model()(tmp_path), "--workspace", tmp_path / "w").refused(2, "模型.inp", 4, 3)
    assert "上限" in answer.err and not (tmp_path / "w").exists()
