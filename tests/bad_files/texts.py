"""Names and remarks no program likes: rare characters, other directions, markup, controls, no end."""

import unicodedata

import openpyxl

from tests.bad_files import good
from tests.bad_files.case import Case, accepted
from tests.bad_files.sheets import workbook

NAMES = ["𠮷祥路", "㙟家沟", "水厂🚰路", "שדרות\u200fהמים", "经\u200b十路", "e\u0301toile"]
MARKUP = [
    "<img src=x onerror=alert(1)>",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "'; DROP TABLE pipes; --",
    "%s%n%x",
    "..\\..\\x",
    "<script>alert(1)</script>",
]
FILE = "供水管段.geojson"


def called(name, *, column="所在道路"):
    def build(folder):
        values = [name, "泺源大街"]
        if column == "管段编号":
            return good.geopackage(folder, good.pipes(管段编号=[name, "甲2"]))
        return good.geopackage(folder, good.pipes(**{column: values}))

    return build


def kept(name, *, column="road_name"):
    def look(network):
        assert name in set(network.pipes[column]), network.pipes[column].tolist()

    return look


def in_json(raw):
    """A remark as JSON escapes it, for what no file system or GDAL would let through otherwise."""

    def build(folder):
        text = '{"type": "FeatureCollection", "features": [%s]}'
        feature = '{"type": "Feature", "properties": {"管段编号": "甲1", "公称直径": 200, "所在道路": "%s"}, "geometry": {"type": "LineString", "coordinates": [[117.1, 36.6], [117.101, 36.6]]}}'
        (folder / FILE).write_text(text % (feature % raw), encoding="utf-8")
        return folder / FILE

    return build


def sheet_of_markup(folder):
    """Markup for the name of a sheet that nobody knows."""
    file = workbook()(folder)
    book = openpyxl.load_workbook(file)
    book.create_sheet("<img src=x>").append(["甲", "乙"])
    book["<img src=x>"].append([1, 2])
    book.save(file)
    return file


def composed(name):
    return unicodedata.normalize("NFC", name)


CASES = [
    *(Case(f"B-078 a road called {name.encode('unicode_escape').decode()}", called(name), accepted(kept(composed(name)))) for name in NAMES),
    *(Case(f"B-078 a pipe called {name.encode('unicode_escape').decode()}", called(name, column="管段编号"), accepted(kept(composed(name), column="pipe_id"))) for name in NAMES[:4]),
    Case("B-079 a text of 40,000 characters", called("管" * 40_000), accepted(kept("管" * 40_000))),
    *(Case(f"B-089 a road called {name[:12]}", called(name), accepted(kept(name))) for name in MARKUP),
    *(Case(f"B-089 a pipe called {name[:12]}", called(name, column="管段编号"), accepted(kept(name, column="pipe_id"))) for name in MARKUP),
    Case("B-089 a sheet called <img>", sheet_of_markup, accepted(table_skipped="成果.xlsx:<img src=x>")),
    Case("B-090 NUL", in_json("经\\u0000十路"), accepted(lambda network: None)),
    Case("B-090 U+FFFE", in_json("经\\ufffe十路"), accepted(kept("经十路"), text_unfit=("1", "所在道路"))),
    Case("B-090 a lone surrogate", in_json("经\\ud800十路"), accepted(lambda network: None)),
    Case("B-090 U+202E", in_json("经\\u202e十路"), accepted(kept("经十路"), text_unfit=("1", "所在道路"))),
    Case("B-090 a control", in_json("经\\u0007十路"), accepted(kept("经十路"), text_unfit=("1", "所在道路"))),
    Case("B-090 a remark of 1 MB", in_json("长" * 350_000), accepted(kept("长" * 65_536), text_endless=("65536", "所在道路"))),
]  # fmt: skip
