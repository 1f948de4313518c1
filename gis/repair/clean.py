"""
Repair of an imported pipe network: near ends joined, tees split, doubles and zero lengths dropped, each with an issue.

Repair runs until nothing changes, so repairing its own result changes nothing.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.intake.normalise import Working, report_renamed
from gis.issues import DataIssue
from gis.progress import SILENT, Progress
from gis.repair.places import Places, gather_places, id_ranks
from gis.repair.topology import (
    Cuts,
    Lines,
    doubles,
    merge_map,
    moved_ends,
    near_pairs,
    split,
    tee_cuts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray
    from pyproj import CRS

    from gis.errors import Param
    from gis.repair.thresholds import Thresholds

MOST_ROUNDS = 20  # two or three are usual; a contrived tangle may want more and then stays as it is
MOST_NAMED = 5  # names listed in one issue
ABANDONED = "abandoned"


@dataclass(frozen=True)
class Repaired:
    """
    A noded network.

    Attributes
    ----------
    pipes, nodes
        Schema columns as far as known, in one CRS; every pipe end is a node of `nodes`.
    became
        Node id of the source to the id of the node it was joined to; only for those that went.
    pieces
        Pipe id of the source to the ids that stand for it now; only for those split or dropped as doubles.
    """

    pipes: gpd.GeoDataFrame
    nodes: gpd.GeoDataFrame
    issues: tuple[DataIssue, ...]
    became: Mapping[str, str]
    pieces: Mapping[str, tuple[str, ...]]


class _State:
    """Lines and the node each place has become, while rounds of repair go on."""

    def __init__(self, lines: Lines, places: Places, pipes: Working) -> None:
        table = pipes.table
        ids = table["pipe_id"].to_numpy(dtype=object)
        status = table.get("status", pd.Series(None, index=table.index, dtype="object"))
        self.lines = lines
        self.places = places
        self.live = (status != ABANDONED).to_numpy(dtype=bool)  # by source row, as are ids and said
        self.ids = ids
        self.said = _SizeAndMaterial(table)
        self.issues: list[DataIssue] = []
        self.node_of = np.arange(len(places.at_xy), dtype=np.int64)
        self.stands_for: dict[str, str] = {}
        # Rank of source lines by id: which of two doubles stays does not depend on the order of rows.
        self.rank = id_ranks(ids)

    def is_live(self) -> NDArray[np.bool_]:
        return self.live[self.lines.origin]

    def degree(self) -> NDArray[np.int64]:
        lines = self.lines.take(self.is_live())
        return np.bincount(np.concatenate([lines.start, lines.end]), minlength=len(self.places.at_xy))

    def keep(self, rows: NDArray[np.bool_]) -> None:
        self.lines = self.lines.take(rows)


class _SizeAndMaterial:
    """What a source says a pipe is, by row, for telling twins that contradict each other."""

    def __init__(self, table: gpd.GeoDataFrame) -> None:
        self._columns = [table[name] for name in ("dn", "material") if name in table]

    def __getitem__(self, row: int) -> str:
        values = [column.iloc[row] for column in self._columns]
        return " ".join("?" if pd.isna(value) else str(value) for value in values)


def repair(
    pipes: Working, nodes: Working | None, limits: Thresholds, progress: Progress = SILENT
) -> Repaired:
    """
    Give the connected network of lines that may not meet.

    `pipes` has `pipe_id`, geometry, and where the source records them `start_node_id`, `end_node_id`, `status`;
    abandoned lines keep their ends and take no part, rows without geometry are reported and left out.
    `nodes` are known points with `node_id` and geometry, e.g. survey points; None when the source has none.
    """
    with _collector_paused():
        lines, places, issues = gather_places(pipes, nodes, limits)
        state = _State(lines, places, pipes)
        _mend(state, limits, progress)
        return _result(state, pipes, nodes, issues)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """A million new issues, none of them in a cycle, would be walked through again and again: a sixth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _mend(state: _State, limits: Thresholds, progress: Progress) -> None:
    for turn in range(MOST_ROUNDS):
        progress.step("repair", turn, MOST_ROUNDS)
        joined = _join_ends(state, limits)
        opened = _open_rings(state)
        _drop_doubles(state, limits)
        if not _split_tees(state, limits) and not joined and not opened:
            break
    progress.step("repair", MOST_ROUNDS, MOST_ROUNDS)


def _join_ends(state: _State, limits: Thresholds) -> bool:
    """Make one node of ends that nearly meet, and of the ends of lines too short to be one."""
    lines = state.lines
    live = state.is_live()
    takes_part = state.degree() > 0
    takes_part |= state.places.lonely & (state.node_of == np.arange(len(state.node_of)))
    index = np.flatnonzero(takes_part)
    local = np.full(len(takes_part), -1, dtype=np.int64)
    local[index] = np.arange(len(index))
    joined = np.column_stack([local[lines.start[live]], local[lines.end[live]]])
    pairs = index[near_pairs(state.places.at_xy[index], limits.snap_m, joined)]
    short = live & (lines.start != lines.end) & (shapely.length(lines.geometry) < limits.shortest_m)
    pairs = np.vstack([pairs, np.column_stack([lines.start[short], lines.end[short]])])
    if len(pairs):
        becomes = merge_map(len(takes_part), pairs, state.places.rank(state.degree()))
        _report_joined(state, becomes)
        state.node_of = becomes[state.node_of]
        state.lines = replace(lines, start=becomes[lines.start], end=becomes[lines.end])
        state.lines = moved_ends(state.lines, state.places.at_xy)
    _drop_points(state, limits)
    return bool(len(pairs))


