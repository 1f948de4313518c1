"""What people made is there again when the workspace is opened the next day."""

import sqlite3

import pytest

from api.errors import StateError
from api.store.state import open_state
from tests.api.fakes import FakeBench, finished, serving


def test_schemes_lists_and_decisions_are_there_again(tmp_path):
    bench = FakeBench()
    with serving(tmp_path, bench) as client:
        client.post("/api/v1/schemes", json={"name": "kept"})
        job = client.post("/api/v1/renewal/runs", json={}).json()
        finished(client, job["id"])
        client.put("/api/v1/renewal/candidates/P1/decision", json={"decision": "pin"})
    assert bench.closed

    with serving(tmp_path) as client:
        assert client.get("/api/v1/schemes").json()[0]["id"] == "S-kept"
        assert client.get("/api/v1/schemes/S-kept/files/scheme.pdf").status_code == 200
        assert client.get("/api/v1/renewal").json()["decisions"]["P1"]["decision"] == "pin"
        again = client.get(f"/api/v1/jobs/{job['id']}").json()
        assert (again["state"], again["result"], again["kind"]) == ("done", "/api/v1/renewal", "renewal")


def test_before_the_first_run_the_list_is_empty(tmp_path):
    with serving(tmp_path) as client:
        assert client.get("/api/v1/renewal").json() == {
            "run": None,
            "document": {"candidates": []},
            "decisions": {},
        }
        assert client.get("/api/v1/renewal/files/renewal.xlsx").status_code == 404
        assert client.get("/api/v1/schemes").json() == []


def test_without_a_built_page_the_api_still_answers(tmp_path):
    with serving(tmp_path) as client:
        assert client.get("/api/v1/health").status_code == 200
        page = client.get("/")
        assert page.status_code == 503
        assert page.json()["type"] == "urn:tapwright:problem:page-missing"


def test_the_state_of_another_release_is_refused_and_left_alone(tmp_path):
    file = tmp_path / "state.sqlite"
    with sqlite3.connect(file) as other:
        other.execute("PRAGMA user_version = 99")
        other.execute("CREATE TABLE theirs (x)")
    other.close()
    with pytest.raises(StateError) as refusal:
        open_state(tmp_path)
    assert (refusal.value.code, refusal.value.params["found"]) == ("state-version", 99)
    with sqlite3.connect(file) as other:
        assert [name for (name,) in other.execute("SELECT name FROM sqlite_master")] == ["theirs"]
    other.close()


def test_a_state_that_is_no_database_is_refused_in_words(tmp_path):
    (tmp_path / "state.sqlite").write_bytes(b"this is not a database" * 100)
    with pytest.raises(StateError) as refusal:
        open_state(tmp_path)
    assert refusal.value.code == "state-unreadable"


def test_the_state_is_kept_in_wal_mode(tmp_path):
    state = open_state(tmp_path)
    with state.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    state.close()


def test_two_can_write_decisions_at_once(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    from api.store.decisions import Decision

    one, other = open_state(tmp_path), open_state(tmp_path)

    def decide(k):
        state = one if k % 2 else other
        state.decisions.add(Decision(f"P{k % 5}", "pin", str(k), None, None, "local", "2026-11-21", "v-1"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(decide, range(60)))
    histories = [one.decisions.history(f"P{k}") for k in range(5)]
    assert sorted(int(d.reason) for history in histories for d in history) == list(range(60))
    current = one.decisions.current()
    assert [current[f"P{k}"] for k in range(5)] == [history[0] for history in histories]
    one.close()
    other.close()
