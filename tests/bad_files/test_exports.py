"""B-071 and B-079 on the way out: nothing a file said is computed by who opens our tables, and a cut text says so."""

import csv

import openpyxl

from design.documents.sheets.cell_text import LONGEST_CELL, MARK
from design.documents.sheets.workbook import Sheet, new_workbook
from tests.api.command import said
from tests.bad_files.models import model

FORMULA = "=cmd|'/C"


def test_ids_that_are_formulas_are_texts_in_the_table_of_a_check(tmp_path):
    file = model(("J2", FORMULA), ("J3", "-5"))(tmp_path)
    said("import", file, "--workspace", tmp_path / "w", "--json").document
    table = tmp_path / "nodes.csv"
    said(
        "check",
        "--workspace",
        tmp_path / "w",
        "--node",
        "J1",
        "--flow-lps",
        "1",
        "--nodes-out",
        table,
        "--json",
    ).document
    with table.open(encoding="utf-8", newline="") as stream:
        ids = [row[0] for row in csv.reader(stream)]
    assert ids == ["node_id", "J1", f"'{FORMULA}", "-5"]


def test_a_text_of_40_000_characters_is_cut_with_a_mark_and_a_formula_stays_a_text(tmp_path):
    book = new_workbook(created="2026-01-01T00:00:00+00:00", title="x")
    sheet = Sheet(book.create_sheet("a"), (20,))
    sheet.row(["管" * 40_000, FORMULA, -3.5])
    book.save(tmp_path / "a.xlsx")
    long, formula, number = (cell for cell in openpyxl.load_workbook(tmp_path / "a.xlsx")["a"][1])
    assert len(long.value) == LONGEST_CELL and long.value.endswith(MARK)
    assert (formula.value, formula.data_type, number.value) == (FORMULA, "s", -3.5)
