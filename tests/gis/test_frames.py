"""Frames: zones by what they are made of, shifted web maps, and city grids, against PROJ, EPSG and eviltransform."""

import itertools

import eviltransform
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from gis.errors import GisInputError
from gis.frames.parse import parse_frame
from gis.frames.gcj import shifted, unshifted
from gis.frames.helmert import Helmert
from gis.frames.plane import Similarity, check_points, fit_similarity
from gis.frames.vertical import default_datum, parse_vertical
from gis.frames.zones import is_legacy, plain_crs, renumbered, zone_epsg, zone_meridian, zone_of_easting

# engineering-reference 13, "crs"
PUBLISHED_GCJ = [
    (117.12, 36.65, 117.12612775, 36.65042916),
    (118.055, 36.813, 118.06108056, 36.81352403),
    (118.38, 31.33, 118.38540727, 31.32815056),
]
IN_CHINA = {"lon": st.floats(74.0, 134.5), "lat": st.floats(18.5, 53.0)}


@pytest.mark.parametrize(("lon", "lat", "gcj_lon", "gcj_lat"), PUBLISHED_GCJ)
def test_published_gcj_points_come_out_and_go_back(lon, lat, gcj_lon, gcj_lat):
    assert np.array(shifted(lon, lat, "GCJ-02")) == pytest.approx((gcj_lon, gcj_lat), abs=6e-9)
    assert np.array(unshifted(gcj_lon, gcj_lat, "GCJ-02")) == pytest.approx((lon, lat), abs=1e-8)


@given(**IN_CHINA)
@pytest.mark.parametrize(
    ("kind", "other"), [("GCJ-02", eviltransform.wgs2gcj), ("BD-09", eviltransform.wgs2bd)]
)
def test_web_maps_are_shifted_as_another_program_does_it(kind, other, lon, lat):
    wanted_lat, wanted_lon = other(lat, lon)
    # the other program takes a rounded ellipsoid: 2e-7 degree are 2 cm
    assert np.array(shifted(lon, lat, kind)) == pytest.approx((wanted_lon, wanted_lat), abs=2e-7)


@given(**IN_CHINA)
@pytest.mark.parametrize("kind", ["GCJ-02", "BD-09"])
def test_web_maps_shifted_and_back_are_the_same_to_a_tenth_of_a_millimetre(kind, lon, lat):
    assert np.array(unshifted(*shifted(lon, lat, kind), kind)) == pytest.approx((lon, lat), abs=1e-9)


def test_outside_china_gcj_shifts_nothing():
    assert np.array(shifted(-0.12, 51.5, "GCJ-02")) == pytest.approx((-0.12, 51.5))


ZONES = [(step, number) for step, numbers in ((3, range(25, 46)), (6, range(13, 24))) for number in numbers]


@pytest.mark.parametrize(("step", "number"), ZONES)
@pytest.mark.parametrize("prefixed", [False, True])
def test_every_zone_has_the_meridian_and_false_easting_that_epsg_gives_it(step, number, prefixed):
    meridian = zone_meridian(number, step)
    crs = CRS.from_epsg(zone_epsg(meridian, step=step, prefixed=prefixed))
    values = {param.name: param.value for param in crs.coordinate_operation.params}
    assert values["Longitude of natural origin"] == meridian
    assert values["False easting"] == 500_000 + (number * 1_000_000 if prefixed else 0)
    assert crs.geodetic_crs.to_epsg() == 4490


@pytest.mark.parametrize(("step", "number"), [(3, 25), (3, 39), (3, 45), (6, 13), (6, 20), (6, 23)])
@pytest.mark.parametrize("prefixed", [False, True])
def test_esri_files_without_code_and_under_any_name_are_known_by_what_they_say(step, number, prefixed):
    code = zone_epsg(zone_meridian(number, step), step=step, prefixed=prefixed)
    text = CRS.from_epsg(code).to_wkt("WKT1_ESRI")
    head, _, rest = text.partition(",")
    assert head.startswith("PROJCS[") and "AUTHORITY" not in text
    for name in ("Unnamed", "地方1", "Transverse_Mercator"):
        renamed = plain_crs(CRS(f'PROJCS["{name}",{rest}'))
        # without its number a 6-degree zone is the 3-degree zone of the same meridian
        assert renamed.to_epsg() in {code, code if prefixed else zone_epsg(zone_meridian(number, step))}


