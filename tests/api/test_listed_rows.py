"""Lists a person typed: what Excel in China saves is read as well as UTF-8, and what cannot be read says so."""

from datetime import date

import openpyxl
import pytest

from api.errors import CallError
from api.field.readings_file import read_readings
from api.files.listed_rows import read_rows
from api.spare.reserved import read_reserved

WANTED = [(2, {"node_id": "J-1", "pressure_m": "31.5", "name": "㙟头村口"}), (4, {"node_id": "1301", "pressure_m": "28", "name": ""})]  # fmt: skip
CHINESE = "节点编号,压力(m),名称\r\nJ-1,31.5,㙟头村口\r\n,,\r\n1301,28,\r\n"


@pytest.mark.parametrize(
    "content",
    [
        CHINESE.encode(),
        CHINESE.encode("utf-8-sig"),
        CHINESE.encode("gb18030"),
        CHINESE.encode("utf-16"),
        CHINESE.replace(",", ";").encode("gb18030"),
        CHINESE.replace(",", "\t").replace("(m)", "（m）").encode(),
        CHINESE.replace("节点编号,压力(m),名称", " NODE_ID , pressure_m,name ").encode(),
    ],
)
def test_rows_are_the_same_whatever_wrote_them(content, tmp_path):
    path = tmp_path / "表.csv"
    path.write_bytes(content)
    assert read_rows(path, "readings") == WANTED


def test_a_workbook_gives_names_without_decimals_and_days_as_days(tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ["节点编号", "压力(m)", "日期"],
        [1301, 28, date(2026, 11, 3)],
        [None, None, None],
        ["J-1", 31.5],
    ):
        book.active.append(row)
    book.save(tmp_path / "r.xlsx")
    assert read_rows(tmp_path / "r.xlsx", "readings") == [
        (2, {"node_id": "1301", "pressure_m": "28", "date": "2026-11-03"}),
        (4, {"node_id": "J-1", "pressure_m": "31.5", "date": ""}),
    ]


def test_an_empty_file_has_no_rows(tmp_path):
    (tmp_path / "e.csv").write_bytes(b"")
    assert read_rows(tmp_path / "e.csv", "readings") == []


@pytest.mark.parametrize("name", ["r.csv", "r.xlsx"])
@pytest.mark.parametrize(
    ("read", "kind"), [(read_reserved, "reserved"), (lambda path: read_readings(path, None), "readings")]
)
def test_a_file_that_is_missing_or_no_table_says_which_file(read, kind, name, tmp_path):
    path = tmp_path / name
    with pytest.raises(CallError) as missing:
        read(path)
    assert (missing.value.code, missing.value.params["file"]) == (f"{kind}-missing", str(path))
    path.write_bytes(b"\xff\x81\x00\xfe\xff")
    with pytest.raises(CallError) as broken:
        read(path)
    assert (broken.value.code, broken.value.params["file"]) == (f"{kind}-unreadable", name)
