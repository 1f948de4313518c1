"""Moratorium 禁挖期: streets that may not be dug for years after they were opened or overhauled (国令198 第三十三条)."""

from __future__ import annotations

from datetime import date, timedelta

from design.pricing.quantity import split_at_red_line
from design.rules.ruleset import Finding, RuleSet, finding
from design.works.plan import RoadRun, Works


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
