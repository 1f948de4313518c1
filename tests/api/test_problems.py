"""Every error is a problem of one shape, in both languages, without a trace of the inside."""

import json

import pytest

PROBLEM_KEYS = {"type", "title", "title_en", "status", "detail", "detail_en"}


def is_problem(answer, status, code):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert PROBLEM_KEYS <= set(document)
    assert document["status"] == status
    assert document["type"] == f"urn:tapwright:problem:{code}"
    assert any("\u4e00" <= character <= "\u9fff" for character in document["detail"])
    assert document["detail_en"].isascii() or "，" not in document["detail_en"]
    assert "Traceback" not in answer.text
    assert "secret inner detail" not in answer.text
    return document


@pytest.mark.parametrize(
    "at", ["", "117", "117;36", "117,36,1", "lon,lat", "nan,36", "117,inf", "1e999,36", "117,36" + " " * 90]
)
@pytest.mark.parametrize("path", ["tapoffs", "site-card"])
def test_a_position_that_cannot_be_read_is_refused(client, path, at):
    answer = client.get(f"/api/v1/{path}", params={"at": at})
    is_problem(answer, 422, "request-invalid" if len(at) > 80 else "position")


def test_a_position_that_is_no_lonlat_is_the_workbenchs_to_refuse(client):
    is_problem(client.get("/api/v1/tapoffs", params={"at": "501000,4058000"}), 422, "not-lonlat")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({}, "/query/at"),
        ({"at": "1,2", "count": 0}, "/query/count"),
        ({"at": "1,2", "count": "many"}, "/query/count"),
        ({"at": "1,2", "within_m": -1}, "/query/within_m"),
        ({"at": "1,2", "within_m": "nan"}, "/query/within_m"),
        ({"at": "1,2", "status": "lost"}, "/query/status"),
    ],
)
def test_a_wrong_option_is_pointed_at(client, query, pointer):
    problem = is_problem(client.get("/api/v1/tapoffs", params=query), 422, "request-invalid")
    assert pointer in {entry["pointer"] for entry in problem["errors"]}
    assert pointer in problem["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {"flow_lps": "a lot", "node": "J"},
        {"flow_lps": -1, "node": "J"},
        {"node": "J"},
        {"flow_lps": 1, "node": "J", "flow_m3h": 3.6},
        {"flow_lps": 1, "at": [117.0]},
        [],
    ],
)
def test_a_check_of_the_wrong_shape_is_refused(client, body):
    problem = is_problem(client.post("/api/v1/checks", json=body), 422, "request-invalid")
    assert problem["errors"]


def send(client, path, text):
    return client.post(path, content=text.encode(), headers={"Content-Type": "application/json"})


@pytest.mark.parametrize("text", ["{", "", "{'a': 1}", '{"name": ' + "9" * 5000 + "}", "[" * 100_000])
def test_a_body_that_is_no_json_is_refused(client, text):
    answer = send(client, "/api/v1/schemes", text)
    document = answer.json()
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert PROBLEM_KEYS <= set(document)


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ('{"site": {"position": [NaN, 36.6]}}', "/site/position/0"),
        ('{"use": {"dwellings": Infinity}}', "/use/dwellings"),
        ('{"x": -1e999}', "/x"),
    ],
)
def test_nan_and_infinity_in_a_request_are_refused_with_their_place(client, text, pointer):
    problem = is_problem(send(client, "/api/v1/schemes", text), 422, "number-not-finite")
    assert pointer in problem["detail"]


def test_nan_in_a_check_is_refused(client):
    assert send(client, "/api/v1/checks", '{"node": "J", "flow_lps": NaN}').status_code == 422
    assert send(client, "/api/v1/checks", '{"at": [NaN, 1], "flow_lps": 1}').status_code == 422


def test_nan_in_renewal_parameters_is_refused(client):
    is_problem(send(client, "/api/v1/renewal/runs", '{"parameters": {"a": NaN}}'), 422, "number-not-finite")


def test_what_the_planner_refuses_is_the_callers_error(client):
    problem = is_problem(client.post("/api/v1/schemes", json={"name": "bad"}), 422, "flow")
    assert "-1" in problem["detail"]


def test_what_the_workspace_cannot_answer_is_503(client, monkeypatch, bench):
    from gis.errors import UnansweredError

    class TestError(UnansweredError):
        room = "api"

    def refuse(**_):
        raise TestError("jobs-unreadable", file="f", problem="p")

    monkeypatch.setattr(bench, "check", refuse)
    is_problem(client.post("/api/v1/checks", json={"node": "J", "flow_lps": 1}), 503, "jobs-unreadable")


