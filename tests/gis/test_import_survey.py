"""Survey tables: the published fixture GIS1, axes, doubles, and refusals that name file, row and field."""

import pytest

from gis.crs import to_lonlat
from gis.errors import GisInputError
from gis.importing import import_sources
from gis.messages import both_languages
from gis.store import create_store
from tests.gis.survey_tables import GIS1_LINES, GIS1_POINTS, LINE_HEADINGS, POINT_HEADINGS, survey
from tests.workbooks import workbook


def read(source, crs="EPSG:4548"):
    return import_sources([source], crs=crs)


@pytest.fixture
def gis1(tmp_path):
    return read(survey(tmp_path))


def test_the_published_fixture_has_its_nodes_lines_and_lengths(gis1):
    pipes = gis1.layers["pipes"].set_index("pipe_id")
    assert len(gis1.layers["nodes"]) == 6
    assert pipes["length_m"].round(9).to_dict() == {
        "JS1-JS2": 120.0, "JS2-JS3": 120.0, "JS3-JS4": 18.0, "JS3-JS5": 120.0, "JS1-JS6": 120.0,
    }  # fmt: skip
    assert pipes["dn"].to_dict() == {
        "JS1-JS2": 300,
        "JS2-JS3": 300,
        "JS3-JS4": 100,
        "JS3-JS5": 300,
        "JS1-JS6": 300,
    }
    assert pipes.loc["JS1-JS6", "material"] == "GCI"
    assert pipes.loc["JS1-JS6", "install_year"] == 1986
    assert pipes.loc["JS1-JS2", "installed_on"] == "2008-06-01"


def test_the_published_top_of_pipe_levels_follow_from_ground_and_depth(gis1):
    nodes = gis1.layers["nodes"].set_index("node_id")["elevation_m"]
    pipes = gis1.layers["pipes"].set_index("pipe_id")
    depth_m = {row[0]: row[4] for row in GIS1_POINTS}
    expected = {"JS1": 51.10, "JS2": 50.85, "JS3": 50.65, "JS4": 50.80, "JS5": 50.50, "JS6": 51.25}
    assert {p: round(nodes[p] - depth_m[p], 3) for p in expected} == expected
    assert pipes.loc["JS3-JS4", "cover_depth_m"] == pytest.approx(1.2)


def test_the_published_stub_is_found_with_its_main_size_and_place(gis1):
    (stub,) = gis1.layers["tapoffs"].to_dict("records")
    assert (stub["tapoff_id"], stub["node_id"], stub["dn"]) == ("JS4", "JS4", 100)
    assert stub["pipe_id"] in {"JS2-JS3", "JS3-JS5"}
    assert stub["pipe_dn"] == 300
    x, y = stub["geometry"].x, stub["geometry"].y
    assert ((x - 510960) ** 2 + (y - 4057650) ** 2) ** 0.5 == pytest.approx(37.736, abs=0.001)
    from gis.crs import parse_crs

    assert to_lonlat(parse_crs(gis1.crs), x, y) == pytest.approx((117.12234588, 36.64946906), abs=1e-8)


def test_valves_and_hydrants_of_the_survey_sit_on_their_points(gis1):
    (valve,) = gis1.layers["valves"].to_dict("records")
    assert (valve["valve_id"], valve["node_id"], valve["dn"]) == ("JS2", "JS2", 300)
    assert gis1.layers["hydrants"]["node_id"].tolist() == ["JS5"]


def test_x_is_northing_and_y_is_easting(gis1):
    place = gis1.layers["nodes"].set_index("node_id").geometry["JS4"]
    assert (place.x, place.y) == (510940.0, 4057618.0)


def test_nothing_is_doubted_in_the_fixture_but_the_missing_sources(gis1):
    assert [issue.kind for issue in gis1.issues] == ["roughness-by-table", "no-sources"]


def test_survey_tables_as_csv_in_gbk_give_the_same_network(tmp_path, gis1):
    folder = tmp_path / "csv"
    folder.mkdir()
    for name, heading, rows in (("点表", POINT_HEADINGS, GIS1_POINTS), ("线表", LINE_HEADINGS, GIS1_LINES)):
        text = "\n".join(",".join(str(cell) for cell in row) for row in [heading, *rows])
        (folder / f"{name}.csv").write_text(text, encoding="gbk")
    again = read(folder)
    store = create_store(tmp_path / "W")
    assert store.publish(again).version == store.publish(gis1).version


def test_headings_are_known_in_full_width_with_units_and_below_a_title(tmp_path):
    points = ["点  号", "Ｘ坐标（m）", "Ｙ坐标（m）", "地面高程（m）", "埋深", "特征", "附属物"]
    lines = [
        "点号",
        "连接点号",
        "管材",
        "管径或断面尺寸（ｍｍ）",
        "起点埋深(m)",
        "终点埋深(m)",
        "埋设方式",
        "埋设日期",
    ]
    file = workbook(
        tmp_path / "成果.xlsx",
        点表=[["某市给水管线点成果表"], [], points, *GIS1_POINTS],
        线表=[["某市给水管线线成果表"], [], lines, *GIS1_LINES],
    )
    assert len(read(file).layers["pipes"]) == 5


