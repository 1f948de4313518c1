"""Routes keep to the side of the street, cross it square, cost least, and add up to the metre."""

import itertools
import math
from dataclasses import replace
from datetime import date

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from gis.corridors import Corridors
from gis.ways.graph import node_lines
from gis.ways.terms import Tariff
from tests.gis.street_town import (
    PLAIN,
    PRICES,
    TERMS,
    adds_up,
    areas,
    by_surface,
    city,
    kinds,
    one_route,
    pipes,
    streets,
)

ROAD = [(0, 0), (300, 0)]


def starts_and_ends(route, target, site):
    first, last = route.line.coords[0], route.line.coords[-1]
    assert math.dist(first, target) < 1e-9
    assert math.dist(last, site) < 1e-9


# --- least cost, against brute force ---------------------------------------------------------------------------------

BLOCK, HALF, LANE = 60.0, 6.0, 7.5  # block side, half a street, lane from the middle [m]
ARMS = {"E": (1, 0), "N": (0, 1), "W": (-1, 0), "S": (0, -1)}


@st.composite
def street_grids(draw):
    """Blocks of 60 m with streets missing, no dead end among the rest, surfaces mixed; two places on the lanes."""
    size = draw(st.integers(2, 4))
    corners = list(itertools.product(range(size), range(size)))
    sides = [
        (a, b) for a, b in itertools.combinations(corners, 2) if abs(a[0] - b[0]) + abs(a[1] - b[1]) == 1
    ]
    graph = nx.Graph(sides)
    for a, b in draw(st.lists(st.sampled_from(sides), max_size=len(sides), unique=True)):
        if graph.has_edge(a, b) and graph.degree(a) > 2 and graph.degree(b) > 2:
            graph.remove_edge(a, b)
    kept = sorted(tuple(sorted(edge)) for edge in graph.edges)
    surfaces = [draw(st.sampled_from(["asphalt", "concrete", "gravel"])) for _ in kept]
    places = draw(
        st.lists(
            st.tuples(st.sampled_from(range(len(kept))), st.integers(2, 8), st.sampled_from([-1, 1])),
            min_size=2, max_size=2, unique_by=lambda place: (place[0], place[1]),
        )
    )  # fmt: skip
    return kept, surfaces, places


def judged(kept, surfaces, places, prices, crossing_cny):
    """The least cost by networkx on a model made by hand: four corners a crossing, two lanes a street."""
    graph = nx.Graph()
    paved = prices["paving-brick"]
    over = {
        edge: 2 * HALF * prices[surface] + 2 * (LANE - HALF) * paved + crossing_cny
        for edge, surface in zip(kept, surfaces, strict=True)
    }
    for x, y in {corner for edge in kept for corner in edge}:
        for dx, dy in ARMS.values():
            edge = tuple(sorted([(x, y), (x + dx, y + dy)]))
            sides = [((x, y), (dx or s, dy or s)) for s in (1, -1)]
            cost = over.get(edge, 2 * LANE * paved)
            graph.add_edge(*sides, weight=cost)
    for k, (a, b) in enumerate(kept):
        along = (b[0] - a[0], b[1] - a[1])
        for s in (1, -1):
            ends = [
                (a, (along[0] or s, along[1] or s)),
                (b, (-along[0] or s, -along[1] or s)),
            ]
            stops = sorted((tenth, (k, tenth, s)) for j, tenth, _ in places if j == k)
            chain = [(LANE / BLOCK * 10, ends[0]), *stops, (10 - LANE / BLOCK * 10, ends[1])]
            for (low, one), (high, two) in itertools.pairwise(chain):
                graph.add_edge(one, two, weight=paved * (high - low) * BLOCK / 10)
    for k, tenth, _ in places:
        graph.add_edge((k, tenth, 1), (k, tenth, -1), weight=over[kept[k]])
    assume(nx.has_path(graph, places[0], places[1]))  # streets that do not meet have their own test
    return nx.dijkstra_path_length(graph, places[0], places[1])


def position(kept, place):
    k, tenth, side = place
    a, b = (np.asarray(corner) * BLOCK for corner in kept[k])
    along = (b - a) / BLOCK
    across = np.array([0.0, side]) if along[0] else np.array([side, 0.0])
    return tuple(a + (b - a) * tenth / 10 + across * LANE)


