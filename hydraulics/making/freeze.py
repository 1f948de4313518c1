"""ModelTables of an open EPANET project as it stands: commanded states and levels, not the ones of the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hydraulics.epanet.codes import LinkKind, LinkValue, NodeValue, Option, State
from hydraulics.tables import (
    HEADLOSS_FORMULAS,
    Curve,
    ModelTables,
    PipeState,
    Pump,
    SolverOptions,
    Tank,
    Valve,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hydraulics.epanet.codes import FlowUnits
    from hydraulics.epanet.engine import Project
    from hydraulics.inp.read import ModelFile
    from hydraulics.results import FloatArray

    IntArray = NDArray[np.int64]

_KW_PER_HORSEPOWER = 0.7457  # EPANET's own figure
_M_PER_FOOT = 0.3048
_M_PER_KPA = _M_PER_FOOT / (0.4333 * 6.895)  # EPANET's own figures: psi a foot, kPa a psi
_PRESSURE_VALVES = (LinkKind.PRV, LinkKind.PSV, LinkKind.PBV)
_TITLE = "Tapwright: single-period peak state, metric (LPS)"


@dataclass(frozen=True)
class SolverOrder:
    """Positions in the engine, in the order of `ModelTables`: junctions, reservoirs, tanks; pipes, pumps, valves."""

    nodes: IntArray
    links: IntArray
    node_kinds: IntArray
    link_kinds: IntArray


def solver_order(project: Project) -> SolverOrder:
    """How the engine's nodes and links are sorted into tables."""
    node_kinds, link_kinds = project.node_kinds(), project.link_kinds()
    group = np.where(link_kinds <= LinkKind.PIPE, 0, np.where(link_kinds == LinkKind.PUMP, 1, 2))
    return SolverOrder(
        np.argsort(node_kinds, kind="stable"), np.argsort(group, kind="stable"), node_kinds, link_kinds
    )


def frozen_tables(
    file: ModelFile, *, demand_m3s: FloatArray, head_m: FloatArray, units: FlowUnits
) -> ModelTables:
    """
    Tables of the present state.

    Parameters
    ----------
    file
        Solved, and switched to metric units after that.
    demand_m3s, head_m
        Shape (nodes,), in the engine's order.
    units
        The flow unit the file is written in.
    """
    project, order = file.project, solver_order(file.project)
    node_ids, link_ids = file.node_ids(), file.link_ids()
    ends = _ends(project, order)
    elevation_m = project.node_values(NodeValue.ELEVATION)
    reservoir = order.node_kinds == 1
    elevation_m[reservoir] = head_m[reservoir]
    figures = _link_figures(project, order)
    pressure_factor = metres_of_pressure(file, units)
    return ModelTables(
        title=_TITLE,
        node_ids=tuple(node_ids[n] for n in order.nodes),
        link_ids=tuple(link_ids[k] for k in order.links),
        junction_count=int((order.node_kinds == 0).sum()),
        reservoir_count=int(reservoir.sum()),
        elevation_m=elevation_m[order.nodes],
        reservoir_head_m=head_m[order.nodes][order.node_kinds[order.nodes] == 1],
        demand_m3s=demand_m3s[order.nodes],
        position_xy=project.positions()[order.nodes],
        link_start=ends[:, 0],
        link_end=ends[:, 1],
        length_m=figures[LinkValue.LENGTH],
        diameter_m=figures[LinkValue.DIAMETER] / 1000.0,
        roughness_factor=figures[LinkValue.ROUGHNESS],
        minor_k=figures[LinkValue.MINOR_LOSS],
        pipe_state=_pipe_states(project, order),
        options=_options(project, pressure_factor=pressure_factor),
        tanks=_tanks(project, order, head_m=head_m),
        pumps=_pumps(file, order, units),
        valves=tuple(
            _valve(project, int(k), LinkKind(order.link_kinds[k]), pressure_factor=pressure_factor)
            for k in order.links
            if order.link_kinds[k] > LinkKind.PUMP
        ),
        emitters=_emitters(project, order, pressure_factor=pressure_factor),
        vertices=_vertices(project, order),
    )


def _ends(project: Project, order: SolverOrder) -> IntArray:
    place = np.empty(len(order.nodes), dtype=np.int64)
    place[order.nodes] = np.arange(len(order.nodes))
    return place[project.link_ends()[order.links]]


def _link_figures(project: Project, order: SolverOrder) -> dict[LinkValue, FloatArray]:
    is_pump = order.link_kinds == LinkKind.PUMP
    wanted = (LinkValue.LENGTH, LinkValue.DIAMETER, LinkValue.ROUGHNESS, LinkValue.MINOR_LOSS)
    return {what: np.where(is_pump, 0.0, project.link_values(what))[order.links] for what in wanted}


def _pipe_states(project: Project, order: SolverOrder) -> NDArray[np.int8]:
    kinds = order.link_kinds[order.links]
    pipes = order.links[kinds <= LinkKind.PIPE]
    # A pipe shut by a full or empty tank is open by command: it must open again when the flow turns.
    closed = project.link_values(LinkValue.STATE)[pipes] == State.CLOSED
    commanded = np.where(closed, PipeState.CLOSED, PipeState.OPEN)
    is_check_valve = order.link_kinds[pipes] == LinkKind.CHECK_VALVE_PIPE
    return np.where(is_check_valve, PipeState.CHECK_VALVE, commanded).astype(np.int8)


