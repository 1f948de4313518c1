"""What an engineer must be told of a route: others' land, buildings, water, bridges, railways, slanted crossings, no streets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from design.rules.ruleset import Finding, RuleSet, finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from design.wire.demand import Verdict
    from gis.corridors import Note, Route

_VERDICTS: dict[str, Verdict] = {
    "foreign-land": "warn", "building": "fail", "water": "warn", "bridge": "warn", "rail": "warn",
}  # fmt: skip
_RULES = {
    "foreign-land": "route-foreign-factor", "building": "route-building-factor", "water": "route-water-allowed",
    "bridge": "route-bridge-factor", "rail": "route-rail",
}  # fmt: skip


def route_findings(route: Route, rules: RuleSet) -> list[Finding]:
    """Findings on where the route runs, in the order of what it meets."""
    return [*_basis(route, rules), *_met(route, rules), *_crossings(route, rules)]


def _basis(route: Route, rules: RuleSet) -> Iterator[Finding]:
    if route.basis in {"pipes", "straight"}:
        yield finding(
            rules.value("route-near"), f"route-{route.reason or 'no-streets'}", measured=route.length_m, limit=0.0, unit="m",
            verdict="warn", basis=route.basis,
        )  # fmt: skip


def _met(route: Route, rules: RuleSet) -> Iterator[Finding]:
    """One finding a kind: how much of it and where it begins."""
    for kind in dict.fromkeys(note.kind for note in route.notes if note.kind in _VERDICTS):
        notes = [note for note in route.notes if note.kind == kind]
        rule, verdict = rules.value(_RULES[kind]), _VERDICTS[kind]
        if kind == "water" and not rule.is_on:
            verdict = "fail"
        counted = kind == "rail"
        yield finding(
            rule, f"route-{kind}", measured=sum(note.extent_m for note in notes), limit=0.0,
            unit="处" if counted else "m", verdict=verdict, subject=_subjects(notes), at_m=notes[0].at_m,
        )  # fmt: skip


def _subjects(notes: list[Note]) -> str:
    return "、".join(dict.fromkeys(note.subject for note in notes if note.subject)) or "—"


def _crossings(route: Route, rules: RuleSet) -> Iterator[Finding]:
    rule = rules.value("crossing-angle")
    crossings = [crossing for crossing in route.street_crossings if crossing.road_class != "lane"]
    if not crossings:
        return
    worst = min(crossings, key=lambda crossing: crossing.angle_deg)
    verdict: Verdict = "pass" if worst.angle_deg >= rule.value - 1e-6 else "warn"
    yield finding(
        rule, "crossing-angle", measured=worst.angle_deg, limit=rule.value, unit=rule.unit, verdict=verdict,
        roads="、".join(dict.fromkeys(crossing.road_name or "—" for crossing in crossings)), road=worst.road_name or "—",
        at_m=worst.at_m,
    )  # fmt: skip
