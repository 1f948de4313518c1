"""Permits 占掘路与绿地手续: what the route needs from which authority, and how long the whole connection takes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any

from design.errors import DesignDataError
from design.pricing.earth import construction_days, occupation_days, pit_size_m
from design.pricing.quantity import split_at_red_line
from design.rules.ruleset import RuleSet
from design.wire.works import PermitDoc, PermitItemDoc
from design.works.moratorium import blocked_through
from design.works.plan import RoadRun, Works
from design.works.trees import NearTree
from gis.corridors import Note
from gis.files.shipped import shipped_table
from gis.messages import Text

FILED = frozenset({"road-opening", "road-occupation", "green-occupation"})
BUSY = frozenset({"expressway", "arterial"})


@dataclass(frozen=True)
class PermitItem:
    """One stretch a permit is for: a road with its class and surface, a green, a tree, a water."""

    subject: str
    road_class: str
    surface: str
    length_m: float
    width_m: float
    area_m2: float

    def doc(self) -> PermitItemDoc:
        """As the scheme document carries it."""
        return {
            "subject": self.subject, "road_class": self.road_class, "surface": self.surface,
            "length_m": round(self.length_m, 2), "width_m": round(self.width_m, 3), "area_m2": round(self.area_m2, 2),
        }  # fmt: skip


@dataclass(frozen=True)
class Permit:
    """
    One approval; `workdays` is a default of the rules, never a promise of the authority.

    Attributes
    ----------
    days
        How long the place is occupied or open [working days]; 0 where that is not asked.
    level
        (Chinese, English) level of the authority by the highest class of road; empty elsewhere.
    filing
        May be filed with a commitment in place of an approval, where the city allows it.
    """

    kind: str
    authority_zh: str
    authority_en: str
    area_m2: float
    length_m: float
    workdays: int
    basis: Text
    items: tuple[PermitItem, ...] = ()
    days: int = 0
    level: tuple[str, str] = ("", "")
    filing: bool = False
    papers: Mapping[str, Any] = field(default_factory=dict)

    def doc(self) -> PermitDoc:
        """As the scheme document carries it."""
        name, papers = Text("design", f"permit.{self.kind}"), self.papers
        return {
            "kind": self.kind, "name": name.render("zh"), "name_en": name.render("en"),
            "authority": self.authority_zh, "authority_en": self.authority_en, "level": self.level[0],
            "level_en": self.level[1], "area_m2": round(self.area_m2, 2), "length_m": round(self.length_m, 2),
            "workdays": self.workdays, "days": self.days, "filing": self.filing, "basis": self.basis.render("zh"),
            "basis_en": self.basis.render("en"), "clause": str(papers.get("clause", "")),
            "documents": list(papers.get("documents_zh", [])), "documents_en": list(papers.get("documents_en", [])),
            "form": f"permits/{self.kind}.docx", "form_title": str(papers.get("form_zh", "")),
            "form_title_en": str(papers.get("form_en", "")), "items": [item.doc() for item in self.items],
        }  # fmt: skip


def plan_permits(
    works: Works, *, on: date, rules: RuleSet, notes: Sequence[Note] = (), trees: Sequence[NearTree] = ()
) -> tuple[Permit, ...]:
    """
    Permits for the part of the route outside the red line: opening, occupation, greens, trees, moratorium.

    `notes` of the route add what water, bridges and railways need. The opening counts the trench and the working pit.
    """
    outside, _ = split_at_red_line(works)
    found = [
        *_roads(works, outside, on, rules),
        *_greens(works, outside, rules),
        *_trees(trees, rules),
        *_crossed(works, notes, rules),
    ]
    return _with_filing(found, works, outside, rules)


def permit_kinds() -> tuple[str, ...]:
    """Every kind of permit there is a form for."""
    return tuple(_papers()["kind"])


def joined_permits(one: Sequence[Permit], other: Sequence[Permit]) -> tuple[Permit, ...]:
    """Permits of two inlets asked for together: one of a kind, with the stretches of both; days follow each other."""
    known = {permit.kind: permit for permit in one}
    both = [_joined(known[permit.kind], permit) if permit.kind in known else permit for permit in other]
    alone = [permit for permit in one if permit.kind not in {entry.kind for entry in other}]
    found = sorted([*alone, *both], key=lambda permit: list(permit_kinds()).index(permit.kind))
    filing = all(permit.filing for permit in found)
    return tuple(replace(permit, filing=filing) for permit in found)


def _joined(one: Permit, other: Permit) -> Permit:
    levels = [(level["name_zh"], level["name_en"]) for level in _papers()["level"]]
    level = next((level for level in levels if level in {one.level, other.level}), ("", ""))
    told = {"first": one.basis, "second": other.basis}
    return replace(
        one, area_m2=one.area_m2 + other.area_m2, length_m=one.length_m + other.length_m,
        workdays=max(one.workdays, other.workdays), basis=Text("design", "permit.both-inlets", told),
        items=(*one.items, *other.items), days=one.days + other.days, level=level,
    )  # fmt: skip


def total_workdays(works: Works, permits: Sequence[Permit], rules: RuleSet) -> int:
    """Working days from acceptance to water: service steps, construction, and the longest permit beside them."""
    construction = (
        rules.value("construction-days-base").value + works.length_m / rules.value("construction-rate").value
    )
    longest = max((permit.workdays for permit in permits), default=0)
    return math.ceil(rules.value("service-days").value + construction) + longest


def _roads(works: Works, outside: Sequence[RoadRun], on: date, rules: RuleSet) -> Iterator[Permit]:
    roads = [run for run in outside if run.is_public_road]
    if not roads:
        return
    days = occupation_days(roads, rules)
    opened = [_item(run, works.trench_of(run).top_width_m) for run in roads]
    if outside[0].is_public_road:
        length, width = pit_size_m(works, rules)
        opened.append(_pit(outside[0], length, width))
    strip = rules.value("occupation-strip").value
    yield _permit("road-opening", opened, rules, roads, days=days)
    yield _permit("road-occupation", [_item(run, strip) for run in roads], rules, roads, days=days)
    blocked = [run for run in roads if blocked_through(run, rules, on=on) is not None]
    if blocked:
        last = max(day for run in blocked if (day := blocked_through(run, rules, on=on)) is not None)
        items = [_item(run, works.trench_of(run).top_width_m) for run in blocked]
        yield _permit("moratorium", items, rules, blocked, until=last)


def _greens(works: Works, outside: Sequence[RoadRun], rules: RuleSet) -> Iterator[Permit]:
    greens = [run for run in outside if run.surface == "green"]
    if greens:
        items = [_item(run, works.trench_of(run).top_width_m) for run in greens]
        yield _permit("green-occupation", items, rules, days=construction_days(works, rules))


def _trees(trees: Sequence[NearTree], rules: RuleSet) -> Iterator[Permit]:
    if trees:
        items = [
            PermitItem(f"{t.tree_id} {t.species}".strip(), "", "protected" if t.protected else "tree", t.distance_m, 0.0, 0.0)
            for t in trees
        ]  # fmt: skip
        nearest = min(tree.distance_m for tree in trees)
        told = {"count": len(trees), "nearest": nearest, "kept": sum(tree.protected for tree in trees)}
        made = _permit("tree-protection", [], rules, told=told)
        yield replace(made, items=tuple(items))


def _crossed(works: Works, notes: Sequence[Note], rules: RuleSet) -> Iterator[Permit]:
    for kind in ("water", "bridge", "rail"):
        here = [note for note in notes if note.kind == kind]
        if sum(note.extent_m for note in here) > 0.0:
            width = works.trench.top_width_m
            items = [
                PermitItem(
                    n.subject,
                    "",
                    kind,
                    length := 0.0 if kind == "rail" else n.extent_m,
                    width,
                    width * length,
                )
                for n in here
            ]
            yield _permit(f"{kind}-works", items, rules)


def _with_filing(
    found: Sequence[Permit], works: Works, outside: Sequence[RoadRun], rules: RuleSet
) -> tuple[Permit, ...]:
    """Filing is open where the city has it, no tree or other authority is touched and no busy road is closed in."""
    busy = any(run.road_class in BUSY for run in outside if run.is_public_road)
    simple = all(permit.kind in FILED for permit in found) and not busy
    short = works.outside_length_m <= rules.value("route-length-simple").value
    if not (rules.value("permit-filing").is_on and simple and short):
        return tuple(found)
    return tuple(replace(permit, filing=True) for permit in found)


def _item(run: RoadRun, width_m: float) -> PermitItem:
    return PermitItem(
        run.road_name or "—", run.road_class, run.surface, run.length_m, width_m, run.length_m * width_m
    )


def _pit(run: RoadRun, length_m: float, width_m: float) -> PermitItem:
    return PermitItem(
        f"{run.road_name or '—'}（工作坑）",
        run.road_class,
        run.surface,
        length_m,
        width_m,
        length_m * width_m,
    )


def _permit(
    kind: str, items: Sequence[PermitItem], rules: RuleSet, runs: Sequence[RoadRun] = (), *, days: int = 0,
    until: date | None = None, told: Mapping[str, str | float] | None = None,
) -> Permit:  # fmt: skip
    row = rules.table("permits").row("kind", kind)
    if row is None:
        raise DesignDataError("rule-missing", rule=f"permits/{kind}", on=rules.on.isoformat())
    pit = sum(item.area_m2 for item in items if item.subject.endswith("（工作坑）"))
    stretches = [item for item in items if not item.subject.endswith("（工作坑）")]
    length = sum(item.length_m for item in stretches)
    area = sum(item.area_m2 for item in stretches)
    params: dict[str, str | float] = {
        "roads": "、".join(dict.fromkeys(item.subject for item in stretches)), "width": area / length if length else 0.0,
        "length": length, "until": until.isoformat() if until else "", "pit": pit, **(told or {}),
    }  # fmt: skip
    key = f"permit.{kind}-basis" + ("-pit" if pit else "")
    return Permit(
        kind, row["authority_zh"], row["authority_en"], area + pit, length, int(row["workdays"]),
        Text("design", key, params), tuple(items), days, _level(runs), papers=_papers()["kind"][kind],
    )  # fmt: skip


def _level(runs: Sequence[RoadRun]) -> tuple[str, str]:
    """Level of the authority by the highest class among the roads."""
    for level in _papers()["level"]:
        if any(run.road_class in level["road_classes"] for run in runs):
            return level["name_zh"], level["name_en"]
    return "", ""


@cache
def _papers() -> dict[str, Any]:
    return shipped_table("design", "permits", "permits.toml")
