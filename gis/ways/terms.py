"""Terms of routing: where a trench is wanted beside a street, and what each hindrance weighs; every number from a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


@dataclass(frozen=True)
class Ban:
    """A street may not be dug for so many years after the date in a column of the streets."""

    column: str
    years: int


@dataclass(frozen=True)
class Terms:
    """
    What routes are chosen by; the caller reads it from its dated files. Lengths are metres of trench.

    Attributes
    ----------
    lanes_m
        Where the pipe is wanted, from the kerb outwards; negative in the carriageway. The first is preferred.
    widths_m
        Kerb to kerb where the city gives no width, by road class; `""` for an unknown class.
    class_factors
        How much dearer a metre under the carriageway is reckoned than it is priced, by road class: traffic.
    pavement_m
        Beyond the kerb so far is public ground that goes with the street.
    median_m
        Strips between two carriageways narrower than this are part of the street.
    building_m, narrow_m
        Trench to building face as it is wanted, and as it is put up with where the wanted one leads far around.
    clearances_m
        Wanted between outer faces, as (kind, pressure class or laying, distance); `""` where the kind alone decides.
    foreign_factor, building_factor, close_factor, water_factor, bridge_factor, banned_factor, clearance_factor
        How much dearer a metre is reckoned: another's land, through a building, nearer to one than `building_m`, under
        water, on a bridge, in a street that may not be dug, nearer to another utility than `clearances_m`.
    water_allowed
        Whether a route may cross water off a bridge at all.
    middle_factor
        Along the middle of a carriageway instead of at its side.
    crossing_m, rail_m, bend_m
        Metres of the dearest surface that crossing a street, a railway, or a bend is reckoned as.
    square_deg
        Least angle at which a street is crossed.
    leg_m
        Shorter stretches between two bends are avoided.
    near_m
        Streets farther from a site or a tie-in are not beside it: there the data knows of no street.
    direct_m
        Up to here a straight trench from main to site is considered.
    rung_m
        Where streets may be crossed between junctions: every so far.
    around_m
        How far beside a blocked line a way around is sought.
    """

    lanes_m: tuple[float, ...]
    widths_m: tuple[tuple[str, float], ...]
    class_factors: tuple[tuple[str, float], ...]
    clearances_m: tuple[tuple[str, str, float], ...]
    bans: tuple[Ban, ...]
    pavement_m: float
    median_m: float
    building_m: float
    narrow_m: float
    foreign_factor: float
    building_factor: float
    close_factor: float
    water_factor: float
    water_allowed: bool
    bridge_factor: float
    banned_factor: float
    clearance_factor: float
    middle_factor: float
    crossing_m: float
    rail_m: float
    bend_m: float
    square_deg: float
    leg_m: float
    near_m: float
    direct_m: float
    rung_m: float
    around_m: float

    def width_m(self, road_class: str | None) -> float:
        """Kerb to kerb of a street without a width of its own [m]."""
        known = dict(self.widths_m)
        return known.get(road_class or "", known[""])

    def class_factor(self, road_class: str | None) -> float:
        """Traffic factor of a carriageway."""
        return dict(self.class_factors).get(road_class or "", 1.0)

    def clearance_m(self, kind: str, detail: str | None) -> float:
        """Clear distance to keep from a utility [m]; of an unknown class the greatest of its kind, 0 of an unknown kind."""
        rows = [(named, distance_m) for known, named, distance_m in self.clearances_m if known == kind]
        exact = [distance_m for named, distance_m in rows if named == (detail or "")]
        return exact[0] if exact else max((distance_m for _, distance_m in rows), default=0.0)


@dataclass(frozen=True)
class Tariff:
    """
    What a metre costs on a day.

    Attributes
    ----------
    surface_cny_m
        By surface, or by `surface:road_class` where the class matters; without a row a surface costs as the dearest.
    crossing_cny
        Paid once for every street that is crossed.
    on
        Day on which bans are judged; None: no street is banned.
    """

    surface_cny_m: Mapping[str, float]
    crossing_cny: float = 0.0
    on: date | None = None

    def price_cny_m(self, surface: str, road_class: str | None = None) -> float:
        """Price of a metre [CNY]."""
        table = self.surface_cny_m
        for key in (f"{surface}:{road_class or ''}", surface):
            if key in table:
                return table[key]
        return max(table.values(), default=1.0)

    @property
    def dearest_cny_m(self) -> float:
        """Price of a metre that hindrances are reckoned in [CNY]."""
        return max(max(self.surface_cny_m.values(), default=1.0), 1e-3)
