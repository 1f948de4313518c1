"""Buildings in rows on the parcels, with storeys, dwellings and what they use in a year."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.sample.settings import BoolArray, FloatArray, IntArray, parameters, stream, within_group
from gis.sample.town.land import Cells, Gates, Parcels

INSET_M = 5.0  # building to red line
LANE_M = 7.0  # building to the middle of a community's lane


@dataclass(frozen=True)
class Zones:
    """
    One row a rectangle to be filled with buildings: a parcel, or one side of a community's lane.

    `gate` is a row of Gates or -1; `east` tells the two sides of a lane apart; rows are counted from the gate.
    """

    parcel: IntArray
    gate: IntArray
    east: BoolArray
    rectangle_share: FloatArray
    kind: NDArray[np.object_]
    face_m: FloatArray
    depth_m: FloatArray
    columns: IntArray
    rows: IntArray


@dataclass(frozen=True)
class Buildings:
    """One row a building; `line` counts its row from the gate, `centre_share` (n, 2) is in its cell."""

    zone: IntArray
    parcel: IntArray
    line: IntArray
    centre_share: FloatArray
    face_m: FloatArray
    depth_m: FloatArray
    storeys: IntArray
    dwellings: IntArray
    floor_m2: FloatArray


def lay_zones(cells: Cells, parcels: Parcels, gates: Gates) -> Zones:
    """Rectangles to build on, with as many columns and rows of buildings as fit."""
    plain = np.flatnonzero(
        ~parcels.community & (parcels.use != "green") & (cells.plan[parcels.cell] != "works")
    )
    sides = [_lane_side(cells, parcels, gates, east=east) for east in (False, True)]
    parcel = np.concatenate([plain, gates.parcel, gates.parcel])
    count = len(gates.parcel)
    gate = np.concatenate([np.full(len(plain), -1), np.arange(count), np.arange(count)])
    east = np.concatenate([np.zeros(len(plain) + count, dtype=np.bool_), np.ones(count, dtype=np.bool_)])
    rectangle = np.concatenate([parcels.rectangle_share[plain], *sides])
    kind = parcels.use[parcel].copy()
    homes, year = parcels.community[parcel], parcels.built_year[parcel]
    kind[homes] = np.where(year < 1998, "old", np.where(year < 2006, "middle", "new"))[homes]
    cell = parcels.cell[parcel]
    return _fitted(parcel, gate, east, rectangle, kind, cells.width_m[cell], cells.height_m[cell])


def _lane_side(cells: Cells, parcels: Parcels, gates: Gates, *, east: bool) -> FloatArray:
    rectangle = parcels.rectangle_share[gates.parcel].copy()
    lane = LANE_M / cells.width_m[parcels.cell[gates.parcel]]
    if east:
        rectangle[:, 0] = gates.lane_share + lane
    else:
        rectangle[:, 1] = gates.lane_share - lane
    return rectangle


def _fitted(
    parcel: IntArray, gate: IntArray, east: BoolArray, rectangle_share: FloatArray, kind: NDArray[np.object_],
    width_m: FloatArray, height_m: FloatArray,
) -> Zones:  # fmt: skip
    table: dict[str, Any] = parameters()["building"]
    face, depth, gap_x, gap_y, most = (
        np.array([table[k][key] for k in kind], dtype=np.float64)
        for key in ("face_m", "depth_m", "gap_x_m", "gap_y_m", "most")
    )
    # Beside a lane only the outer side keeps the distance to the red line.
    inset = np.where(gate >= 0, INSET_M / 2, INSET_M)
    span_x = (rectangle_share[:, 1] - rectangle_share[:, 0]) * width_m - 2 * inset
    span_y = (rectangle_share[:, 3] - rectangle_share[:, 2]) * height_m - 2 * INSET_M
    face, depth = np.minimum(face, span_x), np.minimum(depth, span_y)
    columns = np.maximum(1, np.floor((span_x + gap_x) / (face + gap_x)))
    rows = np.clip(np.floor((span_y + gap_y) / (depth + gap_y)), 1, np.maximum(1, most // columns))
    columns = np.minimum(columns, most)
    usable = (span_x >= 12.0) & (span_y >= 9.0)
    zones = Zones(
        parcel,
        gate,
        east,
        rectangle_share,
        kind,
        face,
        depth,
        columns.astype(np.int64),
        rows.astype(np.int64),
    )
    return replace(zones, **{f.name: getattr(zones, f.name)[usable] for f in fields(zones)})


def put_up(cells: Cells, parcels: Parcels, gates: Gates, zones: Zones, seed: int) -> Buildings:
    """Fill the zones; every community's buildings are alike, as one developer would leave them."""
    rng = stream(seed, "buildings")
    zone = np.repeat(np.arange(len(zones.parcel)), zones.columns * zones.rows)
    rank = within_group(zones.columns * zones.rows)
    line, place = np.divmod(rank, zones.columns[zone])
    parcel = zones.parcel[zone]
    cell = parcels.cell[parcel]
    s0, s1 = zones.rectangle_share[zone, 0], zones.rectangle_share[zone, 1]
    s = s0 + (s1 - s0) * (place + 0.5) / zones.columns[zone]
    t = row_share(cells, parcels, gates, zones, zone=zone, line=line)
    s = np.clip(
        s,
        s0 + (zones.face_m[zone] / 2 + 2) / cells.width_m[cell],
        s1 - (zones.face_m[zone] / 2 + 2) / cells.width_m[cell],
    )
    storeys = _storeys(zones, rng)[zone]
    floor_m2 = 0.88 * zones.face_m[zone] * zones.depth_m[zone] * storeys
    kinds = parameters()["building"]
    dwelling = np.array([kinds[k].get("dwelling_m2", np.inf) for k in zones.kind])[zone]
    kept = (rng.random(len(zone)) > 0.06) | (line == 0)
    buildings = Buildings(
        zone, parcel, line, np.column_stack([s, t]), zones.face_m[zone], zones.depth_m[zone],
        storeys, np.floor(floor_m2 / dwelling).astype(np.int64), floor_m2,
    )  # fmt: skip
    return replace(buildings, **{f.name: getattr(buildings, f.name)[kept] for f in fields(buildings)})


