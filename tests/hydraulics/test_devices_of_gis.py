"""Pumps, valves and tanks of GIS layers: elements of the model where their records suffice, else told and harmless."""

import numpy as np
import pytest
from pytest import approx

from gis.issues import DataIssue
from gis.messages import both_languages
from gis.schema import codes
from hydraulics.errors import HydraulicsError
from hydraulics.headloss import hazen_williams_loss_m
from hydraulics.model import build_peak_model
from hydraulics.pressure import check_connection
from hydraulics.results import TieIn
from hydraulics.session import Session
from tests.hydraulics.models import pipe, town
from tests.hydraulics.plain_epanet import heads_of

WELL = {"source_id": "W1", "node_id": "0,0", "kind": "reservoir", "head_m": 60.0, "at": (0.0, 0.0)}
DRAWN_M3S = 0.005


def ground(*names, height_m=10.0):
    return [
        {"node_id": n, "elevation_m": height_m, "at": tuple(100.0 * int(p) for p in n.split(","))}
        for n in names
    ]


GROUND = ground("0,0", "1,0", "2,0", "3,0", "4,0")
LINE = [pipe(f"P{n}", f"{n},0", f"{n + 1},0", roughness_c=100.0) for n in range(4)]
AT_END = [{"customer_id": "C", "node_id": "4,0", "design_flow_m3s": DRAWN_M3S}]
LOSS_M = hazen_williams_loss_m(DRAWN_M3S, length_m=100.0, inner_diameter_m=0.1, c=100.0)


def solved(folder, *, pipes=LINE, sources=(WELL,), customers=AT_END, nodes=GROUND, **layers):
    """(head of every node, the model's tables) of a line of five nodes drawing at its end; heads as plain EPANET has them."""
    network = town(pipes, sources=sources, nodes=nodes, customers=customers, **layers)
    with Session(build_peak_model(network, folder)) as session:
        head_m = {n: float(session.base.head_m[row]) for n, row in session.node_position.items()}
        plain = heads_of(session.model.inp)
        for row, name in enumerate(session.model.engine_nodes):
            assert session.base.head_m[row] == approx(plain[name], abs=0.001)
        return head_m, session.model.tables


def told(tables):
    return {(issue.kind, issue.subject) for issue in tables.doubts}


def pump(**columns):
    return {"pump_id": "PU", "node_id": "1,0", "to_node_id": "2,0", **columns}


RATED = {"rated_flow_m3s": 0.010, "rated_head_m": 30.0}


@pytest.mark.parametrize(
    ("columns", "lift_m"),
    [
        # EPANET manual: a single point (q, h) stands for 4/3 h - (h / 3 / q^2) Q^2.
        (RATED, 40.0 - 10.0 * 0.25),
        ({"curve": "0:40; 5:37.5; 10:30"}, 37.5),
        ({"curve": "0:40;10:36;20:30;30:20"}, 38.0),
        ({"curve": "０：４０；10：36；20：30；30：20", "speed_ratio": 0.5}, 0.25 * (36 + 0.0) + 0.0),
        ({"power_kw": 2.0}, 2.0 * 1000.0 / (998.2 * 9.80665 * DRAWN_M3S)),
    ],
)  # fmt: skip
def test_a_pump_lifts_by_its_record(columns, lift_m, tmp_path):
    head_m, tables = solved(tmp_path, pumps=[pump(**columns)])

    assert len(tables.pumps) == 1 and tables.link_ids[tables.pipe_count] == "PU"
    assert head_m["1,0"] == approx(60.0 - LOSS_M, abs=0.001)
    assert head_m["1,0~PU"] - head_m["1,0"] == approx(lift_m, rel=2e-3)
    assert head_m["4,0"] == approx(head_m["1,0~PU"] - 3 * LOSS_M, abs=0.001)
    assert not tables.doubts


def test_a_pump_that_is_off_shuts_its_pipe_and_what_lies_behind_is_named_as_cut_off(tmp_path):
    head_m, tables = solved(tmp_path, pumps=[pump(state="off", **RATED)])

    assert np.isnan(head_m["4,0"]) and head_m["1,0"] == approx(60.0)
    assert set(tables.cut_off.node_ids) == {"1,0~PU", "2,0", "3,0", "4,0"}


