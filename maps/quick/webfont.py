"""
The few characters a page needs, cut out of our fonts as WOFF, so that Chinese names show on any machine.

Glyph numbers stay as they are and unused outlines become empty: a cut takes milliseconds where a full subsetter, which
renumbers and rebuilds every table, takes seconds.
"""

from __future__ import annotations

import base64
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FAMILY = "Tapwright Sans"
_KEPT = ("OS/2", "cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "post")
# Flags of a composite glyph's component (OpenType glyf table).
_WORDS, _SCALE, _MORE, _XY_SCALE, _TWO_BY_TWO = 0x1, 0x8, 0x20, 0x40, 0x80


def font_face(fonts: Path, text: str) -> str:
    """
    CSS that defines `FAMILY` for the characters of `text`, from NotoSansSC and, where that lacks them, NotoSansJP.

    Characters no font has are left to the reader's own fonts; a missing font file is skipped.
    """
    wanted = {ord(char) for char in text} | set(range(0x20, 0x7F))
    rules: list[str] = []
    for name in ("NotoSansSC-Regular.ttf", "NotoSansJP-Regular.ttf"):
        file = fonts / name
        if not wanted or not file.is_file():
            continue
        font, found = cut_font(file.read_bytes(), wanted)
        wanted -= found
        if found:
            ranges = ",".join(f"U+{point:X}" for point in sorted(found))
            data = base64.b64encode(font).decode("ascii")
            rules.append(
                f'@font-face{{font-family:"{FAMILY}";unicode-range:{ranges};src:url(data:font/woff;base64,{data})}}'
            )
    return "\n".join(rules)


def cut_font(font: bytes, characters: set[int]) -> tuple[bytes, set[int]]:
    """A TrueType font as WOFF with the outlines of these characters only, and those of them it has."""
    tables = _tables(font)
    glyph_of = _glyphs(tables["cmap"], characters)
    offsets = _offsets(tables)
    kept = _with_components(tables["glyf"], offsets, {0, *glyph_of.values()})
    tables = {name: tables[name] for name in _KEPT if name in tables}
    tables["glyf"], tables["loca"] = _outlines(tables["glyf"], offsets, kept)
    tables["hmtx"] = _widths(tables, kept)
    tables["cmap"] = _character_map(glyph_of)
    tables["head"] = tables["head"][:50] + struct.pack(">h", 1) + tables["head"][52:]  # long offsets
    return _woff(tables), set(glyph_of)


def _tables(font: bytes) -> dict[str, bytes]:
    (count,) = struct.unpack_from(">H", font, 4)
    entries = (struct.unpack_from(">4sIII", font, 12 + 16 * n) for n in range(count))
    return {tag.decode("ascii"): font[offset : offset + length] for tag, _, offset, length in entries}


def _glyphs(cmap: bytes, characters: set[int]) -> dict[int, int]:
    """Glyph of each character by the font's format 12 map."""
    (count,) = struct.unpack_from(">H", cmap, 2)
    for _, _, offset in (struct.unpack_from(">HHI", cmap, 4 + 8 * n) for n in range(count)):
        if struct.unpack_from(">H", cmap, offset)[0] == 12:
            (groups,) = struct.unpack_from(">I", cmap, offset + 12)
            first, last, glyph = (
                np.frombuffer(cmap, ">u4", groups * 3, offset + 16).reshape(-1, 3).astype(np.int64).T
            )
            points = np.array(sorted(characters), dtype=np.int64)
            row = np.clip(np.searchsorted(first, points, side="right") - 1, 0, None)
            has = (points >= first[row]) & (points <= last[row])
            found = glyph[row] + points - first[row]
            return {int(p): int(g) for p, g in zip(points[has], found[has], strict=True) if g}
    return {}


def _offsets(tables: dict[str, bytes]) -> NDArray[np.int64]:
    (long_offsets,) = struct.unpack_from(">h", tables["head"], 50)
    if long_offsets:
        return np.frombuffer(tables["loca"], ">u4").astype(np.int64)
    return np.frombuffer(tables["loca"], ">u2").astype(np.int64) * 2


def _with_components(glyf: bytes, offsets: NDArray[np.int64], glyphs: set[int]) -> list[int]:
    kept, open_glyphs = set(glyphs), list(glyphs)
    while open_glyphs:
        glyph = open_glyphs.pop()
        for part in _components(glyf[offsets[glyph] : offsets[glyph + 1]]):
            if part not in kept:
                kept.add(part)
                open_glyphs.append(part)
    return sorted(kept)


def _components(outline: bytes) -> list[int]:
    if len(outline) < 10 or struct.unpack_from(">h", outline)[0] >= 0:
        return []
    parts, at, more = [], 10, True
    while more:
        flags, glyph = struct.unpack_from(">HH", outline, at)
        parts.append(glyph)
        at += 8 if flags & _WORDS else 6
        at += 2 if flags & _SCALE else 4 if flags & _XY_SCALE else 8 if flags & _TWO_BY_TWO else 0
        more = bool(flags & _MORE)
    return parts


def _outlines(glyf: bytes, offsets: NDArray[np.int64], kept: list[int]) -> tuple[bytes, bytes]:
    """Glyph table and offsets with every other outline empty."""
    pieces, lengths = [], np.zeros(len(offsets) - 1, dtype=np.int64)
    for glyph in kept:
        outline = glyf[offsets[glyph] : offsets[glyph + 1]]
        pieces.append(outline + b"\0" * (-len(outline) % 4))
        lengths[glyph] = len(pieces[-1])
    starts = np.concatenate([[0], np.cumsum(lengths)])
    return b"".join(pieces), starts.astype(">u4").tobytes()


def _widths(tables: dict[str, bytes], kept: list[int]) -> bytes:
    """Advance widths, zero for unused glyphs so that they pack to nothing."""
    (count,) = struct.unpack_from(">H", tables["hhea"], 34)
    full = np.frombuffer(tables["hmtx"], ">u2", count * 2).reshape(-1, 2)
    used = np.zeros_like(full)
    rows = [glyph for glyph in kept if glyph < count]
    used[rows] = full[rows]
    used[-1] = full[-1]  # the last width holds for all glyphs after it
    return used.tobytes() + tables["hmtx"][count * 4 :]


def _character_map(glyph_of: dict[int, int]) -> bytes:
    groups = b"".join(struct.pack(">III", point, point, glyph) for point, glyph in sorted(glyph_of.items()))
    table = struct.pack(">HHIII", 12, 0, 16 + len(groups), 0, len(glyph_of)) + groups
    return struct.pack(">HHHHI", 0, 1, 3, 10, 12) + table


def _woff(tables: dict[str, bytes]) -> bytes:
    entries, bodies = [], []
    at, plain_size = 44 + 20 * len(tables), 12 + 16 * len(tables)
    for tag in sorted(tables):
        content = tables[tag]
        packed = zlib.compress(content, 9)
        body = packed if len(packed) < len(content) else content
        padded = content + b"\0" * (-len(content) % 4)
        total = int(np.frombuffer(padded, ">u4").sum(dtype=np.uint64)) & 0xFFFFFFFF
        entries.append(struct.pack(">4sIIII", tag.encode("ascii"), at, len(body), len(content), total))
        bodies.append(body + b"\0" * (-len(body) % 4))
        at += len(bodies[-1])
        plain_size += len(padded)
    head = struct.pack(
        ">4sIIHHIHHIIIII", b"wOFF", 0x00010000, at, len(tables), 0, plain_size, 1, 0, 0, 0, 0, 0, 0
    )
    return head + b"".join(entries) + b"".join(bodies)
