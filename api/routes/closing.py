"""Valves to close for work at a place."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from api.wire.answers import answer
from api.wire.models import IsolationBody
from api.wire.params import Held, position

router = APIRouter()


@router.post(
    "/isolations",
    response_model=dict[str, Any],
    summary="关阀方案：关哪些阀、停哪些户 / valves to close and who is without water",
)
def isolate(held: Held, body: IsolationBody) -> Response:
    """Give the valves, the customers out, what if one does not turn, and when to tell them."""
    at = position(body.at) if isinstance(body.at, str) else body.at and (body.at[0], body.at[1])
    document = held.bench.isolate(
        node=body.node, pipe=body.pipe, position=at or None, failed=body.failed_valves, by_pressure=body.by_pressure,
        starts=body.starts, lasts_hours=body.lasts_hours,
    )  # fmt: skip
    return answer(document)