@given(street_grids(), st.sampled_from([0.0, 5_000.0]))
@settings(max_examples=60, deadline=None)
def test_the_cost_is_that_of_a_brute_force_search(grid, crossing_cny):
    kept, surfaces, places = grid
    prices = {"asphalt": 300.0, "concrete": 450.0, "gravel": 90.0, "paving-brick": 150.0}
    least_cny = judged(kept, surfaces, places, prices, crossing_cny)
    lines = [[(BLOCK * x, BLOCK * y) for x, y in edge] for edge in kept]
    roads = shapely.buffer(
        [LineString(line) for line in lines], LANE + 0.2, cap_style="square", join_style="mitre"
    )
    land = shapely.get_parts(box(-200, -200, 500, 500).difference(shapely.union_all(roads)))
    town = city(
        streets=streets(lines, surfaces=surfaces, width_m=2 * HALF),
        parcels=areas("parcel", list(land), use=["residential"] * len(land)),
    )
    site, target = (position(kept, place) for place in places)

    route = one_route(town, site, target, prices=prices, terms=PLAIN, crossing_cny=crossing_cny)

    adds_up(route)
    starts_and_ends(route, target, site)
    assert route.basis == "streets"
    assert route.cost_cny == pytest.approx(least_cny, rel=1e-6)


# --- the side of the street ------------------------------------------------------------------------------------------


def test_a_trench_keeps_to_the_side_of_the_street_its_tapoff_is_on():
    route = one_route(city(streets=streets([ROAD])), (250, 30), (30, 8))
    assert by_surface(route) == {"paving-brick": pytest.approx(route.length_m)}
    assert route.street_crossings == ()
    # to the site at a right angle, at the lane 1.5 m from the kerb or the tap-off's own 2 m
    assert route.length_m == pytest.approx(220 + 22, abs=1.1)


def test_a_street_is_crossed_once_and_square():
    route = one_route(city(streets=streets([ROAD])), (250, 40), (30, -5))
    (crossing,) = route.street_crossings
    assert crossing.angle_deg == pytest.approx(90.0, abs=0.5)
    assert (crossing.road_name, crossing.road_class) == ("第0路", "branch")
    assert by_surface(route)["asphalt"] <= 12.0


def test_a_side_street_is_crossed_straight_on():
    town = city(streets=streets([[(0, 0), (400, 0)], [(200, 0), (200, 150)]]))
    route = one_route(town, (330, 30), (60, 7))
    assert [crossing.road_name for crossing in route.street_crossings] == ["第1路"]
    assert route.street_crossings[0].angle_deg == pytest.approx(90.0, abs=1.0)
    assert by_surface(route)["asphalt"] == pytest.approx(12.0, abs=0.1)


def test_a_street_that_meets_aslant_is_still_crossed_square_enough():
    town = city(streets=streets([[(0, 0), (400, 0)], [(150, 0), (250, 100)]]))
    route = one_route(town, (360, 30), (60, 7))
    assert all(crossing.angle_deg >= 60.0 - 1e-6 for crossing in route.street_crossings)
    assert "slanted-crossing" not in kinds(route)


def test_the_parcel_is_entered_where_it_faces_the_street():
    own = box(100, 10, 200, 110)
    town = city(
        streets=streets([ROAD]),
        parcels=areas("parcel", [own, box(200, 10, 300, 110)], use=["residential"] * 2),
    )
    route = one_route(town, (180, 60), (290, 4))
    entry = route.line.intersection(own.exterior)
    assert entry.geom_type == "Point"
    assert entry.y == pytest.approx(10.0)
    assert "foreign-land" not in kinds(route)


def test_there_are_no_corners_that_serve_nothing():
    # a street drawn in many pieces, each a hand's breadth off the line
    xs = np.linspace(0, 400, 41)
    drawn = [(x, 0.05 * (k % 2)) for k, x in enumerate(xs)]
    route = one_route(city(streets=streets([drawn])), (350, 40), (30, 7))
    assert len(route.line.coords) <= 4


def test_two_carriageways_with_a_narrow_strip_are_one_street():
    town = city(streets=streets([[(0, 0), (300, 0)], [(0, 14), (300, 14)]]))
    route = one_route(town, (250, 60), (40, -8))
    assert len({crossing.road_name for crossing in route.street_crossings}) == 2
    inside = route.line.intersection(box(-10, 6.5, 400, 7.5))
    assert inside.length == pytest.approx(1.0, abs=0.05)  # straight over the strip, never along it


