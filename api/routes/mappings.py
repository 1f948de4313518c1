"""Mappings kept for sources that come again."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from api.intake.toml_text import document_of, text_of
from api.wire.answers import answer
from api.wire.intake import KeptMapping, MappingBody
from api.wire.params import Held

router = APIRouter(prefix="/mappings")


@router.get("", response_model=list[KeptMapping], summary="保存的对应关系 / kept mappings")
def listing(held: Held) -> Response:
    """Names, in order."""
    return answer(held.intake.library.names())


@router.put("/{name}", response_model=list[KeptMapping], summary="保存对应关系 / keep a mapping")
def keep(held: Held, name: str, body: MappingBody) -> Response:
    """Keep a mapping under a name for the next delivery of the same source."""
    text = body.toml if body.toml is not None else text_of(body.document or {})
    document_of(text)
    held.intake.library.keep(name, text)
    return answer(held.intake.library.names())
