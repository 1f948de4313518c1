"""Real streets and buildings of a quarter of Shanghai: broken at tile edges, with loose ends, lone paths, no widths."""

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gis.corridors import Corridors
from gis.network import Network
from gis.schema import conform, empty_layer
from gis.ways.terms import Tariff
from tests.gis.street_town import TERMS

CRS = "EPSG:4549"
TARIFF = Tariff({"asphalt": 300.0, "paving-brick": 150.0, "soil": 60.0, "green": 80.0})
WIDTHS_M = {
    "trunk": 30.0,
    "primary": 30.0,
    "secondary": 20.0,
    "tertiary": 12.0,
    "residential": 8.0,
    "service": 5.0,
}

pytestmark = pytest.mark.real_data


def shapes(file, kind, keep):
    """Geometries of a kind with their properties; the ids of the file are not unique, so its reader is not asked."""
    features = [
        f for f in json.loads(file.read_text(encoding="utf-8"))["features"]
        if f["geometry"]["type"].endswith(kind) and keep(f["properties"])
    ]  # fmt: skip
    return gpd.GeoDataFrame(
        [f["properties"] for f in features],
        geometry=[shapely.geometry.shape(f["geometry"]) for f in features], crs="EPSG:4326",
    ).to_crs(CRS)  # fmt: skip


@pytest.fixture(scope="module")
def quarter(shared_data):
    folder = shared_data / "roads" / "shanghai"
    streets = shapes(
        folder / "roads.geojson", "LineString", lambda p: p["kind"] in {"major_road", "minor_road"}
    )
    streets["structure"] = np.where(streets["is_tunnel"].fillna(False).astype(bool), "tunnel", "ground")
    streets["street_id"] = [f"S{k}" for k in range(len(streets))]
    streets["width_m"] = [WIDTHS_M.get(str(k).removesuffix("_link"), 8.0) for k in streets["kind_detail"]]
    houses = shapes(folder / "buildings.geojson", "Polygon", lambda p: p["kind"] == "building")
    houses["building_id"] = [f"B{k}" for k in range(len(houses))]
    return {"streets": conform(streets, "streets"), "buildings": conform(houses, "buildings")}


@pytest.fixture(scope="module")
def routed(quarter):
    """Routes to 30 houses from up to 4 places on streets around each."""
    network = Network(
        "v", None, "Shanghai", synthetic=False,
        read_layer=lambda name: quarter[name] if name in quarter else empty_layer(name, CRS),
    )  # fmt: skip
    corridors = Corridors(network, TERMS)
    streets, houses = (quarter[name].geometry.to_numpy() for name in ("streets", "buildings"))
    streets = streets[quarter["streets"]["structure"] == "ground"]
    rng = np.random.default_rng(11)
    found = []
    for house in rng.choice(houses, 30, replace=False):
        site = house.representative_point()
        near = streets[shapely.dwithin(streets, site, 200.0)]
        if len(near) < 3:
            continue
        points = shapely.line_interpolate_point(rng.choice(near, 4), rng.uniform(0, 1, 4), normalized=True)
        targets = [(p.x, p.y) for p in points if p.distance(site) < 400.0]
        routes = corridors.routes((site.x, site.y), targets, reach_m=800.0, tariff=TARIFF)
        found += [(site, target, route) for target, route in zip(targets, routes, strict=True)]
    assert len(found) > 60
    return found


def test_nearly_every_house_is_reached_along_streets(routed):
    by_street = [route for _, _, route in routed if route.basis == "streets"]
    # some streets of this quarter end at the edge of a tile; nothing else is given up
    assert len(by_street) >= 0.97 * len(routed)
    assert all(route.reason is None for route in by_street)


def test_every_metre_is_told_and_joins_its_two_places(routed):
    for site, target, route in routed:
        assert sum(run.length_m for run in route.surfaces) == pytest.approx(route.length_m, abs=1e-6)
        assert route.line.coords[0] == pytest.approx(target)
        assert route.line.coords[-1] == pytest.approx((site.x, site.y))
        assert route.length_m >= shapely.Point(target).distance(site) - 1e-6


def test_no_trench_cuts_a_house_without_saying_so(routed, quarter):
    houses = quarter["buildings"].geometry.to_numpy()
    cut = 0
    for site, _, route in routed:
        others = houses[~shapely.intersects(houses, site)]
        met_m = shapely.length(shapely.intersection(others, route.line)).sum()
        told_m = sum(note.extent_m for note in route.notes if note.kind == "building")
        # houses that overlap are counted once by the route
        assert told_m >= min(met_m, 0.2) - 0.1
        cut += met_m > 0.2
    # blocks of houses without any gap between them leave no other way in
    assert cut <= 0.1 * len(routed)


def test_streets_are_crossed_square_and_lines_are_clean(routed):
    slanted = crossings = 0
    for _, _, route in routed:
        assert route.line.is_simple
        steps = np.diff(np.asarray(route.line.coords), axis=0)
        lengths_m = np.hypot(steps[:, 0], steps[:, 1])
        cosine = (steps[:-1] * steps[1:]).sum(axis=1) / (lengths_m[:-1] * lengths_m[1:])
        assert (cosine > -0.999).all()  # never back over itself
        crossings += len(route.street_crossings)
        slanted += sum(note.kind == "slanted-crossing" for note in route.notes)
    assert crossings > 60
    assert slanted <= 0.05 * crossings