def metres_of_pressure(file: ModelFile, units: FlowUnits) -> float:
    """Metres in the file's unit of pressure once it counts in metric units: only kilopascals survive that change."""
    kilopascals = any(
        row[0].upper().startswith("PRES") and row[-1].upper().startswith("KPA")
        for row in file.section("OPTI")
    )
    return _M_PER_KPA if kilopascals and not units.is_us_customary else 1.0


def _options(project: Project, *, pressure_factor: float) -> SolverOptions:
    model, low, required, exponent = project.demand_model()
    return SolverOptions(
        formula=HEADLOSS_FORMULAS[int(project.option(Option.HEADLOSS_FORM))],
        viscosity_ratio=project.option(Option.VISCOSITY),
        specific_gravity_ratio=project.option(Option.SPECIFIC_GRAVITY),
        emitter_exponent_ratio=project.option(Option.EMITTER_EXPONENT),
        check_frequency=int(project.option(Option.CHECK_FREQUENCY)),
        max_check=int(project.option(Option.MAX_CHECK)),
        damp_limit_share=project.option(Option.DAMP_LIMIT),
        pressure_driven=(low * pressure_factor, required * pressure_factor, exponent) if model == 1 else None,
    )


def _tanks(project: Project, order: SolverOrder, *, head_m: FloatArray) -> tuple[Tank, ...]:
    def tank(node: int) -> Tank:
        low_m, high_m = (project.node_value(node, v) for v in (NodeValue.MIN_LEVEL, NodeValue.MAX_LEVEL))
        level_m = float(head_m[node]) - project.node_value(node, NodeValue.ELEVATION)
        return Tank(
            level_m=min(max(level_m, low_m), high_m),
            min_level_m=low_m,
            max_level_m=high_m,
            diameter_m=project.node_value(node, NodeValue.TANK_DIAMETER),
            can_overflow=project.node_value(node, NodeValue.CAN_OVERFLOW) > 0,
        )

    return tuple(tank(int(n)) for n in order.nodes if order.node_kinds[n] == 2)


def _pumps(file: ModelFile, order: SolverOrder, units: FlowUnits) -> tuple[Pump, ...]:
    project = file.project
    links = [int(k) for k in order.links if order.link_kinds[k] == LinkKind.PUMP]
    if not links:
        return ()
    inline, ids = inline_curves(file.section("PUMP"), units), file.link_ids()
    # EPANET keeps a constant pump power in the unit of the file, also after a change of units.
    kw_factor = _KW_PER_HORSEPOWER if units.is_us_customary else 1.0

    def pump(link: int) -> Pump:
        closed = project.link_value(link, LinkValue.STATE) == State.CLOSED
        speed = project.link_value(link, LinkValue.SETTING)
        if ids[link] in inline:
            return Pump(inline[ids[link]], speed, closed)
        if project.pump_kind(link) == 0:
            power = project.link_value(link, LinkValue.PUMP_POWER) * kw_factor
            return Pump(power, speed, closed)
        return Pump(project.curve(project.head_curve(link)), speed, closed)

    return tuple(pump(link) for link in links)


def inline_curves(rows: list[list[str]], units: FlowUnits) -> dict[str, Curve]:
    """
    Pump curves written in the pump's own line, as files of EPANET 1 do: head, flow, head, flow [m, L/s].

    EPANET reads them but does not give them back as a curve.
    """
    metres = _M_PER_FOOT if units.is_us_customary else 1.0
    curves: dict[str, Curve] = {}
    for name, *words in (row[:1] + row[3:] for row in rows):
        try:
            numbers = [float(word) for word in words]
        except ValueError:
            continue
        if len(numbers) == 2:
            head_m, flow_lps = numbers[0] * metres, numbers[1] * units.lps_factor
            curves[name] = ((flow_lps, head_m),)
        elif len(numbers) >= 5:
            shut_off, *pairs = numbers[:5]
            points = [(0.0, shut_off), *zip(pairs[1::2], pairs[::2], strict=True)]
            curves[name] = tuple((flow * units.lps_factor, head * metres) for flow, head in points)
    return curves


def _valve(project: Project, link: int, kind: LinkKind, *, pressure_factor: float) -> Valve:
    setting = project.link_value(link, LinkValue.SETTING)
    state = project.link_value(link, LinkValue.STATE)
    # EPANET gives 0 as the setting of a valve held open or closed by command, and never calls it active.
    if setting == 0 and state != State.ACTIVE:
        return Valve(kind.name, 0.0, "CLOSED" if state == State.CLOSED else "OPEN")
    if kind is LinkKind.GPV:
        return Valve(kind.name, project.curve(round(setting)), None)
    return Valve(kind.name, setting * (pressure_factor if kind in _PRESSURE_VALVES else 1.0), None)


def _emitters(project: Project, order: SolverOrder, *, pressure_factor: float) -> dict[int, float]:
    exponent = project.option(Option.EMITTER_EXPONENT)
    coefficients = project.node_values(NodeValue.EMITTER)[order.nodes] / pressure_factor**exponent
    return {int(n): float(coefficients[n]) for n in np.flatnonzero(coefficients > 0)}


def _vertices(project: Project, order: SolverOrder) -> dict[int, tuple[tuple[float, float], ...]]:
    drawn = {n: tuple(project.vertices(int(k))) for n, k in enumerate(order.links)}
    return {n: points for n, points in drawn.items() if points}
