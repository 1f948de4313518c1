"""GIS layers of an EPANET file, read through EPANET itself: lengths in metres, positions as the file has them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from gis.schema import conform
from hydraulics.epanet.codes import LinkKind, LinkValue, NodeValue, Option
from hydraulics.tables import HEADLOSS_FORMULAS

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import CRS

    from hydraulics.inp.read import ModelFile
    from hydraulics.results import FloatArray
    from hydraulics.tables import HeadlossFormula

    IntArray = NDArray[np.int64]

_JUNCTION, _RESERVOIR, _TANK = 0, 1, 2
_KIND_WORDS = np.array(["junction", "reservoir", "tank"], dtype=object)


@dataclass(frozen=True)
class FileContent:
    """
    What the file says, in the engine's order, metric.

    Attributes
    ----------
    position_xy
        Shape (nodes, 2), in the file's own plane; NaN where it gives none.
    demand_m3s
        Shape (nodes,): base demand times the file's multiplier, without patterns.
    level_m
        Shape (nodes,): head of reservoirs, bottom plus initial level of tanks, NaN for junctions.
    vertices
        Link position to inner points.
    roughness_c
        Shape (links,): NaN where the file does not count by Hazen-Williams.
    roughness_factor
        Shape (links,): as the head-loss formula of the file wants it (C, mm, n).
    uses_inches
        The file is in US units.
    """

    node_ids: list[str]
    link_ids: list[str]
    node_kinds: IntArray
    link_kinds: IntArray
    link_ends: IntArray
    elevation_m: FloatArray
    level_m: FloatArray
    demand_m3s: FloatArray
    position_xy: FloatArray
    vertices: dict[int, FloatArray]
    length_m: FloatArray
    diameter_m: FloatArray
    roughness_c: FloatArray
    is_open: NDArray[np.bool_]
    formula: HeadlossFormula
    roughness_factor: FloatArray
    uses_inches: bool

    @property
    def pipes(self) -> IntArray:
        """Link positions of pipes."""
        return np.flatnonzero(self.link_kinds <= LinkKind.PIPE)

    @property
    def valves(self) -> IntArray:
        """Link positions of regulating valves."""
        return np.flatnonzero(self.link_kinds > LinkKind.PUMP)

    @property
    def sources(self) -> IntArray:
        """Node positions of reservoirs and tanks."""
        return np.flatnonzero(self.node_kinds != _JUNCTION)


def read_content(file: ModelFile) -> FileContent:
    """Read the whole file, without a stand-in for its source; switches the project to metric units."""
    project = file.project
    uses_inches = project.flow_units().is_us_customary
    project.use_metric_units()
    kinds, elevation_m = project.node_kinds(), project.node_values(NodeValue.ELEVATION)
    level_m = np.where(kinds == _JUNCTION, np.nan, elevation_m)
    tanks = kinds == _TANK
    level_m[tanks] += project.node_values(NodeValue.TANK_LEVEL)[tanks]
    nodes, bases, _ = project.demands()
    demand_lps = np.bincount(nodes, weights=bases, minlength=len(kinds)).astype(np.float64)
    formula = HEADLOSS_FORMULAS[int(project.option(Option.HEADLOSS_FORM))]
    roughness = project.link_values(LinkValue.ROUGHNESS)
    content = FileContent(
        node_ids=file.node_ids(),
        link_ids=file.link_ids(),
        node_kinds=kinds,
        link_kinds=project.link_kinds(),
        link_ends=project.link_ends(),
        elevation_m=elevation_m,
        level_m=level_m,
        demand_m3s=demand_lps * project.option(Option.DEMAND_MULTIPLIER) / 1000.0,
        position_xy=project.positions(),
        vertices={k: np.array(points) for k in range(len(roughness)) if (points := project.vertices(k))},
        length_m=project.link_values(LinkValue.LENGTH),
        diameter_m=project.link_values(LinkValue.DIAMETER) / 1000.0,
        roughness_c=roughness if formula == "H-W" else np.full(len(roughness), np.nan),
        is_open=project.link_values(LinkValue.INITIAL_STATUS) > 0,
        formula=formula,
        roughness_factor=roughness,
        uses_inches=uses_inches,
    )
    return content if file.has_source else _without_stand_in(content)


_OF_NODES = ("node_ids", "node_kinds", "elevation_m", "level_m", "demand_m3s", "position_xy")
_OF_LINKS = ("link_ids", "link_kinds", "link_ends", "length_m", "diameter_m", "roughness_c", "is_open", "roughness_factor")  # fmt: skip


def _without_stand_in(content: FileContent) -> FileContent:
    """Without the last node and the pipe to it, which stands after all pipes of the file."""
    pipe = int(content.pipes[-1])
    cut: dict[str, Any] = {name: getattr(content, name)[:-1] for name in _OF_NODES}
    for name in _OF_LINKS:
        values = getattr(content, name)
        cut[name] = (
            [*values[:pipe], *values[pipe + 1 :]] if isinstance(values, list) else np.delete(values, pipe, 0)
        )
    cut["vertices"] = {k - (k > pipe): points for k, points in content.vertices.items()}
    return replace(content, **cut)


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
            "status": np.where(content.is_open[rows], "open", "closed"),
        },
        _lines(content, rows),
        crs,
    )


def node_layer(content: FileContent, crs: CRS | None) -> gpd.GeoDataFrame:
    """Junctions, reservoirs and tanks; a reservoir of a model has a head and no ground."""
    ground_m = np.where(content.node_kinds == _RESERVOIR, np.nan, content.elevation_m)
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


def valve_layer(content: FileContent, crs: CRS | None) -> gpd.GeoDataFrame:
    """Regulating valves, which a model has as links, at the middle between their nodes."""
    rows = content.valves
    ends = content.link_ends[rows]
    return _layer(
        "valves",
        {
            "valve_id": _ids(content.link_ids, rows),
            "node_id": _ids(content.node_ids, ends[:, 0]),
            "pipe_id": _neighbour_pipes(content, ends),
            "dn": np.round(content.diameter_m[rows] * 1000.0),
            "kind": [LinkKind(kind).name for kind in content.link_kinds[rows]],
            "state": np.where(content.is_open[rows], "open", "closed"),
        },
        _points(content.position_xy[ends].mean(axis=1)),
        crs,
    )


def source_layer(content: FileContent, crs: CRS | None, *, head_m: FloatArray | None) -> gpd.GeoDataFrame:
    """Reservoirs and tanks with their peak-hour head, the head of the file where there is no peak to be had."""
    rows = content.sources
    heads_m = content.level_m if head_m is None else head_m
    return _layer(
        "sources",
        {
            "source_id": _ids(content.node_ids, rows),
            "node_id": _ids(content.node_ids, rows),
            "kind": _KIND_WORDS[content.node_kinds[rows]],
            "head_m": heads_m[rows],
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
