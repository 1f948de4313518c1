"""Network 供水管网: one immutable version of what lies in the ground, as tables read when first needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import geopandas as gpd
    from pyproj import CRS


@dataclass(frozen=True)
class Network:
    """
    A network version.

    Attributes
    ----------
    version
        Id of the version; everything computed from the network is keyed by it.
    crs
        Projected working CRS in metres, or None for a model with local coordinates (or none at all).
    source
        Where it came from, for a person.
    synthetic
        True for the product's own sample city: said wherever it is shown.
    read_layer
        Gives a layer of the schema in the working CRS; called once a layer.
    model_inp
        EPANET file the version was imported from, or None when the model is built from the GIS layers;
        of a version in a database the file lives as long as this network.
    vertical_datum
        What heights count from, see gis.frames.vertical; empty for versions older than that.
    register
        Names the entries of the tap-off register that were applied (gis.register.effective); empty for none.
    derived
        Folder for files derived from the version, which may be thrown away; None for one that is not in a folder.
    files_mark
        Changes when a file of the version does.
    counts
        Rows of every layer that has any, where the store knows them without reading; None where it does not.
    """

    version: str
    crs: CRS | None
    source: str
    synthetic: bool
    read_layer: Callable[[str], gpd.GeoDataFrame]
    model_inp: Path | None = None
    vertical_datum: Mapping[str, Any] = field(default_factory=dict)
    register: str = ""
    counts: Mapping[str, int] | None = None
    derived: Path | None = None
    files_mark: str = ""
    _cache: dict[str, gpd.GeoDataFrame] = field(default_factory=dict, repr=False, compare=False)

    @property
    def stamp(self) -> str:
        """Id of the version and of the states of its tap-offs: what is drawn of it is keyed by this."""
        return f"{self.version}~{self.register}" if self.register else self.version

    def layer(self, name: str) -> gpd.GeoDataFrame:
        """The table of a layer, with the columns of its schema and a range index; empty when the city has none."""
        if name not in self._cache:
            self._cache[name] = self.read_layer(name)
        return self._cache[name]

    def count(self, name: str) -> int:
        """Rows of a layer, without reading it where that is possible."""
        known = None if self.register else self.counts
        return len(self.layer(name)) if known is None else known.get(name, 0)

    @property
    def pipes(self) -> gpd.GeoDataFrame:
        """Pipes 管段, as noded lines: every shared end is one node."""
        return self.layer("pipes")

    @property
    def nodes(self) -> gpd.GeoDataFrame:
        """Nodes 节点."""
        return self.layer("nodes")

    @property
    def tapoffs(self) -> gpd.GeoDataFrame:
        """Reserved tap-offs 预留口."""
        return self.layer("tapoffs")
