"""Shapes that are larger than any thing they could stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.errors import GisInputError
from gis.sources.limits import load_file_limits

if TYPE_CHECKING:
    from gis.sources.raw import RawTable


def require_few_vertices(raw: RawTable) -> None:
    """
    Refuse a table with a shape of more vertices than any pipe, street or outline has.

    Raises
    ------
    GisInputError
        `shape-too-large` with file, row and count.
    """
    if raw.geometry is None or not len(raw.geometry):
        return
    counts = shapely.get_num_coordinates(raw.geometry)
    row, limit = int(np.argmax(counts)), load_file_limits().most_vertices
    if counts[row] > limit:
        raise GisInputError(
            "shape-too-large", file=raw.file_name, table=raw.ref.name, row=int(raw.table.index[row]),
            count=int(counts[row]), limit=limit,
        )  # fmt: skip
