"""Workbooks and CSV: cells that are formulas, sheets without end, merged and hidden cells, dates, numbers as words."""

import datetime as dt
import struct
import zipfile

import openpyxl
import pandas as pd
from openpyxl.styles import PatternFill
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests.bad_files.case import Case, accepted, refused

FILE = "成果.xlsx"
POINTS = [
    ("点号", "X", "Y"),
    ("A", 4057600.0, 510700.0),
    ("B", 4057600.0, 510711.0),
    ("C", 4057611.0, 510723.0),
    ("D", 4057622.0, 510735.0),
]
LINES = [
    ("点号", "连接点号", "管径", "材质", "埋设日期", "所在道路"),
    ("A", "B", 200, "球墨铸铁", "2010-05-01", "经十路"),
    ("B", "C", 200, "球墨铸铁", "2011-05-01", "经十路"),
    ("C", "D", 100, "PE", "2012-05-01", "舜耕路"),
]


def workbook(change=None, *, epoch=None, lines=None, points=None):
    """The survey of three lines; `change` is done to the sheets before saving."""

    def build(folder):
        book = openpyxl.Workbook()
        if epoch is not None:
            book.epoch = epoch
        sheets = {}
        for name, rows in (("管点", points or POINTS), ("管线", lines or LINES)):
            sheets[name] = book.create_sheet(name)
            for row in rows:
                sheets[name].append(list(row))
        book.remove(book.worksheets[0])
        if change is not None:
            change(sheets["管点"], sheets["管线"])
        book.save(folder / FILE)
        return folder / FILE

    return build


def with_value(column, row, value, *, text=True):
    """One cell of the lines changed; `text` keeps a formula a text."""

    def change(_points, lines):
        cell = lines.cell(row, column)
        cell.value = value
        if text:
            cell.data_type = "s"

    return workbook(change)


def csv(column, value, *, encoding="utf-8"):
    def build(folder):
        rows = [list(row) for row in LINES]
        rows[1][LINES[0].index(column)] = value
        pd.DataFrame(rows[1:], columns=rows[0]).to_csv(folder / "管线.csv", index=False, encoding=encoding)
        pd.DataFrame(POINTS[1:], columns=POINTS[0]).to_csv(
            folder / "管点.csv", index=False, encoding=encoding
        )
        return folder

    return build


def pipe(**wanted):
    """Attributes of the first line."""

    def look(network):
        row = network.pipes.set_index("pipe_id").loc["A-B"]
        for name, value in wanted.items():
            assert pd.isna(row[name]) if value is None else row[name] == value, (name, row[name])
        assert len(network.pipes) == 3

    return look


def three(network):
    assert network.pipes["pipe_id"].tolist() == ["A-B", "B-C", "C-D"]
    assert network.pipes["dn"].tolist() == [200, 200, 100]


def rewritten(file, part, old, new):
    """A part of a workbook with a piece of its text replaced."""
    with zipfile.ZipFile(file) as archive:
        held = {info.filename: archive.read(info) for info in archive.infolist()}
    assert old in held[part]
    held[part] = held[part].replace(old, new)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in held.items():
            archive.writestr(name, content)
    return file


def with_rows(folder, rows):
    """A sheet of points with rows of XML added behind its own."""
    return rewritten(workbook()(folder), "xl/worksheets/sheet1.xml", b"</sheetData>", rows + b"</sheetData>")


def all_rows_used(folder):
    """Every row of the sheet has a style and a blank, as after filling a whole column by hand."""
    return with_rows(
        folder,
        b"".join(
            b'<row r="%d"><c r="A%d" t="inlineStr"><is><t> </t></is></c></row>' % (at, at)
            for at in range(6, 1_048_577)
        ),
    )


