"""Pipe, fittings, structures and meter of a connection as quantities."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from design.pricing.quantity import Ledger, Quantity, basis, rounded, tie_in_ledger
from design.rules.ruleset import RuleSet
from design.works.plan import Works

EACH = Decimal(1)


def pipe(works: Works, rules: RuleSet, length_m: float, ledger: Ledger) -> Iterator[Quantity]:
    """The pipe laid over a length with test, flushing, tape and, for plastic, wire."""
    service = works.service
    length, along = rounded(length_m), basis("along", length=length_m)
    yield Quantity(f"pipe-{service.material}-dn{service.dn}", length, ledger, along)
    yield Quantity(by_dn("test", service.dn, rules), length, ledger, along)
    yield Quantity("flush-disinfect", length, ledger, along)
    yield Quantity("marker-tape", length, ledger, along)
    if service.material == "PE":
        yield Quantity("tracer-wire", length, ledger, along)


def structures(works: Works, rules: RuleSet) -> Iterator[Quantity]:
    """Tie-in, valve and its well, bends by angle, reducers, thrust blocks, casings and hydrants."""
    service, ledger = works.service, tie_in_ledger(works)
    method = works.tapping.method
    yield Quantity(f"tie-in-{method}-dn{service.dn}", EACH, ledger, basis("tie-in"))
    wells = Decimal(works.valve_wells)
    yield Quantity(f"040502005-dn{service.dn}", wells, ledger, basis("tie-in-valve"))
    yield Quantity(by_dn("valve-well", service.dn, rules), wells, ledger, basis("tie-in-valve"))
    for angle, count in works.bends:
        code = f"bend-{service.material}-dn{service.dn}"
        yield Quantity(code, Decimal(count), ledger, basis("bends", angle=angle), detail=f"{angle:g}°")
    yield from _reducers(works, ledger)
    yield from _concrete(works, ledger)
    for casing in works.casings:
        told = basis("casing", subject=casing.subject or casing.reason, dn=casing.dn, length=casing.length_m)
        code = by_dn("casing", casing.dn, rules)
        yield Quantity(code, rounded(casing.length_m), ledger, told)
    yield Quantity("040502010", Decimal(works.hydrants), "inside-red-line", basis("hydrant"))


def _reducers(works: Works, ledger: Ledger) -> Iterator[Quantity]:
    service = works.service
    if works.tapoff_dn is not None and works.tapoff_dn > service.dn:
        told = basis("reducer", large=works.tapoff_dn, small=service.dn)
        yield Quantity(f"reducer-dn{works.tapoff_dn}", EACH, ledger, told, detail=f"×DN{service.dn}")
    if works.meter.dn != service.dn:
        large, small = max(works.meter.dn, service.dn), min(works.meter.dn, service.dn)
        told = basis("reducer-meter", large=large, small=small)
        yield Quantity(f"reducer-dn{large}", Decimal(2), ledger, told, metering=True, detail=f"×DN{small}")


def _concrete(works: Works, ledger: Ledger) -> Iterator[Quantity]:
    volume = sum(block.count * block.volume_m3 for block in works.blocks)
    thrust = max((block.thrust_kn for block in works.blocks), default=0.0)
    told = basis("thrust", count=works.block_count, thrust=thrust)
    yield Quantity("040503002", rounded(volume), ledger, told)


def metering(works: Works, rules: RuleSet) -> Iterator[Quantity]:
    """Meter, its fittings and its well: at the red line, on the public side."""
    dn, ledger = works.meter.dn, tie_in_ledger(works)
    told = basis("meter", dn=dn)
    yield Quantity(f"040502009-dn{dn}", EACH, ledger, told, metering=True)
    yield Quantity(f"meter-set-dn{dn}", EACH, ledger, told, metering=True)
    yield Quantity(by_dn("meter-well", dn, rules), EACH, ledger, told, metering=True)
    if works.backflow:  # behind the meter, the site's own protection of the network
        yield Quantity(f"backflow-{works.backflow}-dn{dn}", EACH, "inside-red-line", basis("backflow", dn=dn))
        place = by_dn(f"place-{works.backflow}", dn, rules)
        yield Quantity(place, EACH, "inside-red-line", basis("backflow-place", dn=dn))


def by_dn(kind: str, dn: int, rules: RuleSet) -> str:
    """Catalogue code of the size class a DN falls into."""
    rows = [row for row in rules.table("priced-by-dn").rows if row["kind"] == kind]
    return str(next((row["code"] for row in rows if dn <= row["dn_max"]), rows[-1]["code"]))
