"""Coordinates that are not what they seem: units, zones, signs, angles, places where no network is."""

import json

import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from tests.bad_files import good
from tests.bad_files.case import Case, accepted, refused
from tests.bad_files.good import AT
from tests.gis.test_import_places import esri, grid_file, lines, local_of, places, shapefile
from tests.gis.test_offsets import beside, town_streets

SHP = "供水管段.shp"
# Four survey points of one street; survey X is northing.
PLACES = [(0, 0), (100, 0), (200, 0), (200, 50)]
LONLAT = Transformer.from_crs("EPSG:4548", "EPSG:4490", always_xy=True)


def metres(at):
    x, y = PLACES[at]
    return f"{AT[1] + y:.3f}", f"{AT[0] + x:.3f}"


def degrees(at):
    lon, lat = LONLAT.transform(AT[0] + PLACES[at][0], AT[1] + PLACES[at][1])
    return f"{lat:.9f}", f"{lon:.9f}"


def angles(at, *, full_width=False):
    def written(value):
        minutes, seconds = divmod(round(float(value) * 3600, 6), 60)
        text = f"{int(minutes // 60)}°{int(minutes % 60):02d}′{seconds:09.6f}″"
        return text.translate(str.maketrans("0123456789.", "０１２３４５６７８９．")) if full_width else text

    return tuple(map(written, degrees(at)))


def survey(write, *, first=None, **options):
    """A CSV point table and its lines; `first` changes the place of the first point."""

    def build(folder):
        rows = [
            (f"J{at}", *(write(at, **options) if first is None or at else first)) for at in range(len(PLACES))
        ]
        pd.DataFrame(rows, columns=["点号", "X", "Y"]).to_csv(folder / "管点.csv", index=False)
        lines = [(f"J{at}", f"J{at + 1}", 200, "球墨铸铁") for at in range(len(PLACES) - 1)]
        pd.DataFrame(lines, columns=["点号", "连接点号", "管径", "材质"]).to_csv(
            folder / "管线.csv", index=False
        )
        return folder

    return build


def mixed(folder):
    return survey(lambda at: degrees(at) if at % 2 else metres(at))(folder)


def surveyed(network):
    """Where the points are in metres, whatever they were written in."""
    nodes = network.nodes.set_index("node_id").geometry
    assert network.crs.to_epsg() == 4548
    for at, (x, y) in enumerate(PLACES):
        assert nodes[f"J{at}"].coords[0] == pytest.approx((AT[0] + x, AT[1] + y), abs=0.01)


def moved(dx, dy=0.0, *, prj=False):
    """The sound shapefile with other figures."""

    def build(folder):
        table = good.pipes()
        table.geometry = table.geometry.translate(dx, dy)
        return good.shapefile(folder, table, prj=prj)

    return build


def in_zone(epsg, code):
    """A CRS stated that writes its zone otherwise than the figures do."""

    def build(folder):
        table = good.pipes()
        table.geometry = table.geometry.translate(39_000_000.0 if code else 0.0, 0.0)
        return good.shapefile(folder, table.set_crs(epsg, allow_override=True))

    return build


def of_streets(*broken):
    """Eight pipes of a street, and some that lie elsewhere."""

    def build(folder):
        shapes = [good.line((10 * i, 0), (10 * i + 10, 0)) for i in range(8)] + [
            shapely.LineString(points) for points in broken
        ]
        table = {"管段编号": [f"P{i}" for i in range(len(shapes))], "公称直径": 200, "管材": "球墨铸铁"}
        return good.shapefile(folder, good.gpd.GeoDataFrame(table, geometry=shapes, crs=good.CRS))

    return build


def eight(network):
    assert sorted(network.pipes["pipe_id"]) == [f"P{i}" for i in range(8)]
    assert network.pipes["length_m"].sum() == pytest.approx(80.0)


def swapped(folder):
    table = good.pipes()
    table.geometry = shapely.transform(table.geometry.to_numpy(), lambda xy: xy[:, ::-1])
    return good.shapefile(folder, table)


def rounded(digits):
    def build(folder):
        shapes = [
            [[round(116.0 + 0.01 * i, digits), 36.66], [round(116.0 + 0.01 * (i + 1), digits), 36.66]]
            for i in range(30)
        ]
        features = [
            {
                "type": "Feature",
                "properties": {"管段编号": f"P{i}", "公称直径": 200},
                "geometry": {"type": "LineString", "coordinates": c},
            }
            for i, c in enumerate(shapes)
        ]
        (folder / "供水管段.geojson").write_text(
            json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8"
        )
        return folder / "供水管段.geojson"

    return build


def fifteen(folder):
    start, end = "117.123456789012345", "36.661234567890123"
    text = '{"type": "FeatureCollection", "features": [%s]}' % ", ".join(
        '{"type": "Feature", "properties": {"管段编号": "P%d", "公称直径": 0}, "geometry": {"type": "LineString", "coordinates": [[%s%d, %s], [117.13, 36.67]]}}'
        % (i, start, i, end)
        for i in range(3)
    )
    (folder / "供水管段.geojson").write_text(text, encoding="utf-8")
    return folder / "供水管段.geojson"


def local_grid(folder):
    """Pipes in figures of a city's own, whose parameters nobody tells."""
    return shapefile(folder, lines(local_of(places()), crs=None))


