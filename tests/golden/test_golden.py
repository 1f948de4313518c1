"""
Eighteen reviewed sites: the scheme's facts, the text of the PDFs, the entities of the DXF, the cells of the XLSX.

After a wanted change: `python -m tests.golden.regenerate`, then read `git diff tests/golden` figure by figure.
"""

import math
import re
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

import ezdxf
import numpy as np
import openpyxl
import pyogrio
import pypdfium2
import pytest
import shapely

from gis.crs import from_lonlat
from gis.progress import SILENT
from tests.built_site import site_part
from tests.golden.facts import facts_of, kept
from tests.golden.sites import SAMPLE, SANTBOI, request
from tests.golden.town import opened, santboi_workspace

CHINESE = re.compile("[\u3400-\u9fff\U00020000-\U0002ebef]")


class Town:
    """A group of sites on one open workbench; each is planned and written once."""

    def __init__(self, group, bench, folder):
        self.group, self.bench, self.folder = group, bench, folder
        self.made = {}

    def scheme(self, name):
        if name not in self.made:
            self.made[name] = self.bench.scheme(
                request(self.group, name), self.folder / name, progress=SILENT
            )
        return self.made[name], self.folder / name


@pytest.fixture(scope="module")
def sample(sample_workspace, tmp_path_factory):
    site_part("fonts")
    bench = opened(sample_workspace)
    yield Town("sample", bench, tmp_path_factory.mktemp("golden"))
    bench.close()


@pytest.fixture(scope="module")
def santboi(shared_data, tmp_path_factory):
    site_part("fonts")
    bench = opened(santboi_workspace(tmp_path_factory.mktemp("santboi")))
    yield Town("santboi", bench, tmp_path_factory.mktemp("golden-santboi"))
    bench.close()


@pytest.fixture(params=[("sample", name) for name in SAMPLE] + [
    pytest.param(("santboi", name), marks=pytest.mark.real_data) for name in SANTBOI
], ids=lambda pair: "-".join(pair))  # fmt: skip
def case(request):
    group, name = request.param
    town = request.getfixturevalue(group)
    scheme, folder = town.scheme(name)
    return town, name, scheme, folder


@cache
def drawing_of(file):
    return ezdxf.readfile(file)


@cache
def pages_of(file):
    with pypdfium2.PdfDocument(file) as book:
        return [re.sub(r"[\s\u200b\ufffe]+", "", page.get_textpage().get_text_range()) for page in book]


def text_of(file):
    return "".join(pages_of(file))


def test_a_site_gets_the_reviewed_scheme(case):
    town, name, scheme, _ = case
    reviewed, now = kept(town.group)[name], facts_of(scheme)

    assert now == reviewed


def test_the_figures_agree_with_plain_arithmetic(case):
    _, _, scheme, _ = case
    for option in scheme["options"]:
        pipe, quote = option["service_pipe"], option["quote"]
        bore_m2 = math.pi * (pipe["inner_diameter_mm"] / 1000) ** 2 / 4
        flow_m3s = scheme["demand"]["design_flow_lps"] / 1000
        assert pipe["velocity_mps"] == pytest.approx(flow_m3s / bore_m2, rel=2e-3)
        assert pipe["headloss_m"] == pytest.approx(pipe["friction_m"] + pipe["local_m"], abs=2e-3)
        amounts = [Decimal(line["amount_cny"]) for line in quote["lines"]]
        for line, amount in zip(quote["lines"], amounts, strict=True):
            exact = Decimal(line["quantity"]) * Decimal(line["price_cny"])
            assert amount == exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert sum(amounts) == Decimal(quote["net_cny"])
        assert Decimal(quote["net_cny"]) + Decimal(quote["tax_cny"]) == Decimal(quote["total_cny"])
        payers = Decimal(quote["customer_total_cny"]) + Decimal(quote["utility_total_cny"])
        assert payers == Decimal(quote["total_cny"])
        length_m = sum(run["length_m"] for run in option["route"]["surfaces"])
        assert length_m == pytest.approx(option["route"]["length_m"], abs=0.01)


def test_the_book_says_what_was_reviewed(case):
    town, name, scheme, folder = case
    told = kept(town.group)[name]
    text = text_of(folder / "scheme.pdf")
    pipe = re.sub(r"\s", "", told["pipe"])
    wanted = [
        pipe,
        f"{told['length_m']:.1f}m",
        f"{told['velocity_mps']:.2f}m/s",
        "设计说明",
        f"{scheme['id']}-01",
    ]
    wanted += [f"{Decimal(amount):,}" for amount in told["sums_cny"]]
    wanted += [f"{pressure:.3f}" for pressure in told["pressure_mpa"]]
    wanted += ["可行" if told["feasible"] else "不可行", re.sub(r"\s", "", request(town.group, name)["name"])]

    assert [words for words in wanted if words not in text] == []


