"""
Valve segments 阀门分段: the parts of a network between valves, each shut off as a whole.

A valve sits at one end of a pipe: it parts the pipe from the node there. What no valve parts is one segment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    IntArray = NDArray[np.int64]

NO_CLOSING_KINDS = ("check",)  # lets water through one way, so it holds nothing back


@dataclass(frozen=True)
class Seats:
    """
    Where valves sit: one row a valve.

    Attributes
    ----------
    ids, kinds
        Valve ids; kind as in the valves layer.
    dn
        Size label, 0 where unknown.
    link, node
        Places of the pipe and of that end of it where the valve is.
    is_shut
        Closed already.
    """

    ids: NDArray[np.object_]
    kinds: NDArray[np.object_]
    dn: IntArray
    link: IntArray
    node: IntArray
    is_shut: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ids)

    def joined(self, other: Seats) -> Seats:
        """These valves, then others."""
        pairs = (
            (getattr(self, name), getattr(other, name))
            for name in ("ids", "kinds", "dn", "link", "node", "is_shut")
        )
        return Seats(*(np.concatenate(pair) for pair in pairs))

    def only(self, rows: NDArray[Any]) -> Seats:
        """Some of these valves."""
        return Seats(
            self.ids[rows], self.kinds[rows], self.dn[rows], self.link[rows], self.node[rows], self.is_shut[rows]
        )  # fmt: skip


@dataclass(frozen=True)
class Segments:
    """
    The segments of a network.

    Attributes
    ----------
    count
        How many.
    node, link
        Shape (nodes,), (links,): the segment of each, numbered in the order of their first link, then first node.
    first, second
        Shape (valves,): the segment of the valve's node and that of its pipe; equal where the valve parts nothing.
    """

    count: int
    node: IntArray
    link: IntArray
    first: IntArray
    second: IntArray


def segments_of(start: IntArray, end: IntArray, *, node_count: int, seats: Seats) -> Segments:
    """
    Give the segments of links from `start` to `end` nodes, parted by valves.

    Shape (links,) both: places of the end nodes.
    """
    links = np.arange(len(start))
    is_open = np.ones((2, len(start)), dtype=bool)
    is_open[0, seats.link[seats.node == start[seats.link]]] = False
    is_open[1, seats.link[seats.node == end[seats.link]]] = False
    at = np.concatenate([start[is_open[0]], end[is_open[1]]])
    of = np.concatenate([links[is_open[0]], links[is_open[1]]]) + node_count
    size = node_count + len(start)
    graph: Any = coo_matrix((np.ones(len(at), dtype=np.int8), (at, of)), shape=(size, size))
    count, label = connected_components(graph, directed=False)
    ordered = np.concatenate([label[node_count:], label[:node_count]])
    _, first_seen = np.unique(ordered, return_index=True)
    number = np.empty(count, dtype=np.int64)
    number[np.argsort(first_seen)] = np.arange(count)
    node, link = number[label[:node_count]], number[label[node_count:]]
    return Segments(int(count), node, link, node[seats.node], link[seats.link])


def valve_seats(
    valves: gpd.GeoDataFrame,
    *,
    link_ids: Sequence[str],
    node_ids: Sequence[str],
    start: IntArray,
    end: IntArray,
    position_xy: NDArray[np.float64],
) -> Seats:
    """
    Find the seats of a valves layer among the links of a model.

    A valve on a pipe but at neither of its ends sits at the nearer one; one on a node alone at any pipe there. Valves
    of neither, valves that are links of the model themselves, and those that hold nothing back are left out.

    Parameters
    ----------
    position_xy
        Shape (nodes, 2), in the plane of the layer.
    """
    own = valves[~valves["kind"].isin(NO_CLOSING_KINDS) & ~valves["valve_id"].isin(set(link_ids))]
    link = pd.Index(link_ids).get_indexer(pd.Index(own["pipe_id"].astype("object")))
    node = pd.Index(node_ids).get_indexer(pd.Index(own["node_id"].astype("object")))
    on_node = (link < 0) & (node >= 0)
    link[on_node] = _any_link(start, end, len(node_ids))[node[on_node]]
    found = np.flatnonzero(link >= 0)
    own, link, node = own.iloc[found], link[found].astype(np.int64), node[found].astype(np.int64)
    away = (node != start[link]) & (node != end[link])
    node[away] = _nearer_end(own.geometry.to_numpy()[away], start[link[away]], end[link[away]], position_xy)
    return Seats(
        own["valve_id"].to_numpy(dtype=object),
        own["kind"].to_numpy(dtype=object),
        own["dn"].fillna(0).to_numpy(dtype=np.int64),
        link,
        node,
        (own["state"] == "closed").to_numpy(dtype=bool),
    )


def _any_link(start: IntArray, end: IntArray, node_count: int) -> IntArray:
    """Shape (nodes,): a link at each node, -1 for none."""
    found = np.full(node_count, -1, dtype=np.int64)
    found[end[::-1]] = np.arange(len(end))[::-1]
    found[start[::-1]] = np.arange(len(start))[::-1]
    return found


def _nearer_end(
    points: NDArray[np.object_], start: IntArray, end: IntArray, position_xy: NDArray[np.float64]
) -> IntArray:
    at = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    to_start = np.linalg.norm(position_xy[start] - at, axis=1)
    to_end = np.linalg.norm(position_xy[end] - at, axis=1)
    return np.where(to_end < to_start, end, start)