def test_rows_in_another_order_give_the_same_version(tmp_path, gis1):
    folder = tmp_path / "again"
    folder.mkdir()
    again = read(survey(folder, GIS1_POINTS[::-1], GIS1_LINES[::-1]))
    store = create_store(tmp_path / "W")
    assert store.publish(again).version == store.publish(gis1).version


def test_lines_listed_from_both_ends_are_one_pipe_each(tmp_path, gis1):
    folder = tmp_path / "twice"
    folder.mkdir()
    back = [[b, a, *rest] for a, b, *rest in GIS1_LINES]
    twice = read(survey(folder, lines=[*GIS1_LINES, *back]))
    assert sorted(twice.layers["pipes"]["pipe_id"]) == sorted(gis1.layers["pipes"]["pipe_id"])
    assert sum(issue.kind == "pipe-twice" for issue in twice.issues) == 5


def test_the_same_line_listed_again_is_no_second_pipe(tmp_path):
    again = read(survey(tmp_path, lines=[*GIS1_LINES, GIS1_LINES[0]]))
    assert len(again.layers["pipes"]) == 5
    assert not any("~" in pipe for pipe in again.layers["pipes"]["pipe_id"])


def test_a_point_listed_twice_at_two_places_is_an_error_and_the_first_counts(tmp_path):
    points = [*GIS1_POINTS, ["JS5", 4057600.0, 511061.0, 51.8, 1.3, "", "消火栓"]]
    candidate = read(survey(tmp_path, points))
    (issue,) = [issue for issue in candidate.issues if issue.kind == "point-twice"]
    assert (issue.severity, issue.subject, issue.params["apart_m"]) == ("error", "JS5", 1.0)
    assert candidate.layers["nodes"].set_index("node_id").geometry["JS5"].x == 511060.0


def test_an_easting_with_the_zone_in_front_is_taken_as_that_zone(tmp_path):
    points = [[p, n, e + 39_000_000, *rest] for p, n, e, *rest in GIS1_POINTS]
    assert read(survey(tmp_path, points), crs=None).crs == "EPSG:4527"


def test_a_tapoff_register_names_the_survey_point(tmp_path):
    survey(tmp_path)
    workbook(
        tmp_path / "预留口台账.xlsx",
        预留口=[
            ["预留口编号", "点号", "口径", "状态", "预留至", "阀门编号", "覆土埋深", "最近踏勘", "所在道路"],
            ["YLK1", "JS4", "DN100", "已预留", "2027-01-31", "JS2", 1.15, "2025-03-02", "经十路"],
        ],
    )
    (stub,) = read(tmp_path).layers["tapoffs"].to_dict("records")
    assert stub["tapoff_id"] == "YLK1"
    assert stub["status"] == "reserved"
    assert stub["reserved_until"] == "2027-01-31"
    assert stub["valve_id"] == "JS2"
    assert stub["cover_depth_m"] == 1.15
    assert (stub["geometry"].x, stub["geometry"].y) == (510940.0, 4057618.0)


@pytest.mark.parametrize("word", ["盖堵", "堵头", "管帽", "丝堵", "盲板", "预留"])
@pytest.mark.parametrize("column", [5, 6])
def test_every_word_for_a_capped_end_is_a_tapoff_in_either_column(tmp_path, word, column):
    points = [list(row) for row in GIS1_POINTS]
    points[3][5] = ""
    points[3][column] = word
    assert read(survey(tmp_path, points)).layers["tapoffs"]["node_id"].tolist() == ["JS4"]


def test_the_valve_on_the_way_and_the_main_behind_it_are_found(tmp_path):
    points = [*GIS1_POINTS, ["JS7", 4057603.0, 510940.0, 51.9, 1.2, "", "阀门"]]
    lines = [row for row in GIS1_LINES if row[1] != "JS4"]
    lines += [
        ["JS3", "JS7", "球墨铸铁", "DN100", 1.3, 1.2, "直埋", "2008-06-01"],
        ["JS7", "JS8", "球墨铸铁", "DN100", 1.2, 1.1, "直埋", "2008-06-01"],
    ]
    points[3] = ["JS8", 4057606.0, 510940.0, 51.9, 1.1, "预留口", ""]
    (stub,) = read(survey(tmp_path, points, lines)).layers["tapoffs"].to_dict("records")
    assert stub["valve_id"] == "JS7"
    assert stub["pipe_id"] in {"JS2-JS3", "JS3-JS5"}


BAD_DEPTHS = [(-0.5, "depth-impossible", True), (0, "depth-impossible", True), (9.5, "depth-doubtful", False)]