def test_a_street_without_a_width_has_the_usual_one_of_its_class():
    town = city(streets=streets([ROAD], width_m=None, classes=["lane"]))
    route = one_route(town, (250, 30), (30, -4))
    assert by_surface(route)["asphalt"] == pytest.approx(5.0, abs=0.01)


# --- surfaces and prices ---------------------------------------------------------------------------------------------


def test_a_trench_runs_under_carriageway_pavement_and_soil_in_that_order():
    town = city(
        streets=streets([ROAD]), parcels=areas("parcel", [box(100, 10, 200, 80)], use=["residential"])
    )
    route = one_route(town, (150, 50), (150, 0))
    assert [run.surface for run in route.surfaces] == ["asphalt", "paving-brick", "soil"]
    assert [run.length_m for run in route.surfaces] == pytest.approx([6.0, 4.0, 40.0], abs=0.06)
    assert (route.surfaces[0].road_name, route.surfaces[0].road_class) == ("第0路", "branch")
    assert route.surfaces[0].street_id == "S0"
    assert route.surfaces[2].road_name is None
    assert route.cost_cny == pytest.approx(6 * 300 + 4 * 150 + 40 * 60, rel=0.01)


def test_a_green_parcel_is_dug_as_green_and_is_nobodys_land():
    town = city(streets=streets([ROAD]), parcels=areas("parcel", [box(100, 10, 200, 80)], use=["green"]))
    route = one_route(town, (150, 95), (150, 0))
    assert by_surface(route)["green"] == pytest.approx(70.0, abs=0.2)
    assert "foreign-land" not in kinds(route)


def test_the_class_of_the_road_prices_its_carriageway():
    town = city(streets=streets([ROAD], classes=["arterial"]))
    prices = PRICES | {"asphalt:arterial": 500.0}
    cheap, dear = (one_route(town, (250, 30), (30, -8), prices=p) for p in (PRICES, prices))
    assert dear.cost_cny - cheap.cost_cny == pytest.approx(12 * 200.0, rel=1e-6)


def test_a_surface_without_a_price_costs_as_much_as_the_dearest():
    route = one_route(city(streets=streets([ROAD])), (200, 0), (100, 0), prices={"soil": 7.0})
    assert route.cost_cny == pytest.approx(route.length_m * 7.0)


def test_a_price_for_crossings_sends_the_route_around_the_end_of_a_side_street():
    town = city(streets=streets([[(0, 0), (400, 0)], [(200, 0), (200, 60)]]))
    short = one_route(town, (330, 20), (60, 8))
    calm = one_route(town, (330, 20), (60, 8), crossing_cny=40_000.0)
    assert len(short.street_crossings) == 1
    assert calm.street_crossings == ()
    assert calm.length_m > short.length_m + 90.0
    paid = one_route(town, (330, 20), (60, 8), crossing_cny=1_000.0)
    assert paid.cost_cny == pytest.approx(short.cost_cny + 1_000.0)


def test_a_banned_street_is_left_for_another_while_the_ban_lasts():
    lines = [[(0, 0), (300, 0)], [(0, 80), (300, 80)], [(0, 0), (0, 80)], [(300, 0), (300, 80)]]
    paved = ["2025-10-01", None, None, None]
    town = city(streets=streets(lines, paved_on=paved))
    during = one_route(town, (292, 20), (8, 20), on=date(2026, 11, 21))
    after = one_route(town, (292, 20), (8, 20), on=date(2028, 10, 2))
    assert "第0路" in {run.road_name for run in after.surfaces}
    assert "第0路" not in {run.road_name for run in during.surfaces}
    # the anniversary itself is still banned
    assert "第0路" not in {
        run.road_name for run in one_route(town, (292, 20), (8, 20), on=date(2028, 10, 1)).surfaces
    }


# --- noding ----------------------------------------------------------------------------------------------------------


def test_streets_that_cross_without_a_vertex_meet_there():
    route = one_route(
        city(streets=streets([[(0, 0), (200, 0)], [(100, -100), (100, 100)]])), (100, 80), (20, 0)
    )
    assert route.basis == "streets"
    assert route.length_m == pytest.approx(160.0, abs=20.0)


def test_a_street_drawn_a_little_short_of_another_still_joins_it():
    route = one_route(
        city(streets=streets([[(0, 0), (200, 0)], [(100, 0.3), (100, 100)]])), (100, 80), (20, 0)
    )
    assert route.basis == "streets"
    adds_up(route)


