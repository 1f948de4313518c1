"""What may be uploaded: sizes, numbers, kinds and names of files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

from api.errors import CallError
from gis.files.shipped import shipped_table

LONGEST_PART_BYTES = 200
_DEVICE = re.compile(r"(con|prn|aux|nul|clock\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)


@dataclass(frozen=True)
class UploadLimits:
    """See data/uploads.toml."""

    most_file_bytes: int
    most_draft_bytes: int
    most_files: int
    most_drafts: int
    spare_disk_bytes: int
    kept_days: int
    most_mapping_characters: int
    suffixes: frozenset[str]
    names: frozenset[str]


@cache
def load_upload_limits() -> UploadLimits:
    """Read data/uploads.toml."""
    given = shipped_table("api", "uploads.toml")
    return UploadLimits(
        **{**given, "suffixes": frozenset(given["suffixes"]), "names": frozenset(given["names"])}
    )


def safe_name(text: str) -> PurePosixPath:
    """
    Give the place of a file among the sources: its name, or the name of a geodatabase folder and its name.

    The readers know tables by the names of their files, so names are kept; one that could lead anywhere else, hide,
    or mean a device is refused.

    Raises
    ------
    CallError
        `upload-name` for an unsafe name, `upload-kind` for a file that is no source and no part of one.
    """
    parts = text.split("/")
    nested = len(parts) == 2 and parts[0].lower().endswith(".gdb")
    if not (len(parts) == 1 or nested) or not all(_is_safe(part) for part in parts):
        raise CallError("upload-name", name=_shown(text))
    limits = load_upload_limits()
    name = parts[-1].lower()
    if PurePosixPath(name).suffix not in limits.suffixes and not (nested and name in limits.names):
        raise CallError("upload-kind", name=_shown(text))
    return PurePosixPath(*parts)


def _is_safe(part: str) -> bool:
    return (
        bool(part.strip())
        and part == part.strip()
        and not part.startswith(".")
        and not part.endswith(".")
        and len(part.encode(errors="surrogateescape")) <= LONGEST_PART_BYTES
        and all(letter.isprintable() and letter not in '\\/:*?"<>|' for letter in part)
        and not _DEVICE.fullmatch(part)
    )


def _shown(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:120]
