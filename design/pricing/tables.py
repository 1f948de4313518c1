"""Price lists as tables, CSV or XLSX: headings in Chinese or English, every bad row told with its number and field."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from design.errors import DesignDataError
from design.pricing.items import REQUIRED

_HEAD_LINE = re.compile(r"#\s*(\w+)\s*[=＝:：]\s*(.*)")
_SHEETS = {
    "说明": "head",
    "catalogue": "head",
    "组价": "composites",
    "composites": "composites",
    "一费制": "one_fee",
    "one-fee": "one_fee",
}
ENCODINGS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True)
class PriceTable:
    """What a price list holds: its head, its items with the row each stands in, composites, a one-fee list, its hash."""

    head: Mapping[str, Any]
    items: tuple[tuple[int, Mapping[str, Any]], ...]
    digest: str
    composites: tuple[Mapping[str, Any], ...] = ()
    one_fee: tuple[Mapping[str, Any], ...] = field(default=())


def read_price_table(path: Path, columns: Mapping[str, str] | None = None) -> PriceTable:
    """
    A price list as CSV (UTF-8 or GBK, comma, semicolon or tab) or XLSX.

    Lines `# key = value` above the headings of a CSV, or a sheet `说明` of two columns, give id, title, tax_rate,
    valid_from, valid_to, source, base, regional_factor, currency. `columns` names the column of a field where the
    headings are none of those known.

    Raises
    ------
    DesignDataError
        `catalogue-unreadable`, or `catalogue-columns` with the headings it has and those it lacks.
    """
    raw, sheets = _sheets(path)
    head: dict[str, Any] = {}
    for row in sheets.get("head", []):
        if len(row) > 1 and row[0] not in {None, ""}:
            head[str(row[0]).strip()] = row[1]
    return PriceTable(
        head, tuple(_items(sheets["items"], columns or {}, path.name)), hashlib.sha256(raw).hexdigest(),
        tuple(_records(sheets.get("composites", []))), tuple(_records(sheets.get("one_fee", []))),
    )  # fmt: skip


def records_of(path: Path) -> list[dict[str, Any]]:
    """Rows of a plain CSV or XLSX table by their headings."""
    _, sheets = _sheets(path)
    return list(_records(sheets["items"]))


def _sheets(path: Path) -> tuple[bytes, dict[str, list[Sequence[Any]]]]:
    """Bytes and sheets of a workbook or of a text table."""
    try:
        raw = path.read_bytes()
        workbook = path.suffix.lower() in {".xlsx", ".xlsm"}
        return raw, _workbook(raw) if workbook else _text(raw)
    except (OSError, UnicodeDecodeError, zipfile.BadZipFile, KeyError, ValueError, csv.Error) as error:
        raise DesignDataError("catalogue-unreadable", catalogue=path.name, detail=str(error)) from error


def _text(raw: bytes) -> dict[str, list[Sequence[Any]]]:
    text = _decoded(raw)
    lines = text.splitlines(keepends=True)
    head = []
    while lines and (lines[0].lstrip().startswith("#") or not lines[0].strip()):
        found = _HEAD_LINE.match(lines.pop(0).strip().rstrip(",;"))
        if found:
            head.append(found.groups())
    body = "".join(lines)
    first = lines[0] if lines else ""
    mark = max(",;\t", key=first.count)
    return {"head": list(head), "items": list(csv.reader(io.StringIO(body, newline=""), delimiter=mark))}


def _decoded(raw: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8")


def _workbook(raw: bytes) -> dict[str, list[Sequence[Any]]]:
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    found: dict[str, list[Sequence[Any]]] = {}
    for sheet in book.worksheets:
        kind = _SHEETS.get(sheet.title.strip().lower(), "items")
        if kind not in found:
            found[kind] = [list(row) for row in sheet.iter_rows(values_only=True)]
    book.close()
    found.setdefault("items", [])
    return found


def _records(rows: Iterable[Sequence[Any]]) -> Iterable[dict[str, Any]]:
    titles: list[str] | None = None
    for row in rows:
        if not any(cell not in {None, ""} for cell in row):
            continue
        if titles is None:
            titles = [str(cell or "").strip() for cell in row]
        else:
            yield dict(zip(titles, row, strict=False))


def _items(
    rows: Sequence[Sequence[Any]], columns: Mapping[str, str], name: str
) -> Iterable[tuple[int, Mapping[str, Any]]]:
    number, places = _headings(rows, columns, name)
    for row_number, row in enumerate(rows[number:], number + 1):
        if any(cell not in {None, ""} for cell in row):
            yield row_number, {key: row[at] for key, at in places.items() if at < len(row)}


def _headings(
    rows: Sequence[Sequence[Any]], columns: Mapping[str, str], name: str
) -> tuple[int, dict[str, int]]:
    """Row below the headings, and the column of each field; headings are looked for in the first ten rows."""
    wanted = [key for key in REQUIRED if key != "source"]
    best: dict[str, int] = {}
    for number, row in enumerate(rows[:10], 1):
        places = _places(row, columns)
        if all(key in places for key in wanted):
            return number, places
        best = places if len(places) > len(best) else best
    seen = ", ".join(str(cell) for cell in (rows[0] if rows else []) if cell not in {None, ""})
    lacking = ", ".join(_names()[key][1] for key in wanted if key not in best)
    raise DesignDataError("catalogue-columns", catalogue=name, seen=seen[:200] or "—", lacking=lacking)


def _places(row: Sequence[Any], columns: Mapping[str, str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for at, cell in enumerate(row):
        title = _plain(cell)
        for key, names in _names().items():
            wanted = [_plain(columns[key])] if key in columns else names[2]
            if title in wanted and key not in places:
                places[key] = at
    return places


def _plain(cell: Any) -> str:
    return unicodedata.normalize("NFKC", str(cell or "")).strip().lower().replace(" ", "")


@cache
def _names() -> dict[str, tuple[str, str, list[str]]]:
    """Field: (field, the heading a person writes, every heading that is understood)."""
    with files("design").joinpath("data", "catalogues", "columns.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return {
        row["field"]: (
            row["field"],
            [*row["names"].split("|"), ""][1],
            [_plain(n) for n in row["names"].split("|")],
        )
        for row in rows
    }
