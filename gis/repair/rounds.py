"""One round of repair: near ends joined, rings opened, doubles dropped, lines split where a node lies on them."""

from __future__ import annotations

from dataclasses import replace
from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.issues import DataIssue, repairs_told
from gis.repair.topology import Cuts, doubles, near_pairs, pair_keys, short_pairs, tee_cuts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.errors import Param
    from gis.repair.state import State
    from gis.repair.thresholds import Thresholds
    from gis.repair.topology import IntArray, Lines

MOST_NAMED = 5  # names listed in one issue


def one_round(state: State, limits: Thresholds) -> bool:
    """Mend what the state shows; tells whether anything was mended that may call for another round."""
    joined = join_ends(state, limits)
    opened = _open_rings(state)
    _drop_doubles(state, limits)
    split = split_tees(state, limits)
    state.first_round = False
    return split or joined or opened


def join_ends(state: State, limits: Thresholds) -> bool:
    """Make one node of ends that nearly meet, and of the ends of lines too short to be one."""
    lines, live = state.lines, state.is_live()
    short = live & (lines.start != lines.end) & (shapely.length(lines.geometry) < limits.shortest_m)
    pairs = np.column_stack([lines.start[short], lines.end[short]])
    if state.unchecked.all_ends and limits.does("ends-apart") == "join":
        pairs = np.vstack([_near_ends(state, lines.take(live), limits), pairs])
    state.unchecked.all_ends = False
    if len(pairs):
        becomes = state.merge(pairs)
        report_joined(state, becomes)
    _drop_points(state, limits)
    return bool(len(pairs))


def _near_ends(state: State, lines: Lines, limits: Thresholds) -> IntArray:
    takes_part = (state.degree() > 0) | (state.places.lonely & state.stays())
    index = np.flatnonzero(takes_part)
    local = np.full(len(takes_part), -1, dtype=np.int64)
    local[index] = np.arange(len(index))
    joined = local[short_pairs(lines, state.places.at_xy, limits.snap_m)]
    pairs, state.unchecked.excused = near_pairs(state.places.at_xy[index], limits.snap_m, joined)
    return index[pairs]


def report_joined(state: State, becomes: NDArray[np.int64]) -> None:
    """List every place that others were joined to, with how far the farthest was and the names of those that had one."""
    gone = np.flatnonzero(becomes != np.arange(len(becomes)))
    if not len(gone):
        return
    gone = gone[np.argsort(becomes[gone], kind="stable")]
    kept, first, count = np.unique(becomes[gone], return_index=True, return_counts=True)
    away_m = np.hypot(*(state.places.at_xy[gone] - state.places.at_xy[becomes[gone]]).T)
    far_m = np.maximum.reduceat(away_m, first)
    far_m = np.where(far_m > 0, np.maximum(np.round(far_m, 4), 1e-4), 0.0).tolist()
    given: list[dict[str, Param]] = [
        {"count": n, "away_m": away} for n, away in zip(count.tolist(), far_m, strict=True)
    ]
    named = state.places.named[gone]
    for row in np.flatnonzero((np.add.reduceat(named, first) > 0) | (np.array(far_m) == 0.0)).tolist():
        members = slice(first[row], first[row] + count[row])
        some = gone[members][named[members] | (not named[members].any())]
        given[row]["others"] = " ".join(state.places.labels_of(some[:MOST_NAMED]))
    kinds = ["ends-apart" if away else "points-at-one-place" for away in far_m]
    spots = map(tuple, state.places.at_xy[kept].tolist())
    state.tell(repairs_told(kinds, "nodes", state.places.labels_of(kept), spots, given, "ends-joined"))


def _drop_points(state: State, limits: Thresholds) -> None:
    """Lines that came to begin and end in one node without leaving it are no pipes."""
    lines = state.lines
    reach = np.maximum(limits.shortest_m, 2.0 * limits.snap_m)
    gone = (lines.start == lines.end) & (shapely.length(lines.geometry) <= reach)
    for row in np.flatnonzero(gone):
        x, y = state.places.at_xy[lines.start[row]]
        pipe = str(state.ids[lines.origin[row]])
        params: dict[str, Param] = {
            "pipe": pipe,
            "length_m": round(float(shapely.length(lines.geometry[row])), 4),
        }
        state.issues.append(
            DataIssue("pipe-too-short", "repaired", "pipes", pipe, (x, y), params, "pipe-dropped")
        )
    state.keep(~gone)


