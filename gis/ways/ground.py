"""What the ground is: at any point street, pavement, parcel, building, water; and where that changes along a line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.ways.segments import Segments, cut, meetings
from gis.ways.streets import bodies

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from gis.network import Network
    from gis.ways.streets import Streets
    from gis.ways.terms import Terms

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.intp]

PAVEMENT = "paving-brick"
EDGE_M = 0.05  # so far inside its outline a parcel begins: a pipe laid along a red line is in neither
NONE = -1


@dataclass(frozen=True)
class Places:
    """
    What n points lie in.

    Attributes
    ----------
    street
        Row of the street whose kerb is nearest, within its pavement; -1 where there is none.
    carriageway
        Whether the point lies between kerbs.
    parcel, building, water
        Row of the area, -1 for none; a parcel that is not green wins over one that is.
    """

    street: IntArray
    carriageway: NDArray[np.bool_]
    parcel: IntArray
    building: IntArray
    water: IntArray

    def take(self, rows: NDArray[Any]) -> Places:
        """Those of the rows."""
        return Places(
            self.street[rows], self.carriageway[rows], self.parcel[rows], self.building[rows], self.water[rows]
        )  # fmt: skip


def placed_in_one(parts: list[Places]) -> Places:
    """All parts one after the other."""

    def every(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(part, name) for part in parts])

    return Places(every("street"), every("carriageway"), every("parcel"), every("building"), every("water"))


@dataclass(frozen=True)
class Home:
    """The parcels and buildings the site stands in: no obstacle to its own pipe."""

    parcels: frozenset[int]
    buildings: frozenset[int]


class Ground:
    """Areas of a city behind spatial indexes."""

    def __init__(self, network: Network) -> None:
        self.parcels = Areas(network.layer("parcels"))
        self.buildings = Areas(network.layer("buildings"))
        self.waters = Areas(network.layer("waters"))
        self.green = network.layer("parcels")["use"].to_numpy(object)[self.parcels.rows] == "green"
        rails = network.layer("railways")
        self.rails = _placed(rails[rails["kind"] != "metro"])
        self._rails = np.asarray(self.rails.geometry.array, dtype=object)
        self._rail_tree = shapely.STRtree(self._rails)
        self.parcel_ids = _ids(network.layer("parcels"), "parcel_id", self.parcels)
        self.building_ids = _ids(network.layer("buildings"), "building_id", self.buildings)
        self.water_ids = _ids(network.layer("waters"), "name", self.waters)

    def home(self, site: Any) -> Home:
        """Give what the site stands in; public green is nobody's home."""
        parcels = [int(p) for p in self.parcels.tree.query(site, predicate="intersects") if not self.green[p]]
        return Home(
            frozenset(parcels),
            frozenset(self.buildings.tree.query(site, predicate="intersects").tolist()),
        )

    def obstacles(
        self, around: Any, home: Home, ends: Any, *, clear_m: float, strip_m: float, foreign: bool
    ) -> NDArray[Any]:
        """
        Give areas near a place that no trench is led through: other buildings, water, others' land with `foreign`.

        Buildings with `clear_m` around them, land with `strip_m`, unless one of the `ends` of the trench lies in that
        strip; what an end lies in itself is left out.
        """
        rows = self.buildings.tree.query(around, predicate="dwithin", distance=clear_m)
        walls = self.buildings.shapes[[b for b in rows.tolist() if b not in home.buildings]]
        found = [
            _widened(walls, walls, clear_m, ends),
            self.waters.shapes[self.waters.tree.query(around, predicate="intersects")],
        ]
        if foreign:
            rows = self.parcels.tree.query(around, predicate="intersects")
            others = [p for p in rows.tolist() if p not in home.parcels and not self.green[p]]
            land = np.asarray(others, dtype=np.intp)
            found.append(_widened(self.parcels.shapes[land], self.parcels.inner(land), strip_m, ends))
        every = np.concatenate(found)
        return every[~shapely.intersects(every, ends)]

    def close(self, lines: NDArray[Any], home: Home, *, clear_m: float) -> FloatArray:
        """Metres of lines nearer to a building than `clear_m`, or in it; the site's own does not count."""
        line, building = self.buildings.tree.query(lines, predicate="dwithin", distance=clear_m)
        other = np.array([b not in home.buildings for b in building.tolist()], dtype=bool)
        line, building = line[other], building[other]
        known, index = np.unique(building, return_inverse=True)
        walls = shapely.buffer(self.buildings.shapes[known], clear_m - EDGE_M, join_style="mitre")
        inside_m = shapely.length(shapely.intersection(lines[line], walls[index]))
        return np.bincount(line, inside_m, len(lines)).astype(np.float64)

    def building_beside(self, line: Any, *, outer_m: float, within_m: float) -> tuple[str, float] | None:
        """Id of the nearest building, the one the line ends in left out, and the clear distance [m]."""
        home = self.home(shapely.get_point(line, -1))
        reach_m = within_m + outer_m / 2.0
        rows = self.buildings.tree.query(line, predicate="dwithin", distance=reach_m)
        near = [
            (float(shapely.distance(line, self.buildings.shapes[b])), b)
            for b in rows.tolist()
            if b not in home.buildings
        ]
        if not near:
            return None
        away_m, building = min(near)
        return self.building_ids[building], max(away_m - outer_m / 2.0, 0.0)

    def rails_crossed(self, lines: NDArray[Any]) -> tuple[IntArray, IntArray]:
        """Pairs of line and railway row that cross."""
        line, rail = self._rail_tree.query(lines, predicate="intersects")
        return line, rail


