"""Streets as ways: their centre lines as a graph, their carriageways as areas, and what is known of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import shapely

from gis.ways.graph import LineGraph, node_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from gis.ways.terms import Ban, Terms

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.intp]

Basis = Literal["streets", "pipes", "straight", "drawn"]
SNAP_M = 0.5  # digitised centre lines miss each other by less than this; real gaps are wider
NOT_DUG = ("tunnel", "elevated")
PIPE_HALF_M = 0.5  # without streets: the strip over a pipe that stays as it is
PIPE_LANE_M = 1.0
MITRE_LIMIT = 2.0
OPEN_DEG = 185.0  # a wider gap between neighbouring arms of a junction leaves a wedge open


@dataclass(frozen=True)
class Streets:
    """
    A graph of ways with what is known of each row of its source table.

    `lanes_m` are the lanes of these ways, from the kerb outwards; `_bans` and `_by_row` keep what was reckoned.
    """

    basis: Basis
    graph: LineGraph
    surfaces: Sequence[str]
    ids: Sequence[str | None]
    names: Sequence[str | None]
    classes: Sequence[str | None]
    structures: NDArray[Any]
    half_widths_m: FloatArray
    lanes_m: tuple[float, ...]
    _bans: dict[date, NDArray[np.bool_]] = field(default_factory=dict, repr=False, compare=False)
    _starts: tuple[tuple[NDArray[Any], int], ...] = ()
    _by_row: dict[tuple[str, int], tuple[object, FloatArray]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def near(self, site: Any, reach_m: float) -> bool:
        """Whether any way comes within reach of the site."""
        return bool(len(self.graph.tree.query(site, predicate="dwithin", distance=reach_m)))

    def banned(self, on: date | None) -> NDArray[np.bool_]:
        """Tell for every row whether it may not be dug on that day."""
        if on is None:
            return np.zeros(len(self.names), dtype=bool)
        if on not in self._bans:
            rows = [
                [_is_banned(text, years, on) for text in column.tolist()] for column, years in self._starts
            ]
            self._bans[on] = np.any(rows, axis=0) if rows else np.zeros(len(self.names), dtype=bool)
        return self._bans[on]

    def by_row(self, what: str, table: object, value: Callable[[int], float]) -> FloatArray:
        """A figure of every row, read from a table that does not change; worked out at the first question."""
        key = what, id(table)
        kept = self._by_row.get(key)
        if kept is None or kept[0] is not table:
            kept = table, np.array([value(row) for row in range(len(self.names))], dtype=np.float64)
            self._by_row[key] = kept
        return kept[1]

    def half_m(self, edges: IntArray) -> FloatArray:
        """Half the width of the street of each edge [m]."""
        found: FloatArray = self.half_widths_m[self.graph.rows[edges]]
        return found


def _is_banned(text: Any, years: int, on: date) -> bool:
    """The anniversary itself is still banned; of 29 February it is the last day of that month."""
    try:
        start = date.fromisoformat(str(text)[:10])
    except ValueError:
        return False
    try:
        last = start.replace(year=start.year + years)
    except ValueError:
        last = start.replace(year=start.year + years, month=3, day=1) - timedelta(days=1)
    return start <= on <= last


def streets_of(table: gpd.GeoDataFrame, terms: Terms) -> Streets:
    """Streets where the ground can be dug: neither in a tunnel nor on stilts."""
    structures = table["structure"].to_numpy(object)
    table = table[~np.isin(structures, NOT_DUG)].reset_index(drop=True)
    classes = table["road_class"].tolist()
    widths_m = table["width_m"].to_numpy(dtype=float)
    given = np.isfinite(widths_m) & (widths_m > 0.0)
    usual_m = np.array([terms.width_m(name) for name in classes], dtype=float).reshape(len(table))
    graph = node_lines(np.asarray(table.geometry.array, dtype=object), snap_m=SNAP_M, crossings=True)
    return Streets(
        "streets", graph, table["surface"].tolist(), table["street_id"].tolist(), table["name"].tolist(), classes,
        table["structure"].to_numpy(object), np.where(given, widths_m, usual_m) / 2.0, terms.lanes_m,
        _starts=_starts(table, terms.bans),
    )  # fmt: skip


def _starts(table: gpd.GeoDataFrame, bans: tuple[Ban, ...]) -> tuple[tuple[NDArray[Any], int], ...]:
    return tuple((table[ban.column].to_numpy(object), ban.years) for ban in bans)


def pipes_as_ways(table: gpd.GeoDataFrame) -> Streets:
    """The network's own pipes where a city has no streets: most lie in one; the new pipe runs beside them."""
    graph = node_lines(np.asarray(table.geometry.array, dtype=object), snap_m=SNAP_M, crossings=False)
    count = len(table)
    return Streets(
        "pipes", graph, ["asphalt"] * count, [None] * count, table["road_name"].tolist(), [None] * count,
        np.full(count, "ground", dtype=object), np.full(count, PIPE_HALF_M), (PIPE_LANE_M,),
    )  # fmt: skip


