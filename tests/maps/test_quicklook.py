"""The quick maps: one page, nothing fetched, no name obeyed."""

import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.errors import MapError
from maps.quick.inline import markup_name, script_text, script_value
from maps.quick.quicklook import _rendered, connection_map, renewal_map
from tests.built_site import site_part
from tests.design import scheme_builder as town

TEMPLATE_CODE = "{{7*7}}{% raw %}{# x #}{{''.__class__}}"


def option(rank=1, **changes):
    return {
        "label": f"方案 {rank}", "feasible": rank < 3, "chosen": rank == 1,
        "geometry": town.scheme()["options"][rank - 1]["route"]["geometry"],
        "rows": [("接水点", f"T-0012 {town.EVIL_MARKUP}"), ("备注", TEMPLATE_CODE)],
        "points": [{"label": "预留口 T-0012", "position": town.lonlat(*town.ROUTES_XY[rank][0]), "kind": "tie-in"}], **changes,
    }  # fmt: skip


def page(**changes):
    values = {
        "options": [option(1), option(2), option(3)], "surroundings": town.surroundings(), "bounds": None, "synthetic": True,
        "title": f"{town.RARE_NAME} {town.EVIL_MARKUP}", "vendor": site_part("vendor"), "fonts": site_part("fonts"),
    }  # fmt: skip
    return connection_map(**(values | changes))


@pytest.fixture(scope="module")
def html():
    return page()


