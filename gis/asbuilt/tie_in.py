"""Where a built connection leaves the network: at a node, or at a new one that cuts a main in two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from gis.errors import GisInputError

if TYPE_CHECKING:
    import geopandas as gpd

    from gis.asbuilt.built import Built, Limits
    from gis.network import Network

_USABLE = ("open", "closed")


@dataclass(frozen=True)
class Cut:
    """
    A main cut in two at the tie-in.

    `kept` and `other` are the ids of the pieces, `first` the one that begins where the main began; `fraction` is
    measured along the drawn main from its start. The longer piece keeps the id.
    """

    pipe_id: str
    fraction: float
    first: str
    second: str

    @property
    def other(self) -> str:
        """Id of the piece that has a new one."""
        return self.second if self.first == self.pipe_id else self.first


@dataclass(frozen=True)
class TieIn:
    """The node of the tie-in, its place and ground level, the main, and how that was cut (None at a node)."""

    node_id: str
    xy: tuple[float, float]
    elevation_m: float | None
    pipe_id: str | None
    cut: Cut | None = None
    valve_id: str | None = None


def find_tie_in(network: Network, built: Built, limits: Limits) -> TieIn:
    """
    Find the place in the current version, which may be a later one than that of the scheme.

    Raises
    ------
    GisInputError
        `asbuilt-tapoff-gone`, `asbuilt-tapoff-loose` (on no node), `asbuilt-main-gone` (no main in reach).
    """
    if built.kind == "tapoff":
        return _at_tapoff(network, built)
    main, fraction = _main_at(network, built, limits)
    ends = {0.0: main["start_node_id"], 1.0: main["end_node_id"]}
    for end, node in ends.items():
        if abs(end - fraction) * main.geometry.length <= limits.node_reach_m:
            return _at_node(network, str(node), pipe_id=str(main["pipe_id"]))
    point = shapely.line_interpolate_point(main.geometry, fraction, normalized=True)
    pieces = (str(main["pipe_id"]), _free_id(network.pipes, str(main["pipe_id"])))
    first, second = pieces if fraction >= 0.5 else pieces[::-1]
    cut = Cut(str(main["pipe_id"]), fraction, first, second)
    ground_m = _between(network, str(main["start_node_id"]), str(main["end_node_id"]), fraction)
    return TieIn(f"{built.scheme_id}-T", (point.x, point.y), ground_m, str(main["pipe_id"]), cut)


def _at_tapoff(network: Network, built: Built) -> TieIn:
    table = network.tapoffs
    rows = table[table["tapoff_id"] == built.tapoff_id]
    if not len(rows):
        raise GisInputError("asbuilt-tapoff-gone", tapoff=built.tapoff_id, version=network.version)
    row = rows.iloc[0]
    if not isinstance(row["node_id"], str):
        raise GisInputError("asbuilt-tapoff-loose", tapoff=built.tapoff_id)
    main, valve = _text(row["pipe_id"]), _text(row["valve_id"])
    return _at_node(network, row["node_id"], pipe_id=main, valve_id=valve)


def _at_node(network: Network, node_id: str, *, pipe_id: str | None, valve_id: str | None = None) -> TieIn:
    nodes = network.nodes
    row = nodes[nodes["node_id"] == node_id].iloc[0]
    return TieIn(
        node_id, (row.geometry.x, row.geometry.y), _number(row["elevation_m"]), pipe_id, valve_id=valve_id
    )


def _main_at(network: Network, built: Built, limits: Limits) -> tuple[Any, float]:
    """The main and how far along its drawn length the tie-in lies; the planned one when it is in reach, else the nearest."""
    pipes, place = network.pipes, shapely.Point(built.tie_in_xy)
    shapes = pipes.geometry.to_numpy()
    usable = pipes["status"].isin(_USABLE).to_numpy() & ~shapely.is_missing(shapes)
    away_m = np.where(usable, shapely.distance(shapes, place), np.inf)
    near = np.flatnonzero(away_m <= limits.main_reach_m)
    if not len(near):
        raise GisInputError(
            "asbuilt-main-gone", scheme=built.scheme_id, pipe=built.pipe_id, version=network.version,
            reach_m=limits.main_reach_m,
        )  # fmt: skip
    planned = (pipes["pipe_id"].to_numpy()[near] != built.pipe_id).astype(int)
    row = near[np.lexsort((near, away_m[near], planned))[0]]
    main = pipes.iloc[int(row)]
    return main, float(shapely.line_locate_point(main.geometry, place, normalized=True))


def _between(network: Network, start: str, end: str, fraction: float) -> float | None:
    """Ground between two nodes; that of the one that is known, None when neither is."""
    nodes = network.nodes.set_index("node_id")["elevation_m"]
    heights = [float(nodes[node]) for node in (start, end) if node in nodes.index and pd.notna(nodes[node])]
    if not heights:
        return None
    return heights[0] + (heights[-1] - heights[0]) * fraction


def _free_id(pipes: gpd.GeoDataFrame, pipe_id: str) -> str:
    """The next free name of a piece, as repair names them: ID#2, ID#3."""
    base, taken = pipe_id.partition("#")[0], set(pipes["pipe_id"])
    number = 2
    while f"{base}#{number}" in taken:
        number += 1
    return f"{base}#{number}"


