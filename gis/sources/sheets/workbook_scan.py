"""
What a workbook (XLSX) says beside its cells: how far it reaches, hidden rows, formulas nobody computed, its calendar.

Looked at before the cells are read: one cell in the last row and column of a sheet makes its reader ask for 500 GB
and end the process.
"""

from __future__ import annotations

import html
import re
import zipfile
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from gis.errors import GisInputError
from gis.issues import DataIssue
from gis.sources.archive import ZIP_FAILURES
from gis.sources.limits import load_file_limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

XLSX_SUFFIXES = {".xlsx", ".xlsm"}
CHUNK_BYTES = 1 << 22
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*?>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*?>")
_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"(?:[^>]*[^/>])?>(?!</)')
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\s[^>]*?\bhidden="(?:1|true)"')
_UNCOMPUTED = re.compile(rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f\b[^>]*/>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>")  # fmt: skip
_FAR = re.compile(rb' r="[A-Z]{2,3}[0-9]')
_ROW = re.compile(rb'<(?:\w+:)?row\s[^>]*?\br="([0-9]{1,7})"')
_CALENDAR_1904 = re.compile(rb'\bdate1904="(?:1|true)"')
_FAILURES = (*ZIP_FAILURES, KeyError)


@dataclass(frozen=True)
class SheetFacts:
    """Of one sheet."""

    hidden_rows: int = 0
    uncomputed: int = 0


@dataclass(frozen=True)
class WorkbookFacts:
    """Of a workbook; empty for formats that are read otherwise."""

    sheets: Mapping[str, SheetFacts] = field(default_factory=dict)
    counts_from_1904: bool = False

    def issues(self, file: Path, sheet: str) -> tuple[DataIssue, ...]:
        """Say what a person may not have meant to hand over, or believes to have handed over."""
        facts = self.sheets.get(sheet, SheetFacts())
        found = []
        for kind, count in (("sheet-hidden-rows", facts.hidden_rows), ("sheet-uncomputed", facts.uncomputed)):
            if count:
                params = {"count": count, "field": sheet}
                severity = "error" if kind == "sheet-uncomputed" else "warning"
                found.append(DataIssue(kind, severity, "", file.name, None, params))  # type: ignore[arg-type]
        return tuple(found)


def scan_workbook(file: Path) -> WorkbookFacts:
    """
    Look through a workbook before its cells are read.

    Raises
    ------
    GisInputError
        `workbook-too-large` with the sheet and how far it reaches; `file-unreadable`.
    """
    if file.suffix.lower() not in XLSX_SUFFIXES:
        return WorkbookFacts()
    return _scanned(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _scanned(file: Path, _changed_ns: int) -> WorkbookFacts:
    try:
        with zipfile.ZipFile(file) as archive:
            total = sum(info.file_size for info in archive.infolist())
            limit = load_file_limits().most_unpacked_bytes
            if total > limit:
                size_mb, limit_mb = round(total / 1e6), round(limit / 1e6)
                raise GisInputError("workbook-swells", file=file.name, size_mb=size_mb, limit_mb=limit_mb)
            book = archive.read("xl/workbook.xml")
            sheets = {
                name: _sheet(archive, part, file, name)
                for name, part in _parts(archive, book)
                if part in archive.namelist()
            }
    except _FAILURES:
        return WorkbookFacts()  # its reader says what is wrong with it
    return WorkbookFacts(sheets, bool(_CALENDAR_1904.search(book)))


def _attribute(tag: bytes, name: bytes) -> str:
    found = re.search(rb"\b" + name + rb'="([^"]*)"', tag)
    return html.unescape(found[1].decode("utf-8", "replace")) if found else ""


def _parts(archive: zipfile.ZipFile, book: bytes) -> Iterator[tuple[str, str]]:
    relations = archive.read("xl/_rels/workbook.xml.rels")
    targets = {_attribute(tag, b"Id"): _attribute(tag, b"Target") for tag in _RELATION.findall(relations)}
    for tag in _SHEET.findall(book):
        target = targets.get(_attribute(tag, rb"(?:\w+:)id") or _attribute(tag, b"id"), "")
        yield _attribute(tag, b"name"), target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _sheet(archive: zipfile.ZipFile, part: str, file: Path, name: str) -> SheetFacts:
    hidden = uncomputed = height = width = 0
    for rows in _whole_rows(archive, part):
        if b'hidden="' in rows:
            hidden += len(_HIDDEN_ROW.findall(rows))
        if b"f>" in rows or b"<f " in rows:
            uncomputed += len(_UNCOMPUTED.findall(rows))
        if _FAR.search(rows):
            for column, row in _CELL.findall(rows):
                width, height = max(width, _column(column)), max(height, int(row))
        elif (last := rows.rfind(b"<row")) >= 0 and (found := _ROW.match(rows, last)):
            width, height = max(width, 26), max(height, int(found[1]) if _CELL.search(rows) else 0)
    if width * height > load_file_limits().most_cells:
        raise GisInputError(
            "workbook-too-large", file=file.name, sheet=name, rows=height, columns=width,
            limit=load_file_limits().most_cells,
        )  # fmt: skip
    return SheetFacts(hidden, uncomputed)


def _whole_rows(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Give the text of a sheet in pieces that end with a row."""
    rest = b""
    with archive.open(part) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            text = rest + chunk
            cut = text.rfind(b"</row>") + len(b"</row>")
            if cut < len(b"</row>"):
                cut = 0 if len(text) < 8 * CHUNK_BYTES else len(text)
            yield text[:cut]
            rest = text[cut:]
    yield rest


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
