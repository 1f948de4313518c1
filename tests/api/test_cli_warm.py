"""The command with a server running: same answers and files as without, same refusals, and a clean end."""

import json
import os
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager

import pytest

from api.serving import warm
from api.planning.schemes import FILES
from tests.api.command import PROGRAM, clean_environment, running, said, state_of

AT = "117.02,36.66"
REQUEST = {
    "name": "某小区",
    "site": {"position": [117.02, 36.66], "storeys": 6},
    "use": {"type": "residential", "dwellings": 48},
}


@contextmanager
def serving(workspace):
    process = subprocess.Popen(
        [str(PROGRAM), "serve", "--workspace", str(workspace), "--local", "--port", "0", "--json"],
        env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with running(process, lambda: warm.find(workspace) is not None):
        yield process


@pytest.fixture(scope="module")
def cold(sample_workspace, tmp_path_factory):
    """A workspace of one's own, a request, and the answers without a server."""
    folder = tmp_path_factory.mktemp("warm")
    workspace = folder / "w"
    shutil.copytree(sample_workspace, workspace)
    (folder / "r.json").write_text(json.dumps(REQUEST), encoding="utf-8")
    tapoffs = said("tapoffs", "--workspace", workspace, "--at", AT, "--json").document
    scheme = said(
        "scheme", "--workspace", workspace, folder / "r.json", "--out", folder / "cold", "--json"
    ).document
    return folder, tapoffs, scheme


@pytest.fixture(scope="module")
def served(cold):
    with serving(cold[0] / "w") as process:
        yield process


def asks_the_server(monkeypatch):
    """From here on the command may not open the network itself."""
    from api.workbench import Workbench

    def refuse(*_, **__):
        raise AssertionError("the command opened the network itself")

    monkeypatch.setattr(Workbench, "open", refuse)


def test_tapoffs_are_answered_the_same_by_the_server(cold, served, monkeypatch):
    asks_the_server(monkeypatch)
    folder, tapoffs, _ = cold
    assert said("tapoffs", "--workspace", folder / "w", "--at", AT, "--json").document == tapoffs
    everything = said(
        "tapoffs", "--workspace", folder / "w", "--at", AT, "--status", "any", "--count", 9, "--json"
    ).document
    assert len(everything) == 9


def test_a_scheme_is_answered_the_same_by_the_server_with_all_its_files(cold, served, monkeypatch):
    asks_the_server(monkeypatch)
    folder, _, scheme = cold
    answer = said(
        "scheme", "--workspace", folder / "w", folder / "r.json", "--out", folder / "by-server", "--json"
    ).document
    for key in ("id", "feasible", "demand", "options", "rejected", "request"):
        assert answer[key] == scheme[key], key
    names = [
        {p.relative_to(folder / out).as_posix() for p in (folder / out).rglob("*") if p.is_file()}
        for out in ("cold", "by-server")
    ]
    assert (
        names[0]
        == names[1]
        == {*FILES, *(permit["form"] for permit in answer["options"][0]["permits"])}
        | ({name for name in names[0] if name.startswith("permits/")})
    )
    assert (
        json.loads((folder / "by-server" / "scheme.json").read_text(encoding="utf-8"))["id"] == scheme["id"]
    )
    for name in ("model-before.inp", "model-after.inp"):
        assert (folder / "by-server" / name).read_bytes() == (folder / "cold" / name).read_bytes()


def test_what_the_server_refuses_is_refused_by_the_command(cold, served, monkeypatch, tmp_path):
    asks_the_server(monkeypatch)
    folder = cold[0]
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps({**REQUEST, "use": {"type": "space-port"}}), encoding="utf-8")
    before = state_of(tmp_path)
    for words in (
        ["scheme", wrong, "--out", tmp_path / "out"], ["tapoffs", "--at", "118.5,36.66"],
        ["scheme", folder / "r.json", "--out", wrong],
    ):  # fmt: skip
        answer = said(*words, "--workspace", folder / "w")
        assert (answer.status, answer.out) == (2, ""), answer
        assert "Traceback" not in answer.err and any("\u4e00" <= letter <= "\u9fff" for letter in answer.err)
    assert state_of(tmp_path) == before


def test_what_a_server_does_not_take_is_answered_without_it(cold, served):
    folder, tapoffs, _ = cold
    many = said(
        "tapoffs", "--workspace", folder / "w", "--at", AT, "--count", 300, "--within-m", 60_000, "--json"
    ).document
    assert many[: len(tapoffs)] == tapoffs


def test_other_prices_than_the_servers_are_not_asked_of_it(cold, served, tmp_path):
    folder = cold[0]
    prices = tmp_path / "ours.toml"
    prices.write_text('[catalogue]\nid = "ours"\ntitle = "本地价"\ntax_rate = "0.09"\n', encoding="utf-8")
    words = ["scheme", "--workspace", folder / "w", folder / "r.json", "--out", tmp_path / "out"]
    said(*words, env={"TAPWRIGHT_CATALOGUE": prices}).refused(2, "ours")
    assert not (tmp_path / "out").exists()
    dated = said(*words, "--json", env={"TAPWRIGHT_TODAY": "2026-01-05"}).document
    assert dated["provenance"]["created"] != cold[2]["provenance"]["created"]


def test_the_note_of_a_killed_server_is_passed_over(cold):
    folder, tapoffs, _ = cold
    workspace = folder / "w3"
    shutil.copytree(folder / "w", workspace, ignore=shutil.ignore_patterns("server.json"))
    with serving(workspace) as process:
        process.kill()
        process.wait()
        assert (workspace / "server.json").exists()
        assert said("tapoffs", "--workspace", workspace, "--at", AT, "--json").document == tapoffs


def test_a_server_ends_in_good_order_when_told(cold):
    folder = cold[0]
    workspace = folder / "w2"
    shutil.copytree(folder / "w", workspace, ignore=shutil.ignore_patterns("server.json"))
    for number in (signal.SIGINT, signal.SIGTERM):
        with serving(workspace) as process:
            os.kill(process.pid, number)
            out, err = process.communicate(timeout=60)
            assert process.returncode in {0, 3}, err
            assert "Traceback" not in err
            assert not (workspace / "server.json").exists()
            assert out == "" or json.loads(out) == {"stopped": True}
