"""A look at what an import would read, before anything is repaired or kept: rows, doubts, and a light picture."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from gis.crs import crs_text, to_lonlat
from gis.frames.parse import parse_frame
from gis.intake.mapping import NO_MAPPING
from gis.intake.placing import table_frames, target_crs
from gis.intake.reading import gather
from gis.intake.understand import understood
from gis.progress import SILENT, Progress
from gis.repair.thresholds import load_thresholds
from gis.schema import layers
from gis.sources.opened import opened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from pyproj import CRS

    from gis.intake.mapping import SourceMapping
    from gis.intake.normalise import Working
    from gis.issues import DataIssue
    from gis.sources.postgis.address import Source

MOST_READ = 100_000  # rows of each vector layer
MOST_VERTICES = 40_000  # of the whole picture
PICTURE_SHARE = 1 / 2000  # of the picture's width: what is smaller is not drawn
NOT_SHOWN = {"source_file", "source_row", "geometry"}


@dataclass(frozen=True)
class IssueCount:
    """How often one kind of doubt came up, with the sentence of the first."""

    kind: str
    severity: str
    count: int
    first: DataIssue


@dataclass(frozen=True)
class PreviewTable:
    """
    One source table as one of our layers.

    Attributes
    ----------
    rows
        The first rows, attribute to value; `row` is the row in the file.
    count
        Rows that were read and taken.
    filled
        Share of rows with a value, by attribute, 0 to 1.
    doubts
        What is doubted in the rows that are shown.
    """

    file: str
    table: str
    layer: str
    rows: tuple[Mapping[str, Any], ...]
    count: int
    filled: Mapping[str, float]
    issues: tuple[IssueCount, ...]
    doubts: tuple[DataIssue, ...] = ()


@dataclass(frozen=True)
class Preview:
    """
    What an import would read.

    Attributes
    ----------
    features
        GeoJSON FeatureCollection of a spread selection, in longitude and latitude (plane x, y without CRS), with
        `layer`, `id`, `dn` and `material`; `drawn` of `shapes` things are in it.
    skipped
        Tables that no rule takes, as FILE:TABLE.
    """

    tables: tuple[PreviewTable, ...]
    issues: tuple[IssueCount, ...]
    skipped: tuple[str, ...]
    crs: str | None
    features: Mapping[str, Any] = field(default_factory=dict)
    drawn: int = 0
    shapes: int = 0


def preview_sources(
    paths: Sequence[Source], *, mapping: SourceMapping = NO_MAPPING, crs: str | None = None, rows: int = 20,
    shapes: int = 3000, progress: Progress = SILENT,
) -> Preview:  # fmt: skip
    """
    Give the first rows of every table as the import would take them, what it doubts in them, and a light picture.

    At most 100,000 rows of a vector layer are read, and `shapes` things with 40,000 vertices drawn.

    Raises
    ------
    GisInputError
        As `gis.importing.import_sources`.
    """
    limits = load_thresholds().with_overrides(mapping.repair, mapping.repair_rules)
    with opened(paths, max_rows=MOST_READ, progress=progress) as folders:
        gathered = gather(folders, mapping, limits, progress, max_rows=MOST_READ)
        frames = table_frames(gathered, folders, mapping, parse_frame(crs))
        target = target_crs(gathered, frames)
        parts: list[tuple[str, str, Working]] = []
        for done, ((raw, rule, surveyed), frame) in enumerate(zip(gathered.tables, frames, strict=True)):
            progress.step("understand", done, len(frames))
            part = understood(raw, rule, frame=frame, target=target, limits=limits, surveyed=surveyed)
            parts.append((raw.file_name, raw.ref.name, part))
        progress.step("understand", len(frames), len(frames))
    features, all_shapes = _picture([part for _, _, part in parts], target, shapes)
    return Preview(
        tables=tuple(_table(file, table, part, rows) for file, table, part in parts),
        issues=_counted(gathered.issues), skipped=tuple(f"{ref.file.name}:{ref.name}" for ref in gathered.skipped),
        crs=crs_text(target), features={"type": "FeatureCollection", "features": features},
        drawn=len(features), shapes=all_shapes,
    )  # fmt: skip


def _table(file: str, table: str, part: Working, rows: int) -> PreviewTable:
    known = {attribute.name for attribute in layers()[part.layer].attributes}
    shown = [name for name in part.table.columns if name not in NOT_SHOWN and name in known]
    first = part.table.head(rows)
    listed = tuple(
        {"row": int(first["source_row"].iloc[at])} | {name: _value(first[name].iloc[at]) for name in shown}
        for at in range(len(first))
    )
    filled = {name: float(part.table[name].notna().mean()) if len(part.table) else 0.0 for name in shown}
    return PreviewTable(
        file, table, part.layer, listed, len(part.table), filled, _counted(part.issues), _doubts(part, first)
    )


def _doubts(part: Working, first: pd.DataFrame) -> tuple[DataIssue, ...]:
    """Issues that name one of these rows or the id of one."""
    rows = set(first["source_row"].tolist())
    ids = set(first[layers()[part.layer].id_column].dropna().astype(str))
    return tuple(
        issue
        for issue in part.issues
        if (issue.params["row"] in rows if "row" in issue.params else issue.subject in ids)
    )


def _value(value: Any) -> Any:
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return None
    plain = value.item() if isinstance(value, np.generic) else value
    return int(plain) if isinstance(plain, float) and plain.is_integer() else plain


def _counted(issues: Sequence[DataIssue]) -> tuple[IssueCount, ...]:
    first: dict[str, DataIssue] = {}
    for issue in issues:
        first.setdefault(issue.kind, issue)
    counts = Counter(issue.kind for issue in issues)
    return tuple(
        IssueCount(kind, first[kind].severity, count, first[kind]) for kind, count in counts.most_common()
    )


def _picture(parts: Sequence[Working], crs: CRS | None, most: int) -> tuple[list[dict[str, Any]], int]:
    """A spread selection of every layer in its share, simplified to what the picture can show."""
    chosen = [(part, np.flatnonzero(~shapely.is_missing(part.table.geometry.to_numpy()))) for part in parts]
    total = sum(len(rows) for _, rows in chosen)
    step = max(-(-total // max(most, 1)), 1)
    bounds = np.array([part.table.total_bounds for part, rows in chosen if len(rows)])
    width = float(np.nanmax(np.ptp(bounds.reshape(-1, 2, 2), axis=1))) if len(bounds) else 0.0
    features: list[dict[str, Any]] = []
    left = MOST_VERTICES
    for part, rows in chosen:
        drawn, used = _features(part, rows[::step], crs, width * PICTURE_SHARE, left)
        features += drawn
        left -= used
    return features, total


def _features(
    part: Working, rows: NDArray[np.int64], crs: CRS | None, detail_m: float, most_vertices: int
) -> tuple[list[dict[str, Any]], int]:
    shapes = shapely.simplify(part.table.geometry.to_numpy()[rows], detail_m)
    vertices = np.cumsum(shapely.get_num_coordinates(shapes))
    fit = int(np.searchsorted(vertices, most_vertices, side="right"))
    shapes = shapely.transform(
        shapes[:fit], lambda xy: np.round(np.column_stack(to_lonlat(crs, xy[:, 0], xy[:, 1])), 7)
    )
    id_column = layers()[part.layer].id_column
    names = [name for name in ("dn", "material", "kind", "status") if name in part.table]
    features = [
        {
            "type": "Feature",
            "geometry": shapely.geometry.mapping(shape),
            "properties": {
                "layer": part.layer, "id": _value(part.table[id_column].iloc[row]),
                **{name: _value(part.table[name].iloc[row]) for name in names},
            },
        }
        for row, shape in zip(rows[:fit].tolist(), shapes, strict=True)
    ]  # fmt: skip
    return features, int(vertices[fit - 1]) if fit else 0
