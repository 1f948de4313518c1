"""The search: a patch of lanes, the legs of site and tie-ins joined to it, and the cheapest walk between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.ways.graph import Arcs, cheapest_paths
from gis.ways.legs import legs_of, nearest_edges
from gis.ways.reckoning import Stretches, measure, measured_in_one, reckoned_cny
from gis.ways.segments import Segments, chains, cut, joined, length_of, meetings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.ways.ground import Ground, Home
    from gis.ways.patch import Patch
    from gis.ways.streets import Streets
    from gis.ways.terms import Tariff, Terms
    from gis.ways.utilities import Utilities

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.intp]

INWARD, OUTWARD = -1, 1


@dataclass(frozen=True)
class Scene:
    """All one call looks at."""

    streets: Streets
    ground: Ground
    utilities: Utilities
    terms: Terms
    tariff: Tariff
    site: Any
    home: Home

    def reckon_cny(self, stretches: Stretches) -> FloatArray:
        """What stretches count when routes are compared [CNY]."""
        return reckoned_cny(
            stretches, ground=self.ground, streets=self.streets, home=self.home, terms=self.terms, tariff=self.tariff
        )  # fmt: skip

    @property
    def crossing_cny(self) -> float:
        """What crossing a street counts [CNY]."""
        return self.tariff.crossing_cny + self.terms.crossing_m * self.tariff.dearest_cny_m

    @property
    def bend_cny(self) -> float:
        """What a bend counts [CNY]."""
        return self.terms.bend_m * self.tariff.dearest_cny_m


@dataclass(frozen=True)
class Walk:
    """A path from tie-in to site as vertices, what it counts, and the pieces of the net it walks, from the tie-in on."""

    vertices_xy: FloatArray
    reckoned_cny: float
    rows: IntArray

    @property
    def length_m(self) -> float:
        """Along its vertices."""
        return float(length_of(np.diff(self.vertices_xy, axis=0)).sum()) if len(self.vertices_xy) else 0.0


@dataclass(frozen=True)
class Net:
    """
    Pieces to walk on, of lanes, rungs and legs.

    Attributes
    ----------
    costs_cny, crossing_cny
        What each piece counts, and how much of that is for crossing a street.
    way
        0 for both ways, else outwards or inwards only.
    links
        Shape (k, 2): nodes that are the same place; to go from one to the other is a bend.
    source, targets
        Nodes of the site and of the tie-ins.
    """

    segments: Segments
    stretches: Stretches
    costs_cny: FloatArray
    crossing_cny: FloatArray
    way: IntArray
    links: IntArray
    source: int
    targets: list[int]
    nodes: int


def walks(scene: Scene, net: Net) -> list[Walk | None]:
    """The cheapest walk from each target to the site within a net, None where none leads."""
    return _walks(scene, net, net.targets, net.costs_cny)


def walk_weighed(scene: Scene, net: Net, number: int, costs_cny: FloatArray) -> Walk | None:
    """The cheapest walk of one target where pieces count `costs_cny`; told with what it really counts."""
    (found,) = _walks(scene, net, [net.targets[number]], costs_cny)
    if found is None:
        return None
    changed_cny = float((net.costs_cny - costs_cny)[found.rows].sum())
    return replace(found, reckoned_cny=found.reckoned_cny + changed_cny)


def _walks(scene: Scene, net: Net, targets: list[int], costs_cny: FloatArray) -> list[Walk | None]:
    segments = net.segments
    outward, inward = net.way >= 0, net.way <= 0
    # legs are drawn from their point outwards: those of the site are walked along, those of the tie-ins against
    tails = np.concatenate(
        [segments.tails[outward], segments.heads[inward], net.links[:, 0], net.links[:, 1]]
    )
    heads = np.concatenate(
        [segments.heads[outward], segments.tails[inward], net.links[:, 1], net.links[:, 0]]
    )
    bends = np.full(2 * len(net.links), scene.bend_cny)
    weight = np.concatenate([costs_cny[outward], costs_cny[inward], bends])
    rows = np.concatenate([np.flatnonzero(outward), np.flatnonzero(inward)])
    arcs = Arcs(tails, heads, weight, np.arange(len(weight)))
    paths = cheapest_paths(arcs, nodes=net.nodes, source=net.source, targets=targets)
    return [
        None if path is None else _walk(segments, rows, int(outward.sum()), path, weight) for path in paths
    ]


def _walk(
    segments: Segments, rows: IntArray, outward_count: int, path: list[int], weight: FloatArray
) -> Walk:
    """Vertices from the target, where the path ends, back to the site."""
    labels = np.asarray(path)
    steps = labels[labels < len(rows)]
    row, backwards = rows[steps], steps >= outward_count
    starts = np.where(backwards[:, None], segments.b_xy[row], segments.a_xy[row])
    ends = np.where(backwards[:, None], segments.a_xy[row], segments.b_xy[row])
    xy = np.concatenate([starts[:1], ends]) if len(row) else np.zeros((0, 2))
    return Walk(xy[::-1], float(weight[labels].sum()), row[::-1])


def net_of(scene: Scene, patch: Patch, targets: NDArray[Any], *, legs_count: tuple[int, int]) -> Net:
    """A patch with the legs of the site and of the targets joined to it."""
    lines, owners = _all_legs(scene, targets, legs_count=legs_count)
    legs, leg_line, node = chains(lines, first_node=patch.next_node)
    track, row = _track_pairs(patch, legs)
    one, other, t, u = meetings(patch.segments, legs, (track, row))
    static, parents, track_nodes, node = cut(patch.segments, one, t, next_node=node)
    on_leg, leg_row, leg_nodes, node = cut(legs, other, u, next_node=node)
    pieces, piece_row, node = patch.around.cut(on_leg, next_node=node)
    owner = owners[leg_line[leg_row[piece_row]]]
    over = np.isin(pieces.tails, leg_nodes[patch.stretches.middle[one]])
    over |= np.isin(pieces.heads, leg_nodes[patch.stretches.middle[one]])
    stretches = measured_in_one(
        [patch.stretches.take(parents, static.lengths_m), _measured(scene, patch, pieces)]
    )
    crossing = np.concatenate([patch.over_middle[parents], over]) * scene.crossing_cny / 2.0
    starts = (
        legs.tails[np.searchsorted(leg_line, np.arange(len(lines)))] if len(lines) else np.zeros(0, np.intp)
    )
    links, source, ends, node = _points(starts, owners, len(targets), node)
    met = np.column_stack([leg_nodes, track_nodes]).reshape(-1, 2)
    links = np.concatenate([patch.links, met, links])
    way = np.concatenate([np.zeros(len(static), dtype=np.intp), np.where(owner == 0, OUTWARD, INWARD)])
    return Net(
        joined([static, pieces]), stretches, scene.reckon_cny(stretches) + crossing, crossing, way, links, source, ends, node
    )  # fmt: skip


def _all_legs(
    scene: Scene, targets: NDArray[Any], *, legs_count: tuple[int, int]
) -> tuple[NDArray[Any], IntArray]:
    """Legs of the site (owner 0) and of the targets (1, 2, ...)."""
    found, owners = [], []
    for owner, point in enumerate([scene.site, *targets]):
        edges = nearest_edges(
            scene.streets, point, count=legs_count[min(owner, 1)], near_m=scene.terms.near_m
        )
        legs = legs_of(
            point, edges, streets=scene.streets, ground=scene.ground, home=scene.home, terms=scene.terms
        )
        found.append(legs)
        owners.append(np.full(len(legs), owner))
    return np.concatenate(found), np.concatenate(owners).astype(np.intp)


def _track_pairs(patch: Patch, legs: Segments) -> tuple[IntArray, IntArray]:
    leg, track = patch.tree.query(shapely.buffer(legs.lines, 1e-3)) if len(legs) else (patch.rows[:0],) * 2
    return patch.rows[track], np.asarray(leg, dtype=np.intp)


def _measured(scene: Scene, patch: Patch, pieces: Segments) -> Stretches:
    return measure(
        pieces, patch.around.places(pieces.middles_xy), ground=scene.ground,
        utilities=scene.utilities, home=scene.home, terms=scene.terms,
    )  # fmt: skip


def _points(
    starts: IntArray, owners: IntArray, targets_count: int, node: int
) -> tuple[IntArray, int, list[int], int]:
    """One node for the site and one for each target, linked to where their legs start."""
    links = np.column_stack([starts, node + owners]).reshape(-1, 2).astype(np.intp)
    ends = [node + 1 + k for k in range(targets_count)]
    return links, node, ends, node + 1 + targets_count
