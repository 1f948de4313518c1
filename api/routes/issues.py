"""What an import doubted and mended: kinds with counts, pages of the list, one issue, and marks for the map."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from api.errors import NotFoundError
from api.network.issue_book import issue_document
from api.wire.answers import TILE_TYPE, answer, tile_answer
from api.wire.intake import Issue, IssueKinds, IssuePage
from api.wire.params import Held

router = APIRouter(prefix="/versions/{version}/issues")
LONGEST_PAGE = 500
Severity = Annotated[Literal["error", "warning", "repaired"] | None, Query()]


@router.get("/kinds", response_model=IssueKinds, summary="数据问题分类计数 / issues counted by kind")
def kinds(held: Held, version: str) -> Response:
    """Every kind the version has, the most urgent first."""
    book = held.shelf.issues(version)
    return answer({"version": version, "total": len(book.issues), "kinds": book.kinds})


@router.get("", response_model=IssuePage, summary="数据问题清单 / the list of issues")
def page(
    held: Held,
    version: str,
    kind: Annotated[list[str] | None, Query()] = None,
    severity: Severity = None,
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE)] = 100,
) -> Response:
    """A page of the list, of the kinds that are named or of all."""
    book = held.shelf.issues(version)
    return answer(book.page(kinds=frozenset(kind or ()), severity=severity, offset=offset, limit=limit))


@router.get("/{issue_id}", response_model=Issue, summary="一条数据问题 / one issue")
def one(held: Held, version: str, issue_id: str) -> Response:
    """What is wrong, where, and what was done about it."""
    book = held.shelf.issues(version)
    if issue_id not in book.by_id:
        raise NotFoundError("issue-unknown", id=issue_id[:80], version=version[:80])
    return answer(issue_document(book.by_id[issue_id], book.crs))


@router.get(
    "/tiles/{z}/{x}/{y}.mvt",
    summary="数据问题瓦片 / issues as vector tiles",
    response_model=None,
    responses={200: {"content": {TILE_TYPE: {"schema": {"type": "string", "format": "binary"}}}}},
)
def tile(held: Held, request: Request, version: str, z: int, x: int, y: int) -> Response:
    """Marks, gathered where they lie close."""
    tag = f"{version}-{held.software}-issues-{z}-{x}-{y}"
    return tile_answer(request, tag, lambda: held.shelf.issues(version).tiles.tile(z, x, y))
