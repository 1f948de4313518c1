"""Pumps, regulating valves and tanks of a source: headings as utilities write them, directions through repair, doubts."""

import geopandas as gpd
import pytest
import shapely

from gis.equipment.found import equipment_of
from gis.importing import import_sources
from gis.schema import conform

CRS = "EPSG:4548"
AT = (510700.0, 4057600.0)


def point(x, y):
    return shapely.Point(AT[0] + x, AT[1] + y)


def line(*points):
    return shapely.LineString([(AT[0] + x, AT[1] + y) for x, y in points])


def city(folder, *, pipes, pumps=None, valves=None, sources=None):
    """A geopackage with Chinese tables; `pipes` are (id, points)."""
    file = folder / "city.gpkg"
    table = gpd.GeoDataFrame(
        {"管段编号": [name for name, _ in pipes], "公称直径": [200] * len(pipes), "管材": ["球墨铸铁"] * len(pipes)},
        geometry=[line(*points) for _, points in pipes], crs=CRS,
    )  # fmt: skip
    table.to_file(file, layer="供水管段", driver="GPKG")
    well = {"水源编号": ["W"], "类型": ["定压水源"], "高峰供水水头": [20.0], "geometry": [point(0, 0)]}
    for name, rows in (("水源", sources or well), ("水泵", pumps), ("阀门", valves)):
        if rows is not None:
            gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS).to_file(file, layer=name, driver="GPKG")
    return import_sources([file])


def equipment(candidate):
    names = ("pumps", "valves", "sources")
    tables = {
        name: conform(candidate.layers.get(name, gpd.GeoDataFrame({"geometry": []})), name) for name in names
    }
    return equipment_of(candidate.layers["pipes"], candidate.layers["nodes"], **tables)


STREET = [("P1", [(0, 0), (100, 0)]), ("P2", [(100, 0), (200, 0)]), ("P3", [(200, 0), (300, 0)])]


def test_a_pump_table_in_chinese_is_read_with_its_figures(tmp_path):
    pumps = {
        "水泵编号": ["B1"], "运行状态": ["运行"], "额定流量(m3/h)": [108.0], "额定扬程": [32.0], "geometry": [point(100, 0)],
    }  # fmt: skip
    candidate = city(tmp_path, pipes=STREET, pumps=pumps)
    row = candidate.layers["pumps"].iloc[0]
    assert (row["pump_id"], row["state"], row["rated_head_m"]) == ("B1", "on", 32.0)
    found = equipment(candidate)
    ((name, seat, record),) = found.pumps
    assert name == "B1" and record.lift == ((pytest.approx(30.0), 32.0),) and not found.issues
    # The well is at the west end: water leaves to the east.
    pipes = candidate.layers["pipes"].set_index("pipe_id")
    assert candidate.layers["pipes"]["pipe_id"].iloc[seat.pipe] == "P2"
    assert seat.start_id in {pipes.loc["P1", "start_node_id"], pipes.loc["P1", "end_node_id"]}


def test_a_downstream_node_beyond_a_tee_that_repair_found_becomes_the_next_one(tmp_path):
    """P2 runs on past a branch at its middle: the valve names the far end, the piece beside it is meant."""
    first = city(tmp_path, pipes=STREET)
    nodes = {(round(p.x - AT[0]), round(p.y - AT[1])): name for name, p in zip(first.layers["nodes"]["node_id"], first.layers["nodes"].geometry, strict=True)}  # fmt: skip
    valves = {
        "阀门编号": ["V"], "阀门类型": ["减压阀"], "设定压力": [0.2], "下游节点": [nodes[(200, 0)]], "geometry": [point(100, 0)],
    }  # fmt: skip
    (tmp_path / "b").mkdir()
    branch = [*STREET, ("P4", [(150, 0), (150, 80)])]
    candidate = city(tmp_path / "b", pipes=branch, valves=valves)
    pipes = candidate.layers["pipes"].set_index("pipe_id")
    assert sum(name.startswith("P2") for name in pipes.index) == 2
    told = candidate.layers["valves"].iloc[0]
    beside = pipes[(pipes["start_node_id"] == told["node_id"]) | (pipes["end_node_id"] == told["node_id"])]
    far = {*beside["start_node_id"], *beside["end_node_id"]} - {told["node_id"]}
    at = dict(zip(candidate.layers["nodes"]["node_id"], candidate.layers["nodes"].geometry, strict=True))
    assert told["to_node_id"] in far
    assert at[told["to_node_id"]].x - AT[0] == pytest.approx(150.0, abs=0.1)
    ((_, seat, _),) = equipment(candidate).valves
    assert seat.pipe >= 0


