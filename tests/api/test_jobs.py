"""Jobs wait, report, are cancelled, and go on where another desk left them."""

import pytest

from tests.api.fakes import FakeBench, finished, serving, until


@pytest.fixture
def slow(bench):
    """The next slow work stays in its loop until the test lets it go on."""
    bench.go_on.clear()
    bench.begun.clear()
    yield bench
    bench.go_on.set()


def test_a_cancelled_job_stops_and_leaves_nothing(client, slow, workspace):
    job = client.post("/api/v1/schemes", json={"name": "slow"}, headers={"Prefer": "respond-async"}).json()
    assert slow.begun.wait(10)
    cancelled = client.delete(f"/api/v1/jobs/{job['id']}").json()
    assert cancelled["state"] == "cancelled"
    assert cancelled["problem"]["type"] == "urn:tapwright:problem:job-cancelled"
    assert client.get(f"/api/v1/jobs/{job['id']}").json()["state"] == "cancelled"
    assert not (workspace / "schemes" / job["id"]).exists()
    assert client.get("/api/v1/schemes/S-slow").status_code == 404


def test_cancelling_what_has_ended_changes_nothing(client):
    answer = client.post(
        "/api/v1/schemes", json={"name": "quick"}, headers={"Prefer": "respond-async"}
    ).json()
    done = finished(client, answer["id"])
    assert client.delete(f"/api/v1/jobs/{done['id']}").json() == done


def test_a_job_that_failed_says_why(client):
    answer = client.post("/api/v1/schemes", json={"name": "bad"}, headers={"Prefer": "respond-async"}).json()
    failed = finished(client, answer["id"])
    assert failed["state"] == "failed"
    assert failed["result"] is None
    assert failed["problem"]["type"] == "urn:tapwright:problem:flow"


def test_renewal_runs_take_their_turn(client, slow):
    first = client.post("/api/v1/renewal/runs", json={"parameters": {"slow": True}}).json()
    assert slow.begun.wait(10)
    second = client.post("/api/v1/renewal/runs", json={}).json()
    assert client.get(f"/api/v1/jobs/{second['id']}").json()["state"] == "queued"
    slow.go_on.set()
    assert finished(client, first["id"])["state"] == "done"
    assert finished(client, second["id"])["state"] == "done"
    assert client.get("/api/v1/renewal").json()["run"]["id"] == second["id"]


def test_a_waiting_run_can_be_cancelled_before_its_turn(client, slow):
    first = client.post("/api/v1/renewal/runs", json={"parameters": {"slow": True}}).json()
    assert slow.begun.wait(10)
    second = client.post("/api/v1/renewal/runs", json={}).json()
    assert client.delete(f"/api/v1/jobs/{second['id']}").json()["state"] == "cancelled"
    slow.go_on.set()
    finished(client, first["id"])
    assert client.get("/api/v1/renewal").json()["run"]["id"] == first["id"]


def test_a_cancelled_run_leaves_the_former_list(client, slow, workspace):
    slow.go_on.set()
    kept = client.post("/api/v1/renewal/runs", json={}).json()
    finished(client, kept["id"])
    slow.go_on.clear()
    slow.begun.clear()
    job = client.post("/api/v1/renewal/runs", json={"parameters": {"slow": True}}).json()
    assert slow.begun.wait(10)
    client.delete(f"/api/v1/jobs/{job['id']}")
    until(lambda: not (workspace / "renewal" / f".{job['id']}").exists())
    assert not (workspace / "renewal" / job["id"]).exists()
    assert client.get("/api/v1/renewal").json()["run"]["id"] == kept["id"]
