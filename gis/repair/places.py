"""Where lines begin and end: known points by their id, and ends of lines that the source does not name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from gis.issues import DataIssue
from gis.repair.points import match_points, shared_out
from gis.repair.topology import Lines, first_and_last, moved_ends

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.errors import Param
    from gis.intake.normalise import Working
    from gis.issues import Severity
    from gis.repair.thresholds import Thresholds

FEW_ENDS = 20  # fewer say nothing about a drawing


@dataclass
class Places:
    """
    Places that can be nodes.

    Attributes
    ----------
    at_xy
        Shape (places, 2).
    ids
        Id in the source, None for an unnamed end.
    named
        Shape (places,): has an id.
    lonely
        Shape (places,): a known point that no line names; it may still lie on one.
    """

    at_xy: NDArray[np.float64]
    ids: NDArray[np.object_]
    named: NDArray[np.bool_]
    lonely: NDArray[np.bool_]

    def append(self, new_xy: NDArray[np.float64]) -> NDArray[np.int64]:
        """Add unnamed places; gives their indices."""
        first = len(self.at_xy)
        count = len(new_xy)
        self.at_xy = np.vstack([self.at_xy, new_xy])
        self.ids = np.append(self.ids, np.full(count, None, dtype=object))
        self.named = np.append(self.named, np.zeros(count, dtype=bool))
        self.lonely = np.append(self.lonely, np.zeros(count, dtype=bool))
        return np.arange(first, first + count)

    def order_of_winning(self, rows: NDArray[np.int64], degree: NDArray[np.int64]) -> list[NDArray[Any]]:
        """Give, weightiest first, what decides which of several joined places stays: the least of each wins."""
        x, y = self.at_xy[rows].T
        named = np.flatnonzero(self.named[rows])
        if not len(named):
            return [-degree[rows], x, y]
        by_id = np.zeros(len(rows), dtype=np.int64)
        by_id[named] = id_ranks(self.ids[rows[named]])
        return [~self.named[rows], -degree[rows], by_id, x, y]

    def label(self, row: int) -> str:
        """Give the id of a place; an unnamed one is named by its decimetres east and north, the same in every import."""
        return self.labels_of(np.array([row]))[0]

    def labels_of(self, rows: NDArray[np.int64]) -> list[str]:
        """Give the ids of some places, unnamed ones by their coordinates."""
        east, north = np.rint(self.at_xy[rows] * 10.0).astype(np.int64).T
        if not self.named[rows].any():
            return [f"N{e}_{n}" for e, n in zip(east.tolist(), north.tolist(), strict=True)]
        parts = zip(self.ids[rows].tolist(), east.tolist(), north.tolist(), strict=True)
        return [f"N{e}_{n}" if name is None else str(name) for name, e, n in parts]

    def single_labels(self, rows: NDArray[np.int64]) -> NDArray[np.object_]:
        """Give the ids of some places, each only once among them: the second unnamed one in a decimetre gets `.2`."""
        labels = pd.Series(self.labels_of(rows), dtype="object")
        if not labels.is_unique:
            order = np.lexsort(self.at_xy[rows].T)
            nth = labels.iloc[order].groupby(labels.iloc[order]).cumcount().sort_index().to_numpy()
            for row in np.flatnonzero(~self.named[rows] & (nth > 0)).tolist():
                labels[row] = f"{labels[row]}.{nth[row] + 1}"
        return labels.to_numpy(dtype=object)


def id_ranks(ids: NDArray[np.object_]) -> NDArray[np.int64]:
    """Place of every id among them all, shortest and then first in the alphabet; equal ids follow each other."""
    text = [str(name) for name in ids]
    order = np.lexsort((np.array(text, dtype=str), np.array([len(name) for name in text], dtype=int)))
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order))
    return ranks


def named_pair(one: object, other: object) -> tuple[str, str]:
    """Give two ids, shortest and then first in the alphabet first: a pair is named alike in every import."""
    a, b = sorted((str(one), str(other)), key=lambda name: (len(name), name))
    return a, b


def gather_places(
    pipes: Working, nodes: Working | None, limits: Thresholds
) -> tuple[Lines, Places, list[DataIssue]]:
    """
    Give lines between places: by the node ids the source records, otherwise one place for each distinct end.

    A recorded node farther than `named_end_m` from the end is doubted: the end stays where it is drawn, unless so many
    are that the drawing as a whole is off, and the records agree with it but for that.
    """
    issues: list[DataIssue] = []
    geometry, origin, order = _single_lines(pipes, issues)
    coordinates, owner = shapely.get_coordinates(geometry, return_index=True)
    names = _recorded_names(pipes, origin, order)
    ends_xy = np.vstack([coordinates[row] for row in first_and_last(owner)])
    places, place_of = _known_places(nodes, names, ends_xy)
    _report_matched(pipes, geometry, origin, places, place_of, ends_xy, limits, issues)
    matched = place_of >= 0
    matched[[name is not None for name in names]] = False
    found = (place_of >= 0) & ~matched
    away_m = np.full(len(ends_xy), 0.0)
    away_m[found] = np.hypot(*(ends_xy[found] - places.at_xy[place_of[found]]).T)
    reach_m = _reach_m(away_m[found], limits, issues)
    far = away_m > reach_m
    _report_ends(pipes, np.tile(origin, 2), places, place_of, ends_xy, away_m, limits, reach_m, issues)
    place_of[far] = -1
    _place_unnamed(places, place_of, ends_xy)
    places.lonely[place_of] = False
    lines = Lines(geometry, place_of[: len(geometry)], place_of[len(geometry) :], origin, order)
    return moved_ends(lines, places.at_xy)[0], places, issues


def _single_lines(
    pipes: Working, issues: list[DataIssue]
) -> tuple[NDArray[np.object_], NDArray[np.int64], NDArray[np.int64]]:
    """Lines of one part each; parts that meet are put together, others follow each other."""
    geometry = pipes.table.geometry.to_numpy()
    usable = ~shapely.is_missing(geometry) & ~shapely.is_empty(geometry) & (shapely.length(geometry) >= 0)
    usable &= np.isin(shapely.get_type_id(geometry), (1, 5))
    pipes.report(~usable, "pipe-without-line", "error", lambda _: {})
    issues += pipes.issues
    pipes.issues.clear()
    rows = np.flatnonzero(usable)
    several = shapely.get_type_id(geometry[rows]) == 5
    merged = geometry[rows]
    merged[several] = shapely.line_merge(geometry[rows][several])
    if not several.any():
        return merged, rows.astype(np.int64), np.zeros(len(rows), dtype=np.int64)
    parts, of = shapely.get_parts(merged, return_index=True)
    order = np.arange(len(of)) - np.append(0, np.flatnonzero(np.diff(of)) + 1)[of] if len(of) else of
    return parts, rows[of].astype(np.int64), order.astype(np.int64)


def _recorded_names(
    pipes: Working, origin: NDArray[np.int64], order: NDArray[np.int64]
) -> NDArray[np.object_]:
    """Recorded node of each end, starts first; lines in several parts have none of their own."""
    count = len(origin)
    names = np.full(2 * count, None, dtype=object)
    whole = np.bincount(origin, minlength=len(pipes.table))[origin] == 1
    for half, column in enumerate(("start_node_id", "end_node_id")):
        if column in pipes.table:
            values = pipes.table[column].astype("object").where(pipes.table[column].notna(), None).to_numpy()
            names[half * count : (half + 1) * count] = np.where(whole & (order == 0), values[origin], None)
    return names


def _known_places(
    nodes: Working | None, names: NDArray[np.object_], ends_xy: NDArray[np.float64]
) -> tuple[Places, NDArray[np.int64]]:
    """Places of known points, and of nodes only named by lines (in the middle of the ends that name them)."""
    known = pd.DataFrame({"id": [], "x": [], "y": []}).astype({"id": object, "x": float, "y": float})
    if nodes is not None:
        points = nodes.table.geometry.to_numpy()
        known = pd.DataFrame(
            {
                "id": nodes.table["node_id"].to_numpy(object),
                "x": shapely.get_x(points),
                "y": shapely.get_y(points),
            }
        )
        known = known[np.isfinite(known["x"])].drop_duplicates("id")
    named = pd.DataFrame({"id": names, "x": ends_xy[:, 0], "y": ends_xy[:, 1]}).dropna(subset="id")
    unplaced = named[~named["id"].isin(known["id"])]
    middle = unplaced.groupby("id", sort=True)[["x", "y"]].median().reset_index()
    everything = pd.concat([known, middle], ignore_index=True) if len(middle) else known
    # Shortest and first id first: of two points at one place the same one is taken whatever the order of rows.
    text = everything["id"].astype("object").map(str)
    everything = everything.iloc[np.lexsort((text.to_numpy(dtype=str), text.str.len().to_numpy(dtype=int)))]
    row = pd.Series(np.arange(len(everything)), index=everything["id"])
    place_of = row.reindex(names).to_numpy()
    count = len(everything)
    places = Places(
        everything[["x", "y"]].to_numpy(dtype=float).reshape(-1, 2), everything["id"].to_numpy(dtype=object),
        np.ones(count, dtype=bool), np.ones(count, dtype=bool),
    )  # fmt: skip
    return places, np.where(np.isnan(place_of.astype(float)), -1, place_of.astype(float)).astype(np.int64)


def _report_matched(
    pipes: Working, geometry: NDArray[np.object_], origin: NDArray[np.int64], places: Places,
    place_of: NDArray[np.int64], ends_xy: NDArray[np.float64], limits: Thresholds, issues: list[DataIssue],
) -> None:  # fmt: skip
    """Give lines that name no node the known points that fit them, where the source asks for it; each is told."""
    half = len(geometry)
    free = np.flatnonzero((place_of[:half] < 0) & (place_of[half:] < 0))
    known = np.flatnonzero(places.named)
    if limits.point_reach_m <= 0 or not len(free) or not len(known):
        return
    ends = np.concatenate([free, free + half])
    lengths = pd.to_numeric(
        pipes.table.get("length_m", pd.Series(np.nan, index=pipes.table.index)), errors="coerce"
    )
    matches = match_points(
        ends_xy[ends], places.at_xy[known], drawn_m=shapely.length(geometry[free]),
        recorded_m=lengths.to_numpy(dtype=float)[origin[free]], limits=limits,
    )  # fmt: skip
    rank = id_ranks(pipes.table["pipe_id"].to_numpy(object))[np.tile(origin[free], 2)]
    chosen = shared_out(matches.point, places.at_xy[known], 2 * rank + (ends >= half))
    join = limits.does("end-off-point") == "join"
    ids = pipes.table["pipe_id"].to_numpy()
    for row in np.flatnonzero(chosen >= 0):
        point, second = int(known[chosen[row]]), int(matches.second[row])
        away_m = float(np.hypot(*(ends_xy[ends[row]] - places.at_xy[point])))
        pipe, place = str(ids[origin[ends[row] % half]]), tuple(ends_xy[ends[row]].tolist())
        params: dict[str, Param] = {
            "other": str(places.ids[point]), "away_m": round(away_m, 3),
            "field": "start_node_id" if ends[row] < half else "end_node_id",
        }  # fmt: skip
        if away_m > limits.shortest_m:
            how: tuple[Severity, str | None] = ("repaired", "end-to-point") if join else ("warning", None)
            issues.append(DataIssue("end-off-point", how[0], "pipes", pipe, place, params, how[1]))
        if second >= 0:
            params = {**params, "second": str(places.ids[known[second]])}
            issues.append(DataIssue("end-point-unclear", "warning", "pipes", pipe, place, params))
    if join:
        place_of[ends] = np.where(chosen >= 0, known[np.maximum(chosen, 0)], -1)


def _reach_m(away_m: NDArray[np.float64], limits: Thresholds, issues: list[DataIssue]) -> float:
    """How far an end is moved to the node its record names: farther where the drawing as a whole is off [m]."""
    off = (away_m > limits.named_end_m) & (away_m <= limits.named_end_far_m)
    if off.sum() < max(limits.named_end_share * len(away_m), FEW_ENDS):
        return limits.named_end_m
    params: dict[str, Param] = {
        "count": int(off.sum()), "share": round(100.0 * float(off.mean()), 1), "limit_m": limits.named_end_m,
        "middle_m": round(float(np.median(away_m[off])), 2), "most_m": round(float(away_m[off].max()), 2),
    }  # fmt: skip
    issues.append(DataIssue("drawing-off-nodes", "warning", "pipes", "", None, params))
    return limits.named_end_far_m


def _report_ends(
    pipes: Working, origin: NDArray[np.int64], places: Places, place_of: NDArray[np.int64],
    ends_xy: NDArray[np.float64], away_m: NDArray[np.float64], limits: Thresholds, reach_m: float, issues: list[DataIssue],
) -> None:  # fmt: skip
    ids = pipes.table["pipe_id"].to_numpy()
    half = len(origin) // 2
    for row in np.flatnonzero(away_m > limits.shortest_m):
        far = away_m[row] > reach_m
        params: dict[str, Param] = {
            "node": str(places.ids[place_of[row]]), "away_m": round(float(away_m[row]), 3),
            "field": "start_node_id" if row < half else "end_node_id",
        }  # fmt: skip
        place = (float(ends_xy[row, 0]), float(ends_xy[row, 1]))
        issues.append(
            DataIssue(
                "end-off-node", "error" if far else "repaired", "pipes", str(ids[origin[row]]), place, params,
                None if far else "end-moved",
            )
        )  # fmt: skip


def _alike(at_xy: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """
    Number distinct places as they appear, and give the first row of each: of equal places the first counts.

    By a hash of both figures, in a third of the time of sorting; should two places share a hash, they are sorted.
    """
    bits = (at_xy + 0.0).view(np.uint64).reshape(-1, 2)  # 0.0: of the two zeros one
    with np.errstate(over="ignore"):
        mixed = bits[:, 0] * np.uint64(0x9E3779B97F4A7C15) ^ (
            bits[:, 1] * np.uint64(0xC2B2AE3D27D4EB4F) >> np.uint64(7)
        )
    inverse, distinct = pd.factorize(mixed)
    first = np.empty(len(distinct), dtype=np.int64)
    first[inverse[::-1]] = np.arange(len(at_xy))[::-1]
    if (at_xy[first[inverse]] != at_xy).any():
        _, first, inverse = np.unique(at_xy, axis=0, return_index=True, return_inverse=True)
    return inverse.reshape(-1), first


def _place_unnamed(places: Places, place_of: NDArray[np.int64], ends_xy: NDArray[np.float64]) -> None:
    """Give ends without a recorded node the place at exactly their coordinates, a new one where there is none."""
    unnamed = np.flatnonzero(place_of < 0)
    if not len(unnamed):
        return
    both = np.ascontiguousarray(np.vstack([places.at_xy, ends_xy[unnamed]]))
    inverse, first = _alike(both)
    new = first >= len(places.at_xy)
    place = np.where(new, -1, first)
    place[new] = places.append(both[first[new]])
    place_of[unnamed] = place[inverse[len(both) - len(unnamed) :]]
