"""Export of a version in the format asked for, wholly or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.files.outputs import whole_file, whole_folder, whole_geodatabase
from gis.export.formats import FOLDERS, export_tables
from gis.schema import layers
from gis.sources.folder import SYNTHETIC_MARK
from gis.versions.export import export_version

if TYPE_CHECKING:
    from pathlib import Path

    from gis.network import Network

BY_SUFFIX = {".dxf": "dxf", ".gdb": "gdb"}


def export_network(network: Network, out: Path, *, form: str | None) -> dict[str, Any]:
    """
    Write a version to `out`: a folder for `survey` and `shp`, a file for `gpkg` and `dxf`, a .gdb for `gdb`.

    Without `form` the suffix of `out` decides, and a GeoPackage is the rule.
    """
    form = form or BY_SUFFIX.get(out.suffix.lower(), "gpkg")
    answer: dict[str, Any] = {
        "version": network.version,
        "file": str(out),
        "format": form,
        "left_out": [],
        "shapeless": {},
    }
    if form == "gpkg":
        with whole_file(out) as draft:
            return {**answer, "counts": export_version(network, draft)}
    tables = {name: network.layer(name) for name in layers()}
    target = whole_folder if form in FOLDERS else whole_geodatabase if form == "gdb" else whole_file
    with target(out) as draft:
        done = export_tables(tables, network.crs, draft, form=form)
        if form in FOLDERS and network.synthetic:
            (draft / SYNTHETIC_MARK).write_text("合成数据，仅供演示 / SYNTHETIC DATA\n", encoding="utf-8")
        written = {file.name for file in draft.iterdir()} if form in FOLDERS else set()
    if form == "shp":
        _clear_stale(out, written)
    return {
        **answer,
        "counts": dict(done.counts),
        "left_out": list(done.left_out),
        "shapeless": dict(done.shapeless),
    }


def _clear_stale(folder: Path, written: set[str]) -> None:
    """Shapefiles that an earlier export left for layers that are empty now would come back on the next import."""
    from gis.export.files import shapefile_names

    for name in shapefile_names() - written:
        (folder / name).unlink(missing_ok=True)
