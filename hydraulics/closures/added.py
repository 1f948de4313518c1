"""
Where one more valve would help most: it parts a segment in two, so that a break shuts off only its own part.

Judged by the demand that is out on average when a break may be anywhere, each metre of pipe as likely as the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gis.progress import SILENT
from hydraulics.closures.parts import Part, Piece, cut_pieces

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from gis.progress import Progress
    from hydraulics.closures.outage import Closures

    IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class AddedValve:
    """
    A valve that is not there yet.

    Attributes
    ----------
    link, node
        The pipe it would stand on and the end of it.
    segment
        The segment it would part.
    first_m, second_m
        Pipe on the node's side and on the other.
    before_m3s, first_m3s, second_m3s
        Demand out when the segment is shut now, and when each part of it is shut then.
    saved_m3s
        By how much the demand that is out on average over all breaks of the network falls.
    """

    link: int
    node: int
    segment: int
    first_m: float
    second_m: float
    before_m3s: float
    first_m3s: float
    second_m3s: float
    saved_m3s: float


def added_valves(closures: Closures, *, count: int, progress: Progress = SILENT) -> list[AddedValve]:
    """
    Rank the single valves that would help most, at most one a segment, by what no water reaches then.

    What is lost elsewhere for want of pressure is left out on both sides.
    """
    lengths = _pipe_lengths_m(closures)
    outside = _Outside(closures)
    found = []
    segments = np.flatnonzero(closures.graph.is_reached)
    total_m = float(lengths.sum())
    for done, segment in enumerate(segments.tolist()):
        if done % 1000 == 0:
            progress.step("added-valves", done, len(segments))
        part = outside.part(segment, lengths)
        best = max(cut_pieces(part), key=lambda piece: _saved(part, piece), default=None)
        if best is not None and _saved(part, best) > 0.0:
            found.append(_told(segment, part, best, total_m))
    progress.step("added-valves", len(segments), len(segments))
    found.sort(key=lambda valve: (-valve.saved_m3s, valve.link, valve.node))
    return found[:count]


def average_out_m3s(closures: Closures) -> float:
    """Demand that is out on average when a break may be on any metre of pipe [m3/s]."""
    lengths = _pipe_lengths_m(closures)
    by_segment = np.bincount(
        closures.plan.segments.link, weights=lengths, minlength=closures.plan.segments.count
    )
    out = closures.graph.behind(closures.segment_drawn_m3s)
    return float((by_segment * out).sum() / max(lengths.sum(), 1e-9))


def _pipe_lengths_m(closures: Closures) -> NDArray[np.float64]:
    """Shape (links,): length of pipes that water reaches, zero for the rest."""
    reached = closures.graph.is_reached[closures.plan.segments.link]
    return np.where(closures.is_pipe & reached, closures.session.index.link_length_m, 0.0)


def _out(part: Part, inside: Piece, other: Piece) -> float:
    """Demand out when the inside is shut: with the other piece where that has no water of its own."""
    if not other.is_fed:
        return part.own_m3s + sum(part.branch_m3s)
    touched_else = other.branches
    hanging = sum(flow for n, flow in enumerate(part.branch_m3s) if n not in touched_else)
    return inside.own_m3s + hanging


def _saved(part: Part, pieces: tuple[Any, Piece, Piece]) -> float:
    _, first, second = pieces
    whole = part.own_m3s + sum(part.branch_m3s)
    now = (first.length_m + second.length_m) * whole
    return now - first.length_m * _out(part, first, second) - second.length_m * _out(part, second, first)


def _told(segment: int, part: Part, best: tuple[Any, Piece, Piece], total_m: float) -> AddedValve:
    (link, node), first, second = best
    return AddedValve(
        link=link, node=node, segment=segment, first_m=first.length_m, second_m=second.length_m,
        before_m3s=part.own_m3s + sum(part.branch_m3s), first_m3s=_out(part, first, second),
        second_m3s=_out(part, second, first), saved_m3s=_saved(part, best) / max(total_m, 1e-9),
    )  # fmt: skip


class _Outside:
    """What lies around each segment: the rest of the network, and what hangs on the segment alone."""

    def __init__(self, closures: Closures) -> None:
        self._closures = closures
        index, plan = closures.session.index, closures.plan
        pairs = set(zip(plan.seats.link.tolist(), plan.seats.node.tolist(), strict=True))
        self._start, self._end = index.link_start.tolist(), index.link_end.tolist()
        self._seated = pairs
        tables = closures.session.model.tables
        tree = closures.graph.tree
        drawn = np.append(closures.segment_drawn_m3s, 0.0)[tree.at[tree.at >= 0]]
        self._running = np.concatenate([[0.0], np.cumsum(drawn)])
        self._sources = set(range(tables.junction_count, len(tables.node_ids)))

    def part(self, segment: int, length_m: NDArray[np.float64]) -> Part:
        """The segment as a graph of its own."""
        closures, plan = self._closures, self._closures.plan
        tree, seats = closures.graph.tree, plan.seats
        branches = tree.branch[tree.branch_start[segment] : tree.branch_start[segment + 1]]
        behind = (self._running[tree.end[branches]] - self._running[tree.order[branches]]).tolist()
        touching: dict[Any, set[int]] = {}
        fed: set[Any] = set()
        for valve in plan.valves_of(segment).tolist():
            if seats.is_shut[valve]:
                continue
            inside_node = plan.segments.first[valve] == segment
            other = int(plan.segments.second[valve] if inside_node else plan.segments.first[valve])
            at = ("n", int(seats.node[valve])) if inside_node else ("k", int(seats.link[valve]))
            place = tree.order[other]
            branch = next(
                (n for n, b in enumerate(branches.tolist()) if tree.order[b] <= place < tree.end[b]), None
            )
            if branch is None:
                fed.add(at)
            else:
                touching.setdefault(at, set()).add(branch)
        joints = [
            (("k", link), ("n", node))
            for link in plan.links_of(segment).tolist()
            for node in (self._start[link], self._end[link])
            if plan.segments.node[node] == segment and (link, node) not in self._seated
        ]
        own = {("n", int(n)): float(closures.drawn_m3s[n]) for n in plan.nodes_of(segment)}
        length = {("k", int(k)): float(length_m[k]) for k in plan.links_of(segment)}
        fed |= {("n", int(n)) for n in plan.nodes_of(segment) if int(n) in self._sources}
        return Part(tuple(joints), own, length, frozenset(fed), touching, tuple(behind))
