"""The job that lists ageing pipes, alone or matched with other programmes, and keeps the run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from api.jobs.kept import keep_run
from api.store.runs import RunRecord

if TYPE_CHECKING:
    from pathlib import Path

    from api.serving.office import Bench
    from api.store.state import State
    from gis.progress import Progress

KIND = "renewal"
FOLDER = "renewal"


def run_renewal(
    bench: Bench, state: State, workspace: Path, *, job_id: str, request: dict[str, Any], progress: Progress
) -> dict[str, Any]:
    """Assess or coordinate; the answer is the id of the run."""
    make = bench.renewal_assess if request["kind"] == "assess" else bench.renewal_coordinate
    keep_run(
        workspace / FOLDER, job_id, lambda out: make(request["parameters"], out, progress=progress)
    )  # fmt: skip
    created = datetime.now(UTC).isoformat(timespec="seconds")
    state.runs.keep(RunRecord(job_id, request["kind"], bench.network.version, created))
    return {"run_id": job_id}
