"""The quote workbook: recomputed from its cells it gives the document's sums; what people typed stays text."""

import re
from decimal import ROUND_HALF_UP, Decimal

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from design.documents.sheets.quote_xlsx import write_quote
from tests.design import scheme_builder as town

OURS = re.compile(
    r"[=(]*(ROUND|SUMIFS?|SUM|\$?[GDFHIK]\$?\d+|\d|[-+*,:()\"]|<>|用户|供水企业|第三方|红线外|红线内|Customer|Third party)+\)*"
)
CELL = re.compile(r"\b([A-K]\d+)(?::([A-K]\d+))?\b")


def workbook(scheme, tmp_path, **options):
    file = tmp_path / "quote.xlsx"
    write_quote(scheme, file, **options)
    return openpyxl.load_workbook(file)


class Recomputed:
    """A small spreadsheet: works out the formulas of a sheet in decimals, as a reader of the file would."""

    def __init__(self, page):
        self.page = page

    def value(self, at):
        raw = self.page[at].value
        if not isinstance(raw, str) or self.page[at].data_type != "f":
            return Decimal(str(raw)) if isinstance(raw, int | float) else raw
        python = CELL.sub(
            lambda m: f"area('{m[1]}','{m[2]}')" if m[2] else f"one('{m[1]}')", raw[1:].replace("$", "")
        )
        names = {
            "area": self.area,
            "one": self.value,
            "ROUND": self.rounded,
            "SUM": sum,
            "SUMIF": self.sumif,
            "SUMIFS": self.sumifs,
        }
        return eval(re.sub(r"(?<![\w'.])(\d+)(?![\w'.])", r"\1", python), {"__builtins__": {}}, names)

    def area(self, first, last):
        return [self.value(cell.coordinate) for row in self.page[f"{first}:{last}"] for cell in row]

    @staticmethod
    def rounded(value, digits):
        return Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)

    @staticmethod
    def sumif(keys, key, values):
        return sum((v for k, v in zip(keys, values, strict=True) if k == key), Decimal(0))

    @staticmethod
    def sumifs(values, *pairs):
        rows = zip(values, *pairs[::2], strict=True)
        return sum((row[0] for row in rows if list(row[1:]) == list(pairs[1::2])), Decimal(0))


def sums_of(page):
    """Value by label of the rows under the lines."""
    book = Recomputed(page)
    labels = {
        "不含税合计": "net_cny",
        "税金": "tax_cny",
        "含税合计": "total_cny",
        "用户承担": "customer_total_cny",
        "供水企业承担": "utility_total_cny",
    }
    return {
        labels[row[2].value]: book.value(row[6].coordinate)
        for row in page.iter_rows()
        if row[2].value in labels
    }


def test_the_cells_alone_give_the_sums_of_the_document_to_the_cent(tmp_path):
    scheme = town.scheme()
    quote = scheme["options"][0]["quote"]

    found = sums_of(workbook(scheme, tmp_path)["报价单"])

    assert found == {key: Decimal(quote[key]) for key in found}
    assert len(found) == 5


def test_every_amount_is_a_formula_over_quantity_and_price(tmp_path):
    scheme = town.scheme()
    page = workbook(scheme, tmp_path)["报价单"]
    book = Recomputed(page)
    rows = [row for row in page.iter_rows() if isinstance(row[0].value, int)]

    assert [row[6].data_type for row in rows] == ["f"] * 10
    assert [book.value(row[6].coordinate) for row in rows] == [
        Decimal(line["amount_cny"]) for line in scheme["options"][0]["quote"]["lines"]
    ]


def test_tax_that_leaves_out_third_party_fees_is_still_live(tmp_path):
    scheme = town.scheme()
    quote = scheme["options"][0]["quote"]
    lines = quote["lines"]

    def net(keep):
        return sum(Decimal(line["amount_cny"]) for line in lines if keep(line))

    def tax(keep):
        return (net(lambda line: keep(line) and line["ledger"] != "third-party") * Decimal("0.09")).quantize(
            Decimal("0.01"), ROUND_HALF_UP
        )

    total = net(lambda _: True) + tax(lambda _: True)
    customer = net(lambda line: line["payer"] == "customer") + tax(lambda line: line["payer"] == "customer")
    for line in lines:
        line["tax_rate"] = "0" if line["ledger"] == "third-party" else "0.09"
    quote |= {
        "tax_cny": str(tax(lambda _: True)),
        "total_cny": str(total),
        "customer_total_cny": str(customer),
        "utility_total_cny": str(total - customer),
    }

    page = workbook(scheme, tmp_path)["报价单"]

    assert sums_of(page) == {key: Decimal(quote[key]) for key in sums_of(page)}
    assert all(row[6].data_type == "f" for row in page.iter_rows() if row[2].value in {"税金", "用户承担"})


