"""Quantities 工程量: what the works need of every priced item, split by red line; Decimal with two places, half up."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from design.catalogue import restoration_code
from design.rules import RuleSet
from design.works import RoadRun, Trench, Works
from gis.messages import Text

Ledger = Literal["outside-red-line", "inside-red-line", "third-party"]
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Quantity:
    """
    So much of one catalogue item.

    `metering` marks what belongs to the metering device: the policy may give it a payer of its own.
    """

    code: str
    quantity: Decimal
    ledger: Ledger
    basis: Text
    metering: bool = False


def quantities_of(works: Works, rules: RuleSet) -> tuple[Quantity, ...]:
    """Every quantity of the works, in the order a bill lists them; nothing of zero amount."""
    outside, inside = split_at_red_line(works)
    found = [
        *_earth(works, outside, "outside-red-line"),
        *_earth(works, inside, "inside-red-line"),
        *_own_surfaces(works, outside, "outside-red-line"),
        *_own_surfaces(works, inside, "inside-red-line"),
        *_pipe(works, rules, _length(outside), "outside-red-line"),
        *_pipe(works, rules, _length(inside), "inside-red-line"),
        *_structures(works, rules),
        *_metering(works, rules),
        *_restoration_fees(works, outside),
    ]
    return tuple(quantity for quantity in found if quantity.quantity > 0)


def split_at_red_line(works: Works) -> tuple[tuple[RoadRun, ...], tuple[RoadRun, ...]]:
    """The runs outside and inside the red line; the run the line crosses is cut there."""
    left_m = works.outside_length_m
    outside, inside = [], []
    for run in works.runs:
        before = min(run.length_m, max(left_m, 0.0))
        if before > 0.0:
            outside.append(_cut(run, before))
        if run.length_m - before > 1e-9:
            inside.append(_cut(run, run.length_m - before))
        left_m -= run.length_m
    return tuple(outside), tuple(inside)


def trench_volumes_m3(trench: Trench, *, length_m: float, outer_diameter_m: float) -> dict[str, float]:
    """
    Earthwork of a trench [m3]: excavation, bedding, backfill and spoil (what bedding and pipe push out).

    >>> v = trench_volumes_m3(Trench(0.718, 1.2, 0.1, 0.0), length_m=30, outer_diameter_m=0.118)
    >>> {name: round(volume, 2) for name, volume in v.items()}
    {'excavation': 25.85, 'bedding': 2.15, 'backfill': 23.37, 'spoil': 2.48}
    """
    excavation = trench.area_m2 * length_m
    bedding = (trench.width_m + trench.slope_ratio * trench.bedding_m) * trench.bedding_m * length_m
    spoil = bedding + math.pi / 4.0 * outer_diameter_m**2 * length_m
    return {"excavation": excavation, "bedding": bedding, "backfill": excavation - spoil, "spoil": spoil}


def rounded(value: float) -> Decimal:
    """Two places, half up, from the shortest decimal that is the float."""
    return Decimal(repr(value)).quantize(CENT, ROUND_HALF_UP)


def _cut(run: RoadRun, length_m: float) -> RoadRun:
    return RoadRun(run.surface, length_m, run.road_name, run.road_class, run.opened_on, run.paved_on)


def _length(runs: tuple[RoadRun, ...]) -> float:
    return sum(run.length_m for run in runs)


def _basis(key: str, **told: float | str) -> Text:
    return Text("design", f"basis.{key}", told)


def _earth(works: Works, runs: tuple[RoadRun, ...], ledger: Ledger) -> Iterator[Quantity]:
    length, trench = _length(runs), works.trench
    volumes = trench_volumes_m3(trench, length_m=length, outer_diameter_m=works.service.outer_diameter_m)
    told = {"width": trench.width_m, "depth": trench.depth_m, "slope": trench.slope_ratio, "length": length}
    yield Quantity("040101002", rounded(volumes["excavation"]), ledger, _basis("excavation", **told))
    yield Quantity(
        "bedding-sand", rounded(volumes["bedding"]), ledger, _basis("bedding", thickness=trench.bedding_m)
    )
    yield Quantity("040103001", rounded(volumes["backfill"]), ledger, _basis("backfill"))
    yield Quantity("040103002", rounded(volumes["spoil"]), ledger, _basis("spoil"))


def _own_surfaces(works: Works, runs: tuple[RoadRun, ...], ledger: Ledger) -> Iterator[Quantity]:
    """Surfaces that no authority restores for a fee: broken up and made good by the works."""
    for surface in ("asphalt", "concrete", "paving-brick", "gravel"):
        length = sum(
            r.length_m for r in runs if _surface(r) == surface and not _restored_by_authority(r, ledger)
        )
        area = rounded(length * works.trench.top_width_m)
        told = _basis("surface", width=works.trench.top_width_m, length=length)
        yield Quantity(f"041001001-{surface}", area, ledger, told)
        yield Quantity(f"restore-{surface}", area, ledger, told)
    green = sum(r.length_m for r in runs if r.surface == "green" and not _restored_by_authority(r, ledger))
    yield Quantity(
        "restore-green", rounded(green * works.trench.top_width_m), ledger,
        _basis("surface", width=works.trench.top_width_m, length=green),
    )  # fmt: skip


def _restored_by_authority(run: RoadRun, ledger: Ledger) -> bool:
    return ledger == "outside-red-line" and (run.is_public_road or run.surface == "green")


def _surface(run: RoadRun) -> str:
    """Surface of a run; one that is not known is priced as asphalt, the dearest common one."""
    known = {"asphalt", "concrete", "paving-brick", "gravel", "soil", "green"}
    return run.surface if run.surface in known else "asphalt"


def _restoration_fees(works: Works, runs: tuple[RoadRun, ...]) -> Iterator[Quantity]:
    lengths: dict[str, float] = {}
    for run in runs:
        code = restoration_code(_surface(run), run.road_class)
        if code and _restored_by_authority(run, "outside-red-line"):
            lengths[code] = lengths.get(code, 0.0) + run.length_m
    width = works.trench.top_width_m
    for code, length in lengths.items():
        yield Quantity(
            code, rounded(length * width), "third-party", _basis("surface", width=width, length=length)
        )


def _pipe(works: Works, rules: RuleSet, length_m: float, ledger: Ledger) -> Iterator[Quantity]:
    service = works.service
    length = rounded(length_m)
    along = _basis("along", length=length_m)
    yield Quantity(f"pipe-{service.material}-dn{service.dn}", length, ledger, along)
    yield Quantity(_by_dn("test", service.dn, rules), length, ledger, along)
    yield Quantity("flush-disinfect", length, ledger, along)
    yield Quantity("marker-tape", length, ledger, along)
    if service.material == "PE":
        yield Quantity("tracer-wire", length, ledger, along)


def _structures(works: Works, rules: RuleSet) -> Iterator[Quantity]:
    service, ledger = works.service, _tie_in_ledger(works)
    each = Decimal(1)
    yield Quantity(f"tie-in-{works.tapping.method}-dn{service.dn}", each, ledger, _basis("tie-in"))
    wells = Decimal(works.valve_wells)
    yield Quantity(f"040502005-dn{service.dn}", wells, ledger, _basis("tie-in-valve"))
    yield Quantity(_by_dn("valve-well", service.dn, rules), wells, ledger, _basis("tie-in-valve"))
    bends = Decimal(sum(count for _, count in works.bends))
    yield Quantity(f"bend-{service.material}-dn{service.dn}", bends, ledger, _basis("bends"))
    concrete = works.thrust_blocks * _block_m3(service.dn, rules)
    yield Quantity("040503002", rounded(concrete), ledger, _basis("thrust", count=works.thrust_blocks))


def _metering(works: Works, rules: RuleSet) -> Iterator[Quantity]:
    """Meter, its fittings and its well: at the red line, on the public side."""
    dn, ledger = works.meter.dn, _tie_in_ledger(works)
    told = _basis("meter", dn=dn)
    yield Quantity(f"040502009-dn{dn}", Decimal(1), ledger, told, metering=True)
    yield Quantity(f"meter-set-dn{dn}", Decimal(1), ledger, told, metering=True)
    yield Quantity(_by_dn("meter-well", dn, rules), Decimal(1), ledger, told, metering=True)


def _block_m3(dn: int, rules: RuleSet) -> float:
    rows = rules.table("thrust-block").rows
    return float(next(row["volume_m3"] for row in rows if dn <= row["dn_max"]))


def _by_dn(kind: str, dn: int, rules: RuleSet) -> str:
    """Catalogue code of the size class a DN falls into."""
    rows = [row for row in rules.table("priced-by-dn").rows if row["kind"] == kind]
    return str(next((row["code"] for row in rows if dn <= row["dn_max"]), rows[-1]["code"]))


def _tie_in_ledger(works: Works) -> Ledger:
    return "outside-red-line" if works.outside_length_m > 0.0 or works.length_m == 0.0 else "inside-red-line"
