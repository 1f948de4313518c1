"""What is lost without a pipe, against EPANET with that pipe shut in a file of its own."""

import re

import numpy as np
import pytest

from hydraulics.outages import Service, pipe_outages
from tests.hydraulics.models import N1, session_of, written
from tests.hydraulics.plain_epanet import PlainEpanet

REQUIRED_M = 20.0


def share(pressure_m):
    return np.sqrt(np.clip(pressure_m / REQUIRED_M, 0.0, 1.0))


def lost_lps(session, link, tmp_path):
    """Demand EPANET cannot deliver any more with the pipe shut; what no open path reaches gets nothing."""
    import networkx as nx

    name = session.model.engine_links[link]
    text = session.model.inp.read_text()
    section, rest = re.search(r"\[PIPES\]\n(.*?)(?=\n\n)", text, re.S).group(1), None
    shut = re.sub(rf"(?m)^({re.escape(name)}\t.*\t)(Open|CV)$", r"\1Closed", section)
    assert shut != section or "Closed" in section
    path = tmp_path / "shut.inp"
    path.write_text(text.replace(section, shut))
    tables, index = session.model.tables, session.index
    with PlainEpanet(path) as plain:
        heads = plain.solve().heads()
        status = {n: plain.link_value(n, 11) for n in session.model.engine_links}
    graph = nx.Graph()
    graph.add_nodes_from(range(len(tables.node_ids)))
    for k, engine_name in enumerate(session.model.engine_links):
        if k != link and status[engine_name] > 0:
            graph.add_edge(int(tables.link_start[k]), int(tables.link_end[k]))
    sources = range(tables.junction_count, len(tables.node_ids))
    fed = set().union(*(nx.node_connected_component(graph, s) for s in sources))
    lost = 0.0
    for node in np.flatnonzero(
        (tables.demand_m3s > 0) & np.isfinite(session.base.head_m[: len(tables.node_ids)])
    ):
        before = share(session.base.pressure_m[node])
        after = (
            share(heads[session.model.engine_nodes[node]] - index.elevation_m[node]) if node in fed else 0.0
        )
        lost += max(tables.demand_m3s[node] * 1000.0 * (before - after), 0.0)
    return lost


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["Modena", "Net3", "L-TOWN"])
def test_the_demand_lost_without_a_pipe_is_that_of_epanet(name, shared_data, tmp_path):
    with session_of(shared_data / "networks" / f"{name}.inp", tmp_path / "model") as session:
        open_pipes = np.flatnonzero(np.abs(session.base.flow_m3s[: session.model.tables.pipe_count]) > 0)
        links = np.random.default_rng(6).choice(open_pipes, 25, replace=False)
        answer = pipe_outages(session, Service(REQUIRED_M), links=links)

        judged = np.array([lost_lps(session, int(link), tmp_path) for link in links])

        assert judged.sum() > 0
        assert np.abs(np.maximum(answer.unserved_m3s * 1000.0, 0.0) - judged).sum() <= 0.001 * judged.sum()


def test_a_bridge_cuts_off_what_lies_behind_it(tmp_path):
    text = N1.replace("P4 J1 J3 900 150 100 0 Open", "")
    with session_of(written(tmp_path, text), tmp_path / "model") as session:
        answer = pipe_outages(session, Service(14.0))

        by_name = dict(zip(session.index.link_ids, answer.cut_off_m3s * 1000.0))
        assert by_name == pytest.approx({"P1": 38.0, "P2": 18.0, "P3": 6.0})
        assert answer.is_bridge.all()


def test_a_loop_goes_on_supplying(tmp_path):
    with session_of(written(tmp_path, N1), tmp_path / "model") as session:
        answer = pipe_outages(session, Service(14.0))

        assert answer.is_bridge.tolist() == [True, False, False, False]
        assert answer.cut_off_m3s[1:] == pytest.approx(0.0)
