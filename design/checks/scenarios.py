"""The scenarios of a connection as design reads them: verdicts, documents, fire flow at the hydrants near by."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from design.checks.option import neighbour_limit_m
from hydraulics.results import TieIn
from hydraulics.scenarios.book import Scenarios
from hydraulics.scenarios.fire import Hydrant, fire_flow, hydrants_near, is_fed_node
from hydraulics.scenarios.rules import NAMES, scenario_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from design.book import Book
    from design.city import City
    from design.demand.total import DesignDemand
    from design.option import SchemeOption
    from design.wire.scheme import FireDoc, ScenarioDoc
    from hydraulics.scenarios.book import ScenarioCheck
    from hydraulics.scenarios.fire import FireFlow
    from hydraulics.scenarios.rules import Name

LABELS = {
    "peak": ("高峰时", "peak hour"),
    "peak-fire": ("高峰时加消防", "peak hour with a fire"),
    "source-out": ("最大水源停运", "largest source out"),
    "low-tank": ("水池低水位", "tanks low"),
}
_HYDRANTS = 10


def scenarios_of(city: City) -> Scenarios:
    """Sessions of the city's scenarios, made once."""
    return city.once_for_session("scenarios", lambda: Scenarios(city.session, checker=lambda: city.checker))


def in_scenarios(
    options: Sequence[SchemeOption], demand: DesignDemand, *, city: City, book: Book, every: bool
) -> tuple[SchemeOption, ...]:
    """Check options in a fire too, and with `every` in all scenarios."""
    names: tuple[Name, ...] = NAMES if every else ("peak", "peak-fire")
    fire_m3s = demand.fire_flow_m3s if demand.fire_flow_m3s > 0.0 else None
    book_of, limit_m = scenarios_of(city), neighbour_limit_m(book.rules)
    return tuple(
        replace(
            option,
            scenarios=tuple(
                book_of.checks(
                    names,
                    option.check.tie_in,
                    flow_m3s=demand.design_flow_m3s,
                    limit_m=limit_m,
                    fire_m3s=fire_m3s,
                )
            ),
        )
        for option in options
    )


def scenario_doc(found: ScenarioCheck, city: City) -> ScenarioDoc:
    """
    Give one scenario as the documents carry it.

    `fail`: the connection pushes somebody below the limit, or the tie-in itself; `warn`: the tie-in was below already;
    `none`: there is no such scenario here.
    """
    check, label = found.check, LABELS[found.name]
    document: ScenarioDoc = {
        "name": found.name, "label": label[0], "label_en": label[1], "flow_lps": round(found.flow_m3s * 1000.0, 6),
        "limit_m": round(found.limit_m, 3), "pressure_before_m": None, "pressure_after_m": None, "worst": None,
        "newly_below": 0, "converged": False, "verdict": "none", "reason": None, "reason_en": None,
    }  # fmt: skip
    if check is None:
        if found.reason is not None:
            document["reason"], document["reason_en"] = found.reason
        return document
    ground_m = city.tie_in_elevation_m(check.tie_in)
    before_m, after_m = check.tie_in_head_before_m - ground_m, check.tie_in_head_after_m - ground_m
    worst = check.worst
    document.update({
        "pressure_before_m": _known(before_m), "pressure_after_m": _known(after_m),
        "worst": None if worst is None else {
            "id": worst.node_id, "pressure_before_m": round(worst.pressure_before_m, 4),
            "pressure_after_m": round(worst.pressure_after_m, 4),
        },
        "newly_below": len(check.newly_below), "converged": check.converged,
        "verdict": _verdict(found, before_m, after_m),
    })  # fmt: skip
    return document


def _known(pressure_m: float) -> float | None:
    return round(pressure_m, 4) if math.isfinite(pressure_m) else None


def _verdict(found: ScenarioCheck, before_m: float, after_m: float) -> Any:
    check = found.check
    if check is None or not check.converged or check.newly_below:
        return "fail"
    if after_m >= found.limit_m:
        return "pass"
    return "warn" if not before_m >= found.limit_m else "fail"


def fire_doc(city: City, tie_in: TieIn, xy: tuple[float, float] | None, *, fire_m3s: float | None) -> FireDoc:
    """Fire flow at a connection and at the hydrants within reach of a place (of the tie-in where None)."""
    rules = scenario_rules()
    asked_m3s = rules.fire_lps / 1000.0 if fire_m3s is None else fire_m3s
    found = (
        hydrants_near(city.network, xy, within_m=rules.hydrant_reach_m)[:_HYDRANTS] if xy is not None else []
    )
    hydrants = [
        Hydrant(name, node, away_m, _fire_at(city, TieIn(node_id=node), asked_m3s))
        for name, node, away_m in found
    ]
    return {
        "fire_lps": round(asked_m3s * 1000.0, 3), "least_pressure_m": round(rules.fire_pressure_m, 3),
        "reach_m": rules.hydrant_reach_m,
        "connection": _fire_figures(_fire_at(city, tie_in, asked_m3s, any_place=True), asked_m3s),
        "hydrants": [
            {
                "id": hydrant.hydrant_id, "node_id": hydrant.node_id, "distance_m": round(hydrant.distance_m, 1),
                **_fire_figures(hydrant.fire, asked_m3s),
            }
            for hydrant in hydrants
        ],
    }  # fmt: skip


def _fire_at(city: City, tie_in: TieIn, asked_m3s: float, *, any_place: bool = False) -> FireFlow | None:
    rules = scenario_rules()
    if not any_place and not is_fed_node(city.session, tie_in):
        return None
    elevation_m = city.tie_in_elevation_m(tie_in)
    if not math.isfinite(elevation_m):
        return None
    return fire_flow(
        city.session, tie_in, elevation_m=elevation_m, flow_m3s=asked_m3s, least_m=rules.fire_pressure_m,
        most_m3s=rules.most_fire_lps / 1000.0,
    )  # fmt: skip


def _fire_figures(fire: FireFlow | None, asked_m3s: float) -> Any:
    if fire is None:
        return {
            "pressure_m": None,
            "available_lps": None,
            "at_cap": False,
            "newly_below": None,
            "verdict": "none",
        }
    return {
        "pressure_m": round(fire.pressure_m, 3), "available_lps": round(fire.available_m3s * 1000.0, 2),
        "at_cap": fire.at_cap, "newly_below": fire.newly_below_count,
        "verdict": "pass" if fire.available_m3s >= asked_m3s else "fail",
    }  # fmt: skip


def worst_verdict(documents: Sequence[ScenarioDoc]) -> str:
    """The worst verdict of some scenarios, `pass` where none fails."""
    verdicts = {document["verdict"] for document in documents}
    return "fail" if "fail" in verdicts else "warn" if "warn" in verdicts else "pass"