@pytest.mark.parametrize(
    ("layer", "rows", "kind", "field"),
    [
        ("pumps", {"水泵编号": ["B1"], "geometry": [point(100, 0)]}, "pump-without-figures", "额定扬程"),
        ("pumps", {"水泵编号": ["B1"], "高峰出口水头": [50.0], "geometry": [point(100, 0)]}, "pump-without-curve", "额定扬程"),
        ("valves", {"阀门编号": ["V1"], "阀门类型": ["减压阀"], "geometry": [point(100, 0)]}, "valve-without-setting", "设定压力"),
        ("sources", {"水源编号": ["W", "T"], "类型": ["定压水源", "水池"], "高峰供水水头": [20.0, 30.0], "geometry": [point(0, 0), point(300, 0)]},
         "tank-without-levels", "池底标高"),
    ],
)  # fmt: skip
def test_what_a_record_lacks_is_an_issue_of_the_import_by_element_and_field(
    tmp_path, layer, rows, kind, field
):
    candidate = city(tmp_path, pipes=STREET, **{layer: rows})
    (issue,) = [one for one in candidate.issues if one.kind == kind]
    assert issue.layer == layer and issue.subject in {"B1", "V1", "T"}
    if kind != "tank-without-levels":
        assert field in issue.message("zh")
    assert issue.subject in issue.message("en")


def test_a_zone_fed_by_a_pump_alone_is_no_part_without_a_source(tmp_path):
    """Two nets that no pipe joins; a pump names a node of either."""
    apart = [("P1", [(0, 0), (100, 0)]), ("P2", [(130, 0), (230, 0)]), ("P3", [(230, 0), (330, 0)])]
    plain = city(tmp_path, pipes=apart)
    nodes = {round(p.x - AT[0]): name for name, p in zip(plain.layers["nodes"]["node_id"], plain.layers["nodes"].geometry, strict=True)}  # fmt: skip
    kinds = {issue.kind for issue in plain.issues}
    (tmp_path / "b").mkdir()
    pumps = {
        "水泵编号": ["B1"], "节点编号": [nodes[100]], "出水侧节点": [nodes[130]], "额定流量": [0.03], "额定扬程": [30.0],
        "geometry": [point(115, 0)],
    }  # fmt: skip
    pumped = city(tmp_path / "b", pipes=apart, pumps=pumps)
    assert kinds - {issue.kind for issue in pumped.issues} == {"part-without-source"}
    ((_, seat, _),) = equipment(pumped).pumps
    assert (seat.start_id, seat.end_id, seat.pipe) == (nodes[100], nodes[130], -1)


@pytest.mark.parametrize(
    ("layer", "rows", "kind"),
    [
        ("pumps", {"水泵编号": ["B1"], "额定流量": [108.0], "额定扬程": [32.0], "geometry": [point(100, 0)]}, "pump-flow-unlikely"),
        ("valves", {"阀门编号": ["V1"], "阀门类型": ["减压阀"], "设定压力": [200.0], "geometry": [point(100, 0)]}, "valve-setting-unlikely"),
    ],
)  # fmt: skip
def test_a_figure_in_another_unit_is_not_used_and_the_way_out_is_named(tmp_path, layer, rows, kind):
    candidate = city(tmp_path, pipes=STREET, **{layer: rows})
    (issue,) = [one for one in candidate.issues if one.kind == kind]
    assert "unit" in issue.message("zh") and "unit" in issue.message("en")
    found = equipment(candidate)
    assert all(record.lift is None for _, _, record in found.pumps) and not found.valves


def test_a_setting_in_kilopascals_is_what_its_heading_says(tmp_path):
    valves = {
        "阀门编号": ["V1"],
        "阀门类型": ["减压阀"],
        "设定压力（kPa）": [250.0],
        "geometry": [point(100, 0)],
    }
    assert city(tmp_path, pipes=STREET, valves=valves).layers["valves"]["setting_mpa"].tolist() == [0.25]
