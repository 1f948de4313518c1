"""
The round trip of every format at length: 20 seeds of 1,000 pipes, plain, disturbed, and from the drawn lines alone.

Run by `make soak`; says what differed and ends with status 1 when anything did.
"""

import sys
import tempfile
import time
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

SEEDS, PIPES = range(20), 1000
DRAWN = ("shp", "dxf", "gdb", "gpkg")  # survey lines have no shape of their own


def soak(seed, folder):
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


def main():
    """Run all seeds."""
    failed = 0
    for seed in SEEDS:
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="tapwright-soak-") as folder:
            found = soak(seed, Path(folder))
        failed += bool(found)
        print(
            f"seed {seed}: {'same' if not found else found[:5]}  {time.monotonic() - started:.1f} s",
            flush=True,
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
