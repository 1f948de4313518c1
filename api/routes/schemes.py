"""Connection schemes: plan one, list them, fetch one and its files."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Body, Header, Query, Request
from fastapi.responses import FileResponse, Response

from api.errors import NotFoundError
from api.jobs.schemes import FOLDER, KIND
from api.life.desk import SchemeDesk
from api.network.asbuilt import capture_scheme
from api.planning.files import FORMS
from api.routes.jobs import accepted
from api.serving.office import Office
from api.store.schemes import SchemeRecord
from api.wire.address import API
from api.wire.answers import answer, download, file_names
from api.wire.models import (
    AcceptBody,
    ExtendBody,
    Job,
    Problem,
    SchemeFile,
    SchemeLife,
    SchemeSummary,
    WithdrawBody,
)
from api.wire.params import Held, finite
from api.wire.problems import problem_response
from api.wire.versions import AsBuilt, AsBuiltBody
from gis.errors import WorkspaceError

router = APIRouter(prefix="/schemes")
FILES = frozenset(
    {
        "scheme.json", "scheme.pdf", "customer.pdf", "scheme.en.pdf", "customer.en.pdf", "quote.xlsx", "quote.en.xlsx", "plan.dxf",
        "plan.en.dxf", "map.html", "scheme.gpkg", "model-before.inp", "model-after.inp", "rules-used.toml",
    }
)  # fmt: skip
WAIT_S = 10.0
_DOCUMENT = {"application/json": {"schema": {"$ref": "#/components/schemas/SchemeDoc"}}}


@router.post(
    "",
    summary="计算接水方案 / plan a connection",
    response_model=None,
    responses={
        200: {"description": "ready", "content": _DOCUMENT},
        202: {"description": "still working: look at the job", "model": Job},
    },
)  # fmt: skip
def plan(
    held: Held,
    request: Annotated[dict[str, Any], Body()],
    wait_s: Annotated[float, Query(ge=0, le=60, allow_inf_nan=False)] = WAIT_S,
    prefer: Annotated[str, Header()] = "",
) -> Response:
    """Answer with the scheme when it is ready within `wait_s` seconds; `Prefer: respond-async` does not wait."""
    finite(request)
    apart = "respond-async" in prefer.lower()
    job_id = held.desk.submit(KIND, request)
    job = held.desk.wait(job_id, 0.0 if apart else wait_s)
    assert job is not None
    if apart or job.state in ("queued", "running"):
        return accepted(job, preferred=apart)
    if job.result is None:
        return problem_response(job.problem or {})
    scheme_id = job.result["scheme_id"]
    headers = {"content-location": f"{API}/schemes/{quote(scheme_id)}"}
    return Response(_stored(held, scheme_id).read_bytes(), 200, headers, "application/json")


@router.get("", response_model=list[SchemeSummary], summary="方案列表 / schemes, newest first")
def listing(held: Held, count: Annotated[int, Query(ge=1, le=1000)] = 50) -> Response:
    """Newest first."""
    known: dict[str, dict[str, Any]] = {}
    with suppress(WorkspaceError):  # before the first import there is nothing that could be held
        known = {one["id"]: one for one in SchemeDesk.beside(held.workspace, held.bench).listing()}
    lines = [
        {**summary_of(record), **_standing(known.pop(record.scheme_id, None)), "stored": True}
        for record in held.state.schemes.latest(count)
    ]
    lines += [told_only(card) for card in known.values() if held.state.schemes.find(card["id"]) is None]
    return answer(sorted(lines, key=lambda line: str(line["created"]), reverse=True)[:count])


@router.get(
    "/{scheme_id}",
    summary="一个方案 / one scheme",
    response_model=None,
    responses={200: {"content": _DOCUMENT}},
)  # fmt: skip
def show(held: Held, scheme_id: str) -> Response:
    """Give the scheme document as it was written."""
    return Response(_stored(held, scheme_id).read_bytes(), media_type="application/json")


def _forms() -> frozenset[str]:
    """Names of the permit forms a scheme may have."""
    from design.documents.forms.permit_forms import form_names

    return frozenset(form_names())


@router.get("/{scheme_id}/files", response_model=list[str], summary="成果文件清单 / names of its files")
def files(held: Held, scheme_id: str) -> Response:
    """Names that can be fetched."""
    return answer(_names(_stored(held, scheme_id).parent))


def _names(folder: Path) -> list[str]:
    forms = [f"{FORMS}/{name}" for name in file_names(folder / FORMS)]
    return [name for name in [*file_names(folder), *forms] if name in FILES | _forms()]


@router.get(
    "/{scheme_id}/downloads", response_model=list[SchemeFile], summary="成果文件及大小 / its files with sizes"
)
def downloads(held: Held, scheme_id: str) -> Response:
    """Files that can be fetched, with their sizes and the sums they were sealed with."""
    path = _stored(held, scheme_id)
    sums = json.loads(path.read_text(encoding="utf-8")).get("files") or {}
    return answer([
        {"name": name, "size_bytes": (path.parent / name).stat().st_size, "sha256": sums.get(name)}
        for name in _names(path.parent)
    ])  # fmt: skip


@router.get("/{scheme_id}/files/{name:path}", response_class=FileResponse, summary="成果文件 / one file")
def file(held: Held, scheme_id: str, name: str) -> FileResponse:
    """Download a file."""
    return download(_stored(held, scheme_id).parent, name, FILES | _forms())


@router.post(
    "/{scheme_id}/asbuilt", response_model=AsBuilt, summary="竣工入库 / a built scheme becomes network"
)
def asbuilt(held: Held, request: Request, scheme_id: str, body: AsBuiltBody) -> Response:
    """Take a built option into the next version as it was planned; done twice it answers with the same version."""
    document = json.loads(_stored(held, scheme_id).read_text(encoding="utf-8"))
    done = capture_scheme(
        held.workspace,
        document,
        option=body.option,
        built_on=body.built_on,
        by=body.by,
        today=held.bench.today,
    )
    request.app.state.front.look_again()
    return answer(done)


@router.get("/{scheme_id}/life", response_model=SchemeLife, summary="方案的状态与经过 / how a scheme stands")
def life(held: Held, scheme_id: str) -> Response:
    """State, reservation and every event, newest first."""
    return answer(SchemeDesk.beside(held.workspace, held.bench).show(scheme_id))


@router.post(
    "/{scheme_id}/accept", response_model=SchemeLife, summary="受理方案 / accept",
    responses={409: {"description": "held by another scheme (`rival`), or nothing left", "model": Problem}},
)  # fmt: skip
def accept(held: Held, request: Request, scheme_id: str, body: AcceptBody) -> Response:
    """Hold tap-off and capacity of an option until the last day."""
    desk = SchemeDesk.beside(held.workspace, held.bench)
    document = _document_of(held, scheme_id)
    return _seen(request, desk.accept(scheme_id, scheme=document, **body.model_dump()))


@router.post("/{scheme_id}/extend", response_model=SchemeLife, summary="延长占用 / hold it longer")
def extend(held: Held, request: Request, scheme_id: str, body: ExtendBody) -> Response:
    """Another last day."""
    desk = SchemeDesk.beside(held.workspace, held.bench)
    return _seen(request, desk.extend(scheme_id, **body.model_dump()))


@router.post("/{scheme_id}/withdraw", response_model=SchemeLife, summary="撤回方案 / let it go")
def withdraw(held: Held, request: Request, scheme_id: str, body: WithdrawBody) -> Response:
    """Tap-off and capacity are free again; the record stays."""
    desk = SchemeDesk.beside(held.workspace, held.bench)
    return _seen(request, desk.withdraw(scheme_id, by=body.by, reason=body.reason))


def _seen(request: Request, found: object) -> Response:
    request.app.state.front.look_again()
    return answer(found)


def _document_of(held: Office, scheme_id: str) -> dict[str, Any] | None:
    """The stored document; None for a scheme that was planned on the command line."""
    if held.state.schemes.find(scheme_id) is None:
        return None
    document: dict[str, Any] = json.loads(_stored(held, scheme_id).read_text(encoding="utf-8"))
    return document


def _standing(card: dict[str, Any] | None) -> dict[str, Any]:
    names = ("until", "days_left", "option", "by")
    claim = (card or {}).get("claim")
    return {
        "state": card["state"] if card else "draft", **{name: card[name] if card else None for name in names},
        "position": claim["position"] if claim else None,
    }  # fmt: skip


def told_only(card: dict[str, Any]) -> dict[str, Any]:
    """A line of the list for a scheme that was planned on the command line: the workspace knows only its life."""
    names = ("id", "name", "feasible", "total_cny", "network_version")
    return {
        **{name: card[name] for name in names}, **_standing(card), "feasible": card["feasible"] is not False,
        "network_version": card["network_version"] or "", "summary": "", "summary_en": "", "created": card["planned"],
        "stored": False,
    }  # fmt: skip


def summary_of(record: SchemeRecord) -> dict[str, Any]:
    """A line of the list."""
    line = {key: value for key, value in vars(record).items() if key not in ("scheme_id", "folder")}
    return {"id": record.scheme_id, **line}


def _stored(held: Office, scheme_id: str) -> Path:
    """Path of a scheme's document; the folder comes from the store, never from the caller."""
    record = held.state.schemes.find(scheme_id)
    path = held.workspace / FOLDER / record.folder / "scheme.json" if record else None
    if path is None or not path.is_file():
        raise NotFoundError("scheme-unknown", id=scheme_id[:80])
    return path
