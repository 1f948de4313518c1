"""What a tie-in takes from others: valves to close, customers without water, as design reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from design.checks.option import neighbour_limit_m
from hydraulics.closures.isolation import isolation_for
from hydraulics.closures.settings import closure_settings
from hydraulics.outages import Service

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from design.city import City
    from design.points import ConnectionPoint
    from design.rules.ruleset import RuleSet
    from design.wire.scheme import OutageDoc
    from hydraulics.closures.isolation import Isolation
    from hydraulics.closures.outage import Closures
    from hydraulics.results import TieIn


def closures_of(city: City, rules: RuleSet) -> Closures:
    """Valves, segments and customers of the city, made once."""
    from hydraulics.closures.outage import Closures  # brings the compiler with it

    service = Service(neighbour_limit_m(rules), closure_settings().least_pressure_m)
    return city.once_for_session(("closures", service), lambda: Closures(city.session, city.network, service))


def tie_in_outage(city: City, tie_in: TieIn, rules: RuleSet) -> Isolation:
    """Give what must be closed to cut the main at a tie-in, and who is without water meanwhile."""
    return isolation_for(closures_of(city, rules), tie_in)


def stay_apart(city: City, one: ConnectionPoint, other: ConnectionPoint, rules: RuleSet) -> bool:
    """Each of two points keeps its water while the main of the other is shut off between its nearest valves."""
    closures = closures_of(city, rules)
    first, second = segments_at(closures, one), segments_at(closures, other)
    if np.isin(first, second).any():
        return False
    without_first, _ = closures.graph.dry(first)
    without_second, _ = closures.graph.dry(second)
    return not without_first[second].any() and not without_second[first].any()


def segments_at(closures: Closures, point: ConnectionPoint) -> NDArray[np.int64]:
    """Segments of the point and of the main it hangs on; none where the model lacks both."""
    session, segments = closures.session, closures.plan.segments
    found = []
    if point.pipe_id in session.link_position:
        found.append(int(segments.link[session.link_position[point.pipe_id]]))
    if point.node_id in session.node_position:
        found.append(int(segments.node[session.node_position[point.node_id]]))
    return np.unique(np.array(found, dtype=np.int64))


def outage_doc(isolation: Isolation, city: City) -> OutageDoc:
    """Give an isolation as the documents carry it."""
    rows = isolation.customer_rows
    dwellings = city.network.layer("customers")["dwellings"].fillna(0).to_numpy(dtype=np.int64)[rows].sum()
    return {
        "valves": [
            {
                "id": valve.valve_id, "kind": valve.kind, "dn": valve.dn, "pipe_id": valve.pipe_id,
                "node_id": valve.node_id, "is_shut": valve.is_shut, "feeds": valve.feeds,
            }
            for valve in isolation.valves
        ],
        "failed_valves": list(isolation.failed),
        "valves_known": isolation.is_known,
        "pipe_ids": list(isolation.pipe_ids),
        "customers_out": isolation.customers_out,
        "dwellings_out": int(dwellings),
        "customers_low": round(isolation.loss.low_count),
        "unserved_lps": round(isolation.unserved_lps, 4),
        "cut_off_lps": round(isolation.loss.cut_off_m3s * 1000.0, 4),
        "notice_hours": closure_settings().notice_hours,
        "method": isolation.loss.method,
    }  # fmt: skip
