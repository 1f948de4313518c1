"""Vector files and tables: character sets, coordinate systems, mapping files, and what is refused."""

import json
import shutil

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from gis.errors import GisInputError
from gis.importing import import_sources
from gis.messages import both_languages
from gis.store import create_store

CRS = "EPSG:4548"
AT = (510700.0, 4057600.0)


def line(*points):
    return shapely.LineString([(AT[0] + x, AT[1] + y) for x, y in points])


def pipes_table():
    return gpd.GeoDataFrame(
        {
            "管段编号": ["甲1", "甲2"],
            "公称直径": [300, 100],
            "管材": ["球墨铸铁", "聚乙烯"],
            "所在道路": ["经十路", "泺源大街"],
        },
        geometry=[line((0, 0), (100, 0)), line((100, 0), (100, 50))],
        crs=CRS,
    )


def write_shapefile(file, table, *, encoding="GBK", cpg=None, prj=True):
    pyogrio.write_dataframe(table, file, driver="ESRI Shapefile", encoding=encoding)
    note = file.with_suffix(".cpg")
    note.unlink(missing_ok=True)
    if cpg is not None:
        note.write_text(cpg)
    if not prj:
        file.with_suffix(".prj").unlink()
    return file


@pytest.mark.parametrize(
    ("encoding", "cpg", "wrong"),
    [
        ("GBK", "GBK", False),
        ("GBK", "936", False),
        ("GBK", None, False),
        ("UTF-8", "UTF-8", False),
        ("UTF-8", None, False),
        ("GBK", "UTF-8", True),
    ],
)
def test_chinese_shapefiles_are_read_whatever_their_cpg_says(tmp_path, encoding, cpg, wrong):
    table = pipes_table() if encoding == "GBK" else pipes_table().rename(columns={"管段编号": "pipe_id", "公称直径": "dn", "所在道路": "road_name"})  # fmt: skip
    candidate = import_sources(
        [write_shapefile(tmp_path / "供水管段.shp", table, encoding=encoding, cpg=cpg)]
    )
    pipes = candidate.layers["pipes"]
    assert pipes["road_name"].tolist() == ["经十路", "泺源大街"]
    assert pipes["pipe_id"].tolist() == ["甲1", "甲2"]
    assert pipes["material"].tolist() == ["DI", "PE"]
    assert any(issue.kind == "encoding-wrong" for issue in candidate.issues) == wrong


def test_a_shapefile_without_its_table_is_refused_by_name(tmp_path):
    part = ".dbf"
    file = write_shapefile(tmp_path / "供水管段.shp", pipes_table(), cpg="GBK")
    file.with_suffix(part).unlink()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(GisInputError) as refusal:
        import_sources([file])
    assert refusal.value.code == "shapefile-part-missing"
    assert f"供水管段{part}" in both_languages(refusal.value)
    assert sorted(tmp_path.iterdir()) == before


def test_headings_cut_to_ten_bytes_are_still_known(tmp_path):
    table = pipes_table().rename(columns={"所在道路": "道路名称"})
    table["海曾威廉系数"[:5]] = [130.0, 140.0]
    candidate = import_sources([write_shapefile(tmp_path / "供水管段.shp", table, cpg="GBK")])
    assert candidate.layers["pipes"]["roughness_c"].tolist() == [130.0, 140.0]


@pytest.mark.parametrize(("name", "driver"), [("pipes.gpkg", "GPKG"), ("供水管段.geojson", "GeoJSON")])
def test_other_containers_give_the_same_network(tmp_path, name, driver):
    shp = import_sources([write_shapefile(tmp_path / "供水管段.shp", pipes_table(), cpg="GBK")])
    options = {"layer": "供水管段"} if driver == "GPKG" else {"RFC7946": "NO"}
    pyogrio.write_dataframe(pipes_table(), tmp_path / name, driver=driver, **options)
    other = import_sources([tmp_path / name])
    store = create_store(tmp_path / "W")
    assert store.publish(other).version == store.publish(shp).version


def test_a_missing_prj_is_made_up_for_by_crs_and_otherwise_kept_as_a_plane(tmp_path):
    file = write_shapefile(tmp_path / "供水管段.shp", pipes_table(), cpg="GBK", prj=False)
    assert import_sources([file], crs=CRS).crs == CRS
    bare = import_sources([file])
    assert bare.crs is None
    assert "crs-zone-unknown" in {issue.kind for issue in bare.issues}


