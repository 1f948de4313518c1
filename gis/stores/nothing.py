"""The network before the first import: every layer is there and holds nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.crs import parse_crs
from gis.network import Network
from gis.schema import empty_layer

if TYPE_CHECKING:
    import geopandas as gpd

NOTHING = "none"  # stands where the id of a version stands; ids of versions begin with v
_PLANE = "EPSG:4547"  # any plane will do: nothing lies in it


def network_of_nothing() -> Network:
    """Give a network without a thing in it, on a plane, so that maps of it can be drawn."""
    crs = parse_crs(_PLANE)

    def read(name: str) -> gpd.GeoDataFrame:
        return empty_layer(name, crs)

    return Network(NOTHING, crs, "", synthetic=False, read_layer=read)
