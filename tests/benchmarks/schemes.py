"""Schemes on a city: many requests in one warm process, three options with check and quote; the rival is WNTR end to end."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from tests.benchmarks.city import workspace_of
from tests.benchmarks.rows import percentile, row

REQUESTS, DOCUMENTS = 200, 20
WARM_UP = 5
HARD = 12  # requests beyond what the branch they stand at can give


def measure(folder: Path, sizes):
    """Yield the rows of the table: plans without documents, then documents, of requests all over the city."""
    from api.settings import read_settings
    from api.workbench import Workbench

    for size in sizes:
        bench = Workbench.open(read_settings(workspace=str(workspace_of(folder, size))))
        bench.warm_up()
        requests = _requests(bench, REQUESTS + WARM_UP)
        for request in requests[:WARM_UP]:
            bench.plan(request)
        plans, cpu_s, documents = [], [], []
        for request in requests[WARM_UP:]:
            started, used = time.perf_counter(), time.process_time()
            document = bench.plan(request)
            plans.append(time.perf_counter() - started)
            cpu_s.append(time.process_time() - used)
            documents.append(document)
        _answered(documents)
        rival_s = _wntr_seconds(bench, documents[0])
        yield row(
            "scheme, three options with check and quote, median", size, median(plans), bar_s=1.0, rival_s=rival_s,
            bar_ratio=1.0, cpu_s=round(median(cpu_s), 3),
        )  # fmt: skip
        yield row(
            "scheme, three options with check and quote, p95", size, percentile(plans, 95), bar_s=2.5,
            cpu_s=round(percentile(cpu_s, 95), 3),
        )  # fmt: skip
        yield row(
            "the same request asked again, median", size,
            median(_timed(lambda request=request: bench.plan(request)) for request in requests[:10]),
        )  # fmt: skip
        hard, with_fix = _hard(bench)
        yield row(
            "80 L/s at the end of a DN100 branch, with fixes sought, median",
            size,
            median(hard),
            offered=with_fix,
        )
        yield row(
            "80 L/s at the end of a DN100 branch, with fixes sought, p95",
            size,
            percentile(hard, 95),
            bar_s=8.0,
        )
        written = [_write(bench, request) for request in requests[WARM_UP : WARM_UP + DOCUMENTS]]
        yield row("document set of a scheme, plan included, p95", size, percentile(written, 95), bar_s=4.0)
        bench.close()


def _requests(bench, count):
    from api.positions import wire_position

    parcels, rng = bench.network.layer("parcels"), random.Random(1)
    sites = [parcels.geometry.iloc[rng.randrange(len(parcels))].representative_point() for _ in range(count)]
    return [
        {
            "name": f"bench {number}",
            "site": {"position": list(wire_position(bench.network, (site.x, site.y))), "storeys": 6},
            "use": {"type": "residential", "dwellings": rng.randint(12, 120)}, "options": {"count": 3},
        }
        for number, site in enumerate(sites)
    ]  # fmt: skip


def _hard(bench):
    """Seconds of requests far beyond what a small branch can give, and how many of those that fail got a fix."""
    from api.positions import wire_position

    pipes, city = bench.network.pipes, bench.city
    ends = np.concatenate([pipes["start_node_id"], pipes["end_node_id"]])
    names, counts = np.unique(ends[ends != None].astype(str), return_counts=True)  # noqa: E711
    small = pipes[pipes["dn"] == 100]
    last = sorted({*small["start_node_id"], *small["end_node_id"]} & set(names[counts == 1].tolist()))
    last = [name for name in last if city.is_fed(name) and name in city.node_positions]
    seconds, offered, infeasible = [], 0, 0
    for name in random.Random(5).sample(last, HARD):
        x, y = city.node_positions[name]
        site = {"position": list(wire_position(bench.network, (x + 6.0, y + 6.0))), "storeys": 6}
        started = time.perf_counter()
        document = bench.plan({"name": "far too much", "site": site, "use": {"design_flow_lps": 80.0}})
        seconds.append(time.perf_counter() - started)
        infeasible += not document["feasible"]
        offered += bool(document["fixes"])
        for fix in document["fixes"]:
            assert (
                fix["margin_m"] >= -1e-6 and fix["newly_below_after"] == 0 and "EPANET" in fix["checked_by"]
            )
            assert float(fix["extra_cny"]) > 0
    assert infeasible, "no request was too much"
    return seconds, f"{offered} of {infeasible}"


def _answered(documents):
    """Every request has its three options, each with a pressure and a price, converged."""
    whole = [one for one in documents if len(one["options"]) == 3]
    assert len(whole) >= 0.9 * len(documents), len(whole)
    for document in documents:
        for option in document["options"]:
            assert float(option["quote"]["total_cny"]) > 0 and option["check"]["converged"]


def _timed(ask) -> float:
    started = time.perf_counter()
    ask()
    return time.perf_counter() - started


def _write(bench, request) -> float:
    with tempfile.TemporaryDirectory() as out:
        return _timed(lambda: bench.scheme(request, Path(out)))


def _wntr_seconds(bench, document) -> float:
    """The hydraulics alone of three options with plain WNTR: parse once, add the demand, solve, read; the heads agree."""
    import wntr

    session = bench.city.session
    started = time.perf_counter()
    model = wntr.network.WaterNetworkModel(str(session.model.inp))
    for option in document["options"]:
        place, flow = option["connection"], document["demand"]["design_flow_lps"] / 1000.0
        if place["node_id"] is None:
            continue
        node = session.model.engine_nodes[session.node_position[place["node_id"]]]
        model.get_node(node).add_demand(flow, None)
        with tempfile.TemporaryDirectory() as scratch:
            results = wntr.sim.EpanetSimulator(model).run_sim(file_prefix=f"{scratch}/wntr")
        head_m = float(results.node["head"].loc[0, node])
        assert abs(head_m - option["check"]["tie_in_head_after_m"]) < 0.05
        del model.get_node(node).demand_timeseries_list[-1]
    return time.perf_counter() - started
