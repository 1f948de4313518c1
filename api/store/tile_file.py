"""Tiles kept on disk between runs of the server: a cache in one SQLite file, bounded, that may be deleted at any time."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES = 256 << 20
_MAKE = """
create table if not exists tile (
    edition text, layer text, z integer, x integer, y integer, tag text not null, content blob not null,
    size integer not null, number integer primary key, unique (edition, layer, z, x, y));
"""


class TileFile:
    """
    Gzipped tiles by edition (network version and program that cut them), layer and address.

    It holds nothing that is not in the workspace beside it. Whatever is wrong with the file costs time, never an answer.
    """

    def __init__(self, file: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._db = _opened(file)
        self._bytes = self._total()

    def get(self, edition: str, layer: str, z: int, x: int, y: int) -> tuple[bytes, str] | None:
        """Give content and tag, or None."""
        with self._lock, suppress(sqlite3.Error):
            row = (
                self._db
                and self._db.execute(
                    "select content, tag from tile where (edition, layer, z, x, y) = (?, ?, ?, ?, ?)",
                    (edition, layer, z, x, y),
                ).fetchone()
            )
            return (bytes(row[0]), str(row[1])) if row else None
        return None

    def put(self, edition: str, layer: str, z: int, x: int, y: int, *, content: bytes, tag: str) -> None:
        """Keep a tile; when there are too many, other editions go first, then the oldest."""
        with self._lock, suppress(sqlite3.Error):
            if self._db is None:
                return
            self._db.execute(
                "insert or ignore into tile (edition, layer, z, x, y, tag, content, size) values (?, ?, ?, ?, ?, ?, ?, ?)",
                (edition, layer, z, x, y, tag, content, len(content)),
            )
            self._bytes += len(content)
            if self._bytes > self._most_bytes:
                self._make_room(edition)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    def _make_room(self, edition: str) -> None:
        """Delete down to three quarters, so that it is seldom done."""
        assert self._db is not None
        self._db.execute(
            "delete from tile where number in (select number from"
            " (select number, sum(size) over (order by edition <> ?, number desc) as upto from tile)"
            " where upto > ?)",
            (edition, self._most_bytes * 3 // 4),
        )  # fmt: skip
        self._bytes = self._total()

    def _total(self) -> int:
        with suppress(sqlite3.Error):
            row = self._db and self._db.execute("select coalesce(sum(size), 0) from tile").fetchone()
            return int(row[0]) if row else 0
        return 0


def _opened(file: Path) -> sqlite3.Connection | None:
    """Open or make the file; one that cannot be read is made anew, and without a place for it there is no cache."""
    for _ in range(2):
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(file, check_same_thread=False, isolation_level=None, timeout=1.0)
            db.execute("pragma journal_mode = wal")
            db.execute("pragma synchronous = off")
            db.executescript(_MAKE)
            db.execute("select tag, size from tile limit 1").fetchone()
        except sqlite3.DatabaseError:
            with suppress(OSError):
                file.unlink()
        except OSError:
            return None
        else:
            return db
    return None
