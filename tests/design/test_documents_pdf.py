"""The scheme book: every figure of the document is on paper, every text is only text, every page says what it rests on."""

import re
from decimal import ROUND_HALF_EVEN, Decimal

import pypdfium2
import pytest
from shapely.geometry import Point

from design.documents.scheme_pdf import write_pdf
from maps.picture import plan_svg
from tests.built_site import site_part
from tests.design import scheme_builder as town

NOT_PRINTED = {"fraction", "coordinates", "k"}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def plans():
    return [
        plan_svg(
            layers=town.surroundings(), route_line=line, tie_in_xy=line.coords[0], site=Point(line.coords[-1]),
            title=f"接水平面图 {rank}", labels={"service": f"接户管 {rank}"},
        )
        for rank, line in ((rank, town.route_line(rank)) for rank in (1, 2, 3))
    ]  # fmt: skip


def pages(scheme, tmp_path, *, language="zh", with_plans=True):
    file = tmp_path / "scheme.pdf"
    write_pdf(scheme, file, plans=plans() if with_plans else [], fonts=site_part("fonts"), language=language)
    book = pypdfium2.PdfDocument(file)
    try:
        return [page.get_textpage().get_text_range() for page in book]
    finally:
        book.close()


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


def test_every_figure_of_the_proposed_option_is_in_the_book(book):
    scheme = town.scheme()
    option = scheme["options"][0]
    printed = {Decimal(n) for n in NUMBER.findall(" ".join(book))}
    figures = [*numbers_of(scheme["demand"]), *numbers_of({k: v for k, v in option.items() if k != "check"})]
    check = option["check"]
    nodes = [check["worst_neighbour"], *check["most_affected"]]
    figures += numbers_of({k: v for k, v in check.items() if not isinstance(v, list | dict)})
    figures += [
        (key, Decimal(str(node[key])))
        for node in nodes
        for key in ("pressure_before_mpa", "pressure_after_mpa")
    ]

    def on_paper(key, value):
        places = 4 if key.endswith("_mpa") or key in {"measured", "limit", "value"} else 3
        return value in printed or value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN) in printed

    assert [pair for pair in figures if not on_paper(*pair)] == []


def test_every_line_and_sum_of_the_quote_is_printed_to_the_cent(book):
    quote = town.scheme()["options"][0]["quote"]
    text = run_together("".join(book))

    amounts = [line[key] for line in quote["lines"] for key in ("quantity", "price_cny", "amount_cny")]
    amounts += [
        quote[key] for key in ("net_cny", "tax_cny", "total_cny", "customer_total_cny", "utility_total_cny")
    ]
    assert [amount for amount in amounts if amount not in text] == []


def test_verdicts_clauses_reasons_and_rejections_are_all_there(book):
    scheme = town.scheme()
    text = run_together("".join(book))
    wanted = [
        finding[key] for finding in scheme["options"][0]["findings"] for key in ("name", "clause", "text")
    ]
    wanted += [reason for option in scheme["options"] for reason in option["reasons"]]
    wanted += [entry["reason"] for entry in scheme["rejected"]]
    wanted += [
        a[key] for a in scheme["options"][0]["assemblies"] for key in ("code", "name", "drawing", "reason")
    ]
    wanted += [p[key] for p in scheme["options"][0]["permits"] for key in ("name", "authority", "basis")]
    wanted += ["满足", "注意"]

    assert [words for words in wanted if run_together(words) not in text] == []


def test_rare_characters_markup_and_formulas_are_printed_letter_by_letter(book):
    text = run_together("".join(book))

    for words in (town.RARE_NAME, town.EVIL_MARKUP, town.EVIL_FORMULA):
        assert run_together(words) in text


def test_every_page_names_versions_and_its_number(book):
    made = town.scheme()["provenance"]

    for number, page in enumerate(book, 1):
        text = run_together(page)
        for words in (
            made["network_version"],
            made["prices"],
            made["engine"],
            made["software"],
            made["created"],
            *made["rules"],
        ):
            assert run_together(words) in text
        assert f"第{number}页共{len(book)}页" in text


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

    assert "Water Connection Scheme" in text
    assert "No tapping of transmission mains." in text
    assert "Page 1 of" in text


def test_the_same_scheme_gives_the_same_file(tmp_path):
    fonts = site_part("fonts")
    for name in ("a.pdf", "b.pdf"):
        write_pdf(town.scheme(), tmp_path / name, plans=plans(), fonts=fonts)

    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
