"""From source tables with their rules to working tables of our layers, one for each layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gis.intake.cells.heights import with_heights
from gis.intake.cells.ids import blank_issues, id_issues
from gis.intake.cells.plausible import finish_depths, finish_years
from gis.intake.layer_kinds import require_own_kind
from gis.intake.normalise import Working, finish_sizes, joined, normalise
from gis.memory import give_back

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyproj import CRS

    from gis.frames.frame import Frame
    from gis.intake.mapping import LayerRule
    from gis.intake.reading import Gathered
    from gis.progress import Progress
    from gis.repair.thresholds import Thresholds
    from gis.sources.raw import RawTable


def understand(
    gathered: Gathered,
    frames: Sequence[Frame | None],
    target: CRS | None,
    limits: Thresholds,
    progress: Progress,
) -> dict[str, Working]:
    """Give one working table per layer, typed and in the working CRS."""
    parts: dict[str, list[Working]] = {}
    for done, frame in enumerate(frames):
        progress.step("understand", done, len(frames))
        raw, rule, surveyed = gathered.tables.pop(0)  # let go of as soon as it is understood
        part = understood(raw, rule, frame=frame, target=target, limits=limits, surveyed=surveyed)
        parts.setdefault(rule.layer, []).append(part)
    progress.step("understand", len(frames), len(frames))
    whole = {layer: joined(parts.pop(layer), layer, target) for layer in list(parts)}
    for working in whole.values():
        working.issues += id_issues(working)
    give_back()
    return whole


def understood(
    raw: RawTable, rule: LayerRule, *, frame: Frame | None, target: CRS | None, limits: Thresholds, surveyed: bool
) -> Working:  # fmt: skip
    """Give the rows a rule takes from one source table, typed and in the working CRS."""
    raw, rule = with_heights(raw, rule)
    require_own_kind(raw, rule)
    part = normalise(raw, rule, frame=frame, target=target)
    part.issues += blank_issues(raw, rule)
    finish_sizes(part)
    finish_years(part, limits)
    finish_depths(part, limits)
    _confidence(part, surveyed=surveyed)
    if part.layer == "pipes" and "dn" in rule.fields and rule.fields["dn"].codes:
        known = part.table["dn"].notna().to_numpy(dtype=bool)
        part.table["dn_confidence"] = np.where(known, "inferred", part.table["dn_confidence"])
    return part


def _confidence(part: Working, *, surveyed: bool) -> None:
    """Say how each attribute is known: a survey saw sizes and depths; years come from its papers."""
    table = part.table
    known_by = {
        "pipes": {"dn": "surveyed", "material": "surveyed", "cover_depth_m": "surveyed", "install_year": "as-built"},
        "nodes": {"elevation_m": "surveyed"},
    }.get(part.layer, {})  # fmt: skip
    for attribute, how in known_by.items():
        column = f"{attribute.removesuffix('_m')}_confidence"
        if column in table:
            continue
        values = table.get(attribute, pd.Series(None, index=table.index, dtype="object"))
        known = (values.notna() & (values != "unknown")).to_numpy(dtype=bool)
        table[column] = np.where(known & surveyed, how, "unknown")
