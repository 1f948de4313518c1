"""Suggest a mapping: what each table and column of unknown sources probably is, from names and from values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gis.errors import GisInputError
from gis.intake.guess.names import Names
from gis.intake.guess.proposal import LEFT_OUT, SuggestedTable
from gis.intake.guess.tables import suggest_table
from gis.intake.guess.written import written
from gis.intake.mapping import SourceMapping
from gis.intake.reading import read_table
from gis.messages import Text
from gis.progress import SILENT, Progress
from gis.sources.folder import list_sources
from gis.sources.opened import opened
from gis.sources.postgis.copied import KIND as DATABASE
from gis.sources.postgis.copied import row_count
from gis.sources.raw import TableRef
from gis.sources.vectors.vector import count_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.issues import DataIssue
    from gis.sources.postgis.address import Source
    from gis.sources.raw import RawTable

MOST_ROWS = 100_000  # looked at of each vector layer


@dataclass(frozen=True)
class SuggestedMapping:
    """A proposal for all tables of some sources."""

    tables: tuple[SuggestedTable, ...]
    crs: str | None = None

    def mapping(self) -> SourceMapping:
        """Give the proposal as the import takes it."""
        return SourceMapping(tuple(rule for table in self.tables for rule in table.rules), self.crs)

    def to_toml(self) -> str:
        """Give the proposal as a mapping file, with its reasons as remarks."""
        return written(self.tables, self.crs)


def suggest_mapping(
    paths: Sequence[Source], *, crs: str | None = None, progress: Progress = SILENT
) -> SuggestedMapping:
    """
    Give what each table of the sources probably is.

    A table that cannot be read is listed with its problem. Of a large vector layer the first 100,000 rows are
    looked at. `crs` is written into the mapping for tables whose file states none.

    Raises
    ------
    GisInputError
        When the sources hold no table at all.
    """
    with opened(paths, max_rows=MOST_ROWS, progress=progress) as folders:
        listed = list_sources(folders)
        refs = listed.tables
        read: list[RawTable | SuggestedTable] = []
        for done, ref in enumerate(refs):
            progress.step("read", done, len(refs))
            read.append(_read(ref))
        progress.step("read", len(refs), len(refs))
        names = Names.of([raw for raw in read if not isinstance(raw, SuggestedTable)])
        tables = []
        for done, raw in enumerate(read):
            progress.step("understand", done, len(read))
            tables.append(raw if isinstance(raw, SuggestedTable) else _suggested(raw, names.without(raw)))
        progress.step("understand", len(read), len(read))
    return SuggestedMapping(_whole_survey([*tables, *map(_left_out, listed.issues)]), crs)


def _left_out(issue: DataIssue) -> SuggestedTable:
    """A file that holds data but is not read: listed with the way out."""
    file = Path(issue.subject)
    reason = Text("gis", f"issue.{issue.kind}", {"subject": issue.subject, **issue.params})
    return SuggestedTable(TableRef(file, file.stem, LEFT_OUT), reasons=(reason,))


def _whole_survey(tables: Sequence[SuggestedTable]) -> tuple[SuggestedTable, ...]:
    """Lines between points need a table of points; without one the lines are a bare register."""
    if any(rule.survey and rule.layer == "nodes" for table in tables for rule in table.rules):
        return tuple(tables)
    return tuple(
        replace(table, rules=tuple(replace(rule, survey=None) for rule in table.rules)) for table in tables
    )


def _read(ref: TableRef) -> RawTable | SuggestedTable:
    try:
        return read_table(ref, max_rows=MOST_ROWS)
    except GisInputError as error:
        return SuggestedTable(ref, problem=error)


def _suggested(raw: RawTable, names: Names) -> SuggestedTable:
    table = suggest_table(raw, names)
    counted = None
    if table.looked_at >= MOST_ROWS:
        count = {"vector": count_rows, DATABASE: row_count}.get(raw.ref.kind)
        counted = count(raw.ref) if count is not None else None
    return replace(table, rows=counted or table.rows)
