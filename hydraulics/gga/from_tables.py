"""Head-loss laws of a model's links, device by device, from its tables and EPANET's states."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from hydraulics.epanet.codes import State
from hydraulics.gga.laws import (
    CFS,
    CONSTANT_POWER,
    CURVE,
    DARCY,
    FEET,
    LINEAR,
    POWER,
    PUMP,
    PUMP_CURVE,
    VALVE,
    VALVE_SLOPE,
    Laws,
    empty_laws,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hydraulics.gga.laws import Array
    from hydraulics.tables import ModelTables, Pump, Valve

_VISCOSITY = 1.1e-5  # ft2/s, EPANET's water at 20 degrees C
_GRAVITY = 32.2
_KW_PER_HORSEPOWER = 0.7457
_POWER_CONSTANT = 8.814  # ft4/s per horsepower
_HELD = ("PRV", "PSV", "FCV")


def unsupported(tables: ModelTables) -> str | None:
    """Give what a model has that this solver does not follow, None when it follows all of it."""
    if tables.options.pressure_driven:
        return "pressure-driven"
    if tables.emitters:
        return "emitters"
    if any(v.kind == "PBV" and v.fixed is None for v in tables.valves):
        return "breaker-valve"
    return None


def holds(tables: ModelTables, state: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Shape (links,): True for valves that hold a pressure or a flow now; such a link has no law."""
    held = np.zeros(len(tables.link_ids), dtype=bool)
    first = tables.pipe_count + len(tables.pumps)
    held[first:] = [v.fixed is None and v.kind in _HELD for v in tables.valves]
    return held & (state == State.ACTIVE)


def laws_of(tables: ModelTables) -> Laws:
    """Laws of all links, open or not, in the order of the tables."""
    laws = empty_laws(len(tables.link_ids))
    minor = 0.02517 * FEET**5 / CFS**2  # loss of K = 1 at 1 m3/s through 1 m
    pipes = slice(0, tables.pipe_count)
    _pipes(laws, tables, minor * tables.minor_k[pipes] / tables.diameter_m[pipes] ** 4)
    curves: dict[int, Array] = {}
    for place, pump in enumerate(tables.pumps, tables.pipe_count):
        if pump.speed_factor > 0:
            _pump(laws, place, pump, curves)
    for place, valve in enumerate(tables.valves, tables.pipe_count + len(tables.pumps)):
        k = valve.setting if valve.kind == "TCV" and valve.fixed is None else tables.minor_k[place]
        _valve(laws, place, valve, minor, k, float(tables.diameter_m[place]), curves)
    return _with_curves(laws, curves)


def _pipes(laws: Laws, tables: ModelTables, minor: Array) -> None:
    pipes, options = slice(0, tables.pipe_count), tables.options
    length, bore = tables.length_m[pipes] / FEET, tables.diameter_m[pipes] / FEET
    rough = tables.roughness_factor[pipes]
    laws.minor[pipes] = minor
    if options.formula == "D-W":
        laws.kind[pipes] = DARCY
        area = math.pi * bore**2 / 4.0
        laws.resistance[pipes] = length / (2.0 * _GRAVITY * bore * area**2) * FEET / CFS**2
        laws.first[pipes] = rough / 1000.0 / tables.diameter_m[pipes]
        laws.second[pipes] = _VISCOSITY * options.viscosity_ratio * bore * CFS
        return
    laws.kind[pipes] = POWER
    if options.formula == "H-W":
        exponent, resistance = 1.852, 4.727 * length / (rough**1.852 * bore**4.871)
    else:
        exponent = 2.0
        resistance = (4.0 * rough / (1.49 * math.pi * bore**2)) ** 2 * (bore / 4.0) ** -1.333 * length
    laws.exponent[pipes] = exponent
    laws.resistance[pipes] = resistance * FEET / CFS**exponent


def _pump(laws: Laws, place: int, pump: Pump, curves: dict[int, Array]) -> None:
    speed = pump.speed_factor
    if not isinstance(pump.lift, tuple):
        laws.kind[place] = CONSTANT_POWER
        laws.resistance[place] = -_POWER_CONSTANT * pump.lift / _KW_PER_HORSEPOWER * FEET * CFS
        return
    points = np.array(pump.lift, dtype=np.float64) * [0.001, 1.0]
    if len(points) == 1:
        flow, head = points[0]
        points = np.array([[0.0, 1.33334 * head], [flow, head], [2.0 * flow, 0.0]])
    if len(points) == 3 and points[0, 0] == 0.0:
        lost = points[0, 1] - points[1:, 1]
        exponent = math.log(lost[1] / lost[0]) / math.log(points[2, 0] / points[1, 0])
        laws.kind[place] = PUMP
        laws.first[place] = points[0, 1] * speed**2
        laws.exponent[place] = exponent
        laws.resistance[place] = lost[0] / points[1, 0] ** exponent * speed ** (2.0 - exponent)
        return
    laws.kind[place] = PUMP_CURVE
    curves[place] = points * [speed, speed**2]


def _valve(
    laws: Laws, place: int, valve: Valve, minor: Any, k: object, diameter_m: float, curves: dict[int, Array]
) -> None:
    if valve.kind == "GPV" and valve.fixed is None and isinstance(valve.setting, tuple):
        laws.kind[place] = CURVE
        curves[place] = np.array(valve.setting, dtype=np.float64) * [0.001, 1.0]
        return
    coefficient = float(k) if isinstance(k, int | float | np.floating) else 0.0
    if coefficient > 0:
        laws.kind[place], laws.minor[place] = VALVE, minor * coefficient / diameter_m**4
    else:
        laws.kind[place], laws.resistance[place] = LINEAR, VALVE_SLOPE


def _with_curves(laws: Laws, curves: dict[int, Array]) -> Laws:
    start = np.zeros(len(laws.kind) + 1, dtype=np.int64)
    for place, points in curves.items():
        start[place + 1] = len(points)
    np.cumsum(start, out=start)
    points = np.concatenate([np.empty((0, 2)), *(curves[place] for place in sorted(curves))])
    return laws._replace(curve_start=start, curve_flow=points[:, 0].copy(), curve_head=points[:, 1].copy())


def chosen(laws: Laws, links: Array) -> Laws:
    """The laws of some links, in that order."""
    lengths = np.diff(laws.curve_start)[links]
    pieces = [np.arange(laws.curve_start[k], laws.curve_start[k + 1]) for k in links[lengths > 0]]
    points = np.concatenate([np.empty(0, dtype=np.int64), *pieces]).astype(np.int64)
    start = np.zeros(len(links) + 1, dtype=np.int64)
    np.cumsum(lengths, out=start[1:])
    kind, resistance, exponent, minor, first, second = (column[links] for column in laws[:6])
    return Laws(
        kind,
        resistance,
        exponent,
        minor,
        first,
        second,
        start,
        laws.curve_flow[points],
        laws.curve_head[points],
    )
