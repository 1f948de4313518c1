"""Pipes inside the communities: a spine along the lane behind the gate, dead-end laterals between the rows of houses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gis.sample.pipes.spines import lane_road, lay_spines
from gis.sample.pipes.survey import END, JUNCTION, LATERAL, VALVE, Chains, Survey, chain
from gis.sample.settings import FloatArray, IntArray, within_group
from gis.sample.town.buildings import Zones, row_share
from gis.sample.town.land import Cells, Gates, Parcels
from gis.sample.town.streets import Streets

SEGMENT_M = 58.0
VALVE_M = 1.8  # from the spine


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
    spine = lay_spines(
        survey,
        streets,
        cells,
        parcels,
        gates,
        tee=gate_tee,
        lateral_gate=zones.gate[zone],
        rank=rank,
        share=share,
    )
    lane = gates.lane_share[zones.gate[zone]] + spine.beside_share[zones.gate[zone]]
    margin = 3.0 / cells.width_m[parcels.cell[zones.parcel[zone]]]
    far = np.where(
        zones.east[zone], zones.rectangle_share[zone, 1] - margin, zones.rectangle_share[zone, 0] + margin
    )
    cell = parcels.cell[zones.parcel[zone]]
    road = lane_road(streets, zones.gate[zone])
    runs = survey.add_runs(LATERAL, road=road, parcel=zones.parcel[zone])
    joint = spine.joint(zones.gate[zone], rank)
    lines = _lay_laterals(survey, streets, cells, cell, road, share, lane, far, joint)
    ids = survey.add_lines(lines.first, lines.second, runs[lines.run])
    return Yards(
        spine.run, np.cumsum(count) - count, runs, zones.gate[zone], share, lane, far, lines,
        int(ids[0]) if len(ids) else 0, spine.end_share,
    )  # fmt: skip


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


def _lay_laterals(
    survey: Survey, streets: Streets, cells: Cells, cell: IntArray, road: IntArray, share: FloatArray,
    start_share: FloatArray, end_share: FloatArray, joint: IntArray,
) -> Chains:  # fmt: skip
    """Cut the laterals into lines of a length a crew lays in a day; the far end is where the last house enters."""
    length_m = np.abs(end_share - start_share) * cells.width_m[cell]
    parts = np.maximum(1, np.ceil(length_m / SEGMENT_M)).astype(np.int64)
    laterals = np.arange(len(parts))
    row = np.concatenate([np.repeat(laterals, parts), laterals])
    fraction = np.concatenate([(within_group(parts) + 1) / np.repeat(parts, parts), VALVE_M / length_m])
    s = start_share[row] + fraction * (end_share - start_share)[row]
    place = streets.lattice.place(cells.column[cell[row]] + s, cells.row[cell[row]] + share[row])
    kind = np.where(fraction > 1 - 1e-9, END, JUNCTION)
    kind[len(kind) - len(laterals) :] = VALVE
    point = survey.add_points(place, kind, road=road[row])
    return chain(row, fraction, point, start=joint, end=np.full(len(joint), -1))
