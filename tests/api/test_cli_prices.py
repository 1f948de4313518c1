"""Planned pipes by a foreign price list: the list imported by a mapping, the works priced, real prices of Sant Boi."""

import csv
import json
from decimal import ROUND_HALF_UP, Decimal

import openpyxl
import pyogrio
import pytest
import tomllib

from api.prices.answers import check_catalogue, import_catalogue, price_works
from api.settings import Prices
from design.pricing.catalogue import load_catalogue
from design.errors import DesignDataError
from design.pricing.mapping import catalogue_toml, imported_items, read_planned
from gis.messages import both_languages
from tests.api.command import said
from tests.design import recompute_quote
from tests.design.works_builder import RULES, TODAY

MAPPING = """
[catalogue]
id = "santboi-2018"
title = "Sant Boi 2018"
currency = "EUR"
tax_rate = "0.21"
columns = { code = "id", name_zh = "descript", unit = "unit", price_cny = "price" }
composites = { file = "plan_price_compost.csv", code = "compost_id", item = "simple_id", factor = "value" }
[items]
"040101002" = "S_EXC"
"040103001" = "S_REB"
"040103002" = "S_TRANS"
"trench-bottom" = "S_REP"
"restore-asphalt" = "P_ASPHALT-10"
[[planned]]
kind = "pipes"
layer = "arc"
where = { state = "2" }
columns = { pipe_id = "arc_id", type = "arccat_id", surface = "pavcat_id" }
values = { surface = { Asphalt = "asphalt" } }
types = { file = "cat_arc.csv", id = "id", columns = { item = "cost", outer_mm = "dext_mm", depth_m = "estimated_depth" } }
[[planned]]
kind = "pieces"
layer = "connec"
where = { state = "2" }
columns = { piece_id = "connec_id" }
defaults = { item = "N_WATER-CONNECT" }
"""
LIST = "id,descript,unit,price\nDIG,Digging,m3,9.5\nFILL,Filling,m3,\nTUBE,Tube,m,20\nNONE,Nothing,u,\n"


def rounded(value, places="0.01"):
    return Decimal(value).quantize(Decimal(places), ROUND_HALF_UP)


@pytest.fixture
def santboi(shared_data, tmp_path):
    folder = shared_data / "gis" / "giswater_santboi"
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    return folder, mapping, tmp_path


def expected_lines(folder):
    """Amounts by hand: their own prices, trench 0.30 m wider on each side than the pipe, bedding 0.10 m."""
    with (folder / "plan_price.csv").open(encoding="utf-8") as stream:
        prices = {row["id"]: row["price"] for row in csv.DictReader(stream)}
    with (folder / "plan_price_compost.csv").open(encoding="utf-8") as stream:
        parts = [r for r in csv.DictReader(stream) if r["compost_id"] == "P_ASPHALT-10"]
    asphalt = rounded(sum(Decimal(r["value"]) * Decimal(prices[r["simple_id"]]) for r in parts), "0.0001")
    with (folder / "cat_arc.csv").open(encoding="utf-8") as stream:
        types = {row["id"]: row for row in csv.DictReader(stream)}
    arcs = pyogrio.read_dataframe(folder / "santboi_ws.gpkg", layer="arc")
    totals = dict.fromkeys(("S_EXC", "S_REP", "S_REB", "S_TRANS", "asphalt"), 0.0)
    for _, arc in arcs[arcs["state"] == "2"].iterrows():
        kind, length = types[arc["arccat_id"]], arc.geometry.length
        outer, depth = float(kind["dext_mm"]) / 1000, float(kind["estimated_depth"])
        width = outer + 0.6
        spoil = width * 0.1 * length + 3.141592653589793 / 4 * outer**2 * length
        totals["S_EXC"] += width * depth * length
        totals["S_REP"] += width * length
        totals["S_REB"] += width * depth * length - spoil
        totals["S_TRANS"] += spoil
        totals["asphalt"] += width * length
        totals[kind["cost"]] = totals.get(kind["cost"], 0.0) + length
    totals["N_WATER-CONNECT"] = 3.0
    prices["asphalt"] = str(asphalt)
    return {code: rounded(rounded(repr(amount)) * Decimal(prices[code])) for code, amount in totals.items()}


