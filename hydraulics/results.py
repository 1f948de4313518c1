"""What a solve and a check give back: arrays for the network, frozen records for one connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Solution:
    """
    One steady state of the whole model.

    Attributes
    ----------
    head_m, pressure_m
        Shape (nodes,), in the order of `ModelIndex.node_ids`; NaN for nodes cut off from every source.
    flow_m3s, velocity_mps
        Shape (links,), sign from start to end node.
    converged, warnings
        EPANET's own statement; warnings are its codes.
    warned_ids
        The pumps, valves or nodes that the warning is about.
    """

    head_m: FloatArray
    pressure_m: FloatArray
    flow_m3s: FloatArray
    velocity_mps: FloatArray
    converged: bool
    warnings: tuple[int, ...]
    warned_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModelIndex:
    """
    Ids and fixed figures of a model, in the engine's own order.

    Attributes
    ----------
    node_ids, link_ids
        Ids of the network (pipes, nodes), also where the engine had to use shorter ones.
    is_junction
        Shape (nodes,): False for tanks and reservoirs.
    demand_m3s
        Shape (nodes,): demand at the peak state.
    is_fed
        Shape (nodes,): False for nodes cut off from every source; their heads mean nothing.
    """

    node_ids: tuple[str, ...]
    link_ids: tuple[str, ...]
    is_junction: NDArray[np.bool_]
    is_fed: NDArray[np.bool_]
    elevation_m: FloatArray
    demand_m3s: FloatArray
    link_start: NDArray[np.int64]
    link_end: NDArray[np.int64]
    link_length_m: FloatArray
    link_diameter_m: FloatArray


@dataclass(frozen=True)
class TieIn:
    """
    Where the new demand leaves the network: at a node, or on a pipe.

    `fraction` is the share of the pipe's length from its start node to the tie-in, 0 to 1; used with `pipe_id`.
    """

    node_id: str | None = None
    pipe_id: str | None = None
    fraction: float = 0.5


@dataclass(frozen=True)
class NodePressure:
    """One node before and after."""

    node_id: str
    elevation_m: float
    pressure_before_m: float
    pressure_after_m: float


@dataclass(frozen=True)
class PressureCheck:
    """
    PressureCheck 压力校核: what an extra demand at one tie-in does to the network.

    Attributes
    ----------
    tie_in_head_before_m, tie_in_head_after_m
        Total head where the service pipe leaves the network.
    worst
        Demand node with the lowest pressure after; None in a network without demand.
    newly_below
        Demand nodes that had the limit before and miss it after, worst first.
    most_affected
        Demand nodes by pressure lost, at most twenty: the table an engineer reads.
    before, after
        Whole states, for CSV, maps and exports.
    by_pressure
        Where demands are drawn only as far as the pressure allows: least and required pressure [m] and the exponent;
        `unserved_before_m3s`, `unserved_after_m3s` are what is not drawn.
    """

    tie_in: TieIn
    flow_m3s: float
    limit_m: float
    tie_in_head_before_m: float
    tie_in_head_after_m: float
    worst: NodePressure | None
    newly_below: tuple[NodePressure, ...]
    most_affected: tuple[NodePressure, ...]
    max_velocity_mps: float
    before: Solution
    after: Solution
    converged: bool
    engine: str
    by_pressure: tuple[float, float, float] | None = None
    unserved_before_m3s: float = 0.0
    unserved_after_m3s: float = 0.0
