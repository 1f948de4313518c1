"""What the network does without a pipe, compiled: bridges from the graph, every other pipe by a local re-solve."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from hydraulics.gga.compiled import njit, njit_nogil
from hydraulics.gga.desk import SEEN, Base, Desk
from hydraulics.gga.devices import Devices
from hydraulics.gga.laws import Array
from hydraulics.gga.local import clear, settle
from hydraulics.gga.solver import all_stand
from hydraulics.gga.tangents import take_away

_MOST_STEPS = 80


class Walk(NamedTuple):
    """
    The network walked through from its sources.

    Attributes
    ----------
    order, end
        Place of every row in the walk, and the place after the last row reached through it; -1 where not reached.
    row
        The row at every place.
    through
        For every edge the row that only it leads to, -1 when it is no bridge.
    """

    order: Array
    end: Array
    row: Array
    through: Array


@njit
def walk_from(start: Array, edge_at: Array, first: Array, second: Array, root: int) -> Any:
    """
    Depth-first walk that finds bridges; `start`, `edge_at` list the edges of every row.

    Tarjan's low points, without recursion: an edge is a bridge when nothing below it leads back above it.
    """
    rows = len(start) - 1
    order, low, end = np.full(rows, -1), np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.int64)
    row_at, through = np.empty(rows, dtype=np.int64), np.full(len(first), -1)
    stack, came, at = np.empty(rows, dtype=np.int64), np.full(rows, -1), start[:-1].copy()
    stack[0], depth, count = root, 1, 1
    order[root], row_at[0] = 0, root
    while depth > 0:
        row = stack[depth - 1]
        if at[row] < start[row + 1]:
            edge = edge_at[at[row]]
            at[row] += 1
            if edge == came[row]:
                continue
            other = second[edge] if first[edge] == row else first[edge]
            if order[other] >= 0:
                low[row] = min(low[row], order[other])
                continue
            order[other], low[other], row_at[count], came[other] = count, count, other, edge
            count += 1
            stack[depth] = other
            depth += 1
            continue
        depth -= 1
        end[row] = count
        if depth > 0:
            above = stack[depth - 1]
            low[above] = min(low[above], low[row])
            if low[row] > order[above]:
                through[came[row]] = row
    return order, end, row_at, through


class Served(NamedTuple):
    """
    What is counted, by rows.

    Attributes
    ----------
    demand
        Peak demand [m3/s], customers, base pressure [m], and head above which each gets all it asks [m].
    required_m, least_m
        Pressure [m] with which all of a demand is drawn, and below which nothing is.
    density_ratio
        Pressure per metre of head.
    """

    demand: Array
    customers: Array
    pressure: Array
    required_m: float
    least_m: float
    density_ratio: float


@njit
def share_served(pressure: Any, required: Any, least: Any) -> Any:
    """Wagner's share of a demand that is drawn at a pressure."""
    if pressure >= required:
        return 1.0
    if pressure <= least:
        return 0.0
    return ((pressure - least) / (required - least)) ** 0.5


@njit
def effect(desk: Desk, served: Served, segment: Array, dry: Array) -> Any:
    """
    (demand lost [m3/s], customers below, lowest row, its pressure [m]) beyond the base, where water still comes.

    `segment` is that of every row and `dry` marks those without water; both empty where none is.
    """
    lost, customers, worst, lowest = 0.0, 0.0, -1, 1e30
    for at in range(desk.counts[SEEN]):
        row = desk.seen[at]
        if served.demand[row] <= 0.0 or (len(dry) > 0 and dry[segment[row]]):
            continue
        before = served.pressure[row]
        after = before + desk.head[row] * served.density_ratio
        less = share_served(before, served.required_m, served.least_m) - share_served(
            after, served.required_m, served.least_m
        )
        lost += less * served.demand[row]
        if before >= served.required_m > after:
            customers += served.customers[row]
        if after < lowest:
            worst, lowest = row, after
    return lost, customers, worst, lowest


@njit_nogil
def removals(
    base: Base, desk: Desk, devices: Devices, served: Served, links: Array, branch: Any, balance: Any, margin: Any,
    lost: Array, customers: Array, worst: Array, lowest: Array, is_sure: Array,
) -> None:  # fmt: skip
    """
    Fill what is lost without each of `links`: demand [m3/s], customers, the lowest row reached and its pressure [m].

    None of them may be a bridge.
    """
    none, nothing, no_dry = np.empty(0, dtype=np.int64), np.empty(0), np.empty(0, dtype=np.bool_)
    for at in range(len(links)):
        take_away(base, desk, links[at])
        found = settle(base, desk, none, nothing, branch, balance, _MOST_STEPS, len(base.always))
        is_sure[at] = found >= 0 and all_stand(base, desk, devices, margin)
        lost[at], customers[at], worst[at], lowest[at] = effect(desk, served, none, no_dry)
        clear(base, desk)
