"""`tapwright outages`: what the network loses without each pipe and each valve segment, as a table."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from api.errors import CallError
from api.files.outputs import whole_file
from api.files.safe_csv import write_csv
from api.pressure.figures import PIPE, PIPE_CLOSE, PIPES
from hydraulics.closures.plan import UNKNOWN_KIND, segment_names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from api.spare.bench import OpenWorkspace
    from gis.network import Network
    from gis.progress import Progress
    from hydraulics.closures.loss import Loss
    from hydraulics.closures.outage import Closures
    from hydraulics.outages import Outages
    from hydraulics.session import Session

_LOOPS_COUNT = 2  # compiled loops at once; the rest of the machine is for those who wait for an answer
TABLE = "outages.csv"
COLUMNS = (
    "pipe_id", "segment_id", "customers_out", "unserved_lps", "worst_node_id", "worst_pressure_m", "cut_off_lps", "method",
    "segment_customers_out", "segment_unserved_lps", "segment_worst_node_id", "segment_worst_pressure_m",
    "segment_cut_off_lps", "segment_method", "valves_to_close",
)  # fmt: skip


def write_outages(
    session: Session, network: Network, out: Path, *, required_pressure_m: float, progress: Progress,
    plots: Path | None = None, fonts: Path | None = None,
) -> dict[str, Any]:  # fmt: skip
    """
    Write the effect of losing each pipe, and of shutting the segment it lies in, and give the counts.

    The first figures are those of a pipe that fails closed; a break is shut off by the valves around its segment.
    """
    from hydraulics.closures.outage import Closures
    from hydraulics.outages import Service, pipe_outages

    if not 0.0 < required_pressure_m <= 1e3:
        raise CallError("required-pressure", value=required_pressure_m)
    started_s, service = time.perf_counter(), Service(required_pressure_m)
    with whole_file(out) as draft:
        closures = Closures(session, network, service)
        customers = closures.customers.at_node_count
        with ThreadPoolExecutor(_LOOPS_COUNT) as pool:
            answer = pipe_outages(
                session, service, customer_count=customers, spread=pool.map, progress=progress
            )
            losses = closures.each_segment(progress, spread=pool.map)
        _write(session, answer, closures, losses, draft)
    if plots is not None and fonts is not None:
        _plot(session, answer, closures, losses, plots, fonts)
    worst = int(np.argmax(answer.unserved_m3s)) if len(answer.links) else -1
    lost_m3s = np.array([loss.unserved_m3s for loss in losses])
    top = int(np.argmax(lost_m3s)) if len(losses) else -1
    return {
        "network_version": session.model.version,
        "required_pressure_m": required_pressure_m,
        "pipes": len(answer.links),
        "with_effect": int((answer.unserved_m3s > 1e-6).sum()),
        "bridges": int(answer.is_bridge.sum()),
        "by_epanet": int(answer.by_epanet.sum()),
        "worst_pipe_id": session.index.link_ids[answer.links[worst]] if worst >= 0 else None,
        "worst_unserved_lps": round(float(answer.unserved_m3s[worst]) * 1000.0, 3) if worst >= 0 else None,
        "segments": closures.plan.segments.count,
        "valves": int((closures.plan.seats.kinds != UNKNOWN_KIND).sum()),
        "valves_known": closures.plan.has_valves,
        "segments_by_epanet": sum(loss.method == "epanet" for loss in losses),
        "worst_segment_id": segment_names(session, closures.plan)[top] if top >= 0 else None,
        "worst_segment_unserved_lps": _lps(lost_m3s[top]) if top >= 0 else None,
        "out": str(out),
        "seconds": round(time.perf_counter() - started_s, 3),
    }


def write_run(
    bench: OpenWorkspace, request: Mapping[str, Any], out: Path, *, progress: Progress
) -> dict[str, Any]:
    """Write the table and the layer of the pipes that matter; with a session of its own, so that nobody waits for it."""
    from hydraulics.session import Session

    with Session(bench.city.session.model) as session:
        document = write_outages(
            session, bench.network, out / TABLE, required_pressure_m=float(request["required_pressure_m"]),
            progress=progress,
        )  # fmt: skip
    _write_layer(bench.network, out)
    return {name: value for name, value in document.items() if name != "out"}


def _write_layer(network: Network, out: Path) -> None:
    """Write the pipes whose loss leaves somebody without water, with the figures of the table: GeoPackage, and GeoJSON in lon, lat."""
    import pandas as pd

    names = {"pipe_id": str, "segment_id": str, "worst_node_id": str}
    table = pd.read_csv(out / TABLE, dtype=names)[[*PIPE, *PIPE_CLOSE]]
    table = table[(table["unserved_lps"] > 0.0) | (table["customers_out"] > 0)]
    lines = network.pipes[["pipe_id", "geometry"]].astype({"pipe_id": str})
    drawn = lines.merge(table, on="pipe_id").sort_values("unserved_lps", kind="stable")
    with whole_file(out / "map.gpkg") as draft:
        drawn.to_file(draft, layer=PIPES, driver="GPKG", engine="pyogrio")
    with whole_file(out / "map.geojson") as draft:
        plain = drawn if drawn.crs is None else drawn.to_crs(4326)
        draft.write_text(plain.to_json(na="null", drop_id=True), encoding="utf-8")


def _plot(
    session: Session, answer: Outages, closures: Closures, losses: list[Loss], folder: Path, fonts: Path
) -> None:
    from api.pressure.plots import write_outage_plots

    names = segment_names(session, closures.plan)
    pipes = [
        ("pipe", session.index.link_ids[link], _lps(lost))
        for link, lost in zip(answer.links, answer.unserved_m3s, strict=True)
    ]
    parts = [("segment", name, _lps(loss.unserved_m3s)) for name, loss in zip(names, losses, strict=True)]
    write_outage_plots([*pipes, *(parts if closures.plan.has_valves else [])], folder, fonts=fonts)


def _write(session: Session, answer: Outages, closures: Closures, losses: list[Loss], path: Path) -> None:
    pipes, nodes = session.index.link_ids, session.index.node_ids
    names, plan = segment_names(session, closures.plan), closures.plan
    method = np.where(answer.by_epanet, "epanet", np.where(answer.is_bridge, "bridge", "local"))
    around = np.diff(plan.valve_start) if plan.has_valves else None
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = []
        for n, link in enumerate(answer.links):
            segment = plan.segments.link[link]
            loss = losses[segment]
            rows.append((
                pipes[link], names[segment], round(float(answer.customers_out_count[n])), _lps(answer.unserved_m3s[n]),
                *_lowest(nodes, int(answer.worst_nodes[n]), float(answer.worst_pressure_m[n])),
                _lps(answer.cut_off_m3s[n]), method[n], round(loss.customers_out_count), _lps(loss.unserved_m3s),
                *_lowest(nodes, loss.worst_node, loss.worst_pressure_m), _lps(loss.cut_off_m3s), loss.method,
                "" if around is None else int(around[segment]),
            ))  # fmt: skip
        write_csv(stream, COLUMNS, rows)


def _lowest(nodes: tuple[str, ...], node: int, pressure_m: float) -> tuple[Any, Any]:
    return (nodes[node], round(pressure_m, 3)) if node >= 0 else ("", "")


def _lps(flow_m3s: Any) -> float:
    return round(max(float(flow_m3s), 0.0) * 1000.0, 4)
