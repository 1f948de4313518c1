"""Long work: how it stands, and stopping it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from api.errors import NotFoundError
from api.jobs.runs import RUN_KINDS
from api.wire.address import API
from api.wire.answers import answer
from api.wire.models import Job as JobModel
from api.wire.params import Held

if TYPE_CHECKING:
    from api.jobs.desk import Job
    from api.serving.office import Office

router = APIRouter(prefix="/jobs")


# Where a job's result leads, by the key its work gave it under.
ADDRESSES = {
    "scheme_id": "schemes/{}", "run_id": "renewal", "draft_id": "imports/{}",
    **{kind.made: kind.name for kind in RUN_KINDS},
}  # fmt: skip


def job_document(job: Job) -> dict[str, Any]:
    """A job on the wire; `result` is the address of what it made."""
    made = [
        f"{API}/{ADDRESSES[key].format(quote(value))}"
        for key, value in (job.result or {}).items()
        if key in ADDRESSES
    ]
    return {
        "id": job.job_id, "kind": job.kind, "state": job.state, "progress": job.progress, "result": next(iter(made), None),
        "problem": job.problem, "created": job.created,
    }  # fmt: skip


def accepted(job: Job, *, preferred: bool = False) -> Response:
    """202 with where to look."""
    headers = {"location": f"{API}/jobs/{job.job_id}", "retry-after": "1"}
    if preferred:
        headers["preference-applied"] = "respond-async"
    return answer(job_document(job), 202, headers)


def started(held: Office, kind: str, document: dict[str, Any]) -> Response:
    """Submit a job and tell where to look."""
    job = held.desk.job(held.desk.submit(kind, document))
    assert job is not None
    return accepted(job)


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
