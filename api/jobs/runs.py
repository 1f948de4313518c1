"""
The kinds of runs about the whole network whose newest result is shown.

A further kind is a row of `RUN_KINDS` here, its body in `api/wire/models.py`, and a file in `api/routes` like
`capacity.py`; the job, its address, the files and the queue follow from the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.jobs import kept

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from api.serving.office import Bench
    from gis.progress import Progress

    Make = Callable[[Bench, dict[str, Any], Path, Progress], dict[str, Any]]


@dataclass(frozen=True)
class RunKind:
    """
    One kind of run.

    Parameters
    ----------
    name
        Of its jobs and of its resource.
    folder
        Where its runs lie in the workspace.
    made
        Under what a job's result gives the run.
    none
        Code of the error before the first run.
    make
        Writes the files of a run into a folder and gives its document; done again after a stop it gives the same.
    """

    name: str
    folder: str
    made: str
    none: str
    make: Make

    def do(
        self, bench: Bench, workspace: Path, *, job_id: str, request: dict[str, Any], progress: Progress
    ) -> dict[str, Any]:
        """Make a run and keep it; the answer is its id, which is that of the job."""
        kept.keep_run(
            workspace / self.folder, job_id, lambda out: self.make(bench, request, out, progress)
        )  # fmt: skip
        return {self.made: job_id}

    def latest(self, workspace: Path) -> Path | None:
        """Give the folder of the newest run, None before the first."""
        return kept.latest_run(workspace / self.folder)


CAPACITY = RunKind(
    "capacity", folder="capacity/runs", made="capacity_run", none="capacity-none",
    make=lambda bench, request, out, progress: bench.capacity(request, out, progress=progress),
)  # fmt: skip
OUTAGES = RunKind(
    "outages", folder="outages", made="outage_run", none="outages-none",
    make=lambda bench, request, out, progress: bench.outages(request, out, progress=progress),
)  # fmt: skip
RUN_KINDS = (CAPACITY, OUTAGES)
