"""Clearances 管线净距: how far the route keeps from other utilities and buildings, and how it crosses them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from design.rules.ruleset import Finding, RuleSet, RuleTable, finding
from gis.messages import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from design.wire.demand import Verdict
    from gis.corridors import Corridors
    from gis.ways.utilities import Neighbour, UtilityCrossing

SAME_M = 5e-3  # drawings are no finer
LOOKED_M = 4.0  # beyond the greatest clearance of the tables: what is farther is not told
SHOWN_COUNT = 3
_NAMED = {"sewer", "storm", "reclaimed", "gas", "power", "telecom", "heat", "tunnel", "water"}


@dataclass(frozen=True)
class BesideBuilding:
    """The building other than the site's own that comes nearest to the route."""

    building_id: str
    distance_m: float


@dataclass(frozen=True)
class RouteContext:
    """
    What lies along a route: utilities beside it, utilities and water pipes across it, the nearest building.

    `known` tells whether the city has other utilities on its plan at all.
    """

    beside: tuple[Neighbour, ...]
    crossed: tuple[UtilityCrossing, ...]
    building: BesideBuilding | None
    known: bool


def route_context(
    line: Any, corridors: Corridors, *, outer_m: float, tie_in_pipe: str | None
) -> RouteContext:
    """Look along a route of that outer diameter; the pipe it is tied to is not crossed."""
    utilities = corridors.utilities
    crossed = [*utilities.crossed(line), *corridors.water_pipes_crossed(line, but=tie_in_pipe)]
    near = corridors.building_beside(line, outer_m=outer_m, within_m=LOOKED_M)
    return RouteContext(
        tuple(utilities.beside(line, outer_m=outer_m, within_m=LOOKED_M)),
        tuple(sorted(crossed, key=lambda crossing: (crossing.at_m, crossing.utility_id))),
        None if near is None else BesideBuilding(*near), bool(len(utilities.shapes)),
    )  # fmt: skip


def horizontal_limit_m(kind: str, detail: str, *, dn: int, rules: RuleSet) -> float | None:
    """Least clear distance to a utility [m] (GB 50289 table 4.1.9); None for a kind the table does not name."""
    column = "small_m" if dn <= rules.value("clearance-small-dn").value else "large_m"
    return _limit_m(rules.table("clearance-horizontal"), kind, detail, column)


def vertical_limit_m(kind: str, detail: str, *, rules: RuleSet) -> float | None:
    """Least vertical clear distance at a crossing [m] (GB 50289 table 4.1.14); None for a kind the table does not name."""
    return _limit_m(rules.table("clearance-vertical"), kind, detail, "least_m")


def _limit_m(table: RuleTable, kind: str, detail: str, column: str) -> float | None:
    """The row of the class; of an unknown class the strictest of its kind."""
    rows = [row for row in table.rows if row["kind"] == kind]
    exact = [row for row in rows if (row["detail"] or "") == detail]
    return max((float(row[column]) for row in exact or rows), default=None)


def vertical_gap_m(crossing: UtilityCrossing, *, cover_m: float, outer_m: float) -> float | None:
    """
    Clear distance between the service pipe and what it crosses [m], negative where they meet; None without a depth.

    The service pipe lies with its top `cover_m` under the ground.
    """
    if crossing.cover_m is None:
        return None
    above_m = crossing.cover_m - (cover_m + outer_m)
    below_m = cover_m - (crossing.cover_m + crossing.height_m)
    return max(above_m, below_m)


def clearance_findings(
    context: RouteContext, *, dn: int, outer_m: float, cover_m: float, rules: RuleSet
) -> list[Finding]:
    """Every clearance along a route, the worst place of a kind at a time; those that are kept in one line."""
    return [
        *_beside(context, dn, rules),
        *_building(context, dn, rules),
        *_crossings(context, rules, cover_m=cover_m, outer_m=outer_m),
    ]


def _beside(context: RouteContext, dn: int, rules: RuleSet) -> Iterator[Finding]:
    table = rules.table("clearance-horizontal")
    if not context.known:
        yield finding(table, "utilities-unknown", measured=0.0, limit=0.0, unit="条", verdict="warn")
        return
    judged = [
        (near, limit_m)
        for near in context.beside
        if (limit_m := horizontal_limit_m(near.kind, near.detail, dn=dn, rules=rules)) is not None
    ]
    short = [(near, limit_m) for near, limit_m in judged if near.distance_m < limit_m - SAME_M]
    for kind in dict.fromkeys((near.kind, near.detail) for near, _ in short):
        found = [pair for pair in short if (pair[0].kind, pair[0].detail) == kind]
        worst, limit_m = min(found, key=lambda pair: pair[0].distance_m)
        yield finding(
            table, "clearance", measured=worst.distance_m, limit=limit_m, unit="m", verdict="warn",
            utility=_ids([near.utility_id for near, _ in found]), what=_name(worst.kind), at_m=worst.at_m,
        )  # fmt: skip
    if not short:
        yield _kept(judged, table)


