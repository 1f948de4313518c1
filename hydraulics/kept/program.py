"""Which program derived something: what another one made is made again."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from hydraulics.kept.shelf import digest_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

_ROOMS = ("gis", "hydraulics")
_MADE_OF = (".py", ".toml", ".csv", ".json")


@cache
def program_mark() -> str:
    """Name the program and the data that build models, by their content."""
    content = [item.read_bytes() for room in _ROOMS for item in _files(files(room))]
    return digest_of(b"\0".join(content))


def _files(folder: Traversable) -> Iterator[Traversable]:
    for item in sorted(folder.iterdir(), key=lambda one: one.name):
        if item.is_dir():
            yield from _files(item)
        elif item.name.endswith(_MADE_OF):
            yield item
