"""
Places on pipes as nodes of the model, and demand that is promised already: accepted and reserved schemes.

A tie-in between the ends of a pipe becomes a node of its own by cutting the pipe there. Losses grow with length, so the
network behaves as before; where water is drawn later, the two pieces carry what EPANET says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hydraulics.results import TieIn
from hydraulics.tables import PipeState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hydraulics.tables import CutOff, ModelTables

_END_FRACTION = 1e-6


@dataclass(frozen=True)
class Taken:
    """A demand promised at a tie-in [m3/s] on top of the peak demand; `name` is the scheme or reservation it is for."""

    tie_in: TieIn
    flow_m3s: float
    name: str = ""


@dataclass(frozen=True)
class _Cut:
    """A new node between the ends of a pipe."""

    pipe: int
    fraction: float


def with_taken(tables: ModelTables, taken: Sequence[Taken]) -> tuple[ModelTables, tuple[Taken, ...]]:
    """
    Give the model with promised demands as part of its base, and those whose tie-in the model does not have.

    Who is promised water is a customer like any other: the limits hold for him too.
    """
    if not taken:
        return tables, ()
    cut, places = with_places(tables, [one.tie_in for one in taken])
    demand_m3s = cut.demand_m3s.copy()
    here = [(place, one) for place, one in zip(places, taken, strict=True) if 0 <= place < cut.junction_count]
    for place, one in here:
        demand_m3s[place] += one.flow_m3s
    lost = tuple(one for place, one in zip(places, taken, strict=True) if place < 0)
    return replace(cut, demand_m3s=demand_m3s), lost


def with_places(tables: ModelTables, tie_ins: Sequence[TieIn]) -> tuple[ModelTables, NDArray[np.int64]]:
    """
    Give the model with a node at every tie-in, and the positions of those nodes in the order asked.

    A new node has no demand; -1 for a tie-in on a node or an open pipe the model does not have. The first piece of a
    cut pipe keeps its id, the next are called `id~1`, `id~2`; the nodes `id@fraction`.
    """
    nodes = {name: n for n, name in enumerate(tables.node_ids)}
    pipes = {name: k for k, name in enumerate(tables.link_ids[: tables.pipe_count])}
    wanted = [_meant(tables, tie_in, nodes, pipes) for tie_in in tie_ins]
    cuts = sorted({one for one in wanted if isinstance(one, _Cut)}, key=lambda one: (one.pipe, one.fraction))
    if not cuts:
        return tables, np.array([one if isinstance(one, int) else -1 for one in wanted], dtype=np.int64)
    first = tables.junction_count
    place_of = {cut: first + n for n, cut in enumerate(cuts)}

    def place(one: int | _Cut) -> int:
        if isinstance(one, _Cut):
            return place_of[one]
        return one + len(cuts) if one >= first else one

    places = np.array([place(one) for one in wanted], dtype=np.int64)
    return _cut(tables, cuts), places


def _meant(tables: ModelTables, tie_in: TieIn, nodes: dict[str, int], pipes: dict[str, int]) -> int | _Cut:
    if tie_in.node_id is not None:
        return nodes.get(tie_in.node_id, -1)
    pipe = pipes.get(tie_in.pipe_id or "", -1)
    if pipe < 0 or tables.pipe_state[pipe] == PipeState.CLOSED:
        return -1
    if tie_in.fraction <= _END_FRACTION:
        return int(tables.link_start[pipe])
    if tie_in.fraction >= 1.0 - _END_FRACTION:
        return int(tables.link_end[pipe])
    return _Cut(pipe, round(tie_in.fraction, 6))


def _cut(tables: ModelTables, cuts: Sequence[_Cut]) -> ModelTables:
    """Cut pipes; `cuts` are ordered by pipe and fraction."""
    count, first, pipes = len(cuts), tables.junction_count, tables.pipe_count
    pipe = np.array([cut.pipe for cut in cuts], dtype=np.int64)
    share = np.array([cut.fraction for cut in cuts])
    goes_on = np.append(pipe[1:] == pipe[:-1], False)
    leads_on = np.append(False, pipe[1:] == pipe[:-1])
    after = np.where(goes_on, np.append(share[1:], 1.0), 1.0) - share
    new_node = first + np.arange(count)
    start, end = _moved(tables.link_start, first, count), _moved(tables.link_end, first, count)
    a, b = tables.link_start[pipe], tables.link_end[pipe]
    piece_end = np.where(goes_on, new_node + 1, end[pipe])
    heads = ~leads_on
    length_m, minor_k = tables.length_m.copy(), tables.minor_k.copy()
    piece_length_m, piece_k = length_m[pipe] * after, minor_k[pipe] * after
    length_m[pipe[heads]] *= share[heads]
    minor_k[pipe[heads]] *= share[heads]
    end[pipe[heads]] = new_node[heads]
    node_ids = tuple(f"{tables.link_ids[k]}@{one:g}" for k, one in zip(pipe, share, strict=True))
    return replace(
        tables,
        node_ids=tables.node_ids[:first] + node_ids + tables.node_ids[first:],
        link_ids=tables.link_ids[:pipes] + _piece_ids(tables, pipe, heads) + tables.link_ids[pipes:],
        junction_count=first + count,
        elevation_m=np.insert(tables.elevation_m, first, _ground_m(tables, a, b, share)),
        demand_m3s=np.insert(tables.demand_m3s, first, np.zeros(count)),
        position_xy=np.insert(tables.position_xy, first, _between(tables.position_xy, a, b, share[:, None]), axis=0),
        link_start=np.insert(start, pipes, new_node),
        link_end=np.insert(end, pipes, piece_end),
        length_m=np.insert(length_m, pipes, piece_length_m),
        diameter_m=np.insert(tables.diameter_m, pipes, tables.diameter_m[pipe]),
        roughness_factor=np.insert(tables.roughness_factor, pipes, tables.roughness_factor[pipe]),
        minor_k=np.insert(minor_k, pipes, piece_k),
        pipe_state=np.insert(tables.pipe_state, pipes, np.full(count, PipeState.OPEN)).astype(np.int8),
        emitters={n + (count if n >= first else 0): k for n, k in tables.emitters.items()},
        vertices={
            k + (count if k >= pipes else 0): points for k, points in tables.vertices.items() if k not in set(pipe.tolist())
        },
        cut_off=_renumbered(tables.cut_off, first, count),
    )  # fmt: skip


def _between(
    figures: NDArray[Any], a: NDArray[np.int64], b: NDArray[np.int64], share: NDArray[np.float64]
) -> NDArray[np.float64]:
    moved: NDArray[np.float64] = figures[a] + (figures[b] - figures[a]) * share
    return moved


def _ground_m(
    tables: ModelTables, a: NDArray[np.int64], b: NDArray[np.int64], share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Ground between two ends [m]; that of the other end where one is a reservoir or tank whose ground nobody told."""
    known_m = np.where(tables.ground_is_known, tables.elevation_m, np.nan)
    start_m, end_m = known_m[a], known_m[b]
    start_m, end_m = np.where(np.isnan(start_m), end_m, start_m), np.where(np.isnan(end_m), start_m, end_m)
    ground_m: NDArray[np.float64] = start_m + (end_m - start_m) * share
    return ground_m


def _moved(nodes: NDArray[np.int64], first: int, count: int) -> NDArray[np.int64]:
    return nodes + np.where(nodes >= first, count, 0)


def _piece_ids(tables: ModelTables, pipe: NDArray[np.int64], heads: NDArray[np.bool_]) -> tuple[str, ...]:
    names, number = [], 0
    for k, is_first in zip(pipe, heads, strict=True):
        number = 1 if is_first else number + 1
        names.append(f"{tables.link_ids[k]}~{number}")
    return tuple(names)


def _renumbered(rest: CutOff | None, first: int, count: int) -> CutOff | None:
    if rest is None:
        return None
    return replace(
        rest, link_start=_moved(rest.link_start, first, count), link_end=_moved(rest.link_end, first, count)
    )
