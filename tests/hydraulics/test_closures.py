"""Closing valves: what is lost against plain EPANET with the part taken out, found by networkx; valves around a place."""

import networkx as nx
import numpy as np
import pytest

from hydraulics.closures.isolation import isolation_for
from hydraulics.closures.outage import Closures
from hydraulics.errors import ModelInputError
from hydraulics.outages import Service
from hydraulics.results import TieIn
from tests.hydraulics.models import pipe, session_of, town, written
from tests.hydraulics.plain_epanet import PlainEpanet
from tests.hydraulics.valve_layers import random_valves, valves_at, with_layers

REQUIRED_M = 25.0


def parts_of(session, valves):
    """A graph of nodes and links joined where no valve sits, and the valves as pairs."""
    tables = session.model.tables
    place = {name: n for n, name in enumerate(session.index.node_ids)}
    link = {name: k for k, name in enumerate(session.index.link_ids)}
    pairs = {(link[p], place[n]) for p, n in zip(valves["pipe_id"], valves["node_id"])}
    pairs |= {(k, int(tables.link_end[k])) for k in range(tables.pipe_count, len(tables.link_ids))}
    pairs |= {(k, int(tables.link_end[k])) for k in np.flatnonzero(tables.pipe_state == 1).tolist()}
    shut = {k for k in range(len(tables.link_ids)) if k < tables.pipe_count and tables.pipe_state[k] == 1}
    shut |= {tables.pipe_count + n for n, pump in enumerate(tables.pumps) if pump.is_closed}
    whole, joined = nx.Graph(), nx.Graph()
    for graph in (whole, joined):
        graph.add_nodes_from(range(len(tables.node_ids)))
    for k in range(len(tables.link_ids)):
        for node in (int(tables.link_start[k]), int(tables.link_end[k])):
            if not (k in shut and (k, node) in pairs):
                whole.add_edge(("link", k), node)
            if (k, node) not in pairs:
                joined.add_edge(("link", k), node)
            else:
                joined.add_node(("link", k))
    return whole, joined


def judged(session, whole, joined, link, tmp_path):
    """(demand without water, demand drawn less elsewhere) [m3/s] with the part around a link out, by plain EPANET."""
    tables, index = session.model.tables, session.index
    part = nx.node_connected_component(joined, ("link", link))
    left = whole.subgraph(set(whole) - part)
    sources = [n for n in range(tables.junction_count, len(tables.node_ids)) if n in left]
    wet = set().union(*(nx.node_connected_component(left, s) for s in sources)) if sources else set()
    base_m, demand = session.base.pressure_m, np.maximum(tables.demand_m3s, 0.0)
    fed = np.isfinite(session.base.head_m[: len(tables.node_ids)])
    dry = [n for n in range(tables.junction_count) if n not in wet]
    share = np.sqrt(np.clip(np.nan_to_num(base_m) / REQUIRED_M, 0.0, 1.0))
    cut = sum(demand[n] * share[n] for n in dry if fed[n])
    low = 0.0
    with PlainEpanet(session.model.inp) as plain:
        plain.tighten()
        for n in dry:
            plain.engine.ENsetnodevalue(n + 1, 1, 0.0)
        for k in range(len(tables.link_ids)):
            if {int(tables.link_start[k]), int(tables.link_end[k])} & set(dry) or ("link", k) in part:
                plain.engine.ENsetlinkvalue(k + 1, 4, 0)
        heads = plain.solve().heads()
    head = np.array([heads[name] for name in session.model.engine_nodes])
    after = np.sqrt(np.clip((head - index.elevation_m[: len(head)]) / REQUIRED_M, 0.0, 1.0))
    for n in range(tables.junction_count):
        if n in wet and fed[n]:
            low += demand[n] * (share[n] - after[n])
    return cut, low


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["Modena", "Net3", "ky4"])
def test_what_a_closed_segment_takes_is_that_of_epanet(name, shared_data, tmp_path):
    with session_of(shared_data / "networks" / f"{name}.inp", tmp_path / "model") as session:
        valves = random_valves(session, share=0.45)
        closures = Closures(session, with_layers(valves=valves), Service(REQUIRED_M))
        losses = closures.each_segment()
        whole, joined = parts_of(session, valves)
        links = np.random.default_rng(8).choice(session.model.tables.pipe_count, 12, replace=False)

        truth, apart = 0.0, 0.0
        for link in links.tolist():
            segment = closures.plan.segments.link[link]
            if not closures.graph.is_reached[segment]:
                continue
            cut, low = judged(session, whole, joined, link, tmp_path)
            one = losses[segment]
            assert one.cut_off_m3s == pytest.approx(cut, rel=1e-9, abs=1e-9)
            truth += cut + low
            apart += abs(one.cut_off_m3s + one.low_m3s - cut - low)

        assert truth > 0
        assert apart <= 0.001 * truth


@pytest.mark.real_data
def test_one_segment_asked_alone_is_the_same_as_among_all(shared_data, tmp_path):
    with session_of(shared_data / "networks" / "Modena.inp", tmp_path / "model") as session:
        network = with_layers(valves=random_valves(session, share=0.5))
        closures = Closures(session, network, Service(REQUIRED_M))
        every = closures.each_segment()

        for segment in range(0, closures.plan.segments.count, 9):
            alone = closures.loss(np.array([segment]))
            assert alone.unserved_m3s == pytest.approx(every[segment].unserved_m3s, abs=1e-9)
            assert alone.method == every[segment].method


