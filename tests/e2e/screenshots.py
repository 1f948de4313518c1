"""`make screenshots`: the pictures of the README, taken from the sample city served as a user would see it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import geopandas as gpd
from playwright.sync_api import sync_playwright

from api.network.imports import import_into
from gis.sample.city import write_sample
from gis.store import open_store
from tests.conftest import LAUNCH
from tests.e2e.conftest import start_server
from tests.e2e.test_journey import a_site, plan
from tests.prepare import browser

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"


def main() -> None:
    """Serve a fresh sample city and photograph it."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "w"
        write_sample(Path(folder) / "sources", seed=7, pipes=2000)
        import_into(workspace, [Path(folder) / "sources"])
        server, url = start_server(workspace)
        try:
            with sync_playwright() as playwright:
                chromium = playwright.chromium.launch(executable_path=browser(), args=LAUNCH)
                _desktop(chromium, url, workspace)
                _tablet(chromium, url, workspace)
                _delivery(chromium, url, workspace, Path(folder) / "供水管.gpkg")
                chromium.close()
            _book(url, workspace)
        finally:
            server.terminate()
            server.wait(20)


def _open(chromium, url, **options):
    page = chromium.new_context(locale="zh-CN", **options).new_page()
    page.goto(url)
    page.get_by_test_id("network-version").wait_for()
    page.wait_for_timeout(3000)
    return page


def _desktop(chromium, url, workspace) -> None:
    page = _open(chromium, url, viewport={"width": 1440, "height": 900})
    plan(page, a_site(workspace))
    page.get_by_test_id("option-card-1").locator("button").first.click()
    page.wait_for_timeout(3000)
    page.screenshot(path=PICTURES / "scheme.png")
    page.get_by_test_id("compare-open").click()
    page.wait_for_timeout(500)
    page.screenshot(path=PICTURES / "compare.png")
    page.get_by_test_id("compare-close").click()
    page.get_by_test_id("renewal-tab").click()
    page.get_by_test_id("renewal-run").click()
    page.get_by_test_id("renewal-row").first.wait_for(timeout=90_000)
    page.get_by_test_id("renewal-row").first.locator("button").first.click()
    page.wait_for_timeout(3000)
    page.screenshot(path=PICTURES / "renewal.png")


def _tablet(chromium, url, workspace) -> None:
    page = _open(chromium, url, viewport={"width": 1180, "height": 820}, has_touch=True, is_mobile=True)
    plan(page, a_site(workspace))
    page.wait_for_timeout(3000)
    page.screenshot(path=PICTURES / "tablet.png")


def _delivery(chromium, url, workspace, file) -> None:
    pipes = open_store(workspace).open().pipes
    table = gpd.GeoDataFrame(
        {"GXBH": pipes["pipe_id"], "GJ": pipes["dn"], "CZ": pipes["material"], "geometry": pipes.geometry},
        crs=pipes.crs,
    )
    table.to_file(file, layer="GX_2026", driver="GPKG")
    page = _open(chromium, f"{url}/#tab=data&view=import", viewport={"width": 1440, "height": 900})
    page.get_by_test_id("file-input").set_input_files(file)
    page.get_by_test_id("preview-row").first.wait_for(timeout=60_000)
    page.wait_for_timeout(4000)
    page.screenshot(path=PICTURES / "import.png")


def _book(url, workspace) -> None:
    import json
    import urllib.request

    import pypdfium2
    from PIL import Image

    with urllib.request.urlopen(f"{url}/api/v1/schemes") as answer:
        listed = json.load(answer)
    schemes = listed["schemes"] if isinstance(listed, dict) else listed
    with urllib.request.urlopen(f"{url}/api/v1/schemes/{schemes[0]['id']}/files/scheme.pdf") as answer:
        book = pypdfium2.PdfDocument(answer.read())
    pages = [book[number].render(scale=1.1).to_pil() for number in (0, 2, 4)]
    sheet = Image.new("RGB", (sum(page.width for page in pages), pages[0].height), "white")
    for number, page in enumerate(pages):
        sheet.paste(page, (number * page.width, 0))
    sheet.save(PICTURES / "book.png", optimize=True)


if __name__ == "__main__":
    main()
