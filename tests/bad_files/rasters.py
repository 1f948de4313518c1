"""Terrain grids that say too little of themselves, and tiles that nobody asked for."""

import numpy as np
from rasterio.transform import Affine

from tests.bad_files.case import Case, accepted, refused
from tests.gis.test_fill_import import dem, ground, town
from tests.gis.test_fill_surface import write_tif

GIVEN = ["--crs", "EPSG:4548"]


def hillside(change):
    """A survey that knows the height of four points in ten, and a grid of the same ground."""

    def build(folder):
        town(folder, known_share=0.4, spacing_m=120.0)
        change(folder / "dem.tif")
        return [folder, *GIVEN]

    return build


def turned(file):
    """A grid whose rows run ten degrees off east."""
    place = Affine.translation(510_100.0, 4_058_800.0) * Affine.rotation(10.0) * Affine.scale(10.0, -10.0)
    column, row = np.meshgrid(np.arange(320) + 0.5, np.arange(320) + 0.5)
    x, y = place @ (column, row)
    cells = ground(np.column_stack([x.ravel(), y.ravel()])).reshape(x.shape).astype("float32")
    write_tif(file, cells, transform=place)


def off_m(network):
    """Largest distance of a node from the ground it stands on."""
    nodes = network.nodes
    xy = np.array([one.coords[0] for one in nodes.geometry])
    return np.abs(nodes["elevation_m"].to_numpy() - ground(xy)).max()


def as_the_ground(network):
    assert off_m(network) < 1.0


def near_the_ground(network):
    """Filled from the survey alone: metres, but not feet for metres nor the sea level."""
    assert off_m(network) < 6.0


def tiles(name, content):
    def build(folder):
        (folder / name).write_bytes(content)
        return folder / name

    return build


CASES = [
    Case("B-069 heights in feet", hillside(lambda file: dem(file, unit=0.3048)), accepted(near_the_ground, terrain_feet=("dem.tif", "unit =")),
         '[[raster]]\nfile = "dem.tif"\nunit = "ft"\n', accepted(as_the_ground, unwanted=["terrain-feet"])),
    Case("B-069 no-data not set, zeros", hillside(lambda file: dem(file, hole=0.0)), accepted(near_the_ground, terrain_zeros="dem.tif")),
    Case("B-069 no-data not set, -9999", hillside(lambda file: dem(file, hole=-9999.0)), accepted(near_the_ground)),
    Case("B-069 turned", hillside(turned), accepted(as_the_ground, terrain_turned=("dem.tif", "10"))),
    Case("B-069 heights above the ellipsoid", hillside(lambda file: dem(file, add_m=-9.8)), accepted(near_the_ground, terrain_offset=("dem.tif", "add_m = 9.8")),
         '[[raster]]\nfile = "dem.tif"\nadd_m = 9.8\n', accepted(as_the_ground, unwanted=["terrain-offset"])),
    # Better than mended: no tiles are taken from outside at all, ours are made from the version they show.
    Case("B-070 PMTiles", tiles("a.pmtiles", b"PMTiles\x03" + bytes(200)), refused("a.pmtiles")),
    Case("B-070 MBTiles with SQL in its metadata", tiles("a.mbtiles", b"SQLite format 3\0" + b"'; DROP TABLE metadata; --" * 9), refused("a.mbtiles")),
]  # fmt: skip
