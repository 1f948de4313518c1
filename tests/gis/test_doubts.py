"""What repair leaves in doubt: each kind found where it is planted, silent on a sound network, mended where a rule says so."""

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.intake.build import build_network
from gis.intake.normalise import Working
from gis.messages import catalogue
from gis.progress import SILENT
from gis.repair.clean import repair
from gis.repair.doubts.fabric import weave
from gis.repair.doubts.feeding import feeding
from gis.repair.doubts.lying import doubts_of_lying
from gis.repair.thresholds import allowed_rules, load_thresholds

LIMITS = load_thresholds()
CRS = "EPSG:4548"
OF_OTHERS = {"elevation-missing", "no-sources", "roughness-by-table"}  # true of every small town here


def pipes(lines, **columns):
    table = gpd.GeoDataFrame(
        {"pipe_id": [f"P{i + 1}" for i in range(len(lines))], "source_file": "town.gpkg", "source_row": range(len(lines)), **columns},
        geometry=[shapely.LineString(line) for line in lines], crs=CRS,
    )  # fmt: skip
    return Working("pipes", table, [])


def points(layer, places, **columns):
    id_column = {"valves": "valve_id", "hydrants": "hydrant_id", "sources": "source_id", "nodes": "node_id"}[
        layer
    ]
    table = gpd.GeoDataFrame(
        {id_column: list(places), "source_file": "town.gpkg", "source_row": range(len(places)), **columns},
        geometry=[shapely.Point(p) for p in places.values()], crs=CRS,
    )  # fmt: skip
    return Working(layer, table, [])


def town(lines, *, limits=LIMITS, source=None, layers=(), **columns):
    """Build a whole network; a source stands at `source`."""
    columns.setdefault("dn", [100] * len(lines))
    columns.setdefault("material", ["DI"] * len(lines))
    columns.setdefault("inner_diameter_m", [dn / 1000 if dn else None for dn in columns["dn"]])
    working = {"pipes": pipes(lines, **columns), **{layer.layer: layer for layer in layers}}
    if source is not None:
        working["sources"] = points("sources", {"S": source}, head_m=[60.0])
    issues = []
    tables = build_network(working, limits, issues, SILENT)
    return tables, [issue for issue in issues if issue.kind not in OF_OTHERS]


def found(issues, kind):
    return [issue for issue in issues if issue.kind == kind]


def kinds(issues):
    return sorted(issue.kind for issue in issues)


def with_rule(**rules):
    return LIMITS.with_overrides({}, {kind.replace("_", "-"): action for kind, action in rules.items()})


def parts(tables):
    graph = nx.Graph()
    graph.add_edges_from(zip(tables["pipes"]["start_node_id"], tables["pipes"]["end_node_id"], strict=True))
    return nx.number_connected_components(graph)


# ---- the file of rules ----------------------------------------------------------------------------------------------


def test_every_rule_names_a_kind_with_a_sentence_and_does_what_it_may():
    for kind, may in allowed_rules().items():
        assert LIMITS.does(kind) in may
        for language in ("zh", "en"):
            assert kind in catalogue("gis", language)["issue"]
            assert kind in catalogue("gis", language)["issue-name"]


# ---- how lines lie --------------------------------------------------------------------------------------------------


def test_an_end_just_short_of_another_is_doubted_once_and_not_joined():
    tables, issues = town([[(0, 0), (100, 0)], [(100.3, 0), (200, 0)]], source=(0, 0))
    (doubt,) = found(issues, "end-near-end")
    assert doubt.params["away_m"] == pytest.approx(0.3)
    assert doubt.position == (100.0, 0.0)
    assert parts(tables) == 2


def test_an_end_just_short_of_an_end_is_joined_where_the_rule_says_so():
    tables, issues = town(
        [[(0, 0), (100, 0)], [(100.3, 0), (200, 0)]], source=(0, 0), limits=with_rule(end_near_end="join")
    )
    (told,) = found(issues, "end-near-end")
    assert (told.severity, told.repair) == ("repaired", "end-to-point")
    assert parts(tables) == 1
    assert kinds(issues) == ["end-near-end"]


