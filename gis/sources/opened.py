"""Sources made ready to read: zips unpacked, databases copied, for as long as they are needed."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gis.progress import SILENT, Progress
from gis.sources.archive import load_archive_limits, unpack, unpacked
from gis.sources.folder import is_geodatabase, readable_files
from gis.sources.postgis.address import DatabaseSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gis.sources.postgis.address import Source


@contextmanager
def opened(
    sources: Sequence[Source], *, max_rows: int | None = None, progress: Progress = SILENT
) -> Iterator[list[Path]]:
    """
    Give files and folders that hold what the sources hold, in the same order; gone afterwards.

    `max_rows` bounds what is copied of each table of a database.

    Raises
    ------
    GisInputError
        As `gis.sources.archive.unpacked` and `gis.sources.postgis.download.download`.
    SourceError
        A database that does not answer.
    """
    with tempfile.TemporaryDirectory(prefix="tapwright-") as scratch:
        folders: list[Path] = []
        for number, source in enumerate(sources):
            if isinstance(source, DatabaseSource):
                from gis.sources.postgis.download import download

                folder = Path(scratch) / str(number) / (source.name.replace("/", "_") or "postgresql")
                download(source, folder, max_rows=max_rows, progress=progress)
                folders.append(folder)
            elif zips := _only_zips(source):
                folder = Path(scratch) / str(number) / (source.name or "zips")
                for file in zips:
                    unpack(file, folder / file.name, load_archive_limits())
                folders.append(folder)
            else:
                folders.append(source)
        with unpacked(folders) as ready:
            yield ready


def _only_zips(path: Path) -> list[Path]:
    """
    Give the zips of a folder that holds no other data.

    Beside other data they are as a rule the same once more, packed: they are left out by name then.
    """
    if not path.is_dir() or is_geodatabase(path):
        return []
    zips = sorted(file for file in path.rglob("*") if file.suffix.lower() == ".zip" and file.is_file())
    return zips if zips and not readable_files(path) else []
