"""Figures of engineering-reference 1.1, 1.4 to 1.6 and its test vectors (section 13)."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx

from design.demand.total import design_demand
from design.errors import RequestError
from design.demand.flows import (
    Branch,
    Scattered,
    alpha_c,
    dense_lps,
    mixed_u0_pct,
    residential_lps,
    scattered_lps,
    simultaneous_pct,
)
from design.asked.uses import use_types
from design.request import parse_request
from tests.design.works_builder import RULES

ALPHA_C = RULES.table("alpha-c").rows
SITE = {"position": [117.02, 36.66], "storeys": 6}
R1 = {
    "type": "residential",
    "fixture_units_per_dwelling": 4.0,
    "persons_per_dwelling": 3.2,
    "quota_lpcd": 200,
    "hourly_factor": 2.5,
}
VALVE = {"unit_flow_lps": 0.2, "valve_units": 0.5, "valve_flow_lps": 1.2}


def demand_of(use, **more):
    return design_demand(parse_request({"site": SITE, "use": use, **more}), RULES)


def lps(use, **more) -> float:
    return demand_of(use, **more).design_flow_m3s * 1000


def clause(demand, name: str):
    return next(c for c in demand.clauses if c.name.key == f"clause.{name}")


@pytest.mark.parametrize(
    ("dwellings", "qg"),
    [(1, 0.4093), (2, 0.5856), (6, 1.0417), (12, 1.5098), (24, 2.2075), (48, 3.2649), (96, 4.9008), (200, 7.6884), (500, 13.9786)],
)  # fmt: skip
def test_dwellings_by_the_probability_method(dwellings, qg):  # vectors "residential"
    demand = demand_of({**R1, "dwellings": dwellings})
    assert demand.design_flow_m3s * 1000 == approx(qg, rel=1e-4)
    assert clause(demand, "u0").value == approx(2.314815, rel=1e-6)
    assert clause(demand, "alpha-c").value == approx(0.01358296, rel=1e-6)
    assert demand.method == "residential-probability"
    assert not demand.even_use


def test_greatest_day_and_hour_of_dwellings():  # 1.4: 480 dwellings x 3.2 x 200, T 24, Kh 2.5
    demand = demand_of({**R1, "dwellings": 480})
    assert demand.max_day_m3 == approx(307.2)
    assert demand.peak_hour_m3s * 3600 == approx(32.0)
    assert demand.peak_hour_m3s * 1000 == approx(8.8889, rel=1e-4)


def test_beyond_the_end_of_appendix_c_the_average_flow_of_the_greatest_hour_counts():
    switch = 8660 / 4  # 1.1: at about 2170 dwellings
    below, above = demand_of({**R1, "dwellings": 2100}), demand_of({**R1, "dwellings": 2200})
    assert 2100 < switch < 2200
    assert below.design_flow_m3s > below.peak_hour_m3s * 1.0001
    assert above.design_flow_m3s == approx(above.peak_hour_m3s, rel=1e-9)


def test_the_formula_itself_switches_to_the_average():
    coefficient = alpha_c(2.5, ALPHA_C)
    flow = residential_lps(
        fixture_units=20000, probability_pct=2.5, coefficient_c=coefficient, unit_flow_lps=0.2
    )
    assert flow == approx(0.2 * 0.025 * 20000)


def test_a_design_flow_is_never_below_the_greatest_hour():
    # 1200 pupils draw 1.667 L/s in the greatest hour; four fixture units would give 0.8 L/s
    school = {
        "type": "school",
        "students": 1200,
        "quota_lpcd": 30,
        "hours_h": 9,
        "hourly_factor": 1.5,
        "fixture_units": 4,
    }
    assert lps(school) == approx(1.6667, rel=1e-4)


def test_joined_branches_weigh_u0_and_do_not_add_flows():  # vectors "residential_join"
    u0 = mixed_u0_pct([Branch(2.314815, 192), Branch(2.117529, 110)])
    assert u0 == approx(2.242956, rel=1e-6)
    q = residential_lps(
        fixture_units=302, probability_pct=u0, coefficient_c=alpha_c(u0, ALPHA_C), unit_flow_lps=0.2
    )
    assert q == approx(4.215276, rel=1e-6)

    a = {**R1, "dwellings": 48}
    b = {"type": "residential", "dwellings": 20, "fixture_units_per_dwelling": 5.5, "persons_per_dwelling": 3.5, "quota_lpcd": 250, "hourly_factor": 2.3}  # fmt: skip
    together = demand_of([a, b])
    assert together.design_flow_m3s * 1000 == approx(4.215276, rel=1e-5)
    assert together.design_flow_m3s * 1000 < lps(a) + lps(b)
    assert clause(together, "u0-mixed").value == approx(2.242956, rel=1e-6)


@pytest.mark.parametrize(
    ("u0", "units", "u", "q"),
    [(2.5, 1, 100, 0.20), (2.5, 10, 33.03, 0.66), (2.5, 50, 15.58, 1.56), (2.5, 100, 11.44, 2.29), (2.5, 200, 8.50, 3.40),
     (2.5, 500, 5.89, 5.89), (3.5, 10, 33.83, 0.68), (3.5, 100, 12.26, 2.45)],
)  # fmt: skip
def test_cross_check_rows_of_appendix_c(u0, units, u, q):
    coefficient = alpha_c(u0, ALPHA_C)
    assert simultaneous_pct(fixture_units=units, coefficient_c=coefficient) == approx(u, abs=0.005)
    flow = residential_lps(
        fixture_units=units, probability_pct=u0, coefficient_c=coefficient, unit_flow_lps=0.2
    )
    assert flow == approx(q, abs=0.005)


@pytest.mark.parametrize(
    ("u0", "alpha"),
    [
        (1.0, 0.00323),
        (1.5, 0.00697),
        (2.0, 0.01097),
        (3.25, 0.021565),
        (5.0, 0.03715),
        (8.0, 0.06489),
        (0.4, 0.00323),
        (9.0, 0.06489),
    ],
)
def test_alpha_c_is_interpolated_and_held_at_the_ends(u0, alpha):
    assert alpha_c(u0, ALPHA_C) == approx(alpha, rel=1e-4)


@pytest.mark.parametrize(
    ("alpha", "units", "valves", "q"),
    [
        (1.5, 60, 0, 2.3238),
        (2.5, 240, 0, 7.7460),
        (3.0, 20, 0, 2.6833),
        (1.2, 10, 0, 0.7589),
        (1.5, 60, 6, 3.5812),
    ],
)
def test_scattered_use_by_alpha_and_root(alpha, units, valves, q):  # vectors "public_alpha"
    assert scattered_lps([Scattered(alpha, units, valves)], **VALVE) == approx(q, rel=1e-4)


@pytest.mark.parametrize(
    ("use", "q"),
    [
        ({"type": "office", "fixture_units": 60}, 2.3238),
        (
            {"type": "hotel", "fixture_units": 240, "beds": 120, "quota_lpcd": 300, "hourly_factor": 2.5},
            7.7460,
        ),
        ({"type": "exhibition", "fixture_units": 20, "area_m2": 10}, 2.6833),
        ({"type": "kindergarten", "fixture_units": 10, "students": 5}, 0.7589),
        ({"type": "office", "fixture_units": 60, "flush_valves": 6}, 3.5812),
    ],
)
def test_public_buildings_of_a_request(use, q):
    demand = demand_of(use)
    assert demand.design_flow_m3s * 1000 == approx(q, rel=1e-4)
    assert demand.method == "alpha"


def test_few_fixtures_give_no_more_than_all_of_them_and_no_less_than_the_largest():
    # rule b: alpha 3.0 with Ng 4 would give 1.2 L/s; all fixtures together give 0.8.
    assert scattered_lps([Scattered(3.0, 4.0)], **VALVE) == approx(0.8)
    # rule a: one basin of 0.15 L/s and half a unit more: alpha 1.2 gives 0.268; a bathtub of 0.24 stays below that.
    assert scattered_lps([Scattered(1.2, 1.0, largest_lps=0.24)], **VALVE) == approx(0.24)
    # one delayed flush valve alone: 0.2 alpha sqrt(0.5) + 1.2 would be more than the valve can take.
    assert scattered_lps([Scattered(1.5, 0.0, 1)], **VALVE) == approx(1.2)


def test_a_mixed_building_weighs_alpha_by_fixture_units():  # 1.5 rule d
    uses = [Scattered(1.5, 60.0), Scattered(2.5, 40.0)]
    assert scattered_lps(uses, **VALVE) == approx(0.2 * 1.9 * 10.0)


def test_adding_a_quiet_use_never_takes_flow_away():
    # 0.2 x 2.1 x sqrt(40) = 2.656 would be less than the terminal alone, 2.683.
    alone = scattered_lps([Scattered(3.0, 20.0)], **VALVE)
    assert scattered_lps([Scattered(3.0, 20.0), Scattered(1.2, 20.0)], **VALVE) == approx(alone)


def test_counted_fixtures_make_their_equivalents():
    use = {
        "type": "office",
        "persons": 50,
        "fixtures": {"wash-basin": 20, "wc-cistern": 20, "sink": 5, "wc-flush-valve": 6},
    }
    # 20 x 0.75 + 20 x 0.5 + 5 x 1.0 = 30; six valves count 0.5 each, then 1.2 L/s
    assert lps(use) == approx(0.2 * 1.5 * 33**0.5 + 1.2, rel=1e-9)


def test_concentrated_use_of_a_factory():  # vectors "dense", example D1
    use = {
        "type": "industry",
        "persons": 100,
        "fixtures": {"shower-open": 20, "hand-basin": 10, "wash-tap": 8, "wc-cistern": 4},
    }
    demand = demand_of(use)
    assert demand.design_flow_m3s * 1000 == approx(4.58)
    assert demand.method == "dense"


def test_a_flush_valve_of_concentrated_use_counts_at_least_once():
    few = [("wc-flush-valve", 1.2, 3, 2.0), ("wash-tap", 0.15, 4, 80.0)]
    assert dense_lps(few, valve="wc-flush-valve", valve_flow_lps=1.2) == approx(1.2 + 0.48)
    many = [("wc-flush-valve", 1.2, 100, 2.0)]
    assert dense_lps(many, valve="wc-flush-valve", valve_flow_lps=1.2) == approx(2.4)
    assert dense_lps([("bathtub", 0.2, 1, 50.0)], valve="wc-flush-valve", valve_flow_lps=1.2) == approx(0.2)


def test_concentrated_use_without_fixtures_is_answered_by_quota_and_doubted():
    demand = demand_of({"type": "canteen", "guests": 600})
    assert demand.method == "quota"
    assert demand.design_flow_m3s == approx(demand.peak_hour_m3s)
    assert [f.verdict for f in demand.findings if f.name.key == "check.fixtures-needed"] == ["warn"]


def test_a_fixture_the_table_does_not_have_for_that_building_is_refused():
    with pytest.raises(RequestError) as caught:
        demand_of({"type": "industry", "persons": 100, "fixtures": {"bathtub": 2}})
    assert caught.value.code == "fixture-not-dense"
    assert caught.value.params["field"] == "use[0].fixtures.bathtub"


@pytest.mark.parametrize(
    ("use", "day", "hour", "second"),
    [
        ({"type": "office", "persons": 300, "quota_lpcd": 40, "hours_h": 10, "hourly_factor": 1.5}, 12.0, 1.80, 0.5),
        ({"type": "hotel", "beds": 120, "quota_lpcd": 300, "hourly_factor": 2.5}, 36.0, 3.75, 1.0417),
        ({"type": "school", "students": 1200, "quota_lpcd": 30, "hours_h": 9, "hourly_factor": 1.5}, 36.0, 6.0, 1.6667),
        ({"type": "hospital", "beds": 200, "quota_lpcd": 300, "hourly_factor": 2.0}, 60.0, 5.0, 1.3889),
    ],
)  # fmt: skip
def test_greatest_day_and_hour_by_quota(use, day, hour, second):  # vectors "quota" and the table of 1.4
    demand = demand_of(use)
    assert demand.max_day_m3 == approx(day)
    assert demand.peak_hour_m3s * 3600 == approx(hour)
    assert demand.peak_hour_m3s * 1000 == approx(second, rel=1e-4)


def test_a_default_quota_is_the_middle_of_its_range_and_a_higher_one_has_a_lower_factor():
    middle = demand_of({"type": "residential", "dwellings": 10})
    assert clause(middle, "assumed-quota_lpcd").value == approx(215.0)  # 130 to 300
    assert clause(middle, "assumed-hourly_factor").value == approx(2.55)  # 2.8 to 2.3
    high = demand_of({"type": "residential", "dwellings": 10, "quota_lpcd": 300})
    assert clause(high, "assumed-hourly_factor").value == approx(2.3)
    low = demand_of({"type": "residential", "dwellings": 10, "quota_lpcd": 130})
    assert clause(low, "assumed-hourly_factor").value == approx(2.8)


def test_assumed_figures_are_shown_with_their_confidence():
    demand = demand_of({"type": "office", "area_m2": 2000})
    size = clause(demand, "size-by-area")
    assert size.value == 200 and size.confidence == "design" and "估算" in size.source
    units = clause(demand, "assumed-fixture_units")
    assert units.value == approx(12.0) and units.confidence == "design"
    storeys = design_demand(
        parse_request({"site": {"position": [1, 2]}, "use": {"type": "office", "persons": 9}}), RULES
    )
    assert clause(storeys, "assumed-storeys").value == 6


@pytest.mark.parametrize(("quota", "warned"), [(130, False), (129.9, True), (300, False), (300.1, True)])
def test_a_quota_outside_its_range_is_used_and_warned_of(quota, warned):
    demand = demand_of({**R1, "dwellings": 10, "quota_lpcd": quota})
    assert any(f.name.key == "check.quota-range" for f in demand.findings) is warned
    assert demand.max_day_m3 == approx(10 * 3.2 * quota / 1000)


def test_a_stated_flow_is_taken_and_held_against_the_computed_one():
    computed = lps({**R1, "dwellings": 48})
    for share, verdict in ((0.81, "pass"), (0.79, "warn")):
        demand = demand_of({**R1, "dwellings": 48, "design_flow_lps": share * computed})
        assert demand.design_flow_m3s * 1000 == approx(share * computed)
        assert demand.method == "given"
        assert demand.max_day_m3 == approx(30.72)
        assert [f.verdict for f in demand.findings] == [verdict]


def test_a_flow_alone_bounds_hour_and_day():
    demand = demand_of({"design_flow_lps": 3.2})
    assert demand.design_flow_m3s == demand.peak_hour_m3s == approx(0.0032)
    assert demand.max_day_m3 == approx(3.2 * 86.4 / 2.55)
    assert demand.findings == ()


def test_several_uses_of_a_site_are_added_by_kind():
    homes, shop = {**R1, "dwellings": 48}, {"type": "shop", "area_m2": 2000, "fixture_units": 20}
    both = demand_of([homes, shop, {"design_flow_lps": 1.0}])
    assert both.design_flow_m3s * 1000 == approx(lps(homes) + lps(shop) + 1.0)
    assert both.method == "mixed"


def test_fire_is_kept_apart_from_demand():
    with_fire = demand_of({**R1, "dwellings": 48}, fire={"outdoor_lps": 15})
    assert with_fire.fire_flow_m3s == approx(0.015)
    assert with_fire.design_flow_m3s == demand_of({**R1, "dwellings": 48}).design_flow_m3s


def test_even_use_is_that_of_most_of_the_flow():
    bath = {"type": "public-bath", "guests": 800}
    assert demand_of(bath).even_use
    assert not demand_of([bath, {**R1, "dwellings": 500}]).even_use


@pytest.mark.parametrize("code", sorted(use_types()))
def test_every_kind_of_use_gives_a_whole_demand(code):
    kind = use_types()[code]
    size = {"fixtures": {"hand-basin": 20}} if kind.method == "dense" else {"fixture_units": 20}
    use = {"type": code, kind.figures[0]: 500} if kind.figures else {"type": code, **size}
    document = demand_of(use).doc()
    assert 0 < document["peak_hour_lps"] <= document["design_flow_lps"] < 100
    assert document["max_day_m3"] > 0
    assert all(c["name"] and c["clause"] and c["source"] and c["confidence"] for c in document["clauses"])


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        ["residential", "villa", "office", "school", "hotel", "hospital", "shop", "green", "laundry"]
    ),
    st.integers(1, 3000),
    st.integers(1, 3000),
)
def test_more_of_a_use_never_draws_less(code, a, b):
    figure = use_types()[code].figures[0]
    small, large = sorted((a, b))
    less, more = (demand_of({"type": code, figure: count}) for count in (small, large))
    assert less.design_flow_m3s <= more.design_flow_m3s * (1 + 1e-12)
    assert less.max_day_m3 <= more.max_day_m3


def test_the_design_flow_rises_through_the_switch_to_the_average():
    flows = [lps({**R1, "dwellings": count}) for count in range(2000, 2400, 20)]
    assert all(low < high for low, high in itertools.pairwise(flows))
