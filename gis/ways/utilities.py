"""Other utilities in the ground: how near a trench comes to them, where it crosses them, how large they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from gis.ways.terms import Terms

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.intp]

STEEPEST_DEG = 30.0  # flatter than this it is no crossing but a line too near
TIED_M = 0.5  # nearer to its start a pipe meets what it is tied to
TRIAL_M = 0.06  # half the width of the pipe routes are sought for
_ROUND = re.compile(r"^(?:dn|de|d|φ|ф|ø)?\s*(\d+(?:\.\d+)?)(?:mm)?$", re.IGNORECASE)
_BOX = re.compile(r"^(\d+(?:\.\d+)?)\s*[x×*X＊]\s*(\d+(?:\.\d+)?)(?:mm)?$")


@dataclass(frozen=True)
class Neighbour:
    """Another utility beside a route: the least distance between outer faces, and where along the route."""

    utility_id: str
    kind: str
    detail: str
    distance_m: float
    at_m: float


@dataclass(frozen=True)
class UtilityCrossing:
    """
    A place where a route crosses another utility, or a water pipe.

    `cover_m` is from ground to the top of the utility, None when unknown; `height_m` its outer height, 0 when unknown.
    """

    utility_id: str
    kind: str
    detail: str
    at_m: float
    xy: tuple[float, float]
    angle_deg: float
    cover_m: float | None
    height_m: float


def extent_m(size: Any) -> tuple[float, float]:
    """
    Width and height of a utility by the text of its size [m]; zeros where it tells none.

    >>> extent_m("DN300"), extent_m("1000×800"), extent_m("10kV 12孔")
    ((0.3, 0.3), (1.0, 0.8), (0.0, 0.0))
    """
    text = "" if size is None or pd.isna(size) else str(size).strip()
    if found := _ROUND.match(text):
        across_m = float(found[1]) / 1000.0
        return across_m, across_m
    if found := _BOX.match(text):
        return float(found[1]) / 1000.0, float(found[2]) / 1000.0
    return 0.0, 0.0


class Utilities:
    """The other utilities of a city behind a spatial index."""

    def __init__(self, table: gpd.GeoDataFrame) -> None:
        shapes = np.asarray(table.geometry.array, dtype=object)
        rows = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
        self.shapes: NDArray[Any] = np.asarray(shapely.force_2d(shapes[rows]), dtype=object)
        self.tree = shapely.STRtree(self.shapes)
        kept = table.iloc[rows]
        self.ids = [str(name) for name in kept["utility_id"]]
        self.kinds = [str(kind) for kind in kept["kind"]]
        self.details = [
            _text(pressure) or _text(laying) or _laying_by_size(size)
            for pressure, laying, size in zip(
                kept["pressure_class"], kept["laying"], kept["size"], strict=True
            )
        ]
        sizes = np.array([extent_m(size) for size in kept["size"]], dtype=float).reshape(-1, 2)
        self.half_m: FloatArray = sizes[:, 0] / 2.0
        self.height_m: FloatArray = sizes[:, 1]
        self.covers_m: FloatArray = kept["cover_depth_m"].to_numpy(dtype=float)
        self._wanted: dict[tuple[tuple[str, str, float], ...], FloatArray] = {}

    def wanted_m(self, terms: Terms) -> FloatArray:
        """Clear distance to keep from each [m]."""
        key = terms.clearances_m
        if key not in self._wanted:
            pairs = zip(self.kinds, self.details, strict=True)
            self._wanted[key] = np.array(
                [terms.clearance_m(kind, detail) for kind, detail in pairs], dtype=float
            )
        return self._wanted[key]

    def too_near_m(self, a_xy: FloatArray, b_xy: FloatArray, terms: Terms) -> FloatArray:
        """Metres of straight stretches a-b that run nearer to a utility than wanted; what only crosses does not count."""
        found = np.zeros(len(a_xy))
        wanted_m = self.wanted_m(terms) + self.half_m + TRIAL_M
        if not len(wanted_m) or not len(a_xy):
            return found
        starts_xy, steps_xy, owner, tree = self._pieces
        lines = shapely.linestrings(np.stack([a_xy, b_xy], axis=1))
        reach_m = float(wanted_m.max())
        west, south, east, north = shapely.bounds(lines).T
        boxes = shapely.box(west - reach_m, south - reach_m, east + reach_m, north + reach_m)
        line, piece = tree.query(boxes)
        near_m = _beside_m(
            a_xy[line], b_xy[line] - a_xy[line], starts_xy[piece], steps_xy[piece], wanted_m[owner[piece]]
        )
        return np.bincount(line, near_m, len(a_xy)).astype(np.float64)

    @cached_property
    def _pieces(self) -> tuple[FloatArray, FloatArray, IntArray, shapely.STRtree]:
        """All utilities as straight pieces: start, step, row, index."""
        parts, row = shapely.get_parts(self.shapes, return_index=True)
        xy, part = shapely.get_coordinates(parts, return_index=True)
        same = part[1:] == part[:-1]
        starts_xy, steps_xy = xy[:-1][same], np.diff(xy, axis=0)[same]
        tree = shapely.STRtree(shapely.linestrings(np.stack([starts_xy, starts_xy + steps_xy], axis=1)))
        return starts_xy, steps_xy, row[part[1:][same]], tree

    def beside(self, line: Any, *, outer_m: float, within_m: float) -> list[Neighbour]:
        """
        Utilities nearer than `within_m` to a route of that outer diameter, by id; crossings are left out.

        Around a crossing so much of the route is left out as a line at `STEEPEST_DEG` would need to get clear.
        """
        found = []
        reach_m = within_m + outer_m / 2.0 + float(self.half_m.max(initial=0.0))
        for k in np.sort(self.tree.query(line, predicate="dwithin", distance=reach_m)).tolist():
            apart_m = within_m + outer_m / 2.0 + float(self.half_m[k])
            met = shapely.intersection(line, self.shapes[k])
            rest = line
            if not met.is_empty:
                spread_m = apart_m / np.sin(np.radians(STEEPEST_DEG))
                rest = line.difference(_discs(met, spread_m))
            if rest.is_empty:
                continue
            gap_m = float(rest.distance(self.shapes[k])) - outer_m / 2.0 - float(self.half_m[k])
            if gap_m < within_m:
                nearest = shapely.get_point(shapely.shortest_line(rest, self.shapes[k]), 0)
                found.append(
                    Neighbour(
                        self.ids[k],
                        self.kinds[k],
                        self.details[k],
                        max(gap_m, 0.0),
                        float(line.project(nearest)),
                    )
                )
        return sorted(found, key=lambda n: (n.at_m, n.utility_id))

    def crossed(self, line: Any) -> list[UtilityCrossing]:
        """Where a route crosses utilities, along the route."""
        found = []
        for k in np.sort(self.tree.query(line, predicate="intersects")).tolist():
            for at_m, xy, angle_deg in crossing_places(line, self.shapes[k]):
                cover = float(self.covers_m[k])
                found.append(
                    UtilityCrossing(
                        self.ids[k],
                        self.kinds[k],
                        self.details[k],
                        at_m,
                        xy,
                        angle_deg,
                        cover if np.isfinite(cover) else None,
                        float(self.height_m[k]),
                    )
                )
        return sorted(found, key=lambda c: (c.at_m, c.utility_id))


class Mains:
    """The network's own pipes, as what a new pipe may cross."""

    def __init__(self, pipes: gpd.GeoDataFrame) -> None:
        self._pipes = pipes

    def crossed(self, line: Any, *, but: str | None) -> list[UtilityCrossing]:
        """Where a line crosses pipes in use other than that one; not at its own start, where it is tied in."""
        found = []
        for row in np.sort(self._pipes.sindex.query(line, predicate="intersects")).tolist():
            pipe = self._pipes.iloc[row]
            if pipe["pipe_id"] == but or pipe["status"] == "abandoned":
                continue
            cover = float(pipe["cover_depth_m"])
            for at_m, xy, angle_deg in crossing_places(line, pipe.geometry):
                if at_m > TIED_M:
                    found.append(
                        UtilityCrossing(
                            str(pipe["pipe_id"]),
                            "water",
                            "",
                            at_m,
                            xy,
                            angle_deg,
                            cover if np.isfinite(cover) else None,
                            float(pipe["dn"]) / 1000.0,
                        )
                    )
        return sorted(found, key=lambda crossing: (crossing.at_m, crossing.utility_id))


