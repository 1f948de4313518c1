"""
Capacities of 50 random junctions of seven networks against plain EPANET, opened on a file and solved cold.

Never above what EPANET bears by more than 1 % + 0.05 L/s, never below by more than 3 %.
"""

import time
from pathlib import Path

import numpy as np

from api.network.imports import import_into
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


def soak(folder, *, seconds):
    """Rows of the table; a second of the same network with other junctions while there is time."""
    until, seed = time.monotonic() + seconds, 50
    while True:
        for name in NETWORKS:
            path = DATA / f"{name}.inp"
            if path.exists():
                with session_of(path, folder / f"capacity-{name}") as session:
                    yield tried(name, session, seed)
        with sample_city(folder) as session:
            yield tried("sample city", session, seed)
        seed += 1
        if time.monotonic() > until:
            return


def sample_city(folder):
    """A session of the 2,000-pipe sample city."""
    place = folder / "capacity-city"
    if not place.exists():
        write_sample(place / "sources", seed=7, pipes=2000)
        import_into(place / "w", [place / "sources"])
    return Session(build_peak_model(open_store(place / "w").open(None), place / "model"))


def tried(name, session, seed):
    """What was asked of one network, and the junctions whose answer EPANET does not confirm."""
    rule = CapacityRule(REQUIRED_M)
    junctions = np.flatnonzero(session.index.is_junction & np.isfinite(session.base.head_m))
    nodes = np.random.default_rng(seed).choice(junctions, min(COUNT, len(junctions)), replace=False)
    answer = capacities(session, rule, nodes=nodes)
    with PlainEpanet(session.model.inp) as plain:
        judge = Judge(plain, session, rule)
        wrong = [
            session.index.node_ids[n]
            for k, n in enumerate(answer.nodes)
            if not close_to_epanet(judge, answer, k, rule.cap_m3s)
        ]
    return (
        f"{name}: capacity against cold EPANET",
        len(nodes),
        wrong,
        f"{int(answer.by_epanet.sum())} by EPANET",
    )
