"""
English for texts that a scheme holds in Chinese only.

A scheme keeps its sentences as they were rendered for the first reader. Those that come from the message files are
found there again by their template and rendered in English, with the same values; names of data files (prices,
standard details, authorities) have their English beside them; what is left goes by data/terms.csv. Names of people,
streets and projects stay as they are.
"""

from __future__ import annotations

import csv
import re
import tomllib
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

from gis.messages import catalogue
from gis.schema import data_rows

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_MARKS = str.maketrans(
    {
        "（": " (",
        "）": ")",
        "；": "; ",
        "，": ", ",
        "、": ", ",
        "：": ": ",
        "。": ".",
        "～": "–",
        "“": '"',
        "”": '"',
    }
)
_ECHO = re.compile(r"([A-Z][\w -]*?) \(([\u3400-\u9fff]+)\)")
_TABLES = (
    "clause", "meter", "tapping", "basis", "sizing", "check", "finding", "permit", "assembly", "reason", "route", "scheme",
    "method", "utility", "document", "book",
)  # fmt: skip
_PARTS = re.compile(r"(?:; |, |: | \(|\))")
_LONG = 4  # signs a name must have to be looked for inside a sentence
_SHORTEST = 2  # signs of Chinese a template must have of its own, or it would fit anything


def english(text: str) -> str:
    """
    The English of a text of a scheme, as far as it is known.

    >>> english("GB 50289-2016 表4.1.9"), english("2025-01-01")
    ('GB 50289-2016 Table 4.1.9', '2025-01-01')
    """
    return _known(text, 0)


def readable(text: str) -> str:
    """
    An English text without the parts of which only the Chinese is known.

    >>> readable("by the list of 2002; 基准 200 万元档 4.5%")
    'by the list of 2002'
    """
    if not _CHINESE.search(text):
        return text
    return ", ".join(part for part in _PARTS.split(text) if part and not _CHINESE.search(part))


@cache
def _known(text: str, depth: int) -> str:
    if not _CHINESE.search(text):
        return _western(text)
    named = _names().get(text)
    if named is not None:
        return named
    for literal, pattern, sentence in _phrases() if depth < 3 else ():
        if literal in text and (found := pattern.fullmatch(text)):
            told = {name: _known(value, depth + 1) for name, value in found.groupdict().items()}
            return sentence.format_map(told)
    return _by_terms(text)


def _by_terms(text: str) -> str:
    for name in _long_names():
        if name in text:
            text = text.replace(name, _names()[name])
    for pattern, word in _terms():
        text = pattern.sub(word, text)
        if not _CHINESE.search(text):
            break
    return _western(_ECHO.sub(_without_echo, text))


def _western(text: str) -> str:
    """Western marks for Chinese ones, one space at a time."""
    if text.isascii():
        return text
    return re.sub(r"\s+([,;:.)])", r"\1", re.sub(r"\s{2,}", " ", text.translate(_MARKS))).strip()


def _without_echo(found: re.Match[str]) -> str:
    """A word that is followed by its own Chinese in brackets, without that."""
    return found[1] if _names().get(found[2]) == found[1] else found[0]


@cache
def _names() -> dict[str, str]:
    """Names with their English beside them: prices, standard details, authorities, labels of the schema."""
    names = {
        row["label_zh"]: row["label_en"]
        for name in (("schema", "codes.csv"), ("materials.csv",))
        for row in data_rows(*name)
    }
    data = files("design").joinpath("data")
    for folder in ("catalogues", "assemblies", "request"):
        for path in data.joinpath(folder).iterdir():
            if path.name.endswith(".csv"):
                rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
                names |= dict(pair for row in rows for pair in _pairs(row))
    for folder in ("assemblies", "policies", "regulations"):
        for path in data.joinpath(folder).iterdir():
            if path.name.endswith(".toml"):
                names |= dict(_in_rules(tomllib.loads(path.read_text(encoding="utf-8"))))
    return {zh: en for zh, en in names.items() if zh and en and _CHINESE.search(zh)}


@cache
def _long_names() -> tuple[str, ...]:
    """Names long enough to be looked for inside a sentence, the longest first."""
    return tuple(sorted((name for name in _names() if len(name) >= _LONG), key=lambda name: -len(name)))


def _pairs(row: dict[str, Any]) -> list[tuple[str, str]]:
    """Columns of a row that stand side by side in both languages."""
    return [
        (str(row[key]), str(row[key.removesuffix("_zh") + "_en"]))
        for key in row
        if key and key.endswith("_zh") and row.get(key.removesuffix("_zh") + "_en")
    ]


def _in_rules(value: Any) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if isinstance(value, dict):
        found += _pairs(value)
        columns = value.get("columns")
        if isinstance(columns, list) and isinstance(value.get("rows"), list):
            found += [
                pair
                for row in value["rows"]
                if isinstance(row, list)
                for pair in _pairs(dict(zip(columns, row, strict=False)))
            ]
        for inner in value.values():
            found += _in_rules(inner)
    elif isinstance(value, list):
        for inner in value:
            found += _in_rules(inner)
    return found


@cache
def _phrases() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """Templates of the message files, those with most words of their own first: a literal part, the pattern, the English."""
    zh, en = catalogue("design", "zh"), catalogue("design", "en")
    found = []
    for table in _TABLES:
        for key, sentence in zh.get(table, {}).items():
            other = en.get(table, {}).get(key)
            if isinstance(sentence, str) and isinstance(other, str):
                found.append((sentence, re.sub(r"\{(\w+):[^}]*\}", r"{\1}", other)))
    built = [(*_pattern(sentence), other) for sentence, other in found]
    built = [entry for entry in built if len(_CHINESE.findall(entry[0])) >= _SHORTEST]
    return tuple(
        (literal, pattern, other)
        for _, literal, pattern, other in sorted(built, key=lambda entry: -len(entry[0]))
    )


def _pattern(sentence: str) -> tuple[str, str, re.Pattern[str]]:
    """All literal signs of a template, its longest literal part, and the pattern that reads its values back."""
    parts, literals, seen = [], [], set()
    for literal, name, spec, _ in Formatter().parse(sentence):
        parts.append(re.escape(literal))
        literals.append(literal)
        if name:
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>.*?)")
            seen.add(name)
        del spec
    return "".join(literals), max(literals, key=len), re.compile("".join(parts), re.DOTALL)


@cache
def _terms() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Words of norms and notes, the longest first; a term may be a pattern."""
    with files("design").joinpath("data", "terms.csv").open(encoding="utf-8") as stream:
        rows = sorted(csv.DictReader(stream), key=lambda row: -len(row["zh"]))
    return tuple((re.compile(row["zh"]), row["en"]) for row in rows)