def _report_joined(state: _State, becomes: NDArray[np.int64]) -> None:
    gone = np.flatnonzero(becomes != np.arange(len(becomes)))
    if not len(gone):
        return
    gone = gone[np.argsort(becomes[gone], kind="stable")]
    kept, first, count = np.unique(becomes[gone], return_index=True, return_counts=True)
    away_m = np.hypot(*(state.places.at_xy[gone] - state.places.at_xy[becomes[gone]]).T)
    farthest_m = np.maximum.reduceat(away_m, first)
    labels, others = state.places.labels_of(kept), state.places.labels_of(gone)
    far_m = np.round(farthest_m, 4).tolist()
    places = map(tuple, state.places.at_xy[kept].tolist())
    for label, at, place, n, away in zip(labels, first.tolist(), places, count.tolist(), far_m, strict=True):
        named = " ".join(others[at : at + (min(MOST_NAMED, n))])
        params: dict[str, Param] = {"count": n, "away_m": away, "others": named}
        kind = "ends-apart" if away else "points-at-one-place"
        state.issues.append(DataIssue(kind, "repaired", "nodes", label, place, params, "ends-joined"))


def _drop_points(state: _State, limits: Thresholds) -> None:
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


def _open_rings(state: _State) -> bool:
    """A line that ends where it begins gets a node in the middle: no solver knows pipes from a node to itself."""
    lines = state.lines
    rows = np.flatnonzero(lines.start == lines.end)
    if not len(rows):
        return False
    middle = shapely.line_interpolate_point(lines.geometry[rows], 0.5, normalized=True)
    new = state.places.append(np.column_stack([shapely.get_x(middle), shapely.get_y(middle)]))
    state.node_of = np.append(state.node_of, new)
    cuts = Cuts(rows, shapely.length(lines.geometry[rows]) / 2.0, new)
    for row, node in zip(rows, new, strict=True):
        pipe = str(state.ids[lines.origin[row]])
        x, y = state.places.at_xy[node]
        state.issues.append(DataIssue("pipe-closed", "repaired", "pipes", pipe, (x, y), {}, "pipe-split"))
    state.lines = split(lines, cuts, state.places.at_xy)
    return True


def _drop_doubles(state: _State, limits: Thresholds) -> None:
    lines = state.lines
    live = np.flatnonzero(state.is_live())
    rank = state.rank[lines.origin] * (lines.order.max(initial=0) + 1) + lines.order
    drop, kept = doubles(lines.take(live), limits.duplicate_m, rank[live])
    drop, kept = live[drop], live[kept]
    middle = shapely.line_interpolate_point(lines.geometry[drop], 0.5, normalized=True)
    pieces = np.bincount(lines.origin, minlength=len(state.ids))
    for gone, stays, point in zip(drop, kept, middle, strict=True):
        pipe, other = (str(state.ids[lines.origin[row]]) for row in (gone, stays))
        whole = pieces[lines.origin[gone]] == 1
        if whole and pipe != other:
            state.stands_for[pipe] = other
        kind = "pipe-twice" if whole else "pipe-twice-in-part"
        params: dict[str, Param] = {"other": other}
        place = (point.x, point.y)
        state.issues.append(DataIssue(kind, "repaired", "pipes", pipe, place, params, "pipe-dropped"))
        said, other_said = state.said[lines.origin[gone]], state.said[lines.origin[stays]]
        if said != other_said:
            params = {"other": other, "said": said, "other_said": other_said}
            state.issues.append(DataIssue("twins-differ", "warning", "pipes", pipe, place, params))
    staying = np.ones(len(lines), dtype=bool)
    staying[drop] = False
    state.keep(staying)


def _split_tees(state: _State, limits: Thresholds) -> bool:
    live = state.is_live()
    if limits.tee_m <= 0 or not live.any():
        return False
    lonely = state.places.lonely & (state.node_of == np.arange(len(state.node_of)))
    candidates = np.flatnonzero((state.degree() > 0) | lonely)
    rows = np.flatnonzero(live)
    cuts = tee_cuts(state.lines.take(rows), state.places.at_xy, candidates, limits.tee_m)
    if not len(cuts):
        return False
    cuts = replace(cuts, line=rows[cuts.line])
    state.places.lonely[cuts.node] = False
    labels = state.places.labels_of(cuts.node)
    sources = state.ids[state.lines.origin[cuts.line]]
    places = map(tuple, state.places.at_xy[cuts.node].tolist())
    state.issues += [
        DataIssue("tee-unsplit", "repaired", "nodes", label, place, {"pipe": str(source)}, "pipe-split")
        for label, source, place in zip(labels, sources, places, strict=True)
    ]
    state.lines = split(state.lines, cuts, state.places.at_xy)
    return True


