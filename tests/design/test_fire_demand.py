"""Fire flow, duration and volume by engineering-reference 1.9: values typed from its tables."""

import pytest
from pytest import approx

from design.demand.total import design_demand
from design.errors import RequestError
from design.request import parse_request
from tests.design.works_builder import RULES

HOMES = {"type": "residential", "dwellings": 48}
OFFICE = {"type": "office", "persons": 300}


def fire_of(fire, *, use=OFFICE, storeys=5):
    request = parse_request({"site": {"position": [117, 36], "storeys": storeys}, "use": use, "fire": fire})
    return design_demand(request, RULES)


TABLE = {  # table 3.3.2, classes 1 and 2: V <= 1500, 3000, 5000, 20000, 50000 and above
    "residential": (15, 15, 15, 15, 15, 15),
    "public": (15, 15, 15, 25, 30, 40),
    "underground": (15, 15, 15, 20, 25, 30),
    "factory-ab": (15, 15, 20, 25, 30, 35),
    "factory-c": (15, 15, 20, 25, 30, 40),
    "factory-de": (15, 15, 15, 15, 15, 20),
    "warehouse-ab": (15, 15, 25, 25, None, None),
    "warehouse-c": (15, 15, 25, 25, 35, 45),
    "warehouse-de": (15, 15, 15, 15, 15, 20),
}
BOUNDS = (1500, 3000, 5000, 20000, 50000)


@pytest.mark.parametrize("building", TABLE)
def test_outdoor_flow_of_every_row_on_both_sides_of_every_volume(building):
    flows = TABLE[building]
    for place, bound in enumerate(BOUNDS):
        for volume, flow in ((bound, flows[place]), (bound + 1, flows[place + 1])):
            if flow is not None:
                fire = fire_of({"building": building, "volume_m3": volume, "height_m": 20}).fire
                assert fire.outdoor_m3s * 1000 == approx(flow), (building, volume)


@pytest.mark.parametrize(
    ("building", "flows"),
    [
        ("factory-c", (15, 20, 30, 40, 45)),
        ("warehouse-de", (15, 15, 15, 20, 25)),
        ("public", (15, 15, 20, 25, 30)),
    ],
)
def test_fire_resistance_class_three_has_its_own_flows(building, flows):
    found = [
        fire_of({"building": building, "volume_m3": bound, "height_m": 20, "resistance": 3}).fire.outdoor_m3s * 1000
        for bound in BOUNDS
    ]  # fmt: skip
    assert found == approx(list(flows))


@pytest.mark.parametrize(("height", "flow", "warned"), [(24, 15, False), (24.1, 25, True)])
def test_a_public_building_above_24_m_is_high_and_the_table_has_no_small_ones(height, flow, warned):
    demand = fire_of({"building": "public", "volume_m3": 4000, "height_m": height})
    assert demand.fire_flow_m3s * 1000 == approx(flow)
    assert any(f.kind == "fire-table" and f.verdict == "warn" for f in demand.findings) is warned


@pytest.mark.parametrize(("area", "flow"), [(500_000, 40), (500_001, 80)])
def test_a_huge_building_needs_twice_the_greatest_flow(area, flow):
    assert fire_of({"building": "public", "floor_area_m2": area}).fire_flow_m3s * 1000 == approx(flow)


def test_dwellings_need_no_volume_and_others_do():
    assert fire_of({"building": "residential"}, use=HOMES).fire_flow_m3s * 1000 == approx(15)
    with pytest.raises(RequestError) as caught:
        fire_of({"building": "public"})
    assert caught.value.params["field"] == "fire.volume_m3"


def test_the_volume_may_follow_from_the_floor_area():
    fire = fire_of({"floor_area_m2": 6000}).fire  # 6000 m2 x 4 m = 24 000 m3
    assert (fire.row, fire.outdoor_m3s * 1000) == ("public-low", approx(30))


@pytest.mark.parametrize(
    ("use", "fire", "hours"),
    [
        (HOMES, {"building": "residential"}, 2),
        (OFFICE, {"building": "public", "volume_m3": 9000}, 2),
        (OFFICE, {"building": "public", "volume_m3": 60000, "height_m": 51, "important": True}, 3),
        (OFFICE, {"building": "public", "volume_m3": 60000, "height_m": 50, "important": True}, 2),
        ({"type": "shop", "area_m2": 9000}, {"building": "public", "volume_m3": 60000, "height_m": 30}, 3),
        (OFFICE, {"building": "factory-ab", "volume_m3": 9000}, 3),
        (OFFICE, {"building": "factory-c", "volume_m3": 9000}, 3),
        (OFFICE, {"building": "factory-de", "volume_m3": 9000}, 2),
        (OFFICE, {"building": "warehouse-c", "volume_m3": 9000}, 3),
        (OFFICE, {"building": "public", "volume_m3": 9000, "duration_h": 2.5}, 2.5),
    ],
)
def test_duration_by_table_3_6_2(use, fire, hours):
    assert fire_of(fire, use=use).fire.duration_h == hours


@pytest.mark.parametrize(("flow", "hours", "volume"), [(15, 2, 108), (25, 2, 180), (40, 3, 432)])
def test_water_of_one_fire(flow, hours, volume):  # 1.9: volume = q t 3.6
    assert fire_of({"outdoor_lps": flow, "duration_h": hours}).fire.volume_m3 == approx(volume)


def test_indoor_flow_adds_to_the_volume_only():
    demand = fire_of({"outdoor_lps": 15, "indoor_lps": 10, "duration_h": 2})
    assert demand.fire_flow_m3s * 1000 == approx(15)
    assert demand.fire.volume_m3 == approx(25 * 2 * 3.6)


@pytest.mark.parametrize(("stated", "verdict"), [(24.9, "warn"), (25, "pass"), (30, "pass")])
def test_a_stated_fire_flow_is_taken_and_held_against_the_table(stated, verdict):
    demand = fire_of({"outdoor_lps": stated, "building": "public", "volume_m3": 9000})
    assert demand.fire_flow_m3s * 1000 == approx(stated)
    assert demand.fire.computed_m3s * 1000 == approx(25)
    assert [f.verdict for f in demand.findings if f.kind == "fire-flow"] == [verdict]


@pytest.mark.parametrize(
    ("persons", "total"),
    [(10_000, 15), (10_001, 20), (25_000, 20), (50_000, 60), (100_000, 70), (200_000, 90), (300_000, 120),
     (400_000, 150), (500_000, 225), (700_000, 270), (700_001, 300)],
)  # fmt: skip
def test_simultaneous_fires_of_a_district_by_population(persons, total):  # table 3.2.2
    demand = fire_of({"outdoor_lps": 15}, use={"type": "district", "persons": persons})
    assert next(c for c in demand.clauses if c.name.key == "clause.fire-city").value == approx(total)
