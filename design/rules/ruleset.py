"""
RuleSet 规则集: values and tables of the standards valid on a day, from dated files; Finding 校核结论.

A file of design/data/regulations holds `[file]` (id, standard, edition, validity, source, confidence), then
`[value.<id>]` (value, unit, clause) and `[table.<id>]` (clause, and rows or the name of a CSV file beside it).
A utility's own file of the same form overrides entry by entry and stays visible in the provenance.
"""

from __future__ import annotations

import csv
import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeVar

from design.errors import DesignDataError
from gis.messages import Language, Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from design.wire.demand import Clause as ClauseDoc
    from design.wire.demand import FindingDoc, Verdict

_ORIGIN = ("standard", "edition", "clause", "source", "confidence")


@dataclass(frozen=True)
class RuleValue:
    """One number of a standard (a switch is 0 or 1) with everything a reader needs to doubt it."""

    rule_id: str
    value: float
    unit: str
    standard: str
    edition: str
    clause: str
    valid_from: date | None
    valid_to: date | None
    confidence: str
    source: str

    @property
    def is_on(self) -> bool:
        """A switch that is set."""
        return self.value != 0.0


@dataclass(frozen=True)
class RuleTable:
    """Rows of one table of a standard; cells are numbers where the text is one, else text."""

    rule_id: str
    rows: tuple[Mapping[str, Any], ...]
    unit: str
    standard: str
    edition: str
    clause: str
    valid_from: date | None
    valid_to: date | None
    confidence: str
    source: str

    def row(self, column: str, key: object) -> Mapping[str, Any] | None:
        """The first row whose `column` equals `key`, or None."""
        return next((row for row in self.rows if row[column] == key), None)

    def column(self, name: str) -> list[Any]:
        """All cells of one column."""
        return [row[name] for row in self.rows]


@dataclass(frozen=True)
class RuleSet:
    """All rules valid on one day; `files` are (file id, SHA-256) of what was read, overrides last."""

    on: date
    values: Mapping[str, RuleValue]
    tables: Mapping[str, RuleTable]
    files: tuple[tuple[str, str], ...]

    def value(self, rule_id: str) -> RuleValue:
        """The value of a rule; DesignDataError `rule-missing` when no file has it on that day."""
        if rule_id not in self.values:
            raise DesignDataError("rule-missing", rule=rule_id, on=self.on.isoformat())
        return self.values[rule_id]

    def table(self, rule_id: str) -> RuleTable:
        """The table of a rule; DesignDataError `rule-missing` when no file has it on that day."""
        if rule_id not in self.tables:
            raise DesignDataError("rule-missing", rule=rule_id, on=self.on.isoformat())
        return self.tables[rule_id]

    @cached_property
    def mark(self) -> str:
        """What tells this rule set from another: files, day and numbers, for whatever is kept by rules."""
        numbers = sorted((name, rule.value) for name, rule in self.values.items())
        return hashlib.blake2s(repr((self.on, self.files, numbers)).encode(), digest_size=8).hexdigest()

    @property
    def provenance(self) -> tuple[str, ...]:
        """`id@hash` of every file, for the scheme document."""
        return tuple(f"{name}@{digest[:12]}" for name, digest in self.files)


@dataclass(frozen=True)
class Clause:
    """A formula that was used: inputs, result in `unit`, and who says so."""

    name: Text
    formula: str
    inputs: Mapping[str, float | int | str]
    value: float
    unit: str
    clause: str
    source: str
    confidence: str

    def doc(self, language: Language = "zh") -> ClauseDoc:
        """As the scheme document carries it."""
        return {
            "name": self.name.render(language), "name_en": self.name.render("en"), "formula": self.formula, "inputs": dict(self.inputs),
            "value": self.value, "unit": self.unit, "clause": self.clause, "source": self.source,
            "confidence": self.confidence,
        }  # fmt: skip


@dataclass(frozen=True)
class SetAside:
    """Who set a rule aside for one scheme, and why; `was` is the number or verdict before."""

    rule: str
    value: float | None
    verdict: str | None
    was: str
    reason: str
    by: str


@dataclass(frozen=True)
class Finding:
    """Finding 校核结论: one rule applied: what was measured, what is allowed, and the verdict."""

    rule: str
    name: Text
    clause: str
    measured: float
    limit: float
    unit: str
    verdict: Verdict
    text: Text
    source: str
    confidence: str
    set_aside: SetAside | None = None

    @property
    def kind(self) -> str:
        """What was checked: one rule may judge several things."""
        return self.name.key.partition(".")[2]

    def doc(self) -> FindingDoc:
        """As the scheme document carries it."""
        aside = self.set_aside
        return {
            "rule": self.rule, "kind": self.kind, "name": self.name.render("zh"), "name_en": self.name.render("en"),
            "clause": self.clause, "measured": self.measured, "limit": self.limit, "unit": self.unit,
            "verdict": self.verdict, "text": self.text.render("zh"), "text_en": self.text.render("en"),
            "source": self.source, "confidence": self.confidence,
            "override": None if aside is None else {
                "rule": aside.rule, "value": aside.value, "verdict": aside.verdict, "was": aside.was,
                "reason": aside.reason, "by": aside.by,
            },
        }  # fmt: skip


def full_clause(rule: RuleValue | RuleTable) -> str:
    """Standard and clause in one string, e.g. `GB 50015-2019 3.7.13`."""
    return f"{rule.standard} {rule.clause}".strip()


