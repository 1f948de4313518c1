"""A workbook that is safe and dated: texts stay texts, formulas carry their value, the same content gives the same file."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from design.documents.sheets.cell_text import cell_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from openpyxl.cell.cell import Cell

# Programs take a cell that begins like this for a formula; full-width signs are turned into these by some.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_FORMULA_CELL = re.compile(r'(<c r="([A-Z]+\d+)"[^>]*><f>[^<]*</f>)<v\s*(?:/>|></v>)')
_MODIFIED = re.compile(r"(<dcterms:modified[^>]*>)[^<]*(<)")
_LINE = Side(style="thin", color="9AA7B4")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD = PatternFill("solid", fgColor="E6EEF6")
MONEY = "#,##0.00"
FONT = "微软雅黑"


@dataclass(frozen=True)
class Formula:
    """A formula without its equals sign, and the value it has."""

    text: str
    result: Decimal


CellValue = str | int | float | Decimal | Formula | None


@dataclass
class Sheet:
    """One sheet written from the top; remembers the value of every formula it holds; `said` is how it words a text."""

    page: Any
    widths: Sequence[float]
    footer: str = ""
    said: Callable[[str], str] = str
    values: dict[str, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for column, width in enumerate(self.widths, 1):
            self.page.column_dimensions[get_column_letter(column)].width = width
        setup = self.page.page_setup
        setup.orientation, setup.paperSize, setup.fitToWidth, setup.fitToHeight = "landscape", 9, 1, 0
        self.page.sheet_properties.pageSetUpPr.fitToPage = True
        self.page.print_options.horizontalCentered = True
        margins = self.page.page_margins
        margins.left = margins.right = 0.4
        margins.top, margins.bottom = 0.5, 0.6
        self.page.oddFooter.left.text = self.footer.replace("&", "&&")
        self.page.oddFooter.left.size = 7
        self.page.oddFooter.right.text = "&P / &N"

    @property
    def next_row(self) -> int:
        return int(self.page.max_row) + 1 if self.page.max_row > 1 or self.page["A1"].value is not None else 1

    def row(
        self, cells: Sequence[CellValue], *, bold: bool = False, size: int = 10, boxed: bool = False,
        formats: dict[int, str] | None = None, colours: dict[int, str] | None = None,
    ) -> int:  # fmt: skip
        """Write one row and give its number; `formats` and `colours` go by column, counted from 1."""
        row = self.next_row
        for column, value in enumerate(cells, 1):
            cell = self.page.cell(row, column)
            self._put(cell, value)
            colour = (colours or {}).get(column)
            cell.font = Font(name=FONT, size=size, bold=bold or colour is not None, color=colour)
            number = isinstance(value, int | float | Decimal | Formula)
            wrap = boxed and isinstance(value, str)
            cell.alignment = Alignment(
                horizontal="right" if number else None, vertical="center", wrap_text=wrap
            )
            if formats and column in formats and number:
                cell.number_format = formats[column]
            if boxed:
                cell.border = _BOX
        if not cells:
            self.page.cell(row, 1).value = " "
        return row

    def head(self, titles: Iterable[str], *, freeze: bool = False) -> None:
        """A row of headings; `freeze` keeps it in sight and repeats it on every printed page."""
        row = self.row(list(titles), bold=True, boxed=True)
        for cell in self.page[row]:
            cell.fill = _HEAD
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        if freeze:
            self.page.freeze_panes = f"A{row + 1}"
            self.page.print_title_rows = f"{row}:{row}"

    def _put(self, cell: Cell, value: CellValue) -> None:
        if isinstance(value, Formula):
            cell.value = f"={value.text}"
            self.values[cell.coordinate] = value.result
        elif isinstance(value, str):
            cell.value = cell_text(ILLEGAL_CHARACTERS_RE.sub("", self.said(value)))
            cell.data_type = "s"
            if value.startswith(_FORMULA_STARTS):
                cell.quotePrefix = True
        elif value is not None:
            cell.value = value


def new_workbook(*, created: str, title: str) -> Workbook:
    """An empty workbook dated by the document, that is computed anew when a program opens it."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.created = _moment(created)
    book.properties.creator = "tapwright"
    book.properties.title = ILLEGAL_CHARACTERS_RE.sub("", title)
    book.calculation.fullCalcOnLoad = True
    return book


def save_workbook(book: Workbook, path: Path, sheets: Sequence[Sheet]) -> None:
    """Write the file with the value of each formula stored, for viewers that do not compute."""
    raw = BytesIO()
    book.save(raw)
    parts = {f"xl/worksheets/sheet{number}.xml": sheet.values for number, sheet in enumerate(sheets, 1)}
    moment = book.properties.created
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if parts.get(name):
                content = _with_values(content.decode("utf-8"), parts[name]).encode("utf-8")
            elif name == "docProps/core.xml":
                stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
                content = _MODIFIED.sub(rf"\g<1>{stamp}\g<2>", content.decode("utf-8")).encode("utf-8")
            info = zipfile.ZipInfo(name, date_time=moment.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, content)


def _with_values(sheet_xml: str, values: dict[str, Decimal]) -> str:
    def stored(match: re.Match[str]) -> str:
        return f"{match[1]}<v>{values[match[2]]:f}</v>" if match[2] in values else match[0]

    return _FORMULA_CELL.sub(stored, sheet_xml)


def _moment(created: str) -> datetime:
    try:
        return datetime.fromisoformat(created).astimezone(UTC).replace(tzinfo=None)
    except ValueError:
        return datetime(2000, 1, 1)  # noqa: DTZ001  # a workbook's dates carry no zone


def texts(values: Iterable[Any]) -> list[CellValue]:
    """Values as texts, for rows that hold no numbers."""
    return [str(value) for value in values]
