"""A Word document of forms: bilingual labels, ruled tables, the same content gives the same bytes."""

from __future__ import annotations

import unicodedata
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

FONT, LATIN = "宋体", "Times New Roman"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # entries of a zip carry no earlier day


@dataclass
class FormPage:
    """One form, written from the top."""

    document: Any

    def title(self, zh: str, en: str) -> None:
        """The heading in both languages."""
        self._line(zh, size=18, bold=True, centred=True)
        self._line(en, size=10, centred=True)

    def note(self, text: str, *, bold: bool = False, right: bool = False) -> None:
        """A paragraph."""
        paragraph = self._line(text, size=10, bold=bold)
        if right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT

    def heading(self, text: str) -> None:
        """A heading between tables."""
        self._line(text, size=11, bold=True)

    def fields(self, rows: Sequence[tuple[str, str]]) -> None:
        """A table of labels and what is filled in; an empty value leaves room to write."""
        table = self._table(2)
        for label, value in rows:
            cells = table.add_row().cells
            cells[0].width, cells[1].width = Cm(5.0), Cm(12.0)
            self._fill(cells[0], label, bold=True)
            self._fill(cells[1], value)
        self.document.add_paragraph()

    def grid(self, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A ruled table with headings."""
        table = self._table(len(heads))
        for cell, head in zip(table.add_row().cells, heads, strict=True):
            self._fill(cell, head, bold=True)
        for row in rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                self._fill(cell, text)
        self.document.add_paragraph()

    def box(self, label: str, *, lines: int = 3) -> None:
        """Room for an opinion with signature and date."""
        table = self._table(1)
        self._fill(table.add_row().cells[0], label + "\n" * lines)

    def _table(self, columns: int) -> Any:
        table = self.document.add_table(rows=0, cols=columns)
        table.style = "Table Grid"
        return table

    def _line(self, text: str, *, size: int, bold: bool = False, centred: bool = False) -> Any:
        paragraph = self.document.add_paragraph()
        run = paragraph.add_run(plain(text))
        run.font.size, run.bold = Pt(size), bold
        if centred:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        return paragraph

    def _fill(self, cell: Any, text: str, *, bold: bool = False) -> None:
        run = cell.paragraphs[0].add_run(plain(text))
        run.font.size, run.bold = Pt(9), bold


def new_form(*, title: str, created: str, footer: str) -> FormPage:
    """An empty A4 form dated by the scheme."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.0)
    section.top_margin = section.bottom_margin = Cm(1.8)
    section.footer.paragraphs[0].add_run(plain(footer)).font.size = Pt(7)
    style = document.styles["Normal"]
    style.font.name = LATIN
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)
    style.paragraph_format.space_after = Pt(2)
    about, moment = document.core_properties, _moment(created)
    about.title, about.author, about.last_modified_by, about.comments = (
        plain(title),
        "tapwright",
        "tapwright",
        "",
    )
    about.created = about.modified = moment
    about.revision = 1
    return FormPage(document)


def save_form(page: FormPage, path: Path) -> None:
    """Write the file; the entries of its archive carry no clock."""
    raw = BytesIO()
    page.document.save(raw)
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            info = zipfile.ZipInfo(name, date_time=_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, source.read(name))


def plain(text: str) -> str:
    """A text without what XML cannot hold; line breaks stay."""
    return "".join(
        c
        for c in text
        if c == "\n" or (unicodedata.category(c) not in {"Cc", "Cs"} and c not in "\ufffe\uffff")
    )


def _moment(created: str) -> datetime:
    try:
        return datetime.fromisoformat(created).astimezone(UTC).replace(tzinfo=None, microsecond=0)
    except ValueError:
        return datetime(2000, 1, 1)  # noqa: DTZ001  # a document's dates carry no zone
