"""Every answer carries the strict headers; foreign hosts and origins are not let in."""

import pytest

from tests.api.fakes import HOME

ANSWERS = [
    ("GET", "/"),
    ("GET", "/assets/main-1a2b.js"),
    ("GET", "/missing"),
    ("GET", "/api/v1/health"),
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/api/v1/style.json"),
    ("GET", "/api/v1/tiles/v-1/pipes/14/13517/6410.mvt"),
    ("GET", "/api/v1/site-card?at=1,1"),
    ("GET", "/api/v1/tapoffs"),
    ("DELETE", "/api/v1/schemes"),
    ("POST", "/api/v1/schemes"),
]


@pytest.mark.parametrize(("method", "path"), ANSWERS)
def test_every_answer_carries_the_strict_headers(client, method, path):
    headers = client.request(method, path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["object-src"] == "'none'"
    assert "http" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers.get_list("cache-control") == [headers["cache-control"]]


@pytest.mark.parametrize(("method", "path"), [case for case in ANSWERS if case[1].startswith("/api/")])
def test_network_data_is_kept_by_no_cache(client, method, path):
    assert client.request(method, path).headers["cache-control"] == "private, no-store"


def test_hashed_assets_may_be_kept_and_the_page_is_asked_for_again(client):
    assert "immutable" in client.get("/assets/main-1a2b.js").headers["cache-control"]
    assert client.get("/").headers["cache-control"] == "no-cache"
    assert "immutable" not in client.get("/assets/not-there.js").headers["cache-control"]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8420", "127.0.0.1.evil.example", "", "10.0.0.7:8420", "[::2]:8420"]
)
def test_a_call_under_another_name_is_refused(client, host):
    answer = client.get("/api/v1/health", headers={"Host": host})
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:tapwright:problem:host-refused"
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("host", ["localhost:8420", "127.0.0.1", "[::1]:8420", "LOCALHOST:1"])
def test_the_names_of_this_machine_are_known(client, host):
    assert client.get("/api/v1/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "http://127.0.0.1:9999", "http://localhost:8420", "https://evil"],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_change_asked_for_by_another_page_is_refused(client, bench, method, origin):
    before = len(bench.calls)
    answer = client.request(
        method, "/api/v1/checks", json={"node": "J", "flow_lps": 1}, headers={"Origin": origin}
    )
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:tapwright:problem:origin-refused"
    assert len(bench.calls) == before


def test_the_page_itself_and_programs_may_ask_for_changes(client):
    body = {"node": "J", "flow_lps": 1}
    assert client.post("/api/v1/checks", json=body, headers={"Origin": HOME}).status_code == 200
    assert client.post("/api/v1/checks", json=body).status_code == 200


def test_another_page_may_not_read_either(client):
    fetched = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert client.get("/api/v1/tiles/v-1/pipes/14/13517/6410.mvt", headers=fetched).status_code == 403
    assert client.get("/", headers=followed).status_code == 200


def test_a_body_beyond_the_limit_is_refused_unread(client):
    answer = client.post("/api/v1/schemes", content=b'{"name": "' + b"x" * 1_000_001 + b'"}')
    assert answer.status_code == 413
    assert answer.json()["type"] == "urn:tapwright:problem:body-too-large"


def test_a_body_of_unknown_length_is_refused(client):
    answer = client.post("/api/v1/schemes", content=iter([b"{}"]))
    assert answer.status_code == 411


def test_a_form_post_is_not_taken_for_a_request(client):
    # what a foreign page could send without asking the browser first
    answer = client.post("/api/v1/schemes", content=b'{"name": "x"}', headers={"Content-Type": "text/plain"})
    assert answer.status_code in (400, 415, 422)
