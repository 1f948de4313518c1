"""A capacity map as tables, GeoPackage and a page; junctions and tap-offs, one block of rows a required pressure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from api.files.outputs import whole_file
from api.files.safe_csv import write_csv

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd

    from api.spare.bench import OpenWorkspace
    from api.spare.run import Map
    from hydraulics.session import Session

COLUMNS = (
    "node_id",
    "capacity_lps",
    "limiting_node_id",
    "limit",
    "required_pressure_m",
    "pressure_m",
    "by_epanet",
)
TAPOFF_COLUMNS = ("tapoff_id", "status", "pipe_id", "dn", *COLUMNS)


@dataclass(frozen=True)
class CapacityTables:
    """
    One map as tables.

    Attributes
    ----------
    nodes, tapoffs
        Columns as `COLUMNS` and `TAPOFF_COLUMNS`; `node_id` of a tap-off between the ends of a pipe is `pipe@fraction`.
    """

    nodes: pd.DataFrame
    tapoffs: pd.DataFrame

    def counts(self, cap_lps: float) -> dict[str, Any]:
        """How many of what."""
        limits, capacity_lps = self.nodes["limit"], self.nodes["capacity_lps"]
        return {
            "cap_lps": cap_lps, "junctions": len(self.nodes), "tapoffs": len(self.tapoffs),
            "without_water": int((limits == "no-water").sum()),
            "without_spare": int(((capacity_lps < 0.01) & (limits != "no-water")).sum()),
            "at_cap": int((limits == "cap").sum()), "by_epanet": int(self.nodes["by_epanet"].sum()),
        }  # fmt: skip


def tables_of(
    bench: OpenWorkspace, session: Session, one: Map, tapoff_nodes: Mapping[str, str]
) -> CapacityTables:
    """Give a map as tables, junctions in the model's own order."""
    rows = [row for chunk in one.chunks for row in zip(
        chunk.node_ids, chunk.capacity_lps.tolist(), chunk.limiting_node_ids, chunk.limits, chunk.by_epanet, strict=True
    )]  # fmt: skip
    table = pd.DataFrame(rows, columns=["node_id", "capacity_lps", "limiting_node_id", "limit", "by_epanet"])
    place = [session.node_position[name] for name in table["node_id"]]
    table["required_pressure_m"] = one.rule.required_pressure_m
    table["pressure_m"] = session.base.pressure_m[place].round(3)
    by_node = table[list(COLUMNS)].set_index("node_id", drop=False)
    index = bench.city.session.index
    junctions = [index.node_ids[n] for n in np.flatnonzero(index.is_junction)]
    return CapacityTables(
        by_node.loc[junctions].reset_index(drop=True), _tapoffs(bench, by_node, tapoff_nodes)
    )


def _tapoffs(bench: OpenWorkspace, by_node: pd.DataFrame, tapoff_nodes: Mapping[str, str]) -> pd.DataFrame:
    known = bench.network.tapoffs.set_index(bench.network.tapoffs["tapoff_id"].astype(str))
    known = known[~known.index.duplicated()]
    here = [(name, node) for name, node in tapoff_nodes.items() if node in by_node.index]
    found = by_node.loc[[node for _, node in here]].reset_index(drop=True)
    rows = known.loc[[name for name, _ in here]]
    for place, (name, values) in enumerate({
        "tapoff_id": [name for name, _ in here], "status": rows["status"].tolist(), "pipe_id": rows["pipe_id"].tolist(),
        "dn": rows["dn"].tolist(),
    }.items()):  # fmt: skip
        found.insert(place, name, values)
    return found


def write_nodes(tables: Sequence[CapacityTables], path: Path) -> None:
    """Write the junctions as CSV."""
    _write([table.nodes for table in tables], path, COLUMNS)


def write_tapoffs(tables: Sequence[CapacityTables], path: Path) -> None:
    """Write the tap-offs as CSV."""
    _write([table.tapoffs for table in tables], path, TAPOFF_COLUMNS)


def _write(tables: Sequence[pd.DataFrame], path: Path, columns: Sequence[str]) -> None:
    whole = pd.concat(tables)[list(columns)].astype(object)
    whole = whole.where(whole.notna(), None)
    with whole_file(path) as draft, draft.open("w", encoding="utf-8", newline="") as stream:
        write_csv(stream, columns, whole.itertuples(index=False, name=None))


def layers(bench: OpenWorkspace, table: CapacityTables) -> dict[str, gpd.GeoDataFrame]:
    """Give the junctions and tap-offs of a map as points; what has no place is left out."""
    import geopandas as gpd

    network = bench.network
    nodes, tapoffs = network.nodes, network.tapoffs
    places = {
        "capacity_nodes": (table.nodes, "node_id", nodes.set_index(nodes["node_id"].astype(str)).geometry),
        "capacity_tapoffs": (
            table.tapoffs,
            "tapoff_id",
            tapoffs.set_index(tapoffs["tapoff_id"].astype(str)).geometry,
        ),
    }
    found = {}
    for name, (rows, key, points) in places.items():
        here = points[~points.index.duplicated()].reindex(rows[key]).to_numpy()
        frame = gpd.GeoDataFrame(rows.copy(), geometry=here, crs=network.crs)
        found[name] = frame[frame.geometry.notna()].reset_index(drop=True)
    return found


def write_map(bench: OpenWorkspace, table: CapacityTables, path: Path) -> None:
    """Write the map: a GeoPackage or GeoJSON by the ending of the name, else a page with a legend."""
    places = layers(bench, table)
    with whole_file(path) as draft:
        if path.suffix.lower() == ".gpkg":
            for name, frame in places.items():
                frame.to_file(draft, layer=name, driver="GPKG", engine="pyogrio")
        elif path.suffix.lower() in (".geojson", ".json"):
            everything = pd.concat([frame.assign(layer=name) for name, frame in places.items()])
            plain = everything if everything.crs is None else everything.to_crs(4326)
            draft.write_text(plain.to_json(na="null", drop_id=True), encoding="utf-8")
        else:
            draft.write_text(_page(bench, places, table), encoding="utf-8")


def _page(bench: OpenWorkspace, places: Mapping[str, gpd.GeoDataFrame], table: CapacityTables) -> str:
    from maps.quick.capacity import capacity_page

    required_m = float(table.nodes["required_pressure_m"].iloc[0]) if len(table.nodes) else 0.0
    return capacity_page(
        nodes=places["capacity_nodes"], tapoffs=places["capacity_tapoffs"], pipes=bench.network.pipes,
        required_pressure_m=required_m, synthetic=bench.network.synthetic, vendor=bench.settings.vendor,
        fonts=bench.settings.fonts,
    )  # fmt: skip
