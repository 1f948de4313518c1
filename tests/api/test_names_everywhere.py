"""A name goes unharmed and harmless into every document: B-078 and B-089 of the list of bad inputs."""

import json
import sqlite3

import ezdxf
import openpyxl
import pypdfium2
import pytest

from tests.api.command import said

# plane-1 and extension-A ideographs, mark-up, a template, SQL and a formula
NAMES = ("𠮷祥㙟里<img src=x onerror=alert(1)>", "{{7*7}}${7*7}'; DROP TABLE pipes;--", "=cmd|'/C calc'!A0")


@pytest.fixture(scope="module", params=NAMES)
def named(request, sample_workspace, tmp_path_factory):
    """A name, and the folder of a scheme that bears it."""
    folder = tmp_path_factory.mktemp("names")
    wanted = {
        "name": request.param,
        "site": {"position": [117.02, 36.66], "storeys": 6},
        "use": {"type": "residential", "dwellings": 48},
        "options": {"count": 1},
    }
    asked = folder / "request.json"
    asked.write_text(json.dumps(wanted), encoding="utf-8")
    answer = said(
        "scheme", "--workspace", sample_workspace, asked, "--out", folder / "out", "--json"
    ).document
    assert answer["name"] == request.param
    return request.param, folder / "out"


def test_the_book_shows_the_name_as_text(named):
    name, folder = named
    with pypdfium2.PdfDocument(folder / "scheme.pdf") as book:
        text = "".join(page.get_textpage().get_text_range() for page in book)
    assert name in "".join(text.split("\r\n"))


def test_the_drawing_shows_the_name_as_text(named):
    name, folder = named
    drawing = ezdxf.readfile(folder / "plan.dxf")
    assert not drawing.audit().errors
    words = [
        entity.plain_text() if entity.dxftype() == "MTEXT" else entity.dxf.text
        for layout in drawing.layouts
        for entity in layout.query("TEXT MTEXT ATTRIB")
    ]
    words += [
        mark.dxf.text
        for layout in drawing.layouts
        for block in layout.query("INSERT")
        for mark in block.attribs
    ]
    assert any(name in word for word in words)


def test_the_quote_holds_the_name_as_text_and_no_formula(named):
    name, folder = named
    book = openpyxl.load_workbook(folder / "quote.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    holding = [cell for cell in cells if name in str(cell.value)]
    assert holding and all(cell.data_type == "s" for cell in holding)


def test_the_map_page_runs_nothing_of_the_name(named):
    name, folder = named
    page = (folder / "map.html").read_text(encoding="utf-8")
    assert "<img src=x" not in page
    assert "𠮷祥㙟里" in page or not name.startswith("𠮷")


def test_the_layers_hold_the_name_as_text(named):
    name, folder = named
    with sqlite3.connect(folder / "scheme.gpkg") as package:
        tables = [row[0] for row in package.execute("select table_name from gpkg_contents")]
        held = [str(row) for table in tables for row in package.execute(f'select * from "{table}"')]
    assert tables and any(repr(name)[1:-1] in row or name in row for row in held)
