"""Rows of a sheet as a person sees them: blanks are nothing, merged cells hold their value, headings in two rows are one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from gis.issues import DataIssue
from gis.schema import data_rows, heading_words, layers, plain_text

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from gis.sources.raw import RawTable

HEADING_ROWS = 10  # a title and units may stand above the headings
DAY_ZERO_1904 = dt.date(1904, 1, 1)
Rows = list[list[Any]]
Area = tuple[tuple[int, int], tuple[int, int]]


def is_filled(cell: Any) -> bool:
    """Tell whether a cell holds anything but blanks."""
    return cell is not None and not (isinstance(cell, str) and (not cell or cell.isspace()))


def without_blank_rows(rows: Rows) -> Rows:
    """Give the rows with blank ones made empty, and none of them at the end; the numbers of the others stay."""
    kept = [row if any(map(is_filled, row)) else [] for row in rows]
    while kept and not kept[-1]:
        kept.pop()
    width = max(map(len, kept), default=0)
    return [row or [""] * width for row in kept]


def with_merged(rows: Rows, areas: Sequence[Area] | None) -> int:
    """Write the value of merged cells into each of them, in place; gives how many areas that filled."""
    filled = 0
    for (top, left), (bottom, right) in areas or ():
        if top >= len(rows) or left >= len(rows[top]) or not is_filled(rows[top][left]):
            continue
        value, changed = rows[top][left], False
        for row in rows[top : min(bottom, len(rows) - 1) + 1]:
            for column in range(left, min(right, len(row) - 1) + 1):
                if not is_filled(row[column]):
                    row[column], changed = value, True
        filled += changed
    return filled


def heading_of(rows: Rows, known: Collection[str]) -> tuple[list[Any], int, bool]:
    """
    Give the headings, the position of the first row below them, and whether they stood in two rows.

    They are the row of the first ten with most `known` headings (plain text), or two rows read as one where that
    knows more than either.
    """
    best, found = 0, (rows[0], 1, False)
    for at, row in enumerate(rows[:HEADING_ROWS]):
        score = _score(row, known)
        if score > best:
            best, found = score, (row, at + 1, False)
    for at, (upper, lower) in enumerate(pairwise(rows[: HEADING_ROWS + 1])):
        if all(isinstance(cell, str) or not is_filled(cell) for cell in lower):
            both = [low if is_filled(low) else up for up, low in zip(upper, lower, strict=False)]
            score = _score(both, known)
            if score > best:
                best, found = score, (both, at + 2, True)
    return found


def _score(row: Sequence[Any], known: Collection[str]) -> int:
    return len({plain for cell in row if isinstance(cell, str) and (plain := plain_text(cell)) in known})


@cache
def _date_headings() -> frozenset[str]:
    found = {
        word
        for name, layer in layers().items()
        for word, attribute in heading_words(name).items()
        if attribute in {a.name for a in layer.attributes if a.value_type == "date"}
    }
    survey = {plain_text(row["heading"]) for row in data_rows("mappings", "survey.csv") if row["attribute"] == "installed_on"}  # fmt: skip
    return frozenset(found | survey)


def with_days_from_1904(raw: RawTable) -> RawTable:
    """Give the table with bare numbers in columns of dates read as days of the calendar that its workbook uses."""
    count = 0
    table = raw.table.copy()
    for column in table.columns:
        if plain_text(column) in _date_headings():
            numbers = table[column].map(lambda cell: isinstance(cell, int | float) and 20000 < cell < 60000)
            days = table.loc[numbers, column].map(lambda cell: DAY_ZERO_1904 + dt.timedelta(days=int(cell)))
            table[column] = table[column].astype("object")
            table.loc[numbers, column] = days.astype("object")
            count += int(numbers.sum())
    if not count:
        return raw
    issue = DataIssue(
        "sheet-days-1904", "repaired", "", raw.file_name, None, {"count": count}, "days-converted"
    )
    return replace(raw, table=table, issues=(*raw.issues, issue))