def _kept(judged: Sequence[tuple[Neighbour, float]], table: RuleTable) -> Finding:
    """One line for all utilities beside the route: the one that has least to spare."""
    if not judged:
        none = Text("design", "finding.clearance-none", {"looked_m": LOOKED_M})
        return finding(table, "clearance", measured=LOOKED_M, limit=0.0, unit="m", verdict="pass", said=none)
    near, limit_m = min(judged, key=lambda pair: pair[0].distance_m - pair[1])
    return finding(
        table, "clearance", measured=near.distance_m, limit=limit_m, unit="m", verdict="pass",
        utility=near.utility_id, what=_name(near.kind),
    )  # fmt: skip


def _building(context: RouteContext, dn: int, rules: RuleSet) -> Iterator[Finding]:
    limit_m = horizontal_limit_m("building", "", dn=dn, rules=rules)
    if context.building is None or limit_m is None:
        return
    measured = context.building.distance_m
    kept: Verdict = "pass" if measured >= limit_m - SAME_M else "warn"
    yield finding(
        rules.table("clearance-horizontal"), "building-clearance", measured=measured, limit=limit_m, unit="m",
        verdict=kept, building=context.building.building_id,
    )  # fmt: skip


def _crossings(context: RouteContext, rules: RuleSet, *, cover_m: float, outer_m: float) -> Iterator[Finding]:
    table = rules.table("clearance-vertical")
    unknown: list[UtilityCrossing] = []
    judged: list[tuple[UtilityCrossing, float, float]] = []
    for crossing in context.crossed:
        limit_m = vertical_limit_m(crossing.kind, crossing.detail, rules=rules)
        gap_m = vertical_gap_m(crossing, cover_m=cover_m, outer_m=outer_m)
        if gap_m is None:
            unknown.append(crossing)
        elif limit_m is not None:
            judged.append((crossing, gap_m, limit_m))
    short = [entry for entry in judged if entry[1] < entry[2] - SAME_M]
    for kind in dict.fromkeys(crossing.kind for crossing, _, _ in short):
        found = [entry for entry in short if entry[0].kind == kind]
        crossing, gap_m, limit_m = min(found, key=lambda entry: entry[1])
        yield finding(
            table, "vertical-clearance", measured=gap_m, limit=limit_m, unit="m", verdict="warn", what=_name(kind),
            utility=_ids([entry[0].utility_id for entry in found]), at_m=crossing.at_m, depth=crossing.cover_m or 0.0,
        )  # fmt: skip
    if judged and not short:
        crossing, gap_m, limit_m = min(judged, key=lambda entry: entry[1] - entry[2])
        yield finding(
            table, "vertical-clearance", measured=gap_m, limit=limit_m, unit="m", verdict="pass", what=_name(crossing.kind),
            utility=_ids([entry[0].utility_id for entry in judged]), at_m=crossing.at_m, depth=crossing.cover_m or 0.0,
        )  # fmt: skip
    if unknown:
        yield finding(
            table, "vertical-unknown", measured=float(len(unknown)), limit=0.0, unit="处", verdict="warn",
            utility=_ids([crossing.utility_id for crossing in unknown]),
        )  # fmt: skip
    yield from _under_sewers(judged, rules, cover_m=cover_m)


def _under_sewers(
    judged: Sequence[tuple[UtilityCrossing, float, float]], rules: RuleSet, *, cover_m: float
) -> Iterator[Finding]:
    """Drinking water goes over sewers; where it cannot it is sleeved."""
    under = [c for c, _, _ in judged if c.kind in {"sewer", "storm"} and (c.cover_m or 0.0) < cover_m]
    if under:
        rule = rules.value("sewer-sleeve")
        yield finding(
            rule, "under-sewer", measured=float(len(under)), limit=0.0, unit="处", verdict="warn",
            utility=_ids([crossing.utility_id for crossing in under]), sleeve_m=rule.value,
        )  # fmt: skip


def _name(kind: str) -> Text:
    return Text("design", f"utility.{kind if kind in _NAMED else 'other'}")


def _ids(names: Sequence[str]) -> str:
    known = list(dict.fromkeys(names))
    return "、".join(known[:SHOWN_COUNT]) + (" …" if len(known) > SHOWN_COUNT else "")
