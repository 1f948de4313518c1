"""Pumps, valves and check valves of the GIS layers as links of the model; what EPANET cannot have is left open and told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.equipment.records import CHECK
from gis.issues import DataIssue
from gis.units import head_m_from_mpa
from hydraulics.tables import PipeState, Pump, Valve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from gis.equipment.found import Equipment
    from gis.equipment.records import PumpRecord, ValveRecord
    from gis.equipment.seats import Seat
    from hydraulics.results import FloatArray
    from hydraulics.tables import ModelTables

_CONTROLLED = ("PRV", "PSV", "FCV")
_PRESSURE = ("PRV", "PSV", "PBV")
_OPEN, _CLOSED = Valve("TCV", 0.0, "OPEN"), Valve("TCV", 0.0, "CLOSED")
_PLAIN_BORE_M = (
    0.3  # of a valve that says nothing and stands on no pipe: it bears on losses by a coefficient only
)
_CHECK_LENGTH_M, _SMOOTH_C = 0.1, 140.0
_AMPLE_M, _AMPLE_RATIO = 50.0, 3.0
_SAG_SHARE = 0.99  # a curve must fall


@dataclass(frozen=True)
class DeviceLink:
    """
    A link that is no pipe of the layer; a `what` of None is a check valve.

    Attributes
    ----------
    layer, subject
        The record it comes from.
    held_head_m
        Of a valve that keeps a total head behind it: its setting follows when the ground there is known.
    """

    link_id: str
    start_id: str
    end_id: str
    diameter_m: float
    loss_k: float
    what: Pump | Valve | None
    layer: str
    subject: str
    held_head_m: float | None = None
    at: tuple[float, float] | None = None


def device_links(gear: Equipment, bores_m: FloatArray) -> tuple[list[DeviceLink], dict[str, str]]:
    """Give the links, pumps before valves, and nodes between a pump and the valve behind it, by what they stand on."""
    between: dict[str, str] = {}
    found: list[DeviceLink] = []
    for name, seat, record in gear.pumps:
        found += _of_pump(name, seat, record, between, bore_m=_bore_m(seat, bores_m))
    for name, seat, valve in gear.valves:
        found.append(_of_valve(name, seat, valve, bore_m=_bore_m(seat, bores_m)))
    return found, between


def _bore_m(seat: Seat, bores_m: FloatArray) -> float:
    return float(bores_m[seat.pipe]) if seat.pipe >= 0 else _PLAIN_BORE_M


def _of_pump(
    name: str, seat: Seat, record: PumpRecord, between: dict[str, str], *, bore_m: float
) -> list[DeviceLink]:
    def link(link_id: str, start: str, end: str, what: Pump | Valve | None, **more: Any) -> DeviceLink:
        return DeviceLink(link_id, start, end, bore_m, 0.0, what, "pumps", name, **more)

    if record.lift is None and record.held_head_m is None:
        # No pump lets water back, whatever else is known of it.
        return [link(name, seat.start_id, seat.end_id, _CLOSED if record.is_off else None)]
    pump = Pump(0.0 if record.lift is None else record.lift, record.speed_ratio, record.is_off)
    if record.held_head_m is None:
        return [link(name, seat.start_id, seat.end_id, pump)]
    # A pump that keeps a head is one with a reducing valve behind it: the network never gets more than the pump gives.
    middle = f"{seat.start_id}~{name}.1"
    between[middle] = seat.start_id
    keeper = link(f"{name}.1", middle, seat.end_id, Valve("PRV", 0.0, None), held_head_m=record.held_head_m)
    return [replace(link(name, seat.start_id, middle, pump), held_head_m=record.held_head_m), keeper]


def _of_valve(name: str, seat: Seat, record: ValveRecord, *, bore_m: float) -> DeviceLink:
    diameter_m = record.diameter_m or bore_m
    what: Valve | None
    if record.kind == CHECK:
        what = _CLOSED if record.is_closed else None
    elif record.is_closed or record.setting is None:
        what = Valve(
            record.kind if record.kind != "GPV" else "TCV", 0.0, "CLOSED" if record.is_closed else "OPEN"
        )
    elif isinstance(record.setting, tuple):
        what = Valve(record.kind, record.setting, None)
    elif record.kind in _PRESSURE:
        what = Valve(record.kind, head_m_from_mpa(record.setting), None)
    else:
        what = Valve(record.kind, record.setting * (1000.0 if record.kind == "FCV" else 1.0), None)
    return DeviceLink(name, seat.start_id, seat.end_id, diameter_m, record.loss_k, what, "valves", name)


def settled(
    links: list[DeviceLink],
    *,
    ground_m: Callable[[str], float],
    is_source: Callable[[str], bool],
    demand_m3s: float,
) -> tuple[list[DeviceLink], list[DataIssue]]:
    """
    Give the links EPANET can have: settings against the ground, no regulating valve at a source or in another's way.

    A pump of which only the head behind it is known gets lift enough for `demand_m3s` [m3/s].
    """
    done: list[DeviceLink] = []
    issues: list[DataIssue] = []

    def opened(link: DeviceLink, kind: str) -> DeviceLink:
        issues.append(DataIssue(kind, "warning", link.layer, link.subject, link.at, {"node": link.end_id}))
        return replace(link, what=_OPEN, held_head_m=None)

    for link, behind in zip(links, [*links[1:], None], strict=False):
        if link.held_head_m is not None:
            link = _with_head(link, behind, ground_m=ground_m, is_source=is_source, demand_m3s=demand_m3s)
        held = link.what.kind if isinstance(link.what, Valve) and link.what.fixed is None else ""
        node = link.start_id if held == "PSV" else link.end_id
        if held in _CONTROLLED and (is_source(link.start_id) or is_source(link.end_id)):
            link = opened(link, "valve-at-source")
        elif held in ("PRV", "PSV") and not np.isfinite(ground_m(node)):
            link = opened(link, "valve-ground-unknown")
        elif held in ("PRV", "PSV") and any(_in_the_way(link, other) for other in done):
            link = opened(link, "valve-shares-node")
        done.append(link)
    return done, issues


def _with_head(
    link: DeviceLink, behind: DeviceLink | None, *, ground_m: Callable[[str], float],
    is_source: Callable[[str], bool], demand_m3s: float,
) -> DeviceLink:  # fmt: skip
    """A valve gets its setting; a pump without a curve one that suffices, or nothing where no valve can hold it back."""
    held_m = float(link.held_head_m or 0.0)
    if isinstance(link.what, Valve):
        return replace(link, what=replace(link.what, setting=float(max(held_m - ground_m(link.end_id), 0.0))))
    if not isinstance(link.what, Pump) or link.what.lift != 0.0 or behind is None:
        return link
    if is_source(behind.end_id):
        return replace(link, what=_CLOSED)  # the level there is known and gives the water
    if not np.isfinite(ground_m(behind.end_id)):
        return replace(link, what=_OPEN)
    lift_m = float(max(held_m - ground_m(behind.end_id), 0.0)) + _AMPLE_M
    most_lps = max(_AMPLE_RATIO * demand_m3s * 1000.0, 1.0)
    return replace(link, what=replace(link.what, lift=((0.0, lift_m), (most_lps, _SAG_SHARE * lift_m))))


def _in_the_way(link: DeviceLink, other: DeviceLink) -> bool:
    """EPANET refuses valves that hold the pressure of one node, or of two nodes that one of them joins (error 220)."""
    if not (isinstance(link.what, Valve) and isinstance(other.what, Valve)) or other.what.fixed is not None:
        return False
    kinds = {link.what.kind, other.what.kind}
    if not kinds <= {"PRV", "PSV"}:
        return False
    chained = link.start_id == other.end_id or other.start_id == link.end_id
    if len(kinds) == 2:
        return chained
    shares = link.end_id == other.end_id if "PRV" in kinds else link.start_id == other.start_id
    return shares or chained


def split_from(gear: Equipment, between: Mapping[str, str]) -> dict[str, str]:
    """New node to the node it stands on, for ground and place."""
    chain = {**gear.split_from, **between}

    def root(name: str) -> str:
        while name in chain:
            name = chain[name]
        return name

    return {name: root(name) for name in chain}


def with_devices(tables: ModelTables, links: list[DeviceLink], ends: NDArray[np.int64]) -> ModelTables:
    """Append the links behind the pipes: check valves as pipes of no length, then pumps, then valves."""
    checks = [n for n, link in enumerate(links) if link.what is None]
    pumps = [n for n, link in enumerate(links) if isinstance(link.what, Pump)]
    valves = [n for n, link in enumerate(links) if isinstance(link.what, Valve)]
    order = [*checks, *pumps, *valves]
    is_pump = np.array([isinstance(links[n].what, Pump) for n in order], dtype=bool)
    bores_m = np.array([links[n].diameter_m for n in order], dtype=np.float64)
    is_pipe = np.arange(len(order)) < len(checks)
    return replace(
        tables,
        link_ids=tables.link_ids + tuple(links[n].link_id for n in order),
        link_start=np.append(tables.link_start, ends[order, 0]),
        link_end=np.append(tables.link_end, ends[order, 1]),
        length_m=np.append(tables.length_m, np.where(is_pipe, _CHECK_LENGTH_M, 0.0)),
        diameter_m=np.append(tables.diameter_m, np.where(is_pump, 0.0, bores_m)),
        roughness_factor=np.append(tables.roughness_factor, np.where(is_pipe, _SMOOTH_C, 0.0)),
        minor_k=np.append(tables.minor_k, [links[n].loss_k for n in order]),
        pipe_state=np.append(tables.pipe_state, np.full(len(checks), PipeState.CHECK_VALVE, dtype=np.int8)),
        pumps=tuple(what for n in pumps if isinstance(what := links[n].what, Pump)),
        valves=tuple(what for n in valves if isinstance(what := links[n].what, Valve)),
    )
