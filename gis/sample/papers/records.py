"""What has happened and is planned: breaks and leaks, road works, community renovations, measured pressures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.sample.papers.register import Register, line_lengths
from gis.sample.pipes.pipework import Runs
from gis.sample.pipes.survey import LEAD, STUB
from gis.sample.settings import BRANCH, BoolArray, FloatArray, IntArray, drawn, names, parameters, stream
from gis.sample.town.land import Gates, Parcels
from gis.sample.town.streets import Streets

MONTHS = np.array([15, 12, 8, 7, 6, 6, 7, 7, 6, 7, 9, 13], dtype=np.float64)


@dataclass(frozen=True)
class Breaks:
    """One row a record; `line` is where it happened, `recorded` whether the record says so."""

    line: IntArray
    place_xy: FloatArray
    kind: NDArray[np.object_]
    occurred_on: NDArray[np.object_]
    cause: NDArray[np.object_]
    material: NDArray[np.object_]
    recorded: BoolArray


def past_breaks(register: Register, runs: Runs, seed: int) -> Breaks:
    """Draw breaks and leaks from rates by material and age; some streets have far more than others."""
    p, rng = parameters()["breaks"], stream(seed, "breaks")
    first_year, last_year = p["years"]
    run = register.run
    expected = _expected(register, runs)
    # Bad bedding, one crew, heavy traffic: what breaks once breaks again, so a whole run shares its luck.
    luck = rng.gamma(p["cluster_shape"], 1 / p["cluster_shape"], len(runs.dn))
    breaks = rng.poisson(expected * luck[run])
    leaks = rng.poisson(expected * luck[run] * p["leak_per_break"])
    line = np.concatenate([np.repeat(np.arange(len(run)), breaks), np.repeat(np.arange(len(run)), leaks)])
    kind = np.repeat(np.array(["break", "leak"], dtype=object), [breaks.sum(), leaks.sum()])
    count = len(line)
    begin = np.maximum(first_year, runs.year[run[line]] + 1)
    year = begin + np.floor((last_year + 1 - begin) * rng.random(count)).astype(np.int64)
    month = rng.choice(12, size=count, p=MONTHS / MONTHS.sum()) + 1
    day = rng.integers(1, 29, count)
    a, b = register.place_xy[register.first[line]], register.place_xy[register.second[line]]
    off = np.clip(rng.normal(0, p["position_noise_m"], (count, 2)), -2.0, 2.0)
    place = a + rng.random((count, 1)) * (b - a) + off
    order = np.lexsort((line, day, month, year))
    dates = [
        f"{y}-{m:02d}-{d:02d}" for y, m, d in zip(year.tolist(), month.tolist(), day.tolist(), strict=True)
    ]
    material = runs.material[run[line]]
    recorded = rng.random(count) >= p["without_pipe"]
    return Breaks(
        line[order], np.round(place, 3)[order], kind[order], np.array(dates, dtype=object)[order],
        _causes(material, rng)[order], material[order], recorded[order],
    )  # fmt: skip


def _expected(register: Register, runs: Runs) -> FloatArray:
    """Breaks expected on each line over the years of the record."""
    p = parameters()["breaks"]
    first_year, last_year = p["years"]
    rate = np.array([p["rate"][code] for code in runs.material])
    years = np.maximum(0, last_year + 1 - np.maximum(first_year, runs.year + 1))
    middle_age = np.maximum(1.0, (last_year + np.maximum(first_year, runs.year + 1)) / 2 - runs.year)
    usual_age = np.array([p["usual_age_years"][code] for code in runs.material])
    per_m = rate / 1e5 * years * (middle_age / usual_age) ** p["age_power"]
    counted = register.shown & ~register.abandoned & ~np.isin(runs.kind[register.run], [STUB, LEAD])
    expected: FloatArray = per_m[register.run] * line_lengths(register) * counted
    return expected


def _causes(material: NDArray[np.object_], rng: np.random.Generator) -> NDArray[np.object_]:
    causes = parameters()["breaks"]["causes"]
    draw = rng.random(len(material)).tolist()
    picked = [causes.get(m, causes["other"]) for m in material]
    return np.array(
        [options[int(u * len(options))] for options, u in zip(picked, draw, strict=True)], dtype=object
    )


@dataclass(frozen=True)
class Roads:
    """Dates of the street edges, and the works on them: `works` are rows with edges in order along the street."""

    opened_on: NDArray[np.object_]
    paved_on: NDArray[np.object_]
    works: list[dict[str, Any]]


def road_history(
    streets: Streets, opened_year: IntArray, road_names: NDArray[np.object_], seed: int
) -> Roads:
    """Opening and overhaul dates of all streets, and road works past and planned."""
    p, rng = parameters()["road_works"], stream(seed, "roads")
    count = len(streets.start)
    month, day = rng.integers(4, 12, (2, count)), rng.integers(1, 29, (2, count))
    opened = np.array(
        [f"{y}-{m:02d}-{d:02d}" for y, m, d in zip(opened_year, month[0], day[0], strict=True)], dtype=object
    )
    again = np.maximum(opened_year + 8, rng.integers(1996, 2026, count))
    worn = (
        (opened_year < 2012)
        & (again < 2026)
        & (rng.random(count) < np.where(streets.street_class < BRANCH, 0.85, 0.5))
    )
    paved = np.array(
        [f"{y}-{m:02d}-{d:02d}" for y, m, d in zip(again, month[1], day[1], strict=True)], dtype=object
    )
    paved[~worn] = None
    works = _works(streets, road_names, rng, max(6, round(p["per_edge"] * count)))
    for work in works:
        if work["status"] == "done" and work["kind"] != "utility":
            edges = work["edges"]
            (paved if work["kind"] == "overhaul" else opened)[edges] = work["ends_on"]
            if work["kind"] != "overhaul":
                paved[edges] = None
    return Roads(opened, paved, works)


def _works(
    streets: Streets, road_names: NDArray[np.object_], rng: np.random.Generator, count: int
) -> list[dict[str, Any]]:
    p, owners = parameters()["road_works"], names()["owners"]
    next_edge = _next_edges(streets)
    kinds = drawn(rng, p["kinds"], count)
    first, last = p["years"]
    works = []
    begins = rng.choice(len(streets.start), size=min(count, len(streets.start)), replace=False)
    for number, edge in enumerate(begins.tolist()):
        edges = [edge]
        for _ in range(int(rng.integers(0, 4))):
            following = int(next_edge[edges[-1]])
            if following < 0 or road_names[following] != road_names[edge]:
                break
            edges.append(following)
        year, month = int(rng.integers(first, last + 1)), int(rng.integers(3, 10))
        start = np.datetime64(f"{year}-{month:02d}-01")
        end = start + np.timedelta64(int(rng.integers(45, 300)), "D")
        kind = str(kinds[number])
        owner = owners["utility_works" if kind == "utility" else "roads"]
        cancelled = rng.random() < p["cancelled_share"]
        works.append({
            "edges": edges, "kind": kind, "starts_on": str(start), "ends_on": str(end),
            "status": "cancelled" if cancelled else work_status(str(start), str(end)),
            "owner": owner[int(rng.integers(0, len(owner)))], "road": road_names[edge],
        })  # fmt: skip
    return works


def _next_edges(streets: Streets) -> IntArray:
    """The edge that goes straight on from the end of each edge, -1 where the street ends."""
    key = streets.start * 2 + streets.northward
    order = np.argsort(key)
    wanted = streets.end * 2 + streets.northward
    found = np.minimum(np.searchsorted(key[order], wanted), len(key) - 1)
    return np.where(key[order][found] == wanted, order[found], -1)


def work_status(starts_on: str, ends_on: str) -> str:
    """Status of a work on the story's day: what begins within a year is approved, later is planned."""
    today = parameters()["today"]
    if ends_on < today:
        return "done"
    if starts_on <= today:
        return "running"
    return "approved" if starts_on < f"{int(today[:4]) + 1}{today[4:]}" else "planned"


