"""A table that bears the name of one layer and holds the things of another: asked about, with the layer it looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.errors import GisInputError
from gis.intake.cells.shapes import FAMILIES, kind_fits
from gis.intake.mapping import matched_headings
from gis.schema import layers

if TYPE_CHECKING:
    from gis.intake.mapping import LayerRule
    from gis.sources.raw import RawTable

MOST_OF_THEM_SHARE = 0.5


def require_own_kind(raw: RawTable, rule: LayerRule) -> None:
    """
    Refuse a table most of whose shapes cannot be things of its layer, such as points among pipes.

    Raises
    ------
    GisInputError
        `layer-of-other-kind`, naming the layer that geometry and headings speak for.
    """
    if raw.geometry is None:
        return
    shapes = raw.geometry[~shapely.is_missing(raw.geometry)]
    wrong = ~kind_fits(shapes, layers()[rule.layer].geometry)
    if not len(shapes) or wrong.mean() <= MOST_OF_THEM_SHARE:
        return
    kinds = shapely.get_type_id(shapes[wrong])
    found = next(
        (name for name, ids in FAMILIES.items() if np.isin(kinds, ids).mean() > MOST_OF_THEM_SHARE), None
    )
    likely = _likely(raw, found)
    raise GisInputError(
        "layer-of-other-kind", file=raw.file_name, table=raw.ref.name, layer=rule.layer,
        label=layers()[rule.layer].label_zh, count=int(wrong.sum()), total=len(shapes), likely=likely,
        likely_label=layers()[likely].label_zh, found=found or "?",
    )  # fmt: skip


def _likely(raw: RawTable, geometry: str | None) -> str:
    """The layer of that geometry which knows most of the table's headings."""
    known = {
        name: len(set(matched_headings(raw.table.columns, name, cut=raw.cut_headings).values()))
        for name, layer in layers().items()
        if layer.geometry == geometry
    }
    return max(known, key=lambda name: known[name], default="nodes")
