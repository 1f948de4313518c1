"""Code tables of a source: the words that a column's codes stand for, in a table of their own."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from gis.errors import GisInputError
from gis.intake.cells.values import text
from gis.schema import plain_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gis.intake.mapping import FieldRule, LayerRule, LookUp
    from gis.sources.raw import RawTable, TableRef


def with_look_ups(
    rule: LayerRule, refs: Sequence[TableRef], read: Callable[[TableRef], RawTable]
) -> LayerRule:
    """
    Give the rule with the code tables it names read into the codes of its fields; codes of the mapping file go on from there.

    Raises
    ------
    GisInputError
        `look-up-table` when the source has no such table, `look-up-column` when that lacks a column.
    """
    fields = {
        name: field if field.look_up is None else _read(field, field.look_up, refs, read)
        for name, field in rule.fields.items()
    }
    return replace(rule, fields=fields)


def _read(
    field: FieldRule, look_up: LookUp, refs: Sequence[TableRef], read: Callable[[TableRef], RawTable]
) -> FieldRule:
    ref = next((ref for ref in refs if fnmatch(ref.name.casefold(), look_up.table.casefold())), None)
    if ref is None:
        raise GisInputError(
            "look-up-table", table=look_up.table, present=", ".join(one.name for one in refs[:20])
        )
    raw = read(ref)
    for column in (look_up.key, look_up.value):
        if column not in raw.table:
            present = ", ".join(str(one) for one in raw.table.columns)
            raise GisInputError("look-up-column", table=look_up.table, field=column, present=present[:300])
    words = _words(raw, look_up)
    return replace(
        field, codes={code: field.codes.get(plain_text(word), word) for code, word in words.items()}
    )


def _words(raw: RawTable, look_up: LookUp) -> Mapping[str, str]:
    pairs = zip(raw.table[look_up.key], raw.table[look_up.value], strict=True)
    return {
        plain_text(code): word
        for code, value in pairs
        if (word := None if value is None else text(value)) is not None and code is not None
    }
