"""Pipe series: the sizes that are made, with their true bores, from data/pipes/series.csv."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from design.rules.ruleset import RuleSet
from gis.schema import materials
from gis.units import m_from_mm

MM_AN_INCH = 25.4


@dataclass(frozen=True)
class PipeSize:
    """
    One size of a series.

    Attributes
    ----------
    dn
        Nominal size DN 公称直径, for every material: a PE pipe dn63 (outside diameter) has DN 50 here.
    label
        As written on paper: `dn63` for plastic, `DN100` for metal.
    """

    series: str
    material: str
    dn: int
    label: str
    outer_diameter_m: float
    wall_m: float
    lining_m: float
    inner_diameter_m: float
    source: str
    confidence: str

    @property
    def name(self) -> str:
        """Series and size, e.g. `PE100 SDR11 dn63`."""
        return f"{self.series.replace('-', ' ')} {self.label}"


@cache
def all_sizes() -> tuple[PipeSize, ...]:
    """Every size of every series, by series and outside diameter."""
    with files("design").joinpath("data", "pipes", "series.csv").open(encoding="utf-8") as stream:
        return tuple(
            PipeSize(
                row["series"], row["material"], int(row["dn"]), row["label"], m_from_mm(float(row["outer_mm"])),
                m_from_mm(float(row["wall_mm"])), m_from_mm(float(row["lining_mm"])),
                m_from_mm(float(row["inner_mm"])), row["source"], row["confidence"],
            )
            for row in csv.DictReader(stream)
        )  # fmt: skip


def service_sizes(rules: RuleSet, *, max_dn: int | None = None) -> tuple[PipeSize, ...]:
    """Sizes offered for service pipes, smallest bore first: the utility's preferred series by DN."""
    smallest = rules.value("service-dn-min").value
    preferred = {row["series"]: row for row in rules.table("service-series").rows}
    offered = [
        size
        for size in all_sizes()
        if (row := preferred.get(size.series)) is not None
        and max(row["dn_min"], smallest) <= size.dn <= min(row["dn_max"], max_dn or row["dn_max"])
    ]
    return tuple(sorted(offered, key=lambda size: size.inner_diameter_m))


def nominal_dn(label: int, material: str) -> int:
    """
    DN of a pipe whose size label is the outside diameter when it is plastic, or inches in millimetres.

    Fittings are made and priced by DN: a main of 8 inches on record as 203 mm takes those of DN200.

    >>> nominal_dn(110, "PE"), nominal_dn(100, "DI"), nominal_dn(203, "DI")
    (100, 100, 200)
    """
    known = materials().get(material)
    if known is None or not known.plastic:
        return _dn_of_inches().get(label, label)
    return _nominal_by_outer().get(label, label)


@cache
def _dn_of_inches() -> dict[int, int]:
    """DN by inches turned into whole millimetres."""
    with files("design").joinpath("data", "pipes", "inches.csv").open(encoding="utf-8") as stream:
        return {round(float(row["inch"]) * MM_AN_INCH): int(row["dn"]) for row in csv.DictReader(stream)}


@cache
def _nominal_by_outer() -> dict[int, int]:
    return {round(size.outer_diameter_m * 1000): size.dn for size in all_sizes() if size.material == "PE"}
