"""The job that finds what the loss of every pipe and valve segment takes, and keeps the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.jobs import kept

if TYPE_CHECKING:
    from pathlib import Path

    from api.serving.office import Bench
    from gis.progress import Progress

KIND = "outages"
FOLDER = "outages"


def run_outages(
    bench: Bench, workspace: Path, *, job_id: str, request: dict[str, Any], progress: Progress
) -> dict[str, Any]:
    """Find them; the answer is the id of the run."""
    kept.keep_run(
        workspace / FOLDER, job_id, lambda out: bench.outages(request, out, progress=progress)
    )  # fmt: skip
    return {"outage_run": job_id}


def latest_run(workspace: Path) -> Path | None:
    """Give the folder of the newest run, None before the first."""
    return kept.latest_run(workspace / FOLDER)
