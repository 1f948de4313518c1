"""Overrides of one scheme and rules of a utility: a reason is needed, shown, and printed."""

import pytest

from design.documents.reading import flat_request
from design.documents.words import Words
from design.errors import RequestError
from design.rules.overrides import judged, with_overrides
from design.request import parse_request
from design.rules.ruleset import finding
from design.asked.overriding import rules_as_asked
from gis.messages import both_languages
from tests.design.works_builder import RULES

PLAIN = {"site": {"position": [117, 36]}, "use": {"design_flow_lps": 3.2}}


def request(*overrides, **more):
    return parse_request({**PLAIN, "overrides": list(overrides), **more})


def refusal(*overrides) -> RequestError:
    with pytest.raises(RequestError) as caught:
        with_overrides(RULES, request(*overrides).overrides)
    assert both_languages(caught.value).count("\n") == 1
    return caught.value


@pytest.mark.parametrize(
    ("override", "code"),
    [
        ({"rule": "low-velocity", "value": 0.2}, "override-reason"),
        ({"rule": "low-velocity", "value": 0.2, "reason": "   "}, "override-reason"),
        ({"rule": "low-velocity", "value": 0.2, "reason": ""}, "override-reason"),
        ({"rule": "low-velocity", "reason": "现场"}, "override-what"),
        ({"rule": "low-velocity", "value": 0.2, "verdict": "pass", "reason": "现场"}, "override-what"),
        ({"value": 0.2, "reason": "现场"}, "field-missing"),
        ({"rule": "low-velocity", "value": "slow", "reason": "现场"}, "field-not-number"),
        ({"rule": "low-velocity", "verdict": "fine", "reason": "现场"}, "field-word-unknown"),
        ({"rule": "low-velocity", "value": 1, "reason": "现场", "who": "李工"}, "field-unknown"),
        ({"rule": "low-velosity", "value": 0.2, "reason": "现场"}, "override-unknown"),
        ({"rule": "alpha-c", "value": 0.2, "reason": "现场"}, "override-table"),
        ({"rule": "route-foreign-factor", "value": 1.0, "reason": "现场"}, "override-routing"),
        ("low-velocity", "field-wrong-shape"),
    ],
)
def test_an_override_that_cannot_be_defended_is_refused(override, code):
    assert refusal(override).code == code


def test_a_misspelt_rule_is_told_its_neighbour():
    assert refusal({"rule": "low-velosity", "value": 0.2, "reason": "现场"}).params["near"] == "low-velocity"


def low_velocity(rules):
    rule = rules.value("low-velocity")
    verdict = "pass" if rule.value <= 0.25 else "warn"
    return finding(rule, "low-velocity", measured=0.25, limit=rule.value, unit="m/s", verdict=verdict)


def test_a_number_is_replaced_with_its_reason_as_the_source():
    given = {"rule": "low-velocity", "value": 0.2, "reason": "定期冲洗", "by": "李工"}
    rules, applied = with_overrides(RULES, request(given).overrides)
    assert RULES.value("low-velocity").value == 0.3
    rule = rules.value("low-velocity")
    assert rule.value == 0.2 and "定期冲洗" in rule.source and rule.confidence == "override"
    document = judged([low_velocity(rules)], applied)[0].doc()
    assert (document["verdict"], document["limit"]) == ("pass", 0.2)
    assert document["override"] == {"rule": "low-velocity", "value": 0.2, "verdict": None, "was": "0.3",
                                    "reason": "定期冲洗", "by": "李工"}  # fmt: skip
    for text in (document["text"], document["text_en"]):
        assert "定期冲洗" in text and "李工" in text and "0.3" in text


@pytest.mark.parametrize("rule", ["low-velocity", "low-velocity/low-velocity"])
def test_a_verdict_is_set_aside_and_what_was_found_stays_readable(rule):
    given = {"rule": rule, "verdict": "pass", "reason": "支管短", "by": ""}
    rules, applied = with_overrides(RULES, request(given).overrides)
    plain = low_velocity(RULES)
    found = judged([plain], applied)[0]
    assert (plain.verdict, found.verdict, found.set_aside.was) == ("warn", "pass", "warn")
    assert plain.text.render("zh") in found.text.render("zh") and "支管短" in found.text.render("zh")
    assert applied[0].doc()["reason"] == "支管短"


