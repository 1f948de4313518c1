"""
Shelf: files derived from a network version, in the folder `derived` of the workspace. All of it may be thrown away.

    KIND-KEY-DIGEST.npz     arrays; KEY names everything they were made from, DIGEST is that of the file itself

A file is written beside the others under a name that begins with a dot and renamed; one that is damaged, half written
or made from something else is never used. The newest few of each kind stay.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

MOST_KEPT = 4
_LEFT_BEHIND_S = 3600.0
_DIGEST_LENGTH = 32


def digest_of(content: bytes | memoryview) -> str:
    """Name a content: 32 characters."""
    return hashlib.sha256(content).hexdigest()[:_DIGEST_LENGTH]


def take(folder: Path | None, kind: str, key: str) -> dict[str, NDArray[np.generic]] | None:
    """Give the arrays kept under a kind and a key; None where there are none, or none that are whole."""
    if folder is None:
        return None
    for file in sorted(folder.glob(f"{kind}-{key}-*.npz")):
        with suppress(OSError):
            content = file.read_bytes()
            if digest_of(content) != file.stem.rpartition("-")[2]:
                file.unlink(missing_ok=True)
                continue
            with suppress(OSError):
                os.utime(file)  # what is asked for stays
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                return {name: arrays[name] for name in arrays.files}
    return None


def put(folder: Path | None, kind: str, key: str, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """Keep arrays; where the folder cannot be written nothing is kept, and the next start makes them again."""
    if folder is None:
        return
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    content = stream.getbuffer()
    draft = folder / f".{kind}-{key}.{os.getpid()}-{secrets.token_hex(4)}.part"
    try:
        folder.mkdir(exist_ok=True)
        draft.write_bytes(content)
        draft.replace(folder / f"{kind}-{key}-{digest_of(content)}.npz")
        _tidy(folder, kind)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _tidy(folder: Path, kind: str) -> None:
    """Throw away all but the newest of a kind, and what a killed writer left."""
    dated = []
    for file in [*folder.glob(f"{kind}-*.npz"), *folder.glob(".*.part")]:
        with suppress(OSError):  # another process tidies too
            dated.append((file.stat().st_mtime, file))
    kept = sorted((one for one in dated if one[1].suffix == ".npz"), reverse=True)[:MOST_KEPT]
    for changed_s, file in dated:
        is_left = file.suffix == ".part" and time.time() - changed_s > _LEFT_BEHIND_S
        if is_left or (file.suffix == ".npz" and (changed_s, file) not in kept):
            with suppress(OSError):
                file.unlink(missing_ok=True)
