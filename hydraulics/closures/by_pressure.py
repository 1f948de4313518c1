"""Demand drawn by pressure while a part is shut, by EPANET's own pressure-driven model (Wagner)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hydraulics.scenarios.by_pressure import solve_by_pressure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hydraulics.closures.outage import Closures

    IntArray = NDArray[np.int64]

_SHORT_SHARE = 0.999  # who draws less than this of what is asked has too little pressure
_LEAST_M3S = 1e-9


@dataclass(frozen=True)
class PressureLoss:
    """
    What is lost by pressure while a part is shut, beyond what is lost without that.

    Attributes
    ----------
    unserved_m3s
        Peak demand that is drawn before and not meanwhile.
    low_nodes
        Junctions that still have water and draw less than they ask, though they drew all of it before.
    worst_node, worst_pressure_m
        The junction with demand and water that is left lowest (-1, NaN: none).
    """

    unserved_m3s: float
    low_nodes: IntArray
    worst_node: int
    worst_pressure_m: float
    converged: bool


def loss_by_pressure(closures: Closures, shut: IntArray) -> PressureLoss:
    """Give what shutting some segments takes, by pressure."""
    session, service = closures.session, closures.service
    before = closures.base_by_pressure
    dry, _ = closures.graph.dry(shut)
    dry_nodes = np.flatnonzero(dry[closures.plan.segments.node])
    after = solve_by_pressure(session, service, shut=closures.links_at(dry).tolist(), dry=dry_nodes.tolist())
    asked = np.where(session.index.is_junction, session.index.demand_m3s, 0.0)
    wet = (asked > _LEAST_M3S) & np.isfinite(after.state.head_m)
    wet[dry_nodes] = False
    enough = _SHORT_SHARE * asked
    low = wet & (after.drawn_m3s < enough) & (before.drawn_m3s >= enough)
    held = np.flatnonzero(wet)
    worst = int(held[np.argmin(after.state.pressure_m[held])]) if len(held) else -1
    return PressureLoss(
        float(np.maximum(before.drawn_m3s - after.drawn_m3s, 0.0).sum()),
        np.flatnonzero(low),
        worst,
        float(after.state.pressure_m[worst]) if worst >= 0 else float("nan"),
        after.state.converged,
    )
