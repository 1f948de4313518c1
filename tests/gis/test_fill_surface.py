"""Ground between known points and out of terrain grids, against planes, SciPy and what GDAL reads."""

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from rasterio.transform import Affine
from scipy.interpolate import LinearNDInterpolator, RegularGridInterpolator

from gis.errors import GisInputError
from gis.fill.surface import PointSurface
from gis.sources.raster import heights, read_grid

RNG = np.random.default_rng(11)


def plane(at):
    return 40.0 + 0.01 * at[:, 0] - 0.02 * at[:, 1]


@given(seed=st.integers(0, 10_000), count=st.integers(4, 400))
@settings(max_examples=40, deadline=None)
def test_a_plane_comes_out_exactly_wherever_a_triangle_lies(seed, count):
    rng = np.random.default_rng(seed)
    known = rng.uniform(0, 1000, (count, 2)) + (510_000.0, 4_057_000.0)
    wanted = rng.uniform(-200, 1200, (50, 2)) + (510_000.0, 4_057_000.0)
    level, side = PointSurface(known, plane(known)).over_triangles(wanted)
    inside = np.isfinite(level)
    assert level[inside] == pytest.approx(plane(wanted)[inside], abs=1e-5)
    assert (np.isfinite(side) == inside).all()


def test_triangles_are_those_of_scipy_with_few_wanted_points_and_with_many():
    known, wanted = RNG.uniform(0, 1000, (3000, 2)), RNG.uniform(0, 1000, (2000, 2))
    level = np.sin(known[:, 0] / 90) * 10 + known[:, 1] / 50
    surface = PointSurface(known, level)
    other = LinearNDInterpolator(known, level)(wanted)
    many, _ = surface.over_triangles(wanted)
    few, _ = surface.over_triangles(wanted[:20])
    assert np.isfinite(other).sum() > 1900
    assert many == pytest.approx(other, abs=1e-9, nan_ok=True)
    assert few == pytest.approx(other[:20], abs=1e-9, nan_ok=True)


def test_points_on_one_line_and_doubles_make_no_triangles_but_do_not_fail():
    line = np.column_stack([np.arange(50.0), np.arange(50.0)])
    surface = PointSurface(np.vstack([line, line]), np.tile(np.arange(50.0), 2))
    level, side = surface.over_triangles(np.array([(10.2, 9.8)]))
    assert np.isnan(level).all() and np.isinf(side).all()
    assert surface.by_distance(np.array([(10.0, 10.0)]), reach_m=5.0) == pytest.approx([10.0], abs=0.01)
    assert np.isnan(surface.by_distance(np.array([(500.0, 10.0)]), reach_m=5.0)).all()
    assert np.isnan(PointSurface(np.empty((0, 2)), np.empty(0)).by_distance(line, reach_m=5.0)).all()


CELLS = (40.0 + 5.0 * np.sin(np.arange(60)[:, None] / 7.0) + 0.3 * np.arange(80)[None, :]).astype("float32")


def write_tif(file, cells=CELLS, *, transform=None, crs="EPSG:4548", nodata=None, units=None, **options):
    transform = transform or Affine(5.0, 0.0, 510_000.0, 0.0, -5.0, 4_058_000.0)
    with rasterio.open(
        file, "w", driver="GTiff", height=cells.shape[0], width=cells.shape[1], count=1, dtype=cells.dtype,
        crs=crs, transform=transform, nodata=nodata, **options,
    ) as out:  # fmt: skip
        out.write(cells, 1)
        if units is not None:
            out.units = (units,)
    return file


@pytest.mark.parametrize(
    "transform",
    [
        Affine(5.0, 0.0, 510_000.0, 0.0, -5.0, 4_058_000.0),
        Affine(5.0, 0.0, 510_000.0, 0.0, 5.0, 4_058_000.0),
        Affine(5.0, 0.0, 510_000.0, 0.0, -5.0, 4_058_000.0) @ Affine.rotation(30.0),
        Affine(2.0, 1.0, 510_000.0, 0.5, -7.0, 4_058_000.0),
    ],
    ids=["plain", "south-up", "rotated", "sheared"],
)
@pytest.mark.parametrize("tiled", [False, True])
def test_heights_lie_between_the_four_nearest_cells_however_the_grid_lies(tmp_path, transform, tiled):
    options = {"tiled": True, "blockxsize": 16, "blockysize": 16, "compress": "deflate"} if tiled else {}
    grid = read_grid(write_tif(tmp_path / "dem.tif", transform=transform, **options))
    column, row = RNG.uniform(0, 79, 500), RNG.uniform(0, 59, 500)
    x, y = transform @ (column + 0.5, row + 0.5)
    other = RegularGridInterpolator((np.arange(60.0), np.arange(80.0)), CELLS.astype(float))
    assert heights(grid, x, y) == pytest.approx(other(np.column_stack([row, column])), abs=1e-4)
    back_x, back_y = grid.places(column, row)
    assert np.column_stack([back_x, back_y]) == pytest.approx(np.column_stack([x, y]), abs=1e-6)
    assert np.isnan(heights(grid, *[np.array([v]) for v in transform @ (85.0, 30.0)])).all()