class Areas:
    """Polygons that can be measured, mended where a ring crosses itself; `rows` are those of the source table."""

    def __init__(self, table: gpd.GeoDataFrame) -> None:
        given = np.asarray(table.geometry.array, dtype=object)
        self.rows = np.flatnonzero(~(shapely.is_missing(given) | shapely.is_empty(given)))
        shapes = shapely.force_2d(given[self.rows])
        bad = ~shapely.is_valid(shapes)
        shapes[bad] = shapely.make_valid(shapes[bad])
        self.shapes: NDArray[Any] = np.asarray(shapes, dtype=object)
        self.tree = shapely.STRtree(self.shapes)
        self._inner: dict[int, Any] = {}

    def inner(self, which: IntArray) -> NDArray[Any]:
        """Those areas without a strip of `EDGE_M` along their outline."""
        for k in which.tolist():
            if k not in self._inner:
                self._inner[k] = shapely.buffer(self.shapes[k], -EDGE_M, join_style="mitre")
        out = np.empty(len(which), dtype=object)
        out[:] = [self._inner[k] for k in which.tolist()]
        return out

    def near(self, window: Any) -> IntArray:
        """Which of them come near, rising."""
        found: IntArray = np.sort(self.tree.query(window, predicate="intersects"))
        return found


def _ids(table: gpd.GeoDataFrame, column: str, areas: Areas) -> list[str]:
    return [str(name or "") for name in table[column].to_numpy(object)[areas.rows]]


def _widened(shapes: NDArray[Any], least: NDArray[Any], strip_m: float, ends: Any) -> NDArray[Any]:
    """Shapes with a strip around them; the least shape where an end lies in that strip."""
    wide = shapely.buffer(shapes, strip_m, join_style="mitre")
    found = np.empty(len(shapes), dtype=object)
    found[:] = [
        tight if inside else loose
        for loose, tight, inside in zip(wide, least, shapely.intersects(wide, ends), strict=True)
    ]
    return found


