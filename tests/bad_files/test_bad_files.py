"""
Every bad file of the reliability list comes to its stated outcome, and does no harm on the way.

REJ: exit 2, file and place and way out in both languages, nothing stored. ASK: a refusal or a warning with a best guess that says
what to pass, and passing it works. FIX: mended by a rule, the old value kept in the list. WARN: taken and listed.
"""

import ctypes
import itertools
import os
import socket
import subprocess
import sys

import pytest

from tests.bad_files import (
    drawings,
    geojson,
    geopackages,
    ids,
    kml,
    models,
    models_refused,
    places,
    rasters,
    shapefiles,
    shapes,
    sheets,
    texts,
    zips,
)
from tests.bad_files.case import try_case
from tests.bad_files.guards import ROOT, Canary, canary_url, scratch_in, watched

FAMILIES = (
    shapefiles,
    zips,
    geojson,
    geopackages,
    shapes,
    ids,
    kml,
    places,
    rasters,
    drawings,
    sheets,
    texts,
    models,
    models_refused,
)
CASES = list(itertools.chain.from_iterable(family.CASES for family in FAMILIES))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_bad_file_comes_to_its_stated_outcome(case, tmp_path, monkeypatch):
    canary = Canary(tmp_path)
    try:
        with scratch_in(tmp_path / "scratch", monkeypatch):
            try_case(case, tmp_path / "delivered", tmp_path / "w", lambda: watched(tmp_path))
        canary.untouched()
    finally:
        canary.close()


def test_no_two_cases_share_a_name():
    assert len({case.id for case in CASES}) == len(CASES)


def test_the_canary_tells_of_an_opening_below_python_and_of_a_call(tmp_path):
    canary = Canary(tmp_path)
    canary.untouched()
    ctypes.CDLL(None).open(os.fsencode(canary.file), 0)
    with pytest.raises(AssertionError, match="was opened"):
        canary.untouched()
    host, port = canary_url(tmp_path / "delivered").split("/")[2].split(":")
    socket.create_connection((host, int(port))).close()
    with pytest.raises(AssertionError, match="called the address"):
        canary.untouched()
    canary.close()


def test_the_watch_tells_of_files_outside_of_calls_and_of_programs(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "other.txt").write_text("secret")
    with watched(tmp_path / "mine"):
        (tmp_path / "mine" / "own.txt").write_text("own")
        (ROOT / "README.md").read_bytes()
    with pytest.raises(AssertionError, match=r"other\.txt"), watched(tmp_path / "mine"):
        (tmp_path / "other.txt").read_text()
    with pytest.raises(AssertionError, match=r"subprocess\.Popen"), watched(tmp_path):
        subprocess.run([sys.executable, "-c", ""], check=True)
    with pytest.raises(AssertionError, match=r"socket\.connect"), watched(tmp_path), socket.socket() as call:
        call.connect_ex(("127.0.0.1", 9))


def test_what_is_left_among_temporary_files_is_told(tmp_path, monkeypatch):
    with (
        pytest.raises(AssertionError, match="left"),
        scratch_in(tmp_path / "scratch", monkeypatch) as scratch,
    ):
        (scratch / "left.tmp").touch()
