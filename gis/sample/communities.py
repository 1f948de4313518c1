"""Pipes inside the communities: a spine along the lane behind the gate, dead-end laterals between the rows of houses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gis.sample.buildings import Zones, row_share
from gis.sample.land import Cells, Gates, Parcels
from gis.sample.settings import BoolArray, FloatArray, IntArray, within_group
from gis.sample.streets import Streets
from gis.sample.survey import END, HYDRANT, JUNCTION, LATERAL, LEAD, SPINE, TEE, VALVE, Chains, Survey, chain

PIPE_BESIDE_LANE_M = 1.3
HYDRANT_BEFORE_LATERAL_M = 5.0
SEGMENT_M = 58.0


@dataclass(frozen=True)
class Yards:
    """
    Pipes of the communities.

    Attributes
    ----------
    spine_run
        Of each gate.
    first_lateral
        Of each zone, its first lateral (a row below); lateral k serves its rows of houses 2k and 2k + 1.
    lateral_run, lateral_gate, lateral_share, lateral_end_share
        Run, gate, where south to north it lies in the cell, and its far end's place west to east.
    laterals, first_line
        Their lines (run i is lateral i) and the id of the first.
    lane_end_share
        Of each gate, where south to north the lane ends.
    """

    spine_run: IntArray
    first_lateral: IntArray
    lateral_run: IntArray
    lateral_gate: IntArray
    lateral_share: FloatArray
    lateral_start_share: FloatArray
    lateral_end_share: FloatArray
    laterals: Chains
    first_line: int
    lane_end_share: FloatArray


def lay_yards(
    survey: Survey, streets: Streets, cells: Cells, parcels: Parcels, gates: Gates, zones: Zones, gate_tee: IntArray
) -> Yards:  # fmt: skip
    """Draw the pipes of all communities; `gate_tee` are the points where they leave the mains."""
    count = np.where(zones.gate >= 0, (zones.rows + 1) // 2, 0)
    zone = np.repeat(np.arange(len(count)), count)
    rank = within_group(count)
    share = _lateral_share(cells, parcels, gates, zones, zone, rank)
    depth_m = _depth_m(cells, parcels, gates, zones.gate[zone], share)
    spine = _Spines.lay(survey, streets, cells, parcels, gates, gate_tee, zones.gate[zone], rank, depth_m)
    lane = gates.lane_share[zones.gate[zone]] + spine.beside_share[zones.gate[zone]]
    margin = 3.0 / cells.width_m[parcels.cell[zones.parcel[zone]]]
    far = np.where(
        zones.east[zone], zones.rectangle_share[zone, 1] - margin, zones.rectangle_share[zone, 0] + margin
    )
    cell = parcels.cell[zones.parcel[zone]]
    road = _lane_road(streets, zones.gate[zone])
    runs = survey.add_runs(LATERAL, road=road, parcel=zones.parcel[zone])
    joint = spine.joint(zones.gate[zone], rank)
    lines = _lay_laterals(survey, streets, cells, cell, road, share, lane, far, joint)
    ids = survey.add_lines(lines.first, lines.second, runs[lines.run])
    return Yards(
        spine.run, np.cumsum(count) - count, runs, zones.gate[zone], share, lane, far, lines,
        int(ids[0]) if len(ids) else 0, spine.end_share,
    )  # fmt: skip


def _lane_road(streets: Streets, gate: IntArray) -> IntArray:
    """Road number of a community's lane: lanes come after the street edges."""
    return len(streets.start) + gate


def _lateral_share(
    cells: Cells, parcels: Parcels, gates: Gates, zones: Zones, zone: IntArray, rank: IntArray
) -> FloatArray:
    """Midway between two rows of houses; in front of the last row when it has no opposite."""
    near = row_share(cells, parcels, gates, zones, zone=zone, line=2 * rank)
    paired = 2 * rank + 1 < zones.rows[zone]
    far = row_share(cells, parcels, gates, zones, zone=zone, line=np.where(paired, 2 * rank + 1, 2 * rank))
    height_m = cells.height_m[parcels.cell[zones.parcel[zone]]]
    ahead = (zones.depth_m[zone] / 2 + 4.0) / height_m
    alone = near + np.where(gates.from_north[zones.gate[zone]], ahead, -ahead)
    return np.where(paired, (near + far) / 2, alone)


def _depth_m(cells: Cells, parcels: Parcels, gates: Gates, gate: IntArray, share: FloatArray) -> FloatArray:
    """Distance from the street's centre line at the gate."""
    height_m = cells.height_m[parcels.cell[gates.parcel[gate]]]
    return np.where(gates.from_north[gate], 1 - share, share) * height_m


