"""The survey being drawn: points 管点 and lines 管线 as growing columns, every line part of one run of equal pipe."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from gis.sample.settings import FloatArray, IntArray

# Kinds of points.
JUNCTION, TEE, BEND, VALVE, HYDRANT, TAPOFF, END, SOURCE = range(8)
# Kinds of runs.
MAIN, TRUNK, LINK, INTAKE, LEAD, STUB, SPINE, LATERAL, ABANDONED = range(9)


@dataclass(frozen=True)
class Chains:
    """Lines along runs, ordered by run and place: ends, run, and the fraction of the run at which each begins."""

    first: IntArray
    second: IntArray
    run: IntArray
    from_fraction: FloatArray

    def line_at(self, run: IntArray, fraction: FloatArray) -> IntArray:
        """Give the line of a run that spans a fraction; the last one when the run ends before it."""
        key = self.run + np.clip(self.from_fraction, 0.0, 1 - 1e-6)
        line = np.searchsorted(key, run + np.clip(fraction, 0.0, 1 - 1e-6), side="right") - 1
        line_at: IntArray = np.maximum(line, np.searchsorted(self.run, run))
        return line_at


def chain(
    run: IntArray, fraction: FloatArray, point: IntArray, *, start: IntArray, end: IntArray
) -> Chains:  # fmt: skip
    """
    Join points along runs 0..n-1 in the order of their fractions.

    `start`, `end` (n,): the points at fractions 0 and 1; an `end` of -1 leaves the run ending at its last point.
    """
    runs = np.arange(len(start))
    closed = np.flatnonzero(end >= 0)
    all_run = np.concatenate([run, runs, closed])
    all_point = np.concatenate([point, start, end[closed]])
    at = np.concatenate([fraction, np.zeros(len(runs)), np.ones(len(closed))])
    rank = np.concatenate([np.ones(len(run)), np.zeros(len(runs)), np.full(len(closed), 2.0)])
    order = np.lexsort((at, rank, all_run))
    all_run, all_point, at = all_run[order], all_point[order], at[order]
    same = all_run[:-1] == all_run[1:]
    return Chains(all_point[:-1][same], all_point[1:][same], all_run[:-1][same], at[:-1][same])


@dataclass
class Survey:
    """
    Points, lines and runs, each a list of column chunks; ids are positions in the final columns.

    `road` is a street edge, or behind the last edge a community's lane; `parcel` of a run is the community it lies in
    or -1 in the street.
    """

    point_count: int = 0
    line_count: int = 0
    run_count: int = 0
    points: dict[str, list[np.ndarray]] = field(default_factory=dict)
    lines: dict[str, list[np.ndarray]] = field(default_factory=dict)
    runs: dict[str, list[np.ndarray]] = field(default_factory=dict)

    def add_points(self, place_xy: FloatArray, kind: int | IntArray, *, road: IntArray) -> IntArray:
        """Add points; gives their ids."""
        count = len(place_xy)
        _append(self.points, place_xy=place_xy, kind=np.array(np.broadcast_to(kind, (count,))), road=road)
        self.point_count += count
        return np.arange(self.point_count - count, self.point_count)

    def add_runs(self, kind: int, *, road: IntArray, parcel: IntArray | None = None) -> IntArray:
        """Add runs of pipe; gives their ids."""
        count = len(road)
        none = np.full(count, -1, dtype=np.int64)
        _append(self.runs, kind=np.full(count, kind), road=road, parcel=none if parcel is None else parcel)
        self.run_count += count
        return np.arange(self.run_count - count, self.run_count)

    def add_lines(self, first: IntArray, second: IntArray, run: IntArray) -> IntArray:
        """Add lines between points; gives their ids."""
        count = len(first)
        _append(self.lines, first=first, second=second, run=run)
        self.line_count += count
        return np.arange(self.line_count - count, self.line_count)

    def column(self, table: str, name: str) -> np.ndarray:
        """One whole column of `points`, `lines` or `runs`."""
        chunks: list[np.ndarray] = getattr(self, table)[name]
        if len(chunks) > 1:
            chunks[:] = [np.concatenate(chunks)]
        return chunks[0]


def _append(table: dict[str, list[np.ndarray]], **columns: np.ndarray) -> None:
    for name, values in columns.items():
        table.setdefault(name, []).append(np.asarray(values))
