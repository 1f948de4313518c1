"""CSV that a spreadsheet program opens without computing what names and ids say."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_COMPUTED = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?")


def write_csv(stream: TextIO, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a table; texts that would be taken for a formula get an apostrophe in front, numbers stay numbers."""
    writer = csv.writer(stream)
    writer.writerow(columns)
    writer.writerows([safe(value) for value in row] for row in rows)


def safe(value: Any) -> Any:
    """
    Give a value as it may stand in a cell.

    >>> safe("=1+1"), safe("-5"), safe("JS12"), safe(-3.5), safe("＝cmd")
    ("'=1+1", '-5', 'JS12', -3.5, "'＝cmd")
    """
    if isinstance(value, str) and _COMPUTED.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value
