"""
Security events 安全事件: what was refused because it reaches for what is not its own.

A line of JSON each, appended to `security.jsonl` of the workspace, or to the file TAPWRIGHT_SECURITY_LOG names. Nothing
is ever taken out, and a log that cannot be written never turns a refusal into something else.
"""

from __future__ import annotations

import contextlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gis.errors import TapwrightError

LOG = "security.jsonl"
_CODES = frozenset({"archive-entry-unsafe"})
_REACHING = ("/vsi", "+init=", "nadgrids=")  # ways of GDAL and PROJ to other files
_POINTERS = (b"<OGRVRT", b"<VRTDataset")
_HEAD_BYTES, _LONGEST = 4096, 300


def record(
    error: TapwrightError, *, log: Path | None, door: str, by: str | None, sources: Iterable[object] = ()
) -> bool:
    """
    Write an event where a refusal is one, and say whether it was.

    `door` is how it came (`command`, `http`), `sources` what was handed over: paths, or anything that is none.
    """
    reason = _reason(error, sources)
    if reason is None or log is None:
        return reason is not None
    entry = {
        "recorded": datetime.now(UTC).isoformat(timespec="seconds"), "event": reason, "refusal": error.code, "door": door,
        "by": by, "params": {name: str(value)[:_LONGEST] for name, value in error.params.items()},
    }  # fmt: skip
    # one write of one line: two processes that append do not mix
    with contextlib.suppress(OSError):
        handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "ab") as stream:
            stream.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
    return True


def _reason(error: TapwrightError, sources: Iterable[object]) -> str | None:
    if error.code in _CODES:
        return "unsafe-archive"
    if any(sign in str(value) for value in error.params.values() for sign in _REACHING):
        return "path-elsewhere"
    if any(_points_elsewhere(source) for source in sources):
        return "disguised-pointer"
    return None


def _points_elsewhere(source: object) -> bool:
    """Whether a file is one of GDAL's that only name another, whatever it is called."""
    try:
        if not isinstance(source, Path) or not source.is_file():
            return False
        with source.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError:
        return False
    return any(pointer in head for pointer in _POINTERS)
