"""Renewal lists as workbooks: run stamp, summary, list, gaps, parameters, data dictionary; text stays text."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from design.documents.sheets.cell_text import cell_text
from design.renewal.reports.labels import columns
from gis.files.whole import replaced_whole
from gis.messages import lookup

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

# An Excel sheet ends at row 1,048,576; a longer list goes on in a second sheet.
_ROWS_A_SHEET = 1_000_000
_ILLEGAL = {code: None for code in range(32) if code not in (9, 10, 13)}
_WIDTHS = {"evidence_zh": 60, "evidence_en": 60, "sentence_zh": 60, "sentence_en": 60, "content": 80, "meaning": 60,
           "item": 18, "name": 32, "source": 50, "key": 32, "label_zh": 28, "label_en": 28}  # fmt: skip


def write_assessment(doc: Mapping[str, Any], path: Path) -> Path:
    """Write an assessment document as a workbook; wholly or not at all."""
    with _book(path) as book:
        book.sheet("stamp", _stamp(doc))
        book.sheet("summary", _summary(doc))
        book.table("candidates", doc["candidates"])
        book.table("standing", _decided(doc))
        book.sheet("gaps", _gaps(doc))
        book.table("parameters", doc["parameters"])
        book.sheet("dictionary", _dictionary(["candidates", "standing"]))
    return path


def write_coordination(doc: Mapping[str, Any], path: Path) -> Path:
    """Write a coordination document as a workbook; wholly or not at all."""
    with _book(path) as book:
        book.sheet("stamp", _stamp(doc))
        book.sheet("outcomes", _outcomes(doc))
        book.table("coordinated", doc["pipes"])
        book.table("programmes", doc["programmes"])
        book.table("matches", doc["matches"])
        book.table("parameters", doc["parameters"])
        book.sheet("dictionary", _dictionary(["coordinated", "programmes", "matches"]))
    return path


def _say(key: str) -> str:
    return lookup("design", key, "zh")


class _Book:
    """A workbook written row by row, so that a long list needs little memory."""

    def __init__(self) -> None:
        from openpyxl import Workbook

        self.book = Workbook(write_only=True)

    def table(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """A list with the columns of the column table, in as many sheets as it needs."""
        keys = [column.key for column in columns(name)]
        for start in range(0, max(len(rows), 1), _ROWS_A_SHEET):
            part = rows[start : start + _ROWS_A_SHEET]
            self.sheet(
                name, ([row.get(key) for key in keys] for row in part), number=start // _ROWS_A_SHEET + 1
            )

    def sheet(self, name: str, rows: Iterable[Sequence[Any]], *, number: int = 1) -> None:
        """One sheet under the headings of the column table."""
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Font
        from openpyxl.utils import get_column_letter

        found = columns(name)
        sheet = self.book.create_sheet(_say(f"sheet.{name}") + (str(number) if number > 1 else ""))
        sheet.freeze_panes = "A2"
        for at, column in enumerate(found, start=1):
            sheet.column_dimensions[get_column_letter(at)].width = _WIDTHS.get(column.key, 14)
        heading = [WriteOnlyCell(sheet, column.heading) for column in found]
        for cell in heading:
            cell.font = Font(bold=True)
        sheet.append(heading)
        for row in rows:
            sheet.append([_cell(sheet, value) for value in row])


@contextmanager
def _book(path: Path) -> Iterator[_Book]:
    """Give a workbook that is saved when the block ends well and dropped when it does not."""
    book = _Book()
    try:
        yield book
    except BaseException:
        for sheet in book.book.worksheets:
            sheet.close()
        raise
    with replaced_whole(path) as part:
        book.book.save(part)


def _cell(sheet: Any, value: Any) -> Any:
    """A value as a cell; text that could be taken for a formula is written as text."""
    from openpyxl.cell import WriteOnlyCell

    if isinstance(value, bool):
        return _say("coordination.true" if value else "coordination.false")
    if isinstance(value, float):
        return round(value, 4)
    if value is None or isinstance(value, int):
        return value
    text = "、".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    text = cell_text(text.translate(_ILLEGAL))
    if not text.startswith(("=", "+", "-", "@", "\t", "\r")):
        return text
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell


def _dictionary(tables: Sequence[str]) -> Iterator[list[str]]:
    """What every column of the lists means."""
    for table in tables:
        for c in columns(table):
            yield [_say(f"sheet.{table}"), c.key, c.label_zh, c.label_en, c.unit, c.meaning]


def _stamp(doc: Mapping[str, Any]) -> Iterator[list[Any]]:
    """What the list was made from, so that it can be made again."""
    made = doc["provenance"]
    yield [_say("stamp.document"), _say(f"sheet.{doc['kind']}")]
    if made["synthetic"]:
        yield [_say("stamp.attention"), _say("stamp.synthetic")]
    yield [_say("stamp.on"), doc["on"]]
    yield [_say("stamp.version"), made["network_version"]]
    yield [_say("stamp.source"), made["source"]]
    for rule in made["rules"]:
        yield [
            _say("stamp.rule"),
            " ".join(filter(None, (rule["document"], rule["clause"], rule["title_zh"]))),
        ]
        yield [_say("stamp.rule-file"), _say("stamp.rule-origin").format(**rule)]
    for rule in doc.get("ban_rules", []):
        yield [_say("stamp.ban"), _say("stamp.ban-rule").format(**rule)]
    if made["retrospective"]:
        yield [_say("stamp.attention"), _say("stamp.retrospective")]
    for row in doc.get("not_counted", []):
        yield [_say("stamp.not-counted"), f"{row['material']}：{row['reason_zh']}"]
    yield [_say("stamp.changed"), "、".join(made["changed_parameters"]) or _say("stamp.nothing")]


def _summary(doc: Mapping[str, Any]) -> Iterator[list[Any]]:
    for name, measure in doc["counts"].items():
        yield [_say(f"stamp.{'all' if name == 'all' else 'sum'}"), measure.get("label_zh"), *_values(measure)]
    certainties = {name: _say(f"certainty.{name}") for name in ("certain", "possible")}
    for row in doc["classes"]:
        yield [row["label_zh"], certainties[row["certainty"]], *_values(row)]
    for row in doc["causes"]:
        for name, label in certainties.items():
            yield [row["label_zh"], label, *_values(row[name])]
    for grade in doc["grades"]:
        span = _say("stamp.graded").format(**grade)
        shares = [grade["length_share_pct"], grade["breaks"], grade["breaks_share_pct"]]
        yield [grade["label_zh"], span, None, None, *shares]


def _values(measure: Mapping[str, Any]) -> list[Any]:
    return [measure[key] for key in ("pipes", "length_km", "length_share_pct", "breaks", "breaks_share_pct")]


def _decided(doc: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Pipes somebody decided about, from the standing list when the document carries one."""
    return [{**row["decision"], **row} for row in doc.get("standing", []) if row["decision"]]


def _outcomes(doc: Mapping[str, Any]) -> Iterator[list[Any]]:
    counts = dict(doc["counts"])
    for year, measure in counts.pop("by_year").items():
        counts[_say("stamp.year").format(year=year)] = measure
    for name, measure in counts.items():
        label = measure.get("label_zh") or (
            _say(f"sheet.count-{name}") if name in ("candidates", "blocked") else name
        )
        yield [label, measure["pipes"], measure["length_km"]]
    for name, count in doc["data_gaps"].items():
        yield [_say(f"gap.{name}"), count]


def _gaps(doc: Mapping[str, Any]) -> Iterator[list[Any]]:
    for row in doc["data_gaps"]:
        yield [row["label_zh"], row["pipes"], row["length_km"], row["length_share_pct"]]
    of_records = doc["breaks"]["by_relation"]
    yield [_say("gap.breaks_unassigned"), of_records["none"]]
    yield [_say("gap.breaks_predecessor"), of_records["predecessor"]]
