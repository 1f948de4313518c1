"""Trace: what a search found for one tie-in, still to be finished into a route, and ready to be asked for other ways."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.ways.route import Route, finished_route, reckon_line_cny
from gis.ways.tidy import tidied

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.ways.ground import Surroundings
    from gis.ways.route import Reason
    from gis.ways.routing import Net, Scene, Walk

    FloatArray = NDArray[np.float64]
    Xy = tuple[float, float]


@dataclass(frozen=True)
class Trace:
    """
    The walk found from one tie-in to the site.

    Attributes
    ----------
    walk, net, number
        The walk, the net it was found on and which of its targets the tie-in is; None, None and 0 for a straight line.
    reason
        Why it is not along streets, where it is not.
    """

    scene: Scene
    around: Surroundings
    target: Xy
    reason: Reason | None
    walk: Walk | None = None
    net: Net | None = None
    number: int = 0

    @property
    def ends_xy(self) -> FloatArray:
        """Tie-in and site, shape (2, 2)."""
        return np.array([self.target, (self.scene.site.x, self.scene.site.y)], dtype=float)

    @cached_property
    def route(self) -> Route:
        """The route, finished at the first question."""
        if self.walk is None:
            return finished_route(self.scene, self.around, self.ends_xy, basis="straight", reason=self.reason)
        return self.finished(self.walk)

    def finished(self, walk: Walk) -> Route:
        """A walk made a trench: tidied, or straight where that serves as well."""
        scene, around, ends = self.scene, self.around, self.ends_xy
        xy = tidied(
            self.vertices_xy(walk), leg_m=scene.terms.leg_m,
            reckon=lambda line: reckon_line_cny(scene, around, line),
        )  # fmt: skip
        if math.dist(*ends) <= scene.terms.direct_m and self._is_better(ends, xy):
            xy = ends
        return finished_route(scene, around, xy, basis=scene.streets.basis, reason=self.reason)

    def vertices_xy(self, walk: Walk) -> FloatArray:
        """Vertices of a walk with both ends."""
        ends = self.ends_xy
        return np.concatenate([ends[:1], walk.vertices_xy, ends[1:]])

    def _is_better(self, ends_xy: FloatArray, line_xy: FloatArray) -> bool:
        """Whether a straight trench serves as well: no hindrance, no crossing aslant, not dearer."""
        scene, around = self.scene, self.around
        direct = finished_route(scene, around, ends_xy, basis=scene.streets.basis, reason=None)
        if any(note.kind != "near-building" for note in direct.notes):
            return False
        lines: tuple[Any, Any] = (shapely.LineString(ends_xy), shapely.LineString(line_xy))
        straight_cny, found_cny = (reckon_line_cny(scene, around, line) for line in lines)
        return straight_cny <= found_cny
