"""
The bytes of a vector tile's layer, written in bulk.

Source: Mapbox Vector Tile Specification 2.1 and its `vector_tile.proto` (protobuf wire format). Every field of a feature is
a run of varints, so a whole layer of features is one array of integers that is turned to bytes at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from maps.tiling.runs import runs
from maps.tiling.values import varint, varints, widths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from maps.tiling.quantise import Drawing
    from maps.tiling.values import Column

VERSION = 2
_FEATURE, _TAGS, _TYPE, _GEOMETRY = 0x12, 0x12, 0x18, 0x22
_LAYER, _NAME, _KEY, _EXTENT, _VERSION = 0x1A, 0x0A, 0x1A, 0x28, 0x78
_GEOMETRY_TYPE = {"Point": 1, "LineString": 2, "Polygon": 3}


def layer_bytes(name: str, kind: str, extent: int, columns: Sequence[Column], drawing: Drawing) -> bytes:
    """Give a layer of a tile, ready to stand behind others; `drawing.rows` count in the codes of the columns."""
    tags, starts, values = _tags(columns, drawing.rows)
    features = _features(_GEOMETRY_TYPE[kind], tags, starts, drawing)
    text = name.encode()
    body = b"".join(
        [
            bytes([_VERSION, VERSION, _NAME]), varint(len(text)), text, features,
            *(bytes([_KEY]) + varint(len(key)) + key for key in (c.name.encode() for c in columns)),
            *values, bytes([_EXTENT]), varint(extent),
        ]
    )  # fmt: skip
    return bytes([_LAYER]) + varint(len(body)) + body


def _tags(
    columns: Sequence[Column], rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], list[bytes]]:
    """Give each feature's pairs of key and value numbers one after the other, where they begin, and the values."""
    numbers = np.full((len(rows), len(columns)), -1, dtype=np.int64)
    values: list[bytes] = []
    first = 0
    for at, one in enumerate(columns):
        used, local = _distinct(one, rows)
        numbers[:, at] = np.where(local >= 0, first + local, -1)
        begins, ends = one.ends[used], one.ends[used + 1]
        values.append(one.content[runs(begins, ends - begins)].tobytes())
        first += len(used)
    there = numbers >= 0
    keys = np.broadcast_to(np.arange(len(columns)), numbers.shape)
    pairs = np.column_stack([keys[there], numbers[there]]).ravel()
    starts = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum(2 * there.sum(axis=1), out=starts[1:])
    return pairs, starts, values


def _distinct(one: Column, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the codes that occur in these rows, and each row's place among them, -1 where null."""
    codes = one.codes[rows].astype(np.int64)
    known = len(one.ends) - 1
    if known <= 4 * len(rows):
        present = np.zeros(known + 1, dtype=bool)
        present[codes] = True
        used = np.flatnonzero(present[:known])
        place = np.full(known + 1, -1, dtype=np.int64)
        place[used] = np.arange(len(used))
        return used, place[codes]
    used, local = np.unique(codes, return_inverse=True)
    nulls = int(len(used) > 0 and used[0] < 0)
    return used[nulls:], local - nulls


def _features(kind: int, tags: NDArray[np.int64], tag_starts: NDArray[np.int64], drawing: Drawing) -> bytes:
    """Write the features: for each one a length, its tags, its type and its commands."""
    tag_bytes = _sums(widths(tags), tag_starts)
    command_bytes = _sums(widths(drawing.commands), drawing.starts)
    inner = 4 + widths(tag_bytes) + tag_bytes + widths(command_bytes) + command_bytes
    tag_counts, command_counts = np.diff(tag_starts), np.diff(drawing.starts)
    size = 8 + tag_counts + command_counts
    ends = np.cumsum(size)
    begins = ends - size
    numbers = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.int64)
    middle = begins + 4 + tag_counts
    for at, content in (
        (begins, _FEATURE), (begins + 1, inner), (begins + 2, _TAGS), (begins + 3, tag_bytes),
        (middle, _TYPE), (middle + 1, kind), (middle + 2, _GEOMETRY), (middle + 3, command_bytes),
    ):  # fmt: skip
        numbers[at] = content
    numbers[runs(begins + 4, tag_counts)] = tags
    numbers[runs(middle + 4, command_counts)] = drawing.commands
    return varints(numbers)


def _sums(values: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sum the values of each run; an empty run is 0."""
    upto = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(values, out=upto[1:])
    return upto[starts[1:]] - upto[starts[:-1]]
