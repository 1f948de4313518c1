"""Pumps and tanks from parts: power, count, classes, prices, who pays."""

import math
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from design.pricing.catalogue import load_catalogue
from design.pricing.equipment import equipment_quantities, pump_set
from design.pricing.policy import load_policy
from design.pricing.quote import price_quantities
from design.supply.pieces import piece
from gis.messages import Text
from tests.design.works_builder import RULES, TODAY

CATALOGUE = load_catalogue(None, on=TODAY)
WHY = Text("design", "supply.direct")


def quoted(*pieces, policy="red-line"):
    return price_quantities(equipment_quantities(pieces), CATALOGUE, load_policy(policy, on=TODAY))


def need(kind, **sizes):
    return piece(kind, WHY, RULES.value("direct-supply-storeys"), **sizes)


@pytest.mark.parametrize(
    ("flow_lps", "lift_m", "duty", "motor"),
    [
        # P = 9.80665 x q x H / 0.55 x 1.15 kW: 2 L/s over 30 m 1.23 kW, the next motor 1.5
        (2.0, 30.0, 1, "1.5"),
        (2.999, 30.0, 1, "2.2"),  # 1.845 kW
        (3.0, 30.0, 2, "1.1"),  # two duty pumps from 3 L/s: 0.923 kW each
        (10.0, 100.0, 2, "11"),  # 10.25 kW each
        (40.0, 28.55, 2, "15"),  # 11.71 kW each
    ],
)
def test_a_motor_is_the_next_above_the_hydraulic_power(flow_lps, lift_m, duty, motor):
    chosen = pump_set(flow_lps / 1000, lift_m)
    assert (chosen.duty, chosen.standby, chosen.motor) == (duty, 1, motor)


@given(st.floats(0.05, 300), st.floats(1, 150))
def test_the_duty_pumps_together_carry_the_flow_and_no_motor_is_too_small(flow_lps, lift_m):
    chosen = pump_set(flow_lps / 1000, lift_m)
    assert chosen.duty * chosen.flow_m3s == pytest.approx(flow_lps / 1000)
    assert float(chosen.motor) >= 9.80665 * chosen.flow_m3s * lift_m / 0.55
    assert f"supply-pump-{chosen.motor}" in CATALOGUE.items


@given(st.floats(0.2, 100), st.floats(0, 40), st.floats(5, 120), st.floats(0, 60))
def test_more_flow_or_lift_needs_no_less_motor_power(flow_lps, more_lps, lift_m, more_m):
    small, large = pump_set(flow_lps / 1000, lift_m), pump_set((flow_lps + more_lps) / 1000, lift_m + more_m)
    assert large.duty >= small.duty
    if large.duty == small.duty:
        assert float(large.motor) >= float(small.motor)


def test_every_part_of_every_kind_has_a_price_marked_as_an_estimate():
    sizes = {"flow_m3s": 0.004, "lift_m": 60.0}
    quote = quoted(
        need("booster", **sizes), need("pump", **sizes), need("break-tank", volume_m3=36.0), need("fire-tank", volume_m3=108.0)
    )  # fmt: skip
    assert {line.item.confidence for line in quote.lines} == {"low"}
    assert {line.ledger for line in quote.lines} == {"secondary-supply"}
    assert quote.net_cny == sum(line.amount_cny for line in quote.lines)


@pytest.mark.parametrize(
    ("volume_m3", "code"), [(10.0, "10"), (10.01, "50"), (50.0, "50"), (50.01, "100000")]
)
def test_a_tank_is_priced_by_its_class_and_volume(volume_m3, code):
    line = quoted(need("break-tank", volume_m3=volume_m3)).lines[0]
    assert line.item.code == f"supply-tank-{code}"
    assert line.amount_cny == Decimal(str(volume_m3)) * line.item.price_cny


@pytest.mark.parametrize(("lps", "dn"), [(2.35, 50), (2.36, 80), (6.03, 80), (6.04, 100), (200, 200)])
def test_pipework_takes_its_size_from_the_flow(lps, dn):  # 1.2 m/s: 2.356 L/s in DN50, 6.032 in DN80
    assert math.pi / 4 * 0.05**2 * 1.2 == pytest.approx(0.002356, abs=1e-6)
    codes = {line.item.code for line in quoted(need("booster", flow_m3s=lps / 1000, lift_m=30.0)).lines}
    assert f"supply-manifold-{dn}" in codes


@pytest.mark.parametrize(
    ("policy", "payer"),
    [("red-line", "customer"), ("three-zero", "customer"), ("six-zero", "customer"), ("free-all", "utility")],
)
def test_the_buildings_own_equipment_is_its_owners_unless_everything_is_waived(policy, payer):
    quote = quoted(need("booster", flow_m3s=0.004, lift_m=30.0), policy=policy)
    assert {line.payer for line in quote.lines} == {payer}
    assert (quote.customer_total_cny if payer == "customer" else quote.utility_total_cny) == quote.total_cny


@given(st.data(), st.floats(0.2, 60), st.floats(2, 120), st.floats(0.5, 400))
def test_a_cheaper_catalogue_never_raises_the_total_of_pumps_and_tanks(data, flow_lps, lift_m, volume_m3):
    pieces = (
        need("booster", flow_m3s=flow_lps / 1000, lift_m=lift_m), need("break-tank", volume_m3=volume_m3),
        need("fire-tank", volume_m3=volume_m3),
    )  # fmt: skip
    items = {
        code: replace(item, price_cny=item.price_cny - data.draw(st.decimals(0, item.price_cny, places=2)))
        for code, item in CATALOGUE.items.items()
        if code.startswith("supply-")
    }
    quantities = equipment_quantities(pieces)
    policy = load_policy("red-line", on=TODAY)
    cheap = price_quantities(quantities, replace(CATALOGUE, items=items), policy)
    usual = price_quantities(quantities, CATALOGUE, policy)
    assert cheap.total_cny <= usual.total_cny
    assert cheap.customer_total_cny + cheap.utility_total_cny == cheap.total_cny
