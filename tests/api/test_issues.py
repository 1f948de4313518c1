"""Issues over HTTP: the same ones the command line lists, counted by kind, in pages, and as marks on the map."""

import shutil

import mapbox_vector_tile
import pytest

from api.network.imports import list_issues
from api.network.versions import list_versions
from tests.api.fakes import FakeBench, serving


@pytest.fixture(scope="module")
def town(sample_workspace, tmp_path_factory):
    workspace = tmp_path_factory.mktemp("issues") / "w"
    shutil.copytree(sample_workspace, workspace)
    return workspace


@pytest.fixture(scope="module")
def version(town):
    return list_versions(town)[-1]["version"]


@pytest.fixture(scope="module")
def asked(town, version):
    with serving(town, FakeBench()) as client:
        yield lambda path="", **params: client.get(f"/api/v1/versions/{version}/issues{path}", params=params)


def test_kinds_are_counted_and_named_in_both_languages(asked, town):
    answer = asked("/kinds").json()
    listed = list_issues(town)
    assert answer["total"] == len(listed)
    for kind in answer["kinds"]:
        same = [one for one in listed if (one["kind"], one["severity"]) == (kind["kind"], kind["severity"])]
        assert kind["count"] == len(same)
        assert kind["name"] != kind["name_en"]


def test_pages_give_every_issue_once(asked, town):
    ids = []
    while True:
        page = asked(offset=len(ids), limit=7).json()
        ids += [issue["id"] for issue in page["issues"]]
        if len(ids) >= page["total"]:
            break
    assert sorted(ids) == sorted(issue["id"] for issue in list_issues(town))


def test_a_page_can_be_of_one_kind(asked):
    kind = asked("/kinds").json()["kinds"][0]
    page = asked(kind=kind["kind"], severity=kind["severity"], limit=500).json()
    assert page["total"] == kind["count"]
    assert {issue["kind"] for issue in page["issues"]} == {kind["kind"]}


def test_one_issue_tells_what_was_done_in_both_languages(asked, town):
    listed = next(one for one in list_issues(town) if one["repair"])
    issue = asked(f"/{listed['id']}").json()
    assert {key: issue[key] for key in ("message", "message_en", "repair", "position")} == {
        key: listed[key] for key in ("message", "message_en", "repair", "position")
    }
    assert issue["repair_en"]


def test_marks_hold_every_issue_that_has_a_place(asked, town):
    tile = mapbox_vector_tile.decode(asked("/tiles/0/0/0.mvt").content)
    marked = sum(v for f in tile["issues"]["features"] for k, v in f["properties"].items() if k != "id")
    assert marked == sum(issue["position"] is not None for issue in list_issues(town))


def test_a_tile_the_browser_has_is_not_sent_again(town, version):
    with serving(town, FakeBench()) as client:
        path = f"/api/v1/versions/{version}/issues/tiles/0/0/0.mvt"
        tag = client.get(path).headers["etag"]
        again = client.get(path, headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/nothing-of-this-id", "/tiles/3/9/0.mvt"])
def test_what_is_not_there_is_404(asked, path):
    assert asked(path).status_code == 404


def test_a_version_that_is_not_there_is_a_problem_in_words(town):
    with serving(town, FakeBench()) as client:
        problem = client.get("/api/v1/versions/v000000000000/issues/kinds").json()
    assert problem["type"].endswith("version-unknown")
    assert problem["detail"] != problem["detail_en"]
