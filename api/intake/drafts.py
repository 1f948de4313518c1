"""
Drafts: what a person has brought and not imported yet, a folder each under `uploads/` in the workspace.

    uploads/ID/draft.json      when it was begun, and its running job
    uploads/ID/NAME.json       what was last suggested, checked and imported
    uploads/ID/incoming/       files on their way in, under names of our own
    uploads/ID/sources/        files that have arrived whole, under their own names, and `.mapping.toml`
"""

from __future__ import annotations

import json
import re
import shutil
import threading
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from api.errors import CallError, NotFoundError
from api.intake.limits import load_upload_limits, safe_name
from gis.files.whole import write_whole

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "uploads"
RECORD = "draft.json"
MAPPING = ".mapping.toml"
ANSWERS = ("suggestion", "check", "result")
DAY_S = 86_400
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Draft:
    """One draft on disk."""

    draft_id: str
    folder: Path

    @property
    def sources(self) -> Path:
        """Where the files are that have arrived."""
        return self.folder / "sources"

    @property
    def mapping(self) -> Path:
        """The mapping file, beside the files it names; it may be missing."""
        return self.sources / MAPPING

    def files(self) -> list[dict[str, Any]]:
        """Name and size [bytes] of every file, in order of name."""
        return [
            {"name": file.relative_to(self.sources).as_posix(), "bytes": file.stat().st_size}
            for file in sorted(self.sources.rglob("*"))
            if file.is_file() and not file.name.startswith(".")
        ]

    def title(self) -> str:
        """What a version made of this draft says about where it came from."""
        tops = sorted({file["name"].split("/")[0] for file in self.files()})
        mains = [name for name in tops if not _is_part(name, tops)] or tops
        return ", ".join(mains[:6]) + (f" … ({len(mains)})" if len(mains) > 6 else "")


def _is_part(name: str, names: list[str]) -> bool:
    """Tell whether a file only belongs to a shapefile beside it, or says something about the others."""
    stem = name.split(".", maxsplit=1)[0]
    shape = any(other.lower() == f"{stem.lower()}.shp" for other in names)
    return (shape and not name.lower().endswith(".shp")) or name in ("SYNTHETIC.txt", "sample.json")


