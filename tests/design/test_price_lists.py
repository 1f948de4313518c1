"""Own price lists: editions by day, tables with bad rows, what is borrowed, regional factor, composites, one-fee list."""

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from design.pricing.catalogue import load_catalogue, require_cny
from design.errors import DesignDataError
from design.pricing.policy import load_policy
from design.pricing.composites import composite_prices
from design.pricing.items import BadField
from design.pricing.one_fee import one_fee
from design.checks.prices import price_findings
from design.pricing.quoting import quote_works
from design.works.plan import RoadRun
from gis.messages import both_languages
from tests.design.works_builder import RULES, TODAY, works
from tests.workbooks import workbook

HEAD = "编码,名称,单位,综合单价,来源\n"
ROW = "040101002,挖沟槽土方,m³,31.50,2026 年合同价\n"


def listed(tmp_path, text, name="本单位价目.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def own(tmp_path, text, **kind):
    return load_catalogue(listed(tmp_path, text, **kind), on=TODAY)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_table_of_prices_is_read_as_people_save_it(tmp_path, encoding, mark):
    text = (HEAD + ROW).replace(",", mark)
    catalogue = own(tmp_path, text, encoding=encoding)
    item = catalogue.item("040101002")
    assert (item.price_cny, item.source, item.borrowed) == (Decimal("31.50"), "2026 年合同价", False)
    assert catalogue.item("pipe-DI-dn100").borrowed
    assert catalogue.tax_rate == Decimal("0.09")


def test_lines_above_the_headings_are_the_head_of_the_list(tmp_path):
    text = (
        "# title = 某市价目\n# valid_from = 2026-01-01\n# tax_rate = 0.03\n# regional_factor = 1.10\n"
        + HEAD
        + ROW
    )
    catalogue = own(tmp_path, text)
    assert (catalogue.title, catalogue.valid_from, catalogue.tax_rate) == (
        "某市价目", date(2026, 1, 1), Decimal("0.03"),
    )  # fmt: skip
    item = catalogue.item("040101002")
    assert (item.price_cny, item.base_price_cny) == (Decimal("34.65"), Decimal("31.50"))


@pytest.mark.parametrize(("factor", "price"), [("1", "31.50"), ("1.005", "31.66"), ("0.5", "15.75")])
def test_the_regional_factor_is_rounded_half_up_to_the_cent(tmp_path, factor, price):
    assert (
        str(own(tmp_path, f"# regional_factor = {factor}\n" + HEAD + ROW).item("040101002").price_cny)
        == price
    )


def test_fees_of_an_authority_have_no_regional_factor(tmp_path):
    text = (
        "# regional_factor = 2\n"
        + HEAD.replace("来源", "来源,计税")
        + "fee-restore-green,绿地恢复费,m²,60,文件,否\n"
    )
    assert own(tmp_path, text).item("fee-restore-green").price_cny == 60


def test_a_workbook_may_hold_head_composites_and_one_fee_list(tmp_path):
    path = workbook(tmp_path / "价目.xlsx",
        说明=[["title", "某市 2026"], ["valid_to", date(2026, 12, 31)], ["base", "none"], ["tax_rate", 0.09]],
        价目=[
            ["某市价目表"], ["编码", "名称", "单位", "单价", "来源"], ["sand", "砂", "m³", 105.5, "合同"],
            ["stone", "碎石", "m³", "1,250.00", "合同"], ["base", "级配基层", "m³", None, "组价"],
        ],
        组价=[["code", "item", "factor"], ["base", "sand", 0.3], ["base", "stone", 0.7]],
        一费制=[["meter_dn", "method", "base_cny", "base_length_m", "extra_cny_m"], [20, "saddle", 2600, 10, 130]],
    )  # fmt: skip
    catalogue = load_catalogue(path, on=TODAY)
    assert catalogue.title == "某市 2026" and catalogue.valid_to == date(2026, 12, 31)
    assert catalogue.item("stone").price_cny == Decimal("1250.00")
    assert catalogue.item("base").price_cny == Decimal("906.6500")  # 0.3 x 105.5 + 0.7 x 1250
    assert [row.meter_dn for row in catalogue.one_fee] == [20]
    assert set(catalogue.items) == {"sand", "stone", "base"}


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("a,甲,m,12，5,合同", "price_cny"), ("a,甲,m,-1,合同", "price_cny"), ("zz,甲,m,,合同", "price_cny"), ("a,甲,m,nan,合同", "price_cny"),
        ("a,甲,,3,合同", "unit"), (",甲,m,3,合同", "code"), ("a,,m,3,合同", "name_zh"), ("040101002,又一次,m,3,合同", "code"),
    ],
)  # fmt: skip
def test_a_bad_row_is_told_with_its_number_and_field(tmp_path, row, field):
    with pytest.raises(DesignDataError) as caught:
        own(tmp_path, HEAD + ROW + row + "\n")
    assert caught.value.code == "catalogue-rows"
    assert caught.value.params["rows"].startswith("3: ") and field in caught.value.params["rows"]
    assert "本单位价目.csv" in both_languages(caught.value)


