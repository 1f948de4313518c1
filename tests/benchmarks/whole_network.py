"""Our own solver against EPANET, warm, same core, bulk reads: a household, every node, capacities and outages."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from gis.store import open_store
from hydraulics.capacity import Bisection, CapacityRule, can_take, capacities, demands_of
from hydraulics.closures.added import added_valves
from hydraulics.closures.isolation import isolation_for
from hydraulics.closures.outage import Closures
from hydraulics.gga.solver import LocalSolver
from hydraulics.gga.system import build_system
from hydraulics.model import build_peak_model
from hydraulics.outages import Service, pipe_outages, shares
from hydraulics.results import TieIn
from hydraulics.session import Session
from tests.benchmarks.bench_hydraulics import FIRST_WITHIN_S, square_town, warm_checks
from tests.benchmarks.city import city_of, run, workspace_of
from tests.benchmarks.rival import Rival, library
from tests.benchmarks.rows import limited, row
from tests.hydraulics.models import network_of
from tests.hydraulics.valve_layers import with_layers

NETWORKS = Path(__file__).parents[2].parent / "shared" / "data" / "networks"
HOUSEHOLD_M3S, TOLERANCE_M, REQUIRED_M = 0.0003, 0.01, 14.276
ASKED, RIVALS, WHOLE_MAP_UNDER = 300, 20, 30_000
GROWTH = (12_000, 200_000)
CORES = 2  # of ours; EPANET's time for many questions is shared out among as many


def measure(folder, sizes):
    """Yield the rows of the table, on Vitens and on a city, made where `folder` has none."""
    networks = {"Vitens": network_of(NETWORKS / "Vitens_benchmark.inp")} if NETWORKS.is_dir() else {}
    networks |= {"city": city_of(folder, size) for size in sizes}
    for name, network in networks.items():
        started = time.perf_counter()
        with Session(build_peak_model(network, folder / f"whole-{name}")) as session:
            if name == "city":
                size, seconds = len(session.index.link_ids), time.perf_counter() - started
                yield row(
                    "city: stored layers to first solved peak hour", size, seconds, bar_s=FIRST_WITHIN_S
                )
                yield from warm_checks(name, session, folder, repeats=3)
            yield from _household(name, session)
            yield from _every_node(name, session)
            yield from _capacity(name, session)
            yield from _outages(name, session)
            yield from _segments(name, session, with_layers() if name == "Vitens" else network)
    for size in sizes:
        yield from _first_answers(folder, size)
    yield from _growth(folder)


def _first_answers(folder, size):
    """The command line, nothing warm: load, build, solve, answer; once before, so that the files are in memory."""
    place, nodes = workspace_of(folder, size), open_store(workspace_of(folder, size)).open().nodes
    node, at = nodes["node_id"].iloc[size // 2], nodes.geometry.iloc[size // 2]
    asked = ("check", "--workspace", place, "--node", node, "--flow-lps", 1)
    run(*asked)
    once = run(*asked)
    assert once.document["converged"]
    yield row("first answer after a cold start", size, once.seconds, bar_s=3.0, cpu_s=once.cpu_s)
    card = run("site-card", "--workspace", place, "--at", f"{at.x},{at.y}", "--crs", nodes.crs.to_string())
    yield row("first site card after a cold start", size, card.seconds, cpu_s=card.cpu_s)


def _growth(folder):
    """
    The household check in 12,000 and in 200,000 pipes of the same make: it should not feel the size.

    In the sample city, and in a square grid without one dead end, where the way to the middle of the elimination tree
    grows as fast as it can.
    """
    cities = {size: lambda size=size: city_of(folder, size) for size in GROWTH}
    grids = {side: lambda side=side: square_town(side)[0] for side in (98, 400)}
    for what, towns, bar in (("sample city", cities, 5.0), ("square grid", grids, None)):
        took = {}
        for network in towns.values():
            one = network()
            with Session(build_peak_model(one, folder / f"town-{len(one.pipes)}")) as session:
                solver, nodes = LocalSolver(build_system(session)), _homes(session)
                took[len(session.index.link_ids)] = float(
                    np.median([_asked_s(solver, node) for node in nodes])
                )
        small, large = sorted(took)
        yield limited(
            f"household check, {what}, {large} pipes against {small}", large, took[large] / took[small], most=bar,
            unit="x", seconds=took[large],
        )  # fmt: skip


def _homes(session):
    known = np.flatnonzero(session.index.is_junction & np.isfinite(session.base.head_m))
    return np.random.default_rng(2).choice(known, ASKED).tolist()


def _asked_s(solver, node):
    return _seconds(lambda: solver.ask({node: HOUSEHOLD_M3S}, tolerance_m=TOLERANCE_M))


def _seconds(ask) -> float:
    started = time.perf_counter()
    ask()
    return time.perf_counter() - started


def _household(name, session):
    size = len(session.index.link_ids)
    systems = []
    yield row(
        f"{name}: own equations of a session, ready",
        size,
        _seconds(lambda: systems.append(build_system(session))),
    )
    solver = LocalSolver(systems[0])
    rows = np.flatnonzero(session.index.is_junction[systems[0].node[: systems[0].unknowns]])
    nodes = systems[0].node[np.random.default_rng(2).choice(rows, ASKED)]
    solver.ask({int(nodes[0]): HOUSEHOLD_M3S}, tolerance_m=TOLERANCE_M)
    ours, rivals, worst_m, faster = [], [], 0.0, _faster(session)
    for n, node in enumerate(nodes.tolist()):
        started = time.perf_counter()
        answer = solver.ask({node: HOUSEHOLD_M3S}, tolerance_m=TOLERANCE_M)
        ours.append(time.perf_counter() - started)
        if n < RIVALS:
            with session.hold() as runner:
                rivals.append(_seconds(lambda: runner.run({node: HOUSEHOLD_M3S})))
                change_m = runner.solution().head_m - session.base.head_m
            change_m[answer.nodes] -= answer.head_change_m
            worst_m = max(worst_m, float(np.nanmax(np.abs(change_m))))
    assert worst_m <= TOLERANCE_M, worst_m
    yield row(
        f"{name}: household within 1 cm / EPANET 2.2 warm", size, float(np.median(ours)),
        rival_s=float(np.median(rivals)), worst_error_m=worst_m,
        bar_ratio=50.0 if size > 50_000 and not faster else None,
    )  # fmt: skip
    if faster:
        yield row(
            f"{name}: household within 1 cm / {Rival.name} warm", size, float(np.median(ours)),
            rival_s=_faster_s(faster, nodes[:RIVALS]), bar_ratio=50.0 if size > 50_000 else None,
        )  # fmt: skip
        faster.close()


def _faster(session):
    """The faster library with the same file open, None where it is not installed."""
    return Rival(session.model.inp, session.model.inp.with_suffix(".rival")) if library() else None


def _faster_s(rival, nodes):
    """Median time of a warm solve and a bulk read with 0.3 L/s more at each of the nodes."""
    took = []
    for node in nodes.tolist():
        rival.draw(node, HOUSEHOLD_M3S * 1000.0)
        took.append(_seconds(lambda: (rival.run(), rival.read())))
        rival.draw(node, 0.0)
        rival.run()
    return float(np.median(took))


def _every_node(name, session):
    rule, takes = CapacityRule(REQUIRED_M), []
    with ThreadPoolExecutor(CORES) as pool:
        seconds = _seconds(lambda: takes.append(can_take(session, rule, HOUSEHOLD_M3S, spread=pool.map)))
    bisection = Bisection(session, demands_of(session, rule), rule)
    nodes = np.flatnonzero(session.index.is_junction & np.isfinite(session.base.head_m))
    chosen = np.random.default_rng(3).choice(nodes, RIVALS, replace=False)
    rival = _seconds(lambda: [bisection.failing(int(node), HOUSEHOLD_M3S) for node in chosen]) / RIVALS
    assert all((bisection.failing(int(node), HOUSEHOLD_M3S) is None) == takes[0][node] for node in chosen)
    yield row(
        f"{name}: can every node take 0.3 L/s / EPANET warm", len(nodes), seconds,
        rival_s=rival * len(nodes) / CORES,
        bar_ratio=200.0 if len(nodes) > 50_000 else None, bar_s=10.0 if len(nodes) > 50_000 else None,
    )  # fmt: skip


def _capacity(name, session):
    rule = CapacityRule(REQUIRED_M)
    nodes = np.flatnonzero(session.index.is_junction & np.isfinite(session.base.head_m))
    whole = len(nodes) < WHOLE_MAP_UNDER
    asked = nodes if whole else nodes[len(nodes) // 2 : len(nodes) // 2 + 2000]
    found = []
    seconds = _seconds(lambda: found.append(capacities(session, rule, nodes=asked))) / len(asked)
    bisection = Bisection(session, demands_of(session, rule), rule)
    places, rivals = np.random.default_rng(5).choice(len(asked), 6, replace=False), []
    for place in places:
        borne = []
        rivals.append(_seconds(lambda place=place: borne.append(bisection.capacity(int(asked[place]))[0])))
        assert found[0].capacity_m3s[place] <= borne[0] * 1.01 + 5e-5
        assert found[0].capacity_m3s[place] >= borne[0] * 0.97 - 5e-5
    bar = 8.0 if name == "Vitens" else 20.0
    yield row(
        f"{name}: capacity of a node / bisection by EPANET warm", len(nodes), seconds, rival_s=float(np.mean(rivals)),
        bar_ratio=bar, whole_map_s=seconds * len(nodes),
    )  # fmt: skip


def _outages(name, session):
    service, count = Service(REQUIRED_M), session.model.tables.pipe_count
    answer = []
    with ThreadPoolExecutor(CORES) as pool:
        seconds = _seconds(lambda: answer.append(pipe_outages(session, service, spread=pool.map)))
    chosen = np.random.default_rng(7).choice(np.flatnonzero(~answer[0].is_bridge), RIVALS, replace=False)
    rival_s, whose = _outage_s(session, chosen.tolist())
    yield row(
        f"{name}: every pipe out of service / {whose}", count, seconds, rival_s=rival_s * count / CORES,
        bar_ratio=20.0 if count > 50_000 else None, bar_s=120.0 if count > 50_000 else None,
    )  # fmt: skip


def _outage_s(session, links):
    """Median time of EPANET for one outage, and which EPANET: the faster library warm where it is installed."""
    rival = _faster(session)
    if rival is None:
        return float(
            np.median([_seconds(lambda k=k: session.solve_without([k])) for k in links])
        ), "EPANET 2.2"
    took = []
    for link in links:
        rival.stand(link, is_open=False)
        took.append(_seconds(lambda: (rival.run(), rival.read())))
        rival.stand(link, is_open=True)
        rival.run()
    rival.close()
    return float(np.median(took)), f"{Rival.name} warm"


def _segments(name, session, network):
    size, service, kept = len(session.index.link_ids), Service(REQUIRED_M), []
    yield row(
        f"{name}: valve segments, ready",
        size,
        _seconds(lambda: kept.append(Closures(session, network, service))),
    )
    closures, answer = kept[0], []
    count = closures.plan.segments.count
    with ThreadPoolExecutor(CORES) as pool:
        seconds = _seconds(lambda: answer.append(closures.each_segment(spread=pool.map)))
    rerouted = np.flatnonzero(closures.graph.is_reached & ~closures.graph.is_leaf)
    rng, rivals, found, apart = np.random.default_rng(9), [], 0.0, 0.0
    for segment in rng.choice(rerouted, min(8, len(rerouted)), replace=False).tolist():
        dry, _ = closures.graph.dry(np.array([segment]))
        shut, nodes = (
            closures.links_at(dry).tolist(),
            np.flatnonzero(dry[closures.plan.segments.node]).tolist(),
        )
        after = []
        rivals.append(
            _seconds(lambda shut=shut, nodes=nodes: after.append(session.solve_without(shut, dry=nodes)))
        )
        wet = (closures.drawn_m3s > 0) & np.isfinite(after[0].head_m)
        less = (shares(session.base.pressure_m, service) - shares(after[0].pressure_m, service))[wet]
        truth = (
            closures.segment_drawn_m3s[dry].sum()
            + (np.maximum(session.index.demand_m3s, 0.0)[wet] * less).sum()
        )
        found, apart = found + truth, apart + abs(answer[0][segment].unserved_m3s - truth)
    assert apart <= 0.002 * found + 1e-6, (apart, found)
    yield row(
        f"{name}: every valve segment shut / EPANET", count, seconds,
        rival_s=float(np.mean(rivals)) * len(rerouted) / CORES,
        bar_ratio=20.0 if size > 50_000 else None, bar_s=120.0 if size > 50_000 else None, rerouted=len(rerouted),
    )  # fmt: skip
    pipes = rng.choice(session.model.tables.pipe_count, 200, replace=False)
    ours = [
        _seconds(lambda pipe=pipe: isolation_for(closures, TieIn(pipe_id=session.index.link_ids[pipe])))
        for pipe in pipes
    ]
    yield row(
        f"{name}: valves to close at a place / EPANET", size, float(np.median(ours)), rival_s=float(np.mean(rivals)),
        bar_s=0.02, slowest_s=float(np.max(ours)),
    )  # fmt: skip
    yield row(f"{name}: the valve that helps most", count, _seconds(lambda: added_valves(closures, count=20)))
