from dataclasses import replace

import pytest

from design.assemblies import standard_details
from tests.design.works_builder import RULES, works


def codes(job):
    return {detail.code: detail for detail in standard_details(job, RULES)[0]}


def test_details_follow_dn_material_and_method():
    di = codes(works())
    assert set(di) == {"tie-in-sleeve", "valve-well-small", "meter-well-2750", "thrust-block", "trench-di"}
    pe = codes(works(series="PE100-SDR11", dn=50, flow_lps=2.0))
    assert {"tie-in-saddle", "valve-well-small", "trench-pe"} <= set(pe)
    assert "thrust-block" not in pe


@pytest.mark.parametrize(
    ("dn", "well"),
    [
        (100, "valve-well-small"),
        (150, "valve-well-medium"),
        (200, "valve-well-large"),
        (300, "valve-well-300"),
    ],
)
def test_wells_grow_with_dn(dn, well):
    assert well in codes(works(dn=dn, flow_lps=10.0, main_dn=600))


def test_a_detail_is_counted_and_says_how_far_it_is_confirmed():
    found = codes(works())["thrust-block"]
    assert found.count == 2  # the tee and one right angle
    document = found.doc()
    assert "10S505" in document["drawing"] and "待核" in document["drawing"]
    assert document["reason"]


def test_a_case_without_a_detail_is_a_finding_and_no_guess():
    job = works()
    huge = replace(job, meter=replace(job.meter, dn=300))
    details, missing = standard_details(huge, RULES)
    assert not any(detail.code.startswith("meter") for detail in details)
    assert [(f.verdict, f.measured) for f in missing] == [("warn", 300.0)]
    assert "DN300" in missing[0].text.render("zh") and "DN300" in missing[0].text.render("en")
