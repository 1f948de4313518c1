"""Customers 用户: one meter a house in communities, one a parcel elsewhere, and what they draw at the peak hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.sample.pipes.communities import Yards
from gis.sample.pipes.mains import Mains
from gis.sample.settings import FloatArray, IntArray, parameters, stream
from gis.sample.town.buildings import Buildings
from gis.sample.town.land import Cells, Gates, Parcels
from gis.sample.town.streets import EAST, NORTH, SOUTH, WEST, Streets

SECONDS_A_YEAR = 365 * 86400.0
METER_DN = np.array([15, 20, 25, 40, 50, 80, 100, 150, 200])
METER_PEAK_M3H = np.array([1.6, 2.5, 4.0, 10.0, 16.0, 40.0, 63.0, 100.0, np.inf])
SURGE_OF_HOMES, SURGE_OF_OTHERS = 6.0, 3.0  # design second to peak hour, for choosing meters
DIRECT_STOREYS = 6  # higher ones have their own pumps


@dataclass(frozen=True)
class Customers:
    """
    One row a meter.

    `edge`, `edge_fraction`: the main that carries its water in the end; `lateral`, `line`: what it hangs on; `service_m`: length of its own pipe.
    """

    parcel: IntArray
    use: NDArray[np.object_]
    place_xy: FloatArray
    dwellings: IntArray
    storeys: IntArray
    annual_m3: FloatArray
    peak_m3s: FloatArray
    meter_dn: IntArray
    edge: IntArray
    edge_fraction: FloatArray
    lateral: IntArray
    line: IntArray
    service_m: FloatArray


def peak_share() -> float:
    """Peak-hour flow [m3/s] of one m3 a year."""
    p = parameters()["peak"]
    factor = float(p["daily_factor"] * p["hourly_factor"] * (1 + p["unaccounted"]))
    return factor / SECONDS_A_YEAR


def settle(
    streets: Streets, cells: Cells, parcels: Parcels, gates: Gates, buildings: Buildings,
    mains: Mains, yards: Yards, seed: int,
) -> Customers:  # fmt: skip
    """Give every house of a community and every other parcel its meter."""
    rng = stream(seed, "customers")
    homes = _homes(streets, cells, parcels, gates, buildings, yards, rng)
    public = _public(streets, cells, parcels, buildings, mains, rng)
    parcel, place, dwellings, storeys, annual, edge, fraction, lateral, line, service = (
        np.concatenate(pair) for pair in zip(homes, public, strict=True)
    )
    peak = annual * peak_share()
    surge = np.where(lateral >= 0, SURGE_OF_HOMES, SURGE_OF_OTHERS)
    meter = METER_DN[np.searchsorted(METER_PEAK_M3H, surge * 3600 * peak)]
    return Customers(
        parcel, parcels.use[parcel], place, dwellings, np.minimum(storeys, DIRECT_STOREYS), annual, peak, meter,
        edge, fraction, lateral, line, service,
    )  # fmt: skip


def _homes(
    streets: Streets, cells: Cells, parcels: Parcels, gates: Gates, buildings: Buildings,
    yards: Yards, rng: np.random.Generator,
) -> tuple[np.ndarray, ...]:  # fmt: skip
    house = np.flatnonzero(parcels.community[buildings.parcel])
    zone, parcel = buildings.zone[house], buildings.parcel[house]
    cell = parcels.cell[parcel]
    lateral = yards.first_lateral[zone] + buildings.line[house] // 2
    s, t = buildings.centre_share[house].T
    towards = np.sign(yards.lateral_share[lateral] - t)
    t_door = t + towards * (buildings.depth_m[house] / 2 + 0.8) / cells.height_m[cell]
    span = yards.lateral_end_share[lateral] - yards.lateral_start_share[lateral]
    fraction = np.clip((s - yards.lateral_start_share[lateral]) / span, 0.1, 0.99)
    old = parcels.built_year[parcel] < 1998
    p = parameters()["annual_m3"]
    each = np.where(old, p["residential_old"], p["residential_new"]) * rng.uniform(0.88, 1.12, len(house))
    gate = yards.lateral_gate[lateral]
    return (
        parcel,
        streets.lattice.place(cells.column[cell] + s, cells.row[cell] + t_door),
        buildings.dwellings[house], buildings.storeys[house],
        np.round(each * buildings.dwellings[house], 0),
        gates.edge[gate], gates.fraction[gate], lateral,
        yards.first_line + yards.laterals.line_at(lateral, fraction),
        np.abs(yards.lateral_share[lateral] - t_door) * cells.height_m[cell],
    )  # fmt: skip


def _public(
    streets: Streets,
    cells: Cells,
    parcels: Parcels,
    buildings: Buildings,
    mains: Mains,
    rng: np.random.Generator,
) -> tuple[np.ndarray, ...]:
    parcel = np.flatnonzero(~parcels.community & (cells.plan[parcels.cell] != "works"))
    cell = parcels.cell[parcel]
    floor_m2 = np.bincount(buildings.parcel, buildings.floor_m2, minlength=len(parcels.cell))[parcel]
    storeys = np.zeros(len(parcels.cell), dtype=np.int64)
    np.maximum.at(storeys, buildings.parcel, buildings.storeys)
    s0, s1, t0, t1 = parcels.rectangle_share[parcel].T
    ground_m2 = (s1 - s0) * cells.width_m[cell] * (t1 - t0) * cells.height_m[cell]
    quota = np.array([parameters()["annual_m3"][use] for use in parcels.use[parcel]])
    area_m2 = np.where(parcels.use[parcel] == "green", ground_m2, floor_m2)
    annual = np.round(np.maximum(60.0, area_m2 * quota * rng.uniform(0.6, 1.4, len(parcel))), 0)
    edge, share, place, across_m = _frontage(streets, cells, parcels, parcel)
    first, last = streets.main.first_fraction[edge], streets.main.last_fraction[edge]
    fraction = np.clip((share - first) / (last - first), 0.02, 0.98) * mains.reach_share[edge]
    none = np.full(len(parcel), -1, dtype=np.int64)
    line = mains.first_line + mains.chains.line_at(edge, fraction)
    zero = np.zeros(len(parcel), dtype=np.int64)
    return parcel, place, zero, storeys[parcel], annual, edge, fraction, none, line, across_m


def _frontage(
    streets: Streets, cells: Cells, parcels: Parcels, parcel: IntArray
) -> tuple[IntArray, FloatArray, FloatArray, FloatArray]:
    """The street a parcel is served from, the place along it, the meter's position and its distance to the main."""
    cell = parcels.cell[parcel]
    inner = cells.inner_share[cell]
    rectangle = parcels.rectangle_share[parcel]
    touching = np.abs(rectangle[:, [2, 3, 0, 1]] - inner[:, [2, 3, 0, 1]]) < 1e-9
    sides = streets.side_edge[cells.number[cell]]
    preference = 2.0 * touching + np.array([0.3, 0.2, 0.1, 0.0]) - 10.0 * (sides < 0)
    side = np.argmax(preference, axis=1)
    rows = np.arange(len(parcel))
    edge = sides[rows, side]
    s, t = rectangle[:, :2].mean(axis=1), rectangle[:, 2:].mean(axis=1)
    share = np.where(np.isin(side, [SOUTH, NORTH]), s, t)
    s_door = np.where(side == WEST, rectangle[:, 0], np.where(side == EAST, rectangle[:, 1], s))
    t_door = np.where(side == SOUTH, rectangle[:, 2], np.where(side == NORTH, rectangle[:, 3], t))
    place = streets.lattice.place(cells.column[cell] + s_door, cells.row[cell] + t_door)
    across = np.linalg.norm(place - streets.beside(edge, share, streets.main.offset_m[edge]), axis=1)
    return edge, share, place, across
