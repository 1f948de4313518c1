"""What an engineer does with a scheme on the page: accept, be refused, withdraw, override, weigh, fetch every file."""

from __future__ import annotations

import csv
import json
import re
import urllib.parse
import urllib.request

import pytest

from tests.e2e.test_journey import a_site, plan

pytestmark = pytest.mark.browser

STARTS = {
    "pdf": b"%PDF",
    "xlsx": b"PK",
    "docx": b"PK",
    "gpkg": b"SQLite format 3",
    "json": b"{",
    "dxf": b"  0",
}


def fetched(served, path: str):
    with urllib.request.urlopen(f"{served.url}/api/v1{path}") as answer:
        return json.load(answer)


def planned(page, site, dwellings: int) -> str:
    """Id of the scheme that the page shows for so many dwellings; another number asks another question."""
    former = page.get_by_test_id("scheme")
    before = former.get_attribute("data-scheme-id") if former.count() else ""
    plan(page, site, dwellings=dwellings)
    page.wait_for_function(
        "id => document.querySelector('[data-testid=scheme]')?.dataset.schemeId !== id", arg=before
    )
    page.get_by_test_id("life").wait_for(timeout=30_000)
    return page.get_by_test_id("scheme").get_attribute("data-scheme-id")


def step(page, name: str, *, reason: str | None = None) -> None:
    page.get_by_test_id(f"life-{name}").click()
    page.get_by_test_id("life-by").fill("王工")
    if reason is not None:
        page.get_by_test_id("life-reason").fill(reason)
    page.get_by_test_id("life-go").click()


def open_listed(page, scheme_id: str) -> None:
    listed = page.get_by_test_id("past-schemes")
    if listed.get_attribute("open") is None:
        listed.locator("summary").click()
    page.locator(f"[data-testid=past-scheme][data-scheme-id={scheme_id}]").click()
    page.wait_for_function(
        "id => document.querySelector('[data-testid=scheme]')?.dataset.schemeId === id", arg=scheme_id
    )
    page.get_by_test_id("life").wait_for(timeout=30_000)


def wait_state(page, state: str) -> None:
    page.locator(f"[data-testid=life][data-state={state}]").wait_for(timeout=60_000)


def test_of_two_schemes_for_one_tapoff_the_second_is_accepted_once_the_first_is_withdrawn(
    open_page, served, faults
):
    page = open_page()
    site = a_site(served.workspace)
    first, second = planned(page, site, 31), planned(page, site, 33)
    taps = [
        fetched(served, f"/schemes/{one}")["options"][0]["connection"]["tapoff_id"] for one in (first, second)
    ]
    assert taps[0] is not None
    assert taps[0] == taps[1]

    open_listed(page, first)
    step(page, "accept")
    wait_state(page, "accepted")
    assert "还有 90 天" in page.get_by_test_id("life-until").inner_text()

    open_listed(page, second)
    step(page, "accept")
    refused = page.get_by_test_id("life-error")
    refused.wait_for(timeout=60_000)
    assert refused.get_attribute("data-code") == "scheme-rival"
    assert taps[0] in refused.inner_text()
    assert fetched(served, f"/schemes/{second}/life")["state"] == "draft"
    faults[:] = [fault for fault in faults if "409" not in fault]

    refused.get_by_test_id("scheme-link").click()
    page.wait_for_function(
        "id => document.querySelector('[data-testid=scheme]')?.dataset.schemeId === id", arg=first
    )
    wait_state(page, "accepted")
    step(page, "withdraw", reason="业主改址")
    wait_state(page, "withdrawn")
    page.get_by_test_id("life-history").locator("summary").click()
    events = page.get_by_test_id("life-event")
    assert [events.nth(k).get_attribute("data-action") for k in range(3)] == ["withdraw", "accept", "draft"]
    assert "业主改址" in events.first.inner_text()
    assert "王工" in events.first.inner_text()

    open_listed(page, second)
    step(page, "accept")
    wait_state(page, "accepted")
    assert fetched(served, f"/schemes/{second}/life")["claim"]["tapoff_id"] == taps[0]
    page.get_by_test_id("past-filter").select_option("accepted")
    rows = page.get_by_test_id("past-scheme")
    assert [rows.nth(k).get_attribute("data-scheme-id") for k in range(rows.count())] == [second]

    page.get_by_test_id("life-undo").click()
    page.get_by_test_id("life-go").click()
    wait_state(page, "withdrawn")
    assert not faults


def test_a_finding_set_aside_with_a_reason_is_computed_again_and_kept_in_the_document(
    open_page, served, faults
):
    page = open_page()
    former = planned(page, a_site(served.workspace), 35)
    page.get_by_test_id("option-details-1").click()
    page.get_by_test_id("override-open").first.click()
    page.get_by_test_id("override-go").click()
    assert "经手人" in page.get_by_test_id("override-fault").inner_text()
    rule = page.locator("[data-testid=finding]:has([data-testid=override-form])").get_attribute("data-rule")
    page.get_by_test_id("override-by").fill("李工")
    page.get_by_test_id("override-reason").fill("已与燃气公司会签")
    page.get_by_test_id("override-go").click()
    page.wait_for_function(
        "id => document.querySelector('[data-testid=scheme]').dataset.schemeId !== id",
        arg=former,
        timeout=60_000,
    )
    told = page.get_by_test_id("finding-override").first
    told.wait_for()
    assert "已与燃气公司会签" in told.inner_text()
    scheme_id = page.get_by_test_id("scheme").get_attribute("data-scheme-id")
    document = fetched(served, f"/schemes/{scheme_id}")
    assert [(one["rule"], one["by"], one["reason"]) for one in document["overrides"]] == [
        (rule, "李工", "已与燃气公司会签")
    ]
    assert not faults


