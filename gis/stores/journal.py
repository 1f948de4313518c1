"""Journals of a workspace folder: files of one JSON object a line, only ever added to."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def add_lines(file: Path, documents: Sequence[Mapping[str, Any]]) -> None:
    """Add a line each and bring them to disk; a line that a crash cut short is closed first."""
    if not documents:
        return
    text = "".join(json.dumps(document, ensure_ascii=False) + "\n" for document in documents)
    with file.open("a+b") as stream:
        if stream.tell() and not _ends_whole(stream):
            text = "\n" + text
        stream.write(text.encode())
        stream.flush()
        os.fsync(stream.fileno())


def _ends_whole(stream: Any) -> bool:
    stream.seek(-1, os.SEEK_END)
    return bool(stream.read(1) == b"\n")


def read_lines(file: Path) -> list[dict[str, Any]]:
    """Give the objects, oldest first; a line that a crash cut short is left out."""
    if not file.is_file():
        return []
    found = []
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            document = json.loads(line)
        except ValueError:
            continue
        if isinstance(document, dict):
            found.append(document)
    return found
