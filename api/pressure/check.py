"""The check document of the contract, its CSV of every junction, and the EPANET files that reproduce it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import numpy as np

from api.files.outputs import whole_file, whole_folder
from api.files.safe_csv import write_csv
from design.checks.option import neighbours_finding, worst_finding
from design.pressure.promised import promised_findings
from design.pressure.range import tie_in_range
from design.pressure.reliance import elevation_confidence, reliance, reliance_finding
from hydraulics.epanet.remarks import remarks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from design.city import City
    from design.rules.ruleset import Finding, RuleSet
    from hydraulics.results import NodePressure, PressureCheck, Solution
    from hydraulics.scenarios.book import ScenarioCheck
    from hydraulics.session import Session

_RISEN_COUNT = 5
COLUMNS = ("node_id", "elevation_m", "head_before_m", "head_after_m", "pressure_before_m", "pressure_after_m")


def check_document(
    city: City, result: PressureCheck, *, rules: RuleSet, seconds: float, want_nodes: bool, session: Session
) -> dict[str, Any]:
    """Give the answer of `tapwright check` in a scenario's session; `nodes` holds every junction when asked for."""
    index = session.index
    elevation_m = city.tie_in_elevation_m(result.tie_in)
    before_m, after_m = result.tie_in_head_before_m - elevation_m, result.tie_in_head_after_m - elevation_m
    known = reliance(city, result.tie_in)
    sure = [] if known is None else [reliance_finding(known, rules)]
    promised = promised_findings(city, result, rules)
    findings = [finding.doc() for finding in (*_findings(result, rules), *promised, *sure)]
    low = not after_m >= result.limit_m
    failed = low or not result.converged or any(finding["verdict"] == "fail" for finding in findings)
    document: dict[str, Any] = {
        "engine": result.engine,
        "network_version": city.network.version,
        "scenario": "peak",
        "converged": result.converged,
        **_where(result),
        "required_pressure_m": round(result.limit_m, 3),
        "pressure_before_m": round(before_m, 4),
        "pressure_after_m": round(after_m, 4),
        "head_before_m": round(result.tie_in_head_before_m, 4),
        "head_after_m": round(result.tie_in_head_after_m, 4),
        "worst_node": None if result.worst is None else _worst(city, result.worst),
        **_effects(session, result),
        "unfed_nodes": [index.node_ids[row] for row in np.flatnonzero(~index.is_fed & index.is_junction)],
        "warnings": remarks(result.after),
        "findings": findings,
        "reserved": [entry.doc() for entry in city.reserved],
        "relies_on": None if known is None else known.doc(),
        "range": _range(city, result, session),
        "calibration": None if (used := city.session.model.calibration) is None else used.note(),
        "verdict": "fail" if failed else "pass",
        "seconds": round(seconds, 4),
    }
    if result.by_pressure is not None:
        document["mode"] = "pda"
        document["unserved_before_lps"] = round(result.unserved_before_m3s * 1000.0, 4)
        document["unserved_after_lps"] = round(result.unserved_after_m3s * 1000.0, 4)
    if want_nodes:
        document["nodes"] = [dict(zip(COLUMNS, row, strict=True)) for row in node_rows(session, result)]
    return document


def _range(city: City, result: PressureCheck, session: Session) -> dict[str, Any] | None:
    """Give the range of the tie-in's pressure: one of the peak hour with all demands met."""
    if session is not city.session or result.by_pressure is not None:
        return None
    band = tie_in_range(city, result, required_pressure_m=result.limit_m)
    return None if band is None else band.doc()


def _where(result: PressureCheck) -> dict[str, Any]:
    tie_in = result.tie_in
    return {
        "node": tie_in.node_id or tie_in.pipe_id,
        "fraction": None if tie_in.node_id else round(tie_in.fraction, 6),
        "flow_lps": round(result.flow_m3s * 1000.0, 6),
    }


def _effects(session: Session, result: PressureCheck) -> dict[str, Any]:
    """Who falls below the limit, who loses most, and where the water runs faster."""
    return {
        "newly_below_limit": [node.node_id for node in result.newly_below],
        "newly_below": short_of(result),
        "most_affected": [node_document(node) for node in result.most_affected],
        "velocity": _velocity(session, result),
    }


