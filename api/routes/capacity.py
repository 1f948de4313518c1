"""Capacity maps: the latest one, a new run as a job, its files."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from api.errors import NotFoundError
from api.jobs.capacity import KIND, latest_run
from api.jobs.kept import RESULT
from api.routes.jobs import accepted
from api.wire.answers import answer, download, file_names
from api.wire.models import CapacityBody, Job
from api.wire.params import Held

router = APIRouter(prefix="/capacity")


@router.get("", summary="最近一次余量图 / the latest capacity map")
def show(held: Held) -> Response:
    """Give the counts, the trial with EPANET and the files of the latest run; `run` is null before the first."""
    folder = latest_run(held.workspace)
    if folder is None:
        return answer({"run": None, "document": None, "files": []})
    document: dict[str, Any] = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    files = sorted(set(file_names(folder)) - {RESULT})
    return answer({"run": folder.name, "document": document, "files": files})


@router.post("/runs", response_model=Job, status_code=202, summary="计算余量图 / make a capacity map")
def run(held: Held, body: CapacityBody) -> Response:
    """Start a run; it is always a job. Cancelled or killed, the next one goes on from what was found."""
    job = held.desk.job(held.desk.submit(KIND, body.model_dump(exclude_none=True)))
    assert job is not None
    return accepted(job)


@router.get("/files/{name}", response_class=FileResponse, summary="成果文件 / a file of the latest run")
def file(held: Held, name: str) -> FileResponse:
    """Download a table, the page or a layer of the latest run."""
    folder = latest_run(held.workspace)
    if folder is None:
        raise NotFoundError("capacity-none")
    return download(folder, name, set(file_names(folder)) - {RESULT})