def test_every_bad_row_is_told_at_once(tmp_path):
    text = HEAD + "".join(f"x{n},甲,m,free,合同\n" for n in range(20))
    with pytest.raises(DesignDataError) as caught:
        own(tmp_path, text)
    assert caught.value.params["count"] == 20
    assert "+12" in caught.value.params["rows"]


@pytest.mark.parametrize("text", ["", "名称,单位\n甲,m\n", "随便\n写的\n"])
def test_headings_that_are_missing_are_named(tmp_path, text):
    with pytest.raises(DesignDataError) as caught:
        own(tmp_path, text)
    assert caught.value.code == "catalogue-columns"
    assert "编码" in caught.value.params["lacking"]


@pytest.mark.parametrize("name", ["坏.xlsx", "坏.csv"])
def test_bytes_that_are_no_table_are_refused(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"\xff\xfe\x00\x81PK\x03\x04" * 3)
    with pytest.raises(DesignDataError) as caught:
        load_catalogue(path, on=TODAY)
    assert caught.value.code in {"catalogue-unreadable", "catalogue-columns"}


# Editions


def edition(folder, year, price):
    (folder / f"价目-{year}.csv").write_text(
        f"# valid_from = {year}-01-01\n# valid_to = {year}-12-31\n{HEAD}040101002,挖沟槽土方,m³,{price},合同\n",
        encoding="utf-8",
    )


@pytest.mark.parametrize(
    ("day", "price", "early", "expired"),
    [
        ("2024-12-31", "20", True, False), ("2025-01-01", "20", False, False), ("2025-12-31", "20", False, False),
        ("2026-01-01", "30", False, False), ("2026-12-31", "30", False, False), ("2027-01-01", "30", False, True),
    ],
)  # fmt: skip
def test_the_edition_of_the_day_is_taken(tmp_path, day, price, early, expired):
    edition(tmp_path, 2025, 20)
    edition(tmp_path, 2026, 30)
    on = date.fromisoformat(day)
    item = load_catalogue(tmp_path, on=on).item("040101002")
    assert (item.price_cny, item.is_early(on), item.is_expired(on)) == (Decimal(price), early, expired)


def test_a_folder_without_a_list_is_refused(tmp_path):
    with pytest.raises(DesignDataError, match="catalogue-folder-empty"):
        load_catalogue(tmp_path, on=TODAY)


def test_prices_in_other_money_price_no_scheme(tmp_path):
    catalogue = own(tmp_path, "# currency = EUR\n" + HEAD + ROW)
    with pytest.raises(DesignDataError, match="catalogue-currency"):
        require_cny(catalogue)


# What a quote makes of them


def findings(catalogue):
    quote = quote_works(works(), RULES, catalogue=catalogue, policy=load_policy(None, on=TODAY))
    told = list(price_findings(quote, RULES, on=TODAY, meter_dn=65))
    return quote, {f.name.key: f for f in told}


def test_what_the_own_list_lacks_is_told(tmp_path):
    quote, told = findings(own(tmp_path, HEAD + ROW))
    assert "040101002" not in quote.doc()["borrowed"] and len(quote.doc()["borrowed"]) > 10
    assert told["check.price-borrowed"].verdict == "warn"
    assert told["check.price-borrowed"].text.render("zh") and told["check.price-borrowed"].text.render("en")
    _, plain = findings(load_catalogue(None, on=TODAY))
    assert "check.price-borrowed" not in plain


# Composites


def test_composites_may_be_parts_of_composites():
    rows = [
        {"code": "a", "item": "b", "factor": "2"}, {"code": "b", "item": "x", "factor": "0.5"},
        {"code": "b", "item": "y", "factor": "1"},
    ]  # fmt: skip
    assert composite_prices(rows, {"x": Decimal(10), "y": Decimal(1)}) == {
        "a": Decimal("12.0000"), "b": Decimal("6.0000"),
    }  # fmt: skip


@pytest.mark.parametrize("rows", [[("a", "b"), ("b", "a")], [("a", "nothing")], [("a", "a")]])
def test_composites_that_go_in_circles_or_nowhere_are_refused(rows):
    with pytest.raises(BadField):
        composite_prices([{"code": c, "item": i, "factor": "1"} for c, i in rows], {})


