"""Routes run along streets at least cost, add up to the metre, and leave buildings alone."""

import itertools
import math

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from gis.corridors import Corridors
from gis.ways.graph import node_lines
from gis.network import Network
from gis.schema import conform, empty_layer

PRICES = {"asphalt": 300.0, "concrete": 250.0, "paving-brick": 150.0, "soil": 60.0, "green": 80.0}
CRS = "EPSG:4548"


def city(crs=CRS, **layers):
    def read(name):
        if name not in layers:
            return empty_layer(name, crs)
        table = gpd.GeoDataFrame(layers[name], geometry="geometry", crs=crs)
        return conform(table, name)

    return Network("v-test", None, "test", synthetic=True, read_layer=read)


def streets(lines, *, width_m=None, surfaces=None):
    return {
        "street_id": [f"S{k}" for k in range(len(lines))],
        "name": [f"第{k}路" for k in range(len(lines))],
        "road_class": ["branch"] * len(lines),
        "surface": surfaces or ["asphalt"] * len(lines),
        "width_m": [width_m] * len(lines),
        "geometry": [None if line is None else LineString(line) for line in lines],
    }


def areas(name, polygons, **columns):
    return {f"{name}_id": [f"A{k}" for k in range(len(polygons))], "geometry": polygons, **columns}


def pipes(lines):
    return {
        "pipe_id": [f"P{k}" for k in range(len(lines))],
        "geometry": [LineString(line) for line in lines],
    }


def one_route(network, site, target, *, reach_m=2000.0, prices=PRICES, **options):
    (route,) = Corridors(network).routes(
        site, [target], reach_m=reach_m, surface_cost_cny_m=prices, **options
    )
    return route


def by_surface(route):
    total = {}
    for run in route.surfaces:
        total[run.surface] = total.get(run.surface, 0.0) + run.length_m
    return total


def adds_up(route):
    assert route.length_m == route.line.length
    assert math.fsum(run.length_m for run in route.surfaces) == pytest.approx(route.length_m, abs=1e-6)
    assert all(run.length_m > 0 for run in route.surfaces)


def starts_and_ends(route, target, site):
    first, last = route.line.coords[0], route.line.coords[-1]
    assert math.dist(first, target) < 1e-9
    assert math.dist(last, site) < 1e-9


# --- the walk itself against brute force ---------------------------------------------------------------------------


@st.composite
def street_grids(draw):
    """A grid of 60 m with streets missing and surfaces mixed; every block side is a street of its own."""
    size = draw(st.integers(2, 4))
    corners = list(itertools.product(range(size), range(size)))
    sides = [
        (a, b) for a, b in itertools.combinations(corners, 2) if abs(a[0] - b[0]) + abs(a[1] - b[1]) == 1
    ]
    kept = draw(st.lists(st.sampled_from(sides), min_size=1, unique=True))
    surfaces = [draw(st.sampled_from(["asphalt", "concrete", "gravel"])) for _ in kept]
    places = draw(
        st.lists(
            st.tuples(st.sampled_from(range(len(kept))), st.integers(1, 9)),
            min_size=2,
            max_size=5,
            unique=True,
        )
    )
    return kept, surfaces, places


