"""Reading processes seen from the server: asked one thing at a time, stopped when cancelled, started again when needed."""

from __future__ import annotations

import importlib
import json
import os
import selectors
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from api.errors import CallError
from api.security import LOG, record
from gis.errors import TapwrightError
from gis.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gis.progress import Progress

LOOK_EVERY_S = 0.3
MOST_PROCESSES = 3
CHUNK_BYTES = 1 << 16
_ROOMS = ("gis", "hydraulics", "api")


class ReaderDefect(Exception):
    """A fault of the program in the reading process; its traceback is the message."""


class Worker:
    """One reading process, made at the first question."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._rest = b""

    def ask(
        self, question: Mapping[str, Any], *, progress: Progress = SILENT, within_s: float | None = None
    ) -> dict[str, Any]:
        """
        Give the answer to one question.

        Parameters
        ----------
        progress
            Told now and then, at least every third of a second: it stops the work by raising, which ends the process.
        within_s
            How long an answer may take.

        Raises
        ------
        CallError
            `reader-stopped` when the process ended by itself, `reader-slow` after `within_s`.
        TapwrightError
            What the reader says.
        """
        with self._lock:
            try:
                process = self._running()
                assert process.stdin is not None
                process.stdin.write(json.dumps(question).encode() + b"\n")
                process.stdin.flush()
                return self._answer(process, progress, within_s)
            except BrokenPipeError:
                self.stop()
                raise CallError("reader-stopped") from None
            except TapwrightError as error:
                record(error, log=self._workspace / LOG, door="http", by=None)
                if error.code in ("reader-stopped", "reader-slow"):
                    self.stop()
                raise
            except ReaderDefect:
                raise
            except BaseException:
                # cancelled, or the server goes down: what the process is at is of no use any more
                self.stop()
                raise

    @property
    def is_busy(self) -> bool:
        """Tell whether somebody waits for an answer."""
        return self._lock.locked()

    def stop(self) -> None:
        """End the process; the next question starts another."""
        process, self._process, self._rest = self._process, None, b""
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.stop()
            self._process = subprocess.Popen(
                [sys.executable, "-X", "utf8", "-m", "api.intake.child", str(self._workspace)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        return self._process

    def _answer(
        self, process: subprocess.Popen[bytes], progress: Progress, within_s: float | None
    ) -> dict[str, Any]:
        until_s = None if within_s is None else time.monotonic() + within_s
        told: tuple[str, int, int] = ("read", 0, 1)
        while True:
            for line in self._lines(process):
                message = json.loads(line)
                if "answer" in message:
                    return dict(message["answer"])
                if "progress" not in message:
                    raise fault(message)
                told = tuple(message["progress"])
            progress.step(*told)
            if until_s is not None and time.monotonic() > until_s:
                raise CallError("reader-slow", seconds=round(within_s or 0))

    def _lines(self, process: subprocess.Popen[bytes]) -> list[bytes]:
        """Whole lines that have come within a moment; none when the process is at work in silence."""
        assert process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            if not selector.select(LOOK_EVERY_S):
                return []
        content = os.read(process.stdout.fileno(), CHUNK_BYTES)
        if not content:
            raise CallError("reader-stopped")
        *lines, self._rest = (self._rest + content).split(b"\n")
        return lines


def fault(message: Mapping[str, Any]) -> Exception:
    """Give the error of the reading process as one of this process."""
    if "error" in message:
        module, name, code, params = message["error"]
        if module.partition(".")[0] in _ROOMS:
            kind = getattr(importlib.import_module(module), name, None)
            if isinstance(kind, type) and issubclass(kind, TapwrightError):
                return kind(code, **params)
    return ReaderDefect(str(message.get("defect", message)))


class Workers:
    """A few reading processes; a draft comes back to the one that has read it before."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()
        self._all: list[Worker] = []
        self._of: dict[str, Worker] = {}

    def of(self, draft_id: str) -> Worker:
        """Give the process of a draft: its former one, an idle one, a new one, or one it has to wait for."""
        with self._lock:
            worker = self._of.get(draft_id)
            if worker is None:
                worker = next((one for one in self._all if not one.is_busy), None)
                if worker is None and len(self._all) < MOST_PROCESSES:
                    worker = Worker(self._workspace)
                    self._all.append(worker)
                worker = worker or self._all[len(self._of) % MOST_PROCESSES]
                self._of[draft_id] = worker
        return worker

    def forget(self, draft_id: str) -> None:
        """Let go of a draft that is thrown away."""
        with self._lock:
            self._of.pop(draft_id, None)

    def close(self) -> None:
        """End all."""
        with self._lock:
            workers, self._all = self._all, []
            self._of.clear()
        for worker in workers:
            worker.stop()
