"""The plan picture: true scale, only what is there, every text only text."""

import re
import xml.etree.ElementTree as ET

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point

from gis.ways.redline import red_line_crossing
from gis.schema import conform
from maps.plan.picture import plan_svg
from maps.plan.svg import label_box, wrapped
from tests.design import scheme_builder as town

SVG = "{http://www.w3.org/2000/svg}"
ROUTE_COLOUR = "#d81b60"


def plan(rank=1, *, layers=None, **options):
    line = options.pop("route", None) or town.route_line(rank)
    values = {"title": "接水平面图", "site": Point(line.coords[-1]), **options}
    return ET.fromstring(
        plan_svg(
            layers=town.surroundings() if layers is None else layers,
            route_line=line,
            tie_in_xy=line.coords[0],
            **values,
        )
    )


def texts(root):
    return [element.text for element in root.iter(f"{SVG}text")]


def scale_of(root):
    return int(next(t for t in texts(root) if re.fullmatch(r"1:\d+", t)).removeprefix("1:"))


def path_points(element):
    return np.array(
        [[float(n) for n in pair.split()] for pair in re.findall(r"-?[\d.]+ -?[\d.]+", element.get("d"))]
    )


def drawn_route(root):
    """Paper positions [mm] of the route's own line."""
    paths = [
        p
        for p in root.iter(f"{SVG}path")
        if p.get("stroke") == ROUTE_COLOUR and p.get("stroke-linejoin") == "round"
    ]
    return path_points(paths[0])


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_a_metre_on_the_ground_is_its_scale_on_paper(rank):
    root = plan(rank)
    line = town.route_line(rank)

    on_paper = np.hypot(*np.diff(drawn_route(root), axis=0).T)
    on_ground = np.hypot(*np.diff(shapely.get_coordinates(line), axis=0).T)

    assert on_paper == pytest.approx(on_ground * 1000 / scale_of(root), abs=0.02)
    assert root.get("width") == "174mm"
    assert root.get("viewBox").split()[2] == "174"


def test_north_is_up_and_east_is_right():
    first, last = drawn_route(plan(route=LineString([(500_000, 4_000_000), (500_030, 4_000_040)]), layers={}))

    assert last[0] > first[0]
    assert last[1] < first[1]


@pytest.mark.parametrize("hint", [500, 1000, 2500])
def test_the_picture_is_never_larger_than_the_scale_asked_for(hint):
    assert scale_of(plan(scale_hint=hint)) >= hint


def test_a_route_of_many_kilometres_still_fits_the_sheet():
    root = plan(route=LineString([(500_000, 4_000_000), (530_000, 4_020_000)]), layers={})
    points = drawn_route(root)

    assert points.min() >= 0
    assert points[:, 0].max() <= 174


def test_names_and_markup_are_shown_letter_by_letter():
    root = plan(title=f"{town.RARE_NAME} {town.EVIL_MARKUP}", labels={"tie_in": town.EVIL_MARKUP})

    assert f"{town.RARE_NAME} {town.EVIL_MARKUP}" in texts(root)  # the parcel's own name
    assert town.EVIL_MARKUP in texts(root)
    assert root.find(f"{SVG}title").text == f"{town.RARE_NAME} {town.EVIL_MARKUP}"
    assert not list(root.iter("script")) + list(root.iter(f"{SVG}script"))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_no_text_breaks_the_picture(title, label):
    root = plan(layers={}, title=title, labels={"service": label, "site": label})

    assert root.tag == f"{SVG}svg"


def test_the_legend_names_what_is_drawn_and_nothing_else():
    full, bare = texts(plan()), texts(plan(layers={}))

    assert {
        "现状给水 DN300",
        "现状给水 DN800",
        "预留口（空闲）",
        "预留口（不可用）",
        "用地红线",
        "燃气",
        "污水",
    } <= set(full)
    assert "热力" not in full
    assert not {"用地红线", "燃气", "阀门", "预留口（空闲）"} & set(bare)
    assert {"新建接户管", "接水点", "水表", "用水地点"} <= set(bare)


def test_mains_streets_buildings_and_legs_are_labelled():
    shown = texts(plan())

    for words in ("DN300 球墨铸铁 2009", "DN800 钢管", "经十路", "6层", "34.0 m", "22.0 m", "EPSG:4548"):
        assert words in shown


def test_labels_on_the_map_do_not_cover_each_other():
    root = plan(
        labels={"tie_in": "接水点 T-0012 DN100", "service": "接户管 dn110 L=56.0 m", "meter": "水表 DN50"}
    )
    boxes = []
    for text in root.find(f"{SVG}g").iter(f"{SVG}text"):
        size = float(text.get("font-size"))
        if text.get("fill") == "#777" or size < 2.0 or text.text == "M":
            continue  # grid figures lie under everything; the M is a symbol
        turn = float((text.get("transform") or "rotate(0").split("(")[1].split()[0].rstrip(")"))
        place = (float(text.get("x")), float(text.get("y")))
        boxes.append(label_box(text.text, place, size_mm=size, turn_deg=turn, anchor=text.get("text-anchor")))

    assert len(boxes) >= 8
    assert not any(
        a.buffer(-0.05).intersects(b.buffer(-0.05)) for i, a in enumerate(boxes) for b in boxes[:i]
    )


def test_what_lies_far_away_is_left_out_and_long_lines_are_cut():
    far = gpd.GeoDataFrame(
        [{"pipe_id": "far", "dn": 600}, {"pipe_id": "long", "dn": 400}],
        geometry=[
            LineString([(0, 0), (100, 0)]),
            LineString([(town.EAST - 90_000, town.NORTH - 8), (town.EAST + 90_000, town.NORTH - 8)]),
        ],
        crs=town.CRS,
    )
    root = plan(layers={"pipes": conform(far, "pipes")})
    points = np.vstack(
        [
            path_points(p)
            for p in root.find(f"{SVG}g").iter(f"{SVG}path")
            if "," not in p.get("d") and "h" not in p.get("d")
        ]
    )

    assert "现状给水 DN400" in texts(root)
    assert "现状给水 DN600" not in texts(root)
    assert np.abs(points).max() < 200


def test_english_readers_get_english_words():
    shown = texts(plan(language="en"))

    assert {"Legend", "N", "New service pipe", "DN300 Ductile iron 2009", "6F"} <= set(shown)


def test_the_meter_stands_where_the_route_crosses_the_red_line():
    parcels = town.surroundings()["parcels"]
    route = town.route_line(1)

    assert red_line_crossing(route, Point(route.coords[-1]), parcels=parcels) == (
        town.EAST + 60,
        town.NORTH + 24,
    )
    assert red_line_crossing(route, Point(route.coords[-1]), parcels=parcels.iloc[1:]) == route.coords[-1]
    assert red_line_crossing(route, Point(route.coords[-1]), parcels=None) == route.coords[-1]


@given(st.text(max_size=60))
def test_wrapping_loses_no_character(text):
    assert "".join(wrapped(text, width_mm=12.0, size_mm=3.0)) == text
