"""Sources without a mapping whose names say too little: what names and values make probable is taken, and told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.errors import GisInputError
from gis.intake.mapping import NO_MAPPING
from gis.intake.reading import gather
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

UNNAMED = frozenset({"nothing-recognised", "columns-unknown"})
SIZES = ("dn", "inner_diameter_m")
KIND = "columns-guessed"


def gather_or_guess(
    paths: Sequence[Path], limits: Thresholds, progress: Progress
) -> tuple[Gathered, SourceMapping]:
    """
    Read the tables that names and headings make known; where no sized pipes are among them, by a guessed mapping.

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
    return gathered, NO_MAPPING


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
