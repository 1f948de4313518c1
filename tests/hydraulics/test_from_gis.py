"""The model of a city's own layers: who draws what, which pipes count, what no water reaches."""

import numpy as np
import pytest
from pytest import approx

from api.pressure.model_show import model_document
from gis.messages import both_languages
from hydraulics.errors import HydraulicsError, ModelInputError
from hydraulics.headloss import hazen_williams_loss_m
from hydraulics.inp.written import write_after
from hydraulics.model import build_peak_model
from hydraulics.pressure import check_connection
from hydraulics.results import TieIn
from hydraulics.session import Session
from tests.hydraulics.models import pipe, town
from tests.hydraulics.plain_epanet import heads_of

SOURCE = {"source_id": "W1", "node_id": "0,0", "head_m": 60.0, "at": (0.0, 0.0)}
CUSTOMER = {"customer_id": "C1", "annual_m3": 10000.0, "pipe_id": "P2"}
# 1.3 and 1.5 on the mean of a year of 365 days, and 12 % unaccounted for.
PEAK_M3S_OF_CUSTOMER = 10000.0 / (365 * 86400) * 1.3 * 1.5 * 1.12


def ground(*names, height_m=10.0):
    return [
        {"node_id": n, "elevation_m": height_m, "at": tuple(100.0 * int(p) for p in n.split(","))}
        for n in names
    ]


def line_of_three(**second):
    return [pipe("P1", "0,0", "1,0"), pipe("P2", "1,0", "2,0", **second), pipe("P3", "2,0", "3,0")]


GROUND = ground("0,0", "1,0", "2,0", "3,0")


def session_of_town(folder, *args, **layers):
    return Session(build_peak_model(town(*args, **layers), folder))


def test_a_customer_draws_half_at_either_end_of_its_pipe(tmp_path):
    with session_of_town(
        tmp_path, line_of_three(), sources=[SOURCE], nodes=GROUND, customers=[CUSTOMER]
    ) as session:
        demand = {n: session.index.demand_m3s[row] for n, row in session.node_position.items()}

    assert demand == approx(
        {"0,0": 0.0, "1,0": PEAK_M3S_OF_CUSTOMER / 2, "2,0": PEAK_M3S_OF_CUSTOMER / 2, "3,0": 0.0}
    )


def test_a_customer_without_a_known_pipe_draws_from_the_nearest_main_in_use(tmp_path):
    pipes = [
        *line_of_three(),
        pipe("NEAR-BUT-SERVICE", "2,0", "2,1", role="service"),
        pipe("NEAR-BUT-CLOSED", "1,0", "1,1", status="closed"),
    ]
    customers = [
        {"customer_id": "A", "annual_m3": 10000.0, "pipe_id": "GONE", "at": (250.0, 40.0)},
        {"customer_id": "B", "annual_m3": 10000.0, "at": (199.0, 90.0)},
        {"customer_id": "WITHOUT-PLACE", "annual_m3": 10000.0},
        {"customer_id": "WITHOUT-VOLUME", "pipe_id": "P1"},
    ]
    with session_of_town(tmp_path, pipes, sources=[SOURCE], nodes=GROUND, customers=customers) as session:
        demand = {
            n: session.index.demand_m3s[row] / PEAK_M3S_OF_CUSTOMER
            for n, row in session.node_position.items()
        }

    assert demand == approx({"0,0": 0, "1,0": 0.5, "2,0": 1.0, "3,0": 0.5, "2,1": 0, "1,1": 0})


def test_heads_follow_from_the_source_by_hazen_williams(tmp_path):
    pipes = line_of_three(roughness_c=100.0)
    with session_of_town(tmp_path, pipes, sources=[SOURCE], nodes=GROUND, customers=[CUSTOMER]) as session:
        head_m = {n: session.base.head_m[row] for n, row in session.node_position.items()}
        size = {"length_m": 100.0, "inner_diameter_m": 0.1}
        first_m = hazen_williams_loss_m(
            PEAK_M3S_OF_CUSTOMER, c=session.model.tables.roughness_factor[0], **size
        )
        second_m = hazen_williams_loss_m(PEAK_M3S_OF_CUSTOMER / 2, c=100.0, **size)

        assert head_m == approx(
            {
                "0,0": 60.0,
                "1,0": 60 - first_m,
                "2,0": 60 - first_m - second_m,
                "3,0": 60 - first_m - second_m,
            },
            abs=1e-4,
        )
        assert session.base.pressure_m[session.node_position["2,0"]] == approx(head_m["2,0"] - 10.0)


