"""Cities of the product's own sample, written and imported by the commands a user types: how long, how much memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.rows import limited, row

TAPWRIGHT = str(Path(sys.executable).with_name("tapwright"))
MOST_GIB = 6.0
LINEAR_WITHIN = 1.5


@dataclass(frozen=True)
class Run:
    """What one command cost: wall clock, processor time, peak memory, and the JSON it printed."""

    seconds: float
    cpu_s: float
    peak_gib: float
    document: dict


def run(*words) -> Run:
    """Run a command of the product in a process of its own."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [TAPWRIGHT, *map(str, words), "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, words
    seconds = time.perf_counter() - started
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 2**20, json.loads(said))


def workspace_of(folder: Path, size: int) -> Path:
    """The imported city of that size; `measure` makes it."""
    return folder / f"w{size}"


def city_of(folder: Path, size: int):
    """The network of the imported city of that size, made where `folder` has none."""
    from gis.store import open_store

    if not workspace_of(folder, size).is_dir():
        sources = folder / f"s{size}"
        run("sample", "--seed", 7, "--pipes", size, "--out", sources)
        run("import", sources, "--workspace", workspace_of(folder, size))
    return open_store(workspace_of(folder, size)).open()


def measure(folder: Path, sizes):
    """Yield the rows of the table; leaves the workspaces in `folder`."""
    runs = {}
    for size in sizes:
        sources = folder / f"s{size}"
        written = run("sample", "--seed", 7, "--pipes", size, "--out", sources).document
        runs[size] = run("import", sources, "--workspace", workspace_of(folder, size))
        _check(runs[size].document, written, size)
        per_pipe_us = runs[size].cpu_s / size * 1e6
        yield row(
            "whole import of the sample city", size, runs[size].seconds, cpu_s=runs[size].cpu_s,
            cpu_us_per_pipe=round(per_pipe_us, 1), peak_gib=round(runs[size].peak_gib, 3),
        )  # fmt: skip
    largest, smaller = max(sizes), [size for size in sizes if size != max(sizes)]
    yield limited("whole import, peak memory", largest, runs[largest].peak_gib, most=MOST_GIB, unit="GiB")
    if smaller:
        least = min(runs[size].cpu_s / size for size in smaller)
        growth = runs[largest].cpu_s / largest / least
        what = f"whole import, processor time a pipe, against {min(smaller)} pipes and more"
        yield limited(what, largest, growth, most=LINEAR_WITHIN, unit="x")


def _check(answer: dict, written: dict, size: int) -> None:
    """The city that was written is the city that is there, and its repairs are the mended ends, not faults."""
    assert answer["counts"]["pipes"] == size, answer
    for name, count in answer["counts"].items():
        assert count == written["counts"][name], (name, count, written["counts"])
    assert answer["issues"]["error"] == 0, answer["issues"]
