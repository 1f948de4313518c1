"""Picking list 备料单: what the store hands out for the job, by thing and size, with what each is for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from design.wire.works import PickingDoc
from gis.messages import Text

if TYPE_CHECKING:
    from design.rules.ruleset import RuleSet
    from design.works.assemblies import Assembly
    from design.works.plan import Works

_TENTH = Decimal("0.1")
_MATERIALS = {
    "PE": ("PE100 给水管", "PE100 water pipe"),
    "DI": ("球墨铸铁管", "Ductile iron pipe"),
    "SP": ("钢塑复合管", "Steel-plastic pipe"),
}
_BENDS = {
    "PE": ("PE 弯头", "PE bend"),
    "DI": ("球墨铸铁弯头", "Ductile iron bend"),
    "SP": ("钢塑弯头", "Steel-plastic bend"),
}


@dataclass(frozen=True)
class Picked:
    """So much of one thing; `uses` name the details it goes into, in Chinese and English."""

    name_zh: str
    name_en: str
    spec: str
    unit: str
    quantity: Decimal
    uses: tuple[tuple[str, str], ...]

    def doc(self, number: int) -> PickingDoc:
        """As the scheme document carries it."""
        return {
            "no": number, "name": self.name_zh, "name_en": self.name_en, "spec": self.spec, "unit": self.unit,
            "quantity": f"{self.quantity:f}", "used_for": [zh for zh, _ in self.uses], "used_for_en": [en for _, en in self.uses],
        }  # fmt: skip


def picking_list(works: Works, assemblies: Sequence[Assembly], rules: RuleSet) -> tuple[Picked, ...]:
    """
    Pipe in whole sticks or metres of coil with its joints, bends, reducers, and the store's parts of every detail.

    Things of one name and size from several details stand in one row; pieces are whole, metres to the decimetre.
    """
    rows = _by_thing([*_pipe(works, rules), *_fittings(works), *_parts(assemblies)])
    return tuple(
        Picked(e.name_zh, e.name_en, e.spec, e.unit, _handed_out(e.quantity, e.unit), e.uses) for e in rows
    )


def joined_lists(one: Sequence[Picked], other: Sequence[Picked]) -> tuple[Picked, ...]:
    """The lists of two inlets as one: things of one name and size in one row."""
    return tuple(_by_thing([*one, *other]))


def _by_thing(entries: Sequence[Picked]) -> list[Picked]:
    rows: dict[tuple[str, str, str], Picked] = {}
    for entry in entries:
        key = entry.name_zh, entry.spec, entry.unit
        known = rows.get(key)
        if known is None:
            rows[key] = entry
        else:
            uses = tuple(dict.fromkeys([*known.uses, *entry.uses]))
            rows[key] = Picked(*key[:1], known.name_en, *key[1:], known.quantity + entry.quantity, uses)
    return list(rows.values())


def _pipe(works: Works, rules: RuleSet) -> Iterator[Picked]:
    service = works.service
    names = _MATERIALS.get(service.material, (service.material, service.material))
    use = (_use("pipe"),)
    row = next(
        (
            r
            for r in rules.table("pipe-sticks").rows
            if r["material"] == service.material and service.dn <= r["dn_max"]
        ),
        None,
    )
    length = works.length_m
    if row is None or row["form"] == "coil":
        waste = 1.0 + rules.value("pipe-waste").value
        yield Picked(*names, service.series, "m", Decimal(repr(length * waste)), use)
        return
    sticks = math.ceil(length / float(row["length_m"]) - 1e-9)
    spec = f"{service.series}，L={row['length_m']:g} m"
    yield Picked(*names, spec, "根", Decimal(sticks), use)
    if sticks:
        joint = (str(row["joint_zh"]), str(row["joint_en"]))
        yield Picked(*joint, f"DN{service.dn}", "个", Decimal(sticks), (_use("joint"),))


def _fittings(works: Works) -> Iterator[Picked]:
    service = works.service
    names = _BENDS.get(service.material, ("弯头", "Bend"))
    for angle, count in works.bends:
        yield Picked(*names, f"DN{service.dn} {angle:g}°", "个", Decimal(count), (_use("bend"),))
    if works.meter.dn != service.dn:
        large, small = max(works.meter.dn, service.dn), min(works.meter.dn, service.dn)
        yield Picked("异径管", "Reducer", f"DN{large}×DN{small}", "个", Decimal(2), (_use("meter"),))


def _parts(assemblies: Sequence[Assembly]) -> Iterator[Picked]:
    for detail in assemblies:
        use = (detail.name_zh, detail.name_en)
        for part in detail.parts:
            if part.from_store:
                count = part.count * detail.count
                yield Picked(part.name_zh, part.name_en, part.spec, part.unit, count, (use,))


def _handed_out(quantity: Decimal, unit: str) -> Decimal:
    step = _TENTH if unit == "m" else Decimal(1)
    return quantity.quantize(step, ROUND_CEILING)


def _use(key: str) -> tuple[str, str]:
    told = Text("design", f"picking.{key}")
    return told.render("zh"), told.render("en")
