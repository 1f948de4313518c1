"""The permit forms: filled from the scheme, read back by another reader, the same bytes twice."""

import copy
import io
import zipfile

import docx
import pytest

from design.documents.forms.permit_forms import form_names, write_forms
from design.works.permits import plan_permits
from design.works.plan import RoadRun
from tests.design import scheme_builder as town
from tests.design.works_builder import RULES, TODAY, works


def scheme(*runs, trees=(), **changes):
    document = copy.deepcopy(town.scheme(**changes))
    job = works(*runs)
    permits = plan_permits(job, on=TODAY, rules=RULES, trees=trees)
    document["options"][0]["permits"] = [permit.doc() for permit in permits]
    return document


def texts(path):
    document = docx.Document(str(path))
    cells = [c.text for table in document.tables for row in table.rows for c in row.cells]
    return [p.text for p in document.paragraphs] + cells


QUIET = RoadRun("asphalt", 30.0, f"{town.RARE_NAME}路", "branch")


def test_each_permit_has_its_form_and_a_quiet_job_its_commitment(tmp_path):
    made = write_forms(scheme(QUIET), tmp_path)
    assert made == [
        "permits/road-opening.docx", "permits/road-occupation.docx", "permits/commitment.docx", "permits/road-notice.docx",
    ]  # fmt: skip
    assert set(made) <= set(form_names())
    assert all((tmp_path / name).is_file() for name in made)


def test_a_busy_road_has_no_commitment(tmp_path):
    made = write_forms(scheme(RoadRun("asphalt", 30.0, "经十路", "arterial")), tmp_path)
    assert "permits/commitment.docx" not in made


def test_a_form_names_roads_areas_days_papers_and_both_languages(tmp_path):
    write_forms(scheme(QUIET), tmp_path)
    found = texts(tmp_path / "permits" / "road-opening.docx")
    assert found[:2] == ["城市道路挖掘申请表", "Application to open a city road"]
    told = "\n".join(found)
    for expected in (QUIET.road_name, "支路", "沥青", "21.54", "5.00", "26.54", "共 3 个工作日", "3 working days", "☑", "☐",
                     "区级", "第三十三条"):  # fmt: skip
        assert expected in told, expected


def test_names_stay_text_and_rare_characters_survive(tmp_path):
    name = f"{town.RARE_NAME} {town.EVIL_MARKUP} {town.EVIL_FORMULA} a\x00b\ud800c"
    write_forms(scheme(QUIET, name=name), tmp_path)
    told = "\n".join(texts(tmp_path / "permits" / "road-opening.docx"))
    assert f"{town.RARE_NAME} {town.EVIL_MARKUP} {town.EVIL_FORMULA} abc" in told


def test_a_scheme_without_permits_has_no_forms(tmp_path):
    assert write_forms(scheme(RoadRun("soil", 10.0)), tmp_path) == []
    assert write_forms(town.scheme(options=[], feasible=False), tmp_path) == []
    assert not (tmp_path / "permits").exists()


@pytest.mark.parametrize("name", ["road-opening", "commitment", "road-notice"])
def test_the_same_scheme_gives_the_same_bytes(tmp_path, name):
    for folder in ("a", "b"):
        write_forms(scheme(QUIET), tmp_path / folder)
    first, second = ((tmp_path / folder / "permits" / f"{name}.docx").read_bytes() for folder in ("a", "b"))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.testzip() is None
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
