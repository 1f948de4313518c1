"""Mains in the streets: valves at crossings, a hydrant in every slot, reserved tap-offs, gates of communities, trunks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gis.sample.pipes.survey import (
    BEND,
    END,
    HYDRANT,
    INTAKE,
    LEAD,
    LINK,
    MAIN,
    SOURCE,
    STUB,
    TAPOFF,
    TEE,
    TRUNK,
    VALVE,
    Chains,
    Survey,
    chain,
)
from gis.sample.pipes.trunks import Skeleton, Supply
from gis.sample.settings import (
    BRANCH,
    BoolArray,
    FloatArray,
    IntArray,
    between,
    parameters,
    stream,
    within_group,
)
from gis.sample.town.land import Gates, slots
from gis.sample.town.streets import Streets, align, meeting_points

VALVE_M = 4.0  # from a crossing
TAPOFF_PLACES = np.array(
    [0.13, 0.36, 0.60, 0.87]
)  # of a slot; gates lie at .22 .28 .72 .78, hydrants at .5, bends at 0
CUT_PLACE = 0.66  # of the last slot: a dead end keeps its last hydrant


@dataclass(frozen=True)
class Mains:
    """
    What the streets hold.

    Attributes
    ----------
    chains, first_line
        Lines along the street edges (run i is edge i) and the id of the first of them.
    reach_share
        Fraction of each edge its main reaches: 1, less where it is cut.
    gate_tee
        Point where each gate's pipe leaves.
    stub_end, stub_valve, stub_run, stub_edge
        Of each reserved tap-off.
    """

    chains: Chains
    first_line: int
    reach_share: FloatArray
    gate_tee: IntArray
    stub_end: IntArray
    stub_valve: IntArray
    stub_run: IntArray
    stub_edge: IntArray


def cut_edges(streets: Streets, skeleton: Skeleton, gates: Gates, seed: int) -> BoolArray:
    """Branch streets whose main stops short of the far crossing; never one that feeds anything beyond it."""
    rng = stream(seed, "cuts")
    loose = rng.random(len(streets.start)) < parameters()["lattice"]["cut_share"]
    loose &= streets.street_class == BRANCH
    tree = skeleton.tree_parent_edge[skeleton.tree_parent_edge >= 0]
    loose[tree[tree < len(loose)]] = False
    loose[gates.edge] = False
    return loose


def lay_mains(
    survey: Survey, streets: Streets, gates: Gates, cut: BoolArray, seed: int
) -> Mains:  # fmt: skip
    """Draw the distribution mains of all streets with everything that sits on them."""
    rng = stream(seed, "mains")
    parts = slots(streets)
    reach = np.where(cut, (parts - 1 + CUT_PLACE) / parts, 1.0)
    nodes = np.unique(np.concatenate([streets.start, streets.end]))
    node_point = np.full(streets.crossing_numbers, -1, dtype=np.int64)
    node_point[nodes] = survey.add_points(
        meeting_points(streets.lattice, nodes), TEE, road=_road_of(streets, nodes)
    )
    edge, fraction, kind, gate = _events(streets, gates, parts, reach, rng)
    point = survey.add_points(streets.main_at(edge, fraction), np.where(kind == TAPOFF, TEE, kind), road=edge)
    is_lead = kind == HYDRANT
    survey.column("points", "kind")[point[is_lead]] = TEE
    runs = survey.add_runs(MAIN, road=np.arange(len(streets.start)))
    end = np.where(cut, -1, node_point[streets.end])
    lines = chain(edge, fraction, point, start=node_point[streets.start], end=end)
    ids = survey.add_lines(lines.first, lines.second, runs[lines.run])
    _hang_hydrants(survey, streets, edge[is_lead], fraction[is_lead], point[is_lead], rng)
    stub = kind == TAPOFF
    stubs = _hang_stubs(survey, streets, edge[stub], fraction[stub], point[stub], rng)
    gate_tee = np.full(len(gates.edge), -1, dtype=np.int64)
    gate_tee[gate[gate >= 0]] = point[gate >= 0]
    return Mains(lines, int(ids[0]), reach, gate_tee, *stubs, edge[stub])


def _road_of(streets: Streets, crossing: IntArray) -> IntArray:
    """An edge at each crossing, to name its street by."""
    edge = np.full(streets.crossing_numbers, -1, dtype=np.int64)
    order = np.argsort(-streets.street_class, kind="stable")
    edge[streets.end[order]] = order
    edge[streets.start[order]] = order
    return edge[crossing]


def _events(
    streets: Streets, gates: Gates, parts: IntArray, reach_share: FloatArray, rng: np.random.Generator
) -> tuple[IntArray, FloatArray, IntArray, IntArray]:
    """Edge, fraction, kind of everything on the mains, and the gate it belongs to (-1: none)."""
    edges = np.arange(len(parts))
    slot_edge = np.repeat(edges, parts)
    slot = within_group(parts)
    near = VALVE_M / streets.length_m
    far_valve = edges[rng.random(len(edges)) < 0.8]
    reserved = rng.random(len(slot_edge)) < parameters()["tapoff"]["per_slot"]
    place = TAPOFF_PLACES[rng.integers(0, 4, len(slot_edge))] + rng.uniform(-0.02, 0.02, len(slot_edge))
    inner = slot > 0
    stopped = edges[reach_share < 1]
    groups = [
        (edges, near, VALVE),
        (far_valve, 1 - near[far_valve], VALVE),
        (slot_edge, (slot + 0.5) / parts[slot_edge], HYDRANT),
        (slot_edge[inner], slot[inner] / parts[slot_edge[inner]], BEND),
        (slot_edge[reserved], (slot[reserved] + place[reserved]) / parts[slot_edge[reserved]], TAPOFF),
        (stopped, reach_share[stopped], END),
        (gates.edge, gates.fraction, TEE),
    ]
    edge = np.concatenate([g[0] for g in groups])
    fraction = np.concatenate([g[1] for g in groups])
    kind = np.concatenate([np.full(len(g[0]), g[2], dtype=np.int64) for g in groups])
    gate = np.full(len(edge), -1, dtype=np.int64)
    gate[len(edge) - len(gates.edge) :] = np.arange(len(gates.edge))
    kept = fraction <= reach_share[edge] + 1e-9
    return edge[kept], fraction[kept], kind[kept], gate[kept]


def _hang_hydrants(
    survey: Survey,
    streets: Streets,
    edge: IntArray,
    fraction: FloatArray,
    tee: IntArray,
    rng: np.random.Generator,
) -> None:
    length = between(rng, parameters()["hydrant"]["lead_m"], len(edge))
    point = survey.add_points(streets.main_at(edge, fraction, beyond_m=length), HYDRANT, road=edge)
    survey.add_lines(tee, point, survey.add_runs(LEAD, road=edge))


def _hang_stubs(
    survey: Survey,
    streets: Streets,
    edge: IntArray,
    fraction: FloatArray,
    tee: IntArray,
    rng: np.random.Generator,
) -> tuple[IntArray, IntArray, IntArray]:
    """Reserved tap-offs: tee, valve, capped end. Gives end points, valve points and runs."""
    length = between(rng, parameters()["tapoff"]["length_m"], len(edge))
    valve = survey.add_points(streets.main_at(edge, fraction, beyond_m=0.4 * length), VALVE, road=edge)
    end = survey.add_points(streets.main_at(edge, fraction, beyond_m=length), TAPOFF, road=edge)
    runs = survey.add_runs(STUB, road=edge)
    survey.add_lines(tee, valve, runs)
    survey.add_lines(valve, end, runs)
    return end, valve, runs


def lay_trunks(survey: Survey, streets: Streets, supply: Supply, seed: int) -> IntArray:
    """Draw transmission mains, their links to the distribution mains and the sources; gives the sources' points."""
    rng = stream(seed, "trunks")
    edge, parts = supply.trunk_edge, slots(streets)[supply.trunk_edge]
    joint = supply.trunk_crossing
    trunk_point = np.full(streets.crossing_numbers, -1, dtype=np.int64)
    trunk_point[joint] = survey.add_points(
        meeting_points(streets.lattice, joint, trunk=True), TEE, road=_road_of(streets, joint)
    )
    row = np.repeat(np.arange(len(edge)), parts)
    fraction = within_group(parts) / parts[row]
    valved = rng.random(len(row)) < 0.5
    kept = (fraction > 0) | valved
    row, at = row[kept], np.where(fraction == 0, VALVE_M / streets.length_m[edge[row]], fraction)[kept]
    kind = np.where(fraction[kept] == 0, VALVE, BEND)
    line = align(streets.lattice, streets.start, streets.end, -streets.main.offset_m, trunk=True)
    place = streets.along(line, edge[row], at)
    point = survey.add_points(place, kind, road=edge[row])
    lines = chain(row, at, point, start=trunk_point[streets.start[edge]], end=trunk_point[streets.end[edge]])
    survey.add_lines(lines.first, lines.second, survey.add_runs(TRUNK, road=edge)[lines.run])
    _link(survey, streets, joint[supply.linked], trunk_point)
    return _intakes(survey, streets, supply, trunk_point)


