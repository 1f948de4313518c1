"""The history of a workspace folder: one line for every change of the current version, only ever added to."""

from __future__ import annotations

import datetime as dt
import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

HISTORY = "history.jsonl"


def add_event(
    folder: Path, *, action: str, version: str, previous: str | None, reason: str | None
) -> dict[str, Any]:
    """Add a line and bring it to disk; it is told before it is done, so that no change goes untold."""
    event = {
        "when": dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds"),
        "action": action, "version": version, "previous": previous, "reason": reason,
    }  # fmt: skip
    file = folder / HISTORY
    cut_short = file.is_file() and not file.read_bytes().endswith(b"\n")
    with file.open("a", encoding="utf-8") as stream:
        stream.write("\n" * cut_short + json.dumps(event, ensure_ascii=False) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    return event


def read_events(folder: Path) -> list[dict[str, Any]]:
    """Give the lines, oldest first; one that a crash cut short is left out."""
    file = folder / HISTORY
    if not file.is_file():
        return []
    events = []
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            events.append(json.loads(line))
        except ValueError:
            continue
    return events
