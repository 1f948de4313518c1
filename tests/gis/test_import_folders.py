"""Folders as they are handed over: everything that holds data is read or named, and nothing of it in silence."""

import shutil
import zipfile

import ezdxf
import pytest

from api.network.imports import read_candidate
from gis.errors import GisInputError
from gis.importing import import_sources
from gis.intake.suggest import suggest_mapping
from gis.messages import both_languages
from gis.progress import SILENT
from tests.gis.survey_tables import survey

INP = (
    "[JUNCTIONS]\nA 0 1\n[RESERVOIRS]\nR 50\n[PIPES]\nP R A 100 300 100\n[COORDINATES]\nA 100 0\nR 0 0\n"
    "[OPTIONS]\nUnits LPS\nHeadloss H-W\n[END]\n"
)


@pytest.fixture
def folder(tmp_path):
    """A folder with a survey of five lines."""
    found = tmp_path / "交付"
    found.mkdir()
    survey(found)
    return found


def read(*paths):
    return import_sources(list(paths), crs="EPSG:4548")


def left_out(candidate):
    return {issue.kind: issue.subject for issue in candidate.issues if issue.kind.startswith("left-out")}


def zipped(file, *content):
    with zipfile.ZipFile(file, "w") as archive:
        for path in content:
            archive.write(path, path.name)
    return file


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("旧图/管网.dwg", "left-out-drawing"), ("底图.dgn", "left-out-drawing"), ("成果.rar", "left-out-archive"), ("成果.7z", "left-out-archive"),
        ("点.kml", "left-out-kml"), ("点.kmz", "left-out-kml"), ("成果.mdb", "left-out-access"), ("管线.tab", "left-out-format"),
        ("模型.inp", "left-out-model"),
    ],
)  # fmt: skip
def test_a_file_of_data_that_is_not_read_is_named_with_its_way_out(folder, name, kind):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"AC1032" + bytes(60))
    candidate = read(folder)
    assert len(candidate.layers["pipes"]) == 5
    assert left_out(candidate) == {kind: name}
    (issue,) = (issue for issue in candidate.issues if issue.kind == kind)
    assert name in issue.message("zh") and name in issue.message("en")


def test_papers_and_sidecars_are_not_worth_a_word(folder):
    for name in (
        "说明.pdf",
        "照片.jpg",
        "Thumbs.db",
        "~$成果.xlsx",
        ".DS_Store",
        "样式.qml",
        "sample.json",
        "读我.txt",
    ):
        (folder / name).write_bytes(b"{}")
    candidate = read(folder)
    assert not left_out(candidate)
    assert len(candidate.layers["pipes"]) == 5


def test_a_drawing_of_nothing_in_a_folder_does_not_refuse_the_rest(folder):
    ezdxf.new("R2010").saveas(folder / "空.dxf")
    (folder / "假.dxf").write_bytes(b"AC1032" + bytes(60))
    assert left_out(read(folder)) == {"left-out-empty-drawing": "空.dxf", "left-out-drawing": "假.dxf"}


def test_given_by_itself_the_same_drawing_is_refused(tmp_path):
    ezdxf.new("R2010").saveas(tmp_path / "空.dxf")
    with pytest.raises(GisInputError) as refused:
        read(tmp_path / "空.dxf")
    assert refused.value.code == "drawing-empty"


def test_a_zip_beside_data_is_named_and_one_alone_is_read(folder, tmp_path):
    zipped(folder / "成果.zip", folder / "成果.xlsx")
    candidate = read(folder)
    assert left_out(candidate) == {"left-out-archive": "成果.zip"}
    assert len(candidate.layers["pipes"]) == 5
    alone = tmp_path / "只有压缩包"
    alone.mkdir()
    shutil.move(folder / "成果.zip", alone / "成果.zip")
    assert len(read(alone).layers["pipes"]) == 5


def test_an_unsafe_zip_in_a_folder_of_zips_refuses_all(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("../../evil.csv", "x")
    with pytest.raises(GisInputError) as refused:
        read(tmp_path)
    assert refused.value.code == "archive-entry-unsafe"


def test_a_folder_with_nothing_to_read_says_what_lies_there(tmp_path):
    (tmp_path / "管网.dwg").write_bytes(b"AC1032" + bytes(60))
    (tmp_path / "成果.mdb").write_bytes(b"x")
    with pytest.raises(GisInputError) as refused:
        read(tmp_path)
    assert refused.value.code == "source-folder-unread"
    assert "管网.dwg" in both_languages(refused.value) and "成果.mdb" in both_languages(refused.value)


def test_kml_by_itself_is_refused_with_the_way(tmp_path):
    file = tmp_path / "a.kml"
    file.write_text(
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><kml>&e;</kml>',
        encoding="utf-8",
    )
    with pytest.raises(GisInputError) as refused:
        read(file)
    assert refused.value.code == "source-kml"


@pytest.mark.parametrize("packed", [False, True])
def test_a_model_beside_gis_data_is_named_and_the_data_taken(folder, tmp_path, packed):
    (folder / "模型.inp").write_text(INP, encoding="utf-8")
    source = zipped(tmp_path / "a.zip", folder / "模型.inp", folder / "成果.xlsx") if packed else folder
    candidate = read_candidate([source], mapping=None, crs="EPSG:4548", progress=SILENT)
    assert len(candidate.layers["pipes"]) == 5
    assert left_out(candidate) == {"left-out-model": "模型.inp"}


def test_a_folder_with_only_a_model_is_that_model(tmp_path):
    (tmp_path / "模型.inp").write_text(INP, encoding="utf-8")
    candidate = read_candidate([tmp_path], mapping=None, crs=None, progress=SILENT)
    assert candidate.layers["pipes"]["pipe_id"].tolist() == ["P"]


def test_the_suggestion_lists_what_is_left_out_too(folder):
    (folder / "管网.dwg").write_bytes(b"AC1032" + bytes(60))
    suggestion = suggest_mapping([folder])
    (table,) = [table for table in suggestion.tables if table.ref.kind == "left-out"]
    assert "DXF" in table.reasons[0].render("zh")
    assert "管网.dwg" in suggestion.to_toml()


def test_every_file_named_by_a_shell_is_the_same_import_as_the_folder(sample_sources):
    named = import_sources(sorted(sample_sources.iterdir()))
    assert named.layers["pipes"].equals(import_sources([sample_sources]).layers["pipes"])
    assert named.synthetic and ".dbf" not in named.source and "SYNTHETIC" not in named.source
    assert named.crs == import_sources([sample_sources]).crs


def test_a_part_of_a_shapefile_by_itself_is_still_refused(sample_sources):
    part = next(sample_sources.glob("*.dbf"))
    with pytest.raises(GisInputError):
        import_sources([part])
