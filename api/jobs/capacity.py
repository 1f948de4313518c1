"""The job that makes capacity maps and keeps their tables and pages; what was found before a stop is found again at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.jobs import kept

if TYPE_CHECKING:
    from pathlib import Path

    from api.serving.office import Bench
    from gis.progress import Progress

KIND = "capacity"
FOLDER = "capacity/runs"


def run_capacity(
    bench: Bench, workspace: Path, *, job_id: str, request: dict[str, Any], progress: Progress
) -> dict[str, Any]:
    """
    Make the maps; the answer is the id of the run.

    Done again after a stop it goes on from the chunks the workspace keeps.
    """
    kept.keep_run(
        workspace / FOLDER, job_id, lambda out: bench.capacity(request, out, progress=progress)
    )  # fmt: skip
    return {"capacity_run": job_id}


def latest_run(workspace: Path) -> Path | None:
    """Give the folder of the newest run, None before the first."""
    return kept.latest_run(workspace / FOLDER)
