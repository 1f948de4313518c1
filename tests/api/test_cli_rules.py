"""Rules of a utility and overrides of a scheme, as a person gives them on the command line."""

import json

import pytest

from api.settings import read_settings
from tests.api.command import run

REQUEST = {
    "site": {"position": [117.02, 36.66], "storeys": 2},
    "use": {"type": "residential", "dwellings": 12},
}
RULES = """
[file]
id = "own-2026"
standard = "本单位规定"
edition = "2026"
source = "第 7 条"
confidence = "high"
clause = "7"
[value.low-velocity]
value = 0.9
unit = "m/s"
"""


def written(folder, **more):
    path = folder / "request.json"
    path.write_text(json.dumps({**REQUEST, **more}), encoding="utf-8")
    return path


def low_velocity(folder):
    document = json.loads((folder / "scheme.json").read_text(encoding="utf-8"))
    return document, next(f for f in document["options"][0]["findings"] if f["kind"] == "low-velocity")


def test_rules_of_a_utility_count_and_stay_with_the_scheme(sample_workspace, tmp_path):
    rules, out = tmp_path / "own.toml", tmp_path / "a"
    rules.write_text(RULES, encoding="utf-8")
    run("scheme", "--workspace", sample_workspace, written(tmp_path), "--out", out, "--rules", rules)
    document, found = low_velocity(out)
    assert (found["limit"], found["source"]) == (0.9, "第 7 条")
    assert document["provenance"]["rules"][-1].startswith("own-2026@")
    rules.unlink()
    answer = run("verify", out, "--workspace", sample_workspace, "--json")
    assert answer.document["equal"], "the utility's own rules are kept with the scheme"


def test_a_workspace_may_hold_the_rules_of_its_utility(tmp_path, monkeypatch):
    monkeypatch.delenv("TAPWRIGHT_RULES", raising=False)
    assert read_settings(workspace=str(tmp_path)).rules is None
    own, other = tmp_path / "rules.toml", tmp_path / "other.toml"
    own.write_text(RULES, encoding="utf-8")
    assert read_settings(workspace=str(tmp_path)).rules == own
    assert read_settings(workspace=str(tmp_path), rules=other).rules == other
    monkeypatch.setenv("TAPWRIGHT_RULES", str(other))
    assert read_settings(workspace=str(tmp_path)).rules == other


@pytest.mark.parametrize(
    ("text", "named"),
    [(RULES.replace("low-velocity", "low-speed"), "low-speed"), ("[value", "own.toml"), (None, "own.toml")],
)
def test_a_rule_file_that_cannot_be_used_is_refused_by_name(text, named, sample_workspace, tmp_path):
    rules = tmp_path / "own.toml"
    if text is not None:
        rules.write_text(text, encoding="utf-8")
    answer = run(
        "scheme",
        "--workspace",
        sample_workspace,
        written(tmp_path),
        "--out",
        tmp_path / "a",
        "--rules",
        rules,
    )
    answer.refused(2, named)
    assert not (tmp_path / "a").exists()


def test_an_override_is_shown_with_its_reason_and_refused_without(sample_workspace, tmp_path):
    given = {"rule": "low-velocity", "value": 0.05, "reason": "每周冲洗", "by": "李工"}
    run(
        "scheme",
        "--workspace",
        sample_workspace,
        written(tmp_path, overrides=[given]),
        "--out",
        tmp_path / "a",
    )
    document, found = low_velocity(tmp_path / "a")
    assert document["overrides"] == [{**given, "verdict": None, "was": "0.3"}]
    assert found["limit"] == 0.05 and found["override"]["reason"] == "每周冲洗" and "李工" in found["text"]
    for name in ("map.html", "plan.dxf"):
        text = (tmp_path / "a" / name).read_bytes().decode("utf-8", "ignore")
        assert "每周冲洗" in text, name

    given["reason"] = " "
    answer = run(
        "scheme",
        "--workspace",
        sample_workspace,
        written(tmp_path, overrides=[given]),
        "--out",
        tmp_path / "b",
    )
    answer.refused(2, "overrides[0].reason")
    assert not (tmp_path / "b").exists()
