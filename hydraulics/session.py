"""
Session: one open EPANET project of one model, kept warm, so that a what-if costs a solve and a read.

Traps it guards against (all measured): EPANET's device states depend on what was solved before, and closed-off parts
have heads that mean nothing. See `runner` for how a scenario is solved; here are the lock, the files and the ends.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from hydraulics.epanet.engine import EngineCallError, Project
from hydraulics.epanet.runner import Runner
from hydraulics.errors import HydraulicsError
from hydraulics.results import ModelIndex
from hydraulics.tables import CutOff, PipeState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hydraulics.epanet.runner import Measure
    from hydraulics.model import PeakModel
    from hydraulics.results import FloatArray, Solution

_GUARD_EVERY = 50
# After so many, our own equations of a large model would have paid for being made; where they are, for their loop.
_PLAIN_QUESTIONS, _PLAIN_QUESTIONS_BESIDE = 20, 5


class Session:
    """
    A model held open. Safe to share between threads: a lock lets one question at a time pass.

    Attributes
    ----------
    index
        Ids and fixed figures, in the order of every array.
    base
        The state without extra demand.
    node_position, link_position
        Id to place in the arrays.
    kept
        What was made from the session and is only read, by name; it goes with the session.
    """

    def __init__(self, model: PeakModel) -> None:
        self.model = model
        self.index = _index(model)
        self.node_position = dict(zip(self.index.node_ids, range(len(self.index.node_ids)), strict=True))
        self.link_position = dict(zip(self.index.link_ids, range(len(self.index.link_ids)), strict=True))
        self.kept: dict[str, Any] = {}
        self._lock = Lock()
        self._questions = 0
        self._scratch = TemporaryDirectory(prefix="tapwright-")
        self._project: Project | None = None
        try:
            solved = model.opened.take()
            self._project = solved or Project(model.inp, Path(self._scratch.name) / "model.rpt")
            self._runner = Runner(model, self.index, self._project, is_solved=solved is not None)
        except EngineCallError as error:
            self.close()
            raise HydraulicsError("model-not-runnable", reason=error.code) from error
        except BaseException:
            self.close()
            raise
        self.base = self._runner.base
        self._is_measured = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give memory and files back; may be called twice."""
        with self._lock:
            if self._project is not None:
                self._project.close()
                self._project = None
            self._scratch.cleanup()

    def base_state(self) -> FloatArray:
        """Shape (links of the model,): EPANET's raw states (`engine_codes.State`) without extra demand."""
        return self._runner.base_state

    def base_bare_head_m(self) -> FloatArray:
        """Shape (nodes of the model,): heads as EPANET left them without extra demand, also where no water comes."""
        return self._runner.base_bare_head_m

    def can_tap(self, pipe_id: str) -> bool:
        """Say whether a new connection may be put on the pipe: in the model, no device, open, with water."""
        link = self.link_position.get(pipe_id)
        if link is None or link >= self.model.tables.pipe_count:
            return False
        ends = (self.index.link_start[link], self.index.link_end[link])
        is_open = self.model.tables.pipe_state[link] != PipeState.CLOSED
        return bool(is_open and all(self.index.is_fed[end] for end in ends))

    def device_kind(self, link: int) -> str:
        """Give the kind of a link that is no pipe: pump, or the kind of the valve (PRV, FCV, ...)."""
        tables = self.model.tables
        place = link - tables.pipe_count - len(tables.pumps)
        return "pump" if place < 0 else tables.valves[place].kind

    def solve(self, extra_m3s: Mapping[int, float]) -> Solution:
        """
        Solve the base state plus constant extra demand at nodes (position in `index.node_ids` to m3/s).

        Extra demand at a reservoir or tank changes nothing: its head is fixed.

        Raises
        ------
        ModelInputError
            No water reaches one of the nodes.
        HydraulicsError
            The session is closed, or EPANET cannot solve at all.
        """
        with self.hold() as runner:
            runner.run_once(extra_m3s, measured=False)
            return runner.solution()

    def solve_without(
        self, links: Sequence[int], *, dry: Sequence[int] = (), extra_m3s: Mapping[int, float] | None = None
    ) -> Solution:
        """
        Solve the base state with some links (positions in `index.link_ids`) shut, and nothing drawn at `dry` nodes.

        `extra_m3s` is demand besides, by node.

        Raises
        ------
        HydraulicsError
            The session is closed, or EPANET cannot solve at all.
        """
        with self.hold() as runner:
            return runner.run_without(links, dry=dry, extra_m3s=extra_m3s)

    def forget(self) -> None:
        """Solve the next question cold: its answer then owes nothing to what was asked before."""
        with self._lock:
            self._runner.converged = False

    def through_change(self, link: int) -> tuple[float, float] | None:
        """How a link's flow moves with demand at its start and at its end; None while our own equations are not made."""
        return None if self._runner.measure is None else self._runner.measure.through_change(link)

    @property
    def wants_measure(self) -> bool:
        """Say whether our own equations are there, or worth making, to tell when an answer is near enough: see `measured`."""
        if self._is_measured or not self._runner.may_ease:
            return False
        return self._questions > (_PLAIN_QUESTIONS_BESIDE if "system" in self.kept else _PLAIN_QUESTIONS)

    def measure_by(self, measure: Measure | None) -> None:
        """Stop where `measure` says that an answer is near enough; None for a model it cannot be had of."""
        with self._lock:
            self._is_measured, self._runner.measure = True, measure

    @contextmanager
    def hold(self) -> Iterator[Runner]:
        """Keep the session to oneself for several solves in a row; the base demand is back in place afterwards."""
        with self._lock:
            if self._project is None:
                raise HydraulicsError("session-closed")
            self._questions += 1
            try:
                yield self._runner
                if self._runner.is_warm and self._questions % _GUARD_EVERY == 0:
                    self._runner.guard()
            except EngineCallError as error:
                raise HydraulicsError("run-stopped", reason=error.code) from error
            finally:
                self._runner.restore()


def _index(model: PeakModel) -> ModelIndex:
    tables, rest = model.tables, model.tables.cut_off or _NOTHING
    demand_m3s = np.append(tables.demand_m3s, np.zeros(len(rest.node_ids)))
    is_junction = np.ones(len(demand_m3s), dtype=bool)
    is_junction[tables.junction_count : len(tables.node_ids)] = False
    return ModelIndex(
        node_ids=tables.node_ids + rest.node_ids,
        link_ids=tables.link_ids + rest.link_ids,
        is_junction=is_junction,
        is_fed=model.is_fed,
        elevation_m=np.append(tables.elevation_m, rest.elevation_m),
        demand_m3s=demand_m3s,
        link_start=np.append(tables.link_start, rest.link_start),
        link_end=np.append(tables.link_end, rest.link_end),
        link_length_m=np.append(tables.length_m, rest.length_m),
        link_diameter_m=np.append(tables.diameter_m, rest.diameter_m),
    )


_NO_FLOATS, _NO_INTEGERS = np.empty(0), np.empty(0, dtype=np.int64)
_NOTHING = CutOff((), (), _NO_FLOATS, _NO_INTEGERS, _NO_INTEGERS, _NO_FLOATS, _NO_FLOATS)
