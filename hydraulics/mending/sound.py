"""
The text of a model file as EPANET may safely read it, and what was changed for that.

EPANET 2.2 copies words of a line into buffers of fixed size, so one long line ends the process; it also opens and
writes any file that `[OPTIONS] HYDRAULICS` or `[REPORT] FILE` names. Nothing of that reaches it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gis.issues import DataIssue
from hydraulics.errors import ModelInputError
from hydraulics.mending.limits import load_model_limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gis.errors import Param

SECTIONS = (
    "TITLE", "JUNCTIONS", "RESERVOIRS", "TANKS", "PIPES", "PUMPS", "VALVES", "EMITTERS", "CONTROLS", "RULES",
    "DEMANDS", "SOURCES", "PATTERNS", "CURVES", "QUALITY", "STATUS", "ROUGHNESS", "ENERGY", "REACTIONS", "MIXING",
    "REPORT", "TIMES", "OPTIONS", "COORDINATES", "VERTICES", "LABELS", "BACKDROP", "TAGS", "END",
)  # fmt: skip
SHORTEST_NAME = 4  # letters by which EPANET's manual lets a section be named
DRAWN_ONLY = {"TITLE", "LABELS", "BACKDROP", "TAGS", "END"}
_HEADING = re.compile(rb"(?m)^[ \t]*\[([^\]\r\n;]*)\]?[^\n]*$")
_UNFIT_WORD = re.compile(rb'"|[^\s"]{32,}')
_STRAY_QUOTE = re.compile(rb'^(?:[^"]*"[^"]*")*[^"]*"[^"]*$|[^\s"]"[^"]*"|"[^"]*"[^\s"]')
_WORD = re.compile(rb'"[^"\n]*"|[^\s"]+')
_OUTWARD = re.compile(rb"(?mi)^[ \t]*(?:HYDRAULICS|MAP|FILE)\b[^\n]*$")


@dataclass(frozen=True)
class SoundText:
    """
    What EPANET reads in place of the file.

    Attributes
    ----------
    ids
        Id of the file by the short one the engine gets, both as bytes.
    issues
        What was changed.
    """

    data: bytes
    encoding: str
    ids: Mapping[bytes, bytes] = field(default_factory=dict)
    issues: tuple[DataIssue, ...] = ()


def sound_text(data: bytes, file: str) -> SoundText:
    """
    Give the text of a model file without what EPANET cannot bear.

    Raises
    ------
    ModelInputError
        `model-line-long`, `model-word-long`, `model-quote`, `model-refused-section`, each with the line.
    """
    issues: list[DataIssue] = []
    data = _plain_lines(data, file, issues)
    encoding = encoding_of(data)
    data = _known_sections(data, file, encoding, issues)
    data = _without_drawing(data)
    data = _short_lines(data, file)
    data = _without_outward(data, file, encoding, issues)
    data, ids = _short_ids(data, file, encoding, issues)
    return SoundText(data, encoding, ids, tuple(issues))


def encoding_of(data: bytes) -> str:
    """The encoding of a model file: UTF-8 if it is that, else GB18030 if it is that, else Latin-1 (never fails)."""
    for name in ("utf-8", "gb18030"):
        try:
            data.decode(name)
        except UnicodeDecodeError:
            continue
        return name
    return "latin-1"


def line_of(data: bytes, at: int) -> int:
    """Give the number of the line that holds a byte, from 1."""
    return data.count(b"\n", 0, at) + 1


def sections_of(data: bytes) -> Iterator[tuple[str, int, int]]:
    """Give name, start and end of the body of each section; names must be whole."""
    headings = list(_HEADING.finditer(data))
    ends = [heading.start() for heading in headings[1:]] + [len(data)]
    for heading, end in zip(headings, ends, strict=False):
        yield heading[1].strip().upper().decode("latin-1"), heading.end(), end


def _plain_lines(data: bytes, file: str, issues: list[DataIssue]) -> bytes:
    """Line feeds only, no zero bytes, UTF-16 made UTF-8."""

    def mended(kind: str, count: int) -> None:
        issues.append(DataIssue(kind, "repaired", "", file, None, {"count": count}, "file-kept"))

    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", "replace").encode("utf-8")
    data = data.removeprefix(b"\xef\xbb\xbf")
    whole = data.rstrip(b"\0\x1a")
    if zeros := len(data) - len(whole.replace(b"\0", b"")):
        mended("model-zero-bytes", zeros)
        data = whole.replace(b"\0", b" ")
    lone = len(re.findall(rb"\r(?!\n)", data))
    if lone:
        mended("model-line-ends", lone)
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data


def _known_sections(data: bytes, file: str, encoding: str, issues: list[DataIssue]) -> bytes:
    """Whole section names; EPANET passes over an unknown one in silence where it follows the title."""
    pieces, done = [], 0
    for heading in _HEADING.finditer(data):
        name = heading[1].strip().upper().decode(encoding, "replace")
        if name in SECTIONS:
            continue
        whole = [one for one in SECTIONS if len(name) >= SHORTEST_NAME and one.startswith(name)]
        line = line_of(data, heading.start())
        if len(whole) != 1:
            shown = heading[0].decode(encoding, "replace").strip()[:120]
            raise ModelInputError("model-refused-section", file=file, line=line, text=shown)
        params: dict[str, Param] = {"line": line, "field": name, "section": whole[0]}
        issues.append(
            DataIssue("model-section-short", "repaired", "", file, None, params, "section-completed")
        )
        pieces += [data[done : heading.start()], f"[{whole[0]}]".encode()]
        done = heading.end()
    return b"".join([*pieces, data[done:]])


def _without_drawing(data: bytes) -> bytes:
    """Titles, labels and tags are only for people and stay in the file; the numbers of lines do not change."""
    pieces, done = [], 0
    for name, start, end in sections_of(data):
        if name in DRAWN_ONLY:
            pieces += [data[done:start], b"\n" * data.count(b"\n", start, end)]
            done = end
    return b"".join([*pieces, data[done:]])


def _short_lines(data: bytes, file: str) -> bytes:
    """Long comments are cut, since nothing reads them; any other long line is no line of a model."""
    limit = load_model_limits().longest_line_bytes
    long_line = re.compile(rb"[^\n]{%d,}" % (limit + 1))

    def cut(match: re.Match[bytes]) -> bytes:
        kept = match[0].partition(b";")[0].rstrip()
        if len(kept) <= limit:
            return kept
        raise ModelInputError(
            "model-line-long", file=file, line=line_of(data, match.start()), length=len(kept), limit=limit
        )

    return long_line.sub(cut, data)


def _without_outward(data: bytes, file: str, encoding: str, issues: list[DataIssue]) -> bytes:
    """Lines that name a file to open or to write are left out."""
    edits: list[tuple[int, int]] = []
    for name, start, end in sections_of(data):
        if name in {"OPTIONS", "REPORT"}:
            edits += [(m.start(), m.end()) for m in _OUTWARD.finditer(data, start, end)]
    for start, end in edits:
        shown = data[start:end].decode(encoding, "replace").strip()[:120]
        params: dict[str, Param] = {"line": line_of(data, start), "field": shown}
        issues.append(DataIssue("model-outward", "warning", "", file, None, params, "line-left-out"))
    for start, end in reversed(edits):
        data = data[:start] + data[end:]
    return data


def _short_ids(
    data: bytes, file: str, encoding: str, issues: list[DataIssue]
) -> tuple[bytes, dict[bytes, bytes]]:
    """Ids that EPANET cannot hold (longer, or in quotes, by which it reads wild memory) get a short one."""
    names = _Aliases(data, file, encoding)
    pieces, done = [], 0
    for _, start, end in sections_of(data):
        if not _UNFIT_WORD.search(data, start, end):
            continue
        lines = data[start:end].split(b"\n")
        first = line_of(data, start)
        for at, line in enumerate(lines):
            if _UNFIT_WORD.search(line):
                lines[at] = names.in_line(line, first + at)
        pieces += [data[done:start], b"\n".join(lines)]
        done = end
    for word, alias in names.short.items():
        subject = word.decode(encoding, "replace")
        params: dict[str, Param] = {"file": file, "alias": alias.decode()}
        issues.append(DataIssue("model-id-long", "repaired", "", subject, None, params, "id-inside-engine"))
    return b"".join([*pieces, data[done:]]), {alias: word for word, alias in names.short.items()}


class _Aliases:
    """Short ids for long ones, the same for the same."""

    def __init__(self, data: bytes, file: str, encoding: str) -> None:
        self._data, self._file, self._encoding = data, file, encoding
        self.short: dict[bytes, bytes] = {}

    def in_line(self, line: bytes, number: int) -> bytes:
        """The line without comment and with short ids."""
        content = line.partition(b";")[0]
        if _STRAY_QUOTE.search(content):
            raise self._error("model-quote", number, content)
        return _WORD.sub(lambda match: self._of(match[0], number), content)

    def _of(self, word: bytes, number: int) -> bytes:
        limits, name = load_model_limits(), word.strip(b'"')
        if name == word and (len(word) <= limits.longest_id_bytes or _is_number(word)):
            return word
        if len(name) > limits.longest_word_bytes:
            raise self._error("model-word-long", number, name[:60])
        if name not in self.short:
            alias = b"TW-%d" % (len(self.short) + 1)
            while alias in self._data:
                alias += b"x"
            self.short[name] = alias
        return self.short[name]

    def _error(self, code: str, number: int, text: bytes) -> ModelInputError:
        shown = text.decode(self._encoding, "replace").strip()[:120]
        limit = load_model_limits().longest_word_bytes
        return ModelInputError(code, file=self._file, line=number, text=shown, limit=limit)


def _is_number(word: bytes) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
