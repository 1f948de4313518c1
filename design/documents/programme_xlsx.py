"""Renewal lists as workbooks: run stamp, summary, list, gaps, parameters, data dictionary; text stays text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from design.documents.safe_files import replaced_whole
from design.renewal.labels import Column, columns, text_pair

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

# An Excel sheet ends at row 1,048,576; longer lists go on in a second sheet.
_ROWS_A_SHEET = 1_000_000
_ILLEGAL = {code: None for code in range(32) if code not in (9, 10, 13)}
_WIDE = 60.0
_NARROW = 14.0

Row = "Sequence[Any]"


def write_assessment(doc: Mapping[str, Any], path: Path) -> Path:
    """Write an assessment document as a workbook; wholly or not at all."""
    book = _Book()
    book.sheet("stamp", _stamp(doc))
    book.sheet("summary", _assessment_summary(doc))
    book.table("candidates", doc["candidates"])
    book.sheet("gaps", _gaps(doc))
    book.sheet("parameters", _parameters(doc))
    book.dictionary(["candidates"])
    return book.save(path)


def write_coordination(doc: Mapping[str, Any], path: Path) -> Path:
    """Write a coordination document as a workbook; wholly or not at all."""
    book = _Book()
    book.sheet("stamp", _stamp(doc))
    book.sheet("summary", _coordination_summary(doc))
    book.table("coordinated", doc["pipes"])
    book.table("programmes", doc["programmes"])
    book.table("matches", doc["matches"])
    book.sheet("parameters", _parameters(doc))
    book.dictionary(["coordinated", "programmes", "matches"])
    return book.save(path)


class _Book:
    """A workbook written row by row, so that a long list needs no memory of its own."""

    def __init__(self) -> None:
        from openpyxl import Workbook

        self.book = Workbook(write_only=True)

    def sheet(
        self, key: str, rows: Iterable[Sequence[Any]], *, widths: Sequence[float] = (28.0, 18.0)
    ) -> None:
        """One sheet; the first row is its heading."""
        sheet = self.book.create_sheet(text_pair(f"sheet.{key}")[0])
        self._fill(sheet, rows, [*widths, *[_NARROW] * 8])

    def table(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """A list with the columns of the column table."""
        found = columns(name)
        title = text_pair(f"sheet.{name}")[0]
        for part, start in enumerate(range(0, max(len(rows), 1), _ROWS_A_SHEET)):
            sheet = self.book.create_sheet(title if part == 0 else f"{title}{part + 1}")
            body = ([row.get(c.key) for c in found] for row in rows[start : start + _ROWS_A_SHEET])
            self._fill(sheet, _headed(found, body), [_width(column) for column in found])

    def dictionary(self, tables: Sequence[str]) -> None:
        """What every column of the lists means."""
        rows = [
            [text_pair(f"sheet.{table}")[0], c.key, c.label_zh, c.label_en, c.unit, c.meaning]
            for table in tables
            for c in columns(table)
        ]
        heading = ["表", "字段", "名称", "Name", "单位", "说明"]
        self.sheet("dictionary", [heading, *rows], widths=(16.0, 24.0, 20.0, 24.0, 16.0, 60.0))

    def save(self, path: Path) -> Path:
        with replaced_whole(path) as part:
            self.book.save(part)
        return path

    def _fill(self, sheet: Any, rows: Iterable[Sequence[Any]], widths: Sequence[float]) -> None:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Font
        from openpyxl.utils import get_column_letter

        sheet.freeze_panes = "A2"
        for at, width in enumerate(widths, start=1):
            sheet.column_dimensions[get_column_letter(at)].width = width
        bold = Font(bold=True)
        for number, row in enumerate(rows):
            cells = [_cell(sheet, value) for value in row]
            if number == 0:
                cells = [WriteOnlyCell(sheet, value) for value in cells]
                for cell in cells:
                    cell.font = bold
            sheet.append(cells)


def _cell(sheet: Any, value: Any) -> Any:
    """A value as a cell; text that Excel could take for a formula is written as text."""
    from openpyxl.cell import WriteOnlyCell

    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, bool):
        return "是" if value else "否"
    if value is None or isinstance(value, int):
        return value
    text = "、".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    text = text.translate(_ILLEGAL)[:32_767]
    if not text.startswith(("=", "+", "-", "@", "\t", "\r")):
        return text
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell


def _headed(found: Sequence[Column], body: Iterable[list[Any]]) -> Iterator[list[Any]]:
    yield [column.heading for column in found]
    yield from body


def _width(column: Column) -> float:
    return _WIDE if column.key.startswith(("evidence", "sentence")) else _NARROW


def _stamp(doc: Mapping[str, Any]) -> Iterator[list[Any]]:
    """What the list was made from, so that it can be made again."""
    made = doc["provenance"]
    yield ["项目", "内容"]
    yield ["文件", text_pair(f"sheet.{doc['kind']}")[0]]
    if made["synthetic"]:
        yield ["注意", "合成数据，不代表任何真实管网"]
    yield ["评估日", doc["on"]]
    yield ["管网版本", made["network_version"]]
    yield ["数据来源", made["source"]]
    for rule in made["rules"]:
        yield ["依据", f"{rule['document']} {rule['clause']} {rule['title_zh']}"]
        yield [
            "依据文件",
            f"{rule['id']}@{rule['hash']}（可信度：{rule['confidence']}；来源：{rule['source']}）",
        ]
    for rule in doc.get("ban_rules", []):
        yield [
            "禁挖期",
            f"{rule['label_zh']}后{rule['years']}年内（{rule['clause']}，可信度：{rule['confidence']}）",
        ]
    if made["retrospective"]:
        yield ["追溯", "评估日早于文件施行日，按现行文件追溯"]
    for row in doc.get("not_counted", []):
        yield ["不计入", f"{row['material']}：{row['reason_zh']}"]
    yield ["改动的参数", "、".join(made["changed_parameters"]) or "无"]


_SHARES = ("pipes", "length_km", "length_share_pct", "breaks", "breaks_share_pct")


def _assessment_summary(doc: Mapping[str, Any]) -> Iterator[list[Any]]:
    yield ["分类", "确定程度", "管段", "长度（km）", "占长度（%）", "爆漏（次）", "占爆漏（%）"]
    for name, measure in doc["counts"].items():
        yield ["全部" if name == "all" else "合计", measure.get("label_zh", ""), *_values(measure)]
    certainties = {name: text_pair(f"certainty.{name}")[0] for name in ("certain", "possible")}
    for row in doc["classes"]:
        yield [row["label_zh"], certainties[row["certainty"]], *_values(row)]
    for row in doc["causes"]:
        for name, label in certainties.items():
            yield [row["label_zh"], label, *_values(row[name])]
    for grade in doc["grades"]:
        span = f"{grade['first_year']}—{grade['last_year']}年回溯"
        yield [
            grade["label_zh"], span, None, None, grade["length_share_pct"], grade["breaks"], grade["breaks_share_pct"]
        ]  # fmt: skip


def _values(measure: Mapping[str, Any]) -> list[Any]:
    return [measure[key] for key in _SHARES]


def _coordination_summary(doc: Mapping[str, Any]) -> Iterator[list[Any]]:
    yield ["结论", "管段", "长度（km）"]
    for name, measure in doc["counts"].items():
        if name == "by_year":
            for year, of_year in measure.items():
                yield [f"建议{year}年", of_year["pipes"], of_year["length_km"]]
        else:
            label = measure.get("label_zh") or text_pair(f"sheet.count-{name}")[0]
            yield [label, measure["pipes"], measure["length_km"]]
    for name, count in doc["data_gaps"].items():
        yield [text_pair(f"gap.{name}")[0], count]


def _gaps(doc: Mapping[str, Any]) -> Iterator[list[Any]]:
    yield ["资料缺口", "管段", "长度（km）", "占长度（%）"]
    for row in doc["data_gaps"]:
        yield [row["label_zh"], row["pipes"], row["length_km"], row["length_share_pct"]]
    yield [text_pair("gap.breaks_unassigned")[0], doc["breaks"]["by_relation"]["none"]]
    yield [text_pair("gap.breaks_predecessor")[0], doc["breaks"]["by_relation"]["predecessor"]]


def _parameters(doc: Mapping[str, Any]) -> Iterator[list[Any]]:
    yield ["参数", "名称", "取值", "单位", "已改动", "来源", "可信度"]
    for row in doc["parameters"]:
        yield [
            row["key"], row["label_zh"], row["value"], row["unit"], row["changed"], row["source"], row["confidence"]
        ]  # fmt: skip
