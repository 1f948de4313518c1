"""
Devices that may switch: pumps, check valves, regulating valves, pipes at full or empty tanks.

The solver holds their states. After a change it asks here whether every state it reached still stands with room to
spare; where one may not, the answer is EPANET's to give.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hydraulics.epanet.codes import State as LinkState
from hydraulics.gga.compiled import njit
from hydraulics.gga.laws import Array
from hydraulics.tables import PipeState

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hydraulics.tables import ModelTables, Pump, Valve

FORWARD, SHUT, SHUT_PUMP, BOTH_WAYS, PRV_ACTIVE, PRV_OPEN, PRV_CLOSED = range(7)
PSV_ACTIVE, PSV_OPEN, PSV_CLOSED, FCV_ACTIVE, FCV_OPEN, SHUT_BACK = range(7, 13)
LEAST_FLOW_M3S = 1e-6
_TANK_MARGIN_M = 0.01
_WANDERS_M = 2.0  # nothing fixes EPANET's head where no water is: it ends a little higher or lower each time


class Devices(NamedTuple):
    """
    One row a device.

    Attributes
    ----------
    kind
        FORWARD (must keep flowing from start to end), SHUT, ... of this file.
    first, second
        Rows of its ends, -1 where there is no water.
    law
        Its row among the laws, -1 where it has none now.
    limit
        Held head [m], greatest lift [m] or flow [m3/s], by kind.
    dry_first_m, dry_second_m
        Head EPANET left at an end where there is no water [m].
    """

    kind: Array
    first: Array
    second: Array
    law: Array
    limit: Array
    dry_first_m: Array
    dry_second_m: Array


def devices_of(
    tables: ModelTables, state: NDArray[np.floating], head_m: NDArray[np.floating], row: Array, links: Array
) -> Devices:
    """Collect a model's devices with the states and heads that EPANET gave them."""
    law_of = np.full(len(tables.link_ids), -1, dtype=np.int64)
    law_of[links] = np.arange(len(links))
    found: list[tuple[int, int, float]] = [*_pipes(tables, state)]
    for place, pump in enumerate(tables.pumps, tables.pipe_count):
        if not pump.is_closed and pump.speed_factor > 0:
            found.append(_pump(place, pump, state[place]))
    for place, valve in enumerate(tables.valves, tables.pipe_count + len(tables.pumps)):
        if valve.fixed is None and valve.kind in ("PRV", "PSV", "FCV"):
            found.append(_valve(tables, place, valve, state[place]))
    places = np.array([place for place, _, _ in found], dtype=np.int64)
    first, second = tables.link_start[places], tables.link_end[places]
    return Devices(
        np.array([kind for _, kind, _ in found], dtype=np.int64),
        row[first],
        row[second],
        law_of[places],
        np.array([limit for _, _, limit in found], dtype=np.float64),
        np.asarray(head_m[first], dtype=np.float64),
        np.asarray(head_m[second], dtype=np.float64),
    )


def _pipes(tables: ModelTables, state: NDArray[np.floating]) -> list[tuple[int, int, float]]:
    shut = state <= LinkState.CLOSED
    found = [
        (place, SHUT if shut[place] else FORWARD, 0.0)
        for place in np.flatnonzero(tables.pipe_state == PipeState.CHECK_VALVE).tolist()
    ]
    return found + [
        (place, (SHUT if rising else SHUT_BACK) if shut[place] else BOTH_WAYS, 0.0)
        for place, rising in _at_tanks(tables)
    ]


def _at_tanks(tables: ModelTables) -> list[tuple[int, bool]]:
    """Open pipes at full or empty tanks, and whether EPANET keeps one shut while its end is higher than its start."""
    first = tables.junction_count + tables.reservoir_count
    is_full, is_empty = np.zeros((2, len(tables.node_ids)), dtype=bool)
    is_full[first:] = [tank.level_m >= tank.max_level_m - _TANK_MARGIN_M for tank in tables.tanks]
    is_empty[first:] = [tank.level_m <= tank.min_level_m + _TANK_MARGIN_M for tank in tables.tanks]
    start, end = tables.link_start[: tables.pipe_count], tables.link_end[: tables.pipe_count]
    rising = is_full[start] | is_empty[end]
    concerned = (rising | is_full[end] | is_empty[start]) & (tables.pipe_state == PipeState.OPEN)
    return [(place, bool(rising[place])) for place in np.flatnonzero(concerned).tolist()]