def test_a_grid_of_no_named_datum_counts_as_cgcs2000_and_one_on_an_old_ellipsoid_as_old():
    shape = "+proj=tmerc +lat_0=0 +lon_0=117 +k=1 +x_0=500000 +y_0=0 {} +units=m +type=crs"
    assert plain_crs(CRS(shape.format("+ellps=GRS80"))).to_epsg() == 4548
    assert is_legacy(CRS(shape.format("+ellps=krass")))
    assert is_legacy(CRS(shape.format("+a=6378140 +rf=298.257")))
    assert not is_legacy(CRS(shape.format("+ellps=GRS80")))
    assert not is_legacy(
        CRS.from_epsg(28402)
    )  # Pulkovo 1942: the ellipsoid of Beijing, but PROJ knows the way
    assert plain_crs(CRS(shape.format("+ellps=GRS80").replace("117", "118.5"))).to_epsg() is None


@pytest.mark.parametrize("code", [2384, 2363, 2436, 2415, 4214, 4610, 4555, 21460, 2327, 2401])
def test_grids_of_beijing_and_xian_are_known_as_old(code):
    assert is_legacy(CRS.from_epsg(code))
    assert is_legacy(CRS(CRS.from_epsg(code).to_wkt("WKT1_ESRI")))


@pytest.mark.parametrize(
    ("stated", "easting_m", "becomes"),
    [(4548, 39_510_730.0, 4527), (4527, 510_730.0, 4548), (4498, 510_730.0, 4548), (4548, 20_510_730.0, 4498),
     (4548, 510_730.0, None), (4527, 39_510_730.0, None), (23700, 510_730.0, None)],
)  # fmt: skip
def test_a_zone_number_that_contradicts_the_statement_is_put_right(stated, easting_m, becomes):
    found = renumbered(CRS.from_epsg(stated), easting_m)
    assert (None if found is None else found.to_epsg()) == becomes


def test_a_zone_number_of_another_meridian_is_asked_for():
    with pytest.raises(ValueError, match="40"):
        renumbered(CRS.from_epsg(4548), 40_345_808.9)
    assert zone_of_easting(40_345_808.9) == (40, 3)
    assert zone_of_easting(465_000.0) is None
    assert zone_of_easting(float("nan")) is None


@given(
    north=st.floats(-1e5, 1e5), east=st.floats(-1e5, 1e5), turn=st.floats(-4e5, 4e5), ppm=st.floats(-500, 500),
    x=st.floats(0, 1e5), y=st.floats(0, 1e5),
)  # fmt: skip
def test_four_parameters_are_the_plane_helmert_of_proj(north, east, turn, ppm, x, y):
    proj = Transformer.from_pipeline(
        f"+proj=helmert +x={east!r} +y={north!r} +theta={turn!r} +s={1 + ppm * 1e-6!r}"
    )
    ours = Similarity.of_parameters(north, east, rotation_arc_s=turn, scale_ppm=ppm)(x, y)
    assert np.array(ours) == pytest.approx(np.array(proj.transform(x, y)), abs=1e-6)


RING = np.array(
    [(3000.0, 4000.0), (15000.0, 4200.0), (14800.0, 12000.0), (3300.0, 11800.0), (9000.0, 8000.0)]
)


@given(
    north=st.floats(3.9e6, 4.1e6),
    east=st.floats(4.5e5, 5.5e5),
    turn=st.floats(-3600, 3600),
    ppm=st.floats(-300, 300),
)
def test_parameters_are_found_again_from_points_they_made(north, east, turn, ppm):
    made = Similarity.of_parameters(north, east, rotation_arc_s=turn, scale_ppm=ppm)
    target = np.column_stack(made(RING[:, 0], RING[:, 1]))
    found = fit_similarity(RING, target)
    elsewhere = (20000.0, 1000.0)
    assert np.array(found(*elsewhere)) == pytest.approx(np.array(made(*elsewhere)), abs=1e-5)
    fit = check_points(found, RING, target, names="abcde", fitted=True)
    assert fit.rms_mm < 0.01


