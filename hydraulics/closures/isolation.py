"""
Isolation 关阀方案: which valves to close for a tie-in or a break at a place, and what that takes from customers.

A valve that does not turn leaves two segments joined: then the valves around both are closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hydraulics.errors import ModelInputError
from hydraulics.tie_in import node_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from hydraulics.closures.loss import Loss
    from hydraulics.closures.outage import Closures
    from hydraulics.results import TieIn

    IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class ClosingValve:
    """
    A valve to close.

    Attributes
    ----------
    pipe_id, node_id
        The pipe it is on, and the end of it.
    is_shut
        Closed already: look whether it is.
    feeds
        Water can come through it; else it only keeps what lies behind from draining.
    """

    valve_id: str
    kind: str
    dn: int
    pipe_id: str
    node_id: str
    is_shut: bool
    feeds: bool


@dataclass(frozen=True)
class Isolation:
    """
    What closing off a place means.

    Attributes
    ----------
    valves
        To be closed, those that feed first.
    failed
        Ids of valves around the place that were taken as not turning.
    segments
        The segments shut off, the one of the place first.
    pipe_ids
        Pipes shut off.
    dry_links
        Places of all links without water, those that merely hang on the closed part with them.
    customer_rows
        Rows of the customers layer without water.
    is_known
        False where hardly any valve of the network is recorded: then the figures are those of the one pipe or node.
    """

    valves: tuple[ClosingValve, ...]
    failed: tuple[str, ...]
    segments: tuple[int, ...]
    pipe_ids: tuple[str, ...]
    dry_links: IntArray
    customer_rows: IntArray
    loss: Loss
    is_known: bool

    @property
    def customers_out(self) -> int:
        """Customers without water."""
        return round(self.loss.without_water_count)

    @property
    def unserved_lps(self) -> float:
        """Peak demand that is not drawn [L/s]."""
        return self.loss.unserved_m3s * 1000.0


def isolation_for(closures: Closures, tie_in: TieIn, *, failed: Collection[str] = ()) -> Isolation:
    """
    Give what to close for work at a place, with the `failed` valves left as they are.

    Raises
    ------
    ModelInputError
        The place is not in the model, or a failed valve is no valve of it.
    """
    plan = closures.plan
    unknown = sorted(set(failed) - set(plan.seats.ids.tolist()))
    if unknown:
        raise ModelInputError("valve-unknown", valve=unknown[0])
    stuck = np.isin(plan.seats.ids, np.array(sorted(failed), dtype=object)) & ~plan.seats.is_shut
    shut = _joined(closures, _segment_at(closures, tie_in), stuck)
    around = _around(closures, shut)
    dry, part = closures.graph.dry(shut)
    links = np.flatnonzero(dry[plan.segments.link])
    customers = closures.customers.link
    in_shut = np.isin(plan.segments.link, shut)
    index = closures.session.index
    return Isolation(
        valves=_valves(closures, around, shut, dry) if plan.has_valves else (),
        failed=tuple(plan.seats.ids[stuck & _touches(closures, shut)].tolist()),
        segments=tuple(shut.tolist()),
        pipe_ids=tuple(index.link_ids[k] for k in np.flatnonzero(in_shut & closures.is_pipe)),
        dry_links=links,
        customer_rows=np.flatnonzero(np.isin(customers, links) & (customers >= 0)),
        loss=closures.loss(shut, (dry, part)),
        is_known=plan.has_valves,
    )


def _segment_at(closures: Closures, tie_in: TieIn) -> int:
    session, segments = closures.session, closures.plan.segments
    if tie_in.pipe_id is not None:
        if tie_in.pipe_id not in session.link_position:
            raise ModelInputError("pipe-unknown", pipe=tie_in.pipe_id)
        return int(segments.link[session.link_position[tie_in.pipe_id]])
    node = node_of(session, tie_in)
    return int(segments.node[node if node is not None else 0])


def _joined(closures: Closures, segment: int, stuck: NDArray[np.bool_]) -> IntArray:
    """The segment of the place, then those that valves which do not turn leave joined to it."""
    segments, found, queue = closures.plan.segments, [segment], [segment]
    while queue:
        one = queue.pop()
        for valve in closures.plan.valves_of(one):
            if not stuck[valve]:
                continue
            for other in (int(segments.first[valve]), int(segments.second[valve])):
                if other not in found:
                    found.append(other)
                    queue.append(other)
    return np.array(found, dtype=np.int64)


def _touches(closures: Closures, shut: IntArray) -> NDArray[np.bool_]:
    segments = closures.plan.segments
    return np.isin(segments.first, shut) | np.isin(segments.second, shut)


def _around(closures: Closures, shut: IntArray) -> IntArray:
    """Valves between what is shut and the rest, each once."""
    segments = closures.plan.segments
    valves = np.unique(np.concatenate([closures.plan.valves_of(int(s)) for s in shut]))
    outside = ~np.isin(segments.first[valves], shut) | ~np.isin(segments.second[valves], shut)
    return valves[outside].astype(np.int64)


def _valves(
    closures: Closures, around: IntArray, shut: IntArray, dry: NDArray[np.bool_]
) -> tuple[ClosingValve, ...]:
    seats, segments, index = closures.plan.seats, closures.plan.segments, closures.session.index
    found = []
    for valve in around.tolist():
        inside_first = segments.first[valve] in shut
        outside = segments.second[valve] if inside_first else segments.first[valve]
        feeds = bool(closures.graph.is_reached[outside] and not dry[outside])
        found.append(
            ClosingValve(
                str(seats.ids[valve]), str(seats.kinds[valve]), int(seats.dn[valve]), index.link_ids[seats.link[valve]],
                index.node_ids[seats.node[valve]], bool(seats.is_shut[valve]), feeds,
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda v: (not v.feeds, v.is_shut, v.valve_id)))
