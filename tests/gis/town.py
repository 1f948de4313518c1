"""A town of two pipes, ready to publish."""

import geopandas as gpd
import shapely

from gis.issues import DataIssue
from gis.version import Candidate


def town(*, east_m=100.0, dn=200, names=("P1", "P2")):
    lines = [shapely.LineString([(0, 0), (east_m, 0)]), shapely.LineString([(east_m, 0), (east_m, 50)])]
    pipes = gpd.GeoDataFrame(
        {
            "pipe_id": list(names), "start_node_id": ["A", "B"], "end_node_id": ["B", "C"], "dn": [dn, 100],
            "inner_diameter_m": [dn / 1000, 0.1], "material": ["DI", "PE"], "length_m": [east_m, 50.0],
            "installed_on": ["2008-06-01", None], "install_year": [2008, None], "road_name": ["经十路", None],
        },
        geometry=lines, crs="EPSG:4548",
    )  # fmt: skip
    nodes = gpd.GeoDataFrame(
        {"node_id": ["A", "B", "C"], "elevation_m": [50.0, None, 48.5]},
        geometry=[shapely.Point(0, 0), shapely.Point(east_m, 0), shapely.Point(east_m, 50)], crs="EPSG:4548",
    )  # fmt: skip
    issues = (
        DataIssue("dn-missing", "repaired", "pipes", "P2", (1.5, 2.5), {"dn": 100}, "dn-filled"),
        DataIssue("no-sources", "error", "sources", "*"),
    )
    return Candidate({"pipes": pipes, "nodes": nodes}, issues, "town", "EPSG:4548")
