"""Demand drawn by pressure, by EPANET's own pressure-driven model (Wagner)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hydraulics.outages import Service
    from hydraulics.results import FloatArray, Solution
    from hydraulics.session import Session

EXPONENT = 0.5


@dataclass(frozen=True)
class Drawn:
    """
    A state in which demands are drawn by pressure.

    Attributes
    ----------
    drawn_m3s
        Shape (nodes,): what each junction draws; zero where no water comes.
    """

    state: Solution
    drawn_m3s: FloatArray


def pressure_rule(service: Service) -> tuple[float, float, float]:
    """Least and required pressure [m] and the exponent between, as EPANET takes them."""
    return service.least_pressure_m, service.required_pressure_m, EXPONENT


def solve_by_pressure(
    session: Session,
    service: Service,
    *,
    shut: Sequence[int] = (),
    dry: Sequence[int] = (),
    extra_m3s: Mapping[int, float] | None = None,
) -> Drawn:
    """
    Solve the base state with demands drawn by pressure.

    Some links may be shut, nothing drawn at `dry` nodes, and more asked at others; what is more is drawn by pressure too.
    """
    with session.hold() as runner, runner.by_pressure(pressure_rule(service)):
        state = runner.run_without(list(shut), dry=list(dry), extra_m3s=extra_m3s or {})
        drawn = runner.delivered_m3s()
    wet = session.index.is_junction & np.isfinite(state.head_m)
    return Drawn(state, np.where(wet, np.maximum(drawn, 0.0), 0.0))
