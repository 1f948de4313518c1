"""Assembly book 标准图集目录: the standard details as data files have them, with the rule of when each applies."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Situation:
    """
    What a detail is wanted for; `place` is road | green | other, `wet` groundwater above its bottom, `frost` frozen ground.

    `method` is that of the tie-in, "" elsewhere.
    """

    kind: str
    dn: int
    material: str
    method: str
    cover_m: float
    place: str
    wet: bool
    frost: bool


@dataclass(frozen=True)
class PartRow:
    """One numbered part of a detail; `row` holds its amounts and the condition under which it is used."""

    no: int
    name_zh: str
    name_en: str
    spec: str
    unit: str
    from_store: bool
    row: Mapping[str, Any]

    def fits(self, situation: Situation, *, reduced: bool) -> bool:
        """The part is used in that situation; `reduced` where a larger tap-off meets a smaller pipe."""
        row = self.row
        return (
            situation.place in row.get("places", [situation.place])
            and row.get("wet", situation.wet) == situation.wet
            and (not row.get("frost") or situation.frost)
            and (not row.get("reduced") or reduced)
            and situation.dn >= row.get("dn_min", 0)
        )


@dataclass(frozen=True)
class AssemblyRow:
    """One standard detail and its rule; `is_well` counts its `per_m` parts by its depth."""

    code: str
    name_zh: str
    name_en: str
    kind: str
    atlas: str
    sheet: str
    edition: str
    status: str
    source: str
    confidence: str
    is_well: bool
    dimensions_mm: Mapping[str, int]
    parts: tuple[PartRow, ...]
    rule: Mapping[str, Any]

    def fits(self, situation: Situation) -> bool:
        """The rule of the detail covers that situation."""
        rule = self.rule
        waters = {"dry": not situation.wet, "wet": situation.wet, "any": True}
        return (
            self.kind == situation.kind
            and rule["dn_min"] <= situation.dn <= rule["dn_max"]
            and situation.material in rule.get("materials", [situation.material])
            and situation.method in rule.get("method", [situation.method])
            and rule.get("cover_min_m", 0.0) <= situation.cover_m + 1e-9
            and situation.cover_m <= rule.get("cover_max_m", 99.0) + 1e-9
            and waters[rule.get("groundwater", "any")]
            and situation.place in rule.get("places", [situation.place])
        )


@cache
def assembly_rows() -> tuple[AssemblyRow, ...]:
    """All details in the order they are tried."""
    folder = files("design").joinpath("data", "assemblies")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    found: list[AssemblyRow] = []
    for name in names:
        content = tomllib.loads(folder.joinpath(name).read_text(encoding="utf-8"), parse_float=Decimal)
        found += [_assembly(row) for row in content["assembly"]]
    return tuple(found)


@cache
def flanges() -> dict[int, tuple[int, int]]:
    """Bolts of a PN16 flange by DN: how many, and their thread M [mm]."""
    with files("design").joinpath("data", "assemblies", "flanges.csv").open(encoding="utf-8") as stream:
        return {int(row["dn"]): (int(row["bolts"]), int(row["thread"])) for row in csv.DictReader(stream)}


def _assembly(row: Mapping[str, Any]) -> AssemblyRow:
    keys = ("dn_min", "dn_max", "materials", "method", "cover_min_m", "cover_max_m", "groundwater", "places")
    rule = {key: _plain(row[key]) for key in keys if key in row}
    return AssemblyRow(
        row["code"], row["name_zh"], row["name_en"], row["kind"], row["atlas"], str(row.get("sheet", "")),
        str(row.get("edition", "")), row["status"], row["source"], row["confidence"], bool(row.get("well")),
        row.get("dimensions_mm", {}), tuple(_part(part) for part in row["parts"]), rule,
    )  # fmt: skip


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def _part(row: Mapping[str, Any]) -> PartRow:
    return PartRow(
        row["no"], row["name_zh"], row["name_en"], row["spec"], row["unit"], bool(row.get("store")), row
    )
