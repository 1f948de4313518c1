"""Drafts of imports: bring files, suggest and correct a mapping, look, check, import. Nothing brought is ever sent back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import anyio.to_thread
from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.errors import CallError, NotFoundError
from api.intake.dictionary import dictionary
from api.intake.drafts import ANSWERS
from api.intake.limits import load_upload_limits
from api.intake.toml_text import document_of, text_of
from api.jobs.imports import KIND, question
from api.routes.jobs import accepted
from api.wire.answers import answer
from api.wire.intake import Draft as DraftModel
from api.wire.intake import DraftBrief, MappingBody, PublishBody
from api.wire.models import Job
from api.wire.params import Held

if TYPE_CHECKING:
    from pathlib import Path

    from api.intake.drafts import Draft
    from api.serving.office import Office

router = APIRouter(prefix="/imports")
LOOK_WITHIN_S = 90.0


@router.get("", response_model=list[DraftBrief], summary="未完成的导入 / drafts of imports")
def listing(held: Held) -> Response:
    """Every draft that was not thrown away, newest last."""
    drafts = held.intake.drafts
    return answer([_brief(held, draft) for draft in drafts.every()])


@router.get(
    "/dictionary", response_model=dict[str, Any], summary="可选的图层、属性、单位 / what columns may become"
)
def words(_: Held) -> Response:
    """Layers with their attributes, units and codes, and what may be uploaded."""
    limits = load_upload_limits()
    most = {
        "file_bytes": limits.most_file_bytes,
        "draft_bytes": limits.most_draft_bytes,
        "files": limits.most_files,
    }
    return answer({**dictionary(), "limits": {**most, "suffixes": sorted(limits.suffixes)}})


@router.post("", response_model=DraftModel, status_code=201, summary="新建导入 / begin an import")
def create(held: Held) -> Response:
    """Give an empty draft."""
    return answer(_document(held, held.intake.drafts.create()), 201)


@router.get("/{draft_id}", response_model=DraftModel, summary="一次导入 / one draft")
def show(held: Held, draft_id: str) -> Response:
    """Its files, its mapping, and what was suggested, checked and imported last."""
    return answer(_document(held, held.intake.drafts.find(draft_id)))


@router.delete("/{draft_id}", status_code=204, response_model=None, summary="放弃导入 / throw a draft away")
def discard(held: Held, draft_id: str) -> Response:
    """Throw the files away and stop what is at work on them."""
    draft = held.intake.drafts.find(draft_id)
    _stop(held, draft)
    held.intake.workers.forget(draft_id)
    held.intake.drafts.discard(draft)
    return Response(status_code=204)


@router.put("/{draft_id}/files/{name:path}", response_model=DraftModel, summary="上传文件 / bring a file")
async def upload(held: Held, request: Request, draft_id: str, name: str) -> Response:
    """Take one file as the body, of the length it states; it is there only when all of it has come."""
    drafts, size_bytes = held.intake.drafts, int(request.headers.get("content-length", "0"))
    draft = await anyio.to_thread.run_sync(drafts.find, draft_id)
    await anyio.to_thread.run_sync(_require_idle, held, draft)
    incoming = await anyio.to_thread.run_sync(drafts.expect, draft, name, size_bytes)
    try:
        await _receive(request, incoming, size_bytes)
        await anyio.to_thread.run_sync(drafts.arrived, draft, name, incoming)
    finally:
        incoming.unlink(missing_ok=True)
    return await anyio.to_thread.run_sync(lambda: answer(_document(held, draft)))


async def _receive(request: Request, incoming: Path, size_bytes: int) -> None:
    written = 0
    async with await anyio.open_file(incoming, "xb") as stream:
        async for chunk in request.stream():
            written += len(chunk)
            if written > size_bytes:
                break
            await stream.write(chunk)
    if written != size_bytes:
        raise CallError("upload-incomplete", name=incoming.name, got=written, stated=size_bytes)


@router.delete(
    "/{draft_id}/files/{name:path}", response_model=DraftModel, summary="移去文件 / take a file out"
)
def remove(held: Held, draft_id: str, name: str) -> Response:
    """Take a file out of the draft."""
    draft = held.intake.drafts.find(draft_id)
    _require_idle(held, draft)
    held.intake.drafts.remove(draft, name)
    return answer(_document(held, draft))


@router.put("/{draft_id}/mapping", response_model=DraftModel, summary="对应关系 / set the mapping")
def set_mapping(held: Held, draft_id: str, body: MappingBody) -> Response:
    """Take a mapping as edited (`document`), as text (`toml`), or a kept one by `name`."""
    draft = held.intake.drafts.find(draft_id)
    _require_idle(held, draft)
    if body.name is not None:
        text = held.intake.library.text(body.name)
    else:
        text = body.toml if body.toml is not None else text_of(body.document or {})
    document_of(text)
    held.intake.drafts.write_mapping(draft, text)
    return answer(_document(held, draft))


@router.get("/{draft_id}/mapping.toml", response_model=None, summary="下载对应关系 / the mapping as a file")
def mapping_file(held: Held, draft_id: str) -> Response:
    """Give the mapping as `tapwright import --mapping` takes it."""
    draft = held.intake.drafts.find(draft_id)
    if not draft.mapping.is_file():
        raise NotFoundError("mapping-not-kept", name="mapping.toml")
    headers = {"content-disposition": 'attachment; filename="mapping.toml"'}
    return Response(draft.mapping.read_bytes(), headers=headers, media_type="text/plain; charset=utf-8")


@router.post(
    "/{draft_id}/preview", response_model=dict[str, Any], summary="预览 / a look at what would be read"
)
def preview(held: Held, draft_id: str) -> Response:
    """First rows as the mapping takes them, doubts in them, and a light picture; may take seconds."""
    draft = held.intake.drafts.find(draft_id)
    _require_files(draft)
    worker = held.intake.workers.of(draft_id)
    return answer(worker.ask(question(draft, "preview"), within_s=LOOK_WITHIN_S))


@router.post(
    "/{draft_id}/{task}",
    response_model=Job,
    status_code=202,
    summary="识别、检查、入库 / suggest, check, import",
)
def work(
    held: Held, draft_id: str, task: Literal["suggest", "check", "publish"], body: PublishBody
) -> Response:
    """Start a task as a job; one at a time for each draft."""
    draft = held.intake.drafts.find(draft_id)
    _require_files(draft)
    _require_idle(held, draft)
    document = {"draft": draft_id, "task": task, "by": body.by, "accepted": body.accepted}
    job_id = held.desk.submit(KIND, document)
    held.intake.drafts.note(draft, job=job_id, task=task)
    job = held.desk.job(job_id)
    assert job is not None
    return accepted(job)


@router.get("/{draft_id}/{part}", response_model=dict[str, Any], summary="结果 / what a task gave")
def part(held: Held, draft_id: str, part: Literal["suggestion", "check", "result"]) -> Response:
    """Give what was suggested, checked or imported last."""
    found = held.intake.drafts.kept(held.intake.drafts.find(draft_id), part)
    if found is None:
        raise NotFoundError("draft-part-missing", part=part)
    return answer(found)


def _document(held: Office, draft: Draft) -> dict[str, Any]:
    text = draft.mapping.read_text(encoding="utf-8") if draft.mapping.is_file() else None
    return {**_brief(held, draft), "mapping": None if text is None else document_of(text)}


def _brief(held: Office, draft: Draft) -> dict[str, Any]:
    record, files = held.intake.drafts.record(draft), draft.files()
    return {
        "id": draft.draft_id, "created": record["created"], "title": draft.title(), "files": files,
        "bytes": sum(file["bytes"] for file in files), "job": record.get("job"), "task": record.get("task"),
        "parts": [name for name in ANSWERS if held.intake.drafts.kept(draft, name) is not None],
    }  # fmt: skip


def _require_files(draft: Draft) -> None:
    if not draft.files():
        raise CallError("draft-empty")


def _require_idle(held: Office, draft: Draft) -> None:
    """Nobody changes a draft while it is read."""
    job_id = held.intake.drafts.record(draft).get("job")
    job = None if job_id is None else held.desk.job(job_id)
    if job is not None and job.state in ("queued", "running"):
        raise CallError("draft-busy")


def _stop(held: Office, draft: Draft) -> None:
    job_id = held.intake.drafts.record(draft).get("job")
    if job_id is not None:
        held.desk.cancel(job_id)
