"""What no source reaches is set aside before EPANET sees the model, and devices that stand the wrong way are named."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gis.issues import DataIssue
from hydraulics.supplied.fed import fed_nodes, one_way, open_by_command
from hydraulics.tables import CutOff

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hydraulics.tables import ModelTables

    IntArray = NDArray[np.int64]


def against_flow(whole: ModelTables) -> list[DataIssue]:
    """Check and regulating valves and pumps that have water behind them only: they stand the wrong way round."""
    is_fed = fed_nodes(whole, open_by_command(whole))
    if is_fed.all():
        return []
    start, end = whole.link_start, whole.link_end
    wrong = one_way(whole) & open_by_command(whole) & ~is_fed[start] & is_fed[end]
    issues = []
    for link in np.flatnonzero(wrong).tolist():
        layer = "valves" if link >= whole.pipe_count + len(whole.pumps) else "pumps"
        xy = whole.position_xy[end[link]]
        issues.append(DataIssue(
            "device-against-flow", "error", "pipes" if link < whole.pipe_count else layer, whole.link_ids[link],
            (float(xy[0]), float(xy[1])) if np.isfinite(xy).all() else None,
            {"node": whole.node_ids[int(start[link])], "count": int((~is_fed).sum())},
        ))  # fmt: skip
    return issues


def without_cut_off(whole: ModelTables) -> ModelTables:
    """
    Set aside what no source reaches.

    EPANET stops on a part without a source (error 110), and behind a closed pipe it lets unserved demand leak
    through: both would spoil the figures of everybody else.
    """
    is_fed = fed_nodes(whole, open_by_command(whole))
    if is_fed.all():
        return whole
    kept = np.flatnonzero(is_fed)
    order = np.concatenate([kept, np.flatnonzero(~is_fed)])
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    start, end = place[whole.link_start], place[whole.link_end]
    joined = (start < len(kept)) & (end < len(kept))
    rows, rest = np.flatnonzero(joined), np.flatnonzero(~joined)
    lost, first_valve = order[len(kept) :], whole.pipe_count + len(whole.pumps)
    return replace(
        whole,
        node_ids=tuple(whole.node_ids[n] for n in kept),
        link_ids=tuple(whole.link_ids[k] for k in rows),
        junction_count=len(kept) - whole.reservoir_count - len(whole.tanks),
        elevation_m=whole.elevation_m[kept],
        demand_m3s=whole.demand_m3s[kept],
        position_xy=whole.position_xy[kept],
        link_start=start[rows],
        link_end=end[rows],
        length_m=whole.length_m[rows],
        diameter_m=whole.diameter_m[rows],
        roughness_factor=whole.roughness_factor[rows],
        minor_k=whole.minor_k[rows],
        pipe_state=whole.pipe_state[rows[rows < whole.pipe_count]],
        pumps=tuple(whole.pumps[k - whole.pipe_count] for k in rows if whole.pipe_count <= k < first_valve),
        valves=tuple(whole.valves[k - first_valve] for k in rows if k >= first_valve),
        vertices=_renumbered(whole, rows),
        cut_off=CutOff(
            node_ids=tuple(whole.node_ids[n] for n in lost),
            link_ids=tuple(whole.link_ids[k] for k in rest),
            elevation_m=whole.elevation_m[lost],
            link_start=start[rest],
            link_end=end[rest],
            length_m=whole.length_m[rest],
            diameter_m=whole.diameter_m[rest],
        ),
    )


def _renumbered(whole: ModelTables, rows: IntArray) -> dict[int, tuple[tuple[float, float], ...]]:
    new_row = {int(old): new for new, old in enumerate(rows)}
    return {new_row[k]: points for k, points in whole.vertices.items() if k in new_row}
