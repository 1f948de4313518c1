"""The figures of a run as layers for the map: read from the files the run left, so that old runs are drawn as new ones are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from maps.figure_tiles import FigureTiles
from maps.figures import FigureLayer, figure_classes

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from maps.figures import FigureKind

# the first that is there: a GeoPackage is read ten times as fast
FILES = ("map.gpkg", "map.geojson")
PIPES = "outages_pipes"
# what the map says beside the pointer, and what only its card tells
NODE, NODE_CLOSE = ("node_id", "capacity_lps", "limiting_node_id", "limit"), ("pressure_m",)
TAPOFF = ("tapoff_id", "capacity_lps", "limiting_node_id", "limit")
TAPOFF_CLOSE = ("node_id", "status", "dn", "pressure_m")
PIPE = ("pipe_id", "customers_out", "unserved_lps", "worst_node_id", "worst_pressure_m")
PIPE_CLOSE = ("segment_id", "segment_unserved_lps")


def has_figures(folder: Path) -> bool:
    """Tell whether a run left something to draw."""
    return any((folder / name).is_file() for name in FILES)


def figure_tiles(kind: FigureKind, folder: Path) -> FigureTiles:
    """
    Read a run and make its tiles.

    Raises
    ------
    MapError
        `map-needs-crs`: the network has no coordinate system.
    """
    file = next(folder / name for name in FILES if (folder / name).is_file())
    return FigureTiles(kind, _outages(file) if kind == "outages" else _capacity(file))


def figure_document(kind: FigureKind, tiles: FigureTiles) -> dict[str, Any]:
    """Legend with how many of each class there are, gravest first, and what the drawing covers [degrees]."""
    classes = [
        {"class": place, "key": one.key, "colour": one.colour, "above_lps": one.above_lps, "up_to_lps": one.up_to_lps, "count": int(count)}
        for place, (one, count) in enumerate(zip(figure_classes(kind), tiles.counts, strict=True))
    ]  # fmt: skip
    return {"classes": classes, "bounds": None if tiles.bounds is None else list(tiles.bounds)}


def _capacity(file: Path) -> list[FigureLayer]:
    columns = {"capacity_nodes": (NODE, NODE_CLOSE), "capacity_tapoffs": (TAPOFF, TAPOFF_CLOSE)}
    return [
        FigureLayer(name, "Point", _read(file, name), "capacity_lps", far, close)
        for name, (far, close) in columns.items()
    ]


def _outages(file: Path) -> list[FigureLayer]:
    return [FigureLayer("outages", "LineString", _read(file, PIPES), "unserved_lps", PIPE, PIPE_CLOSE)]


def _read(file: Path, layer: str) -> gpd.GeoDataFrame:
    """Read a layer; in GeoJSON, which has no layers, the rows that name it, or all where none does."""
    import pyogrio

    if file.suffix == ".gpkg":
        return pyogrio.read_dataframe(file, layer=layer)
    table = pyogrio.read_dataframe(file)
    return table[table["layer"] == layer].reset_index(drop=True) if "layer" in table else table
