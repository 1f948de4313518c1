"""Repair of networks: what is joined, split, dropped; nothing changes the second time."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.repair.clean import repair
from gis.intake.normalise import Working
from gis.repair.thresholds import load_thresholds

LIMITS = load_thresholds()


def pipes(lines, **columns):
    ids = columns.pop("pipe_id", [f"P{i + 1}" for i in range(len(lines))])
    table = gpd.GeoDataFrame(
        {"pipe_id": ids, **columns}, geometry=[shapely.LineString(line) for line in lines], crs="EPSG:4548"
    )
    return Working("pipes", table, [])


def nodes(**points):
    table = gpd.GeoDataFrame(
        {"node_id": list(points)}, geometry=[shapely.Point(p) for p in points.values()], crs="EPSG:4548"
    )
    return Working("nodes", table, [])


def ends(net):
    return {row.pipe_id: (row.start_node_id, row.end_node_id) for row in net.pipes.itertuples()}


def lengths(net):
    return dict(zip(net.pipes["pipe_id"], net.pipes["length_m"], strict=True))


def kinds(net):
    return sorted(issue.kind for issue in net.issues)


def parts(net):
    """Connected parts by union of ends, apart from the code under test."""
    leader = {node: node for node in net.nodes["node_id"]}

    def find(node):
        while leader[node] != node:
            node = leader[node]
        return node

    for a, b in ends(net).values():
        leader[find(a)] = find(b)
    return len({find(node) for node in leader})


def test_ends_five_centimetres_apart_become_one_node():
    net = repair(pipes([[(0, 0), (100, 0)], [(100.05, 0), (200, 0)]]), None, LIMITS)
    assert parts(net) == 1
    assert len(net.nodes) == 3
    assert kinds(net) == ["ends-apart"]
    (issue,) = net.issues
    assert issue.repair == "ends-joined"
    assert issue.position in {(100.0, 0.0), (100.05, 0.0)}
    assert issue.params["away_m"] == pytest.approx(0.05)


def test_ends_farther_apart_than_the_threshold_stay_apart():
    net = repair(pipes([[(0, 0), (100, 0)], [(100.2, 0), (200, 0)]]), None, LIMITS)
    assert parts(net) == 2
    assert net.issues == ()


def test_every_line_ends_exactly_on_its_nodes():
    net = repair(
        pipes([[(0, 0), (100, 0)], [(100.05, 0.03), (200, 0)], [(50, 0.04), (50, 80)]]), None, LIMITS
    )
    place = dict(zip(net.nodes["node_id"], net.nodes.geometry, strict=True))
    assert len(net.pipes) == 4
    for row in net.pipes.itertuples():
        assert row.geometry.coords[0] == place[row.start_node_id].coords[0]
        assert row.geometry.coords[-1] == place[row.end_node_id].coords[0]


def test_a_branch_on_the_middle_of_a_line_splits_it_and_the_pieces_keep_its_name():
    net = repair(pipes([[(0, 0), (100, 0)], [(40, 0.03), (40, 50)]]), None, LIMITS)
    assert sorted(ends(net)) == ["P1", "P1#2", "P2"]
    assert parts(net) == 1
    tee = ends(net)["P2"][0]
    assert ends(net)["P1"][1] == tee
    assert ends(net)["P1#2"][0] == tee
    assert net.pieces == {"P1": ("P1", "P1#2")}
    assert net.nodes.set_index("node_id").loc[tee, "kind"] == "tee"


def test_pieces_are_numbered_along_the_line_and_share_its_recorded_length():
    branches = [[(x, 0.0), (x, 50.0)] for x in (75.0, 25.0, 50.0)]
    net = repair(pipes([[(0, 0), (100, 0)], *branches], length_m=[120.0, None, None, None]), None, LIMITS)
    length = net.pipes.set_index("pipe_id")["length_m"]
    west = net.pipes.set_index("pipe_id").geometry.apply(lambda line: line.coords[0][0])
    names = ["P1", "P1#2", "P1#3", "P1#4"]
    assert [west[name] for name in names] == [0.0, 25.0, 50.0, 75.0]
    assert [length[name] for name in names] == pytest.approx([30.0] * 4)
    assert length["P2"] == pytest.approx(50.0)


def test_a_survey_point_on_a_line_that_names_it_nowhere_splits_the_line():
    net = repair(
        pipes([[(0, 0), (100, 0)]], start_node_id=["A"], end_node_id=["B"]),
        nodes(A=(0, 0), B=(100, 0), HYDRANT=(30, 0.02), FAR=(30, 7)),
        LIMITS,
    )
    assert ends(net) == {"P1": ("A", "HYDRANT"), "P1#2": ("HYDRANT", "B")}
    assert [(i.kind, i.subject) for i in net.issues if i.severity == "warning"] == [
        ("point-without-pipe", "FAR")
    ]


def test_a_crossing_without_a_node_is_no_connection():
    net = repair(pipes([[(0, 0), (100, 0)], [(50, -50), (50, 50)]]), None, LIMITS)
    assert parts(net) == 2
    assert len(net.pipes) == 2


def test_a_line_listed_from_both_ends_is_one_pipe():
    net = repair(
        pipes([[(100, 0), (0, 0)], [(0, 0), (100, 0)]], pipe_id=["B-A", "A-B"]),
        nodes(A=(0, 0), B=(100, 0)),
        LIMITS,
    )
    assert list(ends(net)) == ["A-B"]
    assert kinds(net) == ["pipe-twice"]
    assert net.pieces == {"B-A": ("A-B",)}


def test_two_pipes_beside_each_other_between_the_same_nodes_stay_two():
    net = repair(pipes([[(0, 0), (100, 0)], [(0, 0), (50, 2), (100, 0)]]), None, LIMITS)
    assert len(net.pipes) == 2
    assert net.issues == ()


def test_a_line_of_no_length_is_dropped():
    net = repair(pipes([[(0, 0), (100, 0)], [(100, 0), (100, 0)], [(100, 0), (150, 0)]]), None, LIMITS)
    assert sorted(ends(net)) == ["P1", "P3"]
    assert kinds(net) == ["pipe-too-short"]
    assert parts(net) == 1


def test_a_short_pipe_between_valve_and_tee_is_kept():
    net = repair(pipes([[(0, 0), (100, 0)], [(100, 0), (100, 0.06)], [(100, 0.06), (100, 50)]]), None, LIMITS)
    assert len(net.pipes) == 3
    assert net.issues == ()


def test_a_ring_gets_a_node_in_its_middle():
    net = repair(pipes([[(0, 0), (50, 0), (50, 50), (0, 50), (0, 0)], [(0, 0), (-30, 0)]]), None, LIMITS)
    assert sorted(ends(net)) == ["P1", "P1#2", "P2"]
    assert all(a != b for a, b in ends(net).values())
    assert net.pipes["length_m"].sum() == pytest.approx(230.0)


def test_abandoned_lines_take_no_part():
    net = repair(
        pipes(
            [[(0, 0), (100, 0)], [(40, 0.03), (40, 50)], [(100.05, 0), (150, 0)]],
            status=["open", "abandoned", "abandoned"],
        ),
        None,
        LIMITS,
    )
    assert sorted(ends(net)) == ["P1", "P2", "P3"]
    assert parts(net) == 3
    assert net.issues == ()


def test_recorded_nodes_count_more_than_nearness():
    net = repair(
        pipes(
            [[(0, 0), (99.5, 0)], [(100.4, 0.4), (200, 0)]], start_node_id=["A", "B"], end_node_id=["B", "C"]
        ),
        nodes(A=(0, 0), B=(100, 0), C=(200, 0)),
        LIMITS,
    )
    assert ends(net) == {"P1": ("A", "B"), "P2": ("B", "C")}
    assert kinds(net) == ["end-off-node", "end-off-node"]
    assert {issue.params["node"] for issue in net.issues} == {"B"}


def test_a_recorded_node_far_from_the_end_is_doubted_and_not_believed():
    net = repair(
        pipes([[(0, 0), (60, 0)]], start_node_id=["A"], end_node_id=["B"]),
        nodes(A=(0, 0), B=(100, 0)),
        LIMITS,
    )
    (doubt,) = [issue for issue in net.issues if issue.kind == "end-off-node"]
    assert doubt.severity == "error"
    assert ends(net)["P1"][1] != "B"


def test_of_two_joined_survey_points_the_one_with_more_pipes_stays_and_the_other_is_remembered():
    net = repair(
        pipes(
            [[(0, 0), (100, 0)], [(100, 0), (200, 0)], [(100.03, 0), (100, 50)]],
            start_node_id=["A", "JS2", "JS12"],
            end_node_id=["JS2", "C", "D"],
        ),
        nodes(A=(0, 0), JS2=(100, 0), JS12=(100.03, 0), C=(200, 0), D=(100, 50)),
        LIMITS,
    )
    assert net.became == {"JS12": "JS2"}
    assert ends(net)["P3"] == ("JS2", "D")


def test_lines_in_parts_that_meet_are_one_pipe_and_others_follow_each_other():
    table = gpd.GeoDataFrame(
        {"pipe_id": ["M", "N"]},
        geometry=[
            shapely.MultiLineString([[(0, 0), (10, 0)], [(10, 0), (20, 0)]]),
            shapely.MultiLineString([[(0, 50), (10, 50)], [(30, 50), (40, 50)]]),
        ],
        crs="EPSG:4548",
    )
    net = repair(Working("pipes", table, []), None, LIMITS)
    assert sorted(ends(net)) == ["M", "N", "N#2"]


def test_a_pipe_without_a_line_among_others_is_reported_and_left_out():
    working = pipes([[(0, 0), (10, 0)], [(10, 0), (20, 0)]])
    working.table.loc[1, "geometry"] = None
    net = repair(working, None, LIMITS)
    assert list(ends(net)) == ["P1"]
    assert [(i.kind, i.severity, i.subject) for i in net.issues] == [("pipe-without-line", "error", "P2")]


def test_the_order_of_rows_does_not_matter():
    lines = [
        [(0, 0), (100, 0)],
        [(40, 0.03), (40, 50)],
        [(100.05, 0), (200, 0)],
        [(200, 0), (100, 0)],
        [(40, 50), (90, 50)],
    ]
    forward = repair(pipes(lines), None, LIMITS)
    order = [3, 1, 4, 0, 2]
    shuffled = repair(pipes([lines[i] for i in order], pipe_id=[f"P{i + 1}" for i in order]), None, LIMITS)
    assert ends(forward) == ends(shuffled)
    assert {i.issue_id for i in forward.issues} == {i.issue_id for i in shuffled.issues}


COORDINATE = st.integers(0, 40).map(lambda n: n * 0.037) | st.integers(0, 6).map(float)
LINE = st.lists(st.tuples(COORDINATE, COORDINATE), min_size=2, max_size=4)


@settings(max_examples=150, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=12))
def test_repairing_twice_changes_nothing_more(lines):
    once = repair(pipes(lines), None, LIMITS)
    again = repair(Working("pipes", once.pipes, []), Working("nodes", once.nodes, []), LIMITS)
    assert [i for i in again.issues if i.severity == "repaired"] == []
    assert ends(again) == ends(once)
    assert lengths(again) == pytest.approx(lengths(once), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=12))
def test_no_length_is_lost_or_made_but_by_what_is_reported(lines):
    net = repair(pipes(lines), None, LIMITS)
    gone = {i.subject for i in net.issues if i.kind in {"pipe-twice", "pipe-twice-in-part", "pipe-too-short"}}
    kept = [shapely.LineString(line).length for i, line in enumerate(lines) if f"P{i + 1}" not in gone]
    moves = sum(i.kind in {"ends-apart", "tee-unsplit"} for i in net.issues) + 2 * len(lines)
    assert (
        net.pipes["length_m"].sum()
        <= sum(LINE.length for LINE in map(shapely.LineString, lines)) + 1.0 * moves
    )
    if not gone:
        assert net.pipes["length_m"].sum() >= sum(kept) - 1.0 * moves


@settings(max_examples=60, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=10))
def test_after_repair_no_end_lies_near_another_or_on_the_middle_of_a_line(lines):
    net = repair(pipes(lines), None, LIMITS)
    joined = {frozenset(pair) for pair in ends(net).values()}
    place = dict(zip(net.nodes["node_id"], net.nodes.geometry, strict=True))
    names = list(place)
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            if frozenset((a, b)) not in joined:
                assert place[a].distance(place[b]) > LIMITS.snap_m
    assert np.isfinite(net.pipes["length_m"]).all()


def test_twins_that_contradict_each_other_are_doubted():
    net = repair(
        pipes([[(0, 0), (100, 0)], [(100, 0), (0, 0)]], dn=[100, 200], material=["PE", "PE"]), None, LIMITS
    )
    assert kinds(net) == ["pipe-twice", "twins-differ"]
    (doubt,) = [issue for issue in net.issues if issue.severity == "warning"]
    assert (doubt.subject, doubt.params["said"], doubt.params["other_said"]) == ("P2", "200 PE", "100 PE")
