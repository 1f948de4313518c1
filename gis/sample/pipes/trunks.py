"""Where water comes from: plants and pumping stations, the transmission mains between them, and who feeds whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra, minimum_spanning_tree

from gis.sample.settings import (
    ARTERIAL,
    SECONDARY,
    STREET_CLASSES,
    BoolArray,
    FloatArray,
    IntArray,
    parameters,
    stream,
)
from gis.sample.town.streets import Streets

LINK_M = 30.0  # from a transmission main across the street to the distribution main


@dataclass(frozen=True)
class Supply:
    """
    Sources and transmission mains.

    Attributes
    ----------
    crossing, cell
        Of each source: the crossing its water enters at and the lattice cell it stands in.
    trunk_edge
        Street edges with a transmission main.
    trunk_crossing, linked
        Crossings on those edges, and whether a pipe joins both kinds of main there.
    """

    crossing: IntArray
    cell: IntArray
    trunk_edge: IntArray
    trunk_crossing: IntArray
    linked: BoolArray


@dataclass(frozen=True)
class Skeleton:
    """
    The network with one edge a street: nodes are crossings, then trunk crossings, then sources (compact numbers).

    Attributes
    ----------
    first, second, length_m
        Of the edges: streets in their order, then trunk edges, links, source pipes in the order of Supply.
    source_node
        Node of each source.
    tree_parent_edge, distance_m
        Edge towards the feeding source (-1 at sources), distance from it weighted by street (inf when cut off).
    fed_by
        Source that feeds the node first.
    """

    nodes: int
    first: IntArray
    second: IntArray
    length_m: FloatArray
    source_node: IntArray
    crossing_node: IntArray
    trunk_node: IntArray
    tree_parent_edge: IntArray
    distance_m: FloatArray
    fed_by: IntArray


def place_supply(streets: Streets, built: BoolArray, seed: int, *, sources: int) -> Supply:
    """Put the sources on main streets, spread over the city, and join them by transmission mains."""
    on_main = np.unique(np.concatenate([
        end[streets.street_class <= ARTERIAL] for end in (streets.start, streets.end)
    ]))  # fmt: skip
    cell = _cell_beside(streets, built, on_main)
    on_main, cell = on_main[cell >= 0], cell[cell >= 0]
    chosen = _spread(streets, built, on_main, stream(seed, "supply"), sources)
    edges = _trunk_edges(streets, on_main[chosen])
    crossing = np.unique(np.concatenate([streets.start[edges], streets.end[edges], on_main[chosen]]))
    column, row = np.divmod(crossing, streets.lattice.rows + 1)
    important = np.maximum(streets.lattice.column_class[column], streets.lattice.row_class[row]) <= SECONDARY
    uses = np.bincount(
        np.searchsorted(crossing, np.concatenate([streets.start[edges], streets.end[edges]])),
        minlength=len(crossing),
    )
    linked = important | (uses <= 1) | np.isin(crossing, on_main[chosen])
    return Supply(on_main[chosen], cell[chosen], edges, crossing, linked)


def _cell_beside(streets: Streets, built: BoolArray, crossing: IntArray) -> IntArray:
    """A built cell at each crossing, -1 where there is none."""
    column, row = np.divmod(crossing, streets.lattice.rows + 1)
    padded = np.pad(built, 1)
    found = np.full(len(crossing), -1, dtype=np.int64)
    for east, north in ((0, 0), (1, 0), (0, 1), (1, 1)):
        here = padded[column + east, row + north]
        found = np.where(here, (column + east - 1) * streets.lattice.rows + row + north - 1, found)
    return found


def _spread(
    streets: Streets, built: BoolArray, crossing: IntArray, rng: np.random.Generator, count: int
) -> IntArray:
    """Rows of `crossing`: the one farthest out for a small town, else one near the middle of each tile."""
    column, row = np.divmod(crossing, streets.lattice.rows + 1)
    columns, rows = np.nonzero(built)
    if count == 1:
        away = np.hypot(column - columns.mean() - 0.5, row - rows.mean() - 0.5)
        return np.array([int(np.argmax(away))])
    span = np.array([np.ptp(columns) + 1, np.ptp(rows) + 1])
    across = max(1, round(np.sqrt(count * span[0] / span[1])))
    up = max(1, round(count / across * span[0] * span[1] / built.sum()))
    size = span / np.array([across, up])
    tile_x = np.clip((column - columns.min()) / size[0], 0, across - 1e-6)
    tile_y = np.clip((row - rows.min()) / size[1], 0, up - 1e-6)
    tile = tile_x.astype(np.int64) * up + tile_y.astype(np.int64)
    cells_x = ((columns - columns.min()) / size[0]).astype(np.int64)
    cells_y = ((rows - rows.min()) / size[1]).astype(np.int64)
    full = np.bincount(
        np.minimum(cells_x, across - 1) * up + np.minimum(cells_y, up - 1), minlength=across * up
    )
    off_middle = np.hypot(tile_x % 1 - 0.5, tile_y % 1 - 0.5) + rng.uniform(0, 0.12, len(crossing))
    order = np.lexsort((off_middle, tile))
    _, firsts = np.unique(tile[order], return_index=True)
    best = order[firsts]
    return np.sort(best[full[tile[best]] >= 0.4 * size[0] * size[1]])


def _trunk_edges(streets: Streets, source: IntArray) -> IntArray:
    """Main-street edges of the shortest paths that join neighbouring sources; one source sends to the middle."""
    main = np.flatnonzero(streets.street_class <= ARTERIAL)
    nodes = streets.crossing_numbers
    first, second, length = streets.start[main], streets.end[main], streets.length_m[main]
    graph = coo_array((length, (first, second)), shape=(nodes, nodes)).tocsr()
    distance, before, owner = dijkstra(
        graph, directed=False, indices=source, min_only=True, return_predecessors=True
    )
    if len(source) == 1:
        reached = np.flatnonzero(np.isfinite(distance))
        place = streets.lattice.place(*np.divmod(reached, streets.lattice.rows + 1))
        middle = streets.lattice.place(*(np.array([v]) for v in _mean_crossing(streets)))
        ends = reached[np.argsort(np.linalg.norm(place - middle, axis=1), kind="stable")[:1]]
    else:
        ends = _meeting_points(first, second, length, distance, owner, source)
    edge_of = {(a, b): e for a, b, e in zip(first.tolist(), second.tolist(), main.tolist(), strict=True)}
    used: set[int] = set()
    for a, b in ends.reshape(-1, 2).tolist() if len(source) > 1 else [(int(ends[0]), -1)]:
        if b >= 0:
            used.add(edge_of.get((a, b), edge_of.get((b, a), -1)))
        for node in (a, b):
            while node >= 0 and before[node] >= 0:
                up = int(before[node])
                edge = edge_of.get((node, up), edge_of.get((up, node), -1))
                if edge in used:
                    break
                used.add(edge)
                node = up
    return np.array(sorted(used - {-1}), dtype=np.int64)


def _mean_crossing(streets: Streets) -> tuple[float, float]:
    column, row = np.divmod(streets.start, streets.lattice.rows + 1)
    return float(column.mean()), float(row.mean())


def _meeting_points(
    first: IntArray,
    second: IntArray,
    length_m: FloatArray,
    distance_m: FloatArray,
    owner: IntArray,
    source: IntArray,
) -> IntArray:
    """Ends of the edges where two sources' areas meet, one for each pair of a spanning tree of the sources."""
    rank = np.full(int(max(first.max(), second.max(), source.max())) + 1, -1, dtype=np.int64)
    rank[source] = np.arange(len(source))
    reached = np.isfinite(distance_m[first]) & np.isfinite(distance_m[second])
    a = np.where(reached, rank[owner[np.where(reached, first, source[0])]], 0)
    b = np.where(reached, rank[owner[np.where(reached, second, source[0])]], 0)
    edge = np.flatnonzero(a != b)
    total = distance_m[first[edge]] + length_m[edge] + distance_m[second[edge]]
    pair = np.minimum(a[edge], b[edge]) * len(source) + np.maximum(a[edge], b[edge])
    order = np.lexsort((total, pair))
    _, firsts = np.unique(pair[order], return_index=True)
    best = edge[order[firsts]]
    low, high = np.divmod(pair[order[firsts]], len(source))
    weights = coo_array((total[order[firsts]], (low, high)), shape=(len(source), len(source))).tocsr()
    kept = set(zip(*minimum_spanning_tree(weights).nonzero(), strict=True))
    rows = [e for e, p in zip(best.tolist(), zip(low, high, strict=True), strict=True) if p in kept]
    return np.column_stack([first[rows], second[rows]])


