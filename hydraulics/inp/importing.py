"""Import of an EPANET file as a network version: its layers, its doubts, and the file itself as the model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gis.crs import crs_text, lies_in_china, working_crs
from gis.errors import GisInputError
from gis.frames.area import require_inside
from gis.frames.parse import parse_frame
from gis.frames.vertical import default_datum, parse_vertical
from gis.issues import DataIssue
from gis.progress import SILENT, Progress
from gis.version import Candidate
from hydraulics.errors import HydraulicsError
from hydraulics.inp.content import FileContent, read_content
from hydraulics.inp.doubts import content_issues, refuse_impossible_numbers, run_issue, state_issues
from hydraulics.inp.layers import (
    node_layer,
    pipe_layer,
    pump_layer,
    source_layer,
    valve_layer,
)
from hydraulics.inp.read import opened
from hydraulics.mending.doubts import refuse_impossible_curves, text_issues
from hydraulics.mending.refusals import LISTED_ANYWAY
from hydraulics.scenarios.peak import peak_of_file

if TYPE_CHECKING:
    from pyproj import CRS

    from gis.frames.frame import Frame
    from hydraulics.results import FloatArray
    from hydraulics.scenarios.peak import PeakState

_STAGE = "import-model"


def import_inp(
    path: Path, *, crs: str | None, vertical_datum: str | None = None, progress: Progress = SILENT
) -> Candidate:
    """
    Give a candidate version of an EPANET file.

    Without `crs` the file's plane is kept as it is; a file without positions gives layers without geometry. A file
    that EPANET reads but cannot solve is imported with the reason as an issue. Levels stay as the file has them,
    whatever `vertical_datum` they are in: the file is the model.

    Raises
    ------
    ModelInputError
        EPANET refuses the file: file, line and reason are named.
    GisInputError
        The CRS is unknown, or the positions do not lie in it.
    """
    progress.step(_STAGE, 0, 3)
    source, datum = parse_frame(crs, folder=Path()), parse_vertical(vertical_datum)
    with opened(path) as file:
        refuse_impossible_curves(file, path.name)
        content = read_content(file)
        text_doubts = (*file.issues, *text_issues(file, path.name))
        has_source = file.has_source
    refuse_impossible_numbers(content, path.name)
    progress.step(_STAGE, 1, 3)
    peak, run_issues = _peak(path) if has_source else (None, (_no_source(path),))
    progress.step(_STAGE, 2, 3)
    content, target = _placed(content, source, file=path.name)
    issues = (*text_doubts, *content_issues(content, path.name, target), *run_issues)
    if peak is not None:
        issues += state_issues(peak, content)
    tables = None if peak is None else peak.tables
    layers = {
        "pipes": pipe_layer(content, target),
        "nodes": node_layer(content, target),
        "valves": valve_layer(content, target, peak=tables),
        "pumps": pump_layer(content, target, peak=tables),
        "sources": source_layer(content, target, head_m=_peak_heads_m(content, peak), peak=tables),
    }
    progress.step(_STAGE, 3, 3)
    datum = datum or default_datum(in_china=lies_in_china(target, layers["nodes"].geometry.to_numpy()))
    return Candidate(
        layers, issues, path.name, crs_text(target), model_inp=path, vertical_datum=datum.as_found()
    )


def _peak(path: Path) -> tuple[PeakState | None, tuple[DataIssue, ...]]:
    try:
        return peak_of_file(path), ()
    except HydraulicsError as error:
        return None, () if error.code in LISTED_ANYWAY else (run_issue(error, path.name),)


def _no_source(path: Path) -> DataIssue:
    return DataIssue("model-no-source", "error", "sources", "*", None, {"file": path.name})


def _peak_heads_m(content: FileContent, peak: PeakState | None) -> FloatArray | None:
    """Shape (nodes,) in the engine's order, or None when the model does not run."""
    if peak is None:
        return None
    by_id = dict(zip(peak.tables.node_ids, peak.head_m.tolist(), strict=True))
    return np.array([by_id[name] for name in content.node_ids])


def _placed(content: FileContent, source: Frame | None, *, file: str) -> tuple[FileContent, CRS | None]:
    """Positions moved into the working CRS; no CRS without positions."""
    known = np.isfinite(content.position_xy).all(axis=1)
    if source is None or not known.any():
        return content, None
    middle = np.median(content.position_xy[known], axis=0)
    x, y = source.base_xy(float(middle[0]), float(middle[1]))
    centre_xy = (float(x), float(y))
    require_inside(source.base, centre_xy, file=file)
    target = working_crs(source.base, centre_xy)
    counts = [len(content.position_xy), *(len(points) for points in content.vertices.values())]
    every = np.concatenate([content.position_xy, *content.vertices.values()])
    moved = np.column_stack(source.xy(target, every[:, 0], every[:, 1]))
    if not np.isfinite(moved[np.isfinite(every).all(axis=1)]).all():
        raise GisInputError("crs-does-not-fit", crs=source.name)
    moved[~np.isfinite(moved).all(axis=1)] = np.nan
    positions, *inner = np.split(moved, np.cumsum(counts)[:-1])
    vertices = dict(zip(content.vertices, inner, strict=True))
    return replace(content, position_xy=positions, vertices=vertices), target