@pytest.mark.parametrize("call", ["card", "scheme"])
def test_a_defect_is_only_a_number(client, call, caplog):
    if call == "card":
        answer = client.get("/api/v1/site-card", params={"at": "1,1"})
    else:
        answer = client.post("/api/v1/schemes", json={"name": "broken"})
    problem = is_problem(answer, 500, "incident")
    assert problem["incident"] in problem["detail"]
    assert any(problem["incident"] in record.getMessage() for record in caplog.records)
    assert "Error" not in json.dumps({k: v for k, v in problem.items() if k != "type"})


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/v1/schemes/none-such", "scheme-unknown"),
        ("/api/v1/schemes/none-such/files", "scheme-unknown"),
        ("/api/v1/schemes/none-such/files/scheme.pdf", "scheme-unknown"),
        ("/api/v1/jobs/none-such", "job-unknown"),
        ("/api/v1/tiles/v-0/pipes/14/1/1.mvt", "version-unknown"),
        ("/api/v1/tiles/v-1/pipes/2/9/9.mvt", "tile-out-of-range"),
        ("/api/v1/nothing-here", "route-unknown"),
        ("/nothing-here.js", "route-unknown"),
    ],
)
def test_what_does_not_exist_is_404(client, path, code):
    is_problem(client.get(path), 404, code)


def test_a_tile_layer_that_does_not_exist_is_404(client):
    assert client.get("/api/v1/tiles/v-1/treasure/14/1/1.mvt").status_code == 404


@pytest.mark.parametrize("tail", ["a/1/1.mvt", "14/1.5/1.mvt", "14/-1/1.mvt"])
def test_a_tile_address_that_is_no_number_is_refused(client, tail):
    assert client.get(f"/api/v1/tiles/v-1/pipes/{tail}").status_code in (404, 422)


def test_cancelling_a_job_that_does_not_exist_is_404(client):
    is_problem(client.delete("/api/v1/jobs/none-such"), 404, "job-unknown")


def test_a_method_an_address_does_not_know_is_405(client):
    answer = client.delete("/api/v1/schemes")
    is_problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"]


@pytest.mark.parametrize(
    "name",
    [
        "private.txt", "..%2F..%2Fstate.sqlite", "%2e%2e%2fscheme.json", "scheme.json%00.pdf",
        "%2Fetc%2Fpasswd", "SCHEME.PDF", "scheme.pdf/", "\\..\\scheme.json", "＇scheme.pdf",
    ],
)  # fmt: skip
def test_no_file_but_the_eight_can_be_fetched(client, name):
    client.post("/api/v1/schemes", json={"name": "guarded"})
    answer = client.get(f"/api/v1/schemes/S-guarded/files/{name}", follow_redirects=False)
    assert answer.status_code in (404, 307)
    assert b"not for the world" not in answer.content
    assert b"root:" not in answer.content


@pytest.mark.parametrize("name", ["result.json", "../../state.sqlite", "..%2F..%2Fserver.json", ".hidden"])
def test_no_file_but_those_of_the_run_can_be_fetched(client, name):
    assert client.get(f"/api/v1/renewal/files/{name}").status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"decision": "defer"}, "decision-reason"),
        ({"decision": "dismiss", "reason": "   "}, "decision-reason"),
        ({"decision": "defer", "reason": "r", "until": "soon"}, "renewal-decision-until"),
        ({"decision": "defer", "reason": "r"}, "renewal-decision-until"),
        ({"decision": "pin", "status": "lost"}, "renewal-stage-unknown"),
        ({"decision": "pin", "status": "evaluated"}, "renewal-stage"),
        ({"decision": "burn"}, "request-invalid"),
        ({"decision": "pin", "status": "s" * 41}, "request-invalid"),
        ({"decision": "pin", "reason": "r" * 501}, "request-invalid"),
        ({"decision": "pin", "who": "me"}, "request-invalid"),
        ({}, "request-invalid"),
    ],
)
def test_a_decision_that_says_too_little_is_refused(client, body, code):
    path = "/api/v1/renewal/candidates/P1/decision"
    before = client.get(path).json()
    is_problem(client.put(path, json=body), 422, code)
    assert client.get(path).json() == before


def test_a_decision_on_a_pipe_that_does_not_exist_is_404(client):
    is_problem(
        client.put("/api/v1/renewal/candidates/P999/decision", json={"decision": "pin"}), 404, "pipe-unknown"
    )
