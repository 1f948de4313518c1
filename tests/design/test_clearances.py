"""Clearances to other utilities by GB 50289: each limit from both sides, crossings by depth, what is unknown said so."""

from datetime import date

import pytest
from shapely.geometry import LineString

from design.checks.clearances import (
    BesideBuilding,
    RouteContext,
    clearance_findings,
    horizontal_limit_m,
    vertical_gap_m,
    vertical_limit_m,
)
from design.works.permits import plan_permits
from design.checks.route import route_findings
from design.rules.ruleset import load_rules
from design.route.terms import route_terms
from gis.ways.route import Note, Route, StreetCrossing
from gis.ways.utilities import Neighbour, UtilityCrossing
from tests.design.works_builder import works

RULES = load_rules(on=date(2026, 11, 21))
# engineering reference 4.8, GB 50289-2016 table 4.1.9, row of water pipes: up to DN200, above
HORIZONTAL = [
    ("sewer", "", 1.0, 1.5), ("storm", "", 1.0, 1.5), ("reclaimed", "", 0.5, 0.5), ("gas", "low", 0.5, 0.5),
    ("gas", "medium", 0.5, 0.5), ("gas", "sub-high-b", 1.0, 1.0), ("gas", "sub-high-a", 1.5, 1.5), ("heat", "direct", 1.5, 1.5),
    ("power", "direct", 0.5, 0.5), ("power", "duct", 0.5, 0.5), ("telecom", "direct", 1.0, 1.0), ("telecom", "duct", 1.0, 1.0),
    ("tunnel", "", 1.5, 1.5),
]  # fmt: skip
# table 4.1.14
VERTICAL = [
    ("water", "", 0.15), ("sewer", "", 0.40), ("storm", "", 0.40), ("reclaimed", "", 0.50), ("gas", "medium", 0.15),
    ("heat", "", 0.15), ("power", "direct", 0.50), ("power", "duct", 0.25), ("telecom", "direct", 0.50),
    ("telecom", "duct", 0.15), ("tunnel", "", 0.15),
]  # fmt: skip


def judged(*, beside=(), crossed=(), building=None, dn=100, cover_m=1.0, outer_m=0.1, known=True):
    context = RouteContext(tuple(beside), tuple(crossed), building, known)
    return {
        (f.rule, f.verdict): f
        for f in clearance_findings(context, dn=dn, outer_m=outer_m, cover_m=cover_m, rules=RULES)
    }


def crossing(kind, cover_m, *, detail="", height_m=0.3):
    return UtilityCrossing("X1", kind, detail, 12.0, (0.0, 0.0), 90.0, cover_m, height_m)


@pytest.mark.parametrize(("kind", "detail", "small_m", "large_m"), HORIZONTAL)
@pytest.mark.parametrize(("dn", "column"), [(15, "small"), (200, "small"), (201, "large"), (300, "large")])
def test_each_horizontal_limit_holds_from_both_sides(kind, detail, small_m, large_m, dn, column):
    limit_m = small_m if column == "small" else large_m
    assert horizontal_limit_m(kind, detail, dn=dn, rules=RULES) == limit_m
    for distance_m, verdict in (
        (limit_m, "pass"),
        (limit_m + 0.01, "pass"),
        (limit_m - 0.01, "warn"),
        (0.0, "warn"),
    ):
        found = judged(beside=[Neighbour("U1", kind, detail, distance_m, 7.5)], dn=dn)
        finding = found["clearance-horizontal", verdict]
        assert (finding.measured, finding.limit, finding.unit) == (distance_m, limit_m, "m")
        assert finding.clause == "GB 50289-2016 表4.1.9"
        assert "U1" in finding.text.render("zh")
        if verdict == "warn":
            assert "7.5 m" in finding.text.render("zh")
            assert "7.5 m" in finding.text.render("en")


@pytest.mark.parametrize(("kind", "detail", "limit_m"), VERTICAL)
def test_each_vertical_limit_holds_from_both_sides_above_and_below(kind, detail, limit_m):
    assert vertical_limit_m(kind, detail, rules=RULES) == limit_m
    over = 1.0 + 0.1  # bottom of a pipe of 0.1 m with 1.0 m of cover
    under = 1.0 - 0.3  # cover of a utility 0.3 m high whose bottom lies on its top
    for extra_m, verdict in ((0.0, "pass"), (0.01, "pass"), (-0.01, "warn")):
        for cover_m in (over + limit_m + extra_m, under - limit_m - extra_m):
            found = judged(crossed=[crossing(kind, cover_m, detail=detail)])
            finding = found["clearance-vertical", verdict]
            assert finding.measured == pytest.approx(limit_m + extra_m)
            assert (finding.limit, finding.clause) == (limit_m, "GB 50289-2016 表4.1.14")


