"""What the network does while a segment is shut off, compiled: the graph of segments, and the local re-solve."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from hydraulics.gga.compiled import njit, njit_nogil
from hydraulics.gga.desk import Base, Desk
from hydraulics.gga.devices import Devices
from hydraulics.gga.laws import Array
from hydraulics.gga.local import clear, hold, settle
from hydraulics.gga.removal import Served, effect
from hydraulics.gga.solver import all_stand
from hydraulics.gga.tangents import take_away

_MOST_STEPS = 80


class Tree(NamedTuple):
    """
    The graph of segments walked through from its sources.

    Attributes
    ----------
    order, end
        Place of every segment in the walk, and the place after the last one reached through it; -1 where not reached.
    at
        The segment at every place.
    branch_start, branch
        Segments that hang on segment s alone, with all behind them: `branch[branch_start[s]:branch_start[s + 1]]`.
    """

    order: Array
    end: Array
    at: Array
    branch_start: Array
    branch: Array


@njit
def walk_segments(start: Array, to: Array, root: int) -> Any:
    """
    Depth-first walk; `start`, `to` list the neighbours of every segment.

    Tarjan's low points, without recursion: what hangs below a segment and leads back above it nowhere, hangs on it.
    """
    count = len(start) - 1
    order, low, end = np.full(count, -1), np.zeros(count, dtype=np.int64), np.full(count, -1)
    at, came, stack = np.full(count, -1), np.full(count, -1), np.empty(count, dtype=np.int64)
    next_at, hangs = start[:-1].copy(), np.zeros(count, dtype=np.bool_)
    stack[0], depth, seen = root, 1, 1
    order[root], at[0] = 0, root
    while depth > 0:
        segment = stack[depth - 1]
        if next_at[segment] < start[segment + 1]:
            other = to[next_at[segment]]
            next_at[segment] += 1
            if order[other] >= 0:
                low[segment] = min(low[segment], order[other])
                continue
            order[other], low[other], at[seen], came[other] = seen, seen, other, segment
            seen += 1
            stack[depth] = other
            depth += 1
            continue
        depth -= 1
        end[segment] = seen
        if depth > 0:
            above = stack[depth - 1]
            low[above] = min(low[above], low[segment])
            hangs[segment] = low[segment] >= order[above]
    return order, end, at, came, hangs


class Cuts(NamedTuple):
    """
    What shutting a segment takes out, by rows of the solver.

    Attributes
    ----------
    law_start, law
        Laws that end for each segment.
    row_start, row
        Rows to be found in each segment.
    segment
        Shape (rows,): segment of every row.
    next_row
        Shape (places of the walk + 1,): a row at this place of the walk or the first one after it; `next_place` says
        where that is.
    """

    law_start: Array
    law: Array
    row_start: Array
    row: Array
    segment: Array
    next_row: Array
    next_place: Array


@njit
def _cut(base: Base, desk: Desk, cuts: Cuts, segment: int) -> None:
    for at in range(cuts.law_start[segment], cuts.law_start[segment + 1]):
        if desk.bent_mark[cuts.law[at]] == 0:
            take_away(base, desk, cuts.law[at])
    for at in range(cuts.row_start[segment], cuts.row_start[segment + 1]):
        hold(base, desk, cuts.row[at])


@njit
def _devices_apart(cuts: Cuts, devices: Devices, dry: Array) -> bool:
    """Say whether no device leads from what is dry to what is not: its state would be EPANET's to tell."""
    for at in range(len(devices.kind)):
        a, b = devices.first[at], devices.second[at]
        if a >= 0 and b >= 0 and dry[cuts.segment[a]] != dry[cuts.segment[b]]:
            return False
    return True


@njit
def shut_off(
    base: Base, desk: Desk, devices: Devices, served: Served, cuts: Cuts, shut: Array, loose: Array, dry: Array,
    branch: Any, balance: Any, margin: Any,
) -> Any:  # fmt: skip
    """
    Shut some segments at once: (is sure, demand lost [m3/s], customers below, lowest row, its pressure [m]).

    Losses are those where water still comes. `loose` holds a row of every part that hangs on the shut ones, `dry`
    marks all segments without water. The desk keeps the heads until `clear`.
    """
    none, nothing = np.empty(0, dtype=np.int64), np.empty(0)
    for at in range(len(shut)):
        _cut(base, desk, cuts, shut[at])
    for at in range(len(loose)):
        hold(base, desk, loose[at])
    found = settle(base, desk, none, nothing, branch, balance, _MOST_STEPS, len(base.always))
    sure = found >= 0 and all_stand(base, desk, devices, margin) and _devices_apart(cuts, devices, dry)
    lost, customers, worst, lowest = effect(desk, served, cuts.segment, dry)
    return sure, lost, customers, worst, lowest


@njit
def _mark(tree: Tree, segment: int, dry: Array, is_dry: bool) -> None:
    dry[segment] = is_dry
    for b in range(tree.branch_start[segment], tree.branch_start[segment + 1]):
        branch = tree.branch[b]
        for place in range(tree.order[branch], tree.end[branch]):
            dry[tree.at[place]] = is_dry


@njit_nogil
def shut_each(
    base: Base, desk: Desk, devices: Devices, served: Served, tree: Tree, cuts: Cuts, segments: Array, branch: Any,
    balance: Any, margin: Any, lost: Array, customers: Array, worst: Array, lowest: Array, is_sure: Array,
) -> None:  # fmt: skip
    """Fill what is lost elsewhere while each of `segments` is shut."""
    dry, loose = np.zeros(len(tree.order), dtype=np.bool_), np.empty(len(tree.order), dtype=np.int64)
    for at in range(len(segments)):
        segment, count = segments[at], 0
        _mark(tree, segment, dry, True)
        for b in range(tree.branch_start[segment], tree.branch_start[segment + 1]):
            place = tree.order[tree.branch[b]]
            if cuts.next_place[place] < tree.end[tree.branch[b]]:
                loose[count] = cuts.next_row[place]
                count += 1
        is_sure[at], lost[at], customers[at], worst[at], lowest[at] = shut_off(
            base,
            desk,
            devices,
            served,
            cuts,
            segments[at : at + 1],
            loose[:count],
            dry,
            branch,
            balance,
            margin,
        )
        clear(base, desk)
        _mark(tree, segment, dry, False)
