"""
Standard details 标准图集: drawings picked by rule for what is built, with numbered parts; a case without one is a finding.

The rule of a detail asks for kind, DN, material, cover, place (road or green), groundwater, frost and tie-in method. Of
the parts each has its number on the drawing, and as many as the works need at one place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from design.pricing.earth import pit_size_m
from design.rules.ruleset import Finding, RuleSet, finding
from design.wire.works import AssemblyDoc, PartDoc
from design.works.assembly_book import AssemblyRow, PartRow, Situation, assembly_rows, flanges
from design.works.digging import trench_volumes_m3
from design.works.plan import Casing, Works
from design.works.thrust import ThrustBlock
from gis.messages import Text

_THOUSANDTH = Decimal("0.001")


@dataclass(frozen=True)
class Part:
    """So many of one thing at one place; `no` is its number on the drawing, `from_store` what the store hands out."""

    no: int
    name_zh: str
    name_en: str
    spec: str
    unit: str
    count: Decimal
    from_store: bool

    def doc(self) -> PartDoc:
        """As the scheme document carries it."""
        return {
            "no": self.no, "name": self.name_zh, "name_en": self.name_en, "spec": self.spec, "unit": self.unit,
            "count": f"{self.count:f}", "from_store": self.from_store,
        }  # fmt: skip


@dataclass(frozen=True)
class Assembly:
    """
    A standard detail used so many times; `status` says how far its number and sheet are confirmed.

    `dimensions_mm` are those the drawing shows, `parts` are for one of it.
    """

    code: str
    name_zh: str
    name_en: str
    atlas: str
    status: str
    source: str
    confidence: str
    count: int
    reason: Text
    kind: str = ""
    sheet: str = ""
    edition: str = ""
    dimensions_mm: Mapping[str, int] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()

    @property
    def drawing(self) -> str:
        """Atlas number with its state, e.g. `05S502（图集号已见，图页待核）`."""
        sheet = f" {self.sheet}" if self.sheet else ""
        return f"{self.atlas}{sheet}（{self.status}）"

    def doc(self) -> AssemblyDoc:
        """As the scheme document carries it."""
        return {
            "code": self.code, "kind": self.kind, "name": self.name_zh, "name_en": self.name_en, "drawing": self.drawing,
            "atlas": self.atlas, "sheet": self.sheet, "edition": self.edition, "count": self.count,
            "reason": self.reason.render("zh"), "reason_en": self.reason.render("en"), "source": self.source,
            "confidence": self.confidence, "dimensions_mm": dict(self.dimensions_mm),
            "parts": [part.doc() for part in self.parts],
        }  # fmt: skip


@dataclass(frozen=True)
class _Wanted:
    """One detail the works need: how often, how far it runs, and what its texts and amounts are filled with."""

    kind: str
    dn: int
    count: int
    length_m: float = 0.0
    block: ThrustBlock | None = None
    casing: Casing | None = None


def standard_details(works: Works, rules: RuleSet) -> tuple[tuple[Assembly, ...], tuple[Finding, ...]]:
    """Give the details of the works, and a warning for every case no detail covers."""
    found: list[Assembly] = []
    missing: list[Finding] = []
    for wanted in _wanted(works):
        situation = _situation(works, wanted, rules)
        row = next((row for row in assembly_rows() if row.fits(situation)), None)
        if row is None:
            missing.append(_missing(situation, rules))
        else:
            found.append(_assembly(row, wanted, situation, works, rules))
    return tuple(found), tuple(missing)


def _wanted(works: Works) -> Iterator[_Wanted]:
    dn = works.service.dn
    yield _Wanted("tie-in", dn, 1)
    if works.valve_wells:
        yield _Wanted("valve-well", dn, works.valve_wells)
    yield _Wanted("meter-well", works.meter.dn, 1)
    if works.backflow:
        yield _Wanted("backflow", works.meter.dn, 1)
        yield _Wanted("backflow-place", works.meter.dn, 1)
    for block in works.blocks:
        yield _Wanted("thrust", dn, block.count, block=block)
    yield _Wanted("trench", dn, 1, works.length_m)
    sheeted_m = sum(run.length_m for run in works.runs if works.trench_of(run).support == "sheeting")
    if sheeted_m > 0.0:
        yield _Wanted("sheeting", dn, 1, sheeted_m)
    for casing in works.casings:
        yield _Wanted("casing", dn, 1, casing.length_m, casing=casing)
    if works.hydrants:
        yield _Wanted("hydrant", 100, works.hydrants)


def _situation(works: Works, wanted: _Wanted, rules: RuleSet) -> Situation:
    depth_m = works.cover_depth_m + works.service.outer_diameter_m
    at_site = works.runs[-1].surface if works.runs else "soil"
    place = works.place
    if wanted.kind in {"meter-well", "hydrant", "backflow", "backflow-place"}:
        place = "green" if at_site == "green" else "other" if at_site in {"soil", ""} else "road"
    methods = {"tie-in": works.tapping.method, "backflow": works.backflow, "backflow-place": works.backflow}
    return Situation(
        wanted.kind, wanted.dn, works.service.material, methods.get(wanted.kind, ""),
        works.cover_depth_m, place, works.ground.is_wet(depth_m),
        rules.value("frost-depth").value > rules.value("frost-proof-depth").value,
    )  # fmt: skip


def _assembly(
    row: AssemblyRow, wanted: _Wanted, situation: Situation, works: Works, rules: RuleSet
) -> Assembly:
    reduced = works.tapoff_dn is not None and works.tapoff_dn > works.service.dn
    told = _told(wanted, works)
    depth_m = _well_depth_m(works)
    dimensions = {**row.dimensions_mm, **({"depth": round(depth_m * 1000)} if row.is_well else {})}
    dimensions |= _own_dimensions_mm(wanted, works, pit_size_m(works, rules))
    along_m = depth_m if row.is_well else wanted.length_m
    parts = [_part(p, wanted, works, told, along_m) for p in row.parts if p.fits(situation, reduced=reduced)]
    reason = Text("design", f"assembly.{wanted.kind}", {**told, "atlas": row.atlas})
    return Assembly(
        row.code, row.name_zh, row.name_en, row.atlas, row.status, row.source, row.confidence, wanted.count, reason,
        row.kind, row.sheet, row.edition, dimensions, tuple(part for part in parts if part.count > 0),
    )  # fmt: skip


def _told(wanted: _Wanted, works: Works) -> dict[str, str | int | float]:
    """What the texts of parts and reasons are filled with."""
    joint = works.tapoff_dn or wanted.dn
    told: dict[str, str | int | float] = {
        "dn": wanted.dn, "main_dn": works.main_dn, "tapoff_dn": joint, "joint_dn": joint,
        "bolt": _bolts(joint if wanted.kind == "tie-in" else wanted.dn)[1], "sleeve_dn": wanted.dn + 50,
        "q3": f"{works.meter.q3_m3h:g}", "bedding_mm": round(works.trench.bedding_m * 1000), "casing_dn": 0,
        "block_mm": "", "angle": 0.0, "thrust": 0.0, "subject": "",
    }  # fmt: skip
    if wanted.block is not None:
        block = wanted.block
        sides = (block.width_m, block.height_m, block.thickness_m)
        told["block_mm"] = "×".join(str(round(side * 1000)) for side in sides)
        told |= {"angle": block.angle_deg, "thrust": block.thrust_kn}
    if wanted.casing is not None:
        told |= {"casing_dn": wanted.casing.dn, "subject": wanted.casing.subject or wanted.casing.reason}
    return told


def _own_dimensions_mm(wanted: _Wanted, works: Works, pit_m: tuple[float, float]) -> dict[str, int]:
    if wanted.block is not None:
        block = wanted.block
        return _mm(width=block.width_m, height=block.height_m, thickness=block.thickness_m)
    if wanted.casing is not None:
        return {**_mm(length=wanted.casing.length_m), "casing_dn": wanted.casing.dn}
    if wanted.kind == "tie-in" and pit_m != (0.0, 0.0):
        return _mm(pit_length=pit_m[0], pit_width=pit_m[1], pit_depth=works.tie_in_depth_m)
    if wanted.kind in {"trench", "sheeting"}:
        section = next((works.trench_of(r) for r in works.runs), works.trench)
        return _mm(
            width=section.width_m, depth=section.depth_m, bedding=section.bedding_m, cover=works.cover_depth_m
        )
    return {}


def _mm(**sizes_m: float) -> dict[str, int]:
    return {name: round(size * 1000.0) for name, size in sizes_m.items()}


def _part(
    part: PartRow, wanted: _Wanted, works: Works, told: Mapping[str, str | int | float], along_m: float
) -> Part:
    row = part.row
    count = Decimal(row.get("count", 0)) + Decimal(row.get("per_m", 0)) * Decimal(repr(along_m))
    count += (
        row.get("flanges", 0) * _bolts(int(told["joint_dn"]) if wanted.kind == "tie-in" else wanted.dn)[0]
    )
    if wanted.block is not None and row.get("block"):
        count = Decimal(repr(wanted.block.volume_m3))
    if "quantity" in row:
        count = Decimal(repr(_amount(row["quantity"], works)))
    whole = part.unit in {"个", "套", "片", "根"}
    count = (
        count.quantize(Decimal(1), "ROUND_CEILING") if whole else count.quantize(_THOUSANDTH, ROUND_HALF_UP)
    )
    return Part(
        part.no, part.name_zh, part.name_en, part.spec.format_map(told), part.unit, count.normalize() + 0,
        part.from_store,
    )  # fmt: skip


def _amount(quantity: str, works: Works) -> float:
    """Bedding or backfill of the whole trench [m3], or the face of its sheeting [m2]."""
    total = 0.0
    for run in works.runs:
        trench = works.trench_of(run)
        if quantity == "sheeting":
            total += 2.0 * trench.depth_m * run.length_m if trench.support == "sheeting" else 0.0
        else:
            outer_m = works.service.outer_diameter_m
            volumes = trench_volumes_m3(trench, length_m=run.length_m, outer_diameter_m=outer_m)
            total += volumes[quantity]
    return total


def _well_depth_m(works: Works) -> float:
    """Depth of a well: from the ground to its floor, half a pipe and 0.3 m to work under the fittings."""
    return works.cover_depth_m + works.service.outer_diameter_m + 0.3


def _bolts(dn: int) -> tuple[int, int]:
    known = flanges()
    return next((known[size] for size in sorted(known) if dn <= size), known[max(known)])


def _missing(situation: Situation, rules: RuleSet) -> Finding:
    told: dict[str, str | int | float | Text] = {
        "dn": situation.dn,
        "cover": situation.cover_m,
        "material": situation.material,
    }
    wet = Text("design", f"assembly.{'wet' if situation.wet else 'dry'}")
    return finding(
        rules.value("assembly-covered"), "assembly-missing", measured=float(situation.dn), limit=0.0, unit="DN",
        verdict="warn", said=Text("design", f"assembly.{situation.kind}-missing", {**told, "water": wet}),
    )  # fmt: skip
