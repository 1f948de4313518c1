"""What every answer carries and every call must show: strict headers, a known host, the page's own origin."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from api.intake.limits import load_upload_limits
from api.wire.address import API
from api.wire.problems import incident_problem, own_problem, problem_response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MOST_BODY_BYTES = 1_000_000
UPLOAD = re.compile(rf"{API}/imports/[0-9a-f]{{32}}/files/.+")
CONTENT_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "worker-src 'self' blob:; connect-src 'self'; font-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "geolocation=(self), camera=(), microphone=()",
}
NETWORK_DATA = "private, no-store"
PAGE = "no-cache"
HASHED = "public, max-age=31536000, immutable"


class Guard:
    """
    The outermost layer around the application.

    A foreign name in `Host` is a web page that had its own name point at this machine (DNS rebinding); a foreign
    `Origin` or a cross-site fetch is a web page calling behind the person's back. Both are refused.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the call, pass it on, dress the answer; a defect becomes a numbered problem."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def dressed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                kept = message["status"] < 400 and scope["path"].startswith("/assets/")
                message = {**message, "headers": with_headers(message["headers"], scope["path"], kept=kept)}
            await send(message)

        refusal = refusal_of(scope)
        try:
            if refusal is not None:
                await problem_response(refusal)(scope, receive, dressed)
            else:
                await self._app(scope, receive, dressed)
        except Exception as error:
            if started:
                raise
            await problem_response(incident_problem(error))(scope, receive, dressed)


def with_headers(headers: list[tuple[bytes, bytes]], path: str, *, kept: bool) -> list[tuple[bytes, bytes]]:
    """Add what every answer carries, `kept` for what browsers may keep; a header the route has set stays."""
    present = {name.lower() for name, _ in headers}
    cache = NETWORK_DATA if path.startswith("/api/") else HASHED if kept else PAGE
    added = {**HEADERS, "cache-control": cache}
    return headers + [(k.encode(), v.encode()) for k, v in added.items() if k.encode() not in present]


def refusal_of(scope: Scope) -> dict[str, Any] | None:
    """Say why a call is not let in, or None."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    host = headers.get("host", "").lower()
    if _host_name(host) not in LOOPBACK_HOSTS:
        return own_problem("host-refused", 403)
    if headers.get("sec-fetch-site", "none") == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
        return own_problem("origin-refused", 403)
    if scope["method"] not in SAFE_METHODS and not _same_origin(headers.get("origin"), host):
        return own_problem("origin-refused", 403)
    length, most_bytes = headers.get("content-length", "0"), _most_bytes(scope)
    if not length.isdigit() or int(length) > most_bytes:
        return own_problem("body-too-large", 413, limit=most_bytes)
    if scope["method"] not in SAFE_METHODS and "transfer-encoding" in headers:
        return own_problem("length-missing", 411)
    return None


def _most_bytes(scope: Scope) -> int:
    """Files for an import are large; every other body is small."""
    is_upload = scope["method"] == "PUT" and UPLOAD.fullmatch(scope["path"])
    return load_upload_limits().most_file_bytes if is_upload else MOST_BODY_BYTES


def _host_name(host: str) -> str:
    return host.rpartition(":")[0] if ":" in host.rpartition("]")[2] else host


def _same_origin(origin: str | None, host: str) -> bool:
    """Programs send no Origin; browsers always do on such calls."""
    return origin is None or urlsplit(origin).netloc.lower() == host