@pytest.mark.real_data
def test_the_own_prices_of_a_city_price_its_own_planned_works(santboi):
    folder, mapping, tmp_path = santboi
    out, book = tmp_path / "catalogue.toml", tmp_path / "price.xlsx"

    made = said(
        "catalogue", "import", folder / "plan_price.csv", "--mapping", mapping, "--out", out, "--json"
    ).document
    found = said(
        "price", folder / "santboi_ws.gpkg", "--mapping", mapping, "--catalogue", out, "--out", book, "--json"
    ).document

    assert (made["currency"], made["items"], made["without_price"]) == ("EUR", 100, ["N_TANK_30x10x3"])
    assert (found["currency"], found["pipes"], found["pieces"]) == ("EUR", 3, 3)
    expected = expected_lines(folder)
    assert sorted(Decimal(line["amount"]) for line in found["lines"]) == sorted(expected.values())
    assert Decimal(found["net"]) == sum(expected.values())
    assert Decimal(found["tax"]) == rounded(sum(expected.values()) * Decimal("0.21"))
    assert {left["code"] for left in found["left_out"]} >= {"bedding-sand", "test-large"}
    totals = recompute_quote.recompute(str(book))
    assert totals["不含税合计"] == Decimal(found["net"]) and totals["含税合计"] == Decimal(found["total"])


@pytest.mark.real_data
def test_a_price_of_their_composites_is_the_sum_of_its_parts(santboi):
    folder, mapping, _ = santboi
    _, items, _ = imported_items(
        folder / "plan_price.csv", tomllib.loads(mapping.read_text(encoding="utf-8"))
    )
    known = {item.code: item.price_cny for item in items}
    # 0.25 x 29.2250 + 0.144 x 57.3861 + 0.096 x 55.8791 + 0.5221 + 0.4334
    assert known["P_ASPHALT-10"] == known["restore-asphalt"] == Decimal("21.8897")


# Small lists


def written(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


COLUMNS = {
    "catalogue": {"columns": {"code": "id", "name_zh": "descript", "unit": "unit", "price_cny": "price"}}
}


def test_rows_without_a_price_are_left_out_and_told(tmp_path):
    _, items, unpriced = imported_items(written(tmp_path, "list.csv", LIST), COLUMNS)
    assert [item.code for item in items] == ["DIG", "TUBE"]
    assert unpriced == ["FILL", "NONE"]


def test_an_item_of_ours_that_they_do_not_have_is_refused(tmp_path):
    mapping = {**COLUMNS, "items": {"040101002": "DUG"}}
    with pytest.raises(DesignDataError) as caught:
        imported_items(written(tmp_path, "list.csv", LIST), mapping)
    assert caught.value.code == "price-mapping-item"
    assert "DUG" in both_languages(caught.value)


def test_an_imported_list_reads_back_as_it_was(tmp_path):
    names = 'id,descript,unit,price\nA,"say ""hi"" \\ 𠮷",m,1.5\n'
    head, items, _ = imported_items(written(tmp_path, "list.csv", names), COLUMNS)
    again = tomllib.loads(catalogue_toml(head, items))
    assert again["item"][0]["name_zh"] == 'say "hi" \\ 𠮷'
    out = tmp_path / "c.toml"
    made = import_catalogue(
        tmp_path / "list.csv", mapping=written(tmp_path, "m.toml", mapping_text()), out=out
    )
    assert made["items"] == 1 and check_catalogue(out, on=TODAY)["own"] == 1


def mapping_text():
    return (
        '[catalogue]\ncolumns = { code = "id", name_zh = "descript", unit = "unit", price_cny = "price" }\n'
    )


def test_a_plain_table_of_pipes_is_priced_without_a_mapping(tmp_path):
    plan = written(
        tmp_path,
        "plan.csv",
        "pipe_id,item,outer_mm,length_m,cover_m,surface\nP1,pipe-DI-dn100,118,30,1.0,soil\n",
    )
    found = price_works(plan, mapping=None, prices=Prices(None, None, None, TODAY), out=None)
    lines = {line["code"]: line["quantity"] for line in found["lines"]}
    assert lines["pipe-DI-dn100"] == "30.00"
    assert lines["040101002"] == str(rounded(0.718 * 1.218 * 30))
    assert found["left_out"] == [{"code": "trench-bottom", "quantity": "21.54"}]
    assert json.dumps(found)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("P1,,118,30,1", "item"), ("P1,x,,30,1", "outer_mm"), ("P1,x,118,long,1", "length_m"), ("P1,x,118,,1", "length_m"),
        ("P1,x,118,30,-1", "cover_m"), ("P1,x,118,0,1", "length_m"),
    ],
)  # fmt: skip
def test_a_bad_row_of_the_plan_is_told_with_its_number(tmp_path, row, field):
    plan = written(tmp_path, "plan.csv", f"pipe_id,item,outer_mm,length_m,cover_m\nP0,x,118,3,1\n{row}\n")
    with pytest.raises(DesignDataError) as caught:
        read_planned(plan, {}, RULES)
    assert (caught.value.code, caught.value.params["row"], caught.value.params["field"]) == (
        "planned-bad",
        3,
        field,
    )