# One-fee list


def by_list(length_m, meter_dn=50, method="sleeve"):
    rows = load_catalogue(None, on=TODAY).one_fee
    return one_fee(rows, meter_dn=meter_dn, method=method, length_m=length_m, restoration_cny=Decimal("100.00"),
                   quote_total_cny=Decimal("1000.00"), on=TODAY)  # fmt: skip


@pytest.mark.parametrize(
    ("length_m", "more"), [(9.0, "0.00"), (10.0, "0.00"), (10.01, "0.01"), (25.5, "15.50")]
)
def test_the_list_charges_metres_beyond_the_base_length(length_m, more):
    found = by_list(length_m)
    assert found.extra_length_m == Decimal(more)
    row = found.row
    assert found.total_cny == (row.base_cny + Decimal(more) * row.extra_cny_m + 100).quantize(Decimal("0.01"))
    assert found.difference_cny == found.total_cny - 1000


def test_a_case_the_list_lacks_has_no_price_and_no_guess():
    assert by_list(10.0, meter_dn=300) is None
    assert by_list(10.0, meter_dn=80, method="saddle") is None


# Properties


RUN = st.tuples(
    st.sampled_from(["asphalt", "concrete", "paving-brick", "gravel", "soil", "green"]), st.floats(0.5, 300.0),
    st.sampled_from(["arterial", "branch", "lane", ""]),
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(
    st.lists(RUN, min_size=1, max_size=4), st.floats(0.01, 200.0), st.sampled_from(["red-line", "six-zero"])
)
def test_more_length_never_lowers_a_total(runs, more_m, policy):
    catalogue, who = load_catalogue(None, on=TODAY), load_policy(policy, on=TODAY)

    def total(extra_m):
        route = [RoadRun(s, length, "x", kind) for s, length, kind in runs]
        route[-1] = route[-1].longer(extra_m)
        return quote_works(works(*route), RULES, catalogue=catalogue, policy=who).total_cny

    assert total(more_m) >= total(0.0)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(RUN, min_size=1, max_size=4),
    st.floats(0.0, 300.0),
    st.sampled_from(["red-line", "six-zero", "free-all"]),
)
def test_a_quote_with_its_fees_is_the_sum_of_lines_and_of_payers(runs, inside_m, policy):
    job = works(*(RoadRun(s, length, "x", kind) for s, length, kind in runs), inside_m=inside_m)
    quote = quote_works(
        job, RULES, catalogue=load_catalogue(None, on=TODAY), policy=load_policy(policy, on=TODAY)
    )
    document = quote.doc()
    assert sum(Decimal(line["amount_cny"]) for line in document["lines"]) == quote.net_cny
    assert sum(Decimal(side["net_cny"]) for side in document["payers"]) == quote.net_cny
    assert sum(Decimal(tax["tax_cny"]) for tax in document["taxes"]) == quote.tax_cny
    assert (
        quote.customer_total_cny + quote.utility_total_cny == quote.total_cny == quote.net_cny + quote.tax_cny
    )
    fees = [line for line in quote.lines if line.is_fee]
    for line in fees:  # design 4.5 %, supervision 3.3 % of the works on each side of the red line
        works_net = sum(ln.amount_cny for ln in quote.lines if ln.ledger == line.ledger and not ln.is_fee)
        assert line.base_cny == works_net
        assert (line.quantity, line.amount_cny) == (1, line.item.price_cny)
        assert line.amount_cny == (works_net * line.rate).quantize(Decimal("0.01"), ROUND_HALF_UP)


@settings(deadline=None, max_examples=40)
@given(st.lists(RUN, min_size=1, max_size=3), st.floats(0.0, 100.0), st.data())
def test_a_cheaper_catalogue_never_raises_a_total_with_fees_and_taxes_by_rate(runs, inside_m, data):
    job = works(*(RoadRun(s, length, "x", kind) for s, length, kind in runs), inside_m=inside_m)
    catalogue, policy = load_catalogue(None, on=TODAY), load_policy(None, on=TODAY)
    dear = quote_works(job, RULES, catalogue=catalogue, policy=policy)
    factors = {
        item.code: data.draw(st.decimals(0, 1, places=2))
        for item in dear.used
        if item.code in catalogue.items
    }
    items = {
        code: replace(item, price_cny=item.price_cny * factors.get(code, Decimal(1)))
        for code, item in catalogue.items.items()
    }
    cheap = quote_works(job, RULES, catalogue=replace(catalogue, items=items), policy=policy)
    assert cheap.total_cny <= dear.total_cny
    assert cheap.customer_total_cny <= dear.customer_total_cny
