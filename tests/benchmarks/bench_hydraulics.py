"""Hydraulics alone: warm checks against WNTR end to end, files and GIS layers to a first solved peak hour."""

from __future__ import annotations

import tempfile
import time
import warnings
from pathlib import Path
from statistics import median

import numpy as np

from hydraulics.epanet.repeatable import Repeatable
from hydraulics.inp.written import write_after
from hydraulics.model import build_peak_model
from hydraulics.pressure import check_connection, confirmed
from hydraulics.results import TieIn
from hydraulics.session import Session
from tests.benchmarks.rows import row
from tests.hydraulics.models import network_of, random_sites

NETWORKS = Path(__file__).parents[2].parent / "shared" / "data" / "networks"
NAMES = ("Modena", "ky10", "L-TOWN", "HU_ferto_orig", "Vitens_benchmark")
SAME_HEAD_M, WARM_RATIO, FIRST_WITHIN_S, WARM_UP = 0.01, 150, 5.0, 30


def measure(*, repeats: int):
    """Yield the rows of the table; without the real networks only the town made here."""
    with tempfile.TemporaryDirectory(prefix="tapwright-bench-") as folder:
        for name in NAMES if NETWORKS.is_dir() else ():
            yield from _network(NETWORKS / f"{name}.inp", Path(folder), repeats)
        for side in (40, 120, 270):
            yield _town(side, Path(folder))


def _network(path: Path, folder: Path, repeats: int):
    started = time.perf_counter()
    session = Session(build_peak_model(network_of(path), folder / path.stem))
    size, opened_s = len(session.index.link_ids), time.perf_counter() - started
    yield {"what": f"{path.stem}: file to first solved peak hour", "size": size, "ours_s": opened_s}
    with session:
        yield from warm_checks(path.stem, session, folder, repeats=repeats)


def warm_checks(name: str, session: Session, folder: Path, *, repeats: int):
    """Checks of a warm session, every P, Q and V read, against WNTR that parses, simulates and reads the same file."""
    size, sites = len(session.index.link_ids), random_sites(session, count=8 * repeats)
    for site, flow in (sites * WARM_UP)[:WARM_UP]:
        check_connection(session, site, flow_m3s=flow, limit_m=14.0)
    at_node = [(site, flow) for site, flow in sites if site.node_id]
    by_epanet_s = median([_check_s(session, site, flow) for site, flow in at_node])
    on_pipe_s = median([_check_s(session, site, flow) for site, flow in sites if site.pipe_id])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rival_s = median([_wntr_s(session, site, flow, folder) for site, flow in at_node[:repeats]])
    yield row(
        f"{name}: warm check at a node by EPANET / WNTR end to end", size, by_epanet_s, rival_s=rival_s,
        bar_ratio=WARM_RATIO if size > 12_000 else None,
    )  # fmt: skip
    own = Repeatable(session)
    if own.is_local:
        for site, flow in at_node[:repeats]:
            assert confirmed(own, check_connection(own, site, flow_m3s=flow, limit_m=14.0)), (name, site)
        asked = at_node[repeats:]
        own_s = median([_check_s(own, site, flow) for site, flow in asked])
        yield row(
            f"{name}: check by our own equations / WNTR end to end", size, own_s, rival_s=rival_s,
            heads_within_m=own.tolerance_m,
        )  # fmt: skip
    yield row(f"{name}: warm check between two nodes by EPANET", size, on_pipe_s)


def _check_s(session: Session | Repeatable, site: TieIn, flow_m3s: float) -> float:
    started = time.perf_counter()
    check_connection(session, site, flow_m3s=flow_m3s, limit_m=14.0)
    return time.perf_counter() - started


