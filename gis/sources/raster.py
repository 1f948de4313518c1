"""
Terrain grids: GeoTIFF, ESRI ASCII (.asc) and ESRI binary grids (folders with hdr.adf), read where they are asked.

The format is never left to be guessed: other raster formats are small texts that lead to files and addresses. Only
the part of a grid that is asked for is read, so that its size does not matter.
"""

from __future__ import annotations

import logging
import math
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.errors import GisInputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

DRIVERS = {".tif": "GTiff", ".tiff": "GTiff", ".asc": "AAIGrid", ".adf": "AIG"}
_STARTS = {
    "GTiff": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), "AAIGrid": (b"ncols", b"nrows"), "AIG": (b"GRID",),
}  # fmt: skip
_NO_NEIGHBOURS = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_HTTP_PROXY": "127.0.0.1:9", "GDAL_HTTP_CONNECTTIMEOUT": "1",
    "GDAL_PAM_ENABLED": "NO",
}  # fmt: skip
_TILE = 1024
logging.getLogger("rasterio").addHandler(
    logging.NullHandler()
)  # what it remarks comes back as errors and issues
_LARGEST_BLOCK_BYTES = 1 << 28
_UNITS = {"m": 1.0, "metre": 1.0, "meter": 1.0, "metres": 1.0, "meters": 1.0, "ft": 0.3048, "foot": 0.3048, "feet": 0.3048,
          "us-ft": 1200 / 3937, "ftus": 1200 / 3937, "us survey foot": 1200 / 3937}  # fmt: skip