# A ring of four streets fed at 0,0 and a dead end from 1,1; customers on every pipe.
def ring(valves=()):
    def on(name, x, y):
        return {
            "customer_id": f"C-{name}",
            "pipe_id": name,
            "annual_m3": 50_000.0,
            "dwellings": 10,
            "at": (x, y),
        }

    pipes = [
        pipe("in", "0,0", "1,0"), pipe("south", "1,0", "2,0"), pipe("east", "2,0", "2,1"),
        pipe("north", "2,1", "1,1"), pipe("west", "1,1", "1,0"), pipe("tail", "1,1", "1,2"),
    ]  # fmt: skip
    rows = [
        {"valve_id": name, "pipe_id": p, "node_id": n, "kind": "gate", "state": "open"}
        for name, p, n in valves
    ]
    return town(
        pipes, sources=[{"source_id": "R", "node_id": "0,0", "kind": "plant", "head_m": 50.0, "at": (0.0, 0.0)}],
        nodes=[{"node_id": n, "elevation_m": 10.0, "at": tuple(100.0 * int(v) for v in n.split(","))}
               for n in ("0,0", "1,0", "2,0", "2,1", "1,1", "1,2")],
        customers=[on("south", 150, 5), on("east", 205, 50), on("north", 150, 105), on("tail", 105, 150)],
        valves=rows,
    )  # fmt: skip


RING_VALVES = [
    ("vs", "south", "1,0"), ("ve", "east", "2,0"), ("vn", "north", "2,1"), ("vw", "west", "1,0"), ("vt", "tail", "1,1"),
]  # fmt: skip


@pytest.fixture
def closed_ring(tmp_path):
    from hydraulics.model import build_peak_model
    from hydraulics.session import Session

    network = ring(RING_VALVES)
    with Session(build_peak_model(network, tmp_path)) as session:
        yield Closures(session, network, Service(14.0))


def test_a_break_is_closed_by_the_valves_around_it(closed_ring):
    found = isolation_for(closed_ring, TieIn(pipe_id="north"))

    # north lies with 1,1 and west; the dead end behind its own valve has no other way.
    assert {v.valve_id for v in found.valves} == {"vn", "vw", "vt"}
    assert [v.valve_id for v in found.valves if not v.feeds] == ["vt"]
    assert set(found.pipe_ids) == {"north", "west"}
    assert found.customers_out == 2
    assert sorted(found.customer_rows) == [2, 3]
    assert found.loss.cut_off_m3s > 0


def test_a_valve_that_does_not_turn_joins_two_segments(closed_ring):
    found = isolation_for(closed_ring, TieIn(pipe_id="south"), failed=["ve"])

    assert {v.valve_id for v in found.valves} == {"vs", "vn"}
    assert found.failed == ("ve",)
    assert set(found.pipe_ids) == {"south", "east"}
    assert found.customers_out == 2


def test_a_valve_that_nobody_knows_is_refused(closed_ring):
    with pytest.raises(ModelInputError, match="valve-unknown"):
        isolation_for(closed_ring, TieIn(pipe_id="south"), failed=["v9"])


def test_without_valves_on_record_a_pipe_stands_for_itself(tmp_path):
    from hydraulics.model import build_peak_model
    from hydraulics.session import Session

    network = ring()
    with Session(build_peak_model(network, tmp_path)) as session:
        found = isolation_for(Closures(session, network, Service(14.0)), TieIn(pipe_id="east"))

    assert not found.is_known
    assert found.valves == ()
    assert found.pipe_ids == ("east",)
    assert found.customers_out == 1


@pytest.mark.real_data
def test_demand_lost_by_pressure_is_that_of_epanet(shared_data, tmp_path):
    """The part is taken out of the file as text, and WNTR's EpanetSimulator draws the rest by pressure."""
    import warnings

    import wntr

    from hydraulics.closures.by_pressure import loss_by_pressure

    required_m = 30.0
    with session_of(shared_data / "networks" / "Modena.inp", tmp_path / "model") as session:
        valves = random_valves(session, share=0.45)
        closures = Closures(session, with_layers(valves=valves), Service(required_m))
        whole, joined = parts_of(session, valves)
        tables, names = session.model.tables, session.model.engine_nodes

        def drawn_m3s(part):
            left = whole.subgraph(set(whole) - part)
            sources = [n for n in range(tables.junction_count, len(tables.node_ids)) if n in left]
            wet = set().union(*(nx.node_connected_component(left, s) for s in sources))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model = wntr.network.WaterNetworkModel(str(session.model.inp))
                for k, link in enumerate(session.model.engine_links):
                    if not {("link", k), int(tables.link_start[k]), int(tables.link_end[k])} <= wet:
                        model.remove_link(link)
                for n in range(tables.junction_count):
                    if n not in wet:
                        model.remove_node(names[n])
                hydraulic = model.options.hydraulic
                hydraulic.demand_model, hydraulic.minimum_pressure, hydraulic.required_pressure = (
                    "PDA",
                    0.0,
                    required_m,
                )
                hydraulic.pressure_exponent = 0.5
                result = wntr.sim.EpanetSimulator(model).run_sim(file_prefix=str(tmp_path / "plain"))
            return (
                result.node["demand"]
                .iloc[0]
                .reindex(names[: tables.junction_count])
                .fillna(0.0)
                .clip(lower=0.0)
            )

        before = drawn_m3s(set())
        for link in np.random.default_rng(2).choice(tables.pipe_count, 5, replace=False).tolist():
            after = drawn_m3s(nx.node_connected_component(joined, ("link", link)))
            loss = loss_by_pressure(closures, closures.plan.segments.link[[link]])
            truth = np.maximum(before - after, 0.0).sum()
            assert truth > 1e-4
            assert loss.unserved_m3s == pytest.approx(truth, rel=2e-3, abs=2e-5)
