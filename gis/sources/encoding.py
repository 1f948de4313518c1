"""
The character set of texts that do not say it, or say it wrongly: told, stated, or decided by what the bytes can be.

Chinese text in GBK is almost never valid UTF-8, and Chinese text in UTF-8 has characters of three bytes; a few short
words (支路, 联通) are valid in both and then tell themselves by being common characters in GBK.
"""

from __future__ import annotations

import codecs
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gis.errors import GisInputError
from gis.issues import DataIssue
from gis.sources.limits import load_file_limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from gis.errors import Param

UTF8, CHINESE, LAST_RESORT = "UTF-8", "GB18030", "ISO-8859-1"
CJK_ENCODINGS = {UTF8, CHINESE, "BIG5", "CP950", "BIG5-HKSCS"}
CHINESE_LANGUAGE_ID = 0x4D  # of the table's header: code page 936
SAMPLE_ROWS = 2000
_NAMES = {
    "65001": UTF8,
    "UTF8": UTF8,
    "936": CHINESE,
    "GBK": CHINESE,
    "GB2312": CHINESE,
    "CP936": CHINESE,
}


@dataclass(frozen=True)
class TextEncoding:
    """
    How the texts of a file are to be read.

    Attributes
    ----------
    stated
        What the file says, None when it says nothing.
    is_told
        The mapping file says it.
    sample
        A text with more than ASCII in it, as read; empty when there is none.
    """

    name: str
    stated: str | None = None
    is_told: bool = False
    sample: str = ""

    def issues(self, file: str) -> tuple[DataIssue, ...]:
        """Say what was concluded against the file's own word, or without one."""
        params: dict[str, Param] = {"used": self.name, "sample": self.sample}
        if self.is_told or not self.sample:
            return ()
        if self.stated is None:
            return (DataIssue("encoding-guessed", "warning", "", file, None, params),)
        if self.stated == self.name:
            return ()
        params["stated"] = self.stated
        return (DataIssue("encoding-wrong", "repaired", "", file, None, params, "encoding-used"),)


def known_encoding(name: str) -> str:
    """
    Give the name by which an encoding is read.

    Raises
    ------
    GisInputError
        `encoding-unknown`.
    """
    plain = _NAMES.get(name.strip().upper(), name.strip().upper())
    try:
        codecs.lookup(plain)
    except LookupError:
        raise GisInputError("encoding-unknown", encoding=name[:40]) from None
    return plain


def dbf_encoding(dbf: Path, told: str | None = None) -> TextEncoding:
    """Give the encoding to read a DBF with: told, stated in .cpg or header and borne out by the bytes, or by the bytes alone."""
    words = [word for word in _words(dbf) if not word.isascii()]
    if told is not None:
        return TextEncoding(told, is_told=True)
    stated = _stated(dbf)
    if not words:
        return TextEncoding(stated or UTF8, stated)
    name = _chosen(words, stated)
    sample = _lenient(max(words, key=len), name)[: load_file_limits().sample_characters]
    return TextEncoding(name, stated, sample=sample)


def text_encoding(content: bytes, told: str | None = None) -> TextEncoding:
    """Give the encoding of a whole text: a byte order mark, UTF-8 or GB18030 by validity, whatever else is told."""
    for mark, name in ((codecs.BOM_UTF8, "UTF-8-SIG"), (codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16")):  # fmt: skip
        if content.startswith(mark):
            return TextEncoding(name, name)
    if told is not None:
        return TextEncoding(told, is_told=True)
    for name in (UTF8, CHINESE):
        if _fits([content], name):
            return TextEncoding(name, None)
    raise LookupError(UTF8, CHINESE)


def _chosen(words: Sequence[bytes], stated: str | None) -> str:
    best = _best(words)
    if stated is None or not _fits(words, stated):
        return best
    if best == UTF8 and stated != UTF8 and _has_chinese(words, UTF8):
        return UTF8
    if stated not in CJK_ENCODINGS and best == CHINESE and all(_is_common_chinese(word) for word in words):
        return CHINESE  # a single-byte code page fits every content
    return stated


def _best(words: Sequence[bytes]) -> str:
    chinese = _fits(words, CHINESE)
    if _fits(words, UTF8):
        common = chinese and all(_is_common_chinese(word) for word in words)
        return CHINESE if common and not _has_chinese(words, UTF8) else UTF8
    return CHINESE if chinese else LAST_RESORT


def _has_chinese(words: Sequence[bytes], encoding: str) -> bool:
    return any(letter >= "\u2e80" for word in words for letter in _lenient(word, encoding))


def _is_common_chinese(word: bytes) -> bool:
    """Only ASCII and the 6,763 characters of GB 2312: both bytes from A1 on."""
    pairs = word.decode(CHINESE, "ignore")
    return all(
        letter.isascii() or (len(code := letter.encode(CHINESE)) == 2 and code[0] >= 0xB0 and code[1] >= 0xA1)
        for letter in pairs
    )


def _lenient(word: bytes, encoding: str) -> str:
    return word.decode(encoding, "ignore")


def _stated(dbf: Path) -> str | None:
    for cpg in (dbf.with_suffix(".cpg"), dbf.with_suffix(".CPG")):
        if cpg.is_file():
            name = cpg.read_text(encoding="latin-1").strip().upper()
            try:
                return known_encoding(name) if name else None
            except GisInputError:
                return None
    with dbf.open("rb") as stream:
        language_id = stream.read(32)[29:30]
    return CHINESE if language_id == bytes([CHINESE_LANGUAGE_ID]) else None


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


def _fits(words: Sequence[bytes], encoding: str) -> bool:
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
