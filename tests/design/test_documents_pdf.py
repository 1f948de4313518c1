"""The scheme book: every figure of the document is on paper, every text is only text, every page says what it rests on."""

import re
from decimal import ROUND_HALF_UP, Decimal

import pypdfium2
import pytest
from shapely.geometry import Point

from design.documents.pictures import PlanPicture, SchemePictures
from design.documents.scheme_pdf import Press
from maps.plan.picture import plan_sheet, plan_svg
from tests.built_site import site_part
from tests.design import scheme_builder as town

NOT_PRINTED = {"fraction", "coordinates", "k", "position", "kind", "angle_deg"}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def pictures():
    line = town.route_line(1)
    site = Point(line.coords[-1])
    sheet = plan_sheet(line, site)
    common = {"layers": town.surroundings(), "route_line": line, "tie_in_xy": line.coords[0], "site": site}
    plan = plan_svg(**common, title="接水平面图", sheet=sheet, labels={"service": "接户管"})
    overview = plan_svg(**common, title="比选", others=[town.route_line(2), town.route_line(3)])
    return SchemePictures(
        (PlanPicture(plan, sheet.paper, sheet.scale),), overview, plan_svg(**common, title="位置")
    )


def read(file):
    book = pypdfium2.PdfDocument(file)
    try:
        return [page.get_textpage().get_text_range() for page in book]
    finally:
        book.close()


def pages(scheme, tmp_path, *, language="zh", with_plans=True):
    file = tmp_path / "scheme.pdf"
    with Press(site_part("fonts")) as press:
        press.book(scheme, file, pictures=pictures() if with_plans else SchemePictures(), language=language)
    return read(file)


def customer(scheme, tmp_path, *, language="zh", contact=""):
    file = tmp_path / "customer.pdf"
    with Press(site_part("fonts")) as press:
        press.customer_page(scheme, file, pictures=SchemePictures(), contact=contact, language=language)
    return read(file)


def run_together(text):
    """Text without the line breaks and spaces of typesetting."""
    return re.sub(r"[\s\u200b\ufffe]+", "", text)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return pages(town.scheme(), tmp_path_factory.mktemp("pdf"))


def numbers_of(value, key=""):
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in NOT_PRINTED:
                yield from numbers_of(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from numbers_of(inner, key)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield key, Decimal(str(value))


def test_every_figure_of_the_proposed_option_is_in_the_book_to_two_decimals(book):
    scheme = town.scheme()
    option = scheme["options"][0]
    printed = {Decimal(n) for n in NUMBER.findall(" ".join(book))}
    kept = {k: option[k] for k in ("service_pipe", "meter", "workdays")}
    figures = [*numbers_of({k: v for k, v in scheme["demand"].items() if k != "clauses"}), *numbers_of(kept)]
    check = option["check"]
    figures += numbers_of({k: v for k, v in check.items() if not isinstance(v, list | dict)})
    nodes = [check["worst_neighbour"], *check["most_affected"]]
    figures += [
        (key, Decimal(str(node[key])))
        for node in nodes
        for key in ("pressure_before_mpa", "pressure_after_mpa")
    ]

    def on_paper(key, value):
        places = 3 if key.endswith("_mpa") else 2 if key.endswith(("_m", "_lps", "_mps")) else 1
        return value in printed or value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) in printed

    assert [pair for pair in figures if not on_paper(*pair)] == []


def test_every_line_and_sum_of_the_quote_is_printed_to_the_cent(book):
    quote = town.scheme()["options"][0]["quote"]
    text = run_together("".join(book))

    amounts = [line["quantity"] for line in quote["lines"]]
    amounts += [f"{Decimal(line[key]):,}" for line in quote["lines"] for key in ("price_cny", "amount_cny")]
    sums = ("net_cny", "tax_cny", "total_cny", "customer_total_cny", "utility_total_cny")
    amounts += [f"{Decimal(quote[key]):,}" for key in sums]
    assert [amount for amount in amounts if amount not in text] == []


def test_verdicts_clauses_reasons_and_rejections_are_all_there(book):
    scheme = town.scheme()
    text = run_together("".join(book))
    wanted = [
        finding[key] for finding in scheme["options"][0]["findings"] for key in ("name", "clause", "text")
    ]
    wanted += [reason for option in scheme["options"] for reason in option["reasons"]]
    wanted += [entry["reason"] for entry in scheme["rejected"]]
    wanted += [a[key] for a in scheme["options"][0]["assemblies"] for key in ("name", "drawing", "reason")]
    wanted += [p[key] for p in scheme["options"][0]["permits"] for key in ("name", "authority", "basis")]
    wanted += ["满足", "注意"]

    assert [words for words in wanted if run_together(words) not in text] == []


def test_rare_characters_markup_and_formulas_are_printed_letter_by_letter(book):
    text = run_together("".join(book))

    for words in (town.RARE_NAME, town.EVIL_MARKUP, town.EVIL_FORMULA):
        assert run_together(words) in text


