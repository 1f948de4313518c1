"""Where the links of a local re-solve have their tangents: at the base state, or bent to where they carry now."""

from __future__ import annotations

from typing import Any

import numpy as np

from hydraulics.gga.compiled import njit
from hydraulics.gga.desk import BENT, BENT_NOW, GONE, PATH, SEEN, Base, Desk
from hydraulics.gga.laws import (
    DARCY,
    LEAST_SLOPE,
    POWER,
    Array,
    loss_and_slope,
    pipe_loss_and_slope,
    power_near,
)

_FEW_TERMS = 0.1  # change of a flow up to which a short series gives its power
_STEEP_M2S = 0.5 / LEAST_SLOPE  # above it the law is a straight line, no power


@njit
def mark_path(parent: Array, path_mark: Array, path: Array, counts: Array, row: int) -> None:
    while row >= 0 and path_mark[row] == 0:
        path_mark[row] = 1
        path[counts[PATH]] = row
        counts[PATH] += 1
        row = parent[row]


@njit
def bend(base: Base, desk: Desk, link: int, flow: Any, loss: Any, slope: Any) -> None:
    """Take the tangent of a link at another flow from now on."""
    if desk.bent_mark[link] == 0:
        desk.bent_mark[link] = BENT_NOW
        desk.bent[desk.counts[BENT]] = link
        desk.counts[BENT] += 1
        low = min(base.grid.first[link], base.grid.second[link])
        if low < len(base.shape.parent):
            mark_path(base.shape.parent, desk.path_mark, desk.path, desk.counts, low)
    desk.bent_flow[link], desk.bent_loss[link], desk.bent_conductance[link] = flow, loss, 1.0 / slope


@njit
def take_away(base: Base, desk: Desk, link: int) -> None:
    """Let a link carry nothing from now on, until the desk is cleared."""
    bend(base, desk, link, 0.0, 0.0, np.inf)
    desk.bent_mark[link] = GONE


@njit
def flow_of(base: Base, desk: Desk, link: int) -> Any:
    """Flow of a link by its present tangent [m3/s]."""
    a, b = base.grid.first[link], base.grid.second[link]
    change = desk.head[a] - desk.head[b]
    if desk.bent_mark[link] == 0:
        return base.state.flow[link] + base.conductance[link] * change
    drop = base.state.head[a] - base.state.head[b] + change
    return desk.bent_flow[link] + desk.bent_conductance[link] * (drop - desk.bent_loss[link])


@njit
def straighten(base: Base, desk: Desk, allowed_m: float) -> int:
    """Give every link near a found head a better tangent where its loss is off by more than `allowed_m`; how many."""
    columns, bent = len(base.shape.parent), 0
    first, second, own_start = base.grid.first, base.grid.second, base.grid.own_start
    base_head, base_flow, base_conductance = base.state.head, base.state.flow, base.conductance
    head, seen, seen_mark, bent_mark = desk.head, desk.seen, desk.seen_mark, desk.bent_mark
    bent_flow, bent_loss, bent_conductance = desk.bent_flow, desk.bent_loss, desk.bent_conductance
    laws = base.laws
    kinds, resistance, exponent, minor = laws.kind, laws.resistance, laws.exponent, laws.minor
    rough, viscous = laws.first, laws.second
    for at in range(desk.counts[SEEN]):
        row = seen[at]
        for link in range(own_start[row], own_start[row + 1]):
            a, b, mark = first[link], second[link], bent_mark[link]
            other = b if a == row else a
            if (other < columns and seen_mark[other] == 0) or mark == GONE:
                continue
            drop = base_head[a] - base_head[b] + head[a] - head[b]
            if mark == 0:
                touch_flow, conductance = base_flow[link], base_conductance[link]
                change = conductance * (head[a] - head[b])
            else:
                touch_flow, conductance = bent_flow[link], bent_conductance[link]
                change = conductance * (drop - bent_loss[link])
            # A loss that grows at most with the square of the flow cannot have left its tangent: spare the powers.
            size = abs(touch_flow)
            if abs(change) < 0.25 * size and change * change < allowed_m * conductance * size:
                continue
            flow, kind = touch_flow + change, kinds[link]
            ratio = change / touch_flow if size > 0.0 else 1.0
            if kind == POWER and minor[link] == 0.0 and abs(ratio) < _FEW_TERMS and conductance < _STEEP_M2S:
                loss, slope = power_near(exponent[link], touch_flow / conductance, 1.0 / conductance, ratio)
            elif kind <= DARCY:
                loss, slope = pipe_loss_and_slope(
                    kind, resistance[link], exponent[link], minor[link], rough[link], viscous[link], flow
                )
            else:
                loss, slope = loss_and_slope(laws, link, flow)
            if abs(loss - drop) > allowed_m:
                bend(base, desk, link, flow, loss, slope)
                bent += 1
    return bent
