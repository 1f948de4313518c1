"""A layer of trees under Chinese headings, brought in with the network, is known beside the route of a scheme."""

import json
import shutil

import geopandas as gpd
import pytest
from pyproj import Transformer
from shapely.geometry import LineString, Point

from api.cli import main

REQUEST = {
    "site": {"position": [117.02, 36.66], "storeys": 6},
    "use": {"type": "residential", "dwellings": 48},
    "options": {"count": 1},
}


def planned(folder, workspace):
    """The first option on a workspace, by the command a user types."""
    request = folder / "request.json"
    request.write_text(json.dumps(REQUEST), encoding="utf-8")
    words = ["scheme", request, "--workspace", workspace, "--out", folder / f"out-{workspace.name}"]
    assert main([str(word) for word in words]) == 0
    document = json.loads((folder / f"out-{workspace.name}" / "scheme.json").read_text(encoding="utf-8"))
    return document["options"][0]


@pytest.fixture(scope="module")
def both(sample_sources, sample_workspace, tmp_path_factory):
    """The same request without trees, and with three beside its route and one far from it."""
    folder = tmp_path_factory.mktemp("trees")
    without = planned(folder, sample_workspace)
    line = LineString(without["route"]["geometry"]["coordinates"])
    plane = Transformer.from_crs("EPSG:4490", "EPSG:4548", always_xy=True)
    flat = LineString([plane.transform(*place) for place in line.coords])
    beside = flat.parallel_offset(1.2, "left")
    rows = [
        ("S-1", "法桐", "否", beside.interpolate(0.3, normalized=True)),
        ("S-2", "国槐", "是", beside.interpolate(0.5, normalized=True)),
        ("S-3", "䅟木", "否", beside.interpolate(0.7, normalized=True)),
        ("S-4", "法桐", "否", Point(flat.centroid.x + 400, flat.centroid.y + 400)),
    ]
    sources = shutil.copytree(sample_sources, folder / "sources")
    columns = ["树木编号", "树种", "是否古树", "geometry"]
    gpd.GeoDataFrame(rows, columns=columns, crs="EPSG:4548").to_file(sources / "行道树.gpkg", layer="行道树")
    workspace = folder / "W"
    assert main(["import", str(sources), "--workspace", str(workspace)]) == 0
    return without, planned(folder, workspace)


def test_trees_beside_the_route_are_a_finding_and_the_far_one_is_none(both):
    without, option = both
    assert not [one for one in without["findings"] if one["rule"] == "tree-clearance"]
    (found,) = [one for one in option["findings"] if one["rule"] == "tree-clearance"]
    assert found["verdict"] == "warn"
    assert found["measured"] == pytest.approx(1.2, abs=0.05)


def test_a_tree_forbids_filing_and_is_named_in_the_permits(both):
    _, option = both
    told = json.dumps(option["permits"], ensure_ascii=False)
    assert "S-2" in told or "国槐" in told
    assert not any(permit["filing"] for permit in option["permits"])
