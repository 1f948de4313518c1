"""
A change that reaches far re-solved on the whole network, compiled: Newton going on from the base's tangents.

Against `newton.balance`, which starts from nothing: the first step takes the base's factor, and a link's law is asked
only where its tangent may have left it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from hydraulics.gga.compiled import njit
from hydraulics.gga.desk import Base
from hydraulics.gga.factor import Factor, eliminate, solve
from hydraulics.gga.laws import Array, loss_and_slope


class Tangents(NamedTuple):
    """Where the tangent of every link touches its law: flow [m3/s] and loss [m], and its flow per metre of loss."""

    flow: Array
    loss: Array
    conductance: Array


@njit
def tangent_flows(base: Base, tangents: Tangents, change: Array, flow: Array) -> None:
    """Fill the flow of every link [m3/s] at the changes of heads [m]."""
    head, first, second = base.state.head, base.grid.first, base.grid.second
    for link in range(len(flow)):
        a, b = first[link], second[link]
        drop = head[a] - head[b] + change[a] - change[b]
        flow[link] = tangents.flow[link] + tangents.conductance[link] * (drop - tangents.loss[link])


@njit
def _mend(base: Base, tangents: Tangents, change: Array, allowed_m: float) -> int:
    """Give links whose loss is off by more than `allowed_m` their tangent at the present flow; how many."""
    head, first, second = base.state.head, base.grid.first, base.grid.second
    off = 0
    for link in range(len(first)):
        a, b = first[link], second[link]
        touch, conductance = tangents.flow[link], tangents.conductance[link]
        drop = head[a] - head[b] + change[a] - change[b]
        more = conductance * (drop - tangents.loss[link])
        # A loss that grows at most with the square of the flow cannot have left its tangent: spare the powers.
        size = abs(touch)
        if abs(more) < 0.25 * size and more * more < allowed_m * conductance * size:
            continue
        loss, slope = loss_and_slope(base.laws, link, touch + more)
        if abs(loss - drop) > allowed_m:
            tangents.flow[link], tangents.loss[link] = touch + more, loss
            tangents.conductance[link] = 1.0 / slope
            off += 1
    return off


@njit
def _assemble(base: Base, tangents: Tangents, factor: Factor, right: Array) -> None:
    """Write the matrix of the tangents, and add to the right-hand side what they give at the base's heads."""
    count, grid, head, flow = len(base.shape.parent), base.grid, base.state.head, base.state.flow
    factor.diagonal[:] = 0.0
    factor.entry[:] = 0.0
    for link in range(len(grid.first)):
        a, b, conductance = grid.first[link], grid.second[link], tangents.conductance[link]
        fresh = tangents.flow[link] + conductance * (head[a] - head[b] - tangents.loss[link]) - flow[link]
        if a < count:
            right[a] -= fresh
            factor.diagonal[a] += conductance
        if b < count:
            right[b] += fresh
            factor.diagonal[b] += conductance
        if grid.place[link] >= 0:
            factor.entry[grid.place[link]] -= conductance


@njit
def _furthest(before: Array, after: Array) -> Any:
    furthest = 0.0
    for row in range(len(after)):
        furthest = max(furthest, abs(after[row] - before[row]))
    return furthest


@njit
def rebalance(
    base: Base, tangents: Tangents, factor: Factor, rows: Array, extra: Array, change: Array, allowed_m: float,
    close_m: float, most: int,
) -> int:  # fmt: skip
    """
    Find the changes of all heads [m] when `extra` [m3/s] is drawn at `rows`; steps taken, -1 when `most` were not enough.

    No loss is further from its law than `allowed_m`, or no head moved by more than `close_m` in the last step: what is
    left then is a fraction of that, for every step leaves a fraction of the one before.
    `tangents` come as the base's and go as the solution's, `factor` is room, `change` comes as zeros. No valve may hold
    a pressure: what one passes on is `newton.balance`'s to find.
    """
    count = len(base.shape.parent)
    before = np.zeros(count)
    for step in range(most):
        right = change[:count]
        before[:] = right
        right[:] = 0.0
        for at in range(len(rows)):
            if rows[at] < count:
                right[rows[at]] -= extra[at]
        if step == 0:
            solve(base.shape, base.factor, right)
        else:
            _assemble(base, tangents, factor, right)
            eliminate(base.shape, factor)
            solve(base.shape, factor, right)
            if _furthest(before, right) <= close_m:
                return step
        if _mend(base, tangents, change, allowed_m) == 0:
            return step
    return -1
