"""Scratch folders for models: gone with their owner, and swept up by the next one when the owner was killed."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
import time
from pathlib import Path

_PREFIX, _HELD = "tapwright-bench-", ".held"
_YOUNG_S = 60.0


class Scratch(tempfile.TemporaryDirectory[str]):
    """
    A folder that a lock says is in use.

    The lock ends with the process however that ends, also in another container that shares the folder for temporary
    files; process numbers would not tell.
    """

    def __init__(self) -> None:
        super().__init__(prefix=_PREFIX)
        self._lock = (Path(self.name) / _HELD).open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def cleanup(self) -> None:
        """Let go and remove it; may be called twice."""
        self._lock.close()
        super().cleanup()


def new_scratch() -> Scratch:
    """Give a fresh folder, after removing what killed owners left."""
    for held in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_HELD}"):
        _sweep(held)
    return Scratch()


def _sweep(held: Path) -> None:
    try:
        # Between its making and its locking a folder looks abandoned.
        if time.time() - held.stat().st_mtime < _YOUNG_S:
            return
        with held.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(held.parent, ignore_errors=True)
    except OSError:
        return  # in use, somebody else's, or gone