@dataclass(frozen=True)
class _Spines:
    """Runs of the spines, where along them the laterals leave, and where they end."""

    run: IntArray
    joint_point: IntArray
    first_joint: IntArray
    beside_share: FloatArray
    end_share: FloatArray

    def joint(self, gate: IntArray, rank: IntArray) -> IntArray:
        """Point where lateral `rank` of each side leaves the spine."""
        return self.joint_point[self.first_joint[gate] + rank]

    @staticmethod
    def lay(
        survey: Survey, streets: Streets, cells: Cells, parcels: Parcels, gates: Gates, tee: IntArray,
        lateral_gate: IntArray, rank: IntArray, depth_m: FloatArray,
    ) -> _Spines:  # fmt: skip
        """Valve and hydrant behind the gate, then a hydrant and a joint at every pair of laterals."""
        count = np.zeros(len(gates.parcel), dtype=np.int64)
        np.maximum.at(count, lateral_gate, rank + 1)
        first = np.cumsum(count) - count
        joint_depth = np.zeros(int(count.sum()))
        joint_depth[first[lateral_gate] + rank] = depth_m
        cell = parcels.cell[gates.parcel]
        gate_m = _depth_m(
            cells,
            parcels,
            gates,
            np.arange(len(cell)),
            np.where(
                gates.from_north,
                parcels.rectangle_share[gates.parcel, 3],
                parcels.rectangle_share[gates.parcel, 2],
            ),
        )
        end_m = gate_m + 22.0
        np.maximum.at(end_m, np.repeat(np.arange(len(count)), count), joint_depth)
        geometry = _SpineGeometry(streets, cells, gates, cell, end_m)
        runs = survey.add_runs(SPINE, road=_lane_road(streets, np.arange(len(cell))), parcel=gates.parcel)
        joints = _spine_points(survey, geometry, tee, runs, gate_m, count, joint_depth)
        end_share = np.where(gates.from_north, 1 - end_m / cells.height_m[cell], end_m / cells.height_m[cell])
        return _Spines(runs, joints, first, geometry.beside_share, end_share)


@dataclass(frozen=True)
class _SpineGeometry:
    """Places along the spines by depth."""

    streets: Streets
    cells: Cells
    gates: Gates
    cell: IntArray
    end_m: FloatArray

    @property
    def beside_share(self) -> FloatArray:
        return PIPE_BESIDE_LANE_M / self.cells.width_m[self.cell]

    def place(self, gate: IntArray, depth_m: FloatArray, *, east_m: float = 0.0) -> FloatArray:
        cell = self.cell[gate]
        t = depth_m / self.cells.height_m[cell]
        t = np.where(self.gates.from_north[gate], 1 - t, t)
        s = self.gates.lane_share[gate] + self.beside_share[gate] + east_m / self.cells.width_m[cell]
        return self.streets.lattice.place(self.cells.column[cell] + s, self.cells.row[cell] + t)


def _spine_points(
    survey: Survey, geometry: _SpineGeometry, tee: IntArray, runs: IntArray, gate_m: FloatArray,
    count: IntArray, joint_depth_m: FloatArray,
) -> IntArray:  # fmt: skip
    """Points and lines of the spines with their hydrants; gives the joints' points."""
    gates = np.arange(len(tee))
    joint_gate = np.repeat(gates, count)
    hydrant_depth = joint_depth_m - HYDRANT_BEFORE_LATERAL_M
    wanted = hydrant_depth > (gate_m + 5.0)[joint_gate] + 12.0
    hydrant_gate = np.concatenate([gates, joint_gate[wanted]])
    hydrant_m = np.concatenate([gate_m + 5.0, hydrant_depth[wanted]])
    joint = _points(survey, geometry, joint_gate, joint_depth_m, TEE)
    valve = _points(survey, geometry, gates, gate_m - 1.0, VALVE)
    hydrant_tee = _points(survey, geometry, hydrant_gate, hydrant_m, TEE)
    hydrant = survey.add_points(
        geometry.place(hydrant_gate, hydrant_m, east_m=2.2),
        HYDRANT,
        road=_lane_road(geometry.streets, hydrant_gate),
    )
    bare = gates[count == 0]
    stop = _points(survey, geometry, bare, geometry.end_m[bare], END)
    gate = np.concatenate([joint_gate, gates, hydrant_gate, bare])
    depth = np.concatenate([joint_depth_m, gate_m - 1.0, hydrant_m, geometry.end_m[bare]])
    point = np.concatenate([joint, valve, hydrant_tee, stop])
    lines = chain(gate, depth / geometry.end_m[gate], point, start=tee, end=np.full(len(tee), -1))
    survey.add_lines(lines.first, lines.second, runs[lines.run])
    leads = survey.add_runs(
        LEAD, road=_lane_road(geometry.streets, hydrant_gate), parcel=geometry.gates.parcel[hydrant_gate]
    )
    survey.add_lines(hydrant_tee, hydrant, leads)
    return joint


def _points(
    survey: Survey, geometry: _SpineGeometry, gate: IntArray, depth_m: FloatArray, kind: int
) -> IntArray:
    return survey.add_points(geometry.place(gate, depth_m), kind, road=_lane_road(geometry.streets, gate))


def _lay_laterals(
    survey: Survey, streets: Streets, cells: Cells, cell: IntArray, road: IntArray, share: FloatArray,
    start_share: FloatArray, end_share: FloatArray, joint: IntArray,
) -> Chains:  # fmt: skip
    """Cut the laterals into lines of a length a crew lays in a day; the far end is where the last house enters."""
    length_m = np.abs(end_share - start_share) * cells.width_m[cell]
    parts = np.maximum(1, np.ceil(length_m / SEGMENT_M)).astype(np.int64)
    row = np.repeat(np.arange(len(parts)), parts)
    fraction = (within_group(parts) + 1) / parts[row]
    s = start_share[row] + fraction * (end_share - start_share)[row]
    place = streets.lattice.place(cells.column[cell[row]] + s, cells.row[cell[row]] + share[row])
    last: BoolArray = fraction > 1 - 1e-9
    point = survey.add_points(place, np.where(last, END, JUNCTION), road=road[row])
    return chain(row, fraction, point, start=joint, end=np.full(len(joint), -1))
