"""Outages: what the loss of every pipe takes, the latest run, a new one as a job, its files."""

from __future__ import annotations

from fastapi.responses import Response

from api.jobs.runs import OUTAGES
from api.routes.jobs import started
from api.routes.runs import run_router
from api.wire.models import Job, OutageBody
from api.wire.params import Held

router = run_router(OUTAGES, latest="最近一次停水影响 / the latest outage table")


@router.post(
    "/runs", response_model=Job, status_code=202, summary="计算停水影响 / find what each outage takes"
)
def run(held: Held, body: OutageBody) -> Response:
    """Start a run; it is always a job."""
    return started(held, OUTAGES.name, body.model_dump(exclude_none=True))
