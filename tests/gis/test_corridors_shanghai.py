"""Real streets and buildings of a quarter of Shanghai: broken at tile edges, with loose ends and lone paths."""

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gis.corridors import Corridors
from gis.network import Network
from gis.schema import conform, empty_layer

CRS = "EPSG:4549"
PRICES = {"asphalt": 300.0, "paving-brick": 150.0, "soil": 60.0}

pytestmark = pytest.mark.real_data


def shapes(file, kind):
    """Geometries of a kind; the ids of the file are not unique, so its reader is not asked."""
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    found = gpd.GeoSeries([shapely.geometry.shape(f["geometry"]) for f in features], crs="EPSG:4326").to_crs(
        CRS
    )
    return found[found.geom_type.str.endswith(kind)].reset_index(drop=True).to_frame("geometry")


@pytest.fixture(scope="module")
def quarter(shared_data):
    folder = shared_data / "roads" / "shanghai"
    streets = shapes(folder / "roads.geojson", "LineString")
    streets["street_id"] = [f"S{k}" for k in range(len(streets))]
    streets["width_m"] = 8.0
    houses = shapes(folder / "buildings.geojson", "Polygon")
    houses["building_id"] = [f"B{k}" for k in range(len(houses))]
    return {"streets": conform(streets, "streets"), "buildings": conform(houses, "buildings")}


def test_every_house_is_reached_along_streets_and_no_trench_cuts_another_house(quarter):
    network = Network(
        "v",
        None,
        "Shanghai",
        synthetic=False,
        read_layer=lambda name: quarter.get(name, empty_layer(name, CRS)),
    )
    corridors = Corridors(network)
    streets, houses = (quarter[name].geometry.to_numpy() for name in ("streets", "buildings"))
    rng = np.random.default_rng(11)
    in_streets = shapely.union_all(
        shapely.buffer(streets, 9.0)
    )  # some streets run under houses: not ours to judge
    for house in rng.choice(houses, 25, replace=False):
        site = house.representative_point()
        near = streets[shapely.dwithin(streets, site, 300.0)]
        if not len(near):
            continue
        points = shapely.line_interpolate_point(rng.choice(near, 6), rng.uniform(0, 1, 6), normalized=True)
        targets = [(p.x, p.y) for p in points if p.distance(site) < 600.0]
        routes = corridors.routes((site.x, site.y), targets, reach_m=800.0, surface_cost_cny_m=PRICES)
        others = houses[~shapely.intersects(houses, site)]
        for route in routes:
            assert route.basis == "streets"
            assert sum(run.length_m for run in route.surfaces) == pytest.approx(route.length_m, abs=1e-6)
            beside = route.line.difference(in_streets)
            assert shapely.length(shapely.intersection(others, beside)).sum() < 0.5