@pytest.mark.parametrize(("depth", "kind", "left_out"), BAD_DEPTHS)
def test_impossible_depths_are_left_out_and_great_ones_doubted(tmp_path, depth, kind, left_out):
    lines = [list(row) for row in GIS1_LINES]
    lines[0][4] = lines[0][5] = depth
    candidate = read(survey(tmp_path, lines=lines))
    (issue,) = [i for i in candidate.issues if i.layer == "pipes" and i.kind != "roughness-by-table"]
    assert (issue.kind, issue.subject, issue.params["value"]) == (kind, "JS1-JS2", depth)
    assert candidate.layers["pipes"].set_index("pipe_id")["cover_depth_m"].isna()["JS1-JS2"] == left_out


@pytest.mark.parametrize(("year", "kind"), [("1066-01-01", "year-impossible"), ("2199", "year-impossible"), ("很久以前", "value-unreadable")])  # fmt: skip
def test_impossible_years_are_left_out(tmp_path, year, kind):
    lines = [list(row) for row in GIS1_LINES]
    lines[0][7] = year
    candidate = read(survey(tmp_path, lines=lines))
    (issue,) = [i for i in candidate.issues if i.layer == "pipes" and i.kind != "roughness-by-table"]
    assert (issue.kind, issue.subject) == (kind, "JS1-JS2")
    pipe = candidate.layers["pipes"].set_index("pipe_id").loc["JS1-JS2"]
    assert pipe[["installed_on", "install_year"]].isna().all()


def test_a_pipe_without_size_takes_that_of_its_neighbours_and_says_so(tmp_path):
    lines = [list(row) for row in GIS1_LINES]
    lines[1][3] = ""
    candidate = read(survey(tmp_path, lines=lines))
    pipe = candidate.layers["pipes"].set_index("pipe_id").loc["JS2-JS3"]
    assert (pipe["dn"], pipe["dn_confidence"], pipe["inner_diameter_m"]) == (300, "filled", 0.3)
    (issue,) = [issue for issue in candidate.issues if issue.kind == "dn-missing"]
    assert (issue.severity, issue.subject, issue.params["dn"]) == ("repaired", "JS2-JS3", 300)


def test_an_unknown_material_names_file_row_and_field(tmp_path):
    lines = [list(row) for row in GIS1_LINES]
    lines[2][2] = "竹管"
    candidate = read(survey(tmp_path, lines=lines))
    (issue,) = [issue for issue in candidate.issues if issue.kind == "code-unknown"]
    assert issue.params == {"file": "成果.xlsx", "row": 4, "field": "材质", "value": "竹管"}
    assert candidate.layers["pipes"].set_index("pipe_id").loc["JS3-JS4", "material"] == "unknown"


def refusal(run):
    with pytest.raises(GisInputError) as caught:
        run()
    assert caught.value.exit_status == 2
    return caught.value, both_languages(caught.value)


def test_a_line_to_a_missing_point_is_refused_with_row_and_point(tmp_path):
    lines = [list(row) for row in GIS1_LINES]
    lines[3][1] = "JS99"
    error, text = refusal(lambda: read(survey(tmp_path, lines=lines)))
    assert error.code == "survey-point-missing"
    assert error.params == {
        "file": "成果.xlsx", "sheet": "线表", "row": 5, "field": "连接点号", "point": "JS99", "count": 1,
    }  # fmt: skip
    assert "未找到与之相连的点号" in text


@pytest.mark.parametrize(
    ("column", "field", "value"), [(0, "点号", ""), (1, "X坐标", ""), (2, "Y坐标", "约510820")]
)
def test_a_point_without_number_or_coordinates_is_refused(tmp_path, column, field, value):
    points = [list(row) for row in GIS1_POINTS]
    points[1][column] = value
    error, text = refusal(lambda: read(survey(tmp_path, points)))
    assert error.code == "survey-value-missing"
    assert (error.params["row"], error.params["field"]) == (3, field)
    assert "3" in text


def test_an_empty_sheet_is_refused(tmp_path):
    file = workbook(tmp_path / "成果.xlsx", 点表=[POINT_HEADINGS, *GIS1_POINTS], 线表=[])
    error, _ = refusal(lambda: read(file))
    assert (error.code, error.params["sheet"]) == ("sheet-empty", "线表")


def test_a_table_without_the_needed_columns_is_refused_with_what_it_has(tmp_path):
    file = workbook(tmp_path / "成果.xlsx", 点表=[["甲", "乙"], [1, 2]], 线表=[LINE_HEADINGS, *GIS1_LINES])
    error, text = refusal(lambda: read(file))
    assert error.code == "survey-columns"
    assert "甲" in text


def test_lines_without_any_point_table_are_refused(tmp_path):
    error, _ = refusal(lambda: read(workbook(tmp_path / "成果.xlsx", 线表=[LINE_HEADINGS, *GIS1_LINES])))
    assert error.code == "survey-points-absent"


def test_a_file_that_is_no_workbook_is_refused(tmp_path):
    (tmp_path / "成果.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    error, text = refusal(lambda: read(tmp_path / "成果.xlsx"))
    assert error.code == "file-unreadable"
    assert "成果.xlsx" in text
