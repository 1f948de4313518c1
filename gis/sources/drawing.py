"""
DXF drawings, one table per drawing layer; lines and points only, and nothing a drawing refers to is ever opened.

Blocks are taken as points and never exploded, so that nested or self-inserting ones cost nothing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from gis.errors import GisInputError
from gis.issues import DataIssue
from gis.schema import code_words, plain_text
from gis.sources.drawing_units import axes_issues, require_metres
from gis.sources.raw import RawTable, TableRef

if TYPE_CHECKING:
    from pathlib import Path

FLATTENING_M = 0.01
APPLICATION = "TAPWRIGHT"  # whose extended data `label=value` are columns
STRING_CODE = 1000
LEAST_CORNERS = 3
UPRIGHT = (0.0, 0.0, 1.0)
HANDLE = "编号"
CRS_PROPERTY = "CRS"  # drawing property that names the coordinate system
UTF8_SINCE = "AC1021"  # from release 2007 on a drawing is UTF-8, whatever it states
_SIZE = re.compile(r"(?:dn|de|[φΦØ])\s*\d{2,4}", re.IGNORECASE)
_LINES = {"LINE", "LWPOLYLINE", "POLYLINE", "SPLINE", "ARC", "ELLIPSE"}
_TEXTS = {"TEXT", "MTEXT"}
_ESCAPED = re.compile(r"\\U\+([0-9A-Fa-f]{4})")


def drawing_tables(file: Path) -> list[TableRef]:
    """
    List the drawing layers that have lines, points or blocks in model space.

    Raises
    ------
    GisInputError
        `drawing-is-dwg`, `drawing-empty`, `file-unreadable`.
    """
    rows = _content(file, file.stat().st_mtime_ns).rows
    if not rows:
        raise GisInputError("drawing-empty", file=file.name)
    return [TableRef(file, name, "drawing") for name in dict.fromkeys(row["图层"] for row in rows)]


def read_drawing(ref: TableRef) -> RawTable:
    """
    Read one drawing layer: extended data and block attributes, 图层, 图块, 文字, 管径 and 管材 where the layer's name tells
    them, and last 编号, the handle.

    Texts are rows of their own, at their place.

    Raises
    ------
    GisInputError
        `drawing-units` for figures that cannot be metres.
    """
    content = _content(ref.file, ref.file.stat().st_mtime_ns)
    mine = [row for row in content.rows if row["图层"] == ref.name]
    index = pd.RangeIndex(1, len(mine) + 1)
    table = pd.DataFrame(
        [{name: value for name, value in row.items() if name != "geometry"} for row in mine], index=index
    ).astype("object")
    geometry = np.array([row["geometry"] for row in mine], dtype=object)
    table = table[[*(name for name in table.columns if name != HANDLE), HANDLE]]
    if ref.unit_m != 1.0:
        geometry = shapely.transform(geometry, lambda xy: xy * ref.unit_m)
    require_metres(geometry, ref.file, stated=content.unit)
    return RawTable(ref, table.where(table.notna(), None), geometry, content.crs, issues=content.issues)


def suited(raw: RawTable, geometry_kind: str) -> RawTable:
    """
    Give the rows of a drawing layer that a layer of that geometry can have: lines, closed lines, or blocks and points.

    The kind `any` takes all, as ground is drawn: points with a height and contour lines.
    """
    if raw.ref.kind != "drawing" or raw.geometry is None:
        return raw
    shapes = _outlines(raw.geometry) if geometry_kind == "Polygon" else raw.geometry
    kinds = shapely.get_type_id(shapes)
    texts = raw.table["文字"].notna().to_numpy(dtype=bool)
    wanted = {"LineString": kinds == 1, "Polygon": kinds == 3, "any": np.ones_like(texts)}
    chosen = wanted.get(geometry_kind, kinds == 0) & ~texts
    issues = raw.issues
    if texts.any():
        params: dict[str, str | int | float | None] = {"count": int(texts.sum()), "layer_name": raw.ref.name}
        issues += (DataIssue("drawing-texts", "warning", "", raw.file_name, None, params),)
    return replace(raw, table=raw.table[chosen], geometry=shapes[chosen], issues=issues)


def _outlines(shapes: Any) -> Any:
    """Closed lines as areas."""
    areas = shapes.copy()
    for row in np.flatnonzero(
        shapely.is_closed(shapes) & (shapely.get_num_coordinates(shapes) > LEAST_CORNERS)
    ):
        areas[row] = shapely.Polygon(shapely.get_coordinates(shapes[row]))
    return areas


@dataclass(frozen=True)
class _Content:
    """Rows of all drawing layers, what was doubted in the file, the coordinate system it names and the unit it states."""

    rows: list[dict[str, Any]]
    issues: tuple[DataIssue, ...]
    crs: CRS | None
    unit: int


@lru_cache(maxsize=1)
def _content(file: Path, _changed_ns: int) -> _Content:
    """What the drawing holds; the last one is remembered, for its layers are read one after another."""
    import ezdxf

    encoding, issues = _encoding(file)
    try:
        document = ezdxf.readfile(file, encoding=encoding, errors="strict")
        rows = [row for entity in document.modelspace() if (row := _row(entity)) is not None]
        crs = _named_crs(document.header.custom_vars.get(CRS_PROPERTY))
    except (ezdxf.DXFError, OSError, ValueError, RecursionError, KeyError, IndexError) as error:
        raise GisInputError("file-unreadable", file=file.name, problem=str(error)[:200]) from None
    unit = int(document.header.get("$INSUNITS", 0))
    return _Content(rows, (*issues, *axes_issues(document.header, file)), crs, unit)


def _named_crs(text: str | None) -> CRS | None:
    try:
        return CRS.from_user_input(text) if text else None
    except CRSError:
        return None


def _encoding(file: Path) -> tuple[str | None, tuple[DataIssue, ...]]:
    """The encoding the content is valid in; what the drawing states stands only as long as it fits."""
    content = file.read_bytes()
    if content[:4] in {b"AC10", b"AC1."}:
        raise GisInputError("drawing-is-dwg", file=file.name)
    if content.startswith(b"AutoCAD Binary DXF"):
        return None, ()
    if b"SECTION" not in content[:4096]:
        raise GisInputError("file-unreadable", file=file.name, problem="not DXF")
    stated = re.search(rb"\$DWGCODEPAGE\s+3\s+(\S+)", content[:65536])
    release = re.search(rb"\$ACADVER\s+1\s+(\S+)", content[:65536])
    found = next((name for name in ("utf-8", "gb18030") if _valid(content, name)), None)
    if found is None or content.isascii():
        return None, ()
    named = stated.group(1).decode("latin-1") if stated else ""
    expected = "utf-8" if release and release.group(1).decode("latin-1") >= UTF8_SINCE else "gb18030"
    if found == expected and (expected == "utf-8" or named in {"", "ANSI_936", "GBK", "GB2312"}):
        return found, ()
    params = {"stated": named or "-", "used": found.upper()}
    return found, (DataIssue("drawing-encoding", "repaired", "", file.name, None, params, "encoding-used"),)


def _valid(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _row(entity: Any) -> dict[str, Any] | None:
    kind = entity.dxftype()
    geometry = _line(entity) if kind in _LINES else _point(entity, kind)
    if geometry is None:
        return None
    layer = _plain(entity.dxf.layer)
    size = _SIZE.search(unicodedata.normalize("NFKC", layer))
    told = _extended(entity) if entity.has_xdata(APPLICATION) else {}
    if kind == "INSERT":
        told |= {_plain(one.dxf.tag): _plain(one.dxf.text) for one in entity.attribs}
    named = {
        HANDLE: entity.dxf.handle, "图层": layer, "图块": _plain(entity.dxf.name) if kind == "INSERT" else None,
        "文字": _plain(entity.plain_text()) if kind in _TEXTS else None, "geometry": geometry,
    }  # fmt: skip
    by_layer = {"管径": size.group() if size else None, "管材": _material(layer)}
    told = {label: value for label, value in told.items() if label not in named}
    return {**told, **{label: value for label, value in by_layer.items() if label not in told}, **named}


def _extended(entity: Any) -> dict[str, str]:
    """Strings `label=value`; a long value goes on in the next string of the same label."""
    found: dict[str, str] = {}
    for code, text in entity.get_xdata(APPLICATION):
        label, mark, value = str(text).partition("=")
        if code == STRING_CODE and mark:
            found[_plain(label)] = found.get(_plain(label), "") + _plain(value)
    return found


@lru_cache(maxsize=512)
def _material(layer: str) -> str | None:
    """The part of a layer's name that is a material."""
    words = code_words("pipes", "material")
    return next(
        (part for part in re.split(r"[-_\s]", layer) if words.get(plain_text(part)) not in {None, "unknown"}),
        None,
    )


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), text)