def test_pumps_side_by_side_share_the_flow(tmp_path):
    head_m, _ = solved(tmp_path, pumps=[pump(**RATED), pump(pump_id="PU2", **RATED)])

    assert head_m["1,0~PU"] - head_m["1,0"] == approx(40.0 - 10.0 * 0.0625, abs=0.001)


def test_a_pump_of_constant_pressure_keeps_its_head_and_never_gives_more_than_its_curve(tmp_path):
    keeps = {"control": "constant-pressure", **RATED}
    kept, _ = solved(tmp_path / "a", pumps=[pump(outlet_head_m=80.0, **keeps)])
    short, _ = solved(tmp_path / "b", pumps=[pump(outlet_head_m=120.0, **keeps)])

    assert kept["1,0~PU"] == approx(80.0, abs=0.001)
    assert short["1,0~PU"] == approx(60.0 - LOSS_M + 37.5, abs=0.001)


def test_a_pump_with_nothing_but_its_measured_head_keeps_that_and_still_draws_from_before_it(tmp_path):
    head_m, tables = solved(tmp_path, pumps=[pump(outlet_head_m=85.0)])

    assert told(tables) == {("pump-without-curve", "PU")}
    assert head_m["1,0~PU"] == approx(85.0, abs=0.001)
    assert head_m["1,0"] == approx(60.0 - LOSS_M, abs=0.001)


def test_a_pump_with_nothing_at_all_lets_water_through_and_is_named(tmp_path):
    head_m, tables = solved(tmp_path, pumps=[pump()])

    assert told(tables) == {("pump-without-figures", "PU")}
    assert head_m["4,0"] == approx(60.0 - 4 * LOSS_M, abs=0.001)


def test_a_curve_that_is_none_is_named_and_the_rated_point_counts(tmp_path):
    head_m, tables = solved(tmp_path, pumps=[pump(curve="0:30;10:40", **RATED)])

    assert told(tables) == {("pump-curve-unreadable", "PU")}
    assert head_m["1,0~PU"] - head_m["1,0"] == approx(37.5, abs=0.001)


def test_pumps_of_a_plant_whose_measured_head_has_their_lift_in_it_are_not_counted_twice(tmp_path):
    plant = {**WELL, "kind": "plant"}
    head_m, tables = solved(tmp_path, sources=[plant], pumps=[pump(node_id="0,0", to_node_id="1,0", **RATED)])

    assert told(tables) == {("pump-in-measured-head", "PU")}
    assert head_m["4,0"] == approx(60.0 - 4 * LOSS_M, abs=0.001)


def valve(kind, **columns):
    return {"valve_id": "V", "kind": kind, "node_id": "1,0", "to_node_id": "2,0", "dn": 100, **columns}


def test_a_reducing_valve_keeps_its_pressure_behind_it(tmp_path):
    head_m, tables = solved(tmp_path, valves=[valve("PRV", setting_mpa=0.2)])

    assert head_m["1,0~V"] == approx(10.0 + 0.2 * 1000 / 9.80665, abs=0.001)
    assert head_m["1,0"] == approx(60.0 - LOSS_M, abs=0.001)
    assert not tables.doubts


def test_a_throttle_valve_takes_its_loss_and_a_general_one_that_of_its_curve(tmp_path):
    throttle, _ = solved(tmp_path / "a", valves=[valve("TCV", loss_k=50.0)])
    general, _ = solved(tmp_path / "b", valves=[valve("GPV", curve="0:0;10:8")])

    speed_mps = DRAWN_M3S / (np.pi / 4 * 0.1**2)
    assert throttle["1,0"] - throttle["1,0~V"] == approx(50.0 * speed_mps**2 / 2 / 9.81, rel=2e-3)
    assert general["1,0"] - general["1,0~V"] == approx(4.0, abs=0.001)


def test_a_flow_control_valve_lets_its_flow_through_and_no_more(tmp_path):
    ring = [*LINE, pipe("ROUND", "0,0", "4,0", roughness_c=100.0, length_m=1000.0)]
    head_m, tables = solved(tmp_path, pipes=ring, valves=[valve("FCV", setting_flow_m3s=0.001)])

    part_m = hazen_williams_loss_m(0.001, length_m=100.0, inner_diameter_m=0.1, c=100.0)
    assert head_m["0,0"] - head_m["1,0"] == approx(part_m, abs=0.001)
    assert tables.valves[0].setting == approx(1.0)


