"""A person's way through the page in a real Chromium: every figure shown is the figure of the JSON."""

from __future__ import annotations

import json
import re
import urllib.request

import pytest

from api.positions import wire_position
from gis.store import open_store

pytestmark = pytest.mark.browser


def a_site(workspace) -> tuple[float, float]:
    """Inside a residential parcel near the middle of the district."""
    network = open_store(workspace).open()
    parcels = network.layer("parcels")
    homes = parcels[parcels["use"] == "residential"].geometry
    middle = network.pipes.union_all().centroid
    point = homes.iloc[int(homes.distance(middle).argmin())].representative_point()
    return wire_position(network, (point.x, point.y))


def plan(page, site, *, dwellings=48, storeys=6):
    lon, lat = site
    page.get_by_test_id("site-lon").fill(str(lon))
    page.get_by_test_id("site-lat").fill(str(lat))
    page.get_by_test_id("use-type").select_option("residential")
    page.get_by_test_id("use-amount").fill(str(dwellings))
    page.get_by_test_id("storeys").fill(str(storeys))
    page.get_by_test_id("site-lat").press("Tab")
    page.get_by_test_id("generate").click()
    page.get_by_test_id("option-card-1").wait_for(timeout=60_000)


def scheme_on(page, served) -> dict:
    """The document behind what the page shows, fetched apart from the page."""
    page.get_by_test_id("option-card-1").locator("button").first.click()
    scheme_id = re.search(r"S[0-9a-f]{12}", page.url)[0]
    with urllib.request.urlopen(f"{served.url}/api/v1/schemes/{scheme_id}") as answer:
        return json.load(answer)


def shown(card, name: str) -> str:
    return card.get_by_test_id(name).get_attribute("data-value")


def assert_cards_show(page, document):
    for option in document["options"]:
        card = page.get_by_test_id(f"option-card-{option['rank']}")
        assert shown(card, "option-total") == option["quote"]["total_cny"]
        assert float(shown(card, "option-length")) == option["route"]["length_m"]
        check = option["check"]
        assert float(shown(card, "option-pressure-before")) == check["site_pressure_before_mpa"]
        assert float(shown(card, "option-pressure-after")) == check["site_pressure_after_mpa"]
        words = card.inner_text()
        assert f"{float(option['quote']['total_cny']):,.2f}" in words
        assert str(check["site_pressure_after_mpa"]) in words


def test_a_site_becomes_ranked_schemes_whose_figures_are_those_of_the_json(open_page, served, faults):
    page = open_page()
    assert "合成数据" in page.get_by_test_id("synthetic-badge").inner_text()

    plan(page, a_site(served.workspace))
    document = scheme_on(page, served)

    assert len(document["options"]) >= 3
    assert document["summary"] in page.get_by_test_id("scheme-summary").inner_text()
    assert_cards_show(page, document)
    page.get_by_test_id("option-card-2").locator("button").first.click()
    detail = page.get_by_test_id("option-detail")
    detail.wait_for()
    second = document["options"][1]
    assert (
        detail.get_by_test_id("quote-total")
        .locator("[data-value]")
        .or_(detail.get_by_test_id("quote-total"))
        .first.get_attribute("data-value")
        == second["quote"]["total_cny"]
    )
    words = detail.inner_text()
    assert all(finding["clause"] in words for finding in second["findings"])
    assert not faults


def test_the_files_come_down_whole(open_page, served, tmp_path, faults):
    page = open_page()
    plan(page, a_site(served.workspace))
    page.get_by_test_id("option-card-1").locator("button").first.click()
    for name, start in (("pdf", b"%PDF"), ("xlsx", b"PK"), ("gpkg", b"SQLite format 3")):
        with page.expect_download() as download:
            page.get_by_test_id(f"download-{name}").first.click()
        path = tmp_path / name
        download.value.save_as(path)
        assert path.read_bytes().startswith(start)
    assert not faults


def test_the_whole_journey_works_with_every_foreign_origin_blocked(open_page, served, faults):
    page = open_page(blocked=True)
    plan(page, a_site(served.workspace))
    assert_cards_show(page, scheme_on(page, served))
    page.get_by_test_id("renewal-tab").click()

    strangers = [url for url in page.requests if not url.startswith((served.url, "data:", "blob:"))]
    assert strangers == []
    assert any(".mvt" in url for url in page.requests)
    assert not faults


def test_a_click_on_the_map_on_a_tablet_gives_a_site(open_page, served, faults):
    page = open_page(viewport={"width": 1180, "height": 820}, has_touch=True, is_mobile=True)
    box = page.get_by_test_id("map").bounding_box()
    page.wait_for_timeout(3000)
    page.get_by_test_id("tool-site").tap()
    page.touchscreen.tap(box["x"] + box["width"] * 0.55, box["y"] + box["height"] * 0.5)
    page.wait_for_function("() => document.querySelector('[data-testid=site-lon]').value !== ''")
    page.get_by_test_id("generate").tap()
    page.get_by_test_id("option-card-1").wait_for(timeout=60_000)
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, select, input, a[download]')]
            .filter(e => e.offsetParent !== null)
            .map(e => [e.dataset.testid || e.innerText.slice(0, 20), e.getBoundingClientRect()])
            .filter(([, r]) => r.height > 0 && r.height < 40)
            .map(([name, r]) => `${name} ${Math.round(r.height)}`)"""
    )
    assert small == []
    assert not faults


def test_a_decision_on_a_renewal_candidate_survives_the_next_run_and_a_reload(open_page, served, faults):
    page = open_page()
    page.get_by_test_id("renewal-tab").click()
    page.get_by_test_id("renewal-run").click()
    row = page.get_by_test_id("renewal-row").first
    row.wait_for(timeout=90_000)
    pipe_id = row.get_attribute("data-pipe-id")
    row.locator("button").first.click()
    assert page.get_by_test_id("renewal-evidence").first.inner_text().strip()
    page.get_by_test_id("decision-dismiss").click()
    page.get_by_test_id("decision-reason").fill("已列入道路改造，现场确认")
    page.get_by_test_id("decision-save").click()
    page.get_by_test_id("decision-current").wait_for()

    page.get_by_test_id("renewal-run").click()
    page.wait_for_timeout(3000)
    page.reload()
    page.get_by_test_id("renewal-tab").click()
    page.locator("[data-testid=renewal-row]").first.wait_for(timeout=60_000)
    with urllib.request.urlopen(f"{served.url}/api/v1/renewal") as answer:
        kept = json.load(answer)
    assert kept["decisions"][pipe_id]["decision"] == "dismiss"
    assert kept["decisions"][pipe_id]["reason"] == "已列入道路改造，现场确认"
    assert not faults


def test_nonsense_is_refused_in_words_on_the_page(open_page, served):
    page = open_page()
    page.get_by_test_id("site-lon").fill("10")
    page.get_by_test_id("site-lat").fill("10")
    page.get_by_test_id("site-lat").press("Tab")
    page.get_by_test_id("generate").click()
    error = page.get_by_test_id("error").first
    error.wait_for(timeout=60_000)
    assert "坐标" in error.inner_text() or "管网范围" in error.inner_text()