def test_an_amount_no_formula_gives_stands_as_the_number_it_is(tmp_path):
    scheme = town.scheme()
    scheme["options"][0]["quote"]["lines"][0]["amount_cny"] = "7000.00"

    page = workbook(scheme, tmp_path)["报价单"]
    row = next(row for row in page.iter_rows() if row[0].value == 1)

    assert (row[6].data_type, row[6].value) == ("n", 7000)


def test_formulas_carry_their_value_for_readers_that_do_not_compute(tmp_path):
    workbook(town.scheme(), tmp_path)
    rows = CalamineWorkbook.from_path(tmp_path / "quote.xlsx").get_sheet_by_name("报价单").to_python()

    totals = {row[2]: row[6] for row in rows}

    assert totals["含税合计"] == 40402.86
    assert totals["不含税合计"] == 37066.84


def test_no_text_of_a_person_becomes_a_formula(tmp_path):
    book = workbook(town.scheme(), tmp_path)

    formulas = [
        cell.value for page in book for row in page.iter_rows() for cell in row if cell.data_type == "f"
    ]
    evil = [
        cell for page in book for row in page.iter_rows() for cell in row if cell.value == town.EVIL_FORMULA
    ]

    assert formulas
    assert all(OURS.fullmatch(formula) for formula in formulas)
    assert evil
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in evil)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from("=+-@\t\r\n＝＋－＠"), st.text(max_size=12))
def test_whatever_a_name_begins_with_it_stays_text(tmp_path, start, rest):
    scheme = town.scheme(name=start + rest)
    scheme["options"][0]["findings"][0]["name"] = start + rest

    book = workbook(scheme, tmp_path)

    assert book["校核结论"]["A2"].data_type in {"s", "n"}
    assert not any(cell.data_type == "f" for row in book["校核结论"].iter_rows() for cell in row)


def test_numbers_are_numbers_on_every_sheet(tmp_path):
    book = workbook(town.scheme(), tmp_path)
    option = town.scheme()["options"][0]

    pressures = {row[0].value: [cell.value for cell in row[1:5]] for row in book["压力校核"].iter_rows()}
    findings = {row[0].value: row[2].value for row in book["校核结论"].iter_rows()}
    compared = {row[0].value: [cell.value for cell in row[2:5]] for row in book["方案比选"].iter_rows()}

    assert pressures["用水点"] == [31.25, 0.331, 0.318, 0.28]
    assert findings["接户管流速"] == 0.578
    assert compared["报价合计"] == [float(o["quote"]["total_cny"]) for o in town.scheme()["options"]]
    assert compared["路由长度"][0] == option["route"]["length_m"]


def test_rare_characters_survive(tmp_path):
    book = workbook(town.scheme(), tmp_path)

    texts = {cell.value for page in book for row in page.iter_rows() for cell in row}

    assert f"{town.RARE_NAME} {town.EVIL_MARKUP}" in texts


def test_each_sheet_prints_on_a4_and_keeps_its_heads_in_sight(tmp_path):
    book = workbook(town.scheme(), tmp_path)

    assert book.sheetnames == ["报价单", "方案比选", "压力校核", "校核结论", "依据"]
    assert all(
        page.page_setup.paperSize == 9 and page.sheet_properties.pageSetUpPr.fitToPage for page in book
    )
    assert [page.freeze_panes for page in book][:4] == ["A9", "A2", "A2", "A2"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_same_scheme_gives_the_same_file(tmp_path, language):
    for name in ("a.xlsx", "b.xlsx"):
        write_quote(town.scheme(), tmp_path / name, language=language)

    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_scheme_without_options_still_gives_a_workbook(tmp_path):
    book = workbook(town.scheme(options=[], feasible=False), tmp_path)

    assert book.sheetnames == ["报价单", "方案比选", "依据"]
