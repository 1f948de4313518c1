"""Long work: how it stands, and stopping it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from api.errors import NotFoundError
from api.wire.answers import answer
from api.wire.models import Job as JobModel
from api.wire.params import Held

if TYPE_CHECKING:
    from api.jobs.desk import Job

router = APIRouter(prefix="/jobs")
PREFIX = "/api/v1"


def job_document(job: Job) -> dict[str, Any]:
    """A job on the wire; `result` is the address of what it made."""
    made = job.result or {}
    address = None
    if "scheme_id" in made:
        address = f"{PREFIX}/schemes/{quote(made['scheme_id'])}"
    elif "run_id" in made:
        address = f"{PREFIX}/renewal"
    elif "capacity_run" in made:
        address = f"{PREFIX}/capacity"
    elif "outage_run" in made:
        address = f"{PREFIX}/outages"
    elif "draft_id" in made:
        address = f"{PREFIX}/imports/{made['draft_id']}"
    return {
        "id": job.job_id, "kind": job.kind, "state": job.state, "progress": job.progress, "result": address,
        "problem": job.problem, "created": job.created,
    }  # fmt: skip


def accepted(job: Job, *, preferred: bool = False) -> Response:
    """202 with where to look."""
    headers = {"location": f"{PREFIX}/jobs/{job.job_id}", "retry-after": "1"}
    if preferred:
        headers["preference-applied"] = "respond-async"
    return answer(job_document(job), 202, headers)


@router.get("/{job_id}", response_model=JobModel, summary="任务进度 / how a job stands")
def show(held: Held, job_id: str) -> Response:
    """State, progress, and the address of the result once done."""
    return answer(job_document(_known(held.desk.job(job_id), job_id)))


@router.delete("/{job_id}", response_model=JobModel, summary="取消任务 / cancel a job")
def cancel(held: Held, job_id: str) -> Response:
    """Stop it at its next step; a job that has ended stays as it is."""
    return answer(job_document(_known(held.desk.cancel(job_id), job_id)))


def _known(job: Job | None, job_id: str) -> Job:
    if job is None:
        raise NotFoundError("job-unknown", id=job_id[:80])
    return job
