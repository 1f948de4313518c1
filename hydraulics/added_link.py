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
_HALVINGS = 60
_FIRST_SHARE = 0.15  # of what the whole difference would drive: the network gives way too


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
    return Between(checker, link.start, link.end, extra_m3s).with_pipe(link.law)


class Between:
    """
    What pipes of several sizes between the same two nodes do.

    How the difference of the two heads falls with what is taken from one to the other is the same for all of them:
    a state that was solved for one serves the next. Loss and difference of heads agree to `same_head_m`.
    """

    def __init__(
        self,
        checker: Repeatable,
        start: int,
        end: int,
        extra_m3s: Mapping[int, float],
        *,
        same_head_m: float = _SAME_HEAD_M,
    ) -> None:
        self._checker, self._ends, self._extra = checker, (start, end), dict(extra_m3s)
        self._same_head_m = same_head_m
        self._known: list[tuple[float, float, Solution]] = []

    def with_pipe(self, law: PipeLaw) -> tuple[Solution, float]:
        """
        The state with a pipe of that law, and its flow from start to end [m3/s].

        Raises
        ------
        HydraulicsError
            `added-link-unbalanced`: no flow fits.
        """
        if not self._known:
            self._solve(0.0)
        gap_m = 0.0
        for _ in range(_MOST_SOLVES):
            for flow, drop_m, after in self._known:
                gap_m = drop_m - law.loss_m(flow)
                if abs(gap_m) < self._same_head_m:
                    return after, flow
            self._solve(self._likely_m3s(law))
        raise HydraulicsError("added-link-unbalanced", gap_m=round(gap_m, 3))

    def _solve(self, flow_m3s: float) -> None:
        start, end = self._ends
        extra = dict(self._extra)
        extra[start] = extra.get(start, 0.0) + flow_m3s
        extra[end] = extra.get(end, 0.0) - flow_m3s
        after = self._checker.solve(extra)
        drop_m = float(after.head_m[start] - after.head_m[end])
        self._known = sorted([*self._known, (flow_m3s, drop_m, after)], key=lambda one: one[0])

    def _likely_m3s(self, law: PipeLaw) -> float:
        """Where the loss of the pipe meets the difference of heads, as that runs between or past the flows known."""
        flows, drops = (np.array([one[k] for one in self._known]) for k in (0, 1))
        if len(flows) == 1:
            driven = _FIRST_SHARE * _driven_m3s(law, drops[0])
            return float(flows[0] + np.copysign(max(driven, 1e-5), drops[0]))
        gaps = drops - np.array([law.loss_m(flow) for flow in flows])
        # the difference falls with the flow and the loss rises: where the gap changes its sign lies the answer
        after = int(np.clip(np.count_nonzero(gaps > 0.0), 1, len(flows) - 1))
        fall = (drops[after] - drops[after - 1]) / (flows[after] - flows[after - 1])
        reach = float(flows[-1] - flows[0])
        left = float(flows[after - 1]) if gaps[0] > 0.0 else float(flows[0]) - 4.0 * reach
        right = float(flows[after]) if gaps[-1] < 0.0 else float(flows[-1]) + 4.0 * reach
        for _ in range(_HALVINGS):
            flow = (left + right) / 2.0
            if drops[after] + fall * (flow - flows[after]) > law.loss_m(flow):
                left = flow
            else:
                right = flow
        return (left + right) / 2.0


def _driven_m3s(law: PipeLaw, head_m: float) -> float:
    """Flow that a difference of head drives through a pipe, within a factor of two [m3/s]."""
    flow = 1e-4
    while law.loss_m(flow) < abs(head_m):
        flow *= 2.0
    return flow


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
