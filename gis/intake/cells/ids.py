"""Ids that a person would take for one another, or that a spreadsheet has spoilt: kept as they are written, and told."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gis.issues import DataIssue
from gis.schema import layers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.errors import Param
    from gis.intake.mapping import LayerRule
    from gis.intake.normalise import Working
    from gis.sources.raw import RawTable

_POWER_OF_TEN = re.compile(r"^[+-]?\d(?:\.\d+)?[eE]\+?\d+$", re.MULTILINE)
_BLANK = re.compile(r"\s")
_LEADING_ZEROS = re.compile(r"^0+(?=\d)")
MOST_LISTED = 1000


def id_issues(working: Working) -> Iterator[DataIssue]:
    """Tell ids that differ only by case, width, inner blanks or leading zeros, and ids that are powers of ten."""
    ids = working.table[layers()[working.layer].id_column]
    texts = ids[ids.notna()].astype(str)
    yield from _spoilt(working.layer, texts)
    unique = texts.drop_duplicates()
    alike = unique.map(_plain)
    for _, group in _groups(unique, alike):
        first, *others = group
        params: dict[str, Param] = {"others": ", ".join(others[:5]), "count": len(group)}
        yield DataIssue("ids-alike", "warning", working.layer, first, None, params)


def _groups(unique: pd.Series, alike: pd.Series) -> list[tuple[str, list[str]]]:
    several = alike[alike.duplicated(keep=False)]
    if not len(several):
        return []
    found = unique.loc[several.index].groupby(several, sort=True)
    return [(str(key), [str(one) for one in group]) for key, group in list(found)[:MOST_LISTED]]


def _plain(text: str) -> str:
    plain = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    if not plain.isalnum():
        plain = "".join(plain.split())
    return _LEADING_ZEROS.sub("", plain) if plain[:1] == "0" else plain


def _spoilt(layer: str, texts: pd.Series) -> Iterator[DataIssue]:
    if not _POWER_OF_TEN.search("\n".join(texts)):
        return
    marked = texts[texts.str.fullmatch(_POWER_OF_TEN.pattern.strip("^$"))]
    params: dict[str, Param] = {"count": len(marked)}
    yield DataIssue("id-power-of-ten", "warning", layer, str(marked.iloc[0]), None, params)


def blank_issues(raw: RawTable, rule: LayerRule) -> tuple[DataIssue, ...]:
    """Tell how many ids had blanks at their ends, which are dropped, and the first of them."""
    field = rule.fields.get(layers()[rule.layer].id_column)
    if field is None or field.column not in raw.table:
        return ()
    values = raw.table[field.column]
    if not _BLANK.search("".join(value for value in values if isinstance(value, str))):
        return ()
    off = np.array([isinstance(value, str) and value != value.strip() for value in values], dtype=bool)
    if not off.any():
        return ()
    row = int(np.argmax(off))
    params: dict[str, Param] = {
        "field": str(field.column), "count": int(off.sum()), "row": int(raw.table.index[row]),
        "value": str(values.iloc[row])[:40],
    }  # fmt: skip
    return (DataIssue("id-blanks", "repaired", rule.layer, raw.file_name, None, params, "blanks-dropped"),)
