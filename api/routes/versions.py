"""Network versions: the list, what changed between two, a second person's consent, and going back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.errors import NotFoundError
from api.network.versions import approve, list_history, list_versions, reject, roll_back
from api.serving.office import Office
from api.wire.answers import TILE_TYPE, answer, tile_answer
from api.wire.params import Held
from api.wire.versions import ConsentBody, CurrentBody, HistoryEntry, NetworkVersion, VersionDiff
from maps.tiling.changes import ChangeTiles

router = APIRouter(prefix="/versions")


@router.get("", response_model=list[NetworkVersion], summary="管网版本 / network versions, newest last")
def listing(held: Held) -> Response:
    """Published, pending, rejected and damaged ones, told apart by `state`."""
    return answer(list_versions(held.workspace))


@router.get(
    "/history",
    response_model=list[HistoryEntry],
    summary="版本变更记录 / every change of the current version",
)
def history(held: Held) -> Response:
    """Proposals, consents and changes, oldest first."""
    return answer(list_history(held.workspace))


@router.get("/{version}", response_model=NetworkVersion, summary="一个管网版本 / one network version")
def show(held: Held, version: str) -> Response:
    """Give one line of the list."""
    return _line(held, version)


@router.get(
    "/{old}/diff/{new}", response_model=VersionDiff, summary="两个版本的差异 / what changed between two"
)
def diff(
    held: Held, old: str, new: str, layer: Annotated[str | None, Query(max_length=80)] = None,
    limit: Annotated[int, Query(ge=0, le=20_000)] = 500,
) -> Response:  # fmt: skip
    """
    Count what was added, changed and removed, and give the things as GeoJSON in lon, lat.

    `limit` bounds the features of each layer and kind of change; with `layer` only that layer's are given.
    """
    return answer(held.differences.document(old, new, layer=layer, limit=limit))


@router.get(
    "/{old}/diff/{new}/tiles/{z}/{x}/{y}.mvt",
    summary="版本差异瓦片 / differences as vector tiles",
    response_model=None,
    responses={200: {"content": {TILE_TYPE: {"schema": {"type": "string", "format": "binary"}}}}},
)
def diff_tile(held: Held, request: Request, old: str, new: str, z: int, x: int, y: int) -> Response:
    """What came, changed and went, however much it is."""
    tiles = held.shelf.once(("changes", old, new), lambda: ChangeTiles(held.differences.between(old, new)))
    tag = f"{old}-{new}-{held.software}-changes-{z}-{x}-{y}"
    return tile_answer(request, tag, lambda: tiles.tile(z, x, y))


@router.post("/{version}/current", response_model=NetworkVersion, summary="退回旧版本 / roll back")
def current(held: Held, request: Request, version: str, body: CurrentBody) -> Response:
    """Make an older, published version the current one; the history keeps the reason."""
    roll_back(held.workspace, version, reason=body.reason, by=body.by)
    request.app.state.front.look_again()
    return _line(held, version)


@router.post("/{version}/approve", response_model=NetworkVersion, summary="同意入库 / a second person agrees")
def agree(held: Held, request: Request, version: str, body: ConsentBody) -> Response:
    """Make a pending version the current one; `by` is another person than who proposed it."""
    approve(held.workspace, version, by=body.by, reason=body.reason)
    request.app.state.front.look_again()
    return _line(held, version)


@router.post("/{version}/reject", response_model=NetworkVersion, summary="不同意入库 / a proposal is refused")
def refuse(held: Held, version: str, body: ConsentBody) -> Response:
    """Refuse a pending version; what is current stays."""
    reject(held.workspace, version, by=body.by, reason=body.reason)
    return _line(held, version)


def _line(held: Office, version: str) -> Response:
    for line in list_versions(held.workspace):
        if line["version"] == version:
            return answer(line)
    raise NotFoundError("version-missing", version=version[:80])
