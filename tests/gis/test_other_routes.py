"""Other routes really differ from the cheapest and from each other, and those that are none say why."""

from dataclasses import replace
from datetime import date

import pytest
import shapely
from hypothesis import assume, given, settings
from shapely.geometry import LineString

from gis.corridors import Corridors
from gis.ways.others import Differing, other_routes
from gis.ways.terms import Tariff
from tests.gis.street_town import PRICES, TERMS, adds_up, city, pipes, streets
from tests.gis.test_corridors import street_grids

TODAY = date(2026, 11, 21)
ASKED = Differing(
    count=3, alike_share=0.7, beside_m=2.0, longer_ratio=1.8, dearer_ratio=1.8, spare_m=50.0, penalty_factor=4.0
)  # fmt: skip
# a block of 100 m by 300 m with streets all around
AROUND = [[(0, 0), (300, 0)], [(300, 0), (300, 100)], [(300, 100), (0, 100)], [(0, 100), (0, 0)]]
SITE, TARGET = (310, 50), (-10, 40)


def asked(network, site=SITE, target=TARGET, *, terms=TERMS, differing=ASKED, **tariff):
    (trace,) = Corridors(network, terms).traces(
        site, [target], reach_m=2000.0, tariff=Tariff(PRICES, **tariff)
    )
    return trace.route, other_routes(trace, differing)


def shared(one, other):
    """Share of the first line that lies within the stated distance of the second, step by step along it."""
    steps = [one.interpolate(share, normalized=True) for share in [k / 2000 for k in range(2001)]]
    return sum(other.distance(step) <= ASKED.beside_m for step in steps) / len(steps)


def test_around_a_block_the_other_street_is_another_route():
    first, others = asked(city(streets=streets(AROUND)))
    other = next(one for one in others if one.question == "street")
    south = first.line.centroid.y < 50.0
    assert (other.line.centroid.y > 50.0) == south
    assert other.route is not None and other.lost is None
    assert shared(other.line, first.line) < 0.3


@pytest.mark.parametrize("gone", [0, 2])
def test_the_way_along_another_street_is_the_way_there_would_be_without_the_first_one(gone):
    lines = [line for k, line in enumerate(AROUND)]
    whole = city(streets=streets(lines))
    first, others = asked(whole)
    used = 0 if first.line.centroid.y < 50.0 else 2
    if used != gone:
        lines[0], lines[2] = [(0, 0), (150, -30), (300, 0)], [(300, 100), (0, 100)]
        first, others = asked(city(streets=streets(lines)))
    used = 0 if first.line.centroid.y < 50.0 else 2
    left = [line for k, line in enumerate(lines) if k != used]
    alone, _ = asked(city(streets=streets(left)))
    other = next(one for one in others if one.question == "street" and one.route is not None)
    assert other.length_m == pytest.approx(alone.length_m, abs=0.5)


def test_in_one_street_the_other_side_is_another_route():
    town = city(streets=streets([[(0, 0), (300, 0)]]))
    first, others = asked(town, site=(280, 30), target=(20, -4))
    sides = [one for one in others if one.route is not None and shared(one.line, first.line) < 0.3]
    assert sides
    along = [one.line.interpolate(0.5, normalized=True).y for one in sides]
    assert any(y * first.line.interpolate(0.5, normalized=True).y < 0 for y in along)


def test_a_street_that_may_not_be_dug_is_gone_around_and_the_way_through_it_is_told():
    opened = ["2025-01-01", None, None, None]
    lines = [[(0, 0), (300, 0)], [(0, 0), (0, 80)], [(0, 80), (300, 80)], [(300, 80), (300, 0)]]
    town = city(streets=streets(lines, opened_on=opened))
    first, others = asked(
        town, site=(290, 12), target=(10, 4), terms=replace(TERMS, banned_factor=8.0), on=TODAY
    )
    assert first.length_m > 330.0
    through = next(one for one in others if one.question == "banned")
    assert through.length_m < first.length_m
    assert through.reckoned_cny > through.first_reckoned_cny


def test_a_route_in_a_street_that_may_not_be_dug_tells_the_way_around_it():
    opened = ["2025-01-01", None, None, None]
    lines = [[(0, 0), (300, 0)], [(0, 0), (0, 90)], [(0, 90), (300, 90)], [(300, 90), (300, 0)]]
    town = city(streets=streets(lines, opened_on=opened))
    first, others = asked(
        town, site=(290, 12), target=(10, 4), terms=replace(TERMS, banned_factor=1.05), on=TODAY
    )
    assert first.length_m < 310.0
    assert any(one.line.bounds[3] > 80.0 for one in others)


def test_what_is_too_long_is_not_finished_and_says_so():
    far = [[(0, 0), (300, 0)], [(300, 0), (300, 900)], [(300, 900), (0, 900)], [(0, 900), (0, 0)]]
    _, others = asked(
        city(streets=streets(far)), site=(280, 15), target=(20, 8), differing=replace(ASKED, alike_share=0.05)
    )
    assert others and all(one.lost is not None for one in others if one.length_m > 1.8 * 300 + 50)
    assert all(one.route is None for one in others if one.lost is not None)


def test_without_streets_the_ways_beside_the_pipes_differ_too():
    first, others = asked(city(pipes=pipes(AROUND)))
    assert first.basis == "pipes"
    assert any(one.route is not None and one.route.basis == "pipes" for one in others)


def test_one_route_asked_for_is_one_route():
    _, others = asked(city(streets=streets(AROUND)), differing=replace(ASKED, count=1))
    assert others == []


def test_a_straight_line_has_no_other_way():
    (trace,) = Corridors(city(), TERMS).traces((0, 0), [(50, 0)], reach_m=500.0, tariff=Tariff(PRICES))
    assert other_routes(trace, ASKED) == []


@settings(max_examples=40, deadline=None)
@given(street_grids())
def test_kept_routes_differ_by_the_stated_share_join_the_same_ends_and_stay_within_the_stated_bounds(town):
    kept, _, places = town
    lines = [[(60.0 * a[0], 60.0 * a[1]), (60.0 * b[0], 60.0 * b[1])] for a, b in kept]

    def place(number, tenth, side):
        line = LineString(lines[number])
        foot = line.interpolate(tenth / 10, normalized=True)
        (x1, y1), (x2, y2) = line.coords
        return foot.x - (y2 - y1) / 60.0 * 14.0 * side, foot.y + (x2 - x1) / 60.0 * 14.0 * side

    target, site = (place(*one) for one in places)
    assume(shapely.Point(target).distance(shapely.Point(site)) > 40.0)
    first, others = asked(city(streets=streets(lines)), site=site, target=target)
    routes = [first.line]
    assert sum(one.route is not None for one in others) < ASKED.count
    for one in others:
        if one.route is None:
            assert one.lost is not None
            continue
        adds_up(one.route)
        assert shapely.Point(one.line.coords[0]).distance(shapely.Point(target)) < 1e-6
        assert shapely.Point(one.line.coords[-1]).distance(shapely.Point(site)) < 1e-6
        assert all(shared(one.line, earlier) <= ASKED.alike_share + 0.01 for earlier in routes)
        assert one.length_m <= ASKED.longer_ratio * first.length_m + ASKED.spare_m
        assert one.reckoned_cny >= one.first_reckoned_cny - 1e-6
        routes.append(one.line)
