"""
What GDAL takes from a shapefile without a word: a missing index, counts that differ, headings cut inside a character.

The index (.shx) is rebuilt beside a temporary link to the parts, never beside the user's file.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from gis.errors import GisInputError
from gis.issues import DataIssue
from gis.sources.limits import load_file_limits

if TYPE_CHECKING:
    from pathlib import Path

    from gis.errors import Param

HEADER_BYTES = 100
PARTS = (".shp", ".shx", ".dbf", ".prj")


def part(file: Path, suffix: str) -> Path | None:
    """Give a part of a shapefile whatever the case of its suffix, None when it is missing."""
    return next(
        (found for s in (suffix, suffix.upper()) if (found := file.with_suffix(s)).is_file()),
        None,
    )


def require_parts(file: Path) -> None:
    """
    Refuse a shapefile that cannot be whole.

    Raises
    ------
    GisInputError
        `shapefile-part-missing` without its table; `shapefile-too-large`, `shapefile-cut-short`, `shapefile-counts`.
    """
    table = part(file, ".dbf")
    if table is None:
        raise GisInputError("shapefile-part-missing", file=file.name, part=file.with_suffix(".dbf").name)
    limit = load_file_limits().shapefile_part_bytes
    for one in filter(None, (part(file, suffix) for suffix in PARTS)):
        size = one.stat().st_size
        if size > limit:
            raise GisInputError(
                "shapefile-too-large", file=one.name, size_mb=round(size / 1e6), limit_mb=round(limit / 1e6)
            )
    _require_counts(file, table)


def _require_counts(file: Path, table: Path) -> None:
    stated, there = _rows(table)
    index = part(file, ".shx")
    shapes = (index.stat().st_size - HEADER_BYTES) // 8 if index is not None else len(_records(file))
    if stated != shapes or there < stated:
        raise GisInputError(
            "shapefile-counts", file=file.name, shapes=shapes, stated=stated, records=max(there, 0)
        )


def _rows(table: Path) -> tuple[int, int]:
    """Rows that the header of the table states, and rows that are there, the stated ones at most where all are there."""
    with table.open("rb") as stream:
        head = stream.read(32)
    if len(head) < 32:
        raise GisInputError("file-unreadable", file=table.name, problem=f"{len(head)} bytes")
    stated, head_bytes, row_bytes = struct.unpack("<IHH", head[4:12])
    there = (table.stat().st_size - head_bytes) // max(row_bytes, 1)
    return stated, there


def _records(file: Path) -> list[tuple[int, int]]:
    """Offset and length of each record in 16-bit words, as the index holds them."""
    size, at = file.stat().st_size, HEADER_BYTES
    found: list[tuple[int, int]] = []
    with file.open("rb") as stream:
        while at + 8 <= size:
            stream.seek(at)
            words = struct.unpack(">i", stream.read(8)[4:])[0]
            if words < 2 or at + 8 + 2 * words > size:
                raise GisInputError("shapefile-cut-short", file=file.name, row=len(found) + 1)
            found.append((at // 2, words))
            at += 8 + 2 * words
    return found


def with_index(file: Path, scratch: Path) -> tuple[Path, tuple[DataIssue, ...]]:
    """Give the file, or a link to it with a rebuilt index where it has none."""
    if part(file, ".shx") is not None:
        return file, ()
    records = _records(file)
    for suffix in (".shp", ".dbf", ".prj"):
        found = part(file, suffix)
        if found is not None:
            (scratch / f"x{suffix}").symlink_to(found.absolute())
    with file.open("rb") as stream:
        head = bytearray(stream.read(HEADER_BYTES))
    head[24:28] = struct.pack(">i", (HEADER_BYTES + 8 * len(records)) // 2)
    body = b"".join(struct.pack(">ii", offset, words) for offset, words in records)
    (scratch / "x.shx").write_bytes(bytes(head) + body)
    params: dict[str, Param] = {"count": len(records), "field": file.with_suffix(".shx").name}
    return scratch / "x.shp", (
        DataIssue("shapefile-index", "repaired", "", file.name, None, params, "index-rebuilt"),
    )


def whole_characters(content: bytes, encoding: str) -> str:
    """Decode; what is left of a character cut off at the end is dropped, and nothing else."""
    for cut in range(4):
        try:
            return content[: len(content) - cut].decode(encoding).strip()
        except UnicodeDecodeError:
            continue
    return content.decode(encoding, "replace").strip()


def decoded(frame: Any, encoding: str, file: str) -> tuple[Any, tuple[DataIssue, ...]]:
    """Give a table that was read as Latin-1 in its true encoding; texts and headings cut inside a character keep the rest."""
    cut: list[str] = []

    def text(value: Any) -> Any:
        if not isinstance(value, str) or value.isascii():
            return value
        content = value.encode("latin-1")
        found = whole_characters(content, encoding)
        if found.encode(encoding, "replace") != content.strip():
            cut.append(found)
        return found

    names = {column: text(column) for column in frame.columns}
    for column in frame.columns:
        if frame[column].dtype == object or str(frame[column].dtype) in {"str", "string"}:
            frame[column] = frame[column].map(text)
    frame = frame.rename(columns=names)
    if not cut:
        return frame, ()
    params: dict[str, Param] = {"count": len(cut), "field": cut[0][:40]}
    return frame, (DataIssue("text-cut-inside", "repaired", "", file, None, params, "character-dropped"),)
