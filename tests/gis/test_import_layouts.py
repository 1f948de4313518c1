"""Survey layouts of the engineering reference 9.4 beyond plain headings: by position, with line ends, layers by name."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import LineString, Point

from gis.importing import import_sources
from tests.gis.test_import_result_table import HEADINGS, ends, result_rows, result_table
from tests.gis.survey_tables import GIS1_LINES, GIS1_POINTS, LINE_HEADINGS, POINT_HEADINGS, survey
from tests.workbooks import workbook

PLACE = {row[0]: (row[2], row[1]) for row in GIS1_POINTS}


def read(*sources, **options):
    return import_sources(list(sources), crs="EPSG:4548", **options)


@pytest.fixture
def apart(tmp_path):
    """The published fixture as a point and a line table."""
    (tmp_path / "apart").mkdir()
    return read(survey(tmp_path / "apart"))


def kinds(candidate):
    return [issue.kind for issue in candidate.issues]


# ---- F2: columns known by position -----------------------------------------------------------------------------


def neighbours(name):
    return [
        (end if name == start else start, *line, name == start)
        for start, end, *line in GIS1_LINES
        if name in (start, end)
    ]


def f2_v1(*, repeated):
    rows = []
    for name, north, east, ground, depth, feature, fitting in GIS1_POINTS:
        for nth, (other, material, size, *_) in enumerate(neighbours(name)):
            own = [fitting or feature, north, east, ground, depth] if repeated or nth == 0 else [None] * 5
            number = name if repeated or nth == 0 else None
            rows.append(
                [number, other, *own, None, None, size, material, None, None, None, 0.3, "直埋", "水司", None]
            )
    return rows


def f2_v2():
    rows = []
    for name, north, east, ground, depth, feature, fitting in GIS1_POINTS:
        for other, material, size, d1, d2, *_, forward in neighbours(name):
            depths = f"{d1}/{d2}" if forward else f"{d2}/{d1}"
            rows.append([name, other, None, feature, fitting, north, east, ground, ground - depth, None, material, depths, None, 0,
                         size, None, "直埋", None, "水司", None])  # fmt: skip
    return rows


def f2_file(folder, rows, **sheets):
    """Two heading rows that say nothing we know, and below the data a legend after many blank rows."""
    width = len(rows[0])
    heads = [["某某工程", *[None] * (width - 1)], ["甲", "乙", *[None] * (width - 2)]]
    legend = [[None] * width] * 12 + [["说明", "JS1", None, *[1] * (width - 3)]]
    return workbook(folder / "管线.xlsx", J=[*heads, *rows, *legend], **sheets)


@pytest.mark.parametrize("repeated", [False, True])
def test_the_first_variant_is_known_by_position(tmp_path, apart, repeated):
    candidate = read(f2_file(tmp_path, f2_v1(repeated=repeated)))
    assert ends(candidate) == ends(apart)
    assert candidate.layers["tapoffs"]["node_id"].tolist() == ["JS4"]
    assert candidate.layers["hydrants"]["node_id"].tolist() == ["JS5"]
    assert candidate.layers["nodes"].set_index("node_id")["elevation_m"].to_dict() == {
        r[0]: r[3] for r in GIS1_POINTS
    }


def test_the_second_variant_is_known_by_position_with_its_depths_size_and_material(tmp_path, apart):
    candidate = read(f2_file(tmp_path, f2_v2()))
    assert ends(candidate) == ends(apart)
    wanted = apart.layers["pipes"].set_index("pipe_id")["cover_depth_m"]
    found = candidate.layers["pipes"].set_index("pipe_id")["cover_depth_m"]
    assert found.to_dict() == pytest.approx(wanted.to_dict())
    assert candidate.layers["tapoffs"]["node_id"].tolist() == ["JS4"]


def test_without_depths_of_both_ends_the_second_variant_takes_ground_less_level(tmp_path):
    rows = [[*row[:11], None, *row[12:]] for row in f2_v2()]
    pipes = read(f2_file(tmp_path, rows)).layers["pipes"].set_index("pipe_id")
    depth_m = {row[0]: row[4] for row in GIS1_POINTS}
    assert pipes.loc["JS3-JS4", "cover_depth_m"] == pytest.approx((depth_m["JS3"] + depth_m["JS4"]) / 2)


def test_numbers_that_are_no_coordinates_are_no_survey(tmp_path):
    rows = [
        [name, other, None, 12.5 + i, 7.5, 3.0, 1.0, *[None] * 11]
        for i, (name, other, *_) in enumerate(GIS1_LINES)
    ]
    candidate = read(survey(tmp_path), f2_file(tmp_path, rows))
    assert "管线.xlsx:J" in [issue.subject for issue in candidate.issues if issue.kind == "table-skipped"]


def test_a_register_with_places_and_numbers_of_points_is_no_survey_by_position(tmp_path):
    """Sources whose ids are those of their nodes, with coordinates where variant two has them."""
    heads = [
        "水源编号",
        "节点编号",
        "名称",
        "类型",
        "高峰供水水头",
        "X坐标",
        "Y坐标",
        *[f"备注{i}" for i in range(6)],
    ]
    rows = [
        [name, name, "甲厂", "水厂", 60.0, north, east, *["x"] * 6] for name, north, east, *_ in GIS1_POINTS
    ]
    points, lines = [POINT_HEADINGS, *GIS1_POINTS], [LINE_HEADINGS, *GIS1_LINES]
    candidate = read(workbook(tmp_path / "x.xlsx", 点表=points, 线表=lines, 水源=[heads, *rows]))
    assert len(candidate.layers["sources"]) == 6
    assert len(candidate.layers["nodes"]) == 6


# ---- F5: ends of lines with their coordinates --------------------------------------------------------------------

F5 = ["QDDH", "ZDDH", "CZ", "GJ", "QDMS", "ZDMS", "QDXZB", "QDYZB", "ZDXZB", "ZDYZB"]


def f5_lines():
    return [
        [start, end, material, size, d1, d2, *PLACE[start][::-1], *PLACE[end][::-1]]
        for start, end, material, size, d1, d2, *_ in GIS1_LINES
    ]


def test_lines_with_the_coordinates_of_their_ends_need_no_point_table(tmp_path, apart):
    candidate = read(workbook(tmp_path / "x.xlsx", 线=[F5, *f5_lines()]))
    assert ends(candidate) == ends(apart)
    places = candidate.layers["nodes"].set_index("node_id").geometry
    assert {name: (p.x, p.y) for name, p in places.items()} == PLACE


def test_a_point_table_wins_over_the_ends_of_lines_and_what_differs_is_said(tmp_path, apart):
    lines = f5_lines()
    lines[0][7] += 3.0
    points = [["WTDH", "X", "Y", "TZ", "FSW"], *[[p[0], p[1], p[2], p[5], p[6]] for p in GIS1_POINTS]]
    candidate = read(workbook(tmp_path / "x.xlsx", 点=points, 线=[F5, *lines]))
    assert ends(candidate) == ends(apart)
    (twice,) = [issue for issue in candidate.issues if issue.kind == "point-twice"]
    assert (twice.subject, twice.params["apart_m"]) == ("JS1", 3.0)
    assert candidate.layers["tapoffs"]["node_id"].tolist() == ["JS4"]


# ---- lines listed twice, words for a tap-off ----------------------------------------------------------------------


def test_a_line_out_of_use_that_is_listed_from_both_ends_is_one(tmp_path):
    headings = [*LINE_HEADINGS, "使用状态"]
    lines = [[*line, "使用"] for line in GIS1_LINES]
    lines += [
        ["JS2", "JS6", "灰口铸铁", "DN150", 1, 1, "", "1960", "废弃"],
        ["JS6", "JS2", "灰口铸铁", "DN150", 1, 1, "", "1960", "0"],
    ]
    for order in (lines, lines[::-1]):
        candidate = read(survey(tmp_path, lines=order, headings=(POINT_HEADINGS, headings)))
        old = candidate.layers["pipes"].query("status == 'abandoned'")
        assert old["pipe_id"].tolist() == ["JS2-JS6"]
        assert [issue.subject for issue in candidate.issues if issue.kind == "pipe-twice"] == ["JS6-JS2"]


def test_an_old_line_beside_one_in_use_between_the_same_points_stays(tmp_path):
    headings = [*LINE_HEADINGS, "使用状态"]
    lines = [[*line, "使用"] for line in GIS1_LINES] + [
        ["JS2", "JS1", "灰口铸铁", "DN150", 1, 1, "", "1960", "废弃"]
    ]
    pipes = read(survey(tmp_path, lines=lines, headings=(POINT_HEADINGS, headings))).layers["pipes"]
    assert len(pipes) == len(lines)
    assert pipes.set_index("pipe_id").loc["JS2-JS1", ["status", "dn"]].tolist() == ["abandoned", 150]


WORDS = ["预留口", "预留", "堵头", "盖堵", "管帽", "丝堵", "堵板", "盲板", "预埋"]


@pytest.mark.parametrize(("column", "other"), [(5, ""), (5, "阀门井"), (6, ""), (6, "三通"), (6, "没有的词")])
def test_a_tapoff_is_told_by_its_word_in_either_column_whatever_the_other_says(tmp_path, column, other):
    points = [list(row) for row in GIS1_POINTS]
    points[3][column], points[3][11 - column] = "预留口", other
    assert read(survey(tmp_path, points=points)).layers["tapoffs"]["node_id"].tolist() == ["JS4"]


def test_every_word_for_a_tapoff_is_one(tmp_path):
    points = [["JS1", 4057600.0, 510700.0, 52.3, 1.2, "三通", ""]]
    points += [
        [f"JS{i}", 4057600.0 + 10 * i, 510710.0, 52.3, 1.2, word, ""] for i, word in enumerate(WORDS, 2)
    ]
    lines = [
        ["JS1", f"JS{i}", "球墨铸铁", "DN100", 1.2, 1.2, "直埋", "2008"] for i in range(2, len(WORDS) + 2)
    ]
    assert len(read(survey(tmp_path, points=points, lines=lines)).layers["tapoffs"]) == len(WORDS)


# ---- other utilities ----------------------------------------------------------------------------------------------


def as_utility(rows, code):
    return [[cell.replace("JS", code) if isinstance(cell, str) else cell for cell in row] for row in rows]


def test_survey_tables_of_sewers_and_gas_become_other_utilities_and_never_water(tmp_path):
    points, lines = [POINT_HEADINGS, *GIS1_POINTS], [LINE_HEADINGS, *GIS1_LINES]
    file = workbook(
        tmp_path / "x.xlsx", 点表=points, 线表=lines,
        污水点表=as_utility(points, "WS"), 污水线表=as_utility(lines, "WS"), MQPOINT=as_utility(points, "MQ"), MQLINE=as_utility(lines, "MQ"),
    )  # fmt: skip
    candidate = read(file)
    assert len(candidate.layers["pipes"]) == len(GIS1_LINES)
    assert not candidate.layers["pipes"]["pipe_id"].str.contains("WS|MQ").any()
    assert candidate.layers["nodes"]["node_id"].tolist() == ["JS1", "JS2", "JS3", "JS4", "JS5", "JS6"]
    utilities = candidate.layers["utilities"]
    assert utilities["kind"].value_counts().to_dict() == {"sewer": 5, "gas": 5}
    assert candidate.layers["tapoffs"]["node_id"].tolist() == ["JS4"]
    depth_m = utilities.set_index("utility_id")["cover_depth_m"]
    assert depth_m["MQ1-MQ2"] == pytest.approx(1.225)
    assert depth_m["WS1-WS2"] == pytest.approx(1.225 - 0.3)  # a sewer's depth is that of the inside bottom


@pytest.mark.parametrize(
    ("sheet", "utility"),
    [("XS", "raw-water"), ("原水", "raw-water")],
)
def test_raw_water_is_not_drinking_water(tmp_path, sheet, utility):
    file = result_table(tmp_path, **{sheet: [HEADINGS, *as_utility(result_rows(), sheet[:2])]})
    candidate = read(file)
    assert len(candidate.layers["pipes"]) == len(GIS1_LINES)
    (issue,) = [issue for issue in candidate.issues if issue.kind == "table-other-utility"]
    assert issue.params["utility"] == utility


@pytest.mark.parametrize("sheet", ["ZS", "中水线点表"])
def test_reclaimed_water_is_another_utility(tmp_path, sheet):
    file = result_table(tmp_path, **{sheet: [HEADINGS, *as_utility(result_rows(), sheet[:2])]})
    candidate = read(file)
    assert len(candidate.layers["pipes"]) == len(GIS1_LINES)
    assert set(candidate.layers["utilities"]["kind"]) == {"reclaimed"}


def test_a_column_tells_the_utility_row_by_row(tmp_path):
    points = [
        [*POINT_HEADINGS, "管线类型"],
        *[[*row, "给水"] for row in GIS1_POINTS],
        *as_utility([[*row, "YS"] for row in GIS1_POINTS], "YS"),
    ]
    lines = [
        [*LINE_HEADINGS, "管线类型"],
        *[[*row, "JS"] for row in GIS1_LINES],
        *as_utility([[*row, "雨水"] for row in GIS1_LINES], "YS"),
    ]
    candidate = read(workbook(tmp_path / "x.xlsx", 点表=points, 线表=lines))
    assert len(candidate.layers["pipes"]) == len(GIS1_LINES)
    assert candidate.layers["utilities"]["kind"].tolist() == ["storm"] * 5


def test_a_line_of_another_utility_without_its_point_is_counted_and_refuses_nothing(tmp_path):
    points, lines = [POINT_HEADINGS, *GIS1_POINTS], [LINE_HEADINGS, *GIS1_LINES]
    file = workbook(
        tmp_path / "x.xlsx",
        点表=points,
        线表=lines,
        污水点表=as_utility(points[:-1], "WS"),
        污水线表=as_utility(lines, "WS"),
    )
    candidate = read(file)
    assert len(candidate.layers["utilities"]) == 4
    (issue,) = [issue for issue in candidate.issues if issue.kind == "utility-points-missing"]
    assert issue.params["count"] == 1


# ---- F6: layers by their usual names ------------------------------------------------------------------------------


def test_supermap_layers_are_known_by_name_and_joined(tmp_path):
    def save(name, columns, shapes):
        gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4548").to_file(tmp_path / "w.gpkg", layer=name)

    lines = [LineString([PLACE[a], PLACE[b]]) for a, b, *_ in GIS1_LINES]
    table = pd.DataFrame(
        GIS1_LINES,
        columns=["起点点号", "终止点号", "管道材质", "管径", "起点埋深", "终点埋深", "接口方式", "竣工日期"],
    )
    save("普通给水管线", table.assign(管线编号=[f"G{i}" for i in range(5)]), lines)
    at = {name: Point(place) for name, place in PLACE.items()}
    save(
        "阀门",
        {"阀门编号": ["F1"], "口径": ["DN300"], "开关状态": ["开"], "安装日期": ["2008-06-01"]},
        [at["JS2"]],
    )
    save("消防栓", {"消防栓编号": ["X1"], "口径": [100]}, [at["JS5"]])
    save("阀门井", {"编号": ["FJ1"], "高程": [51.9]}, [at["JS3"]])
    save("排气阀", {"点号": ["JS6"], "高程": [52.5]}, [at["JS6"]])
    save("四通井", {"点号": ["JS1"], "高程": [52.3]}, [at["JS1"]])
    candidate = read(tmp_path / "w.gpkg")
    pipes = candidate.layers["pipes"].set_index("pipe_id")
    assert pipes["dn"].to_dict() == {"G0": 300, "G1": 300, "G2": 100, "G3": 300, "G4": 300}
    assert pipes.loc["G2", "cover_depth_m"] == pytest.approx(1.2)
    valves = candidate.layers["valves"].set_index("valve_id")
    assert valves.loc["F1", ["dn", "state"]].tolist() == [300, "open"]
    assert len(valves) == 2  # the well with its valve; an air valve closes nothing
    assert candidate.layers["hydrants"]["hydrant_id"].tolist() == ["X1"]
    nodes = candidate.layers["nodes"].set_index("node_id")
    assert nodes.loc["JS1", "kind"] == "tee"
    assert nodes.loc["JS1", "elevation_m"] == 52.3


def test_point_and_line_layers_of_a_delivery_by_code_are_joined_by_their_numbers(tmp_path):
    at = [Point(PLACE[row[0]]) for row in GIS1_POINTS]
    points = pd.DataFrame(
        [[r[0], r[3], r[5], r[6]] for r in GIS1_POINTS], columns=["Exp_No", "Surf_H", "Feature", "Subsid"]
    )
    gpd.GeoDataFrame(points, geometry=at, crs="EPSG:4548").to_file(tmp_path / "d.gpkg", layer="JSPOINT")
    lines = pd.DataFrame([r[:4] for r in GIS1_LINES], columns=["S_Point", "E_Point", "Material", "D_S"])
    shapes = [LineString([PLACE[a], PLACE[b]]) for a, b, *_ in GIS1_LINES]
    gpd.GeoDataFrame(lines, geometry=shapes, crs="EPSG:4548").to_file(tmp_path / "d.gpkg", layer="JSLINE")
    other = shapely.affinity.translate(shapely.MultiLineString(shapes), 3.0, 0.0)
    gpd.GeoDataFrame({"D_S": ["DN600"]}, geometry=[other.geoms[0]], crs="EPSG:4548").to_file(
        tmp_path / "d.gpkg", layer="WSLINE"
    )
    candidate = read(tmp_path / "d.gpkg")
    assert np.array_equal(np.sort(candidate.layers["pipes"]["dn"]), [100, 300, 300, 300, 300])
    assert candidate.layers["tapoffs"]["node_id"].tolist() == ["JS4"]
    assert candidate.layers["hydrants"]["node_id"].tolist() == ["JS5"]
    assert candidate.layers["utilities"]["kind"].tolist() == ["sewer"]