def bodies(streets: Streets, edges: IntArray, beyond_m: float) -> NDArray[Any]:
    """
    Areas of edges from kerb to kerb and `beyond_m` further on both sides, with the wedges at open junctions.

    Empty where a negative `beyond_m` leaves less than half a metre of the street.
    """
    half_m = streets.half_m(edges) + beyond_m
    kept = half_m >= 0.25
    areas = shapely.buffer(
        streets.graph.lines[edges[kept]], half_m[kept], cap_style="flat", join_style="mitre", mitre_limit=MITRE_LIMIT
    )  # fmt: skip
    corners, corners_m = _wedges(streets, edges[kept], half_m[kept], beyond_m)
    wedges = shapely.buffer(corners, corners_m, cap_style="flat", join_style="mitre", mitre_limit=MITRE_LIMIT)
    found = np.concatenate([areas, wedges])
    return np.asarray(found[~shapely.is_empty(found)], dtype=object)


def _wedges(
    streets: Streets, edges: IntArray, half_m: FloatArray, beyond_m: float
) -> tuple[NDArray[Any], FloatArray]:
    """
    Short lines over what edges that are cut off square leave open, with their half widths.

    The outer side of a bend where all arms of a junction lie on one side; and `beyond_m` past a dead end.
    """
    lines, halves = [], []
    for node, arms in _arms(streets, edges, half_m).items():
        arms.sort(key=lambda arm: arm.angle_deg)
        if len(arms) == 1 and beyond_m > 0.0 and streets.graph.degrees[node] == 1:
            arm = arms[0]
            lines.append(shapely.LineString([arm.node_xy, arm.node_xy - arm.unit_xy * beyond_m]))
            halves.append(arm.half_m)
        gaps = [(arms[k].angle_deg - arms[k - 1].angle_deg) % 360.0 for k in range(len(arms))]
        k = int(np.argmax(gaps))
        if len(arms) > 1 and gaps[k] > OPEN_DEG:
            one, other = arms[k - 1], arms[k]
            lines.append(shapely.LineString([one.tip_xy, one.node_xy, other.tip_xy]))
            halves.append(min(one.half_m, other.half_m))
    out = np.empty(len(lines), dtype=object)
    out[:] = lines
    return out, np.asarray(halves, dtype=np.float64)


class _Arm(NamedTuple):
    """An edge as it leaves a node: direction, half width, the node, a point a little along the edge."""

    angle_deg: float
    half_m: float
    node_xy: FloatArray
    unit_xy: FloatArray
    tip_xy: FloatArray


def _arms(streets: Streets, edges: IntArray, half_m: FloatArray) -> dict[int, list[_Arm]]:
    graph = streets.graph
    found: dict[int, list[_Arm]] = {}
    for edge, reach_m in zip(edges.tolist(), half_m.tolist(), strict=True):
        xy = shapely.get_coordinates(graph.lines[edge])
        for node, here, there in ((graph.starts[edge], xy[0], xy[1]), (graph.ends[edge], xy[-1], xy[-2])):
            step = there - here
            length_m = float(np.hypot(*step))
            if length_m > 0.0:
                unit = step / length_m
                angle = float(np.degrees(np.arctan2(step[1], step[0])))
                arm = _Arm(angle, reach_m, here, unit, here + unit * min(length_m, reach_m))
                found.setdefault(int(node), []).append(arm)
    return found
