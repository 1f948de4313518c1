"""
Where a new demand meets the network: at a node, or on a pipe as if the pipe had been cut there.

A pipe that gives off `d` at some point behaves for the rest of the network like the whole pipe with demands d1 and d2
at its ends, d1 + d2 = d, if both halves lead to the same head at the tie-in. So the open project needs no new node:
d1 is found by a secant in a few warm solves, exact to the solver's own tolerance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hydraulics.errors import HydraulicsError, ModelInputError
from hydraulics.headloss import PipeLaw
from hydraulics.measured import measure
from hydraulics.session import Session
from hydraulics.tables import PipeState

if TYPE_CHECKING:
    from gis.errors import TapwrightError
    from hydraulics.epanet.repeatable import Repeatable
    from hydraulics.results import Solution, TieIn

_SAME_FLOW_M3S = 1e-10
_MOST_SOLVES = 25
_END_SHARE = 1e-9
_NAMED_COUNT = 5


@dataclass(frozen=True)
class Tapped:
    """
    The network with the new demand.

    `start_flow_m3s`, `end_flow_m3s` are the flows in the two halves of a tapped pipe, both None at a node.
    """

    head_before_m: float
    head_after_m: float
    after: Solution
    start_flow_m3s: float | None = None
    end_flow_m3s: float | None = None


def tap(session: Session | Repeatable, tie_in: TieIn, *, flow_m3s: float, closely: bool = False) -> Tapped:
    """
    Solve the network with `flow_m3s` drawn at the tie-in.

    Asked `closely` EPANET goes on to a tenth of a millimetre, as it must where it confirms another's heads.

    Raises
    ------
    ModelInputError
        The node or pipe is not in the model, is no pipe, is closed, or no water reaches it.
    HydraulicsError
        The two halves of the pipe cannot be balanced, or no water comes because a device stands the wrong way round.
    """
    node = node_of(session, tie_in)
    if isinstance(session, Session) and not closely:
        measure(session)
    if node is None:
        return _tap_pipe(session, tie_in, flow_m3s=flow_m3s, closely=closely)
    if not session.index.is_fed[node]:
        raise _not_fed(session, session.index.node_ids[node])
    with session.hold() as runner:
        (runner.run if closely else runner.run_once)({node: flow_m3s})
        after = runner.solution()
    return Tapped(float(session.base.head_m[node]), float(after.head_m[node]), after)


def node_of(session: Session | Repeatable, tie_in: TieIn) -> int | None:
    """Position of the tie-in's node, None when it lies between the ends of a pipe."""
    if tie_in.node_id is not None:
        if tie_in.node_id not in session.node_position:
            raise ModelInputError("node-unknown", node=tie_in.node_id)
        return session.node_position[tie_in.node_id]
    link = pipe_of(session, tie_in)
    if tie_in.fraction <= _END_SHARE:
        return int(session.index.link_start[link])
    if tie_in.fraction >= 1.0 - _END_SHARE:
        return int(session.index.link_end[link])
    return None


def pipe_of(session: Session | Repeatable, tie_in: TieIn) -> int:
    """Position of the tie-in's pipe; refuses pumps, valves and closed pipes."""
    tables, name = session.model.tables, tie_in.pipe_id or ""
    if name not in session.link_position:
        raise ModelInputError("pipe-unknown", pipe=name)
    link = session.link_position[name]
    if link >= len(tables.link_ids):
        raise _not_fed(session, name)
    if link >= tables.pipe_count:
        raise ModelInputError("tie-in-no-pipe", pipe=name)
    if tables.pipe_state[link] == PipeState.CLOSED:
        raise ModelInputError("tie-in-closed", pipe=name)
    ends = (int(tables.link_start[link]), int(tables.link_end[link]))
    if not all(session.index.is_fed[end] for end in ends):
        raise _not_fed(session, name)
    return link


def _not_fed(session: Session | Repeatable, subject: str) -> TapwrightError:
    """Why there is no water: a device the wrong way round is named, for the data must be mended before there is an answer."""
    wrong = [issue.subject for issue in session.model.tables.doubts if issue.kind == "device-against-flow"]
    if wrong:
        return HydraulicsError(
            "tie-in-behind-device", subject=subject, devices="、".join(wrong[:_NAMED_COUNT])
        )
    return ModelInputError("tie-in-not-fed", subject=subject)


