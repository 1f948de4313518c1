"""Zips of sources: looked through before anything is unpacked, refused as a whole when anything in them is unsafe."""

from __future__ import annotations

import re
import stat
import struct
import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from gis.errors import GisInputError
from gis.files.shipped import shipped_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ARCHIVE_SUFFIXES = {".zip", ".rar", ".7z", ".kmz"}
OTHER_ARCHIVES = {b"Rar!": "RAR", b"7z\xbc\xaf\x27\x1c": "7z", b"\x1f\x8b": "gzip"}
UTF8_NAME, ENCRYPTED = 0x800, 0x1
CHUNK_BYTES = 1 << 20
END_BYTES = (
    22 + 65535 + 76
)  # end of the directory with the longest comment, and what stands before it in a large zip
LONGEST_ENTRY_BYTES = 1024
_DEVICE = re.compile(r"(con|prn|aux|nul|clock\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_LITTER = {"__macosx", ".ds_store", "thumbs.db"}
# What Python's reader of zips raises at a damaged or unusual one; NotImplementedError is a compression it lacks.
ZIP_FAILURES = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


@dataclass(frozen=True)
class ArchiveLimits:
    """What a zip may hold at most; sizes in bytes, ratio unpacked to packed."""

    max_unpacked_bytes: int
    max_entries: int
    max_ratio: int
    ratio_from_bytes: int


def load_archive_limits() -> ArchiveLimits:
    """Read data/archive.toml."""
    return ArchiveLimits(**shipped_table("gis", "archive.toml"))


@contextmanager
def unpacked(paths: Sequence[Path], *, limits: ArchiveLimits | None = None) -> Iterator[list[Path]]:
    """
    Give the paths with every zip replaced by a folder of its name, which is gone afterwards.

    Raises
    ------
    GisInputError
        `archive-...` for an unsafe, encrypted, nested, oversized or ambiguous zip, `file-unreadable` for a broken one.
    """
    limits = limits or load_archive_limits()
    with tempfile.TemporaryDirectory(prefix="tapwright-") as scratch:
        yield [
            unpack(path, Path(scratch) / str(number) / path.name, limits)
            if path.suffix.lower() in ARCHIVE_SUFFIXES and path.is_file()
            else path
            for number, path in enumerate(paths)
        ]


def unpack(file: Path, folder: Path, limits: ArchiveLimits) -> Path:
    """Unpack a zip into a folder that is made, and give it; raises as `unpacked`."""
    _require_zip(file)
    _require_few_entries(file, limits)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = _checked(archive, file, limits)
            folder.mkdir(parents=True)
            left = limits.max_unpacked_bytes
            for name, entry in entries.items():
                left -= _write(archive, entry, folder / name, left, file)
    except ZIP_FAILURES as error:
        raise GisInputError("file-unreadable", file=file.name, problem=str(error)[:200]) from None
    return folder


def _require_zip(file: Path) -> None:
    with file.open("rb") as stream:
        start = stream.read(8)
    for signature, kind in OTHER_ARCHIVES.items():
        if start.startswith(signature):
            raise GisInputError("archive-other-kind", file=file.name, kind=kind)
    if file.suffix.lower() != ".zip":
        raise GisInputError("archive-other-kind", file=file.name, kind=file.suffix[1:].upper())


def _require_few_entries(file: Path, limits: ArchiveLimits) -> None:
    """The directory of a million entries takes half a minute to read, so its own end is looked at first."""
    size = file.stat().st_size
    with file.open("rb") as stream:
        stream.seek(max(size - END_BYTES, 0))
        tail = stream.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) < at + 22:
            return  # no zip: told when it is opened
        count, length = struct.unpack_from("<HI", tail, at + 10)
        large = tail.rfind(b"PK\x06\x07", 0, at)
        if large >= 0 and (count == 0xFFFF or length == 0xFFFFFFFF):
            stream.seek(min(struct.unpack_from("<Q", tail, large + 8)[0], size))
            record = stream.read(56)
            if len(record) == 56:
                count, length = struct.unpack_from("<QQ", record, 32)
    count = max(count, length // LONGEST_ENTRY_BYTES)
    if count > limits.max_entries:
        raise GisInputError("archive-entries", file=file.name, count=count, limit=limits.max_entries)


def _checked(
    archive: zipfile.ZipFile, file: Path, limits: ArchiveLimits
) -> Mapping[PurePosixPath, zipfile.ZipInfo]:
    """Files to write by their place in the folder; a folder that holds everything is passed over."""
    infos = archive.infolist()
    if len(infos) > limits.max_entries:
        raise GisInputError("archive-entries", file=file.name, count=len(infos), limit=limits.max_entries)
    _require_size(infos, file, limits)
    _require_no_overlap(infos, file)
    entries: dict[PurePosixPath, zipfile.ZipInfo] = {}
    seen: set[str] = set()
    for info in infos:
        place = _place(info, file)
        if info.is_dir() or any(part.casefold() in _LITTER for part in place.parts):
            continue
        if info.flag_bits & ENCRYPTED:
            raise GisInputError("archive-encrypted", file=file.name)
        if place.suffix.lower() in ARCHIVE_SUFFIXES:
            raise GisInputError("archive-nested", file=file.name, entry=str(place))
        if str(place).casefold() in seen:
            raise GisInputError("archive-entry-twice", file=file.name, entry=str(place))
        seen.add(str(place).casefold())
        entries[place] = info
    _require_one_name_each(entries, file)
    return _without_common_folder(entries)


def _require_size(infos: Sequence[zipfile.ZipInfo], file: Path, limits: ArchiveLimits) -> None:
    total = sum(info.file_size for info in infos)
    packed = max(file.stat().st_size, 1)
    if total > limits.max_unpacked_bytes or (
        total > limits.ratio_from_bytes and total > limits.max_ratio * packed
    ):
        raise GisInputError(
            "archive-too-large", file=file.name, packed_mb=round(packed / 1e6, 3), unpacked_mb=round(total / 1e6, 1),
            limit_mb=round(limits.max_unpacked_bytes / 1e6), ratio=limits.max_ratio,
        )  # fmt: skip


def _require_no_overlap(infos: Sequence[zipfile.ZipInfo], file: Path) -> None:
    end = 0
    for info in sorted(infos, key=lambda one: one.header_offset):
        if info.header_offset < end:
            raise GisInputError("archive-entry-unsafe", file=file.name, entry=_shown(_name(info)))
        end = info.header_offset + info.compress_size


def _name(info: zipfile.ZipInfo) -> str:
    """Windows programs write names in GBK without saying so."""
    if info.flag_bits & UTF8_NAME:
        return info.orig_filename
    try:
        content = info.orig_filename.encode("cp437")
    except UnicodeEncodeError:
        return info.orig_filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.orig_filename


def _place(info: zipfile.ZipInfo, file: Path) -> PurePosixPath:
    name = _name(info).replace("\\", "/")
    parts = name.rstrip("/").split("/")
    unsafe = (
        name.startswith("/")
        or any(part in {"", ".", ".."} or ":" in part or _DEVICE.fullmatch(part.strip()) for part in parts)
        or any(ord(letter) < 32 for letter in name)
        or any(len(part.encode()) > 255 for part in parts)
        or stat.S_IFMT(info.external_attr >> 16) not in {0, stat.S_IFREG, stat.S_IFDIR}
    )
    if unsafe:
        raise GisInputError("archive-entry-unsafe", file=file.name, entry=_shown(name))
    return PurePosixPath(*parts)


def _shown(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:120]


def _require_one_name_each(entries: Mapping[PurePosixPath, zipfile.ZipInfo], file: Path) -> None:
    """Two shapefiles of one name: nobody can tell which is meant, nor which is which afterwards."""
    first: dict[str, PurePosixPath] = {}
    for place in entries:
        if place.suffix.lower() == ".shp":
            other = first.setdefault(place.name.casefold(), place)
            if other != place:
                raise GisInputError("archive-same-name", file=file.name, first=str(other), second=str(place))


def _without_common_folder(
    entries: Mapping[PurePosixPath, zipfile.ZipInfo],
) -> Mapping[PurePosixPath, zipfile.ZipInfo]:
    tops = {place.parts[0] for place in entries}
    if (
        len(tops) != 1
        or any(len(place.parts) == 1 for place in entries)
        or ".gdb" in next(iter(tops)).lower()
    ):
        return entries
    return {PurePosixPath(*place.parts[1:]): info for place, info in entries.items()}


def _write(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, left_bytes: int, file: Path) -> int:
    """Write one file and give its size; what is counted is what comes out, not what the zip states."""
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with archive.open(info) as source, target.open("xb") as stream:
        while chunk := source.read(CHUNK_BYTES):
            written += len(chunk)
            if written > min(left_bytes, info.file_size):
                raise GisInputError("archive-entry-unsafe", file=file.name, entry=_shown(info.filename))
            stream.write(chunk)
    return written
