"""Steps in diameter against the flow: a small pipe that alone feeds a larger one, or sits in the run of a large one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gis.issues import DataIssue
from gis.repair.doubts.feeding import Feeding, feeding
from gis.repair.topology import component_labels

if TYPE_CHECKING:
    from gis.errors import Param
    from gis.repair.doubts.fabric import Fabric
    from gis.repair.thresholds import Thresholds
    from gis.repair.topology import BoolArray, FloatArray, IntArray

OPEN = ("open", "")
MOST_STEPS = 10_000


def doubts_of_steps(fabric: Fabric, source_nodes: set[str], limits: Thresholds) -> list[DataIssue]:
    """
    Report `bore-narrow` (larger pipes before and behind) and `bore-widens` (only behind), one issue a place.

    Against the flow is only said where it is certain: of pipes that all water to their far side must pass (no loop
    around them, whatever the sources do), and of a run without branches. Filled sizes are guesses and take no part,
    nor do reductions shorter than `narrow_least_m`, which are fittings.
    """
    known = np.isfinite(fabric.bore_m) & fabric.live & _is_open(fabric) & ~_filled(fabric)
    sources = np.flatnonzero(np.isin(fabric.node_ids, np.array(sorted(source_nodes), dtype=object)))
    issues: list[DataIssue] = []
    told: set[int] = set()
    if len(sources):
        lines = fabric.lines
        tree = feeding(
            lines.start, lines.end, fabric.live & _is_open(fabric), sources, nodes=len(fabric.places_xy)
        )
        issues, told = _along_tree(fabric, tree, known, limits)
    if limits.lists("bore-narrow"):
        issues += _in_runs(fabric, known, told, limits)
    return issues


def _is_open(fabric: Fabric) -> BoolArray:
    if "status" not in fabric.pipes:
        return np.ones(len(fabric.ids), dtype=bool)
    open_: BoolArray = fabric.pipes["status"].fillna("").isin(OPEN).to_numpy(dtype=bool)
    return open_


def _filled(fabric: Fabric) -> BoolArray:
    if "dn_confidence" not in fabric.pipes:
        return np.zeros(len(fabric.ids), dtype=bool)
    filled: BoolArray = (fabric.pipes["dn_confidence"] == "filled").to_numpy(dtype=bool)
    return filled


def _along_tree(
    fabric: Fabric, tree: Feeding, known: BoolArray, limits: Thresholds
) -> tuple[list[DataIssue], set[int]]:
    largest, which = _largest_at(fabric, known)
    rows = np.flatnonzero(tree.alone & known)
    behind_m = largest[tree.beyond[rows]]
    rows = rows[fabric.bore_m[rows] < limits.narrow_ratio * behind_m]
    issues, told = [], set()
    for row in rows.tolist():
        next_row = int(which[tree.beyond[row]])
        section, before_m = _upward(fabric, tree, row, limits.narrow_ratio * fabric.bore_m[next_row])
        told.update(section)
        length_m = float(fabric.length_m[section].sum())
        kind = "bore-widens" if np.isnan(before_m) else "bore-narrow"
        if length_m >= limits.narrow_least_m and limits.lists(kind):
            issues.append(_issue(kind, fabric, row, next_row, before_m=before_m, length_m=length_m))
    return issues, told


def _largest_at(fabric: Fabric, known: BoolArray) -> tuple[FloatArray, IntArray]:
    """The largest known bore at each node and the pipe that has it (the first id of equals)."""
    rows = np.flatnonzero(known)
    table = pd.DataFrame(
        {
            "node": np.concatenate([fabric.lines.start[rows], fabric.lines.end[rows]]),
            "row": np.tile(rows, 2), "bore_m": np.tile(fabric.bore_m[rows], 2),
        }
    )  # fmt: skip
    best = table.sort_values(["bore_m", "row"], ascending=[False, True], kind="stable").drop_duplicates(
        "node"
    )
    largest, which = (
        np.full(len(fabric.places_xy), np.nan),
        np.full(len(fabric.places_xy), -1, dtype=np.int64),
    )
    largest[best["node"]], which[best["node"]] = best["bore_m"], best["row"]
    return largest, which


def _upward(fabric: Fabric, tree: Feeding, row: int, wide_m: float) -> tuple[list[int], float]:
    """Give the pipes from here towards the source that are narrower than `wide_m`, and the bore before them (NaN: source)."""
    section, node = [row], int(tree.beyond[row])
    for _ in range(MOST_STEPS):
        node = int(tree.parent[node])
        above = int(tree.pipe_to[node]) if node >= 0 else -1
        if above < 0:
            return section, float("nan")
        if fabric.bore_m[above] >= wide_m:
            return section, float(fabric.bore_m[above])
        section.append(above)
    return section, float("nan")


def _in_runs(fabric: Fabric, known: BoolArray, told: set[int], limits: Thresholds) -> list[DataIssue]:
    """Sections of one bore between two larger ones where nothing branches off."""
    degree = fabric.degree()
    inner = np.flatnonzero(degree == 2)
    before, after = _pipes_at(fabric, inner)
    both = known[before] & known[after]
    before, after = before[both], after[both]
    same = fabric.bore_m[before] == fabric.bore_m[after]
    section = component_labels(len(fabric.ids), before[same], after[same])
    small = np.where(fabric.bore_m[before] < fabric.bore_m[after], before, after)
    big = np.where(small == before, after, before)
    step = fabric.bore_m[small] < limits.narrow_ratio * fabric.bore_m[big]
    ends = pd.DataFrame({"section": section[small[step]], "small": small[step], "big": big[step]})
    ends = ends[ends.groupby("section")["small"].transform("size") > 1]
    members = pd.Series(np.arange(len(section))).groupby(section).indices if len(ends) else {}
    issues = []
    for label, group in ends.groupby("section"):
        rows = members[label]
        length_m = float(fabric.length_m[rows].sum())
        if length_m < limits.narrow_least_m or told & set(rows.tolist()):
            continue
        row = min(rows.tolist(), key=lambda r: (-fabric.length_m[r], str(fabric.ids[r])))
        bigs = sorted(group["big"].tolist(), key=lambda r: (-fabric.bore_m[r], str(fabric.ids[r])))
        issues.append(
            _issue(
                "bore-narrow", fabric, row, bigs[0], before_m=float(fabric.bore_m[bigs[1]]), length_m=length_m
            )
        )
    return issues


def _pipes_at(fabric: Fabric, nodes: IntArray) -> tuple[IntArray, IntArray]:
    """The two live pipes at nodes that have just two."""
    rows = np.flatnonzero(fabric.live)
    both = np.concatenate([fabric.lines.start[rows], fabric.lines.end[rows]])
    pipe = np.concatenate([rows, rows])
    order = np.argsort(both, kind="stable")
    first = np.searchsorted(both[order], nodes)
    return pipe[order][first], pipe[order][first + 1]


def _issue(
    kind: str, fabric: Fabric, row: int, next_row: int, *, before_m: float, length_m: float
) -> DataIssue:
    params: dict[str, Param] = {
        "bore_mm": round(1000 * float(fabric.bore_m[row])), "pipe": str(fabric.ids[next_row]),
        "next_mm": round(1000 * float(fabric.bore_m[next_row])), "length_m": round(length_m, 1),
    }  # fmt: skip
    if not np.isnan(before_m):
        params["before_mm"] = round(1000 * before_m)
    return DataIssue(kind, "warning", "pipes", str(fabric.ids[row]), fabric.middle(row), params)