def _open_rings(state: State) -> bool:
    """A line that ends where it begins gets a node in the middle: no solver knows pipes from a node to itself."""
    lines = state.lines
    rows = np.flatnonzero(lines.start == lines.end)
    if not len(rows):
        return False
    middle = shapely.line_interpolate_point(lines.geometry[rows], 0.5, normalized=True)
    new = state.add_places(np.column_stack([shapely.get_x(middle), shapely.get_y(middle)]))
    for row, node in zip(rows, new, strict=True):
        pipe = str(state.ids[lines.origin[row]])
        x, y = state.places.at_xy[node]
        state.issues.append(DataIssue("pipe-closed", "repaired", "pipes", pipe, (x, y), {}, "pipe-split"))
    state.cut(Cuts(rows, shapely.length(lines.geometry[rows]) / 2.0, new))
    return True


def _drop_doubles(state: State, limits: Thresholds) -> None:
    lines = state.lines
    live = np.flatnonzero(state.is_live())
    rank = state.rank[lines.origin] * (lines.order.max(initial=0) + 1) + lines.order
    drop, kept = doubles(lines.take(live), limits.duplicate_m, rank[live])
    drop, kept = live[drop], live[kept]
    middle = shapely.line_interpolate_point(lines.geometry[drop], 0.5, normalized=True)
    pieces = np.bincount(lines.origin, minlength=len(state.ids))
    staying = np.ones(len(lines), dtype=bool)
    for gone, stays, point in zip(drop, kept, middle, strict=True):
        whole = pieces[lines.origin[gone]] == 1
        dropped = limits.does("pipe-twice" if whole else "pipe-twice-in-part") == "drop"
        _report_double(state, gone, stays, (point.x, point.y), whole=whole, dropped=dropped)
        staying[gone] = not dropped
    state.keep(staying)


def _report_double(
    state: State, gone: int, stays: int, place: tuple[float, float], *, whole: bool, dropped: bool
) -> None:
    lines = state.lines
    pipe, other = (str(state.ids[lines.origin[row]]) for row in (gone, stays))
    if whole and dropped and pipe != other:
        state.stands_for[pipe] = other
    said, other_said = state.said[lines.origin[gone]], state.said[lines.origin[stays]]
    kind = "pipe-twice" if whole else "pipe-twice-in-part"
    params: dict[str, Param] = {"other": other}
    if dropped:
        state.issues.append(DataIssue(kind, "repaired", "pipes", pipe, place, params, "pipe-dropped"))
    else:
        state.issues.append(DataIssue(kind, "warning", "pipes", pipe, place, params))
    if said != other_said:
        params = {"other": other, "said": said, "other_said": other_said}
        state.issues.append(DataIssue("twins-differ", "warning", "pipes", pipe, place, params))


def split_tees(state: State, limits: Thresholds) -> bool:
    """Split lines at the nodes that lie on them; a later round looks only at lines that changed and places beside them."""
    live, unchecked = state.is_live(), state.unchecked
    everything = unchecked.all_tees
    look = live & (unchecked.lines | everything)
    unchecked.all_tees, unchecked.lines = False, np.zeros(len(live), dtype=bool)
    if limits.tee_m <= 0 or limits.does("tee-unsplit") != "split" or not look.any():
        return False
    lines, places = state.lines, state.places
    candidates = np.flatnonzero((state.degree() > 0) | (places.lonely & state.stays()))
    if not everything:
        candidates = np.intersect1d(candidates, unchecked.almost)
    if not len(candidates):
        return False
    rows = np.flatnonzero(look)
    short = short_pairs(lines.take(live), places.at_xy, 2.0 * limits.tee_m)
    joined = np.sort(pair_keys(short[:, 0], short[:, 1], len(places.at_xy)))
    cuts, unchecked.almost, excused = tee_cuts(
        lines.take(rows), places.at_xy, candidates, limits.tee_m, joined=joined
    )
    unchecked.excused |= excused
    if not len(cuts):
        return False
    cuts = replace(cuts, line=rows[cuts.line])
    places.lonely[cuts.node] = False
    _report_split(state, cuts)
    state.cut(cuts)
    # Bent a second time, a line may be farther from where all places beside it were noted.
    unchecked.all_tees = not everything or unchecked.excused
    unchecked.all_ends |= unchecked.excused
    return True


def _report_split(state: State, cuts: Cuts) -> None:
    """List the nodes that lines are split at."""
    lines = state.lines.origin[cuts.line]
    _, once = np.unique(cuts.node * np.int64(len(state.ids)) + lines, return_index=True)
    node, lines = cuts.node[once], lines[once]
    spots = map(tuple, state.places.at_xy[node].tolist())
    given: list[dict[str, Param]] = [{"pipe": str(source)} for source in state.ids[lines].tolist()]
    labels = state.places.labels_of(node)
    state.tell(repairs_told(repeat("tee-unsplit"), "nodes", labels, spots, given, "pipe-split"))