def _pump(place: int, pump: Pump, state: Any) -> tuple[int, int, float]:
    lift_m = np.inf
    if isinstance(pump.lift, tuple):
        head_m = pump.lift[0][1] * (1.33334 if len(pump.lift) == 1 else 1.0)
        lift_m = head_m * pump.speed_factor**2
    return place, SHUT_PUMP if state <= LinkState.CLOSED else FORWARD, float(lift_m)


def _valve(tables: ModelTables, place: int, valve: Valve, state: Any) -> tuple[int, int, float]:
    setting = float(valve.setting) if isinstance(valve.setting, int | float | np.floating) else 0.0
    if valve.kind == "FCV":
        return place, FCV_ACTIVE if state == LinkState.ACTIVE else FCV_OPEN, setting / 1000.0
    reduces = valve.kind == "PRV"
    node = (tables.link_end if reduces else tables.link_start)[place]
    head_m = float(tables.elevation_m[node]) + setting / tables.options.specific_gravity_ratio
    kinds = (PRV_ACTIVE, PRV_OPEN, PRV_CLOSED) if reduces else (PSV_ACTIVE, PSV_OPEN, PSV_CLOSED)
    if state == LinkState.ACTIVE:
        return place, kinds[0], head_m
    return place, kinds[2 if state <= LinkState.CLOSED else 1], head_m


@njit
def stands(kind: Any, limit: Any, first: Any, second: Any, flow: Any, margin: Any) -> bool:
    """
    Say whether a device with heads [m] at its ends and `flow` [m3/s] keeps its state; heads are sure to `margin` [m].

    Transitions as EPANET 2.2 has them (hydstatus.c); BOTH_WAYS is judged by the caller, who knows the flow before.
    """
    if kind == FORWARD:
        return flow > LEAST_FLOW_M3S and second - first < limit - margin
    if kind == SHUT:
        return first < second - margin
    if kind == SHUT_BACK:
        return second < first - margin
    if kind == SHUT_PUMP:
        return second - first > limit + margin
    if kind == PRV_ACTIVE:
        return flow > LEAST_FLOW_M3S and first > limit + margin
    if kind == PRV_OPEN:
        return flow > LEAST_FLOW_M3S and second < limit - margin
    if kind == PRV_CLOSED:
        return second > min(first, limit) + margin
    if kind == PSV_ACTIVE:
        return flow > LEAST_FLOW_M3S and second < limit - margin
    if kind == PSV_OPEN:
        return flow > LEAST_FLOW_M3S and first > limit + margin
    if kind == PSV_CLOSED:
        return first < limit - margin or first < second - margin
    if kind == FCV_ACTIVE:
        return first > second + margin
    if kind == FCV_OPEN:
        return flow < limit - LEAST_FLOW_M3S
    return True


@njit
def moved_beside_dry(devices: Devices, change: Array) -> Any:
    """Lowest and highest change of head [m] on the wet side of devices with a dry one; nothing dry goes beyond them."""
    lowest, highest = 0.0, 0.0
    for at in range(len(devices.kind)):
        a, b = devices.first[at], devices.second[at]
        if (a < 0) != (b < 0):
            moved = change[max(a, b)]
            lowest, highest = min(lowest, moved), max(highest, moved)
    return lowest, highest


@njit
def stands_beside_dry(
    devices: Devices, at: int, head: Array, change: Array, lowest: Any, highest: Any, margin: Any
) -> bool:
    """
    Say whether a device with a dry end keeps its state wherever EPANET may leave that end's head.

    That is where it left it at the base, moved as far as what is wet around it moved from `head` by `change` [m].
    One between two dry ends joins nothing to anything.
    """
    a, b = devices.first[at], devices.second[at]
    if (a < 0 and b < 0) or lowest == highest:
        return True
    low, high = lowest - _WANDERS_M, highest + _WANDERS_M
    for moved in (low, high):
        first = head[a] + change[a] if a >= 0 else devices.dry_first_m[at] + moved
        second = head[b] + change[b] if b >= 0 else devices.dry_second_m[at] + moved
        if not stands(devices.kind[at], devices.limit[at], first, second, 2.0 * LEAST_FLOW_M3S, margin):
            return False
    return True
