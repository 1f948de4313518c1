"""
Import: from the files a utility has to a candidate version, read top to bottom.

What cannot be read is refused as a whole; what can be read but is doubtful or mended leaves an issue.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gis.crs import crs_text, lies_in_china
from gis.errors import GisInputError
from gis.fill.terrain import terrains
from gis.frames.parse import parse_frame
from gis.frames.vertical import default_datum, in_national_datum, parse_vertical
from gis.intake.build import build_network
from gis.intake.guessed import gather_or_guess
from gis.intake.mapping import load_mapping
from gis.intake.offsets import offset_issues
from gis.intake.placing import pipes_crs, table_frames, target_crs
from gis.intake.reading import gather
from gis.intake.understand import understand
from gis.progress import SILENT, Progress
from gis.register.derived import with_derived
from gis.repair.thresholds import load_thresholds
from gis.sources.folder import is_synthetic, stated_vertical, without_companions
from gis.sources.opened import opened
from gis.version import Candidate, conform_layers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.frames.frame import Frame
    from gis.frames.vertical import VerticalDatum
    from gis.intake.mapping import SourceMapping
    from gis.intake.normalise import Working
    from gis.issues import DataIssue
    from gis.sources.postgis.address import Source


def import_sources(
    paths: Sequence[Source], *, mapping: Path | None = None, crs: str | None = None,
    vertical_datum: str | None = None, progress: Progress = SILENT,
) -> Candidate:  # fmt: skip
    """
    Give a candidate version of everything the paths hold, except EPANET files.

    Parameters
    ----------
    paths
        Files, folders and zips; tables are known by mapping file, by name (label of a layer) or as survey tables, and
        where that gives no pipes with sizes by a guess (gis.intake.guessed).
    mapping
        Mapping file (see gis.intake.mapping).
    crs
        For sources whose files state none: a code, `GCJ-02`, `BD-09`, or the path of a grid file.
    vertical_datum
        What heights count from (gis.frames.vertical); assumed where it is not said.
    progress
        Told about stages `read`, `understand`, `repair`, `link`.

    Raises
    ------
    GisInputError
        Names file, row, field and the way out; nothing was written.
    """
    rules = load_mapping(mapping) if mapping is not None else None
    given = parse_frame(crs, folder=Path())
    datum = parse_vertical(vertical_datum)
    with opened(paths, progress=progress) as folders:
        return _candidate(folders, rules, given, datum, progress)


def _candidate(
    paths: Sequence[Path],
    rules: SourceMapping | None,
    given: Frame | None,
    datum: VerticalDatum | None,
    progress: Progress,
) -> Candidate:
    limits = load_thresholds()
    if rules is None:
        gathered, rules = gather_or_guess(paths, limits, progress)
    else:
        limits = limits.with_overrides(rules.repair, rules.repair_rules)
        gathered = gather(paths, rules, limits, progress)
    frames = table_frames(gathered, paths, rules, given)
    target = target_crs(gathered, frames)
    of_pipes = pipes_crs(gathered, frames)
    layers = understand(gathered, frames, target, limits, progress)  # which empties what was gathered
    _require_pipes(layers, paths)
    issues: list[DataIssue] = list(gathered.issues)
    said = datum or rules.vertical or parse_vertical(stated_vertical(paths))
    heights = said or default_datum(in_china=lies_in_china(target, layers["pipes"].table.geometry.to_numpy()))
    issues += offset_issues(layers, target, rules.control)
    issues += in_national_datum({name: working.table for name, working in layers.items()}, heights)
    files = [ref.file for ref in gathered.rasters]
    grids, said_of_grids = terrains(files, rules.rasters, network_crs=target, pipes_crs=of_pipes)
    issues += said_of_grids
    tables = build_network(layers, limits, issues, progress, grids)
    layers.clear()
    candidate = Candidate(
        layers=conform_layers(tables), issues=tuple(issues), source=", ".join(path.name for path in without_companions(paths)),
        crs=crs_text(target), synthetic=is_synthetic(paths), vertical_datum=heights.record(),
    )  # fmt: skip
    return with_derived(candidate) if rules.derive_tapoffs else candidate


def _require_pipes(layers: dict[str, Working], paths: Sequence[Path]) -> None:
    if "pipes" not in layers or not len(layers["pipes"].table):
        found = ", ".join(sorted(layers))
        raise GisInputError("no-pipes", file=", ".join(path.name for path in paths), found=found)
