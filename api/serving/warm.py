"""The command line's way to a server that already holds the workspace warm: same answers, without the start-up."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from api.errors import CallError, ServerRefusal
from api.files.outputs import whole_folder
from api.wire.address import API

if TYPE_CHECKING:
    import urllib.error
    from pathlib import Path

NOTE = "server.json"
CURRENT = "current"
REGISTER, SCHEMES = "register.jsonl", "schemes.jsonl"
ANSWER_WITHIN_S = 60.0
HELLO_WITHIN_S = 2.0
HTTP_SERVER_FAULT = 500
MOST_TAPOFFS_COUNT, MOST_REACH_M = 200, 50_000.0


@dataclass(frozen=True)
class WarmServer:
    """A loopback server of the same workspace; `books` tells under which prices, rules and day it plans."""

    port: int
    books: str = ""

    def _call(self, path: str, body: Any = None, within_s: float = ANSWER_WITHIN_S) -> bytes:
        import http.client  # only who finds a server's note needs these
        import urllib.error
        import urllib.request

        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{API}{path}", data, headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=within_s) as answer:
                content: bytes = answer.read()
                return content
        except urllib.error.HTTPError as error:
            raise _refusal(error) from None
        except (OSError, http.client.HTTPException) as error:
            raise ServerRefusal("server-lost", port=self.port, problem=str(error)) from None

    def tapoffs(self, position: tuple[float, float], **options: Any) -> Any:
        """Same list as `Workbench.tapoffs`."""
        query = urlencode({"at": f"{position[0]!r},{position[1]!r}", **options})
        return json.loads(self._call(f"/tapoffs?{query}"))

    def site_card(self, position: tuple[float, float]) -> Any:
        """Same document as `Workbench.site_card`."""
        query = urlencode({"at": f"{position[0]!r},{position[1]!r}"})
        return json.loads(self._call(f"/site-card?{query}"))

    def scheme(self, document: dict[str, Any], out: Path) -> Any:
        """Same document as `Workbench.scheme`; its files are fetched into `out`, wholly or not at all."""
        answer = json.loads(self._call("/schemes?wait_s=55", document))
        if "options" not in answer:
            raise ServerRefusal("server-slow", job=str(answer.get("id", "")))
        with whole_folder(out) as draft:
            for name in json.loads(self._call(f"/schemes/{answer['id']}/files")):
                target = draft / name
                target.parent.mkdir(exist_ok=True)
                target.write_bytes(self._call(f"/schemes/{answer['id']}/files/{name}"))
        return answer


def takes(*, count: int, within_m: float, **_: Any) -> bool:
    """Tell whether a server answers a search of that size; a larger one is answered without it."""
    return count <= MOST_TAPOFFS_COUNT and within_m <= MOST_REACH_M


def _refusal(error: urllib.error.HTTPError) -> CallError | ServerRefusal:
    """Carry the server's own sentences over; a status of the 400s means the call was wrong."""
    try:
        problem = json.loads(error.read())
    except ValueError:
        problem = {}
    zh = str(problem.get("detail", f"HTTP {error.code}"))
    kind = CallError if error.code < HTTP_SERVER_FAULT else ServerRefusal
    return kind("server-refused", status=error.code, zh=zh, en=str(problem.get("detail_en", zh)))


def find(workspace: Path) -> WarmServer | None:
    """Give the server that holds this workspace at its current version and register, or None when none does."""
    try:
        note = json.loads((workspace / NOTE).read_text(encoding="utf-8"))
        server = WarmServer(port=int(note["port"]), books=str(note.get("books", "")))
        current = (workspace / CURRENT).read_text(encoding="utf-8").strip()
        health = json.loads(server._call("/health", within_s=HELLO_WITHIN_S))  # noqa: SLF001
    except (OSError, ValueError, KeyError, CallError, ServerRefusal):
        return None
    wanted = (note.get("workspace"), current, _register_mark(workspace))
    found = tuple(health.get(name) for name in ("workspace", "network_version", "register_mark"))
    return server if found == wanted else None


def _register_mark(workspace: Path) -> str:
    """How far register and schemes are written, as the store of a folder tells it, without loading the store."""
    files = [workspace / name for name in (REGISTER, SCHEMES)]
    return "+".join(str(file.stat().st_size) if file.is_file() else "0" for file in files)
