"""Tables of points and lines as survey companies deliver them: the published fixture GIS1 and its workbook."""

from tests.workbooks import workbook

POINT_HEADINGS = ["点号", "X坐标", "Y坐标", "地面高程", "埋深", "特征点", "附属物名称"]
LINE_HEADINGS = [
    "点号",
    "连接点号",
    "材质",
    "管径或断面尺寸(mm)",
    "起点埋深",
    "终点埋深",
    "埋设方式",
    "埋设日期",
]
GIS1_POINTS = [
    ["JS1", 4057600.000, 510700.000, 52.30, 1.20, "三通", ""],
    ["JS2", 4057600.000, 510820.000, 52.10, 1.25, "", "阀门"],
    ["JS3", 4057600.000, 510940.000, 51.95, 1.30, "三通", ""],
    ["JS4", 4057618.000, 510940.000, 51.90, 1.10, "预留口", ""],
    ["JS5", 4057600.000, 511060.000, 51.80, 1.30, "", "消火栓"],
    ["JS6", 4057480.000, 510700.000, 52.50, 1.25, "出测区", ""],
]
GIS1_LINES = [
    ["JS1", "JS2", "球墨铸铁", "DN300", 1.20, 1.25, "直埋", "2008-06-01"],
    ["JS2", "JS3", "球墨铸铁", "300", 1.25, 1.30, "直埋", "2008-06-01"],
    ["JS3", "JS4", "球墨铸铁", "DN100", 1.30, 1.10, "直埋", "2008-06-01"],
    ["JS3", "JS5", "球墨铸铁", "DN300", 1.30, 1.30, "直埋", "2008-06-01"],
    ["JS1", "JS6", "灰口铸铁", "DN300", 1.20, 1.25, "直埋", "1986-05-01"],
]


def survey(folder, points=GIS1_POINTS, lines=GIS1_LINES, *, headings=(POINT_HEADINGS, LINE_HEADINGS)):
    return workbook(folder / "成果.xlsx", 点表=[headings[0], *points], 线表=[headings[1], *lines])