def _beside_m(
    a_xy: FloatArray, step_xy: FloatArray, start_xy: FloatArray, other_xy: FloatArray, apart_m: FloatArray
) -> FloatArray:
    """
    Metres of each straight stretch beside its straight neighbour and nearer to it than `apart_m`.

    A stretch that crosses its neighbour is left so much as a line at `STEEPEST_DEG` needs to get clear.
    """
    length_m, other_m = np.hypot(*step_xy.T), np.maximum(np.hypot(*other_xy.T), 1e-9)
    unit = other_xy / other_m[:, None]
    from_m = (unit * (a_xy - start_xy)).sum(axis=1)
    off_m = unit[:, 0] * (a_xy - start_xy)[:, 1] - unit[:, 1] * (a_xy - start_xy)[:, 0]
    along_m = (unit * step_xy).sum(axis=1)
    across_m = unit[:, 0] * step_xy[:, 1] - unit[:, 1] * step_xy[:, 0]
    low, high = _within(from_m, along_m, np.zeros_like(other_m), other_m)
    near_low, near_high = _within(off_m, across_m, -apart_m, apart_m)
    share = np.clip(np.minimum(high, near_high) - np.maximum(low, near_low), 0.0, 1.0)
    at = np.clip(-off_m / np.where(across_m == 0.0, 1.0, across_m), 0.0, 1.0)
    met_m = from_m + at * along_m
    crossed = (off_m * (off_m + across_m) <= 0.0) & (met_m >= 0.0) & (met_m <= other_m)
    free_m = np.where(crossed, 2.0 * apart_m / np.sin(np.radians(STEEPEST_DEG)), 0.0)
    return np.maximum(share * length_m - free_m, 0.0)


