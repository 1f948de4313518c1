"""`tapwright export --format`: what a user gets in each format, and that it goes in again."""

import pytest

from tests.api.command import said


@pytest.mark.parametrize(
    ("form", "out"), [("survey", "成果"), ("shp", "图层"), (None, "管网.dxf"), (None, "管网.gdb")]
)
def test_what_is_exported_can_be_imported_with_the_same_counts(sample_workspace, tmp_path, form, out):
    more = ["--format", form] if form else []
    told = said("export", "--workspace", sample_workspace, "--out", tmp_path / out, *more, "--json").document
    assert told["format"] == (form or out[-3:])
    again = said("import", tmp_path / out, "--workspace", tmp_path / "w", "--dry-run", "--json").document
    for layer in ("pipes", "nodes", "valves", "hydrants", "tapoffs", "customers", "sources"):
        assert again["counts"][layer] == told["counts"][layer], layer
    assert again["crs"] == "EPSG:4548"
    assert again["synthetic"] == (form in {"survey", "shp"})


def test_what_survey_tables_have_no_place_for_is_named(sample_workspace, tmp_path):
    told = said(
        "export", "--workspace", sample_workspace, "--format", "survey", "--out", tmp_path / "x", "--json"
    ).document
    assert set(told["left_out"]) >= {"streets", "parcels", "buildings", "utilities"}
    assert (
        "未导出的图层"
        in said("export", "--workspace", sample_workspace, "--format", "survey", "--out", tmp_path / "y").out
    )


def test_a_second_export_replaces_the_first_and_leaves_nothing_stale(sample_workspace, tmp_path):
    folder = tmp_path / "x"
    folder.mkdir()
    for part in (".shp", ".shx", ".dbf"):
        (folder / f"测压点{part}").write_bytes(b"old")
    (folder / "老旧小区改造.shp").write_bytes(b"old")
    (folder / "别人的.txt").write_text("x", encoding="utf-8")
    told = said(
        "export", "--workspace", sample_workspace, "--format", "shp", "--out", folder, "--json"
    ).document
    assert (folder / "老旧小区改造.shp").exists() == ("renovations" in told["counts"])
    assert (folder / "测压点.shp").stat().st_size > 3
    assert (folder / "别人的.txt").read_text(encoding="utf-8") == "x"
    for _ in range(2):
        said("export", "--workspace", sample_workspace, "--out", tmp_path / "x.gdb", "--json").document  # noqa: B018


def test_a_place_that_is_taken_by_something_else_is_refused_and_left_alone(sample_workspace, tmp_path):
    (tmp_path / "x.gdb").mkdir()
    (tmp_path / "x.gdb" / "mine.txt").write_text("x", encoding="utf-8")
    said("export", "--workspace", sample_workspace, "--out", tmp_path / "x.gdb").refused(2, "x.gdb")
    assert [file.name for file in (tmp_path / "x.gdb").iterdir()] == ["mine.txt"]
    said("export", "--workspace", sample_workspace, "--format", "gdb", "--out", tmp_path / "x").refused(
        2, ".gdb"
    )
    said(
        "export", "--workspace", sample_workspace, "--format", "dxf", "--out", tmp_path / "no" / "x.dxf"
    ).refused(2, "no")