def test_a_sustaining_valve_keeps_its_pressure_before_it(tmp_path):
    more = [{"customer_id": "C", "node_id": "4,0", "design_flow_m3s": 0.012}]
    other = {"source_id": "W2", "node_id": "4,0", "kind": "reservoir", "head_m": 20.0}
    head_m, _ = solved(
        tmp_path, sources=[WELL, other], customers=more, valves=[valve("PSV", setting_mpa=0.45)]
    )

    assert head_m["1,0"] == approx(10.0 + 450 / 9.80665, abs=0.001)


@pytest.mark.parametrize("kind", ["PRV", "PSV", "FCV", "TCV", "GPV"])
def test_a_regulating_valve_without_its_setting_is_open_and_named_with_the_field(kind, tmp_path):
    head_m, tables = solved(tmp_path, valves=[valve(kind)])

    (issue,) = tables.doubts
    assert (issue.kind, issue.subject) == ("valve-without-setting", "V")
    assert head_m["4,0"] == approx(60.0 - 4 * LOSS_M, abs=0.001)
    label = codes("valves", "kind")[kind]
    for language, word in (("zh", label.label_zh), ("en", label.label_en)):
        assert "V" in issue.message(language) and word in issue.message(language)


def test_a_check_valve_lets_water_pass_its_way_only(tmp_path):
    low = {"source_id": "W2", "node_id": "4,0", "kind": "reservoir", "head_m": 40.0}
    nobody = [{"customer_id": "C", "node_id": "2,0", "design_flow_m3s": 0.001}]
    against = valve("check", node_id="2,0", to_node_id="1,0")
    for n, pipes in enumerate((LINE, [*LINE[:1], pipe("P1", "2,0", "1,0", roughness_c=100.0), *LINE[2:]])):
        free, _ = solved(
            tmp_path / f"f{n}", pipes=pipes, sources=[WELL, low], customers=nobody, valves=[valve("check")]
        )
        shut, _ = solved(
            tmp_path / f"s{n}", pipes=pipes, sources=[WELL, low], customers=nobody, valves=[against]
        )
        assert free["1,0"] < 59.0 and free["2,0"] < free["1,0"]
        assert shut["1,0"] == approx(60.0, abs=0.001) and shut["2,0"] < 40.0


def test_a_device_that_does_not_say_its_direction_passes_water_to_the_side_that_only_it_can_feed(tmp_path):
    backwards = [pipe(f"P{n}", f"{n + 1},0", f"{n},0", roughness_c=100.0) for n in range(4)]
    for n, pipes in enumerate((LINE, backwards)):
        head_m, tables = solved(tmp_path / str(n), pipes=pipes, pumps=[pump(to_node_id=None, **RATED)])
        assert head_m["1,0~PU"] - head_m["1,0"] == approx(37.5, abs=0.001)
        assert not tables.doubts


def test_where_both_sides_can_be_fed_a_device_without_direction_has_no_effect_and_is_named(tmp_path):
    ring = [*LINE, pipe("ROUND", "0,0", "4,0", roughness_c=100.0)]
    _, tables = solved(tmp_path, pipes=ring, valves=[valve("PRV", to_node_id=None, setting_mpa=0.1)])

    assert told(tables) == {("device-direction-unknown", "V")}
    assert not tables.valves


@pytest.mark.parametrize("kind", ["PRV", "check"])
def test_a_valve_the_wrong_way_round_is_named_with_what_it_cuts_off(kind, tmp_path):
    wrong = valve(kind, node_id="2,0", to_node_id="1,0", setting_mpa=0.2)
    head_m, tables = solved(tmp_path, valves=[wrong])

    issue = next(one for one in tables.doubts if one.kind == "device-against-flow")
    assert issue.severity == "error" and issue.params["count"] == 3
    assert np.isnan(head_m["4,0"])


def test_valves_that_epanet_cannot_have_are_open_and_named(tmp_path):
    at_source = valve("PRV", node_id="0,0", to_node_id="1,0", setting_mpa=0.1)
    head_m, tables = solved(tmp_path / "a", valves=[at_source])
    assert told(tables) == {("valve-at-source", "V")} and head_m["1,0"] == approx(60.0 - LOSS_M, abs=0.001)

    beside = [valve("PRV", setting_mpa=0.2), valve("PRV", setting_mpa=0.3, valve_id="V2", node_id="1,0")]
    _, tables = solved(tmp_path / "b", valves=beside)
    assert told(tables) == {("valve-shares-node", "V2")}

    _, tables = solved(tmp_path / "c", valves=[valve("PRV", setting_mpa=0.2)], nodes=GROUND[2:])
    assert told(tables) == {("valve-ground-unknown", "V")}


