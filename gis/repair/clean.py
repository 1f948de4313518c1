"""
Repair of an imported pipe network: near ends joined, tees split, doubles and zero lengths dropped, each with an issue.

Repair runs until nothing changes, so repairing its own result changes nothing.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gis.progress import SILENT, Progress
from gis.repair.outcome import Repaired, outcome
from gis.repair.places import gather_places
from gis.repair.rounds import one_round
from gis.repair.state import State
from gis.repair.wider import LooseThings, close_gaps, nothing_loose, wider_round

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.intake.normalise import Working
    from gis.repair.thresholds import Thresholds

MOST_ROUNDS = 20  # two or three are usual; a contrived tangle may want more and then stays as it is


def repair(
    pipes: Working,
    nodes: Working | None,
    limits: Thresholds,
    progress: Progress = SILENT,
    *,
    things: LooseThings | None = None,
) -> Repaired:
    """
    Give the connected network of lines that may not meet.

    `pipes` has `pipe_id`, geometry, and where the source records them `start_node_id`, `end_node_id`, `status`;
    abandoned lines keep their ends and take no part, rows without geometry are reported and left out.
    `nodes` are known points with `node_id` and geometry, e.g. survey points; None when the source has none.
    `things` are valves and the like that name no node: lines get one where they sit.
    """
    with _collector_paused():
        lines, places, issues = gather_places(pipes, nodes, limits)
        state = State(lines, places, pipes)
        _mend(state, things or nothing_loose(), limits, progress)
        return outcome(state, pipes, nodes, issues)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """A million new issues, none of them in a cycle, would be walked through again and again: a sixth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _mend(state: State, things: LooseThings, limits: Thresholds, progress: Progress) -> None:
    # Before anything else: the far side of a valve may be drawn over its own pipe and would be taken for a tee on it.
    close_gaps(state, things.of("valves"), limits)
    for turn in range(MOST_ROUNDS):
        progress.step("repair", turn, MOST_ROUNDS)
        if not one_round(state, limits) and not wider_round(state, things, limits):
            break
    progress.step("repair", MOST_ROUNDS, MOST_ROUNDS)
