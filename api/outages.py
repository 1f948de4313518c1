"""`tapwright outages`: what the network loses without each pipe, as a table."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from api.errors import CallError
from api.outputs import whole_file
from api.safe_csv import write_csv

if TYPE_CHECKING:
    from pathlib import Path

    from gis.progress import Progress
    from hydraulics.outages import Outages
    from hydraulics.session import Session

COLUMNS = (
    "pipe_id", "segment_id", "customers_out", "unserved_lps", "worst_node_id", "worst_pressure_m", "cut_off_lps", "method",
)  # fmt: skip


def write_outages(
    session: Session, out: Path, *, required_pressure_m: float, progress: Progress
) -> dict[str, Any]:
    """Write the effect of losing each pipe, and give the counts."""
    from hydraulics.outages import Service, pipe_outages

    if not 0.0 < required_pressure_m <= 1e3:
        raise CallError("required-pressure", value=required_pressure_m)
    started_s = time.perf_counter()
    with whole_file(out) as draft:
        answer = pipe_outages(session, Service(required_pressure_m), progress=progress)
        _write(session, answer, draft)
    worst = int(np.argmax(answer.unserved_m3s)) if len(answer.links) else -1
    return {
        "network_version": session.model.version,
        "required_pressure_m": required_pressure_m,
        "pipes": len(answer.links),
        "with_effect": int((answer.unserved_m3s > 1e-6).sum()),
        "bridges": int(answer.is_bridge.sum()),
        "by_epanet": int(answer.by_epanet.sum()),
        "worst_pipe_id": session.index.link_ids[answer.links[worst]] if worst >= 0 else None,
        "worst_unserved_lps": round(float(answer.unserved_m3s[worst]) * 1000.0, 3) if worst >= 0 else None,
        "out": str(out),
        "seconds": round(time.perf_counter() - started_s, 3),
    }


def _write(session: Session, answer: Outages, path: Path) -> None:
    pipes, nodes = session.index.link_ids, session.index.node_ids
    method = np.where(answer.by_epanet, "epanet", np.where(answer.is_bridge, "bridge", "local"))
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = []
        for n, link in enumerate(answer.links):
            # Without valves to say otherwise a pipe is its own segment.
            worst = int(answer.worst_nodes[n])
            rows.append((
                pipes[link], pipes[link], round(float(answer.customers_out_count[n])), _lps(answer.unserved_m3s[n]),
                nodes[worst] if worst >= 0 else "", round(float(answer.worst_pressure_m[n]), 3) if worst >= 0 else "",
                _lps(answer.cut_off_m3s[n]), method[n],
            ))  # fmt: skip
        write_csv(stream, COLUMNS, rows)


def _lps(flow_m3s: Any) -> float:
    return round(max(float(flow_m3s), 0.0) * 1000.0, 4)
