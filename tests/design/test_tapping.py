"""Limits of engineering-reference 4.4."""

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import LineString

from design.works.tapping import allowed_mains, refusal, reserved_tapping, tapping_method
from gis.schema import conform
from tests.design.works_builder import RULES


@pytest.mark.parametrize(
    ("main_dn", "branch_dn", "method"),
    [
        (100, 50, "saddle"), (100, 65, "sleeve"), (200, 150, "cut-in"), (200, 65, "sleeve"), (200, 50, "saddle"),
        (150, 100, "sleeve"), (300, 200, "sleeve"), (400, 300, "cut-in"), (80, 50, "sleeve"), (65, 50, "cut-in"),
        (100, 100, "cut-in"),
    ],
)  # fmt: skip
def test_the_method_follows_the_ratio(main_dn, branch_dn, method):
    tapping = tapping_method(main_dn, branch_dn, "DI", "distribution", rules=RULES)
    assert (tapping.method, tapping.allowed, tapping.outage) == (method, True, method == "cut-in")
    assert tapping.ratio == branch_dn / main_dn
    assert tapping.reason.render("zh") and tapping.reason.render("en") and tapping.name.render("zh")


@pytest.mark.parametrize("material", ["GCI", "AC", "PC", "PCCP"])
def test_a_brittle_main_is_cut_and_not_drilled(material):
    tapping = tapping_method(300, 50, material, "main", rules=RULES)
    assert (tapping.method, tapping.allowed, tapping.outage) == ("cut-in", True, True)


@pytest.mark.parametrize("role", ["transmission", "service"])
def test_some_pipes_may_not_be_tapped_at_all(role):
    assert not tapping_method(600, 50, "DI", role, rules=RULES).allowed


def test_a_branch_larger_than_its_main_is_refused():
    tapping = tapping_method(80, 100, "DI", "distribution", rules=RULES)
    assert not tapping.allowed and "DN100" in tapping.reason.render("zh")


def test_a_plastic_main_counts_by_its_nominal_size():
    # dn110 is about DN100: a DN50 branch is exactly half of it
    assert tapping_method(110, 50, "PE", "distribution", rules=RULES).method == "saddle"


@pytest.mark.parametrize(("tapoff_dn", "allowed"), [(49, False), (50, True), (100, True)])
def test_a_reserved_tapoff_must_not_be_smaller_than_the_service(tapoff_dn, allowed):
    tapping = reserved_tapping(tapoff_dn, 50, rules=RULES)
    assert (tapping.method, tapping.allowed, tapping.outage) == ("reserved", allowed, False)


def street(*rows: dict) -> gpd.GeoDataFrame:
    plain = {"dn": 200, "material": "DI", "status": "open", "role": "distribution"}
    table = [
        {**plain, "pipe_id": f"P{i}", "start_node_id": f"N{i}", "end_node_id": f"N{i + 1}", **row}
        for i, row in enumerate(rows)
    ]
    lines = [LineString([(i, 0), (i + 1, 0)]) for i in range(len(rows))]
    return conform(gpd.GeoDataFrame(table, geometry=lines, crs="EPSG:4548"), "pipes")


def test_the_mains_of_a_street_that_may_be_tapped():
    pipes = street(
        {}, {"role": "transmission"}, {"role": "service"}, {"status": "closed"}, {"status": "abandoned"},
        {"status": "building"}, {"dn": 80}, {"dn": None}, {"end_node_id": "T1"}, {"dn": 110, "material": "PE"},
        {"dn": 100, "role": None, "material": None}, {"role": "transmission", "status": "abandoned"},
    )  # fmt: skip
    mask, reasons = allowed_mains(pipes, branch_dn_min=100, rules=RULES, stub_nodes={"T1"})

    assert list(reasons) == [
        "", "transmission", "service", "closed", "abandoned", "building", "too-small", "dn-unknown", "stub", "", "",
        "abandoned",
    ]  # fmt: skip
    assert mask.dtype == np.bool_
    assert list(mask) == [reason == "" for reason in reasons]
    for reason in set(reasons) - {""}:
        assert "P1" in refusal(reason, pipe_id="P1").render("zh") and refusal(reason, pipe_id="P1").render(
            "en"
        )


def test_an_empty_city_has_no_mains():
    mask, reasons = allowed_mains(street(), branch_dn_min=50, rules=RULES)
    assert mask.shape == reasons.shape == (0,)


def test_many_pipes_equal_one_at_a_time():
    rng = np.random.default_rng(3)
    rows = [
        {"dn": int(rng.choice([40, 63, 80, 100, 110, 300])), "material": str(rng.choice(["DI", "PE", "AC", "unknown"])),
         "role": str(rng.choice(["main", "transmission", "service", "distribution"])),
         "status": str(rng.choice(["open", "closed"]))}
        for _ in range(300)
    ]  # fmt: skip
    mask, _ = allowed_mains(street(*rows), branch_dn_min=80, rules=RULES)
    single = [
        row["status"] == "open"
        and tapping_method(row["dn"], 80, row["material"], row["role"], rules=RULES).allowed
        for row in rows
    ]
    assert list(mask) == single
