"""Sites that need two mains: the second inlet is planned, checked, priced and listed like the first."""

import math
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest

from design.documents.sheets.quote_xlsx import write_quote
from design.pressure.outage import closures_of, segments_at
from design.rules.ruleset import load_rules
from tests.design.recompute_quote import recompute
from tests.golden.sites import TODAY
from tests.golden.town import opened
from tests.hydraulics.plain_epanet import PlainEpanet

HOSPITAL = {"position": [117.01569, 36.66314], "storeys": 5}
OFFICE = {"position": [117.02788, 36.66076], "storeys": 6}
BEDS = {"type": "hospital", "beds": 300}
AREA = {"type": "office", "area_m2": 5000}


@pytest.fixture(scope="module")
def bench(sample_workspace):
    bench = opened(sample_workspace)
    yield bench
    bench.close()


def plan(bench, site, use, **more):
    return bench.plan({"name": "two", "site": site, "use": use, "options": {"count": 1}, **more})


@pytest.fixture(scope="module")
def hospital(bench):
    return plan(bench, HOSPITAL, BEDS)


def lines(option, share):
    return [line for line in option["quote"]["lines"] if line["share"] == share]


def test_the_second_inlet_of_a_hospital_is_worked_out_whole(hospital):
    option = hospital["options"][0]
    second = option["inlets"]["second"]
    assert option["inlets"]["required"] == 2
    assert second["pipe_id"] != option["connection"]["pipe_id"]
    assert second["route"]["length_m"] == second["route_length_m"]
    assert sum(run["length_m"] for run in second["route"]["surfaces"]) == pytest.approx(
        second["route_length_m"], abs=0.01
    )
    assert second["service_pipe"]["velocity_mps"] <= second["service_pipe"]["velocity_limit_mps"]
    # each alone carries the whole flow
    bore_m2 = 3.14159265 * (second["service_pipe"]["inner_diameter_mm"] / 2000) ** 2
    flow_m3s = hospital["demand"]["design_flow_lps"] / 1000
    assert second["service_pipe"]["velocity_mps"] == pytest.approx(flow_m3s / bore_m2, rel=1e-3)
    assert {detail["kind"] for detail in second["assemblies"]} >= {
        "tie-in",
        "meter-well",
        "backflow",
        "trench",
    }
    assert second["margin_m"] >= 0


def test_each_inlet_has_its_pipe_meter_preventer_and_test_in_the_quote(hospital):
    option = hospital["options"][0]
    for share in ("connection", "second-inlet"):
        codes = [line["code"] for line in lines(option, share)]
        for start in (
            "pipe-",
            "040502009-",
            "meter-set-",
            "meter-well-",
            "backflow-reduced-pressure-",
            "tie-in-",
            "test-",
        ):
            assert any(code.startswith(start) for code in codes), (share, start)
    second = option["inlets"]["second"]
    pipe = [line for line in lines(option, "second-inlet") if line["code"].startswith("pipe-")]
    assert sum(Decimal(line["quantity"]) for line in pipe) == pytest.approx(
        Decimal(str(second["route_length_m"])), abs=Decimal("0.02")
    )
    assert Decimal(second["quote_net_cny"]) == sum(
        Decimal(line["amount_cny"]) for line in lines(option, "second-inlet")
    )
    assert all(
        "第二路" in line["name"] and "second inlet" in line["name_en"]
        for line in lines(option, "second-inlet")
    )


def test_the_quote_of_two_inlets_is_the_sum_of_lines_and_payers(hospital):
    quote = hospital["options"][0]["quote"]
    assert sum(Decimal(line["amount_cny"]) for line in quote["lines"]) == Decimal(quote["net_cny"])
    payers = [Decimal(quote[f"{name}_total_cny"]) for name in ("customer", "utility")]
    assert sum(payers) == Decimal(quote["total_cny"])
    assert sum(Decimal(one["net_cny"]) for one in quote["payers"]) == Decimal(quote["net_cny"])


def test_the_one_fee_list_is_compared_with_what_it_covers_only(hospital):
    quote = hospital["options"][0]["quote"]
    fee = quote["one_fee"]
    left_out = Decimal(fee["left_out_cny"])
    assert left_out >= Decimal(hospital["options"][0]["inlets"]["second"]["quote_net_cny"])
    assert Decimal(fee["difference_cny"]) == Decimal(fee["total_cny"]) - (
        Decimal(quote["total_cny"]) - left_out
    )


def test_the_store_hands_out_two_meters_and_permits_are_asked_for_together(hospital):
    option = hospital["options"][0]
    picked = {(row["name"], row["spec"]): row for row in option["picking_list"]}
    meters = [row for (name, _), row in picked.items() if name.startswith("水表（")]
    assert [row["quantity"] for row in meters] == ["2"]
    kinds = [permit["kind"] for permit in option["permits"]]
    assert len(kinds) == len(set(kinds))
    area = {p["kind"]: p["area_m2"] for p in option["permits"]}
    own = {p["kind"]: p["area_m2"] for p in option["inlets"]["second"]["permits"]}
    assert area["road-opening"] > own["road-opening"] > 0


def test_an_office_that_asks_for_two_gets_two_and_one_that_asks_for_one_gets_one(bench):
    two = plan(bench, OFFICE, AREA, supply={"inlets": 2})["options"][0]
    one = plan(bench, OFFICE, AREA)["options"][0]
    assert lines(two, "second-inlet") and not lines(one, "second-inlet")
    assert two["inlets"]["second"] is not None and one["inlets"]["second"] is None
    assert {line["code"] for line in lines(two, "connection")} >= {
        line["code"] for line in lines(one, "connection")
    }


