"""Lines of a model that name nodes or links it does not have, left out and counted; so are nodes no link touches."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from gis.issues import DataIssue
from hydraulics.mending.sound import sections_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gis.errors import Param
    from gis.issues import Severity

_NODE_SECTIONS, _LINK_SECTIONS = ("JUNCTIONS", "RESERVOIRS", "TANKS"), ("PIPES", "PUMPS", "VALVES")
_OF_NODE = ("DEMANDS", "EMITTERS", "QUALITY", "SOURCES", "MIXING", "COORDINATES")
_OF_LINK = ("STATUS", "VERTICES")
_NODE_WORDS = {b"NODE", b"JUNCTION", b"JUNC", b"RESERVOIR", b"RESERV", b"TANK"}
_LINK_WORDS = {b"LINK", b"PIPE", b"PUMP", b"VALVE"}
_LINES_OF = "model-lines-of-unknown"
DEMAND_ALONE = "model-demand-alone"
_ERRORS = {"model-link-without-node", "model-node-alone", DEMAND_ALONE}


@dataclass
class _Lines:
    """Lines of a file by section, with their number; dropping one is remembered by kind."""

    lines: list[bytes]
    section_rows: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    dropped: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))

    def words(self, row: int) -> list[bytes]:
        return self.lines[row].partition(b";")[0].replace(b'"', b" ").split()

    def rows(self, *sections: str) -> Iterable[tuple[str, int, list[bytes]]]:
        for section in sections:
            for row in self.section_rows.get(section, ()):
                words = self.words(row)
                if words and not words[0].startswith(b"["):
                    yield section, row, words

    def drop(self, kind: str, section: str, row: int) -> None:
        self.dropped[kind, section].append(row)
        self.lines[row] = b""


def without_unknown(data: bytes, file: str, encoding: str) -> tuple[bytes, tuple[DataIssue, ...]]:
    """
    Give the text without links to nodes that are not there, without nodes no link touches, and without the lines,
    controls and rules that name anything unknown; what was left out, grouped by section with counts.
    """
    text = _Lines(data.split(b"\n"))
    before = [line.strip().decode(encoding, "replace") for line in text.lines]
    for name, start, end in sections_of(data):
        first = data.count(b"\n", 0, start)
        text.section_rows[name] += range(first + 1, first + 1 + data.count(b"\n", start, end))
    nodes = {words[0] for _, _, words in text.rows(*_NODE_SECTIONS)}
    links = _sound_links(text, nodes)
    nodes = _touched_nodes(text, nodes)
    _drop_lines(text, nodes, links)
    _drop_controls(text, nodes, links)
    issues = tuple(
        _issue(kind, section, rows, before, file) for (kind, section), rows in sorted(text.dropped.items())
    )
    return b"\n".join(text.lines), issues


def _sound_links(text: _Lines, nodes: set[bytes]) -> set[bytes]:
    links = set()
    for section, row, words in list(text.rows(*_LINK_SECTIONS)):
        if len(words) > 2 and not {words[1], words[2]} <= nodes:
            text.drop("model-link-without-node", section, row)
        else:
            links.add(words[0])
    return links


def _touched_nodes(text: _Lines, nodes: set[bytes]) -> set[bytes]:
    touched = {end for _, _, words in text.rows(*_LINK_SECTIONS) for end in words[1:3]}
    drawing = {words[0] for _, _, words in text.rows("DEMANDS") if _is_demand(words[1:2])}
    for section, row, words in list(text.rows(*_NODE_SECTIONS)):
        if words[0] not in touched:
            draws = section == "JUNCTIONS" and (words[0] in drawing or _is_demand(words[2:3]))
            text.drop(DEMAND_ALONE if draws else "model-node-alone", section, row)
    return nodes & touched


def _is_demand(words: list[bytes]) -> bool:
    try:
        return any(float(word) != 0.0 for word in words)
    except ValueError:
        return False


def _drop_lines(text: _Lines, nodes: set[bytes], links: set[bytes]) -> None:
    for sections, known in ((_OF_NODE, nodes), (_OF_LINK, links)):
        for section, row, words in list(text.rows(*sections)):
            if words[0] not in known:
                text.drop(_LINES_OF, section, row)
    for section, row, words in list(text.rows("ENERGY")):
        if words[0].upper() == b"PUMP" and words[1:2] and words[1] not in links:
            text.drop(_LINES_OF, section, row)


def _drop_controls(text: _Lines, nodes: set[bytes], links: set[bytes]) -> None:
    for section, row, words in list(text.rows("CONTROLS")):
        if _names_unknown(words, nodes, links):
            text.drop("model-control-unknown", section, row)
    rules: list[list[int]] = []
    unknown: set[int] = set()
    for _, row, words in text.rows("RULES"):
        if words[0].upper() == b"RULE" or not rules:
            rules.append([])
        rules[-1].append(row)
        if _names_unknown(words[1:], nodes, links):
            unknown.add(len(rules) - 1)
    for number in sorted(unknown):
        head, *rest = rules[number]
        text.drop("model-control-unknown", "RULES", head)
        for row in rest:
            text.lines[row] = b""


def _names_unknown(words: list[bytes], nodes: set[bytes], links: set[bytes]) -> bool:
    for word, name in pairwise(words):
        if (word.upper() in _NODE_WORDS and name not in nodes) or (
            word.upper() in _LINK_WORDS and name not in links
        ):
            return True
    return False


def _issue(kind: str, section: str, rows: list[int], before: list[str], file: str) -> DataIssue:
    severity: Severity = "error" if kind in _ERRORS else "warning"
    params: dict[str, Param] = {
        "field": section, "count": len(rows), "line": rows[0] + 1, "text": before[rows[0]][:120],
    }  # fmt: skip
    subject = before[rows[0]].split()[0] if kind == DEMAND_ALONE else file
    return DataIssue(
        kind,
        severity,
        "nodes" if kind == DEMAND_ALONE else "",
        subject,
        None,
        {**params, "file": file},
        "line-left-out",
    )
