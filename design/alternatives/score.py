"""What goes into the score of an alternative: price, missing margin, roads dug, days, and what can go wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from design.alternatives.value import Score
from design.alternatives.weights import PARTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from design.alternatives.weights import Weights
    from design.points import ConnectionPoint
    from design.rules.ruleset import Finding
    from design.works.plan import Works
    from design.works.tapping import Tapping

UNSEEN = ("inferred", "filled")


def score_of(
    weights: Weights, *, total_cny: Decimal, margin_m: float, works: Sequence[Works], days: int, risks: Sequence[str],
    hindrance_cny: float = 0.0,
) -> Score:  # fmt: skip
    """Score of the works of all inlets with their price, pressure margin, working days, risks and what the route meets."""
    dug_m = sum(run.length_m for one in works for run in one.runs if run.is_public_road)
    lacking_m = max(weights.pressure_enough_m - margin_m, 0.0)
    parts = {
        "cost": float(total_cny), "pressure": lacking_m * weights.pressure_cny_m,
        "digging": dug_m * weights.digging_cny_m, "days": days * weights.days_cny,
        "risk": sum(weights.risks_cny[name] for name in risks) + hindrance_cny,
    }  # fmt: skip
    return Score({name: round(parts[name] * weights.factors[name], 2) for name in PARTS})


def risks_of(point: ConnectionPoint, tapping: Tapping, findings: Sequence[Finding] = ()) -> list[str]:
    """Kinds of risk, one entry each; without findings the least there can be."""
    told = [
        ("new-tap", point.kind == "new-tap"),
        ("outage", tapping.outage),
        ("derived", point.is_derived),
        ("unseen", point.confidence in UNSEEN),
    ]
    warnings = sum(finding.verdict == "warn" for finding in findings)
    return [name for name, is_so in told if is_so] + ["warning"] * warnings
