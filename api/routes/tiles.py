"""Vector tiles and the style that draws them."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.answers import answer
from api.errors import NotFoundError
from api.params import Held

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
def tile(held: Held, request: Request, version: str, layer: str, z: int, x: int, y: int) -> Response:
    """One tile of the version this server holds, with the tap-offs as they stand; empty where nothing lies."""
    if version != held.bench.network.stamp:
        raise NotFoundError("version-unknown", version=version[:80])
    tag = f'"{version}-{held.software}-{layer}-{z}-{x}-{y}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"etag": tag})
    return Response(held.tiles.tile(layer, z, x, y), headers={"etag": tag}, media_type=MEDIA_TYPE)


@router.get("/style.json", response_model=dict[str, Any], summary="地图样式 / the map style")
def style(held: Held, language: Literal["zh", "en"] = "zh") -> Response:
    """MapLibre style whose sources are the tiles of this version."""
    return answer(held.style[language])