@pytest.mark.parametrize(("rule", "together"), [("warn", 2), ("join", 1), ("off", 2)])
def test_an_end_just_short_of_a_line_is_doubted_joined_or_left(rule, together):
    tables, issues = town(
        [[(0, 0), (100, 0)], [(40, 0.4), (40, 80)]], source=(0, 0), limits=with_rule(end_near_line=rule, part_without_source="off", pipe_alone="off")
    )  # fmt: skip
    assert parts(tables) == together
    assert [(i.severity, i.params["other"]) for i in found(issues, "end-near-line")] == {
        "warn": [("warning", "P1")],
        "join": [("repaired", "P1")],
        "off": [],
    }[rule]


def test_a_hydrant_branch_beside_its_main_is_no_near_miss():
    _, issues = town([[(0, 0), (50, 0)], [(50, 0), (100, 0)], [(50, 0), (50.4, 0.3)]], source=(0, 0))
    assert issues == []


def test_a_crossing_without_a_node_is_doubted_at_its_place_and_never_joined():
    tables, issues = town([[(0, 0), (100, 0)], [(50, -50), (50, 50)], [(100, 0), (50, 50)]], source=(0, 0))
    (doubt,) = issues
    assert (doubt.kind, doubt.subject, doubt.params["pipe"], doubt.position) == (
        "crossing",
        "P1",
        "P2",
        (50.0, 0.0),
    )
    assert len(tables["pipes"]) == 3


def test_a_crossing_is_joined_where_the_rule_says_so():
    tables, issues = town(
        [[(0, 0), (100, 0)], [(50, -50), (50, 50)]], source=(0, 0), limits=with_rule(crossing="join")
    )
    assert [(i.kind, i.severity) for i in issues] == [("crossing", "repaired")]
    assert sorted(tables["pipes"]["pipe_id"]) == ["P1", "P1#2", "P2", "P2#2"]
    assert parts(tables) == 1


def test_pipes_that_pass_each_other_at_known_depths_are_no_doubt():
    lines = [[(0, 0), (100, 0)], [(50, -50), (50, 50)], [(100, 0), (50, 50)]]
    _, issues = town(lines, source=(0, 0), cover_depth_m=[0.8, 1.6, 1.2])
    assert issues == []


def test_an_end_that_runs_past_a_line_is_one_doubt_and_not_two():
    _, issues = town([[(0, 0), (100, 0)], [(40, -0.3), (40, 80)], [(100, 0), (40, 80)]], source=(0, 0))
    assert kinds(issues) == ["end-near-line"]


def test_lines_drawn_on_each_other_in_part_are_doubted_with_the_shared_length():
    lines = [[(0, 0), (100, 0)], [(0, 0), (30, 0.05), (30, 60)]]
    _, issues = town(lines, source=(0, 0))
    (doubt,) = found(issues, "pipes-overlap")
    assert doubt.params["length_m"] == pytest.approx(30.0, abs=0.2)


def test_two_mains_in_one_street_are_no_doubt():
    _, issues = town([[(0, 0), (100, 0)], [(0, 2), (100, 2)], [(0, 0), (0, 2)]], source=(0, 0))
    assert issues == []


def test_abandoned_lines_listed_twice_or_as_in_use_are_doubted():
    lines = [[(0, 0), (100, 0)], [(100, 0.02), (0, 0.02)], [(0, 50), (100, 50)], [(0, 50), (100, 50)]]
    _, issues = town(lines, source=(0, 0), status=["open", "abandoned", "abandoned", "abandoned"])
    assert [(i.kind, i.subject, i.params["other"]) for i in issues] == [
        ("abandoned-in-use", "P2", "P1"),
        ("abandoned-twice", "P4", "P3"),
    ]


def test_a_double_is_kept_where_the_rule_says_so():
    lines = [[(0, 0), (100, 0)], [(0, 0), (100, 0)]]
    tables, issues = town(lines, source=(0, 0), limits=with_rule(pipe_twice="warn", pipes_overlap="off"))
    assert len(tables["pipes"]) == 2
    assert [(i.kind, i.severity, i.repair) for i in issues] == [("pipe-twice", "warning", None)]