class Drafts:
    """All drafts of a workspace; calls may come from several threads."""

    def __init__(self, workspace: Path) -> None:
        self._root = workspace / FOLDER
        self._lock = threading.RLock()

    def create(self) -> Draft:
        """Begin a draft; those long forgotten go."""
        with self._lock:
            self._forget_old()
            draft = self._at(uuid.uuid4().hex)
            (draft.folder / "incoming").mkdir(parents=True)
            draft.sources.mkdir()
            self._write(draft, {"created": datetime.now(UTC).isoformat(timespec="seconds")})
        return draft

    def find(self, draft_id: str) -> Draft:
        """
        Give one draft.

        Raises
        ------
        NotFoundError
            `draft-unknown`.
        """
        draft = self._at(draft_id) if _ID.fullmatch(draft_id) else None
        if draft is None or not (draft.folder / RECORD).is_file():
            raise NotFoundError("draft-unknown", id=draft_id[:80])
        return draft

    def every(self) -> list[Draft]:
        """Every draft, newest last."""
        if not self._root.is_dir():
            return []
        found = [self._at(folder.name) for folder in self._root.iterdir() if (folder / RECORD).is_file()]
        return sorted(found, key=lambda draft: (self.record(draft).get("created", ""), draft.draft_id))

    def record(self, draft: Draft) -> dict[str, Any]:
        """What is remembered of a draft."""
        with self._lock:
            document: dict[str, Any] = json.loads((draft.folder / RECORD).read_text(encoding="utf-8"))
        return document

    def note(self, draft: Draft, **changes: Any) -> None:
        """Remember more about a draft; None forgets."""
        with self._lock:
            known = {**self.record(draft), **changes}
            self._write(draft, {key: value for key, value in known.items() if value is not None})

    def keep(self, draft: Draft, name: str, answer: dict[str, Any]) -> None:
        """Keep what a task gave, under one of ANSWERS; what was checked before another mapping is forgotten."""
        with self._lock:
            self._put(draft.folder / f"{name}.json", answer)

    def kept(self, draft: Draft, name: str) -> dict[str, Any] | None:
        """Give what a task gave last, None before."""
        file = draft.folder / f"{name}.json"
        with self._lock:
            return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None

    def write_mapping(self, draft: Draft, text: str) -> None:
        """Keep a mapping file; a check of the former one is forgotten."""
        with self._lock:
            written = draft.folder / f".{MAPPING}"
            written.write_text(text, encoding="utf-8")
            written.replace(draft.mapping)
            for name in ("check", "result"):
                (draft.folder / f"{name}.json").unlink(missing_ok=True)

    def _forget_answers(self, draft: Draft) -> None:
        for name in ANSWERS:
            (draft.folder / f"{name}.json").unlink(missing_ok=True)

    def discard(self, draft: Draft) -> None:
        """Throw a draft away with its files."""
        with self._lock:
            shutil.rmtree(draft.folder, ignore_errors=True)

    def expect(self, draft: Draft, name: str, size_bytes: int) -> Path:
        """
        Give where an arriving file is to be written; nothing of its name is in that place.

        Raises
        ------
        CallError
            `upload-name`, `upload-kind`, `upload-too-large`, `upload-too-many`, `upload-disk-full`.
        """
        safe_name(name)
        limits, present = load_upload_limits(), self._others(draft, name)
        room = min(limits.most_file_bytes, limits.most_draft_bytes - sum(file["bytes"] for file in present))
        if size_bytes > room:
            raise CallError(
                "upload-too-large", name=name, megabytes=_mega(size_bytes), limit=_mega(max(room, 0))
            )
        if len(present) >= limits.most_files:
            raise CallError("upload-too-many", limit=limits.most_files)
        free = shutil.disk_usage(draft.folder).free
        if size_bytes > free - limits.spare_disk_bytes:
            raise CallError("upload-disk-full", name=name, megabytes=_mega(size_bytes))
        return draft.folder / "incoming" / uuid.uuid4().hex

    def arrived(self, draft: Draft, name: str, incoming: Path) -> None:
        """Put a whole file among the sources; one of the same name gives way."""
        place = draft.sources / safe_name(name)
        with self._lock:
            place.parent.mkdir(exist_ok=True)
            incoming.replace(place)
            self._forget_answers(draft)

    def remove(self, draft: Draft, name: str) -> None:
        """
        Take a file out again.

        Raises
        ------
        NotFoundError
            `upload-unknown`.
        """
        place = draft.sources / safe_name(name)
        with self._lock:
            if not place.is_file():
                raise NotFoundError("upload-unknown", name=name[:120])
            place.unlink()
            self._forget_answers(draft)

    def _others(self, draft: Draft, name: str) -> list[dict[str, Any]]:
        return [file for file in draft.files() if file["name"] != name]

    def _at(self, draft_id: str) -> Draft:
        return Draft(draft_id, self._root / draft_id)

    def _write(self, draft: Draft, document: dict[str, Any]) -> None:
        self._put(draft.folder / RECORD, document)

    def _put(self, file: Path, document: dict[str, Any]) -> None:
        write_whole(file, json.dumps(document, ensure_ascii=False))

    def _forget_old(self) -> None:
        limits, now_s = load_upload_limits(), time.time()
        drafts = self.every()
        for at, draft in enumerate(drafts):
            age_s = now_s - (draft.folder / RECORD).stat().st_mtime
            if age_s > limits.kept_days * DAY_S or at < len(drafts) - limits.most_drafts + 1:
                self.discard(draft)


def _mega(size_bytes: int) -> int:
    return round(size_bytes / 1e6)
