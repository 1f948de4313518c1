"""Both sides of every limit of engineering-reference 2.1 to 2.4, 4.4 and 4.5."""

from dataclasses import replace
from datetime import date

import pytest
from pytest import approx

from design.pricing.catalogue import load_catalogue
from design.checks.option import (
    OptionFacts,
    check_option,
    is_feasible,
    neighbour_limit_m,
    required_head_m,
    service_head_m,
)
from design.pricing.policy import load_policy
from design.pricing.quantities import quantities_of
from design.pricing.quote import price_quantities
from design.works.tapping import reserved_tapping, tapping_method
from hydraulics.results import NodePressure
from tests.design.works_builder import RULES, TODAY, works

GOOD = works()


def facts(job=GOOD, **changes) -> OptionFacts:
    quote = price_quantities(
        quantities_of(job, RULES), load_catalogue(None, on=TODAY), load_policy(None, on=TODAY)
    )
    plain = OptionFacts(
        storeys=6, works=job, site_pressure_m=30.0, tapoff_dn=None, tapoff_derived=False, tie_in_cover_m=1.2, worst_node="J3",
        worst_before_m=20.0, worst_after_m=19.5, newly_below=(), neighbour_limit_m=14.276, fire_pressure_m=None, quote=quote,
    )  # fmt: skip
    return replace(plain, **changes)


def verdict(kind: str, given: OptionFacts, rules=RULES, on=TODAY):
    found = [f for f in check_option(given, rules, on=on) if f.name.key == f"check.{kind}"]
    assert len(found) == 1
    assert found[0].text.render("zh") and found[0].text.render("en") and found[0].clause and found[0].source
    return found[0].verdict


def ruled(rule: str, value: float):
    return replace(RULES, values={**RULES.values, rule: replace(RULES.value(rule), value=value)})


@pytest.mark.parametrize(
    ("storeys", "head_m"),
    [(1, 10), (2, 12), (3, 16), (4, 20), (5, 24), (6, 28), (7, 32), (8, 36), (9, 40), (10, 44)],
)
def test_service_head_by_storeys(storeys, head_m):  # vectors "service_head_m"
    assert service_head_m(storeys, RULES) == head_m
    assert required_head_m(storeys, RULES) == min(head_m, 28)


def test_014_mpa_is_more_than_14_metres():
    assert neighbour_limit_m(RULES) == approx(14.276, abs=5e-4)
    assert verdict("network-pressure", facts(worst_after_m=14.2761, worst_before_m=15.0)) == "pass"
    assert verdict("network-pressure", facts(worst_after_m=14.276, worst_before_m=15.0)) == "fail"
    assert verdict("network-pressure", facts(worst_after_m=14.0, worst_before_m=14.2)) == "warn"


@pytest.mark.parametrize(("pressure_m", "expected"), [(28.0, "pass"), (27.999, "fail"), (-3.0, "fail")])
def test_six_storeys_need_28_metres_at_the_connection(pressure_m, expected):
    found = facts(site_pressure_m=pressure_m)
    assert verdict("service-head", found) == expected
    assert is_feasible(check_option(found, RULES, on=TODAY)) is (expected == "pass")


@pytest.mark.parametrize(("pressure_m", "text"), [(24.0, "review"), (23.99, "booster")])
def test_four_metres_short_is_reviewed_and_more_needs_a_booster(pressure_m, text):
    found = [
        f for f in check_option(facts(site_pressure_m=pressure_m), RULES, on=TODAY) if f.verdict == "fail"
    ]
    assert found[0].text.key == f"finding.service-head-fail-{text}"


@pytest.mark.parametrize(("storeys", "expected"), [(6, "pass"), (7, "warn"), (30, "warn")])
def test_floors_above_the_sixth_are_left_to_a_booster_by_name(storeys, expected):
    given = facts(storeys=storeys)
    assert verdict("direct-storeys", given) == expected
    assert verdict("service-head", given) == "pass"
    text = next(f.text for f in check_option(given, RULES, on=TODAY) if f.name.key == "check.direct-storeys")
    assert (f"7 至 {storeys} 层" in text.render("zh")) is (expected == "warn")


def test_n1_deducting_the_meter_turns_the_connection_around():
    # 2.5: dn63 leaves 30.251 m for 28; an inlet meter of 0.03 MPa (3.06 m) makes it -0.81 m
    assert verdict("service-head", facts(site_pressure_m=30.251)) == "pass"
    strict = facts(site_pressure_m=30.251, deducted_m=3.06)
    assert verdict("service-head", strict) == "fail"
    found = next(f for f in check_option(strict, RULES, on=TODAY) if f.name.key == "check.service-head")
    assert found.text.params["short"] == approx(0.81, abs=0.005)


@pytest.mark.parametrize(("nodes", "expected"), [((), "pass"), (("J2",), "fail"), (tuple("ABCDEFG"), "fail")])
def test_a_neighbour_pushed_below_the_limit_fails_the_option(nodes, expected):
    below = tuple(NodePressure(node, 50.0, 15.0, 14.0) for node in nodes)
    assert verdict("neighbours", facts(newly_below=below)) == expected


@pytest.mark.parametrize(
    ("after_m", "said"), [(14.2712, "0.005"), (14.27589, "0.0001"), (14.275999, "<0.0001"), (12.1, "2.18")]
)
def test_what_a_neighbour_lacks_is_said_and_never_as_nothing(after_m, said):
    given = facts(
        newly_below=(NodePressure("J2", 50.0, 15.0, after_m),),
        worst_node="J2", worst_before_m=15.0, worst_after_m=after_m,
    )  # fmt: skip
    for kind in ("neighbours", "network-pressure"):
        (found,) = [f for f in check_option(given, RULES, on=TODAY) if f.name.key == f"check.{kind}"]
        for language in ("zh", "en"):
            assert "J2" in found.text.render(language) and said in found.text.render(language)


