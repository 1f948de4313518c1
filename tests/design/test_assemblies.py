from dataclasses import replace
from decimal import Decimal

import pytest

from design.works.assemblies import standard_details
from design.works.assembly_book import Situation, assembly_rows
from design.works.digging import GroundConditions
from design.works.plan import Casing, RoadRun
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
        (100, "valve-well-small"), (150, "valve-well-medium"), (200, "valve-well-large"), (300, "valve-well-300"),
    ],
)  # fmt: skip
def test_wells_grow_with_dn(dn, well):
    assert well in codes(works(dn=dn, flow_lps=10.0, main_dn=600))


@pytest.mark.parametrize(
    ("dn", "water_m", "well"),
    [
        (100, None, "valve-well-small"),
        (100, 0.3, "valve-well-rc"),
        (200, 0.3, "valve-well-rc"),
        (300, 0.3, None),
    ],
)
def test_in_groundwater_a_well_is_of_concrete_or_has_to_be_designed(dn, water_m, well):
    job = works(dn=dn, flow_lps=10.0, main_dn=600, ground=GroundConditions("firm", water_m))
    details, missing = standard_details(job, RULES)
    wells = [d.code for d in details if d.kind == "valve-well"]
    assert wells == ([well] if well else [])
    told = [f.text.render("zh") for f in missing if f.measured == 300.0]
    assert bool(told) == (well is None)
    assert all("有地下水" in text for text in told)


@pytest.mark.parametrize(("cover_m", "fits"), [(0.59, False), (0.60, True), (3.00, True), (3.01, False)])
def test_a_detail_covers_depths_from_and_to(cover_m, fits):
    job = replace(works(), cover_depth_m=cover_m)
    assert ("valve-well-small" in codes(job)) is fits


def parts_of(detail):
    return {part.no: part for part in detail.parts}


def test_a_cover_in_a_road_is_heavier_than_in_a_green():
    road = parts_of(codes(works())["valve-well-small"])[5]
    green = parts_of(codes(works(RoadRun("green", 30.0)))["valve-well-small"])[5]
    assert ("D400" in road.name_zh, "B125" in green.name_zh) == (True, True)


def test_parts_are_numbered_from_one_without_doubles_and_name_their_size():
    job = works(RoadRun("asphalt", 30.0, "经十路", "arterial"), tapoff_dn=200, hydrants=1,
                casings=(Casing("rail", "胶济线", 3.0, 20.0, 250),))  # fmt: skip
    for detail in standard_details(job, RULES)[0]:
        numbers = [part.no for part in detail.parts]
        assert numbers == sorted(set(numbers)) and numbers, detail.code
        for part in detail.parts:
            assert part.count > 0 and part.unit and part.name_en.isascii(), (detail.code, part)
            assert "{" not in part.spec
        assert detail.doc()["parts"][0]["count"]


def test_bolts_are_those_of_the_flanges():  # GB/T 17241.6 PN16: DN100 8 of M16, DN200 12 of M20
    assert parts_of(codes(works())["tie-in-sleeve"])[5].count == 16
    big = parts_of(codes(works(dn=200, flow_lps=20.0, main_dn=400))["tie-in-sleeve"])[5]
    assert (big.count, big.spec) == (24, "M20 PN16")


def test_the_wall_of_a_well_grows_with_its_depth():
    """A ring of 240 mm around 1000 mm is 0.935 m3 a metre."""
    detail = codes(works())["valve-well-small"]
    depth_m = detail.dimensions_mm["depth"] / 1000
    assert depth_m == pytest.approx(1.0 + 0.118 + 0.3)
    assert float(parts_of(detail)[3].count) == pytest.approx(0.935 * depth_m, abs=0.001)


def test_a_larger_tapoff_asks_for_a_reducer():
    reserved = replace(works().tapping, method="reserved")
    with_it = codes(works(tapping=reserved, tapoff_dn=150))["tie-in-reserved"]
    assert any(part.spec == "DN150×DN100" for part in with_it.parts)
    without = codes(works(tapping=reserved, tapoff_dn=100))["tie-in-reserved"]
    assert not any("异径" in part.name_zh for part in without.parts)


def test_thrust_blocks_are_one_detail_a_fitting_with_its_own_size():
    found = [d for d in standard_details(works(bends=((90.0, 1), (45.0, 2))), RULES)[0] if d.kind == "thrust"]
    assert [d.count for d in found] == [
        1,
        1,
    ]  # the builder's bends are replaced after the blocks were planned
    assert {"width", "height", "thickness"} <= set(found[0].dimensions_mm)
    sides = [Decimal(found[0].dimensions_mm[k]) / 1000 for k in ("width", "height", "thickness")]
    assert found[0].parts[0].count == pytest.approx(sides[0] * sides[1] * sides[2])


def test_a_detail_says_how_far_it_is_confirmed():
    found = codes(works())["thrust-block"]
    document = found.doc()
    assert "10S505" in document["drawing"] and "待核" in document["drawing"]
    assert document["reason"] and document["reason_en"].isascii() is False or "kN" in document["reason_en"]


def test_a_case_without_a_detail_is_a_finding_and_no_guess():
    job = works()
    huge = replace(job, meter=replace(job.meter, dn=300))
    details, missing = standard_details(huge, RULES)
    assert not any(detail.code.startswith("meter") for detail in details)
    assert [(f.verdict, f.measured) for f in missing] == [("warn", 300.0)]
    assert "DN300" in missing[0].text.render("zh") and "DN300" in missing[0].text.render("en")


