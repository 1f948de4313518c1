from datetime import date
from dataclasses import replace
from decimal import Decimal

import pytest

from design.pricing.catalogue import load_catalogue
from design.errors import DesignDataError
from design.pricing.policy import load_policy, policies
from design.pricing.quantity import Quantity
from design.pricing.quote import price_quantities
from gis.messages import Text, both_languages
from tests.design.works_builder import TODAY

OWN = """
[[policy]]
id = "own"
title = "本市政策"
source = "市政府文件"
ordinary = true
outside-red-line = "utility"
inside-red-line = "customer"
third-party = "utility"
metering = "customer"
"""


@pytest.mark.parametrize(
    ("day", "chosen"),
    [("2021-02-28", "list-price-2019"), ("2021-03-01", "red-line"), ("2026-11-21", "red-line")],
)
def test_the_red_line_rule_holds_from_its_first_day(day, chosen):
    policy = load_policy(None, on=date.fromisoformat(day))
    assert policy.policy_id == chosen
    assert policy.payer("outside-red-line") == ("customer" if chosen == "list-price-2019" else "utility")
    assert policy.payer("inside-red-line") == "customer"


@pytest.mark.parametrize(
    ("chosen", "day"),
    [("six-zero", "2023-04-22"), ("list-price-2019", "2021-03-01"), ("three-zero", "2019-09-28")],
)
def test_a_policy_not_in_force_is_refused(chosen, day):
    with pytest.raises(DesignDataError) as caught:
        load_policy(chosen, on=date.fromisoformat(day))
    assert caught.value.code == "policy-not-in-force"
    assert chosen in both_languages(caught.value)


@pytest.mark.parametrize("chosen", ["three-zero", "six-zero"])
def test_zero_cost_policies_charge_the_customer_nothing(chosen):
    policy = load_policy(chosen, on=TODAY)
    assert {policy.payer(ledger) for ledger in ("outside-red-line", "inside-red-line", "third-party")} == {
        "utility"
    }
    assert policy.payer("inside-red-line", metering=True) == "utility"


def test_the_ordinary_policy_is_offered_first():
    assert [row[0] for row in policies(on=TODAY)] == ["red-line", "three-zero", "six-zero", "free-all"]


def test_a_policy_nobody_knows_is_answered_with_the_known_ones():
    with pytest.raises(DesignDataError) as caught:
        load_policy("nine-zero", on=TODAY)
    assert caught.value.code == "policy-unknown" and "six-zero" in str(caught.value.params["known"])


def written(tmp_path, text):
    path = tmp_path / "政策.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_utility_brings_its_own_policy(tmp_path):
    policy = load_policy(None, on=TODAY, path=written(tmp_path, OWN))
    assert policy.policy_id == "own"
    assert policy.payer("outside-red-line", metering=True) == "customer"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            OWN.replace('outside-red-line = "utility"', 'outside-red-line = "customer"'),
            "policy-charges-outside",
        ),
        (OWN.replace('third-party = "utility"', 'third-party = "customer"'), "policy-charges-outside"),
        (OWN.replace('metering = "customer"', 'metering = "nobody"'), "policy-bad"),
        (OWN.replace('metering = "customer"', ""), "policy-bad"),
        ("[[policy", "policy-unreadable"),
    ],
)
def test_a_bad_policy_file_is_refused(tmp_path, text, code):
    with pytest.raises(DesignDataError) as caught:
        load_policy(None, on=TODAY, path=written(tmp_path, text))
    assert caught.value.code == code
    assert both_languages(caught.value)


@pytest.mark.parametrize(("day", "refused"), [("2021-02-28", False), ("2021-03-01", True)])
def test_charging_outside_the_red_line_is_forbidden_from_its_first_day(tmp_path, day, refused):
    path = written(tmp_path, OWN.replace('third-party = "utility"', 'third-party = "customer"'))
    if not refused:
        assert load_policy(None, on=date.fromisoformat(day), path=path).payer("third-party") == "customer"
        return
    with pytest.raises(DesignDataError, match="policy-charges-outside"):
        load_policy(None, on=date.fromisoformat(day), path=path)


@pytest.mark.parametrize(("ledger", "refused"), [("inside-red-line", True), ("outside-red-line", False)])
def test_an_abolished_fee_never_stands_on_a_customers_line(ledger, refused):
    catalogue = load_catalogue(None, on=TODAY)
    item = replace(catalogue.item("tie-in-saddle-dn50"), name_zh="碰头费 DN50")
    catalogue = replace(catalogue, items={item.code: item})
    line = [Quantity(item.code, Decimal(1), ledger, Text("design", "basis.tie-in"))]
    policy = load_policy(None, on=TODAY)
    if not refused:
        assert price_quantities(line, catalogue, policy).customer_total_cny == 0
        return
    with pytest.raises(DesignDataError, match="fee-forbidden"):
        price_quantities(line, catalogue, policy)
