"""What every kind of run about the whole network answers alike: the latest one and its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from api.errors import NotFoundError
from api.jobs.kept import run_document, run_files
from api.wire.answers import answer, download
from api.wire.params import Held

if TYPE_CHECKING:
    from api.jobs.runs import RunKind


def run_router(kind: RunKind, *, latest: str) -> APIRouter:
    """Give the doors of a kind of run, `latest` being the title of the first; starting one, with a body of its own, is added."""
    router = APIRouter(prefix=f"/{kind.name}")

    @router.get("", summary=latest)
    def show(held: Held) -> Response:
        """Give the counts and the files of the latest run; `run` is null before the first."""
        run = kind.latest(held.workspace)
        if run is None:
            return answer({"run": None, "document": None, "files": []})
        return answer({"run": run.name, "document": run_document(run), "files": run_files(run)})

    @router.get("/files/{name}", response_class=FileResponse, summary="成果文件 / a file of the latest run")
    def file(held: Held, name: str) -> FileResponse:
        """Download a table, the page or a layer of the latest run."""
        run = kind.latest(held.workspace)
        if run is None:
            raise NotFoundError(kind.none)
        return download(run, name, set(run_files(run)))

    return router
