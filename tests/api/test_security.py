"""Security events: what reaches for files of others is refused and written down; an honest mistake is only refused."""

import json
import shutil
import zipfile

import pytest

from tests.api.command import said

VRT = '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'


@pytest.fixture
def workspace(sample_workspace, tmp_path):
    shutil.copytree(sample_workspace, tmp_path / "w")
    return tmp_path / "w"


def events(workspace):
    log = workspace / "security.jsonl"
    return (
        [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.is_file() else []
    )


def refused(workspace, *words, env=None):
    return said("import", *words, "--workspace", workspace, "--json", env=env or {}).refused(2)


def a_zip(folder, name):
    with zipfile.ZipFile(folder / "交付.zip", "w") as archive:
        archive.writestr(name, "a,b\n1,2\n")
    return folder / "交付.zip"


def test_an_archive_that_leads_out_of_its_folder_is_an_event(workspace, tmp_path):
    refused(workspace, a_zip(tmp_path, "../../x.csv"), env={"TAPWRIGHT_PERSON": "王工"})
    (event,) = events(workspace)
    assert (event["event"], event["by"], event["door"]) == ("unsafe-archive", "王工", "command")
    assert event["params"] == {"file": "交付.zip", "entry": "../../x.csv"}
    assert (workspace / "security.jsonl").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["供水管段.gpkg", "供水管段.shp", "供水管段.geojson"])
def test_a_pointer_under_the_name_of_data_is_an_event(workspace, tmp_path, name):
    (tmp_path / name).write_text(VRT, encoding="utf-8")
    refused(workspace, tmp_path / name)
    assert [event["event"] for event in events(workspace)] == ["disguised-pointer"]


def test_a_path_of_gdal_or_proj_is_an_event_wherever_it_is_given(workspace, sample_sources):
    refused(workspace, "/vsizip/other.zip/a.csv")
    refused(workspace, sample_sources, "--crs", "+proj=longlat +nadgrids=/etc/passwd")
    assert [event["event"] for event in events(workspace)] == ["path-elsewhere"] * 2


def test_an_honest_mistake_is_no_event(workspace, tmp_path):
    (tmp_path / "随便.csv").write_text("甲,乙\n1,2\n", encoding="utf-8")
    refused(workspace, tmp_path / "随便.csv")
    refused(workspace, tmp_path / "没有.csv")
    assert events(workspace) == []


def test_without_a_workspace_the_event_goes_to_the_named_file_and_nothing_else_is_made(tmp_path):
    log = tmp_path / "log" / "events.jsonl"
    log.parent.mkdir()
    refused(tmp_path / "none", a_zip(tmp_path, "C:\\x.csv"), env={"TAPWRIGHT_SECURITY_LOG": log})
    assert len(log.read_text(encoding="utf-8").splitlines()) == 1
    assert not (tmp_path / "none").exists()


def test_a_log_that_cannot_be_written_leaves_the_refusal_as_it_is(workspace, tmp_path):
    (workspace / "security.jsonl").mkdir()
    answer = refused(workspace, a_zip(tmp_path, "../x.csv"))
    assert "../x.csv" in answer.err
