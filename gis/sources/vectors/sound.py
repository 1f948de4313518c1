"""A vector file as GDAL may safely read it: a rebuilt index, a log written in, plain UTF-8 JSON; never the user's file."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pyogrio

from gis.files.gdal import remarks_of_gdal
from gis.issues import DataIssue
from gis.sources.encoding import dbf_encoding
from gis.sources.vectors.esri import EsriFields, geodatabase_fields, is_rest_answer, rest_fields
from gis.sources.vectors.geopackage_file import with_log
from gis.sources.vectors.json_file import sound_json
from gis.sources.vectors.shapefile import decoded, part, with_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.sources.raw import TableRef


@dataclass(frozen=True)
class SoundSource:
    """
    What GDAL is given for a table.

    Attributes
    ----------
    encoding
        Of the texts, where GDAL has to be told.
    """

    source: str
    layer: str | None = None
    encoding: str | None = None
    esri: EsriFields = field(default_factory=EsriFields)
    issues: tuple[DataIssue, ...] = ()

    def frame(self, file: str, max_rows: int | None) -> tuple[Any, tuple[DataIssue, ...]]:
        """Read the table; what GDAL remarks and what was mended in its texts are issues."""
        with remarks_of_gdal() as remarks:
            found, mended = self._frame(file, max_rows)
        told = (DataIssue("file-remark", "warning", "", file, None, {"field": text}) for text in remarks)
        return found, (*self.issues, *mended, *told)

    def _frame(self, file: str, max_rows: int | None) -> tuple[Any, tuple[DataIssue, ...]]:
        options: dict[str, Any] = {"max_features": max_rows}
        if self.layer is not None:
            options["layer"] = self.layer
        if self.encoding is None:
            return pyogrio.read_dataframe(self.source, **options), ()
        try:
            return pyogrio.read_dataframe(self.source, encoding=self.encoding, **options), ()
        except UnicodeDecodeError:  # a heading or a text that ends inside a character
            frame = pyogrio.read_dataframe(self.source, encoding="ISO-8859-1", **options)
        return decoded(frame, self.encoding, file)


@contextmanager
def sound_source(ref: TableRef) -> Iterator[SoundSource]:
    """
    Give a table's file as GDAL may read it, for as long as the context lasts.

    Raises
    ------
    GisInputError
        Of the families: `shapefile-…`, `json-…`, `rest-refused`, `file-unreadable`.
    """
    with TemporaryDirectory(prefix="tapwright-") as scratch:
        yield _sound(ref, Path(scratch))


def _sound(ref: TableRef, scratch: Path) -> SoundSource:
    file, suffix = ref.file, ref.file.suffix.lower()
    if suffix == ".shp":
        encoding = dbf_encoding(part(file, ".dbf") or file.with_suffix(".dbf"), ref.encoding)
        source, issues = with_index(file, scratch)
        issues += encoding.issues(file.name)
        return SoundSource(str(source), encoding=encoding.name, issues=issues)
    if suffix == ".gpkg":
        source, issues = with_log(file, scratch)
        return SoundSource(str(source), layer=ref.name, issues=issues)
    if suffix == ".gdb":
        return SoundSource(str(file), layer=ref.name, esri=geodatabase_fields(file, ref.name))
    if is_rest_answer(file):
        esri, issues = rest_fields(file)
        return SoundSource(f"ESRIJSON:{file}", esri=esri, issues=issues)
    source, issues = sound_json(file, scratch, told=ref.encoding)
    return SoundSource(f"GeoJSON:{source}", issues=issues)
