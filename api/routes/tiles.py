"""
Vector tiles, what is in them, and the style that draws them.

A tile's address names the network version, and a version never changes; the tag (ETag) says so to whoever keeps tiles on
purpose, such as a field package. Browsers are told to keep nothing (`private, no-store`, set for all of /api by the
guard): where a city's mains lie is not to stay in the disk cache of a tablet after its user has gone. The price is small:
the server sends a tile it has cut before within a few milliseconds, and the page holds those it shows in memory.
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.wire.address import API
from api.wire.answers import answer, takes_gzip
from api.wire.params import Held, tiles_of
from maps.tilejson import tile_json

if TYPE_CHECKING:
    from collections.abc import Mapping

router = APIRouter()
MEDIA_TYPE = "application/vnd.mapbox-vector-tile"


@router.get(
    "/tiles/{version}/{layer}/{z}/{x}/{y}.mvt",
    summary="矢量瓦片 / one vector tile",
    response_model=None,
    responses={
        200: {"content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}},
        304: {"description": "unchanged: a tile of a version never changes"},
    },
)
def tile(request: Request, version: str, layer: str, z: int, x: int, y: int) -> Response:
    """One tile of a version, of one layer or of a set; empty where nothing lies."""
    held = tiles_of(request, version).tile(layer, z, x, y)
    zipped = takes_gzip(request.headers)
    tag = f'"{held.tag}-gzip"' if zipped else f'"{held.tag}"'
    headers = {"etag": tag, "vary": "accept-encoding"}
    if _has(request.headers, tag):
        return Response(status_code=304, headers=headers)
    if not zipped:
        return Response(gzip.decompress(held.content), headers=headers, media_type=MEDIA_TYPE)
    return Response(held.content, headers={**headers, "content-encoding": "gzip"}, media_type=MEDIA_TYPE)


def _has(headers: Mapping[str, str], tag: str) -> bool:
    """Tell whether the caller has this content already; a weak comparison, as If-None-Match wants it."""
    known = [one.strip().removeprefix("W/") for one in headers.get("if-none-match", "").split(",")]
    return tag in known or known == ["*"]


@router.get(
    "/tiles/{version}/{layer}.json",
    response_model=dict[str, Any],
    summary="瓦片说明 / what is in the tiles (TileJSON)",
)
def description(request: Request, version: str, layer: str, language: Literal["zh", "en"] = "zh") -> Response:
    """TileJSON 3.0 with the attributes of every layer in words, for QGIS and other maps."""
    root = str(request.base_url).rstrip("/")
    url = f"{root}{API}/tiles/{version}/{layer}/{{z}}/{{x}}/{{y}}.mvt"
    return answer(
        tile_json(layer, url=url, bounds=tiles_of(request, version).server.bounds(), language=language)
    )


@router.get("/style.json", response_model=dict[str, Any], summary="地图样式 / the map style")
def style(held: Held, language: Literal["zh", "en"] = "zh") -> Response:
    """MapLibre style whose sources are the tiles of this version."""
    return answer(held.style[language])
