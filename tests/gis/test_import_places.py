"""Where imported data comes to lie: zones, web maps, city grids, height datums; what is said, asked and kept secret."""

import json

import eviltransform
import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from pyproj import CRS, Transformer

from gis.errors import GisInputError
from gis.frames.plane import Similarity
from gis.importing import import_sources
from gis.store import create_store
from tests.api.command import said as run

# Jinan: engineering-reference 9.1
LON, LAT, EAST, NORTH = 117.12, 36.65, 510730.161, 4057676.654
STEPS = [(0, 0), (400, 0), (400, 300), (0, 300), (800, 0), (800, 300)]
PAIRS = [(0, 1), (1, 2), (2, 3), (3, 0), (1, 4), (4, 5), (5, 2)]


def places():
    return np.array([(EAST + x, NORTH + y) for x, y in STEPS])


def lines(at=None, crs="EPSG:4548", name="管段编号"):
    at = places() if at is None else at
    return gpd.GeoDataFrame(
        {name: [f"P{n}" for n in range(len(PAIRS))], "公称直径": 200},
        geometry=[shapely.LineString([at[a], at[b]]) for a, b in PAIRS], crs=crs,
    )  # fmt: skip


def shapefile(folder, table, *, prj=None, name="供水管段"):
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.shp"
    written = table.set_crs("EPSG:4548", allow_override=True)  # its .prj goes again
    pyogrio.write_dataframe(written, file, driver="ESRI Shapefile", encoding="GBK")
    file.with_suffix(".prj").unlink(missing_ok=True)
    if prj is not None:
        file.with_suffix(".prj").write_text(prj)
    return file


def ends(candidate):
    return np.unique(
        np.round(shapely.get_coordinates(candidate.layers["pipes"].geometry.to_numpy()), 3), axis=0
    )


def kinds(candidate):
    return {issue.kind: issue for issue in candidate.issues}


def esri(epsg):
    return CRS.from_epsg(epsg).to_wkt("WKT1_ESRI")


def wanted():
    return np.unique(np.round(places(), 3), axis=0)


@pytest.mark.parametrize(
    ("shift_m", "prj", "epsg", "kind"),
    [
        (0.0, 4548, "EPSG:4548", None),
        (39e6, 4527, "EPSG:4527", None),
        (20e6, 4498, "EPSG:4498", None),
        (39e6, 4548, "EPSG:4527", "crs-zone-number"),
        (0.0, 4527, "EPSG:4548", "crs-zone-number"),
        (39e6, None, "EPSG:4527", "crs-recognised"),
        (20e6, None, "EPSG:4498", "crs-recognised"),
        (0.0, None, None, "crs-zone-unknown"),
    ],
)
def test_zones_are_known_with_and_without_number_and_what_was_done_is_said(
    tmp_path, shift_m, prj, epsg, kind
):
    table = lines(places() + (shift_m, 0.0), crs=None)
    candidate = import_sources([shapefile(tmp_path / "s", table, prj=None if prj is None else esri(prj))])
    assert candidate.crs == epsg
    assert ends(candidate) == pytest.approx(wanted() + (shift_m, 0.0), abs=1e-3)
    told = set(kinds(candidate)) & {"crs-zone-number", "crs-recognised", "crs-zone-unknown", "crs-absent"}
    assert told == ({kind} if kind else set())


def test_a_zone_number_of_another_meridian_is_refused_with_file_and_number(tmp_path):
    file = shapefile(tmp_path / "s", lines(places() + (40e6, 0.0), crs=None), prj=esri(4548))
    with pytest.raises(GisInputError) as refusal:
        import_sources([file])
    assert refusal.value.code == "crs-zone-differs"
    assert (refusal.value.params["file"], refusal.value.params["zone"]) == ("供水管段.shp", "40")


def degrees(kind=None):
    lon, lat = Transformer.from_crs(4548, 4490, always_xy=True).transform(*places().T)
    to = {None: lambda y, x: (y, x), "GCJ-02": eviltransform.wgs2gcj, "BD-09": eviltransform.wgs2bd}[kind]
    moved = [to(y, x) for x, y in zip(lon, lat, strict=True)]
    return np.array([(x, y) for y, x in moved])


