"""Spines of the communities: from the street's main along the lane, with valve, hydrants and joints for the laterals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gis.sample.pipes.survey import END, HYDRANT, LEAD, SPINE, TEE, VALVE, Survey, chain
from gis.sample.settings import FloatArray, IntArray
from gis.sample.town.land import Cells, Gates, Parcels
from gis.sample.town.streets import Streets

BESIDE_LANE_M = 1.3
VALVE_M = 3.0  # from the main
GATE_HYDRANT_M = 5.0  # inside the red line
HYDRANT_BEFORE_JOINT_M = 5.0
LONGEST_GAP_M = 95.0  # between joints without a hydrant of its own in the middle
BARE_SPINE_M = 22.0  # inside the red line, where nothing branches off


@dataclass(frozen=True)
class Spines:
    """Runs of the spines by gate, the points where laterals leave, and the lanes' ends south to north."""

    run: IntArray
    joint_point: IntArray
    first_joint: IntArray
    beside_share: FloatArray
    end_share: FloatArray

    def joint(self, gate: IntArray, rank: IntArray) -> IntArray:
        """Point where lateral `rank` of each side leaves the spine."""
        return self.joint_point[self.first_joint[gate] + rank]


@dataclass(frozen=True)
class _Lanes:
    """Places along the lanes by depth: metres from the street's centre line."""

    streets: Streets
    cells: Cells
    gates: Gates
    cell: IntArray

    @property
    def beside_share(self) -> FloatArray:
        return BESIDE_LANE_M / self.cells.width_m[self.cell]

    def depth_m(self, gate: IntArray, share: FloatArray) -> FloatArray:
        inward = np.where(self.gates.from_north[gate], 1 - share, share)
        return inward * self.cells.height_m[self.cell[gate]]

    def share(self, gate: IntArray, depth_m: FloatArray) -> FloatArray:
        inward = depth_m / self.cells.height_m[self.cell[gate]]
        return np.where(self.gates.from_north[gate], 1 - inward, inward)

    def place(self, gate: IntArray, depth_m: FloatArray, *, east_m: float = 0.0) -> FloatArray:
        cell = self.cell[gate]
        s = self.gates.lane_share[gate] + self.beside_share[gate] + east_m / self.cells.width_m[cell]
        return self.streets.lattice.place(
            self.cells.column[cell] + s, self.cells.row[cell] + self.share(gate, depth_m)
        )


def lane_road(streets: Streets, gate: IntArray) -> IntArray:
    """Road number of a community's lane: lanes come after the street edges."""
    return len(streets.start) + gate


def lay_spines(
    survey: Survey, streets: Streets, cells: Cells, parcels: Parcels, gates: Gates, *,
    tee: IntArray, lateral_gate: IntArray, rank: IntArray, share: FloatArray,
) -> Spines:  # fmt: skip
    """
    Draw the spines: a valve at the main, a hydrant behind the gate, a joint with a hydrant at every pair of laterals.

    `tee` are the gates' points on the mains; `lateral_gate`, `rank`, `share` (south to north) are of the laterals.
    """
    lanes = _Lanes(streets, cells, gates, parcels.cell[gates.parcel])
    count = np.zeros(len(gates.parcel), dtype=np.int64)
    np.maximum.at(count, lateral_gate, rank + 1)
    first = np.cumsum(count) - count
    joint_depth = np.zeros(int(count.sum()))
    joint_depth[first[lateral_gate] + rank] = lanes.depth_m(lateral_gate, share)
    every, red_line = np.arange(len(count)), parcels.rectangle_share[gates.parcel]
    gate_m = lanes.depth_m(every, np.where(gates.from_north, red_line[:, 3], red_line[:, 2]))
    end_m = gate_m + BARE_SPINE_M
    np.maximum.at(end_m, np.repeat(every, count), joint_depth)
    runs = survey.add_runs(SPINE, road=lane_road(streets, every), parcel=gates.parcel)
    joints = _draw(survey, lanes, runs, tee=tee, gate_m=gate_m, end_m=end_m, count=count, joint_m=joint_depth)
    return Spines(runs, joints, first, lanes.beside_share, lanes.share(every, end_m))


def _draw(
    survey: Survey, lanes: _Lanes, runs: IntArray, *, tee: IntArray, gate_m: FloatArray, end_m: FloatArray,
    count: IntArray, joint_m: FloatArray,
) -> IntArray:  # fmt: skip
    """Points and lines of the spines; gives the joints' points."""
    every = np.arange(len(tee))
    joint_gate = np.repeat(every, count)
    inward = np.where(lanes.gates.from_north, -1.0, 1.0)
    valve_m = inward * lanes.streets.main.offset_m[lanes.gates.edge] + VALVE_M
    hydrant_gate, hydrant_m = _hydrant_places(gate_m, count, joint_m)
    bare = every[count == 0]
    groups = [
        (joint_gate, joint_m, TEE), (every, valve_m, VALVE), (hydrant_gate, hydrant_m, TEE), (bare, end_m[bare], END)
    ]  # fmt: skip
    points = [
        survey.add_points(lanes.place(gate, depth_m), kind, road=lane_road(lanes.streets, gate))
        for gate, depth_m, kind in groups
    ]
    gate, depth = (np.concatenate([group[k] for group in groups]) for k in (0, 1))
    lines = chain(gate, depth / end_m[gate], np.concatenate(points), start=tee, end=np.full(len(tee), -1))
    survey.add_lines(lines.first, lines.second, runs[lines.run])
    road = lane_road(lanes.streets, hydrant_gate)
    hydrant = survey.add_points(lanes.place(hydrant_gate, hydrant_m, east_m=2.2), HYDRANT, road=road)
    leads = survey.add_runs(LEAD, road=road, parcel=lanes.gates.parcel[hydrant_gate])
    survey.add_lines(points[2], hydrant, leads)
    return points[0]


def _hydrant_places(gate_m: FloatArray, count: IntArray, joint_m: FloatArray) -> tuple[IntArray, FloatArray]:
    """Gate and depth of the hydrants: behind every gate, before every joint, and between joints far apart."""
    every = np.arange(len(count))
    joint_gate = np.repeat(every, count)
    first = np.zeros(len(joint_m), dtype=np.bool_)
    first[(np.cumsum(count) - count)[count > 0]] = True
    before = np.where(first, gate_m[joint_gate] + GATE_HYDRANT_M, np.roll(joint_m, 1))
    at_joint = joint_m - HYDRANT_BEFORE_JOINT_M
    wanted = at_joint > before + 12.0
    far = joint_m - before > LONGEST_GAP_M
    gate = np.concatenate([every, joint_gate[wanted], joint_gate[far]])
    depth = np.concatenate([gate_m + GATE_HYDRANT_M, at_joint[wanted], ((before + joint_m) / 2)[far]])
    return gate, depth