def test_a_verdict_of_one_kind_leaves_the_others_of_its_rule_alone():
    given = {"rule": "low-velocity/velocity", "verdict": "pass", "reason": "支管短"}
    rules, applied = with_overrides(RULES, request(given).overrides)
    assert judged([low_velocity(rules)], applied)[0].verdict == "warn"


def test_wishes_become_rules_of_the_scheme_with_the_request_as_source():
    asked = request(
        service={"series": "PE100-SDR17", "max_velocity_mps": 1.0, "local_loss": "share", "max_headloss_m": 2},
        meter={"passes_fire": True}, options={"deduct_meter_and_bfp": True},
    )  # fmt: skip
    rules = rules_as_asked(asked, RULES)
    assert [row["series"] for row in rules.table("service-series").rows] == ["PE100-SDR17"]
    assert max(row["velocity_mps"] for row in rules.table("service-velocity").rows) == 1.0
    assert not rules.value("local-loss-by-fitting").is_on and rules.value("service-loss-max").value == 2
    assert rules.value("meter-passes-fire").is_on and rules.value("deduct-meter-loss").is_on
    assert "申请" in rules.value("deduct-meter-loss").source


@pytest.mark.parametrize(("material", "series"), [("PE", "PE100-SDR11"), ("DI", "DI-C40"), ("SP", "SP")])
def test_a_material_stands_for_its_usual_series(material, series):
    rules = rules_as_asked(request(service={"material": material}), RULES)
    assert [row["series"] for row in rules.table("service-series").rows] == [series]


def test_a_series_of_another_material_is_refused():
    with pytest.raises(RequestError) as caught:
        rules_as_asked(request(service={"material": "PE", "series": "DI-K9"}), RULES)
    assert caught.value.code == "series-material"


@pytest.mark.parametrize(
    ("document", "field", "near"),
    [
        ({**PLAIN, "servcie": {}}, "servcie", "service"),
        ({**PLAIN, "fire": {"outdor_lps": 15}}, "fire.outdor_lps", "outdoor_lps"),
        ({**PLAIN, "supply": {"modes": "tank"}}, "supply.modes", "mode"),
        ({**PLAIN, "supply": {"mode": "tanks"}}, "supply.mode", "tank"),
        ({**PLAIN, "service": {"series": "PE100-SDR13"}}, "service.series", "PE100-SDR1"),
        ({**PLAIN, "use": {"type": "office", "person": 3}}, "use.person", "persons"),
    ],
)
def test_a_misspelt_field_is_refused_with_its_neighbour(document, field, near):
    with pytest.raises(RequestError) as caught:
        parse_request(document)
    assert caught.value.params["field"] == field
    assert str(caught.value.params["near"]).startswith(near)


FULL = {
    "name": "一院", "site": {"position": [117, 36], "storeys": 12, "soil": "III", "groundwater_depth_m": 3.0},
    "use": [
        {"type": "canteen", "guests": 600, "label": "食堂", "fixtures": {"sink": 10, "boiling-pan": {"count": 3, "flow_lps": 0.2}}},
        {"type": "district", "persons": 100, "zone": "one", "city_size": "mega", "hourly_pattern": [1] * 24},
    ],
    "design_flow_lps": 3,
    "fire": {"outdoor_lps": 15, "indoor_lps": 10, "building": "public", "volume_m3": 9000, "floor_area_m2": 2000,
             "height_m": 24, "resistance": 2, "duration_h": 2, "important": True, "hydrants": 1},
    "supply": {"mode": "mixed", "direct_storeys": 4, "storey_height_m": 3, "important": True, "inlets": 2, "vessel": True,
               "prv_mpa": 0.35},
    "service": {"material": "PE", "series": "PE100-SDR11", "local_loss": "share", "max_headloss_m": 3, "max_velocity_mps": 1.5},
    "meter": {"type": "ultrasonic", "ratio_r": 250, "passes_fire": False},
    "options": {"count": 2, "deduct_meter_and_bfp": True},
    "overrides": [{"rule": "low-velocity", "value": 0.2, "reason": "冲洗", "by": "李工"},
                  {"rule": "velocity", "verdict": "pass", "reason": "短", "by": "李工"}],
}  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_field_of_a_request_is_printed_under_a_name(language):
    parse_request(FULL)
    rows = flat_request(FULL, Words(language))
    raw = [label for label, _ in rows if "." in label.replace("PE100", "") or "_" in label or "[" in label]
    assert not raw
    told = dict(rows)
    assert (told["备选方案数"] if language == "zh" else told["Options"]) == "2"
    assert ("分区供水" if language == "zh" else "in zones") in told.values()