def test_plain_epanet_reads_the_written_model_the_same_before_and_after(tmp_path):
    with session_of_town(
        tmp_path, line_of_three(), sources=[SOURCE], nodes=GROUND, customers=[CUSTOMER]
    ) as session:
        site = TieIn(pipe_id="P3", fraction=0.5)
        check = check_connection(session, site, flow_m3s=0.002, limit_m=14.0)
        write_after(session.model, tmp_path / "after.inp", tie_in=site, flow_m3s=0.002, service=None)
        before, after = heads_of(session.model.inp), heads_of(tmp_path / "after.inp")

        for node, row in session.node_position.items():
            assert session.base.head_m[row] == approx(before[node], abs=0.001)
            assert check.after.head_m[row] == approx(after[node], abs=0.001)


@pytest.mark.parametrize("status", ["abandoned", "building"])
def test_pipes_that_are_not_in_use_are_not_in_the_model(status, tmp_path):
    pipes = [*line_of_three(), pipe("DEAD", "3,0", "3,1", status=status)]
    with session_of_town(tmp_path, pipes, sources=[SOURCE], nodes=GROUND) as session:
        assert "DEAD" not in session.link_position
        assert "3,1" not in session.node_position
        with pytest.raises(ModelInputError) as refusal:
            check_connection(session, TieIn(pipe_id="DEAD"), flow_m3s=0.001, limit_m=14.0)
        assert both_languages(refusal.value).count("DEAD") == 2


@pytest.mark.parametrize("valve", [{"pipe_id": "P2"}, {"node_id": "2,0", "pipe_id": "P2"}, None])
def test_what_a_closed_pipe_or_valve_cuts_off_has_no_head_and_spoils_nobody(valve, tmp_path):
    pipes = line_of_three(status="open" if valve else "closed")
    valves = [{"valve_id": "V", "state": "closed", **valve}] if valve else []
    customers = [{"customer_id": "A", "annual_m3": 9e5, "pipe_id": "P3"}]
    layers = {"sources": [SOURCE], "nodes": GROUND, "customers": customers, "valves": valves}
    with session_of_town(tmp_path, pipes, **layers) as session:
        fed = {n: bool(session.index.is_fed[row]) for n, row in session.node_position.items()}
        head_m = {n: session.base.head_m[row] for n, row in session.node_position.items()}

        assert fed == {"0,0": True, "1,0": True, "2,0": False, "3,0": False}
        assert head_m["1,0"] == approx(60.0, abs=1e-4)
        assert np.isnan(head_m["3,0"])
        assert session.base.converged
        for tie_in in (TieIn(node_id="3,0"), TieIn(pipe_id="P3"), TieIn(pipe_id="P2")):
            with pytest.raises(ModelInputError) as refusal:
                check_connection(session, tie_in, flow_m3s=0.001, limit_m=14.0)
            assert refusal.value.code in {"tie-in-not-fed", "tie-in-closed"}
        assert [session.can_tap(name) for name in ("P1", "P2", "P3")] == [True, False, False]
        check = check_connection(session, TieIn(node_id="1,0"), flow_m3s=0.001, limit_m=14.0)
        assert check.worst is None


def test_an_open_valve_and_one_on_no_pipe_close_nothing(tmp_path):
    valves = [{"valve_id": "V1", "pipe_id": "P2", "state": "open"}, {"valve_id": "V2", "state": "closed"}]
    with session_of_town(tmp_path, line_of_three(), sources=[SOURCE], nodes=GROUND, valves=valves) as session:
        assert session.index.is_fed.all()


def test_a_valve_known_by_its_node_closes_a_pipe_there(tmp_path):
    valves = [{"valve_id": "V1", "node_id": "3,0", "state": "closed"}]
    with session_of_town(tmp_path, line_of_three(), sources=[SOURCE], nodes=GROUND, valves=valves) as session:
        assert not session.can_tap("P3")


def test_a_network_without_a_usable_source_is_refused(tmp_path):
    far = {"source_id": "W1", "head_m": 60.0, "at": (9000.0, 9000.0)}
    headless = {"source_id": "W1", "node_id": "0,0", "at": (0.0, 0.0)}
    for sources in ([], [far], [headless]):
        with pytest.raises(HydraulicsError) as refusal:
            build_peak_model(town(line_of_three(), sources=sources, nodes=GROUND), tmp_path)
        assert refusal.value.code == "no-source"
        assert "水源" in both_languages(refusal.value)


