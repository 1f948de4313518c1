"""Pressure before and after one extra demand."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from api.pressure.scenario import Wanted
from api.wire.answers import answer
from api.wire.models import CheckBody
from api.wire.params import Held, position

router = APIRouter()


@router.post("/checks", response_model=dict[str, Any], summary="高峰压力校核 / peak-hour pressure check")
def check(held: Held, body: CheckBody) -> Response:
    """Give the check document; with `nodes` every junction as well."""
    at = position(body.at) if isinstance(body.at, str) else body.at and (body.at[0], body.at[1])
    document = held.bench.check(
        node=body.node,
        position=at or None,
        flow_lps=body.flow_lps,
        required_pressure_m=body.required_pressure_m,
        want_nodes=body.nodes,
        wanted=Wanted(body.scenario, body.mode, body.fire_lps),
    )
    return answer(document)
