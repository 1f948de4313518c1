"""Each limit held on both sides: frost, hydrants, pressure at the inlet, low flows, mains due for renewal."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest
from shapely.geometry import Point

from design.demand.total import design_demand
from design.request import parse_request
from design.rules.ruleset import load_rules
from design.supply.behind import static_head_m
from design.supply.floors import supply_mode
from design.supply.judged import (
    HydrantsNear,
    floor_findings,
    frost_finding,
    hydrant_findings,
    hydrants_near,
    meter_findings,
    renewal_findings,
    static_findings,
)
from tests.design.works_builder import RULES, TODAY

MPA = 101.97162  # metres of water


def one(findings, kind):
    found = [f for f in findings if f.kind == kind]
    assert len(found) == 1, [f.kind for f in found]
    for language in ("zh", "en"):
        assert found[0].text.render(language)
    assert found[0].clause and found[0].source and found[0].confidence
    return found[0]


@pytest.mark.parametrize(("cover_m", "verdict"), [(0.59, "pass"), (0.589, "fail"), (0.80, "pass")])
def test_cover_below_frost_depth_and_its_margin_fails(cover_m, verdict):  # 4.5: Jinan 0.44 + 0.15
    found = one(frost_finding(cover_m, RULES), "frost")
    assert (found.verdict, found.limit) == (verdict, pytest.approx(0.59))


def fire(flow_lps=25.0):
    document = {
        "site": {"position": [117, 36]},
        "use": {"design_flow_lps": 3},
        "fire": {"outdoor_lps": flow_lps},
    }
    return design_demand(parse_request(document), RULES)


@pytest.mark.parametrize(
    ("near", "kind", "verdict"),
    [
        (HydrantsNear(150.0, 3, 100.0), "hydrant-reach", "pass"),
        (HydrantsNear(150.1, 3, 100.0), "hydrant-reach", "warn"),
        (HydrantsNear(50.0, 3, 120.0), "hydrant-spacing", "pass"),
        (HydrantsNear(50.0, 3, 120.1), "hydrant-spacing", "warn"),
        (HydrantsNear(50.0, 3, 100.0), "hydrant-flow", "pass"),  # 3 x 10 L/s for 25 L/s
        (HydrantsNear(50.0, 2, 100.0), "hydrant-flow", "warn"),
    ],
)
def test_hydrants_by_reach_spacing_and_yield(near, kind, verdict):  # 1.9
    assert one(hydrant_findings(near, fire(), RULES), kind).verdict == verdict


def test_hydrants_are_not_judged_without_a_fire_flow_or_a_record():
    assert not list(hydrant_findings(HydrantsNear(500.0, 0, None), fire(0.0), RULES))
    assert not list(hydrant_findings(None, fire(), RULES))


def city_of_hydrants(*places):
    import geopandas as gpd

    table = gpd.GeoDataFrame({"hydrant_id": range(len(places))}, geometry=[Point(place) for place in places])
    network = SimpleNamespace(layer=lambda name: table)
    return SimpleNamespace(network=network, once=lambda key, make: make())


def test_hydrants_around_a_site_against_distances_by_hand():
    near = hydrants_near(city_of_hydrants((0, 30), (0, 130), (400, 0)), (0.0, 0.0), RULES)
    assert (near.nearest_m, near.within_count, near.gap_m) == (30.0, 2, 100.0)
    assert hydrants_near(city_of_hydrants(), (0.0, 0.0), RULES) is None
    assert hydrants_near(city_of_hydrants((0, 30)), (0.0, 0.0), RULES).gap_m is None


@pytest.mark.parametrize(("static_m", "verdict"), [(0.35 * MPA, "pass"), (0.3501 * MPA, "warn")])
def test_pressure_at_the_inlet_above_its_limit_asks_for_a_reducer(static_m, verdict):  # 2.1
    request = parse_request({"site": {"position": [117, 36], "storeys": 6}, "use": {"design_flow_lps": 3}})
    mode = supply_mode(request, RULES, available_m=30.0, static_m=static_m, may_boost=True, asked_mode="auto")
    assert one(static_findings(mode, RULES), "inlet-pressure").verdict == verdict


@pytest.mark.parametrize(("share", "verdict"), [(0.05, "pass"), (0.0501, "warn")])
def test_much_water_below_the_transitional_flow_is_told(share, verdict):
    meter = SimpleNamespace(low_share=share, least_m3h=0.1, q1_m3h=0.25, q2_m3h=0.4, ratio_r=100)
    assert one(meter_findings(meter, RULES), "meter-turndown").verdict == verdict


def main_of(year, *, material="DI", lining="lined"):
    row = {"install_year": year, "material": material, "lining": lining}
    return SimpleNamespace(pipe_row=lambda pipe_id: row)


POINT = SimpleNamespace(pipe_id="P1", kind="new-tap")


@pytest.mark.parametrize(
    ("main", "verdict"),
    [
        (main_of(1997), "pass"),  # 29 years on 2026-11-21
        (main_of(1996), "warn"),
        (main_of(2010, material="GCI", lining="unlined"), "warn"),
        (main_of(2010, material="GCI"), "pass"),
        (main_of(2010, material="AC"), "warn"),
        (main_of(None), "pass"),
    ],
)
def test_a_main_due_for_renewal_is_told(main, verdict):
    assert one(renewal_findings(POINT, main, RULES, on=TODAY), "renewal-due").verdict == verdict


def test_a_utility_may_ban_taps_on_mains_due_for_renewal(tmp_path):
    text = """
