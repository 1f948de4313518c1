"""Sizes of all runs from the flow they carry, and the heads the sources must give for the pressure to be right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.sample.consumers import Customers
from gis.sample.pipes.heads import resistance, solve_heads
from gis.sample.pipes.mains import Mains
from gis.sample.pipes.materials import material_of, roughness_c
from gis.sample.pipes.trunks import Skeleton
from gis.sample.settings import STREET_CLASSES, FloatArray, IntArray, parameters
from gis.sample.town.streets import Streets

ROUNDS = 5


@dataclass(frozen=True)
class Sizes:
    """Of the skeleton: DN, material of its edges; heads of its nodes; what each source gives at the peak."""

    dn: IntArray
    material: NDArray[np.object_]
    head_m: FloatArray
    source_head_m: FloatArray
    source_flow_m3s: FloatArray


def node_loads(skeleton: Skeleton, streets: Streets, mains: Mains, customers: Customers) -> FloatArray:
    """Peak demand of each skeleton node [m3/s]: customers shared between the ends of their street."""
    edge = customers.edge
    share = np.where(mains.reach_share[edge] < 1, 0.0, customers.edge_fraction)
    start, end = skeleton.crossing_node[streets.start[edge]], skeleton.crossing_node[streets.end[edge]]
    peak = customers.peak_m3s
    loads: FloatArray = np.bincount(start, peak * (1 - share), minlength=skeleton.nodes) + np.bincount(
        end, peak * share, minlength=skeleton.nodes
    )
    return loads


def tree_flows(skeleton: Skeleton, loads_m3s: FloatArray) -> FloatArray:
    """Flow of each edge when every node is fed along the tree; edges outside it carry none."""
    other = skeleton.first + skeleton.second
    through = loads_m3s.tolist()
    flow = np.zeros(len(skeleton.first))
    parent = skeleton.tree_parent_edge.tolist()
    for node in np.argsort(
        -np.where(np.isfinite(skeleton.distance_m), skeleton.distance_m, 0), kind="stable"
    ).tolist():
        edge = parent[node]
        if edge >= 0:
            flow[edge] = through[node]
            through[int(other[edge]) - node] += through[node]
    return flow


def size_by_flow(flow_m3s: FloatArray, *, dn: IntArray, velocity_mps: FloatArray) -> IntArray:
    """Smallest DN of a rising series that keeps the velocity that goes with it; the largest when none does."""
    capacity = velocity_mps * np.pi / 4 * (dn / 1000.0) ** 2
    size: IntArray = dn[np.minimum(np.searchsorted(capacity, flow_m3s), len(dn) - 1)]
    return size


def size_skeleton(
    skeleton: Skeleton, streets: Streets, loads_m3s: FloatArray, *,
    year: IntArray, draw_share: FloatArray, ground_m: FloatArray, closed: NDArray[np.bool_],
) -> Sizes:  # fmt: skip
    """
    Size the skeleton and set the sources' heads.

    `year`, `draw_share` by edge; `ground_m` by node; `closed` edges (cut mains) carry nothing through.
    """
    p = parameters()["sizing"]
    series = np.array(p["dn"])
    dn = np.maximum(
        size_by_flow(tree_flows(skeleton, loads_m3s), dn=series, velocity_mps=np.array(p["velocity_mps"])),
        _least_dn(skeleton, streets, year),
    )
    planned = _planned(skeleton, loads_m3s)
    for round_number in range(ROUNDS):
        material = material_of(dn, year, draw_share)
        head, flow = _solved(skeleton, dn, roughness_c(material, year), loads_m3s, planned, closed)
        if round_number < ROUNDS - 1:
            steep = np.abs(head[skeleton.first] - head[skeleton.second]) / skeleton.length_m * 1000
            wider = np.minimum(np.searchsorted(series, dn, side="right"), len(series) - 1)
            dn = np.where((steep > p["gradient_m_km"]) & ~closed, series[wider], dn)
    crossings = skeleton.nodes - len(skeleton.source_node)
    head = head + p["target_pressure_m"] - float(np.median((head - ground_m)[:crossings]))
    source_head = np.round(head[skeleton.source_node], 2)
    return Sizes(dn, material, head, source_head, _given(skeleton, flow))


def _planned(skeleton: Skeleton, loads_m3s: FloatArray) -> FloatArray:
    """What each source is built to give: the loads of the nodes it feeds first."""
    planned: FloatArray = np.bincount(skeleton.fed_by, loads_m3s, minlength=len(skeleton.source_node))
    return planned


def _least_dn(skeleton: Skeleton, streets: Streets, year: IntArray) -> IntArray:
    p = parameters()["sizing"]
    table = np.array([[p[key].get(name, 100) for name in STREET_CLASSES] for key in ("min_dn", "min_dn_old")])
    least = np.full(len(skeleton.first), p["trunk_min_dn"], dtype=np.int64)
    streets_only = slice(0, len(streets.start))
    old = (year[streets_only] < p["old_before"]).astype(np.int64)
    least[streets_only] = table[old, streets.street_class]
    return least


def _solved(
    skeleton: Skeleton, dn: IntArray, c: FloatArray, loads_m3s: FloatArray, planned_m3s: FloatArray,
    closed: NDArray[np.bool_],
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Heads above the first source's when every source gives what it is built for, and the flows."""
    used = np.flatnonzero(~closed)
    source = skeleton.source_node
    demand = loads_m3s.copy()
    demand[source] -= planned_m3s
    head, flow = solve_heads(
        skeleton.first[used], skeleton.second[used],
        resistance(skeleton.length_m[used], dn[used] / 1000.0, c[used]),
        demand_m3s=demand, source=source[:1], source_head_m=np.zeros(1),
    )  # fmt: skip
    whole = np.zeros(len(dn))
    whole[used] = flow
    return head, whole


def _given(skeleton: Skeleton, flow_m3s: FloatArray) -> FloatArray:
    """Outflow of each source: its pipe is among the last edges, in the order of the sources."""
    given: FloatArray = flow_m3s[len(flow_m3s) - len(skeleton.source_node) :]
    return given
