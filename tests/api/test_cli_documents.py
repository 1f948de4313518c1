"""Each command's JSON document has the contract's keys, its figures are those of the tables, and people get a page in Chinese."""

import csv
import json
import re

import geopandas as gpd
import openpyxl
import pyogrio
import pytest

from tests.contract_request import CONTRACT_REQUEST
from tests.api.command import said

AT = "117.02,36.66"
IMPORT_KEYS = {"version", "parent", "counts", "length_m", "issues", "seconds"}
IMPORT_COUNTS = {"pipes", "nodes", "valves", "hydrants", "tapoffs", "customers", "sources"}
ISSUE_KEYS = {"id", "kind", "severity", "subject", "layer", "position", "message", "repair"}
TAPOFF_KEYS = {
    "id", "dn", "status", "pipe_id", "pipe_dn", "distance_m", "route_length_m", "position", "cover_depth_m", "valve_id",
    "peak_pressure_mpa", "confidence",
}  # fmt: skip
CHECK_KEYS = {
    "engine", "network_version", "scenario", "converged", "node", "pressure_before_m", "pressure_after_m", "head_before_m",
    "head_after_m", "worst_node", "newly_below_limit", "findings", "verdict", "seconds",
}  # fmt: skip
CHECK_COLUMNS = [
    "node_id", "elevation_m", "head_before_m", "head_after_m", "pressure_before_m", "pressure_after_m",
]  # fmt: skip
PIPE_COLUMNS = {
    "pipe_id", "start_node_id", "end_node_id", "dn", "inner_diameter_m", "material", "length_m", "install_year",
}  # fmt: skip
SCHEME_FILES = {
    "scheme.json", "scheme.pdf", "customer.pdf", "scheme.en.pdf", "customer.en.pdf", "quote.xlsx", "quote.en.xlsx", "plan.dxf",
    "plan.en.dxf", "map.html", "scheme.gpkg", "model-before.inp", "model-after.inp",
}  # fmt: skip
# The scheme document of the contract; a list stands for every one of its elements.
SCHEME = {
    "id": str, "feasible": bool, "request": dict,
    "demand": {"design_flow_lps": float, "peak_hour_lps": float, "clauses": list},
    "options": [{
        "rank": int, "feasible": bool,
        "connection": {"kind": ("tapoff", "new-tap"), "tapoff_id": (str, type(None)), "pipe_id": str, "pipe_dn": int, "position": list},
        "route": {"length_m": float, "geometry": {"type": ("LineString",), "coordinates": list},
                  "surfaces": [{"surface": str, "length_m": float}]},
        "service_pipe": {"dn": int, "material": str, "inner_diameter_mm": float, "velocity_mps": float, "headloss_m": float},
        "meter": {"dn": int, "q3_m3h": float, "headloss_m": float},
        "check": {"pressure_required_mpa": float, "site_pressure_before_mpa": float, "site_pressure_after_mpa": float,
                  "worst_neighbour": dict},
        "findings": [{"rule": str, "clause": str, "measured": float, "limit": float, "unit": str, "verdict": ("pass", "fail", "warn")}],
        "assemblies": [{"code": str, "drawing": str, "count": int}],
        "quote": {"lines": [{"code": str, "name": str, "quantity": "decimal", "unit": str, "price_cny": "money",
                             "amount_cny": "money", "payer": ("utility", "customer")}],
                  "net_cny": "money", "tax_cny": "money", "total_cny": "money"},
        "permits": [{"kind": str, "authority": str, "area_m2": (float, type(None))}],
        "workdays": int, "reasons": [str],
    }],
    "rejected": [{"connection": dict, "reason": str}],
    "provenance": {"network_version": str, "rules": [str], "prices": str, "engine": str, "software": str, "created": str},
}  # fmt: skip


def has_form(value, form, place="document"):
    if isinstance(form, dict):
        assert isinstance(value, dict), place
        assert set(form) <= set(value), (place, set(form) - set(value))
        for key, inner in form.items():
            has_form(value[key], inner, f"{place}.{key}")
    elif isinstance(form, list):
        assert isinstance(value, list), place
        for number, item in enumerate(value):
            has_form(item, form[0], f"{place}[{number}]")
    elif form == "money":
        assert re.fullmatch(r"-?\d+\.\d\d", value), (place, value)
    elif form == "decimal":
        assert re.fullmatch(r"-?\d+(\.\d+)?", value), (place, value)
    elif isinstance(form, tuple) and isinstance(form[0], str):
        assert value in form, (place, value)
    elif form is float:
        assert isinstance(value, int | float) and not isinstance(value, bool), (place, value)
    else:
        assert isinstance(value, form), (place, value)


