"""Supply behind the tie-in: floors, zones, pumps and tanks, backflow, inlets, ways to tie in."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import approx

from design.demand.total import design_demand
from design.sizing.meters import select_meter
from design.request import parse_request
from design.sizing.service import size_service_pipe
from design.supply.behind import behind_reducer
from design.supply.devices import device_loss_mpa, inlet_devices
from design.supply.equipment import equipment_for
from design.supply.floors import direct_floors, supply_mode, zone_head_m
from design.supply.inlets import ONE_INLET, InletNeed, Inlets, inlet_need
from design.supply.judged import assumed_finding
from design.asked.overriding import rules_as_asked
from tests.design.works_builder import RULES, demand

HOMES = {"type": "residential", "dwellings": 48}
MPA = 101.97162  # metres of water


def request(use=HOMES, *, storeys=6, **more):
    return parse_request({"site": {"position": [117, 36], "storeys": storeys}, "use": use, **more})


def mode_of(available_m, *, storeys=6, static_m=None, may_boost=True, asked="auto", **more):
    return supply_mode(
        request(storeys=storeys, **more), RULES, available_m=available_m, static_m=static_m, may_boost=may_boost,
        asked_mode=asked,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("head_m", "floors"),
    [
        (9.99, 0),
        (10, 1),
        (11.99, 1),
        (12, 2),
        (15.99, 2),
        (16, 3),
        (20, 4),
        (24, 5),
        (27.99, 5),
        (28, 6),
        (40, 6),
    ],
)
def test_floors_supplied_directly_follow_the_service_heads(head_m, floors):  # 2.1: 10, 12, then 4 m a storey
    assert direct_floors(head_m, storeys=12, cap=6, rules=RULES) == floors
    assert mode_of(head_m, storeys=12).direct_count == floors


def test_every_floor_is_in_one_zone_with_its_head_and_pressure():
    mode = mode_of(28.2, storeys=18, static_m=32.0)
    assert [floor.number for floor in mode.floors] == list(range(1, 19))
    assert [floor.mode for floor in mode.floors] == ["direct"] * 6 + ["booster"] * 12
    assert [(zone.lowest, zone.highest) for zone in mode.zones][0] == (1, 6)
    sixth = mode.floors[5].doc()
    assert (sixth["required_head_m"], sixth["available_head_m"]) == (28, 28.2)
    # 5 storeys of 3 m, fixture 1 m above the floor, 0.3 m lost a storey
    assert sixth["fixture_pressure_mpa"] == approx((28.2 - 15 - 1 - 1.8) / MPA, rel=1e-6)
    assert mode.doc()["direct_floors"] == 6


@pytest.mark.parametrize(("static_m", "too_much"), [(0.45 * MPA + 1, False), (0.45 * MPA + 1.01, True)])
def test_the_static_limit_of_the_direct_zone_is_held_on_both_sides(static_m, too_much):
    assert mode_of(30.0, static_m=static_m).zones[0].is_reduced is too_much


def test_central_hot_water_allows_more_static_pressure():
    hot = mode_of(30.0, static_m=0.5 * MPA, use={"type": "residential-hot-water", "dwellings": 48})
    assert not hot.zones[0].is_reduced and mode_of(30.0, static_m=0.5 * MPA).zones[0].is_reduced


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.floats(0, 60))
def test_pumped_zones_stay_below_the_static_limit_and_cover_all_floors(storeys, available_m):
    mode = mode_of(available_m, storeys=storeys)
    numbers = [n for zone in mode.zones for n in range(zone.lowest, zone.highest + 1)]
    assert numbers == list(range(1, storeys + 1))
    for zone in mode.zones:
        if zone.mode != "direct":
            assert zone.static_m <= 0.45 * MPA + 1e-6
            assert zone.base_m == approx(zone_head_m(zone.highest, storey_m=3.0, rules=RULES))
            assert zone.lift_m == approx(max(0.0, zone.base_m - available_m))


def test_a_small_main_gets_a_tank_and_so_does_who_asks_for_one():
    assert {zone.mode for zone in mode_of(28, storeys=12, may_boost=False).zones} == {"direct", "break-tank"}
    tank = mode_of(28, storeys=12, asked="tank", supply={"mode": "tank"})
    assert (tank.mode, tank.direct_count) == ("break-tank", 0)
    assert tank.zones[0].lift_m == tank.zones[0].base_m  # from the tank, not from the main


def test_direct_supply_of_more_storeys_than_the_cap_may_be_asked_for():
    assert mode_of(40, storeys=9, asked="direct", supply={"mode": "direct"}).mode == "direct"
    assert mode_of(40, storeys=9).direct_count == 6


def pieces(mode, *, need=ONE_INLET, second=None, height_m=18.0, short_m=0.0, **more):
    wanted = design_demand(request(storeys=len(mode.floors), **more), RULES)
    found = equipment_for(
        mode, wanted, RULES, inlets=Inlets(need, second), height_m=height_m, fire_short_m=short_m
    )
    return {piece.kind: piece for piece in found}


def test_pumps_and_the_break_tank_have_flow_lift_and_volume():
    found = pieces(mode_of(28, storeys=12, may_boost=False))
    assert set(found) == {"pump", "break-tank"}
    # half of 48 dwellings by default figures; a fifth of half the greatest day of 33.024 m3
    assert found["break-tank"].volume_m3 == approx(0.2 * 33.024 / 2)
    assert 0 < found["pump"].flow_m3s < design_demand(request(), RULES).design_flow_m3s


@pytest.mark.parametrize(
    ("need", "height_m", "short_m", "needed"),
    [
        (InletNeed(2, (), "two-main-fire"), 18, 0.0, True),  # needs two, has one
        (ONE_INLET, 50, 0.0, False),
        (ONE_INLET, 50.1, 0.0, True),
        (ONE_INLET, 18, 0.1, True),
    ],
)
def test_a_fire_tank_where_the_mains_do_not_do(need, height_m, short_m, needed):
    found = pieces(
        mode_of(28), need=need, height_m=height_m, short_m=short_m, fire={"outdoor_lps": 25, "duration_h": 2}
    )
    assert ("fire-tank" in found) is needed
    if needed:
        assert found["fire-tank"].volume_m3 == approx(180)  # 1.9: 25 L/s for 2 h


# ---- backflow, meter, devices --------------------------------------------------------------------------------


def devices(use=HOMES, *, two=False, **more):
    asked = request(use, **more)
    rules = rules_as_asked(asked, RULES)
    wanted = design_demand(asked, rules)
    return inlet_devices(asked, wanted, select_meter(wanted, rules), rules, two_inlets=two)


@pytest.mark.parametrize(
    ("use", "hazard", "device"),
    [
        (HOMES, "none", "check-valve"),
        ({"type": "office", "persons": 300}, "none", "check-valve"),
        ({"type": "restaurant", "guests": 900}, "medium", "low-resistance"),
        ({"type": "hospital", "beds": 200}, "high", "reduced-pressure"),
        ({"type": "process", "daily_m3": 200}, "high", "reduced-pressure"),
        ([HOMES, {"type": "car-wash-recycled", "vehicles": 100}], "high", "reduced-pressure"),
    ],
)
def test_the_worst_hazard_of_a_site_chooses_the_device(use, hazard, device):
    found = devices(use).backflow
    assert (found.hazard, found.device) == (hazard, device)


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"two": True}, "backflow.two-inlets"),
        ({"supply": {"mode": "boost"}}, "backflow.booster"),
        ({"supply": {"vessel": True}}, "backflow.vessel"),
        ({"fire": {"hydrants": 1}}, "backflow.fire"),
        ({"fire": {"outdoor_lps": 15}, "meter": {"passes_fire": True}}, "backflow.fire"),
    ],
)
def test_a_preventer_is_compulsory_for_plain_use_too(more, key):  # 2.4
    found = devices(**more).backflow
    assert found.device == "low-resistance" and [reason.key for reason in found.reasons] == [key]


def test_a_low_resistance_preventer_loses_with_the_square_of_its_velocity():
    row = RULES.table("backflow-device").row("device", "low-resistance")
    at_two = 2.0 * 3.141592653589793 / 4 * 0.1**2
    assert 0.025 <= device_loss_mpa(row, at_two, dn=100) <= 0.04  # 2.4, at 2 m/s
    assert device_loss_mpa(row, at_two / 2, dn=100) == approx(device_loss_mpa(row, at_two, dn=100) / 4)
    reduced = RULES.table("backflow-device").row("device", "reduced-pressure")
    assert (
        0.07
        <= device_loss_mpa(reduced, at_two / 2, dn=100)
        == device_loss_mpa(reduced, at_two, dn=100)
        <= 0.10
    )


def test_devices_count_against_the_head_only_where_policy_says_so():
    free, strict = devices(), devices(options={"deduct_meter_and_bfp": True})
    assert free.deducted_m == 0.0
    assert strict.deducted_m == approx(
        strict.meter.headloss_m + strict.backflow.headloss_m + 0.01 * MPA, rel=1e-6
    )


def test_a_meter_tells_how_low_it_measures():  # 3.1: Q3 2.5 R100 has Q1 0.025, Q2 0.040, Q4 3.125
    meter = select_meter(demand(0.4), RULES)
    assert (meter.q3_m3h, meter.ratio_r, meter.q4_m3h) == (2.5, 100, 3.125)
    assert (meter.q1_m3h, meter.q2_m3h) == (approx(0.025), approx(0.040))


def test_a_meter_of_another_type_or_ratio_measures_lower():
    asked = request(meter={"type": "ultrasonic"})
    wanted = design_demand(asked, RULES)
    plain = select_meter(wanted, RULES)
    fine = select_meter(wanted, RULES, wish=asked.meter)
    assert fine.q1_m3h < plain.q1_m3h and fine.kind == "ultrasonic"
    ratio = select_meter(wanted, RULES, wish=request(meter={"ratio_r": 400}).meter)
    assert ratio.q1_m3h == approx(ratio.q3_m3h / 400) and ratio.low_share <= plain.low_share


# ---- inlets ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("use", "more", "count"),
    [
        (HOMES, {"fire": {"outdoor_lps": 20}}, 1),
        ({"type": "office", "persons": 300}, {"fire": {"outdoor_lps": 20}}, 1),
        ({"type": "office", "persons": 300}, {"fire": {"outdoor_lps": 20.1}}, 2),
        (HOMES, {"fire": {"outdoor_lps": 25}, "storeys": 18}, 1),  # 18 x 3 m = 54 m
        (HOMES, {"fire": {"outdoor_lps": 25}, "storeys": 19}, 2),
        ({"type": "hospital", "beds": 200}, {}, 2),
        (HOMES, {"supply": {"important": True}}, 2),
        (HOMES, {"supply": {"inlets": 2}}, 2),
        ({"type": "hospital", "beds": 200}, {"supply": {"inlets": 1}}, 1),
    ],
)
def test_who_needs_two_mains(use, more, count):  # 6.1.3: above 20 L/s, dwellings up to 54 m excepted
    asked = request(use, **more)
    assert inlet_need(asked, design_demand(asked, RULES), RULES).count == count


def test_a_missing_second_main_fails_who_asked_for_it_and_warns_others():
    for more, verdict in (({"supply": {"important": True}}, "fail"), ({"fire": {"outdoor_lps": 25}, "storeys": 19}, "warn")):  # fmt: skip
        asked = request(**more)
        need = inlet_need(asked, design_demand(asked, RULES), RULES)
        found = Inlets(need, None).findings(RULES)
        assert [(f.verdict, f.measured, f.limit) for f in found] == [(verdict, 1.0, 2.0)]
        assert found[0].text.render("zh") and found[0].text.render("en")
    assert Inlets(replace(need, count=1), None).findings(RULES) == ()


@pytest.mark.parametrize(
    ("head_m", "set_mpa", "taken_m"),
    [
        (30.0, None, 0.0),
        (34.0, 0.35, 34 - 0.85 * 0.35 * MPA),
        (20.0, 0.35, 0.0),
        (0.85 * 0.35 * MPA, 0.35, 0.0),
    ],
)
def test_a_reducer_leaves_85_percent_of_its_setting(head_m, set_mpa, taken_m):  # 2.4: 80 to 90 % of static
    asked = request(supply={} if set_mpa is None else {"prv_mpa": set_mpa})
    taken, static = behind_reducer(head_m, 40.0, set_m=asked.supply.prv_m, rules=RULES)
    assert taken == approx(taken_m, abs=1e-6)
    assert static == approx(40.0 if set_mpa is None else set_mpa * MPA)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.05, 60), st.floats(0.05, 60), st.floats(1, 400), st.floats(1, 30), st.integers(0, 9))
def test_more_flow_never_gives_a_smaller_pipe_with_fittings_counted(a, b, length_m, available_m, bends):
    found = [
        size_service_pipe(
            q / 1000, length_m=length_m, available_head_m=available_m, rules=RULES, new_tap=True, bends=[(90.0, bends)]
        ).pipe
        for q in sorted((a, b))
    ]  # fmt: skip
    assert found[1] is None or (
        found[0] is not None and found[0].inner_diameter_m <= found[1].inner_diameter_m
    )


def test_local_losses_are_those_of_the_fittings():  # 2.4: h = K v2 / 2g
    pipe = size_service_pipe(
        0.002, length_m=45.0, available_head_m=9.0, rules=RULES, new_tap=True, bends=[(90.0, 2), (45.0, 1)]
    ).pipe
    factors = {fitting.code: fitting.count * fitting.factor for fitting in pipe.fittings}
    assert factors == approx({"saddle": 1.75, "gate-valve": 0.4, "bend-90": 1.2, "bend-45": 0.3})
    assert pipe.local_m == approx(3.65 * 0.9639**2 / (2 * 9.80665), rel=1e-3)


def test_a_booster_assumed_where_the_main_is_too_small_is_told():
    tall = design_demand(request(storeys=12), RULES)
    small, large = (mode_of(28, storeys=12, may_boost=may) for may in (False, True))
    assert [f.verdict for f in assumed_finding(small, tall, RULES)] == ["warn"]
    assert not list(assumed_finding(large, tall, RULES))
    stated = design_demand(request(storeys=12, supply={"mode": "mixed"}), RULES)
    assert not list(assumed_finding(small, stated, RULES))
