"""`tapwright capacity`: the capacity map as a table, tried with EPANET before anything is written."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from api.errors import CallError
from api.outputs import whole_file
from api.safe_csv import write_csv
from gis.units import m3s_from_lps

if TYPE_CHECKING:
    from pathlib import Path

    from gis.progress import Progress
    from hydraulics.capacity import Capacities
    from hydraulics.session import Session

COLUMNS = ("node_id", "capacity_lps", "limiting_node_id", "limit")
_TRIED = (
    20  # random answers solved again with EPANET alone; 20 of the same kind agreeing is 86 % sure of 90 %
)


def write_capacity(
    session: Session,
    out: Path,
    *,
    required_pressure_m: float,
    no_worse_m: float,
    cap_lps: float,
    progress: Progress,
) -> dict[str, Any]:
    """
    Write every junction's capacity and give the counts.

    Raises
    ------
    CallError
        A figure out of range.
    HydraulicsError
        The map did not stand its trial; nothing is written.
    """
    from hydraulics.capacity import CapacityRule, capacities
    from hydraulics.verify import verified

    _require(required_pressure_m=required_pressure_m, no_worse_m=no_worse_m, cap_lps=cap_lps)
    started_s = time.perf_counter()
    rule = CapacityRule(required_pressure_m, no_worse_m, m3s_from_lps(cap_lps))
    with whole_file(out) as draft:
        answer = capacities(session, rule, progress=progress)
        progress.step("capacity-verify", 0, 1)
        trial = verified(session, rule, answer, sample=_TRIED)
        _write(session, answer, draft)
    return {
        "network_version": session.model.version,
        "required_pressure_m": required_pressure_m,
        "no_worse_m": no_worse_m,
        "cap_lps": cap_lps,
        "junctions": len(answer.nodes),
        "without_water": int((answer.limits == "no-water").sum()),
        "without_spare": int(((answer.capacity_m3s < 1e-5) & (answer.limits != "no-water")).sum()),
        "at_cap": int((answer.limits == "cap").sum()),
        "by_epanet": int(answer.by_epanet.sum()),
        "verified": {
            "tried": trial.tried,
            "worst_over_lps": round(trial.worst_over_m3s * 1000.0, 4),
            "worst_under_lps": round(trial.worst_under_m3s * 1000.0, 4),
        },
        "out": str(out),
        "seconds": round(time.perf_counter() - started_s, 3),
    }  # fmt: skip


def _require(*, required_pressure_m: float, no_worse_m: float, cap_lps: float) -> None:
    if not 0.0 <= required_pressure_m <= 1e3:
        raise CallError("required-pressure", value=required_pressure_m)
    if not 0.0 <= no_worse_m <= 1e3:
        raise CallError("no-worse", value=no_worse_m)
    if not 0.0 < cap_lps <= 1e5:
        raise CallError("cap", value=cap_lps)


def _write(session: Session, answer: Capacities, path: Path) -> None:
    ids = session.index.node_ids
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = []
        for node, flow_m3s, limiting, limit in zip(
            answer.nodes, answer.capacity_m3s, answer.limiting_nodes, answer.limits, strict=True
        ):
            name = ids[limiting] if limiting >= 0 else ""
            rows.append((ids[node], round(float(flow_m3s) * 1000.0, 5), name, limit))
        write_csv(stream, COLUMNS, rows)
