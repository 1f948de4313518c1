"""Lines to a connected network, against wntr.gis.connect_lines."""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.repair.clean import repair
from gis.intake.normalise import Working
from gis.repair.thresholds import load_thresholds
from tests.benchmarks.rows import row

BLOCK_M = 100.0
JITTER_M = 0.02
TEES = 0.34  # of crossings whose street passes through in one line: a fifth of the lines
RIVAL_LINES = 1_000
CRS = "EPSG:4548"


def measure(sizes=(10_000, 100_000, 1_000_000)):
    """Yield the rows of the table."""
    for size in sizes:
        yield _noded(size, bar_s=15.0 if size >= 1_000_000 else None)
    yield _against_wntr()


def drawn_town(edges: int, *, tees: float = TEES, seed: int = 1):
    """
    Give lines of a street grid as a survey draws them, and the pairs of crossings they truly join.

    Every line end is off its crossing by up to 2 cm; at `tees` of the crossings the street runs on in one line.
    Pairs are numbers west * side + south of crossings, shape (edges, 2).
    """
    rng = np.random.default_rng(seed)
    side = round((edges / 2) ** 0.5) + 1
    crossing = np.arange(side * side).reshape(side, side)
    xy = np.column_stack([crossing.ravel() // side, crossing.ravel() % side]) * BLOCK_M
    east = np.column_stack([crossing[:-1].ravel(), crossing[1:].ravel()])
    north = np.column_stack([crossing[:, :-1].ravel(), crossing[:, 1:].ravel()])
    # Only every second crossing of a street may be passed, so that no line passes two.
    passed = np.zeros((side, side), dtype=bool)
    passed[1:-1:2, :] = rng.random(passed[1:-1:2, :].shape) < 2 * tees
    passed = passed.ravel()
    through = np.column_stack([crossing.ravel()[passed] - side, crossing.ravel()[passed] + side])
    ends = np.concatenate([east[~passed[east].any(axis=1)], through, north])
    ends = ends[rng.permutation(len(ends))]
    ends = np.where(rng.random(len(ends))[:, None] < 0.5, ends, ends[:, ::-1])
    angle = rng.random(ends.shape) * 2 * np.pi
    off = np.stack([np.cos(angle), np.sin(angle)], axis=2) * (rng.random(ends.shape) * JITTER_M)[:, :, None]
    return shapely.linestrings(xy[ends] + off), np.sort(np.concatenate([east, north]), axis=1), side


def pipes_of(lines) -> Working:
    """Make the table the import hands to repair."""
    count = len(lines)
    table = gpd.GeoDataFrame(
        {"pipe_id": [f"P{n}" for n in range(count)], "dn": np.full(count, 200), "material": "DI"},
        geometry=lines, crs=CRS,
    )  # fmt: skip
    return Working("pipes", table, [])


def _joined_pairs(starts, ends, side: int):
    """Sorted pairs of crossings that the pieces join, by the places of their first and last vertex."""
    number = [np.rint(np.asarray(place) / BLOCK_M).astype(int) @ [side, 1] for place in (starts, ends)]
    pairs = np.sort(np.column_stack(number), axis=1)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def _same_pairs(pairs, true_pairs) -> bool:
    true_pairs = true_pairs[np.lexsort((true_pairs[:, 1], true_pairs[:, 0]))]
    return len(pairs) == len(true_pairs) and bool((pairs == true_pairs).all())


def _repaired(lines, true_pairs, side: int) -> float:
    """Seconds to the connected network; what it joins must be what truly joins, by ids and by places."""
    pipes = pipes_of(lines)
    started = time.perf_counter()
    net = repair(pipes, None, load_thresholds())
    seconds = time.perf_counter() - started
    _check_nodes(net.pipes, net.nodes, true_pairs, side)
    return seconds


def _check_nodes(pipes, nodes, true_pairs, side: int) -> None:
    assert len(nodes) == side * side, (len(nodes), side * side)
    of_node = pd.Series(np.arange(len(nodes)), index=nodes["node_id"])
    xy = shapely.get_coordinates(nodes.geometry.to_numpy())
    ends = [xy[of_node.loc[pipes[name]].to_numpy()] for name in ("start_node_id", "end_node_id")]
    assert _same_pairs(_joined_pairs(*ends, side), true_pairs)


def _noded(edges: int, *, bar_s: float | None):
    lines, true_pairs, side = drawn_town(edges)
    best = min(_repaired(lines, true_pairs, side) for _ in range(1 if edges >= 1_000_000 else 3))
    return row("lines to noded, split, connected network", len(true_pairs), best, bar_s=bar_s)


def _against_wntr():
    """One run of the rival on lines that need no splitting, for it splits none; both answers must be the true one."""
    import wntr

    lines, true_pairs, side = drawn_town(RIVAL_LINES, tees=0.0)
    ours_s = min(_repaired(lines, true_pairs, side) for _ in range(5))
    table = gpd.GeoDataFrame(geometry=lines, crs=CRS)
    started = time.perf_counter()
    pipes, nodes = wntr.gis.connect_lines(table, 2 * JITTER_M + 0.01)
    rival_s = time.perf_counter() - started
    xy = shapely.get_coordinates(nodes.geometry.to_numpy())
    at = pd.Series(np.arange(len(nodes)), index=nodes.index)
    ends = [xy[at.loc[pipes[name]].to_numpy()] for name in ("start_node_name", "end_node_name")]
    assert _same_pairs(_joined_pairs(*ends, side), true_pairs)
    what = "lines to connected network, against wntr.gis.connect_lines"
    return row(what, len(lines), ours_s, rival_s=rival_s, bar_ratio=1000)
