"""An EPANET file opened for reading: its text encoding, its ids, and EPANET's complaints with line and reason."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from hydraulics.engine import EngineCallError, Project
from hydraulics.errors import ModelInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

# Complaints that have a sentence of their own; all others are given in EPANET's words.
_WITH_LINE = {"201", "202", "203", "204", "205", "206", "211", "215", "222"}
_WITHOUT_LINE = {"223", "224", "225", "226", "227", "233"}
_FIRST_ERROR = re.compile(r"Error (\d+): ([^\n]*)\n(?:[ \t]*(\S[^\n]*))?")


@dataclass(frozen=True)
class ModelFile:
    """An open file: EPANET's view of it, its text, and how to read its ids."""

    project: Project
    text: str
    encoding: str

    def node_ids(self) -> list[str]:
        """Ids in the engine's order."""
        return [name.decode(self.encoding, "replace") for name in self.project.node_ids()]

    def link_ids(self) -> list[str]:
        """Ids in the engine's order."""
        return [name.decode(self.encoding, "replace") for name in self.project.link_ids()]

    def section(self, start: str) -> list[list[str]]:
        """Words of the lines of the section whose name starts so (upper case), comments dropped."""
        rows: list[list[str]] = []
        inside = False
        for line in self.text.splitlines():
            words = line.partition(";")[0].split()
            if words and words[0].startswith("["):
                inside = words[0][1:].upper().startswith(start)
            elif words and inside:
                rows.append(words)
        return rows


def encoding_of(data: bytes) -> str:
    """The encoding of a model file: UTF-8 if it is that, else GB18030 if it is that, else Latin-1 (never fails)."""
    for name in ("utf-8", "gb18030"):
        try:
            data.decode(name)
        except UnicodeDecodeError:
            continue
        return name
    return "latin-1"


@contextmanager
def opened(path: Path) -> Iterator[ModelFile]:
    """
    Open an EPANET file in a folder of its own.

    Raises
    ------
    ModelInputError
        The file is missing, or EPANET refuses it: file, line and reason are named.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelInputError("model-unreadable", file=path.name) from error
    encoding = encoding_of(data)
    with TemporaryDirectory(prefix="tapwright-") as folder:
        # A short name of our own: EPANET cuts paths at 259 bytes.
        copy, report = Path(folder) / "model.inp", Path(folder) / "model.rpt"
        copy.write_bytes(data.removeprefix(b"\xef\xbb\xbf"))
        try:
            project = Project(copy, report)
        except EngineCallError as error:
            raise _refusal(path, data, report, error.code, encoding) from error
        with project:
            yield ModelFile(project, data.decode(encoding, "replace"), encoding)


def _refusal(path: Path, data: bytes, report: Path, code: int, encoding: str) -> ModelInputError:
    complaint = report.read_bytes().decode(encoding, "replace") if report.exists() else ""
    found = _FIRST_ERROR.search(complaint)
    number, reason, text = (found[1], found[2], (found[3] or "").strip()) if found else (str(code), "", "")
    if number in _WITHOUT_LINE:
        return ModelInputError(f"model-refused-{number}", file=path.name, reason=" ".join(reason.split()))
    line = _line_number(data.decode(encoding, "replace"), text)
    known = f"model-refused-{number}" if number in _WITH_LINE else "model-refused"
    reason = f"EPANET {number}: {' '.join(reason.split()).rstrip(':')}"
    return ModelInputError(known, file=path.name, line=line or "?", reason=reason, text=text[:120])


def _line_number(text: str, wanted: str) -> int | None:
    """First line EPANET quoted; it trims blanks and comments."""
    key = " ".join(wanted.split(";", maxsplit=1)[0].split())
    if not key:
        return None
    for number, line in enumerate(text.splitlines(), 1):
        if " ".join(line.split(";")[0].split()) == key:
            return number
    return None