def _link(survey: Survey, streets: Streets, joint: IntArray, trunk_point: IntArray) -> None:
    """Join transmission and distribution mains across a crossing, each joint with its valve."""
    place = survey.column("points", "place_xy")
    near, far = place[trunk_point[joint]], meeting_points(streets.lattice, joint)
    road = _road_of(streets, joint)
    valve = survey.add_points(near + 0.15 * (far - near), VALVE, road=road)
    runs = survey.add_runs(LINK, road=road)
    main_point = _first_points(streets)
    survey.add_lines(trunk_point[joint], valve, runs)
    survey.add_lines(valve, main_point[joint], runs)


def _first_points(streets: Streets) -> IntArray:
    """Ids of the crossings' points: they are drawn first, in the order of their numbers."""
    nodes = np.unique(np.concatenate([streets.start, streets.end]))
    ids = np.full(streets.crossing_numbers, -1, dtype=np.int64)
    ids[nodes] = np.arange(len(nodes))
    return ids


def _intakes(survey: Survey, streets: Streets, supply: Supply, trunk_point: IntArray) -> IntArray:
    """Put the sources on their ground, with a valve on the way out."""
    column, row = np.divmod(supply.cell, streets.lattice.rows)
    ground = streets.lattice.place(column + 0.5, row + 0.5)
    joint = trunk_point[supply.crossing]
    entry = survey.column("points", "place_xy")[joint]
    road = _road_of(streets, supply.crossing)
    source = survey.add_points(ground, SOURCE, road=road)
    valve = survey.add_points(ground + 0.12 * (entry - ground), VALVE, road=road)
    runs = survey.add_runs(INTAKE, road=road)
    survey.add_lines(source, valve, runs)
    survey.add_lines(valve, joint, runs)
    return source