def test_an_unknown_class_or_laying_is_judged_by_the_strictest_of_its_kind():
    assert horizontal_limit_m("gas", "", dn=100, rules=RULES) == 1.5
    assert vertical_limit_m("telecom", "", rules=RULES) == 0.50
    assert horizontal_limit_m("other", "", dn=100, rules=RULES) is None


def test_pipes_that_would_meet_have_less_than_no_room():
    assert vertical_gap_m(crossing("gas", 1.05), cover_m=1.0, outer_m=0.1) == pytest.approx(-0.05)
    assert vertical_gap_m(crossing("gas", None), cover_m=1.0, outer_m=0.1) is None


def test_a_crossing_without_a_depth_is_said_to_be_unknown_and_not_passed():
    found = judged(crossed=[crossing("gas", None)])
    assert set(found) == {("clearance-horizontal", "pass"), ("clearance-vertical", "warn")}
    assert "X1" in found["clearance-vertical", "warn"].text.render("en")


def test_water_under_a_sewer_is_to_be_sleeved_and_over_it_is_not():
    assert ("sewer-sleeve", "warn") in judged(crossed=[crossing("sewer", 0.2)])
    assert ("sewer-sleeve", "warn") not in judged(crossed=[crossing("sewer", 2.0)])
    assert ("sewer-sleeve", "warn") not in judged(crossed=[crossing("gas", 0.2)])


def test_a_city_without_records_of_utilities_is_told_so():
    (finding,) = judged(known=False).values()
    assert finding.verdict == "warn"


@pytest.mark.parametrize(("dn", "limit_m"), [(200, 1.0), (201, 3.0)])
def test_buildings_have_their_own_limit(dn, limit_m):
    near = judged(building=BesideBuilding("B7", limit_m - 0.01), dn=dn)
    kept = judged(building=BesideBuilding("B7", limit_m), dn=dn)
    assert near["clearance-horizontal", "warn"].limit == limit_m
    assert ("clearance-horizontal", "warn") not in kept


# --- the route itself ------------------------------------------------------------------------------------------------


def route(*notes, crossings=(), basis="streets", reason=None):
    return Route(LineString([(0, 0), (100, 0)]), 100.0, (), 0.0, basis, 0.0, reason, notes, crossings)


@pytest.mark.parametrize(
    ("angle_deg", "verdict"), [(90.0, "pass"), (60.0, "pass"), (59.9, "warn"), (20.0, "warn")]
)
def test_streets_are_crossed_at_sixty_degrees_or_more(angle_deg, verdict):
    (finding,) = route_findings(
        route(crossings=(StreetCrossing("经十路", "arterial", 30.0, angle_deg),)), RULES
    )
    assert (finding.verdict, finding.measured, finding.limit) == (verdict, angle_deg, 60.0)
    assert "经十路" in finding.text.render("zh")


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [("foreign-land", "warn"), ("building", "fail"), ("water", "warn"), ("bridge", "warn"), ("rail", "warn")],
)
def test_what_a_route_could_not_avoid_is_told_with_name_length_and_place(kind, verdict):
    (finding,) = route_findings(route(Note(kind, "某物", 12.5, 8.0)), RULES)
    assert finding.verdict == verdict
    assert finding.measured == 8.0
    assert "12.5 m" in finding.text.render("zh")
    assert "12.5 m" in finding.text.render("en")


@pytest.mark.parametrize(("basis", "reason", "word"), [("straight", "no-streets", "没有道路数据"), ("pipes", "no-streets", "没有道路数据"),
                                                       ("straight", "unconnected", "不相通"), ("pipes", "unconnected", "不相通")])  # fmt: skip
def test_a_route_without_streets_says_why(basis, reason, word):
    (finding,) = route_findings(route(basis=basis, reason=reason), RULES)
    assert finding.verdict == "warn"
    assert word in finding.text.render("zh")


def test_water_bridges_and_railways_need_their_permits():
    plain = plan_permits(works(), on=date(2026, 11, 21), rules=RULES)
    notes = (Note("water", "小清河", 3.0, 20.0), Note("rail", "", 40.0, 1.0), Note("bridge", "", 60.0, 9.0))
    more = plan_permits(works(), on=date(2026, 11, 21), rules=RULES, notes=notes)
    assert [p.kind for p in more[len(plain) :]] == ["water-works", "bridge-works", "rail-works"]
    assert "20.0 m" in more[len(plain)].basis.render("zh")


def test_the_terms_of_routing_are_those_of_the_rules():
    terms = route_terms(RULES)
    assert terms.lanes_m[0] == 1.5
    assert terms.clearance_m("gas", "sub-high-a") == 1.5
    assert terms.clearance_m("sewer", "") == 1.0
    assert [(ban.column, ban.years) for ban in terms.bans] == [("opened_on", 5), ("paved_on", 3)]
    assert terms.square_deg == 60.0
