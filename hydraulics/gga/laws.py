"""
Head loss and its slope for every kind of link, compiled: EPANET 2.2's own formulas (hydcoeffs.c) in metres and m3/s.

`hydraulics.headloss` holds the same formulas for one pipe at a time; a test keeps the two equal.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hydraulics.gga.compiled import njit

Array = NDArray[Any]

POWER, DARCY, VALVE, LINEAR, PUMP, CONSTANT_POWER, CURVE, PUMP_CURVE = range(8)

FEET, CFS = 0.3048, 0.028317  # EPANET's own: metres a foot, m3/s a cubic foot a second
LEAST_SLOPE = 1e-7 * FEET / CFS  # EPANET's RQtol
VALVE_SLOPE = 1e-6 * FEET / CFS  # its CSMALL, for a valve without loss
_MOST_SLOPE = 1e8 * FEET / CFS
_LAMINAR, _TURBULENT = 500.0 * math.pi, 1000.0 * math.pi  # Re 2000 and 4000, times pi / 4
_A8, _A9 = 4.61841319859066668690e00, -8.68588963806503655300e-01
_AB, _AC = 3.28895476345399058690e-03, -5.14214965799093883760e-03


class Laws(NamedTuple):
    """
    Head-loss laws, one row a link.

    Attributes
    ----------
    kind
        POWER, DARCY, ... of this file.
    resistance
        m per (m3/s)^exponent; for DARCY the loss of friction coefficient 1.
    exponent, minor
        Of the flow; loss of fittings in m per (m3/s)^2.
    first, second
        DARCY: roughness ratio and viscosity x diameter [m3/s]; PUMP: shut-off head [m] and unused.
    curve_start, curve_flow, curve_head
        Points of CURVE and PUMP_CURVE: row k has those from curve_start[k] to curve_start[k + 1].
    """

    kind: Array
    resistance: Array
    exponent: Array
    minor: Array
    first: Array
    second: Array
    curve_start: Array
    curve_flow: Array
    curve_head: Array


@njit
def loss_and_slope(laws: Laws, link: int, flow: Any) -> Any:
    """Head lost from start to end [m], and its derivative by flow [m per m3/s, always positive]."""
    kind = laws.kind[link]
    if kind == POWER:
        return _power(laws.resistance[link], laws.exponent[link], laws.minor[link], flow)
    if kind == DARCY:
        return _darcy(laws.resistance[link], laws.first[link], laws.second[link], laws.minor[link], flow)
    if kind == VALVE:
        slope = max(2.0 * laws.minor[link] * abs(flow), LEAST_SLOPE)
        return (flow * slope if slope == LEAST_SLOPE else flow * slope / 2.0), slope
    if kind == LINEAR:
        return laws.resistance[link] * flow, laws.resistance[link]
    if kind == PUMP:
        return _pump(laws.first[link], laws.resistance[link], laws.exponent[link], flow)
    if kind == CONSTANT_POWER:
        return _constant_power(laws.resistance[link], flow)
    return _curve(laws, link, flow)


@njit
def pipe_loss_and_slope(
    kind: Any, resistance: Any, exponent: Any, minor: Any, first: Any, second: Any, flow: Any
) -> Any:
    """The same for a link of kind POWER or DARCY from its plain figures: hot loops pass no tables."""
    if kind == POWER:
        return _power(resistance, exponent, minor, flow)
    return _darcy(resistance, first, second, minor, flow)


@njit
def _power(resistance: Any, exponent: Any, minor: Any, flow: Any) -> Any:
    size = abs(flow)
    slope = exponent * resistance * size ** (exponent - 1.0)
    if slope < LEAST_SLOPE:
        slope = LEAST_SLOPE
        loss = slope * size
    else:
        loss = slope * size / exponent
    if minor > 0.0:
        loss += minor * size * size
        slope += 2.0 * minor * size
    return (loss if flow >= 0.0 else -loss), slope


@njit
def power_near(exponent: Any, product: Any, slope: Any, ratio: Any) -> Any:
    """
    Loss and slope of a plain power law at a flow larger by `ratio` (within 0.1), without a power.

    `product` is flow times `slope` where both are known; right to one part in a hundred million.
    """
    n = exponent - 1.0
    fifth = 1.0 + ratio * (n - 4.0) / 5.0 * (1.0 + ratio * (n - 5.0) / 6.0)
    more = 1.0 + ratio * n * (
        1.0
        + ratio * (n - 1.0) / 2.0 * (1.0 + ratio * (n - 2.0) / 3.0 * (1.0 + ratio * (n - 3.0) / 4.0 * fifth))
    )
    return product * more * (1.0 + ratio) / exponent, slope * more


@njit
def _darcy(resistance: Any, rough: Any, viscous: Any, minor: Any, flow: Any) -> Any:
    size = abs(flow)
    if size <= _LAMINAR * viscous:
        laminar = 16.0 * math.pi * viscous * resistance
        return flow * (laminar + minor * size), laminar + 2.0 * minor * size
    coefficient, change = _friction(size / viscous, rough)
    total = coefficient * resistance + minor
    return total * size * flow, 2.0 * total * size + change / viscous * resistance * size * size


@njit
def _friction(reynolds: Any, rough: Any) -> Any:
    """Darcy's coefficient and its derivative; `reynolds` is Re x pi / 4."""
    if reynolds >= _TURBULENT:
        part = _A8 / reynolds**0.9
        inner = rough / 3.7 + part
        root = _A9 * math.log(inner)
        coefficient = 1.0 / (root * root)
        return coefficient, 1.8 * coefficient * part * _A9 / inner / root / reynolds
    inner = rough / 3.7 + _AB
    root = _A9 * math.log(inner)
    a = 1.0 / (root * root)
    b = (2.0 + _AC / (inner * root)) * a
    r = reynolds / _LAMINAR
    x1, x2 = 7.0 * a - b, 0.128 - 17.0 * a + 2.5 * b
    x3, x4 = -0.128 + 13.0 * a - 2.0 * b, 0.032 - 3.0 * a + 0.5 * b
    change = (x2 + 2.0 * r * x3 + 3.0 * r * r * x4) / _LAMINAR
    return x1 + r * (x2 + r * (x3 + r * x4)), change