def test_residuals_are_those_of_the_normal_equations():
    noise = np.random.default_rng(3).normal(0.0, 0.02, RING.shape)
    target = (
        np.column_stack(Similarity.of_parameters(4e6, 5e5, rotation_arc_s=100.0, scale_ppm=20.0)(*RING.T))
        + noise
    )
    fit = check_points(fit_similarity(RING, target), RING, target, names="abcde", fitted=True)
    # the same least squares, unknowns (a, b, east, north), by the design matrix of a surveyor's handbook
    x, y = RING.T - RING.mean(axis=0)[:, None]
    nought, one = np.zeros(5), np.ones(5)
    design = np.vstack([np.column_stack([x, y, one, nought]), np.column_stack([y, -x, nought, one])])
    wanted = np.concatenate(list(target.T))
    centred = wanted - np.repeat(target.mean(axis=0), 5)
    solved, *_ = np.linalg.lstsq(design, centred, rcond=None)
    miss = (centred - design @ solved).reshape(2, 5)
    assert fit.residual_mm == pytest.approx(1000.0 * np.hypot(*miss), abs=1e-3)
    assert fit.rms_mm == pytest.approx(1000.0 * np.sqrt((miss**2).sum() / (5 - 2)), rel=1e-6)


def test_seven_parameters_give_the_example_of_epsg_guidance_note_7_2():
    # WGS 72 to WGS 84: 55 N 4 E becomes 55 00 00.090 N, 4 00 00.554 E
    utm = CRS.from_epsg(32231)
    x, y = Transformer.from_crs(4322, utm, always_xy=True).transform(4.0, 55.0)
    position = Helmert(utm, (0.0, 0.0, 4.5), (0.0, 0.0, 0.554), 0.219, "position-vector")
    frame = Helmert(utm, (0.0, 0.0, 4.5), (0.0, 0.0, -0.554), 0.219, "coordinate-frame")
    for lon, lat in (position(x, y), frame(x, y)):
        assert (lon - 4.0) * 3600 == pytest.approx(0.554, abs=6e-4)
        assert (lat - 55.0) * 3600 == pytest.approx(0.090, abs=6e-4)


def grid_file(folder, text):
    file = folder / "local-grid.toml"
    file.write_text("format = 1\nname = '测试市坐标系'\n" + text, encoding="utf-8")
    return file


def points_text(local, target, *, swap=False):
    rows = ["grid = 'EPSG:4548'"]
    for n, ((x, y), (east, north)) in enumerate(zip(local, target, strict=True), 1):
        x, y = (y, x) if swap else (x, y)
        rows.append(
            f"[[point]]\nid = 'K{n}'\nlocal = {{ north_m = {y!r}, east_m = {x!r} }}\n"
            f"grid = {{ north_m = {north!r}, east_m = {east!r} }}"
        )
    return "\n".join(rows)


MADE = Similarity.of_parameters(4_050_000.0, 500_000.0, rotation_arc_s=-1234.5, scale_ppm=35.0)
TARGET = np.column_stack(MADE(*RING.T))


def test_a_grid_file_of_points_leads_to_where_its_points_are(tmp_path):
    frame = parse_frame(
        "local-grid.toml", folder=grid_file(tmp_path, points_text(RING.tolist(), TARGET.tolist())).parent
    )
    assert np.column_stack(frame.xy(CRS("EPSG:4548"), *RING.T)) == pytest.approx(TARGET, abs=1e-6)
    assert frame.fitted and frame.fit.rms_mm < 0.01


def test_a_grid_file_of_parameters_is_checked_by_its_points(tmp_path):
    given_ = "\n[similarity]\nnorth_m = 4050000.0\neast_m = 500000.0\nrotation_s = {}\nscale_ppm = 35.0"
    text = points_text(RING.tolist(), TARGET.tolist())
    frame = parse_frame(str(grid_file(tmp_path, text + given_.format(-1234.5))), folder=tmp_path)
    assert not frame.fitted and frame.fit.worst[1] < 0.01
    with pytest.raises(GisInputError) as refusal:  # the angle counted the other way
        parse_frame(str(grid_file(tmp_path, text + given_.format(1234.5))), folder=tmp_path)
    assert refusal.value.code == "grid-points-disagree"


def test_points_that_contradict_each_other_are_refused_with_the_worst_named(tmp_path):
    wrong = TARGET.copy()
    wrong[2] += (0.9, -0.6)
    with pytest.raises(GisInputError) as refusal:
        parse_frame(str(grid_file(tmp_path, points_text(RING.tolist(), wrong.tolist()))), folder=tmp_path)
    assert refusal.value.code == "grid-points-disagree"
    assert refusal.value.params["points"].startswith("K3 ")


@pytest.mark.parametrize(
    ("local", "target", "swap", "code"),
    [
        (RING[:1], TARGET[:1], False, "grid-points-few"),
        (RING[[0, 0]], TARGET[[0, 0]], False, "grid-points-few"),
        (RING, TARGET, True, "grid-points-swapped"),
        (RING / 0.3048, TARGET, False, "grid-points-stretched"),
    ],
)
def test_points_that_give_no_grid_are_refused(tmp_path, local, target, swap, code):
    file = grid_file(tmp_path, points_text(local.tolist(), target.tolist(), swap=swap))
    with pytest.raises(GisInputError) as refusal:
        parse_frame(str(file), folder=tmp_path)
    assert refusal.value.code == code


