"""What readings from the field have made of the model: the calibration that is kept of this version."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from api.field.kept import kept_calibration
from api.wire.answers import answer
from api.wire.params import Held

router = APIRouter()


@router.get(
    "/calibration",
    response_model=dict[str, Any],
    summary="率定结果 / what readings have made of the model",
)
def calibration(held: Held) -> Response:
    """Give the residuals, the factors and whether checks use them; `made` is null where nothing is kept of this version."""
    version = held.bench.network.version
    kept = kept_calibration(held.workspace, version)
    if kept is None:
        return answer({"network_version": version, "made": None, "in_use": False})
    return answer({**kept.document, "in_use": kept.in_use})
