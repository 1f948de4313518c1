"""
GeoPackages of strangers: looked through before GDAL opens them, by SQLite's own settings for files nobody trusts.

A file that was in use when it was copied has newer rows in its log (-wal); they are written into a copy.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from gis.errors import GisInputError
from gis.issues import DataIssue

if TYPE_CHECKING:
    from pathlib import Path

APPLICATION_IDS = {0x47504B47, 0x47503130, 0x47503131}  # GPKG, GP10, GP11
LOGS = ("-wal", "-journal")
WAL_MODE = b"\x02\x02"


def require_whole_geopackage(file: Path) -> None:
    """
    Refuse a GeoPackage with damaged pages, or a database that is none.

    Raises
    ------
    GisInputError
        `geopackage-damaged` with SQLite's finding.
    """
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as base:
            base.execute("PRAGMA trusted_schema = OFF")
            base.execute("PRAGMA cell_size_check = ON")
            base.execute("SELECT count(*) FROM gpkg_contents").fetchone()
            finding = "" if _logs(file) else str(base.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        raise GisInputError("geopackage-damaged", file=file.name, problem=str(error)[:200]) from None
    if finding not in {"", "ok"}:
        raise GisInputError("geopackage-damaged", file=file.name, problem=finding.splitlines()[-1][:200])


def _logs(file: Path) -> list[Path]:
    found = (file.with_name(file.name + suffix) for suffix in LOGS)
    return [log for log in found if log.is_file() and log.stat().st_size]


def with_log(file: Path, scratch: Path) -> tuple[Path, tuple[DataIssue, ...]]:
    """
    Give the file, or a copy into which its log is written where it has one.

    Raises
    ------
    GisInputError
        `geopackage-damaged`.
    """
    issues = _identity(file)
    logs = _logs(file)
    if not logs and not _uses_log(file):
        return file, issues
    copy = scratch / "x.gpkg"
    shutil.copyfile(file, copy)
    for log in logs:
        shutil.copyfile(log, copy.with_name(copy.name + log.name.removeprefix(file.name)))
    try:
        with closing(sqlite3.connect(copy)) as base:
            base.execute("PRAGMA trusted_schema = OFF")
            base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            base.execute("PRAGMA journal_mode = DELETE")
            finding = str(base.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        raise GisInputError("geopackage-damaged", file=file.name, problem=str(error)[:200]) from None
    if finding != "ok":
        raise GisInputError("geopackage-damaged", file=file.name, problem=finding.splitlines()[-1][:200])
    told = tuple(
        DataIssue("geopackage-log", "repaired", "", file.name, None, {"field": log.name}, "log-written-in") for log in logs
    )  # fmt: skip
    return copy, (*issues, *told)


def _head(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(100)


def _uses_log(file: Path) -> bool:
    return _head(file)[18:20] == WAL_MODE


def _identity(file: Path) -> tuple[DataIssue, ...]:
    number = int.from_bytes(_head(file)[68:72], "big")
    if number in APPLICATION_IDS:
        return ()
    params = {"field": f"0x{number:08X}"}
    return (DataIssue("geopackage-identity", "warning", "", file.name, None, params),)
