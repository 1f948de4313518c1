"""
Grid files (TOML): how a city's own grid, or one of 1954 Beijing or 1980 Xi'an, becomes CGCS2000.

    format = 1
    name = "某市独立坐标系"          # the only thing that is ever shown
    grid = "EPSG:4548"              # CGCS2000 grid that the parameters or points lead to; not with [helmert]
    overrides = true                # also for files that state another CRS (an old grid labelled CGCS2000)

    [similarity]                    # four parameters: N' = north_m + k (N cos a - E sin a), E' = east_m + k (N sin a + E cos a)
    north_m = 0.0
    east_m = 0.0
    rotation_s = 0.0                # a, seconds of arc
    scale_ppm = 0.0                 # k - 1

    [helmert]                       # or seven parameters, from a grid that PROJ knows the projection of
    source = "EPSG:2384"
    dx_m = 0.0                      # dy_m, dz_m; rx_s, ry_s, rz_s [seconds of arc]; scale_ppm
    rotation = "coordinate-frame"   # 布尔莎; or "position-vector"

    [[point]]                       # or control points; beside parameters they check them
    id = "K1"
    local = { north_m = 0.0, east_m = 0.0 }
    grid = { north_m = 0.0, east_m = 0.0 }

The figures are a city's secret: they are used while sources are read and are kept, shown and sent nowhere.
"""

from __future__ import annotations

import math
import tomllib
from typing import TYPE_CHECKING, Any

import numpy as np
from pyproj import CRS

from gis.crs import any_crs, is_metric, parse_crs
from gis.errors import GisInputError
from gis.frames.frame import Frame
from gis.frames.helmert import Helmert
from gis.frames.limits import limits
from gis.frames.plane import Similarity, check_points, fit_similarity
from gis.frames.zones import CGCS2000_EPSG, plain_crs

if TYPE_CHECKING:
    from pathlib import Path

    from gis.frames.plane import Fit, FloatArray

FORMAT = 1
_KEYS = {"format", "name", "grid", "overrides", "similarity", "helmert", "point"}
_SIMILARITY = ("north_m", "east_m", "rotation_s", "scale_ppm")
_HELMERT = ("dx_m", "dy_m", "dz_m", "rx_s", "ry_s", "rz_s", "scale_ppm")
_PLACE = ("north_m", "east_m")
_LARGEST_BYTES = 1 << 20


def read_grid_file(file: Path) -> Frame:
    """
    Read a grid file; control points without parameters are fitted, with parameters they check them.

    Raises
    ------
    GisInputError
        `grid-file` with the key that is wrong (never a figure), `grid-points-few`, `grid-points-disagree` with the
        residuals, `grid-points-swapped`, `grid-points-stretched`, `crs-unknown`.
    """
    document = _document(file)
    name = str(document.get("name") or file.stem)[:60]
    if "helmert" in document:
        transform: Any = _helmert(_table(document, "helmert", file), file)
        base = CRS.from_epsg(CGCS2000_EPSG)
    else:
        base = _grid(document, file)
        transform = _given_similarity(document, file)
    names, local_xy, grid_xy = _points(document, file)
    fitted = transform is None
    if fitted:
        transform = _fitted(local_xy, grid_xy, name)
    fit = _held(
        transform, local_xy, grid_xy, names, base=base, name=name, fitted=fitted, document=document, file=file
    )
    overrides = document.get("overrides") is True
    return Frame(name, base, "grid", transform, overrides, fit, fitted)