@dataclass(frozen=True)
class Grid:
    """
    A terrain grid as its file describes it.

    Attributes
    ----------
    shape
        Rows and columns.
    to_pixel
        Six coefficients: column = a x + b y + c, row = d x + e y + f, at the upper left corner of pixels.
    crs_wkt, unit_m, nodata_m
        As the file states them, None where it does not; `nodata_m` is as the file counts.
    """

    file: Path
    driver: str
    shape: tuple[int, int]
    to_pixel: tuple[float, ...]
    crs_wkt: str | None
    unit_m: float | None
    nodata_m: float | None

    @property
    def name(self) -> str:
        """What a person calls it: the folder of an ESRI grid, else the file."""
        return self.file.parent.name if self.driver == "AIG" else self.file.name

    @property
    def turned_deg(self) -> float:
        """Angle between the rows and the x axis [degrees]."""
        return math.degrees(math.atan2(self.to_pixel[1], self.to_pixel[0]))

    def pixels(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Give column and row, counted from the middle of the first pixel."""
        a, b, c, d, e, f = self.to_pixel
        return a * x + b * y + c - 0.5, d * x + e * y + f - 0.5

    def places(self, pixel_x: FloatArray, pixel_y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Give x and y of columns and rows, counted from the middle of the first pixel."""
        a, b, c, d, e, f = self.to_pixel
        across, down = pixel_x + 0.5 - c, pixel_y + 0.5 - f
        det = a * e - b * d
        return (e * across - b * down) / det, (a * down - d * across) / det


def is_raster(file: Path) -> bool:
    """Tell by its name whether a file is a terrain grid; of an ESRI grid only its header counts."""
    suffix = file.suffix.lower()
    return suffix in DRIVERS and (suffix != ".adf" or file.name.lower() == "hdr.adf")


def read_grid(file: Path) -> Grid:
    """
    Read what a terrain grid says of itself.

    Raises
    ------
    GisInputError
        `file-unreadable`, `raster-block`, `raster-bands`.
    """
    driver = DRIVERS[file.suffix.lower()]
    with file.open("rb") as stream:
        start = stream.read(5)
    if not start.lower().startswith(tuple(mark.lower() for mark in _STARTS[driver])):
        raise GisInputError("file-unreadable", file=file.name, problem=f"not {driver}")
    with _opened(file, driver) as source:
        block = max(rows * columns for rows, columns in source.block_shapes)
        if block * np.dtype(source.dtypes[0]).itemsize > _LARGEST_BLOCK_BYTES:
            raise GisInputError("raster-block", file=file.name, rows=source.height, columns=source.width)
        if source.count != 1 or not np.issubdtype(np.dtype(source.dtypes[0]), np.number):
            raise GisInputError("raster-bands", file=file.name, count=source.count)
        if source.transform.determinant == 0.0 or source.transform.is_identity:
            raise GisInputError("raster-unplaced", file=file.name)
        inverse = ~source.transform
        wkt = None if source.crs is None else source.crs.to_wkt()
        return Grid(
            file, driver, (source.height, source.width), tuple(inverse)[:6], wkt,
            _UNITS.get(str(source.units[0] or "").strip().casefold()), source.nodata,
        )  # fmt: skip


@contextmanager
def _opened(file: Path, driver: str) -> Iterator[Any]:
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    try:
        with warnings.catch_warnings(), rasterio.Env(**_NO_NEIGHBOURS):
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # told by `raster-unplaced`
            with rasterio.open(file, driver=driver) as source:
                yield source
    except (RasterioError, OSError, ValueError) as error:
        problem = (str(error).splitlines() or ["?"])[0].replace(str(file), file.name)[:200]
        raise GisInputError("file-unreadable", file=file.name, problem=problem) from None


def heights(grid: Grid, x: FloatArray, y: FloatArray, *, nodata_m: float | None = None) -> FloatArray:
    """
    Shape (points,): heights between the four nearest cells, in the file's unit; NaN outside and in holes.

    `x`, `y` are in the grid's own CRS; `nodata_m` besides the file's own, as the file counts. A hole among the four
    cells leaves the others to speak as long as the nearest one does.
    """
    column, row = grid.pixels(x, y)
    rows, columns = grid.shape
    inside = (column >= -0.5) & (column <= columns - 0.5) & (row >= -0.5) & (row <= rows - 0.5)
    found = np.full(len(x), np.nan)
    at = np.flatnonzero(inside)
    if not len(at):
        return found
    column, row = np.clip(column[at], 0.0, columns - 1.0), np.clip(row[at], 0.0, rows - 1.0)
    tile = (row // _TILE).astype(np.int64) * (columns // _TILE + 1) + (column // _TILE).astype(np.int64)
    order = np.argsort(tile, kind="stable")
    holes = [value for value in (grid.nodata_m, nodata_m) if value is not None]
    with _opened(grid.file, grid.driver) as source:
        for part in np.split(order, np.flatnonzero(np.diff(tile[order])) + 1):
            found[at[part]] = _between(source, column[part], row[part], holes)
    return found


def _between(source: Any, pixel_x: FloatArray, pixel_y: FloatArray, holes: list[float]) -> FloatArray:
    from rasterio.windows import Window

    left, top = int(pixel_x.min()), int(pixel_y.min())
    right, bottom = min(int(pixel_x.max()) + 2, source.width), min(int(pixel_y.max()) + 2, source.height)
    cells = source.read(1, window=Window(left, top, right - left, bottom - top)).astype(np.float64)
    for hole in holes:
        cells[np.isclose(cells, hole, rtol=1e-6, atol=0.0) | (cells == hole)] = np.nan
    x0, y0 = np.floor(pixel_x).astype(np.int64), np.floor(pixel_y).astype(np.int64)
    x1, y1 = np.minimum(x0 + 1, source.width - 1), np.minimum(y0 + 1, source.height - 1)
    across, down = pixel_x - x0, pixel_y - y0
    corners = np.stack([cells[b - top, a - left] for b in (y0, y1) for a in (x0, x1)])
    weights = np.stack([(1 - across) * (1 - down), across * (1 - down), (1 - across) * down, across * down])
    known = np.isfinite(corners)
    nearest = np.take_along_axis(known, weights.argmax(axis=0)[None], axis=0)[0]
    weights = np.where(known, weights, 0.0)
    total = weights.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: FloatArray = (weights * np.where(known, corners, 0.0)).sum(axis=0) / total
    return np.where(nearest & (total > 0), mean, np.nan)