def _placed(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return table[table.geometry.notna() & ~table.geometry.is_empty].reset_index(drop=True)


class Surroundings:
    """The ground of one window, with the streets in it: classifies points and cuts lines where the ground changes."""

    def __init__(self, streets: Streets, ground: Ground, window: Any, terms: Terms) -> None:
        self.streets, self.ground, self._terms = streets, ground, terms
        self.window = window
        self.edges: IntArray = np.sort(streets.graph.tree.query(window, predicate="intersects"))
        self._parcels = ground.parcels.near(window)
        self._buildings = ground.buildings.near(window)
        self._waters = ground.waters.near(window)

    @cached_property
    def carriageways(self) -> NDArray[Any]:
        """Areas between kerbs."""
        return bodies(self.streets, self.edges, 0.0)

    @cached_property
    def _carriageway_tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.carriageways)

    @cached_property
    def _edge_tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.streets.graph.lines[self.edges])

    @cached_property
    def _areas(self) -> tuple[tuple[NDArray[Any], IntArray, shapely.STRtree], ...]:
        """Parcels, buildings and waters of the window: shapes, their numbers in the city, index."""
        shapes = (
            self.ground.parcels.inner(self._parcels), self.ground.buildings.shapes[self._buildings],
            self.ground.waters.shapes[self._waters],
        )  # fmt: skip
        numbers = self._parcels, self._buildings, self._waters
        return tuple((s, n, shapely.STRtree(s)) for s, n in zip(shapes, numbers, strict=True))

    @cached_property
    def _borders(self) -> tuple[Segments, shapely.STRtree]:
        """Outlines of all areas: the ground is the same between them."""
        shapes = np.concatenate([self.carriageways, *[areas for areas, _, _ in self._areas]])
        rings, _ = shapely.get_rings(shapely.get_parts(shapes), return_index=True)
        xy, owner = shapely.get_coordinates(rings, return_index=True)
        same = owner[1:] == owner[:-1]
        none = np.zeros(int(same.sum()), dtype=np.intp)
        borders = Segments(xy[:-1][same], xy[1:][same], none, none)
        return borders, shapely.STRtree(borders.lines)

    def cut(self, segments: Segments, *, next_node: int) -> tuple[Segments, IntArray, int]:
        """Cut segments where the ground changes; with the row each piece is a part of, and the next free node."""
        borders, tree = self._borders
        if not len(segments) or not len(borders):
            return segments, np.arange(len(segments)), next_node
        one, border = tree.query(segments.lines)
        which, _, t, _ = meetings(segments, borders, (one, border))
        pieces, parents, _, next_node = cut(segments, which, t, next_node=next_node)
        return pieces, parents, next_node

    def edges_met(self, line: Any) -> IntArray:
        """Give the edges of the street graph that a line meets, rising."""
        found: IntArray = np.sort(self.edges[self._edge_tree.query(line, predicate="intersects")])
        return found

    def places(self, points_xy: FloatArray) -> Places:
        """What points lie in; a point that two areas share belongs to the first of them."""
        points = shapely.points(points_xy)
        hit, _ = self._carriageway_tree.query(points, predicate="intersects")
        carriageway = np.zeros(len(points), dtype=bool)
        carriageway[hit] = True
        (_, numbers, tree), *others = self._areas
        point, area = tree.query(points, predicate="intersects")
        # others' land and the site's own before public green
        order = np.lexsort((area, self.ground.green[numbers[area]], point))
        parcel = _first(len(points), point[order], numbers[area[order]])
        building, water = (_first(len(points), *_found(tree, points, numbers)) for _, numbers, tree in others)
        return Places(self._street(points, carriageway), carriageway, parcel, building, water)

    def _street(self, points: NDArray[Any], carriageway: NDArray[np.bool_]) -> IntArray:
        """Row of the street whose kerb is nearest to each point, -1 beyond all pavements."""
        graph = self.streets.graph
        if not len(self.edges):
            return np.full(len(points), NONE, dtype=np.intp)
        half_m = self.streets.half_m(self.edges)
        reach_m = float(half_m.max()) + self._terms.pavement_m
        point, edge = self._edge_tree.query(points, predicate="dwithin", distance=reach_m)
        off_m = shapely.distance(points[point], graph.lines[self.edges[edge]]) - half_m[edge]
        # a point between kerbs belongs to a street even where its centre line ends a little short of it
        near = (off_m <= self._terms.pavement_m) | carriageway[point]
        point, edge, off_m = point[near], edge[near], off_m[near]
        order = np.lexsort((edge, off_m, point))
        return _first(len(points), point[order], graph.rows[self.edges[edge[order]]])


def _found(tree: shapely.STRtree, points: NDArray[Any], numbers: IntArray) -> tuple[IntArray, IntArray]:
    point, area = tree.query(points, predicate="intersects")
    order = np.lexsort((area, point))
    return point[order], numbers[area[order]]


def _first(count: int, index: IntArray, values: IntArray) -> IntArray:
    """The first value of every index, which rises; -1 where there is none."""
    out = np.full(count, NONE, dtype=np.intp)
    known, first = np.unique(index, return_index=True)
    out[known] = values[first]
    return out
