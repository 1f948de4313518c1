"""Tables without geometry: workbooks (XLSX, XLS, ODS) and CSV, in UTF-8 or GBK."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from gis.errors import GisInputError
from gis.issues import DataIssue
from gis.sources.encoding import text_encoding
from gis.sources.raw import RawTable, TableRef
from gis.sources.sheets.sheet_rows import heading_of, with_days_from_1904, with_merged, without_blank_rows
from gis.sources.sheets.workbook_scan import scan_workbook

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from gis.errors import Param


def workbook_tables(file: Path) -> list[TableRef]:
    """List the sheets of a workbook; `file-unreadable` when it is none."""
    with _opened(file) as book:
        return [TableRef(file, name, "workbook") for name in book.sheet_names]


def _opened(file: Path) -> Any:
    try:
        return CalamineWorkbook.from_path(file)
    except (CalamineError, OSError, ValueError) as error:
        raise GisInputError("file-unreadable", file=file.name, problem=str(error)[:200]) from None


FORCED_TEXT = r'^="([^"]*)"$'  # how spreadsheets are made to keep the zeros of ="001"


@dataclass(frozen=True)
class Sheet:
    """Rows of a sheet, what was mended or doubted in them, and whether its calendar begins in 1904."""

    rows: list[list[Any]]
    issues: tuple[DataIssue, ...] = ()
    counts_from_1904: bool = False


def read_sheet(ref: TableRef) -> Sheet:
    """
    Give all rows of a sheet.

    Raises
    ------
    GisInputError
        `file-unreadable`, `sheet-empty`, `workbook-too-large`.
    """
    facts = scan_workbook(ref.file)
    with _opened(ref.file) as book:
        try:
            sheet = book.get_sheet_by_name(ref.name)
            rows = without_blank_rows(sheet.to_python(skip_empty_area=False))
            merged = with_merged(rows, sheet.merged_cell_ranges)
        except (CalamineError, ValueError) as error:
            raise GisInputError("file-unreadable", file=ref.file.name, problem=str(error)[:200]) from None
    if not rows:
        raise GisInputError("sheet-empty", file=ref.file.name, sheet=ref.name)
    issues = facts.issues(ref.file, ref.name)
    if merged:
        params: dict[str, Param] = {"count": merged, "field": ref.name}
        issues += (DataIssue("sheet-merged", "repaired", "", ref.file.name, None, params, "merged-filled"),)
    return Sheet(rows, issues, facts.counts_from_1904)


def headed_table(ref: TableRef, sheet: Sheet, known_headings: Collection[str]) -> RawTable:
    """Give a sheet as a table; the heading row is the one of the first ten with most `known_headings` (plain text)."""
    headings, below, is_double = heading_of(sheet.rows, known_headings)
    issues = sheet.issues
    if is_double:
        params: dict[str, Param] = {"field": ref.name, "row": below}
        issues += (
            DataIssue("sheet-two-headings", "repaired", "", ref.file.name, None, params, "headings-joined"),
        )
    raw = RawTable(ref, _frame(headings, sheet.rows[below:], first_row=below + 1), issues=issues)
    return with_days_from_1904(raw) if sheet.counts_from_1904 else raw


def _frame(headings: list[Any], rows: list[list[Any]], *, first_row: int) -> pd.DataFrame:
    """Columns by heading; a repeated heading keeps its first column, empty rows are left out."""
    names = [str(cell).strip() for cell in headings]
    columns: dict[str, pd.Series] = {}
    index = pd.RangeIndex(first_row, first_row + len(rows))
    for position, values in enumerate(zip(*rows, strict=False)):
        if position < len(names) and names[position] and names[position] not in columns:
            columns[names[position]] = _column(values, index)
    blank = pd.Series(None, index=index, dtype="object")
    table = pd.DataFrame({name: columns.get(name, blank) for name in names if name}, index=index)
    filled = table.notna().any(axis=1)
    return table if filled.all() else table[filled]


def _column(cells: tuple[Any, ...], index: pd.RangeIndex) -> pd.Series:
    """
    Give the cells of a column without blanks; equal texts become one.

    Nine tenths of the memory of a city's workbooks are cells that say the same.
    """
    kinds = set(map(type, cells))
    if kinds == {float} or (kinds == {float, str} and not any(isinstance(c, str) and c for c in cells)):
        return pd.Series([np.nan if cell == "" else cell for cell in cells], index=index, dtype="float64")
    known: dict[str, str] = {}
    plain = [known.setdefault(c, c) if type(c) is str else c for c in cells]
    return pd.Series([None if cell == "" else cell for cell in plain], index=index, dtype="object")


def read_csv(ref: TableRef) -> RawTable:
    """
    Read a CSV table as text; comma, semicolon or tab by its first line, UTF-8 or GB18030 by validity.

    Raises
    ------
    GisInputError
        `file-unreadable` with the line, `sheet-empty`.
    """
    try:
        encoding = text_encoding(ref.file.read_bytes(), ref.encoding).name
        with ref.file.open(encoding=encoding, newline="") as stream:
            first = stream.readline()
        separator = max(",;\t", key=first.count)
        if not first.strip():
            raise GisInputError("sheet-empty", file=ref.file.name, sheet=ref.name)
        table = pd.read_csv(
            ref.file, sep=separator, dtype="object", keep_default_na=False, encoding=encoding, skipinitialspace=True,
        )  # fmt: skip
    except (pd.errors.ParserError, csv.Error, LookupError, ValueError) as error:
        raise GisInputError("file-unreadable", file=ref.file.name, problem=str(error)[:200]) from None
    table.columns = [str(name).strip() for name in table.columns]
    table = table.astype("object").replace({"": None}).replace(FORCED_TEXT, r"\1", regex=True)
    table.index = pd.RangeIndex(2, len(table) + 2)
    return RawTable(ref, table[table.notna().any(axis=1)])
