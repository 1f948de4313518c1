"""
The round trip of every format at length: 20 seeds of 1,000 pipes, plain, disturbed, and from the drawn lines alone.

One topic of `make soak`.
"""

import tempfile
import time
from itertools import count
from pathlib import Path

import numpy as np

from tests.gis.round_trip import (
    FORMATS,
    again,
    differences,
    disturbed,
    noisy,
    sample_network,
    shuffled,
    without_names,
)

SEEDS, PIPES = 20, 1000
DRAWN = ("shp", "dxf", "gdb", "gpkg")  # survey lines have no shape of their own


def round_trips(seed, folder):
    """What differed for one seed, as (format, way, difference)."""
    tables, crs = sample_network(folder / "city", seed, PIPES)
    rng = np.random.default_rng(seed)
    found = []
    for form in FORMATS:
        for way, given in (("plain", tables), ("disturbed", disturbed(tables, rng, form))):
            after = again(given, crs, folder / f"{form}-{way}", form)
            found += [(form, way, one) for one in differences(tables, after)]
    for form in DRAWN:
        bare = {"pipes": without_names(shuffled(noisy(tables, rng), rng))["pipes"]}
        after = again(bare, crs, folder / f"{form}-bare", form)
        whole = {
            **{name: tables[name] for name in tables},
            **{name: after[name] for name in ("pipes", "nodes")},
        }
        found += [(form, "bare", one) for one in differences(tables, whole, places=True)]
    return found


def soak(folder, *, seconds):
    """Run all seeds, and more of them while there is time."""
    started = time.monotonic()
    for seed in count():
        if seed >= SEEDS and time.monotonic() - started > seconds:
            return
        with tempfile.TemporaryDirectory(dir=folder) as name:
            yield f"seed {seed}", PIPES, round_trips(seed, Path(name)), ""
