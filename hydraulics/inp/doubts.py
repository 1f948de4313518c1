"""What is doubtful in an EPANET file that EPANET itself accepts, as issues with the id and the place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from gis.issues import DataIssue
from hydraulics.epanet.codes import LinkKind
from hydraulics.errors import ModelInputError
from hydraulics.mending.figures import figure_issues, refuse_smoother_than_smooth
from hydraulics.supplied.fed import fed_nodes, open_by_command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyproj import CRS

    from gis.errors import Param
    from hydraulics.errors import HydraulicsError
    from hydraulics.inp.content import FileContent
    from hydraulics.scenarios.peak import PeakState

_SMALLEST_BORE_M, _LARGEST_BORE_M = 0.005, 6.0
_SCALE_RANGE = (0.75, 1.33)  # drawn length over stated length; drawings omit bends, files round
_MOST_LISTED = 5000
_IMPOSSIBLE = 1e9  # larger in magnitude than any elevation, demand, length or diameter in SI units


def content_issues(content: FileContent, name: str, crs: CRS | None) -> tuple[DataIssue, ...]:
    """Doubts that need no hydraulics."""
    return (
        *_position_issues(content, name, crs),
        *_bore_issues(content),
        *_pump_issues(content, name),
        *_demand_issues(content, name),
        *figure_issues(content, name),
        *_part_issues(content),
    )


def refuse_impossible_numbers(content: FileContent, name: str) -> None:
    """
    Refuse a file with a number no network has (EPANET reads `nan` and `1e400` without a word).

    Raises
    ------
    ModelInputError
        `model-number-impossible` with the first node or link and the quantity.
    """
    figures = (
        ("elevation_m", content.elevation_m, content.node_ids),
        ("demand_m3s", content.demand_m3s, content.node_ids),
        ("length_m", content.length_m, content.link_ids),
        ("diameter_m", content.diameter_m, content.link_ids),
    )
    refuse_smoother_than_smooth(content, name)
    for quantity, values, ids in figures:
        wrong = np.flatnonzero(~(np.abs(values) < _IMPOSSIBLE))
        if len(wrong):
            row = int(wrong[0])
            raise ModelInputError(
                "model-number-impossible",
                file=name,
                subject=ids[row],
                quantity=quantity,
                value=f"{values[row]:g}",
            )


def run_issue(error: HydraulicsError, name: str) -> DataIssue:
    """Why EPANET reads the file but cannot solve it."""
    if error.code == "no-convergence":
        return DataIssue("model-no-convergence", "error", "nodes", str(error.params["node"]), None, {
            "file": name, "count": error.params["nodes"],
        })  # fmt: skip
    return DataIssue("model-stops", "error", "nodes", "*", None, {
        "file": name, "reason": error.params.get("reason"),
    })  # fmt: skip


def state_issues(peak: PeakState, content: FileContent) -> tuple[DataIssue, ...]:
    """Doubts of the peak state: nodes no source reaches, customers without pressure."""
    tables = peak.tables
    places = dict(zip(content.node_ids, content.position_xy.tolist(), strict=True))
    junctions = slice(0, tables.junction_count)
    is_fed = fed_nodes(tables, open_by_command(tables))
    cut_off = np.flatnonzero(~is_fed)
    issues = [
        DataIssue(
            "model-node-cut-off", "warning", "nodes", tables.node_ids[n], _place(places[tables.node_ids[n]])
        )
        for n in cut_off[:_MOST_LISTED]
    ]
    pressure_m = (peak.head_m - tables.elevation_m)[junctions]
    dry = np.flatnonzero((pressure_m < 0) & (tables.demand_m3s > 0)[junctions] & is_fed[junctions])
    if len(dry):
        worst = int(dry[np.argmin(pressure_m[dry])])
        node = tables.node_ids[worst]
        issues.append(DataIssue("model-pressure-negative", "warning", "nodes", node, _place(places[node]), {
            "count": len(dry), "pressure_m": round(float(pressure_m[worst]), 1),
        }))  # fmt: skip
    return tuple(issues)


def _position_issues(content: FileContent, name: str, crs: CRS | None) -> Iterator[DataIssue]:
    unknown = np.flatnonzero(~np.isfinite(content.position_xy).all(axis=1))
    if len(unknown) == len(content.node_ids):
        yield DataIssue("model-no-coordinates", "warning", "nodes", "*", None, {"file": name})
        return
    for n in unknown[:_MOST_LISTED]:
        yield DataIssue("model-node-no-coordinates", "warning", "nodes", content.node_ids[n])
    if crs is None:
        yield DataIssue("model-crs-absent", "warning", "nodes", "*", None, {"file": name})
    ratio = _drawn_ratio(content)
    if ratio is not None and not _SCALE_RANGE[0] <= ratio <= _SCALE_RANGE[1]:
        scale: dict[str, Param] = {"file": name, "ratio": round(ratio, 3)}
        yield DataIssue("model-scale-differs", "warning", "pipes", "*", None, scale)


def _drawn_ratio(content: FileContent) -> float | None:
    """Middle of drawn over stated length of the straight pipes; None when nothing can be compared."""
    rows = content.pipes
    straight = rows[~np.isin(rows, list(content.vertices))]
    ends = content.position_xy[content.link_ends[straight]]
    drawn_m = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    ratios = drawn_m / content.length_m[straight]
    ratios = ratios[np.isfinite(ratios) & (ratios > 0)]
    return float(np.median(ratios)) if len(ratios) else None


def _bore_issues(content: FileContent) -> Iterator[DataIssue]:
    bores_m = content.diameter_m[content.pipes]
    wrong = content.pipes[(bores_m < _SMALLEST_BORE_M) | (bores_m > _LARGEST_BORE_M)]
    for k in wrong[:_MOST_LISTED]:
        ends = content.position_xy[content.link_ends[k]].mean(axis=0)
        params = {"diameter_mm": f"{content.diameter_m[k] * 1000.0:.4g}"}
        yield DataIssue(
            "model-bore-impossible", "error", "pipes", content.link_ids[k], _place(ends.tolist()), params
        )


def _pump_issues(content: FileContent, name: str) -> Iterator[DataIssue]:
    pumps = int((content.link_kinds == LinkKind.PUMP).sum())
    if pumps:
        yield DataIssue("model-pumps", "warning", "sources", "*", None, {"file": name, "count": pumps})


def _demand_issues(content: FileContent, name: str) -> Iterator[DataIssue]:
    if not (content.demand_m3s > 0).any():
        yield DataIssue("model-no-demand", "warning", "nodes", "*", None, {"file": name})


def _part_issues(content: FileContent) -> Iterator[DataIssue]:
    """Parts that no link at all joins to a reservoir or tank."""
    count = len(content.node_ids)
    start, end = content.link_ends[:, 0], content.link_ends[:, 1]
    graph: Any = coo_matrix((np.ones(len(start), dtype=np.int8), (start, end)), shape=(count, count))
    _, part = connected_components(graph, directed=False)
    lost = ~np.isin(part, part[content.sources])
    for label in np.unique(part[lost]):
        nodes = np.flatnonzero(part == label)
        place = _place(content.position_xy[nodes[0]].tolist())
        params: dict[str, Param] = {"count": len(nodes)}
        name = content.node_ids[nodes[0]]
        yield DataIssue("model-part-without-source", "error", "nodes", name, place, params)


def _place(xy: list[float]) -> tuple[float, float] | None:
    return (xy[0], xy[1]) if np.isfinite(xy).all() else None