class Tags(HTMLParser):
    """Start tags with their attributes, and the text of scripts and titles."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.texts, self._open = [], {"script": [], "title": [], "style": []}, None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._open = tag

    def handle_data(self, data):
        if self._open in self.texts:
            self.texts[self._open].append(data)

    def handle_endtag(self, tag):
        self._open = None


def features(html):
    found = re.findall(r"^tapwrightLayer\((.*), feature_group_\w+\);$", html, flags=re.MULTILINE)
    return [feature for group in found for feature in json.loads(group)]


def test_nothing_on_the_page_is_fetched(html):
    tags = Tags(html)

    assert [a for tag, a in tags.tags if tag in {"link", "iframe", "img", "object", "embed"}] == []
    assert [a for tag, a in tags.tags if tag == "script" and "src" in a] == []
    assert re.findall(r"(?:src|href)\s*=\s*[\"']?\s*(?:https?:)?//", html) == []
    assert {u[:5] for u in re.findall(r"url\(\s*[\"']?([^)]{5})", " ".join(tags.texts["style"]))} <= {
        "data:",
        "#defa",
    }
    assert "@import" not in html
    assert "sourceMappingURL" not in html


def test_names_reach_the_page_as_data_and_nothing_else(html):
    tags = Tags(html)
    popups = {tuple(row) for feature in features(html) for row in feature["properties"]["p"]}

    assert ("接水点", f"T-0012 {town.EVIL_MARKUP}") in popups
    assert ("备注", TEMPLATE_CODE) in popups
    assert ("名称", f"{town.RARE_NAME} {town.EVIL_MARKUP}") in popups
    assert "".join(tags.texts["title"]) == f"{town.RARE_NAME} {town.EVIL_MARKUP}"
    assert not any("alert(" in script and "<script" in script for script in tags.texts["script"])


@given(
    st.recursive(
        st.text() | st.integers() | st.booleans(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_a_value_in_a_script_reads_back_as_itself_and_ends_nothing(value):
    text = str(script_value(value))

    assert json.loads(text) == value
    assert not re.search(r"[<>&']|\{\{|\{%|\{#|\u2028|\u2029", text)


@given(st.text())
def test_a_layer_name_is_neither_markup_nor_template(name):
    text = markup_name(name)

    assert not re.search(r"[<>\"'{]", text)


def test_routes_lie_where_the_document_has_them(html):
    lines = [
        f["geometry"]["coordinates"] for f in features(html) if f["properties"]["t"].startswith("方案 1")
    ]

    assert lines == [town.scheme()["options"][0]["route"]["geometry"]["coordinates"]]


def test_surroundings_are_turned_into_lon_lat_to_a_centimetre(html):
    valve = next(f for f in features(html) if f["properties"]["t"] == "阀门 FM-7")
    lon, lat = town.lonlat(110, -8)

    assert valve["geometry"]["coordinates"] == pytest.approx([lon, lat], abs=1e-7)


def test_synthetic_data_is_marked_and_real_data_is_not(html):
    assert '"合成数据 SYNTHETIC"' in html
    assert '"合成数据 SYNTHETIC"' not in page(synthetic=False)


def test_a_model_without_a_crs_is_drawn_on_plain_coordinates():
    around = {name: table.set_crs(None, allow_override=True) for name, table in town.surroundings().items()}
    line = {"type": "LineString", "coordinates": [[town.EAST, town.NORTH], [town.EAST + 50, town.NORTH]]}
    text = page(surroundings=around, options=[option(geometry=line, points=[])])

    assert "L.CRS.Simple" in text
    assert any(f["geometry"]["coordinates"] == [town.EAST + 110, town.NORTH - 8] for f in features(text))


def test_a_page_without_options_or_surroundings_still_opens():
    assert "<html>" in page(options=[], surroundings={})


def test_a_resource_nobody_listed_stops_the_page_instead_of_leaking():
    import folium
    from folium.plugins import Fullscreen

    map_page = folium.Map(tiles=None)
    Fullscreen().add_to(map_page)

    with pytest.raises(KeyError):
        _rendered(map_page, title="x", vendor=site_part("vendor"), language="zh", font="")


def test_a_missing_vendor_file_is_named(tmp_path):
    with pytest.raises(MapError) as refusal:
        script_text(tmp_path, "leaflet.js")

    assert refusal.value.code == "vendor-file-missing"
    assert refusal.value.params["file"].endswith("leaflet.js")


def renewal_layers():
    pipes = town.surroundings()["pipes"]
    rows = pipes.assign(
        label_zh=f"JS1 {town.EVIL_MARKUP}", label_en="JS1", popup_zh=f"灰口铸铁,{TEMPLATE_CODE}", popup_en="grey iron",
        year=[2027, 2028, None, 2027],
    )  # fmt: skip
    return {
        "pipes": pipes,
        "candidates": rows.drop(columns="year"),
        "coordinated": rows,
        "bans": rows.iloc[:0],
    }


def test_a_renewal_run_shows_its_years_and_sentences():
    text = renewal_map(layers=renewal_layers(), synthetic=True, title="更新计划", vendor=site_part("vendor"))
    shown = [f for f in features(text) if f["properties"]["t"] == f"JS1 {town.EVIL_MARKUP}"]
    by_year = {f["properties"]["s"]["color"] for f in shown[4:]}

    assert len(shown) == 8
    assert shown[0]["properties"]["p"] == [["", f"灰口铸铁,{TEMPLATE_CODE}"]]
    assert len(by_year) == 3  # two years, and one pipe without a year
    assert '"统筹结果 2027"' in text


def test_outcomes_of_coordination_have_their_colours_and_words():
    pipes = town.surroundings()["pipes"]
    table = pipes.assign(
        label_zh="管段", popup_zh="句子", outcome=["free", "after-ban", "free", "with-programme"],
        outcome_zh=["另行安排", "禁挖期后实施", "另行安排", "随工程实施"],
    )  # fmt: skip

    text = renewal_map(
        layers={"coordinated": table}, synthetic=False, title="统筹", vendor=site_part("vendor")
    )

    assert len({f["properties"]["s"]["color"] for f in features(text)}) == 3
    assert all(f'"统筹结果 {words}"' in text for words in ("另行安排", "禁挖期后实施", "随工程实施"))


@pytest.mark.browser
def test_in_a_browser_the_page_opens_alone_with_its_own_letters(html, tmp_path, chromium):
    file = tmp_path / "map.html"
    file.write_text(html, encoding="utf-8")
    asked, said = [], []
    view = chromium.new_page(viewport={"width": 1200, "height": 800})
    view.on("request", lambda request: asked.append(request.url))
    view.on("console", lambda message: said.append(message.text))
    view.on("pageerror", lambda error: said.append(str(error)))
    view.on("dialog", lambda dialog: said.append(dialog.message))
    view.goto(file.as_uri())
    view.wait_for_selector("path.leaflet-interactive")
    view.locator('path[stroke="#d81b60"]').first.click(force=True)
    popup = view.wait_for_selector(".tapwright-popup").inner_text()
    heading = view.locator("h1").inner_text()
    own_letters = view.evaluate(
        "document.fonts.ready.then(() => [...document.fonts].filter(f => f.status === 'loaded').length)"
    )
    switches = view.locator(".leaflet-control-layers-overlays label").all_inner_texts()
    view.close()

    assert [url for url in asked if not url.startswith(("data:", "file:", "blob:"))] == []
    assert said == []
    assert town.EVIL_MARKUP in popup
    assert TEMPLATE_CODE in popup
    assert heading == f"{town.RARE_NAME} {town.EVIL_MARKUP}"
    assert own_letters == 2  # simplified Chinese, and 𠮷 from the fallback
    assert [s.strip() for s in switches][-1] == "方案 1"