@given(
    st.lists(
        # a street that crosses itself is not cut at that place
        st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=4, unique=True).filter(
            lambda line: LineString(line).is_simple
        ),
        min_size=1,
        max_size=8,
    )
)
@settings(max_examples=60, deadline=None)
def test_noding_keeps_every_metre_and_leaves_no_crossing_in_mid_edge(lines):
    drawn = shapely.union_all([LineString(line) for line in lines])
    graph = node_lines(
        np.array([LineString(line) for line in lines], dtype=object), snap_m=1e-6, crossings=True
    )
    assert shapely.union_all(graph.lines).length == pytest.approx(drawn.length, rel=1e-6)
    for one, other in itertools.combinations(graph.lines, 2):
        shared = one.intersection(other)
        if not shared.is_empty and shared.length < 1e-6:
            tips = shapely.MultiPoint(
                [*one.coords[:: len(one.coords) - 1], *other.coords[:: len(other.coords) - 1]]
            )
            assert all(tips.distance(Point(p)) < 1e-4 for p in shapely.get_coordinates(shared))


# --- where there are no streets --------------------------------------------------------------------------------------


def test_without_streets_the_route_runs_beside_the_pipes_and_says_so():
    route = one_route(city(pipes=pipes([[(0, 0), (100, 0)], [(100, 0), (100, 100)]])), (110, 90), (10, 0))
    assert (route.basis, route.reason) == ("pipes", "no-streets")
    assert 160 <= route.length_m <= 200
    # not on top of the pipe it follows
    assert route.line.intersection(LineString([(0, 0), (100, 0), (100, 100)]).buffer(0.4)).length < 2.0
    adds_up(route)


def test_with_neither_streets_nor_pipes_the_route_is_straight_and_says_so():
    route = one_route(city(), (30, 40), (0, 0))
    assert (route.basis, route.reason, route.length_m) == ("straight", "no-streets", 50.0)
    adds_up(route)


def test_streets_out_of_reach_do_not_count():
    town = city(streets=streets([[(0, 900), (50, 900)]]))
    assert one_route(town, (30, 40), (0, 0), reach_m=500).basis == "straight"


def test_streets_far_from_the_site_are_no_street_data():
    town = city(streets=streets([[(0, 400), (50, 400)]]))
    route = one_route(town, (30, 40), (0, 0))
    assert (route.basis, route.length_m) == ("straight", 50.0)


def test_streets_that_do_not_connect_are_told_apart_from_none():
    town = city(streets=streets([[(0, 0), (100, 0)], [(900, 0), (1000, 0)]]))
    route = one_route(town, (50, 20), (950, 20))
    assert (route.basis, route.reason) == ("straight", "unconnected")


def test_a_tie_in_out_of_reach_or_nowhere_has_no_route():
    corridors = Corridors(city(streets=streets([[(0, 0), (3000, 0)]])), TERMS)
    routes = corridors.routes(
        (0, 10), [(2000, 0), (math.nan, 0), (50, 0)], reach_m=500, tariff=Tariff(PRICES)
    )
    assert [route is None for route in routes] == [True, True, False]


def test_a_tie_in_on_the_site_is_a_route_of_no_length():
    route = one_route(city(streets=streets([[(0, 0), (100, 0)]])), (50, 0), (50, 0))
    assert (route.length_m, route.surfaces, route.cost_cny) == (0.0, (), 0.0)


@pytest.mark.parametrize("crs", [None, "EPSG:4548"])
def test_missing_and_broken_geometries_do_not_stop_it(crs):
    bow_tie = shapely.Polygon([(10, 10), (20, 20), (20, 10), (10, 20)])
    town = city(
        crs,
        streets=streets([None, [(0, 0), (100, 0)], [(5, 5), (5, 5)]]),
        parcels=areas("parcel", [None, bow_tie], use=["other", None]),
        buildings=areas("building", [None, bow_tie]),
        waters=areas("water", [None, bow_tie]),
    )
    route = one_route(town, (50, 15), (10, 0))
    assert route.basis == "streets"
    adds_up(route)


# --- properties ------------------------------------------------------------------------------------------------------


def _layers(turn=lambda xy: xy):
    lines = [[(0, 100 * k), (300, 100 * k + 7)] for k in range(4)] + [
        [(100 * k, 0), (100 * k - 9, 320)] for k in range(4)
    ]
    parcels = [
        box(100 * i + 12, 100 * j + 14, 100 * i + 84, 100 * j + 86) for i in range(3) for j in range(3)
    ]
    houses = [box(100 * i + 25, 100 * j + 30, 100 * i + 70, 100 * j + 42) for i in range(3) for j in range(3)]
    return {
        "streets": streets([[turn(xy) for xy in line] for line in lines], width_m=14.0),
        "parcels": areas(
            "parcel", [shapely.transform(p, _each(turn)) for p in parcels], use=["residential", "green", "office"] * 3
        ),
        "buildings": areas("building", [shapely.transform(h, _each(turn)) for h in houses]),
    }  # fmt: skip


