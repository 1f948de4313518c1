"""The question on a city: warm through the server, cold from the command line, and one check against WNTR end to end."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tests.benchmarks.rows import row

TAPWRIGHT = str(Path(sys.executable).with_name("tapwright"))


def measure(folder: Path, *, pipes: int, repeats: int):
    """Yield the rows of the table."""
    workspace, sources = folder / "w", folder / "sources"
    yield row(
        "sample city written",
        pipes,
        _command("sample", "--seed", "7", "--pipes", str(pipes), "--out", str(sources)),
    )
    yield row("sample city imported", pipes, _command("import", str(sources), "--workspace", str(workspace)))
    requests = _requests(workspace, folder, repeats)
    cold = [_scheme(workspace, request, folder / "cold") for request in requests[:3]]
    yield row("tapwright scheme, cold command line", pipes, median(cold), bar_s=6.0)
    with _server(workspace):
        _scheme(workspace, requests[0], folder / "warm")
        warm = [_scheme(workspace, request, folder / "warm") for request in requests]
        yield row("tapwright scheme, server running, all options and files", pipes, median(warm), bar_s=3.0)
    first, everything = _plan_seconds(workspace, requests)
    yield row("first option, workspace warm", pipes, first, bar_s=1.0)
    yield row("all options with documents, workspace warm", pipes, everything, bar_s=3.0)
    yield from _check_against_wntr(workspace, pipes, repeats)


def _command(*arguments: str) -> float:
    started = time.perf_counter()
    subprocess.run([TAPWRIGHT, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def _requests(workspace: Path, folder: Path, count: int) -> list[Path]:
    from api.positions import wire_position
    from gis.store import open_store

    network = open_store(workspace).open()
    parcels = network.layer("parcels")
    rng = random.Random(1)
    paths = []
    for number in range(count):
        site = parcels.geometry.iloc[rng.randrange(len(parcels))].representative_point()
        request = {
            "name": f"bench {number}",
            "site": {"position": list(wire_position(network, (site.x, site.y))), "storeys": 6},
            "use": {"type": "residential", "dwellings": rng.randint(12, 120)},
        }
        paths.append(folder / f"request-{number}.json")
        paths[-1].write_text(json.dumps(request), encoding="utf-8")
    return paths


def _scheme(workspace: Path, request: Path, out: Path) -> float:
    seconds = _command("scheme", "--workspace", str(workspace), str(request), "--out", str(out), "--json")
    document = json.loads((out / "scheme.json").read_text(encoding="utf-8"))
    assert len(document["options"]) >= 3, document["summary"]
    return seconds


@contextmanager
def _server(workspace: Path):
    command = [TAPWRIGHT, "serve", "--workspace", str(workspace), "--port", "0", "--local"]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL, env={**os.environ})
    try:
        deadline = time.monotonic() + 60
        while not (workspace / "server.json").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(5)
        yield
    finally:
        server.terminate()
        server.wait(20)


def _plan_seconds(workspace: Path, requests: list[Path]) -> tuple[float, float]:
    """Median seconds to the first worked-out option and to everything, in one warm process."""
    from api.settings import read_settings
    from api.workbench import Workbench

    bench = Workbench.open(read_settings(workspace=str(workspace)))
    bench.warm_up()

    class FirstOption:
        def __init__(self) -> None:
            self.started, self.first = time.perf_counter(), None

        def step(self, stage: str, done: int, total: int) -> None:
            if stage == "options" and done >= 1 and self.first is None:
                self.first = time.perf_counter() - self.started

    firsts, alls = [], []
    for request in [requests[0], *requests]:
        progress = FirstOption()
        bench.scheme(
            json.loads(request.read_text(encoding="utf-8")), workspace.parent / "plan", progress=progress
        )
        firsts.append(progress.first)
        alls.append(time.perf_counter() - progress.started)
    bench.close()
    return median(firsts[1:]), median(alls[1:])


def _check_against_wntr(workspace: Path, pipes: int, repeats: int):
    """One warm check with all pressures read, against WNTR: parse, add the customer, EpanetSimulator, results."""
    import tempfile

    import wntr

    from api.settings import read_settings
    from api.workbench import Workbench
    from hydraulics.pressure import check_connection
    from hydraulics.results import TieIn

    bench = Workbench.open(read_settings(workspace=str(workspace)))
    session = bench.city.session
    node = next(
        name
        for row, name in enumerate(session.index.node_ids)
        if session.index.is_junction[row] and session.index.is_fed[row] and session.index.demand_m3s[row] > 0
    )
    ours = check_connection(session, TieIn(node_id=node), flow_m3s=0.002, limit_m=14.0)
    warm = []
    for _ in range(repeats * 3):
        started = time.perf_counter()
        check_connection(session, TieIn(node_id=node), flow_m3s=0.002, limit_m=14.0)
        warm.append(time.perf_counter() - started)
    rival = []
    engine_id = session.model.engine_nodes[session.node_position[node]]
    for _ in range(max(repeats // 2, 1)):
        started = time.perf_counter()
        model = wntr.network.WaterNetworkModel(str(session.model.inp))
        model.get_node(engine_id).add_demand(0.002, None)
        with tempfile.TemporaryDirectory() as scratch:
            results = wntr.sim.EpanetSimulator(model).run_sim(file_prefix=f"{scratch}/wntr")
        rival.append(time.perf_counter() - started)
    theirs = float(results.node["head"].loc[0, engine_id])
    assert abs(theirs - ours.tie_in_head_after_m) < 0.05, (theirs, ours.tie_in_head_after_m)
    bench.close()
    yield row(
        "pressure check, against WNTR end to end", pipes, median(warm), rival_s=median(rival), bar_ratio=20
    )
