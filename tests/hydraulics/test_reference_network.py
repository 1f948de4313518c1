"""Network N1 of the engineering reference (2.5): every published pressure within 0.02 m."""

import pytest
from pytest import approx

from hydraulics.headloss import hazen_williams_loss_m, minor_loss_m, velocity_mps
from hydraulics.inp.written import ServiceLine, write_after
from hydraulics.pressure import check_connection
from hydraulics.results import TieIn
from tests.hydraulics.models import N1, session_of, written
from tests.hydraulics.plain_epanet import PRESSURE, PlainEpanet


@pytest.fixture
def session(tmp_path):
    with session_of(written(tmp_path, N1), tmp_path / "model") as session:
        yield session


def pressures(session, solution):
    return {
        name: float(solution.pressure_m[row]) for name, row in session.node_position.items() if name != "R1"
    }


def test_the_base_state_has_the_published_pressures_and_flows(session):
    assert pressures(session, session.base) == approx({"J1": 34.541, "J2": 33.117, "J3": 32.264}, abs=0.02)
    flows = {name: session.base.flow_m3s[row] * 1000 for name, row in session.link_position.items()}
    assert flows == approx({"P1": 38.0, "P2": 15.590, "P3": 3.590, "P4": 2.410}, abs=0.005)


@pytest.mark.parametrize(
    ("bore_m", "k", "pressure_m", "speed_mps"),
    [(0.0514, 0.0, 30.251, 0.964), (0.0514, 10.0, 29.777, 0.964), (0.0408, 0.0, 28.232, 1.530)],
)
def test_the_new_customer_has_the_published_pressure(session, tmp_path, bore_m, k, pressure_m, speed_mps):
    flow_m3s = 0.002
    check = check_connection(session, TieIn(node_id="J2"), flow_m3s=flow_m3s, limit_m=14.0)
    size = {"inner_diameter_m": bore_m}
    local_m = minor_loss_m(flow_m3s, minor_k=k, **size)
    friction_m = hazen_williams_loss_m(flow_m3s, length_m=45.0, c=140.0, **size)

    assert pressures(session, check.after) == approx({"J1": 34.495, "J2": 33.021, "J3": 32.173}, abs=0.02)
    assert check.tie_in_head_after_m - friction_m - local_m - 53.0 == approx(pressure_m, abs=0.02)
    assert velocity_mps(flow_m3s, **size) == approx(speed_mps, abs=0.001)

    service = ServiceLine(53.0, 45.0, bore_m, 140.0, local_loss_m=local_m)
    write_after(
        session.model, tmp_path / "after.inp", tie_in=check.tie_in, flow_m3s=flow_m3s, service=service
    )
    with PlainEpanet(tmp_path / "after.inp") as plain:
        plain.solve()
        plain_m = dict(zip(plain.nodes, plain.values(PRESSURE)))
    assert plain_m["TW-SITE"] == approx(pressure_m, abs=0.02)
    assert plain_m["J2"] == approx(33.021, abs=0.02)


def test_a_fire_at_the_far_node_lowers_all_to_the_published_pressures(session):
    check = check_connection(session, TieIn(node_id="J3"), flow_m3s=0.015, limit_m=31.0)

    assert pressures(session, check.after) == approx({"J1": 34.150, "J2": 32.321, "J3": 30.749}, abs=0.02)
    assert check.after.flow_m3s[session.link_position["P3"]] * 1000 == approx(15.220, abs=0.005)
    assert [node.node_id for node in check.newly_below] == ["J3"]
    assert check.worst.node_id == "J3"
    assert [node.node_id for node in check.most_affected] == ["J3", "J2", "J1"]
    assert check.max_velocity_mps == approx(max(check.after.velocity_mps))
