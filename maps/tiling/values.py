"""
Values of attributes in the bytes tiles carry, written in bulk: a city has a million ids and as many lengths.

Source: `Value` of vector_tile.proto (Mapbox Vector Tile Specification 2.1): string 1, double 3, sint 6; field `values` is 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from maps.tiling.runs import runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_VALUE, _STRING, _DOUBLE, _SIGNED = 0x22, 0x0A, 0x19, 0x30
_HEAD_BYTES = 4  # field, its length, kind, length of the text
_LONGEST_BYTES = 0x7F - 2  # of a text whose lengths take one byte each
_LARGEST = 1 << 33  # whole numbers below are written as such, in at most five bytes
_DOUBLE_BYTES = 8


@dataclass(frozen=True)
class Column:
    """
    An attribute as codes into its distinct values, each value in the bytes tiles carry.

    Attributes
    ----------
    codes
        Shape (rows,); -1 where the attribute is null.
    content, ends
        All values one after the other as bytes of field `values`, and where each one ends; `ends` begins with 0.
    """

    name: str
    codes: NDArray[np.int32]
    content: NDArray[np.uint8]
    ends: NDArray[np.int64]


def column(name: str, codes: NDArray[np.integer], values: Sequence[str | int | float]) -> Column:
    """Give an attribute with its distinct values, which are all texts or all numbers."""
    if all(isinstance(value, str) for value in values):
        return text_column(name, codes, [str(value) for value in values])
    return number_column(name, codes, np.array(values, dtype=np.float64))


def text_column(name: str, codes: NDArray[np.integer], texts: Sequence[str]) -> Column:
    """Give an attribute whose distinct values are texts."""
    written = [text.encode() for text in texts]
    sizes = np.fromiter(map(len, written), dtype=np.int64, count=len(written))
    if len(sizes) and sizes.max() > _LONGEST_BYTES:
        pieces = [_text(text) for text in written]
        sizes = np.fromiter(map(len, pieces), dtype=np.int64, count=len(pieces))
        return Column(name, codes.astype(np.int32), _bytes(b"".join(pieces)), _ends(sizes))
    ends = _ends(sizes + _HEAD_BYTES)
    content, begins = np.empty(int(ends[-1]), dtype=np.uint8), ends[:-1]
    content[begins], content[begins + 1] = _VALUE, sizes + 2
    content[begins + 2], content[begins + 3] = _STRING, sizes
    content[runs(begins + _HEAD_BYTES, sizes)] = _bytes(b"".join(written))
    return Column(name, codes.astype(np.int32), content, ends)


def number_column(name: str, codes: NDArray[np.integer], values: NDArray[np.floating]) -> Column:
    """Give an attribute whose distinct values are finite numbers; whole ones take fewer bytes."""
    whole = (values == np.rint(values)) & (np.abs(values) < _LARGEST)
    integers = np.where(whole, values, 0.0).astype(np.int64)
    zigzag = (integers << 1) ^ (integers >> 63)
    sizes = np.where(whole, widths(zigzag), _DOUBLE_BYTES)
    ends = _ends(sizes + 3)
    content, begins = np.empty(int(ends[-1]), dtype=np.uint8), ends[:-1]
    content[begins], content[begins + 1] = _VALUE, sizes + 1
    content[begins + 2] = np.where(whole, _SIGNED, _DOUBLE)
    content[runs(begins[whole] + 3, sizes[whole])] = _bytes(varints(zigzag[whole]))
    doubles = np.ascontiguousarray(values[~whole], dtype="<f8").view(np.uint8)
    content[runs(begins[~whole] + 3, sizes[~whole])] = doubles
    return Column(name, codes.astype(np.int32), content, ends)


def _ends(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    ends = np.zeros(len(sizes) + 1, dtype=np.int64)
    np.cumsum(sizes, out=ends[1:])
    return ends


def _bytes(content: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(content, dtype=np.uint8)


def _text(text: bytes) -> bytes:
    inner = bytes([_STRING]) + varint(len(text)) + text
    return bytes([_VALUE]) + varint(len(inner)) + inner


def varint(number: int) -> bytes:
    """Write one number."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def widths(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Bytes each number takes as a varint, at most five."""
    width = np.ones(len(numbers), dtype=np.int64)
    for bits in (7, 14, 21, 28):
        more = numbers >= 1 << bits
        if not more.any():
            break
        width += more
    return width


def varints(numbers: NDArray[np.int64]) -> bytes:
    """Write numbers below 2 to the 35th one after the other."""
    width = widths(numbers)
    begins = np.cumsum(width) - width
    content = np.empty(int(width.sum()), dtype=np.uint8)
    content[begins] = (numbers & 0x7F) | np.where(width > 1, 0x80, 0)
    rest = np.flatnonzero(width > 1)
    for place in range(1, 5):
        if not len(rest):
            break
        more = np.where(width[rest] > place + 1, 0x80, 0)
        content[begins[rest] + place] = ((numbers[rest] >> (7 * place)) & 0x7F) | more
        rest = rest[width[rest] > place + 1]
    return content.tobytes()
