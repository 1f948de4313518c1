"""`tapwright valves`: where one more valve would help most, and how much hangs on each that is there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from api.errors import CallError
from api.files.outputs import whole_file
from api.files.safe_csv import write_csv
from design.pressure.outage import closures_of
from hydraulics.closures.added import added_valves, average_out_m3s
from hydraulics.closures.plan import UNKNOWN_KIND, segment_names
from hydraulics.closures.weights import valve_weights

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from design.city import City
    from design.rules.ruleset import RuleSet
    from gis.progress import Progress
    from hydraulics.closures.outage import Closures

MOST_COUNT = 100_000
_SHOWN = 20


def suggest_valves(
    city: City, out: Path | None, *, count: int, rules: RuleSet, progress: Progress
) -> dict[str, Any]:
    """Rank single added valves by how much less demand is out on average when a pipe breaks anywhere."""
    if not 1 <= count <= MOST_COUNT:
        raise CallError("count", value=count)
    started_s, closures = time.perf_counter(), closures_of(city, rules)
    index, names = city.session.index, segment_names(city.session, closures.plan)
    rows = [
        {
            "rank": n, "pipe_id": index.link_ids[valve.link], "node_id": index.node_ids[valve.node],
            "segment_id": names[valve.segment], "saved_lps": round(valve.saved_m3s * 1000.0, 6),
            "out_before_lps": _lps(valve.before_m3s), "out_node_side_lps": _lps(valve.first_m3s),
            "out_pipe_side_lps": _lps(valve.second_m3s), "node_side_m": round(valve.first_m, 1),
            "pipe_side_m": round(valve.second_m, 1),
        }
        for n, valve in enumerate(added_valves(closures, count=count, progress=progress), 1)
    ]  # fmt: skip
    _write(out, rows)
    return {
        **_head(city, closures, out), "average_out_lps": round(average_out_m3s(closures) * 1000.0, 6), "found": len(rows),
        "valves": rows[:_SHOWN], "seconds": round(time.perf_counter() - started_s, 3),
    }  # fmt: skip


def weigh_valves(city: City, out: Path | None, *, count: int, rules: RuleSet) -> dict[str, Any]:
    """List the valves that are there, those first that take most with them when they do not turn."""
    if not 1 <= count <= MOST_COUNT:
        raise CallError("count", value=count)
    started_s, closures = time.perf_counter(), closures_of(city, rules)
    plan, index = closures.plan, city.session.index
    length_m = np.where(closures.is_pipe, index.link_length_m, 0.0)
    weights = valve_weights(plan.segments, demand_m3s=closures.drawn_m3s, length_m=length_m)
    more, who = (
        _more(closures, closures.graph.behind(value))
        for value in (closures.segment_drawn_m3s, closures.segment_customers_count)
    )
    real = np.flatnonzero((plan.seats.kinds != UNKNOWN_KIND) & ~plan.seats.is_shut)
    order = real[np.lexsort((plan.seats.ids[real].astype(str), -who[real], -more[real]))][:count]
    rows = [
        {
            "rank": n, "valve_id": str(plan.seats.ids[v]), "pipe_id": index.link_ids[plan.seats.link[v]],
            "node_id": index.node_ids[plan.seats.node[v]], "more_out_lps": _lps(more[v]), "more_customers": round(float(who[v])),
            "demand_increase": round(float(weights.demand_ratio[v]), 6), "valves_around": int(weights.around_count[v]),
            "length_increase": round(float(weights.length_ratio[v]), 6),
        }
        for n, v in enumerate(order.tolist(), 1)
    ]  # fmt: skip
    _write(out, rows)
    return {
        **_head(city, closures, out), "found": len(rows), "valves": rows[:_SHOWN], "seconds": round(time.perf_counter() - started_s, 3)
    }  # fmt: skip


def _more(closures: Closures, value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shape (valves,): what more is out when both segments beside a valve are shut for a break in the lesser one."""
    first, second, graph = closures.plan.segments.first, closures.plan.segments.second, closures.graph
    both = value[first] + value[second]
    for valve, (a, b) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        if a != b and (graph.hangs_on(a, b) or graph.hangs_on(b, a)):
            both[valve] = max(value[a], value[b])
    return np.where(first == second, 0.0, both - np.minimum(value[first], value[second]))


def _head(city: City, closures: Closures, out: Path | None) -> dict[str, Any]:
    return {
        "network_version": city.network.version, "segments": closures.plan.segments.count,
        "valves_known": closures.plan.has_valves, "out": None if out is None else str(out),
    }  # fmt: skip


def _write(out: Path | None, rows: list[dict[str, Any]]) -> None:
    if out is None:
        return
    with whole_file(out) as draft, draft.open("w", encoding="utf-8", newline="") as stream:
        columns = list(rows[0]) if rows else ["rank"]
        write_csv(stream, columns, [list(row.values()) for row in rows])


def _lps(flow_m3s: Any) -> float:
    return round(float(flow_m3s) * 1000.0, 4)