def cut_pipes(pipes: gpd.GeoDataFrame, tie_in: TieIn) -> gpd.GeoDataFrame:
    """Give the pipes with the main in two: recorded length shared out by drawn length, all other attributes kept."""
    cut = tie_in.cut
    if cut is None:
        return pipes
    row = int(np.flatnonzero((pipes["pipe_id"] == cut.pipe_id).to_numpy())[0])
    both = pd.concat([pipes.iloc[[row]]] * 2, ignore_index=True)
    line = pipes.geometry.iloc[row]
    parts = [
        substring(line, 0.0, cut.fraction, normalized=True),
        substring(line, cut.fraction, 1.0, normalized=True),
    ]
    parts = [_through(part, end, tie_in.xy) for part, end in zip(parts, (-1, 0), strict=True)]
    length_m = float(pipes["length_m"].iloc[row])
    both["pipe_id"] = [cut.first, cut.second]
    both["length_m"] = [length_m * cut.fraction, length_m * (1.0 - cut.fraction)]
    both.loc[0, "end_node_id"] = both.loc[1, "start_node_id"] = tie_in.node_id
    both = both.set_geometry(np.array(parts, dtype=object)).set_crs(pipes.crs, allow_override=True)
    rest = pipes.drop(index=pipes.index[row])
    whole: gpd.GeoDataFrame = pd.concat([rest, both], ignore_index=True)
    return whole


def _through(line: shapely.LineString, end: int, xy: tuple[float, float]) -> shapely.LineString:
    """The line with its end exactly on the node."""
    points = list(line.coords)
    points[end] = (*xy, *points[end][2:])
    return shapely.LineString(points)


def follow_cut(table: gpd.GeoDataFrame, pipes: gpd.GeoDataFrame, cut: Cut) -> gpd.GeoDataFrame:
    """Point the rows that name the cut main at the piece they lie nearest to; rows without a place keep the name."""
    if "pipe_id" not in table.columns:
        return table
    shapes = table.geometry.to_numpy()
    rows = np.flatnonzero((table["pipe_id"] == cut.pipe_id).to_numpy() & ~shapely.is_missing(shapes))
    if not len(rows):
        return table
    line = pipes.set_index("pipe_id").geometry
    nearer = shapely.distance(shapes[rows], line[cut.other]) < shapely.distance(
        shapes[rows], line[cut.pipe_id]
    )
    table = table.copy()
    table.iloc[rows[nearer], table.columns.get_loc("pipe_id")] = cut.other
    return table


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
