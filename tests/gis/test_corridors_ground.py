"""What routes go around, and what they say when they cannot: buildings, others' land, water, rails, bridges, utilities."""

from dataclasses import replace

import pytest
import shapely
from shapely.geometry import LineString, Point, box

from gis.corridors import Corridors
from gis.ways.terms import Tariff
from gis.ways.utilities import Utilities, extent_m
from tests.gis.street_town import (
    PRICES,
    TERMS,
    adds_up,
    areas,
    by_surface,
    city,
    kinds,
    lines_layer,
    one_route,
    streets,
)

ROAD = [(0, 0), (300, 0)]


def note(route, kind):
    (found,) = [entry for entry in route.notes if entry.kind == kind]
    return found


def utilities(lines, kinds_, **columns):
    return lines_layer("utility", lines, kind=kinds_, **columns)


# --- buildings -------------------------------------------------------------------------------------------------------


def test_a_route_goes_around_the_building_between_site_and_street_and_keeps_off_its_walls():
    house = box(130, 20, 170, 40)
    town = city(streets=streets([ROAD]), buildings=areas("building", [house]))
    route = one_route(town, (150, 60), (100, 0))
    assert route.line.distance(house) >= 1.0 - 1e-6
    assert kinds(route) == []
    # set out in right angles, as the house stands
    assert all(
        min(abs(a[0] - b[0]), abs(a[1] - b[1])) < 0.05
        for a, b in zip(route.line.coords, route.line.coords[1:], strict=False)
    )
    adds_up(route)


def test_a_narrow_gap_is_taken_rather_than_a_long_way_round_and_is_told():
    houses = [box(0, 20, 148.9, 40), box(150.6, 20, 300, 40)]  # 1.7 m between them
    town = city(streets=streets([[(-50, 0), (350, 0)]]), buildings=areas("building", houses))
    route = one_route(town, (140, 60), (150, 7.5))
    assert route.length_m < 100.0
    assert note(route, "near-building").extent_m >= 20.0
    assert "building" not in kinds(route)


def test_the_leg_goes_to_the_street_that_no_building_blocks():
    wall = box(-40, 20, 340, 30)
    town = city(
        streets=streets([ROAD, [(0, 100), (300, 100)], [(0, 0), (0, 100)]], width_m=8.0),
        buildings=areas("building", [box(8, 20, 340, 30)]),
    )
    route = one_route(town, (150, 45), (150, -6))
    assert route.line.intersection(wall).length <= 12.0
    assert "building" not in kinds(route)
    assert route.length_m > 300


def test_the_building_that_is_to_be_supplied_is_no_obstacle():
    house = box(130, 20, 170, 40)
    town = city(streets=streets([ROAD]), buildings=areas("building", [house]))
    assert one_route(town, (150, 30), (150, 0)).length_m == pytest.approx(30.0)


def test_a_site_walled_in_by_one_building_still_gets_an_answer_that_says_so():
    ring = box(100, 10, 200, 90).difference(box(140, 40, 160, 60))
    town = city(streets=streets([ROAD]), buildings=areas("building", [ring]))
    route = one_route(town, (150, 50), (150, 0))
    assert note(route, "building").extent_m == pytest.approx(30.0, abs=0.5)
    assert note(route, "building").subject == "A0"
    adds_up(route)


# --- land ------------------------------------------------------------------------------------------------------------


def test_the_neighbours_land_is_walked_around_when_a_street_leads_there():
    neighbour = box(9, 9, 91, 45)
    town = city(
        streets=streets([[(0, 0), (100, 0)], [(100, 0), (100, 100)]], width_m=6.0),
        parcels=areas("parcel", [box(9, 50, 91, 95), neighbour], use=["residential"] * 2),
    )
    route = one_route(town, (80, 70), (50, 0))
    assert route.line.intersection(neighbour).length == pytest.approx(0.0, abs=0.1)
    assert "foreign-land" not in kinds(route)


def test_a_site_behind_a_neighbour_crosses_his_land_and_says_whose_and_how_much():
    town = city(
        streets=streets([ROAD]),
        parcels=areas("parcel", [box(0, 10, 300, 40), box(0, 40, 300, 90)], use=["office", "residential"]),
    )
    route = one_route(town, (150, 60), (150, 5))
    assert note(route, "foreign-land").subject == "A0"
    assert note(route, "foreign-land").extent_m == pytest.approx(30.0, abs=0.2)