def test_text_pages_tell_their_number_and_what_they_rest_on_and_one_of_them_all_rules(book):
    made = town.scheme()["provenance"]
    told = [page for page in book if "页" in page and f"共 {len(book)} 页" in page]

    for number, page in enumerate(told, 1):
        text = run_together(page)
        assert f"第{number}页共{len(book)}页" in text
        for words in (
            made["network_version"],
            made["prices"],
            made["engine"],
            made["software"],
            "JS-2026-0042",
        ):
            assert run_together(words) in text
    wanted = [run_together(words) for words in (*made["rules"], made["created"])]
    assert any(all(words in run_together(page) for words in wanted) for page in told)


def test_every_drawing_sheet_has_its_number_scale_date_and_systems(book):
    sheets = [run_together(page) for page in book if "图号" in page and "张次" in page]

    assert len(sheets) == 2  # plan and profile: the town's details have no drawing of ours
    for number, sheet in enumerate(sheets, 1):
        for words in (
            f"JS-2026-0042-{number:02d}",
            f"{number}/2",
            "EPSG:4548",
            "v-7f3a91c2",
            "2026-11-21",
            "设计",
            "批准",
        ):
            assert words in sheet
    assert "1:500" in sheets[0]


def test_synthetic_data_is_marked_on_every_page_and_real_data_on_none(book, tmp_path):
    scheme = town.scheme()
    scheme["provenance"]["synthetic"] = False
    real = pages(scheme, tmp_path, with_plans=False)

    assert all("合成数据 SYNTHETIC" in page for page in book)
    assert not any("不得用于施工" in page for page in real)


def test_measured_and_limit_never_read_alike_when_they_differ(book):
    text = "".join(book)

    assert "0.13996" in text


def test_typesetting_commands_in_names_are_not_obeyed(tmp_path):
    name = '#panic("x") $x^2$ *bold* `raw` \\ @ref <label> //comment'

    text = run_together("".join(pages(town.scheme(name=name), tmp_path, with_plans=False)))

    assert run_together(name) in text


def test_a_scheme_without_any_option_still_says_why(tmp_path):
    text = "".join(pages(town.scheme(options=[], feasible=False), tmp_path))

    assert "不可行" in text
    assert "预留至 2027-03-31" in text


def test_the_book_reads_in_english_too(tmp_path):
    text = "".join(pages(town.scheme(), tmp_path, language="en", with_plans=False))

    for words in (
        "Water Connection Scheme",
        "No tapping of transmission mains.",
        "Page 1 of",
        "Longitudinal profile",
    ):
        assert words in text


def test_the_profile_names_what_is_crossed_and_where(book):
    sheet = next(run_together(page) for page in book if "纵断面" in page and "张次" in page)

    for words in (
        "0+000.00",
        "0+034.00",
        "0+056.00",
        "29.68",
        "污水管",
        "WS1",
        "1.29",
        "MQ1",
        "纵向放大",
        "横向1:500",
    ):
        assert words in sheet


def test_the_customer_learns_yes_price_days_and_whom_to_call_on_one_page(tmp_path):
    (text,) = customer(town.scheme(), tmp_path, contact="热线 96118")
    text = run_together(text)
    quote = town.scheme()["options"][0]["quote"]

    assert "可以接水" in text
    for key in ("customer_total_cny", "utility_total_cny"):
        assert f"{Decimal(quote[key]):,}" in text
    for words in ("DN300", "DN100", "56m", "10个工作日", "热线96118", "用水申请表"):
        assert words in text


def test_the_customer_learns_why_not(tmp_path):
    scheme = town.scheme(feasible=False)
    scheme["options"] = [scheme["options"][2]]
    (text,) = customer(scheme, tmp_path)

    assert "暂不能直接接水" in text
    assert run_together(scheme["options"][0]["findings"][0]["text"]) in run_together(text)


def test_a_sign_no_font_has_is_told_by_its_code_point_on_the_page(tmp_path):
    text = run_together("".join(pages(town.scheme(name="\U0002a6d6园"), tmp_path, with_plans=False)))

    assert "〔U+2A6D6〕园" in text
    assert "没有字形，以码位代替：U+2A6D6" in text


def test_the_same_scheme_gives_the_same_file(tmp_path):
    for name in ("a.pdf", "b.pdf"):
        with Press(site_part("fonts")) as press:
            press.book(town.scheme(), tmp_path / name, pictures=pictures())

    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_texts_longer_than_a_page_are_printed_whole(tmp_path):
    scheme = town.scheme()
    told = "".join(f"第{n}句，沿线管线须探明。" for n in range(3500))  # more than 40,000 signs
    scheme["options"][0]["findings"][0]["text"] = told
    scheme["options"][0]["quote"]["lines"][0]["basis"] = told
    scheme["rejected"][0]["reason"] = told
    scheme["request"]["site"] = {"address": told}
    pages(scheme, tmp_path, with_plans=False)
    with pypdfium2.PdfDocument(tmp_path / "scheme.pdf") as book:
        seen = [
            page.get_textpage().get_text_bounded(
                left=30, bottom=45, right=page.get_width() - 20, top=page.get_height() - 40
            )
            for page in book
        ]
    text = run_together("".join(seen))

    # Seen on the paper, not only kept in the file; the head of a table may stand between two sentences.
    assert [n for n in range(3500) if text.count(f"第{n}句") < 4] == []
