"""Which columns of a table without shapes hold coordinates, and which way round."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from gis.crs import CHINA_LAT, CHINA_LON, WGS84_EPSG
from gis.frames.zones import CGCS2000_EPSG
from gis.intake.guess.proposal import SuggestedColumn, because

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.intake.guess.profile import Profile

NORTHING_M = (1.9e6, 6.0e6)  # of China on any 3- or 6-degree grid
EASTING_M = (2.0e5, 8.0e5)
PREFIXED_M = (13e6, 46e6)  # zone number in front
_EAST = re.compile(r".*(easting|东坐标|东向|横坐标|经度|longitude|lng|lon|xcoord|^x\d?$|^x$)")
_NORTH = re.compile(r".*(northing|北坐标|北向|纵坐标|纬度|latitude|lat|ycoord|^y\d?$|^y$)")
_X, _Y = re.compile(r"x(坐标|值)?\d?|.*x(坐标|zb)"), re.compile(r"y(坐标|值)?\d?|.*y(坐标|zb)")
_END = re.compile(r"终点|终止|末点|^zd|end|^to|2$")


def place_columns(columns: Sequence[Profile]) -> tuple[SuggestedColumn, ...]:
    """Give `x`, `y` and for lines between two points `end_x`, `end_y`, or nothing; x is easting or longitude."""
    likely = [one for one in columns if one.numeric_share > 0.95 and _named(one)]
    pairs = _pairs(likely) or _pairs([one for one in columns if one.numeric_share > 0.95 and _ranged(one)])
    names = (("x", "y"), ("end_x", "end_y"))
    return tuple(
        SuggestedColumn(
            one.name, name, None, "high" if _ranged(one) else "medium",
            (because("place-values" if _ranged(one) else "place-name"),), one.samples, one.filled_share,
        )
        for words, pair in zip(names, pairs, strict=False)
        for name, one in zip(words, pair, strict=True)
    )  # fmt: skip


def _named(one: Profile) -> bool:
    return any(words.fullmatch(one.heading) for words in (_EAST, _NORTH, _X, _Y))


def _ranged(one: Profile) -> bool:
    return _is_northing(one) or _is_easting(one)


def _within(one: Profile, *bounds: float) -> bool:
    low, high = bounds
    numbers = one.numbers[np.isfinite(one.numbers)]
    return bool(len(numbers) and ((numbers >= low) & (numbers <= high)).mean() > 0.95)


def _is_northing(one: Profile) -> bool:
    return _within(one, *NORTHING_M) or (_within(one, *CHINA_LAT) and _fine(one))


def _is_easting(one: Profile) -> bool:
    fits = _within(one, *EASTING_M) or _within(one, *PREFIXED_M)
    return (fits or _within(one, *CHINA_LON)) and _fine(one)


def _fine(one: Profile) -> bool:
    """Coordinates have decimals and hardly ever repeat; sizes, years and running numbers do not look like that."""
    numbers = one.numbers[np.isfinite(one.numbers)]
    return bool((np.mod(numbers, 1.0) != 0).mean() > 0.5)


def _pairs(columns: Sequence[Profile]) -> list[tuple[Profile, Profile]]:
    """Pairs (easting, northing); the second pair is the other end."""
    starts = [one for one in columns if not _END.search(one.heading)]
    ends = [one for one in columns if _END.search(one.heading)]
    if len(starts) < 2:
        starts, ends = list(columns), []
    pairs = [pair for group in (starts, ends) if (pair := _pair(group)) is not None]
    return pairs if len(pairs) == 2 or (pairs and not ends) else pairs[:1]


def _pair(columns: Sequence[Profile]) -> tuple[Profile, Profile] | None:
    """The values decide what is easting: survey sheets call the northing X."""
    for east in columns:
        for north in columns:
            if east is not north and _is_easting(east) and _is_northing(north) and _same_kind(east, north):
                return east, north
    east_named = next((one for one in columns if _EAST.fullmatch(one.heading)), None)
    north_named = next((one for one in columns if _NORTH.fullmatch(one.heading)), None)
    return (east_named, north_named) if east_named and north_named else None


def _same_kind(east: Profile, north: Profile) -> bool:
    """Degrees go with degrees, metres with metres."""
    return _within(east, *CHINA_LON) == _within(north, *CHINA_LAT)


def crs_of_degrees(columns: Sequence[Profile], x_column: str | None) -> str | None:
    """Give the CRS of columns that hold longitudes and latitudes, CGCS2000 in China; None for metres."""
    east = next((one for one in columns if one.name == x_column), None)
    if east is None or not _within(east, -180.0, 180.0):
        return None
    return f"EPSG:{CGCS2000_EPSG if _within(east, *CHINA_LON) else WGS84_EPSG}"
