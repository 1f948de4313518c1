"""Equipment 设备: every pump, check and regulating valve and tank of a network with what it does and where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.equipment.directions import fed_beyond
from gis.equipment.records import (
    CHECK,
    REGULATING,
    PumpRecord,
    TankRecord,
    ValveRecord,
    place_of,
    pump_record,
    tank_record,
    valve_record,
)
from gis.equipment.seats import Seat, Seats, named
from gis.issues import DataIssue

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    Row = Mapping[str, Any]

_MEASURED_BEHIND = ("plant", "pumping")  # the head of these is that behind their own pumps


@dataclass(frozen=True)
class Equipment:
    """
    Devices of a network on its pipes.

    Attributes
    ----------
    start_ids, end_ids
        Shape (pipes,): nodes of the pipes, behind the devices that stand on them.
    split_from
        New node behind a device to the node it was split from.
    pumps, valves
        Id, seat and record, in the order of the layer; a valve may have a check valve's kind.
    check_pipes
        Rows of pipes, drawn the way water passes, that have a check valve on them.
    tanks
        Row of the sources to its tank.
    handled
        Ids of valves that must not close a pipe, for they are links themselves.
    issues
        What was assumed, by element and field.
    """

    start_ids: NDArray[np.object_]
    end_ids: NDArray[np.object_]
    split_from: Mapping[str, str] = field(default_factory=dict)
    pumps: tuple[tuple[str, Seat, PumpRecord], ...] = ()
    valves: tuple[tuple[str, Seat, ValveRecord], ...] = ()
    check_pipes: tuple[int, ...] = ()
    tanks: Mapping[int, TankRecord] = field(default_factory=dict)
    handled: frozenset[str] = frozenset()
    issues: tuple[DataIssue, ...] = ()


def equipment_of(
    pipes: gpd.GeoDataFrame,
    nodes: gpd.GeoDataFrame,
    *,
    pumps: gpd.GeoDataFrame,
    valves: gpd.GeoDataFrame,
    sources: gpd.GeoDataFrame,
) -> Equipment:
    """Find the devices of a network's layers; `pipes` are those that water passes."""
    tanks, issues = _tanks(sources)
    pumping = _rows(pumps)
    kinds = valves["kind"].isin((*REGULATING, CHECK))
    regulating = _rows(valves[kinds])
    if not (pumping or regulating):
        return Equipment(
            pipes["start_node_id"].astype(str).to_numpy(dtype=object),
            pipes["end_node_id"].astype(str).to_numpy(dtype=object),
            tanks=tanks, issues=tuple(issues),
        )  # fmt: skip
    inside = set(sources.loc[sources["kind"].isin(_MEASURED_BEHIND), "node_id"].dropna().astype(str))
    seats = Seats(pipes, nodes, named([*pumping, *regulating]))
    _directions(seats, [*pumping, *regulating], sources)
    seated_pumps = _seated_pumps(pumping, seats, inside, issues)
    seated, checks, handled = _seated_valves(regulating, seats, issues)
    return Equipment(
        seats.start_ids, seats.end_ids, seats.split_from, tuple(seated_pumps), tuple(seated), tuple(checks),
        tanks, frozenset(handled), (*issues, *seats.issues),
    )  # fmt: skip


def _rows(table: gpd.GeoDataFrame) -> list[Row]:
    return [dict(row) for row in table.to_dict("records")]


def _tanks(sources: gpd.GeoDataFrame) -> tuple[dict[int, TankRecord], list[DataIssue]]:
    tanks: dict[int, TankRecord] = {}
    issues: list[DataIssue] = []
    for n in np.flatnonzero((sources["kind"] == "tank").to_numpy(dtype=bool)).tolist():
        found = tank_record(dict(sources.iloc[n]))
        if isinstance(found, TankRecord):
            tanks[n] = found
        elif found is not None:
            issues.append(found)
    return tanks, issues


def _directions(seats: Seats, rows: list[Row], sources: gpd.GeoDataFrame) -> None:
    """Tell the seats which way devices without a stated direction pass, where the network itself says so."""
    unknown = [node for row in rows if (node := seats.without_direction(row)) is not None]
    if unknown:
        seats.beyond = fed_beyond(
            seats.start_ids, seats.end_ids, devices=unknown,
            sources=sources["node_id"].dropna().astype(str).tolist(), links=seats.links(rows),
        )  # fmt: skip


def _seated_pumps(
    rows: list[Row], seats: Seats, inside: set[str], issues: list[DataIssue]
) -> list[tuple[str, Seat, PumpRecord]]:
    seated = []
    for row in rows:
        name, record = str(row["pump_id"]), pump_record(row)
        if str(row["node_id"]) in inside:
            issues.append(DataIssue(
                "pump-in-measured-head", "warning", "pumps", name, place_of(row), {"node": str(row["node_id"])}
            ))  # fmt: skip
            continue
        issues += record.issues
        seat = seats.give("pumps", name, row, group="pump")
        if seat is not None:
            seated.append((name, seat, record))
    return seated


def _seated_valves(
    rows: list[Row], seats: Seats, issues: list[DataIssue]
) -> tuple[list[tuple[str, Seat, ValveRecord]], list[int], set[str]]:
    seated: list[tuple[str, Seat, ValveRecord]] = []
    checks: list[int] = []
    handled: set[str] = set()
    for row in rows:
        name, record = str(row["valve_id"]), valve_record(row)
        is_link = seats.is_link(row)
        issues += record.issues
        if is_link:
            handled.add(name)
        elif record.is_closed:
            continue  # it shuts its pipe, as any closed valve does
        if record.kind == CHECK and not is_link:
            pipe = seats.pipe_along(row)
            if pipe is not None:
                checks.append(pipe)
                continue
        elif record.setting is None and not is_link:
            continue
        seat = seats.give("valves", name, row, group=name)
        if seat is not None:
            seated.append((name, seat, record))
    return seated, checks, handled
