"""Thrust of engineering-reference 4.7, vectors "thrust_kN_at_1MPa", and the blocks that take it."""

import math

import pytest
from pytest import approx

from design.works.thrust import (
    bend_thrust_kn,
    end_thrust_kn,
    least_angle_deg,
    plan_blocks,
    proof_pressure_mpa,
)
from tests.design.works_builder import RULES, works

OUTER_M = {100: 0.118, 150: 0.170, 200: 0.222, 300: 0.326}
TABLE_KN = {  # DN: cap or tee, 90, 45, 22.5, 11.25 degrees
    100: (10.94, 15.47, 8.37, 4.27, 2.14),
    150: (22.70, 32.10, 17.37, 8.86, 4.45),
    200: (38.71, 54.74, 29.63, 15.10, 7.59),
    300: (83.47, 118.04, 63.88, 32.57, 16.36),
}


@pytest.mark.parametrize("dn", TABLE_KN)
def test_thrusts_at_one_megapascal(dn):
    cap, *bends = TABLE_KN[dn]
    assert end_thrust_kn(OUTER_M[dn], pressure_mpa=1.0) == approx(cap, abs=0.005)
    for angle, thrust in zip((90.0, 45.0, 22.5, 11.25), bends, strict=True):
        assert bend_thrust_kn(OUTER_M[dn], angle_deg=angle, pressure_mpa=1.0) == approx(thrust, abs=0.005)


def test_ductile_iron_is_tested_at_twice_half_a_megapascal():  # GB 50268 table 9.2.10-1, P = 0.5 MPa
    assert proof_pressure_mpa("DI", RULES) == 1.0
    assert proof_pressure_mpa("PE", RULES) == 0.8
    assert proof_pressure_mpa("SP", RULES) == 1.0


@pytest.mark.parametrize(
    ("dn", "angle", "blocked"),
    [(250, 11.25, False), (250, 22.5, True), (300, 11.25, True), (100, 22.5, True), (100, 11.25, False)],
)
def test_a_bend_gets_a_block_from_its_angle_on(dn, angle, blocked):
    outer_m = {100: 0.118, 250: 0.274, 300: 0.326}[dn]
    blocks = plan_blocks("DI", dn, outer_m, bends=((angle, 3),), rules=RULES)
    assert [b.count for b in blocks if b.fitting == "bend"] == ([3] if blocked else [])
    assert least_angle_deg(dn, RULES) == (11.25 if dn >= 300 else 22.5)


@pytest.mark.parametrize("dn", TABLE_KN)
def test_the_face_of_a_block_carries_its_thrust_with_safety(dn):
    """1.5 times the thrust at the test pressure on soil that bears 100 kPa; the face is wide and low."""
    for block in plan_blocks("DI", dn, OUTER_M[dn], bends=((45.0, 1), (90.0, 1)), rules=RULES):
        face_m2 = block.width_m * block.height_m
        assert face_m2 * 100.0 >= 1.5 * block.thrust_kn - 1e-9
        assert block.width_m <= 2.5 * block.height_m
        assert block.volume_m3 == approx(face_m2 * block.thickness_m)
        for side_m in (block.width_m, block.height_m, block.thickness_m):
            assert math.isclose(side_m * 10, round(side_m * 10), abs_tol=1e-9)


def test_fused_and_threaded_pipe_needs_no_block():
    assert plan_blocks("PE", 100, 0.110, bends=((90.0, 2),), rules=RULES) == ()
    assert works(series="PE100-SDR11", dn=50, flow_lps=2.0).blocks == ()
