"""Layers that lie beside their streets or control points: measured, named, never moved. Real roads, another program's GCJ."""

import json

import eviltransform
import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Transformer

from gis.frames.shift import measure_shift, sampled
from gis.importing import import_sources
from gis.messages import Text

RNG = np.random.default_rng(2)
MOVES = {
    "GCJ-02": lambda lon, lat: eviltransform.wgs2gcj(lat, lon)[::-1],
    "BD-09": lambda lon, lat: eviltransform.wgs2bd(lat, lon)[::-1],
}


def beside(lines, off_m=7.0):
    """Pipes as they lie: beside the middle of their street, some left, some right, not in every street."""
    chosen = lines[RNG.permutation(len(lines))[: max(len(lines) // 2, 60)]]
    side = np.where(RNG.random(len(chosen)) < 0.5, off_m, -off_m)
    moved = shapely.offset_curve(chosen, side)
    return np.array([line for line in moved if line.geom_type == "LineString" and line.length > 30.0])


def moved(lines, kind, epsg):
    """The lines as a web map has them, in the plane of the streets."""
    there = Transformer.from_crs(epsg, 4490, always_xy=True)

    def point(xy):
        lon, lat = there.transform(*xy.T)
        web = np.array([MOVES[kind](x, y) for x, y in zip(lon, lat, strict=True)])
        return np.column_stack(there.transform(*web.T, direction="INVERSE"))

    return shapely.transform(lines, point)


def town_streets():
    """A town of unequal blocks round (117.12, 36.65): EPSG:4548."""
    east = np.cumsum(RNG.uniform(120, 330, 14)) + 509_000.0
    north = np.cumsum(RNG.uniform(120, 330, 12)) + 4_056_500.0
    lines = [shapely.LineString([(x, north[0]), (x + RNG.uniform(-60, 60), north[-1])]) for x in east]
    lines += [shapely.LineString([(east[0], y), (east[-1], y + RNG.uniform(-60, 60))]) for y in north]
    return np.array(lines)


def points(lines):
    return sampled(lines, 20.0, most=100_000)


def test_pipes_that_lie_in_their_streets_lie_off_by_nothing():
    streets = town_streets()
    pipes = beside(streets)
    assert measure_shift(points(pipes), streets) is None
    assert measure_shift(points(pipes) + (9.0, -6.0), streets) is None  # the side of the street


@pytest.mark.parametrize(
    "away", [(45.0, 20.0), (-70.0, 90.0), (0.0, -150.0), (547.0, 48.0), (-1100.0, 600.0)]
)
def test_an_offset_is_measured_to_some_metres(away):
    streets = town_streets()
    shift = measure_shift(points(beside(streets)) + away, streets)
    assert (shift.east_m, shift.north_m) == pytest.approx(away, abs=6.0)
    assert shift.on_share > 0.8


@pytest.mark.parametrize("away", [(0.0, 0.0), (200.0, 0.0), (400.0, 200.0)])
def test_a_town_of_equal_blocks_is_not_accused_of_lying_a_block_away(away):
    lines = [shapely.LineString([(x, 0), (x, 3000)]) for x in range(0, 3001, 200)]
    lines += [shapely.LineString([(0, y), (3000, y)]) for y in range(0, 3001, 200)]
    streets = np.array(lines, dtype=object)
    shift = measure_shift(points(streets) + away, streets)
    # shifted by whole blocks nearly everything fits as before: nothing can be said
    assert shift is None


def test_streets_of_another_place_and_few_points_say_nothing():
    streets = town_streets()
    far = shapely.transform(streets, lambda xy: xy + (90_000.0, 0.0))
    assert measure_shift(points(streets), far) is None
    assert measure_shift(points(streets)[:10] + (300.0, 0.0), streets) is None
    scattered = RNG.uniform(0, 3000, (2000, 2)) + (509_000.0, 4_056_500.0)
    assert measure_shift(scattered, streets) is None


def write(folder, layer, shapes, crs, *, name, driver="GPKG", **columns):
    ids = {name: [f"{layer}{n}" for n in range(len(shapes))]}
    gpd.GeoDataFrame({**ids, **columns}, geometry=list(shapes), crs=crs).to_file(
        folder / f"{layer}.gpkg", layer=layer, driver=driver
    )


def kinds(candidate):
    return {
        (issue.kind, issue.layer): issue
        for issue in candidate.issues
        if issue.kind.startswith(("offset", "control"))
    }


def bring(tmp_path, pipes, streets, **options):
    write(tmp_path, "供水管段", pipes, "EPSG:4548", name="管段编号", 公称直径=200)
    write(tmp_path, "道路中心线", streets, "EPSG:4548", name="道路编号")
    return import_sources([tmp_path], **options)


@pytest.mark.parametrize("kind", list(MOVES))
def test_pipes_in_web_map_coordinates_are_named_with_the_measured_offset_and_left_where_they_are(
    tmp_path, kind
):
    streets = town_streets()
    pipes = moved(beside(streets), kind, 4548)
    candidate = bring(tmp_path, pipes, streets)
    issue = kinds(candidate)["offset-web-map", "pipes"]
    assert issue.params["web_map"] == kind
    assert float(issue.params["east_m"]) == pytest.approx(float(issue.params["web_east_m"]), abs=25)
    assert f'crs = "{kind}"' in issue.message("zh") and f'crs = "{kind}"' in issue.message("en")
    assert shapely.total_bounds(candidate.layers["pipes"].geometry.to_numpy()) == pytest.approx(
        shapely.total_bounds(pipes), abs=0.2
    )


def test_the_predicted_offset_is_that_of_the_reference():
    from gis.intake.offsets import _predicted
    from pyproj import CRS

    (gcj, _) = _predicted(CRS("EPSG:4548"), np.array([510730.161, 4057676.654]))
    assert gcj[0] == "GCJ-02"
    assert gcj[1] == pytest.approx((547.0, 48.0), abs=1.0)  # engineering-reference 9.1


def test_when_the_streets_are_the_web_map_they_are_named(tmp_path):
    streets = town_streets()
    candidate = bring(tmp_path, beside(streets), moved(streets, "GCJ-02", 4548))
    issue = kinds(candidate)["offset-web-map-other", "pipes"]
    assert issue.params["web_map"] == "GCJ-02"
    assert "道路中心线" in issue.message("zh")


def test_an_old_datum_called_cgcs2000_is_doubted_by_its_offset(tmp_path):
    streets = town_streets()
    pipes = shapely.transform(beside(streets), lambda xy: xy + (117.0, -49.0))
    issue = kinds(bring(tmp_path, pipes, streets))["offset-unexplained", "pipes"]
    assert (float(issue.params["east_m"]), float(issue.params["north_m"])) == pytest.approx(
        (117.0, -49.0), abs=6.0
    )
    assert "1980" in issue.message("zh") and "1980" in issue.message("en")


def test_a_town_that_fits_gets_no_remark(tmp_path):
    streets = town_streets()
    assert not kinds(bring(tmp_path, beside(streets), streets))


def control(file, places):
    rows = ", ".join(f"'{name}' = [{x}, {y}]" for name, (x, y) in places.items())
    file.write_text(f"format = 1\n[control]\ncrs = 'EPSG:4548'\npoints = {{ {rows} }}\n", encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("away", "kind"),
    [
        ((0.0, 0.0), None),
        ((0.2, 0.1), None),
        ((117.0, -49.0), "offset-control"),
        ((547.0, 48.0), "offset-web-map"),
    ],
)
def test_control_points_measure_the_offset_of_what_bears_their_id(tmp_path, away, kind):
    from tests.gis.test_import_places import places, survey_folder

    folder = survey_folder(tmp_path / "s", 52.0)
    true = {f"J{n}": tuple(place - away) for n, place in enumerate(places())}
    rule = control(tmp_path / "m.toml", {**true, "没有的点": (0.0, 0.0)})
    found = kinds(import_sources([folder], crs="EPSG:4548", mapping=rule))
    assert found.pop(("control-unknown", "nodes")).params["names"] == "没有的点"
    assert [name for name, _ in found] == ([kind] if kind else [])
    if kind:
        (issue,) = found.values()
        assert (float(issue.params["east_m"]), float(issue.params["north_m"])) == pytest.approx(away, abs=1.0)
        assert "6 个控制点" in issue.message("zh")


@pytest.mark.real_data
@pytest.mark.parametrize(("city", "epsg"), [("shanghai", 4549), ("wuhan_mosstool", 4547)], ids=str)
@pytest.mark.parametrize("kind", [None, "GCJ-02", "BD-09"])
def test_real_roads_tell_the_web_map_of_pipes_beside_them(shared_data, city, epsg, kind):
    text = (shared_data / "roads" / city / "roads.geojson").read_text(encoding="utf-8")
    roads = gpd.GeoDataFrame.from_features(json.loads(text)["features"], crs="EPSG:4326")
    streets = roads[roads.geom_type == "LineString"].to_crs(epsg).geometry.to_numpy()
    pipes = beside(streets)
    if kind is None:
        assert measure_shift(points(pipes), streets) is None
        return
    web = moved(pipes, kind, epsg)
    shift = measure_shift(points(web), streets)
    wanted = np.median(shapely.get_coordinates(web) - shapely.get_coordinates(pipes), axis=0)
    assert (shift.east_m, shift.north_m) == pytest.approx(tuple(wanted), abs=15.0)


@pytest.mark.real_data
def test_shenzhen_communities_said_to_be_bd09_come_to_lie_where_another_program_puts_them(
    shared_data, tmp_path
):
    source = shared_data / "renovation" / "shenzhen_futian_communities.csv"
    pipe = gpd.GeoDataFrame(
        {"管段编号": ["P1"], "公称直径": [200]}, crs="EPSG:4490",
        geometry=[shapely.LineString([(114.03, 22.53), (114.06, 22.55)])],
    )  # fmt: skip
    pipe.to_file(tmp_path / "供水管段.gpkg", layer="供水管段")
    rule = tmp_path / "m.toml"
    rule.write_text(
        "format = 1\n[[layer]]\nlayer = 'nodes'\nfile = 'shenzhen*.csv'\ncrs = 'BD-09'\nx = 'lng'\ny = 'lat'\nfields.node_id = 'id'\n"
        "[[layer]]\nlayer = 'pipes'\nfile = '供水管段.gpkg'\nfields.pipe_id = '管段编号'\nfields.dn = '公称直径'\n",
        encoding="utf-8",
    )
    import pandas as pd

    from gis.crs import parse_crs, to_lonlat
    from gis.intake.mapping import load_mapping
    from gis.intake.placing import table_frames, target_crs
    from gis.intake.reading import gather
    from gis.intake.understand import understand
    from gis.progress import SILENT
    from gis.repair.thresholds import load_thresholds

    paths, mapping, limits = [tmp_path / "供水管段.gpkg", source], load_mapping(rule), load_thresholds()
    gathered = gather(paths, mapping, limits, SILENT)
    frames = table_frames(gathered, paths, mapping, None)
    target = target_crs(gathered, frames)
    nodes = understand(gathered, frames, target, limits, SILENT)["nodes"].table
    rows = pd.read_csv(source)
    wanted = np.array(
        [eviltransform.bd2wgs(lat, lng) for lat, lng in zip(rows["lat"], rows["lng"], strict=True)]
    )
    lon, lat = to_lonlat(parse_crs("EPSG:4547"), *shapely.get_coordinates(nodes.geometry.to_numpy()).T)
    # the other program takes the shift off once, which leaves up to some metres
    assert np.column_stack([lat, lon]) == pytest.approx(wanted, abs=5e-5)
    assert len(nodes) == len(rows) == 42
    assert Text("gis", "issue.crs-web-map", {"subject": "a", "crs": "BD-09"}).render("zh").startswith("“a”")