def _each(turn):
    return lambda xy: np.array([turn(tuple(p)) for p in xy]).reshape(-1, 2)


TOWN = Corridors(city(**_layers()), TERMS)
coordinates = st.tuples(st.floats(-150, 450), st.floats(-150, 450))


@given(site=coordinates, targets=st.lists(coordinates, max_size=3))
@settings(max_examples=60, deadline=None)
def test_every_route_adds_up_joins_its_two_places_and_hides_nothing(site, targets):
    routes = TOWN.routes(site, targets, reach_m=700.0, tariff=Tariff(PRICES))
    layers = _layers()
    for target, route in zip(targets, routes, strict=True):
        if math.dist(site, target) > 700.0:
            assert route is None
            continue
        adds_up(route)
        starts_and_ends(route, target, site)
        assert route.length_m >= math.dist(site, target) - 1e-6
        assert route.cost_cny == pytest.approx(
            sum(r.length_m * PRICES[r.surface] for r in route.surfaces), abs=0.01
        )
        assert route.reckoned_cny >= route.cost_cny - 1e-6
        assert route.line.is_simple
        for kind, layer in (("building", "buildings"), ("foreign-land", "parcels")):
            uses = layers["parcels"]["use"] if layer == "parcels" else ["x"] * 9
            others = [
                p for p, use in zip(layers[layer]["geometry"], uses, strict=True)
                if use != "green" and not p.intersects(Point(site))
            ]  # fmt: skip
            met_m = route.line.intersection(shapely.union_all(others)).length
            told_m = sum(note.extent_m for note in route.notes if note.kind == kind)
            assert told_m == pytest.approx(met_m, abs=0.5)


PLACES = [((150, 60), (20, 108)), ((250, 250), (95, 20)), ((40, 160), (280, 95)), ((60, 36), (205, 210))]


@pytest.mark.parametrize(("site", "target"), PLACES)
@pytest.mark.parametrize(
    "turn", [lambda xy: (-xy[0], xy[1]), lambda xy: (-xy[1], xy[0]), lambda xy: (xy[0] + 4e5, xy[1] - 7e4)]
)
def test_a_town_mirrored_turned_or_moved_has_the_same_routes(turn, site, target):
    one = one_route(city(**_layers()), site, target)
    other = one_route(city(**_layers(turn)), turn(site), turn(target))
    assert other.reckoned_cny == pytest.approx(one.reckoned_cny, rel=1e-3)
    assert other.length_m == pytest.approx(one.length_m, rel=1e-3)


@pytest.mark.parametrize(("site", "target"), PLACES)
def test_a_route_depends_neither_on_the_other_targets_nor_on_what_was_asked_before(site, target):
    corridors = Corridors(city(**_layers()), TERMS)
    others = [xy for _, xy in PLACES if xy != target]
    alone = one_route(city(**_layers()), site, target)
    among = corridors.routes(site, [*others, target], reach_m=700.0, tariff=Tariff(PRICES))[-1]
    again = corridors.routes(site, [target], reach_m=700.0, tariff=Tariff(PRICES))[0]
    assert shapely.equals_exact(alone.line, again.line, 1e-6)
    assert among.reckoned_cny == pytest.approx(alone.reckoned_cny, rel=1e-6)


def test_a_window_too_small_at_first_is_widened_until_no_other_way_is_shorter():
    # next to each other by air; the only street between them goes a long way round
    lines = [[(0, 0), (0, 900), (60, 900), (60, 0)]]
    town = city(streets=streets(lines, width_m=6.0), buildings=areas("building", [box(12, -400, 48, 880)]))
    route = one_route(town, (56, 10), (4, 10))
    assert route.basis == "streets"
    assert route.length_m == pytest.approx(2 * 890 + 52, abs=40)
    assert kinds(route) == []


def test_terms_without_the_outer_lanes_still_route():
    route = one_route(
        city(streets=streets([ROAD])), (250, 30), (30, -8), terms=replace(TERMS, lanes_m=(1.5,))
    )
    assert route.basis == "streets"
    adds_up(route)
