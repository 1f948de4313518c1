"""Permits 占掘路与绿地手续: what the route needs from which authority, and how long the whole connection takes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from design.errors import DesignDataError
from design.pricing.quantity import split_at_red_line
from design.rules import Finding, RuleSet, finding
from design.wire_works import PermitDoc
from design.works import RoadRun, Works
from gis.corridors import Note
from gis.messages import Text


@dataclass(frozen=True)
class Permit:
    """One approval; `workdays` is a default of the rules, never a promise of the authority."""

    kind: str
    authority_zh: str
    authority_en: str
    area_m2: float
    length_m: float
    workdays: int
    basis: Text

    def doc(self) -> PermitDoc:
        """As the scheme document carries it."""
        return {
            "kind": self.kind, "name": Text("design", f"permit.{self.kind}").render("zh"),
            "authority": self.authority_zh, "area_m2": round(self.area_m2, 2), "length_m": round(self.length_m, 2),
            "workdays": self.workdays, "basis": self.basis.render("zh"),
        }  # fmt: skip


def plan_permits(works: Works, *, on: date, rules: RuleSet, notes: Sequence[Note] = ()) -> tuple[Permit, ...]:
    """
    Permits for the part of the route outside the red line: opening, occupation, greens, moratorium.

    `notes` of the route add what water, bridges and railways need.
    """
    outside, _ = split_at_red_line(works)
    roads = [run for run in outside if run.is_public_road]
    greens = [run for run in outside if run.surface == "green"]
    blocked = [run for run in roads if blocked_through(run, rules, on=on) is not None]
    width, strip = works.trench.top_width_m, rules.value("occupation-strip").value
    found = []
    if roads:
        found.append(_permit("road-opening", roads, width, rules))
        found.append(_permit("road-occupation", roads, strip, rules))
    if greens:
        found.append(_permit("green-occupation", greens, width, rules))
    if blocked:
        last = max(day for run in blocked if (day := blocked_through(run, rules, on=on)) is not None)
        found.append(_permit("moratorium", blocked, width, rules, until=last))
    for kind in ("water", "bridge", "rail"):
        length_m = sum(note.extent_m for note in notes if note.kind == kind)
        if length_m > 0.0:
            run = RoadRun("soil", 0.0 if kind == "rail" else length_m)
            found.append(_permit(f"{kind}-works", [run], width, rules))
    return tuple(found)


def moratorium_findings(works: Works, *, on: date, rules: RuleSet) -> list[Finding]:
    """A warning for every street of the route under a moratorium, or one pass when streets are crossed freely."""
    outside, _ = split_at_red_line(works)
    found: dict[str, Finding] = {}
    for run in outside:
        until = blocked_through(run, rules, on=on) if run.is_public_road else None
        if until is not None:
            rule = rules.value(
                "moratorium-new-years" if _is_new(run, rules, until) else "moratorium-overhaul-years"
            )
            found[run.road_name] = finding(
                rule,
                "moratorium",
                measured=float((until - on).days),
                limit=0.0,
                unit="d",
                verdict="warn",
                road=run.road_name or "—",
                until=until.isoformat(),
            )
    if found or not any(run.is_public_road for run in outside):
        return list(found.values())
    rule = rules.value("moratorium-new-years")
    return [finding(rule, "moratorium", measured=0.0, limit=0.0, unit="d", verdict="pass")]


def blocked_through(run: RoadRun, rules: RuleSet, *, on: date) -> date | None:
    """
    Last day on which the street may not be dug, or None when it may be dug on `on`.

    Five years from being put into use, three from the end of an overhaul; the anniversary itself is still blocked.
    """
    ends = [
        _anniversary(start, int(rules.value(rule).value))
        for start, rule in (
            (run.opened_on, "moratorium-new-years"),
            (run.paved_on, "moratorium-overhaul-years"),
        )
        if start is not None and start <= on
    ]
    blocking = [day for day in ends if on <= day]
    return max(blocking) if blocking else None


def total_workdays(works: Works, permits: Sequence[Permit], rules: RuleSet) -> int:
    """Working days from acceptance to water: service steps, construction, and the longest permit beside them."""
    construction = (
        rules.value("construction-days-base").value + works.length_m / rules.value("construction-rate").value
    )
    longest = max((permit.workdays for permit in permits), default=0)
    return math.ceil(rules.value("service-days").value + construction) + longest


def _permit(
    kind: str, runs: Sequence[RoadRun], width_m: float, rules: RuleSet, *, until: date | None = None
) -> Permit:
    row = rules.table("permits").row("kind", kind)
    if row is None:
        raise DesignDataError("rule-missing", rule=f"permits/{kind}", on=rules.on.isoformat())
    length = sum(run.length_m for run in runs)
    names = list(dict.fromkeys(run.road_name or "—" for run in runs))
    told: dict[str, str | float] = {
        "roads": "、".join(names),
        "width": width_m,
        "length": length,
        "until": until.isoformat() if until else "",
    }
    return Permit(
        kind, row["authority_zh"], row["authority_en"], width_m * length, length, int(row["workdays"]),
        Text("design", f"permit.{kind}-basis", told),
    )  # fmt: skip


def _is_new(run: RoadRun, rules: RuleSet, until: date) -> bool:
    return run.opened_on is not None and until == _anniversary(
        run.opened_on, int(rules.value("moratorium-new-years").value)
    )


def _anniversary(day: date, years: int) -> date:
    """The same day so many years on; of 29 February the last day of that month."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, month=3, day=1) - timedelta(days=1)