# ---- what is joined -------------------------------------------------------------------------------------------------


def test_a_pipe_joined_to_nothing_and_an_island_are_told_apart_and_the_island_is_named():
    lines = [[(0, 0), (100, 0)], [(0, 200), (30, 200)], [(0, 400), (50, 400)], [(50, 400), (90, 400)]]
    _, issues = town(lines, source=(0, 0), road_name=["甲路", "乙路", "丙路", "丙路"])
    assert [(i.kind, i.subject) for i in issues if i.kind == "pipe-alone"] == [("pipe-alone", "P2")]
    (island,) = found(issues, "part-without-source")
    assert (island.params["name"], island.params["count"], island.params["length_m"]) == ("丙路", 2, 90.0)
    assert island.position == (25.0, 400.0)


def test_without_any_source_every_part_but_the_longest_is_told():
    lines = [[(0, 0), (100, 0)], [(0, 400), (50, 400)], [(50, 400), (90, 400)]]
    _, issues = town(lines)
    assert [(i.kind, i.params["parts"]) for i in issues] == [("part-apart", 2)]


# ---- things ---------------------------------------------------------------------------------------------------------


def test_a_valve_in_the_middle_of_a_line_gets_a_node_there():
    valves = points("valves", {"V": (30.0, 0.0)})
    tables, issues = town([[(0, 0), (100, 0)]], source=(0, 0), layers=[valves])
    assert kinds(issues) == ["asset-mid-line"]
    node = tables["nodes"].set_index("node_id").geometry[tables["valves"]["node_id"].iloc[0]]
    assert node.coords[0] == (30.0, 0.0)
    assert len(tables["pipes"]) == 2


def test_a_hydrant_beside_a_line_keeps_its_place_and_the_line_gets_the_node():
    hydrants = points("hydrants", {"H": (30.0, 0.8)})
    tables, issues = town([[(0, 0), (100, 0)]], source=(0, 0), layers=[hydrants])
    (told,) = issues
    assert (told.kind, told.layer, told.params["away_m"]) == (
        "asset-off-node",
        "hydrants",
        pytest.approx(0.8),
    )
    assert tables["hydrants"].geometry.iloc[0].coords[0] == (30.0, 0.8)
    node = tables["nodes"].set_index("node_id").geometry[tables["hydrants"]["node_id"].iloc[0]]
    assert node.coords[0] == pytest.approx((30.0, 0.0))


def test_a_gap_as_long_as_a_valve_is_drawn_is_closed_at_the_valve():
    limits = LIMITS.with_overrides({"valve_gap_m": 2.0})
    lines = [[(0, 0), (99, 0)], [(101, 0), (200, 0)]]
    tables, issues = town(lines, source=(0, 0), layers=[points("valves", {"V": (100.0, 0.0)})], limits=limits)
    assert kinds(issues) == ["gap-at-valve"]
    assert parts(tables) == 1


def test_a_valve_with_two_possible_other_sides_is_doubted():
    limits = LIMITS.with_overrides({"valve_gap_m": 2.0})
    lines = [[(0, 0), (100, 0)], [(102, 0), (200, 0)], [(100, 2), (100, 90)]]
    tables, issues = town(lines, source=(0, 0), layers=[points("valves", {"V": (100.0, 0.0)})], limits=limits)
    (doubt,) = found(issues, "gap-at-valve-unclear")
    assert doubt.params["count"] == 2
    assert parts(tables) == 3


# ---- known points ---------------------------------------------------------------------------------------------------


def test_ends_far_from_their_points_find_them_by_place_and_recorded_length():
    limits = LIMITS.with_overrides({"point_reach_m": 10.0, "snap_m": 0.0, "tee_m": 0.0})
    nodes = points("nodes", {"A": (0, 0), "B": (100, 0), "B2": (97, 0), "C": (200, 0)})
    # The first line is drawn 1.4 m short of B2 but recorded as long as A to B.
    lines = [[(2, 1), (98, 1)], [(104, 2), (196, -2)]]
    tables, issues = town(lines, layers=[nodes], limits=limits, length_m=[100.0, 100.0])
    ends = tables["pipes"].set_index("pipe_id")[["start_node_id", "end_node_id"]].to_numpy().tolist()
    assert ends == [["A", "B"], ["B", "C"]]
    assert len(found(issues, "end-off-point")) == 4


