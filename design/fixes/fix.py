"""Fix: one change of the network or the site that makes an option pass, with its price and what it does."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from gis.files.shipped import shipped_table
from gis.messages import Text
from gis.units import mpa_from_head_m

if TYPE_CHECKING:
    from design.wire.scheme import FixDoc
    from hydraulics.added_link import NewLink

Kind = Literal["larger-tie-in", "parallel-main", "loop", "open-valve", "booster"]


@dataclass(frozen=True)
class FixTerms:
    """What is tried, and within which bounds: data/fixes.toml."""

    series: str
    sizes: tuple[int, ...]
    path_count: int
    window_count: int
    loop_reach_m: float
    loop_count: int
    loop_gain_m: float
    valve_reach_m: float
    valve_count: int
    new_c: float
    new_mm: float
    new_manning_c: float  # n of Manning


@cache
def fix_terms() -> FixTerms:
    """The shipped terms."""
    table = shipped_table("design", "fixes.toml")
    return FixTerms(**{**table["search"], "sizes": tuple(table["search"]["sizes"])})


@dataclass(frozen=True)
class Fix:
    """
    One way to make an option pass.

    Attributes
    ----------
    what
        The change in words, with places and sizes.
    extra_cny
        Price of the change, by the same quantities and prices as the connection; `total_cny` with the connection.
    before_m, after_m
        Pressure at the site without and with it, both with the applicant's demand.
    tie_in_head_m
        Head at the tie-in with it.
    below_before_count, below_after_count
        Demand nodes that newly fall below the limit without and with it.
    line_xy
        Where a new main runs, in the working CRS; empty for a change without one.
    link, opened_link
        The change as the model takes it; None where the model stays as it is.
    checked_by
        `EPANET` once the model with the change written in was solved by it.
    """

    kind: Kind
    what: Text
    extra_cny: Decimal
    total_cny: Decimal
    margin_m: float
    before_m: float
    after_m: float
    tie_in_head_m: float
    below_before_count: int
    below_after_count: int
    dn: int | None = None
    length_m: float | None = None
    line_xy: tuple[tuple[float, float], ...] = ()
    link: NewLink | None = None
    opened_link: int | None = None
    service_dn: int | None = None
    checked_by: str = ""
    lines: tuple[dict[str, Any], ...] = field(default_factory=tuple)

    def doc(self, wire: Any) -> FixDoc:
        """As the scheme document carries it; `wire` turns a place into lon, lat."""
        return {
            "kind": self.kind, "what": self.what.render("zh"), "what_en": self.what.render("en"), "dn": self.dn,
            "length_m": None if self.length_m is None else round(self.length_m, 2),
            "extra_cny": str(self.extra_cny), "total_cny": str(self.total_cny), "service_dn": self.service_dn,
            "margin_m": round(self.margin_m, 4),
            "site_pressure_before_mpa": round(mpa_from_head_m(self.before_m), 4),
            "site_pressure_after_mpa": round(mpa_from_head_m(self.after_m), 4),
            "tie_in_head_after_m": round(self.tie_in_head_m, 4),
            "newly_below_before": self.below_before_count, "newly_below_after": self.below_after_count,
            "geometry": None if not self.line_xy else {
                "type": "LineString", "coordinates": [wire(xy) for xy in self.line_xy],
            },
            "checked_by": self.checked_by, "lines": list(self.lines),
        }  # fmt: skip
