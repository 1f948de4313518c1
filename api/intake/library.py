"""Mappings a utility keeps for the sources it gets again and again: text files under `mappings/` in the workspace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from api.errors import CallError, NotFoundError
from api.intake.limits import safe_name
from gis.files.whole import write_whole

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "mappings"
SUFFIX = ".toml"
MOST_KEPT = 200


@dataclass(frozen=True)
class Library:
    """The kept mappings of a workspace."""

    workspace: Path

    def names(self) -> list[dict[str, Any]]:
        """Name and day of every one, in order of name."""
        folder = self.workspace / FOLDER
        files = sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []
        return [{"name": file.stem, "saved": _when(file)} for file in files]

    def text(self, name: str) -> str:
        """
        Give one.

        Raises
        ------
        NotFoundError
            `mapping-not-kept`.
        """
        file = self._file(name)
        if not file.is_file():
            raise NotFoundError("mapping-not-kept", name=name[:80])
        return file.read_text(encoding="utf-8")

    def keep(self, name: str, text: str) -> None:
        """
        Keep one under a name; one of the same name gives way.

        Raises
        ------
        CallError
            `mapping-name`, `mappings-many`.
        """
        file = self._file(name)
        if not file.is_file() and len(self.names()) >= MOST_KEPT:
            raise CallError("mappings-many", limit=MOST_KEPT)
        file.parent.mkdir(exist_ok=True)
        write_whole(file, text)

    def _file(self, name: str) -> Path:
        try:
            plain = safe_name(f"{name}{SUFFIX}")
        except CallError:
            raise CallError("mapping-name", name=name[:80]) from None
        return self.workspace / FOLDER / plain


def _when(file: Path) -> str:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat(timespec="seconds")
