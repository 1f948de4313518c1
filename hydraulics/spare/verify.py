"""Before a capacity map is published: chosen answers tried with plain EPANET, cold; a map that fails is not given out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gis.progress import SILENT
from hydraulics.capacity import Bisection, demands_of
from hydraulics.errors import HydraulicsError
from hydraulics.session import Session

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.progress import Progress
    from hydraulics.capacity import Capacities, CapacityRule
    from hydraulics.model import PeakModel

OVER_SHARE, OVER_M3S, UNDER_SHARE = 0.01, 5e-5, 0.03
NEAR_M3S = 1e-4  # an answer below this decides whether a single household fits
_NEAR_TRIED_COUNT = 20
_SEED = 20261121  # the sample is the same for the same map, so a failure can be looked at again


@dataclass(frozen=True)
class Verified:
    """
    How a map stood the trial.

    Attributes
    ----------
    tried, near_limit_count, near_limit_tried_count
        How many answers were solved again; how many lie near nothing, and how many of those were among them.
    worst_over_m3s, worst_under_m3s
        Largest distance of an answer above and below the demand that EPANET bears.
    worst_node_id
        Where the larger of both is; empty when nothing was tried.
    """

    tried: int
    near_limit_count: int
    near_limit_tried_count: int
    worst_over_m3s: float
    worst_under_m3s: float
    worst_node_id: str


def verified(
    model: PeakModel, rule: CapacityRule, answer: Capacities, *, sample: int,
    progress: Progress = SILENT,
) -> Verified:  # fmt: skip
    """
    Try answers of a map by bisection with EPANET alone: a random sample, and some of those near nothing.

    EPANET is opened for this on the model's file, and every solve starts cold.

    Raises
    ------
    HydraulicsError
        `capacity-not-verified`: an answer promises more than 1 % + 0.05 L/s above, or withholds more than 3 % + 0.05 L/s
        of, what EPANET bears; names the node and both figures.
    """
    near, chosen = _chosen(answer, sample)
    over_m3s, under_m3s, worst = 0.0, 0.0, ""
    with Session(model) as session:
        bisection = Bisection(session, demands_of(session, rule), rule, cold=True)
        for done, place in enumerate(chosen):
            progress.step("capacity-verify", done, len(chosen))
            node, given_m3s = int(answer.nodes[place]), float(answer.capacity_m3s[place])
            borne_m3s, _ = bisection.capacity(node, near_m3s=given_m3s)
            _require(session.index.node_ids[node], given_m3s, borne_m3s)
            if abs(given_m3s - borne_m3s) >= max(over_m3s, under_m3s):
                worst = session.index.node_ids[node]
            over_m3s = max(over_m3s, given_m3s - borne_m3s)
            under_m3s = max(under_m3s, borne_m3s - given_m3s)
    return Verified(len(chosen), len(near), int(np.isin(chosen, near).sum()), over_m3s, under_m3s, worst)


def _chosen(answer: Capacities, sample: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Places of the answers near nothing, and of those that are tried."""
    wet = answer.limits != "no-water"
    near = np.flatnonzero(wet & (answer.capacity_m3s < NEAR_M3S))
    generator = np.random.default_rng(_SEED)
    some = generator.permutation(near)[:_NEAR_TRIED_COUNT]
    return near, np.union1d(some, generator.permutation(np.flatnonzero(wet))[:sample])


def _require(node_id: str, given_m3s: float, borne_m3s: float) -> None:
    too_much = given_m3s > borne_m3s * (1.0 + OVER_SHARE) + OVER_M3S
    too_little = given_m3s < borne_m3s * (1.0 - UNDER_SHARE) - OVER_M3S
    if too_much or too_little:
        raise HydraulicsError(
            "capacity-not-verified", node=node_id, given_lps=round(given_m3s * 1000.0, 3),
            borne_lps=round(borne_m3s * 1000.0, 3),
        )  # fmt: skip
