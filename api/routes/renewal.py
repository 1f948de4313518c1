"""Renewal: the latest list with people's decisions, new runs, files."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from api.errors import CallError, NotFoundError
from api.jobs.kept import RESULT, run_document, run_files
from api.jobs.renewal import FOLDER, KIND
from api.routes.jobs import started
from api.serving.office import Office
from api.store.decisions import Decision
from api.store.runs import RunRecord
from api.wire.answers import answer, download
from api.wire.models import Decided, DecisionBody, Job, Renewal, RunBody
from api.wire.params import Held, finite
from design.renewal.standing import Decision as Standing
from design.renewal.standing import parse_decision

router = APIRouter(prefix="/renewal")
LOCAL_USER = "local"


@router.get("", response_model=Renewal, summary="最近一次更新改造清单 / the latest renewal list")
def show(held: Held) -> Response:
    """
    Give the document of the latest run; decisions made since, or before it, are with their candidates.

    Before the first run the list is empty and `run` is null.
    """
    decisions = {pipe_id: vars(decision) for pipe_id, decision in held.state.decisions.current().items()}
    run = _kept(held)
    if run is None:
        return answer({"run": None, "document": {"candidates": []}, "decisions": decisions})
    folder = held.workspace / FOLDER / run.run_id
    document = run_document(folder)
    for candidate in document.get("candidates", []):
        candidate["decision"] = decisions.get(candidate["pipe_id"])
        candidate["position"] = held.pipe_places.get(candidate["pipe_id"])
    described = {
        "id": run.run_id, "kind": run.kind, "network_version": run.network_version, "created": run.created,
        "files": run_files(folder),
    }  # fmt: skip
    return answer({"run": described, "document": document, "decisions": decisions})


@router.post("/runs", response_model=Job, status_code=202, summary="运行评估或统筹 / assess or coordinate")
def run(held: Held, body: RunBody) -> Response:
    """Start a run; it is always a job."""
    finite(body.parameters)
    return started(held, KIND, {"kind": body.kind, "parameters": body.parameters})


@router.get(
    "/candidates/{pipe_id:path}/decision", response_model=Decided, summary="决定及其历史 / a decision"
)
def decision(held: Held, pipe_id: str) -> Response:
    """Give the decision that holds and all before it."""
    return _decided(held, _pipe(held, pipe_id))


@router.put("/candidates/{pipe_id:path}/decision", response_model=Decided, summary="作出决定 / decide")
def decide(held: Held, pipe_id: str, body: DecisionBody) -> Response:
    """Pin, defer, dismiss or take back; the history is kept, and the next run keeps the decision."""
    _pipe(held, pipe_id)
    if body.decision in ("defer", "dismiss") and not (body.reason or "").strip():
        raise CallError("decision-reason")
    before = held.state.decisions.history(pipe_id)[:1]
    wanted = {"kind": body.decision, "reason": body.reason, "until": body.until}
    if body.status is not None:
        wanted["stage"] = body.status
    stage = before[0].status if before and before[0].status else Standing().stage
    parsed = parse_decision(pipe_id, wanted, before=Standing(stage=stage))
    held.state.decisions.add(
        Decision(
            pipe_id=pipe_id,
            decision=parsed.kind,
            reason=parsed.reason or None,
            until=parsed.until.isoformat() if parsed.until else None,
            status=parsed.stage,
            author=LOCAL_USER,
            decided=datetime.now(UTC).isoformat(timespec="seconds"),
            network_version=held.bench.network.version,
        )
    )
    return _decided(held, pipe_id)


@router.get("/files/{name}", response_class=FileResponse, summary="成果文件 / a file of the latest run")
def file(held: Held, name: str) -> FileResponse:
    """Download a file of the latest run."""
    folder = held.workspace / FOLDER / _latest(held).run_id
    return download(folder, name, set(run_files(folder)))


def _kept(held: Office) -> RunRecord | None:
    run = held.state.runs.latest()
    return run if run and (held.workspace / FOLDER / run.run_id / RESULT).is_file() else None


def _latest(held: Office) -> RunRecord:
    run = _kept(held)
    if run is None:
        raise NotFoundError("renewal-none")
    return run


def _pipe(held: Office, pipe_id: str) -> str:
    if pipe_id not in held.pipe_ids:
        raise NotFoundError("pipe-unknown", id=pipe_id[:80])
    return pipe_id


def _decided(held: Office, pipe_id: str) -> Response:
    history = [vars(one) for one in held.state.decisions.history(pipe_id)]
    return answer({"current": history[0] if history else None, "history": history})
