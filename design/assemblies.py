"""Standard details 标准图集: drawings picked by kind, DN, material and tie-in method; a case without one is a finding."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from design.rules import Finding, RuleSet, finding
from design.wire import AssemblyDoc
from design.works import Works
from gis.messages import Text


@dataclass(frozen=True)
class Assembly:
    """A standard detail used so many times; `status` says how far its number and sheet are confirmed."""

    code: str
    name_zh: str
    name_en: str
    atlas: str
    status: str
    source: str
    confidence: str
    count: int
    reason: Text

    @property
    def drawing(self) -> str:
        """Atlas number with its state, e.g. `05S502（图集号已见，图页待核）`."""
        return f"{self.atlas}（{self.status}）"

    def doc(self) -> AssemblyDoc:
        """As the scheme document carries it."""
        return {
            "code": self.code, "name": self.name_zh, "drawing": self.drawing, "count": self.count,
            "reason": self.reason.render("zh"),
        }  # fmt: skip


def standard_details(works: Works, rules: RuleSet) -> tuple[tuple[Assembly, ...], tuple[Finding, ...]]:
    """Give the details of the works, and a warning for every case no detail covers."""
    service = works.service
    wanted = (
        ("tie-in", service.dn, 1),
        ("valve-well", service.dn, works.valve_wells),
        ("meter-well", works.meter.dn, 1),
        ("thrust", service.dn, works.thrust_blocks),
        ("trench", service.dn, 1),
    )
    found: list[Assembly] = []
    missing: list[Finding] = []
    for kind, dn, count in wanted:
        if not count:
            continue
        row = _row(kind, dn, material=service.material, method=works.tapping.method)
        if row is None:
            missing.append(_missing(kind, dn, rules))
        else:
            found.append(_assembly(row, kind, dn, count))
    return tuple(found), tuple(missing)


def _row(kind: str, dn: int, *, material: str, method: str) -> Mapping[str, str] | None:
    for row in _rows():
        fits_size = row["kind"] == kind and int(row["dn_min"]) <= dn <= int(row["dn_max"])
        if fits_size and row["material"] in {"", material} and row["method"] in {"", method}:
            return row
    return None


def _assembly(row: Mapping[str, str], kind: str, dn: int, count: int) -> Assembly:
    return Assembly(
        row["code"], row["name_zh"], row["name_en"], row["atlas"], row["status"], row["source"], row["confidence"],
        count, Text("design", f"assembly.{kind}", {"dn": dn, "atlas": row["atlas"]}),
    )  # fmt: skip


def _missing(kind: str, dn: int, rules: RuleSet) -> Finding:
    return finding(
        rules.value("assembly-covered"), "assembly-missing", measured=float(dn), limit=0.0, unit="DN", verdict="warn",
        said=Text("design", f"assembly.{kind}-missing", {"dn": dn}),
    )  # fmt: skip


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with files("design").joinpath("data", "assemblies", "assemblies.csv").open(encoding="utf-8") as stream:
        return tuple(csv.DictReader(stream))