def test_every_detail_of_the_book_has_its_source_and_its_rule():
    rows = assembly_rows()
    assert len({row.code for row in rows}) == len(rows) >= 19
    for row in rows:
        assert row.source and row.confidence and row.atlas and row.status
        assert 0 < row.rule["dn_min"] <= row.rule["dn_max"]
    kinds = {row.kind for row in rows}
    assert kinds == {
        "tie-in", "valve-well", "meter-well", "thrust", "trench", "sheeting", "casing", "hydrant", "backflow",
        "backflow-place",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("device", "dn", "code"),
    [
        ("double-check", 20, "backflow-double-check"), ("low-resistance", 40, "backflow-low-small"),
        ("low-resistance", 50, "backflow-low-large"), ("reduced-pressure", 40, "backflow-rp-small"),
        ("reduced-pressure", 50, "backflow-rp-large"), ("low-resistance", 20, None),
    ],
)  # fmt: skip
def test_a_compulsory_backflow_preventer_has_its_detail_by_kind_and_size(device, dn, code):
    job = works(backflow=device)
    job = replace(job, meter=replace(job.meter, dn=dn))
    found = [d.code for d in standard_details(job, RULES)[0] if d.kind == "backflow"]
    assert found == ([code] if code else [])


@pytest.mark.parametrize(
    ("device", "flow_lps", "place"),
    [
        ("double-check", 0.4, "backflow-in-box"), ("low-resistance", 0.4, "backflow-in-box"),
        ("low-resistance", 2.0, "backflow-well-1000"), ("low-resistance", 10.0, "backflow-well-2750"),
        ("reduced-pressure", 0.4, "backflow-cabinet"), ("reduced-pressure", 10.0, "backflow-cabinet"),
    ],
)  # fmt: skip
def test_a_preventer_has_a_place_to_stand_in_and_the_reduced_pressure_kind_stands_above_ground(
    device, flow_lps, place
):
    job = works(dn=100, flow_lps=flow_lps, main_dn=300, backflow=device)
    found = codes(job)
    assert place in found
    assert ("drain_above_floor" in found[place].dimensions_mm) == (device == "reduced-pressure")


@pytest.mark.parametrize(("water_m", "covered"), [(None, True), (0.3, False)])
def test_a_small_preventer_well_of_brick_is_not_for_groundwater(water_m, covered):
    job = works(
        dn=100, flow_lps=2.0, main_dn=300, backflow="low-resistance", ground=GroundConditions("firm", water_m)
    )
    details, missing = standard_details(job, RULES)
    assert any(detail.kind == "backflow-place" for detail in details) is covered
    assert any("倒流防止器的安装场所" in found.text.render("zh") for found in missing) is not covered


def _inside(row, **changes):
    """A situation well inside a detail's rule, with some of it changed."""
    rule = row.rule
    told = {
        "kind": row.kind, "dn": rule["dn_min"], "material": rule.get("materials", ["PE"])[0],
        "method": rule.get("method", [""])[0], "cover_m": max(rule.get("cover_min_m", 0.0), 1.0),
        "place": rule.get("places", ["road"])[0], "wet": rule.get("groundwater") == "wet", "frost": True,
    }  # fmt: skip
    return Situation(**{**told, **changes})


@pytest.mark.parametrize("row", assembly_rows(), ids=lambda row: row.code)
def test_every_limit_of_a_details_rule_holds_on_both_sides(row):
    rule = row.rule
    assert row.fits(_inside(row))
    for dn, fits in ((rule["dn_min"] - 1, False), (rule["dn_max"], True), (rule["dn_max"] + 1, False)):
        assert row.fits(_inside(row, dn=dn)) is fits
    if "cover_max_m" in rule:
        assert row.fits(_inside(row, cover_m=rule["cover_max_m"]))
        assert not row.fits(_inside(row, cover_m=rule["cover_max_m"] + 0.001))
    if "cover_min_m" in rule:
        assert row.fits(_inside(row, cover_m=rule["cover_min_m"]))
        assert not row.fits(_inside(row, cover_m=rule["cover_min_m"] - 0.001))
    if rule.get("groundwater", "any") != "any":
        assert not row.fits(_inside(row, wet=rule["groundwater"] == "dry"))
    for field, name in (("materials", "material"), ("method", "method"), ("places", "place")):
        if field in rule:
            assert not row.fits(_inside(row, **{name: "another"}))
    assert not row.fits(_inside(row, kind="another"))


@pytest.mark.parametrize("row", assembly_rows(), ids=lambda row: row.code)
def test_a_part_limited_to_a_place_to_water_or_to_frost_is_used_there_only(row):
    for part in row.parts:
        for place in part.row.get("places", []):
            assert (
                part.fits(_inside(row, place=place, wet=part.row.get("wet", False)), reduced=True)
                or part.row.get("dn_min", 0) > row.rule["dn_min"]
            )
        if "wet" in part.row:
            assert not part.fits(_inside(row, wet=not part.row["wet"]), reduced=True)
        if part.row.get("frost"):
            assert not part.fits(_inside(row, frost=False), reduced=True)


def test_a_tie_in_shows_its_pit_and_sheeting_its_depth():
    deep = replace(works(RoadRun("asphalt", 30.0, "x", "arterial")), cover_depth_m=1.2)
    pit = codes(deep)["tie-in-sleeve"].dimensions_mm
    assert (pit["pit_length"], pit["pit_width"]) == (2500, 2000)
    assert pit["pit_depth"] == round(deep.tie_in_depth_m * 1000)
