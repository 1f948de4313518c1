"""The job that plans a connection, writes its files and keeps it in the list."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from api.store.schemes import SchemeRecord

if TYPE_CHECKING:
    from pathlib import Path

    from api.serving.office import Bench
    from api.store.state import State
    from gis.progress import Progress

KIND = "scheme"
FOLDER = "schemes"


def plan_scheme(
    bench: Bench, state: State, workspace: Path, *, job_id: str, request: dict[str, Any], progress: Progress
) -> dict[str, Any]:
    """Plan, write and keep a scheme; the answer is its id. Done twice it leaves one scheme and one folder."""
    document = bench.scheme(request, workspace / FOLDER / job_id, progress=progress)
    best = document["options"][0] if document["options"] else None
    former = state.schemes.keep(
        SchemeRecord(
            scheme_id=document["id"],
            folder=job_id,
            name=document["name"],
            feasible=document["feasible"],
            summary=document["summary"],
            summary_en=document["summary_en"],
            total_cny=None if best is None else best["quote"]["total_cny"],
            network_version=document["provenance"]["network_version"],
            created=datetime.now(UTC).isoformat(timespec="seconds"),
        )
    )
    if former not in (None, job_id):
        shutil.rmtree(workspace / FOLDER / str(former), ignore_errors=True)
    return {"scheme_id": document["id"]}
