"""What stretches of trench cost and how they are hindered: the same reckoning for the search and for a finished line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.ways.ground import NONE, PAVEMENT, Ground, Home, Places, placed_in_one

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.ways.segments import Segments
    from gis.ways.streets import Streets
    from gis.ways.terms import Tariff, Terms
    from gis.ways.utilities import Utilities

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.intp]

PRIVATE_CLASS = "lane"  # a lane inside a parcel belongs to the parcel; other streets are public wherever parcels are drawn


@dataclass(frozen=True)
class Stretches:
    """
    N straight stretches, each on one kind of ground.

    `close_m` is how much of each lies nearer to a building than wanted, `too_near_m` to another utility, `rails` how
    often it crosses a railway; `middle` marks those along the middle of a street.
    """

    lengths_m: FloatArray
    places: Places
    close_m: FloatArray
    too_near_m: FloatArray
    rails: IntArray
    middle: NDArray[np.bool_]

    def take(self, rows: NDArray[Any], lengths_m: FloatArray) -> Stretches:
        """Give parts of the rows with those lengths: what was measured is shared out by length."""
        share = lengths_m / np.maximum(self.lengths_m[rows], 1e-12)
        return Stretches(
            lengths_m, self.places.take(rows), self.close_m[rows] * share, self.too_near_m[rows] * share,
            np.where(share >= 1.0, self.rails[rows], 0), self.middle[rows],
        )  # fmt: skip


def measure(
    segments: Segments, places: Places, *, ground: Ground, utilities: Utilities, home: Home,
    terms: Terms, middle: NDArray[np.bool_] | None = None,
) -> Stretches:  # fmt: skip
    """Measure stretches whose places are known."""
    lines = segments.lines
    line, _ = ground.rails_crossed(lines)
    return Stretches(
        segments.lengths_m, places, ground.close(lines, home, clear_m=terms.building_m), utilities.too_near_m(segments.a_xy, segments.b_xy, terms),
        np.bincount(line, minlength=len(lines)).astype(np.intp),
        np.zeros(len(lines), dtype=bool) if middle is None else middle,
    )  # fmt: skip


def measured_in_one(parts: list[Stretches]) -> Stretches:
    """All parts one after the other."""

    def every(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(part, name) for part in parts])

    return Stretches(
        every("lengths_m"), placed_in_one([part.places for part in parts]), every("close_m"), every("too_near_m"),
        every("rails"), every("middle"),
    )  # fmt: skip


def on_bridge(places: Places, streets: Streets) -> NDArray[np.bool_]:
    """Tell where a street carries the trench over water, or is known to be a bridge."""
    in_street = places.street != NONE
    structure = np.zeros(len(in_street), dtype=bool)
    structure[in_street] = streets.structures[places.street[in_street]] == "bridge"
    found: NDArray[np.bool_] = (structure & places.carriageway) | (in_street & (places.water != NONE))
    return found


def in_water(places: Places) -> NDArray[np.bool_]:
    """Tell where the trench lies in water with no street over it."""
    found: NDArray[np.bool_] = (places.water != NONE) & (places.street == NONE)
    return found


def is_foreign(places: Places, ground: Ground, streets: Streets, home: Home) -> NDArray[np.bool_]:
    """Tell where the trench lies in somebody else's land: parcels that are neither public green nor the site's own."""
    inside = places.parcel != NONE
    known, index = np.unique(places.parcel, return_inverse=True)
    other = np.array([p != NONE and p not in home.parcels and not ground.green[p] for p in known], dtype=bool)
    public = np.array(
        [row != NONE and streets.classes[row] not in {PRIVATE_CLASS, None} for row in places.street.tolist()], dtype=bool
    )  # fmt: skip
    found: NDArray[np.bool_] = inside & other[index] & ~(public & places.carriageway)
    return found


def in_building(places: Places, home: Home) -> NDArray[np.bool_]:
    """Tell where the trench cuts through a building other than the site's own."""
    return np.array([b != NONE and b not in home.buildings for b in places.building.tolist()], dtype=bool)


def surfaces(places: Places, ground: Ground, streets: Streets) -> list[str]:
    """Surface of each place: the carriageway's, green or soil in parcels, pavement elsewhere."""
    found = []
    for street, carriageway, parcel in zip(
        places.street.tolist(), places.carriageway.tolist(), places.parcel.tolist(), strict=True
    ):
        if carriageway:
            found.append(streets.surfaces[street] if street != NONE else "asphalt")
        elif parcel != NONE:
            found.append("green" if ground.green[parcel] else "soil")
        else:
            found.append(PAVEMENT)
    return found


def prices_cny(stretches: Stretches, *, ground: Ground, streets: Streets, tariff: Tariff) -> FloatArray:
    """Price of each stretch by its surface [CNY]."""
    places = stretches.places
    price_cny_m = np.full(len(stretches.lengths_m), tariff.price_cny_m(PAVEMENT))
    inside = places.parcel != NONE
    green, soil = tariff.price_cny_m("green"), tariff.price_cny_m("soil")
    price_cny_m[inside] = np.where(ground.green[places.parcel[inside]], green, soil)
    price_cny_m[places.carriageway] = tariff.price_cny_m("asphalt")
    in_street = places.carriageway & (places.street != NONE)
    by_row = streets.by_row(
        "price", tariff.surface_cny_m, lambda k: tariff.price_cny_m(streets.surfaces[k], streets.classes[k])
    )
    price_cny_m[in_street] = by_row[places.street[in_street]]
    found: FloatArray = stretches.lengths_m * price_cny_m
    return found


def reckoned_cny(
    stretches: Stretches, *, ground: Ground, streets: Streets, home: Home, terms: Terms, tariff: Tariff
) -> FloatArray:
    """What each stretch counts when routes are compared: its price, dearer by traffic and bans, and its hindrances."""
    places, length_m = stretches.places, stretches.lengths_m
    in_carriageway = places.carriageway & (places.street != NONE)
    factor = np.full(len(length_m), terms.class_factor(None))
    by_row = streets.by_row(
        "class-factor", terms.class_factors, lambda k: terms.class_factor(streets.classes[k])
    )
    factor[in_carriageway] = by_row[places.street[in_carriageway]]
    in_street = (places.street != NONE) & (places.carriageway | (places.parcel == NONE))
    banned = np.zeros(len(length_m), dtype=bool)
    banned[in_street] = streets.banned(tariff.on)[places.street[in_street]]
    factor *= np.where(banned, terms.banned_factor, 1.0)
    factor *= np.where(on_bridge(places, streets), terms.bridge_factor, 1.0)
    factor *= np.where(stretches.middle & (streets.basis == "streets"), terms.middle_factor, 1.0)
    water_factor = terms.water_factor if terms.water_allowed else terms.building_factor
    hindrance_m = (
        length_m * (
            in_building(places, home) * terms.building_factor + in_water(places) * water_factor
            + is_foreign(places, ground, streets, home) * terms.foreign_factor
        )
        + stretches.close_m * terms.close_factor + stretches.too_near_m * terms.clearance_factor
        + stretches.rails * terms.rail_m
    )  # fmt: skip
    price_cny = prices_cny(stretches, ground=ground, streets=streets, tariff=tariff)
    found: FloatArray = price_cny * factor + hindrance_m * tariff.dearest_cny_m
    return found
