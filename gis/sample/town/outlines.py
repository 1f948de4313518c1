"""Geometry of what is seen above ground and beside the water pipes: street centre lines, blocks, parcels, other lines."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.sample.pipes.communities import Yards
from gis.sample.settings import FloatArray, IntArray, parameters, stream
from gis.sample.town.buildings import Buildings
from gis.sample.town.land import Cells, Gates, Parcels
from gis.sample.town.streets import EAST, NORTH, SOUTH, WEST, Streets

SAMPLES = np.array([0.25, 0.5, 0.75])


def street_pieces(streets: Streets, gates: Gates) -> tuple[IntArray, NDArray[Any]]:
    """
    Centre lines between crossings and lanes: edge of each piece and its LineString.

    Where a lane leaves, the piece ends: pieces and lanes share exact end points.
    """
    edges = np.arange(len(streets.start))
    edge = np.concatenate([edges, gates.edge, edges])
    share = np.concatenate([np.zeros(len(edges)), gates.lane_share, np.ones(len(edges))])
    order = np.lexsort((share, edge))
    edge, share = edge[order], share[order]
    same = edge[:-1] == edge[1:]
    piece_edge, low, high = edge[:-1][same], share[:-1][same], share[1:][same]
    between = [(low < at) & (at < high) for at in SAMPLES]
    piece = np.concatenate([np.arange(len(low)), *(np.flatnonzero(b) for b in between), np.arange(len(low))])
    at = np.concatenate(
        [low, *(np.full(int(b.sum()), s) for b, s in zip(between, SAMPLES, strict=True)), high]
    )
    order = np.lexsort((at, piece))
    place = streets.centre(piece_edge[piece[order]], at[order])
    return piece_edge, shapely.linestrings(np.round(place, 3), indices=piece[order])


def lanes(streets: Streets, cells: Cells, parcels: Parcels, gates: Gates, yards: Yards) -> NDArray[Any]:
    """Lanes of the communities, from the street's centre line inwards."""
    cell = parcels.cell[gates.parcel]
    start = streets.centre(gates.edge, gates.lane_share)
    steps = []
    for fraction in (0.5, 1.0):
        edge_t = np.where(gates.from_north, 1.0, 0.0)
        t = edge_t + fraction * (yards.lane_end_share - edge_t)
        steps.append(streets.lattice.place(cells.column[cell] + gates.lane_share, cells.row[cell] + t))
    return shapely.linestrings(np.round(np.stack([start, *steps], axis=1), 3))


def rectangles(
    streets: Streets, column: IntArray, row: IntArray, share: FloatArray, *, bent: bool = True
) -> NDArray[Any]:
    """Polygons of rectangles s0, s1, t0, t1 (n, 4) inside lattice cells; `bent` ones follow the curve of the streets."""
    s0, s1, t0, t1 = share.T
    s = [s0, s1, s1, s0]
    t = [t0, t0, t1, t1]
    if bent:
        s = [v for k in range(4) for v in (s[k], (s[k] + s[k - 3]) / 2)]
        t = [v for k in range(4) for v in (t[k], (t[k] + t[k - 3]) / 2)]
    u = (column[:, None] + np.column_stack(s)).ravel()
    v = (row[:, None] + np.column_stack(t)).ravel()
    place = np.round(streets.lattice.place(u, v), 3).reshape(len(column), -1, 2)
    return shapely.polygons(place) if len(column) else np.zeros(0, dtype=object)


def parcel_polygons(streets: Streets, cells: Cells, parcels: Parcels) -> NDArray[Any]:
    """Red lines."""
    cell = parcels.cell
    return rectangles(streets, cells.column[cell], cells.row[cell], parcels.rectangle_share)


def building_polygons(streets: Streets, cells: Cells, parcels: Parcels, buildings: Buildings) -> NDArray[Any]:
    """Outlines of buildings."""
    cell = parcels.cell[buildings.parcel]
    half_s = buildings.face_m / 2 / cells.width_m[cell]
    half_t = buildings.depth_m / 2 / cells.height_m[cell]
    s, t = buildings.centre_share.T
    share = np.column_stack([s - half_s, s + half_s, t - half_t, t + half_t])
    return rectangles(streets, cells.column[cell], cells.row[cell], share, bent=False)


def blocks(streets: Streets, cells: Cells) -> tuple[NDArray[Any], IntArray]:
    """Blocks between kerbs and the block of each cell; two cells without a street between them are one block."""
    edge = streets.side_edge[cells.number]
    # Halves of one block overlap by a metre so that they join.
    margin_m = np.where(edge >= 0, streets.width_m[edge] / 2, -1.0)
    share = np.column_stack([
        margin_m[:, WEST] / cells.width_m, 1 - margin_m[:, EAST] / cells.width_m,
        margin_m[:, SOUTH] / cells.height_m, 1 - margin_m[:, NORTH] / cells.height_m,
    ])  # fmt: skip
    polygons = rectangles(streets, cells.column, cells.row, share)
    partner = np.searchsorted(cells.number, streets.partner[cells.number])
    rows = np.arange(len(cells.number))
    head = np.minimum(rows, partner)
    heads, block = np.unique(head, return_inverse=True)
    merged = polygons[heads]
    pair = np.flatnonzero(partner[heads] != heads)
    merged[pair] = shapely.union(polygons[heads[pair]], polygons[partner[heads[pair]]])
    return shapely.set_precision(merged, 0.001), block


def other_lines(
    streets: Streets, seed: int
) -> dict[str, tuple[IntArray, NDArray[Any], FloatArray, NDArray[Any]]]:
    """Sewers, storm drains, gas, power and telecom lines by kind: edge, LineString, depth [m], size."""
    rng = stream(seed, "utilities")
    result = {}
    at = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    side = np.sign(streets.main.offset_m)
    for kind, p in parameters()["utilities"].items():
        present = rng.random(len(streets.start)) < p["present"]
        edge = np.flatnonzero(present)
        half = np.abs(streets.main.offset_m[edge]) if abs(p["share"]) == 1.0 else streets.width_m[edge] / 2
        offset_m = side[edge] * (p["share"] * half + np.sign(p["share"]) * p["beyond_m"])
        rows, shares = np.repeat(np.arange(len(edge)), len(at)), np.tile(at, len(edge))
        place = streets.beside(edge[rows], shares, offset_m[rows])
        lines = shapely.linestrings(np.round(place, 3).reshape(len(edge), len(at), 2))
        low, high = p["depth_m"]
        depth = np.round(rng.uniform(low, high, len(edge)), 2)
        larger = 3 - np.minimum(streets.street_class[edge], 3)
        size = np.array(p["size"], dtype=object)
        rank = np.clip(larger + rng.integers(-1, 2, len(edge)), 0, len(size) - 1)
        result[kind] = (edge, lines, depth, size[rank])
    return result
