"""The data room in a real Chromium: bring a delivery, correct it, import it, see its issues and differences, go back."""

from __future__ import annotations

import json
import shutil
import urllib.request

import geopandas as gpd
import pytest
import shapely

from api.positions import wire_position
from gis.store import open_store
from tests.e2e.conftest import Served, start_server

pytestmark = pytest.mark.browser
READ_MS = 60_000


@pytest.fixture(scope="module")
def delivered(sample_workspace, tmp_path_factory):
    """A server of its own, for these journeys change the network; and a delivery as a surveyor sends it."""
    root = tmp_path_factory.mktemp("delivered")
    shutil.copytree(sample_workspace, root / "w")
    pipes = open_store(root / "w").open().pipes.iloc[:1950].copy()
    pipes["dn"] = pipes["dn"].astype("float")
    pipes.loc[pipes.index[:30], "dn"] = 400.0
    table = gpd.GeoDataFrame(
        {
            "GXBH": pipes["pipe_id"], "GJ_IN": (pipes["dn"] / 25.4).round(4), "CZ": ["竹管" if k < 5 else "球墨铸铁" for k in range(len(pipes))],
            "JSND": pipes["install_year"].astype("float"), "geometry": shapely.force_2d(pipes.geometry.to_numpy()),
        },
        crs=pipes.crs,
    )  # fmt: skip
    table.to_file(root / "供水管.gpkg", layer="GX_2026", driver="GPKG")
    server, url = start_server(root / "w")
    yield Served(url, root / "w"), root / "供水管.gpkg"
    server.terminate()
    server.wait(20)


@pytest.fixture
def room(chromium, delivered, faults):
    """Open the data room in a fresh profile."""
    contexts = []

    def open_it(view, **options):
        context = chromium.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.requests = []
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{delivered[0].url}/#tab=data&view={view}")
        page.get_by_test_id("network-version").wait_for(timeout=30_000)
        return page

    yield open_it
    for context in contexts:
        context.close()


def asked(served, path):
    with urllib.request.urlopen(f"{served.url}/api/v1{path}") as answer:
        return json.load(answer)


def value(locator) -> int:
    return int(locator.get_attribute("data-value"))


def version_shown(page) -> str:
    return page.get_by_test_id("network-version").inner_text()


def test_a_delivery_is_corrected_checked_imported_compared_and_taken_back(room, delivered, faults):
    served, file = delivered
    page = room("import")
    before = version_shown(page)

    page.get_by_test_id("file-input").set_input_files(file)
    page.get_by_test_id("table-editor").wait_for(timeout=READ_MS)
    page.get_by_test_id("table-layer").select_option("pipes")
    size = page.locator("[data-testid=column-row][data-column=GJ_IN]")
    size.get_by_test_id("column-attribute").select_option(label="公称直径")
    size.get_by_test_id("column-unit").select_option("in")
    first = page.get_by_test_id("preview-row").first.get_by_test_id("cell-dn")
    first.filter(has_text="DN400").wait_for(timeout=READ_MS)
    assert "15.748" in first.inner_text(), "the raw value stands beside"

    material = page.locator("[data-testid=column-row][data-column=CZ]")
    material.get_by_test_id("column-attribute").select_option(label="管材")
    page.get_by_test_id("preview-row").first.get_by_test_id("cell-material").filter(has_text="竹管").wait_for(
        timeout=READ_MS
    )
    material.get_by_test_id("column-codes").click()
    page.get_by_test_id("code-竹管").select_option("PVC")
    page.get_by_test_id("preview-row").first.get_by_test_id("cell-material").filter(
        has_text="聚氯乙烯"
    ).wait_for(timeout=READ_MS)
    assert "EPSG:4548" in page.get_by_test_id("preview-crs").inner_text()
    with page.expect_download() as download:
        page.get_by_test_id("mapping-download").click()
    assert "竹管" in download.value.path().read_text(encoding="utf-8")

    page.get_by_test_id("check").click()
    page.get_by_test_id("check-pending").wait_for(timeout=READ_MS)
    assert value(page.get_by_test_id("count-pipes")) == pytest.approx(1950, abs=40)
    assert value(page.get_by_test_id("check-valves-removed")) > 400
    page.get_by_test_id("publish-by").fill("李工")
    page.get_by_test_id("publish").click()
    result = page.get_by_test_id("import-result")
    result.wait_for(timeout=READ_MS)
    assert result.get_attribute("data-state") == "pending"
    assert version_shown(page) == before, "what waits for consent changes nothing"
    version = result.get_attribute("data-version")

    page.get_by_test_id("data-versions").click()
    row = page.locator(f"[data-testid=version-row][data-version={version}]")
    row.get_by_test_id("version-approve").click()
    page.get_by_test_id("reason-by").fill("王工")
    page.get_by_test_id("reason-text").fill("城东管网已核对，设施另行导入")
    page.get_by_test_id("reason-go").click()
    page.wait_for_function(
        f"() => document.querySelector('[data-testid=network-version]').innerText === '{version}'",
        timeout=READ_MS,
    )

    row.get_by_test_id("version-compare").click()
    page.get_by_test_id("diff-pipes").wait_for(timeout=READ_MS)
    told = asked(served, f"/versions/{before}/diff/{version}?limit=0")["layers"]["pipes"]
    for kind in ("added", "changed", "removed"):
        assert value(page.get_by_test_id(f"diff-pipes-{kind}")) == told[kind]
    page.get_by_test_id("diff-pipes").click()
    page.get_by_test_id("change-row").first.click()
    assert any("/diff/" in url and ".mvt" in url for url in page.requests)
    page.get_by_test_id("close-comparison").click()

    page.locator(f"[data-testid=version-row][data-version={before}]").get_by_test_id(
        "version-rollback"
    ).click()
    page.get_by_test_id("reason-text").fill("先退回，等设施数据")
    page.get_by_test_id("reason-go").click()
    page.wait_for_function(
        f"() => document.querySelector('[data-testid=network-version]').innerText === '{before}'",
        timeout=READ_MS,
    )
    history = asked(served, "/versions/history")
    assert [(entry["action"], entry["reason"]) for entry in history[-2:]] == [
        ("approve", "城东管网已核对，设施另行导入"), ("rollback", "先退回，等设施数据"),
    ]  # fmt: skip
    assert not faults


