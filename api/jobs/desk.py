"""The desk where long work is done: durable jobs on SQLite that go on after a crash, with progress and cancelling."""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from api.errors import StateError
from api.wire.problems import incident_problem, own_problem, problem_of
from gis.errors import TapwrightError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gis.progress import Progress

    Work = Callable[[str, dict[str, Any], Progress], dict[str, Any]]

FILE = "jobs.sqlite"
QUEUE = "batch"
EVENT = "progress"
EVENT_EVERY_S = 0.5
REMEMBERED = 200
MOST_WAITING = 8
_STATES = {"ENQUEUED": "queued", "DELAYED": "queued", "PENDING": "running", "CANCELLED": "cancelled"}


@dataclass(frozen=True)
class Job:
    """
    A job as it stands.

    `state` is queued, running, done, failed or cancelled; `result` what the work gave; `problem` why it failed.
    """

    job_id: str
    kind: str
    state: str
    progress: dict[str, Any] | None
    result: dict[str, Any] | None
    problem: dict[str, Any] | None
    created: str


class JobCancelled(Exception):
    """Raised inside the work when somebody has cancelled it."""


class _Stopping(BaseException):
    """
    The server is going down.

    Not an Exception, so that the job is left unfinished in the store and goes on with the next start.
    """


@dataclass
class _Running:
    """A job this process works on: its outcome once there, and whether it is to stop."""

    ended: threading.Event = field(default_factory=threading.Event)
    cancelled: threading.Event = field(default_factory=threading.Event)
    outcome: dict[str, Any] | None = None


