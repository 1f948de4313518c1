"""
A session asked for long: 1,000 random edits and back, 10,000 checks without a byte or handle lost, eight at once as alone.
"""

from __future__ import annotations

import gc
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from hydraulics.errors import HydraulicsError
from hydraulics.gga.solver import LocalSolver
from hydraulics.gga.system import build_system
from hydraulics.pressure import check_connection
from tests.hydraulics.models import random_sites, session_of

NETWORKS = Path(__file__).parents[2].parent / "shared" / "data" / "networks"
EDITED = ("Modena", "L-TOWN", "ky10", "Net6", "Rural", "HU_ferto_orig")
TOGETHER = ("Modena", "ky4", "Net3", "L-TOWN", "HU_csapod", "CTown", "ky10", "EXNET_3")
EDITS, CHECKS, OPENED = 1000, 10_000, 300
SAME_HEAD_M, SAME_FLOW_M3S, MOST_GROWTH_MIB = 0.001, 2e-5, 2.0


def soak(folder, *, seconds):
    """Edits, leaks, threads."""
    for name in EDITED:
        with session_of(NETWORKS / f"{name}.inp", folder / name) as session:
            yield _edits(name, session, seconds / len(EDITED))
    yield _leaks(folder)
    yield _opened(folder)
    yield _together(folder)


def _edits(name, session, seconds):
    """Demands, tie-ins and shut links at random; after each the base state is asked for again."""
    rng, ends, worst_m, failures, done = np.random.default_rng(3), time.monotonic() + seconds, 0.0, [], 0
    nodes = np.flatnonzero(session.index.is_junction & np.isfinite(session.base.head_m))
    sites = random_sites(session, count=200)
    while done < EDITS or time.monotonic() < ends:
        done += 1
        edit(session, rng, nodes, sites)
        again = session.solve({})
        away_m = float(np.nanmax(np.abs(again.head_m - session.base.head_m)))
        flows = float(np.abs(again.flow_m3s - session.base.flow_m3s).max())
        same = np.array_equal(np.isnan(again.head_m), np.isnan(session.base.head_m))
        if not (same and away_m <= SAME_HEAD_M and flows <= SAME_FLOW_M3S):
            failures.append((done, away_m, flows))
        worst_m = max(worst_m, away_m)
    return f"{name}: edits and back", done, failures, f"base heads again to {worst_m:.6f} m"


def edit(session, rng, nodes, sites):
    """One random question of any kind; a hopeless one may be refused."""
    kind = rng.integers(4)
    try:
        if kind == 0:
            session.solve(
                {int(n): float(q) for n, q in zip(rng.choice(nodes, 3), rng.choice([5e-4, 0.01, 0.2], 3))}
            )
        elif kind == 1:
            session.solve_without([int(k) for k in rng.integers(len(session.model.engine_links), size=2)])
        else:
            site, flow_m3s = sites[rng.integers(len(sites))]
            check_connection(session, site, flow_m3s=flow_m3s * float(rng.choice([1, 20])), limit_m=14.0)
    except HydraulicsError:
        pass


def memory_mib():
    """Memory of this process that is in use now."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def handles():
    """Files and sockets this process has open."""
    return len(os.listdir("/proc/self/fd"))


def _leaks(folder):
    with session_of(NETWORKS / "L-TOWN.inp", folder / "leaks") as session:
        solver = LocalSolver(build_system(session))
        sites = random_sites(session, count=400)

        def ask(count):
            for n in range(count):
                site, flow_m3s = sites[n % len(sites)]
                check_connection(session, site, flow_m3s=flow_m3s, limit_m=14.0)
                if site.node_id:
                    solver.ask({session.node_position[site.node_id]: flow_m3s}, tolerance_m=0.01)

        ask(1000)
        before, open_before = memory_mib(), handles()
        ask(CHECKS)
        return _grown("L-TOWN: checks", CHECKS, before, open_before)


def _grown(what, count, before_mib, open_before):
    grown, more = memory_mib() - before_mib, handles() - open_before
    failures = [("MiB", round(grown, 1))] * (grown > MOST_GROWTH_MIB) + [("handles", more)] * (more > 0)
    return what, count, failures, f"{grown:+.1f} MiB, {more:+d} handles"


def _opened(folder):
    def once():
        session_of(NETWORKS / "Net3.inp", folder / "opened").close()

    for _ in range(30):
        once()
    before, open_before = memory_mib(), handles()
    for _ in range(OPENED):
        once()
    return _grown("Net3: sessions opened and closed", OPENED, before, open_before)


def _together(folder):
    """Eight sessions of eight networks, first one after the other, then all at once."""
    sessions = {name: session_of(NETWORKS / f"{name}.inp", folder / f"t-{name}") for name in TOGETHER}
    work = {name: random_sites(session, count=60) for name, session in sessions.items()}

    def heads(name):
        return [
            check_connection(sessions[name], site, flow_m3s=q, limit_m=14.0).after.head_m
            for site, q in work[name]
        ]

    alone = {name: heads(name) for name in TOGETHER}
    with ThreadPoolExecutor(8) as pool:
        together = dict(zip(TOGETHER, pool.map(heads, TOGETHER), strict=True))
    worst, failures = 0.0, []
    for name in TOGETHER:
        for ours, theirs in zip(together[name], alone[name], strict=True):
            away = float(np.nanmax(np.abs(ours - theirs)))
            worst = max(worst, away)
            failures += [(name, away)] * (not away <= 1e-4)
        sessions[name].close()
    return "eight networks in eight threads", len(TOGETHER) * 60, failures, f"as alone to {worst:.7f} m"
