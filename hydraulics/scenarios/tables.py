"""The model of a scenario, from the model of the peak hour and its solved state."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hydraulics.errors import HydraulicsError
from hydraulics.supplied.fed import fed_nodes, open_by_command
from hydraulics.tables import PipeState

if TYPE_CHECKING:
    from hydraulics.results import FloatArray
    from hydraulics.scenarios.rules import Name, ScenarioRules
    from hydraulics.session import Session
    from hydraulics.tables import ModelTables

_LEAST_M3S = 1e-6


def scenario_tables(session: Session, name: Name, rules: ScenarioRules) -> ModelTables:
    """
    Give the tables of a scenario.

    Raises
    ------
    HydraulicsError
        `scenario-no-other-source`, `scenario-no-tank`: the network has nothing the scenario is about.
    """
    tables = session.model.tables
    if name == "source-out":
        return _source_out(session, rules.source_out_share)
    if name == "low-tank":
        return _low_tanks(tables, rules.low_tank_share)
    return tables


def outflows_m3s(session: Session) -> FloatArray:
    """Shape (reservoirs and tanks,): what each gives the network at the peak hour [m3/s]; taking water is negative."""
    tables, flow = session.model.tables, session.base.flow_m3s[: len(session.model.tables.link_ids)]
    given = np.zeros(len(tables.node_ids))
    np.add.at(given, tables.link_start, flow)
    np.add.at(given, tables.link_end, -flow)
    return given[tables.junction_count :]


def largest_source(session: Session) -> int:
    """Place of the node that gives most of the peak hour's water."""
    return session.model.tables.junction_count + int(np.argmax(outflows_m3s(session)))


def _source_out(session: Session, share: float) -> ModelTables:
    """Without the source that gives most, at the share of demand that is to be supplied then."""
    tables, given = session.model.tables, outflows_m3s(session)
    source = largest_source(session)
    others = np.delete(given, source - tables.junction_count)
    if not (others > _LEAST_M3S).any():
        raise HydraulicsError("scenario-no-other-source", source=tables.node_ids[source])
    gone = (tables.link_start == source) | (tables.link_end == source)
    first_valve = tables.pipe_count + len(tables.pumps)
    pumps = (
        replace(pump, is_closed=pump.is_closed or bool(gone[n])) for n, pump in enumerate(tables.pumps, tables.pipe_count)
    )  # fmt: skip
    valves = (
        replace(valve, fixed="CLOSED") if gone[n] else valve
        for n, valve in enumerate(tables.valves, first_valve)
    )
    without = replace(
        tables,
        demand_m3s=tables.demand_m3s * share,
        pipe_state=np.where(gone[: tables.pipe_count], PipeState.CLOSED, tables.pipe_state).astype(np.int8),
        pumps=tuple(pumps),
        valves=tuple(valves),
    )
    # What no other source reaches draws nothing: EPANET would let it leak through the closed links.
    is_fed = fed_nodes(without, open_by_command(without))
    return replace(without, demand_m3s=np.where(is_fed, without.demand_m3s, 0.0))


def _low_tanks(tables: ModelTables, share: float) -> ModelTables:
    """All tanks drawn down to a low level; one that is lower already stays as it is."""
    if not tables.tanks:
        raise HydraulicsError("scenario-no-tank")
    low = (tank.min_level_m + share * (tank.max_level_m - tank.min_level_m) for tank in tables.tanks)
    return replace(
        tables,
        tanks=tuple(
            replace(tank, level_m=min(tank.level_m, level))
            for tank, level in zip(tables.tanks, low, strict=True)
        ),
    )