def renovations(parcels: Parcels, gates: Gates, seed: int) -> list[dict[str, Any]]:
    """Renovation programmes of old communities: row of Gates, dates, status, owner."""
    p, rng = parameters()["renovations"], stream(seed, "renovations")
    old = np.flatnonzero(parcels.built_year[gates.parcel] < p["before_year"])
    chosen = old[rng.random(len(old)) < p["share"]]
    owners = names()["owners"]["renovations"]
    first, last = p["years"]
    rows = []
    for gate in chosen.tolist():
        start = np.datetime64(f"{int(rng.integers(first, last + 1))}-{int(rng.integers(3, 8)):02d}-15")
        end = start + np.timedelta64(int(rng.integers(120, 420)), "D")
        rows.append({
            "gate": gate, "starts_on": str(start), "ends_on": str(end), "status": work_status(str(start), str(end)),
            "owner": owners[int(rng.integers(0, len(owners)))],
        })  # fmt: skip
    return rows


def measured_pressures(
    crossing_count: int, pressure_m: FloatArray, seed: int, *, pipes: int
) -> tuple[IntArray, FloatArray, list[str]]:
    """Loggers: crossing (compact number), lowest peak-hour pressure [MPa], date."""
    p, rng = parameters()["loggers"], stream(seed, "loggers")
    count = min(max(p["least"], round(pipes / p["pipes_per_logger"])), crossing_count)
    node = np.sort(rng.choice(crossing_count, size=count, replace=False))
    measured_mpa = pressure_m[node] * 9.80665 / 1000 + rng.normal(0, p["noise_mpa"], count)
    dates = [f"2026-07-{int(d):02d}" for d in rng.integers(10, 29, count)]
    return node, np.round(measured_mpa, 3), dates