@pytest.mark.parametrize("kind", ["GCJ-02", "BD-09"])
@pytest.mark.parametrize("how", ["option", "mapping", "layer"])
def test_web_map_coordinates_are_converted_when_that_is_said(tmp_path, kind, how):
    file = tmp_path / "供水管段.geojson"
    pyogrio.write_dataframe(lines(degrees(kind), crs="EPSG:4326"), file, driver="GeoJSON")
    mapping = tmp_path / "m.toml"
    layer = '[[layer]]\nlayer = "pipes"\nfields.pipe_id = "管段编号"\nfields.dn = "公称直径"\n'
    mapping.write_text(
        f'format = 1\ncrs = "{kind}"\n{layer}'
        if how == "mapping"
        else f'format = 1\n{layer}crs = "{kind}"\n',
        encoding="utf-8",
    )
    options = {"crs": kind} if how == "option" else {"mapping": mapping}
    candidate = import_sources([file], **options)
    assert candidate.crs == "EPSG:4548"
    assert ends(candidate) == pytest.approx(wanted(), abs=0.05)
    assert kinds(candidate)["crs-web-map"].severity == "repaired"
    unsaid = import_sources([file])
    assert np.abs(ends(unsaid) - wanted()).max() > 400.0  # never converted unless it is said
    assert "crs-web-map" not in kinds(unsaid)


def test_degrees_in_a_file_without_crs_are_known_and_small_planes_are_not_taken_for_degrees(tmp_path):
    found = import_sources([shapefile(tmp_path / "a", lines(degrees(), crs=None))])
    assert found.crs == "EPSG:4548"
    assert kinds(found)["crs-recognised"].params["crs"].startswith("China Geodetic")
    plane = np.array([(100.0 + x / 40, 20.0 + y / 20) for x, y in STEPS])
    assert import_sources([shapefile(tmp_path / "b", lines(plane, crs=None))]).crs is None


def test_a_table_without_crs_takes_the_zone_in_which_it_lies_among_the_others(tmp_path):
    folder = tmp_path / "s"
    shapefile(folder, lines(crs=None))
    streets = gpd.GeoDataFrame(
        {"道路编号": ["S1"]}, geometry=[shapely.LineString(degrees())], crs="EPSG:4326"
    )
    pyogrio.write_dataframe(streets, folder / "道路中心线.geojson", driver="GeoJSON")
    candidate = import_sources([folder])
    assert candidate.crs == "EPSG:4548"
    assert "117E" in kinds(candidate)["crs-taken-over"].params["crs"]
    assert ends(candidate) == pytest.approx(wanted(), abs=1e-3)


CITY = Similarity.of_parameters(4_050_123.4567, 500_765.4321, rotation_arc_s=-1234.5, scale_ppm=35.0)
CONTROL = np.array(
    [(505000.0, 4054000.0), (517000.0, 4054300.0), (516800.0, 4062000.0), (505200.0, 4061800.0)]
)


def local_of(xy):
    """The city's own figures of places in the national grid, by solving its four parameters backwards."""
    at = (xy[:, 1] + 1j * xy[:, 0] - CITY.shift) / CITY.turn
    return np.column_stack([at.imag, at.real])


def grid_file(file, *, noise_m=0.0, more=""):
    local = local_of(CONTROL) + noise_m * np.array([(1, 0), (-1, 0), (1, 0), (-1, 0)])
    rows = [
        f"[[point]]\nid = 'K{n}'\nlocal = {{ north_m = {y!r}, east_m = {x!r} }}\n"
        f"grid = {{ north_m = {north!r}, east_m = {east!r} }}"
        for n, ((x, y), (east, north)) in enumerate(zip(local.tolist(), CONTROL.tolist(), strict=True), 1)
    ]
    head = f"format = 1\nname = '测试市独立坐标系'\ngrid = 'EPSG:4548'\n{more}\n"
    file.write_text(head + "\n".join(rows), encoding="utf-8")
    return file


def every_byte(folder):
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def secret_figures():
    local = local_of(CONTROL)
    figures = [4_050_123.4567, 500_765.4321, 1234.5, *local.ravel(), *CONTROL.ravel()]
    return {f"{value:.1f}" for value in figures} | {"4050123", "500765"}


def test_a_city_grid_is_converted_by_its_points_and_nothing_of_it_is_kept_or_shown(tmp_path):
    sources = tmp_path / "s"
    shapefile(sources, lines(local_of(places()), crs=None))
    file = grid_file(tmp_path / "kept-in-the-safe.toml", noise_m=0.02)
    workspace = tmp_path / "W"
    said = run("import", sources, "--workspace", workspace, "--crs", file, "--json")
    assert said.document["crs"] == "EPSG:4548"
    listed = run("issues", "--workspace", workspace, "--json")
    fitted = next(issue for issue in listed.document if issue["kind"] == "grid-fitted")
    # four points, one metre-fiftieth of noise in turns: least squares leaves nearly all of it
    assert "4 个公共点" in fitted["message"] and "mm" in fitted["message"]
    versions = run("versions", "--workspace", workspace, "--json")
    told = said.out + said.err + listed.out + versions.out + every_byte(workspace).decode("latin-1")
    assert "kept-in-the-safe" not in told
    assert not [figure for figure in secret_figures() if figure in told]
    store = create_store(workspace)
    got = np.unique(shapely.get_coordinates(store.open().pipes.geometry.to_numpy()), axis=0)
    assert got == pytest.approx(np.unique(places(), axis=0), abs=0.03)


