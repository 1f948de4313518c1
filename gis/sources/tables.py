"""Tables without geometry: workbooks (XLSX, XLS, ODS) and CSV, in UTF-8 or GBK."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from gis.errors import GisInputError
from gis.schema import plain_text
from gis.sources.raw import RawTable, TableRef

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

HEADING_ROWS = 10  # a title and units may stand above the headings


def workbook_tables(file: Path) -> list[TableRef]:
    """List the sheets of a workbook; `file-unreadable` when it is none."""
    with _opened(file) as book:
        return [TableRef(file, name, "workbook") for name in book.sheet_names]


def _opened(file: Path) -> Any:
    try:
        return CalamineWorkbook.from_path(file)
    except (CalamineError, OSError, ValueError) as error:
        raise GisInputError("file-unreadable", file=file.name, problem=str(error)[:200]) from None


def sheet_rows(ref: TableRef) -> list[list[Any]]:
    """
    Give all cells of a sheet.

    Raises
    ------
    GisInputError
        `file-unreadable`, `sheet-empty`.
    """
    with _opened(ref.file) as book:
        try:
            rows: list[list[Any]] = book.get_sheet_by_name(ref.name).to_python(skip_empty_area=False)
        except (CalamineError, ValueError) as error:
            raise GisInputError("file-unreadable", file=ref.file.name, problem=str(error)[:200]) from None
    if not any(any(_filled(cell) for cell in row) for row in rows):
        raise GisInputError("sheet-empty", file=ref.file.name, sheet=ref.name)
    return rows


def headed_table(ref: TableRef, rows: list[list[Any]], known_headings: Collection[str]) -> RawTable:
    """Give a sheet as a table; the heading row is the one of the first ten with most `known_headings` (plain text)."""
    scores = [
        sum(plain_text(cell) in known_headings for cell in row if isinstance(cell, str))
        for row in rows[:HEADING_ROWS]
    ]
    at = int(np.argmax(scores)) if max(scores) else 0
    return RawTable(ref, _frame(rows[at], rows[at + 1 :], first_row=at + 2))


def _filled(cell: Any) -> bool:
    return cell is not None and cell != ""


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
    encoding = _text_encoding(ref.file)
    with ref.file.open(encoding=encoding, newline="") as stream:
        first = stream.readline()
    if not first.strip():
        raise GisInputError("sheet-empty", file=ref.file.name, sheet=ref.name)
    separator = max(",;\t", key=first.count)
    try:
        table = pd.read_csv(
            ref.file, sep=separator, dtype="object", keep_default_na=False, encoding=encoding, skipinitialspace=True,
        )  # fmt: skip
    except (pd.errors.ParserError, csv.Error, ValueError) as error:
        raise GisInputError("file-unreadable", file=ref.file.name, problem=str(error)[:200]) from None
    table.columns = [str(name).strip() for name in table.columns]
    table = table.astype("object").replace({"": None})
    table.index = pd.RangeIndex(2, len(table) + 2)
    return RawTable(ref, table[table.notna().any(axis=1)])


def _text_encoding(file: Path) -> str:
    content = file.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise GisInputError("file-unreadable", file=file.name, problem="UTF-8, GB18030")
