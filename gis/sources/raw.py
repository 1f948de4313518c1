"""What a reader gives: one table of a source file as it stands there, before anything is understood."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray
    from pyproj import CRS

    from gis.issues import DataIssue


@dataclass(frozen=True)
class TableRef:
    """
    A table that can be read: a vector layer, a sheet, a CSV file.

    Attributes
    ----------
    name
        Layer or sheet name; for files with one table the file name without suffix.
    encoding
        Character set that a mapping file tells, None when the file itself has to.
    unit_m
        Metres of one unit of a drawing, as a mapping file tells.
    """

    file: Path
    name: str
    kind: str
    encoding: str | None = None
    unit_m: float = 1.0


@dataclass(frozen=True)
class RawTable:
    """
    One table of a source file.

    Attributes
    ----------
    table
        Columns with the headings of the source; the index is the row (XLSX, CSV: as the program for it counts) or
        the feature number, for messages.
    geometry
        Shape (rows,), shapely geometries or None; None for a table without geometry.
    crs
        As the file states it; None when it does not.
    cut_headings
        True where the format may have cut headings short (10 bytes of a DBF).
    aliases
        What the source calls its columns for people, where it says so.
    """

    ref: TableRef
    table: pd.DataFrame
    geometry: NDArray[np.object_] | None = None
    crs: CRS | None = None
    cut_headings: bool = False
    issues: tuple[DataIssue, ...] = field(default=())
    aliases: Mapping[str, str] = field(default_factory=dict)

    @property
    def file_name(self) -> str:
        return self.ref.file.name