def with_points(folder):
    return ["--crs", grid_file(folder.parent / "城建坐标.toml", noise_m=0.02)]


def in_the_national_grid(network):
    got = np.unique(np.round(shapely.get_coordinates(network.pipes.geometry.to_numpy()), 0), axis=0)
    assert got == pytest.approx(np.unique(np.round(places(), 0), axis=0), abs=1.0)


def old_datum(folder):
    """Pipes of the 1980 grid that call themselves CGCS2000, among streets that are."""
    streets = town_streets()
    shapes = shapely.transform(beside(streets), lambda xy: xy + (61.0, -38.0))
    pipes = good.gpd.GeoDataFrame(
        {"管段编号": [f"P{i}" for i in range(len(shapes))], "公称直径": 200}, geometry=shapes, crs=good.CRS
    )
    roads = good.gpd.GeoDataFrame(
        {"道路编号": [f"D{i}" for i in range(len(streets))]}, geometry=streets, crs=good.CRS
    )
    good.shapefile(folder, pipes)
    good.shapefile(folder, roads, name="道路中心线")
    return folder


def labelled_old(folder):
    """The same grid under its own name."""
    return shapefile(folder, lines(local_of(places()), crs=None), prj=esri(2384))


FAR = [(AT[0] - 1e7, AT[1]), (AT[0] - 1e7 + 10, AT[1])]

CASES = [
    Case("B-023 a point table in a plane", survey(metres), accepted(crs_zone_unknown=("管点.csv", "--crs EPSG:")), ["--crs", "EPSG:4548"], accepted(surveyed)),
    Case("B-023 a point table in degrees", survey(degrees), accepted(surveyed, crs_recognised=("管点.csv", "--crs")), ["--crs", "EPSG:4490"], accepted(surveyed)),
    Case("B-023 a point table in degrees, minutes and seconds", survey(angles), accepted(surveyed, coordinates_angles=("管点.csv", "4", "°")), ["--crs", "EPSG:4490"], accepted(surveyed)),
    Case("B-023 a point table in metres and degrees", mixed, refused("管点.csv", "--crs", 2, 3)),
    Case("B-023 one row in degrees among metres", survey(metres, first=degrees(0)), accepted(place_mixed=("管点.csv", "2", "J0"))),
    Case("B-033 a grid of the city's own", local_grid, accepted(crs_absent=(SHP, "--crs")), with_points, accepted(in_the_national_grid, grid_fitted=("4", "mm"))),
    Case("B-034 Xi'an 1980 by its own name", labelled_old, refused(SHP, "Xian 1980", "--crs"), with_points, accepted(in_the_national_grid, grid_fitted="4")),
    Case("B-034 Xi'an 1980 that calls itself CGCS2000", old_datum, accepted(offset_unexplained=("1980", "--crs"))),
    Case("B-035 a zone number in the figures and none stated", moved(39_000_000.0), accepted(crs_recognised=(SHP, "39")), ["--crs", "EPSG:4527"], accepted()),
    Case("B-035 a zone number in the figures, a zone without stated", in_zone("EPSG:4548", True), accepted(crs_zone_number=SHP)),
    Case("B-035 no zone number in the figures, a zone with one stated", in_zone("EPSG:4527", False), accepted(crs_zone_number=SHP)),
    Case("B-035 no zone number and nothing stated", moved(0.0), accepted(crs_zone_unknown=(SHP, "--crs EPSG:")), ["--crs", "EPSG:4548"], accepted(good.both_pipes)),
    Case("B-037 (0, 0)", of_streets([(0, 0), (10, 0)]), accepted(eight, place_zero=(SHP, "9", "P8"))),
    Case("B-037 one end at (0, 0)", of_streets([(AT[0], AT[1] + 5), (0, 0)]), accepted(eight, place_zero=(SHP, "9", "P8"))),
    Case("B-037 swapped", of_streets([(AT[1], AT[0]), (AT[1], AT[0] + 10)]), accepted(eight, place_swapped=(SHP, "9", "P8"))),
    Case("B-037 negative", of_streets([(-AT[0], -AT[1]), (-AT[0], -AT[1] + 10)]), accepted(eight, place_far=(SHP, "9", "P8"))),
    Case("B-037 on another continent", of_streets(FAR), accepted(eight, place_far=(SHP, "9", "P8"))),
    Case("B-037 all of a file swapped", swapped, refused(SHP, "CGCS2000", "4057625", zh="颠倒")),
    Case("B-037 all of a file on another continent", moved(-4_000_000.0, -2_000_000.0, prj=True), refused(SHP, "CGCS2000")),
    Case("B-037 half of a file elsewhere", of_streets(*[[(x, y + i) for x, y in FAR] for i in range(8)]), refused(SHP, 8)),
    Case("B-038 full-width degrees", survey(angles, full_width=True), accepted(surveyed, coordinates_angles=("管点.csv", "°")), ["--crs", "EPSG:4490"], accepted(surveyed)),
    Case("B-038 a minute beyond 60", survey(metres, first=("36°61′00″", "117°00′00″")), refused("管点.csv", 2)),
    Case("B-039 two decimals of a degree", rounded(2), accepted(coordinates_coarse_degrees=("供水管段.geojson", "116"))),
    Case("B-039 fifteen decimals", fifteen, accepted()),
]  # fmt: skip