def test_a_public_street_through_a_parcel_is_public_and_a_lane_in_it_is_not():
    own, other = box(200, 20, 280, 80), box(-10, -60, 190, 80)
    layers = {"parcels": areas("parcel", [own, other], use=["residential"] * 2)}
    site, target = (240, 50), (60, 0)
    public = one_route(city(streets=streets([ROAD], classes=["branch"]), **layers), site, target)
    private = one_route(city(streets=streets([ROAD], classes=["lane"]), **layers), site, target)
    told = {
        route: sum(n.extent_m for n in route.notes if n.kind == "foreign-land") for route in (public, private)
    }
    assert told[public] < 12.0  # only from the carriageway over the pavement, if at all
    assert told[private] > 100.0


# --- water, rails, bridges -------------------------------------------------------------------------------------------

RIVER = box(140, -400, 160, 400)


def test_water_is_gone_around_where_a_bridge_leads_over_it():
    over = streets(
        [[(0, 0), (130, 0)], [(170, 0), (300, 0)], [(0, 0), (0, 100), (300, 100), (300, 0)]],
        structure=["ground", "ground", "ground"],
    )
    town = city(streets=over, waters=areas("water", [RIVER], name=["小清河"]))
    route = one_route(town, (200, 20), (100, 0))
    assert "water" not in kinds(route)
    assert note(route, "bridge").extent_m == pytest.approx(20.0, abs=0.5)
    assert note(route, "bridge").subject == "第2路"


def test_water_that_cannot_be_avoided_is_told_by_name_and_length():
    town = city(
        streets=streets([[(0, -300), (0, 300)]]),
        waters=areas("water", [box(30, -900, 50, 900)], name=["小清河"]),
    )
    route = one_route(town, (80, 0), (0, 0))
    assert (note(route, "water").subject, note(route, "water").extent_m) == ("小清河", pytest.approx(20.0))


def test_terms_may_forbid_water_so_that_a_longer_way_is_taken():
    # 30 m of pond, or half a kilometre around it
    way_round = [(0, 20), (0, 140), (100, 140), (100, -20)]
    layers = {
        "streets": streets([[(0, -20), (0, 20)], way_round]),
        "waters": areas("water", [box(20, -400, 50, 100)], name=["湖"]),
    }
    site, target = (60, 10), (8, 10)
    easy, never = replace(TERMS, water_factor=3.0), replace(TERMS, water_factor=3.0, water_allowed=False)
    wet, dry = (one_route(city(**layers), site, target, terms=terms) for terms in (easy, never))
    assert "water" in kinds(wet)
    assert "water" not in kinds(dry)
    assert dry.length_m > 4 * wet.length_m


def test_a_bridge_known_as_one_is_told_without_any_water():
    town = city(streets=streets([[(0, 0), (100, 0)], [(100, 0), (160, 0)], [(160, 0), (300, 0)]],
                                structure=["ground", "bridge", "ground"]))  # fmt: skip
    # the pavement of the bridge belongs to it only between the kerbs, as far as is known
    route = one_route(town, (250, 20), (40, 0), terms=replace(TERMS, lanes_m=(-1.5,)))
    assert note(route, "bridge").extent_m == pytest.approx(60.0, abs=1.0)


@pytest.mark.parametrize("structure", ["tunnel", "elevated"])
def test_no_trench_is_dug_in_a_tunnel_or_under_a_road_on_stilts(structure):
    town = city(streets=streets([[(0, 0), (300, 0)], [(0, 100), (300, 100)], [(0, 0), (0, 100)], [(300, 0), (300, 100)]],
                                structure=[structure, "ground", "ground", "ground"]))  # fmt: skip
    route = one_route(town, (280, 20), (8, 20))
    assert "第0路" not in {run.road_name for run in route.surfaces}


def test_a_railway_is_crossed_only_where_it_must_be_and_is_counted():
    rails = lines_layer(
        "railway", [[(150, -500), (150, 500)], [(160, -500), (160, 500)]], kind=["rail", "metro"]
    )
    town = city(streets=streets([ROAD]), railways=rails)
    beside = one_route(town, (100, 30), (40, 0))
    over = one_route(town, (250, 30), (40, 0))
    assert "rail" not in kinds(beside)
    assert note(over, "rail").extent_m == 1.0  # the metro runs underneath
    assert over.reckoned_cny - over.cost_cny == 200 * PRICES["asphalt"]