def _within(
    at_m: FloatArray, step_m: FloatArray, least_m: FloatArray, most_m: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Shares of a stretch between which a value that changes evenly along it lies in a range; low above high for never."""
    flat = np.abs(step_m) < 1e-12
    safe = np.where(flat, 1.0, step_m)
    one, two = (least_m - at_m) / safe, (most_m - at_m) / safe
    never = flat & ((at_m < least_m) | (at_m > most_m))
    low = np.where(flat, np.where(never, 1.0, 0.0), np.minimum(one, two))
    high = np.where(flat, np.where(never, 0.0, 1.0), np.maximum(one, two))
    return np.maximum(low, 0.0), np.minimum(high, 1.0)


def _discs(places: Any, radius_m: float) -> Any:
    return shapely.union_all(shapely.buffer(shapely.centroid(shapely.get_parts(places)), radius_m))


def crossing_places(line: Any, other: Any) -> list[tuple[float, tuple[float, float], float]]:
    """Where two lines cross: how far along the first [m], position, and the angle between them [deg]."""
    found = []
    for part in shapely.get_parts(shapely.intersection(line, other)):
        if part.is_empty:
            continue
        point = (
            part if part.geom_type == "Point" else shapely.line_interpolate_point(part, 0.5, normalized=True)
        )
        one, two = (
            _direction(line, point),
            max((piece for piece in shapely.get_parts(other)), key=lambda piece: -piece.distance(point)),
        )
        cosine = abs(float(one @ _direction(two, point)))
        angle = 0.0 if part.geom_type != "Point" else float(np.degrees(np.arccos(min(cosine, 1.0))))
        found.append((float(line.project(point)), (float(point.x), float(point.y)), angle))
    return found


def _direction(line: Any, point: Any) -> FloatArray:
    at_m = shapely.line_locate_point(line, point)
    low = shapely.get_coordinates(shapely.line_interpolate_point(line, max(at_m - 0.05, 0.0)))[0]
    high = shapely.get_coordinates(shapely.line_interpolate_point(line, min(at_m + 0.05, line.length)))[0]
    step = high - low
    found: FloatArray = step / max(float(np.hypot(*step)), 1e-12)
    return found


def _laying_by_size(size: Any) -> str:
    """Cables whose size counts holes 孔 lie in a duct."""
    return "duct" if "孔" in _text(size) else ""


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)
