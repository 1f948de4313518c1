"""Every error as an RFC 9457 problem: stable type, title and detail in both languages, never a trace."""

from __future__ import annotations

import json
import logging
import secrets
from typing import TYPE_CHECKING, Any

from fastapi.responses import Response

from api.errors import ConflictError, NotFoundError
from gis.errors import InputError, TapwrightError
from gis.messages import Text, catalogue, error_sentence
from maps.errors import MapError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import FastAPI, Request

    from gis.errors import Param

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:tapwright:problem:"
_LOG = logging.getLogger("tapwright")
_BY_STATUS = {
    400: "body-unreadable",
    404: "route-unknown",
    405: "method-not-allowed",
    413: "body-too-large",
    415: "body-unreadable",
}
_BY_CODE = {
    "version-unknown": 404,
    "approve-self": 403,
    "version-not-pending": 409,
    "proposal-outdated": 409,
    "version-unapproved": 409,
    "tapoff-not-free": 409,
    "entry-undone": 409,
    "current-moved": 409,
    "asbuilt-tapoff-used": 409,
    "draft-busy": 409,
    "upload-too-large": 413,
    "upload-disk-full": 507,
    "reader-slow": 503,
}


def status_of(error: TapwrightError) -> int:
    """404 for what does not exist, 422 for what the caller can mend, 503 for what the workspace lacks; others by code."""
    if error.code in _BY_CODE:
        return _BY_CODE[error.code]
    if isinstance(error, NotFoundError | MapError):
        return 404
    if isinstance(error, ConflictError):
        return 409
    return 422 if isinstance(error, InputError) else 503


def problem_of(error: TapwrightError) -> dict[str, Any]:
    """The problem document of an error of the rooms; a conflict with a scheme names it in `rival`."""
    document = _document(
        error.code, status_of(error), zh=error_sentence(error, "zh"), en=error_sentence(error, "en")
    )
    if isinstance(error, ConflictError) and "rival" in error.params:
        document["rival"] = error.params["rival"]
    return document


def own_problem(code: str, status: int, **params: Param) -> dict[str, Any]:
    """A problem of the door itself; its sentences are in api/data/messages under [problem]."""
    text = Text("api", f"problem.{code}", params)
    return _document(code, status, zh=text.render("zh"), en=text.render("en"))


def note(subject: str, error: BaseException) -> None:
    """Write to the log what nobody can be told just now."""
    _LOG.error("%s", subject, exc_info=error)


def incident_problem(error: BaseException) -> dict[str, Any]:
    """A defect: the caller gets a number, the log what happened under it."""
    number = secrets.token_hex(4).upper()
    note(f"incident {number}", error)
    return {**own_problem("incident", 500, number=number), "incident": number}


def _document(code: str, status: int, *, zh: str, en: str) -> dict[str, Any]:
    known = f"s{status}" in catalogue("api", "zh")["title"]
    title = Text("api", f"title.s{status}" if known else "title.s400")
    return {
        "type": f"{TYPE_PREFIX}{code}",
        "title": title.render("zh"),
        "title_en": title.render("en"),
        "status": status,
        "detail": zh,
        "detail_en": en,
    }


def problem_response(document: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """Send a problem with its own status."""
    content = json.dumps(document, ensure_ascii=False).encode()
    return Response(content, document["status"], dict(headers or {}), MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every exception of the routes with a problem."""
    from fastapi.exceptions import RequestValidationError
    from starlette.exceptions import HTTPException

    def rooms(_: Request, error: Exception) -> Response:
        assert isinstance(error, TapwrightError)
        return problem_response(problem_of(error))

    def shape(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return problem_response(validation_problem(error.errors()))

    def http(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = _BY_STATUS.get(error.status_code, "request-refused")
        return problem_response(own_problem(code, error.status_code), error.headers)

    app.add_exception_handler(TapwrightError, rooms)
    app.add_exception_handler(RequestValidationError, shape)
    app.add_exception_handler(HTTPException, http)


def validation_problem(errors: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A request of the wrong shape: every place that is wrong, as a JSON pointer, in both languages."""
    if any(error["type"] == "json_invalid" for error in errors):
        return own_problem("body-unreadable", 400)
    entries = [_entry(error) for error in errors]
    first = entries[0]
    document = own_problem("request-invalid", 422, count=len(entries), first="{first}")
    document["detail"] = document["detail"].replace("{first}", f"{first['pointer']} {first['detail']}")
    document["detail_en"] = document["detail_en"].replace(
        "{first}", f"{first['pointer']} {first['detail_en']}"
    )
    return {**document, "errors": entries}


def _entry(error: Mapping[str, Any]) -> dict[str, str]:
    pointer = "".join(f"/{part}" for part in error["loc"])
    context = {
        key: value for key, value in (error.get("ctx") or {}).items() if isinstance(value, str | int | float)
    }
    sentences = []
    for language in ("zh", "en"):
        table = catalogue("api", language)["validation"]
        key = error["type"] if error["type"] in table else "other"
        sentences.append(table[key].format_map({**context, "message": error["msg"]}))
    return {"pointer": pointer, "detail": sentences[0], "detail_en": sentences[1]}
