"""`tapwright import` on the sample city and on real networks, and what versions and differences come of it."""

import json
import shutil
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from tests.api.command import said, state_of

MAPPINGS = Path(__file__).parents[1] / "gis" / "mappings"
SURVEY = "给水管线成果.xlsx"


def imported(*sources, workspace, more=()):
    return said("import", *sources, "--workspace", workspace, *more, "--json").document


def versions(workspace):
    return [row["version"] for row in said("versions", "--workspace", workspace, "--json").document]


# ---- the sample city -------------------------------------------------------------------------------------------


def test_the_same_sources_give_the_same_version_and_nothing_new_on_disk(sample_sources, tmp_path):
    workspace = tmp_path / "w"
    first = imported(sample_sources, workspace=workspace)
    before = state_of(workspace)
    again = imported(sample_sources, workspace=workspace)
    assert again["version"] == first["version"]
    assert versions(workspace) == [first["version"]]
    assert state_of(workspace) == before


def test_the_order_in_which_files_are_named_does_not_matter(sample_sources, tmp_path):
    files = sorted(path for path in sample_sources.iterdir() if path.suffix in {".xlsx", ".shp", ".gpkg"})
    assert len(files) >= 8
    turned = imported(*reversed(files), workspace=tmp_path / "b")
    assert turned["version"] == imported(*files, workspace=tmp_path / "a")["version"]


def test_a_changed_survey_is_a_new_version_and_the_difference_is_counted(sample_sources, tmp_path):
    folder, workspace = tmp_path / "sources", tmp_path / "w"
    shutil.copytree(sample_sources, folder)
    first = imported(folder, workspace=workspace)
    register = folder / "预留口台账.xlsx"
    book = openpyxl.load_workbook(register)
    sheet = book["预留口"]
    headings = [cell.value for cell in sheet[1]]
    state = headings.index("状态") + 1
    row = next(row for row in range(2, sheet.max_row + 1) if sheet.cell(row, state).value == "空闲")
    name = sheet.cell(row, headings.index("预留口编号") + 1).value
    sheet.cell(row, state).value = "已用"
    book.save(register)

    second = imported(folder, workspace=workspace)
    assert second["parent"] == first["version"] != second["version"]
    assert versions(workspace) == [first["version"], second["version"]]
    counted = said("diff", first["version"], second["version"], "--workspace", workspace, "--json").document[
        "layers"
    ]
    assert counted.pop("tapoffs") == {"added": 0, "changed": 1, "removed": 0}
    assert all(not any(counts.values()) for counts in counted.values())
    page = said("diff", first["version"], second["version"], "--workspace", workspace).out
    assert "预留口" in page and "修改 1" in page

    near = [
        "tapoffs",
        "--workspace",
        workspace,
        "--at",
        "117.02,36.66",
        "--count",
        200,
        "--within-m",
        5000,
        "--json",
    ]
    assert name not in {found["id"] for found in said(*near).document}
    assert name in {found["id"] for found in said(*near, "--status", "used").document}
    # The former version is still there to be asked.
    said(
        "export",
        "--workspace",
        workspace,
        "--version",
        first["version"],
        "--out",
        tmp_path / "old.gpkg",
        "--json",
    ).document


def test_what_the_sample_city_planted_is_found_and_mended(sample_sources, sample_workspace):
    planted = json.loads((sample_sources / "sample.json").read_text(encoding="utf-8"))["planted"]
    issues = said("issues", "--workspace", sample_workspace, "--json").document
    found = Counter((issue["kind"], issue["severity"]) for issue in issues)
    assert found["pipe-twice", "repaired"] >= planted["lines_listed_twice"] > 0
    assert found["tee-unsplit", "repaired"] >= planted["tees_not_split"] > 0
    assert found["dn-missing", "repaired"] == planted["diameter_missing"] > 0
    assert found["ends-apart", "repaired"] > 0
    assert not [issue for issue in issues if issue["severity"] == "error"]


# ---- real networks ---------------------------------------------------------------------------------------------


def counted_in(path):
    """Pipes, and the links that pumps and valves are, by the lines of the file's sections: no reader of ours."""
    counts, section = {}, ""
    for line in path.read_text(encoding="latin-1").splitlines():
        words = line.partition(";")[0].split()
        if words and words[0].startswith("["):
            section = words[0].upper()
        elif words:
            counts[section] = counts.get(section, 0) + 1
    return counts


