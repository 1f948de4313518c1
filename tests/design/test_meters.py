"""Examples M1 and M2 of engineering-reference 3.2 and its vectors "meter"."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from design.errors import DesignDataError
from design.sizing.meters import select_meter
from tests.design.works_builder import RULES, demand

FIRE = replace(
    RULES, values={**RULES.values, "meter-passes-fire": replace(RULES.value("meter-passes-fire"), value=1.0)}
)


def test_m1_an_office_meter_by_q4_then_by_loss():
    meter = select_meter(demand(2.3238), RULES)

    assert meter.q3_by_flow_m3h == 10  # Q4 12.5 carries 8.3657 m3/h, 7.875 of Q3 6.3 does not
    assert (meter.dn, meter.q3_m3h, meter.q4_m3h) == (40, 16, 20)
    assert meter.headloss_mpa == approx(0.0172, abs=5e-5)
    lost = {row.dn: row.reason for row in meter.lost}
    assert lost[25].key == "meter.too-small"
    assert lost[32].key == "meter.too-much-loss" and lost[32].params["loss"] == approx(0.0441, abs=5e-5)


def test_m2_a_meter_that_fire_passes_is_chosen_by_both_flows():
    meter = select_meter(demand(2.3238, fire_lps=15.0), FIRE)

    assert meter.q3_by_flow_m3h == 63  # 62.37 m3/h: Q4 of Q3 40 is 50, of Q3 63 it is 78.75
    assert meter.q3_m3h == 100  # Q3 63 would lose 0.0617 MPa, above the 0.05 of the fire check
    assert meter.fire_headloss_mpa == approx(0.063 * 0.6237**2, rel=1e-3)


def test_fire_beside_the_meter_does_not_enlarge_it():
    assert select_meter(demand(2.3238, fire_lps=15.0), RULES) == select_meter(demand(2.3238), RULES)


@pytest.mark.parametrize(
    ("flow_m3h", "even", "q3"),
    [(2.5, True, 2.5), (2.51, True, 4), (3.125, False, 2.5), (3.126, False, 4)],
)
def test_even_use_counts_q3_and_uneven_use_q4(flow_m3h, even, q3):
    assert select_meter(demand(flow_m3h / 3.6, even=even), RULES).q3_by_flow_m3h == q3


@pytest.mark.parametrize(("share", "dn"), [(0.6900, 15), (0.6901, 20)])
def test_the_loss_limit_is_held_on_both_sides(share, dn):
    # 0.063 s2 = 0.03 at s = 0.690065...: 0.6900 passes; 0.6901 does not
    assert select_meter(demand(share * 2.5 / 3.6), RULES).dn == dn


def test_the_48_dwellings_of_the_contract_get_dn50_with_q3_25():
    meter = select_meter(demand(3.2649, fire_lps=15.0), RULES)
    assert (meter.dn, meter.q3_m3h) == (50, 25)


def test_a_flow_beyond_the_largest_meter_is_an_error_in_words():
    with pytest.raises(DesignDataError) as caught:
        select_meter(demand(1000.0), RULES)
    assert caught.value.code == "meter-too-small"


@given(st.floats(0.01, 150.0), st.floats(0.01, 150.0), st.booleans())
def test_more_flow_never_gives_a_smaller_meter(a, b, even):
    small, large = (select_meter(demand(q, even=even), RULES) for q in sorted((a, b)))
    assert small.q3_m3h <= large.q3_m3h
