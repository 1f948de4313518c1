"""Where water comes from: held against EPANET's own source tracing, and on networks where it can be seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import wntr

from hydraulics.supplied.feeding import trace
from hydraulics.results import ModelIndex


def index_of(nodes, links, fixed, fed=None):
    """Links as pairs of node ids; pipes first."""
    place = {name: n for n, name in enumerate(nodes)}
    ends = np.array([[place[a], place[b]] for a, b in links])
    zeros = np.zeros(len(nodes))
    return ModelIndex(
        node_ids=tuple(nodes), link_ids=tuple(f"{a}-{b}" for a, b in links),
        is_junction=np.array([name not in fixed for name in nodes]),
        is_fed=np.ones(len(nodes), dtype=bool) if fed is None else np.array(fed),
        elevation_m=zeros, demand_m3s=zeros, link_start=ends[:, 0], link_end=ends[:, 1],
        link_length_m=np.ones(len(links)), link_diameter_m=np.ones(len(links)),
    )  # fmt: skip


def told(index, flow, pipe_count=None):
    feeding = trace(index, np.array(flow, dtype=float), pipe_count=pipe_count or len(index.link_ids))
    names = [index.node_ids[n] if n >= 0 else None for n in feeding.source]
    return dict(zip(index.node_ids, names, strict=True)), feeding


def test_the_larger_inflow_decides_where_two_waters_meet():
    index = index_of("RabcS", ["Ra", "ab", "bc", "Sc"], fixed="RS")

    sources, _ = told(index, [5, 3, -1, 4])

    assert sources == {"R": "R", "a": "R", "b": "R", "c": "S", "S": "S"}


def test_dead_water_has_no_source_and_unfed_nodes_have_none():
    index = index_of("Rabx", ["Ra", "ab", "bx"], fixed="R", fed=[True, True, True, False])

    sources, _ = told(index, [2, 1e-9, 1])

    assert sources == {"R": "R", "a": "R", "b": None, "x": None}


def test_the_last_device_on_the_way_is_named():
    # R pumps to a, a pipe to b, a valve to c, a pipe to d
    index = index_of("Rabcd", ["ab", "cd", "Ra", "bc"], fixed="R")

    _, feeding = told(index, [1, 1, 1, 1], pipe_count=2)

    assert dict(zip("Rabcd", feeding.device.tolist(), strict=True)) == {
        "R": -1,
        "a": 2,
        "b": 2,
        "c": 3,
        "d": 3,
    }


def test_water_that_goes_round_does_not_hang():
    index = index_of("Rabc", ["ab", "bc", "ca"], fixed="R")

    assert told(index, [1, 1, 1])[0] == {"R": "R", "a": None, "b": None, "c": None}


@pytest.mark.parametrize("seed", range(3))
def test_where_one_source_holds_all_the_water_epanet_traces_the_same(seed, tmp_path):
    """Steady flow, quality run long enough: a node with over 99 % of one source's water must be told that source."""
    rng = np.random.default_rng(seed)
    model = wntr.network.WaterNetworkModel()
    side = 6
    for x in range(side):
        for y in range(side):
            model.add_junction(f"J{x}{y}", base_demand=float(rng.uniform(0.001, 0.01)), elevation=0.0)
            for other in ((x - 1, y), (x, y - 1)):
                if min(other) >= 0 and (other[1] == y or x == 0 or rng.random() < 0.7):
                    model.add_pipe(f"P{other[0]}{other[1]}{x}{y}", f"J{other[0]}{other[1]}", f"J{x}{y}",
                                   length=100, diameter=float(rng.choice([0.15, 0.2, 0.3])), roughness=110)  # fmt: skip
    for name, joined in (("S1", "J00"), ("S2", f"J{side - 1}{side - 1}"), ("S3", f"J0{side - 1}")):
        model.add_reservoir(name, base_head=50.0)
        model.add_pipe(f"T{name}", name, joined, length=50, diameter=0.4, roughness=110)
    model.options.time.duration = 12 * 3600
    heads = {}
    for source in ("S1", "S2", "S3"):
        model.options.quality.parameter, model.options.quality.trace_node = "TRACE", source
        results = wntr.sim.EpanetSimulator(model).run_sim(file_prefix=str(tmp_path / source))
        heads[source] = results.node["quality"].iloc[-1]
    flow = results.link["flowrate"].iloc[-1]
    nodes = model.node_name_list
    links = [(link.start_node_name, link.end_node_name) for _, link in model.links()]
    connected = [name for name in nodes if max(heads[s][name] for s in heads) > 0]
    index = index_of(nodes, links, fixed={"S1", "S2", "S3"}, fed=[name in connected for name in nodes])
    index = replace(index, link_ids=tuple(model.link_name_list))

    sources, _ = told(index, flow[model.link_name_list].to_numpy())

    pure = {
        name: source
        for source, share in heads.items()
        for name in connected
        if share[name] > 0.99 * (1 if share.max() <= 1.5 else 100)
    }
    assert len(pure) >= side * side / 2
    assert {name: sources[name] for name in pure} == pure
