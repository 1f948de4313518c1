"""National classes and the four causes: who is in, how surely, and what would decide."""

from datetime import date

import pytest

from tests.design.renewal_town import assessed, leak, network_of, parameters, pipe, table_of, verdict
from design.renewal.assessment.condition import assess
from design.renewal.reports.report import assessment_document

# engineering-reference 7.1; assessed in 2024 ("DI 1990 age 34").
CASES = {
    "asbestos 1998 without hazard": (pipe(material="AC", installed_on="1998-03-01"), False, True),
    "ductile 1990 without hazard": (pipe(material="DI", installed_on="1990-03-01"), False, False),
    "ductile 1990 with hazard": (pipe(material="DI", installed_on="1990-03-01"), True, True),
    "lined grey iron 2000 with hazard": (pipe(material="GCI", lining="lined", installed_on="2000-03-01"), True, False),
    "unlined grey iron of ten years": (pipe(material="GCI", lining="unlined", installed_on="2014-03-01"), False, True),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_five_reference_cases_of_the_national_list(case):
    row, hazard, expected = CASES[case]

    found = verdict(assessed([row], [leak("P1")] if hazard else []))

    assert found["certainty"] == ("certain" if expected else "none")


@pytest.mark.parametrize(
    ("on", "certainty"),
    [(date(2024, 6, 29), "none"), (date(2024, 6, 30), "certain"), (date(2024, 7, 1), "certain")],
)
def test_thirty_years_are_full_on_the_anniversary_and_not_the_day_before(on, certainty):
    aged = pipe(installed_on="1994-06-30")
    assert verdict(assessed([aged], [leak("P1")], on=on))["certainty"] == certainty


@pytest.mark.parametrize(
    ("on", "years"),
    [(date(2023, 2, 27), 6), (date(2023, 2, 28), 7), (date(2024, 2, 28), 7), (date(2024, 2, 29), 8)],
)
def test_a_leap_day_pipe_completes_its_year_on_the_last_of_february(on, years):
    assert verdict(assessed([pipe(installed_on="2016-02-29")], on=on))["age_years"] == years


@pytest.mark.parametrize(
    ("convention", "on", "certainty"),
    [
        ("interval", date(2024, 6, 30), "possible"), ("interval", date(2024, 12, 31), "certain"),
        ("first-day", date(2024, 6, 30), "certain"), ("last-day", date(2024, 6, 30), "none"),
    ],
)  # fmt: skip
def test_a_year_alone_is_treated_by_the_stated_convention(convention, on, certainty):
    for known in ({"year": 1994}, {"installed_on": "1994-01-01"}):
        found = verdict(assessed([pipe(**known)], [leak("P1")], on=on, assessment={"year_only": convention}))
        assert found["certainty"] == certainty


def test_an_unknown_lining_makes_grey_iron_possible_and_is_named_and_counted():
    assessment = assessed([pipe(material="GCI", installed_on="2000-03-01")])

    assert verdict(assessment)["certainty"] == "possible"
    assert verdict(assessment)["deciding"] == "lining"
    gaps = {gap["attribute"]: gap["pipes"] for gap in assessment_document(assessment)["data_gaps"]}
    assert gaps["lining"] == 1


def test_thirty_years_and_a_break_decide_even_where_the_lining_is_unknown():
    found = verdict(assessed([pipe(material="GCI", installed_on="1980-03-01")], [leak("P1")]))
    assert (found["rule_class"], found["certainty"], found["deciding"]) == ("aged-hazard", "certain", "")


def test_a_hazard_on_a_pipe_of_unknown_age_is_possible_because_of_the_age():
    found = verdict(assessed([pipe()], [leak("P1")]))
    assert (found["certainty"], found["deciding"]) == ("possible", "age")


def test_a_pipe_of_unknown_material_without_any_other_sign_cannot_be_told():
    found = verdict(assessed([pipe(material="unknown", installed_on="2010-03-01")]))
    assert (found["certainty"], found["deciding"]) == ("unknown", "material")


def test_a_network_without_break_records_has_unknown_hazards_not_none():
    network = network_of(pipes=table_of([pipe(installed_on="1980-03-01")]))
    found = verdict(assess(network, on=date(2024, 6, 30), parameters=parameters()))
    assert (found["certainty"], found["deciding"]) == ("possible", "hazard")


def test_pccp_is_no_cement_pipe_until_the_utility_says_so():
    row = pipe(material="PCCP", installed_on="2010-03-01")

    assert verdict(assessed([row]))["certainty"] == "none"
    found = verdict(assessed([row], assessment={"count_pccp_as_cement": True}))
    assert (found["rule_class"], found["certainty"]) == ("cement", "certain")
    reasons = {r["material"]: r["reason_zh"] for r in assessment_document(assessed([row]))["not_counted"]}
    assert "钢筒" in reasons["PCCP"]


def test_a_pipe_laid_later_or_out_of_use_and_a_break_of_the_future_are_not_assessed():
    rows = [
        pipe("later", installed_on="2024-07-15"),
        pipe("old", "AC", status="abandoned"),
        pipe("P1", installed_on="1980-05-05"),
    ]

    assessment = assessed(rows, [leak("P1", on="2024-08-01")])

    assert set(assessment.pipes["pipe_id"]) == {"P1", "elsewhere"}
    assert verdict(assessment)["certainty"] == "none"


def test_a_list_for_a_past_day_says_it_is_retrospective():
    for day, retrospective in ((date(2015, 1, 1), True), (date(2022, 6, 10), False)):
        document = assessment_document(assessed([pipe()], on=day))
        assert document["provenance"]["retrospective"] is retrospective


@pytest.mark.parametrize(
    ("row", "breaks", "cause"),
    [
        (pipe(material="GS", installed_on="2015-03-01"), [], "material"),
        (pipe(installed_on="1990-03-01"), [], "age"),
        (pipe(installed_on="2010-03-01"), [leak("P1", "2020-01-01", "B1"), leak("P1", "2021-01-01", "B2")], "leakage"),
        (pipe(installed_on="2010-03-01"), [leak("P1", "2012-01-01")], "hazard"),
    ],
)  # fmt: skip
def test_each_cause_has_its_own_threshold(row, breaks, cause):
    found = verdict(assessed([row], breaks))
    assert found[f"cause_{cause}"] == 2
    others = {"material", "age", "leakage"} - {cause}
    assert all(found[f"cause_{other}"] == 0 for other in others)


def test_an_old_break_is_no_heavy_leakage_but_stays_a_hazard():
    rows = [leak("P1", "2001-01-01", "B1"), leak("P1", "2002-01-01", "B2")]
    found = verdict(assessed([pipe(installed_on="1999-03-01")], rows))
    assert (found["cause_leakage"], found["cause_hazard"]) == (0, 2)


def test_hazards_can_be_read_from_a_ledger_and_from_the_cover():
    row = pipe(installed_on="1980-03-01", cover_depth_m=0.5)
    listed = {"kinds": ["listed"], "pipe_ids": ["P1"]}

    assert verdict(assessed([row]))["certainty"] == "none"
    assert verdict(assessed([row], hazard=listed))["certainty"] == "certain"
    shallow = assessed([row, pipe("P2", installed_on="1980-03-01")], hazard={"kinds": ["shallow-cover"]})
    assert verdict(shallow)["certainty"] == "certain"
    assert verdict(shallow, "P2")["deciding"] == "hazard"


def test_the_sentence_of_evidence_names_the_facts_and_the_rule():
    row = pipe(material="GCI", lining="unlined", installed_on="1978-03-01", length_m=500.0)
    breaks = [leak("P1", f"20{y}-01-01", f"B{y}") for y in (15, 18, 20)]

    assessment = assessed([row], breaks, breaks={"known_since": date(2000, 1, 1)})
    found = assessment_document(assessment)["candidates"][0]

    # 3 breaks in 10 years on 0.5 km: 60 per 100 km and year.
    assert found["evidence_zh"] == (
        "灰口铸铁DN200，无防腐内衬，1978年敷设，运行46年，爆漏3次，其中近10年3次（每百公里每年60.0次）。"
        "属无防腐内衬灰口铸铁管道，不论年限均为更新对象（国办发〔2022〕22号）。"
    )
    assert "46 years in service" in found["evidence_en"]
    assert found["causes_zh"] == "材质落后、使用年限较长、漏损严重、存在安全隐患"