def connect(streets: Streets, supply: Supply) -> Skeleton:
    """Lay the skeleton and the tree along which each crossing is fed from its nearest source."""
    crossings = np.unique(np.concatenate([streets.start, streets.end]))
    crossing_node = np.full(streets.crossing_numbers, -1, dtype=np.int64)
    crossing_node[crossings] = np.arange(len(crossings))
    trunk_node = np.full(len(crossing_node), -1, dtype=np.int64)
    trunk_node[supply.trunk_crossing] = len(crossings) + np.arange(len(supply.trunk_crossing))
    source_node = len(crossings) + len(supply.trunk_crossing) + np.arange(len(supply.crossing))
    nodes = len(crossings) + len(supply.trunk_crossing) + len(supply.crossing)
    t, joined = supply.trunk_edge, supply.trunk_crossing[supply.linked]
    first = [crossing_node[streets.start], trunk_node[streets.start[t]], trunk_node[joined], source_node]
    second = [
        crossing_node[streets.end],
        trunk_node[streets.end[t]],
        crossing_node[joined],
        trunk_node[supply.crossing],
    ]
    length = [
        streets.length_m,
        streets.length_m[t],
        np.full(len(joined), LINK_M),
        np.full(len(source_node), 90.0),
    ]
    weights = parameters()["sizing"]["weight"]
    by_class = np.array([weights.get(name, 1.0) for name in STREET_CLASSES])[streets.street_class]
    trunk = np.full(sum(map(len, length[1:])), weights["trunk"])
    edge_first, edge_second, length_m = np.concatenate(first), np.concatenate(second), np.concatenate(length)
    parent, distance, fed_by = _tree(
        nodes, edge_first, edge_second, length_m * np.concatenate([by_class, trunk]), source_node
    )
    return Skeleton(
        nodes,
        edge_first,
        edge_second,
        length_m,
        source_node,
        crossing_node,
        trunk_node,
        parent,
        distance,
        fed_by,
    )


def _tree(
    nodes: int, first: IntArray, second: IntArray, cost_weight: FloatArray, source_node: IntArray
) -> tuple[IntArray, FloatArray, IntArray]:
    graph = coo_array((cost_weight, (first, second)), shape=(nodes, nodes)).tocsr()
    distance, before, owner = dijkstra(
        graph, directed=False, indices=source_node, min_only=True, return_predecessors=True
    )
    number = coo_array((np.arange(1, len(first) + 1), (first, second)), shape=(nodes, nodes)).tocsr()
    child = np.flatnonzero(before >= 0)
    up = before[child]
    parent = np.full(nodes, -1, dtype=np.int64)
    parent[child] = np.asarray(number[child, up] + number[up, child]).ravel() - 1
    fed_by = np.searchsorted(source_node, owner)
    return parent, distance, fed_by
