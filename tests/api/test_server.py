"""The server as a process: its note, its end, and a job that outlives a kill."""

import http.client
import json
import os
import signal
import socket
import stat
import subprocess
import sys
from asyncio import base_events
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from api.serving import warm
from api.errors import CallError
from api.serving.server import _listening, run_server
from api.settings import Settings
from tests.api.command import running
from tests.api.fakes import until

ROOT = Path(__file__).parents[2]


@contextmanager
def server(workspace):
    """A running server; its port. Killed hard at the end unless it has ended."""
    (workspace / "site").mkdir(exist_ok=True)
    (workspace / "current").write_text("v-1", encoding="utf-8")
    (workspace / "site" / "index.html").write_text("page", encoding="utf-8")
    command = [sys.executable, "-W", "ignore", "-m", "tests.api.small_server", str(workspace)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    with running(process, lambda: is_up(workspace, process.pid)):
        yield process


def note(workspace):
    return json.loads((workspace / "server.json").read_text(encoding="utf-8"))


def is_up(workspace, pid):
    try:
        return note(workspace)["pid"] == pid and ask(workspace, "GET", "/api/v1/health")[0] == 200
    except (OSError, ValueError):
        return False


def ask(workspace, method, path, body=None):
    """Status and document; the path goes out exactly as it is written."""
    connection = http.client.HTTPConnection("127.0.0.1", note(workspace)["port"], timeout=30)
    try:
        content = None if body is None else json.dumps(body)
        connection.request(method, path, content, {"Content-Type": "application/json"} if content else {})
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        return answer.status, json.loads(text) if text.startswith(("{", "[")) else text
    finally:
        connection.close()


def test_a_killed_run_is_finished_by_the_next_server(tmp_path):
    (tmp_path / "slow").touch()
    with server(tmp_path) as process:
        status, job = ask(tmp_path, "POST", "/api/v1/renewal/runs", {"kind": "assess"})
        assert status == 202
        until((tmp_path / "begun").exists)
        assert ask(tmp_path, "GET", f"/api/v1/jobs/{job['id']}")[1]["state"] == "running"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert (tmp_path / "server.json").exists()
    assert warm.find(tmp_path) is None
    (tmp_path / "slow").unlink()

    with server(tmp_path):
        ended = until(
            lambda: (now := ask(tmp_path, "GET", f"/api/v1/jobs/{job['id']}")[1])["state"] == "done" and now,
            within_s=180,
        )
        assert ended["kind"] == "renewal"
        status, renewal = ask(tmp_path, "GET", "/api/v1/renewal")
        assert (status, renewal["run"]["id"]) == (200, job["id"])
        assert renewal["run"]["files"] == ["renewal.gpkg", "renewal.xlsx"]
    assert (tmp_path / "begun").read_text() == "xx"


def test_a_server_that_is_told_to_stop_goes_at_once_and_its_job_goes_on_later(tmp_path):
    (tmp_path / "slow").touch()
    with server(tmp_path) as process:
        _, job = ask(tmp_path, "POST", "/api/v1/renewal/runs", {"kind": "assess"})
        until((tmp_path / "begun").exists)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    assert not (tmp_path / "server.json").exists()
    (tmp_path / "slow").unlink()
    with server(tmp_path) as process:
        until(lambda: ask(tmp_path, "GET", f"/api/v1/jobs/{job['id']}")[1]["state"] == "done", within_s=180)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    assert not (tmp_path / "server.json").exists()


@pytest.fixture(scope="module")
def open_server(tmp_path_factory):
    workspace = tmp_path_factory.mktemp("open")
    with server(workspace):
        yield workspace


@pytest.fixture
def _patient(monkeypatch):
    """On a busy machine the server may take longer to say hello than a person would wait."""
    monkeypatch.setattr(warm, "HELLO_WITHIN_S", 30.0)


@pytest.mark.usefixtures("_patient")
def test_the_command_line_finds_the_server_by_its_note(open_server, tmp_path):
    assert stat.S_IMODE((open_server / "server.json").stat().st_mode) == 0o600
    found = warm.find(open_server)
    assert found is not None
    assert found.tapoffs((117.02, 36.66), count=3, within_m=500.0, status="free")[0]["id"] == "T1"
    document = found.scheme({"name": "by-command-line"}, tmp_path / "out")
    assert document["name"] == "by-command-line"
    assert (tmp_path / "out" / "scheme.pdf").read_bytes() == b"content of scheme.pdf"


@pytest.mark.usefixtures("_patient")
def test_a_note_of_another_workspace_is_not_believed(open_server, tmp_path):
    (tmp_path / "current").write_text("v-1", encoding="utf-8")
    (tmp_path / "server.json").write_text(json.dumps({**note(open_server), "workspace": "0" * 16}))
    assert warm.find(tmp_path) is None


@pytest.mark.parametrize(
    "path",
    [
        "/../state.sqlite", "/..%2fstate.sqlite", "/%2e%2e/state.sqlite", "/site/../../state.sqlite", "//etc/passwd",
        "/....//state.sqlite", "/..\\state.sqlite", "/server.json", "/%00",
    ],
)  # fmt: skip
def test_the_page_gives_away_nothing_beside_it(open_server, path):
    status, text = ask(open_server, "GET", path)
    assert status in (400, 404)
    assert "SQLite" not in str(text)
    assert "token" not in str(text)


def test_nobody_but_this_machine_is_listened_to(open_server):
    with socket.socket() as other:
        other.settimeout(2)
        addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
        for address in addresses - {"127.0.0.1"}:
            if address.startswith("127."):
                continue
            with pytest.raises(OSError):
                other.connect((address, note(open_server)["port"]))


def settings_of(workspace):
    return Settings(
        workspace=workspace, fixed_day=date(2026, 11, 21), site=workspace, catalogue=None, rules=None, policy=None,
        reach_m=1000.0, software="tapwright 0.0-test",
    )  # fmt: skip


def test_further_calls_of_a_connection_do_not_wait_for_more_to_be_sent():
    """asyncio switches the wait off only where the socket it accepts says that it is TCP."""
    with _listening(0) as listener, socket.socket() as caller:
        listener.listen()
        caller.connect(listener.getsockname())
        accepted, _ = listener.accept()
        with accepted:
            base_events._set_nodelay(accepted)
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_without_local_it_refuses_in_words(tmp_path):
    with pytest.raises(CallError) as refusal:
        run_server(settings_of(tmp_path), port=0, local=False)
    assert refusal.value.code == "accounts-later"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("port", [None, 70_000])
def test_a_port_that_cannot_be_had_is_refused_in_words(tmp_path, port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(CallError) as refusal:
            run_server(settings_of(tmp_path), port=port or taken.getsockname()[1], local=True)
    assert refusal.value.code == "port-taken"
    assert os.listdir(tmp_path) == []
