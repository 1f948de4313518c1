"""Coordinates as sources write them: numbers, or degrees, minutes and seconds in any kind of sign."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.intake.cells.values import UNREADABLE, Unreadable, each, number
from gis.issues import DataIssue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.errors import Param
    from gis.sources.raw import RawTable

_HEMISPHERES = {"N": 1, "E": 1, "S": -1, "W": -1, "北": 1, "东": 1, "南": -1, "西": -1}
_ANGLE = re.compile(
    r"(?P<front>[NSEW东西南北])?(?:经|纬)?\s*(?P<sign>[-+])?(?P<degrees>\d{1,3})\s*[°º度]\s*"
    r"(?:(?P<minutes>\d{1,2}(?:\.\d+)?)\s*(?:['′’‘]|分)\s*)?"
    r"(?:(?P<seconds>\d{1,2}(?:\.\d+)?)\s*(?:\"|”|“|''|′′|’’|秒)?\s*)?(?P<back>[NSEW])?",
    re.IGNORECASE,
)
MARKS = re.compile("[°º度]")


def coordinate(value: Any) -> float | Unreadable:
    """
    Give a coordinate: a number, or an angle in decimal degrees.

    >>> coordinate("510700.5"), coordinate("１１７°００′３６″"), coordinate("36度39分N"), coordinate("W 0°30'")
    (510700.5, 117.01, 36.65, -0.5)
    >>> coordinate("117°61′") is UNREADABLE, coordinate("济南") is UNREADABLE
    (True, True)
    """
    found = number(value)
    if isinstance(found, float) or not isinstance(value, str):
        return found
    match = _ANGLE.fullmatch(unicodedata.normalize("NFKC", value).strip())
    if match is None:
        return UNREADABLE
    minutes, seconds = float(match["minutes"] or 0.0), float(match["seconds"] or 0.0)
    if minutes >= 60.0 or seconds >= 60.0:
        return UNREADABLE
    side = _HEMISPHERES[(match["front"] or match["back"] or "N").upper()] * (
        -1 if match["sign"] == "-" else 1
    )
    return side * (float(match["degrees"]) + minutes / 60.0 + seconds / 3600.0)


def angle_issues(raw: RawTable, columns: Sequence[str]) -> tuple[DataIssue, ...]:
    """Say how many rows of a table have angles for coordinates, and the first of them."""
    marked = np.zeros(len(raw.table), dtype=bool)
    for column in columns:
        if str not in set(map(type, raw.table[column])):
            continue
        found = each(raw.table[column], lambda value: isinstance(value, str) and bool(MARKS.search(value)))
        marked |= found == True  # noqa: E712 - blanks are None
    if not marked.any():
        return ()
    row = int(np.argmax(marked))
    params: dict[str, Param] = {
        "field": columns[0], "count": int(marked.sum()), "row": int(raw.table.index[row]),
        "value": str(raw.table[columns[0]].iloc[row])[:40],
    }  # fmt: skip
    return (
        DataIssue("coordinates-angles", "repaired", "", raw.file_name, None, params, "angles-to-degrees"),
    )
