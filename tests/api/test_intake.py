"""The import page's door: files come in safely, are understood, corrected, checked and imported; nothing goes back out."""

import json
import shutil
import zipfile

import pytest

from api.network.imports import import_into
from api.intake.toml_text import document_of, text_of
from api.network.versions import list_versions
from gis.intake.mapping import load_mapping
from tests.api.fakes import FakeBench, serving, until

CSV = (
    "编号,口径,材质,长度,起点,终点,X1,Y1,X2,Y2\n"
    "G1,300,球墨铸铁,100,A,B,501000,4058000,501100,4058000\n"
    "G2,DN200,竹管,80,B,C,501100,4058000,501180,4058000\n"
    "G3,约一百,PE,60,C,D,501180,4058000,501240,4058000\n"
)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("intake") / "w"


@pytest.fixture(scope="module")
def client(place):
    place.mkdir()
    with serving(place, FakeBench()) as client:
        yield client


def begun(client):
    answer = client.post("/api/v1/imports", json={})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


@pytest.fixture
def draft(client):
    return Caller(client, begun(client))


class Caller:
    """Calls about one draft."""

    def __init__(self, client, draft_id):
        self.client, self.id, self.path = client, draft_id, f"/api/v1/imports/{draft_id}"

    def bring(self, name, content):
        content = content.encode() if isinstance(content, str) else content
        return self.client.put(f"{self.path}/files/{name}", content=content)

    def document(self):
        return self.client.get(self.path).json()

    def mapped(self, document):
        return self.client.put(f"{self.path}/mapping", json={"document": document})

    def preview(self):
        return self.client.post(f"{self.path}/preview", json={})

    def run(self, task, **body):
        """Run a task to its end; the finished job."""
        job = self.client.post(f"{self.path}/{task}", json=body).json()

        def ended():
            now = self.client.get(f"/api/v1/jobs/{job['id']}").json()
            return now if now["state"] not in ("queued", "running") else None

        return until(ended, within_s=60.0)

    def part(self, name):
        return self.client.get(f"{self.path}/{name}").json()


MAPPING = {
    "format": 1, "crs": "EPSG:4548",
    "layer": [{
        "layer": "pipes", "file": "管段.csv", "table": "管段", "x": "X1", "y": "Y1", "end_x": "X2", "end_y": "Y2",
        "fields": {"pipe_id": "编号", "dn": {"column": "口径", "unit": "mm"}, "material": "材质", "length_m": "长度"},
    }],
}  # fmt: skip


def test_a_draft_takes_files_under_their_names_and_lets_them_go(draft, place):
    assert draft.bring("管段.csv", CSV).status_code == 200
    assert draft.bring("城东.gdb/a00000001.gdbtable", b"x").status_code == 200
    assert [file["name"] for file in draft.document()["files"]] == ["城东.gdb/a00000001.gdbtable", "管段.csv"]
    assert draft.client.delete(f"{draft.path}/files/管段.csv").json()["files"][0]["bytes"] == 1
    assert draft.client.delete(draft.path).status_code == 204
    assert not (place / "uploads" / draft.id).exists()
    assert draft.client.get(draft.path).status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "..%2F..%2Fetc.csv", "%2Fetc%2Fpasswd.csv", "a%5Cb.csv", ".hidden.csv", "con.csv", "x.gdb%2F..%2Fy.csv", "a%00.csv",
        "folder%2Fa.csv", "%20.csv", "a%0Ab.csv", "C%3Ax.csv", "字" * 80 + ".csv",
    ],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused_and_nothing_is_written(draft, place, name):
    answer = draft.client.put(f"{draft.path}/files/{name}", content=b"a,b\n1,2\n")
    assert answer.status_code in (404, 422)
    if answer.status_code == 422:
        assert answer.json()["type"].endswith("upload-name")
    left = [path for path in (place / "uploads" / draft.id).rglob("*") if path.is_file()]
    assert [path.name for path in left] == ["draft.json"]


def test_what_is_no_source_is_refused_with_the_kinds_that_are(draft):
    for name in ("page.html", "run.exe", "plan.dwg", "picture.svg"):
        problem = draft.bring(name, b"x").json()
        assert (problem["status"], problem["type"].rpartition(":")[2]) == (422, "upload-kind")
        assert "dxf" in problem["detail"]


