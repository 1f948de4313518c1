"""How answers go out: plain JSON without NaN, and files as downloads."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi.responses import FileResponse, Response

from api.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from fastapi import Request

MEDIA_TYPES = {
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".dxf": "image/vnd.dxf",
    ".html": "text/html; charset=utf-8",
    ".gpkg": "application/geopackage+sqlite3",
    ".geojson": "application/geo+json",
    ".csv": "text/csv; charset=utf-8",
}
TILE_TYPE = "application/vnd.mapbox-vector-tile"
# A downloaded page that is opened by its address runs nothing and reaches nothing of ours.
_SANDBOX = "sandbox; default-src 'none'"


def answer(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Send a document; NaN in it is a defect and fails."""
    content = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return Response(content, status, dict(headers or {}), "application/json")


def tile_answer(request: Request, tag: str, make: Callable[[], bytes]) -> Response:
    """Send a vector tile of something that never changes; one the browser has already is not made again."""
    zipped = takes_gzip(request.headers)
    headers = {"etag": f'"{tag}-gzip"' if zipped else f'"{tag}"', "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    if not zipped:
        return Response(make(), headers=headers, media_type=TILE_TYPE)
    content = gzip.compress(make(), compresslevel=4, mtime=0)
    return Response(content, headers={**headers, "content-encoding": "gzip"}, media_type=TILE_TYPE)


def takes_gzip(headers: Mapping[str, str]) -> bool:
    """Tell whether the caller unpacks gzip: named, or all, and not with a weight of nothing."""
    weights: dict[str, str] = {}
    for offer in headers.get("accept-encoding", "").lower().split(","):
        name, _, weight = offer.partition(";")
        weights[name.strip()] = weight.replace(" ", "").removeprefix("q=")
    weight = weights.get("gzip", weights.get("*", "0"))
    return bool(weight.strip("0.")) or weight == ""


def file_names(folder: Path) -> list[str]:
    """Give the files of a folder by name, without hidden ones."""
    if not folder.is_dir():
        return []
    return sorted(
        entry.name for entry in folder.iterdir() if entry.is_file() and not entry.name.startswith(".")
    )


def download(folder: Path, name: str, allowed: frozenset[str] | set[str]) -> FileResponse:
    """
    Send a file of a folder as an attachment.

    Raises
    ------
    NotFoundError
        The name is not one of those allowed, or the file is not there.
    """
    if name not in allowed or not (folder / name).is_file():
        raise NotFoundError("file-unknown", name=name[:80])
    path = folder / name
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "content-security-policy": _SANDBOX,
    }
    return FileResponse(
        path, headers=headers, media_type=MEDIA_TYPES.get(path.suffix, "application/octet-stream")
    )
