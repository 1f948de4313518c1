"""Coordinates: figures of engineering-reference 9.1 and 13, zones, refusals."""

import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod

from gis.crs import (
    from_lonlat,
    is_metric,
    parse_crs,
    to_lonlat,
    working_crs,
)
from gis.errors import GisInputError
from gis.frames.frame import Frame
from gis.messages import error_sentence

PUBLISHED = [
    (117.12, 36.65, 4548, 510730.161, 4057676.654),
    (117.12, 36.65, 4527, 39510730.161, 4057676.654),
    (117.12, 36.65, 4498, 20510730.161, 4057676.654),
    (118.055, 36.813, 4548, 594138.295, 4076277.845),
    (118.38, 31.33, 4548, 631345.715, 3468384.749),
    (118.38, 31.33, 4549, 345808.943, 3468695.808),
]


@pytest.mark.parametrize(("lon", "lat", "epsg", "east", "north"), PUBLISHED)
def test_published_points_come_out_to_the_millimetre(lon, lat, epsg, east, north):
    x, y = from_lonlat(parse_crs(f"EPSG:{epsg}"), lon, lat)
    assert (x, y) == pytest.approx((east, north), abs=0.001)


@pytest.mark.parametrize(("lon", "lat", "epsg", "east", "north"), PUBLISHED)
def test_there_and_back_is_the_same_place(lon, lat, epsg, east, north):
    crs = parse_crs(f"EPSG:{epsg}")
    assert to_lonlat(crs, *from_lonlat(crs, lon, lat)) == pytest.approx((lon, lat), abs=1e-10)


def test_a_local_plane_passes_through():
    assert parse_crs(None) is None
    assert parse_crs("  ") is None
    assert to_lonlat(None, 12.5, -3.0) == (12.5, -3.0)
    assert from_lonlat(None, 12.5, -3.0) == (12.5, -3.0)


def test_arrays_are_transformed_as_a_whole():
    lon, lat = to_lonlat(
        parse_crs("EPSG:4548"), np.array([510730.161, 594138.295]), np.array([4057676.654, 4076277.845])
    )
    assert lon == pytest.approx([117.12, 118.055], abs=1e-8)
    assert lat == pytest.approx([36.65, 36.813], abs=1e-8)


@pytest.mark.parametrize(
    "old", ["EPSG:2384", "EPSG:2363", "EPSG:2436", "EPSG:4214", "EPSG:4610", "EPSG:4555"]
)
def test_old_datums_are_refused_and_the_way_out_is_told(old):
    with pytest.raises(GisInputError) as refusal:
        parse_crs(old)
    assert refusal.value.code == "crs-legacy-datum"
    assert "CGCS2000" in error_sentence(refusal.value, "zh")


def test_an_unknown_code_is_refused():
    with pytest.raises(GisInputError) as refusal:
        parse_crs("EPSG:999999")
    assert refusal.value.code == "crs-unknown"


@pytest.mark.parametrize(
    ("source", "place", "epsg"),
    [
        ("EPSG:4326", (117.12, 36.65), 4548),
        ("EPSG:4490", (118.6, 36.8), 4549),
        ("EPSG:4326", (115.4, 36.0), 4547),
        ("EPSG:4326", (30.6, -2.03), 32736),
        ("EPSG:4326", (-80.5, 43.45), 32617),
        ("EPSG:4548", (510730.0, 4057676.0), 4548),
        ("EPSG:23700", (465000.0, 260000.0), 23700),
    ],
)
def test_a_network_is_kept_in_a_projected_zone_in_metres(source, place, epsg):
    assert working_crs(CRS(source), place).to_epsg() == epsg


@pytest.mark.parametrize("feet", ["EPSG:3089", "EPSG:3547"])
def test_feet_become_metres_on_the_same_datum(feet):
    source = CRS(feet)
    inside = from_lonlat(source, -84.5, 37.9)
    target = working_crs(source, inside)
    assert is_metric(target)
    assert target.geodetic_crs.name == source.geodetic_crs.name
    line = np.array([shapely.LineString([inside, (inside[0] + 1000.0, inside[1] + 500.0)])])
    moved = Frame("feet", source).moved(line, target)
    back = Frame("metres", target).moved(moved, source)
    assert shapely.get_coordinates(back) == pytest.approx(shapely.get_coordinates(line), abs=1e-4)
    drawn_m = Geod(ellps="GRS80").geometry_length(Frame("feet", source).moved(line, source.geodetic_crs)[0])
    grid_m = shapely.length(moved)[0]
    assert grid_m == pytest.approx(drawn_m, rel=1e-3)


def test_coordinates_that_fit_no_place_are_refused():
    degrees_as_metres = np.array([shapely.Point(4.0e9, 5.0e9)])
    with pytest.raises(GisInputError) as refusal:
        Frame("degrees", CRS("EPSG:4326")).moved(degrees_as_metres, CRS("EPSG:4548"))
    assert refusal.value.code == "crs-does-not-fit"