def test_an_upload_beyond_the_limit_is_refused_before_it_is_read(client, draft, monkeypatch):
    from dataclasses import replace

    from api.intake import drafts
    from api.intake.limits import load_upload_limits

    small = replace(load_upload_limits(), most_file_bytes=1000, most_draft_bytes=1500)
    monkeypatch.setattr(drafts, "load_upload_limits", lambda: small)
    assert draft.bring("a.csv", b"x" * 900).status_code == 200
    problem = draft.bring("b.csv", b"x" * 900).json()
    assert (problem["status"], problem["type"].rpartition(":")[2]) == (413, "upload-too-large")
    assert draft.bring("a.csv", b"x" * 950).status_code == 200, "a file of the same name takes its place"


def test_other_bodies_stay_small(client, draft):
    answer = client.put(f"{draft.path}/mapping", content=b"{" + b" " * 1_000_001)
    assert answer.status_code == 413


def test_no_address_gives_an_uploaded_file_back(draft):
    draft.bring("a.json", '{"type":"FeatureCollection","features":[]}')
    for path in (
        f"{draft.path}/files/a.json",
        f"{draft.path}/sources/a.json",
        f"/uploads/{draft.id}/sources/a.json",
    ):
        answer = draft.client.get(path)
        assert answer.status_code in (404, 405)
        assert "FeatureCollection" not in answer.text


def test_a_table_is_suggested_looked_at_corrected_checked_and_imported(draft, place):
    draft.bring("管段.csv", CSV)
    assert draft.run("suggest")["state"] == "done"
    suggestion = draft.part("suggestion")
    (table,) = suggestion["tables"]
    assert (table["file"], table["rows"], table["layer"]) == ("管段.csv", 3, "pipes")
    (head,) = suggestion["heads"]
    assert head["columns"][:3] == ["编号", "口径", "材质"]
    assert head["rows"][2]["values"][1] == "约一百"

    assert draft.mapped(MAPPING).status_code == 200
    look = draft.preview().json()
    (seen,) = look["tables"]
    assert [row["dn"] for row in seen["rows"]] == [300, 200, None]
    assert {(d["row"], d["kind"]) for d in seen["doubts"]} >= {(head["rows"][1]["row"], "code-unknown")}
    assert (look["crs"], look["drawn"]) == ("EPSG:4548", 3)
    assert "117" in look["crs_name"]

    corrected = json.loads(json.dumps(MAPPING))
    corrected["layer"][0]["fields"]["material"] = {"column": "材质", "codes": {"竹管": "PVC"}}
    draft.mapped(corrected)
    (seen,) = draft.preview().json()["tables"]
    assert [row["material"] for row in seen["rows"]] == ["DI", "PVC", "PE"]
    assert not any(d["kind"] == "code-unknown" for d in seen["doubts"])

    assert draft.run("check")["state"] == "done"
    check = draft.part("check")
    assert check["counts"]["pipes"] == 3
    assert check["against"] is None
    assert {kind["kind"] for kind in check["kinds"]} >= {"no-sources", "dn-missing"}

    assert draft.run("publish", by="李工")["result"] == draft.path
    result = draft.part("result")
    (listed,) = list_versions(place)
    assert (listed["version"], listed["source"], listed["current"]) == (result["version"], "管段.csv", True)
    assert result["version"] == check["version"], "what was checked is what was imported"


def test_a_second_delivery_tells_what_would_change_and_much_lost_waits_for_another(draft, place):
    few = "\n".join(CSV.replace("G1,300", "G1,400").splitlines()[:2]) + "\n"
    draft.bring("管段.csv", few)
    draft.mapped(MAPPING)
    draft.run("check")
    against = draft.part("check")["against"]
    assert against["layers"]["pipes"] == {"added": 0, "changed": 1, "removed": 2}
    assert against["features"]["features"][0]["properties"]["layer"] == "pipes"
    assert [r["removed"] for r in against["removals"] if r["layer"] == "pipes"] == [2]


def test_a_model_goes_straight_to_the_check(draft):
    inp = "[JUNCTIONS]\nJ1 10 5\n[RESERVOIRS]\nR1 50\n[PIPES]\nP1 R1 J1 100 200 130 0 Open\n[COORDINATES]\nJ1 117.02 36.66\nR1 117.03 36.66\n[OPTIONS]\nUnits LPS\nHeadloss H-W\n[END]\n"
    draft.bring("small.inp", inp)
    draft.run("suggest")
    assert draft.part("suggestion")["kind"] == "model"
    assert draft.run("check")["state"] == "done"
    assert draft.part("check")["counts"]["pipes"] == 1


def test_a_file_that_cannot_be_read_says_why_and_the_version_stays(draft, place):
    before = [v["version"] for v in list_versions(place)]
    draft.bring("broken.zip", b"PK\x03\x04 nothing")
    job = draft.run("check")
    assert job["state"] == "failed"
    assert job["problem"]["status"] == 422
    assert "broken.zip" in job["problem"]["detail"]
    assert [v["version"] for v in list_versions(place)] == before


