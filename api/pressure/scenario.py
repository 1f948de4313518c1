"""A check in one or all scenarios, by full or by pressure-driven demand, with fire flow at the hydrants near by."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.errors import CallError
from api.pressure.check import check_document, short_of, write_check_files
from design.checks.scenarios import fire_doc, scenario_doc, scenarios_of, worst_verdict
from hydraulics.closures.settings import closure_settings
from hydraulics.outages import Service
from hydraulics.pressure import check_connection
from hydraulics.scenarios.rules import NAMES, scenario_rules

if TYPE_CHECKING:
    from pathlib import Path

    from design.city import City
    from design.rules.ruleset import RuleSet
    from hydraulics.results import TieIn
    from hydraulics.scenarios.book import ScenarioCheck
    from hydraulics.scenarios.rules import Name

ALL = "all"
MODES = ("dda", "pda")


@dataclass(frozen=True)
class Wanted:
    """
    What a check is asked beyond the peak hour.

    `scenario` is a name or `all`; `mode` is dda or pda; `fire_lps` None takes that of the rules.
    """

    scenario: str = "peak"
    mode: str = "dda"
    fire_lps: float | None = None

    def names(self) -> tuple[Name, ...]:
        """The scenarios to be looked at."""
        if self.scenario == ALL:
            return NAMES
        for name in NAMES:
            if name == self.scenario:
                return (name,)
        raise CallError("scenario", value=self.scenario, known=", ".join((*NAMES, ALL)))


WANTED = Wanted()


def check_all(
    city: City, tie_in: TieIn, xy: tuple[float, float] | None, *, flow_m3s: float, limit_m: float, rules: RuleSet,
    want_nodes: bool, nodes_out: Path | None, inp_out: Path | None, wanted: Wanted,
    plots: Path | None = None, fonts: Path | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Give the check document; the figures at its top are those of the one scenario, of the peak hour for `all`."""
    names, service = wanted.names(), _service(wanted, limit_m)
    fire_m3s = _fire_m3s(wanted)
    main: Name = "peak" if wanted.scenario == ALL else names[0]
    started_s, book = time.perf_counter(), scenarios_of(city)
    session, top_flow, top_limit_m = book.asked(main, flow_m3s=flow_m3s, limit_m=limit_m, fire_m3s=fire_m3s)
    result = check_connection(session, tie_in, flow_m3s=top_flow, limit_m=top_limit_m, by_pressure=service)
    others = []
    if wanted.scenario != "peak":
        others = book.checks(names, tie_in, flow_m3s=flow_m3s, limit_m=limit_m, fire_m3s=fire_m3s)
    seconds = time.perf_counter() - started_s
    write_check_files(
        session, result, nodes_out=nodes_out, inp_out=inp_out,
        others=[(found, book.session(found.name)) for found in others if found.check is not None and found.name != main],
    )  # fmt: skip
    document = check_document(
        city, result, rules=rules, seconds=seconds, want_nodes=want_nodes, session=session
    )
    document["scenario"] = wanted.scenario
    if others:
        told = [scenario_doc(found, city) for found in others]
        document["scenarios"] = [
            {**one, "newly_below_nodes": _short_of(found)} for one, found in zip(told, others, strict=True)
        ]
        known = [one for one in told if one["pressure_after_m"] is not None]
        document["lowest_scenario"] = min(known, key=_after)["name"] if known else None
        if worst_verdict(told) == "fail":
            document["verdict"] = "fail"
    if "peak-fire" in names:
        document["fire"] = fire_doc(city, tie_in, _place(city, tie_in, xy), fire_m3s=fire_m3s)
    if plots is not None and fonts is not None:
        from api.pressure.plots import write_check_plots

        write_check_plots(city, session, result, plots, fonts=fonts, document=document)
    return document


def _short_of(found: ScenarioCheck) -> list[dict[str, Any]]:
    return [] if found.check is None else short_of(found.check)


def _after(document: Any) -> float:
    return float(document["pressure_after_m"])


def _fire_m3s(wanted: Wanted) -> float | None:
    if wanted.fire_lps is None:
        return None
    if not 0.0 < wanted.fire_lps <= scenario_rules().most_fire_lps:
        raise CallError("fire-flow", value=wanted.fire_lps, limit=scenario_rules().most_fire_lps)
    return wanted.fire_lps / 1000.0


def _service(wanted: Wanted, limit_m: float) -> Service | None:
    if wanted.mode not in MODES:
        raise CallError("check-mode", value=wanted.mode, known=", ".join(MODES))
    least_m = closure_settings().least_pressure_m
    return Service(max(limit_m, least_m + 0.1), least_m) if wanted.mode == "pda" else None


def _place(city: City, tie_in: TieIn, xy: tuple[float, float] | None) -> tuple[float, float] | None:
    """Where hydrants are looked for: the place asked about, else the node or the middle of the pipe."""
    if xy is not None:
        return xy
    if tie_in.node_id is not None:
        return city.node_positions.get(tie_in.node_id)
    row = city.pipe_row(tie_in.pipe_id)
    if row is None or row.geometry is None:
        return None
    point = row.geometry.interpolate(tie_in.fraction, normalized=True)
    return float(point.x), float(point.y)