SECRET = "4050123.4567"


@pytest.mark.parametrize(
    "text",
    [
        f"grid = 'EPSG:4548'\n[similarity]\nnorth_m = {SECRET}\neast_m = 'x'\nrotation_s = 0\nscale_ppm = 0",
        f"grid = 'EPSG:4548'\n[similarity]\nnorth_m = {SECRET} {SECRET}",
        f"grid = 'EPSG:4548'\n[similarity]\nnorth_m = {SECRET}",
        f"grid = 'EPSG:4490'\n[similarity]\nnorth_m = {SECRET}",
        f"grid = 'EPSG:4548'\n[[point]]\nlocal = {{ north_m = {SECRET} }}",
        f"[helmert]\nsource = 'EPSG:2384'\ndx_m = {SECRET}",
        f"typo = {SECRET}",
    ],
)
def test_a_faulty_grid_file_is_refused_without_showing_a_figure(tmp_path, text):
    with pytest.raises(GisInputError) as refusal:
        parse_frame(str(grid_file(tmp_path, text)), folder=tmp_path)
    assert refusal.value.code == "grid-file"
    assert SECRET[:5] not in str(refusal.value)


def test_what_a_frame_prints_of_itself_holds_no_parameter(tmp_path):
    text = points_text(RING.tolist(), TARGET.tolist())
    printed = repr(parse_frame(str(grid_file(tmp_path, text)), folder=tmp_path))
    figures = {f"{value:.0f}" for value in itertools.chain(RING.ravel(), TARGET.ravel())}
    assert "测试市坐标系" in printed
    assert not any(figure in printed for figure in figures)


@pytest.mark.parametrize(
    "text", ["+init=/etc/passwd:1", "+proj=longlat +nadgrids=/etc/passwd", "https://epsg.io/4548"]
)
def test_a_crs_never_makes_proj_open_a_file_or_an_address(text):
    with pytest.raises(GisInputError) as refusal:
        parse_frame(text)
    assert refusal.value.code == "crs-unknown"


def test_over_http_no_file_can_be_named(tmp_path):
    file = grid_file(tmp_path, points_text(RING.tolist(), TARGET.tolist()))
    with pytest.raises(GisInputError) as refusal:
        parse_frame(str(file))
    assert refusal.value.code == "crs-unknown"


@pytest.mark.parametrize("word", ["GCJ-02", "gcj02", "火星坐标系"])
def test_web_maps_go_by_several_names(word):
    frame = parse_frame(word)
    assert frame.name == "GCJ-02"
    assert np.array(frame.base_xy(117.12612775, 36.65042916)) == pytest.approx((117.12, 36.65), abs=1e-8)


@pytest.mark.parametrize(
    ("text", "code", "to_1985_m"),
    [("1985", "1985", 0.0), ("1985国家高程基准", "1985", 0.0), ("EPSG:5737", "1985", 0.0), ("1956", "1956", -0.029),
     ("1956年黄海高程系", "1956", -0.029), ("大地高", "ellipsoidal", None), ("大地高：-9.8", "ellipsoidal", -9.8),
     ("吴淞高程:-1.63", "local", -1.63)],
)  # fmt: skip
def test_height_datums_go_by_the_names_people_use(text, code, to_1985_m):
    datum = parse_vertical(text)
    assert (datum.code, datum.to_1985_m) == (code, to_1985_m)
    assert not datum.assumed


@pytest.mark.parametrize(("text", "code"), [("渤海", "vertical-unknown"), ("吴淞:多", "vertical-offset"), ("吴淞:9999", "vertical-offset")])  # fmt: skip
def test_a_height_datum_nobody_knows_is_refused(text, code):
    with pytest.raises(GisInputError) as refusal:
        parse_vertical(text)
    assert refusal.value.code == code


def test_an_offset_of_a_city_datum_is_not_kept():
    assert "1.63" not in str(parse_vertical("吴淞高程:-1.63").record()) + repr(
        parse_vertical("吴淞高程:-1.63")
    )
    assert default_datum(in_china=True).record() == {
        "code": "1985", "name_zh": "1985国家高程基准", "name_en": "1985 national height datum", "assumed": True
    }  # fmt: skip
    assert default_datum(in_china=False).record()["code"] == "unknown"
