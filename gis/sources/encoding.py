"""The character set of a shapefile's attribute table: stated in .cpg, otherwise decided by which decoding is valid."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CANDIDATES = ("UTF-8", "GB18030")
LAST_RESORT = "ISO-8859-1"
SAMPLE_ROWS = 2000
_NAMES = {
    "65001": "UTF-8",
    "UTF8": "UTF-8",
    "936": "GB18030",
    "GBK": "GB18030",
    "GB2312": "GB18030",
    "CP936": "GB18030",
}


def dbf_encoding(dbf: Path) -> tuple[str, str | None]:
    """
    Give the encoding to read a DBF with, and the one its .cpg stated where that one is wrong.

    A stated encoding stands as long as the bytes are valid in it; otherwise the first of UTF-8, GB18030 that is.
    """
    stated = _stated(dbf)
    words = list(_words(dbf))
    if stated and _fits(words, stated):
        return stated, None
    for candidate in CANDIDATES:
        if _fits(words, candidate):
            return candidate, stated
    return stated or LAST_RESORT, None


def _stated(dbf: Path) -> str | None:
    for cpg in (dbf.with_suffix(".cpg"), dbf.with_suffix(".CPG")):
        if cpg.is_file():
            name = cpg.read_text(encoding="latin-1").strip().upper()
            return _NAMES.get(name, name) or None
    return None


def _words(dbf: Path) -> Iterator[bytes]:
    with dbf.open("rb") as stream:
        head = stream.read(32)
        rows, head_length, row_length = struct.unpack("<IHH", head[4:12])
        fields = stream.read(max(head_length - 33, 0))
        spans, position = [], 1
        for at in range(0, len(fields) - 31, 32):
            width = fields[at + 16]
            yield fields[at : at + 11].split(b"\0")[0]
            if fields[at + 11 : at + 12] == b"C":
                spans.append((position, position + width))
            position += width
        step = max(rows // SAMPLE_ROWS, 1)
        for row in range(0, rows, step):
            stream.seek(head_length + row * row_length)
            record = stream.read(row_length)
            for start, end in spans:
                yield record[start:end].strip(b" \0")


def _fits(words: list[bytes], encoding: str) -> bool:
    try:
        return all(_decodes(word, encoding) for word in words if not word.isascii())
    except LookupError:
        return False


def _decodes(word: bytes, encoding: str) -> bool:
    """A word cut inside its last character (10-byte headings) still counts."""
    try:
        word.decode(encoding)
    except UnicodeDecodeError as error:
        return error.start >= len(word) - 3 and error.start > 0
    return True