@pytest.mark.real_data
def test_all_21_hungarian_zones_are_imported_with_every_pipe_in_its_place(shared_data, tmp_path):
    files = sorted((shared_data / "networks").glob("HU_*.inp"))
    assert len(files) == 21
    for path in files:
        answer = imported(path, workspace=tmp_path / path.stem, more=["--crs", "EPSG:23700"])
        inside = counted_in(path)
        assert answer["crs"] == "EPSG:23700", path.stem
        assert answer["counts"]["pipes"] == inside["[PIPES]"], path.stem
        assert answer["counts"]["nodes"] == inside["[JUNCTIONS]"] + inside.get(
            "[RESERVOIRS]", 0
        ) + inside.get("[TANKS]", 0)
        assert answer["counts"]["sources"] > 0 and answer["length_m"] > 0
        errors = [
            i
            for i in said("issues", "--workspace", tmp_path / path.stem, "--json").document
            if i["severity"] == "error"
        ]
        assert answer["issues"]["error"] == len(errors)


@pytest.mark.real_data
def test_modena_is_imported_and_checked_at_a_node(shared_data, tmp_path):
    path = shared_data / "networks" / "Modena.inp"
    answer = imported(path, workspace=tmp_path / "w")
    assert answer["counts"]["pipes"] == counted_in(path)["[PIPES]"]
    found = said("check", "--workspace", tmp_path / "w", "--node", "1", "--flow-lps", 2, "--json").document
    assert found["converged"] and found["pressure_after_m"] < found["pressure_before_m"]


@pytest.mark.real_data
def test_vitens_without_coordinates_is_checked_by_node_and_refuses_places(shared_data, tmp_path):
    (path,) = (shared_data / "networks").glob("Vitens*.inp")
    answer = imported(path, workspace=tmp_path / "w")
    inside = counted_in(path)
    assert answer["counts"]["pipes"] == inside["[PIPES]"] > 20_000
    assert answer["counts"]["valves"] == inside["[VALVES]"]
    kinds = {issue["kind"] for issue in said("issues", "--workspace", tmp_path / "w", "--json").document}
    assert "model-no-coordinates" in kinds
    node = next(
        line.split()[0]
        for line in _section(path, "[JUNCTIONS]")
        if len(line.split()) > 2 and float(line.split()[2]) > 0
    )
    found = said("check", "--workspace", tmp_path / "w", "--node", node, "--flow-lps", 1, "--json").document
    assert found["node"] == node and found["converged"]
    # Lowest pressure of a demand node, measured with EPANET 2.2 by the keeper of the data: 25 m.
    assert found["worst_node"]["pressure_before_m"] == pytest.approx(25, abs=1)
    said("check", "--workspace", tmp_path / "w", "--at", "5.1,52.1", "--flow-lps", 1).refused(2, "5.1")
    said("tapoffs", "--workspace", tmp_path / "w", "--at", "5.1,52.1").refused(2, "5.1")


def _section(path, name):
    inside = False
    for line in path.read_text(encoding="latin-1").splitlines():
        if line.startswith("["):
            inside = line.strip().upper() == name
        elif inside and line.strip() and not line.startswith(";"):
            yield line


@pytest.mark.real_data
def test_ky4_as_geojson_with_its_mapping_is_imported_and_can_be_asked(shared_data, tmp_path):
    folder = shared_data / "gis" / "ky4"
    files = [folder / f"ky4_{part}.geojson" for part in ("pipes", "junctions", "tanks", "reservoirs")]
    mapping = ["--mapping", MAPPINGS / "ky4.toml"]
    tried = imported(*files, workspace=tmp_path / "w", more=[*mapping, "--dry-run"])
    assert not (tmp_path / "w").exists() and tried["version"] is None
    answer = imported(*files, workspace=tmp_path / "w", more=mapping)
    assert answer["counts"] == tried["counts"]
    assert (
        answer["counts"]["pipes"] == len(json.loads(files[0].read_text(encoding="utf-8"))["features"]) == 1156
    )
    node = json.loads(files[1].read_text(encoding="utf-8"))["features"][50]["properties"]["name"]
    found = said("check", "--workspace", tmp_path / "w", "--node", node, "--flow-lps", 0.5, "--json").document
    assert found["node"] == node and isinstance(found["verdict"], str)


@pytest.mark.real_data
def test_a_model_and_its_place_are_kept_by_the_version(shared_data, tmp_path):
    """The version keeps the model file itself: the import of a copy elsewhere is the same version."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(shared_data / "networks" / "ky4.inp", elsewhere)
    one = imported(
        shared_data / "networks" / "ky4.inp", workspace=tmp_path / "a", more=["--crs", "EPSG:3089"]
    )
    two = imported(elsewhere / "ky4.inp", workspace=tmp_path / "b", more=["--crs", "EPSG:3089"])
    assert one["version"] == two["version"]
    assert one["version"] != imported(elsewhere / "ky4.inp", workspace=tmp_path / "c")["version"]
