"""Friction of engineering-reference 2.2, velocities of 2.3, bores of 4.1 and 4.2; network fixture N1 of 2.5."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from design.sizing.series import all_sizes, nominal_dn, service_sizes
from design.sizing.service import service_headloss_m_m, service_pipe, size_service_pipe, velocity_limit_mps
from tests.design.works_builder import RULES, size


@pytest.mark.parametrize(
    ("q_lps", "d_m", "c", "kpa_m", "m_m"),
    [
        (2.0, 0.0514, 140, 0.21645, 0.022072), (5.0, 0.090, 140, 0.07705, 0.007857), (2.0, 0.0527, 100, 0.35717, 0.036421),
        (11.6, 0.1032, 130, 0.21529, 0.021953), (15, 0.1032, 130, 0.34637, 0.035320), (30, 0.2, 120, 0.05772, 0.005886),
    ],
)  # fmt: skip
def test_friction_is_that_of_gb_50015(q_lps, d_m, c, kpa_m, m_m):  # vectors "hazen_williams"
    gradient = service_headloss_m_m(q_lps / 1000, inner_diameter_m=d_m, roughness_c=c)
    assert gradient * 9.80665 == approx(kpa_m, rel=1e-4)
    assert gradient == approx(m_m, rel=1e-4)


@pytest.mark.parametrize(
    ("dn", "limit"),
    [
        (15, 1.0),
        (20, 1.0),
        (25, 1.2),
        (32, 1.2),
        (40, 1.2),
        (50, 1.5),
        (65, 1.5),
        (70, 1.5),
        (80, 1.8),
        (100, 1.8),
        (300, 1.8),
    ],
)
def test_velocity_limits_by_dn(dn, limit):
    assert velocity_limit_mps(dn, RULES) == limit


def test_bores_are_outside_diameter_less_two_walls_and_linings():
    for pipe in all_sizes():
        bore = pipe.outer_diameter_m - 2 * (pipe.wall_m + pipe.lining_m)
        assert pipe.inner_diameter_m == approx(bore, abs=2e-4 if pipe.material == "SP" else 1e-9), pipe.name


@pytest.mark.parametrize(
    ("dn", "wall_mm"), [(100, 6.0), (150, 6.0), (200, 6.3), (300, 7.2), (600, 9.9), (1000, 13.5)]
)
def test_k9_walls_follow_their_class(dn, wall_mm):  # vectors "di_k_wall": e = K (0.5 + 0.001 DN), at least 6
    assert size("DI-K9", dn).wall_m * 1000 == wall_mm == approx(max(6.0, 9 * (0.5 + 0.001 * dn)))


@pytest.mark.parametrize(
    ("label", "material", "dn"),
    [
        (63, "PE", 50),
        (90, "PE", 80),
        (110, "PE", 100),
        (315, "PE", 300),
        (110, "PVC", 100),
        (100, "DI", 100),
        (100, "PE", 100),
        (63, "ST", 63),
        (203, "GCI", 200),
        (76, "DI", 80),
        (610, "DI", 600),
    ],
)
def test_a_plastic_label_is_an_outside_diameter_and_inches_have_their_dn(label, material, dn):
    assert nominal_dn(label, material) == dn


def test_small_services_are_pe_and_large_ones_ductile_iron():
    offered = service_sizes(RULES)
    assert {s.material for s in offered if s.dn <= 80} == {"PE"}
    assert {s.material for s in offered if s.dn >= 100} == {"DI"}
    assert [s.inner_diameter_m for s in offered] == sorted(s.inner_diameter_m for s in offered)
    assert max(s.dn for s in service_sizes(RULES, max_dn=65)) == 65


def test_n1_dn63_passes_and_dn50_is_too_fast():
    # 2.5: 2.0 L/s over 45 m; dn63 runs at 0.964 m/s, dn50 at 1.530 m/s, over the limit of 1.2
    sized = size_service_pipe(0.002, length_m=45.0, available_head_m=5.0, rules=RULES)
    assert (sized.pipe.series, sized.pipe.dn) == ("PE100 SDR11 dn63", 50)
    assert sized.pipe.velocity_mps == approx(0.964, abs=5e-4)
    assert sized.pipe.friction_m == approx(0.022072 * 45, rel=1e-3)
    assert sized.pipe.headloss_m == approx(1.1 * sized.pipe.friction_m)
    last = sized.lost[-1]
    assert (last.dn, last.reason.key) == (40, "sizing.too-fast")
    assert last.reason.params["velocity"] == approx(1.530, abs=5e-4)


def test_a_size_at_its_velocity_limit_passes_and_above_it_fails():
    area = 3.141592653589793 / 4 * 0.0514**2
    at = size_service_pipe(1.5 * area * (1 - 1e-12), length_m=1.0, available_head_m=None, rules=RULES)
    above = size_service_pipe(1.5 * area * (1 + 1e-9), length_m=1.0, available_head_m=None, rules=RULES)
    assert (at.pipe.dn, above.pipe.dn) == (50, 65)


def test_head_loss_asks_for_a_larger_pipe_than_velocity():
    small = service_pipe(size("PE100-SDR11", 50), 0.002, length_m=100.0, rules=RULES)
    enough = size_service_pipe(0.002, length_m=100.0, available_head_m=small.headloss_m + 1e-9, rules=RULES)
    short = size_service_pipe(0.002, length_m=100.0, available_head_m=small.headloss_m - 1e-9, rules=RULES)
    assert (enough.pipe.dn, short.pipe.dn) == (50, 65)
    assert short.by_velocity.dn == 50
    assert short.lost[-1].reason.key == "sizing.too-much-loss"


def test_no_size_may_fit_and_every_one_says_why():
    none = size_service_pipe(0.002, length_m=45.0, available_head_m=-1.0, rules=RULES, max_dn=80)
    assert none.pipe is None and none.by_velocity.dn == 50
    assert [lost.dn for lost in none.lost] == [20, 25, 32, 40, 50, 65, 80]
    too_fast = size_service_pipe(0.02, length_m=45.0, available_head_m=50.0, rules=RULES, max_dn=80)
    assert too_fast.pipe is None and too_fast.by_velocity is None


@given(
    st.floats(1e-5, 0.15), st.floats(1e-5, 0.15), st.floats(0.0, 800.0), st.none() | st.floats(0.1, 30.0),
    st.none() | st.sampled_from([50, 100, 200, 400]),
)  # fmt: skip
def test_more_flow_never_gives_a_smaller_pipe(a, b, length_m, available_m, max_dn):
    small, large = sorted((a, b))
    pipes = [
        size_service_pipe(q, length_m=length_m, available_head_m=available_m, rules=RULES, max_dn=max_dn).pipe
        for q in (small, large)
    ]
    if pipes[1] is not None:
        assert pipes[0] is not None
        assert pipes[0].inner_diameter_m <= pipes[1].inner_diameter_m


def test_a_pipe_that_carries_fire_water_is_a_fire_main_at_least():  # GB 50974 8.1.4: never below DN100
    plain = size_service_pipe(0.001, length_m=30.0, available_head_m=10.0, rules=RULES).pipe
    fire = size_service_pipe(0.001, length_m=30.0, available_head_m=10.0, rules=RULES, fire_m3s=0.005).pipe
    assert plain.dn < 100 <= fire.dn
    none = size_service_pipe(
        0.001, length_m=30.0, available_head_m=10.0, rules=RULES, max_dn=80, fire_m3s=0.005
    )
    assert none.pipe is None and none.by_velocity is None
    assert "DN100" in none.lost[-1].reason.render("zh")


def test_velocity_under_fire_is_held_on_both_sides_of_its_limit():  # GB 50974 8.1.8: 2.5 m/s with both flows
    first = size_service_pipe(0.001, length_m=1.0, available_head_m=None, rules=RULES, fire_m3s=1e-6).pipe
    area_m2 = math.pi / 4 * first.inner_diameter_m**2
    at = size_service_pipe(
        0.001, length_m=1.0, available_head_m=None, rules=RULES, fire_m3s=2.5 * area_m2 * (1 - 1e-12) - 0.001
    )
    above = size_service_pipe(
        0.001, length_m=1.0, available_head_m=None, rules=RULES, fire_m3s=2.5 * area_m2 * (1 + 1e-9) - 0.001
    )
    assert at.pipe.dn == first.dn < above.pipe.dn


@given(st.floats(0.0002, 0.02), st.floats(0.0, 0.03), st.floats(0.0, 0.03), st.floats(1.0, 300.0))
def test_more_fire_water_never_gives_a_smaller_pipe(flow_m3s, fire_m3s, more_m3s, length_m):
    sizes = [
        size_service_pipe(flow_m3s, length_m=length_m, available_head_m=20.0, rules=RULES, fire_m3s=fire).pipe
        for fire in (fire_m3s, fire_m3s + more_m3s)
    ]
    if sizes[1] is not None:
        assert sizes[0] is not None and sizes[0].dn <= sizes[1].dn


def test_loss_under_another_flow_is_that_of_a_pipe_sized_for_it():
    pipe = size_service_pipe(
        0.005, length_m=60.0, available_head_m=30.0, rules=RULES, bends=((90.0, 2),)
    ).pipe
    size = next(one for one in all_sizes() if (one.name, one.dn) == (pipe.series, pipe.dn))
    other = service_pipe(size, 0.012, length_m=60.0, rules=RULES, fittings=pipe.fittings)
    assert pipe.headloss_at_m(0.012) == approx(other.headloss_m, rel=1e-9)
    assert pipe.headloss_at_m(0.005) == approx(pipe.headloss_m, rel=1e-9)
    assert pipe.velocity_at_mps(0.012) == approx(other.velocity_mps, rel=1e-12)
