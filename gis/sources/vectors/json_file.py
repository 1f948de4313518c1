"""
GeoJSON looked through before GDAL reads it: encodings, keys given twice, coordinates that are words or no numbers.

Features are taken one by one from the text, so that a file of hundreds of megabytes in one line needs no more than
its text in memory.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gis.errors import GisInputError
from gis.issues import DataIssue
from gis.sources.encoding import text_encoding
from gis.sources.limits import load_file_limits

if TYPE_CHECKING:
    from pathlib import Path

    from gis.errors import Param

_FEATURES = re.compile(r'"features"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")
_ODD_NUMBERS = re.compile(r'\[\s*"|"\s*\]|NaN|Infinity|\d[eE]\+?\d{3}')
PLAIN = {"UTF-8", "UTF-8-SIG"}


@dataclass
class _Findings:
    """What is wrong in a file; rows count from 1."""

    twice: dict[str, list[int]] = field(default_factory=dict)
    words: list[int] = field(default_factory=list)
    row: int = 0

    def pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """One object of the file; of a key given twice the last value stands, as everywhere."""
        found = dict(pairs)
        if len(found) != len(pairs):
            names = [name for name, _ in pairs]
            for name in found:
                if names.count(name) > 1:
                    self.twice.setdefault(name, []).append(self.row)
        return found


def sound_json(file: Path, scratch: Path, *, told: str | None) -> tuple[Path, tuple[DataIssue, ...]]:
    """
    Give the file, or a copy in plain UTF-8 with coordinates that are numbers, and what was mended.

    A coordinate that is no number at all becomes NaN, by which its row is known afterwards.

    Raises
    ------
    GisInputError
        `json-too-large`, `json-broken` with line and column, `json-nested`.
    """
    limit = load_file_limits().json_bytes
    if file.stat().st_size > limit:
        size_mb, limit_mb = round(file.stat().st_size / 1e6), round(limit / 1e6)
        raise GisInputError("json-too-large", file=file.name, size_mb=size_mb, limit_mb=limit_mb)
    content = file.read_bytes()
    encoding, text = _decoded(content, file, told)
    issues: list[DataIssue] = []
    if encoding != "UTF-8":
        params: dict[str, Param] = {"used": encoding}
        issues.append(DataIssue("text-encoding", "repaired", "", file.name, None, params, "encoding-used"))
    start = _FEATURES.search(text)
    findings = _Findings()
    mending = start is not None and _ODD_NUMBERS.search(text) is not None
    features = _features(text, start.end(), findings, file, mending=mending) if start is not None else []
    issues += _issues(findings, file)
    if not mending and encoding in PLAIN:
        return file, tuple(issues)
    copy = scratch / "x.geojson"
    if start is not None and features:
        body = ",\n".join(json.dumps(one) for one, _ in features)
        text = text[: start.end()] + body + text[features[-1][1] :]
    copy.write_text(text, encoding="utf-8")
    return copy, tuple(issues)


def _decoded(content: bytes, file: Path, told: str | None) -> tuple[str, str]:
    try:
        encoding = text_encoding(content, told).name
        return encoding, content.decode(encoding)
    except (LookupError, UnicodeDecodeError) as error:
        raise GisInputError("file-unreadable", file=file.name, problem=str(error)[:200]) from None


def _features(text: str, at: int, findings: _Findings, file: Path, *, mending: bool) -> list[tuple[Any, int]]:
    """Go through the features; with `mending` give each with its end, its coordinates made numbers."""
    decoder = json.JSONDecoder(object_pairs_hook=findings.pairs)
    found: list[tuple[Any, int]] = []
    while True:
        at = _BETWEEN.match(text, at).end()  # type: ignore[union-attr]
        if at >= len(text) or text[at] == "]":
            return found
        findings.row += 1
        try:
            one, at = decoder.raw_decode(text, at)
        except RecursionError:
            raise GisInputError("json-nested", file=file.name, row=findings.row) from None
        except ValueError as error:
            place = error.pos if isinstance(error, json.JSONDecodeError) else at
            line = text.count("\n", 0, place) + 1
            column = place - text.rfind("\n", 0, place)
            raise GisInputError(
                "json-broken", file=file.name, row=findings.row, line=line, column=column
            ) from None
        if mending:
            _mend(one, findings)
            found.append((one, at))


def _mend(feature: Any, findings: _Findings) -> None:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(geometry, dict) or "coordinates" not in geometry:
        return
    words: list[str] = []
    geometry["coordinates"] = _numbers(geometry["coordinates"], words)
    if words:
        findings.words.append(findings.row)


def _numbers(value: Any, words: list[str]) -> Any:
    if isinstance(value, list):
        return [_numbers(one, words) for one in value]
    if isinstance(value, str):
        words.append(value)
        try:
            return float(value)
        except ValueError:
            return math.nan
    return value


def _issues(findings: _Findings, file: Path) -> list[DataIssue]:
    found = []
    for name, rows in findings.twice.items():
        params: dict[str, Param] = {"field": name[:80], "count": len(rows), "row": rows[0]}
        found.append(DataIssue("json-key-twice", "warning", "", file.name, None, params))
    if findings.words:
        rows = findings.words
        params = {"count": len(rows), "row": rows[0]}
        found.append(
            DataIssue("coordinates-words", "repaired", "", file.name, None, params, "read-as-numbers")
        )
    return found
