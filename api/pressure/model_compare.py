"""`tapwright model compare`: an EPANET file laid over the pipes of a workspace, the differences listed and drawn."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from api.positions import wire_position
from gis.messages import Text
from hydraulics.association.differences import KINDS, compared
from hydraulics.association.match import load_terms
from hydraulics.inp.importing import import_inp

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from gis.network import Network
    from gis.progress import Progress
    from hydraulics.association.differences import Compared

_FIGURES = {
    "model_bore_m": ("model_diameter_mm", 1000.0, 1), "gis_bore_m": ("gis_diameter_mm", 1000.0, 1),
    "model_length_m": ("model_length_m", 1.0, 2), "gis_length_m": ("gis_length_m", 1.0, 2),
    "share": ("share", 1.0, 3), "away_m": ("distance_m", 1.0, 2),
}  # fmt: skip


def compare_model(
    network: Network, file: Path, *, crs: str | None, out: Path | None, progress: Progress
) -> dict[str, Any]:
    """
    Give the document of the command; with `out` also a GeoPackage of the associations and the differences.

    Without `crs` the file's positions are taken to be in the workspace's own plane.

    Raises
    ------
    ModelInputError
        EPANET refuses the file, it has no positions, or it does not lie on the pipes.
    """
    started_s = time.perf_counter()
    own = None if network.crs is None else network.crs.to_string()
    candidate = import_inp(file, crs=crs if crs is not None else own, progress=progress)
    model = candidate.layers["pipes"]
    if network.crs is not None and model.crs is not None:
        model = model.to_crs(network.crs)
    valves = network.layer("valves")
    shut = set(valves["pipe_id"][valves["state"] == "closed"].dropna().astype(str))
    result = compared(model, network.pipes, shut_pipes=shut)
    if out is not None:
        write_compared(result, out)
    return _document(network, file.name, result, seconds=time.perf_counter() - started_s)


def write_compared(result: Compared, out: Path) -> None:
    """Write the layers `associations` and `differences`, wholly or not at all."""
    from api.files.outputs import whole_file
    from gis.files.geopackage import write_table

    with whole_file(out) as draft:
        for name, table in (("associations", result.associations), ("differences", result.differences)):
            write_table(table, draft, name, of="pipes")


def _document(network: Network, name: str, result: Compared, *, seconds: float) -> dict[str, Any]:
    kinds = result.differences["kind"].value_counts()
    covered = result.associations["share"] >= load_terms().covered_share
    return {
        "model": name,
        "network_version": network.version,
        "model_pipes": len(result.associations),
        "associated": int(covered.sum()),
        "model_length_m": round(result.model_length_m, 1),
        "model_covered_m": round(result.model_covered_m, 1),
        "gis_length_m": round(result.gis_length_m, 1),
        "gis_covered_m": round(result.gis_covered_m, 1),
        "counts": {kind: int(kinds.get(kind, 0)) for kind in KINDS},
        "differences": _differences(network, result.differences),
        "seconds": round(seconds, 2),
    }


def _differences(network: Network, table: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    lines = table.geometry.to_numpy()
    middles = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    columns = {
        key: (table[column].to_numpy(np.float64) * scale).round(digits)
        for column, (key, scale, digits) in _FIGURES.items()
    }
    rows = []
    for n, kind in enumerate(table["kind"]):
        ids = {key: _id(table[key].iloc[n]) for key in ("model_pipe_id", "gis_pipe_id")}
        figures = {key: None if np.isnan(v[n]) else float(v[n]) for key, v in columns.items()}
        text = Text("hydraulics", f"difference.{kind}", {**ids, **figures})
        place = middles[n]
        rows.append({
            "kind": kind, **ids, **figures,
            "position": None if place is None else list(wire_position(network, (place.x, place.y))),
            "text": text.render("zh"), "text_en": text.render("en"),
        })  # fmt: skip
    return rows


def _id(value: Any) -> str | None:
    return value if isinstance(value, str) else None
