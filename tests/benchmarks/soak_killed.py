"""Killed at any moment of a check, a capacity map or an import: the workspace answers as before, no half file is left."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from tests.benchmarks.city import city_of, run, workspace_of

TAPWRIGHT = str(Path(sys.executable).with_name("tapwright"))
KILLS, PIPES = 40, 2000


def soak(folder, *, seconds):
    """Kill every kind of work at random moments."""
    city = city_of(folder, PIPES)
    place, node = workspace_of(folder, PIPES), str(city.nodes["node_id"].iloc[1000])
    question = ("check", "--workspace", place, "--node", node, "--flow-lps", 1)
    before, files = answer(question), listed(place)
    rng, ends, failures, killed = np.random.default_rng(1), time.monotonic() + seconds, [], 0
    works = {
        "check": (*question, "--nodes-out", folder / "nodes.csv", "--inp-out", folder / "inp"),
        "capacity": ("capacity", "--workspace", place, "--out", folder / "capacity.csv"),
    }
    for what, words in works.items():
        whole_s = run(*words).seconds
        while killed < KILLS or time.monotonic() < ends:
            killed += 1
            kill_after(words, float(rng.uniform(0.05, 1.05)) * whole_s)
            failures += [(what, "answer")] * (answer(question) != before)
            failures += [(what, "files")] * (listed(place) != files)
            failures += [(what, "half a file")] * bool(broken(folder))
        yield f"{what} killed", killed, failures, "same answer after each, no half file"
        killed, failures = 0, []


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
    """Files of a workspace that are its own; a lock is left lying."""
    names = {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()}
    return {name for name in names if not name.endswith((".lock", "-wal", "-shm"))}


def broken(folder):
    """Outputs that are there and not whole."""
    table, models = folder / "nodes.csv", folder / "inp"
    if table.exists() and not table.read_text(encoding="utf-8-sig").endswith("\n"):
        return "nodes.csv"
    ends = [path.name for path in models.glob("*.inp") if not path.read_text().rstrip().endswith("[END]")]
    return next(iter(ends), None)
