"""Which characters the document fonts can print, so that no name is lost in silence."""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from functools import cache
from typing import TYPE_CHECKING, Any

from design.errors import DesignDataError

if TYPE_CHECKING:
    from pathlib import Path

# Printed as they are without asking the fonts: what Noto Sans SC covers whole, Extension A among it.
_ORDINARY = re.compile(
    r"[\n\x20-\x7e\xa0-\xff\u2010-\u2016\u2018-\u201a\u201c-\u201e\u3000-\u303f\u3400-\u4db5\u4e00-\u9fea\uff01-\uff5e]*"
)
# A run of signs too long for a table cell (a hash, a path) may break where no space is.
_LONG_RUN = re.compile(r"[^\s\u2e80-\uffff]{34,}")
_PIECE = re.compile(r".{1,11}")
_FULL_TABLE = 12  # cmap format with all planes
_BREAK = "\u200b"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def font_files(fonts: Path) -> list[Path]:
    """
    The TTF files of the font folder.

    Raises
    ------
    DesignDataError
        `document-fonts-missing`: the folder holds none.
    """
    found = sorted(fonts.glob("*.ttf"))
    if not found:
        raise DesignDataError("document-fonts-missing", folder=str(fonts))
    return found


def printable(document: Any, fonts: Path) -> tuple[Any, list[str]]:
    """
    The same JSON value, fit for paper, and the code points that no font can show.

    Such a character stands as its code point, 〔U+2A6D6〕; control characters go; very long runs may break.
    """
    strange = {char for text in _texts(document) if not _ORDINARY.fullmatch(text) for char in text}
    strange = {char for char in strange if not _ORDINARY.fullmatch(char) and not _CONTROL.match(char)}
    points = sorted(_uncovered({ord(char) for char in strange}, fonts))
    missing = {point: f"〔U+{point:04X}〕" for point in points}
    return _cleaned(document, missing), [f"U+{point:04X}" for point in points]


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    return [text for inner in value for text in _texts(inner)] if isinstance(value, list | tuple) else []


def _uncovered(points: set[int], fonts: Path) -> set[int]:
    """Those no font has; the fonts are opened one after the other, as few as needed."""
    left = set(points)
    for path in font_files(fonts):
        if left and "Bold" not in path.name:
            ranges = _coverage(path, path.stat().st_mtime_ns)
            left = {point for point in left if not _in_ranges(point, ranges)}
    return left


@cache
def _coverage(path: Path, changed_ns: int) -> tuple[tuple[int, int], ...]:
    """First and last code point of every run a font covers, from the full table of its cmap (format 12)."""
    from fontTools.ttLib import TTFont

    del changed_ns
    with TTFont(path, lazy=True) as font:
        data = font.reader["cmap"]
    found: list[tuple[int, int]] = []
    for number in range(int.from_bytes(data[2:4], "big")):
        at = int.from_bytes(data[4 + 8 * number + 4 : 4 + 8 * number + 8], "big")
        if int.from_bytes(data[at : at + 2], "big") == _FULL_TABLE:
            count = int.from_bytes(data[at + 12 : at + 16], "big")
            runs = struct.iter_unpack(">III", data[at + 16 : at + 16 + 12 * count])
            found += [(first, last) for first, last, _ in runs]
    return tuple(sorted(set(found)))


def _in_ranges(point: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    at = bisect_right(ranges, (point, 0x110000)) - 1
    return at >= 0 and ranges[at][0] <= point <= ranges[at][1]


def _cleaned(value: Any, missing: dict[int, str]) -> Any:
    if isinstance(value, str):
        plain = _CONTROL.sub("", value.replace("\t", " ").replace("\r", "\n")).translate(missing)
        return _LONG_RUN.sub(lambda run: _BREAK.join(_PIECE.findall(run[0])), plain)
    if isinstance(value, dict):
        return {key: _cleaned(inner, missing) for key, inner in value.items()}
    return [_cleaned(inner, missing) for inner in value] if isinstance(value, list | tuple) else value
