"""`tapwright serve`: one person's server on this machine, and the note by which the command line finds it."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from api.errors import CallError
from gis.store import create_store, open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fastapi import FastAPI

    from api.settings import Settings

NOTE = "server.json"
LOOPBACK = "127.0.0.1"


def run_server(settings: Settings, *, port: int, local: bool, new: bool = False) -> None:
    """
    Serve until interrupted; port 0 takes a free one. With `new` a workspace is made when there is none.

    Raises
    ------
    CallError
        Without `local`, for there are no accounts yet; or the port is taken.
    WorkspaceError, StateError
        The workspace has no network, or its state cannot be opened.
    """
    if not local:
        raise CallError("accounts-later")
    folder = settings.folder
    if new:
        create_store(folder)

    def make() -> FastAPI:
        from api.app import create_app
        from api.serving.following import Follower

        follow = Follower(settings)
        return create_app(
            follow.bench, workspace=folder, site=settings.site, software=settings.software, follow=follow,
            opened=lambda version: open_store(settings.workspace).open(version),
        )  # fmt: skip

    serve(make, workspace=folder, port=port, books=settings.books)


def serve(make: Callable[[], FastAPI], *, workspace: Path, port: int, books: str = "") -> None:
    """Take the port, make the application, leave the note, and run until interrupted."""
    import uvicorn

    with _listening(port) as listener:
        app = make()
        taken = int(listener.getsockname()[1])
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=5,
            lifespan="on",
        )  # fmt: skip
        with _noted(workspace, port=taken, identity=app.state.front.office().workspace_id, books=books):
            print(f"地图与接口已启动 / serving: http://{LOOPBACK}:{taken}/", file=sys.stderr, flush=True)
            # uvicorn stops in good order and then raises the signal again: a plain SIGTERM would skip the note's end
            signal.signal(signal.SIGTERM, _interrupted)
            with suppress(KeyboardInterrupt):
                uvicorn.Server(config).run(sockets=[listener])


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    # Named as TCP, or asyncio does not switch off the wait for more to send: 40 ms on every further call of a connection.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except (OSError, OverflowError):
            raise CallError("port-taken", port=port) from None
        yield listener


@contextmanager
def _noted(workspace: Path, *, port: int, identity: str, books: str) -> Iterator[None]:
    """Leave `server.json` in the workspace while serving; only its owner may read it."""
    note, draft = workspace / NOTE, workspace / f".{NOTE}.{os.getpid()}"
    content = {"pid": os.getpid(), "port": port, "workspace": identity, "books": books}
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        json.dump(content, file)
    draft.replace(note)
    try:
        yield
    finally:
        if _owner(note) == os.getpid():
            note.unlink(missing_ok=True)


def _owner(note: Path) -> int | None:
    try:
        return int(json.loads(note.read_text(encoding="utf-8"))["pid"])
    except (OSError, ValueError, KeyError):
        return None