def test_a_source_beside_a_node_feeds_that_node(tmp_path):
    beside = {"source_id": "W1", "head_m": 60.0, "at": (303.0, 4.0)}
    with session_of_town(tmp_path, line_of_three(), sources=[beside], nodes=GROUND) as session:
        assert not session.index.is_junction[session.node_position["3,0"]]
        # The ground at the source is known, so its pressure is that of the main there.
        assert session.base.pressure_m[session.node_position["3,0"]] == approx(50.0)


def test_a_node_without_elevation_has_a_head_and_no_pressure(tmp_path):
    customers = [CUSTOMER]
    with session_of_town(
        tmp_path, line_of_three(), sources=[SOURCE], nodes=ground("0,0", "1,0"), customers=customers
    ) as session:
        row = session.node_position["2,0"]
        assert np.isfinite(session.base.head_m[row])
        assert np.isnan(session.base.pressure_m[row])
        check = check_connection(session, TieIn(node_id="2,0"), flow_m3s=0.001, limit_m=49.99)
        assert check.worst.node_id == "1,0"


@pytest.mark.parametrize("without_ground", [1, 15])
def test_customers_without_elevation_take_no_place_among_those_that_lose_most(without_ground, tmp_path):
    """More customers than are listed, or hardly more with ground than that."""
    names = [f"{n},0" for n in range(31)]
    pipes = [pipe(f"P{n}", names[n], names[n + 1]) for n in range(30)]
    customers = [{**CUSTOMER, "customer_id": f"C{n}", "pipe_id": f"P{n}"} for n in range(30)]
    known = [*names[: 31 - without_ground]]
    with session_of_town(
        tmp_path, pipes, sources=[SOURCE], nodes=ground(*known), customers=customers
    ) as session:
        check = check_connection(session, TieIn(node_id="30,0"), flow_m3s=0.001, limit_m=1.0)

    lost_m = [one.pressure_before_m - one.pressure_after_m for one in check.most_affected]
    expected = min(20, len(known) - 1)
    assert [one.node_id for one in check.most_affected[:expected]] == known[: -expected - 1 : -1]
    assert np.isfinite(lost_m[:expected]).all()
    assert check.worst.node_id == known[-1]


def test_ids_epanet_cannot_take_stay_the_network_s_own_outside(tmp_path):
    names = {"1,0": "解放路 与;人民路 交叉口", "2,0": "节点" * 20}
    pipes = [
        pipe("管 一", "0,0", "1,0"),
        pipe("很长的管段编号" * 5, "1,0", "2,0"),
    ]
    for row in pipes:
        for end in ("start_node_id", "end_node_id"):
            row[end] = names.get(row[end], row[end])
    nodes = [
        {**row, "node_id": names.get(row["node_id"], row["node_id"])} for row in ground("0,0", "1,0", "2,0")
    ]
    with session_of_town(tmp_path, pipes, sources=[SOURCE], nodes=nodes) as session:
        assert set(session.node_position) == {"0,0", *names.values()}
        site = TieIn(pipe_id="很长的管段编号" * 5, fraction=0.3)
        check = check_connection(session, site, flow_m3s=0.003, limit_m=14.0)
        write_after(session.model, tmp_path / "after.inp", tie_in=site, flow_m3s=0.003, service=None)

        assert heads_of(tmp_path / "after.inp")["TW-TIE-IN"] == approx(check.tie_in_head_after_m, abs=0.001)


def test_roughness_follows_material_lining_and_age(tmp_path):
    pipes = [
        pipe("NEW", "0,0", "1,0", install_year=2020),
        pipe("OLD-IRON", "1,0", "2,0", material="GCI", lining="unlined", install_year=1990),
        pipe("OLDER-IRON", "2,0", "3,0", material="GCI", lining="unlined", install_year=1985),
        pipe("MEASURED", "3,0", "4,0", material="GCI", roughness_c=61.0, install_year=1970),
        pipe("PE", "4,0", "5,0", material="PE", lining="unknown", install_year=2020),
        pipe("NO-YEAR", "5,0", "6,0", material="GS", lining="unknown"),
        pipe("NO-MATERIAL", "6,0", "7,0", material="unknown", lining="unknown", install_year=2020),
    ]
    with session_of_town(tmp_path, pipes, sources=[SOURCE]) as session:
        c = dict(zip(session.model.tables.link_ids, session.model.tables.roughness_factor))

    # Engineering reference 2.2: grey iron 83 at 30 years and 75 at 40; galvanised steel 75 at 30; PE 145 new.
    assert c == approx({
        "NEW": 130.0, "OLD-IRON": 83.0, "OLDER-IRON": 79.0, "MEASURED": 61.0, "PE": 145.0, "NO-YEAR": 75.0,
        "NO-MATERIAL": 120.0,
    })  # fmt: skip


