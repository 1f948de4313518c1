"""Lines as a graph: noded where they meet and cross, with the cheapest paths between places on them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.intp]


@dataclass(frozen=True)
class LineGraph:
    """
    Edges between nodes.

    Attributes
    ----------
    lines
        Shape (m,): one LineString an edge; its ends are exactly the coordinates of its nodes.
    rows
        Shape (m,): row of the source table an edge is a part of.
    starts, ends
        Shape (m,): node numbers 0..n-1.
    lengths_m
        Shape (m,).
    degrees
        Shape (n,): how many edge ends meet at a node.
    connected
        Edges of the connected part with the greatest length, rising.
    tree, connected_tree
        Spatial indexes of `lines`, and of the connected ones among them.
    """

    lines: NDArray[Any]
    rows: IntArray
    starts: IntArray
    ends: IntArray
    lengths_m: FloatArray
    degrees: IntArray
    connected: IntArray
    tree: shapely.STRtree
    connected_tree: shapely.STRtree


def node_lines(geometries: NDArray[Any], *, snap_m: float, crossings: bool) -> LineGraph:
    """
    Cut lines where they meet, so that every shared place is one node.

    Ends closer than `snap_m` to a line or to each other meet there. With `crossings` lines also meet where
    they cross in mid-course; without, only at their ends. Missing, empty and pointlike geometries are left out.
    """
    lines, rows = _plain_lines(geometries, snap_m)
    if crossings and len(lines):
        lines, rows = _cut(lines, rows, snap_m)
    tips_xy = shapely.get_coordinates(
        np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    )
    labels, count, places = _clusters(tips_xy, snap_m)
    starts, ends = labels[: len(lines)], labels[len(lines) :]
    lines = _moved_to_nodes(lines, places[starts], places[ends])
    lengths_m = shapely.length(lines)
    # What snapping has shrunk to a point is the node itself.
    kept = (starts != ends) | (lengths_m > 4 * snap_m)
    lines, rows, starts, ends = lines[kept], rows[kept], starts[kept], ends[kept]
    lengths_m = lengths_m[kept]
    degrees = np.bincount(np.concatenate([starts, ends]), minlength=count)
    connected = _greatest_part(starts, ends, lengths_m, count)
    trees = shapely.STRtree(lines), shapely.STRtree(lines[connected])
    return LineGraph(lines, rows, starts, ends, lengths_m, degrees, connected, *trees)


def _greatest_part(starts: IntArray, ends: IntArray, lengths_m: FloatArray, count: int) -> IntArray:
    """Edges of the connected part with the greatest length."""
    if not len(starts):
        return np.zeros(0, dtype=np.intp)
    from scipy.sparse import coo_array  # a tenth of a cold start: only who asks waits
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(len(starts)), (starts, ends)), shape=(count, count))
    _, part = connected_components(links, directed=False)
    return np.flatnonzero(part[starts] == np.argmax(np.bincount(part[starts], lengths_m)))


def _plain_lines(geometries: NDArray[Any], snap_m: float) -> tuple[NDArray[Any], IntArray]:
    given = np.asarray(geometries, dtype=object)
    present = np.flatnonzero(~(shapely.is_missing(given) | shapely.is_empty(given)))
    parts, index = shapely.get_parts(shapely.force_2d(given[present]), return_index=True)
    lined = (shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING) & (
        shapely.length(parts) > snap_m * 1e-3
    )
    return np.asarray(parts[lined], dtype=object), present[index[lined]]


def _cut(lines: NDArray[Any], rows: IntArray, snap_m: float) -> tuple[NDArray[Any], IntArray]:
    which, at_m = _cut_places(lines, snap_m)
    order = np.lexsort((at_m, which))
    which, at_m = which[order], at_m[order]
    first = np.searchsorted(which, np.arange(len(lines) + 1))
    pieces: list[Any] = []
    owners: list[int] = []
    for k, line in enumerate(lines):
        cuts_m = at_m[first[k] : first[k + 1]]
        made = _pieces(line, cuts_m, snap_m) if len(cuts_m) else [line]
        pieces.extend(made)
        owners.extend([int(rows[k])] * len(made))
    out = np.empty(len(pieces), dtype=object)
    out[:] = pieces
    return out, np.asarray(owners, dtype=np.intp)


def _cut_places(lines: NDArray[Any], snap_m: float) -> tuple[IntArray, FloatArray]:
    """Which line is to be cut, and how far along it [m]: at crossings, overlaps and others' ends."""
    tree = shapely.STRtree(lines)
    one, other = tree.query(lines, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared, pair = shapely.get_coordinates(shapely.intersection(lines[one], lines[other]), return_index=True)
    tips_xy = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    tip, touched = tree.query(tips_xy, predicate="dwithin", distance=snap_m)
    which = np.concatenate([one[pair], other[pair], touched])
    points = np.concatenate([shapely.points(shared), shapely.points(shared), tips_xy[tip]])
    at_m = shapely.line_locate_point(lines[which], points)
    inside = (at_m > snap_m) & (at_m < shapely.length(lines[which]) - snap_m)
    return which[inside], at_m[inside]


def _pieces(line: Any, cuts_m: FloatArray, snap_m: float) -> list[Any]:
    """Cut one line at rising distances; two cuts closer than `snap_m` are one."""
    cuts_m = cuts_m[np.concatenate([[True], np.diff(cuts_m) > snap_m])]
    bounds_m = np.concatenate([[0.0], cuts_m, [line.length]])
    vertices_xy, measures_m = measured(line)
    return [
        shapely.LineString(_between(vertices_xy, measures_m, low_m, high_m))
        for low_m, high_m in pairwise(bounds_m)
    ]


def measured(line: Any) -> tuple[FloatArray, FloatArray]:
    """Vertices, shape (k, 2), and how far along the line each lies [m], shape (k,)."""
    vertices_xy = shapely.get_coordinates(line)
    steps_m = np.hypot(*np.diff(vertices_xy, axis=0).T)
    return vertices_xy, np.concatenate([[0.0], np.cumsum(steps_m)])


def stretch(line: Any, from_m: float, to_m: float) -> FloatArray:
    """Coordinates, shape (k, 2), of the part between two distances along a line; backwards when they fall."""
    low_m, high_m = min(from_m, to_m), max(from_m, to_m)
    if low_m <= 0.0 and high_m >= line.length:
        part: FloatArray = shapely.get_coordinates(line)
    else:
        part = _between(*measured(line), low_m, high_m)
    return part if from_m <= to_m else part[::-1]


def _between(vertices_xy: FloatArray, measures_m: FloatArray, low_m: float, high_m: float) -> FloatArray:
    inner = (measures_m > low_m + 1e-9) & (measures_m < high_m - 1e-9)
    tips_xy = np.column_stack([np.interp([low_m, high_m], measures_m, vertices_xy[:, k]) for k in (0, 1)])
    return np.concatenate([tips_xy[:1], vertices_xy[inner], tips_xy[1:]])


def _clusters(tips_xy: FloatArray, snap_m: float) -> tuple[IntArray, int, FloatArray]:
    """Number the places that ends share; a place is where its first end lies."""
    if not len(tips_xy):
        return np.zeros(0, dtype=np.intp), 0, tips_xy
    from scipy.sparse import coo_array  # half a second to load: only who asks waits
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    pairs = cKDTree(tips_xy).query_pairs(snap_m, output_type="ndarray")
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(tips_xy), len(tips_xy)))
    count, labels = connected_components(links, directed=False)
    _, first = np.unique(labels, return_index=True)
    return labels.astype(np.intp), int(count), tips_xy[first]