class Desk:
    """
    Takes jobs by kind and does them.

    Parameters
    ----------
    folder
        The workspace; the store is `jobs.sqlite` in it.
    works
        What to do for each kind: (job id, document, progress) -> result. Done again from its start when the
        server was killed meanwhile, so it must give the same when done twice.
    queued
        Kinds of which one is done at a time, in order; the others start at once.

    Notes
    -----
    One desk a process: the library below keeps one store open. It takes a second to load, so that happens beside
    the start of the server; whoever needs the desk sooner waits for it.
    """

    def __init__(
        self, folder: Path, works: Mapping[str, Work], *, queued: frozenset[str], release: str
    ) -> None:
        self._works = dict(works)
        self._queued = queued
        self._running: dict[str, _Running] = {}
        self._ready = threading.Event()
        self._fault: Exception | None = None
        self._dbos: Any = None
        self._waiters = threading.BoundedSemaphore(MOST_WAITING)
        self._stopping = threading.Event()
        self._open = threading.Thread(target=self._launch, args=(folder / FILE, release), daemon=True)

    def start(self) -> None:
        """Open the store and take up what was left unfinished, in the background."""
        self._open.start()

    def _launch(self, file: Path, release: str) -> None:
        try:
            # imported here, beside the start of the server: it takes a second
            from dbos import DBOS

            self._dbos = DBOS
            DBOS(
                config={
                    "name": "tapwright", "system_database_url": f"sqlite:///{file}", "run_admin_server": False,
                    "log_level": "CRITICAL", "console_log_level": "CRITICAL", "application_version": release,
                    "executor_id": "local",
                }
            )  # fmt: skip
            self._register()
            DBOS.launch()
            DBOS.register_queue(QUEUE, worker_concurrency=1, polling_interval_sec=0.2)
        except Exception as error:
            self._fault = error
        self._ready.set()

    def _register(self) -> None:
        """Hand the library functions of our own: it marks them, which a bound method does not allow."""

        def work(job_id: str, kind: str, document: dict[str, Any]) -> dict[str, Any]:
            return self._do(job_id, kind, document)

        def job(kind: str, document: dict[str, Any]) -> dict[str, Any]:
            return self._run(kind, document)

        self._step = self._dbos.step(name="work")(work)
        self._workflow = self._dbos.workflow(name="job")(job)

    def _await_ready(self) -> None:
        self._ready.wait()
        if self._fault is not None:
            raise StateError("jobs-unreadable", file=FILE, problem=str(self._fault)) from self._fault

    def submit(self, kind: str, document: dict[str, Any]) -> str:
        """Take a job; its id."""
        self._await_ready()
        self._forget_old()
        job_id = uuid.uuid4().hex
        self._running[job_id] = _Running()
        from dbos import SetWorkflowID

        with SetWorkflowID(job_id):
            if kind in self._queued:
                self._dbos.enqueue_workflow(QUEUE, self._workflow, kind, document)
            else:
                self._dbos.start_workflow(self._workflow, kind, document)
        return job_id

    def wait(self, job_id: str, within_s: float) -> Job | None:
        """
        Give the job when it has ended or the time [s] is over; None when there is no such job.

        Only so many may wait at once: each holds a thread that the map's tiles need.
        """
        running = self._running.get(job_id)
        if running is not None and self._waiters.acquire(blocking=False):
            try:
                running.ended.wait(within_s)
            finally:
                self._waiters.release()
        return self.job(job_id)

    def job(self, job_id: str) -> Job | None:
        """Give the job as it stands, None when there is no such job."""
        self._await_ready()
        found = self._dbos.list_workflows(workflow_ids=[job_id], load_output=True)
        if not found:
            return None
        status = found[0]
        running = self._running.get(job_id)
        outcome = running.outcome if running else None
        if outcome is None and status.status == "SUCCESS":
            outcome = status.output
        state = _STATES.get(status.status, "failed")
        if outcome is not None and state != "cancelled":
            state = "failed" if "problem" in outcome else "done"
        kind = str(status.input["args"][0]) if status.input else ""
        created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime((status.created_at or 0) / 1000))
        return Job(job_id, kind, state, self._progress(job_id, state), *_result(outcome, state), created)

    def _progress(self, job_id: str, state: str) -> dict[str, Any] | None:
        if state != "running":
            return None
        shown: dict[str, Any] | None = self._dbos.get_event(job_id, EVENT, timeout_seconds=0)
        return shown

    def cancel(self, job_id: str) -> Job | None:
        """Stop a job at its next step; one that has ended stays as it is."""
        job = self.job(job_id)
        if job is None or job.state in ("done", "failed", "cancelled"):
            return job
        running = self._running.get(job_id)
        if running is not None:
            running.cancelled.set()
        self._dbos.cancel_workflow(job_id)
        return self.job(job_id)

    def close(self) -> None:
        """Leave unfinished jobs for the next start and close the store."""
        self._stopping.set()
        if self._open.ident is not None:
            self._ready.wait()
            self._dbos.destroy(destroy_registry=True)

    def _run(self, kind: str, document: dict[str, Any]) -> dict[str, Any]:
        """Do one job; what it gives is its outcome."""
        job_id = str(self._dbos.workflow_id)
        running = self._running.setdefault(job_id, _Running())
        try:
            running.outcome = self._step(job_id, kind, document)
            return running.outcome
        finally:
            running.ended.set()

    def _do(self, job_id: str, kind: str, document: dict[str, Any]) -> dict[str, Any]:
        """Work as one checkpointed step: everything that can go wrong becomes its outcome."""
        running = self._running.setdefault(job_id, _Running())
        try:
            return {
                "result": self._works[kind](
                    job_id, document, _Reporter(self._tell, running.cancelled, self._stopping)
                )
            }
        except TapwrightError as error:
            return {"problem": problem_of(error)}
        except JobCancelled:
            return {"problem": own_problem("job-cancelled", 503)}
        except Exception as error:
            return {"problem": incident_problem(error)}

    def _tell(self, progress: dict[str, Any]) -> None:
        """Keep how far the job of this thread has come; progress that cannot be told must not stop the work."""
        with contextlib.suppress(Exception):
            self._dbos.set_event(EVENT, progress)

    def _forget_old(self) -> None:
        """Outcomes of long ago are read from the store."""
        ended = [job_id for job_id, running in self._running.items() if running.ended.is_set()]
        for job_id in ended[:-REMEMBERED]:
            del self._running[job_id]


def _result(
    outcome: dict[str, Any] | None, state: str
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    if state == "cancelled":
        return None, own_problem("job-cancelled", 503)
    if outcome is None:
        return None, None
    return outcome.get("result"), outcome.get("problem")


class _Reporter:
    """Progress of a job: told to the store now and then; the place where it stops."""

    def __init__(
        self, tell: Callable[[dict[str, Any]], None], cancelled: threading.Event, stopping: threading.Event
    ) -> None:
        self._tell = tell
        self._cancelled = cancelled
        self._stopping = stopping
        self._stage = ""
        self._told_s = 0.0

    def step(self, stage: str, done: int, total: int) -> None:
        """Report; raise when cancelled or when the server goes down."""
        if self._stopping.is_set():
            raise _Stopping
        if self._cancelled.is_set():
            raise JobCancelled
        now_s = time.monotonic()
        if stage != self._stage or now_s - self._told_s >= EVENT_EVERY_S:
            self._stage, self._told_s = stage, now_s
            self._tell({"stage": stage, "done": done, "total": total})
