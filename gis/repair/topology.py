"""
Lines to a noded network, on arrays: join near ends, split at tees, find doubles, count parts.

Nodes are places with an index, lines are geometries with a start and an end node. Nothing here loops over lines;
100,000 lines take about a second. Rejected: `wntr.gis.connect_lines` (a dense distance matrix; splits nothing).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]


VERTEX_AT_CUT_M = 1e-6


@dataclass(frozen=True)
class Lines:
    """
    Pieces of source lines between two nodes.

    Attributes
    ----------
    geometry
        Shape (lines,), LineStrings whose ends lie on their nodes.
    start, end
        Node index of the first and last vertex.
    origin
        Row of the source line a piece comes from.
    order
        Place of a piece in its source line, 0 for an unsplit line; ascending from the source line's start.
    """

    geometry: NDArray[np.object_]
    start: IntArray
    end: IntArray
    origin: IntArray
    order: IntArray

    def __len__(self) -> int:
        return len(self.geometry)

    def take(self, rows: Any) -> Lines:
        """Give some of the lines; these themselves where a mask takes all."""
        if isinstance(rows, np.ndarray) and rows.dtype == np.bool_ and rows.all():
            return self
        return Lines(
            self.geometry[rows], self.start[rows], self.end[rows], self.origin[rows], self.order[rows]
        )


def component_labels(nodes: int, a: IntArray, b: IntArray) -> IntArray:
    """Label the connected parts of `nodes` points joined by pairs (a, b); shape (nodes,)."""
    graph = coo_matrix((np.ones(len(a), dtype=np.int8), (a, b)), shape=(nodes, nodes))
    labels: IntArray = connected_components(graph, directed=False)[1].astype(np.int64)
    return labels


def near_pairs(places_xy: FloatArray, within_m: float, joined: IntArray) -> IntArray:
    """
    Give the pairs of places nearer than `within_m` [units of the plane], shape (pairs, 2), first below second.

    `joined`, shape (n, 2): pairs that a line of their own joins; a short pipe is no near miss and is left out.
    """
    if len(places_xy) < 2 or within_m <= 0:
        return np.empty((0, 2), dtype=np.int64)
    tree = cKDTree(places_xy, balanced_tree=False, compact_nodes=False)  # built in a third of the time
    pairs: IntArray = tree.query_pairs(within_m, output_type="ndarray").astype(np.int64)
    own = pair_keys(joined[:, 0], joined[:, 1], len(places_xy))
    return pairs[~is_among(pair_keys(pairs[:, 0], pairs[:, 1], len(places_xy)), own)]


def pair_keys(a: IntArray, b: IntArray, count: int) -> IntArray:
    """One number for each unordered pair of indices below `count`."""
    return np.minimum(a, b) * np.int64(count) + np.maximum(a, b)


def is_among(keys: IntArray, known: IntArray) -> BoolArray:
    """Tell for each key whether it is one of the known ones; a third of the time of `numpy.isin`."""
    if not len(known):
        return np.zeros(len(keys), dtype=bool)
    known = np.sort(known)
    found: BoolArray = known[np.minimum(np.searchsorted(known, keys), len(known) - 1)] == keys
    return found


def merge_map(count: int, pairs: IntArray, ranked: IntArray) -> IntArray:
    """
    Give for every node the node it becomes: of each cluster of pairs the member that stands first in `ranked`.

    `ranked` has every node of the pairs, in an order that does not depend on that of rows.
    """
    among = np.full(count, -1, dtype=np.int64)
    among[ranked] = np.arange(len(ranked))
    labels = component_labels(len(ranked), among[pairs[:, 0]], among[pairs[:, 1]])
    best = np.empty(labels.max() + 1, dtype=np.int64)
    best[labels[::-1]] = ranked[::-1]
    becomes = np.arange(count)
    becomes[ranked] = best[labels]
    return becomes


def first_and_last(owner: IntArray) -> tuple[IntArray, IntArray]:
    """Rows of the first and the last vertex of each line; `owner` as `shapely.get_coordinates` gives it."""
    turns = np.flatnonzero(owner[1:] != owner[:-1])
    if not len(owner):
        return turns, turns
    return np.append(0, turns + 1), np.append(turns, len(owner) - 1)


def moved_ends(lines: Lines, places_xy: FloatArray) -> tuple[Lines, BoolArray]:
    """Give the lines with first and last vertex put exactly on their nodes, and which ones that moved."""
    coordinates, owner = shapely.get_coordinates(lines.geometry, return_index=True)
    first, last = first_and_last(owner)
    away = (coordinates[first] != places_xy[lines.start]) | (coordinates[last] != places_xy[lines.end])
    moved = away.any(axis=1)
    if not moved.any():
        return lines, moved
    coordinates[first], coordinates[last] = places_xy[lines.start], places_xy[lines.end]
    geometry = lines.geometry.copy()
    vertices = moved[owner]
    among = np.cumsum(moved) - 1
    geometry[moved] = shapely.linestrings(coordinates[vertices], indices=among[owner[vertices]])
    return replace(lines, geometry=geometry), moved


@dataclass(frozen=True)
class Cuts:
    """Where lines are to be cut: line row, distance along it, node that comes to lie there."""

    line: IntArray
    at_m: FloatArray
    node: IntArray

    def __len__(self) -> int:
        return len(self.line)


def tee_cuts(
    lines: Lines, places_xy: FloatArray, candidates: IntArray, within_m: float, *, joined: IntArray
) -> tuple[Cuts, IntArray]:
    """
    Find nodes (of `candidates`) that lie on the middle of a line they are no end of.

    A node joined by a line of its own to an end of the line is no tee while it lies within `within_m` of that end:
    that is a short branch, such as a valve beside its tee. `joined` are the `pair_keys` of nodes that any line joins,
    sorted. Also gives the nodes a second look may find once these cuts are made: those nearer than twice the distance
    to a line, which may be bent onto them by as much as `within_m`, and what a line with corners meets twice.
    """
    tree = shapely.STRtree(lines.geometry)
    # Nearly all that lies near a node are its own lines: those go before anything is measured.
    place, line = tree.query(_windows(places_xy[candidates], 2.0 * within_m))
    node = candidates[place]
    foreign = (lines.start[line] != node) & (lines.end[line] != node)
    node, line = node[foreign], line[foreign]
    points = shapely.points(places_xy[node])
    away_m = shapely.distance(lines.geometry[line], points)
    near = away_m <= within_m
    beside = node[~near & (away_m <= 2.0 * within_m)]
    node, line, points = node[near], line[near], points[near]
    along_m = shapely.line_locate_point(lines.geometry[line], points)
    length_m = shapely.length(lines.geometry[line])
    keep = (along_m > 0) & (along_m < length_m)
    for end, close in ((lines.start, along_m <= within_m), (lines.end, length_m - along_m <= within_m)):
        rows = np.flatnonzero(close)
        keep[rows] &= ~is_among(pair_keys(node[rows], end[line[rows]], len(places_xy)), joined)
    cuts = Cuts(line[keep], along_m[keep], node[keep])
    cornered = cuts.line[shapely.get_num_coordinates(lines.geometry[cuts.line]) > 2]
    twice = [lines.start[cornered], lines.end[cornered], cuts.node[np.isin(cuts.line, cornered)]]
    return cuts, np.unique(np.concatenate([beside, node[~keep], *twice]))


def _windows(places_xy: FloatArray, reach_m: float) -> NDArray[np.object_]:
    """Give geometries whose boxes reach `reach_m` to all sides: diagonals, made in half the time of boxes."""
    reach_m *= 1.0 + 1e-9
    windows: NDArray[np.object_] = shapely.linestrings(
        np.stack([places_xy - reach_m, places_xy + reach_m], axis=1)
    )
    return windows


def split(lines: Lines, cuts: Cuts, places_xy: FloatArray) -> tuple[Lines, BoolArray]:
    """
    Cut lines and bend the cut onto its node; pieces follow each other in the order of their source line.

    Also tells which of the lines are such pieces.

    One sort over vertices and cuts together; cost grows with the vertices of the lines that are cut.
    """
    if not len(cuts):
        return lines, np.zeros(len(lines), dtype=bool)
    hit = np.zeros(len(lines), dtype=bool)
    hit[cuts.line] = True
    among = np.cumsum(hit) - 1
    pieces = _pieces(lines.take(hit), replace(cuts, line=among[cuts.line]), places_xy)
    whole = _stacked(lines.take(~hit), pieces)
    order = np.lexsort((np.arange(len(whole)), whole.order, whole.origin))
    return _renumbered(whole.take(order)), order >= len(whole) - len(pieces)


def _pieces(lines: Lines, cuts: Cuts, places_xy: FloatArray) -> Lines:
    coordinates, owner = shapely.get_coordinates(lines.geometry, return_index=True)
    along_m = _distance_along(coordinates, owner)
    node = np.full(len(owner), -1, dtype=np.int64)
    all_owner = np.concatenate([owner, cuts.line])
    all_along = np.concatenate([along_m, cuts.at_m])
    all_node = np.concatenate([node, cuts.node])
    all_xy = np.vstack([coordinates, places_xy[cuts.node]])
    order = np.lexsort((all_node, all_along, all_owner))
    order = order[~_vertex_at_cut(all_owner[order], all_along[order], all_node[order])]
    owner, node, xy = all_owner[order], all_node[order], all_xy[order]
    # A cut vertex ends one piece and begins the next: it is written twice.
    is_cut = node >= 0
    twice = np.repeat(np.arange(len(owner)), np.where(is_cut, 2, 1))
    begins = np.zeros(len(twice), dtype=bool)
    begins[1:] = is_cut[twice[1:]] & (twice[1:] == twice[:-1])
    begins |= np.append(True, owner[twice][1:] != owner[twice][:-1])
    piece = np.cumsum(begins) - 1
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(piece)) - 1
    source = owner[twice[first]]
    start = np.where(is_cut[twice[first]], node[twice[first]], lines.start[source])
    end = np.where(is_cut[twice[last]], node[twice[last]], lines.end[source])
    geometry = shapely.linestrings(xy[twice], indices=piece)
    return Lines(geometry, start, end, lines.origin[source], lines.order[source])


def _vertex_at_cut(owner: IntArray, along_m: FloatArray, node: IntArray) -> BoolArray:
    """Mark inner vertices that a cut right behind or before them replaces."""
    close = np.diff(along_m) < VERTEX_AT_CUT_M
    same = (owner[1:] == owner[:-1]) & close
    inner = np.append(False, owner[1:] == owner[:-1]) & np.append(owner[1:] == owner[:-1], False)
    by_next = np.append(same & (node[1:] >= 0), False)
    by_last = np.append(False, same & (node[:-1] >= 0))
    marked: BoolArray = inner & (node < 0) & (by_next | by_last)
    return marked


def _distance_along(coordinates_xy: FloatArray, owner: IntArray) -> FloatArray:
    """Distance of every vertex from the start of its line, in the measure of `line_locate_point`."""
    step = np.hypot(*np.diff(coordinates_xy, axis=0, prepend=coordinates_xy[:1]).T)
    first = np.append(True, owner[1:] != owner[:-1])
    step[first] = 0.0
    total = np.cumsum(step)
    return total - total[np.flatnonzero(first)][np.cumsum(first) - 1]


def _stacked(a: Lines, b: Lines) -> Lines:
    return Lines(
        np.concatenate([a.geometry, b.geometry]), np.concatenate([a.start, b.start]),
        np.concatenate([a.end, b.end]), np.concatenate([a.origin, b.origin]), np.concatenate([a.order, b.order]),
    )  # fmt: skip


def _renumbered(lines: Lines) -> Lines:
    """Count the places of sorted lines in their source line anew (pieces were made in order)."""
    first = np.append(True, lines.origin[1:] != lines.origin[:-1])
    place = np.arange(len(lines))
    return replace(lines, order=place - place[first][np.cumsum(first) - 1])


def doubles(lines: Lines, within_m: float, rank: IntArray) -> tuple[IntArray, IntArray]:
    """
    Find lines that run beside another between the same nodes, never farther from it than `within_m`.

    Returns rows to drop and, for each, the row that stays: one of lower `rank`. No two rows that stay are doubles.
    """
    if len(lines) < 2:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    count = int(max(lines.start.max(), lines.end.max())) + 1
    keys = pair_keys(lines.start, lines.end, count)
    order = np.lexsort((rank, keys))
    same = np.append(False, keys[order][1:] == keys[order][:-1])
    place = np.arange(len(order))
    place -= np.maximum.accumulate(
        np.where(same, 0, place)
    )  # place of a line among those between its two nodes
    stays = np.full(
        len(order), -1, dtype=np.int64
    )  # position of the line that stays instead, -1 for staying itself
    for later in range(1, int(place.max()) + 1):
        rows = np.flatnonzero(place == later)
        for back in range(later, 0, -1):
            earlier = rows - back
            ask = (stays[rows] < 0) & (stays[earlier] < 0)
            pair = rows[ask], earlier[ask]
            apart = shapely.hausdorff_distance(lines.geometry[order[pair[0]]], lines.geometry[order[pair[1]]])
            stays[pair[0][apart <= within_m]] = pair[1][apart <= within_m]
    gone = np.flatnonzero(stays >= 0)
    return order[gone], order[stays[gone]]
