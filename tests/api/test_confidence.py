"""A figure filled in at the import is said wherever an answer rests on it: check, tap-offs, site card, scheme."""

import json
import shutil

import pandas as pd
import pytest

from tests.api.command import said

AT = "117.02,36.66"


@pytest.fixture(scope="module")
def answers(sample_sources, tmp_path_factory):
    """The sample city with a third of its sizes and two thirds of its levels lost on the way, and asked everything."""
    folder = tmp_path_factory.mktemp("confidence")
    sources, workspace = folder / "sources", folder / "W"
    shutil.copytree(sample_sources, sources)
    book = sources / "给水管线成果.xlsx"
    sheets = pd.read_excel(book, sheet_name=None, dtype=object)
    for table in sheets.values():
        for column in table.columns:
            if "管径" in str(column):
                table.loc[table.index[::3], column] = None
            if "地面高程" in str(column):
                table.loc[table.index % 3 != 0, column] = None
    with pd.ExcelWriter(book) as out:
        for name, table in sheets.items():
            table.to_excel(out, sheet_name=name, index=False)
    imported = said("import", sources, "--workspace", workspace, "--json").document
    request = folder / "request.json"
    request.write_text(json.dumps({
        "name": "测试", "site": {"position": [117.02, 36.66], "storeys": 5},
        "use": {"type": "residential", "dwellings": 48, "fixture_units_per_dwelling": 4.0, "persons_per_dwelling": 3.2,
                "quota_lpcd": 200, "hourly_factor": 2.5},
    }), encoding="utf-8")  # fmt: skip
    asked = {
        "check": ("check", "--at", AT, "--flow-lps", 4), "tapoffs": ("tapoffs", "--at", AT, "--status", "any"),
        "card": ("site-card", "--at", AT), "scheme": ("scheme", request, "--out", folder / "out"),
        "issues": ("issues",),
    }  # fmt: skip
    found = {name: said(*words, "--workspace", workspace, "--json").document for name, words in asked.items()}
    return {"import": imported, **found}


def confidence(findings):
    (finding,) = (finding for finding in findings if finding["rule"] == "data-confidence")
    return finding


def test_the_check_says_what_it_rests_on_and_still_passes_or_fails_by_pressure(answers):
    check = answers["check"]
    finding = confidence(check["findings"])
    assert finding["verdict"] == "warn"
    assert finding["measured"] == pytest.approx(check["relies_on"]["dn_m"]["filled"], abs=0.1)
    assert sum(check["relies_on"]["dn_m"].values()) == pytest.approx(
        check["relies_on"]["path_length_m"], abs=1.0
    )
    assert check["relies_on"]["doubtful_pipes"][0] in finding["text"]
    others = [other for other in check["findings"] if other is not finding]
    assert check["verdict"] == ("fail" if any(other["verdict"] == "fail" for other in others) else "pass")


def test_every_option_of_the_scheme_says_it_too(answers):
    for option in answers["scheme"]["options"]:
        assert option["check"]["relies_on"]["path_pipes"] > 0
        assert confidence(option["findings"])["verdict"] in {"warn", "pass"}
        assert option["check"]["site_elevation_origin"] == "terrain"
    assert any(confidence(option["findings"])["verdict"] == "warn" for option in answers["scheme"]["options"])
    assert answers["scheme"]["provenance"]["vertical_datum"]["code"] == "1985"


def test_tapoffs_and_site_card_carry_the_confidence_of_each_figure(answers):
    words = {"surveyed", "as-built", "inferred", "filled", "unknown"}
    for tapoff in answers["tapoffs"]:
        assert {
            tapoff["dn_confidence"],
            tapoff["pipe_dn_confidence"],
            tapoff["elevation_confidence"],
        } <= words
    pipes = answers["card"]["pipes"]
    assert {"filled", "surveyed"} <= {pipe["dn_confidence"] for pipe in pipes}
    assert {pipe["roughness_confidence"] for pipe in pipes} <= {"inferred", "filled"}
    assert answers["card"]["pressure"]["relies_on"]["dn_m"]["filled"] > 0
    assert answers["card"]["vertical_datum"] == answers["import"]["vertical_datum"]


def test_a_thousand_filled_figures_are_a_few_lines_of_the_list(answers):
    kinds = [issue["kind"] for issue in answers["issues"]]
    for kind in ("dn-by-neighbours", "elevation-by-triangles", "roughness-by-table"):
        assert kinds.count(kind) == 1
    assert kinds.count("dn-missing") < 5  # an island that nobody knows the size of
