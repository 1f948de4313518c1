"""Result tables (成果表): points and lines in one sheet, a row for each neighbour, a sheet for each utility."""

import pytest

from gis.importing import import_sources
from tests.gis.survey_tables import GIS1_LINES, GIS1_POINTS, survey
from tests.workbooks import workbook

HEADINGS = [
    "管线点预编号", "连接点号", "埋设方式", "管线材料", "管径或断面", "特征", "附属物", "X", "Y", "地面", "管顶", "管底", "埋深",
]  # fmt: skip


def result_rows():
    """The published fixture written as layout F1: each line from both ends, a point's own values in its first row."""
    rows = []
    for name, north, east, ground, depth, feature, fitting in GIS1_POINTS:
        own = [feature, fitting, north, east, ground, None, None, depth]
        for start, end, material, size, _, _, way, _ in GIS1_LINES:
            if name in (start, end):
                other = end if name == start else start
                rows.append([name if own[2] else None, other, way, material, size, *own])
                own = [None] * 8
    return rows


def result_table(folder, rows=None, **sheets):
    title = [["某市地下管线点成果表"], []]
    return workbook(folder / "成果表.xlsx", J=[*title, HEADINGS, *(rows or result_rows())], **sheets)


@pytest.fixture
def apart(tmp_path):
    folder = tmp_path / "apart"
    folder.mkdir()
    return import_sources([survey(folder)], crs="EPSG:4548")


def ends(candidate):
    pipes = candidate.layers["pipes"]
    return {
        frozenset((a, b)): (dn, material, round(length, 6))
        for a, b, dn, material, length in pipes[
            ["start_node_id", "end_node_id", "dn", "material", "length_m"]
        ].itertuples(index=False)
    }


def test_one_sheet_gives_the_network_of_the_two_tables(tmp_path, apart):
    """Each line is listed twice and comes out once."""
    candidate = import_sources([result_table(tmp_path)], crs="EPSG:4548")
    assert len(candidate.layers["pipes"]) == len(GIS1_LINES)
    assert ends(candidate) == ends(apart)
    assert sum(issue.kind == "pipe-twice" for issue in candidate.issues) == len(GIS1_LINES)
    assert candidate.layers["tapoffs"]["node_id"].tolist() == ["JS4"]


def test_depths_of_both_ends_come_from_their_points(tmp_path):
    candidate = import_sources([result_table(tmp_path)], crs="EPSG:4548")
    depth_m = {row[0]: row[4] for row in GIS1_POINTS}
    assert len(candidate.layers["pipes"]) == len(GIS1_LINES)
    for pipe in candidate.layers["pipes"].to_dict("records"):
        mean_m = (depth_m[pipe["start_node_id"]] + depth_m[pipe["end_node_id"]]) / 2
        assert pipe["cover_depth_m"] == pytest.approx(mean_m)


def test_sheets_of_other_utilities_are_not_taken_for_water(tmp_path):
    sewer = [
        [None if cell is None else str(cell).replace("JS", "W") for cell in row] for row in result_rows()
    ]
    candidate = import_sources([result_table(tmp_path, W=[HEADINGS, *sewer])], crs="EPSG:4548")
    assert len(candidate.layers["pipes"]) == len(GIS1_LINES)
    assert candidate.layers["utilities"]["kind"].tolist() == ["sewer"] * len(GIS1_LINES)
