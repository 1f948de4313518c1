"""Rows of a list a person typed: CSV in UTF-8 or GBK, or the first sheet of a workbook, under English or Chinese headings."""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from api.errors import CallError
from gis.sources.encoding import text_encoding

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Row = dict[str, str]
_BOOKS = {".xlsx", ".xlsm"}


def read_rows(path: Path, kind: str) -> list[tuple[int, Row]]:
    """
    Give each row with its number in the file (the heading is 1); rows without any cell are passed over.

    Raises
    ------
    CallError
        `{kind}-missing`, `{kind}-unreadable`.
    """
    try:
        raw = path.read_bytes()
        lines = _of_book(raw) if path.suffix.lower() in _BOOKS else _of_text(raw)
    except (FileNotFoundError, IsADirectoryError):
        raise CallError(f"{kind}-missing", file=str(path)) from None
    except (OSError, LookupError, ValueError, csv.Error, zipfile.BadZipFile) as error:
        raise CallError(f"{kind}-unreadable", file=path.name, problem=str(error)[:200]) from None
    if not lines:
        return []
    heading = [_field(cell) for cell in lines[0]]
    return [
        (number, dict(zip(heading, line, strict=False)))
        for number, line in enumerate(lines[1:], 2)
        if any(cell for cell in line)
    ]


def _of_text(raw: bytes) -> list[list[str]]:
    text = raw.decode(text_encoding(raw).name)
    first = text.splitlines()[0] if text.strip() else ""
    mark = max(",;\t", key=first.count)
    return [
        [cell.strip() for cell in line] for line in csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    ]


def _of_book(raw: bytes) -> list[list[str]]:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    try:
        return [[_cell(value) for value in line] for line in book.worksheets[0].iter_rows(values_only=True)]
    finally:
        book.close()


def _cell(value: Any) -> str:
    """A cell as a person reads it: 1301 typed as a number is the node 1301, not 1301.0."""
    if value is None:
        return ""
    if hasattr(value, "date"):
        return str(value.date().isoformat())
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _field(heading: str) -> str:
    plain = unicodedata.normalize("NFKC", heading).strip().lower()
    return _names().get(plain, plain)


@cache
def _names() -> dict[str, str]:
    with files("api").joinpath("data", "list_columns.csv").open(encoding="utf-8") as stream:
        return {name: row["field"] for row in csv.DictReader(stream) for name in _spelled(row["names"])}


def _spelled(names: str) -> Sequence[str]:
    return [unicodedata.normalize("NFKC", name).strip().lower() for name in names.split("|")]
