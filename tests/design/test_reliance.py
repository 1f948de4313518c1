"""What a pressure rests on: the water's way found by another walk over the flows, and what is said of filled figures."""

import datetime as dt
from contextlib import closing
from copy import copy
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from api.settings import read_settings
from api.workbench import Workbench
from design.pressure.reliance import reliance, reliance_finding
from design.rules.ruleset import load_rules
from hydraulics.results import TieIn


@pytest.fixture(scope="module")
def city(sample_workspace):
    with closing(Workbench.open(read_settings(workspace=str(sample_workspace)))) as bench:
        yield bench.city


@pytest.fixture(scope="module")
def rules():
    return load_rules(on=dt.date(2026, 1, 1))


def walked(city, node):
    """The way back along the largest inflow, on a graph of networkx."""
    index, flow = city.session.index, city.session.base.flow_m3s
    graph = nx.MultiDiGraph()
    for link, (start, end, rate) in enumerate(zip(index.link_start, index.link_end, flow, strict=True)):
        if abs(rate) > 1e-7:
            graph.add_edge(*((start, end) if rate > 0 else (end, start)), key=link, rate=abs(rate))
    way = []
    while index.is_junction[node]:
        start, _, link = max(graph.in_edges(node, keys=True), key=lambda e: graph.edges[e]["rate"])
        way.append(index.link_ids[link])
        node = start
    return way


def flowing_nodes(city, count=40):
    rows = np.flatnonzero(city.session.index.is_junction & (city.feeding.by_link >= 0))
    return [
        city.session.index.node_ids[row]
        for row in np.random.default_rng(4).choice(rows, count, replace=False)
    ]


def test_the_way_of_the_water_is_the_one_that_a_walk_over_the_flows_finds(city):
    length_m = dict(zip(city.network.pipes["pipe_id"], city.network.pipes["length_m"], strict=True))
    for node in flowing_nodes(city):
        way = walked(city, city.node_row(node))
        known = reliance(city, TieIn(node_id=node))
        assert known.pipe_count == len(way) > 0
        assert known.path_m == pytest.approx(sum(length_m[pipe] for pipe in way))


def test_a_stub_where_nothing_flows_rests_on_the_stub_and_on_the_way_to_its_main(city):
    tapoffs = city.network.tapoffs
    still = [
        node
        for node in tapoffs["node_id"].dropna()
        if city.is_fed(node) and city.feeding.source[city.node_row(node)] < 0
    ]
    assert still, "the sample has tap-offs without flow"
    for node in still[:10]:
        known = reliance(city, TieIn(node_id=node))
        (stub,) = tapoffs.loc[tapoffs["node_id"] == node, "pipe_id"]
        assert known.path_m > reliance(city, TieIn(pipe_id=stub, fraction=0.5)).path_m * 0.5 > 0


def with_words(city, column, words):
    """The same city, the figures of some pipes known otherwise."""
    pipes = city.network.pipes.copy()
    pipes[column] = pipes["pipe_id"].map(words).fillna("surveyed")
    network = replace(city.network, _cache={})

    def read(name):
        return pipes if name == "pipes" else city.network.layer(name)

    other = type(city)(replace(network, read_layer=read), city.make_session)
    session = copy(city.session)
    session.model = replace(session.model, known=None)
    other.__dict__.update({"session": session, "feeding": city.feeding})
    return other


def test_sizes_filled_in_on_the_way_are_warned_of_with_their_length_and_those_beside_it_are_not(city, rules):
    node = max(flowing_nodes(city), key=lambda name: len(walked(city, city.node_row(name))))
    way = walked(city, city.node_row(node))
    on, off = way[:3], [pipe for pipe in city.network.pipes["pipe_id"] if pipe not in way][:50]
    length_m = dict(zip(city.network.pipes["pipe_id"], city.network.pipes["length_m"], strict=True))

    doubted = reliance(with_words(city, "dn_confidence", dict.fromkeys(on, "filled")), TieIn(node_id=node))
    found = reliance_finding(doubted, rules)
    assert found.verdict == "warn"
    assert found.measured == pytest.approx(sum(length_m[pipe] for pipe in on))
    assert set(doubted.doubtful_pipes) == set(on)
    assert all(pipe in found.text.render("zh") and pipe in found.text.render("en") for pipe in on)

    beside = reliance(with_words(city, "dn_confidence", dict.fromkeys(off, "filled")), TieIn(node_id=node))
    assert reliance_finding(beside, rules).verdict == "pass"
    assert beside.dn_m == {"surveyed": pytest.approx(sum(length_m[pipe] for pipe in way))}


def test_what_a_source_does_not_say_is_counted_and_not_warned_of(city, rules):
    node = flowing_nodes(city)[0]
    every = dict.fromkeys(city.network.pipes["pipe_id"], "unknown")
    known = reliance(with_words(city, "dn_confidence", every), TieIn(node_id=node))
    assert list(known.dn_m) == ["unknown"]
    assert reliance_finding(known, rules).verdict == "pass"


@pytest.mark.parametrize(("word", "verdict"), [("surveyed", "pass"), ("filled", "warn"), ("unknown", "pass")])
def test_ground_filled_in_at_the_tie_in_is_warned_of(city, rules, word, verdict):
    known = replace(
        reliance(city, TieIn(node_id=flowing_nodes(city)[0])), elevation=word, dn_m={"surveyed": 10.0}
    )
    assert reliance_finding(known, rules).verdict == verdict