[file]
id = "own"
standard = "本单位规定"
edition = "2026"
source = "第 7 条"
confidence = "high"
clause = "7"
[value.tap-renewal]
value = 1
unit = "switch"
"""
    (tmp_path / "rules.toml").write_text(text, encoding="utf-8")
    rules = load_rules(on=date(2026, 11, 21), extra=tmp_path / "rules.toml")
    assert one(renewal_findings(POINT, main_of(1990), rules, on=TODAY), "renewal-due").verdict == "fail"
    stub = SimpleNamespace(pipe_id="P1", kind="tapoff")  # no new tap: nothing to ban
    assert one(renewal_findings(stub, main_of(1990), rules, on=TODAY), "renewal-due").verdict == "warn"


def test_static_head_is_the_greatest_head_on_the_waters_way(monkeypatch):
    import design.supply.behind as behind

    index = SimpleNamespace(link_start=np.array([0, 1, 2]), link_end=np.array([1, 2, 3]))
    session = SimpleNamespace(
        index=index, link_position={"P": 2}, base=SimpleNamespace(head_m=np.array([80.0, 76.0, 71.0, 70.0]))
    )
    feeding = SimpleNamespace(way=lambda node: [2, 1, 0])
    city = SimpleNamespace(session=session, feeding=feeding, node_row=lambda name: 3)
    monkeypatch.setattr(behind, "still_way", lambda city, node: ([], node))
    for tie_in in (SimpleNamespace(node_id="N", pipe_id=None), SimpleNamespace(node_id=None, pipe_id="P")):
        assert static_head_m(city, tie_in, 40.0) == 40.0


@pytest.mark.parametrize(("storey_m", "verdict"), [(3.0, "pass"), (3.1, "warn")])
def test_taller_storeys_leave_the_top_direct_floor_less(storey_m, verdict):
    # the 28 m of six storeys: 5 storeys below, 1 m to the fixture, 0.3 m lost on each of 6; 0.10 MPa is 10.197 m
    asked = {"mode": "auto", "storey_height_m": storey_m}
    document = {"site": {"position": [117, 36], "storeys": 6}, "use": {"design_flow_lps": 3}, "supply": asked}
    mode = supply_mode(
        parse_request(document), RULES, available_m=28.0, static_m=None, may_boost=True, asked_mode="auto"
    )
    found = one(floor_findings(mode, RULES), "floor-pressure")
    assert found.verdict == verdict
    assert found.measured == pytest.approx((28 - 5 * storey_m - 1 - 1.8) / MPA)