def test_a_table_without_crs_among_others_takes_theirs_and_says_so(tmp_path):
    write_shapefile(tmp_path / "供水管段.shp", pipes_table(), cpg="GBK")
    streets = gpd.GeoDataFrame({"道路编号": ["D1"]}, geometry=[line((0, 5), (100, 5))], crs=CRS)
    write_shapefile(tmp_path / "道路中心线.shp", streets, cpg="GBK", prj=False)
    candidate = import_sources([tmp_path])
    assert (
        candidate.layers["streets"].geometry.iloc[0].distance(candidate.layers["pipes"].geometry.iloc[0]) == 5
    )
    (issue,) = [issue for issue in candidate.issues if issue.kind == "crs-taken-over"]
    assert issue.subject == "道路中心线.shp"


def test_a_table_without_crs_elsewhere_is_refused(tmp_path):
    write_shapefile(tmp_path / "供水管段.shp", pipes_table(), cpg="GBK")
    far = gpd.GeoDataFrame({"道路编号": ["D1"]}, geometry=[shapely.LineString([(0, 0), (1, 1)])], crs=CRS)
    write_shapefile(tmp_path / "道路中心线.shp", far, cpg="GBK", prj=False)
    with pytest.raises(GisInputError) as refusal:
        import_sources([tmp_path])
    assert (refusal.value.code, refusal.value.params["file"]) == ("crs-missing", "道路中心线.shp")


def test_old_datums_in_a_file_are_refused(tmp_path):
    file = write_shapefile(
        tmp_path / "供水管段.shp", pipes_table().set_crs("EPSG:2384", allow_override=True), cpg="GBK"
    )
    with pytest.raises(GisInputError) as refusal:
        import_sources([file])
    assert refusal.value.code == "crs-legacy-file"


def test_degrees_become_the_zone_they_lie_in(tmp_path):
    pyogrio.write_dataframe(
        pipes_table().to_crs("EPSG:4326"),
        tmp_path / "pipes.geojson",
        driver="GeoJSON",
        COORDINATE_PRECISION=12,
    )
    candidate = import_sources([tmp_path / "pipes.geojson"])
    assert candidate.crs == CRS
    assert shapely.get_coordinates(candidate.layers["pipes"].geometry) == pytest.approx(
        shapely.get_coordinates(pipes_table().geometry), abs=1e-3
    )


def test_geojson_in_metres_that_states_no_crs_is_not_taken_for_degrees(tmp_path):
    document = json.loads(pipes_table().to_json())
    document.pop("crs", None)
    (tmp_path / "pipes.geojson").write_text(json.dumps(document, ensure_ascii=False))
    assert import_sources([tmp_path / "pipes.geojson"]).crs is None
    assert import_sources([tmp_path / "pipes.geojson"], crs=CRS).crs == CRS


def test_a_mapping_renames_converts_codes_filters_and_fixes(tmp_path):
    table = gpd.GeoDataFrame(
        {"ID": ["a", "b", "c"], "SIZE_IN": [6, 8, 8], "LEN_FT": [328.084, 10, 10], "MAT": ["C.I.", "x", "x"], "STATE": ["IN", "IN", "GONE"]},
        geometry=[line((0, 0), (100, 0)), line((100, 0), (103, 0)), line((0, 9), (3, 9))],
        crs=CRS,
    )  # fmt: skip
    pyogrio.write_dataframe(table, tmp_path / "x.gpkg", layer="WATER_MAINS", driver="GPKG")
    (tmp_path / "m.toml").write_text(
        """
        format = 1
        [[layer]]
        layer = "pipes"
        file = "*.gpkg"
        table = "water_*"
        where = { STATE = "IN" }
        fields.pipe_id = "ID"
        fields.dn = { column = "SIZE_IN", unit = "in" }
        fields.length_m = { column = "LEN_FT", unit = "ft" }
        fields.material = { column = "MAT", codes = { "C.I." = "GCI" } }
        fields.lining = { value = "unlined" }
        """
    )
    candidate = import_sources([tmp_path / "x.gpkg"], mapping=tmp_path / "m.toml")
    pipes = candidate.layers["pipes"].set_index("pipe_id")
    assert list(pipes.index) == ["a", "b"]
    assert pipes["dn"].tolist() == [152, 203]
    assert pipes["inner_diameter_m"].tolist() == pytest.approx([0.1524, 0.2032])
    assert pipes["length_m"].tolist() == pytest.approx([100.0, 3.048], abs=1e-3)
    assert pipes["material"].tolist() == ["GCI", "unknown"]
    assert set(pipes["lining"]) == {"unlined"}
    (issue,) = [issue for issue in candidate.issues if issue.kind == "code-unknown"]
    assert (issue.subject, issue.params["field"], issue.params["value"]) == ("b", "MAT", "x")


