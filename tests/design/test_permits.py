"""Road regulation 33 (engineering-reference 7.4, vectors "no_dig")."""

from datetime import date

import pytest
from pytest import approx

from design.permits import blocked_through, moratorium_findings, plan_permits, total_workdays
from design.works import RoadRun
from tests.design.works_builder import RULES, STREET, TODAY, works

NEW = RoadRun("asphalt", 10.0, "新路", "arterial", opened_on=date(2022, 6, 30))
OVERHAULED = RoadRun("asphalt", 10.0, "大修路", "branch", paved_on=date(2023, 9, 15))


@pytest.mark.parametrize(
    ("run", "day", "until"),
    [
        (NEW, "2022-06-29", None), (NEW, "2022-06-30", "2027-06-30"), (NEW, "2027-06-30", "2027-06-30"), (NEW, "2027-07-01", None),
        (OVERHAULED, "2026-09-15", "2026-09-15"), (OVERHAULED, "2026-09-16", None), (STREET, "2026-11-21", None),
        (RoadRun("asphalt", 1, "", "branch", opened_on=date(2024, 2, 29)), "2029-02-28", "2029-02-28"),
        (RoadRun("asphalt", 1, "", "branch", opened_on=date(2024, 2, 29)), "2029-03-01", None),
        (RoadRun("asphalt", 1, "", "branch", date(2020, 1, 1), date(2025, 1, 1)), "2026-01-01", "2028-01-01"),
    ],
)  # fmt: skip
def test_a_street_is_blocked_through_its_anniversary(run, day, until):
    found = blocked_through(run, RULES, on=date.fromisoformat(day))
    assert (found.isoformat() if found else None) == until


def kinds(job, on=TODAY):
    return {permit.kind: permit for permit in plan_permits(job, on=on, rules=RULES)}


def test_a_public_road_needs_opening_and_occupation_by_area():
    job = works(RoadRun("asphalt", 30.0, "经十路", "arterial"), RoadRun("concrete", 10.0))
    found = kinds(job)
    assert set(found) == {"road-opening", "road-occupation"}
    assert found["road-opening"].area_m2 == approx(0.718 * 30)
    assert found["road-opening"].length_m == approx(30)
    document = found["road-opening"].doc()
    assert "经十路" in document["basis"] and document["authority"] and document["workdays"] > 0


def test_greens_and_a_moratorium_need_their_own():
    found = kinds(works(NEW, RoadRun("green", 5.0)))
    assert set(found) == {"road-opening", "road-occupation", "green-occupation", "moratorium"}
    assert found["green-occupation"].area_m2 == approx(0.718 * 5)
    assert "2027-06-30" in found["moratorium"].doc()["basis"]


def test_nothing_inside_the_red_line_needs_a_permit():
    assert not kinds(works(RoadRun("asphalt", 30.0, "x", "branch"), inside_m=30.0))
    assert not kinds(works(RoadRun("concrete", 30.0, "", "lane")))


def test_a_blocked_street_is_warned_of_and_a_free_one_passed():
    warned = moratorium_findings(works(NEW, STREET), on=TODAY, rules=RULES)
    assert [(f.verdict, f.text.params["road"]) for f in warned] == [("warn", "新路")]
    assert warned[0].measured == (date(2027, 6, 30) - TODAY).days
    assert [f.verdict for f in moratorium_findings(works(), on=TODAY, rules=RULES)] == ["pass"]
    assert moratorium_findings(works(RoadRun("soil", 5.0)), on=TODAY, rules=RULES) == []


def test_workdays_are_service_construction_and_the_longest_permit():
    job = works(RoadRun("asphalt", 30.0, "经十路", "arterial"))
    permits = plan_permits(job, on=TODAY, rules=RULES)
    assert total_workdays(job, (), RULES) == 7  # 4 of service, 2 and one day for 30 m
    assert total_workdays(job, permits, RULES) == 7 + 5
    assert total_workdays(works(RoadRun("asphalt", 30.1, "x", "branch")), (), RULES) == 8
