"""GIS layers of an EPANET file: lengths in metres, positions as the file has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from gis.schema import conform
from hydraulics.epanet.codes import LinkKind
from hydraulics.inp.content import RESERVOIR
from hydraulics.inp.device_layers import check_valves, pump_columns, tank_columns, valve_settings

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

    from hydraulics.inp.content import FileContent
    from hydraulics.results import FloatArray
    from hydraulics.tables import ModelTables

    IntArray = NDArray[np.int64]

_KIND_WORDS = np.array(["junction", "reservoir", "tank"], dtype=object)


def pipe_layer(content: FileContent, crs: CRS | None) -> gpd.GeoDataFrame:
    """Pipes; material unknown, the length of the file and not that of the drawing."""
    rows = content.pipes
    bores_m = content.diameter_m[rows]
    return _layer(
        "pipes",
        {
            **_ends(content, rows),
            "pipe_id": _ids(content.link_ids, rows),
            "dn": np.round(bores_m * 1000.0),
            "inner_diameter_m": bores_m,
            "length_m": content.length_m[rows],
            "roughness_c": content.roughness_c[rows],
            **_friction(content, rows),
            "loss_k": content.loss_k[rows],
            "status": np.where(content.is_open[rows], "open", "closed"),
        },
        _lines(content, rows),
        crs,
    )


def _friction(content: FileContent, rows: IntArray) -> dict[str, FloatArray]:
    """Roughness of a law other than Hazen-Williams, as the layers carry it."""
    figures = content.roughness_factor[rows]
    if content.formula == "D-W":
        return {"wall_roughness_m": figures / 1000.0}
    return {"manning_n": figures} if content.formula == "C-M" else {}


def node_layer(content: FileContent, crs: CRS | None) -> gpd.GeoDataFrame:
    """Junctions, reservoirs and tanks; a reservoir of a model has a head and no ground."""
    ground_m = np.where(content.node_kinds == RESERVOIR, np.nan, content.elevation_m)
    return _layer(
        "nodes",
        {
            "node_id": content.node_ids,
            "kind": _KIND_WORDS[content.node_kinds],
            "elevation_m": ground_m,
            "demand_m3s": content.demand_m3s,
        },
        _points(content.position_xy),
        crs,
    )


def valve_layer(
    content: FileContent, crs: CRS | None, *, peak: ModelTables | None = None
) -> gpd.GeoDataFrame:
    """Regulating valves, which a model has as links, at the middle between their nodes; and pipes with check valves."""
    rows, checks = content.valves, check_valves(content)
    ends = content.link_ends[rows]
    names = _ids(content.link_ids, rows)
    every = np.concatenate([rows, np.array(checks["row"], dtype=np.int64)])
    columns: dict[str, list[Any]] = {
        "valve_id": [*names, *checks["valve_id"]],
        "node_id": [*_ids(content.node_ids, ends[:, 0]), *checks["node_id"]],
        "to_node_id": [*_ids(content.node_ids, ends[:, 1]), *checks["to_node_id"]],
        "pipe_id": [*_neighbour_pipes(content, ends), *checks["pipe_id"]],
        "dn": np.round(content.diameter_m[every] * 1000.0).tolist(),
        "inner_diameter_m": content.diameter_m[every].tolist(),
        "kind": [
            *(LinkKind(kind).name for kind in content.link_kinds[rows]),
            *(["check"] * len(checks["row"])),
        ],
        "state": [
            *np.where(content.is_open[rows], "open", "closed").tolist(),
            *(["open"] * len(checks["row"])),
        ],
    }
    blank = [None] * len(checks["row"])
    settings = valve_settings(names, peak)
    columns |= {
        key: [*values, *(["open"] * len(blank) if key == "state" else blank)]
        for key, values in settings.items()
    }
    return _layer("valves", columns, _points(content.position_xy[content.link_ends[every]].mean(axis=1)), crs)


def pump_layer(content: FileContent, crs: CRS | None, *, peak: ModelTables | None = None) -> gpd.GeoDataFrame:
    """Pumps, which a model has as links, at the middle between their nodes."""
    rows = np.flatnonzero(content.link_kinds == LinkKind.PUMP)
    places = _points(content.position_xy[content.link_ends[rows]].mean(axis=1))
    return _layer("pumps", pump_columns(content, peak), places, crs)


def source_layer(
    content: FileContent, crs: CRS | None, *, head_m: FloatArray | None, peak: ModelTables | None = None
) -> gpd.GeoDataFrame:
    """Reservoirs and tanks with their peak-hour head, the head of the file where there is no peak to be had."""
    rows = content.sources
    heads_m = content.level_m if head_m is None else head_m
    names = _ids(content.node_ids, rows)
    return _layer(
        "sources",
        {
            "source_id": names,
            "node_id": names,
            "kind": _KIND_WORDS[content.node_kinds[rows]],
            "head_m": heads_m[rows],
            **tank_columns(names, peak),
        },
        _points(content.position_xy[rows]),
        crs,
    )


def _layer(name: str, columns: dict[str, Any], shapes: Any, crs: CRS | None) -> gpd.GeoDataFrame:
    return conform(gpd.GeoDataFrame(columns, geometry=shapes, crs=crs), name)


def _ids(names: list[str], rows: IntArray) -> list[str]:
    return [names[row] for row in rows]


def _ends(content: FileContent, rows: IntArray) -> dict[str, list[str]]:
    ends = content.link_ends[rows]
    return {
        "start_node_id": _ids(content.node_ids, ends[:, 0]),
        "end_node_id": _ids(content.node_ids, ends[:, 1]),
    }


def _points(position_xy: FloatArray) -> NDArray[np.object_]:
    points = np.full(len(position_xy), None, dtype=object)
    known = np.isfinite(position_xy).all(axis=1)
    points[known] = shapely.points(position_xy[known])
    return points


def _lines(content: FileContent, rows: IntArray) -> NDArray[np.object_]:
    """A line for each pipe both ends of which have a place."""
    lines = np.full(len(rows), None, dtype=object)
    places = content.position_xy[content.link_ends[rows]]
    known = np.isfinite(places).all(axis=(1, 2))
    lines[known] = shapely.linestrings(places[known])
    for n in np.flatnonzero(known & np.isin(rows, list(content.vertices))):
        start, end = places[n]
        lines[n] = shapely.LineString([start, *content.vertices[int(rows[n])], end])
    return lines


def _neighbour_pipes(content: FileContent, ends: IntArray) -> list[str | None]:
    """A pipe at either end of each valve."""
    at: dict[int, str] = {}
    for row in content.pipes:
        for node in content.link_ends[row]:
            at.setdefault(int(node), content.link_ids[row])
    return [at.get(int(start), at.get(int(end))) for start, end in ends]