TANK = {
    "source_id": "T1", "node_id": "4,0", "kind": "tank", "bottom_m": 50.0, "depth_m": 4.0, "min_depth_m": 1.0,
    "max_depth_m": 6.0, "diameter_m": 12.0,
}  # fmt: skip


def test_a_tank_is_a_tank_at_its_peak_depth(tmp_path):
    head_m, tables = solved(tmp_path, sources=[WELL, TANK])

    (tank,) = tables.tanks
    assert (tank.level_m, tank.min_level_m, tank.max_level_m, tank.diameter_m) == (4.0, 1.0, 6.0, 12.0)
    assert head_m["4,0"] == approx(54.0, abs=0.001) and not tables.doubts


def test_a_tank_gets_its_depth_from_its_head(tmp_path):
    head_m, tables = solved(tmp_path, sources=[WELL, {**TANK, "depth_m": None, "head_m": 53.0}])

    assert tables.tanks[0].level_m == approx(3.0) and head_m["4,0"] == approx(53.0, abs=0.001)


@pytest.mark.parametrize(
    ("columns", "kind"),
    [({"max_depth_m": None}, "tank-without-levels"), ({"depth_m": 0.5}, "tank-levels-contradict"), ({"min_depth_m": 7.0}, "tank-levels-contradict")],
)  # fmt: skip
def test_a_tank_whose_levels_do_not_suffice_is_a_fixed_head_and_named(columns, kind, tmp_path):
    head_m, tables = solved(tmp_path, sources=[WELL, {**TANK, "head_m": 52.0, **columns}])

    assert not tables.tanks and told(tables) == {(kind, "T1")}
    assert head_m["4,0"] == approx(52.0, abs=0.001)


def test_every_doubt_has_its_sentences_with_the_element_and_the_way_out(tmp_path):
    rows = [
        solved(tmp_path / "a", pumps=[pump()])[1],
        solved(tmp_path / "b", pumps=[pump(outlet_head_m=85.0)])[1],
        solved(tmp_path / "c", pumps=[pump(control="constant-pressure", speed_ratio=-1.0, **RATED)])[1],
        solved(tmp_path / "d", valves=[valve("PRV", to_node_id="9,9", setting_mpa=0.2)])[1],
        solved(tmp_path / "e", valves=[valve("PRV", node_id=None, setting_mpa=0.2)])[1],
        solved(tmp_path / "f", valves=[valve("PRV", node_id=None, pipe_id="P1", setting_mpa=0.2)])[1],
    ]
    issues: list[DataIssue] = [issue for tables in rows for issue in tables.doubts]
    assert {issue.kind for issue in issues} == {
        "pump-without-figures", "pump-without-curve", "pump-without-setting", "pump-speed", "device-end-unknown",
        "device-off-network", "device-direction-drawn",
    }  # fmt: skip
    for issue in issues:
        for language in ("zh", "en"):
            assert issue.subject in issue.message(language)


def test_a_pump_with_nothing_at_all_lets_no_water_back(tmp_path):
    high = {**WELL, "source_id": "W2", "node_id": "4,0", "head_m": 80.0}
    head_m, _ = solved(tmp_path, sources=[WELL, high], customers=(), pumps=[pump()])

    assert head_m["1,0"] == approx(60.0, abs=0.001) and head_m["2,0"] == approx(80.0, abs=0.001)


def test_whoever_asks_behind_a_device_the_wrong_way_round_is_told_which_one_it_is(tmp_path):
    wrong = valve("PRV", node_id="2,0", to_node_id="1,0", setting_mpa=0.2)
    network = town(LINE, sources=[WELL], nodes=GROUND, customers=AT_END, valves=[wrong])
    with Session(build_peak_model(network, tmp_path)) as session:
        for site in (TieIn(node_id="4,0"), TieIn(pipe_id="P3", fraction=0.5)):
            with pytest.raises(HydraulicsError) as refusal:
                check_connection(session, site, flow_m3s=0.001, limit_m=14.0)
            assert refusal.value.code == "tie-in-behind-device"
            assert both_languages(refusal.value).count("V") >= 2
