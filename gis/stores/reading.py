"""Layers and model file of one version in a database, read when asked for."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

from gis.crs import parse_crs
from gis.errors import WorkspaceError
from gis.schema import conform, empty_layer
from gis.stores.database import connected
from gis.stores.tables import read_table

if TYPE_CHECKING:
    import geopandas as gpd

    from gis.stores.address import DatabaseAddress
    from gis.version import VersionRecord


class VersionReader:
    """Reads the layers of one version when asked; its folder with the model file goes when it does."""

    def __init__(self, address: DatabaseAddress, record: VersionRecord) -> None:
        self._address = address
        self._record = record

    def __call__(self, name: str) -> gpd.GeoDataFrame:
        version, crs = self._record.version, parse_crs(self._record.crs)
        wanted = self._record.counts.get(name, 0)
        if not wanted:
            return empty_layer(name, crs)
        with connected(self._address) as connection:
            table = read_table(connection, name, version=version, crs=crs)
        if len(table) != wanted:
            problem = f"{len(table)} rows instead of {wanted}"
            raise unreadable(self._address, version, f"{name}_versions", problem)
        return conform(table, name)

    def keep(self, model: bytes) -> Path:
        folder = tempfile.mkdtemp(prefix="tapwright-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        file = Path(folder) / "model.inp"
        file.write_bytes(model)
        return file


def unreadable(address: DatabaseAddress, version: str, table: str, problem: str) -> WorkspaceError:
    """Give the error of a version of which something is missing or wrong."""
    return WorkspaceError("version-unreadable", version=version, file=f"{address} {table}", problem=problem)