def _line(entity: Any) -> Any:
    points = np.array(_corners(entity), dtype=float).reshape(-1, 3)
    if len(points) and not points[:, 2].any():
        points = points[:, :2]
    return shapely.linestrings(points) if len(points) > 1 and np.isfinite(points).all() else None


def _corners(entity: Any) -> list[tuple[float, ...]]:
    """Corners in world coordinates; straight lines, nearly all there are, without the detour over curves."""
    kind = entity.dxftype()
    if kind == "LINE":
        return [tuple(entity.dxf.start.xyz), tuple(entity.dxf.end.xyz)]
    if kind == "LWPOLYLINE" and not entity.has_arc and tuple(entity.dxf.extrusion) == UPRIGHT:
        level = float(entity.dxf.elevation)
        points: list[tuple[float, ...]] = [(float(x), float(y), level) for x, y in entity.get_points("xy")]
        return [*points, points[0]] if entity.closed and points else points
    from ezdxf import path

    return [tuple(point.xyz) for point in path.make_path(entity).flattening(FLATTENING_M)]


def _point(entity: Any, kind: str) -> Any:
    if kind not in {"POINT", "INSERT", *_TEXTS}:
        return None
    place = entity.dxf.location if kind == "POINT" else entity.dxf.insert
    if kind == "INSERT":
        place = entity.ocs().to_wcs(place)
    return shapely.points(place.x, place.y, place.z) if place.z else shapely.points(place.x, place.y)