def _moved_to_nodes(lines: NDArray[Any], starts_xy: FloatArray, ends_xy: FloatArray) -> NDArray[Any]:
    if not len(lines):
        return lines
    vertices_xy, index = shapely.get_coordinates(lines, return_index=True)
    first = np.searchsorted(index, np.arange(len(lines)))
    last = np.searchsorted(index, np.arange(len(lines)), side="right") - 1
    vertices_xy[first], vertices_xy[last] = starts_xy, ends_xy
    return np.asarray(shapely.linestrings(vertices_xy, indices=index), dtype=object)


@dataclass(frozen=True)
class Arcs:
    """Directed arcs of a small graph, shape (k,) each; `labels` is the caller's own number of an arc."""

    tails: IntArray
    heads: IntArray
    weight: FloatArray
    labels: IntArray


def cheapest_paths(arcs: Arcs, *, nodes: int, source: int, targets: Sequence[int]) -> list[list[int] | None]:
    """
    Labels of the arcs of the cheapest path from `source` to each target, in walking order.

    None where no path leads; of parallel arcs the cheapest counts.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    order = np.lexsort((arcs.weight, arcs.heads, arcs.tails))
    key = arcs.tails[order] * nodes + arcs.heads[order]
    kept = order[np.concatenate([[True], np.diff(key) > 0])] if len(order) else order
    keys = arcs.tails[kept] * nodes + arcs.heads[kept]
    # A cost of nothing would not be stored as an arc.
    costs = np.maximum(arcs.weight[kept], 1e-12)
    matrix = csr_array((costs, (arcs.tails[kept], arcs.heads[kept])), shape=(nodes, nodes))
    reached, before = dijkstra(matrix, directed=True, indices=source, return_predecessors=True)
    paths: list[list[int] | None] = []
    for target in targets:
        if not np.isfinite(reached[target]):
            paths.append(None)
            continue
        labels, here = [], int(target)
        while here != source:
            there = int(before[here])
            labels.append(int(arcs.labels[kept[np.searchsorted(keys, there * nodes + here)]]))
            here = there
        paths.append(labels[::-1])
    return paths
