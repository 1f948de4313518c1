"""Kinds of use beyond buildings, the day's profile, inlet cases, and stated flows: engineering-reference 1.2 to 1.8."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx

from design.asked.uses import use_types
from design.demand.areas import district_day_m3
from design.demand.day import shaped
from design.demand.load import Notes
from design.demand.total import design_demand
from design.errors import RequestError
from design.request import parse_request
from tests.design.works_builder import RULES

R1 = {"type": "residential", "dwellings": 48, "fixture_units_per_dwelling": 4.0, "persons_per_dwelling": 3.2,
      "quota_lpcd": 200, "hourly_factor": 2.5}  # fmt: skip


def demand_of(use, *, storeys=6, **more):
    document = {"site": {"position": [117, 36], "storeys": storeys}, "use": use, **more}
    return design_demand(parse_request(document), RULES)


def lps(use, **more):
    return demand_of(use, **more).design_flow_m3s * 1000


def test_a_city_area_with_leakage_and_unforeseen_water():  # 1.8: 10 000 + 3 000 + 500 m3/d
    notes = Notes()
    day = district_day_m3(domestic_m3=10_000, industry_m3=3_000, road_green_m3=500, rules=RULES, notes=notes)
    assert [clause.value for clause in notes.clauses] == approx([1350, 1485, 16_335])
    assert day == approx(16_335)

    use = {
        "type": "district",
        "persons": 50_000,
        "quota_lpcd": 200,
        "industry_m3d": 3000,
        "road_green_m3d": 500,
    }
    demand = demand_of(use)
    assert demand.max_day_m3 == approx(16_335)
    assert demand.peak_hour_m3s * 3600 == approx(952.875)  # Kh 1.4
    assert demand.design_flow_m3s * 1000 == approx(264.69, abs=0.005)


@pytest.mark.parametrize(
    ("zone", "size", "low", "high"),
    [
        ("one", "super", 250, 480),
        ("one", "small-2", 180, 320),
        ("two", "mega", 170, 280),
        ("two", "large-2", 150, 260),
    ],
)
def test_city_quotas_by_zone_and_size(zone, size, low, high):  # 1.8, max-day comprehensive
    use = {"type": "district", "persons": 1000, "zone": zone, "city_size": size}
    assert demand_of(use).max_day_m3 == approx(1.1 * 1.1 * (low + high) / 2)
    for quota, warned in ((low, False), (low - 1, True), (high, False), (high + 1, True)):
        found = demand_of({**use, "quota_lpcd": quota}).findings
        assert any(f.kind == "quota-range" for f in found) is warned


def test_the_zone_of_the_utility_is_assumed_and_said():
    clauses = {c.name.key for c in demand_of({"type": "district", "persons": 1000}).clauses}
    assert {"clause.assumed-zone", "clause.assumed-city_size"} <= clauses


@pytest.mark.parametrize(
    ("code", "low", "high"),
    [
        ("staff", 40, 60), ("car-wash", 40, 60), ("car-wash-recycled", 20, 30), ("car-wash-wiping", 10, 15),
        ("car-wash-steam", 3, 5), ("car-wash-bus", 80, 120), ("car-wash-bus-recycled", 40, 60),
        ("car-wash-bus-wiping", 15, 30), ("workshop-shower", 40, 60), ("industry", 30, 50), ("green", 1, 3),
        ("road-wash", 2, 3), ("laundry", 40, 80), ("market", 10, 20), ("terminal", 3, 6), ("parking-wash", 2, 3),
    ],
)  # fmt: skip
def test_quotas_of_other_uses(code, low, high):  # 1.4, notes and other uses
    row = RULES.table("public-quotas").row("quota_row", use_types()[code].quota_row)
    assert (row["day_min_l"], row["day_max_l"]) == (low, high)


def test_process_water_is_known_by_its_day():
    demand = demand_of({"type": "process", "daily_m3": 240, "hours_h": 16, "hourly_factor": 1.2})
    assert demand.max_day_m3 == approx(240)
    assert demand.design_flow_m3s * 3600 == approx(240 / 16 * 1.2)


KITCHEN = {"sink": 70, "boiling-pan": 60, "food-washer": 40, "dish-washer": 90, "water-boiler": 50, "steam-generator": 100,
           "range-tap": 30}  # fmt: skip


@pytest.mark.parametrize("fixture", KITCHEN)
def test_kitchens_by_their_percentages(fixture):  # 1.6
    use = {"type": "canteen", "guests": 1, "fixtures": {fixture: {"count": 20, "flow_lps": 0.5}}}
    assert lps(use) == approx(0.5 * 20 * KITCHEN[fixture] / 100)


def test_equipment_without_a_flow_in_the_standard_asks_for_its_makers():
    with pytest.raises(RequestError) as caught:
        demand_of({"type": "canteen", "fixtures": {"boiling-pan": 2}})
    assert caught.value.code == "fixture-flow-needed"
    assert caught.value.params["field"] == "use[0].fixtures.boiling-pan"


@pytest.mark.parametrize(
    ("code", "fixture", "percent"),
    [
        ("laboratory-chemistry", "lab-tap-1", 20), ("laboratory-chemistry", "lab-tap-3", 30),
        ("laboratory-production", "lab-tap-1", 30), ("laboratory-production", "lab-tap-3", 50),
        ("cinema", "wc-cistern", 50), ("theatre-dressing", "wc-cistern", 20),
        ("cinema", "urinal-valve", 50), ("theatre-dressing", "urinal-valve", 10), ("theatre-dressing", "shower", 80),
        ("stadium-audience", "wc-cistern", 70), ("stadium", "wc-cistern", 20), ("stadium-audience", "hand-basin", 70),
        ("stadium", "hand-basin", 50), ("stadium", "shower", 100), ("industry", "drinking-fountain", 60),
        ("public-bath", "shower-open", 100), ("public-bath", "bathtub", 50), ("dormitory-shared", "wc-cistern", 70),
    ],
)  # fmt: skip
def test_simultaneous_use_by_kind_of_building(code, fixture, percent):  # 1.6, with the bracketed figures
    flow = RULES.table("fixtures").row("fixture", fixture)["flow_lps"]
    assert lps({"type": code, "fixtures": {fixture: 200}}) == approx(flow * 200 * percent / 100)


def test_the_place_in_a_range_of_percentages_may_be_asked_for():
    use = {"type": "dormitory-shared", "fixtures": {"wc-cistern": 100}}
    assert lps({**use, "simultaneous_share": 0.0}) == approx(0.1 * 100 * 0.05)
    assert lps({**use, "simultaneous_share": 0.5}) == approx(0.1 * 100 * 0.375)


def test_every_dense_fixture_is_a_fixture_and_every_use_has_a_pattern():
    fixtures, patterns = (
        RULES.table("fixtures").column("fixture"),
        RULES.table("day-patterns").column("pattern"),
    )
    assert set(RULES.table("dense-percent").column("fixture")) <= set(fixtures)
    assert {kind.pattern for kind in use_types().values()} <= set(patterns)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(RULES.table("day-patterns").column("pattern")), st.floats(1, 24), st.floats(1.0, 4.0))
def test_a_day_pattern_keeps_its_sum_and_its_greatest_hour(pattern, hours, kh):
    row = RULES.table("day-patterns").row("pattern", pattern)
    base = np.array([row[f"h{hour:02d}"] for hour in range(24)])
    wanted = kh * 24 / hours
    shape = shaped(base, hours_h=hours, peak_factor=wanted)
    assert shape.sum() == approx(24)
    assert (shape > 0).sum() <= np.ceil(hours)
    if pattern != "even" and wanted <= 20:
        assert shape.max() == approx(wanted, rel=1e-3)


def test_the_day_of_a_site_is_the_sum_of_its_uses():
    demand = demand_of(
        [R1, {"type": "office", "persons": 300, "quota_lpcd": 40, "hours_h": 10, "hourly_factor": 1.5}]
    )
    profile = demand.profile
    assert profile.day_m3 == approx(30.72 + 12.0)
    assert sum(map(sum, (hours for *_, hours in profile.parts))) == approx(profile.day_m3)
    assert max(profile.parts[0][3]) == approx(30.72 / 24 * 2.5, rel=1e-4)
    assert max(profile.parts[1][3]) == approx(1.8, rel=1e-4)
    # peaks of different hours do not add up
    assert max(profile.hourly_m3h) < 30.72 / 24 * 2.5 + 1.8
    assert demand.doc()["profile"]["peak_factor"] == approx(max(profile.hourly_m3h) / (42.72 / 24))


def test_leakage_and_unforeseen_water_come_on_top_of_the_day():
    demand = demand_of(R1)
    assert demand.unforeseen_m3 == approx(3.072)
    assert next(c for c in demand.clauses if c.name.key == "clause.day-total").value == approx(33.792)


def test_the_inlet_of_direct_and_boosted_supply_carries_the_second_flow():  # 3.7.4 (1) and (4)
    for mode in ("auto", "direct", "boost"):
        assert lps(R1, supply={"mode": mode}) == approx(3.2649, rel=1e-4)
    assert demand_of(R1, storeys=18).inlet.mode == "boost"


def test_the_inlet_of_a_tank_carries_its_refill():  # 3.7.4 (2): between mean and greatest hour
    demand = demand_of(R1, supply={"mode": "tank"})
    assert demand.design_flow_m3s == approx(demand.peak_hour_m3s) == approx(30.72 / 24 * 2.5 / 3600)
    assert demand.even_use


def test_the_inlet_of_a_divided_building_carries_both():  # 3.7.4 (3)
    demand = demand_of({**R1, "dwellings": 96}, storeys=12, supply={"mode": "mixed", "direct_storeys": 6})
    refill = 96 * 3.2 * 0.2 / 24 * 2.5 / 3.6 / 2
    assert demand.design_flow_m3s * 1000 == approx(3.2649 + refill, rel=1e-4)


def test_a_flow_stated_for_the_whole_site_is_held_against_its_uses():
    for stated, verdict in ((2.5, "warn"), (2.7, "pass"), (4.8, "pass"), (5.0, "warn")):  # computed 3.2649
        demand = demand_of(R1, design_flow_lps=stated)
        assert demand.design_flow_m3s * 1000 == approx(stated)
        assert demand.computed_m3s * 1000 == approx(3.2649, rel=1e-4)
        assert [f.verdict for f in demand.findings if f.kind == "given-flow"] == [verdict]


def test_a_typical_u0_is_not_doubted_and_a_slip_is():
    assert not [f for f in demand_of(R1).findings if f.kind == "u0-typical"]
    slip = demand_of({**R1, "persons_per_dwelling": 10})
    assert [f.verdict for f in slip.findings if f.kind == "u0-typical"] == ["warn"]


def test_offices_and_hotels_in_one_building_weigh_alpha():  # 1.5 (d)
    uses = [{"type": "office", "fixture_units": 60}, {"type": "hotel", "fixture_units": 40}]
    demand = demand_of(uses)
    assert demand.design_flow_m3s * 1000 == approx(0.2 * 1.9 * 10)
    assert next(c for c in demand.clauses if c.name.key == "clause.alpha-mixed").value == approx(1.9)


def test_a_measured_day_is_taken_as_it_is_and_its_peak_held_against_the_factor():
    shape = [1.0] * 24
    shape[8], shape[9], shape[2], shape[3] = 2.5, 1.9, 0.2, 0.2
    shape[4] = 24 - sum(shape) + shape[4]
    for factor, verdict in ((1.0, "pass"), (100 / 24, "pass")):  # shares of 24 and of 100
        demand = demand_of({**R1, "hourly_pattern": [factor * share for share in shape]})
        assert demand.profile.hourly_m3h == approx([30.72 / 24 * share for share in shape])
        assert [f.verdict for f in demand.findings if f.kind == "pattern-factor"] == [verdict]
    flat = demand_of({**R1, "hourly_pattern": [1.0] * 24})
    assert [f.verdict for f in flat.findings if f.kind == "pattern-factor"] == ["warn"]


@pytest.mark.parametrize(
    ("pattern", "code"),
    [([1.0] * 23, "field-wrong-shape"), ([1.2] * 24, "pattern-sum"), ([-1.0] + [25 / 23] * 23, "field-out-of-range"), ("flat", "field-wrong-shape")],
)  # fmt: skip
def test_a_day_that_does_not_add_up_is_refused(pattern, code):
    with pytest.raises(RequestError) as caught:
        demand_of({**R1, "hourly_pattern": pattern})
    assert caught.value.code == code and str(caught.value.params["field"]).startswith("use.hourly_pattern")
