"""`tapwright model show`: what the hydraulic model of a version consists of, and what could not be put into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gis.units import lps_from_m3s
from hydraulics.demand.basis import shipped_basis
from hydraulics.demand.demands import placed_demands
from hydraulics.epanet.remarks import remarks
from hydraulics.making.from_gis import left_out, modelled_pipes
from hydraulics.making.roughness import friction_of
from hydraulics.tables import PipeState

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from gis.issues import DataIssue
    from gis.network import Network
    from hydraulics.demand.basis import PeakBasis
    from hydraulics.session import Session

_LISTED_COUNT = 50
_FIGURES = {"H-W": "c", "D-W": "mm", "C-M": "n"}


def model_document(network: Network, session: Session, *, basis: PeakBasis | None = None) -> dict[str, Any]:
    """Give the parts of the model, its demand and sources, and everything that was left out, by name."""
    tables, index, base = session.model.tables, session.index, session.base
    first_source = tables.junction_count
    asked = index.is_junction & (index.demand_m3s > 0)
    lowest = int(np.nanargmin(np.where(asked, base.pressure_m, np.nan))) if asked.any() else None
    return {
        "network_version": network.version,
        "scenario": session.model.scenario,
        "description": list(session.model.description),
        "from": "gis" if network.model_inp is None else "inp",
        "formula": tables.options.formula,
        "junctions": first_source,
        "pipes": tables.pipe_count,
        "pumps": len(tables.pumps),
        "valves": len(tables.valves),
        "tanks": len(tables.tanks),
        "check_valves": int((tables.pipe_state == PipeState.CHECK_VALVE).sum()),
        "devices": _devices(session),
        "doubts": [doubt_document(issue) for issue in tables.doubts],
        "closed_pipes": [tables.link_ids[k] for k in np.flatnonzero(tables.pipe_state == PipeState.CLOSED)],
        "demand_lps": round(lps_from_m3s(float(index.demand_m3s[asked].sum())), 4),
        "sources": [_source(session, node) for node in range(first_source, len(tables.node_ids))],
        "cut_off": _cut_off(session),
        "converged": base.converged,
        "warnings": remarks(base),
        "lowest": None if lowest is None else {
            "id": index.node_ids[lowest], "pressure_m": round(float(base.pressure_m[lowest]), 4),
        },
        **({} if network.model_inp is not None else _of_gis(network, basis or shipped_basis())),
    }  # fmt: skip


def _devices(session: Session) -> list[dict[str, Any]]:
    """Pumps and regulating valves with what they are set to and do at the peak hour."""
    tables, base, rows = session.model.tables, session.base, []
    for link in range(tables.pipe_count, len(tables.link_ids))[:_LISTED_COUNT]:
        start, end = int(tables.link_start[link]), int(tables.link_end[link])
        rows.append({
            "id": tables.link_ids[link], "kind": session.device_kind(link), "from": tables.node_ids[start],
            "to": tables.node_ids[end], "flow_lps": _round(lps_from_m3s(float(base.flow_m3s[link]))),
            "head_from_m": _round(base.head_m[start]), "head_to_m": _round(base.head_m[end]),
        })  # fmt: skip
    return rows


def _round(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 3)


def doubt_document(issue: DataIssue) -> dict[str, Any]:
    """An assumption about a device, as the answers give it."""
    return {
        "kind": issue.kind, "severity": issue.severity, "layer": issue.layer, "subject": issue.subject,
        "text": issue.message("zh"), "text_en": issue.message("en"),
    }  # fmt: skip


def _source(session: Session, node: int) -> dict[str, Any]:
    """A source with its head and what it gives at the peak hour; a tank that fills gives less than nothing."""
    index, flow_m3s = session.index, session.base.flow_m3s
    out_m3s = flow_m3s[index.link_start == node].sum() - flow_m3s[index.link_end == node].sum()
    tank = node - session.model.tables.junction_count >= session.model.tables.reservoir_count
    return {
        "id": index.node_ids[node], "kind": "tank" if tank else "fixed-head",
        "head_m": round(float(session.base.head_m[node]), 3), "flow_lps": round(lps_from_m3s(float(out_m3s)), 4),
    }  # fmt: skip


def _cut_off(session: Session) -> dict[str, Any]:
    """What no source reaches, found on the graph before EPANET sees the model."""
    index, rest = session.index, session.model.tables.cut_off
    nodes = np.flatnonzero(~index.is_fed & index.is_junction)
    return {
        "nodes": len(nodes),
        "node_ids": [index.node_ids[n] for n in nodes[:_LISTED_COUNT]],
        "pipes": 0 if rest is None else len(rest.link_ids),
        "demand_lps": round(lps_from_m3s(float(index.demand_m3s[nodes].sum())), 4),
    }


def _of_gis(network: Network, basis: PeakBasis) -> dict[str, Any]:
    pipes = network.pipes
    modelled = modelled_pipes(pipes)
    node_ids, ends = _nodes_of(modelled)
    placed = placed_demands(network, modelled, ends=ends, node_ids=node_ids, basis=basis)
    ids = pipes["pipe_id"].astype(str).to_numpy()
    return {
        "demand_by": placed.by,
        "peak": {
            "by": basis.method, "hour": placed.hour, "from": basis.source or None,
            "daily_factor": basis.daily_factor, "hourly_factor": basis.hourly_factor,
            "unaccounted_share": basis.unaccounted_share,
        },
        "unplaced": {
            "count": len(placed.unplaced_ids), "ids": list(placed.unplaced_ids[:_LISTED_COUNT]),
            "demand_lps": round(lps_from_m3s(placed.unplaced_m3s), 4),
        },
        "left_out": {
            reason: {"count": len(rows), "ids": ids[rows[:_LISTED_COUNT]].tolist()}
            for reason, rows in left_out(pipes).items()
        },
        "roughness": _roughness(modelled),
    }  # fmt: skip


def _nodes_of(pipes: gpd.GeoDataFrame) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Nodes at the ends of pipes, and which each pipe has."""
    both = np.concatenate([pipes["start_node_id"].astype(str), pipes["end_node_id"].astype(str)]).astype(
        object
    )
    codes, ids = pd.factorize(both)
    return ids, codes.reshape(2, -1).T.astype(np.int64)


def _roughness(pipes: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """The figure of the head-loss law by material (`c`, `mm` or `n`): how much pipe, and from what to what."""
    friction = friction_of(pipes)
    name = _FIGURES[friction.formula]
    table = pipes[["material", "length_m"]].assign(figure=friction.roughness_factor)
    return [
        {
            "material": str(material), "pipes": len(rows), "length_m": round(float(rows["length_m"].sum()), 1),
            f"{name}_least": round(float(rows["figure"].min()), 4), f"{name}_greatest": round(float(rows["figure"].max()), 4),
        }
        for material, rows in table.groupby(table["material"].fillna("unknown").astype(str))
    ]  # fmt: skip