def test_tiles_of_a_large_grid_join_without_a_seam(tmp_path):
    cells = np.add.outer(np.arange(1500) * 0.5, np.arange(2600) * 0.25).astype("float32")
    grid = read_grid(write_tif(tmp_path / "dem.tif", cells, transform=Affine(1, 0, 10, 0, -1, 0)))
    column, row = RNG.uniform(0, 2599, 4000), RNG.uniform(0, 1499, 4000)
    column[:200], row[200:400] = 1023.5, 1023.5  # between two tiles
    assert heights(grid, column + 10.5, -(row + 0.5)) == pytest.approx(0.5 * row + 0.25 * column, abs=1e-3)


def test_holes_are_left_out_and_do_not_pull_their_neighbours(tmp_path):
    cells = np.full((10, 10), 50.0, dtype="float32")
    cells[4, 4] = -9999.0
    place = Affine(1, 0, 10, 0, -1, 0)
    unset = read_grid(write_tif(tmp_path / "a.tif", cells, transform=place))
    stated = read_grid(write_tif(tmp_path / "b.tif", cells, transform=place, nodata=-9999.0))
    at = np.array([14.5, 14.9, 15.3]), np.array([-4.5, -4.9, -4.5])
    assert heights(unset, *at)[0] == -9999.0
    assert np.isnan(heights(stated, *at)[:2]).all()
    assert heights(stated, *at)[2] == 50.0
    assert heights(unset, *at, nodata_m=-9999.0)[2] == 50.0


def test_a_grid_says_its_unit_and_crs(tmp_path):
    grid = read_grid(write_tif(tmp_path / "dem.tif", units="ft", nodata=-1.0))
    assert (grid.unit_m, grid.nodata_m, grid.shape) == (0.3048, -1.0, (60, 80))
    assert CRS(grid.crs_wkt).to_epsg() == 4548


VRT = '<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand dataType="Byte" band="1"><SimpleSource><SourceFilename>/etc/passwd</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>'  # fmt: skip


@pytest.mark.parametrize("name", ["dem.tif", "dem.asc", "hdr.adf"])
@pytest.mark.parametrize(
    "content", [VRT.encode(), b"", b"II*\0" + b"\0" * 40, b"ncols 5\nnrows x\n", b"GRID1.2\0"]
)
def test_what_is_no_grid_of_its_kind_is_refused_and_leads_nowhere(tmp_path, name, content):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(GisInputError) as refusal:
        read_grid(file)
    assert refusal.value.code in {"file-unreadable", "raster-unplaced"}
    assert str(tmp_path) not in str(refusal.value.params)


def test_a_grid_that_lies_nowhere_is_refused(tmp_path):
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        file = write_tif(tmp_path / "dem.tif", transform=Affine.identity(), crs=None)
    with pytest.raises(GisInputError) as refusal:
        read_grid(file)
    assert refusal.value.code == "raster-unplaced"


def test_pictures_and_grids_in_one_huge_block_are_refused(tmp_path):
    picture = np.zeros((3, 20, 20), dtype="uint8")
    file = tmp_path / "photo.tif"
    with rasterio.open(
        file,
        "w",
        driver="GTiff",
        height=20,
        width=20,
        count=3,
        dtype="uint8",
        transform=Affine(1, 0, 10, 0, -1, 0),
    ) as out:
        out.write(picture)
    with pytest.raises(GisInputError) as refusal:
        read_grid(file)
    assert refusal.value.code == "raster-bands"
    huge = tmp_path / "huge.tif"
    with rasterio.open(
        huge, "w", driver="GTiff", height=30_000, width=30_000, count=1, dtype="float32", compress="deflate",
        blockysize=30_000, SPARSE_OK=True, transform=Affine(1, 0, 10, 0, -1, 0),
    ):  # fmt: skip
        pass
    with pytest.raises(GisInputError) as refusal:
        read_grid(huge)
    assert refusal.value.code == "raster-block"
