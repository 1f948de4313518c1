"""Which program derived something: what another one made is made again."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import gis
import hydraulics
from hydraulics.kept.shelf import digest_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_MADE_OF = (".py", ".toml", ".csv", ".json")


@cache
def program_mark() -> str:
    """Name the program and the data that build models, by place, size and time of each file: to read them all takes long."""
    rooms = [Path(folder) for room in (gis, hydraulics) for folder in room.__path__]
    return digest_of("\n".join(line for room in rooms for line in sorted(_files(room))).encode())


def _files(folder: Path) -> Iterator[str]:
    with os.scandir(folder) as items:
        for item in items:
            if item.is_dir(follow_symlinks=False):
                yield from _files(Path(item.path))
            elif item.name.endswith(_MADE_OF):
                known = item.stat()
                yield f"{item.path} {known.st_size} {known.st_mtime_ns}"