def test_points_of_a_table_come_from_the_columns_the_mapping_names(tmp_path):
    write_shapefile(tmp_path / "供水管段.shp", pipes_table(), cpg="GBK")
    pd.DataFrame({"号": ["Y1", "Y2"], "东": [510750.0, ""], "北": [4057603.0, ""]}).to_csv(
        tmp_path / "户表.csv", index=False
    )
    (tmp_path / "m.toml").write_text(
        'format = 1\n[[layer]]\nlayer = "customers"\nfile = "户表.csv"\nx = "东"\ny = "北"\ncrs = "EPSG:4548"\n'
        'fields.customer_id = "号"\n',
        encoding="utf-8",
    )
    candidate = import_sources([tmp_path], mapping=tmp_path / "m.toml")
    customers = candidate.layers["customers"].set_index("customer_id")
    assert customers.loc["Y1", ["pipe_id", "service_distance_m"]].tolist() == ["甲1", pytest.approx(3.0)]
    assert customers.geometry.isna().tolist() == [False, True]
    assert [(i.kind, i.subject) for i in candidate.issues if i.layer == "customers"] == [
        ("customer-unlinked", "Y2")
    ]


def test_a_customer_out_of_reach_or_beside_a_transmission_main_is_not_linked_to_it(tmp_path):
    table = pipes_table()
    table["类别"] = ["输水干管", "配水支管"]
    write_shapefile(tmp_path / "供水管段.shp", table, cpg="GBK")
    customers = gpd.GeoDataFrame(
        {"户号": ["near", "far"]},
        geometry=[shapely.Point(AT[0] + 50, AT[1] + 1), shapely.Point(AT[0] - 500, AT[1])],
        crs=CRS,
    )
    pyogrio.write_dataframe(customers, tmp_path / "营业.gpkg", layer="用户水表", driver="GPKG")
    candidate = import_sources([tmp_path])
    linked = candidate.layers["customers"].set_index("customer_id")["pipe_id"]
    assert linked["near"] == "甲2"
    assert pd.isna(linked["far"])


def test_a_break_on_a_split_pipe_is_put_on_the_piece_beside_it(tmp_path):
    table = pipes_table()
    table.geometry = [line((0, 0), (100, 0)), line((40, 0.02), (40, 50))]
    write_shapefile(tmp_path / "供水管段.shp", table, cpg="GBK")
    breaks = gpd.GeoDataFrame(
        {"记录编号": ["B1", "B2"], "发生日期": ["2020-01-01", "2021-01-01"], "管段编号": ["甲1", "甲1"]},
        geometry=[shapely.Point(AT[0] + 10, AT[1]), shapely.Point(AT[0] + 80, AT[1])],
        crs=CRS,
    )
    pyogrio.write_dataframe(breaks, tmp_path / "抢修.gpkg", layer="爆漏记录", driver="GPKG")
    candidate = import_sources([tmp_path])
    assert candidate.layers["breaks"].set_index("break_id")["pipe_id"].to_dict() == {
        "B1": "甲1",
        "B2": "甲1#2",
    }


def test_things_without_node_number_find_the_nearest_node_and_strays_are_reported(tmp_path):
    write_shapefile(tmp_path / "供水管段.shp", pipes_table(), cpg="GBK")
    valves = gpd.GeoDataFrame(
        {"阀门编号": ["V1", "V2"]},
        geometry=[shapely.Point(AT[0] + 101, AT[1] + 1), shapely.Point(AT[0] + 40, AT[1] + 90)],
        crs=CRS,
    )
    pyogrio.write_dataframe(valves, tmp_path / "设备.gpkg", layer="阀门", driver="GPKG")
    candidate = import_sources([tmp_path])
    found = candidate.layers["valves"].set_index("valve_id")
    nodes = candidate.layers["nodes"].set_index("node_id").geometry
    assert nodes[found.loc["V1", "node_id"]].coords[0] == (AT[0] + 100, AT[1])
    assert pd.isna(found.loc["V2", "node_id"])
    assert [(i.kind, i.subject) for i in candidate.issues if i.layer == "valves"] == [("off-network", "V2")]


