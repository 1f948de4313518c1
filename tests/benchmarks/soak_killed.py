"""Killed at any moment of a check, a capacity map or an import: the workspace answers as before, no half file is left."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from tests.benchmarks.city import city_of, run, workspace_of

TAPWRIGHT = str(Path(sys.executable).with_name("tapwright"))
KILLS, PIPES = 40, 2000
FRESH_EVERY = 4  # kills; between them the map is gone on with
MAPS = "capacity"  # the folder of kept maps in a workspace


def soak(folder, *, seconds):
    """Kill every kind of work at random moments."""
    city = city_of(folder, PIPES)
    place, node = workspace_of(folder, PIPES), str(city.nodes["node_id"].iloc[1000])
    question = ("check", "--workspace", place, "--node", node, "--flow-lps", 1)
    before, files = answer(question), listed(place)
    table = folder / "capacity.csv"
    works = {
        "check": (*question, "--nodes-out", folder / "nodes.csv", "--inp-out", folder / "inp"),
        "capacity": ("capacity", "--workspace", place, "--out", table),
    }
    rng, ends = np.random.default_rng(1), time.monotonic() + seconds
    for what, words in works.items():
        whole_s = run(*words).seconds
        whole = table.read_bytes() if what == "capacity" else b""
        killed, failures = 0, []
        while killed < KILLS or time.monotonic() < ends:
            killed += 1
            if killed % FRESH_EVERY == 1:
                shutil.rmtree(place / MAPS, ignore_errors=True)
                table.unlink(missing_ok=True)
            kill_after(words, float(rng.uniform(0.05, 1.05)) * whole_s)
            failures += [(what, "answer")] * (answer(question) != before)
            failures += [(what, "files")] * (listed(place) != files)
            failures += [(what, "half a file")] * bool(broken(folder))
            failures += [(what, "half a table")] * (table.exists() and table.read_bytes() != whole)
        yield f"{what} killed", killed, failures, "same answer after each, no half file"
    run(*works["capacity"])
    failures = [("capacity", "another table")] * (table.read_bytes() != whole)
    yield "capacity map gone on with after the last", 1, failures, "the same bytes as of a run left alone"


def answer(question):
    """The answer without its time."""
    return {key: value for key, value in run(*question).document.items() if key != "seconds"}


def kill_after(words, seconds):
    """Start a command and kill it outright after that time, unless it is done."""
    with subprocess.Popen(
        [TAPWRIGHT, *map(str, words), "--json"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()


def listed(place):
    """Files of a workspace that are its own; a lock is left lying, and maps are what is being worked on."""
    names = {path.relative_to(place) for path in place.rglob("*") if path.is_file()}
    return {
        name
        for name in names
        if name.parts[0] != MAPS and name.suffix != ".lock" and not name.name.endswith(("-wal", "-shm"))
    }


def broken(folder):
    """Outputs that are there and not whole."""
    table, models = folder / "nodes.csv", folder / "inp"
    if table.exists() and not table.read_text(encoding="utf-8-sig").endswith("\n"):
        return "nodes.csv"
    ends = [path.name for path in models.glob("*.inp") if not path.read_text().rstrip().endswith("[END]")]
    return next(iter(ends), None)
