"""The register of pipes: DN, material, year and depth of every run, and of every line that deviates from its run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.sample.consumers import Customers
from gis.sample.pipes.communities import Yards
from gis.sample.pipes.mains import Mains
from gis.sample.pipes.materials import lining_of, material_of
from gis.sample.pipes.sizing import Sizes, size_by_flow
from gis.sample.pipes.survey import ABANDONED, INTAKE, LEAD, LINK, MAIN, STUB, TRUNK, Survey
from gis.sample.settings import SECONDARY, FloatArray, IntArray, parameters, stream
from gis.sample.town.streets import Streets

COVER_M = {TRUNK: (1.5, 2.0), INTAKE: (1.5, 2.0), LINK: (1.3, 1.7), MAIN: (1.0, 1.45), ABANDONED: (1.0, 1.5)}
SHALLOW_M = (0.8, 1.1)


@dataclass(frozen=True)
class Runs:
    """What is known of each run of equal pipe; `role` is a code of pipes.role, `status` of pipes.status."""

    kind: IntArray
    road: IntArray
    dn: IntArray
    material: NDArray[np.object_]
    lining: NDArray[np.object_]
    year: IntArray
    laid_on: NDArray[np.object_]
    cover_m: FloatArray
    role: NDArray[np.object_]


def describe_runs(
    survey: Survey, streets: Streets, customers: Customers, mains: Mains, yards: Yards, sizes: Sizes, *,
    skeleton_year: IntArray, yard_year: IntArray, draw_share: FloatArray, seed: int,
) -> Runs:  # fmt: skip
    """
    Give every run its size, year, material, depth and role.

    `skeleton_year` (skeleton edges), `yard_year` (parcels): when pipes there were laid; `draw_share` (skeleton edges)
    is the draw the material of mains was chosen with.
    """
    rng = stream(seed, "runs")
    kind, road, parcel = (survey.column("runs", name) for name in ("kind", "road", "parcel"))
    year = np.where(parcel >= 0, yard_year[parcel], 0)
    in_street = parcel < 0
    year[in_street] = skeleton_year[: len(streets.start)][road[in_street]]
    draw = rng.random(len(kind))
    dn = np.full(len(kind), 100, dtype=np.int64)
    for run_kind, edges in _skeleton_ranges(kind):
        rows = np.flatnonzero(kind == run_kind)
        dn[rows], year[rows], draw[rows] = sizes.dn[edges], skeleton_year[edges], draw_share[edges]
    dn[yards.lateral_run] = _lateral_dn(customers, len(yards.lateral_run))
    dn[yards.spine_run] = _spine_dn(customers, yards)
    dn[mains.stub_run] = _stub_dn(rng, dn[np.flatnonzero(kind == MAIN)[mains.stub_edge]])
    material = material_of(dn, year, draw)
    _flanged(material, kind, dn, year)
    month, day = rng.integers(3, 12, len(kind)), rng.integers(1, 29, len(kind))
    laid = [
        f"{y}-{m:02d}-{d:02d}" for y, m, d in zip(year.tolist(), month.tolist(), day.tolist(), strict=True)
    ]
    return Runs(
        kind, road, dn, material, lining_of(material, year, rng.random(len(kind))), year,
        np.array(laid, dtype=object), _cover_m(kind, rng), _roles(kind, road, streets),
    )  # fmt: skip


def _flanged(material: NDArray[np.object_], kind: IntArray, dn: IntArray, year: IntArray) -> None:
    """Hydrant leads and capped ends are flanged iron or steel: plastic would read De in one table and DN in the other."""
    plastic = np.isin(material.astype(str), ["PE", "PVC"]) & np.isin(kind, [LEAD, STUB])
    small = np.where(year < 1999, "GS", "SP")
    material[plastic] = np.where(dn >= 100, "DI", small)[plastic]


def _skeleton_ranges(kind: IntArray) -> list[tuple[int, IntArray]]:
    """Edges of the skeleton that each kind of run follows, in its order."""
    ranges, start = [], 0
    for run_kind in (MAIN, TRUNK, LINK, INTAKE):
        count = int((kind == run_kind).sum())
        ranges.append((run_kind, np.arange(start, start + count)))
        start += count
    return ranges


def _lateral_dn(customers: Customers, laterals: int) -> IntArray:
    p = parameters()["sizing"]
    home = customers.lateral >= 0
    flow = np.bincount(customers.lateral[home], customers.peak_m3s[home], minlength=laterals)
    series = np.array(p["lateral_dn"])
    return size_by_flow(flow, dn=series, velocity_mps=np.full(len(series), p["branch_velocity_mps"]))


def _spine_dn(customers: Customers, yards: Yards) -> IntArray:
    p = parameters()["sizing"]
    home = customers.lateral >= 0
    gate = yards.lateral_gate[customers.lateral[home]]
    flow = np.bincount(gate, customers.peak_m3s[home], minlength=len(yards.spine_run))
    series = np.array(p["spine_dn"])
    return size_by_flow(flow, dn=series, velocity_mps=np.full(len(series), p["branch_velocity_mps"]))


def _stub_dn(rng: np.random.Generator, main_dn: IntArray) -> IntArray:
    p = parameters()["tapoff"]
    wish = rng.choice(p["dn"], size=len(main_dn), p=p["dn_share"])
    largest = np.where(main_dn <= 100, 80, np.where(main_dn <= 150, 100, 200))
    return np.minimum(wish, largest)


def _cover_m(kind: IntArray, rng: np.random.Generator) -> FloatArray:
    low, high = (
        np.array([COVER_M.get(k, SHALLOW_M)[side] for k in range(int(kind.max()) + 1)])[kind]
        for side in (0, 1)
    )
    return low + (high - low) * rng.random(len(kind))


def _roles(kind: IntArray, road: IntArray, streets: Streets) -> NDArray[np.object_]:
    role = np.full(len(kind), "distribution", dtype=object)
    role[np.isin(kind, [TRUNK, LINK, INTAKE])] = "transmission"
    mains = np.flatnonzero(np.isin(kind, [MAIN, ABANDONED]))
    role[mains[streets.street_class[road[mains]] <= SECONDARY]] = "main"
    return role
