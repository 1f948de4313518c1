"""Capacity maps: the latest one, a new run as a job, its files."""

from __future__ import annotations

from fastapi.responses import Response

from api.jobs.runs import CAPACITY
from api.routes.jobs import started
from api.routes.runs import run_router
from api.wire.models import CapacityBody, Job
from api.wire.params import Held

router = run_router(CAPACITY, latest="最近一次余量图 / the latest capacity map")


@router.post("/runs", response_model=Job, status_code=202, summary="计算余量图 / make a capacity map")
def run(held: Held, body: CapacityBody) -> Response:
    """Start a run; it is always a job. Cancelled or killed, the next one goes on from what was found."""
    return started(held, CAPACITY.name, body.model_dump(exclude_none=True))