@given(street_grids())
@settings(max_examples=150, deadline=None)
def test_the_cost_along_streets_is_that_of_a_brute_force_dijkstra(grid):
    kept, surfaces, places = grid
    # pavement is priced out, so that only the walk along the streets is compared
    prices = {"asphalt": 3.0, "concrete": 5.0, "gravel": 1.0, "paving-brick": 1e6}
    lines = [[(60.0 * x, 60.0 * y) for x, y in side] for side in kept]
    positions = [
        tuple(np.asarray(lines[k][0]) + (np.asarray(lines[k][1]) - np.asarray(lines[k][0])) * tenth / 10)
        for k, tenth in places
    ]
    graph = nx.Graph()
    for k, (line, surface) in enumerate(zip(lines, surfaces, strict=True)):
        stops = sorted([0, 10, *(tenth for j, tenth in places if j == k)])
        names = [line[0] if t == 0 else line[1] if t == 10 else (k, t) for t in stops]
        for (a, low), (b, high) in itertools.pairwise(zip(names, stops, strict=True)):
            graph.add_edge(a, b, weight=prices[surface] * 6.0 * (high - low))
    costs = nx.single_source_dijkstra_path_length(graph, places[0])

    routes = Corridors(city(streets=streets(lines, surfaces=surfaces))).routes(
        positions[0], positions[1:], reach_m=5000.0, surface_cost_cny_m=prices
    )

    for place, position, route in zip(places[1:], positions[1:], routes, strict=True):
        adds_up(route)
        starts_and_ends(route, position, positions[0])
        if place in costs:
            assert route.basis == "streets"
            assert route.cost_cny == pytest.approx(costs[place], rel=1e-9)
        else:
            assert route.basis == "streets" or route.basis == "straight"


def test_a_junction_price_sends_the_route_through_fewer_junctions():
    # two ways of nearly equal length: the lower one passes two side streets
    lines = [
        [(0, 0), (200, 0)], [(0, 0), (0, 20)], [(0, 20), (200, 20)], [(200, 20), (200, 0)],
        [(60, 0), (60, -30)], [(120, 0), (120, -30)], [(-50, 0), (0, 0)], [(200, 0), (250, 0)],
    ]  # fmt: skip
    town = city(streets=streets(lines))
    prices = {"asphalt": 300.0, "paving-brick": 1e6}
    short = one_route(town, (240, 0), (-40, 0), prices=prices)
    calm = one_route(town, (240, 0), (-40, 0), prices=prices, crossing_cny=20_000.0)
    assert short.length_m == pytest.approx(280.0)
    assert calm.length_m == pytest.approx(320.0)
    # 320 m of asphalt and the two junctions at (0, 0) and (200, 0)
    assert calm.cost_cny == pytest.approx(320 * 300 + 2 * 20_000)


# --- noding --------------------------------------------------------------------------------------------------------


def test_streets_that_cross_without_a_vertex_meet_there():
    route = one_route(
        city(streets=streets([[(0, 0), (200, 0)], [(100, -100), (100, 100)]])), (100, 80), (20, 0)
    )
    assert route.length_m == pytest.approx(160.0)
    assert route.basis == "streets"


def test_a_street_drawn_a_little_short_of_another_still_joins_it():
    route = one_route(
        city(streets=streets([[(0, 0), (200, 0)], [(100, 0.3), (100, 100)]])), (100, 80), (20, 0)
    )
    assert route.basis == "streets"
    assert route.length_m == pytest.approx(160.0, abs=0.7)
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
@settings(max_examples=150, deadline=None)
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


# --- what the metres run under -------------------------------------------------------------------------------------


def test_a_leg_runs_under_carriageway_pavement_and_soil_in_that_order():
    town = city(
        streets=streets([[(0, 0), (300, 0)]], width_m=12.0),
        parcels=areas("parcel", [box(100, 10, 200, 80)], use=["residential"]),
    )
    route = one_route(town, (150, 50), (150, 0))
    assert [run.surface for run in route.surfaces] == ["asphalt", "paving-brick", "soil"]
    assert [run.length_m for run in route.surfaces] == pytest.approx([6.0, 4.0, 40.0])
    assert route.surfaces[0].road_name == "第0路"
    assert route.surfaces[0].road_class == "branch"
    assert route.surfaces[2].road_name is None
    assert route.cost_cny == pytest.approx(6 * 300 + 4 * 150 + 40 * 60)


def test_a_green_parcel_is_dug_as_green():
    town = city(
        streets=streets([[(0, 0), (300, 0)]], width_m=12.0),
        parcels=areas("parcel", [box(100, 10, 200, 80)], use=["green"]),
    )
    assert by_surface(one_route(town, (150, 50), (150, 0)))["green"] == pytest.approx(40.0)


