"""One chunk of a capacity map, found and written as text: found again it is the same to the last byte."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hydraulics.capacity import Capacities, Finder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hydraulics.results import FloatArray
    from hydraulics.session import Session
    from hydraulics.spare.plan import Plan

COLUMNS = ("node_id", "capacity_lps", "limiting_node_id", "limit", "by_epanet")
_END = "# sha256 "


@dataclass(frozen=True)
class Chunk:
    """
    The answers for some nodes, by their ids, and what they lean on.

    Attributes
    ----------
    node_ids, limiting_node_ids, limits, by_epanet
        As in `Capacities`; an empty id where nobody limits.
    capacity_lps
        Rounded as the table shows it.
    influence
        Shape (chunks,): share of what a kept answer may be off that each L/s drawn in another chunk uses up; infinite
        where not known.
    fall_m
        Shape (chunks,): greatest fall of a head in another chunk while a capacity is drawn.
    """

    node_ids: tuple[str, ...]
    capacity_lps: FloatArray
    limiting_node_ids: tuple[str, ...]
    limits: tuple[str, ...]
    by_epanet: tuple[bool, ...]
    influence: NDArray[Any]
    fall_m: FloatArray

    def text(self) -> str:
        """As a file: rows, what they lean on, and a last line that tells whether the file is whole."""
        out = io.StringIO()
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(COLUMNS)
        for line in zip(
            self.node_ids, self.capacity_lps, self.limiting_node_ids, self.limits, self.by_epanet, strict=True
        ):
            rows.writerow((line[0], f"{line[1]:.5f}", line[2], line[3], int(line[4])))
        for name, figures in (("# influence", self.influence), ("# fall", self.fall_m)):
            rows.writerow((name, *(f"{figure:.4g}" for figure in figures)))
        body = out.getvalue()
        return f"{body}{_END}{hashlib.sha256(body.encode()).hexdigest()}\n"

    @classmethod
    def from_text(cls, text: str) -> Chunk | None:
        """Read it back; None when the file is not whole."""
        body, _, mark = text.rpartition(_END)
        if hashlib.sha256(body.encode()).hexdigest() != mark.strip():
            return None
        _, *rows, influence, fall = list(csv.reader(io.StringIO(body)))
        return cls(
            tuple(row[0] for row in rows), np.array([float(row[1]) for row in rows]), tuple(row[2] for row in rows),
            tuple(row[3] for row in rows), tuple(row[4] == "1" for row in rows), _figures(influence), _figures(fall),
        )  # fmt: skip


def _figures(row: list[str]) -> FloatArray:
    return np.array([float(word) for word in row[1:]])


class ChunkMaker:
    """Finds chunk after chunk of one plan with one session."""

    def __init__(self, session: Session, plan: Plan, finder: Finder) -> None:
        self._session, self._plan, self._finder = session, plan, finder
        system = finder.system
        self._group = None if system is None else plan.groups(session, system)

    def make(self, number: int) -> Chunk:
        """Find one chunk, owing nothing to the chunks before."""
        from hydraulics.gga.reach import Reach

        names, count = self._plan.chunks[number], len(self._plan.chunks)
        nodes = np.array([self._session.node_position[name] for name in names], dtype=np.int64)
        influence, fall = np.zeros(count + 1), np.zeros(count)
        reach = None if self._group is None else Reach(self._group, influence, fall)
        if reach is None:
            influence[-1] = np.inf
        answer = self._finder.answer(nodes, reach=reach)
        known = np.isfinite(influence[-1])
        return _chunk(
            names,
            answer,
            self._session.index.node_ids,
            influence[:-1] / 1000.0 if known else np.full(count, np.inf),
            fall,
        )


def _chunk(
    names: tuple[str, ...],
    answer: Capacities,
    ids: tuple[str, ...],
    influence: NDArray[Any],
    fall_m: FloatArray,
) -> Chunk:
    return Chunk(
        names, np.round(answer.capacity_m3s * 1000.0, 5),
        tuple(ids[n] if n >= 0 else "" for n in answer.limiting_nodes), tuple(str(word) for word in answer.limits),
        tuple(bool(one) for one in answer.by_epanet), influence, fall_m,
    )  # fmt: skip