def test_node_levels_are_taken_from_the_terrain_points_around(tmp_path):
    write_shapefile(tmp_path / "供水管段.shp", pipes_table(), cpg="GBK")
    terrain = gpd.GeoDataFrame(
        {"高程点编号": ["G1", "G2", "G3"], "高程": [40.0, 60.0, 999.0]},
        geometry=[
            shapely.Point(AT[0] - 30, AT[1]),
            shapely.Point(AT[0] + 30, AT[1]),
            shapely.Point(AT[0] + 90000, AT[1]),
        ],
        crs=CRS,
    )
    pyogrio.write_dataframe(terrain, tmp_path / "地形.gpkg", layer="高程点", driver="GPKG")
    nodes = import_sources([tmp_path]).layers["nodes"]
    west = nodes[nodes.geometry.x == AT[0]].iloc[0]
    assert west["elevation_m"] == pytest.approx(50.0)
    assert west["elevation_confidence"] == "filled"


def test_parts_of_the_network_that_no_source_reaches_are_named(tmp_path):
    table = pd.concat([pipes_table(), pipes_table().assign(管段编号=["乙1", "乙2"])], ignore_index=True)
    table.geometry = [*pipes_table().geometry, line((0, 500), (30, 500)), line((30, 500), (60, 500))]
    write_shapefile(tmp_path / "供水管段.shp", table, cpg="GBK")
    sources = gpd.GeoDataFrame(
        {"水源编号": ["S1"], "高峰供水水头": [95.0]}, geometry=[shapely.Point(*AT)], crs=CRS
    )
    pyogrio.write_dataframe(sources, tmp_path / "运行.gpkg", layer="水源", driver="GPKG")
    candidate = import_sources([tmp_path])
    (island,) = [issue for issue in candidate.issues if issue.kind == "part-without-source"]
    assert island.params == {"name": "泺源大街", "count": 2, "length_m": 60.0, "parts": 2}
    assert (candidate.layers["nodes"]["kind"] == "source").sum() == 1


def bad_mapping(text, tmp_path):
    write_shapefile(tmp_path / "供水管段.shp", pipes_table(), cpg="GBK")
    (tmp_path / "m.toml").write_text(text, encoding="utf-8")
    with pytest.raises(GisInputError) as refusal:
        import_sources([tmp_path / "供水管段.shp"], mapping=tmp_path / "m.toml")
    assert both_languages(refusal.value)
    return refusal.value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("format = 1\n[[layer]\n", "mapping-unreadable"),
        ('format = 9\n', "mapping-format"),
        ('format = 1\n[[layer]]\nlayer = "tubes"\n', "mapping-layer"),
        ('format = 1\n[[layer]]\nlayer = "pipes"\nfields.colour = "C"\n', "mapping-attribute"),
        ('format = 1\n[[layer]]\nlayer = "pipes"\nfields.dn = { column = "C", unit = "cubit" }\n', "mapping-unit"),
        ('format = 1\n[[layer]]\nlayer = "pipes"\ncolour = "C"\n', "mapping-key"),
        ('format = 1\n[repair]\nsnap_m = "much"\n', "mapping-number"),
        ('format = 1\n[repair]\nsnip_m = 1\n', "mapping-key"),
        ('format = 1\n[[layer]]\nlayer = "pipes"\nfile = "*.shp"\nfields.dn = "口径"\n', "column-missing"),
    ],
)  # fmt: skip
def test_a_wrong_mapping_is_refused_by_what_is_wrong_in_it(tmp_path, text, code):
    assert bad_mapping(text, tmp_path).code == code


def test_a_mapping_may_set_the_thresholds_of_repair(tmp_path):
    table = pipes_table()
    table.geometry = [line((0, 0), (100, 0)), line((100.8, 0), (100, 50))]
    write_shapefile(tmp_path / "供水管段.shp", table, cpg="GBK")
    (tmp_path / "m.toml").write_text("format = 1\n[repair]\nsnap_m = 1.0\n")
    apart = import_sources([tmp_path / "供水管段.shp"])
    joined = import_sources([tmp_path / "供水管段.shp"], mapping=tmp_path / "m.toml")
    assert (len(apart.layers["nodes"]), len(joined.layers["nodes"])) == (4, 3)


def write_nothing(tmp_path, name, content=b""):
    file = tmp_path / name
    file.write_bytes(content)
    return file


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("管网.dwg", b"AC1032", "drawing-is-dwg"),
        ("管网.gpkg", b"SQLite format 3\x00" + b"\x00" * 100, "geopackage-damaged"),
        ("管网.gpkg", b"<OGRVRTDataSource><OGRVRTLayer name='x'/></OGRVRTDataSource>", "file-unreadable"),
        ("供水管段.geojson", b'{"type": "FeatureCollection", "features": [', "file-unreadable"),
        ("管网.geojson", b"<vrt/>", "file-unreadable"),
        ("管网.xlsx", b"not a workbook", "file-unreadable"),
        ("供水管段.csv", b"", "sheet-empty"),
        ("供水管段.csv", "甲,乙\n1,2\n".encode(), "columns-unknown"),
        ("随便.csv", "甲,乙\n1,2\n".encode(), "nothing-recognised"),
    ],
)
def test_files_that_cannot_be_read_are_refused_by_name(tmp_path, name, content, code):
    with pytest.raises(GisInputError) as refusal:
        import_sources([write_nothing(tmp_path, name, content)])
    assert refusal.value.code == code
    assert name in both_languages(refusal.value)