def test_a_trench_keeps_to_the_side_of_the_street_its_tapoff_is_on():
    town = city(streets=streets([[(0, 0), (300, 0)]], width_m=12.0))
    route = one_route(town, (200, 30), (100, 8))
    # 100 m on the pavement at 8 m from the middle, then 22 m to the site: never out to the middle and back
    assert route.length_m == pytest.approx(122.0)
    assert by_surface(route) == {"paving-brick": pytest.approx(122.0)}
    adds_up(route)


def test_a_trench_from_the_far_side_crosses_the_carriageway_once():
    town = city(streets=streets([[(0, 0), (300, 0)]], width_m=12.0))
    route = one_route(town, (200, 30), (100, -8))
    assert by_surface(route)["asphalt"] == pytest.approx(12.0)
    assert route.length_m == pytest.approx(138.0)


def test_a_surface_without_a_price_costs_as_much_as_the_dearest():
    route = one_route(city(streets=streets([[(0, 0), (300, 0)]])), (200, 0), (100, 0), prices={"soil": 7.0})
    assert route.cost_cny == pytest.approx(700.0)


# --- obstacles -----------------------------------------------------------------------------------------------------


def test_the_leg_goes_to_the_street_that_no_building_blocks():
    town = city(
        streets=streets([[(0, 0), (300, 0)], [(0, 100), (300, 100)], [(0, 0), (0, 100)]], width_m=8.0),
        buildings=areas("building", [box(-40, 20, 340, 30)]),
    )
    route = one_route(town, (150, 45), (150, 0))
    assert route.line.intersection(box(-40, 20, 340, 30)).length == pytest.approx(0.0, abs=8.1)
    assert route.length_m > 300


def test_a_route_goes_around_the_building_between_site_and_street():
    house = box(130, 20, 170, 40)
    town = city(streets=streets([[(0, 0), (300, 0)]], width_m=8.0), buildings=areas("building", [house]))
    route = one_route(town, (150, 60), (100, 0))
    assert not route.line.intersects(house)
    assert route.basis == "streets"
    adds_up(route)
    starts_and_ends(route, (100, 0), (150, 60))


def test_the_building_that_is_to_be_supplied_is_no_obstacle():
    house = box(130, 20, 170, 40)
    town = city(streets=streets([[(0, 0), (300, 0)]], width_m=8.0), buildings=areas("building", [house]))
    assert one_route(town, (150, 30), (150, 0)).length_m == pytest.approx(30.0)


def test_a_site_walled_in_by_one_building_still_gets_an_answer():
    ring = box(100, 10, 200, 90).difference(box(140, 40, 160, 60))
    town = city(streets=streets([[(0, 0), (300, 0)]]), buildings=areas("building", [ring]))
    route = one_route(town, (150, 50), (150, 0))
    assert route is not None
    adds_up(route)


def test_the_neighbours_land_is_walked_around_when_a_street_leads_there():
    town = city(
        streets=streets([[(0, 0), (100, 0)], [(100, 0), (100, 100)]], width_m=6.0),
        parcels=areas("parcel", [box(5, 50, 95, 95), box(5, 5, 95, 45)], use=["residential"] * 2),
    )
    route = one_route(town, (80, 70), (50, 0))
    assert route.line.intersection(box(5, 5, 95, 45)).length == pytest.approx(0.0)


# --- where there are no streets ------------------------------------------------------------------------------------


def test_without_streets_the_route_follows_the_pipes():
    route = one_route(city(pipes=pipes([[(0, 0), (100, 0)], [(100, 0), (100, 100)]])), (110, 90), (10, 0))
    assert route.basis == "pipes"
    assert route.length_m == pytest.approx(90 + 90 + 10)
    assert by_surface(route)["asphalt"] == pytest.approx(180.0)
    adds_up(route)


