"""Repairs beyond the error of survey, each only where its rule asks for it: gaps at valves, things on lines, near misses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import cKDTree

from gis.issues import DataIssue
from gis.repair.crossings import close_pairs, crossings, unexplained
from gis.repair.near import near_misses
from gis.repair.topology import Cuts, is_among, moved_ends, pair_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.errors import Param
    from gis.repair.state import State
    from gis.repair.thresholds import Thresholds
    from gis.repair.topology import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class LooseThings:
    """Valves, hydrants and the like that name no node: layer and id of each, and where it is, shape (things, 2)."""

    layers: NDArray[np.object_]
    ids: NDArray[np.object_]
    at_xy: FloatArray

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, layer: str) -> LooseThings:
        """Give those of one layer."""
        rows = self.layers == layer
        return LooseThings(self.layers[rows], self.ids[rows], self.at_xy[rows])


def wider_round(state: State, things: LooseThings, limits: Thresholds) -> bool:
    """Do what rules ask for beyond the error of survey; tells whether anything was done."""
    done = close_gaps(state, things.of("valves"), limits)
    done |= attach_things(state, things, limits)
    if "join" in {limits.does("end-near-end"), limits.does("end-near-line")}:
        done |= _join_misses(state, limits)
    if limits.does("crossing") == "join":
        done |= _join_crossings(state, limits)
    if done:
        state.recheck()
    return done


def close_gaps(state: State, valves: LooseThings, limits: Thresholds) -> bool:
    """
    Join two dead ends `valve_gap_m` apart with a valve between them: how some sources draw a valve.

    Each end is joined once; a valve with several possible other ends waits until the other valves took theirs, then
    takes the only one whose pipe gets its recorded length by it, and is doubted when more than one is left.
    """
    if limits.valve_gap_m <= 0 or not len(valves) or limits.does("gap-at-valve") != "join":
        return False
    valve, a, b = _gaps(state, valves, limits)
    taken = _one_to_one(valve, a, b, fits=_lengths_fit(state, a, b, limits))
    _doubt_gaps(state, valves, valve, a, b, taken)
    if not len(taken):
        return False
    pairs = np.column_stack([a[taken], b[taken]])
    ends = zip(valve[taken].tolist(), *map(state.places.labels_of, pairs.T), pairs, strict=True)
    for which, node, other, (one, two) in ends:
        away_m = float(np.hypot(*(state.places.at_xy[one] - state.places.at_xy[two])))
        params: dict[str, Param] = {"node": node, "other": other, "away_m": round(away_m, 3)}
        x, y = valves.at_xy[which].tolist()
        subject = str(valves.ids[which])
        state.issues.append(
            DataIssue("gap-at-valve", "repaired", "valves", subject, (x, y), params, "gap-closed")
        )
    _meet_at_valves(state, pairs, valves.at_xy[valve[taken]], limits)
    state.merge(pairs)
    return True


def _meet_at_valves(state: State, pairs: IntArray, valve_xy: FloatArray, limits: Thresholds) -> None:
    """Ends on either side of a valve that stands between them meet at the valve, unless they are surveyed points."""
    between = (_apart_m(state.places.at_xy[pairs[:, 0]], valve_xy) > limits.snap_m) & ~state.places.named[
        pairs
    ].any(axis=1)
    if between.any():
        at_xy = state.places.at_xy.copy()
        for side in pairs.T:
            at_xy[side[between]] = valve_xy[between]
        state.places.at_xy = at_xy
        state.recheck()


def _gaps(state: State, valves: LooseThings, limits: Thresholds) -> tuple[IntArray, IntArray, IntArray]:
    """All ways to close a gap: valve row and the two dead ends; a valve standing on an end keeps it first."""
    dead = np.flatnonzero(state.degree() == 1)
    dead_xy = state.places.at_xy[dead]
    if len(dead) < 2:
        nothing = np.empty(0, dtype=np.int64)
        return nothing, nothing, nothing
    pairs = cKDTree(dead_xy).query_pairs(limits.valve_gap_m + limits.valve_gap_error_m, output_type="ndarray")
    gap_m = np.hypot(*(dead_xy[pairs[:, 0]] - dead_xy[pairs[:, 1]]).T)
    pairs = dead[pairs[np.abs(gap_m - limits.valve_gap_m) <= limits.valve_gap_error_m]]
    keys = np.sort(pair_keys(state.lines.start, state.lines.end, len(state.places.at_xy)))
    pairs = pairs[~is_among(pair_keys(pairs[:, 0], pairs[:, 1], len(state.places.at_xy)), keys)]
    bridges = shapely.linestrings(state.places.at_xy[pairs])
    which, bridge = shapely.STRtree(bridges).query(
        shapely.points(valves.at_xy), predicate="dwithin", distance=limits.snap_m
    )
    a, b = pairs[bridge].T
    on_b = _apart_m(valves.at_xy[which], state.places.at_xy[b]) <= limits.snap_m
    a, b = np.where(on_b, b, a), np.where(on_b, a, b)
    # An end with a valve of its own is the beginning of that valve's gap.
    valved = cKDTree(valves.at_xy).query(state.places.at_xy[b])[0] <= limits.snap_m
    return which[~valved].astype(np.int64), a[~valved], b[~valved]


def _lengths_fit(state: State, a: IntArray, b: IntArray, limits: Thresholds) -> BoolArray:
    """Tell which ends `b`, put where `a` is, give their line the length its record has."""
    lines = state.lines
    row_of = np.full(len(state.places.at_xy), -1, dtype=np.int64)
    row_of[lines.start], row_of[lines.end] = np.arange(len(lines)), np.arange(len(lines))
    row = row_of[b]
    moved = (
        np.where(lines.start[row] == b, a, lines.start[row]),
        np.where(lines.end[row] == b, a, lines.end[row]),
    )
    shapes, _ = moved_ends(replace(lines.take(row), start=moved[0], end=moved[1]), state.places.at_xy)
    recorded_m = state.recorded_m[lines.origin[row]]
    allowed_m = limits.length_error_m + limits.length_error_share * recorded_m
    with np.errstate(invalid="ignore"):
        fits: BoolArray = np.abs(shapely.length(shapes.geometry) - recorded_m) <= allowed_m
    return fits


def _one_to_one(valve: IntArray, a: IntArray, b: IntArray, *, fits: BoolArray) -> IntArray:
    """Rows of the pairs that are the only way left for their valve, taken one after the other; then the only fitting one."""
    left = np.ones(len(valve), dtype=bool)
    taken: list[int] = []
    for ways in (left, fits):
        while (left & ways).any():
            count = np.bincount(valve[left & ways], minlength=int(valve.max()) + 1)
            used: set[int] = set()
            before = len(taken)
            for row in np.flatnonzero(left & ways & (count[valve] == 1)).tolist():
                if not used & {int(a[row]), int(b[row])}:
                    taken.append(row)
                    used |= {int(a[row]), int(b[row])}
            if len(taken) == before:
                break
            gone = np.array(sorted(used), dtype=np.int64)
            left &= ~(np.isin(a, gone) | np.isin(b, gone) | np.isin(valve, valve[taken[before:]]))
    return np.array(taken, dtype=np.int64)


def _doubt_gaps(
    state: State, valves: LooseThings, valve: IntArray, a: IntArray, b: IntArray, taken: IntArray
) -> None:
    # What was unclear in an earlier round may have become clear.
    state.issues = [issue for issue in state.issues if issue.kind != "gap-at-valve-unclear"]
    used = np.concatenate([a[taken], b[taken]])
    open_ = ~np.isin(valve, valve[taken]) & ~np.isin(a, used) & ~np.isin(b, used)
    for which, count in zip(*np.unique(valve[open_], return_counts=True), strict=True):
        x, y = valves.at_xy[which].tolist()
        params: dict[str, Param] = {"count": int(count)}
        subject = str(valves.ids[which])
        state.issues.append(DataIssue("gap-at-valve-unclear", "warning", "valves", subject, (x, y), params))


def attach_things(state: State, things: LooseThings, limits: Thresholds) -> bool:
    """Give lines a node where a thing sits on them, or beside them within `asset_line_m`, and no node is as near."""
    if not len(things) or limits.does("asset-off-node") != "attach" or limits.asset_line_m <= 0:
        return False
    rows = np.flatnonzero(state.is_live())
    lines = state.lines.take(rows)
    points = shapely.points(things.at_xy)
    (thing, row), line_m = shapely.STRtree(lines.geometry).query_nearest(
        points, max_distance=limits.asset_line_m, return_distance=True, all_matches=False
    )
    nodes = np.flatnonzero(state.degree() > 0)
    node_m = cKDTree(state.places.at_xy[nodes]).query(things.at_xy[thing])[0] if len(thing) else line_m
    # A node within the error that the thing itself shows may be where it truly sits.
    off = node_m > 2.0 * line_m + limits.snap_m
    thing, row, line_m = thing[off], row[off], line_m[off]
    if not len(thing):
        return False
    at_m = shapely.line_locate_point(lines.geometry[row], points[thing])
    foot = shapely.line_interpolate_point(lines.geometry[row], at_m)
    spots = np.column_stack([shapely.get_x(foot), shapely.get_y(foot)])
    spots, first = np.unique(np.round(spots, 4), axis=0, return_index=True)
    new = state.add_places(spots)
    _report_attached(state, things, thing, rows[row], line_m, limits)
    state.cut(Cuts(rows[row[first]], at_m[first], new))
    return True


def _report_attached(
    state: State, things: LooseThings, thing: IntArray, row: IntArray, line_m: FloatArray, limits: Thresholds
) -> None:
    pipes = state.ids[state.lines.origin[row]]
    for which, pipe, away_m in zip(thing, pipes, line_m.tolist(), strict=True):
        kind = "asset-off-node" if away_m > limits.tee_m else "asset-mid-line"
        x, y = things.at_xy[which].tolist()
        params: dict[str, Param] = {"pipe": str(pipe), "away_m": round(away_m, 3)}
        subject, layer = str(things.ids[which]), str(things.layers[which])
        state.issues.append(DataIssue(kind, "repaired", layer, subject, (x, y), params, "asset-attached"))


def _join_misses(state: State, limits: Thresholds) -> bool:
    rows = np.flatnonzero(state.is_live())
    found = near_misses(
        state.lines.take(rows), state.places.at_xy, within_m=limits.near_m, walk_m=limits.near_walk_m
    )
    by_node = (found.node >= 0) & (limits.does("end-near-end") == "join")
    by_line = (found.node < 0) & (limits.does("end-near-line") == "join")
    found = found.take(by_node | by_line)
    if not len(found):
        return False
    to_node = found.node >= 0
    names = state.places.labels_of(found.end)
    own, other = (state.ids[state.lines.origin[rows[line]]] for line in (found.own, found.line))
    ends = np.array(state.places.labels_of(np.maximum(found.node, 0)), dtype=object)
    for at, name in enumerate(names):
        x, y = state.places.at_xy[found.end[at]].tolist()
        params: dict[str, Param] = {
            "pipe": str(own[at]), "other": str(ends[at] if to_node[at] else other[at]),
            "away_m": round(float(found.away_m[at]), 3),
        }  # fmt: skip
        kind = "end-near-end" if to_node[at] else "end-near-line"
        state.issues.append(DataIssue(kind, "repaired", "nodes", name, (x, y), params, "end-to-point"))
    tees = ~to_node
    state.cut(Cuts(rows[found.line[tees]], found.at_m[tees], found.end[tees]))
    state.merge(np.column_stack([found.end[to_node], found.node[to_node]]))
    return True


def _join_crossings(state: State, limits: Thresholds) -> bool:
    rows = np.flatnonzero(state.is_live())
    lines = state.lines.take(rows)
    crossed = crossings(lines, *close_pairs(lines, 0.0))
    crossed = unexplained(crossed, state.cover_m[lines.origin], limits.clear_depth_m)
    if not len(crossed):
        return False
    new = state.add_places(crossed.at_xy)
    spots = shapely.points(crossed.at_xy)
    pipes = [state.ids[lines.origin[some]].tolist() for some in (crossed.a, crossed.b)]
    for one, other, count, (x, y) in zip(*pipes, crossed.count.tolist(), crossed.at_xy.tolist(), strict=True):
        params: dict[str, Param] = {"pipe": str(other), "count": count}
        state.issues.append(
            DataIssue("crossing", "repaired", "pipes", str(one), (x, y), params, "crossing-joined")
        )
    both = np.concatenate([crossed.a, crossed.b])
    at_m = shapely.line_locate_point(lines.geometry[both], np.concatenate([spots, spots]))
    state.cut(Cuts(rows[both], at_m, np.concatenate([new, new])))
    return True


def _apart_m(one_xy: FloatArray, other_xy: FloatArray) -> FloatArray:
    apart: FloatArray = np.hypot(*(one_xy - other_xy).T)
    return apart


def nothing_loose() -> LooseThings:
    """Give no things."""
    nothing: BoolArray = np.empty(0, dtype=bool)
    return LooseThings(nothing.astype(object), nothing.astype(object), np.empty((0, 2)))