def test_a_network_without_demand_has_no_worst_node():
    given = facts(worst_node=None, worst_before_m=None, worst_after_m=None)
    assert not [f for f in check_option(given, RULES, on=TODAY) if f.name.key == "check.network-pressure"]


@pytest.mark.parametrize(("velocity", "expected"), [(1.8, "pass"), (1.8001, "fail")])
def test_velocity(velocity, expected):
    job = replace(GOOD, service=replace(GOOD.service, velocity_mps=velocity))
    assert verdict("velocity", facts(job)) == expected


@pytest.mark.parametrize(("velocity", "expected"), [(0.3, "pass"), (0.2999, "warn")])
def test_low_velocity_is_a_warning(velocity, expected):
    job = replace(GOOD, service=replace(GOOD.service, velocity_mps=velocity))
    assert verdict("low-velocity", facts(job)) == expected


@pytest.mark.parametrize(("dn", "expected"), [(100, "pass"), (99, "fail")])
def test_a_tapoff_must_be_as_large_as_the_service(dn, expected):
    job = replace(GOOD, tapping=reserved_tapping(dn, 100, rules=RULES))
    assert verdict("tapoff-size", facts(job, tapoff_dn=dn)) == expected


def test_a_derived_tap_off_is_confirmed_on_site_first():
    assert verdict("tapoff-derived", facts(tapoff_dn=100, tapoff_derived=True)) == "warn"
    registered = check_option(facts(tapoff_dn=100), RULES, on=TODAY)
    assert "check.tapoff-derived" not in {found.name.key for found in registered}


@pytest.mark.parametrize(
    ("main_dn", "role", "expected"),
    [
        (200, "main", "pass"),
        (150, "main", "pass"),
        (125, "main", "warn"),
        (200, "transmission", "fail"),
        (80, "main", "fail"),
    ],
)
def test_tapping_passes_warns_of_an_outage_or_fails(main_dn, role, expected):
    job = replace(GOOD, tapping=tapping_method(main_dn, 100, "DI", role, rules=RULES))
    assert verdict("tapping", facts(job)) == expected


@pytest.mark.parametrize(("cover_m", "expected"), [(0.70, "pass"), (0.699, "fail")])
def test_cover_under_a_road(cover_m, expected):
    assert verdict("cover", facts(replace(GOOD, cover_depth_m=cover_m))) == expected


def test_deep_frost_asks_for_more_cover():
    # frost 1.0 m + 0.15 m: 1.15 m
    for cover_m, expected in ((1.15, "pass"), (1.149, "fail")):
        assert (
            verdict("cover", facts(replace(GOOD, cover_depth_m=cover_m)), ruled("frost-depth", 1.0))
            == expected
        )


@pytest.mark.parametrize(("cover_m", "expected"), [(0.70, "pass"), (0.69, "warn")])
def test_a_shallow_tie_in_is_a_warning(cover_m, expected):
    assert verdict("tie-in-cover", facts(tie_in_cover_m=cover_m)) == expected


@pytest.mark.parametrize(("loss_mpa", "expected"), [(0.03, "pass"), (0.0301, "fail")])
def test_meter_loss(loss_mpa, expected):
    job = replace(GOOD, meter=replace(GOOD.meter, headloss_mpa=loss_mpa))
    assert verdict("meter-loss", facts(job)) == expected


@pytest.mark.parametrize(("loss_mpa", "expected"), [(0.05, "pass"), (0.0501, "fail")])
def test_meter_loss_under_fire(loss_mpa, expected):
    job = replace(GOOD, meter=replace(GOOD.meter, fire_headloss_mpa=loss_mpa))
    assert verdict("meter-fire-loss", facts(job)) == expected


@pytest.mark.parametrize(("pressure_m", "expected"), [(10.1972, "pass"), (10.197, "warn")])
def test_fire_pressure_is_a_warning(pressure_m, expected):  # 0.10 MPa = 10.19716 m
    assert verdict("fire", facts(fire_pressure_m=pressure_m)) == expected


@pytest.mark.parametrize(("length_m", "expected"), [(500.0, "pass"), (500.1, "warn")])
def test_a_long_service_is_a_warning(length_m, expected):
    job = replace(GOOD, runs=(replace(GOOD.runs[0], length_m=length_m),))
    assert verdict("route-length", facts(job)) == expected


@pytest.mark.parametrize(("day", "expected"), [(date(2026, 9, 14), "pass"), (date(2026, 9, 15), "warn")])
def test_expired_prices_are_a_warning(day, expected):
    assert verdict("price-expired", facts(), on=day) == expected


def test_a_plain_case_is_feasible_and_every_finding_is_a_document():
    found = check_option(facts(), RULES, on=TODAY)
    assert is_feasible(found)
    for document in (f.doc() for f in found):
        assert document["verdict"] in {"pass", "warn"}
        assert all(
            document[key] for key in ("rule", "name", "clause", "text", "text_en", "source", "confidence")
        )


@pytest.mark.parametrize(("limit_m", "expected"), [(0.0, None), (0.4, "pass"), (0.39, "fail")])
def test_a_limit_on_the_loss_of_the_service_pipe(limit_m, expected):
    service = replace(GOOD.service, friction_m=0.3, local_m=0.1)
    found = check_option(facts(replace(GOOD, service=service)), ruled("service-loss-max", limit_m), on=TODAY)
    assert [f.verdict for f in found if f.kind == "service-loss"] == ([expected] if expected else [])
