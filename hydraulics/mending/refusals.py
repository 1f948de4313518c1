"""Models whose pressures would be false though EPANET solves them, or that it stops on: refused by name before anybody reads a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from hydraulics.errors import HydraulicsError
from hydraulics.mending.contradictions import refuse_contradictions
from hydraulics.mending.limits import load_model_limits
from hydraulics.mending.references import DEMAND_ALONE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hydraulics.inp.read import ModelFile
    from hydraulics.tables import ModelTables

LISTED_ANYWAY = frozenset({
    "controls-contradict", "demand-unconnected", "ground-impossible", "part-without-source",
})  # fmt: skip
"""Codes whose element the import lists by name as well."""


def refuse_unsound(file: ModelFile) -> None:
    """
    Refuse what would leave demand out, or make the state hang on the order of lines.

    Raises
    ------
    HydraulicsError
        `demand-unconnected` with the first node, `controls-contradict` with the link.
    """
    for issue in file.issues:
        if issue.kind == DEMAND_ALONE:
            raise HydraulicsError("demand-unconnected", node=issue.subject, nodes=issue.params["count"])
    refuse_contradictions(file)


def refuse_impossible_ground(tables: ModelTables) -> None:
    """
    Refuse a customer at a height no town has: nobody could say whether that customer keeps the limit.

    Raises
    ------
    HydraulicsError
        `ground-impossible` with the first node.
    """
    junctions = slice(0, tables.junction_count)
    wrong = np.flatnonzero(
        is_impossible_ground(tables.elevation_m[junctions]) & (tables.demand_m3s[junctions] > 0)
    )
    if len(wrong):
        first = int(wrong[0])
        raise ground_impossible(tables.node_ids[first], float(tables.elevation_m[first]))


def is_impossible_ground(elevation_m: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say where ground is lower or higher than any town's."""
    limits = load_model_limits()
    return np.asarray((elevation_m < limits.lowest_m) | (elevation_m > limits.highest_m))


def ground_impossible(node: str, elevation_m: float) -> HydraulicsError:
    """Give the refusal for a node."""
    return HydraulicsError("ground-impossible", node=node, elevation_m=round(elevation_m, 2))


def stopped(file: ModelFile, code: int) -> HydraulicsError:
    """Why EPANET stopped: the first node of a part no link joins to a source, where that is it (error 110)."""
    project = file.project
    kinds, ends = project.node_kinds(), project.link_ends()
    count = len(kinds)
    graph: Any = coo_matrix(
        (np.ones(len(ends), dtype=np.int8), (ends[:, 0], ends[:, 1])), shape=(count, count)
    )
    _, part = connected_components(graph, directed=False)
    lost = np.flatnonzero(~np.isin(part, part[np.flatnonzero(kinds)]))
    if not len(lost):
        return HydraulicsError("run-stopped", reason=code)
    same = int((part == part[lost[0]]).sum())
    return HydraulicsError("part-without-source", node=file.node_ids()[int(lost[0])], nodes=same)
