"""The job that lists ageing pipes, alone or matched with other programmes, and keeps the run."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from api.store.runs import RunRecord

if TYPE_CHECKING:
    from pathlib import Path

    from api.serving.office import Bench
    from api.store.state import State
    from gis.progress import Progress

KIND = "renewal"
FOLDER = "renewal"
RESULT = "result.json"


def run_renewal(
    bench: Bench, state: State, workspace: Path, *, job_id: str, request: dict[str, Any], progress: Progress
) -> dict[str, Any]:
    """
    Assess or coordinate; the answer is the id of the run.

    Files appear under the run's name only when all are written; a run begun before a crash is begun anew.
    """
    folder = workspace / FOLDER
    made, kept = folder / f".{job_id}", folder / job_id
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    run = bench.renewal_assess if request["kind"] == "assess" else bench.renewal_coordinate
    try:
        document = run(request["parameters"], made, progress=progress)
        text = json.dumps(document, ensure_ascii=False, allow_nan=False)
        (made / RESULT).write_text(text, encoding="utf-8")
        if not kept.exists():
            made.rename(kept)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    state.runs.keep(RunRecord(job_id, request["kind"], bench.network.version, created))
    return {"run_id": job_id}