def answered(*words, env=None):
    """The JSON document, with nothing but it on stdout and no progress where no one watches."""
    answer = said(*words, "--json", env=env)
    assert answer.err == ""
    assert len(answer.out.splitlines()) == 1
    return answer.document


def is_chinese_page(text):
    with pytest.raises(ValueError):
        json.loads(text)
    return len(re.findall("[\u4e00-\u9fff]", text)) >= 4


@pytest.fixture(scope="module")
def request_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("request") / "申请.json"
    path.write_text(json.dumps(CONTRACT_REQUEST, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def version(sample_workspace):
    return (sample_workspace / "current").read_text(encoding="utf-8")


def test_sample_answers_with_its_files_counts_and_crs(tmp_path):
    answer = answered("sample", "--seed", 3, "--pipes", 500, "--out", tmp_path / "city")
    assert set(answer) >= {"files", "counts", "crs"}
    assert answer["crs"] == "EPSG:4548"
    assert sorted(answer["files"]) == sorted(path.name for path in (tmp_path / "city").iterdir())
    assert answer["counts"]["pipes"] == pytest.approx(500, rel=0.05)


def test_a_smaller_sample_in_the_same_folder_leaves_nothing_of_the_larger_one(tmp_path):
    city = tmp_path / "city"
    city.mkdir()
    (city / "sample.json").write_text('{"files": ["给水管线成果_002.xlsx", "../secret"]}', encoding="utf-8")
    (city / "给水管线成果_002.xlsx").write_text("of an earlier, larger city")
    (city / "notes.txt").write_text("kept")
    (tmp_path / "secret").write_text("kept")
    answer = answered("sample", "--pipes", 500, "--out", city)
    assert sorted(path.name for path in city.iterdir()) == sorted([*answer["files"], "notes.txt"])
    assert (tmp_path / "secret").exists()


def test_import_answers_with_version_counts_length_and_issues(sample_sources, tmp_path):
    answer = answered("import", sample_sources, "--workspace", tmp_path / "w")
    assert IMPORT_KEYS <= set(answer)
    assert set(answer["counts"]) == IMPORT_COUNTS
    assert set(answer["issues"]) == {"error", "warning", "repaired"}
    stated = json.loads((sample_sources / "sample.json").read_text(encoding="utf-8"))["counts"]
    for name in ("hydrants", "tapoffs", "customers", "sources"):
        assert answer["counts"][name] == stated[name]
    assert answer["parent"] is None and answer["synthetic"] is True
    assert (tmp_path / "w" / "current").read_text(encoding="utf-8") == answer["version"]


def test_a_dry_run_answers_the_same_and_makes_no_workspace(sample_sources, sample_workspace, tmp_path):
    answer = answered("import", sample_sources, "--workspace", tmp_path / "w", "--dry-run")
    assert answer["version"] is None
    assert answer["counts"] == {
        name: answered("versions", "--workspace", sample_workspace)[0]["counts"][name]
        for name in IMPORT_COUNTS
    }
    assert list(tmp_path.iterdir()) == []


def test_issues_are_listed_and_laid_out_for_a_map(sample_workspace, tmp_path):
    out = tmp_path / "issues.gpkg"
    answer = answered("issues", "--workspace", sample_workspace, "--out", out)
    assert answer and all(ISSUE_KEYS <= set(issue) for issue in answer)
    assert {issue["severity"] for issue in answer} <= {"error", "warning", "repaired"}
    placed = [issue["position"] for issue in answer if issue["position"]]
    assert placed and all(116.9 < lon < 117.2 and 36.5 < lat < 36.8 for lon, lat in placed)
    table = gpd.read_file(out)
    assert sorted(table["issue_id"]) == sorted(issue["id"] for issue in answer)
    assert table.crs.to_epsg() == 4548


def test_versions_name_time_source_and_counts(sample_workspace, version):
    (row,) = answered("versions", "--workspace", sample_workspace)
    assert row["version"] == version and row["current"] is True and row["synthetic"] is True
    assert row["source"] == "sources" and row["created"].startswith("20")
    assert IMPORT_COUNTS <= set(row["counts"])


def test_a_version_does_not_differ_from_itself(sample_workspace, version):
    layers = answered("diff", version, version, "--workspace", sample_workspace)["layers"]
    assert {"pipes", "nodes", "tapoffs"} <= set(layers)
    assert all(counts == {"added": 0, "changed": 0, "removed": 0} for counts in layers.values())


def test_export_holds_all_layers_with_the_columns_others_rely_on(sample_workspace, version, tmp_path):
    out = tmp_path / "all.gpkg"
    answer = answered("export", "--workspace", sample_workspace, "--out", out)
    assert answer["version"] == version
    for layer, count in answer["counts"].items():
        assert pyogrio.read_info(out, layer=layer)["features"] == count
    pipes = pyogrio.read_dataframe(out, layer="pipes")
    assert PIPE_COLUMNS <= set(pipes.columns)
    assert pipes.crs.to_epsg() == 4548


def test_tapoffs_come_nearest_first_with_all_their_keys(sample_workspace):
    rows = answered("tapoffs", "--workspace", sample_workspace, "--at", AT, "--count", 4)
    assert len(rows) == 4 and all(TAPOFF_KEYS <= set(row) for row in rows)
    assert [row["distance_m"] for row in rows] == sorted(row["distance_m"] for row in rows)
    assert {row["status"] for row in rows} == {"free"}
    assert all(row["route_length_m"] >= row["distance_m"] - 0.01 for row in rows if row["route_length_m"])
    assert all(0.0 < row["peak_pressure_mpa"] < 0.8 for row in rows)
    everyone = answered(
        "tapoffs", "--workspace", sample_workspace, "--at", AT, "--count", 200, "--status", "any"
    )
    assert {row["status"] for row in everyone} > {"free"}


def test_the_same_place_in_the_citys_own_coordinates_gives_the_same_tapoffs(sample_workspace):
    by_degrees = answered("tapoffs", "--workspace", sample_workspace, "--at", AT)
    x, y = gpd.points_from_xy([117.02], [36.66], crs="EPSG:4490").to_crs("EPSG:4548")[0].coords[0]
    by_metres = answered("tapoffs", "--workspace", sample_workspace, "--at", f"{x},{y}", "--crs", "EPSG:4548")
    assert [row["id"] for row in by_metres] == [row["id"] for row in by_degrees]
    assert [row["distance_m"] for row in by_metres] == pytest.approx(
        [row["distance_m"] for row in by_degrees], abs=0.002
    )


def test_check_answers_with_the_document_and_writes_its_files(sample_workspace, version, tmp_path):
    table, folder = tmp_path / "nodes.csv", tmp_path / "models"
    answer = answered(
        "check",
        "--workspace",
        sample_workspace,
        "--at",
        AT,
        "--flow-lps",
        5,
        "--nodes-out",
        table,
        "--inp-out",
        folder,
    )
    assert CHECK_KEYS <= set(answer)
    assert set(answer["worst_node"]) >= {"id", "pressure_before_m", "pressure_after_m"}
    assert (answer["network_version"], answer["scenario"]) == (version, "peak")
    assert answer["engine"].startswith("EPANET 2.2") and answer["verdict"] in {"pass", "fail"}
    assert answer["pressure_after_m"] < answer["pressure_before_m"]
    with table.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == CHECK_COLUMNS
    assert {path.name for path in folder.iterdir()} == {"model-before.inp", "model-after.inp"}


def test_a_limit_no_one_can_keep_fails_the_check(sample_workspace):
    answer = answered(
        "check", "--workspace", sample_workspace, "--at", AT, "--flow-lps", 1, "--required-pressure-m", 200
    )
    assert answer["verdict"] == "fail"


def test_scheme_answers_with_the_contracts_document_and_writes_eight_files(
    sample_workspace, request_file, tmp_path
):
    out = tmp_path / "new" / "scheme"
    answer = answered("scheme", "--workspace", sample_workspace, request_file, "--out", out)
    has_form(answer, SCHEME)
    assert answer["feasible"] is True and len(answer["options"]) == 3
    assert [option["rank"] for option in answer["options"]] == [1, 2, 3]
    assert {path.name for path in out.iterdir()} == SCHEME_FILES | {"permits"}
    forms = {permit["form"] for permit in answer["options"][0]["permits"]}
    assert forms <= set(answer["files"]) and all((out / name).stat().st_size > 5000 for name in forms)
    assert json.loads((out / "scheme.json").read_text(encoding="utf-8")) == answer
    for option in answer["options"]:
        amounts = sum(round(100 * float(line["amount_cny"])) for line in option["quote"]["lines"])
        assert amounts == round(100 * float(option["quote"]["net_cny"]))


def test_renewal_writes_list_layers_and_map(sample_workspace, tmp_path):
    listed = answered("renewal", "assess", "--workspace", sample_workspace, "--out", tmp_path / "a")
    assert {"counts", "candidates", "standing", "data_gaps", "provenance"} <= set(listed)
    assert {path.name for path in (tmp_path / "a").iterdir()} == {
        "renewal.json", "renewal.xlsx", "renewal.gpkg", "map.html",
    }  # fmt: skip
    joined = answered("renewal", "coordinate", "--workspace", sample_workspace, "--out", tmp_path / "c")
    assert {"pipes", "matches", "programmes", "candidates", "standing"} <= set(joined)
    assert json.loads((tmp_path / "c" / "coordination.json").read_text(encoding="utf-8")) == joined
    assert {"candidates", "matches", "programmes", "bans"} <= {
        name for name, _ in pyogrio.list_layers(tmp_path / "c" / "coordination.gpkg")
    }
    assert openpyxl.load_workbook(tmp_path / "c" / "coordination.xlsx", read_only=True).sheetnames


@pytest.mark.parametrize(
    "words",
    [["issues"], ["versions"], ["diff", "V", "V"], ["export", "--out", "OUT"], ["tapoffs", "--at", AT],
     ["check", "--at", AT, "--flow-lps", "3"], ["scheme", "REQUEST", "--out", "OUT"],
     ["renewal", "assess", "--out", "OUT"], ["renewal", "coordinate", "--out", "OUT"],
     ["import", "SOURCES", "--dry-run"], ["sample", "--pipes", "500", "--out", "OUT"]],
    ids=lambda words: words[0] + ("-" + words[1] if words[0] == "renewal" else ""),
)  # fmt: skip
def test_without_json_a_person_reads_a_page_in_chinese(
    words, sample_workspace, sample_sources, version, request_file, tmp_path
):
    known = {"V": version, "OUT": tmp_path / "out", "REQUEST": request_file, "SOURCES": sample_sources}
    call = [known.get(word, word) for word in words]
    answer = said(*call, *([] if words[0] == "sample" else ["--workspace", sample_workspace]))
    assert (answer.status, answer.err) == (0, "")
    assert is_chinese_page(answer.out)


def test_the_workspace_may_be_named_by_the_environment_and_the_call_wins(sample_workspace, tmp_path):
    by_name = answered("versions", env={"TAPWRIGHT_WORKSPACE": sample_workspace})
    assert by_name == answered("versions", "--workspace", sample_workspace)
    assert (
        answered("versions", "--workspace", sample_workspace, env={"TAPWRIGHT_WORKSPACE": tmp_path})
        == by_name
    )
    said("versions", "--json").refused(2, "TAPWRIGHT_WORKSPACE")


def test_a_difference_is_also_a_file_and_going_back_needs_a_reason(sample_workspace, version, tmp_path):
    at = ("--workspace", sample_workspace)
    answered("diff", version, version, *at, "--out", tmp_path / "d.gpkg")
    assert {name for name, _ in pyogrio.list_layers(tmp_path / "d.gpkg")} == {
        "pipes_added", "pipes_changed", "pipes_removed",
    }  # fmt: skip
    said("rollback", version, "--json", *at).refused(2, "--reason")
    assert answered("rollback", version, *at, "--reason", "演练")["version"] == version
    assert [event["action"] for event in answered("versions", "--history", *at)] == ["import"]
    said("import", tmp_path, "--json", *at, "--accept-removals").refused(2, "--reason")