@pytest.mark.parametrize(
    "asked",
    [
        (HOSPITAL, BEDS, {}),
        (
            {**OFFICE, "storeys": 33},
            {"type": "residential", "dwellings": 260},
            {"fire": {"volume_m3": 60000}},
        ),
        (OFFICE, AREA, {"supply": {"inlets": 2, "mode": "tank"}, "fire": {"hydrants": 2, "outdoor_lps": 25}}),
    ],
    ids=["hospital", "tower", "office"],
)
def test_a_quote_with_second_inlet_and_pumps_follows_from_its_workbook(bench, asked, tmp_path):
    site, use, more = asked
    scheme = plan(bench, site, use, **more)
    write_quote(scheme, tmp_path / "quote.xlsx")
    quote = scheme["options"][0]["quote"]
    assert any(line["share"] != "connection" for line in quote["lines"])
    totals = recompute(str(tmp_path / "quote.xlsx"))
    assert Decimal(quote["total_cny"]) in totals.values()
    assert Decimal(quote["customer_total_cny"]) in totals.values()
    assert Decimal(quote["utility_total_cny"]) in totals.values()
    assert Decimal(quote["one_fee"]["difference_cny"]) in totals.values()


def test_hydrants_of_the_site_make_its_service_pipe_a_fire_main(bench):  # GB 50974 8.1.4, 8.1.8
    plain = plan(bench, OFFICE, AREA)["options"][0]
    fire = plan(bench, OFFICE, AREA, fire={"hydrants": 2, "outdoor_lps": 20})
    option = fire["options"][0]
    assert plain["service_pipe"]["dn"] < 100 <= option["service_pipe"]["dn"]
    flow_m3s = (fire["demand"]["design_flow_lps"] + 20) / 1000
    bore_m2 = 3.14159265 * (option["service_pipe"]["inner_diameter_mm"] / 2000) ** 2
    found = {one["kind"]: one for one in option["findings"]}
    assert found["fire-velocity"]["measured"] == pytest.approx(flow_m3s / bore_m2, rel=1e-3)
    assert found["fire-velocity"]["measured"] <= 2.5
    assert found["fire-site"]["verdict"] in {"pass", "warn"}


def test_with_one_main_shut_plain_epanet_gives_the_same_pressure(bench, hospital):
    option, city = hospital["options"][0], bench.city
    second = option["inlets"]["second"]
    rules = load_rules(on=date.fromisoformat(TODAY))
    flow_m3s = 0.7 * hospital["demand"]["design_flow_lps"] / 1000
    left = []
    for way, out in ((option, second["connection"]), (second, option["connection"])):
        closures = closures_of(city, rules)
        told = SimpleNamespace(pipe_id=out["pipe_id"], node_id=out["node_id"])
        dry, _ = closures.graph.dry(segments_at(closures, told))
        dead = {city.session.index.node_ids[n] for n in np.flatnonzero(dry[closures.plan.segments.node])}
        shut = [city.session.index.link_ids[link] for link in closures.links_at(dry)]
        node = way["connection"]["node_id"]
        with PlainEpanet(city.session.model.inp) as plain:
            engine = plain.engine
            for name in shut:
                engine.ENsetlinkvalue(engine.ENgetlinkindex(name), 4, 0.0)
            for name in dead:
                engine.ENsetnodevalue(engine.ENgetnodeindex(name), 1, 0.0)
            drawn = tie_in_shares(city, way["connection"], dead)
            for name, share in drawn.items():
                number = engine.ENgetnodeindex(name)
                more = flow_m3s * 1000 * share / plain.lps
                engine.ENsetnodevalue(number, 1, engine.ENgetnodevalue(number, 1) + more)
            heads = plain.solve().heads()
        head_m = sum(heads[name] * share for name, share in drawn.items())
        pipe = way["service_pipe"]
        friction_m = (
            105 * pipe["roughness_c"] ** -1.85 * (pipe["inner_diameter_mm"] / 1000) ** -4.87 * flow_m3s**1.85
        )
        friction_m *= way["route"]["length_m"] / 9.80665
        velocity = flow_m3s / (math.pi / 4 * (pipe["inner_diameter_mm"] / 1000) ** 2)
        local_m = (
            sum(one["count"] * one["factor"] for one in pipe["local_losses"]) * velocity**2 / (2 * 9.80665)
        )
        local_m = local_m or 0.1 * friction_m
        left.append(head_m - option["check"]["site_elevation_m"] - friction_m - local_m)
        assert node is None or node in drawn
    (found,) = [one for one in option["findings"] if one["kind"] == "one-main-out"]
    assert found["measured"] == pytest.approx(min(left) * 9.80665 / 1000, abs=2e-4)


def tie_in_shares(city, place, dead):
    """Nodes that carry a demand at a place: itself, or the living ends of its pipe by nearness."""
    if place["node_id"] is not None:
        return {place["node_id"]: 1.0}
    index = city.session.index
    link = city.session.link_position[place["pipe_id"]]
    ends = (index.link_start[link], 1 - place["fraction"]), (index.link_end[link], place["fraction"])
    told = {index.node_ids[node]: share for node, share in ends if index.node_ids[node] not in dead}
    return {name: share / sum(told.values()) for name, share in told.items()}