def test_a_position_in_the_city_grid_is_understood_on_the_command_line(tmp_path):
    sources = tmp_path / "s"
    shapefile(sources, lines(), prj=esri(4548))
    file = grid_file(tmp_path / "local-grid.toml")
    workspace = tmp_path / "W"
    assert run("import", sources, "--workspace", workspace, "--json").status == 0
    x, y = local_of(places()[:1])[0]
    answers = [
        run("tapoffs", "--workspace", workspace, "--at", at, *crs, "--status", "any", "--json")
        for at, crs in ((f"{x},{y}", ["--crs", file]), (f"{EAST},{NORTH}", ["--crs", "EPSG:4548"]))
    ]
    assert answers[0].document == answers[1].document
    far = run("tapoffs", "--workspace", workspace, "--at", f"{x + 90000},{y}", "--crs", file, "--json")
    assert far.status == 2


def test_an_old_grid_is_refused_by_itself_and_converted_with_control_points(tmp_path):
    old = lines(local_of(places()), crs=None)
    file = shapefile(tmp_path / "s", old, prj=esri(2384))
    with pytest.raises(GisInputError) as refusal:
        import_sources([file])
    assert refusal.value.code == "crs-legacy-file"
    candidate = import_sources([file], crs=str(grid_file(tmp_path / "xian.toml")))
    assert ends(candidate) == pytest.approx(wanted(), abs=2e-3)


def test_an_old_grid_that_calls_itself_cgcs2000_gives_way_only_to_a_file_that_says_so(tmp_path):
    file = shapefile(tmp_path / "s", lines(local_of(places()), crs=None), prj=esri(4548))
    with pytest.raises(GisInputError) as refusal:  # by its own word it lies at the equator
        import_sources([file], crs=str(grid_file(tmp_path / "a.toml")))
    assert refusal.value.code == "crs-outside"
    moved = import_sources([file], crs=str(grid_file(tmp_path / "b.toml", more="overrides = true")))
    assert ends(moved) == pytest.approx(wanted(), abs=2e-3)


def test_seven_parameters_lead_from_an_old_grid_as_proj_leads(tmp_path):
    seven = (-12.5, 103.2, 41.7, 0.31, -0.22, 1.05, -2.4)
    back = Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=cart +ellps=GRS80 "
        "+step +inv +proj=helmert +x=-12.5 +y=103.2 +z=41.7 +rx=0.31 +ry=-0.22 +rz=1.05 +s=-2.4 "
        "+convention=coordinate_frame +step +inv +proj=cart +a=6378140 +rf=298.257 "
        "+step +proj=tmerc +lat_0=0 +lon_0=117 +k=1 +x_0=500000 +y_0=0 +a=6378140 +rf=298.257"
    )
    lon, lat = degrees().T
    old_x, old_y, *_ = back.transform(lon, lat, np.zeros_like(lon))
    keys = ("dx_m", "dy_m", "dz_m", "rx_s", "ry_s", "rz_s", "scale_ppm")
    figures = "\n".join(f"{key} = {value}" for key, value in zip(keys, seven, strict=True))
    grid = tmp_path / "xian80.toml"
    grid.write_text(
        f"format = 1\nname = '西安80'\n[helmert]\nsource = 'EPSG:2384'\n{figures}\n", encoding="utf-8"
    )
    file = shapefile(tmp_path / "s", lines(np.column_stack([old_x, old_y]), crs=None), prj=esri(2384))
    candidate = import_sources([file], crs=str(grid))
    assert candidate.crs == "EPSG:4548"
    assert ends(candidate) == pytest.approx(wanted(), abs=2e-3)


