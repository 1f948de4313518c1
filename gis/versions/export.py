"""All layers of a version in one GeoPackage."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from gis.errors import GisInputError
from gis.geopackage import sync, write_issues, write_layers, write_table
from gis.schema import layers
from gis.versions.diff import change_layer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyproj import CRS

    from gis.issues import DataIssue
    from gis.network import Network


def export_issues(issues: Sequence[DataIssue], crs: CRS | None, path: Path) -> None:
    """Write the issues of a version as a layer of points, for QGIS."""
    write_issues(issues, path, crs)
    sync(path)


def export_diff(old: Network, new: Network, path: Path) -> None:
    """Write the rows of `gis.versions.diff.change_layer` as layers `pipes_added`, `pipes_changed`, `pipes_removed`, and so on."""
    for name in layers():
        change = change_layer(old, new, name)
        for what in ("added", "changed", "removed"):
            table = getattr(change, what)
            if len(table) or name == "pipes":
                write_table(table, path, f"{name}_{what}", of=name)
    sync(path)


def export_version(network: Network, path: Path) -> dict[str, int]:
    """
    Write the layers that have rows, wholly or not at all; gives their counts.

    Raises
    ------
    GisInputError
        `export-folder-missing` when there is no folder to write into.
    """
    if not path.parent.is_dir():
        raise GisInputError("export-folder-missing", file=str(path))
    tables = {name: network.layer(name) for name in layers()}
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".tapwright-") as folder:
        draft = Path(folder) / f"{path.stem}.gpkg"
        write_layers(tables, draft)
        sync(draft)
        draft.replace(path)
    return {name: len(table) for name, table in tables.items() if len(table)}
