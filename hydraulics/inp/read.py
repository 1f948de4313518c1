"""An EPANET file opened for reading: its text encoding, its ids, and EPANET's complaints with line and reason."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from hydraulics.epanet.codes import Count
from hydraulics.epanet.engine import EngineCallError, Project
from hydraulics.errors import ModelInputError
from hydraulics.mending.limits import load_model_limits
from hydraulics.mending.references import without_unknown
from hydraulics.mending.sound import SoundText, sound_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gis.issues import DataIssue

# Complaints that have a sentence of their own; all others are given in EPANET's words.
_WITH_LINE = {"201", "202", "203", "204", "205", "206", "211", "215", "222"}
_WITHOUT_LINE = {"223", "225", "226", "227", "233"}
_UNKNOWN_NAMES = re.compile(r"Error (203|204|216|233)\b|defined (node|link)")
_NO_SOURCE = 224
STAND_IN = b"TW-NO-SOURCE"
_FIRST_ERROR = re.compile(r"Error (\d+): ([^\n]*)\n(?:[ \t]*(\S[^\n]*))?")


@dataclass(frozen=True)
class ModelFile:
    """
    An open file: EPANET's view of it, its text, and how to read its ids.

    Attributes
    ----------
    ids
        Id of the file by the one EPANET has, where that is another one.
    issues
        What was mended or left out so that EPANET can read the file.
    has_source
        False when the last node and the last link are a stand-in for the reservoir or tank the file lacks.
    """

    project: Project
    text: str
    encoding: str
    ids: Mapping[bytes, bytes] = field(default_factory=dict)
    issues: tuple[DataIssue, ...] = ()
    has_source: bool = True

    def node_ids(self) -> list[str]:
        """Ids in the engine's order."""
        return self._names(self.project.node_ids())

    def link_ids(self) -> list[str]:
        """Ids in the engine's order."""
        return self._names(self.project.link_ids())

    def _names(self, names: list[bytes]) -> list[str]:
        return [self.ids.get(name, name).decode(self.encoding, "replace") for name in names]

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


@contextmanager
def opened(path: Path) -> Iterator[ModelFile]:
    """
    Open an EPANET file in a folder of its own; what EPANET cannot read and nobody needs is mended or left out.

    A file that has neither reservoir nor tank gets a stand-in behind a closed pipe, and `has_source` says so.

    Raises
    ------
    ModelInputError
        The file is missing, or EPANET refuses it: file, line and reason are named.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelInputError("model-unreadable", file=path.name) from error
    sound = sound_text(data, path.name)
    with TemporaryDirectory(prefix="tapwright-") as folder:
        project, sound, has_source = _project(path, sound, Path(folder))
        with project:
            _refuse_too_large(project, path)
            text = sound.data.decode(sound.encoding, "replace")
            yield ModelFile(project, text, sound.encoding, sound.ids, sound.issues, has_source)


def _project(path: Path, sound: SoundText, folder: Path) -> tuple[Project, SoundText, bool]:
    """Open the text; where it is refused for names it does not define, or for lack of a source, once more without."""
    has_source = True
    # A short name of our own: EPANET cuts paths at 259 bytes.
    copy, report = folder / "model.inp", folder / "model.rpt"
    for _ in range(3):
        copy.write_bytes(sound.data)
        try:
            return Project(copy, report), sound, has_source
        except EngineCallError as error:
            complaint = report.read_bytes().decode(sound.encoding, "replace") if report.exists() else ""
            found = _mended(path.name, sound, error.code, complaint)
            lacking = error.code == _NO_SOURCE and has_source
            if found is None and not lacking:
                raise _refusal(path, sound, complaint, error.code) from error
            sound = found or replace(sound, data=_with_stand_in(sound.data))
            has_source = not lacking
    raise ModelInputError("model-refused", file=path.name, line="?", reason="EPANET 200", text="")


def _mended(file: str, sound: SoundText, code: int, complaint: str) -> SoundText | None:
    """The text without what names unknown things; None when EPANET complains of something else."""
    found = _FIRST_ERROR.search(complaint)
    first = found[0] if found else f"Error {code}:"
    if not _UNKNOWN_NAMES.search(first):
        return None
    data, issues = without_unknown(sound.data, file, sound.encoding)
    return replace(sound, data=data, issues=(*sound.issues, *issues)) if issues else None


def _with_stand_in(data: bytes) -> bytes:
    match = re.search(rb"(?mi)^[ \t]*\[JUNCTIONS[^\n]*\n(?:[ \t]*(?:;[^\n]*)?\n)*[ \t]*([^\s;]+)", data)
    first = match[1] if match else b"?"
    end = re.search(rb"(?mi)^[ \t]*\[END\]", data)
    body = data[: end.start()] if end else data
    return body + b"\n[RESERVOIRS]\n%s 0\n[PIPES]\n%s %s %s 1 100 100 0 Closed\n" % (
        STAND_IN, STAND_IN, STAND_IN, first,
    )  # fmt: skip


def _refuse_too_large(project: Project, path: Path) -> None:
    limit, links = load_model_limits().most_links, project.count(Count.LINKS)
    if links > limit:
        project.close()
        raise ModelInputError("model-too-large", file=path.name, count=links, limit=limit)


def _refusal(path: Path, sound: SoundText, complaint: str, code: int) -> ModelInputError:
    found = _FIRST_ERROR.search(complaint)
    number, reason, text = (found[1], found[2], (found[3] or "").strip()) if found else (str(code), "", "")
    if number in _WITHOUT_LINE:
        return ModelInputError(f"model-refused-{number}", file=path.name, reason=" ".join(reason.split()))
    line = _line_number(sound.data.decode(sound.encoding, "replace"), text)
    for alias, name in sound.ids.items():
        reason, text = (
            said.replace(alias.decode(), name.decode(sound.encoding, "replace")) for said in (reason, text)
        )
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
