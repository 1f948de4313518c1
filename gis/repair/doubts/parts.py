"""Pipes joined to nothing and parts of the network without a source, each named with its length and pipes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gis.issues import DataIssue
from gis.repair.topology import component_labels

if TYPE_CHECKING:
    from gis.errors import Param
    from gis.repair.doubts.fabric import Fabric
    from gis.repair.thresholds import Thresholds
    from gis.repair.topology import IntArray


def doubts_of_parts(
    fabric: Fabric, source_nodes: set[str], limits: Thresholds, *, listed_sources: int
) -> list[DataIssue]:
    """
    Report single pipes joined to nothing, and larger parts that no source stands on, largest first.

    Without any source on the network that is said, also where some are listed but stand beside it; then every part but
    the longest is reported as apart.
    """
    rows = np.flatnonzero(fabric.live)
    issues = [] if source_nodes else [_no_source(listed_sources)]
    if not len(rows):
        return issues
    labels = component_labels(len(fabric.places_xy), fabric.lines.start, fabric.lines.end)
    if not fabric.live.all():
        labels = component_labels(len(fabric.places_xy), fabric.lines.start[rows], fabric.lines.end[rows])
    part = labels[fabric.lines.start[rows]]
    named = np.isin(fabric.node_ids, np.array(sorted(source_nodes), dtype=object)) if source_nodes else None
    table = pd.DataFrame({"part": part, "length_m": fabric.length_m[rows], "row": rows})
    parts = table.groupby("part").agg(count=("row", "size"), length_m=("length_m", "sum"))
    parts = parts.sort_values(["length_m", "count"], ascending=False, kind="stable")
    lost = parts[~parts.index.isin(np.unique(labels[named]))] if named is not None else parts.iloc[1:]
    kind = "part-without-source" if source_nodes else "part-apart"
    by_part = table.groupby("part")["row"].apply(lambda some: some.to_numpy()) if len(lost) else {}
    for label, item in lost.iterrows():
        members = by_part[label]
        if item["count"] == 1 and limits.lists("pipe-alone"):
            issues.append(_alone(fabric, int(members[0])))
        elif limits.lists(kind):
            issues.append(_island(kind, fabric, members, total=len(parts)))
    return issues


def _no_source(listed: int) -> DataIssue:
    if listed:
        return DataIssue("sources-off-network", "error", "sources", "*", None, {"count": listed})
    return DataIssue("no-sources", "error", "sources", "*")


def _alone(fabric: Fabric, row: int) -> DataIssue:
    params: dict[str, Param] = {"length_m": round(float(fabric.length_m[row]), 1)}
    return DataIssue("pipe-alone", "warning", "pipes", str(fabric.ids[row]), fabric.middle(row), params)


def _island(kind: str, fabric: Fabric, rows: IntArray, *, total: int) -> DataIssue:
    """Name a part by the road most of it lies in, else by its largest pipe; its place is on that pipe."""
    size = np.nan_to_num(fabric.bore_m[rows])
    order = sorted(
        range(len(rows)), key=lambda at: (-size[at], -fabric.length_m[rows[at]], str(fabric.ids[rows[at]]))
    )
    largest = int(rows[order[0]])
    params: dict[str, Param] = {
        "name": _road(fabric, rows) or str(fabric.ids[largest]), "count": len(rows),
        "length_m": round(float(fabric.length_m[rows].sum()), 1), "parts": total,
    }  # fmt: skip
    node = str(
        min(fabric.node_ids[fabric.lines.start[rows]].tolist(), key=lambda name: (len(str(name)), str(name)))
    )
    return DataIssue(kind, "warning", "nodes", node, fabric.middle(largest), params)


def _road(fabric: Fabric, rows: IntArray) -> str | None:
    if "road_name" not in fabric.pipes:
        return None
    names = [str(name) for name in fabric.pipes["road_name"].iloc[rows].dropna()]
    if not names:
        return None
    counted = Counter(names)
    return min(counted, key=lambda name: (-counted[name], name))
