"""
What one more pipe does to a network: found without writing it into the model, and then with it written in.

A pipe between two nodes takes water from one and gives it to the other. So its flow is sought at which its own head
loss equals the difference of the heads that are left; every trial is a change of demand at two nodes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hydraulics.errors import HydraulicsError
from hydraulics.model import write_model
from hydraulics.tables import PipeState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hydraulics.epanet.repeatable import Repeatable
    from hydraulics.headloss import PipeLaw
    from hydraulics.model import PeakModel
    from hydraulics.results import Solution
    from hydraulics.tables import ModelTables

_SAME_HEAD_M = 0.002
_MOST_SOLVES = 30


@dataclass(frozen=True)
class NewLink:
    """A pipe that is not there, or not open, between two nodes of the model (places in `index.node_ids`)."""

    start: int
    end: int
    law: PipeLaw


def solve_with_link(
    checker: Repeatable, link: NewLink, extra_m3s: Mapping[int, float]
) -> tuple[Solution, float]:
    """
    The state with extra demand and the pipe, and its flow from start to end [m3/s].

    Raises
    ------
    HydraulicsError
        `added-link-unbalanced`: no flow fits.
    """

    def left(flow_m3s: float) -> tuple[Solution, float]:
        extra = dict(extra_m3s)
        extra[link.start] = extra.get(link.start, 0.0) + flow_m3s
        extra[link.end] = extra.get(link.end, 0.0) - flow_m3s
        after = checker.solve(extra)
        gap_m = float(after.head_m[link.start] - after.head_m[link.end]) - link.law.loss_m(flow_m3s)
        return after, gap_m

    after, gap_m = left(0.0)
    low, high = (0.0, gap_m), (0.0, gap_m)
    step = np.copysign(max(_guess_m3s(link, gap_m), 1e-5), gap_m)
    flow = 0.0
    for _ in range(_MOST_SOLVES):
        if abs(gap_m) < _SAME_HEAD_M:
            return after, flow
        if low[1] * high[1] > 0.0:
            flow += float(step)
            step *= 2.0
        else:
            flow = _between(low, high)
        after, gap_m = left(flow)
        if low[1] * gap_m > 0.0:
            low = (flow, gap_m)
        else:
            high = (flow, gap_m)
    raise HydraulicsError("added-link-unbalanced", gap_m=round(gap_m, 3))


def _between(low: tuple[float, float], high: tuple[float, float]) -> float:
    """Where a straight line would cross, kept away from the ends so that both close in."""
    share = low[1] / (low[1] - high[1])
    return low[0] + (high[0] - low[0]) * float(np.clip(share, 0.1, 0.9))


def _guess_m3s(link: NewLink, gap_m: float) -> float:
    """A tenth of the flow that the whole difference of head would drive."""
    low, high = 0.0, 1e-4
    while link.law.loss_m(high) < abs(gap_m):
        low, high = high, high * 2.0
    return (low + high) / 20.0


def with_pipe(tables: ModelTables, name: str, link: NewLink) -> ModelTables:
    """The tables with the pipe among the pipes."""
    at, law = tables.pipe_count, link.law
    put = np.insert
    return replace(
        tables,
        link_ids=(*tables.link_ids[:at], name, *tables.link_ids[at:]),
        link_start=put(tables.link_start, at, link.start), link_end=put(tables.link_end, at, link.end),
        length_m=put(tables.length_m, at, law.length_m), diameter_m=put(tables.diameter_m, at, law.inner_diameter_m),
        roughness_factor=put(tables.roughness_factor, at, law.roughness_factor),
        minor_k=put(tables.minor_k, at, law.minor_k),
        pipe_state=np.append(tables.pipe_state, np.int8(PipeState.OPEN)).astype(np.int8),
        vertices={place + (place >= at): points for place, points in tables.vertices.items()},
    )  # fmt: skip


def opened(tables: ModelTables, link: int) -> ModelTables:
    """The tables with a closed pipe open."""
    state = tables.pipe_state.copy()
    state[link] = PipeState.OPEN
    return replace(tables, pipe_state=state)


def edited_model(model: PeakModel, tables: ModelTables, scratch: Path) -> PeakModel:
    """The edited tables as a file that plain EPANET runs."""
    return write_model(tables, scratch, version=model.version, description=model.description)
