"""Sources without a mapping whose names say too little: what names and values make probable is taken, and told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.errors import GisInputError
from gis.intake.guess.names import Names
from gis.intake.guess.tables import layer_by_likeness, suggest_table
from gis.intake.mapping import NO_MAPPING
from gis.intake.reading import gather, read_table
from gis.intake.suggest import suggest_mapping
from gis.issues import DataIssue
from gis.schema import layers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from gis.intake.guess.proposal import SuggestedTable
    from gis.intake.mapping import SourceMapping
    from gis.intake.reading import Gathered
    from gis.progress import Progress
    from gis.repair.thresholds import Thresholds
    from gis.sources.raw import TableRef

UNNAMED = frozenset({"nothing-recognised", "columns-unknown"})
SIZES = ("dn", "inner_diameter_m")
SURROUNDINGS = frozenset(
    {"streets", "blocks", "trees", "waters", "railways", "parcels", "buildings", "communities"}
)
KIND = "columns-guessed"


def gather_or_guess(
    paths: Sequence[Path], limits: Thresholds, progress: Progress
) -> tuple[Gathered, SourceMapping]:
    """
    Read the tables that names and headings make known; where no sized pipes are among them, by a guessed mapping.

    Layers around the network (trees, waters …) that only resemble a known name are taken beside it.

    Every guessed table is an issue of its own (`columns-guessed`) that names each column taken.

    Raises
    ------
    GisInputError
        As `gather`, where nothing can be guessed either.
    """
    try:
        gathered = gather(paths, NO_MAPPING, limits, progress)
    except GisInputError as refusal:
        if refusal.code not in UNNAMED:
            raise
        found = _guessed(paths, limits, progress)
        if found is None:
            raise
        return found
    if not _has_sizes(gathered):
        return _guessed(paths, limits, progress) or (gathered, NO_MAPPING)
    for ref in list(gathered.skipped):
        _take_surroundings(ref, gathered)
    return gathered, NO_MAPPING


def _take_surroundings(ref: TableRef, gathered: Gathered) -> None:
    """Take a skipped table whose name resembles that of a layer around the network which nothing else is."""
    taken = {rule.layer for _, rule, _ in gathered.tables}
    if ref.kind != "vector" or layer_by_likeness(ref) not in SURROUNDINGS - taken:
        return
    try:
        raw = read_table(ref)
    except GisInputError:
        return
    table = suggest_table(raw, Names({}, {}))
    if raw.crs is None or table.layer not in SURROUNDINGS - taken:
        return
    gathered.tables += [(raw, rule, False) for rule in table.rules]
    gathered.skipped.remove(ref)
    skipped = f"{ref.file.name}:{ref.name}"
    gathered.issues = [
        one for one in gathered.issues if (one.kind, one.subject) != ("table-skipped", skipped)
    ]
    gathered.issues += _told(table)


def _has_sizes(gathered: Gathered) -> bool:
    """Whether pipes have a column of sizes; a survey without one has said so in its own way."""
    rules = [(rule, surveyed) for _, rule, surveyed in gathered.tables if rule.layer == "pipes"]
    return not rules or any(
        surveyed or any(name in rule.fields for name in SIZES) for rule, surveyed in rules
    )


def _guessed(
    paths: Sequence[Path], limits: Thresholds, progress: Progress
) -> tuple[Gathered, SourceMapping] | None:
    """Give what a guessed mapping reads; None where it has no pipes with sizes."""
    guess = suggest_mapping(paths, progress=progress)
    mapping = guess.mapping()
    if not any(name in rule.fields for rule in mapping.rules if rule.layer == "pipes" for name in SIZES):
        return None
    gathered = gather(paths, mapping, limits, progress)
    gathered.issues += [issue for table in guess.tables for issue in _told(table)]
    return gathered, mapping


def _told(table: SuggestedTable) -> Iterator[DataIssue]:
    for rule in table.rules:
        taken = ", ".join(f"{name} = {one.column}" for name, one in rule.fields.items() if one.column)
        label = layers()[rule.layer]
        yield DataIssue(
            KIND, "warning", "", f"{table.ref.file.name}:{table.ref.name}", None,
            {"target": f"{label.label_zh} {rule.layer}", "columns": taken or "-"},
        )  # fmt: skip
