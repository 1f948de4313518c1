"""
Import: from the files a utility has to a candidate version, read top to bottom.

What cannot be read is refused as a whole; what can be read but is doubtful or mended leaves an issue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.crs import crs_text
from gis.errors import GisInputError
from gis.intake.build import build_network
from gis.intake.mapping import NO_MAPPING, load_mapping
from gis.intake.reading import gather, table_crs, target_crs
from gis.intake.understand import understand
from gis.progress import SILENT, Progress
from gis.repair.thresholds import load_thresholds
from gis.sources.archive import unpacked
from gis.sources.folder import is_synthetic
from gis.version import Candidate, conformed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gis.intake.mapping import SourceMapping
    from gis.intake.normalise import Working
    from gis.issues import DataIssue


def import_sources(
    paths: Sequence[Path], *, mapping: Path | None = None, crs: str | None = None, progress: Progress = SILENT
) -> Candidate:
    """
    Give a candidate version of everything the paths hold, except EPANET files.

    Parameters
    ----------
    paths
        Files, folders and zips; tables are known by mapping file, by name (label of a layer) or as survey tables.
    mapping
        Mapping file (see gis.intake.mapping).
    crs
        For sources whose files state none.
    progress
        Told about stages `read`, `understand`, `repair`, `link`.

    Raises
    ------
    GisInputError
        Names file, row, field and the way out; nothing was written.
    """
    rules = load_mapping(mapping) if mapping is not None else NO_MAPPING
    with unpacked(paths) as folders:
        return _candidate(folders, rules, crs, progress)


def _candidate(paths: Sequence[Path], rules: SourceMapping, crs: str | None, progress: Progress) -> Candidate:
    limits = load_thresholds().with_overrides(rules.repair)
    gathered = gather(paths, rules, limits, progress)
    sources = table_crs(gathered, paths, rules, crs)
    target = target_crs(gathered, sources)
    layers = understand(gathered, sources, target, limits, progress)
    _require_pipes(layers, paths)
    issues: list[DataIssue] = list(gathered.issues)
    tables = build_network(layers, limits, issues, progress)
    candidate = Candidate(
        layers=tables, issues=tuple(issues), source=", ".join(path.name for path in paths),
        crs=crs_text(target), synthetic=is_synthetic(paths),
    )  # fmt: skip
    return conformed(candidate)


def _require_pipes(layers: dict[str, Working], paths: Sequence[Path]) -> None:
    if "pipes" not in layers or not len(layers["pipes"].table):
        found = ", ".join(sorted(layers))
        raise GisInputError("no-pipes", file=", ".join(path.name for path in paths), found=found)
