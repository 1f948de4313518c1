"""Earthworks of a connection: trench by section, working pit, sheeting, water, surfaces and the fees of the authorities."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

from design.pricing.catalogue import restoration_code
from design.pricing.quantity import Ledger, Quantity, basis, rounded, surface_of, tie_in_ledger
from design.rules.ruleset import RuleSet
from design.works.digging import ROCK, Trench, trench_volumes_m3
from design.works.plan import RoadRun, Works
from gis.messages import Text


def earthworks(works: Works, runs: Sequence[RoadRun], ledger: Ledger, rules: RuleSet) -> Iterator[Quantity]:
    """Excavation, bedding, backfill, spoil, sheeting and water of the trench under these runs; one line a section."""
    rows = [(works.trench_of(run), run.length_m) for run in runs]
    sections = [
        (trench, sum(length for _, length in group))
        for trench, group in groupby(sorted(rows, key=lambda row: repr(row[0])), key=lambda row: row[0])
    ]
    outer_m = works.service.outer_diameter_m
    volumes = [
        (trench, length, trench_volumes_m3(trench, length_m=length, outer_diameter_m=outer_m))
        for trench, length in sections
    ]
    code = "040102002" if works.ground.soil == ROCK else "040101002"
    for trench, length, volume in volumes:
        yield Quantity(code, rounded(volume["excavation"]), ledger, _excavation(trench, length, works, rules))
    told = {"thickness": works.trench.bedding_m, "length": sum(length for _, length in sections)}
    yield _total("bedding-sand", "bedding", volumes, ledger, basis("bedding", **told))
    yield _total("040103001", "backfill", volumes, ledger, basis("backfill"))
    yield _total("040103002", "spoil", volumes, ledger, basis("spoil"))
    yield from _support_and_water(works, sections, ledger)


def _total(
    code: str,
    name: str,
    volumes: Sequence[tuple[Trench, float, dict[str, float]]],
    ledger: Ledger,
    told: Text,
) -> Quantity:
    return Quantity(code, rounded(sum(volume[name] for _, _, volume in volumes)), ledger, told)


def _excavation(trench: Trench, length_m: float, works: Works, rules: RuleSet) -> Text:
    soil = rules.table("trench-support").row("soil", works.ground.soil) or {}
    key = "excavation-sheeted" if trench.support == "sheeting" else "excavation"
    label = Text("design", f"soil.{works.ground.soil}") if soil else works.ground.soil
    return basis(
        key, width=trench.width_m, depth=trench.depth_m, slope=trench.slope_ratio, length=length_m, soil=label
    )


def _support_and_water(
    works: Works, sections: Sequence[tuple[Trench, float]], ledger: Ledger
) -> Iterator[Quantity]:
    for trench, length in sections:
        if trench.support == "sheeting":
            told = basis("sheeting", depth=trench.depth_m, length=length)
            yield Quantity("sheeting", rounded(2.0 * trench.depth_m * length), ledger, told)
    wet = sum(length for trench, length in sections if works.ground.is_wet(trench.depth_m))
    water_m = works.ground.groundwater_depth_m or 0.0
    yield Quantity("dewatering", rounded(wet), ledger, basis("dewatering", water=water_m, length=wet))


def pit(works: Works, rules: RuleSet) -> Iterator[Quantity]:
    """The working pit at the tie-in: excavation and backfill; on the side where the tie-in stands."""
    length, width = pit_size_m(works, rules)
    volume = rounded(length * width * works.tie_in_depth_m)
    told = basis("pit", length=length, width=width, depth=works.tie_in_depth_m)
    ledger = tie_in_ledger(works)
    yield Quantity("040101003", volume, ledger, told)
    yield Quantity("040103001", volume, ledger, basis("pit-backfill"))


def pit_size_m(works: Works, rules: RuleSet) -> tuple[float, float]:
    """Length and width of the working pit by the method of the tie-in [m]."""
    row = rules.table("tie-in-pit").row("method", works.tapping.method)
    return (0.0, 0.0) if row is None else (float(row["length_m"]), float(row["width_m"]))


def own_surfaces(works: Works, runs: Sequence[RoadRun], ledger: Ledger, rules: RuleSet) -> Iterator[Quantity]:
    """Surfaces that no authority restores for a fee: broken up and made good by the works."""
    own = [run for run in runs if not restored_by_authority(run, ledger)]
    for surface in ("asphalt", "concrete", "paving-brick", "gravel", "green"):
        here = [run for run in own if surface_of(run) == surface]
        with_pit = bool(here) and _pit_lies_in(works, here[0], ledger)
        area_m2, told = _opened(works, here, rules if with_pit else None)
        if surface != "green":
            yield Quantity(f"041001001-{surface}", rounded(area_m2), ledger, told)
        yield Quantity(f"restore-{surface}", rounded(area_m2), ledger, told)


def restoration_fees(works: Works, runs: Sequence[RoadRun], rules: RuleSet) -> Iterator[Quantity]:
    """What the authorities charge for restoring public roads and greens by the area opened."""
    by_code: dict[str, list[RoadRun]] = {}
    for run in runs:
        code = restoration_code(surface_of(run), run.road_class)
        if code and restored_by_authority(run, "outside-red-line"):
            by_code.setdefault(code, []).append(run)
    for code, here in by_code.items():
        area_m2, told = _opened(works, here, None)
        yield Quantity(code, rounded(area_m2), "third-party", told)
    first = runs[0] if runs else None
    if first is not None and restored_by_authority(first, "outside-red-line"):
        code = restoration_code(surface_of(first), first.road_class)
        length, width = pit_size_m(works, rules)
        if code:
            told = basis("pit-surface", length=length, width=width)
            yield Quantity(code, rounded(length * width), "third-party", told)


def occupation_fee(runs: Sequence[RoadRun], rules: RuleSet) -> Iterator[Quantity]:
    """Public road occupied by the site, by area and days."""
    roads = [run for run in runs if run.is_public_road]
    length = sum(run.length_m for run in roads)
    strip, days = rules.value("occupation-strip").value, occupation_days(roads, rules)
    told = basis("occupation", width=strip, length=length, days=days)
    yield Quantity("fee-occupation", rounded(length * strip * days), "third-party", told)


def construction_days(works: Works, rules: RuleSet) -> int:
    """Working days on site: the base of every connection and the length by the rate of the rules."""
    rate = rules.value("construction-rate").value
    return math.ceil(rules.value("construction-days-base").value + works.length_m / rate)


def occupation_days(roads: Sequence[RoadRun], rules: RuleSet) -> int:
    """Working days a road is occupied: the base, and each stretch by the rate of its class (busy roads by night)."""
    rates = {row["road_class"]: float(row["rate_m"]) for row in rules.table("dig-rate").rows}
    usual = rules.value("construction-rate").value
    digging = sum(run.length_m / rates.get(run.road_class, usual) for run in roads)
    return math.ceil(rules.value("construction-days-base").value + digging - 1e-9)


def restored_by_authority(run: RoadRun, ledger: str) -> bool:
    """A public road or public green outside the red line: its authority restores it for a fee."""
    return ledger == "outside-red-line" and (run.is_public_road or run.surface == "green")


def _pit_lies_in(works: Works, run: RoadRun, ledger: Ledger) -> bool:
    first = works.runs[0]
    return (
        ledger == tie_in_ledger(works)
        and surface_of(run) == surface_of(first)
        and not restored_by_authority(first, ledger)
    )


def _opened(works: Works, runs: Sequence[RoadRun], pit_rules: RuleSet | None) -> tuple[float, Text]:
    """Area opened [m2] over these runs, with the pit where its rules are given, and how it was found."""
    area_m2 = sum(run.length_m * works.trench_of(run).top_width_m for run in runs)
    length = sum(run.length_m for run in runs)
    width = area_m2 / length if length > 0.0 else 0.0
    if pit_rules is None:
        return area_m2, basis("surface", width=width, length=length)
    pit_length, pit_width = pit_size_m(works, pit_rules)
    told = basis("surface-pit", width=width, length=length, pit=pit_length * pit_width)
    return area_m2 + pit_length * pit_width, told