def test_a_zip_slip_is_refused_as_a_whole(draft, place, tmp_path):
    with zipfile.ZipFile(tmp_path / "slip.zip", "w") as archive:
        archive.writestr("../../evil.csv", "a,b\n1,2\n")
    draft.bring("slip.zip", (tmp_path / "slip.zip").read_bytes())
    assert draft.run("suggest")["problem"]["type"].endswith("archive-entry-unsafe")
    (event,) = [
        json.loads(line) for line in (place / "security.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert (event["event"], event["door"], event["params"]["file"]) == ("unsafe-archive", "http", "slip.zip")


def test_nothing_is_changed_while_a_draft_is_read_and_work_can_be_cancelled(client, draft, sample_sources):
    for file in sorted(sample_sources.iterdir()):
        draft.bring(file.name, file.read_bytes())
    job = client.post(f"{draft.path}/check", json={}).json()
    assert draft.bring("more.csv", CSV).status_code == 409
    client.delete(f"/api/v1/jobs/{job['id']}")
    until(lambda: client.get(f"/api/v1/jobs/{job['id']}").json()["state"] == "cancelled")
    assert client.get(f"{draft.path}/check").status_code == 404
    assert until(lambda: draft.bring("more.csv", CSV).status_code == 200)


def test_the_sample_city_comes_in_by_the_page_as_by_the_command(draft, sample_sources, tmp_path):
    for file in sorted(sample_sources.iterdir()):
        draft.bring(file.name, file.read_bytes())
    draft.run("check")
    check = draft.part("check")
    told = import_into(tmp_path / "other", [sample_sources])
    assert check["version"] == told["version"]
    assert check["synthetic"] is True


def test_mappings_are_kept_by_name_and_taken_again(client, draft):
    assert client.put("/api/v1/mappings/城东普查", json={"document": MAPPING}).json()[0]["name"] == "城东普查"
    again = client.put(f"{draft.path}/mapping", json={"name": "城东普查"})
    assert again.json()["mapping"] == MAPPING
    assert client.put("/api/v1/mappings/..%2Fx", json={"document": MAPPING}).status_code in (404, 422)
    assert (
        client.put(f"{draft.path}/mapping", json={"toml": "layer = ["})
        .json()["type"]
        .endswith("mapping-text")
    )
    file = client.get(f"{draft.path}/mapping.toml")
    assert file.headers["content-disposition"].startswith("attachment")
    assert document_of(file.text) == MAPPING


def test_a_mapping_says_the_same_as_text_and_as_document(tmp_path):
    document = {
        **json.loads(json.dumps(MAPPING)), "encoding": "GB18030", "repair": {"snap_m": 0.5, "rules": {"crossing": "join"}},
        "control": {"crs": "EPSG:4548", "points": {"K\"1": [501000.5, 4058000]}},
    }  # fmt: skip
    document["layer"][0]["where"] = {"状态 码": ["1", "2"]}
    text = text_of(document)
    assert document_of(text) == document
    file = tmp_path / "m.toml"
    file.write_text(text, encoding="utf-8")
    assert load_mapping(file).rules[0].fields["dn"].unit == "mm"


def test_the_dictionary_offers_every_layer_with_units_and_codes(client):
    known = client.get("/api/v1/imports/dictionary").json()
    pipes = next(layer for layer in known["layers"] if layer["name"] == "pipes")
    by_name = {attribute["name"]: attribute for attribute in pipes["attributes"]}
    assert by_name["dn"]["units"] == ["mm", "in", "m"]
    assert by_name["material"]["codes"]["DI"] == ["球墨铸铁", "Ductile iron"]
    assert known["limits"]["files"] > 100


def test_a_reading_process_that_dies_is_told_and_the_next_question_is_answered(client, draft):
    draft.bring("管段.csv", CSV)
    draft.mapped(MAPPING)
    worker = client.app.state.front.office().intake.workers.of(draft.id)
    assert draft.preview().status_code == 200, draft.preview().text
    worker._process.kill()
    answers = [draft.preview().status_code, draft.preview().status_code]
    assert answers[-1] == 200


def test_old_drafts_go_when_there_are_too_many(client, place, monkeypatch):
    from dataclasses import replace

    from api.intake import drafts
    from api.intake.limits import load_upload_limits

    few = replace(load_upload_limits(), most_drafts=3)
    monkeypatch.setattr(drafts, "load_upload_limits", lambda: few)
    for _ in range(5):
        last = begun(client)
    kept = [folder.name for folder in (place / "uploads").iterdir()]
    assert len(kept) == 3
    assert last in kept
    shutil.rmtree(place / "uploads")
