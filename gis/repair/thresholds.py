"""Thresholds of repair and what is done about each kind of doubt, from data/repair.toml; a mapping file may override."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from gis.files.shipped import shipped_table

if TYPE_CHECKING:
    from collections.abc import Mapping

OFF = "off"


@dataclass(frozen=True)
class Thresholds:
    """
    See data/repair.toml for the meaning, source and reason of each.

    `rules` is what is done about each kind (`warn`, `off`, or what mends it); `dummy_years` are years that forms and
    programs write where nobody knew one.
    """

    snap_m: float
    tee_m: float
    near_m: float
    near_walk_m: float
    named_end_m: float
    named_end_far_m: float
    named_end_share: float
    point_reach_m: float
    length_error_m: float
    length_error_share: float
    valve_gap_m: float
    valve_gap_error_m: float
    shortest_m: float
    duplicate_m: float
    overlap_m: float
    overlap_share: float
    clear_depth_m: float
    same_point_m: float
    asset_line_m: float
    asset_reach_m: float
    stub_valve_m: float
    customer_reach_m: float
    elevation_reach_m: float
    length_ratio: float
    length_least_m: float
    deepest_cover_m: float
    earliest_year: float
    narrow_ratio: float
    narrow_least_m: float
    alike_least_count: float
    alike_year_share: float
    alike_spike_ratio: float
    alike_dn_share: float
    alike_material_share: float
    alike_material_years: float
    alike_depth_share: float
    zero_share: float
    zero_level_m: float
    rules: Mapping[str, str]
    dummy_years: frozenset[int]

    def names(self) -> list[str]:
        """Give the keys a mapping file may set under [repair]."""
        return [item.name for item in fields(self) if item.name not in {"rules", "dummy_years"}]

    def does(self, kind: str) -> str:
        """Tell what is done about a kind: `warn`, `off`, or the repair."""
        return self.rules[kind]

    def lists(self, kind: str) -> bool:
        """Tell whether a kind is looked for at all."""
        return self.rules[kind] != OFF

    def with_overrides(
        self, overrides: Mapping[str, float], rules: Mapping[str, str] | None = None
    ) -> Thresholds:
        """Give the thresholds with some of them, and some rules, set otherwise."""
        changed: dict[str, Any] = dict(overrides)
        return replace(self, **changed, rules={**self.rules, **(rules or {})})


@cache
def _document() -> dict[str, Any]:
    return shipped_table("gis", "repair.toml")


@cache
def load_thresholds() -> Thresholds:
    """Read data/repair.toml."""
    document = _document()
    limits = {name: float(entry["value"]) for name, entry in document["limits"].items()}
    rules = {kind: str(entry["do"]) for kind, entry in document["rules"].items()}
    return Thresholds(**limits, rules=rules, dummy_years=frozenset(document["dummy_years"]["values"]))


@cache
def allowed_rules() -> Mapping[str, tuple[str, ...]]:
    """What a mapping file may have done about each kind."""
    return {kind: tuple(entry["may"]) for kind, entry in _document()["rules"].items()}