def test_pipes_that_cross_without_a_joint_are_not_one_way():
    route = one_route(city(pipes=pipes([[(0, 0), (200, 0)], [(100, -100), (100, 100)]])), (100, 95), (5, 0))
    # down to the other pipe beside the way, not along the first one and over at the crossing
    assert by_surface(route) == {"asphalt": pytest.approx(95.0), "paving-brick": pytest.approx(95.0)}


def test_a_site_on_a_street_of_its_own_is_led_over_to_the_others():
    town = city(streets=streets([[(0, 0), (300, 0)], [(300, 0), (300, 200)], [(50, 40), (90, 40)]]))
    route = one_route(town, (60, 45), (300, 150))
    assert route.basis == "streets"
    assert by_surface(route)["asphalt"] >= 150.0
    adds_up(route)


def test_with_neither_streets_nor_pipes_the_route_is_straight():
    route = one_route(city(), (30, 40), (0, 0))
    assert (route.basis, route.length_m) == ("straight", 50.0)
    adds_up(route)


def test_streets_out_of_reach_do_not_count():
    assert (
        one_route(city(streets=streets([[(0, 900), (50, 900)]])), (30, 40), (0, 0), reach_m=500).basis
        == "straight"
    )


def test_a_tie_in_out_of_reach_or_nowhere_has_no_route():
    corridors = Corridors(city(streets=streets([[(0, 0), (3000, 0)]])))
    routes = corridors.routes(
        (0, 10), [(2000, 0), (math.nan, 0), (50, 0)], reach_m=500, surface_cost_cny_m=PRICES
    )
    assert [route is None for route in routes] == [True, True, False]


def test_a_tie_in_on_the_site_is_a_route_of_no_length():
    route = one_route(city(streets=streets([[(0, 0), (100, 0)]])), (50, 0), (50, 0))
    assert (route.length_m, route.surfaces, route.cost_cny) == (0.0, (), 0.0)


@pytest.mark.parametrize("crs", [None, CRS])
def test_missing_and_broken_geometries_do_not_stop_it(crs):
    bow_tie = shapely.Polygon([(10, 10), (20, 20), (20, 10), (10, 20)])
    town = city(
        crs,
        streets=streets([None, [(0, 0), (100, 0)], [(5, 5), (5, 5)]]),
        parcels=areas("parcel", [None, bow_tie], use=["other", None]),
        buildings=areas("building", [None, bow_tie]),
    )
    route = one_route(town, (50, 15), (10, 0))
    assert route.basis == "streets"
    adds_up(route)


coordinates = st.tuples(st.floats(-150, 450), st.floats(-150, 450))


@given(site=coordinates, targets=st.lists(coordinates, max_size=4))
@settings(max_examples=100, deadline=None)
def test_every_route_adds_up_and_joins_its_two_places(site, targets):
    routes = TOWN.routes(site, targets, reach_m=700.0, surface_cost_cny_m=PRICES)
    for target, route in zip(targets, routes, strict=True):
        if math.dist(site, target) > 700.0:
            assert route is None
            continue
        adds_up(route)
        starts_and_ends(route, target, site)
        assert route.length_m >= math.dist(site, target) - 1e-6
        assert route.cost_cny == pytest.approx(sum(r.length_m * PRICES[r.surface] for r in route.surfaces))


def _town():
    lines = [[(0, 100 * k), (300, 100 * k + 7)] for k in range(4)] + [
        [(100 * k, 0), (100 * k - 9, 320)] for k in range(4)
    ]
    parcels = [
        box(100 * i + 12, 100 * j + 14, 100 * i + 86, 100 * j + 88) for i in range(3) for j in range(3)
    ]
    houses = [box(100 * i + 25, 100 * j + 30, 100 * i + 70, 100 * j + 42) for i in range(3) for j in range(3)]
    return Corridors(
        city(
            streets=streets(lines, width_m=14.0),
            parcels=areas("parcel", parcels, use=["residential", "green", "office"] * 3),
            buildings=areas("building", houses),
        )
    )


TOWN = _town()