def short_of(result: PressureCheck) -> list[dict[str, Any]]:
    """Everybody the new demand pushes below the limit, worst first, and by how much they miss it."""
    return [
        {**node_document(node), "short_m": round(result.limit_m - node.pressure_after_m, 4)}
        for node in result.newly_below
    ]


def _velocity(session: Session, result: PressureCheck) -> dict[str, Any]:
    """Give the fastest pipe after, and the pipes whose velocity rises most; a tapped pipe by its busier half."""
    ids, pipes = session.index.link_ids, session.model.tables.pipe_count
    before_mps, after_mps = result.before.velocity_mps[:pipes], result.after.velocity_mps[:pipes].copy()
    tapped = session.link_position.get(result.tie_in.pipe_id or "")
    if tapped is not None and tapped < pipes and result.max_velocity_mps > after_mps.max(initial=0.0):
        after_mps[tapped] = result.max_velocity_mps
    risen = np.argsort(before_mps - after_mps, kind="stable")[:_RISEN_COUNT]

    def told(link: int) -> dict[str, Any]:
        return {
            "pipe_id": ids[link],
            "velocity_before_mps": round(float(before_mps[link]), 4),
            "velocity_after_mps": round(float(after_mps[link]), 4),
        }

    fastest = told(int(np.argmax(after_mps))) if len(after_mps) else None
    return {"fastest": fastest, "most_risen": [told(int(link)) for link in risen]}


def _findings(result: PressureCheck, rules: RuleSet) -> list[Finding]:
    worst = result.worst
    found = [neighbours_finding(result.newly_below, rules, limit_m=result.limit_m)]
    if worst is not None:
        found.append(
            worst_finding(worst.node_id, worst.pressure_before_m, worst.pressure_after_m, rules=rules)
        )
    return found


def _worst(city: City, node: NodePressure) -> dict[str, Any]:
    ground = elevation_confidence(city, city.node_row(node.node_id))
    return {**node_document(node), "elevation_confidence": ground}


def node_document(node: NodePressure) -> dict[str, Any]:
    """One node, before and after."""
    return {
        "id": node.node_id,
        "pressure_before_m": round(node.pressure_before_m, 4),
        "pressure_after_m": round(node.pressure_after_m, 4),
    }


def node_rows(session: Session, result: PressureCheck) -> list[tuple[Any, ...]]:
    """Give every junction with its figures; None where no water reaches."""
    index, before, after = session.index, result.before, result.after
    rows = np.flatnonzero(index.is_junction)
    figures = np.column_stack([index.elevation_m, *_figures(before, after)])[rows].round(4)
    return [
        (index.node_ids[row], *(None if np.isnan(value) else float(value) for value in line))
        for row, line in zip(rows, figures, strict=True)
    ]


def _figures(before: Solution, after: Solution) -> tuple[np.ndarray[Any, Any], ...]:
    return before.head_m, after.head_m, before.pressure_m, after.pressure_m


def write_check_files(
    session: Session, result: PressureCheck, *, nodes_out: Path | None, inp_out: Path | None,
    others: Sequence[tuple[ScenarioCheck, Session]] = (),
) -> None:  # fmt: skip
    """Write the CSV of every junction and the two EPANET files, where asked for; those of scenarios beside them."""
    with ExitStack() as places:
        table = None if nodes_out is None else places.enter_context(whole_file(nodes_out))
        folder = None if inp_out is None else places.enter_context(whole_folder(inp_out))
        if table is not None:
            with table.open("w", encoding="utf-8", newline="") as stream:
                write_csv(stream, COLUMNS, node_rows(session, result))
        if folder is not None:
            _write_models(session, result, folder)
            for found, other in others:
                if found.check is not None:
                    _write_models(other, found.check, folder, f"-{found.name}")


def _write_models(session: Session, result: PressureCheck, folder: Path, suffix: str = "") -> None:
    from hydraulics.inp.written import draw_by_pressure, write_after, write_before

    before, after = folder / f"model-before{suffix}.inp", folder / f"model-after{suffix}.inp"
    write_before(session.model, before)
    write_after(session.model, after, tie_in=result.tie_in, flow_m3s=result.flow_m3s, service=None)
    if result.by_pressure is not None:
        draw_by_pressure(before, result.by_pressure)
        draw_by_pressure(after, result.by_pressure)