def _document(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > _LARGEST_BYTES:
            raise _wrong(file, "> 1 MiB")
        document = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise _wrong(file, error.strerror or "?") from None
    except UnicodeDecodeError:
        raise _wrong(file, "UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise _wrong(file, _place(error)) from None
    for key in document:
        if key not in _KEYS:
            raise _wrong(file, str(key)[:40])
    if document.get("format") != FORMAT:
        raise _wrong(file, f"format = {FORMAT}")
    return document


def _place(error: tomllib.TOMLDecodeError) -> str:
    """Line and column only: what stands there may be a parameter."""
    return str(error).rpartition("(")[2].rstrip(")") or "TOML"


def _wrong(file: Path, problem: str) -> GisInputError:
    return GisInputError("grid-file", file=file.name, problem=problem)


def _table(document: dict[str, Any], key: str, file: Path) -> dict[str, Any]:
    table = document[key]
    if not isinstance(table, dict):
        raise _wrong(file, f"[{key}]")
    return table


def _figures(table: Any, keys: tuple[str, ...], where: str, file: Path) -> list[float]:
    if not isinstance(table, dict):
        raise _wrong(file, where)
    for key in keys:
        value = table.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise _wrong(file, f"{where}.{key}")
    return [float(table[key]) for key in keys]


def _grid(document: dict[str, Any], file: Path) -> CRS:
    crs = parse_crs(document["grid"]) if isinstance(document.get("grid"), str) else None
    if crs is None or not is_metric(crs):
        raise _wrong(file, "grid")
    return plain_crs(crs)


def _given_similarity(document: dict[str, Any], file: Path) -> Similarity | None:
    if "similarity" not in document:
        return None
    north_m, east_m, turn_s, scale_ppm = _figures(document["similarity"], _SIMILARITY, "similarity", file)
    return Similarity.of_parameters(north_m, east_m, rotation_arc_s=turn_s, scale_ppm=scale_ppm)


def _helmert(table: dict[str, Any], file: Path) -> Helmert:
    rotation = table.get("rotation", "coordinate-frame")
    if rotation not in {"coordinate-frame", "position-vector"}:
        raise _wrong(file, "helmert.rotation")
    source = any_crs(str(table.get("source")))
    if not is_metric(source):
        raise _wrong(file, "helmert.source")
    dx, dy, dz, rx, ry, rz, scale_ppm = _figures(table, _HELMERT, "helmert", file)
    return Helmert(source, (dx, dy, dz), (rx, ry, rz), scale_ppm, rotation)


def _points(document: dict[str, Any], file: Path) -> tuple[list[str], FloatArray, FloatArray]:
    entries = document.get("point", [])
    if not isinstance(entries, list):
        raise _wrong(file, "[[point]]")
    names, local, grid = [], [], []
    for nth, entry in enumerate(entries, 1):
        where = f"point {nth}"
        if not isinstance(entry, dict) or "grid" not in entry:
            raise _wrong(file, where)
        names.append(str(entry.get("id") or nth)[:40])
        local.append(_figures(entry.get("local"), _PLACE, f"{where}.local", file)[::-1])
        grid.append(_figures(entry["grid"], _PLACE, f"{where}.grid", file)[::-1])
    return names, np.array(local).reshape(-1, 2), np.array(grid).reshape(-1, 2)


def _fitted(local_xy: FloatArray, grid_xy: FloatArray, name: str) -> Similarity:
    if len(local_xy) < 2:
        raise GisInputError("grid-points-few", name=name, count=len(local_xy))
    try:
        transform = fit_similarity(local_xy, grid_xy)
    except ValueError:
        raise GisInputError("grid-points-few", name=name, count=1) from None
    if _is_bad(transform, local_xy, grid_xy):
        turned_xy = local_xy[:, ::-1]
        if not _is_bad(fit_similarity(turned_xy, grid_xy), turned_xy, grid_xy):
            raise GisInputError("grid-points-swapped", name=name)
    elif abs(transform.scale_ppm) > limits("fit")["scale_ppm"]:
        raise GisInputError("grid-points-stretched", name=name, limit=limits("fit")["scale_ppm"])
    return transform


def _is_bad(transform: Similarity, local_xy: FloatArray, grid_xy: FloatArray) -> bool:
    fit = check_points(transform, local_xy, grid_xy, names=[""] * len(local_xy), fitted=True)
    return fit.rms_mm > limits("fit")["refuse_mm"]


def _held(
    transform: Any, local_xy: FloatArray, grid_xy: FloatArray, names: list[str], *, base: CRS, name: str,
    fitted: bool, document: dict[str, Any], file: Path,
) -> Fit | None:  # fmt: skip
    """Hold the transform against the points; with seven parameters in the CGCS2000 grid that the file names."""
    if not names:
        return None
    compared = transform
    if base.is_geographic:
        grid = _grid(document, file)

        def in_grid(x: Any, y: Any) -> tuple[Any, Any]:
            return Frame(name, base, "grid", transform).xy(grid, x, y)

        compared = in_grid
    fit = check_points(compared, local_xy, grid_xy, names=names, fitted=fitted)
    if fit.rms_mm > limits("fit")["refuse_mm"]:
        told = sorted(zip(fit.residual_mm, names, strict=True), reverse=True)[:5]
        raise GisInputError(
            "grid-points-disagree", name=name, rms_mm=round(fit.rms_mm), limit_mm=round(limits("fit")["refuse_mm"]),
            points="、".join(f"{point} {miss_mm:.0f} mm" for miss_mm, point in told),
        )  # fmt: skip
    return fit
