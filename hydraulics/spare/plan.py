"""The chunks a capacity map is worked on in: some neighbours each, always the same for the same network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hydraulics.capacity import CapacityRule
from hydraulics.spare.tour import tour_order

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hydraulics.gga.system import System
    from hydraulics.session import Session

_CHUNKS, _LEAST, _MOST = 64, 16, 200


@dataclass(frozen=True)
class Plan:
    """
    What is asked, and in which pieces.

    Attributes
    ----------
    rule
        What must hold.
    chunks
        Ids of nodes; neighbours follow each other.
    """

    rule: CapacityRule
    chunks: tuple[tuple[str, ...], ...]

    def doc(self) -> dict[str, Any]:
        """As it is kept."""
        rule = {
            "required_pressure_m": self.rule.required_pressure_m, "no_worse_m": self.rule.no_worse_m,
            "cap_m3s": self.rule.cap_m3s,
        }  # fmt: skip
        return {"rule": rule, "chunks": [list(chunk) for chunk in self.chunks]}

    @classmethod
    def from_doc(cls, document: Mapping[str, Any]) -> Plan:
        """Read it back."""
        return cls(CapacityRule(**document["rule"]), tuple(tuple(chunk) for chunk in document["chunks"]))

    def groups(self, session: Session, system: System) -> NDArray[np.int64]:
        """Shape (rows,): the chunk of every row of the equations, -1 for a fixed head."""
        group = np.full(len(system.node), -1, dtype=np.int64)
        for number, chunk in enumerate(self.chunks):
            rows = system.row[
                [session.node_position[name] for name in chunk if name in session.node_position]
            ]
            group[rows[rows >= 0]] = number
        group[system.unknowns :] = -1
        return group


def new_plan(session: Session, rule: CapacityRule) -> Plan:
    """Put every junction of a model into chunks."""
    names, order = session.index.node_ids, tour_order(session)
    junctions = np.flatnonzero(session.index.is_junction)
    walked = junctions[np.argsort(order[junctions], kind="stable")]
    return Plan(rule, _chunked([names[n] for n in walked]))


def plan_after(earlier: Plan, session: Session) -> Plan:
    """Keep an earlier plan's chunks as far as their nodes are still there; what is new comes in chunks of its own."""
    fresh = new_plan(session, earlier.rule)
    now = {name for chunk in fresh.chunks for name in chunk}
    kept = tuple(tuple(name for name in chunk if name in now) for chunk in earlier.chunks)
    known = {name for chunk in kept for name in chunk}
    added = [name for chunk in fresh.chunks for name in chunk if name not in known]
    return Plan(earlier.rule, (*kept, *(_chunked(added) if added else ())))


def _chunked(names: list[str]) -> tuple[tuple[str, ...], ...]:
    size = min(max(-(-len(names) // _CHUNKS), _LEAST), _MOST)
    return tuple(tuple(names[start : start + size]) for start in range(0, len(names), size))
