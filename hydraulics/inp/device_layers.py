"""Pumps, valves and tanks of an EPANET file as GIS records that suffice to model them again, as they stand at the peak."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gis.equipment.curves import curve_text
from gis.units import mpa_from_head_m
from hydraulics.epanet.codes import LinkKind

if TYPE_CHECKING:
    from hydraulics.inp.content import FileContent
    from hydraulics.tables import ModelTables, Pump, Valve

_PRESSURE = ("PRV", "PSV", "PBV")
_LEVELS = ("bottom_m", "depth_m", "min_depth_m", "max_depth_m", "diameter_m", "overflow")


def pump_columns(content: FileContent, peak: ModelTables | None) -> dict[str, list[Any]]:
    """Columns of the pumps; only their nodes where the file has no peak to be had."""
    rows = np.flatnonzero(content.link_kinds == LinkKind.PUMP)
    names = [content.link_ids[k] for k in rows]
    ends = [[content.node_ids[n] for n in content.link_ends[k]] for k in rows]
    known = {} if peak is None else dict(zip(peak.link_ids[peak.pipe_count :], peak.pumps, strict=False))
    told = [_pump_record(known.get(name)) for name in names]
    return {
        "pump_id": names, "node_id": [start for start, _ in ends], "to_node_id": [end for _, end in ends],
        **{key: [one.get(key) for one in told] for key in ("state", "curve", "power_kw", "speed_ratio")},
    }  # fmt: skip


def _pump_record(pump: Pump | None) -> dict[str, Any]:
    if pump is None:
        return {}
    has_curve = isinstance(pump.lift, tuple)
    return {
        "state": "off" if pump.is_closed or pump.speed_factor <= 0 else "on",
        "curve": curve_text(pump.lift) if isinstance(pump.lift, tuple) else None,
        "power_kw": None if has_curve else pump.lift,
        "speed_ratio": pump.speed_factor if pump.speed_factor > 0 else None,
    }


def valve_settings(names: list[str], peak: ModelTables | None) -> dict[str, list[Any]]:
    """What the regulating valves are set to and, where the peak says so, whether they are shut."""
    known: dict[str, tuple[Valve, float]] = {}
    if peak is not None:
        first = peak.pipe_count + len(peak.pumps)
        losses = peak.minor_k[first:].tolist()
        known = {
            name: (valve, k)
            for name, valve, k in zip(peak.link_ids[first:], peak.valves, losses, strict=True)
        }
    told = [_valve_record(*known[name]) if name in known else {} for name in names]
    keys = ("setting_mpa", "setting_flow_m3s", "loss_k", "curve")
    columns: dict[str, list[Any]] = {key: [one.get(key) for one in told] for key in keys}
    if told and all(told):
        columns["state"] = [one["state"] for one in told]
    return columns


def _valve_record(valve: Valve, loss_k: float) -> dict[str, Any]:
    if valve.fixed is not None:
        return {"state": valve.fixed.lower(), "loss_k": loss_k}
    if isinstance(valve.setting, tuple):
        return {"state": "open", "curve": curve_text(valve.setting), "loss_k": loss_k}
    if valve.kind in _PRESSURE:
        return {"state": "open", "setting_mpa": mpa_from_head_m(valve.setting), "loss_k": loss_k}
    if valve.kind == "FCV":
        return {"state": "open", "setting_flow_m3s": valve.setting / 1000.0, "loss_k": loss_k}
    return {"state": "open", "loss_k": valve.setting}


def check_valves(content: FileContent) -> dict[str, list[Any]]:
    """A check valve for every pipe of the file that is one, named like the pipe."""
    rows = np.flatnonzero(content.link_kinds == LinkKind.CHECK_VALVE_PIPE)
    names = [content.link_ids[k] for k in rows]
    return {
        "valve_id": [f"{name}/CV" for name in names],
        "pipe_id": names,
        "node_id": [content.node_ids[content.link_ends[k, 0]] for k in rows],
        "to_node_id": [content.node_ids[content.link_ends[k, 1]] for k in rows],
        "row": rows.tolist(),
    }


def tank_columns(names: list[str], peak: ModelTables | None) -> dict[str, list[Any]]:
    """Levels of the tanks among the sources; blank for all others."""
    known: dict[str, dict[str, Any]] = {}
    if peak is not None:
        first = peak.junction_count + peak.reservoir_count
        for name, bottom_m, tank in zip(
            peak.node_ids[first:], peak.elevation_m[first:].tolist(), peak.tanks, strict=True
        ):
            known[name] = {
                "bottom_m": bottom_m, "depth_m": tank.level_m, "min_depth_m": tank.min_level_m,
                "max_depth_m": tank.max_level_m, "diameter_m": tank.diameter_m,
                "overflow": "yes" if tank.can_overflow else "no",
            }  # fmt: skip
    return {key: [known.get(name, {}).get(key) for name in names] for key in _LEVELS}
