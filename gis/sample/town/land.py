"""What the blocks are used for: the cells between streets, cut into parcels, and the communities' entrances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.sample.settings import BoolArray, FloatArray, IntArray, drawn, parameters, stream, street_values
from gis.sample.town.streets import EAST, NORTH, SOUTH, WEST, Streets

TIGHT_M = 2.5  # margin towards the other half of the same block


@dataclass(frozen=True)
class Cells:
    """
    One row a built cell; `inner_share` (n, 4) are the red lines' s0, s1, t0, t1 inside the lattice cell.

    `plan` is a key of [land] plan, or `works` for the ground of a plant or pumping station.
    """

    number: IntArray
    column: IntArray
    row: IntArray
    width_m: FloatArray
    height_m: FloatArray
    inner_share: FloatArray
    built_year: IntArray
    plan: NDArray[np.object_]


@dataclass(frozen=True)
class Parcels:
    """One row a parcel, ordered by cell: its rectangle inside the cell and its use; `cell` is a row of Cells."""

    cell: IntArray
    rectangle_share: FloatArray
    use: NDArray[np.object_]
    community: BoolArray
    built_year: IntArray


@dataclass(frozen=True)
class Gates:
    """One row a community: where its pipe leaves the street's main and on which side of the cell that is."""

    parcel: IntArray
    edge: IntArray
    fraction: FloatArray
    lane_share: FloatArray
    from_north: BoolArray


def slots(streets: Streets) -> IntArray:
    """Parts of each street edge: one hydrant in the middle of each, so that none are farther apart than allowed."""
    spacing_m = parameters()["hydrant"]["spacing_m"]
    return np.maximum(1, np.ceil(streets.length_m / spacing_m)).astype(np.int64)


def lay_cells(streets: Streets, built: BoolArray, seed: int, *, works: IntArray) -> Cells:
    """Give every built cell its margins, age and plan; `works` are the cells of the sources."""
    lattice, rng = streets.lattice, stream(seed, "cells")
    number = np.flatnonzero(built.ravel())
    column, row = np.divmod(number, lattice.rows)
    corners = [lattice.place(column + a, row + b) for a, b in ((0, 0), (1, 0), (1, 1), (0, 1))]
    south, east, north, west = (np.linalg.norm(corners[k] - corners[k - 3], axis=1) for k in range(4))
    width_m, height_m = (south + north) / 2, (east + west) / 2
    inner_share = _margins(streets, number, width_m, height_m)
    year, outward = _years(np.mean(corners, axis=0), rng)
    plan = drawn(rng, parameters()["land"]["plan"], len(number))
    outer = drawn(rng, parameters()["land"]["plan_outer"], len(number))
    plan = np.where(outward > 0.7, outer, plan)
    gated = (streets.side_edge[number][:, [SOUTH, NORTH]] >= 0).any(axis=1)
    plan[~gated & np.isin(plan, ["community", "mixed"])] = "public"
    narrow = (inner_share[:, 1] - inner_share[:, 0]) * width_m < 150.0
    plan[narrow & (plan == "mixed")] = "community"
    plan[np.isin(number, works)] = "works"
    return Cells(number, column, row, width_m, height_m, inner_share, year, plan)


def _margins(streets: Streets, number: IntArray, width_m: FloatArray, height_m: FloatArray) -> FloatArray:
    setback = street_values("setback_m")
    edge = streets.side_edge[number]
    margin_m = np.where(edge >= 0, streets.width_m[edge] / 2 + setback[streets.street_class[edge]], TIGHT_M)
    return np.column_stack([
        margin_m[:, WEST] / width_m, 1 - margin_m[:, EAST] / width_m,
        margin_m[:, SOUTH] / height_m, 1 - margin_m[:, NORTH] / height_m,
    ])  # fmt: skip


def _years(place_xy: FloatArray, rng: np.random.Generator) -> tuple[IntArray, FloatArray]:
    """Year built, later outwards; and how far out, 0..1."""
    p = parameters()["age"]
    heart = place_xy.mean(axis=0) + rng.uniform(-0.15, 0.15, 2) * np.ptp(place_xy, axis=0)
    far = np.linalg.norm(place_xy - heart, axis=1)
    outward = far / max(far.max(), 1.0)
    span = p["newest_year"] - p["oldest_year"]
    year = p["oldest_year"] + span * outward ** p["shape"] + rng.normal(0, p["noise_years"], len(far))
    rebuilt = (rng.random(len(far)) < p["redeveloped_share"]) & (year < 2000)
    year = np.where(rebuilt, rng.uniform(2004, 2022, len(far)), year)
    return np.clip(np.round(year), 1956, p["newest_year"]).astype(np.int64), outward


