"""
`make soak`: capacities of 50 random junctions of seven networks against plain EPANET, opened on a file and solved cold.

Never above what EPANET bears by more than 1 % + 0.05 L/s, never below by more than 3 %: the run stops at the first that is.
"""

import tempfile
import time
from pathlib import Path

import numpy as np

from api.imports import import_into
from gis.sample.city import write_sample
from gis.store import open_store
from hydraulics.capacity import CapacityRule, capacities
from hydraulics.model import build_peak_model
from hydraulics.session import Session
from tests.hydraulics.models import session_of
from tests.hydraulics.plain_epanet import PlainEpanet
from tests.hydraulics.test_capacity import REQUIRED_M, Judge, close_to_epanet

DATA = Path(__file__).parents[3] / "shared" / "data" / "networks"
NETWORKS = ("L-TOWN", "ky8", "Modena", "Net3", "EXN_designres", "Vitens_benchmark")
COUNT = 50


def sample_city(folder):
    """A session of the 2,000-pipe sample city."""
    write_sample(folder / "sources", seed=7, pipes=2000)
    import_into(folder / "w", [folder / "sources"])
    return Session(build_peak_model(open_store(folder / "w").open(None), folder / "model"))


def tried(name, session):
    rule = CapacityRule(REQUIRED_M)
    junctions = np.flatnonzero(session.index.is_junction & np.isfinite(session.base.head_m))
    nodes = np.random.default_rng(50).choice(junctions, min(COUNT, len(junctions)), replace=False)
    started_s = time.perf_counter()
    answer = capacities(session, rule, nodes=nodes)
    found_s = time.perf_counter() - started_s
    with PlainEpanet(session.model.inp) as plain:
        judge = Judge(plain, session, rule)
        wrong = [
            session.index.node_ids[n]
            for k, n in enumerate(answer.nodes)
            if not close_to_epanet(judge, answer, k, rule.cap_m3s)
        ]
    print(
        f"{name}: {len(nodes)} junctions, {len(wrong)} outside, {int(answer.by_epanet.sum())} by EPANET, "
        f"found in {found_s:.1f} s, judged in {time.perf_counter() - started_s - found_s:.1f} s",
        flush=True,
    )
    assert not wrong, wrong


def main():
    for name in NETWORKS:
        if not DATA.is_dir():
            print("real data not found at ../shared/data: only the sample city is tried")
            break
        with (
            tempfile.TemporaryDirectory() as folder,
            session_of(DATA / f"{name}.inp", Path(folder)) as session,
        ):
            tried(name, session)
    with tempfile.TemporaryDirectory() as folder, sample_city(Path(folder)) as session:
        tried("sample city", session)


if __name__ == "__main__":
    main()
