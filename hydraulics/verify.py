"""Before a capacity map is published: chosen answers tried with plain EPANET, cold; a map that fails is not given out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hydraulics.capacity import Bisection, demands_of
from hydraulics.errors import HydraulicsError

if TYPE_CHECKING:
    from hydraulics.capacity import Capacities, CapacityRule
    from hydraulics.session import Session

OVER_SHARE, OVER_M3S, UNDER_SHARE = 0.01, 5e-5, 0.03
_SEED = 20261121  # the sample is the same for the same map, so a failure can be looked at again


@dataclass(frozen=True)
class Verified:
    """
    How a map stood the trial.

    Attributes
    ----------
    tried
        How many answers were solved again.
    worst_over_m3s, worst_under_m3s
        Largest distance of an answer above and below the demand that EPANET bears.
    """

    tried: int
    worst_over_m3s: float
    worst_under_m3s: float


def verified(session: Session, rule: CapacityRule, answer: Capacities, *, sample: int) -> Verified:
    """
    Try a random sample of a map's answers by bisection with EPANET alone.

    Raises
    ------
    HydraulicsError
        `capacity-not-verified`: an answer promises more than 1 % + 0.05 L/s above, or withholds more than 3 % of,
        what EPANET bears; names the node and both figures.
    """
    ours = np.flatnonzero(~answer.by_epanet & (answer.limits != "no-water"))
    chosen = np.random.default_rng(_SEED).permutation(ours)[:sample]
    bisection = Bisection(session, demands_of(session, rule), rule)
    over, under = 0.0, 0.0
    for place in chosen:
        node, given = int(answer.nodes[place]), float(answer.capacity_m3s[place])
        borne, _ = bisection.capacity(node)
        _require(session, node, given, borne)
        over, under = max(over, given - borne), max(under, borne - given)
    return Verified(len(chosen), over, under)


def _require(session: Session, node: int, given_m3s: float, borne_m3s: float) -> None:
    too_much = given_m3s > borne_m3s * (1.0 + OVER_SHARE) + OVER_M3S
    too_little = given_m3s < borne_m3s * (1.0 - UNDER_SHARE) - OVER_M3S
    if too_much or too_little:
        raise HydraulicsError(
            "capacity-not-verified", node=session.index.node_ids[node], given_lps=round(given_m3s * 1000.0, 3),
            borne_lps=round(borne_m3s * 1000.0, 3),
        )  # fmt: skip
