"""Works, demand and rules for the tests of the design core: one plain case, varied by keyword."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from design.demand.total import DesignDemand
from design.sizing.meters import select_meter
from design.rules.ruleset import load_rules
from design.sizing.series import all_sizes
from design.sizing.service import service_pipe
from design.works.tapping import tapping_method
from design.works.digging import Trench
from design.works.plan import RoadRun, plan_works

TODAY = date(2026, 11, 21)
RULES = load_rules(on=TODAY)
STREET = RoadRun("asphalt", 30.0, "经十路", "arterial")


def demand(flow_lps: float, *, fire_lps: float = 0.0, even: bool = False) -> DesignDemand:
    return DesignDemand(flow_lps / 1000, flow_lps / 1000, 1.0, fire_lps / 1000, "given", even, ())


def size(series: str, dn: int):
    return next(s for s in all_sizes() if s.series == series and s.dn == dn)


def works(*runs: RoadRun, series: str = "DI-C40", dn: int = 100, flow_lps: float = 5.0, main_dn: int = 200,
          inside_m: float = 0.0, trench: Trench | None = None, ground: Any = None, **changes: Any):  # fmt: skip
    route = list(runs) or [STREET]
    pipe = service_pipe(
        size(series, dn), flow_lps / 1000, length_m=sum(r.length_m for r in route), rules=RULES
    )
    planned = plan_works(
        pipe, select_meter(demand(flow_lps), RULES), tapping_method(main_dn, dn, "DI", "distribution", rules=RULES),
        main_dn=main_dn, route=route, inside_length_m=inside_m, line=None, has_valve=False, rules=RULES,
        ground=ground,
    )  # fmt: skip
    section = {"trench": trench, "confined_trench": trench, "narrow_trench": trench} if trench else {}
    return replace(planned, **section, **changes)