# --- other utilities -------------------------------------------------------------------------------------------------


def beside_m(route, line):
    return route.line.distance(LineString(line))


def test_the_lane_moves_off_a_utility_that_lies_in_it():
    sewer = [(-50, 7.6), (350, 7.6)]  # 1.6 m beyond the kerb, in the first lane
    town = city(streets=streets([ROAD]), utilities=utilities([sewer], ["sewer"], size=["DN300"]))
    route = one_route(town, (250, 30), (30, 9))
    told = Utilities(town.layer("utilities")).beside(route.line, outer_m=0.12, within_m=1.0)
    # crossing it is no nearness; beside it the outer faces keep 1 m
    assert told == []


def test_the_other_side_of_the_street_is_taken_when_this_one_is_full():
    full = [[(-50, y), (350, y)] for y in (4.0, 5.6, 7.2, 8.8, 10.4)]
    town = city(
        streets=streets([ROAD]), utilities=utilities(full, ["telecom"] * 5),
        parcels=areas("parcel", [box(0, 12, 300, 60)], use=["residential"]),
    )  # fmt: skip
    dear = replace(TERMS, clearance_factor=5.0)
    route = one_route(town, (250, 40), (30, 7), terms=dear)
    assert route.line.intersection(box(60, -30, 220, -6)).length > 150.0
    assert len(route.street_crossings) == 2


def test_an_unknown_pressure_class_is_taken_for_the_strictest():
    assert TERMS.clearance_m("gas", "low") == 0.5
    assert TERMS.clearance_m("gas", "") == TERMS.clearance_m("gas", "sub-high-a") == 1.5
    assert TERMS.clearance_m("pipeline to the moon", "") == 0.0


@pytest.mark.parametrize(
    ("size", "told"),
    [("DN300", (0.3, 0.3)), ("De110", (0.11, 0.11)), ("400", (0.4, 0.4)), ("φ219", (0.219, 0.219)), ("300mm", (0.3, 0.3)),
     ("2000x1500", (2.0, 1.5)), ("1000×800", (1.0, 0.8)), ("10kV 12孔", (0.0, 0.0)), ("110kV", (0.0, 0.0)), (None, (0.0, 0.0)),
     ("", (0.0, 0.0)), (float("nan"), (0.0, 0.0))],
)  # fmt: skip
def test_the_size_of_a_utility_is_read_from_what_surveys_write(size, told):
    assert extent_m(size) == told


def test_distances_are_between_outer_faces_and_leave_out_what_only_crosses():
    table = utilities(
        [[(0, 2), (100, 2)], [(50, -50), (50, 50)], [(0, -0.4), (100, -0.4)]], ["sewer", "gas", "telecom"],
        size=["DN500", "DN200", None], pressure_class=[None, "medium", None], laying=[None, None, "duct"],
    )  # fmt: skip
    found = Utilities(city(utilities=table).layer("utilities")).beside(
        LineString([(0, 0), (100, 0)]), outer_m=0.2, within_m=4.0
    )
    told = {near.utility_id: (near.kind, near.detail, round(near.distance_m, 6)) for near in found}
    assert told == {"L0": ("sewer", "", 1.65), "L2": ("telecom", "duct", 0.3)}


def test_crossings_come_in_order_with_angle_depth_and_height():
    table = utilities(
        [[(70, -10), (70, 10)], [(20, -10), (40, 10)]], ["storm", "power"], size=["1000x800", "10kV"],
        cover_depth_m=[1.8, None],
    )  # fmt: skip
    one, two = Utilities(city(utilities=table).layer("utilities")).crossed(LineString([(0, 0), (100, 0)]))
    assert (one.utility_id, round(one.at_m, 6), round(one.angle_deg, 3), one.cover_m) == (
        "L1",
        30.0,
        45.0,
        None,
    )
    assert (two.utility_id, round(two.at_m, 6), round(two.angle_deg, 3)) == ("L0", 70.0, 90.0)
    assert (two.cover_m, two.height_m) == (1.8, 0.8)


