"""A hydraulic model as arrays, in SI: what a single-period EPANET file is written from."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gis.issues import DataIssue
    from hydraulics.results import FloatArray

HeadlossFormula = Literal["H-W", "D-W", "C-M"]
HEADLOSS_FORMULAS: tuple[HeadlossFormula, ...] = ("H-W", "D-W", "C-M")  # in the order of EPANET's codes
DemandBy = Literal["customers", "nodes", "area"]
Curve = tuple[tuple[float, float], ...]  # L/s, m


class PipeState(IntEnum):
    """Commanded state of a pipe."""

    OPEN = 0
    CLOSED = 1
    CHECK_VALVE = 2


@dataclass(frozen=True)
class Tank:
    """A tank 水池 as it stands in the scenario."""

    level_m: float
    min_level_m: float
    max_level_m: float
    diameter_m: float
    can_overflow: bool


@dataclass(frozen=True)
class Pump:
    """
    A pump 水泵.

    `lift` is its head curve, or the constant power it puts into the water [kW]; `speed_factor` is relative to that.
    """

    lift: Curve | float
    speed_factor: float
    is_closed: bool


@dataclass(frozen=True)
class Valve:
    """
    A regulating valve 调节阀.

    `setting` is in the unit of its kind (m, L/s or a coefficient); `fixed` overrides it when not None.
    """

    kind: str
    setting: float | Curve
    fixed: Literal["OPEN", "CLOSED"] | None


@dataclass(frozen=True)
class SolverOptions:
    """What the file tells EPANET about the method; all else is EPANET's default."""

    formula: HeadlossFormula
    viscosity_ratio: float = 1.0
    specific_gravity_ratio: float = 1.0
    emitter_exponent_ratio: float = 0.5
    check_frequency: int = 2
    max_check: int = 10
    damp_limit_share: float = 0.0
    pressure_driven: tuple[float, float, float] | None = None  # minimum m, required m, exponent


@dataclass(frozen=True)
class CutOff:
    """
    What water cannot reach and EPANET therefore must not see: known by name, in no equation.

    Its nodes come after all nodes of the model, its links after all links; `link_start` and `link_end` count so.
    """

    node_ids: tuple[str, ...]
    link_ids: tuple[str, ...]
    elevation_m: FloatArray
    link_start: NDArray[np.int64]
    link_end: NDArray[np.int64]
    length_m: FloatArray
    diameter_m: FloatArray


@dataclass(frozen=True)
class ModelTables:
    """
    A whole model.

    Nodes are junctions, then reservoirs, then tanks; links are pipes, then pumps, then valves.

    Attributes
    ----------
    node_ids, link_ids
        Ids of the network.
    elevation_m
        Shape (nodes,): ground of junctions and reservoirs (the head where a model file has none), bottom of tanks;
        NaN where unknown.
    reservoir_head_m
        Shape (reservoirs,).
    demand_m3s
        Shape (nodes,): zero for reservoirs and tanks.
    position_xy
        Shape (nodes, 2): NaN where unknown.
    link_start, link_end
        Node positions.
    length_m, diameter_m, roughness_factor, minor_k
        Shape (links,): roughness is C, millimetres or Manning's n by the formula; zero for pumps.
    pipe_state
        Shape (pipes,): `PipeState`.
    demand_by
        What the demand of a model built from GIS was reckoned from.
    peak_hour
        Hour of the day found as the peak by patterns, 0 to 23; None by factors.
    doubts
        What had to be assumed of devices of the GIS, by element and field.
    emitters
        Node position to coefficient [L/s per m to the exponent].
    """

    title: str
    node_ids: tuple[str, ...]
    link_ids: tuple[str, ...]
    junction_count: int
    reservoir_count: int
    elevation_m: FloatArray
    reservoir_head_m: FloatArray
    demand_m3s: FloatArray
    position_xy: FloatArray
    link_start: NDArray[np.int64]
    link_end: NDArray[np.int64]
    length_m: FloatArray
    diameter_m: FloatArray
    roughness_factor: FloatArray
    minor_k: FloatArray
    pipe_state: NDArray[np.int8]
    options: SolverOptions
    tanks: tuple[Tank, ...] = ()
    pumps: tuple[Pump, ...] = ()
    valves: tuple[Valve, ...] = ()
    emitters: Mapping[int, float] = field(default_factory=dict)
    vertices: Mapping[int, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    cut_off: CutOff | None = None
    demand_by: DemandBy = "customers"
    peak_hour: int | None = None
    doubts: tuple[DataIssue, ...] = ()

    @property
    def ground_is_known(self) -> NDArray[np.bool_]:
        """Shape (nodes,): True where `elevation_m` is the ground and not a head or a tank bottom."""
        known = np.isfinite(self.elevation_m)
        fixed = slice(self.junction_count, self.junction_count + self.reservoir_count)
        known[fixed] &= self.elevation_m[fixed] != self.reservoir_head_m
        known[self.junction_count + self.reservoir_count :] = False
        return known

    @property
    def pipe_count(self) -> int:
        """Pipes come first among the links."""
        return len(self.pipe_state)