def test_a_missing_path_and_an_empty_folder_are_refused(tmp_path):
    for path, code in ((tmp_path / "没有", "source-missing"), (tmp_path, "source-folder-empty")):
        with pytest.raises(GisInputError) as refusal:
            import_sources([path])
        assert refusal.value.code == code


def test_sources_without_pipes_are_refused(tmp_path):
    streets = gpd.GeoDataFrame({"道路编号": ["D1"]}, geometry=[line((0, 5), (100, 5))], crs=CRS)
    with pytest.raises(GisInputError) as refusal:
        import_sources([write_shapefile(tmp_path / "道路中心线.shp", streets, cpg="GBK")])
    assert refusal.value.code == "no-pipes"


def test_unknown_layers_beside_known_ones_are_left_out_and_named(tmp_path):
    write_shapefile(tmp_path / "供水管段.shp", pipes_table(), cpg="GBK")
    shutil.copy(write_nothing(tmp_path, "说明.csv", "甲,乙\n1,2\n".encode()), tmp_path / "备注.csv")
    candidate = import_sources([tmp_path])
    assert {i.subject for i in candidate.issues if i.kind == "table-skipped"} == {
        "说明.csv:说明",
        "备注.csv:备注",
    }


def test_two_things_of_one_id_are_told_apart_and_reported(tmp_path):
    table = pipes_table()
    table["管段编号"] = ["甲1", "甲1"]
    candidate = import_sources([write_shapefile(tmp_path / "供水管段.shp", table, cpg="GBK")])
    assert sorted(candidate.layers["pipes"]["pipe_id"]) == ["甲1", "甲1~2"]
    (issue,) = [issue for issue in candidate.issues if issue.kind == "id-twice"]
    assert (issue.subject, issue.params["first"]) == ("甲1~2", "甲1")


def test_every_issue_has_a_sentence_in_both_languages(tmp_path):
    write_shapefile(tmp_path / "供水管段.shp", pipes_table(), cpg="GBK")
    issues = import_sources([tmp_path]).issues
    assert issues
    for issue in issues:
        assert issue.message("zh")
        assert issue.message("en")


def test_shapes_that_do_not_fit_their_layer_are_told_and_left_out(tmp_path):
    write_shapefile(tmp_path / "供水管段.shp", pipes_table(), cpg="GBK")
    crossed = shapely.Polygon(
        [(AT[0], AT[1]), (AT[0] + 10, AT[1] + 10), (AT[0] + 10, AT[1]), (AT[0], AT[1] + 10)]
    )
    parcels = gpd.GeoDataFrame(
        {"地块编号": ["A", "B", "C", "D"]},
        geometry=[shapely.Point(*AT).buffer(5), crossed, None, line((0, 0), (5, 5))],
        crs=CRS,
    )
    pyogrio.write_dataframe(
        parcels, tmp_path / "规划.gpkg", layer="用地红线", driver="GPKG", geometry_type="Unknown"
    )
    candidate = import_sources([tmp_path])
    kept = candidate.layers["parcels"].set_index("parcel_id").geometry
    assert sorted(kept.index) == ["A", "B"]
    assert kept.is_valid.all()
    assert kept["B"].area == pytest.approx(50.0)
    assert sorted((i.kind, i.subject) for i in candidate.issues if i.layer == "parcels") == [
        ("outline-crossed", "B"), ("shape-of-other-kind", "D"), ("without-shape", "C"), ("without-shape", "D"),
    ]  # fmt: skip


def test_a_shape_with_coordinates_that_are_no_numbers_is_told_and_left_out(tmp_path):
    table = pipes_table()
    table.geometry = [line((0, 0), (100, 0)), shapely.LineString([(AT[0], AT[1]), (float("inf"), AT[1])])]
    pyogrio.write_dataframe(table, tmp_path / "x.gpkg", layer="供水管段", driver="GPKG")
    candidate = import_sources([tmp_path / "x.gpkg"])
    assert candidate.layers["pipes"]["pipe_id"].tolist() == ["甲1"]
    assert ("coordinates-broken", "error", "甲2") in {
        (i.kind, i.severity, i.subject) for i in candidate.issues
    }