def test_a_plan_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(DesignDataError, match="planned-unreadable"):
        read_planned(written(tmp_path, "plan.gpkg", "nothing"), {}, RULES)
    with pytest.raises(DesignDataError, match="catalogue-unreadable"):
        read_planned(tmp_path / "none.csv", {}, RULES)


# The template a utility fills in


def test_a_template_filled_in_is_a_price_list_and_blank_prices_are_lent_and_told(tmp_path):
    path = tmp_path / "模板.xlsx"
    made = said("catalogue", "template", "--out", path, "--json").document
    book = openpyxl.load_workbook(path)
    page = book["价目"]
    row = next(row for row in page.iter_rows() if row[0].value == "040101002")
    row[4].value, row[5].value = 33.3, "2026 年合同"
    book.save(path)

    told = said("catalogue", "check", path, "--json", env={"TAPWRIGHT_TODAY": "2026-11-21"}).document

    assert made["items"] == page.max_row - 1
    assert told["own"] == 1 and len(told["borrowed"]) == made["items"] - 1
    item = load_catalogue(path, on=TODAY).item("040101002")
    assert (str(item.price_cny), item.source, item.borrowed) == ("33.3", "2026 年合同", False)


def test_a_price_left_blank_where_nothing_is_lent_is_a_bad_row(tmp_path):
    table = written(
        tmp_path,
        "list.csv",
        "# base = none\n# tax_rate = 0.09\n编码,名称,单位,单价,来源\n040101002,土方,m³,,合同\n",
    )
    said("catalogue", "check", table).refused(2, "list.csv", "040101002", "price_cny")


def test_a_page_for_people_names_what_matters(tmp_path):
    told = said("catalogue", "check", env={"TAPWRIGHT_TODAY": "2026-11-21"})
    assert told.status == 0 and "示意价目" in told.out and "已过有效期" in told.out
    out = tmp_path / "c.toml"
    listed = written(tmp_path, "list.csv", LIST)
    made = said(
        "catalogue", "import", listed, "--mapping", written(tmp_path, "m.toml", mapping_text()), "--out", out
    )
    assert made.status == 0 and "FILL" in made.out
    plan = written(tmp_path, "plan.csv", "pipe_id,item,outer_mm,length_m,surface\nP1,TUBE,110,10,soil\n")
    priced = said("price", plan, "--catalogue", out)
    assert priced.status == 0 and "TUBE" in priced.out and "未计价" in priced.out