def row_share(
    cells: Cells, parcels: Parcels, gates: Gates, zones: Zones, *, zone: IntArray, line: IntArray
) -> FloatArray:
    """Where in the cell, south to north, the middle of a zone's row of buildings lies; rows count from the gate."""
    height_m = cells.height_m[parcels.cell[zones.parcel[zone]]]
    t0, t1 = zones.rectangle_share[zone, 2], zones.rectangle_share[zone, 3]
    low = t0 + (INSET_M + zones.depth_m[zone] / 2) / height_m
    high = t1 - (INSET_M + zones.depth_m[zone] / 2) / height_m
    steps = np.maximum(zones.rows[zone] - 1, 1)
    along = np.where(zones.rows[zone] == 1, 0.5, line / steps)
    north = (
        (zones.gate[zone] >= 0) & gates.from_north[zones.gate[zone]]
        if len(gates.parcel)
        else np.zeros(len(zone), bool)
    )
    return np.where(north, high - along * (high - low), low + along * (high - low))


def _storeys(zones: Zones, rng: np.random.Generator) -> IntArray:
    """Storeys by zone; the two sides of one community are equal because they draw from the parcel's number."""
    draw = rng.random(int(zones.parcel.max(initial=0)) + 1)
    choices = parameters()["building"]
    storeys = [choices[k]["storeys"] for k in zones.kind]
    return np.array(
        [s[int(draw[p] * len(s))] for s, p in zip(storeys, zones.parcel.tolist(), strict=True)],
        dtype=np.int64,
    )