def cut_parcels(cells: Cells, seed: int) -> Parcels:
    """Cut the cells into parcels by their plan."""
    rng = stream(seed, "parcels")
    count = len(cells.number)
    s0, s1, t0, t1 = cells.inner_share.T
    first = s0 + (s1 - s0) * np.where(
        cells.plan == "mixed", rng.uniform(0.56, 0.66, count), rng.uniform(0.4, 0.6, count)
    )
    mirrored = rng.random(count) < 0.5
    first = np.where(mirrored & (cells.plan == "mixed"), s0 + s1 - first, first)
    cross = t0 + (t1 - t0) * rng.uniform(0.4, 0.6, (count, 2)).T
    halved = rng.random((2, count)) < 0.6
    gap_s, gap_t = 1.5 / cells.width_m, 1.5 / cells.height_m
    parts: list[tuple[IntArray, FloatArray, BoolArray]] = []
    whole = ~np.isin(cells.plan, ["mixed", "public"])
    parts.append(_part(whole, [s0, s1, t0, t1], cells.plan == "community"))
    for half, (a, b) in enumerate(((s0, first - gap_s), (first + gap_s, s1))):
        homes = (cells.plan == "mixed") & (mirrored == bool(half))
        public = (cells.plan == "public") | ((cells.plan == "mixed") & ~homes)
        parts.append(_part(homes, [a, b, t0, t1], homes))
        parts.append(_part(public & ~halved[half], [a, b, t0, t1], homes))
        parts.append(_part(public & halved[half], [a, b, t0, cross[half] - gap_t], homes))
        parts.append(_part(public & halved[half], [a, b, cross[half] + gap_t, t1], homes))
    return _parcels(cells, rng, parts)


def _part(
    mask: BoolArray, rectangle_share: list[FloatArray], community: BoolArray
) -> tuple[IntArray, FloatArray, BoolArray]:
    rows = np.flatnonzero(mask)
    return rows, np.column_stack(rectangle_share)[rows], community[rows]


def _parcels(
    cells: Cells, rng: np.random.Generator, parts: list[tuple[IntArray, FloatArray, BoolArray]]
) -> Parcels:
    cell, rectangle, community = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((rectangle[:, 2], rectangle[:, 0], cell))
    cell, rectangle, community = cell[order], rectangle[order], community[order]
    use = drawn(rng, parameters()["land"]["public_use"], len(cell))
    for plan, fixed in (("industry", "industry"), ("green", "green"), ("works", "other")):
        use[cells.plan[cell] == plan] = fixed
    use[community] = "residential"
    drift = np.where(community, 0, rng.integers(-3, 9, len(cell)))
    year = np.minimum(cells.built_year[cell] + drift, parameters()["age"]["newest_year"])
    return Parcels(cell, rectangle, use, community, year)


def open_gates(streets: Streets, cells: Cells, parcels: Parcels, seed: int) -> Gates:
    """Choose each community's side and the place where its pipe leaves the main, clear of everything else there."""
    rng = stream(seed, "gates")
    parcel = np.flatnonzero(parcels.community)
    sides = streets.side_edge[cells.number[parcels.cell[parcel]]]
    from_north = np.where(sides[:, SOUTH] < 0, True, (sides[:, NORTH] >= 0) & (rng.random(len(parcel)) < 0.5))
    edge = np.where(from_north, sides[:, NORTH], sides[:, SOUTH])
    middle = parcels.rectangle_share[parcel][:, :2].mean(axis=1)
    first, last = streets.main.first_fraction[edge], streets.main.last_fraction[edge]
    parts = slots(streets)[edge]
    # Two cells share the edge: each has its own places, between hydrants, bends and reserved tap-offs.
    base = np.where(from_north, 0.28, 0.22)
    half_slots = np.round(((middle - first) / (last - first) * parts - base) * 2)
    fraction = (np.clip(half_slots, 0, 2 * parts - 1) / 2 + base) / parts
    return Gates(parcel, edge, fraction, streets.share(edge, fraction), from_north)