@njit
def _pump(shut_off: Any, resistance: Any, exponent: Any, flow: Any) -> Any:
    """A flow of nothing has no slope where the exponent is below 1."""
    size = max(abs(flow), 1e-12)
    if exponent == 1.0:
        return -shut_off + resistance * size, max(resistance, LEAST_SLOPE)
    slope = exponent * resistance * size ** (exponent - 1.0)
    if slope < LEAST_SLOPE:
        return -shut_off + LEAST_SLOPE * size, LEAST_SLOPE
    return -shut_off + slope * size / exponent, slope


@njit
def _constant_power(resistance: Any, flow: Any) -> Any:
    """`resistance` is minus power over the weight of water [m4/s]."""
    size = max(abs(flow), 1e-12)
    slope = -resistance / size / size
    if slope > _MOST_SLOPE:
        return -_MOST_SLOPE * size, _MOST_SLOPE
    if slope < LEAST_SLOPE:
        return -LEAST_SLOPE * size, LEAST_SLOPE
    return resistance / size, slope


@njit
def _curve(laws: Laws, link: int, flow: Any) -> Any:
    start, end = laws.curve_start[link], laws.curve_start[link + 1]
    size, last = abs(flow), start + 1
    while last < end - 1 and size > laws.curve_flow[last]:
        last += 1
    run = laws.curve_flow[last] - laws.curve_flow[last - 1]
    slope = (laws.curve_head[last] - laws.curve_head[last - 1]) / run
    head = laws.curve_head[last - 1] + slope * (size - laws.curve_flow[last - 1])
    if laws.kind[link] == PUMP_CURVE:
        return -head, max(-slope, LEAST_SLOPE)
    return (head if flow >= 0.0 else -head), max(slope, LEAST_SLOPE)


@njit
def losses_and_slopes(laws: Laws, flow: Array, loss: Array, slope: Array) -> None:
    """Fill `loss` [m] and `slope` for all links."""
    for link in range(len(flow)):
        loss[link], slope[link] = loss_and_slope(laws, link, flow[link])


def empty_laws(count: int) -> Laws:
    """Room for `count` links, all POWER laws without loss."""
    return Laws(
        np.zeros(count, dtype=np.int8), np.zeros(count), np.full(count, 1.852), np.zeros(count), np.zeros(count),
        np.zeros(count), np.zeros(count + 1, dtype=np.int64), np.empty(0), np.empty(0),
    )  # fmt: skip
