"""Trench and bill of engineering-reference 4.6 and 6.4, vectors "trench"."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx
from shapely.geometry import LineString

from design.works.digging import GroundConditions, Trench, plan_trench, trench_volumes_m3, trench_width_m
from design.pricing.catalogue import load_catalogue
from design.pricing.quantity import rounded, split_at_red_line
from design.pricing.quantities import quantities_of
from design.works.tapping import reserved_tapping
from design.works.plan import Casing, RoadRun, count_bends, design_cover_m, plan_works, required_cover_m
from tests.design.works_builder import RULES, STREET, TODAY, works

Q1_TRENCH = Trench(0.718, 1.2, 0.1, 0.0)


def bill(job):
    """Amount by (code, ledger); the working pit of the tie-in has lines of its own and is left out."""
    found = {}
    for quantity in quantities_of(job, RULES):
        if quantity.basis.key.startswith("basis.pit"):
            continue
        key = quantity.code, quantity.ledger
        assert key not in found
        found[key] = quantity.quantity
    return found


def pit_lines(job):
    return [q for q in quantities_of(job, RULES) if q.basis.key.startswith("basis.pit")]


@pytest.mark.parametrize(
    ("outer_m", "width_m"), [(0.118, 0.718), (0.063, 0.663), (0.500, 1.100), (0.5001, 1.3001)]
)
def test_a_trench_is_the_pipe_and_room_to_work(outer_m, width_m):
    assert trench_width_m(outer_m, RULES) == approx(width_m)


@pytest.mark.parametrize(("depth_m", "slope", "volume"), [(1.2, 0.0, 25.848), (2.0, 0.33, 82.68)])
def test_excavation_of_thirty_metres(depth_m, slope, volume):  # vectors "trench"
    found = trench_volumes_m3(Trench(0.718, depth_m, 0.1, slope), length_m=30, outer_diameter_m=0.118)
    assert found["excavation"] == approx(volume, rel=1e-4)
    assert found["backfill"] + found["spoil"] == approx(found["excavation"])


def test_sides_slope_only_below_the_depth_of_the_soil():
    flat = plan_trench(0.118, cover_depth_m=1.282, rules=RULES)
    deep = plan_trench(0.118, cover_depth_m=1.283, rules=RULES)
    assert (flat.depth_m, flat.slope_ratio) == (approx(1.5), 0.0)
    assert deep.slope_ratio == 0.33 and deep.top_width_m > deep.width_m


def test_q1_quantities():  # 6.4, example Q1
    found = bill(works(trench=Q1_TRENCH))
    outside = "outside-red-line"
    assert found["040101002", outside] == Decimal("25.85")
    assert found["bedding-sand", outside] == Decimal("2.15")
    assert found["040103001", outside] == Decimal("23.37")
    assert found["040103002", outside] == Decimal("2.48")
    assert found["test-large", outside] == Decimal("30.00")
    assert found["fee-restore-asphalt-main", "third-party"] == Decimal("21.54")


@pytest.mark.parametrize(
    ("value", "shown"), [(0.125, "0.13"), (0.145, "0.15"), (2.675, "2.68"), (1e-9, "0.00"), (1.005, "1.01")]
)
def test_quantities_round_half_up_from_what_is_written(value, shown):
    assert str(rounded(value)) == shown


def test_the_red_line_cuts_the_run_it_crosses():
    job = works(RoadRun("asphalt", 20.0, "A", "branch"), RoadRun("paving-brick", 10.0), inside_m=4.0)
    outside, inside = split_at_red_line(job)
    assert [(r.surface, r.length_m) for r in outside] == [("asphalt", 20.0), ("paving-brick", 6.0)]
    assert [(r.surface, r.length_m) for r in inside] == [("paving-brick", 4.0)]


def test_public_roads_are_restored_for_a_fee_and_other_surfaces_by_the_works():
    found = bill(
        works(
            RoadRun("asphalt", 10.0, "A", "arterial"), RoadRun("asphalt", 10.0, "B", "branch"),
            RoadRun("concrete", 10.0, "C", "secondary"), RoadRun("concrete", 10.0, "", "lane"), RoadRun("green", 10.0),
            RoadRun("soil", 10.0), RoadRun("paving-brick", 10.0), inside_m=10.0,
        )
    )  # fmt: skip
    area = rounded(10.0 * 0.718)
    third = {code for code, ledger in found if ledger == "third-party"}
    assert third == {
        "fee-restore-asphalt-main",
        "fee-restore-asphalt",
        "fee-restore-concrete",
        "fee-restore-green",
        "fee-occupation",
    }
    assert (
        found["restore-concrete", "outside-red-line"]
        == found["041001001-concrete", "outside-red-line"]
        == area
    )
    assert found["restore-paving-brick", "inside-red-line"] == area
    assert not any(code == "restore-green" for code, _ in found)


def test_an_unknown_surface_is_priced_as_asphalt():
    assert ("fee-restore-asphalt", "third-party") in bill(works(RoadRun("", 5.0, "", "branch")))
    assert ("restore-asphalt", "outside-red-line") in bill(works(RoadRun("", 5.0)))


def test_plastic_pipe_has_a_tracer_wire_and_no_thrust_blocks():
    pe, di = works(series="PE100-SDR11", dn=50, flow_lps=2.0), works()
    assert ("tracer-wire", "outside-red-line") in bill(pe) and ("040503002", "outside-red-line") not in bill(
        pe
    )
    assert ("tracer-wire", "outside-red-line") not in bill(di)
    assert bill(di)["040503002", "outside-red-line"] == rounded(
        sum(block.count * block.volume_m3 for block in di.blocks)
    )


def test_a_reserved_tapoff_with_its_valve_needs_no_well():
    plain = works()
    told = {"main_dn": 200, "route": [STREET], "inside_length_m": 0.0, "line": None, "rules": RULES}
    reserved = reserved_tapping(100, 100, rules=RULES)
    with_valve = plan_works(plain.service, plain.meter, reserved, has_valve=True, **told)
    without = plan_works(plain.service, plain.meter, reserved, has_valve=False, **told)
    assert (with_valve.valve_wells, without.valve_wells, plain.valve_wells) == (0, 1, 1)
    assert ("valve-well-1300", "outside-red-line") not in bill(with_valve)
    assert ("tie-in-reserved-dn100", "outside-red-line") in bill(with_valve)


@pytest.mark.parametrize(
    ("line", "bends"),
    [
        ([(0, 0), (10, 0)], ()),
        ([(0, 0), (10, 0), (20, 0.5)], ()),
        ([(0, 0), (10, 0), (20, 2.0)], ((11.25, 1),)),
        ([(0, 0), (10, 0), (10.1, 0.03), (10.2, 0), (20, 0)], ()),  # digitising noise of 3 cm is no fitting
        ([(0, 0), (10, 0), (20, 4.2), (18, 13)], ((22.5, 1), (90.0, 1))),
        ([(0, 0), (10, 0), (10, 10), (0, 10)], ((90.0, 2),)),
        ([(0, 10), (0, 0), (-10, 0)], ((90.0, 1),)),
    ],
)
def test_bends_are_the_turns_of_the_route(line, bends):
    assert count_bends(LineString(line)) == bends


def test_cover_is_the_deeper_of_road_frost_and_habit():  # 4.5: Jinan 0.70 carriageway, 0.60 footway (frost 0.44 + 0.15)
    assert required_cover_m([STREET], RULES) == 0.70
    assert required_cover_m([RoadRun("paving-brick", 5.0)], RULES) == 0.60
    assert design_cover_m(50, [STREET], RULES) == 0.80
    assert design_cover_m(100, [STREET], RULES) == 1.00


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["asphalt", "concrete", "paving-brick", "gravel", "soil", "green", ""]), st.floats(0.01, 300.0),
            st.sampled_from(["arterial", "branch", "lane", ""]),
        ), min_size=1, max_size=6,
    ), st.floats(0.0, 500.0),
)  # fmt: skip
def test_both_sides_of_the_red_line_make_the_whole(runs, inside_m):
    job = works(*(RoadRun(surface, length, "x", kind) for surface, length, kind in runs), inside_m=inside_m)
    outside, inside = split_at_red_line(job)
    assert sum(r.length_m for r in outside) == approx(job.outside_length_m, abs=1e-6)
    assert sum(r.length_m for r in outside + inside) == approx(job.length_m, abs=1e-6)
    pipes = [amount for (code, _), amount in bill(job).items() if code == "pipe-DI-dn100"]
    assert float(sum(pipes)) == approx(job.length_m, abs=0.011)


# Soil, room and water: GB 50857 lets class 1-2 stand to 1.20 m, class 3 to 1.50 m, class 4 to 2.00 m.


@pytest.mark.parametrize(
    ("soil", "depth_m", "support"),
    [
        ("soft", 1.20, "none"), ("soft", 1.21, "slope"), ("firm", 1.50, "none"), ("firm", 1.51, "slope"),
        ("hard", 2.00, "none"), ("hard", 2.01, "slope"), ("rock", 4.00, "none"),
    ],
)  # fmt: skip
def test_sides_slope_below_the_depth_the_soil_stands(soil, depth_m, support):
    trench = plan_trench(0.118, cover_depth_m=depth_m - 0.218, rules=RULES, ground=GroundConditions(soil))
    assert trench.support == support and (trench.slope_ratio > 0) == (support == "slope")


@pytest.mark.parametrize(
    ("depth_m", "kind", "support"),
    [
        (1.50, {"confined": True}, "none"), (1.51, {"confined": True}, "sheeting"),
        (1.30, {"confined": True, "narrow": True}, "none"), (1.31, {"confined": True, "narrow": True}, "sheeting"),
        (1.51, {}, "slope"),
    ],
)  # fmt: skip
def test_a_trench_without_room_for_slopes_is_sheeted(depth_m, kind, support):
    trench = plan_trench(0.118, cover_depth_m=depth_m - 0.218, rules=RULES, **kind)
    assert trench.support == support
    assert trench.width_m == approx(
        0.718 + (0.30 if support == "sheeting" else 0.0)
    )  # GB 50268: b2 0.15 m a side


@pytest.mark.parametrize(
    ("water_m", "depth_m", "support"),
    [(1.00, 1.00, "none"), (0.90, 1.00, "none"), (0.90, 1.01, "sheeting"), (1.02, 1.01, "none")],
)
def test_a_wet_trench_is_sheeted_from_a_lesser_depth(water_m, depth_m, support):
    ground = GroundConditions("firm", water_m)
    assert plan_trench(0.118, cover_depth_m=depth_m - 0.218, rules=RULES, ground=ground).support == support


def test_groundwater_above_the_bottom_is_pumped_and_below_it_costs_nothing():
    wet = works(ground=GroundConditions("firm", 0.5))
    assert bill(wet)["dewatering", "outside-red-line"] == Decimal("30.00")
    assert bill(wet)["sheeting", "outside-red-line"] == rounded(2 * wet.trench.depth_m * 30)
    dry = works(ground=GroundConditions("firm", 5.0))
    assert not {code for code, _ in bill(dry)} & {"dewatering", "sheeting"}


def test_rock_is_its_own_item():
    codes = {code for code, _ in bill(works(ground=GroundConditions("rock")))}
    assert "040102002" in codes and "040101002" not in codes


def test_the_working_pit_is_dug_filled_and_its_surface_restored_by_whom_the_road_belongs_to():
    lines = {(q.code, q.ledger): q.quantity for q in pit_lines(works(main_dn=200))}
    depth_m = 1.0 + 0.2 + 0.3  # cover, main, room below it; a sleeve needs 2.5 by 2.0 m
    assert lines == {
        ("040101003", "outside-red-line"): rounded(2.5 * 2.0 * depth_m),
        ("040103001", "outside-red-line"): rounded(2.5 * 2.0 * depth_m),
        ("fee-restore-asphalt-main", "third-party"): Decimal("5.00"),
    }


def test_reducers_casings_and_hydrants_are_counted():
    job = works(tapoff_dn=150, casings=(Casing("rail", "胶济线", 3.0, 20.0, 250),), hydrants=2, flow_lps=5.0)
    found = bill(job)
    assert found["reducer-dn150", "outside-red-line"] == 1
    assert found["reducer-dn100", "outside-red-line"] == 2  # before and after the smaller meter
    assert found["casing-300", "outside-red-line"] == Decimal("20.00")
    assert found["040502010", "inside-red-line"] == 2


def test_bends_are_listed_by_angle():
    job = works(bends=((45.0, 2), (90.0, 1)))
    lines = [q for q in quantities_of(job, RULES) if q.code == "bend-DI-dn100"]
    assert [(q.detail, q.quantity) for q in lines] == [("45°", 2), ("90°", 1)]


def test_road_occupation_is_strip_by_length_by_days():  # arterial: 2 days and 30 m at 20 m a day; strip 3 m
    assert bill(works())["fee-occupation", "third-party"] == rounded(3.0 * 30.0 * 4)
    branch = works(RoadRun("asphalt", 30.0, "支路", "branch"))
    assert bill(branch)["fee-occupation", "third-party"] == rounded(3.0 * 30.0 * 3)


@pytest.mark.parametrize(
    ("device", "codes"),
    [("", set()), ("low-resistance", {"backflow-low-resistance-dn65", "backflow-well-2750"})],
)
def test_a_backflow_preventer_stands_on_the_customers_side(device, codes):
    found = {key for key in bill(works(backflow=device)) if key[0].startswith("backflow")}
    assert found == {(code, "inside-red-line") for code in codes}


@pytest.mark.parametrize(
    ("device", "flow_lps", "place"),
    [
        ("double-check", 0.4, "backflow-box"), ("low-resistance", 2.0, "backflow-well-1000"),
        ("low-resistance", 10.0, "backflow-well-2750"), ("reduced-pressure", 2.0, "backflow-cabinet-50"),
        ("reduced-pressure", 10.0, "backflow-cabinet-100"),
    ],
)  # fmt: skip
def test_what_a_preventer_stands_in_is_priced_on_the_customers_side(device, flow_lps, place):
    job = works(dn=100, flow_lps=flow_lps, main_dn=300, backflow=device)
    (found,) = [one for one in quantities_of(job, RULES) if one.code == place]
    assert (found.quantity, found.ledger) == (1, "inside-red-line")
    assert place in load_catalogue(None, on=TODAY).items
