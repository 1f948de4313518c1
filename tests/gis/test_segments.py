"""Segments against what WNTR publishes for Net3, and against networkx on a layer drawn at random."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from gis.segments import Seats, segments_of, valve_seats
from tests.hydraulics.valve_layers import valves_at


def seats(link, node):
    count = len(link)
    return Seats(
        np.arange(count).astype(object), np.full(count, "gate", dtype=object), np.zeros(count, dtype=np.int64),
        np.array(link, dtype=np.int64), np.array(node, dtype=np.int64), np.zeros(count, dtype=bool),
    )  # fmt: skip


@pytest.fixture
def net3(shared_data):
    """Ends of the links of Net3 by plain text, ids of nodes and links, and WNTR's published segments."""
    folder = shared_data / "results" / "wntr_expected"
    text = (shared_data / "networks" / "Net3.inp").read_text()
    links, current = [], ""
    for line in (line.split(";")[0].strip() for line in text.splitlines()):
        if line.startswith("["):
            current = line
        elif line and current in ("[PIPES]", "[PUMPS]", "[VALVES]"):
            links.append(line.split()[:3])
    series = [
        pd.read_csv(folder / f"{what}_segments_strategic.csv", index_col=0).squeeze()
        for what in ("node", "link")
    ]
    node_segment, link_segment = (s.set_axis(s.index.astype(str)) for s in series)
    nodes = {name: n for n, name in enumerate(node_segment.index)}
    start, end = (np.array([nodes[row[k]] for row in links]) for k in (1, 2))
    return [row[0] for row in links], start, end, node_segment, link_segment


@pytest.mark.real_data
def test_the_segments_of_net3_are_those_wntr_publishes(net3):
    link_ids, start, end, node_segment, link_segment = net3
    published = link_segment[link_ids].to_numpy()
    # WNTR's valves stand where a pipe and its end are in different segments.
    pairs = [
        (k, node)
        for k in range(len(link_ids))
        for node in (start[k], end[k])
        if published[k] != node_segment.iloc[node]
    ]

    found = segments_of(start, end, node_count=len(node_segment), seats=seats(*zip(*pairs)))

    assert len(pairs) == 141
    both = set(zip(found.link, published)) | set(zip(found.node, node_segment))
    assert found.count == node_segment.nunique() + len(set(published) - set(node_segment))
    assert len(both) == found.count


def test_segments_are_the_parts_that_a_graph_without_the_valves_falls_into():
    rng = np.random.default_rng(5)
    start, end = rng.integers(0, 60, 90), rng.integers(0, 60, 90)
    ends = [(k, n) for k in range(90) for n in {start[k], end[k]}]
    chosen = [ends[n] for n in rng.choice(len(ends), 80, replace=False)]
    graph = nx.Graph()
    graph.add_nodes_from([("node", n) for n in range(60)] + [("link", k) for k in range(90)])
    graph.add_edges_from((("link", k), ("node", n)) for k, n in ends if (k, n) not in chosen)

    found = segments_of(start, end, node_count=60, seats=seats(*zip(*chosen)))

    parts = list(nx.connected_components(graph))
    assert found.count == len(parts)
    for part in parts:
        assert len({found.node[n] if what == "node" else found.link[n] for what, n in part}) == 1


def test_a_valve_sits_at_the_end_it_names_else_at_the_nearer_one():
    layer = valves_at([("A", "2"), ("B", None), (None, "1"), ("gone", None)])
    from shapely import Point

    layer = layer.set_geometry([Point(100, 0), Point(180, 0), Point(0, 0), Point(0, 0)])

    found = valve_seats(
        layer, link_ids=["A", "B"], node_ids=["1", "2", "3"], start=np.array([0, 1]), end=np.array([1, 2]),
        position_xy=np.array([[0.0, 0.0], [100.0, 0.0], [200.0, 0.0]]),
    )  # fmt: skip

    assert list(zip(found.ids, found.link, found.node)) == [("V0", 0, 1), ("V1", 1, 2), ("V2", 0, 0)]


def test_a_check_valve_holds_nothing_back():
    layer = valves_at([("A", "1")], kind="check")
    found = valve_seats(
        layer, link_ids=["A"], node_ids=["1", "2"], start=np.array([0]), end=np.array([1]),
        position_xy=np.zeros((2, 2)),
    )  # fmt: skip
    assert not len(found)
