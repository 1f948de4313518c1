"""The command as a process of its own: what reaches stdout, stderr, the exit status, and what an interruption leaves."""

import json
import os
import pty
import shutil
import signal
import subprocess
import time

import pytest

from tests.api.command import PROGRAM, Said, clean_environment, run, said, state_of

AT = "117.02,36.66"


def test_a_city_is_made_imported_and_asked_by_the_installed_command(tmp_path):
    made = run("sample", "--pipes", 500, "--seed", 3, "--out", "city", "--json", cwd=tmp_path)
    assert set(made.document) >= {"files", "counts", "crs"}
    workspace = {"TAPWRIGHT_WORKSPACE": "w"}
    imported = run("import", "city", "--json", env=workspace, cwd=tmp_path)
    assert imported.document["counts"]["tapoffs"] == made.document["counts"]["tapoffs"]
    asked = run("tapoffs", "--at", AT, "--within-m", 2000, "--json", env=workspace, cwd=tmp_path)
    assert len(asked.document) == 5
    for answer in (made, imported, asked):
        assert answer.err == "" and len(answer.out.splitlines()) == 1


@pytest.mark.parametrize("locale", [{"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}, {"LC_ALL": "zh_CN.GBK"}])
def test_chinese_reaches_a_pipe_as_utf8_whatever_the_locale(locale, sample_workspace):
    page = run("issues", "--workspace", sample_workspace, env=locale)
    assert page.status == 0 and "已修复" in page.out
    listed = run("issues", "--workspace", sample_workspace, "--json", env=locale).document
    assert any("端点" in issue["message"] for issue in listed)
    run("tapoffs", "--workspace", sample_workspace, "--at", "东,北", env=locale).refused(2, "东,北")


def test_progress_goes_to_stderr_and_only_where_someone_watches(sample_sources, tmp_path):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [str(PROGRAM), "import", str(sample_sources), "--workspace", str(tmp_path / "w"), "--json"],
        stdout=subprocess.PIPE, stderr=theirs, env=clean_environment(),
    )  # fmt: skip
    os.close(theirs)
    out, _ = process.communicate(timeout=120)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert process.returncode == 0
    assert json.loads(out)["counts"]["pipes"] == 2000
    assert "read" in shown and "repair" in shown


def test_file_names_of_another_encoding_are_refused_by_name(sample_workspace, sample_sources, tmp_path):
    for suffix in ("shp", "shx", "dbf", "prj"):
        name = os.fsencode(tmp_path / "in") + "/道.".encode("gbk") + suffix.encode()
        os.makedirs(tmp_path / "in", exist_ok=True)
        shutil.copyfile(sample_sources / f"道路中心线.{suffix}", name)
    for words in (
        ["export", "--workspace", str(sample_workspace), "--out", os.fsencode(tmp_path) + b"/\xb5\xc0.gpkg"],
        ["import", str(tmp_path / "in"), "--workspace", str(tmp_path / "w")],
    ):  # fmt: skip
        before = sorted(os.listdir(os.fsencode(tmp_path)))
        done = subprocess.run(
            [str(PROGRAM), *words], env=clean_environment(), capture_output=True, check=False, timeout=120
        )
        Said(done.returncode, done.stdout.decode(), done.stderr.decode()).refused(2, r"\udcb5\udcc0")
        assert sorted(os.listdir(os.fsencode(tmp_path))) == before


def interrupted(words, *, after_s, ready=lambda: True, by=signal.SIGINT):
    """Start a command, send it Ctrl-C (or another signal) once it works, and give what it said."""
    process = subprocess.Popen(
        [str(PROGRAM), *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(),
        # whoever starts the tests in the background ignores Ctrl-C, and a child inherits that
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    until = time.monotonic() + 60
    while not ready() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(after_s)
    process.send_signal(by)
    out, err = process.communicate(timeout=60)
    return Said(process.returncode, out.decode(), err.decode())


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_command_says_so_in_one_line_and_leaves_nothing(by, tmp_path):
    answer = interrupted(
        ["sample", "--pipes", 200_000, "--out", tmp_path / "city"],
        by=by,
        after_s=1.0,
        ready=lambda: any(tmp_path.iterdir()),
    )
    assert (answer.status, answer.out, answer.err) == (3, "", "已取消 / cancelled\n")
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_during_an_import_leaves_the_workspace_as_it_was(sample_workspace, tmp_path):
    said("sample", "--pipes", 20_000, "--out", tmp_path / "city", "--json").document
    workspace = tmp_path / "w"
    shutil.copytree(sample_workspace, workspace)
    before = state_of(workspace)
    answer = interrupted(["import", tmp_path / "city", "--workspace", workspace], after_s=2.0)
    assert (answer.status, answer.out, answer.err) == (3, "", "已取消 / cancelled\n")
    assert state_of(workspace) == before


def test_a_reader_that_leaves_early_is_no_error(sample_workspace):
    line = f"{PROGRAM} issues --workspace {sample_workspace} --json | head -c 20"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        env=clean_environment(),
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.stderr == b"" and len(done.stdout) == 20


def test_help_is_there_for_every_command():
    told = run("--help")
    assert told.status == 0 and "接水" in told.out
    for command in (
        "sample",
        "import",
        "issues",
        "versions",
        "diff",
        "export",
        "tapoffs",
        "check",
        "scheme",
        "renewal",
        "serve",
    ):
        page = said(command, "--help")
        assert page.status == 0 and "--json" in page.out and command in told.out


def test_a_fault_of_the_program_is_told_in_one_sentence(sample_workspace, monkeypatch):
    from api import commands

    def stumble(*_):
        raise ZeroDivisionError("no such luck")

    monkeypatch.setitem(commands.COMMANDS, "versions", stumble)
    answer = said("versions", "--workspace", sample_workspace, "--json")
    assert (answer.status, answer.out) == (3, "")
    assert "程序故障" in answer.err and "ZeroDivisionError" in answer.err and "Traceback" not in answer.err