# ---- sizes against the flow -----------------------------------------------------------------------------------------

STREET = [[(0, 0), (100, 0)], [(100, 0), (200, 0)], [(200, 0), (300, 0)]]


def test_a_small_pipe_between_two_large_ones_on_the_only_way_is_doubted():
    _, issues = town([*STREET, [(100, 0), (100, 60)]], dn=[300, 100, 300, 100], source=(0, 0))
    (doubt,) = issues
    assert (doubt.kind, doubt.subject, doubt.params["pipe"]) == ("bore-narrow", "P2", "P3")
    assert (doubt.params["before_mm"], doubt.params["bore_mm"], doubt.params["next_mm"]) == (300, 100, 300)


def test_a_pipe_that_feeds_a_larger_one_is_doubted():
    _, issues = town(STREET, dn=[100, 100, 300], source=(0, 0))
    assert [(i.kind, i.subject) for i in issues] == [("bore-widens", "P2")]


def test_sizes_that_fall_along_the_flow_are_no_doubt():
    _, issues = town(STREET, dn=[300, 200, 100], source=(0, 0))
    assert issues == []


def test_a_small_pipe_with_another_way_round_it_is_no_doubt():
    lines = [*STREET, [(100, 0), (150, 50)], [(150, 50), (200, 0)], [(150, 50), (150, 90)]]
    _, issues = town(lines, dn=[300, 100, 300, 300, 300, 100], source=(0, 0))
    assert issues == []


def test_a_short_reduction_is_a_fitting():
    lines = [[(0, 0), (100, 0)], [(100, 0), (103, 0)], [(103, 0), (200, 0)]]
    _, issues = town(lines, dn=[300, 100, 300], source=(0, 0))
    assert issues == []


EDGES = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda e: e[0] != e[1]), min_size=1, max_size=25
)


@settings(max_examples=200, deadline=None)
@given(EDGES, st.lists(st.integers(0, 9), min_size=1, max_size=3, unique=True))
def test_pipes_without_a_second_way_are_those_whose_loss_cuts_nodes_off(edges, sources):
    """Against brute force: leave a pipe out and see whether a node that had a source still has one."""
    start, end = np.array(edges).T
    tree = feeding(start, end, np.ones(len(edges), dtype=bool), np.array(sources), nodes=10)

    def fed(left_out):
        graph = nx.MultiGraph()
        graph.add_nodes_from(range(11))
        graph.add_edges_from((10, source) for source in sources)
        graph.add_edges_from(edge for row, edge in enumerate(edges) if row != left_out)
        return nx.node_connected_component(graph, 10)

    everything = fed(None)
    assert [bool(alone) for alone in tree.alone] == [
        len(fed(row)) < len(everything) for row in range(len(edges))
    ]
    for row in np.flatnonzero(tree.alone):
        assert tree.beyond[row] not in fed(row)


# ---- values ---------------------------------------------------------------------------------------------------------


def row_of_pipes(count):
    return [[(50 * i, 0), (50 * i + 50, 0)] for i in range(count)]


