"""What the hydraulics of a site and of the whole network look like on the page: every figure is that of the JSON."""

from __future__ import annotations

import json
import urllib.request

import pytest

from api.positions import wire_position
from gis.store import open_store
from tests.e2e.test_journey import a_site, scheme_on
from tests.e2e.test_scheme_journey import fetched

pytestmark = pytest.mark.browser


def sent(served, path, body):
    request = urllib.request.Request(
        f"{served.url}/api/v1{path}", data=json.dumps(body).encode(), headers={"content-type": "application/json"}
    )  # fmt: skip
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def middle_of(served, pipe_id):
    network = open_store(served.workspace).open()
    pipes = network.pipes.set_index("pipe_id")
    point = pipes.geometry[pipe_id].interpolate(0.5, normalized=True)
    return wire_position(network, (point.x, point.y))


def look_at(page, served, place, tab, zoom=18):
    page.goto(f"{served.url}/#map={zoom}/{place[0]}/{place[1]}&tab={tab}")
    page.reload()
    page.get_by_test_id("network-version").wait_for(timeout=90_000)
    page.locator("[data-map-state=idle]").wait_for(timeout=90_000)
    box = page.get_by_test_id("map").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def until(page, holds, *, tries=300):
    """Wait for what the page does in its own time; fails where it never does."""
    for _ in range(tries):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError("did not come")


def test_outages_are_drawn_by_class_from_tiles_and_named_beside_the_pointer(open_page, served, faults):
    page = open_page()
    page.get_by_test_id("hydraulics-tab").click()
    page.get_by_test_id("start-outages").click()
    page.get_by_test_id("show-outages").wait_for(timeout=300_000)
    run = fetched(served, "/outages")
    worst = run["document"]["worst_pipe_id"]
    x, y = look_at(page, served, middle_of(served, worst), "hydraulics")
    page.get_by_test_id("show-outages").check()
    legend = page.get_by_test_id("legend-outages")
    legend.wait_for(timeout=90_000)
    told = fetched(served, f"/outages/runs/{run['run']}/map")
    for one in told["classes"]:
        box = legend.get_by_test_id(f"class-outages-{one['class']}")
        assert box.is_enabled() == (one["count"] > 0)
        assert f"{one['count']:,}" in box.locator("xpath=..").inner_text()
    until(page, lambda: any(f"/outages/runs/{run['run']}/tiles/" in url for url in page.requests))
    page.locator("[data-map-state=idle]").wait_for(timeout=90_000)
    assert not any("map.geojson" in url for url in page.requests)
    page.mouse.move(x + 40, y + 40)
    page.mouse.move(x, y, steps=4)
    tip = page.get_by_test_id("figure-tip")
    tip.wait_for(timeout=30_000)
    assert worst in tip.inner_text()
    assert "L/s" in tip.inner_text()

    gravest = next(one["class"] for one in told["classes"] if one["count"])
    legend.get_by_test_id(f"class-outages-{gravest}").uncheck()
    page.wait_for_timeout(300)
    page.locator("[data-map-state=idle]").wait_for(timeout=90_000)
    page.mouse.move(x + 40, y + 40)
    page.mouse.move(x, y, steps=4)
    until(page, lambda: tip.count() == 0 or worst not in tip.inner_text())  # its class is not drawn
    assert not faults


def test_valves_to_shut_and_who_is_out_are_shown_for_a_pipe_and_again_when_one_does_not_turn(
    open_page, served, faults
):
    network = open_store(served.workspace).open()
    pipe = network.layer("customers")["pipe_id"].dropna().iloc[0]
    place = middle_of(served, pipe)
    page = open_page()
    x, y = look_at(page, served, place, "scheme")
    page.get_by_test_id("tool-view").click()
    page.mouse.click(x, y)
    page.locator(f"[data-testid=isolate][data-pipe='{pipe}']").first.click(timeout=90_000)
    page.get_by_test_id("closure-valve").first.wait_for(timeout=90_000)
    told = sent(served, "/isolations", {"pipe": pipe})
    shown = [one.get_attribute("data-id") for one in page.get_by_test_id("closure-valve").all()]
    assert shown == [one["id"] for one in told["valves"]]
    assert page.get_by_test_id("closure-customers").get_attribute("data-value") == str(told["customers_out"])
    assert set(told["valve_positions"]) == set(shown)

    page.get_by_test_id("closure-fail").first.click()
    first = next(one["failed_valve"] for one in told["alternatives"] if one["failed_valve"] in shown)
    page.get_by_test_id("closure-anew").wait_for(timeout=90_000)
    page.get_by_test_id("closure-valve").first.wait_for(timeout=90_000)
    other = sent(served, "/isolations", {"pipe": pipe, "failed_valves": [first]})
    assert page.get_by_test_id("closure-customers").get_attribute("data-value") == str(other["customers_out"])
    assert first not in [one.get_attribute("data-id") for one in page.get_by_test_id("closure-valve").all()]
    page.get_by_test_id("closure-end").click()
    assert page.get_by_test_id("closure").count() == 0
    assert not faults


def test_a_second_inlet_is_asked_for_and_told_with_the_range_of_the_pressure(open_page, served, faults):
    page = open_page()
    lon, lat = a_site(served.workspace)
    page.get_by_test_id("site-lon").fill(str(lon))
    page.get_by_test_id("site-lat").fill(str(lat))
    page.get_by_test_id("site-lat").press("Tab")
    page.get_by_test_id("inlets").select_option("2")
    page.get_by_test_id("generate").click()
    page.get_by_test_id("option-card-1").wait_for(timeout=60_000)
    document = scheme_on(page, served)
    assert document["request"]["supply"]["inlets"] == 2
    option = document["options"][0]
    page.get_by_test_id("option-details-1").click()
    section = page.get_by_test_id("second-inlet")
    section.wait_for(timeout=90_000)
    second = option["inlets"]["second"]
    assert str(second["site_pressure_after_mpa"]) in section.get_by_test_id("second-pressure").inner_text()
    assert option["connection"]["pipe_id"] in section.get_by_test_id("second-pressure").inner_text()
    band = option["check"]["range"]
    assert page.get_by_test_id("range").get_attribute("data-verdict") == band["verdict"]
    assert f"{band['low_m']:.1f}" in page.get_by_test_id("range").inner_text()
    assert "未经率定" in page.get_by_test_id("range").inner_text()

    for _ in range(4):  # back over the choice of an option, the scheme, and what was typed
        if page.get_by_test_id("inlets").input_value() == "2":
            page.get_by_test_id("undo").click()
    assert page.get_by_test_id("inlets").input_value() == ""
    assert not faults
