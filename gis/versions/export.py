"""All layers of a version in one GeoPackage."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from gis.errors import GisInputError
from gis.files.geopackage import sync, write_issues, write_layers, write_table
from gis.schema import layers
from gis.versions.changes import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyproj import CRS

    from gis.issues import DataIssue
    from gis.network import Network
    from gis.versions.diff import LayerChange


def export_issues(issues: Sequence[DataIssue], crs: CRS | None, path: Path) -> None:
    """Write the issues of a version as a layer of points, for QGIS: kinds and repairs in words."""
    write_issues(issues, path, crs, in_words=True)
    sync(path)


def export_diff(changes: Mapping[str, LayerChange], path: Path) -> None:
    """
    Write `gis.versions.diff.change_versions` as layers `pipes_added`, `pipes_changed`, `pipes_removed`, and so on.

    A changed row holds its new values; `changed_fields` names what differs and `before` the old values as JSON.
    """
    for name, change in changes.items():
        changed = change.changed.assign(before=[_before(change, row) for row in range(len(change.changed))])
        for what, table in (("added", change.added), ("changed", changed), ("removed", change.removed)):
            if len(table) or name == "pipes":
                write_table(table, path, f"{name}_{what}", of=name)
    sync(path)


def _before(change: LayerChange, row: int) -> str:
    fields = change.changed["changed_fields"].iloc[row].split(", ")
    was = change.before.iloc[row]
    return json.dumps({f: plain(was[f]) for f in fields if f != "geometry"}, ensure_ascii=False)


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
