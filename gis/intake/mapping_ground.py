"""
The parts of a mapping file that say where on Earth a source lies.

    crs = "EPSG:4548"                   # or "GCJ-02", "BD-09", or the name of a grid file beside the mapping file
    vertical_datum = "1985"             # or "1956", "ellipsoidal", "吴淞高程:-1.63" (metres to add for 1985)
    [crs]
    file = "local-grid.toml"            # the same, as a table
    [control]                           # things whose true place is known, by the id they have in the source
    crs = "EPSG:4548"
    points = { JS12 = [510730.16, 4057676.65] }     # easting, northing (or longitude, latitude)
    [[raster]]                          # terrain grids
    file = "dem*.tif"
    crs = "EPSG:4548"                   # where the file states none
    unit = "ft"
    add_m = -9.8                        # e.g. the height anomaly of ellipsoidal heights
    nodata = 0
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any

from gis.errors import GisInputError
from gis.frames.frame import Frame
from gis.frames.parse import parse_frame
from gis.frames.vertical import VerticalDatum, parse_vertical

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LENGTH_UNITS = {"m": 1.0, "ft": 0.3048, "us-ft": 1200 / 3937, "cm": 0.01, "dm": 0.1, "mm": 0.001}


@dataclass(frozen=True)
class Control:
    """Things whose true place is known: id to x, y in `frame`."""

    frame: Frame
    points: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class RasterRule:
    """How terrain grids of that name are read; `unit_m` is None where the file itself must tell, `nodata_m` is as the file counts."""

    file: str = "*"
    frame: Frame | None = None
    unit_m: float | None = None
    add_m: float = 0.0
    nodata_m: float | None = None

    def fits(self, name: str) -> bool:
        """Tell whether the rule speaks of the file."""
        return fnmatch(name.casefold(), self.file.casefold())


def frame_of(spec: Any, file: Path) -> Frame | None:
    """
    Give the frame that `crs` names; a grid file must lie beside the mapping file or below it.

    Raises
    ------
    GisInputError
        `mapping-grid-place`, `mapping-unreadable`, and those of `parse_frame`.
    """
    if isinstance(spec, dict) and set(spec) == {"file"}:
        spec = spec["file"]
        if not str(spec).lower().endswith(".toml"):
            raise GisInputError("mapping-unreadable", file=file.name, problem="crs.file")
    if spec is None:
        return None
    if not isinstance(spec, str):
        raise GisInputError("mapping-unreadable", file=file.name, problem="crs")
    folder = file.resolve().parent
    if spec.strip().lower().endswith(".toml") and not (folder / spec.strip()).resolve().is_relative_to(
        folder
    ):
        raise GisInputError("mapping-grid-place", file=file.name)
    return parse_frame(spec, folder=folder)


def vertical_of(spec: Any, file: Path) -> VerticalDatum | None:
    """Give the height datum that `vertical_datum` names."""
    if spec is not None and not isinstance(spec, str):
        raise GisInputError("mapping-unreadable", file=file.name, problem="vertical_datum")
    return parse_vertical(spec)


def control_of(table: Any, file: Path) -> Control | None:
    """Give the [control] points."""
    if table is None:
        return None
    if (
        not isinstance(table, dict)
        or set(table) != {"crs", "points"}
        or not isinstance(table["points"], dict)
    ):
        raise GisInputError("mapping-unreadable", file=file.name, problem="[control]")
    frame = frame_of(table["crs"], file)
    points: dict[str, tuple[float, float]] = {}
    for name, place in table["points"].items():
        if not isinstance(place, list) or len(place) != 2 or not all(_is_number(value) for value in place):
            raise GisInputError("mapping-unreadable", file=file.name, problem=f"[control] {name}")
        points[str(name)] = (float(place[0]), float(place[1]))
    if frame is None or not points:
        raise GisInputError("mapping-unreadable", file=file.name, problem="[control]")
    return Control(frame, points)


def rasters_of(entries: Any, file: Path) -> tuple[RasterRule, ...]:
    """Give the [[raster]] rules."""
    if entries is None:
        return ()
    if not isinstance(entries, list):
        raise GisInputError("mapping-unreadable", file=file.name, problem="[[raster]]")
    return tuple(_raster(entry, file) for entry in entries)


def _raster(entry: Any, file: Path) -> RasterRule:
    known = {"file", "crs", "unit", "add_m", "nodata"}
    if not isinstance(entry, dict) or not set(entry) <= known:
        raise GisInputError("mapping-unreadable", file=file.name, problem="[[raster]]")
    unit = entry.get("unit")
    if unit is not None and unit not in LENGTH_UNITS:
        raise GisInputError("mapping-unit", file=file.name, unit=str(unit), known=", ".join(LENGTH_UNITS))
    for key in ("add_m", "nodata"):
        if key in entry and not _is_number(entry[key]):
            raise GisInputError("mapping-unreadable", file=file.name, problem=f"[[raster]] {key}")
    nodata = entry.get("nodata")
    return RasterRule(
        str(entry.get("file", "*")), frame_of(entry.get("crs"), file), None if unit is None else LENGTH_UNITS[unit],
        float(entry.get("add_m", 0.0)), None if nodata is None else float(nodata),
    )  # fmt: skip


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