def test_issues_are_counted_listed_walked_and_switched_off(room, delivered, faults):
    served, _ = delivered
    page = room("issues")
    page.locator("[data-testid^=kind-count]").first.wait_for(timeout=READ_MS)
    kinds = asked(served, f"/versions/{version_shown(page)}/issues/kinds")
    assert value(page.get_by_test_id("issues-total")) == kinds["total"]
    kind = max(kinds["kinds"], key=lambda one: one["placed"])["kind"]
    page.get_by_test_id(f"kind-{kind}").click()
    row = page.get_by_test_id("issue-row").first
    row.click()
    popup = page.get_by_test_id("issue-popup")
    popup.wait_for()
    listed = asked(served, f"/versions/{version_shown(page)}/issues?kind={kind}&limit=2")["issues"]
    assert popup.get_by_test_id("issue-message").inner_text() == listed[0]["message"]
    assert listed[0]["message_en"] in popup.inner_text()
    page.get_by_test_id("next-issue").click()
    popup.filter(has_text=listed[1]["message"]).wait_for()
    page.get_by_test_id(f"kind-shown-{kind}").uncheck()
    popup.wait_for(state="detached")
    assert any("/issues/tiles/" in url for url in page.requests)
    strangers = [url for url in page.requests if not url.startswith((served.url, "data:", "blob:"))]
    assert strangers == []
    assert not faults


def test_a_click_gives_the_site_card_of_the_json_and_its_coordinates(room, delivered, faults):
    served, _ = delivered
    network = open_store(served.workspace).open()
    tapoff = network.tapoffs.geometry.iloc[0]
    lon, lat = wire_position(network, (tapoff.x, tapoff.y))
    page = room("versions", permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{served.url}/#map=18/{lon}/{lat}&tab=data&view=versions")
    page.reload()
    page.locator("[data-map-state=idle]").wait_for(timeout=READ_MS)
    box = page.get_by_test_id("map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.get_by_test_id("card-running").wait_for(timeout=READ_MS)
    place = page.get_by_test_id("card-place").inner_text()
    told = asked(served, f"/site-card?at={place.replace(' ', '')}")
    shown = [one.get_attribute("data-id") for one in page.get_by_test_id("card-tapoff").all()]
    assert shown == [one["id"] for one in told["tapoffs"]]
    pressure = page.get_by_test_id("card-pressure").locator("[data-value]").get_attribute("data-value")
    assert float(pressure) == told["peak_pressure_mpa"]
    page.get_by_test_id("copy-position").click()
    page.wait_for_function("async want => (await navigator.clipboard.readText()) === want", arg=place)
    assert not faults