def test_an_unknown_scenario_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(ModelInputError) as refusal:
        build_peak_model(town(line_of_three(), sources=[SOURCE], nodes=GROUND), tmp_path, scenario="fire")
    assert "peak" in both_languages(refusal.value)


def test_pipes_without_size_or_with_one_end_are_left_out(tmp_path):
    pipes = [
        *line_of_three(),
        pipe("NO-BORE", "3,0", "3,1", inner_diameter_m=None),
        pipe("NO-LENGTH", "3,0", "3,2", length_m=0.0),
        {**pipe("RING", "3,0", "3,3"), "end_node_id": "3,0"},
    ]
    with session_of_town(tmp_path, pipes, sources=[SOURCE], nodes=GROUND) as session:
        assert set(session.link_position) == {"P1", "P2", "P3"}


def demands(session):
    return {n: session.index.demand_m3s[row] for n, row in session.node_position.items()}


def test_no_meter_hangs_on_a_main_too_large_or_too_far(tmp_path):
    """DN800 runs beside the meter, DN100 a street further; the second meter lies a kilometre out of town."""
    pipes = [
        *line_of_three(), pipe("BIG", "0,1", "3,1", dn=800, inner_diameter_m=0.8, length_m=300.0, role="main"),
        pipe("LINK", "0,0", "0,1"),
    ]  # fmt: skip
    customers = [
        {"customer_id": "A", "annual_m3": 10000.0, "at": (150.0, 90.0)},
        {"customer_id": "FAR", "annual_m3": 10000.0, "at": (150.0, -900.0)},
    ]
    network = town(pipes, sources=[SOURCE], nodes=GROUND, customers=customers)
    with Session(build_peak_model(network, tmp_path)) as session:
        drawn = demands(session)
        told = model_document(network, session)

    assert drawn["1,0"] == drawn["2,0"] == approx(PEAK_M3S_OF_CUSTOMER / 2)
    assert drawn["0,1"] == drawn["3,1"] == 0.0
    assert told["unplaced"] == {
        "count": 1, "ids": ["FAR"], "demand_lps": approx(PEAK_M3S_OF_CUSTOMER * 1000, abs=1e-4)
    }  # fmt: skip


def test_without_any_volume_the_land_draws_by_its_area_and_use(tmp_path):
    """One hectare of homes at 90 m3 a peak day, times the hourly factor of 1.5."""
    square = [(110.0, 10.0), (210.0, 10.0), (210.0, 110.0), (110.0, 110.0)]
    parcels = [{"parcel_id": "L1", "use": "residential", "at": square}]
    with session_of_town(
        tmp_path, line_of_three(), sources=[SOURCE], nodes=GROUND, parcels=parcels,
        customers=[{"customer_id": "C1", "pipe_id": "P1"}],
    ) as session:  # fmt: skip
        drawn = demands(session)

        assert drawn["1,0"] == drawn["2,0"] == approx(90.0 / 86400 * 1.5 / 2)
        assert "用地" in session.model.description[0] and "land" in session.model.description[1]


def test_the_model_tells_what_it_is_made_of_and_what_is_not_in_it(tmp_path):
    pipes = [
        *line_of_three(status="closed"), pipe("OLD", "3,0", "3,1", status="abandoned"),
        pipe("NO-BORE", "1,0", "1,1", inner_diameter_m=0.0), pipe("SPARE", "0,0", "1,0", material="PE"),
    ]  # fmt: skip
    network = town(pipes, sources=[SOURCE], nodes=GROUND, customers=[{**CUSTOMER, "pipe_id": "P1"}])
    with Session(build_peak_model(network, tmp_path)) as session:
        told = model_document(network, session)

    assert (told["junctions"], told["pipes"], told["closed_pipes"]) == (1, 2, [])
    assert told["cut_off"] == {"nodes": 2, "node_ids": ["2,0", "3,0"], "pipes": 2, "demand_lps": 0.0}
    assert {k: v["ids"] for k, v in told["left_out"].items()} == {
        "abandoned": ["OLD"], "building": [], "without-size": ["NO-BORE"], "without-ends": []
    }  # fmt: skip
    # half of the customer hangs on the source itself, which is no junction
    assert told["demand_lps"] == approx(PEAK_M3S_OF_CUSTOMER / 2 * 1000, abs=1e-4)
    assert told["sources"][0]["flow_lps"] == approx(told["demand_lps"], abs=1e-3)
    assert [row["material"] for row in told["roughness"]] == ["DI", "PE"]
