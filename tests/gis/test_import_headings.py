"""Survey tables under the headings of each format in use: the published fixture is the same network in all."""

import pytest

from gis.importing import import_sources
from tests.gis.survey_tables import GIS1_LINES, GIS1_POINTS
from tests.workbooks import workbook

# point number, northing, easting, ground, depth, feature, appurtenance | start, end, material, size, depths, way, date
FORMATS = {
    "F3 stored": (
        ["物探点号", "X", "Y", "地面高程", "埋深", "特征", "附属物"],
        ["起点点号", "终点点号", "材质", "管径", "起点埋深", "终点埋深", "埋设方式", "埋设日期"],
    ),
    "F4 English": (
        ["Exp_No", "X", "Y", "Surf_H", "Depth", "Feature", "Subsid"],
        ["Start_Point", "End_Point", "Material", "D_S", "", "", "BuryWay", "埋设日期"],
    ),
    "F4 lower case": (
        ["exp_no", "x", "y", "surf_h", "b_depth", "feature", "subsid"],
        ["start_point", "end_point", "material", "d_s", "", "", "buryway", "埋设日期"],
    ),
    "F5 pinyin": (
        ["WTDH", "X", "Y", "地面高程", "埋深", "TZ", "FSW"],
        ["QDDH", "ZDDH", "CZ", "GJ", "QDMS", "ZDMS", "BZ", "埋设日期"],
    ),
    "F6 SuperMap": (
        ["点号", "X坐标", "Y坐标", "地面高程", "埋深", "特征", "附属物"],
        ["起点点号", "终止点号", "管道材质", "管径", "起点埋深", "终点埋深", "接口方式", "敷设年代"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_the_published_fixture_is_the_same_under_the_headings_of(tmp_path, name):
    points, lines = FORMATS[name]
    file = workbook(tmp_path / "成果.xlsx", 点表=[points, *GIS1_POINTS], 线表=[lines, *GIS1_LINES])
    candidate = import_sources([file], crs="EPSG:4548")
    pipes = candidate.layers["pipes"].set_index("pipe_id")
    assert pipes["dn"].to_dict() == {
        "JS1-JS2": 300, "JS2-JS3": 300, "JS3-JS4": 100, "JS3-JS5": 300, "JS1-JS6": 300,
    }  # fmt: skip
    assert pipes["material"].to_dict() == {
        "JS1-JS2": "DI", "JS2-JS3": "DI", "JS3-JS4": "DI", "JS3-JS5": "DI", "JS1-JS6": "GCI",
    }  # fmt: skip
    assert pipes.loc["JS1-JS6", "install_year"] == 1986
    if "" not in lines:  # the English format keeps no depths with its lines
        assert pipes.loc["JS3-JS4", "cover_depth_m"] == pytest.approx(1.2)
    ground_m = candidate.layers["nodes"].set_index("node_id")["elevation_m"]
    assert ground_m.to_dict() == {row[0]: row[3] for row in GIS1_POINTS}
    assert candidate.layers["tapoffs"]["node_id"].tolist() == ["JS4"]
    assert candidate.layers["hydrants"]["node_id"].tolist() == ["JS5"]
