"""A workspace in a folder: what a crash, a full disk, another program version or a damaged file does to it."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from gis.errors import WorkspaceError
from gis.messages import both_languages
from gis.schema import layers
from gis.store import create_store, open_store
from gis.stores import folder as folder_module
from tests.gis.town import town


@pytest.fixture
def workspace(tmp_path):
    return tmp_path / "W"


def content(workspace):
    return {
        str(path.relative_to(workspace)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(workspace.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


@pytest.mark.parametrize("place", ["write_layers", "write_issues", "sync", "version_id"])
def test_a_failure_on_the_way_leaves_the_workspace_as_it_was(workspace, monkeypatch, place):
    store = create_store(workspace)
    first = store.publish(town())
    before = content(workspace)

    def broken(*_, **__):
        raise OSError("disk full")

    monkeypatch.setattr(folder_module, place, broken)
    with pytest.raises(OSError, match="disk full"):
        store.publish(town(dn=250))
    assert content(workspace) == before
    assert store.open().version == first.version


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from gis.stores import folder as s
import importlib.util
spec = importlib.util.spec_from_file_location("t", sys.argv[2]); t = importlib.util.module_from_spec(spec); spec.loader.exec_module(t)
at, calls, real = int(sys.argv[4]), [0], os.fsync
def fsync(handle):
    calls[0] += 1
    if calls[0] == at: os.kill(os.getpid(), signal.SIGKILL)
    real(handle)
os.fsync = fsync
s.create_folder(Path(sys.argv[1])).publish(t.town(dn=250))
"""


@pytest.mark.parametrize("at", [1, 2, 3, 4, 5, 6])
def test_a_killed_import_leaves_the_old_version_or_the_new_one(workspace, at):
    store = create_store(workspace)
    first = store.publish(town())
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            KILLED,
            str(workspace),
            str(Path(__file__).with_name("town.py")),
            str(root),
            str(at),
        ],
        capture_output=True,
        check=False,
    )
    assert run.returncode in {-9, 0}, run.stderr.decode()
    network = open_store(workspace).open()
    assert network.pipes["dn"].iloc[0] == (200 if network.version == first.version else 250)
    for record in store.versions():
        assert len(store.open(record.version).pipes) == 2
    after = create_store(workspace).publish(town(dn=300))
    assert store.open().version == after.version
    assert not list((workspace / "versions").glob(".draft-*"))


def test_a_workspace_of_another_format_is_refused_naming_both(workspace):
    create_store(workspace)
    (workspace / "workspace.json").write_text(json.dumps({"format": 7}))
    for enter in (open_store, create_store):
        with pytest.raises(WorkspaceError) as refusal:
            enter(workspace)
        assert refusal.value.code == "workspace-format"
        assert refusal.value.exit_status == 3
        assert "7" in both_languages(refusal.value)
        assert "1" in both_languages(refusal.value)


def test_a_folder_that_is_no_workspace_is_refused(tmp_path):
    with pytest.raises(WorkspaceError) as refusal:
        open_store(tmp_path)
    assert refusal.value.code == "workspace-missing"


def test_reading_writes_nothing(workspace):
    store = create_store(workspace)
    store.publish(town())
    before = content(workspace)
    network = store.open()
    for name in layers():
        network.layer(name)
    store.issues()
    store.versions()
    assert content(workspace) == before


@pytest.mark.parametrize(("name", "content"), [("manifest.json", b"{"), ("manifest.json", b'{"colour": 1}'), ("network.gpkg", b"SQLite format 3\0")])  # fmt: skip
def test_a_damaged_version_is_named_and_not_read(workspace, name, content):
    store = create_store(workspace)
    record = store.publish(town())
    (workspace / "versions" / record.version / name).write_bytes(content)
    with pytest.raises(WorkspaceError) as refusal:
        store.open().layer("pipes")
    assert refusal.value.code == "version-unreadable"
    assert name in both_languages(refusal.value)


def test_a_version_without_its_layers_file_is_named_too(workspace):
    store = create_store(workspace)
    record = store.publish(town())
    (workspace / "versions" / record.version / "network.gpkg").unlink()
    with pytest.raises(WorkspaceError) as refusal:
        store.issues()
    assert refusal.value.code == "version-unreadable"