def test_other_weights_rank_anew_at_once_as_the_engine_would(open_page, served, faults):
    page = open_page()
    scheme_id = planned(page, a_site(served.workspace), 48)
    options = fetched(served, f"/schemes/{scheme_id}")["options"]
    asked = len([url for url in page.requests if "/schemes" in url])
    page.keyboard.press("Escape")
    page.get_by_test_id("compare-open").click()
    page.get_by_test_id("weight-tapoff-first").uncheck()
    for name in ("pressure", "digging", "days", "risk"):
        page.get_by_test_id(f"weight-number-{name}").fill("0")
        page.get_by_test_id(f"weight-number-{name}").press("Tab")
    wanted = sorted(options, key=lambda one: float(one["quote"]["total_cny"]))
    columns = page.get_by_test_id("compare-column")
    assert [int(columns.nth(k).get_attribute("data-rank")) for k in range(columns.count())] == [
        one["rank"] for one in wanted
    ]
    shown = page.get_by_test_id("compare-total").first.inner_text().replace(",", "")
    assert float(shown) == pytest.approx(float(wanted[0]["quote"]["total_cny"]), abs=1.0)
    assert len([url for url in page.requests if "/schemes" in url]) == asked
    assert not faults


def test_every_file_of_a_scheme_is_listed_with_its_size_and_comes_down_whole(open_page, served, faults):
    page = open_page()
    scheme_id = planned(page, a_site(served.workspace), 37)
    page.get_by_test_id("option-details-1").click()
    links = page.locator("[data-testid=option-detail] a[download]")
    page.get_by_test_id("download-pdf").wait_for(timeout=30_000)
    found = {}
    for k in range(links.count()):
        address = links.nth(k).get_attribute("href")
        with urllib.request.urlopen(served.url + address) as answer:
            content = answer.read()
        name = urllib.parse.unquote(address.split("/files/")[1])
        start = STARTS.get(name.rsplit(".", 1)[-1])
        assert start is None or content.startswith(start), name
        assert re.search(r"\d (B|kB|MB)", links.nth(k).inner_text()), name
        found[name] = len(content)
    listed = {one["name"]: one["size_bytes"] for one in fetched(served, f"/schemes/{scheme_id}/downloads")}
    assert found == listed
    wanted = {
        "scheme.pdf", "scheme.en.pdf", "customer.pdf", "quote.xlsx", "quote.en.xlsx", "plan.dxf", "scheme.gpkg", "scheme.json",
    }  # fmt: skip
    assert wanted <= set(found)
    assert not faults


def test_outages_of_the_whole_network_are_computed_drawn_and_fetched(open_page, served, faults):
    page = open_page()
    page.get_by_test_id("hydraulics-tab").click()
    page.get_by_test_id("start-outages").click()
    page.get_by_test_id("show-outages").wait_for(timeout=120_000)
    page.get_by_test_id("show-outages").check()
    latest = fetched(served, "/outages")
    with urllib.request.urlopen(f"{served.url}/api/v1/outages/files/outages.csv") as answer:
        rows = list(csv.DictReader(answer.read().decode("utf-8-sig").splitlines()))
    worst = max(rows, key=lambda row: float(row["unserved_lps"]))
    assert latest["document"]["pipes"] == len(rows)
    assert worst["pipe_id"] in page.get_by_test_id("result-outages").inner_text()
    with urllib.request.urlopen(f"{served.url}/api/v1/outages/files/map.geojson") as answer:
        drawn = {one["properties"]["pipe_id"] for one in json.load(answer)["features"]}
    assert drawn == {
        row["pipe_id"] for row in rows if float(row["unserved_lps"]) > 0 or int(row["customers_out"]) > 0
    }
    page.wait_for_function("() => document.querySelector('[data-testid=map]').dataset.mapState === 'idle'")
    assert not faults


def test_a_point_that_lost_is_taken_with_a_reason_and_given_back_to_the_ranking(open_page, served, faults):
    page = open_page()
    scheme_id = planned(page, a_site(served.workspace), 41)
    lost = fetched(served, f"/schemes/{scheme_id}")["rejected"]
    row = next(k for k, one in enumerate(lost) if one["connection"]["kind"] == "new-tap" and one["score"])
    page.get_by_test_id("rejected").locator("summary").click()
    entry = page.locator(f"[data-testid=rejected] [data-testid=rejected-row][data-row='{row}']")
    entry.get_by_test_id("pin-open").click()
    entry.get_by_test_id("pin-by").fill("赵工")
    entry.get_by_test_id("pin-reason").fill("甲方要求由北侧接入")
    entry.get_by_test_id("pin-go").click()
    page.get_by_test_id("pinned").wait_for(timeout=60_000)
    assert "甲方要求由北侧接入" in page.get_by_test_id("pinned").inner_text()
    document = fetched(served, f"/schemes/{page.get_by_test_id('scheme').get_attribute('data-scheme-id')}")
    first = document["options"][0]
    assert first["connection"]["pipe_id"] == lost[row]["connection"]["pipe_id"]
    assert (first["pinned"]["by"], first["pinned"]["reason"]) == ("赵工", "甲方要求由北侧接入")
    page.get_by_test_id("pin-drop").click()
    page.wait_for_function(
        "id => document.querySelector('[data-testid=scheme]').dataset.schemeId === id",
        arg=scheme_id,
        timeout=60_000,
    )
    assert not faults
