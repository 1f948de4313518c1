"""What a killed process leaves in the folder for temporary files is removed by the next one, and nothing that is in use."""

import os
import signal
import subprocess
import sys
import tempfile

import pytest

import api.files.scratch
from api.files.scratch import new_scratch


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(api.files.scratch, "_YOUNG_S", 0.0)
    return tmp_path


def owner(folder):
    """A process that holds a scratch folder until it is killed."""
    program = "import time, tempfile; tempfile.tempdir = %r\nfrom api.files.scratch import Scratch\ns = Scratch(); print(s.name, flush=True); time.sleep(60)"
    return subprocess.Popen([sys.executable, "-c", program % str(folder)], stdout=subprocess.PIPE, text=True)


def test_a_killed_owners_folder_goes_and_a_living_ones_stays(temporary):
    with owner(temporary) as killed, owner(temporary) as living:
        left, held = killed.stdout.readline().strip(), living.stdout.readline().strip()
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()

        scratch = new_scratch()

        assert not os.path.exists(left) and os.path.isdir(held) and os.path.isdir(scratch.name)
        scratch.cleanup()
        scratch.cleanup()
        assert not os.path.exists(scratch.name)
        living.kill()


def test_a_young_folder_is_never_taken_for_abandoned(temporary, monkeypatch):
    monkeypatch.setattr(api.files.scratch, "_YOUNG_S", 60.0)
    young = temporary / "tapwright-bench-x"
    young.mkdir()
    (young / ".held").touch()

    new_scratch().cleanup()

    assert young.is_dir()
