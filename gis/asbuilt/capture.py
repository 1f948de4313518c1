"""A built connection taken into the network: from the current version to the candidate of the next, read top to bottom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.asbuilt.built import load_limits
from gis.asbuilt.tie_in import cut_pipes, find_tie_in, follow_cut
from gis.crs import crs_text
from gis.issues import DataIssue
from gis.schema import conform, layers, materials
from gis.version import Candidate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.asbuilt.built import Built
    from gis.asbuilt.tie_in import TieIn
    from gis.network import Network

AS_BUILT, INFERRED = "as-built", "inferred"


@dataclass(frozen=True)
class Captured:
    """The next version, and what the connection is called in it."""

    candidate: Candidate
    tie_in: TieIn
    names: Names


@dataclass(frozen=True)
class Names:
    """Ids of what was built; `valve_id` None where none was set."""

    pipe_id: str
    site_node_id: str
    customer_id: str
    valve_id: str | None


def names_of(scheme_id: str, *, has_valve: bool) -> Names:
    """Give the ids of a scheme's things: the same scheme has the same, so that it is captured once."""
    return Names(
        f"{scheme_id}-P", f"{scheme_id}-M", f"{scheme_id}-C", f"{scheme_id}-V" if has_valve else None
    )


def is_captured(network: Network, scheme_id: str) -> bool:
    """Tell whether a version has the service pipe of a scheme."""
    return bool((network.pipes["scheme_id"] == scheme_id).any())


def capture(network: Network, issues: Sequence[DataIssue], built: Built) -> Captured:
    """
    Give the next version: the main cut at the tie-in, service pipe, valve, meter with its demand, tap-off used.

    Everything else stays as it is, the issues of the current version too. A model file is not changed here.

    Raises
    ------
    GisInputError
        See `gis.asbuilt.tie_in.find_tie_in`.
    """
    tie_in = find_tie_in(network, built, load_limits())
    names = names_of(built.scheme_id, has_valve=built.has_valve)
    tables = {name: table for name in layers() if len(table := network.layer(name))}
    pipes = cut_pipes(network.pipes, tie_in)
    if tie_in.cut is not None:
        tables = {
            name: table if name == "pipes" else follow_cut(table, pipes, tie_in.cut)
            for name, table in tables.items()
        }
        tables["customers"] = _own_ends(tables.get("customers"), pipes, tie_in, network)
    tables["pipes"] = pipes
    for name, row in _new_rows(built, tie_in, names).items():
        tables[name] = _with_rows(tables.get(name, network.layer(name)), row, name)
    tables["nodes"] = _used_node(tables["nodes"], tie_in)
    if built.kind == "tapoff":
        tables["tapoffs"] = _used_tapoff(tables["tapoffs"], built)
        tables["valves"] = _opened(tables.get("valves", network.layer("valves")), tie_in)
    told = (*issues, *_issues(built, names))
    candidate = Candidate(
        tables, told, network.source, crs_text(network.crs), network.synthetic, network.model_inp,
        network.vertical_datum,
    )  # fmt: skip
    return Captured(candidate, tie_in, names)


def _new_rows(built: Built, tie_in: TieIn, names: Names) -> dict[str, list[dict[str, Any]]]:
    """Rows of what was built, by layer."""
    service = _service(built, tie_in, names)
    last = shapely.Point(service["geometry"].coords[-1])
    day = built.built_on.isoformat()
    nodes = [_site_node(built, names, last)]
    if tie_in.cut is not None:
        nodes.append(_tee(built, tie_in))
    customer = {
        "customer_id": names.customer_id, "name": built.name, "use": built.use, "dwellings": built.dwellings,
        "storeys": built.storeys, "meter_dn": built.meter_dn, "design_flow_m3s": built.design_flow_m3s,
        "pipe_id": names.pipe_id, "node_id": names.site_node_id, "service_distance_m": service["length_m"],
        "scheme_id": built.scheme_id, "geometry": last,
    }  # fmt: skip
    rows = {"pipes": [service], "nodes": nodes, "customers": [customer]}
    if names.valve_id is not None:
        rows["valves"] = [
            {
                "valve_id": names.valve_id, "node_id": tie_in.node_id, "pipe_id": names.pipe_id, "dn": built.dn,
                "kind": "gate", "state": "open", "installed_on": day, "scheme_id": built.scheme_id,
                "geometry": shapely.Point(tie_in.xy),
            }
        ]  # fmt: skip
    return rows


