"""
Pipe sizes as sources write them: "DN200", "De110", "Φ219", "D325x8", "2-Φ100", "200X300", 300.

`dn` stays the label of the source (nominal bore for metal, outside diameter for plastic); the bore for hydraulics
is worked out apart from it, by wall tables in data/inner_diameters.csv.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from gis.intake.cells.values import is_blank
from gis.schema import data_rows, materials, plain_text

SizeKind = Literal["nominal", "outside", "rectangle", "missing", "unreadable"]

_NUMBER = r"(\d+(?:\.\d+)?)"
_ROUND = re.compile(rf"(?:(\d)[-*x])?(dn|de|pe|φ|d)?{_NUMBER}(?:mm)?(?:[x*]{_NUMBER})?(?:mm)?")
THICKEST_WALL_SHARE = 0.25  # "D325x8" is a wall, "200X300" a rectangle


@dataclass(frozen=True)
class Size:
    """
    One size as read.

    Attributes
    ----------
    dn
        Label; None when there is none to trust.
    wall_m
        Stated wall, only with an outside diameter.
    count
        Pipes side by side ("2-Φ100").
    written
        As the source has it.
    exact_m
        Bore where the source gives it as a length (inches, metres) and not as a label.
    """

    kind: SizeKind
    dn: int | None
    wall_m: float | None = None
    count: int = 1
    marked: str = ""
    exact_m: float | None = None
    written: str = ""


@dataclass(frozen=True)
class Bore:
    """One row of the wall tables."""

    series: str
    dn: int
    nominal_dn: int
    inner_m: float | None
    default: bool


@cache
def bores() -> tuple[Bore, ...]:
    """All rows of data/inner_diameters.csv."""
    return tuple(
        Bore(
            row["series"], int(row["dn"]), int(row["nominal_dn"]),
            float(row["inner_mm"]) / 1000.0 if row["inner_mm"] else None, row["default"] == "yes",
        )
        for row in data_rows("inner_diameters.csv")
    )  # fmt: skip


@cache
def _default_plastic() -> dict[int, Bore]:
    return {bore.dn: bore for bore in bores() if bore.default and bore.series.startswith("PE")}


@cache
def _steel_nominal() -> dict[int, int]:
    return {bore.dn: bore.nominal_dn for bore in bores() if bore.series == "STEEL-OD"}


def read_size(value: object) -> Size:
    """
    Read one size [mm in the source].

    >>> read_size("DN200").dn, read_size("De110").dn, read_size("Φ219").dn, read_size(300.0).dn
    (200, 110, 200, 300)
    >>> read_size("D325x8").wall_m, read_size("200X300").kind, read_size("2-Φ100").count, read_size("0").kind
    (0.008, 'rectangle', 2, 'missing')
    """
    text = _plain(value)
    if not text or re.fullmatch(r"0+(\.0+)?", text):
        return Size("missing", None)
    match = _ROUND.fullmatch(text)
    if match is None:
        return Size("unreadable", None, written=str(value))
    count, mark, number, second = match.groups()
    size = float(number)
    if second is not None and float(second) > size * THICKEST_WALL_SHARE:
        return Size("rectangle", None, written=str(value))
    wall_m = float(second) / 1000.0 if second is not None else None
    return replace(_labelled(mark or "", round(size), wall_m, int(count or 1)), written=str(value))


def _plain(value: object) -> str:
    if is_blank(value):
        return ""
    text = plain_text(value) if not isinstance(value, float) else f"{value:g}"
    return text.replace("ø", "φ").replace("ф", "φ").replace("×", "x").replace("－", "-").replace(",", "")


def _labelled(mark: str, size: int, wall_m: float | None, count: int) -> Size:
    if size == 0:
        return Size("missing", None)
    if mark in {"de", "pe"}:
        return Size("outside", size, wall_m, count, mark)
    if (mark in {"φ", "d"} or wall_m is not None) and size in _steel_nominal():
        return Size("outside", _steel_nominal()[size], None if wall_m is None else wall_m, count, f"od{size}")
    return Size("nominal", size, wall_m, count, mark)


def inner_diameter_m(size: Size, material: str) -> float | None:
    """
    Bore used by hydraulics [m]: outside diameter less walls where stated or tabled, else the nominal bore.

    Plastic sizes of the dn series use the default pressure class of data/inner_diameters.csv; a plastic size
    outside the series is taken as the nominal bore of the series pipe it is equivalent to.

    >>> inner_diameter_m(read_size("De110"), "PE"), inner_diameter_m(read_size("DN300"), "DI")
    (0.0968, 0.3)
    >>> round(inner_diameter_m(read_size("D325x8"), "ST"), 4)
    0.309
    """
    if size.dn is None:
        return None
    if size.exact_m is not None:
        return size.exact_m
    if size.wall_m is not None and size.kind == "outside":
        outside_m = float(size.marked[2:]) / 1000.0 if size.marked.startswith("od") else size.dn / 1000.0
        return outside_m - 2.0 * size.wall_m
    if size.kind == "outside" and not size.marked.startswith("od"):
        return _plastic_bore_m(size.dn)
    if materials()[material].plastic:
        return _plastic_bore_m(size.dn)
    return size.dn / 1000.0


def _plastic_bore_m(dn: int) -> float:
    table = _default_plastic()
    if dn in table:
        return table[dn].inner_m or dn / 1000.0
    equivalent = [bore.inner_m for bore in table.values() if bore.nominal_dn == dn and bore.inner_m]
    # Beyond the tables: the SDR17 minimum wall is close to dn / 17.
    return min(equivalent) if equivalent else dn / 1000.0 * (1.0 - 2.0 / 17.0)
