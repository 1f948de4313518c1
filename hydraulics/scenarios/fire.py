"""Fire flow 消防流量: what a hydrant or a connection can give, and what the network keeps meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from hydraulics.tie_in import node_of, tap

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.network import Network
    from hydraulics.results import TieIn
    from hydraulics.session import Session

_CLOSE_M = 0.005
_CLOSE_SHARE = 1e-4
_MOST_SOLVES = 40
_LOSS_EXPONENT = 1.852


@dataclass(frozen=True)
class FireFlow:
    """
    What can be drawn for a fire at one place.

    Attributes
    ----------
    pressure_m
        With the asked fire flow drawn.
    available_m3s
        The largest flow that leaves the least pressure there; `at_cap` where the largest one looked for does.
    newly_below_count
        Customers pushed below the least pressure by the asked fire flow.
    """

    pressure_m: float
    available_m3s: float
    at_cap: bool
    newly_below_count: int


@dataclass(frozen=True)
class Hydrant:
    """A hydrant near a place; `fire` None where no water reaches it or its ground is not known."""

    hydrant_id: str
    node_id: str | None
    distance_m: float
    fire: FireFlow | None


def fire_flow(
    session: Session, tie_in: TieIn, *, elevation_m: float, flow_m3s: float, least_m: float, most_m3s: float
) -> FireFlow:
    """
    Give what can be drawn for a fire at a tie-in on top of the session's demand.

    `least_m` is the pressure to be left above `elevation_m`, `most_m3s` where the search ends.

    Raises
    ------
    ModelInputError
        No water reaches the tie-in.
    """

    def pressure_m(drawn_m3s: float) -> float:
        return tap(session, tie_in, flow_m3s=drawn_m3s).head_after_m - elevation_m

    after = tap(session, tie_in, flow_m3s=flow_m3s)
    base, index = session.base, session.index
    asked = index.is_junction & (index.demand_m3s > 0) & np.isfinite(base.pressure_m)
    fell = asked & (base.pressure_m >= least_m) & ~(after.after.pressure_m >= least_m)
    found = available_m3s(pressure_m, least_m=least_m, first_m3s=flow_m3s, most_m3s=most_m3s)
    return FireFlow(after.head_after_m - elevation_m, found, found >= most_m3s, int(fell.sum()))


def available_m3s(
    pressure_m: Callable[[float], float], *, least_m: float, first_m3s: float, most_m3s: float
) -> float:
    """
    The largest flow [m3/s] that leaves `least_m` of pressure; `most_m3s` where even that does, 0 where none does.

    Loss grows nearly with a power of the flow, so the next trial follows that law and bisection only guards it.
    """
    at_rest_m = pressure_m(0.0)
    if at_rest_m <= least_m:
        return 0.0
    if pressure_m(most_m3s) >= least_m:
        return most_m3s
    low, high, trial = 0.0, most_m3s, min(first_m3s, 0.5 * most_m3s)
    for _ in range(_MOST_SOLVES):
        left_m = pressure_m(trial)
        low, high = (trial, high) if left_m >= least_m else (low, trial)
        if 0.0 <= left_m - least_m <= _CLOSE_M or high - low <= _CLOSE_SHARE * high:
            break
        lost_m = max(at_rest_m - left_m, 1e-9)
        trial *= ((at_rest_m - least_m - 0.5 * _CLOSE_M) / lost_m) ** (1.0 / _LOSS_EXPONENT)
        if not low < trial < high:
            trial = 0.5 * (low + high)
    return low


def hydrants_near(
    network: Network, xy: tuple[float, float], *, within_m: float
) -> list[tuple[str, str | None, float]]:
    """Hydrants within reach of a place, nearest first: id, node, straight distance [m]."""
    table = network.layer("hydrants")
    points = table.geometry.to_numpy()
    placed = np.flatnonzero(~(shapely.is_missing(points) | shapely.is_empty(points)))
    away = shapely.distance(points[placed], shapely.Point(*xy))
    order = [int(n) for n in np.argsort(away, kind="stable") if away[n] <= within_m]
    rows = table.iloc[placed[order]]
    nodes = (str(node) if isinstance(node, str) else None for node in rows["node_id"])
    return [
        (str(name), node, float(away[n]))
        for name, node, n in zip(rows["hydrant_id"], nodes, order, strict=True)
    ]


def is_fed_node(session: Session, tie_in: TieIn) -> bool:
    """Say whether a node of the model with known ground and water stands for a hydrant."""
    if tie_in.node_id is None or tie_in.node_id not in session.node_position:
        return False
    node = node_of(session, tie_in)
    return node is not None and bool(np.isfinite(session.base.pressure_m[node]))