def last_cell_used(folder):
    return with_rows(folder, b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t> </t></is></c></row>')


def coloured(points, _lines):
    points["XFD1048576"].fill = PatternFill("solid", fgColor="ffff00")


def merged(_points, lines):
    """Material and road stand once for the first two lines."""
    lines.merge_cells("D2:D3")
    lines.merge_cells("F2:F3")


def merged_without_end(folder):
    file = workbook()(folder)
    return rewritten(
        file,
        "xl/worksheets/sheet2.xml",
        b"</sheetData>",
        b'</sheetData><mergeCells count="1"><mergeCell ref="F2:XFD1048576"/></mergeCells>',
    )


def two_headings(merge):
    def change(points, _lines):
        points.insert_rows(1)
        for cell, value in zip(points[1], ("点号", "坐标", None), strict=True):
            cell.value = value
        points["A2"].value = None
        if merge:
            points.merge_cells("A1:A2")
            points.merge_cells("B1:C1")

    return change


def titled(points, _lines):
    points.insert_rows(1, amount=2)
    points["A1"].value = "某市给水管线普查成果表"
    points.merge_cells("A1:C1")


def hidden(_points, lines):
    lines.row_dimensions[3].hidden = True


def serial_1904(_points, lines):
    """The first of May 2010 as that calendar counts it."""
    lines["E2"].value = (dt.date(2010, 5, 1) - dt.date(1904, 1, 1)).days


def bomb(folder):
    """A workbook that by its own directory unpacks to 4 GB."""
    file = workbook()(folder)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("xl/media/x.bin", "x")
    held = bytearray(file.read_bytes())
    struct.pack_into("<I", held, held.rfind(b"PK\1\2") + 24, 4_000_000_000)
    file.write_bytes(held)
    return file


DANGEROUS = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "＝1+1", "＝cmd|' /C calc'!A0"]
CASES = [
    *(Case(f"B-071 a cell that begins with {value[:5]!r}", with_value(6, 2, value), accepted(pipe(road_name=value.strip()))) for value in DANGEROUS),
    Case("B-071 a cell that begins with a carriage return", with_value(6, 2, "\r=1+1"), accepted(pipe(road_name="=1+1"))),
    *(Case(f"B-071 in CSV, {value[:5]!r}", csv("所在道路", value), accepted(pipe(road_name=value.strip()))) for value in DANGEROUS),
    Case("B-071 formulas that nobody computed", with_value(3, 2, "=100+100", text=False), accepted(pipe(dn_confidence="filled"), sheet_uncomputed=(FILE, "管线", "1"))),
    Case("B-073 all rows used though empty", all_rows_used, accepted(three)),
    Case("B-073 the last cell of a sheet used", last_cell_used, refused(FILE, "管点", 1048576, 16384)),
    Case("B-073 the last cell coloured", workbook(coloured), accepted(three)),
    Case("B-073 merged cells", workbook(merged), accepted(lambda network: _all(network, material=["DI", "DI", "PE"], road_name=["经十路", "经十路", "舜耕路"]), sheet_merged=(FILE, "管线", "2"))),
    Case("B-073 merged to the last cell", merged_without_end, accepted(lambda network: _all(network, road_name=["经十路", "经十路", "舜耕路"]))),
    Case("B-073 hidden rows", workbook(hidden), accepted(three, sheet_hidden_rows=(FILE, "管线", "1"))),
    Case("B-073 two heading rows, merged", workbook(two_headings(True)), accepted(three)),
    Case("B-073 two heading rows, not merged", workbook(two_headings(False)), accepted(three, sheet_two_headings=(FILE, "管点", "2"))),
    Case("B-073 a title above the headings", workbook(titled), accepted(three)),
    Case("B-073 a workbook that swells", bomb, refused(FILE, 4000, 3221)),
    Case("B-074 a date as text", with_value(5, 2, "2008年6月"), accepted(pipe(installed_on="2008-06-01"))),
    Case("B-074 a date as a date", with_value(5, 2, dt.date(2008, 6, 3), text=False), accepted(pipe(installed_on="2008-06-03"))),
    Case("B-074 a date as a serial number", with_value(5, 2, 39602, text=False), accepted(pipe(installed_on="2008-06-03"))),
    Case("B-074 a date of the 1904 calendar", workbook(lambda _p, lines: lines.cell(2, 5, dt.date(2008, 6, 3)), epoch=CALENDAR_MAC_1904), accepted(pipe(installed_on="2008-06-03"))),
    Case("B-074 a serial number of the 1904 calendar", workbook(serial_1904, epoch=CALENDAR_MAC_1904), accepted(pipe(installed_on="2010-05-01"), sheet_days_1904=(FILE, "1"))),
    Case("B-074 2026年9月31日", with_value(5, 2, "2026年9月31日"), accepted(pipe(installed_on=None), value_unreadable=(FILE, "2", "2026年9月31日"))),
    Case("B-075 a number as text", with_value(3, 2, "200"), accepted(pipe(dn=200))),
    Case("B-075 a coordinate with thousands commas", workbook(lambda points, _l: points.cell(2, 2, "4,057,600.0")), accepted(three)),
    Case("B-075 ≈100", with_value(3, 2, "≈100"), accepted(pipe(dn_confidence="filled"), size_unreadable=("A-B", "≈100"))),
    Case("B-075 DN100/80", with_value(3, 2, "DN100/80"), accepted(pipe(dn_confidence="filled"), size_unreadable=("A-B", "DN100/80"))),
    Case("B-075 1.00E+02 for an id", workbook(points=[["1.00E+02" if cell == "A" else cell for cell in row] for row in POINTS], lines=[["1.00E+02" if cell == "A" else cell for cell in row] for row in LINES]),
         accepted(lambda network: _node(network, "1.00E+02"), id_power_of_ten="1.00E+02")),
    Case("B-075 001 forced to be text in CSV", csv("所在道路", '="001"'), accepted(pipe(road_name="001"))),
]  # fmt: skip


def _all(network, **columns):
    for name, values in columns.items():
        assert network.pipes.sort_values("pipe_id")[name].tolist() == values, network.pipes[name]


def _node(network, name):
    assert name in set(network.nodes["node_id"])
