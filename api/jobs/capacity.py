"""The job that makes capacity maps and keeps their tables and pages; what was found before a stop is found again at once."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from api.office import Bench
    from gis.progress import Progress

KIND = "capacity"
FOLDER = "capacity/runs"
RESULT = "result.json"


def run_capacity(
    bench: Bench, workspace: Path, *, job_id: str, request: dict[str, Any], progress: Progress
) -> dict[str, Any]:
    """
    Make the maps; the answer is the id of the run.

    Files appear under the run's name only when all are written. Done again after a stop it goes on from the chunks the
    workspace keeps.
    """
    folder = workspace / FOLDER
    made, kept = folder / f".{job_id}", folder / job_id
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    try:
        document = bench.capacity(request, made, progress=progress)
        (made / RESULT).write_text(
            json.dumps(document, ensure_ascii=False, allow_nan=False), encoding="utf-8"
        )
        if not kept.exists():
            made.rename(kept)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return {"capacity_run": job_id}


def latest_run(workspace: Path) -> Path | None:
    """Give the folder of the newest run, None before the first."""
    found = list((workspace / FOLDER).glob(f"*/{RESULT}"))
    newest = max(found, key=lambda file: (file.stat().st_mtime_ns, file.parent.name), default=None)
    return None if newest is None else newest.parent