def _service(built: Built, tie_in: TieIn, names: Names) -> dict[str, Any]:
    """The service pipe, its first point exactly on the tie-in."""
    points = [tie_in.xy, *(point[:2] for point in built.line.coords[1:])]
    line = shapely.LineString(points)
    known = materials().get(built.material)
    label = round(built.outer_diameter_m * 1000.0) if known is not None and known.plastic else built.dn
    cover_m = float(np.nanmean(built.covers_m)) if np.isfinite(built.covers_m).any() else None
    return {
        "pipe_id": names.pipe_id, "start_node_id": tie_in.node_id, "end_node_id": names.site_node_id,
        "dn": label, "inner_diameter_m": built.inner_diameter_m, "material": built.material,
        "length_m": line.length if built.surveyed else built.length_m, "installed_on": built.built_on.isoformat(),
        "install_year": built.built_on.year, "cover_depth_m": cover_m, "status": "open", "role": "service",
        "road_name": built.road_name, "dn_confidence": AS_BUILT, "material_confidence": AS_BUILT,
        "install_year_confidence": AS_BUILT, "cover_depth_confidence": "unknown" if cover_m is None else AS_BUILT,
        "scheme_id": built.scheme_id, "geometry": line,
    }  # fmt: skip


def _site_node(built: Built, names: Names, point: shapely.Point) -> dict[str, Any]:
    surveyed_m = built.elevations_m[-1] if len(built.elevations_m) else np.nan
    known = bool(np.isfinite(surveyed_m))
    return {
        "node_id": names.site_node_id, "kind": "end",
        "elevation_m": float(surveyed_m) if known else built.site_elevation_m,
        "elevation_confidence": AS_BUILT if known else INFERRED,
        "demand_m3s": built.design_flow_m3s, "geometry": point,
    }  # fmt: skip


def _tee(built: Built, tie_in: TieIn) -> dict[str, Any]:
    surveyed_m = built.elevations_m[0] if len(built.elevations_m) else np.nan
    known = bool(np.isfinite(surveyed_m))
    return {
        "node_id": tie_in.node_id, "kind": "tee", "elevation_m": float(surveyed_m) if known else tie_in.elevation_m,
        "elevation_confidence": AS_BUILT if known else INFERRED, "geometry": shapely.Point(tie_in.xy),
    }  # fmt: skip


def _with_rows(table: gpd.GeoDataFrame, rows: list[dict[str, Any]], name: str) -> gpd.GeoDataFrame:
    new = conform(gpd.GeoDataFrame(pd.DataFrame(rows), geometry="geometry", crs=table.crs), name)
    if not len(table):
        return new
    whole: gpd.GeoDataFrame = pd.concat([conform(table, name), new], ignore_index=True)
    return whole


def _own_ends(
    customers: gpd.GeoDataFrame | None, pipes: gpd.GeoDataFrame, tie_in: TieIn, network: Network
) -> gpd.GeoDataFrame:
    """Customers of the cut main draw at an end of their own piece: one that named the lost end names the new node."""
    table = network.layer("customers") if customers is None else customers
    cut = tie_in.cut
    if cut is None:
        return table
    rows = np.flatnonzero(table["pipe_id"].isin([cut.first, cut.second]).to_numpy())
    table, ends = table.copy(), pipes.set_index("pipe_id")[["start_node_id", "end_node_id"]]
    column = table.columns.get_loc("node_id")
    for row in rows:
        if table.iloc[row, column] not in set(ends.loc[table["pipe_id"].iloc[row]]):
            table.iloc[row, column] = tie_in.node_id
    return table


def _used_node(nodes: gpd.GeoDataFrame, tie_in: TieIn) -> gpd.GeoDataFrame:
    """A point that was reserved or an end is now passed through."""
    here = (nodes["node_id"] == tie_in.node_id) & nodes["kind"].isin(["tapoff", "end"])
    return nodes.assign(kind=nodes["kind"].mask(here, "junction"))


def _used_tapoff(tapoffs: gpd.GeoDataFrame, built: Built) -> gpd.GeoDataFrame:
    here = tapoffs["tapoff_id"] == built.tapoff_id
    until = tapoffs["reserved_until"].mask(here, None)
    return tapoffs.assign(status=tapoffs["status"].mask(here, "used"), reserved_until=until)


def _opened(valves: gpd.GeoDataFrame, tie_in: TieIn) -> gpd.GeoDataFrame:
    """The valve of a used tap-off is open."""
    here = valves["valve_id"] == tie_in.valve_id
    return valves.assign(state=valves["state"].mask(here & (valves["state"] != "open"), "open"))


def _issues(built: Built, names: Names) -> list[DataIssue]:
    x, y = built.line.coords[-1][:2]
    doubts = list(built.doubts) + ([] if built.surveyed else [("asbuilt-unsurveyed", {})])
    return [
        DataIssue(kind, "warning", "pipes", names.pipe_id, (x, y), {"scheme": built.scheme_id, **told})
        for kind, told in doubts
    ]