def test_a_mapping_file_names_its_grid_file_beside_it_and_nowhere_else(tmp_path):
    folder = tmp_path / "m"
    folder.mkdir()
    grid_file(folder / "g.toml")
    grid_file(tmp_path / "elsewhere.toml")
    file = shapefile(tmp_path / "s", lines(local_of(places()), crs=None))
    layer = '[[layer]]\nlayer = "pipes"\nfields.pipe_id = "管段编号"\nfields.dn = "公称直径"\n'
    for text, code in (("[crs]\nfile = 'g.toml'\n", None), ("crs = 'g.toml'\n", None), ("crs = '../elsewhere.toml'\n", "mapping-grid-place")):  # fmt: skip
        mapping = folder / "m.toml"
        mapping.write_text(f"format = 1\n{text}{layer}", encoding="utf-8")
        if code is None:
            assert ends(import_sources([file], mapping=mapping)) == pytest.approx(wanted(), abs=2e-3)
            continue
        with pytest.raises(GisInputError) as refusal:
            import_sources([file], mapping=mapping)
        assert refusal.value.code == code


def test_few_points_and_points_on_one_side_are_said(tmp_path):
    crowded = CONTROL[:1] + np.array([(0, 0), (60, 0), (0, 60)])
    text = "\n".join(
        f"[[point]]\nlocal = {{ north_m = {y!r}, east_m = {x!r} }}\ngrid = {{ north_m = {n!r}, east_m = {e!r} }}"
        for (x, y), (e, n) in zip(local_of(crowded).tolist(), crowded.tolist(), strict=True)
    )
    grid = tmp_path / "g.toml"
    grid.write_text(f"format = 1\ngrid = 'EPSG:4548'\n{text}", encoding="utf-8")
    found = kinds(
        import_sources([shapefile(tmp_path / "s", lines(local_of(places()), crs=None))], crs=str(grid))
    )
    assert found["grid-points-few"].params["count"] == 3
    assert found["grid-points-one-side"].params["times"] > 50


def survey_folder(folder, level_m):
    folder.mkdir()
    at = places()
    points = {
        "点号": [f"J{n}" for n in range(len(at))],
        "X坐标": at[:, 1],
        "Y坐标": at[:, 0],
        "地面高程": level_m,
    }
    rows = {"点号": [f"J{a}" for a, _ in PAIRS], "连接点号": [f"J{b}" for _, b in PAIRS], "管径": "DN200"}
    pd.DataFrame(points).to_csv(folder / "点表.csv", index=False)
    pd.DataFrame(rows).to_csv(folder / "线表.csv", index=False)
    return folder


@pytest.mark.parametrize(
    ("said", "level_m", "record", "kind"),
    [
        (None, 52.0, {"code": "1985", "assumed": True}, None),
        ("1985", 52.0, {"code": "1985", "assumed": False}, None),
        (
            "1956",
            51.971,
            {"code": "1985", "assumed": False, "from_zh": "1956年黄海高程系"},
            "heights-converted",
        ),
        ("吴淞高程:-1.63", 50.37, {"code": "1985", "from_zh": "吴淞高程"}, "heights-converted"),
        ("大地高", 52.0, {"code": "ellipsoidal", "assumed": False}, "heights-not-converted"),
        ("大地高:-9.8", 42.2, {"code": "1985", "from_zh": "大地高"}, "heights-converted"),
    ],
)
def test_the_height_datum_is_converted_only_when_told_and_stays_with_the_version(
    tmp_path, said, level_m, record, kind
):
    folder = survey_folder(tmp_path / "s", 52.0)
    workspace = tmp_path / "W"
    option = [] if said is None else ["--vertical-datum", said]
    answer = run("import", folder, "--workspace", workspace, "--crs", "EPSG:4548", *option, "--json").document
    assert record.items() <= answer["vertical_datum"].items()
    (listed,) = run("versions", "--workspace", workspace, "--json").document
    assert listed["vertical_datum"] == answer["vertical_datum"]
    network = create_store(workspace).open()
    assert network.vertical_datum == answer["vertical_datum"]
    assert network.nodes["elevation_m"].tolist() == pytest.approx([level_m] * 6, abs=1e-9)
    told = {issue.kind for issue in create_store(workspace).issues()} & {
        "heights-converted",
        "heights-not-converted",
    }
    assert told == ({kind} if kind else set())
    manifest = json.loads(next((workspace / "versions").glob("*/manifest.json")).read_text(encoding="utf-8"))
    assert manifest["vertical_datum"] == answer["vertical_datum"]


def test_saying_the_height_datum_makes_another_version_than_assuming_it(tmp_path):
    folder = survey_folder(tmp_path / "s", 52.0)
    assumed, said = (
        import_sources([folder], crs="EPSG:4548", vertical_datum=text) for text in (None, "1985")
    )
    store = create_store(tmp_path / "W")
    assert store.publish(assumed).version != store.publish(said).version
