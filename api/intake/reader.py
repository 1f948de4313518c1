"""What the reading process does with a draft: suggest, preview, check, import. The last candidate is kept for the import."""

from __future__ import annotations

import math
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.intake.checked import checked_document
from api.network.imports import publish_candidate, read_candidate, summary_of
from api.network.mapping import preview_document, suggested
from gis.crs import parse_crs
from gis.errors import GisInputError
from gis.intake.mapping import NO_MAPPING, load_mapping
from gis.intake.preview import preview_sources
from gis.intake.reading import read_table
from gis.schema import layers
from gis.sources.archive import unpacked
from gis.sources.folder import list_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from gis.intake.preview import PreviewTable
    from gis.issues import DataIssue
    from gis.progress import Progress
    from gis.sources.raw import RawTable
    from gis.version import Candidate

HEAD_ROWS = 30
LONGEST_CELL = 80


class Reader:
    """
    Answers about one draft at a time.

    Parameters
    ----------
    workspace
        Folder of the workspace the draft may be imported into.
    """

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._read: tuple[object, Candidate] | None = None

    def suggest(self, sources: Path, progress: Progress) -> dict[str, Any]:
        """Give what every table and column probably is, a mapping that says so, and the first rows as they stand."""
        paths = paths_of(sources)
        if _is_model(paths):
            return {"kind": "model", "tables": [], "document": {"format": 1}, "heads": []}
        answer = suggested(paths, progress=progress)
        return {
            "kind": "tables", "tables": answer["tables"], "document": tomllib.loads(answer["toml"]), "heads": _heads(paths),
        }  # fmt: skip

    def preview(self, sources: Path, mapping: Path | None, progress: Progress) -> dict[str, Any]:
        """Give the first rows as a mapping takes them, what is doubted in each, and a light picture."""
        rules = NO_MAPPING if mapping is None else load_mapping(mapping)
        preview = preview_sources(paths_of(sources), mapping=rules, rows=HEAD_ROWS, progress=progress)
        document = preview_document(preview)
        for entry, table in zip(document["tables"], preview.tables, strict=True):
            entry["doubts"] = [_doubt(issue) for issue in table.doubts]
            entry["labels"] = _labels(table)
        crs = parse_crs(preview.crs)
        return {**document, "crs_name": None if crs is None else crs.name}

    def check(self, sources: Path, mapping: Path | None, title: str, progress: Progress) -> dict[str, Any]:
        """Read everything as an import would, and tell what it would make of it and of the current version."""
        return checked_document(
            self._workspace, self._candidate(sources, mapping, title, progress), progress=progress
        )

    def publish(
        self, sources: Path, mapping: Path | None, title: str, *, by: str, accepted: str | None, progress: Progress
    ) -> dict[str, Any]:  # fmt: skip
        """Make the draft the next version, or a proposal where much would disappear."""
        candidate = self._candidate(sources, mapping, title, progress)
        progress.step("publish", 0, 1)
        record, standing = publish_candidate(self._workspace, candidate, by=by or None, accepted=accepted)
        self._read = None
        progress.step("publish", 1, 1)
        return {"version": record.version, "parent": record.parent, **standing, **summary_of(candidate)}

    def _candidate(self, sources: Path, mapping: Path | None, title: str, progress: Progress) -> Candidate:
        key = (str(sources), mapping and mapping.read_bytes(), _stamps(sources))
        if self._read is None or self._read[0] != key:
            self._read = None
            candidate = read_candidate(paths_of(sources), mapping=mapping, crs=None, progress=progress)
            self._read = (key, replace(candidate, source=title))
        return self._read[1]


def paths_of(sources: Path) -> list[Path]:
    """Give what the readers are to be told: models and zips by themselves, everything else as one folder."""
    files = [file for file in sorted(sources.iterdir()) if not file.name.startswith(".")]
    alone = [file for file in files if file.is_file() and file.suffix.lower() in (".zip", ".inp")]
    rest = [file for file in files if file not in alone and not _only_tells(file)]
    return [*alone, *([sources] if rest else [])]


def _only_tells(file: Path) -> bool:
    """Tell whether a file only says something about the others."""
    return file.name in ("SYNTHETIC.txt", "sample.json") or file.suffix.lower() in (".toml", ".txt")


def _is_model(paths: Sequence[Path]) -> bool:
    for path in paths:
        if path.suffix.lower() == ".inp":
            return True
        if path.suffix.lower() == ".zip" and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                if any(name.lower().endswith(".inp") for name in archive.namelist()):
                    return True
    return False


def _stamps(sources: Path) -> tuple[tuple[str, int, int], ...]:
    stats = [(file.name, file.stat()) for file in sorted(sources.rglob("*")) if file.is_file()]
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)


def _heads(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """First rows of every table as they stand in the file."""
    heads = []
    with unpacked(paths) as folders:
        for ref in list_tables(folders):
            try:
                heads.append(_head(read_table(ref, max_rows=HEAD_ROWS)))
            except GisInputError:
                continue  # the suggestion says why the table cannot be read
    return heads


def _head(raw: RawTable) -> dict[str, Any]:
    table: pd.DataFrame = raw.table.head(HEAD_ROWS)
    columns = [str(column) for column in table.columns]
    rows = [
        {"row": int(row), "values": [_cell(value) for value in values]}
        for row, values in zip(table.index, table.astype("object").to_numpy(), strict=True)
    ]
    return {"file": raw.file_name, "table": raw.ref.name, "columns": columns, "rows": rows}


def _cell(value: Any) -> str | None:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    text = str(value)
    return text if len(text) <= LONGEST_CELL else f"{text[:LONGEST_CELL]}…"


def _doubt(issue: DataIssue) -> dict[str, Any]:
    return {
        "row": issue.params.get("row"), "column": issue.params.get("field"), "kind": issue.kind,
        "severity": issue.severity, "message": issue.message("zh"), "message_en": issue.message("en"),
    }  # fmt: skip


def _labels(table: PreviewTable) -> dict[str, list[str]]:
    """Names of the attributes for a person: [zh, en]."""
    known = {attribute.name: attribute for attribute in layers()[table.layer].attributes}
    return {name: [known[name].label_zh, known[name].label_en] for name in table.filled if name in known}
