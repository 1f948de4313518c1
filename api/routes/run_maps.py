"""Runs about the whole network on the map: the legend of one, and its figures as vector tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.errors import NotFoundError
from api.jobs.kept import run_folder
from api.jobs.runs import CAPACITY, OUTAGES
from api.pressure.figures import figure_document, figure_tiles, has_figures
from api.wire.address import API
from api.wire.answers import TILE_TYPE, answer, tile_answer
from api.wire.models import RunMap
from api.wire.params import Held
from maps.figures import FigureKind

if TYPE_CHECKING:
    from maps.figure_tiles import FigureTiles

router = APIRouter()
FOLDERS = {kind.name: kind.folder for kind in (CAPACITY, OUTAGES)}


@router.get(
    "/{kind}/runs/{run}/map",
    response_model=RunMap,
    summary="成果图例 / the legend of a run and what it covers",
)
def legend(held: Held, kind: FigureKind, run: str) -> Response:
    """Give the classes, the gravest first, with how many of each there are; the first call makes the tiles ready."""
    tiles = _tiles(held, kind, run)
    return answer(
        {"tiles": f"{API}/{kind}/runs/{run}/tiles/{{z}}/{{x}}/{{y}}.mvt", **figure_document(kind, tiles)}
    )


@router.get(
    "/{kind}/runs/{run}/tiles/{z}/{x}/{y}.mvt",
    summary="成果瓦片 / the figures of a run as vector tiles",
    response_model=None,
    responses={200: {"content": {TILE_TYPE: {"schema": {"type": "string", "format": "binary"}}}}},
)
def tile(held: Held, request: Request, kind: FigureKind, run: str, z: int, x: int, y: int) -> Response:
    """One tile; a run never changes once it is there."""
    tag = f"{run}-{held.software}-{kind}-{z}-{x}-{y}"
    return tile_answer(request, tag, lambda: _tiles(held, kind, run).tile(z, x, y))


def _tiles(held: Held, kind: FigureKind, run: str) -> FigureTiles:
    folder = run_folder(held.workspace / FOLDERS[kind], run)
    if folder is None or not has_figures(folder):
        raise NotFoundError("run-unknown", run=run[:80])
    return held.shelf.once(("figures", kind, run), lambda: figure_tiles(kind, folder))
