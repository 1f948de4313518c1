"""Runs about the whole network that leave files: a folder each, there wholly or not at all, the newest is shown."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from api.wire.answers import file_names

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RESULT = "result.json"


def keep_run(folder: Path, job_id: str, make: Callable[[Path], dict[str, Any]]) -> None:
    """
    Have `make` write its files and give its document; they appear as `folder/job_id` when all are written.

    A run begun before a crash is begun anew; one that is kept already stays as it is.
    """
    made, kept = folder / f".{job_id}", folder / job_id
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    try:
        document = make(made)
        (made / RESULT).write_text(
            json.dumps(document, ensure_ascii=False, allow_nan=False), encoding="utf-8"
        )
        if not kept.exists():
            made.rename(kept)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def latest_run(folder: Path) -> Path | None:
    """Give the folder of the newest run, None before the first."""
    found = list(folder.glob(f"*/{RESULT}"))
    newest = max(found, key=lambda file: (file.stat().st_mtime_ns, file.parent.name), default=None)
    return None if newest is None else newest.parent


def run_folder(folder: Path, name: str) -> Path | None:
    """Give the folder of a run by its name, None where there is none of that name."""
    return next((file.parent for file in folder.glob(f"*/{RESULT}") if file.parent.name == name), None)


def run_document(run: Path) -> dict[str, Any]:
    """Give the document a run was kept with."""
    document: dict[str, Any] = json.loads((run / RESULT).read_text(encoding="utf-8"))
    return document


def run_files(run: Path) -> list[str]:
    """Give the names of a run's files that can be fetched, sorted; the document is answered, not fetched."""
    return [name for name in file_names(run) if name != RESULT]