def row_of_years(years, **more):
    """Pipes of two materials and sizes, one after the other, laid in these years."""
    materials, sizes = ["DI", "ST"] * (len(years) // 2), [100, 110] * (len(years) // 2)
    return town(
        row_of_pipes(len(years)), source=(0, 0), install_year=years, material=materials, dn=sizes, **more
    )


def test_a_year_that_most_pipes_share_is_a_default_told_once():
    years = [2017] * 60 + list(range(1970, 2010))
    _, issues = row_of_years(years)
    (doubt,) = issues
    assert doubt.params == {
        "attribute": "install_year",
        "value": 2017,
        "count": 60,
        "total": 100,
        "share_pct": 60.0,
    }
    assert "敷设年代" in doubt.message("zh") and "Install year" in doubt.message("en")


def test_a_round_year_far_above_its_neighbours_is_a_default():
    years = [*(1970 + i % 50 for i in range(300)), *[2000] * 80]
    _, issues = row_of_years(years)
    assert [i.params["value"] for i in found(issues, "value-placeholder")] == [2000]


def test_years_of_a_growing_town_are_no_default():
    rng = np.random.default_rng(3)
    years = np.clip(rng.normal(1995, 12, 400).round(), 1960, 2024).astype(int)
    _, issues = row_of_years(years.tolist())
    assert issues == []


def test_a_default_is_left_out_where_the_rule_says_so_and_each_pipe_tells_what_it_had():
    years = [2017] * 60 + list(range(1970, 2010))
    tables, issues = row_of_years(years, limits=with_rule(value_placeholder="leave-out"))
    assert tables["pipes"]["install_year"].isna().sum() == 60
    assert {issue.params["value"] for issue in issues} == {2017}
    assert len({issue.subject for issue in issues}) == 60


def test_a_pipe_older_than_its_material_and_a_size_never_made_are_doubted():
    _, issues = town(STREET, source=(0, 0), material=["PE", "PCCP", "DI"], install_year=[1935, 1990, 1990])
    assert [(i.kind, i.subject) for i in issues] == [("year-before-material", "P1"), ("dn-not-made", "P2")]
    assert "聚乙烯" in issues[0].message("zh") and "1935" in issues[0].message("zh")


def test_one_material_over_forty_years_is_a_default():
    years = [1970 + i % 40 for i in range(100)]
    _, issues = town(row_of_pipes(100), source=(0, 0), install_year=years, dn=[100, 110] * 50)
    assert [i.params["value"] for i in issues] == ["DI"]
    assert "球墨铸铁" in issues[0].message("zh")


def test_level_zero_among_hills_is_not_recorded():
    places = {f"N{i}": (50.0 * i, 0.0) for i in range(81)}
    levels = [0.0 if i % 10 == 0 else 100.0 + i for i in range(81)]
    nodes = points("nodes", places, elevation_m=levels)
    tables, issues = town(row_of_pipes(80), source=(0, 0), layers=[nodes])
    (told,) = found(issues, "value-zero")
    assert (told.params["count"], told.repair) == (9, "value-left-out")
    assert tables["nodes"]["elevation_m"].min() > 99


# ---- properties -----------------------------------------------------------------------------------------------------

COORDINATE = st.integers(0, 40).map(lambda n: n * 0.037) | st.integers(0, 6).map(float)
LINE = st.lists(st.tuples(COORDINATE, COORDINATE), min_size=2, max_size=4)
JOINING = LIMITS.with_overrides({}, {"end-near-end": "join", "end-near-line": "join", "crossing": "join"})


def doubts(net, limits=LIMITS):
    return {issue.issue_id for issue in doubts_of_lying(weave(net.pipes, net.nodes), limits)}


@settings(max_examples=25, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=10))
def test_a_repaired_network_repaired_again_leaves_the_same_doubts(lines):
    once = repair(pipes(lines), None, LIMITS)
    again = repair(Working("pipes", once.pipes, []), Working("nodes", once.nodes, []), LIMITS)
    assert doubts(again) == doubts(once)


@settings(max_examples=25, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=10))
def test_joining_near_misses_and_crossings_leaves_none_and_is_done_once(lines):
    once = repair(pipes(lines), None, JOINING)
    left = [i for i in doubts_of_lying(weave(once.pipes, once.nodes), LIMITS) if i.kind in JOINING.rules]
    assert [i.kind for i in left if JOINING.does(i.kind) == "join"] == []
    again = repair(Working("pipes", once.pipes, []), Working("nodes", once.nodes, []), JOINING)
    assert [i.kind for i in again.issues if i.severity == "repaired"] == []


@settings(max_examples=25, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=10), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_doubt(lines, random):
    forward = repair(pipes(lines), None, LIMITS)
    plain = pipes(lines).table
    rows = list(range(len(lines)))
    random.shuffle(rows)
    shuffled = repair(Working("pipes", plain.iloc[rows].reset_index(drop=True), []), None, LIMITS)
    assert doubts(shuffled) == doubts(forward)
