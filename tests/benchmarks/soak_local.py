"""
The local re-solve against EPANET: every head within what was asked, yes and no as EPANET says, and what it declined.

Vitens, L-TOWN, ky10, Net6, Modena and a sample city of 100,000 pipes: 400 questions each, 2,400 in all, and 200 times
yes or no each; more while there is time.
"""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import numpy as np

from hydraulics.capacity import CapacityRule, can_take
from hydraulics.gga.solver import LocalSolver
from hydraulics.gga.system import build_system
from hydraulics.model import build_peak_model
from hydraulics.session import Session
from tests.benchmarks.city import city_of
from tests.hydraulics.models import network_of
from tests.hydraulics.test_gga import ask_at_random, error_m

NETWORKS = Path(__file__).parents[2].parent / "shared" / "data" / "networks"
NAMES = ("Vitens_benchmark", "L-TOWN", "ky10", "Net6", "Modena")
CITY_PIPES = 100_000
ASKED, YES_OR_NO = 400, 200
WORSE_M, EPANET_SURE_M = 0.5, 0.0005


def soak(folder, *, seconds):
    """Ask every network."""
    for name in (*NAMES, "city"):
        network = city_of(folder, CITY_PIPES) if name == "city" else network_of(NETWORKS / f"{name}.inp")
        with Session(build_peak_model(network, folder / name)) as session:
            yield from _heads(name, session, seconds / (len(NAMES) + 1))
            yield from _yes_or_no(name, session)


def _heads(name, session, seconds):
    solver, ends = LocalSolver(build_system(session)), time.monotonic() + seconds
    ways, failures, worst, asked = Counter(), [], 0.0, 0
    while asked < ASKED or time.monotonic() < ends:
        for answer, epanet_m, tolerance_m in ask_at_random(session, solver, count=100, seed=asked):
            asked += 1
            ways[answer.way or f"declined: {answer.declined}"] += 1
            if answer.way is not None:
                share = error_m(solver.system, answer, epanet_m) / tolerance_m
                worst = max(worst, share)
                failures += [(asked, tolerance_m, round(share * tolerance_m, 4))] if not share <= 1.0 else []
    yield (
        f"{name}: heads",
        asked,
        failures,
        f"{dict(ways)}, worst {worst:.2f} of the tolerance; base {solver.system.base_error_m:.5f} m",
    )


def _yes_or_no(name, session):
    """The rule judged here from EPANET's pressures, knowing nothing of how the product judges it."""
    index, base, rng = session.index, session.base, np.random.default_rng(5)
    limit_m = _limit_m(
        base.pressure_m[
            index.is_fed & index.is_junction & (index.demand_m3s > 0) & np.isfinite(base.pressure_m)
        ]
    )
    for flow_m3s in (0.0003, 0.002):
        nodes = rng.choice(np.flatnonzero(index.is_junction & np.isfinite(base.head_m)), YES_OR_NO // 2)
        takes = can_take(session, CapacityRule(limit_m, no_worse_m=WORSE_M), flow_m3s, nodes=nodes)
        margins_m = [_margin_m(session, int(n), flow_m3s, limit_m=limit_m) for n in nodes]
        wrong = [
            (index.node_ids[n], round(margin_m, 5))
            for n, margin_m in zip(nodes, margins_m, strict=True)
            if abs(margin_m) > EPANET_SURE_M and takes[n] != (margin_m > 0)
        ]
        close = sum(abs(margin_m) <= EPANET_SURE_M for margin_m in margins_m)
        note = f"{takes[nodes].sum()} yes at {limit_m:.1f} m; {close} closer to a limit than EPANET is sure"
        yield f"{name}: {flow_m3s * 1000:.1f} L/s, yes or no", len(nodes), wrong, note


def _limit_m(pressure_m):
    """A limit that many are near and nobody is at: in the widest gap about the lowest tenth."""
    low = np.sort(pressure_m)[int(0.05 * len(pressure_m)) : int(0.15 * len(pressure_m)) + 2]
    gap = int(np.argmax(np.diff(low)))
    return float((low[gap] + low[gap + 1]) / 2)


def _margin_m(session, node, flow_m3s, *, limit_m):
    """How far above its floor the worst junction is left; below zero: no."""
    index, before = session.index, session.base.pressure_m
    after = session.solve({node: flow_m3s}).pressure_m
    asked = index.is_junction & (index.demand_m3s > 0) & np.isfinite(session.base.head_m)
    asked[node] = True
    floor = np.where(before >= limit_m, limit_m, before - WORSE_M)
    left = (after - floor)[asked]
    return float(np.where(np.isnan(left), -1e3, left).min())
