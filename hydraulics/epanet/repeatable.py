"""
Repeatable: a session whose answers do not depend on what was asked before, and come where the change reaches.

EPANET's own warm runs end some hundredths of a millimetre apart, by where they started from; a scheme that must be
computed again to the last digit cannot use them. Here a change is re-solved by our own equations, from EPANET's base
state; where those cannot answer, EPANET does, cold.
"""

from __future__ import annotations

from contextlib import contextmanager
from copy import copy
from typing import TYPE_CHECKING

import numpy as np

from hydraulics.epanet.runner import SAME_HEAD_M_OF_HALVES
from hydraulics.errors import HydraulicsError, ModelInputError
from hydraulics.results import Solution

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from hydraulics.gga.solver import LocalSolver
    from hydraulics.model import PeakModel
    from hydraulics.results import ModelIndex
    from hydraulics.session import Session

TOLERANCE_M = 0.005
_HALVES_SHARE = 0.1  # of the tolerance: how far the heads of the two halves of a tapped pipe may differ
KEPT_COUNT = 12  # last answers kept: a scheme asks the same of one place several times
SMALL_COUNT = 5000  # up to so many nodes EPANET solves cold sooner than our own equations are loaded


class Repeatable:
    """
    Answers like a `Session`: all heads, and the flows of links between two nodes that draw more; NaN for other changed ones.

    Attributes
    ----------
    session
        The one whose base state counts.
    tolerance_m
        How far a head may be from EPANET's.
    """

    def __init__(self, session: Session, *, small_count: int = SMALL_COUNT) -> None:
        self.session = session
        self.model: PeakModel = session.model
        self.index: ModelIndex = session.index
        self.base: Solution = session.base
        self.node_position, self.link_position = session.node_position, session.link_position
        self.tolerance_m = TOLERANCE_M
        self._kept: dict[tuple[float, tuple[tuple[int, float], ...]], Solution] = {}
        self._solver = None if len(self.index.node_ids) <= small_count else _solver_of(session)

    @property
    def is_local(self) -> bool:
        """Whether our own equations answer at all for this model."""
        return self._solver is not None

    def rougher(self, tolerance_m: float) -> Repeatable:
        """The same with heads right to `tolerance_m` only, found sooner; itself where EPANET answers."""
        if self._solver is None:
            return self
        other = copy(self)
        other.tolerance_m = tolerance_m
        return other

    def solve(self, extra_m3s: Mapping[int, float]) -> Solution:
        """
        Solve the base state plus constant extra demand at nodes.

        Raises
        ------
        ModelInputError
            No water reaches one of the nodes.
        HydraulicsError
            EPANET cannot solve at all.
        """
        for node in extra_m3s:
            if not self.index.is_fed[node]:
                raise ModelInputError("tie-in-not-fed", subject=self.index.node_ids[node])
        key = (self.tolerance_m, tuple(sorted(extra_m3s.items())))
        known = self._kept.pop(key, None)
        if known is None:
            known = self._local(extra_m3s) or self._cold(extra_m3s)
        self._kept[key] = known
        while len(self._kept) > KEPT_COUNT:
            self._kept.pop(next(iter(self._kept)), None)
        return known

    def through_change(self, link: int) -> tuple[float, float] | None:
        """How a link's flow moves with demand at its start and at its end; None where EPANET answers."""
        if self._solver is None:
            return None
        from hydraulics.gga.through import through_change

        return through_change(self._solver.system, link)

    @contextmanager
    def hold(self) -> Iterator[_Steps]:
        """Several solves in a row, as a session allows them."""
        yield _Steps(self)

    def _local(self, extra_m3s: Mapping[int, float]) -> Solution | None:
        drawn = {node: flow for node, flow in extra_m3s.items() if flow and self.index.is_junction[node]}
        if not drawn:
            return self.base
        if self._solver is None:
            return None
        index, links = self.index, self._between(list(extra_m3s))
        answer = self._solver.ask(drawn, tolerance_m=self.tolerance_m, links=links.tolist())
        if answer.declined is not None:
            return None
        change_m = np.zeros(len(self.base.head_m))
        change_m[answer.nodes] = answer.head_change_m
        moved = (change_m[index.link_start] != 0.0) | (change_m[index.link_end] != 0.0)
        flow_m3s = np.where(moved, np.nan, self.base.flow_m3s)
        flow_m3s[links] = answer.link_flow_m3s
        return Solution(
            head_m=self.base.head_m + change_m,
            pressure_m=self.base.pressure_m + change_m * self.model.tables.options.specific_gravity_ratio,
            flow_m3s=flow_m3s,
            velocity_mps=np.where(moved, np.nan, self.base.velocity_mps),
            converged=self.base.converged,
            warnings=self.base.warnings,
        )

    def _between(self, nodes: list[int]) -> NDArray[np.int64]:
        """Links of the model from one of some nodes to another."""
        if len(nodes) < 2:
            return np.empty(0, dtype=np.int64)
        count = len(self.model.tables.link_ids)
        start, end = self.index.link_start[:count], self.index.link_end[:count]
        return np.flatnonzero(np.isin(start, nodes) & np.isin(end, nodes))

    def _cold(self, extra_m3s: Mapping[int, float]) -> Solution:
        with self.session.hold() as runner:
            runner.run(extra_m3s, cold=True)
            return runner.solution()


def _solver_of(session: Session) -> LocalSolver | None:
    from hydraulics.gga.solver import LocalSolver
    from hydraulics.gga.system import system_of

    try:
        return LocalSolver(system_of(session))
    except HydraulicsError:
        return None  # devices our equations do not follow: EPANET answers alone


class _Steps:
    """
    What a tie-in on a pipe asks of a runner.

    Attributes
    ----------
    same_head_m
        How far the heads of the two halves of the pipe may differ.
    """

    def __init__(self, session: Repeatable) -> None:
        self._session = session
        self._after = session.base
        self.same_head_m = _HALVES_SHARE * session.tolerance_m if session.is_local else SAME_HEAD_M_OF_HALVES

    @property
    def converged(self) -> bool:
        """Whether the last solve came to its end."""
        return self._after.converged

    def run(self, extra_m3s: Mapping[int, float]) -> None:
        """Solve with other extra demand."""
        self._after = self._session.solve(extra_m3s)

    run_once = run  # as close the one way as the other

    def flow_m3s(self, link: int) -> float:
        """Flow of one link, from start to end."""
        return float(self._after.flow_m3s[link])

    def solution(self) -> Solution:
        """The whole state."""
        return self._after
