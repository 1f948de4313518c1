"""Doubts about how lines lie: ends that almost meet, crossings without a node, lines drawn on each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.issues import DataIssue
from gis.repair.crossings import close_pairs, crossings, overlaps, unexplained
from gis.repair.near import near_misses
from gis.repair.places import id_ranks

if TYPE_CHECKING:
    from gis.errors import Param
    from gis.repair.crossings import Crossings
    from gis.repair.doubts.fabric import Fabric
    from gis.repair.near import NearMisses
    from gis.repair.thresholds import Thresholds
    from gis.repair.topology import BoolArray, IntArray


def doubts_of_lying(fabric: Fabric, limits: Thresholds) -> list[DataIssue]:
    """Give every doubt about lines in use, and about abandoned lines on them."""
    rows = np.flatnonzero(fabric.live)
    lines = fabric.lines.take(rows)
    missed = near_misses(lines, fabric.places_xy, within_m=limits.near_m, walk_m=limits.near_walk_m)
    issues = _near(fabric, rows, missed, limits)
    a, b = close_pairs(lines, limits.duplicate_m)
    shared = overlaps(lines, a, b, within_m=limits.duplicate_m, least_m=limits.overlap_m)
    if limits.lists("pipes-overlap"):
        for one, other, length_m, (x, y) in zip(
            rows[shared.a], rows[shared.b], shared.length_m.tolist(), shared.at_xy.tolist(), strict=True
        ):
            subject, pipe = fabric.pair(one, other)
            params: dict[str, Param] = {"pipe": pipe, "length_m": round(length_m, 2)}
            issues.append(DataIssue("pipes-overlap", "warning", "pipes", subject, (x, y), params))
    if limits.lists("crossing"):
        crossed = unexplained(
            crossings(lines, a, b), fabric.column("cover_depth_m")[rows], limits.clear_depth_m
        )
        issues += _crossed(fabric, rows, crossed, missed, limits)
    return issues + _abandoned(fabric, limits)


def _near(fabric: Fabric, rows: IntArray, missed: NearMisses, limits: Thresholds) -> list[DataIssue]:
    issues = []
    for end, own, node, line, away_m in zip(
        missed.end, rows[missed.own], missed.node, rows[missed.line], missed.away_m.tolist(), strict=True
    ):
        kind = "end-near-end" if node >= 0 else "end-near-line"
        if limits.lists(kind):
            other = fabric.node_ids[node] if node >= 0 else fabric.ids[line]
            params: dict[str, Param] = {
                "pipe": str(fabric.ids[own]), "other": str(other), "away_m": round(away_m, 3),
            }  # fmt: skip
            subject = str(fabric.node_ids[end])
            issues.append(DataIssue(kind, "warning", "nodes", subject, fabric.place(end), params))
    return issues


def overshoots(crossed: Crossings, missed: NearMisses, places_xy: np.ndarray, within_m: float) -> BoolArray:
    """Tell which crossings are only an end that runs a little past the line it almost meets."""
    of_pair = {
        (int(own), int(line)): places_xy[end]
        for own, line, end in zip(missed.own, missed.line, missed.end, strict=True)
    }
    told = np.zeros(len(crossed), dtype=bool)
    for row, pair in enumerate(zip(crossed.a.tolist(), crossed.b.tolist(), strict=True)):
        end = of_pair.get(pair, of_pair.get(pair[::-1]))
        told[row] = end is not None and np.hypot(*(end - crossed.at_xy[row])) <= 2.0 * within_m
    return told


def _crossed(
    fabric: Fabric, rows: IntArray, crossed: Crossings, missed: NearMisses, limits: Thresholds
) -> list[DataIssue]:
    told = overshoots(crossed, missed, fabric.places_xy, limits.near_m)
    issues = []
    for row in np.flatnonzero(~told):
        subject, pipe = fabric.pair(rows[crossed.a[row]], rows[crossed.b[row]])
        params: dict[str, Param] = {"pipe": pipe, "count": int(crossed.count[row])}
        x, y = crossed.at_xy[row].tolist()
        issues.append(DataIssue("crossing", "warning", "pipes", subject, (x, y), params))
    return issues


def _abandoned(fabric: Fabric, limits: Thresholds) -> list[DataIssue]:
    """Abandoned lines that are listed twice, or that run on pipes in use."""
    dead = np.flatnonzero(~fabric.live)
    if not len(dead):
        return []
    shapes, rank = fabric.lines.geometry, id_ranks(fabric.ids)
    issues = []
    for kind, others in (("abandoned-in-use", np.flatnonzero(fabric.live)), ("abandoned-twice", dead)):
        if not limits.lists(kind) or not len(others):
            continue
        near, other = shapely.STRtree(shapes[others]).query(
            shapes[dead], predicate="dwithin", distance=limits.duplicate_m
        )
        gone, stays = dead[near], others[other]
        pairs = gone != stays if kind == "abandoned-in-use" else rank[gone] > rank[stays]
        gone, stays = gone[pairs], stays[pairs]
        band = shapely.buffer(shapes[stays], limits.duplicate_m, cap_style="flat", quad_segs=2)
        shared_m = shapely.length(shapely.intersection(shapes[gone], band))
        issues += _on_each_other(kind, fabric, gone, stays, shared_m, limits)
    return issues


def _on_each_other(
    kind: str, fabric: Fabric, gone: IntArray, stays: IntArray, shared_m: np.ndarray, limits: Thresholds
) -> list[DataIssue]:
    """One issue a line of which `overlap_share` lies on others, naming the one it lies on most."""
    issues = []
    total_m = np.bincount(gone, weights=shared_m, minlength=len(fabric.ids))
    drawn_m = shapely.length(fabric.lines.geometry)
    for row in np.flatnonzero((total_m > 0) & (total_m >= limits.overlap_share * drawn_m)):
        of_row = np.flatnonzero(gone == row)
        best = stays[of_row[np.argmax(shared_m[of_row])]]
        params: dict[str, Param] = {"other": str(fabric.ids[best]), "length_m": round(float(total_m[row]), 2)}
        subject = str(fabric.ids[row])
        issues.append(DataIssue(kind, "warning", "pipes", subject, fabric.middle(row), params))
    return issues
