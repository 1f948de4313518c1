"""The whole capacity map as the durable work a user starts: of a city of 12,000 pipes, and of a large one."""

from __future__ import annotations

import time

import numpy as np

from api.spare.crew import Crew
from api.spare.folder import MapFolder
from hydraulics.capacity import CapacityRule
from hydraulics.model import build_peak_model
from hydraulics.session import Session
from hydraulics.spare.plan import new_plan
from tests.benchmarks.city import city_of, run, workspace_of
from tests.benchmarks.rows import row

REQUIRED_M, TOWN, PROCESSES, SAMPLED = 14.276, 12_000, 2, 24


def measure(folder, sizes, *, whole):
    """Yield the rows; a large city's map is made whole on request, else some of its chunks are."""
    city_of(folder, TOWN)
    yield _whole(folder, TOWN, 20.0)
    for size in sizes:
        city_of(folder, size)
        yield _whole(folder, size, 1800.0) if whole else _sampled(folder, size, 1800.0)


def _whole(folder, size, bar_s):
    """By the command; its map has stood the trial with EPANET, or there is none."""
    answer = run(
        "capacity", "--workspace", workspace_of(folder, size), "--required-pressure-m", REQUIRED_M,
        "--out", folder / f"capacity-{size}.csv",
    )  # fmt: skip
    assert answer.document["verified"]["tried"] >= 20
    return row(
        "whole capacity map, two processes, with its trial", answer.document["junctions"],
        answer.document["seconds_to_make"], bar_s=bar_s, cpu_s=answer.cpu_s, tapoffs=answer.document["tapoffs"],
    )  # fmt: skip


def _sampled(folder, size, bar_s):
    """Chunks from all over the plan by the same processes, their start left out: what all of them would take."""
    model = build_peak_model(city_of(folder, size), folder / f"capacity-model-{size}")
    rule = CapacityRule(REQUIRED_M)
    with Session(model) as session:
        plan = new_plan(session, rule)
    place = MapFolder(folder / f"capacity-{size}")
    place.begin(plan)
    numbers = np.linspace(0, len(plan.chunks) - 1, SAMPLED + PROCESSES, dtype=int).tolist()
    crew, started = Crew(model, folder, hands=PROCESSES), []

    class Clock:
        def step(self, stage, done, total=None):
            # The first chunk of each process waits for the process.
            if done >= PROCESSES and not started:
                started.append(time.perf_counter())

    crew.find([(str(place.path), n) for n in numbers], progress=Clock(), done=0, total=len(numbers))
    seconds = (time.perf_counter() - started[0]) / SAMPLED * len(plan.chunks)
    chunks = [place.chunk(n) for n in numbers]
    assert all(chunk is not None and (chunk.capacity_lps >= 0).all() for chunk in chunks)
    return row(
        f"capacity map, two processes, from {SAMPLED} of {len(plan.chunks)} chunks",
        size,
        seconds,
        bar_s=bar_s,
    )
