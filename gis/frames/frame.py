"""Frame: what the coordinates of a source are counted in, and how they reach a CRS that PROJ knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import ProjError

from gis.crs import transform_xy
from gis.errors import GisInputError
from gis.frames.gcj import unshifted
from gis.frames.zones import CGCS2000_EPSG, is_legacy

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gis.frames.gcj import Shifted
    from gis.frames.plane import Fit

Kind = Literal["crs", "web-map", "grid"]


@dataclass(frozen=True)
class Frame:
    """
    What coordinates are counted in.

    Attributes
    ----------
    name
        For a person; never the parameters.
    base
        The CRS that `to_base` leads to: for a plain CRS itself, without a step.
    kind
        crs | web-map (GCJ-02, BD-09) | grid (a file of parameters or control points).
    overrides
        Holds also for tables that state another CRS.
    fit
        How well the control points agree, where there are any; `fitted` when the parameters come from them.
    """

    name: str
    base: CRS
    kind: Kind = "crs"
    to_base: Callable[[Any, Any], tuple[Any, Any]] | None = field(default=None, repr=False)
    overrides: bool = False
    fit: Fit | None = field(default=None, repr=False)
    fitted: bool = False

    def takes(self, stated: CRS | None) -> bool:
        """
        Tell whether the frame, given for a whole source, holds for a table whose file states a CRS.

        Web maps call themselves WGS 84 and old grids are why grid files are written, so these statements give way.
        """
        if stated is None or self.overrides:
            return True
        if self.kind == "web-map":
            return bool(stated.is_geographic) and not is_legacy(stated)
        return self.kind == "grid" and is_legacy(stated)

    def base_xy(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Give x, y in `base`; numbers or arrays."""
        return (x, y) if self.to_base is None else self.to_base(x, y)

    def xy(self, target: CRS | None, x: Any, y: Any) -> tuple[Any, Any]:
        """Give x, y in another CRS; numbers or arrays."""
        return transform_xy(self.base, target, *self.base_xy(x, y))

    def moved(self, geometries: NDArray[np.object_], target: CRS | None) -> NDArray[np.object_]:
        """
        Give the geometries with every vertex in another CRS, heights dropped.

        Raises
        ------
        GisInputError
            `crs-does-not-fit` when a vertex has no place there.
        """
        flat = shapely.force_2d(geometries)
        if self.to_base is None and (target is None or target == self.base):
            return np.asarray(flat)
        old = shapely.get_coordinates(flat)
        try:
            new = np.column_stack(self.xy(target, old[:, 0], old[:, 1]))
        except ProjError:
            raise GisInputError("crs-does-not-fit", crs=self.name) from None
        if not np.isfinite(new).all():
            raise GisInputError("crs-does-not-fit", crs=self.name)
        return np.asarray(shapely.set_coordinates(flat.copy(), new))


def plain_frame(crs: CRS) -> Frame:
    """
    Give the frame of a CRS that PROJ knows.

    Raises
    ------
    GisInputError
        `crs-legacy-datum` for 1954 Beijing and 1980 Xi'an.
    """
    if is_legacy(crs):
        raise GisInputError("crs-legacy-datum", crs=crs.name[:80])
    return Frame(crs.name, crs)


def web_map_frame(of: Shifted) -> Frame:
    """Give the frame of GCJ-02 or BD-09 longitudes and latitudes."""

    def back(x: Any, y: Any) -> tuple[Any, Any]:
        return unshifted(x, y, of)

    return Frame(of, CRS.from_epsg(CGCS2000_EPSG), "web-map", back)