def finding(
    rule: RuleValue | RuleTable, kind: str, *, measured: float, limit: float, unit: str, verdict: Verdict,
    said: Text | None = None, **params: str | float | Text | None,
) -> Finding:  # fmt: skip
    """
    A finding on `rule`; its name is message `check.<kind>` and its text `finding.<kind>-<verdict>`.

    The texts may use {measured}, {limit}, {unit}, {clause} and whatever `params` gives; `said` replaces the text.
    """
    told = {"measured": measured, "limit": limit, "unit": unit, "clause": full_clause(rule), **params}
    return Finding(
        rule.rule_id, Text("design", f"check.{kind}"), full_clause(rule), measured, limit, unit, verdict,
        said or Text("design", f"finding.{kind}-{verdict}", told), rule.source, rule.confidence,
    )  # fmt: skip


def load_rules(*, on: date, extra: Path | None = None) -> RuleSet:
    """
    The rules valid on a day: the bundled files, then `extra` over them.

    Of several editions valid on that day the one that came into force last counts.

    Raises
    ------
    DesignDataError
        A file that cannot be read, an entry without its source, or an override of a rule nobody knows.
    """
    values: dict[str, RuleValue] = {}
    tables: dict[str, RuleTable] = {}
    digests: list[tuple[str, str]] = []
    for name, content in _bundled():
        digests.append((str(content["file"]["id"]), content["digest"]))
        _take(_read_values(content, name), on, values)
        _take(_read_tables(content, name), on, tables)
    if extra is not None:
        content = _parsed(extra.name, extra, extra.parent)
        digests.append((str(content["file"]["id"]), content["digest"]))
        _override(_read_values(content, extra.name), on, values, extra.name)
        _override(_read_tables(content, extra.name), on, tables, extra.name)
    return RuleSet(on, values, tables, tuple(digests))


@cache
def _bundled() -> tuple[tuple[str, dict[str, Any]], ...]:
    folder = files("design").joinpath("data", "regulations")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return tuple((name, _parsed(name, folder.joinpath(name), folder)) for name in names)


def _parsed(name: str, source: Traversable | Path, folder: Traversable | Path) -> dict[str, Any]:
    """Content of a file with its CSV tables in place and the digest of everything read."""
    try:
        raw = source.read_bytes()
        content = tomllib.loads(raw.decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DesignDataError("rule-file-unreadable", file=name, detail=str(error)) from error
    if not isinstance(content.get("file"), dict) or "id" not in content["file"]:
        raise DesignDataError("rule-file-bad", file=name, item="file", field="id")
    digest = hashlib.sha256(raw)
    for table_id, table in content.get("table", {}).items():
        if "file" in table:
            table["rows"] = _csv_rows(name, folder.joinpath(table["file"]), digest)
        elif "columns" in table:
            table["rows"] = [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
        if not table.get("rows"):
            raise DesignDataError("rule-file-bad", file=name, item=table_id, field="rows")
    return {**content, "digest": digest.hexdigest()}


def _csv_rows(name: str, source: Traversable | Path, digest: Any) -> list[dict[str, Any]]:
    try:
        raw = source.read_bytes()
    except OSError as error:
        raise DesignDataError("rule-file-unreadable", file=name, detail=str(error)) from error
    digest.update(raw)
    rows = csv.DictReader(raw.decode("utf-8-sig").splitlines())
    return [{key: _cell(text) for key, text in row.items()} for row in rows]


def _cell(text: str | None) -> float | int | str | None:
    if text is None or not text.strip():
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text.strip()


def _origin(content: Mapping[str, Any], entry: Mapping[str, Any], name: str, item: str) -> dict[str, Any]:
    head = content["file"]
    found = {key: entry.get(key, head.get(key, "")) for key in _ORIGIN}
    for key in ("source", "confidence", "clause"):
        if not found[key]:
            raise DesignDataError("rule-file-bad", file=name, item=item, field=key)
    return {
        **found, "unit": entry.get("unit", ""), "rule_id": item,
        "valid_from": entry.get("valid_from", head.get("valid_from")),
        "valid_to": entry.get("valid_to", head.get("valid_to")),
    }  # fmt: skip


def _read_values(content: Mapping[str, Any], name: str) -> list[RuleValue]:
    found = []
    for item, entry in content.get("value", {}).items():
        if not isinstance(entry.get("value"), int | float):
            raise DesignDataError("rule-file-bad", file=name, item=item, field="value")
        found.append(RuleValue(value=float(entry["value"]), **_origin(content, entry, name, item)))
    return found


def _read_tables(content: Mapping[str, Any], name: str) -> list[RuleTable]:
    return [
        RuleTable(rows=tuple(entry["rows"]), **_origin(content, entry, name, item))
        for item, entry in content.get("table", {}).items()
    ]


def _is_valid(rule: RuleValue | RuleTable, on: date) -> bool:
    return (rule.valid_from is None or rule.valid_from <= on) and (
        rule.valid_to is None or on <= rule.valid_to
    )


R = TypeVar("R", RuleValue, RuleTable)


def _take(found: list[R], on: date, known: dict[str, R]) -> None:
    for rule in found:
        rival = known.get(rule.rule_id)
        newer = rival is None or (rule.valid_from or date.min) >= (rival.valid_from or date.min)
        if _is_valid(rule, on) and newer:
            known[rule.rule_id] = rule


def _override(found: list[R], on: date, known: dict[str, R], name: str) -> None:
    for rule in found:
        if rule.rule_id not in known:
            raise DesignDataError("rule-override-unknown", file=name, rule=rule.rule_id)
        if _is_valid(rule, on):
            known[rule.rule_id] = rule