def _result(state: _State, pipes: Working, nodes: Working | None, issues: list[DataIssue]) -> Repaired:
    lines = state.lines.take(np.lexsort((state.lines.order, state.rank[state.lines.origin])))
    degree = np.bincount(np.concatenate([lines.start, lines.end]), minlength=len(state.places.at_xy))
    used = np.flatnonzero(degree)
    labels = np.full(len(state.places.at_xy), None, dtype=object)
    labels[used] = state.places.single_labels(used)
    ids, pieces = _piece_ids(state, lines)
    table = pipes.table.iloc[lines.origin].reset_index(drop=True)
    drawn_m = shapely.length(lines.geometry)
    table["length_m"] = _lengths_m(table, lines.origin, drawn_m)
    table["pipe_id"] = _plain(ids)
    table["start_node_id"], table["end_node_id"] = _plain(labels[lines.start]), _plain(labels[lines.end])
    table = table.set_geometry(gpd.GeoSeries(lines.geometry, crs=pipes.table.crs))
    again = Working("pipes", table, [])
    report_renamed(again, np.array(["~" in str(i) for i in ids], dtype=bool))
    gone = np.flatnonzero((state.node_of != np.arange(len(state.node_of))) & state.places.named)
    stays = state.node_of[gone]
    names = np.where(labels[stays].astype(bool), labels[stays], state.places.labels_of(stays)).tolist()
    became = dict(zip(state.places.labels_of(gone), names, strict=True))
    known = None if nodes is None else nodes.table
    node_table = _node_table(labels[used], state.places.at_xy[used], degree[used], known, pipes.table.crs)
    orphans = _orphans(state, used)
    told = {issue.key: issue for issue in (*issues, *state.issues, *again.issues, *orphans)}
    return Repaired(table, node_table, tuple(told.values()), became, pieces)


def _plain(values: Any) -> pd.Series:
    """Give texts as plain objects: pandas would make string arrays of them, and look-ups there are an order slower."""
    return pd.Series(values, dtype="object")


def _piece_ids(state: _State, lines: Lines) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    """Name pieces ID, ID#2, ID#3 along the source line."""
    of = pd.Series(lines.origin)
    nth = of.groupby(of).cumcount().to_numpy()
    ids = [str(name) for name in state.ids[lines.origin]]
    pieces: dict[str, tuple[str, ...]] = {}
    for row in np.flatnonzero(nth > 0).tolist():
        source = ids[row]
        ids[row] = f"{source}#{nth[row] + 1}"
        pieces[source] = (*pieces.get(source, (source,)), ids[row])
    standing = set(ids)
    for gone, other in state.stands_for.items():
        if gone not in standing:
            pieces[gone] = pieces.get(other, (other,))
    return ids, pieces


def _lengths_m(table: gpd.GeoDataFrame, origin: NDArray[np.int64], drawn_m: NDArray[np.float64]) -> Any:
    """Recorded length where there is one (drawings omit vertical bends), shared out by drawn length over pieces."""
    given = pd.to_numeric(table.get("length_m", pd.Series(np.nan, index=table.index)), errors="coerce")
    whole_m = pd.Series(drawn_m).groupby(origin).transform("sum").to_numpy()
    recorded = given.to_numpy(dtype=float) * drawn_m / np.where(whole_m > 0, whole_m, 1.0)
    return np.where((given > 0) & (whole_m > 0), recorded, drawn_m)


def _node_table(
    labels: NDArray[np.object_], at_xy: NDArray[np.float64], degree: NDArray[np.int64],
    known: gpd.GeoDataFrame | None, crs: CRS | None,
) -> gpd.GeoDataFrame:  # fmt: skip
    geometry = gpd.GeoSeries(shapely.points(at_xy), crs=crs)
    table = gpd.GeoDataFrame({"node_id": _plain(labels)}, geometry=geometry)
    if known is not None:
        known = known.drop(columns="geometry").drop_duplicates("node_id").set_index("node_id")
        table = table.join(known, on="node_id")
    shape = np.select([degree >= 3, degree == 1], ["tee", "end"], "junction")
    kind = table.get("kind", pd.Series(None, index=table.index, dtype="object"))
    table["kind"] = kind.where(kind.notna(), shape)
    return table


def _orphans(state: _State, used: NDArray[np.int64]) -> list[DataIssue]:
    """Known points that lie on no line are no nodes of the network."""
    lost = state.places.named & (state.node_of == np.arange(len(state.node_of)))
    lost[used] = False
    return [
        DataIssue(
            "point-without-pipe",
            "warning",
            "nodes",
            state.places.label(int(row)),
            tuple(state.places.at_xy[row].tolist()),
        )
        for row in np.flatnonzero(lost)
    ]
