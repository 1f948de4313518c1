"""A proposal as a mapping file: what is sure enough as lines, what is not as remarks, both with their reasons."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gis.intake.guess.proposal import LEFT_OUT, WRITTEN
from gis.intake.mapping import FORMAT
from gis.messages import Text
from gis.schema import layers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gis.intake.guess.proposal import SuggestedColumn, SuggestedTable
    from gis.intake.mapping import FieldRule, LayerRule

LONGEST_REMARK = 160


def written(tables: Sequence[SuggestedTable], crs: str | None) -> str:
    """Give the text of the mapping file; `gis.intake.mapping.load_mapping` reads it."""
    lines = [f"# {Text('gis', 'suggest.file-head').render(language)}" for language in ("zh", "en")]
    lines += [f"format = {FORMAT}", f"crs = {quoted(crs)}" if crs else '# crs = "EPSG:4548"']
    for table in tables:
        lines += ["", *_table(table)]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """Give a TOML string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _remark(text: str) -> str:
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return f"# {plain[:LONGEST_REMARK]}"


def _why(reasons: Sequence[Text]) -> str:
    return "；".join(reason.render("zh") for reason in reasons)


def _table(table: SuggestedTable) -> Iterator[str]:
    name = f"{table.ref.file.name} / {table.ref.name}"
    why = (
        _why(table.reasons)
        if table.problem is None
        else Text("gis", f"error.{table.problem.code}", table.problem.params).render()
    )
    yield _remark(f"{name}：{table.rows} 行。{why}")
    if not table.rules and table.ref.kind != LEFT_OUT:
        yield "# [[layer]]"
        yield f'# layer = "?"   # {", ".join(layers())}'
        yield f"# file = {_remark(quoted(table.ref.file.name))[2:]}"
        yield f"# table = {_remark(quoted(table.ref.name))[2:]}"
        for column in table.columns:
            yield _remark(f"{column.column}: {', '.join(column.samples)}")
    for rule in table.rules:
        yield from _rule(rule, table)


def _rule(rule: LayerRule, table: SuggestedTable) -> Iterator[str]:
    of_column = {one.column: one for one in table.columns}
    yield "[[layer]]"
    yield f"layer = {quoted(rule.layer)}"
    yield f"file = {quoted(rule.file)}"
    yield f"table = {quoted(rule.table)}"
    if rule.crs:
        yield f"crs = {quoted(rule.crs)}"
    if rule.survey:
        yield f"survey = {quoted(rule.survey)}"
    for key, column in (
        ("x", rule.x_column),
        ("y", rule.y_column),
        ("end_x", rule.end_x_column),
        ("end_y", rule.end_y_column),
    ):
        if column is not None:
            yield f"{key} = {quoted(column)}   {_reason(of_column[column])}"
    for attribute, field in rule.fields.items():
        column_of = of_column.get(field.column or "")
        yield f"fields.{attribute} = {_field(field)}   {_reason(column_of) if column_of else ''}".rstrip()
    if rule is table.rules[-1]:
        yield from _open_questions(table)


def _field(field: FieldRule) -> str:
    if field.column is None:
        return f"{{ value = {quoted(str(field.value))} }}"
    parts = {"column": quoted(field.column)}
    if field.others:
        parts = {"columns": f"[{', '.join(quoted(name) for name in (field.column, *field.others))}]"}
    if field.unit:
        parts["unit"] = quoted(field.unit)
    if field.codes:
        parts["codes"] = (
            f"{{ {', '.join(f'{quoted(word)} = {quoted(code)}' for word, code in field.codes.items())} }}"
        )
    return (
        parts["column"]
        if list(parts) == ["column"]
        else f"{{ {', '.join(f'{k} = {v}' for k, v in parts.items())} }}"
    )


def _reason(one: SuggestedColumn) -> str:
    sure = Text("gis", f"suggest.{one.confidence}").render()
    return _remark(f"{sure}：{_why(one.reasons)}；{' '.join(one.samples)}")


def _open_questions(table: SuggestedTable) -> Iterator[str]:
    """Guesses that are not sure enough, words that no code list knows, columns nothing is taken from."""
    for one in table.columns:
        if one.attribute and one.confidence not in WRITTEN:
            unit: Any = f", unit = {quoted(one.unit)}" if one.unit else ""
            yield _remark(
                f"fields.{one.attribute} = {{ column = {quoted(one.column)}{unit} }}   {_reason(one)}"
            )
        if one.unread:
            yield _remark(
                Text(
                    "gis", "suggest.words-unread", {"column": one.column, "words": ", ".join(one.unread)}
                ).render()
            )
        if not one.attribute:
            yield _remark(
                Text(
                    "gis", "suggest.column-unused", {"column": one.column, "samples": " ".join(one.samples)}
                ).render()
            )