def test_metres_too_near_are_those_within_a_strip_along_the_utility():
    import numpy as np

    table = utilities([[(0, 0), (60, 0), (60, 60)]], ["sewer"])
    found = Utilities(city(utilities=table).layer("utilities"))
    rng = np.random.default_rng(4)
    a, b = rng.uniform(-20, 80, (300, 2)), rng.uniform(-20, 80, (300, 2))
    strip = (
        shapely.buffer(LineString([(0, 0), (60, 0)]), 1.06, cap_style="flat"),
        shapely.buffer(LineString([(60, 0), (60, 60)]), 1.06, cap_style="flat"),
    )
    told = found.too_near_m(a, b, TERMS)
    for k in range(300):
        line = LineString([a[k], b[k]])
        met = [
            max(line.intersection(s).length - (4 * 1.06 if line.intersects(u) else 0.0), 0.0)
            for s, u in zip(
                strip, (LineString([(0, 0), (60, 0)]), LineString([(60, 0), (60, 60)])), strict=True
            )
        ]
        assert told[k] == pytest.approx(sum(met), abs=1e-6)


# --- a line somebody drew --------------------------------------------------------------------------------------------


def test_a_drawn_line_is_surveyed_like_any_other():
    town = city(
        streets=streets([ROAD]), parcels=areas("parcel", [box(100, 10, 200, 80)], use=["residential"]),
        buildings=areas("building", [box(140, 30, 160, 40)]),
    )  # fmt: skip
    corridors = Corridors(town, TERMS)
    route = corridors.surveyed([(150, -4), (150, 20), (150, 60)], tariff=Tariff(PRICES))
    assert route.basis == "drawn"
    assert [run.surface for run in route.surfaces] == ["asphalt", "paving-brick", "soil"]
    assert [run.length_m for run in route.surfaces] == pytest.approx([10.0, 4.0, 50.0], abs=0.06)
    assert note(route, "building").extent_m == pytest.approx(10.0)
    assert [crossing.road_name for crossing in route.street_crossings] == ["第0路"]
    found = corridors.routes((150, 60), [(150, -4)], reach_m=500, tariff=Tariff(PRICES))[0]
    assert found.reckoned_cny < route.reckoned_cny


def test_the_nearest_building_is_told_and_not_the_one_supplied():
    town = city(buildings=areas("building", [box(90, -5, 110, 5), box(20, 1.1, 40, 9)]))
    corridors = Corridors(town, TERMS)
    line = LineString([(0, 0), (100, 0)])
    assert corridors.building_beside(line, outer_m=0.2, within_m=4.0) == ("A1", pytest.approx(1.0))
    assert corridors.building_beside(line, outer_m=0.2, within_m=0.5) is None


def test_the_pipe_a_route_is_tied_to_is_not_crossed():
    table = {
        "pipe_id": ["P0", "P1", "P2"], "dn": [300, 100, 100], "status": ["open", "open", "abandoned"],
        "cover_depth_m": [1.2, None, 1.0],
        "geometry": [LineString([(0, -9), (0, 9)]), LineString([(30, -9), (30, 9)]), LineString([(60, -9), (60, 9)])],
    }  # fmt: skip
    corridors = Corridors(city(pipes=table), TERMS)
    (crossing,) = corridors.water_pipes_crossed(LineString([(0, 0), (90, 0)]), but="P0")
    assert (crossing.utility_id, crossing.kind, crossing.cover_m, crossing.height_m) == (
        "P1",
        "water",
        None,
        0.1,
    )


def test_green_and_paved_ground_is_measured_between_the_kerbs_of_parallel_streets():
    town = city(
        streets=streets([ROAD, [(0, 60), (300, 60)]]),
        parcels=areas("parcel", [box(0, 20, 300, 40)], use=["green"]),
    )
    route = Corridors(town, TERMS).surveyed([(150, 0), (150, 60)], tariff=Tariff(PRICES))
    assert by_surface(route) == {
        "asphalt": pytest.approx(12.0), "paving-brick": pytest.approx(28.0, abs=0.2), "green": pytest.approx(20.0, abs=0.2),
    }  # fmt: skip
    assert Point(route.line.coords[0]) == Point(150, 0)
