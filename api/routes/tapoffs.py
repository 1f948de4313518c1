"""The tap-off register: one tap-off with its history, visits, decisions, undoing."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.network.register import Desk
from api.serving.office import Office
from api.wire.answers import answer
from api.wire.params import Held
from api.wire.versions import StatusBody, TapoffCard, UndoBody, VisitBody

router = APIRouter(prefix="/tapoffs")


@router.get(
    "/{tapoff_id:path}", response_model=TapoffCard, summary="一个预留口及其历史 / one tap-off and its history"
)
def show(held: Held, tapoff_id: str) -> Response:
    """As it stands today, with every visit and decision, newest first."""
    return answer(_desk(held).show(tapoff_id))


@router.post("/{tapoff_id:path}/visits", response_model=TapoffCard, summary="登记踏勘 / a visit")
def visit(held: Held, request: Request, tapoff_id: str, body: VisitBody) -> Response:
    """Keep what a visit saw; the latest counts."""
    found = _desk(held).visited(
        tapoff_id, by=body.by, found=body.found, day=body.day, valve=body.valve,
        pressure_mpa=body.pressure_mpa, note=body.note,
    )  # fmt: skip
    return _seen(request, found)


@router.post("/{tapoff_id:path}/status", response_model=TapoffCard, summary="改变状态或预留 / a decision")
def decide(held: Held, request: Request, tapoff_id: str, body: StatusBody) -> Response:
    """Reserve a free one until a day, or say what it is."""
    found = _desk(held).decided(
        tapoff_id, body.status, by=body.by, day=body.day, until=body.until, note=body.note
    )
    return _seen(request, found)


@router.post("/{tapoff_id:path}/undo", response_model=TapoffCard, summary="撤销一条登记 / undo an entry")
def undo(held: Held, request: Request, tapoff_id: str, body: UndoBody) -> Response:
    """Take an entry back by another; nothing is deleted."""
    return _seen(request, _desk(held).undone(tapoff_id, body.entry_id, by=body.by, note=body.reason))


def _desk(held: Office) -> Desk:
    return Desk.open(held.workspace, today=held.bench.today)


def _seen(request: Request, found: object) -> Response:
    request.app.state.front.look_again()
    return answer(found)