def _wntr_s(session: Session, site: TieIn, flow_m3s: float, folder: Path) -> float:
    """Parse the after-file, simulate, read results; the answer must be ours before the time counts."""
    import wntr

    path = folder / "after.inp"
    write_after(session.model, path, tie_in=site, flow_m3s=flow_m3s, service=None)
    started = time.perf_counter()
    model = wntr.network.WaterNetworkModel(str(path))
    results = wntr.sim.EpanetSimulator(model).run_sim(file_prefix=str(folder / "wntr"))
    head = results.node["head"].iloc[0]
    seconds = time.perf_counter() - started
    ours = check_connection(session, site, flow_m3s=flow_m3s, limit_m=14.0)
    theirs_m = float(head[session.model.engine_nodes[session.node_position[site.node_id]]])
    assert abs(theirs_m - ours.tie_in_head_after_m) < SAME_HEAD_M, (path, site, theirs_m)
    return seconds


def _town(side: int, folder: Path) -> dict:
    """GIS layers of a square town to its first solved peak hour."""
    network, pipes = square_town(side)
    started = time.perf_counter()
    with Session(build_peak_model(network, folder / "town")) as session:
        seconds = time.perf_counter() - started
        assert session.base.converged
        assert np.nanmin(session.base.pressure_m) > 0
    return row(
        "GIS layers to first solved peak hour",
        pipes,
        seconds,
        bar_s=FIRST_WITHIN_S if pipes > 90_000 else None,
    )


def square_town(side: int):
    """A street grid with a main every tenth street, a customer on every pipe and a source every fiftieth crossing."""
    import geopandas as gpd
    import shapely

    from gis.network import Network
    from gis.schema import conform, empty_layer

    rng = np.random.default_rng(1)
    crossing = np.arange(side * side).reshape(side, side)
    ends = np.concatenate([
        np.column_stack([crossing[:, :-1].ravel(), crossing[:, 1:].ravel()]),
        np.column_stack([crossing[:-1].ravel(), crossing[1:].ravel()]),
    ])  # fmt: skip
    xy = np.column_stack([np.arange(side * side) % side, np.arange(side * side) // side]) * 100.0
    first, last = xy[ends[:, 0]], xy[ends[:, 1]]
    along = np.argmax(first != last, axis=1)
    is_main = np.take_along_axis(first, 1 - along[:, None], axis=1)[:, 0] % 1000 == 0
    kept = is_main | (rng.random(len(ends)) < 0.62)
    ends, is_main, lines = (
        ends[kept],
        is_main[kept],
        shapely.linestrings(np.stack([first, last], axis=1)[kept]),
    )
    ids, count = np.array([f"JS{n}" for n in range(side * side)]), len(ends)
    names = [f"P{n}" for n in range(count)]
    fed = [crossing[a, b] for a in range(10, side, 50) for b in range(10, side, 50)]
    tables = {
        "pipes": gpd.GeoDataFrame({
            "pipe_id": names, "start_node_id": ids[ends[:, 0]], "end_node_id": ids[ends[:, 1]],
            "dn": np.where(is_main, 600, 150), "inner_diameter_m": np.where(is_main, 0.6, 0.15), "material": "DI",
            "length_m": 100.0, "install_year": rng.integers(1980, 2025, count), "role": "distribution",
        }, geometry=lines),
        "nodes": gpd.GeoDataFrame({"node_id": ids, "elevation_m": 20 + 5 * np.sin(xy[:, 0] / 3000)}, geometry=shapely.points(xy)),
        "customers": gpd.GeoDataFrame({"customer_id": names, "annual_m3": 2000.0, "pipe_id": names}, geometry=[None] * count),
        "sources": gpd.GeoDataFrame({"source_id": fed, "node_id": ids[fed], "head_m": 65.0}, geometry=[None] * len(fed)),
        "valves": gpd.GeoDataFrame({"valve_id": []}, geometry=[]),
    }  # fmt: skip
    layers = {name: conform(table, name) for name, table in tables.items()}

    def read(name: str):
        return layers[name] if name in layers else empty_layer(name, None)

    return Network("town", None, "town", True, read), count
