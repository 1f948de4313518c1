"""Texts without what no screen, paper or database can bear; what was taken out is told, and the rest is kept as written."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gis.issues import DataIssue
from gis.sources.limits import load_file_limits

if TYPE_CHECKING:
    from gis.errors import Param
    from gis.sources.raw import RawTable

# Controls but tab and line ends; surrogates; characters that are none; and the signs that turn the reading direction
# of what follows. Marks that belong to scripts (zero-width joiners, right-to-left marks) are kept.
_UNFIT = re.compile(
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f\\ud800-\\udfff\\ufdd0-\\ufdef\\ufffe\\uffff\\u202a-\\u202e\\u2066-\\u2069]"
)


def with_clean_text(raw: RawTable) -> RawTable:
    """Give a table whose texts hold no unfit character and are not endless, with one issue for each column that did."""
    table, issues = raw.table, []
    longest = load_file_limits().longest_characters
    for column in table.columns:
        values = table[column]
        if values.dtype != object and str(values.dtype) not in {"str", "string"}:
            continue
        unique = {value for value in values if isinstance(value, str)}
        if not _UNFIT.search("".join(unique)) and max(map(len, unique), default=0) <= longest:
            continue
        texts = values[[isinstance(value, str) for value in values]]
        unfit, long = texts[texts.map(_UNFIT.search).notna()], texts[texts.map(len) > longest]
        if table is raw.table:
            table = table.copy()
        for kind, rows in (("text-unfit", unfit), ("text-endless", long)):
            if len(rows):
                issues.append(_issue(kind, raw, str(column), rows.index, longest))
        for row in unfit.index.union(long.index):
            table.at[row, column] = _UNFIT.sub("", table.at[row, column])[:longest]
    headings = {column: _UNFIT.sub("", column) for column in table.columns if isinstance(column, str) and _UNFIT.search(column)}  # fmt: skip
    if headings:
        table = table.rename(columns=headings)
    return raw if table is raw.table else replace(raw, table=table, issues=(*raw.issues, *issues))


def _issue(kind: str, raw: RawTable, column: str, rows: Any, longest: int) -> DataIssue:
    params: dict[str, Param] = {
        "field": _UNFIT.sub("", column)[:80], "count": len(rows), "row": int(rows[0]), "limit": longest,
    }  # fmt: skip
    repair = "unfit-removed" if kind == "text-unfit" else "text-cut"
    return DataIssue(kind, "repaired", "", raw.file_name, None, params, repair)