def test_the_customers_page_answers_yes_or_no_and_the_price(case):
    town, name, _, folder = case
    told = kept(town.group)[name]
    with pypdfium2.PdfDocument(folder / "customer.pdf") as page:
        assert len(page) == 1
    text = text_of(folder / "customer.pdf")

    assert ("可以接水" if told["feasible"] else "暂不能直接接水") in text
    if told["feasible"]:
        assert f"{Decimal(told['sums_cny'][3]):,}" in text


@pytest.mark.parametrize("file", ["scheme.en.pdf", "customer.en.pdf"])
def test_the_english_papers_have_no_chinese_but_names(case, file):
    town, _, scheme, folder = case
    pages, network = pages_of(folder / file), town.bench.network
    names = {scheme["name"].partition(" ")[0], scheme["request"]["applicant"]}
    for layer, column in (("streets", "name"), ("parcels", "name"), ("communities", "name")):
        table = network.layer(layer)
        names |= {str(name) for name in table[column].dropna()} if column in table else set()
    # Words on a plan are turned and run together: there the signs of the names are all that may stand.
    assert {sign for page in pages for sign in page if CHINESE.match(sign)} <= set("".join(names))
    for page in pages:
        if "Legend" in page:
            continue
        for name in sorted(names, key=len, reverse=True):
            page = page.replace(re.sub(r"\s", "", name), "")
        assert [page[max(0, hit.start() - 12) : hit.end() + 12] for hit in CHINESE.finditer(page)] == []


def test_the_english_quote_has_no_chinese_but_the_name_of_the_project(case):
    _, _, scheme, folder = case
    book = openpyxl.load_workbook(folder / "quote.en.xlsx")
    cells = [
        str(cell.value)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]
    assert [text for text in cells if CHINESE.search(text) and text != scheme["name"]] == []


def test_the_drawing_holds_the_route_to_the_millimetre(case):
    town, _, scheme, folder = case
    option, crs = scheme["options"][0], town.bench.network.crs
    route = [from_lonlat(crs, *place) for place in option["route"]["geometry"]["coordinates"]]
    drawing = drawing_of(folder / "plan.dxf")
    model = drawing.modelspace()

    assert drawing.audit().errors == []
    second = (option["inlets"]["second"] or {}).get("route")
    inlets = 1 if second is None else 2
    lines = [pipe for pipe in model.query("LWPOLYLINE") if pipe.dxf.layer == "给水-设计"]
    assert len(lines) == inlets
    assert np.abs(np.array(lines[0].get_points("xy")) - np.array(route)).max() < 0.001
    if second is not None:
        places = [from_lonlat(crs, *place) for place in second["geometry"]["coordinates"]]
        assert np.abs(np.array(lines[1].get_points("xy")) - np.array(places)).max() < 0.001
    blocks = [block.dxf.name for block in model.query("INSERT")]
    assert [blocks.count(name) for name in ("TW-TIEIN", "TW-METER", "TW-SITE")] == [inlets, inlets, 1]
    tabs = [layout.name for layout in drawing.layouts]
    assert {"接水平面图", "接户管纵断面图"} <= {tab.split(" ")[0] for tab in tabs}
    views = [
        view for tab in tabs if tab.startswith("接水平面图") for view in drawing.layout(tab).query("VIEWPORT")
    ]
    scales = {round(view.dxf.view_height / view.dxf.height * 1000) for view in views if view.dxf.id != 1}
    assert 500 in scales
    tie = next(block for block in model.query("INSERT") if block.dxf.name == "TW-TIEIN")
    assert math.dist(tuple(tie.dxf.insert.vec2), route[0]) < 0.001


def test_another_reader_sees_the_same_drawing(case):
    _, _, _, folder = case
    pyogrio.set_gdal_config_options({"DXF_ENCODING": "UTF-8"})
    try:
        seen = pyogrio.read_dataframe(folder / "plan.dxf")
    finally:
        pyogrio.set_gdal_config_options({"DXF_ENCODING": None})
    lines = [
        shapely.LineString(pipe.get_points("xy"))
        for pipe in drawing_of(folder / "plan.dxf").modelspace().query("LWPOLYLINE")
        if pipe.dxf.layer == "给水-现状"
    ]
    theirs = shapely.union_all(seen[seen["Layer"] == "给水-现状"].geometry.to_numpy())

    assert shapely.hausdorff_distance(theirs, shapely.union_all(lines)) < 0.001


def test_the_workbook_has_every_line_of_the_quote_and_the_name(case):
    _, _, scheme, folder = case
    book = openpyxl.load_workbook(folder / "quote.xlsx")
    cells = [
        cell
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if cell is not None
    ]
    words = "\n".join(str(cell) for cell in cells)

    assert scheme["name"] in words
    for line in scheme["options"][0]["quote"]["lines"]:
        assert line["name"] in words
