"""Without a mapping file: what names and values make probable is imported, and every column taken is told."""

import geopandas as gpd
import pytest
import shapely

from gis.errors import GisInputError
from gis.importing import import_sources
from gis.intake.guess.fit import stated_unit

LINES = [
    shapely.LineString([(500_000 + 100 * k, 4_000_000), (500_100 + 100 * k, 4_000_000)]) for k in range(6)
]


def pipes_file(folder, name="mains.geojson", **columns):
    table = gpd.GeoDataFrame({"ID": [f"A{k}" for k in range(6)], **columns}, geometry=LINES, crs="EPSG:4548")
    table.to_file(folder / name, driver="GeoJSON")
    return folder / name


def sides_as_one(pair):
    """Both nodes of a pump lie at one place: by default they are taken for one point, and the list says so."""
    return tuple(end.replace("O-Pump", "I-Pump") for end in pair)


def kinds(candidate):
    return {issue.kind for issue in candidate.issues}


def test_a_layer_no_name_tells_of_is_read_by_its_values_and_told(tmp_path):
    candidate = import_sources([pipes_file(tmp_path, DIAM_MM=[100, 150, 200, 300, 100, 200])])
    assert candidate.layers["pipes"]["dn"].tolist() == [100, 150, 200, 300, 100, 200]
    (told,) = [issue for issue in candidate.issues if issue.kind == "columns-guessed"]
    assert told.severity == "warning" and "dn = DIAM_MM" in told.params["columns"]
    assert told.subject == "mains.geojson:mains"


def test_sizes_under_another_name_are_found_though_the_layer_is_known(tmp_path):
    file = pipes_file(
        tmp_path,
        name="pipes.geojson",
        pipe_id=[f"P{k}" for k in range(6)],
        diam_mm=[100, 150, 200, 300, 100, 200],
    )
    candidate = import_sources([file])
    assert candidate.layers["pipes"]["dn"].tolist() == [100, 150, 200, 300, 100, 200]
    assert "columns-guessed" in kinds(candidate)


def test_what_names_tell_whole_is_not_guessed_at(tmp_path):
    file = pipes_file(tmp_path, name="供水管段.geojson", 管径=[100, 150, 200, 300, 100, 200])
    candidate = import_sources([file])
    assert "columns-guessed" not in kinds(candidate) and candidate.layers["pipes"]["dn"].notna().all()


def surroundings(folder, name, crs="EPSG:4548", **columns):
    square = shapely.box(500_010, 4_000_010, 500_030, 4_000_020)
    gpd.GeoDataFrame(columns or {"编号": ["X1"]}, geometry=[square], crs=crs).to_file(folder / name)


def test_layers_around_the_network_are_taken_by_what_their_names_resemble(tmp_path):
    pipes_file(tmp_path, name="供水管段.geojson", 管径=[100, 150, 200, 300, 100, 200])
    surroundings(tmp_path, "现状水系.gpkg", 水系编号=["H1"], 名称=["小清河"], 类别=["运河"])
    surroundings(tmp_path, "某区铁路.gpkg")  # an area is no railway
    surroundings(tmp_path, "现状水系统计.gpkg", 编号=["H2"])  # the layer is had already
    candidate = import_sources([tmp_path])
    waters = candidate.layers["waters"]
    assert waters[["name", "kind"]].to_numpy().tolist() == [["小清河", "canal"]]
    assert {
        issue.subject.partition(":")[0] for issue in candidate.issues if issue.kind == "columns-guessed"
    } == {"现状水系.gpkg"}
    assert {
        issue.subject.partition(":")[0] for issue in candidate.issues if issue.kind == "table-skipped"
    } == {"某区铁路.gpkg", "现状水系统计.gpkg"}


def test_what_nothing_can_be_guessed_of_is_refused_as_before(tmp_path):
    points = gpd.GeoDataFrame(
        {"a": [1, 2]}, geometry=[shapely.Point(0, 0), shapely.Point(1, 1)], crs="EPSG:4548"
    )
    points.to_file(tmp_path / "x.geojson", driver="GeoJSON")
    with pytest.raises(GisInputError) as refusal:
        import_sources([tmp_path / "x.geojson"])
    assert refusal.value.code == "nothing-recognised"


@pytest.mark.parametrize(
    ("heading", "unit"),
    [("demand_lps", "l/s"), ("流量(m3/h)", "m3/h"), ("q_m3d", "m3/d"), ("Q [l/s]", "l/s"), ("demand_gpm", "gpm"), ("diam_mm", "mm"), ("lps", None)],
)  # fmt: skip
def test_a_unit_at_the_end_of_a_heading_counts(heading, unit):
    assert stated_unit(heading) == unit


@pytest.mark.real_data
def test_kentucky_with_every_end_off_its_node_connects_without_a_mapping(shared_data):
    """The node names in the file itself are the known answer; two pairs of nodes lie at one place, beside the pumps."""
    raw = gpd.read_file(shared_data / "gis/ky4/ky4_disconnected_pipes.geojson").set_index("name")
    candidate = import_sources([shared_data / "gis/ky4" / f"ky4_{name}.geojson" for name in ("disconnected_pipes", "junctions", "tanks", "reservoirs")])  # fmt: skip
    pipes = candidate.layers["pipes"].set_index("pipe_id")
    ends = pipes[["start_node_id", "end_node_id"]].apply(tuple, axis=1)
    known = raw[["start_node_name", "end_node_name"]].apply(sides_as_one, axis=1)
    assert ends.map(sides_as_one).to_dict() == known.to_dict()
    assert {"drawing-off-nodes", "columns-guessed"} <= kinds(candidate)


@pytest.mark.real_data
def test_sopron_has_its_sizes_and_flows_without_a_mapping(shared_data):
    raw = gpd.read_file(shared_data / "gis/sopron/sopron_rural.gpkg", layer="nodes")
    layers = import_sources([shared_data / "gis/sopron"]).layers
    assert layers["pipes"]["dn"].notna().mean() > 0.99
    assert layers["nodes"]["demand_m3s"].sum() == pytest.approx(raw["demand_lps"].sum() / 1000.0, rel=0.02)
