"""Routes from a site to the tap-offs around it: the time of a call must not grow with the city."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import numpy as np

from design.pricing.catalogue import load_catalogue, surface_costs
from design.rules.ruleset import load_rules
from design.route.terms import route_terms
from gis.corridors import Corridors
from gis.nearest import TapoffIndex
from gis.store import open_store
from gis.ways.terms import Tariff
from tests.benchmarks.city import workspace_of
from tests.benchmarks.rows import limited, percentile, row

TODAY = date(2026, 11, 21)
SITES, TAPOFFS = 40, 12
GROWTH = 1.6  # of the median from the smallest to the largest city: the window is the same


def measure(folder: Path, sizes):
    """Yield the rows of the table."""
    medians = []
    for size in sizes:
        cold, warm = _seconds(workspace_of(folder, size))
        medians.append(float(np.median(cold)))
        yield row(f"{TAPOFFS} routes of a site, p50", size, medians[-1])
        yield row(f"{TAPOFFS} routes of a site, p95", size, percentile(cold, 95), bar_s=1.0)
        yield row(f"{TAPOFFS} routes of a site asked again, p95", size, percentile(warm, 95), bar_s=0.5)
    yield limited(
        "routes of a site, largest city against smallest",
        sizes[-1],
        medians[-1] / medians[0],
        most=GROWTH,
        unit="x",
    )


def _seconds(workspace: Path):
    """Processor seconds of each call, first on ground nobody asked about and then again; answers are looked at."""
    network = open_store(workspace).open(None)
    rules = load_rules(on=TODAY)
    tariff = Tariff(dict(surface_costs(load_catalogue(None, on=TODAY), rules)), on=TODAY)
    corridors, tapoffs = Corridors(network, route_terms(rules)), TapoffIndex(network.tapoffs)
    parcels, rng = network.layer("parcels"), np.random.default_rng(3)
    cold, warm = [], []
    for k in rng.integers(0, len(parcels), SITES):
        site = parcels.geometry.iloc[int(k)].representative_point()
        near = tapoffs.near((site.x, site.y), count=TAPOFFS, within_m=800.0, status=None)
        targets = [(p.x, p.y) for p in network.tapoffs.geometry.iloc[[hit.row for hit in near]]]
        for seconds in (cold, warm):
            started = time.process_time()
            found = corridors.routes((site.x, site.y), targets, reach_m=2000.0, tariff=tariff)
            seconds.append(time.process_time() - started)
            assert all(route is not None and route.basis == "streets" for route in found)
    return cold, warm