def law_of(session: Session | Repeatable, link: int) -> PipeLaw:
    """The head loss of a pipe of the model."""
    tables = session.model.tables
    return PipeLaw(
        tables.options.formula,
        float(tables.length_m[link]),
        float(tables.diameter_m[link]),
        float(tables.roughness_factor[link]),
        float(tables.minor_k[link]),
        tables.options.viscosity_ratio,
    )


def _tap_pipe(session: Session | Repeatable, tie_in: TieIn, *, flow_m3s: float, closely: bool) -> Tapped:
    link = pipe_of(session, tie_in)
    base, cut = session.base, _Cut(session, link, tie_in.fraction, flow_m3s)
    start_m, end_m = float(base.head_m[cut.start]), float(base.head_m[cut.end])
    before_m = start_m + (end_m - start_m) * tie_in.fraction
    if flow_m3s == 0.0:
        return Tapped(before_m, before_m, base, float(base.flow_m3s[link]), float(base.flow_m3s[link]))
    share, after = cut.balance(closely=closely)
    flow = float(after.flow_m3s[link])
    entering = flow + share
    head_m = float(after.head_m[cut.start]) - cut.law.part(tie_in.fraction).loss_m(entering)
    return Tapped(before_m, head_m, after, entering, entering - flow_m3s)


class _Cut:
    """A pipe with a demand at a point between its ends."""

    def __init__(self, session: Session | Repeatable, link: int, fraction: float, flow_m3s: float) -> None:
        self.session, self.link, self.flow_m3s = session, link, flow_m3s
        self.law = law_of(session, link)
        self._first, self._second = self.law.part(fraction), self.law.part(1.0 - fraction)
        self.start = int(session.index.link_start[link])
        self.end = int(session.index.link_end[link])

    def mismatch_m(self, share_m3s: float, through_m3s: float) -> float:
        """
        Head at the tie-in seen from the end minus seen from the start [m].

        `share_m3s` is the demand put on the start node, `through_m3s` the flow EPANET then has in the whole pipe.
        """
        entering = through_m3s + share_m3s
        halves = self._first.loss_m(entering) + self._second.loss_m(entering - self.flow_m3s)
        return halves - self.law.loss_m(through_m3s)

    def balance(self, *, closely: bool) -> tuple[float, Solution]:
        """
        Share of the demand at the start node [m3/s] for which both halves agree, and the network's answer.

        Every step models the flow through the pipe as linear in the share, with the slope seen so far, and solves
        the two halves for that exactly: where the rest of the network is stiff, or our own equations tell how it
        gives way, one step is enough.
        """
        through, slope = float(self.session.base.flow_m3s[self.link]), 0.0
        if (change := self.session.through_change(self.link)) is not None:
            through, slope = through + change[1] * self.flow_m3s, _slope(change[0] - change[1])
        share = self._root(0.0, through, slope)
        earlier: tuple[float, float] | None = None
        with self.session.hold() as runner:
            for _ in range(_MOST_SOLVES):
                (runner.run if closely else runner.run_once)(
                    {self.start: share, self.end: self.flow_m3s - share}
                )
                through = runner.flow_m3s(self.link)
                if abs(self.mismatch_m(share, through)) < runner.same_head_m or not runner.converged:
                    return share, runner.solution()
                if earlier is not None and abs(share - earlier[0]) > _SAME_FLOW_M3S:
                    slope = _slope((through - earlier[1]) / (share - earlier[0]))
                earlier = (share, through)
                share = self._root(share, through, slope)
                if abs(share - earlier[0]) < _SAME_FLOW_M3S:
                    return earlier[0], runner.solution()
        raise HydraulicsError("tie-in-unbalanced", pipe=self.session.index.link_ids[self.link])

    def _root(self, share_m3s: float, through_m3s: float, slope_ratio: float) -> float:
        """Share at which the halves agree if the through flow moves by `slope_ratio` of each change; by bisection."""

        def mismatch(share: float) -> float:
            return self.mismatch_m(share, through_m3s + slope_ratio * (share - share_m3s))

        reach = abs(self.flow_m3s) + abs(through_m3s)
        low, high = share_m3s - reach, share_m3s + reach
        while mismatch(low) > 0:
            low -= reach
        while mismatch(high) < 0:
            high += reach
        for _ in range(200):
            middle = (low + high) / 2.0
            low, high = (low, middle) if mismatch(middle) > 0 else (middle, high)
            if high - low < _SAME_FLOW_M3S / 100.0:
                break
        return (low + high) / 2.0


def _slope(slope_ratio: float) -> float:
    """What a pipe's flow gives way is never more than what its start draws."""
    return min(max(slope_ratio, -0.9999), 0.0)
