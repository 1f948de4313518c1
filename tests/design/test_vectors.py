"""The published test vectors (engineering-test-vectors.json), read where they lie: demand, head, friction, meters, pipes."""

import json

import pytest
from pytest import approx

from design.asked.uses import fixture_codes
from design.checks.option import service_head_m
from design.demand.flows import Branch, Scattered, alpha_c, mixed_u0_pct, residential_lps, scattered_lps
from design.demand.total import design_demand
from design.sizing.meters import select_meter
from design.request import parse_request
from design.asked.overriding import rules_as_asked
from hydraulics.headloss import gb50013_loss_m, gb50015_gradient_kpa_m
from tests.design.works_builder import RULES, demand, size

pytestmark = pytest.mark.real_data
SITE = {"position": [117.02, 36.66], "storeys": 6}
VALVE = {"unit_flow_lps": 0.2, "valve_units": 0.5, "valve_flow_lps": 1.2}


@pytest.fixture(scope="module")
def vectors(shared_data):
    path = shared_data / "results" / "engineering-test-vectors.json"
    return json.loads(path.read_text(encoding="utf-8"))


def demand_of(use, **more):
    return design_demand(parse_request({"site": SITE, "use": use, **more}), RULES)


def test_dwellings(vectors):
    for vector in vectors["residential"]:
        for case in vector["cases"]:
            found = demand_of({
                "type": "residential", "dwellings": case["dwellings"], "quota_lpcd": vector["qL"],
                "persons_per_dwelling": vector["m"], "hourly_factor": vector["Kh"],
                "fixture_units_per_dwelling": vector["Ng_dwelling"],
            })  # fmt: skip
            assert found.design_flow_m3s * 1000 == approx(case["qg_Ls"], rel=1e-4)
            steps = {clause.name.key: clause.value for clause in found.clauses}
            assert steps["clause.u0"] == approx(vector["U0_pct"], rel=1e-6)
            assert steps["clause.alpha-c"] == approx(vector["alpha_c"], rel=1e-6)


def test_joined_branches(vectors):
    join = vectors["residential_join"]
    branches = [Branch(join[name]["U0_pct"], join[name]["Ng"]) for name in ("A", "B")]
    u0 = mixed_u0_pct(branches)
    coefficient = alpha_c(u0, RULES.table("alpha-c").rows)
    units = sum(branch.fixture_units for branch in branches)
    flow = residential_lps(
        fixture_units=units, probability_pct=u0, coefficient_c=coefficient, unit_flow_lps=0.2
    )
    assert (u0, flow) == (approx(join["U0_pct"], rel=1e-6), approx(join["qg_Ls"], rel=1e-6))


def test_scattered_use(vectors):
    for vector in vectors["public_alpha"]:
        units = vector.get("Ng", vector.get("Ng_other"))
        flow = scattered_lps([Scattered(vector["alpha"], units, vector.get("flush_valves", 0))], **VALVE)
        assert flow == approx(vector["qg_Ls"], rel=1e-4)


def test_dense_use(vectors):  # example D1
    fixtures = {"shower-open": 20, "hand-basin": 10, "wash-tap": 8, "wc-cistern": 4}
    assert set(fixtures) <= set(fixture_codes())
    found = demand_of({"type": "industry", "persons": 100, "fixtures": fixtures})
    assert found.design_flow_m3s * 1000 == approx(vectors["dense"]["qg_Ls"])


def test_quotas(vectors):
    for vector in vectors["quota"]:
        kind, figure = ("office", "persons") if vector["T"] == 10 else ("hotel", "beds")
        found = demand_of({
            "type": kind, figure: vector["n"], "quota_lpcd": vector["q"], "hours_h": vector["T"],
            "hourly_factor": vector["Kh"],
        })  # fmt: skip
        assert found.max_day_m3 == approx(vector["Qd"])
        assert found.peak_hour_m3s * 3600 == approx(vector["Qh"])
        assert found.peak_hour_m3s * 1000 == approx(vector["Ls"], rel=1e-6)


def test_service_heads(vectors):
    for storeys, head_m in vectors["service_head_m"].items():
        assert service_head_m(int(storeys), RULES) == head_m


def test_friction_in_both_forms(vectors):
    for vector in vectors["hazen_williams"]:
        flow, bore = vector["q_m3s"], vector["d_m"]
        building = gb50015_gradient_kpa_m(flow, inner_diameter_m=bore, c=vector["C"])
        network = gb50013_loss_m(flow, length_m=1.0, inner_diameter_m=bore, c=vector["C"])
        assert building == approx(vector["gb50015_kPa_m"], rel=1e-4)
        assert network == approx(vector["gb50013_m_m"], rel=1e-4)


def test_meters(vectors):
    uneven, fire = vectors["meter"]
    meter = select_meter(demand(uneven["q_m3h"] / 3.6), RULES)
    assert (meter.q3_by_flow_m3h, meter.q3_m3h) == (uneven["Q3_by_Q4"], uneven["Q3_after_loss_0.03MPa"])
    passes = parse_request({"site": SITE, "use": {"design_flow_lps": 1}, "meter": {"passes_fire": True}})
    both = demand(uneven["q_m3h"] / 3.6, fire_lps=(fire["q_m3h"] - uneven["q_m3h"]) / 3.6)
    assert select_meter(both, rules_as_asked(passes, RULES)).q3_by_flow_m3h == fire["Q3_by_Q4"]


def test_ductile_iron_walls(vectors):
    for vector in vectors["di_k_wall"]:
        if vector["K"] == 9:
            assert size("DI-K9", vector["DN"]).wall_m * 1000 == approx(vector["e_nom"])
