"""Road regulation 33 (engineering-reference 7.4, vectors "no_dig")."""

from datetime import date
from types import SimpleNamespace

import geopandas as gpd
import pytest
from pytest import approx
from shapely.geometry import LineString, Point

from design.works.moratorium import blocked_through, moratorium_findings
from design.works.permits import joined_permits, plan_permits, total_workdays
from design.works.trees import NearTree, near_trees, tree_findings
from design.works.plan import RoadRun
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
    assert found["road-opening"].area_m2 == approx(0.718 * 30 + 2.5 * 2.0)  # trench, and the pit of a sleeve
    assert found["road-occupation"].area_m2 == approx(3.0 * 30)
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


# Filing, days, level, trees


def filed(job, trees=()):
    return {p.kind: p.filing for p in plan_permits(job, on=TODAY, rules=RULES, trees=trees)}


def test_a_short_quiet_job_may_be_filed_and_a_busy_road_a_tree_or_a_ban_may_not():
    quiet = works(RoadRun("asphalt", 30.0, "支路", "branch"), RoadRun("green", 5.0))
    assert set(filed(quiet).values()) == {True}
    assert not any(filed(works(RoadRun("asphalt", 30.0, "经十路", "arterial"))).values())
    assert not any(filed(quiet, (NearTree("S1", "法桐", False, 2.0, 5.0),)).values())
    assert not any(filed(works(OVERHAULED), ()).values()) or TODAY > date(2026, 9, 15)
    assert not any(filed(works(NEW)).values())


@pytest.mark.parametrize(("length_m", "open_to_filing"), [(150.0, True), (150.01, False)])
def test_filing_ends_with_the_length_of_a_simple_job(length_m, open_to_filing):
    assert set(filed(works(RoadRun("asphalt", length_m, "支路", "branch"))).values()) == {open_to_filing}


@pytest.mark.parametrize(
    ("road_class", "days", "level"),
    [("expressway", 5, "市级"), ("arterial", 4, "市级"), ("secondary", 4, "市级"), ("branch", 3, "区级")],
)
def test_busier_roads_take_longer_and_go_to_a_higher_authority(road_class, days, level):
    """30 m at 12, 20, 25 and 30 m a day, after two days of base."""
    found = kinds(works(RoadRun("asphalt", 30.0, "路", road_class)))["road-opening"]
    assert (found.days, found.level[0]) == (days, level)


def test_a_permit_lists_its_stretches_papers_and_clause():
    job = works(RoadRun("asphalt", 20.0, "经十路", "arterial"), RoadRun("concrete", 10.0, "泉城路", "branch"))
    document = kinds(job)["road-opening"].doc()
    assert [item["subject"] for item in document["items"]] == ["经十路", "泉城路", "经十路（工作坑）"]
    assert sum(item["area_m2"] for item in document["items"]) == approx(document["area_m2"], abs=0.02)
    assert (
        "第三十三条" in document["clause"] and len(document["documents"]) == len(document["documents_en"]) > 3
    )
    assert document["name_en"].isascii() and document["form"] == "permits/road-opening.docx"


def test_trees_near_the_route_are_listed_and_measured():
    trees = (NearTree("S1", "法桐", False, 1.49, 5.0), NearTree("S2", "银杏", True, 2.5, 9.0))
    permit = {p.kind: p for p in plan_permits(works(), on=TODAY, rules=RULES, trees=trees)}["tree-protection"]
    assert [item.subject for item in permit.items] == ["S1 法桐", "S2 银杏"]
    (found,) = tree_findings(trees, RULES)
    assert (found.verdict, found.measured, found.limit) == ("warn", 1.49, 1.5)
    assert tree_findings((NearTree("S1", "", False, 1.5, 5.0),), RULES)[0].verdict == "pass"
    assert tree_findings((), RULES) == []


def test_trees_of_the_layer_are_found_by_distance():
    table = gpd.GeoDataFrame(
        {"tree_id": ["A", "B", "C"], "species": ["法桐", None, "银杏"], "protected": ["no", None, "yes"]},
        geometry=[Point(5, 1.0), Point(20, 3.01), Point(10, -3.0)],
    )
    city = SimpleNamespace(network=SimpleNamespace(layer=lambda _: table), once=lambda _, make: make())
    found = near_trees(city, LineString([(0, 0), (30, 0)]), RULES)
    assert [(t.tree_id, t.distance_m, t.at_m, t.protected) for t in found] == [
        ("A", 1.0, 5.0, False),
        ("C", 3.0, 10.0, True),
    ]
    assert found[0].species == "法桐"


def test_permits_of_two_inlets_are_one_of_a_kind_with_the_stretches_of_both():
    one = plan_permits(works(RoadRun("asphalt", 30.0, "甲路", "branch")), on=TODAY, rules=RULES)
    other = plan_permits(
        works(RoadRun("asphalt", 20.0, "乙路", "arterial"), RoadRun("green", 5.0)), on=TODAY, rules=RULES
    )
    both = {permit.kind: permit for permit in joined_permits(one, other)}
    assert set(both) == {"road-opening", "road-occupation", "green-occupation"}
    first, second = ({permit.kind: permit for permit in some} for some in (one, other))
    for kind in ("road-opening", "road-occupation"):
        assert both[kind].area_m2 == pytest.approx(first[kind].area_m2 + second[kind].area_m2)
        assert both[kind].items == (*first[kind].items, *second[kind].items)
        assert both[kind].days == first[kind].days + second[kind].days
        assert both[kind].level == second[kind].level  # the arterial decides who permits
        assert "第二路" in both[kind].basis.render("zh")
    assert both["green-occupation"] == second["green-occupation"]
