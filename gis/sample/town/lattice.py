"""The street plan before it has streets: crossing lines of uneven spacing, bent and jittered, and the part that is built."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gis.sample.settings import (
    ARTERIAL,
    BRANCH,
    EXPRESSWAY,
    SECONDARY,
    BoolArray,
    FloatArray,
    IntArray,
    parameters,
    stream,
    street_values,
)


@dataclass(frozen=True)
class Lattice:
    """
    `columns` x `rows` cells between lines; lattice coordinates (u, v) run 0..columns and 0..rows.

    Attributes
    ----------
    waves_m
        Bends of the whole plan: amplitude, length [m], phase, shape (n, 3).
    column_class, row_class
        Street class of the lines u = 0..columns and v = 0..rows.
    column_width_m, row_width_m
        Width between kerbs of those lines.
    column_main_m, row_main_m
        Signed distance of the water main from the centre line (east and north positive).
    order
        Cells in the order the city grew: the first M of them are built.
    """

    columns: int
    rows: int
    column_x: FloatArray
    row_y: FloatArray
    jitter_m: FloatArray
    waves_m: FloatArray
    rotation_deg: float
    origin_xy: tuple[float, float]
    column_class: IntArray
    row_class: IntArray
    column_width_m: FloatArray
    row_width_m: FloatArray
    column_main_m: FloatArray
    row_main_m: FloatArray
    order: IntArray

    def place(self, u_x: FloatArray, v_y: FloatArray) -> FloatArray:
        """Easting and northing of lattice coordinates, shape (n, 2); a little outside the lattice is allowed."""
        i = np.clip(np.floor(u_x).astype(np.int64), 0, self.columns - 1)
        j = np.clip(np.floor(v_y).astype(np.int64), 0, self.rows - 1)
        s, t = (u_x - i)[:, None], (v_y - j)[:, None]
        plain = np.column_stack(
            [
                self.column_x[i] + s[:, 0] * (self.column_x[i + 1] - self.column_x[i]),
                self.row_y[j] + t[:, 0] * (self.row_y[j + 1] - self.row_y[j]),
            ]
        )
        jitter_m = (
            self.jitter_m[i, j] * (1 - s) * (1 - t)
            + self.jitter_m[i + 1, j] * s * (1 - t)
            + self.jitter_m[i, j + 1] * (1 - s) * t
            + self.jitter_m[i + 1, j + 1] * s * t
        )
        return self._bent(plain + jitter_m)

    def _bent(self, plain_xy: FloatArray) -> FloatArray:
        x, y = plain_xy[:, 0], plain_xy[:, 1]
        for amplitude, length, phase in self.waves_m:
            k = 2 * np.pi / length
            x, y = x + amplitude * np.sin(k * y + phase), y + amplitude * np.sin(k * x + 1.7 * phase)
        angle = np.radians(self.rotation_deg)
        turned = np.column_stack([
            x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
        ])  # fmt: skip
        return turned + np.array(self.origin_xy)


def lay_lattice(seed: int, *, cells: int, origin_xy: tuple[float, float]) -> Lattice:
    """Lay a lattice with room for `cells` built cells."""
    p, rng = parameters()["lattice"], stream(seed, "lattice")
    columns = max(4, int(np.ceil(np.sqrt(1.45 * cells * 1.2))))
    rows = max(4, int(np.ceil(1.45 * cells / columns)))
    column_class, row_class = _line_classes(rng, columns), _line_classes(rng, rows)
    column_x, row_y = _line_positions(rng, columns), _line_positions(rng, rows)
    pitch = np.array([np.diff(column_x).mean(), np.diff(row_y).mean()])
    jitter = rng.uniform(-1, 1, (columns + 1, rows + 1, 2)) * p["jitter"] * pitch
    waves = np.array([[*wave, rng.uniform(0, 2 * np.pi)] for wave in p["waves"]])
    column_width, row_width = _widths(rng, column_class), _widths(rng, row_class)
    return Lattice(
        columns, rows, column_x, row_y, jitter, waves, p["rotation_deg"], origin_xy,
        column_class, row_class, column_width, row_width,
        _main_offsets(rng, column_class, column_width), _main_offsets(rng, row_class, row_width),
        _growth_order(rng, column_x, row_y),
    )  # fmt: skip


def _line_classes(rng: np.random.Generator, lines: int) -> IntArray:
    """Arterials every few lines from the middle outwards, a secondary street between two of them."""
    p = parameters()["lattice"]
    classes = np.full(lines + 1, BRANCH, dtype=np.int64)
    middle = lines // 2
    for step in (1, -1):
        at, count = middle, 0
        while 0 <= at <= lines:
            fast = count % p["expressway_every"] == p["expressway_every"] - 1
            classes[at] = EXPRESSWAY if fast and lines >= p["expressway_from_cells"] else ARTERIAL
            gap = int(rng.choice(p["arterial_gap"], p=p["arterial_gap_share"]))
            if 0 <= at + step * (gap // 2) <= lines:
                classes[at + step * (gap // 2)] = SECONDARY
            at, count = at + step * gap, count + 1
    return classes


def _line_positions(rng: np.random.Generator, lines: int) -> FloatArray:
    low, high = parameters()["lattice"]["spacing_m"]
    outward = np.abs(np.arange(lines) + 0.5 - lines / 2) / (lines / 2)
    spacing = low + (high - low) * np.clip(0.25 + 0.45 * outward + rng.uniform(-0.3, 0.3, lines), 0, 1)
    edges = np.concatenate([[0.0], np.cumsum(spacing)])
    return edges - edges[-1] / 2


def _widths(rng: np.random.Generator, classes: IntArray) -> FloatArray:
    streets = list(parameters()["street"].values())
    low = np.array([s["width_m"][0] for s in streets])[classes]
    high = np.array([s["width_m"][1] for s in streets])[classes]
    return np.round(low + (high - low) * rng.random(len(classes)), 1)


def _main_offsets(rng: np.random.Generator, classes: IntArray, width_m: FloatArray) -> FloatArray:
    side = np.where(rng.random(len(classes)) < 0.5, -1.0, 1.0)
    return side * (width_m / 2 - street_values("kerb_m")[classes])


def _growth_order(rng: np.random.Generator, column_x: FloatArray, row_y: FloatArray) -> IntArray:
    """Cells by distance from the middle, farther in some directions: the built part is no rectangle."""
    x, y = np.meshgrid((column_x[:-1] + column_x[1:]) / 2, (row_y[:-1] + row_y[1:]) / 2, indexing="ij")
    angle = np.arctan2(y / row_y[-1], x / column_x[-1])
    bulge = 1 + sum(
        size * np.sin(k * angle + rng.uniform(0, 2 * np.pi))
        for k, size in ((1, 0.05), (2, 0.10), (3, 0.06), (5, 0.03))
    )
    return np.argsort((np.hypot(x / column_x[-1], y / row_y[-1]) / bulge).ravel(), kind="stable")


def built_cells(lattice: Lattice, count: int) -> BoolArray:
    """Mask (columns, rows) of the first `count` cells that hang together with the middle one."""
    from scipy.ndimage import label

    mask = np.zeros(lattice.columns * lattice.rows, dtype=np.bool_)
    mask[lattice.order[:count]] = True
    parts, _ = label(mask.reshape(lattice.columns, lattice.rows))
    heart = lattice.order[0]
    kept: BoolArray = parts == parts.ravel()[heart]
    return kept
