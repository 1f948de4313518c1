"""`tapwright isolate`: what to close for a tie-in or a break, who is without water, and what if a valve does not turn."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from api.errors import CallError
from api.positions import wire_position
from design.pressure.outage import closures_of, outage_doc
from hydraulics.closures.by_pressure import loss_by_pressure
from hydraulics.closures.isolation import isolation_for
from hydraulics.scenarios.over_time import Event, lowest_pressures_m

if TYPE_CHECKING:
    from collections.abc import Sequence

    from design.city import City
    from design.rules.ruleset import RuleSet
    from hydraulics.closures.isolation import Isolation
    from hydraulics.closures.outage import Closures
    from hydraulics.results import TieIn

MOST_FAILED = 50
_ALTERNATIVES = 12
_LISTED = 200
_NOTHING_M = 0.001


def isolation_document(
    city: City, tie_in: TieIn, *, failed: Sequence[str], rules: RuleSet, by_pressure: bool = True
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """
    Give the answer and the customers without water or with too little, as rows of the notice list.

    `by_pressure` has EPANET tell what is not drawn for want of pressure; without it the quick estimate stands.
    """
    if len(failed) > MOST_FAILED:
        raise CallError("failed-valves", value=len(failed), limit=MOST_FAILED)
    closures = closures_of(city, rules)
    isolation = isolation_for(closures, tie_in, failed=failed)
    document: dict[str, Any] = {
        "network_version": city.network.version,
        "node_id": tie_in.node_id,
        "pipe_id": tie_in.pipe_id,
        "required_pressure_m": round(closures.service.required_pressure_m, 3),
        **outage_doc(isolation, city),
        "shut_links": _shut_links(closures, isolation),
        "valve_positions": _valve_positions(city, [valve.valve_id for valve in isolation.valves]),
        "alternatives": _alternatives(closures, tie_in, isolation, failed),
    }
    low_nodes = np.empty(0, dtype=np.int64)
    if by_pressure:
        loss = loss_by_pressure(closures, np.array(isolation.segments, dtype=np.int64))
        low_nodes, ids = loss.low_nodes, city.session.index.node_ids
        document["by_pressure"] = {
            "unserved_lps": round(loss.unserved_m3s * 1000.0, 4),
            "low_nodes": [ids[n] for n in low_nodes[:_LISTED]],
            "low_nodes_count": len(low_nodes),
            "worst_node": ids[loss.worst_node] if loss.worst_node >= 0 else None,
            "worst_pressure_m": round(loss.worst_pressure_m, 3) if loss.worst_node >= 0 else None,
            "converged": loss.converged,
        }
    rows = _notices(city, closures, isolation, low_nodes)
    document["customers"] = rows[:_LISTED]
    return document, rows


def over_hours(
    city: City, document: dict[str, Any], *, starts: str | None, lasts_hours: float, rules: RuleSet
) -> dict[str, Any] | None:
    """
    Whom the closure leaves without water while it lasts, tanks running down; None for a model without patterns.

    Counted from the hour of the day it starts at, by the clock of the imported model.
    """
    path = city.network.model_inp
    if path is None:
        return None
    service = closures_of(city, rules).service
    begin_s = datetime.fromisoformat(starts).hour * 3600 if starts else 0
    lasts_s = max(int(lasts_hours * 3600), 3600)
    # Pipes of schemes that are accepted but not built are in the session's model and not in the file.
    known = {*city.network.pipes["pipe_id"], *city.network.layer("valves")["valve_id"]}
    usual = Event(begin_s, lasts_s)
    event = Event(begin_s, lasts_s, frozenset(known.intersection(document["shut_links"])))
    lowest = [
        lowest_pressures_m(
            path, one, least_m=service.least_pressure_m, required_m=service.required_pressure_m
        )
        for one in (usual, event)
    ]
    index = city.session.index
    asked = {name for name, flow in zip(index.node_ids, index.demand_m3s, strict=True) if flow > 0}
    least_m, required_m = service.least_pressure_m + _NOTHING_M, service.required_pressure_m
    dry = sorted(n for n in asked & lowest[0].keys() if lowest[1][n] <= least_m < lowest[0][n])
    low = sorted(n for n in asked & lowest[0].keys() if lowest[1][n] < required_m <= lowest[0][n])
    return {
        "starts_hour": begin_s // 3600, "lasts_hours": lasts_s / 3600, "without_water": dry[:_LISTED],
        "without_water_count": len(dry), "low_nodes": low[:_LISTED], "low_nodes_count": len(low),
    }  # fmt: skip


def _alternatives(
    closures: Closures, tie_in: TieIn, isolation: Isolation, failed: Sequence[str]
) -> list[dict[str, Any]]:
    """What closing takes when one more of the valves does not turn, each of those that water comes through."""
    told = []
    for valve in [v for v in isolation.valves if v.feeds and not v.is_shut][:_ALTERNATIVES]:
        other = isolation_for(closures, tie_in, failed=[*failed, valve.valve_id])
        told.append({
            "failed_valve": valve.valve_id, "valves": [v.valve_id for v in other.valves],
            "customers_out": other.customers_out, "unserved_lps": round(other.unserved_lps, 4),
            "more_customers_out": other.customers_out - isolation.customers_out,
        })  # fmt: skip
    return told


def _shut_links(closures: Closures, isolation: Isolation) -> list[str]:
    shut = np.isin(closures.plan.segments.link, np.array(isolation.segments))
    return [closures.session.index.link_ids[k] for k in np.flatnonzero(shut)]


def _valve_positions(city: City, valves: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Lon, lat of the valves that have a place, by id."""
    table = city.network.layer("valves")
    table = table[table["valve_id"].astype(str).isin(list(valves)) & table.geometry.notna()]
    return {
        str(name): wire_position(city.network, (point.x, point.y))
        for name, point in zip(table["valve_id"], table.geometry, strict=True)
    }


def _notices(
    city: City, closures: Closures, isolation: Isolation, low_nodes: np.ndarray[Any, Any]
) -> list[dict[str, Any]]:
    index, link = city.session.index, closures.customers.link
    is_low = np.zeros(len(index.node_ids), dtype=bool)
    is_low[low_nodes] = True
    low_link = is_low[index.link_start] & is_low[index.link_end]
    dry = set(isolation.customer_rows.tolist())
    low = [row for row in np.flatnonzero(link >= 0) if low_link[link[row]] and row not in dry]
    table = city.network.layer("customers")
    return [
        {
            "customer_id": str(row["customer_id"]), "name": _text(row["name"]), "address": _text(row["address"]),
            "use": _text(row["use"]), "dwellings": _whole(row["dwellings"]), "pipe_id": _text(row["pipe_id"]),
            "effect": effect,
        }
        for effect, rows in (("no-water", sorted(dry)), ("low-pressure", low))
        for row in table.iloc[list(rows)].to_dict("records")
    ]  # fmt: skip


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, str) and value else None


def _whole(value: Any) -> int | None:
    return None if value is None or pd.isna(value) else int(value)
