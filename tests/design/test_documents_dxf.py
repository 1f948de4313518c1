"""The drawing: sound DXF, layers of the standard, survey coordinates to the millimetre, a sheet at 1:500."""

import re

import ezdxf
import numpy as np
import pyogrio
import pytest
import shapely

from design.documents.dxf.drawing import write_dxf
from design.documents.dxf.sheet import standard
from tests.design import scheme_builder as town


def drawn(scheme, tmp_path, *, surroundings=None, language="zh"):
    file = tmp_path / "plan.dxf"
    around = town.surroundings() if surroundings is None else surroundings
    write_dxf(scheme, file, surroundings=around, to_xy=town.to_xy, language=language)
    return file


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    return drawn(town.scheme(), tmp_path_factory.mktemp("dxf"))


@pytest.fixture(scope="module")
def drawing(plan):
    return ezdxf.readfile(plan)


@pytest.fixture(scope="module")
def entities(plan):
    """What OGR sees. R2018 is UTF-8 whatever the header's code page says; OGR must be told."""
    pyogrio.set_gdal_config_options({"DXF_ENCODING": "UTF-8"})
    try:
        return pyogrio.read_dataframe(plan)
    finally:
        pyogrio.set_gdal_config_options({"DXF_ENCODING": None})


def texts_of(layout):
    return [entity.dxf.text for entity in layout.query("TEXT")]


def test_the_drawing_is_sound(drawing):
    auditor = drawing.audit()

    assert (auditor.errors, auditor.fixes) == ([], [])
    assert drawing.dxfversion == "AC1032"
    assert drawing.header["$INSUNITS"] == 6  # metres


def test_another_reader_finds_the_route_within_a_millimetre(entities):
    route = entities[entities["Layer"] == "给水-设计"].geometry.to_list()

    assert len(route) == 1
    ours = shapely.get_coordinates(route[0])
    assert np.abs(ours - shapely.get_coordinates(town.route_line(1))).max() < 0.001


def test_surroundings_are_where_the_survey_has_them(entities):
    mains = shapely.union_all(entities[entities["Layer"] == "给水-现状"].geometry.to_numpy())
    surveyed = shapely.union_all(town.surroundings()["pipes"].geometry.to_numpy())

    assert shapely.hausdorff_distance(mains, surveyed) < 0.001


def test_every_entity_lies_on_a_layer_of_the_standard(drawing):
    known = {row["name"] for row in standard()["layer"]}
    used = {
        entity.dxf.layer
        for layout in drawing.layouts
        for entity in layout
        if entity.dxftype() != "VIEWPORT" or entity.dxf.id != 1
    }

    assert used <= known | {"0"}
    assert {"给水-现状", "给水-设计", "道路-中心线", "红线", "建筑", "标注", "图框", "燃气-现状"} <= used


def test_the_drawing_says_size_length_and_names_letter_by_letter(drawing):
    words = texts_of(drawing.modelspace())

    assert "接户管 聚乙烯 PE100 SDR17 dn110 L=56.0 m" in words
    assert f"{town.RARE_NAME} {town.EVIL_MARKUP}" in words
    assert town.RARE_NAME + "巷" in words
    assert "DN300 球墨铸铁" in words
    assert (
        "X=4058896.000 Y=501840.000" in words
    )  # the tie-in, X north and Y east as Chinese drawings write it


def test_tie_in_meter_and_site_are_blocks_with_their_data(drawing):
    blocks = {block.dxf.name: block for block in drawing.modelspace().query("INSERT") if block.attribs}

    assert {tag.dxf.tag: tag.dxf.text for tag in blocks["TW-TIEIN"].attribs} == {
        "ID": "T-0012",
        "DN": "DN100",
    }
    assert blocks["TW-TIEIN"].dxf.insert.isclose((town.EAST + 60, town.NORTH - 4), abs_tol=0.001)
    # The red line of the parcel is 24 m north of the street axis: the meter stands on it.
    assert blocks["TW-METER"].dxf.insert.isclose((town.EAST + 60, town.NORTH + 24), abs_tol=0.001)
    assert blocks["TW-SITE"].dxf.insert.isclose((town.EAST + 60, town.NORTH + 52), abs_tol=0.001)


def test_existing_fittings_are_blocks_with_id_size_and_state(drawing):
    blocks = [block for block in drawing.modelspace().query("INSERT") if block.dxf.layer == "给水-现状附属物"]
    told = {
        block.attribs[0].dxf.text: {tag.dxf.tag: tag.dxf.text for tag in block.attribs} for block in blocks
    }

    assert told["FM-7"] == {"ID": "FM-7", "DN": "DN300", "STATUS": ""}
    assert told["XF-3"]["DN"] == "DN100"
    assert (told["T-0012"]["STATUS"], told["T-0013"]["STATUS"]) == ("free", "reserved")


def test_chainage_runs_along_the_pipe_and_crosses_stand_at_round_coordinates(drawing):
    model = drawing.modelspace()
    chainage = {text.dxf.text for text in model.query("TEXT") if text.dxf.layer == "给水-桩号"}
    grid = [line for line in model.query("LINE") if line.dxf.layer == "坐标网"]
    middles = {(line.dxf.start + line.dxf.end) / 2 for line in grid}

    assert {"0+000", "0+010", "0+050"} <= chainage
    assert middles
    assert all(
        abs(at.x / 20 - round(at.x / 20)) < 1e-9 and abs(at.y / 20 - round(at.y / 20)) < 1e-9
        for at in middles
    )


def test_the_profile_is_a_sheet_of_its_own_at_true_scale(drawing):
    sheet = drawing.layout("接户管纵断面图")
    words = texts_of(sheet)
    pipe = next(line for line in sheet.query("LWPOLYLINE") if line.dxf.layer == "给水-设计")
    xs = [point[0] for point in pipe.get_points("xy")]

    assert {"0+000.00", "0+056.00", "30.00", "29.00", "污水管 WS1"} <= set(words)
    assert max(xs) - min(xs) == pytest.approx(56.0 * 1000 / 500, abs=0.01)  # 56 m at 1:500
    assert "JS-2026-0042-02" in words


def test_the_english_drawing_has_no_chinese_but_names_and_layers(tmp_path):
    scheme = town.scheme(name="Plain name")
    scheme["provenance"]["network_source"] = "plain.xlsx"
    drawing = ezdxf.readfile(drawn(scheme, tmp_path, surroundings={}, language="en"))
    ours = {text for text in texts_of(drawing.layout("Longitudinal profile")) if not text.isascii()}

    assert {text for text in ours if any("\u3400" <= sign <= "\u9fff" for sign in text)} == set()


def test_legs_are_dimensioned_with_their_length(drawing):
    measured = sorted(round(d.get_measurement(), 3) for d in drawing.modelspace().query("DIMENSION"))

    assert measured == [22.0, 34.0]


def test_the_sheet_is_plotted_at_one_to_five_hundred(drawing):
    sheet = drawing.layout("接水平面图")
    view = next(v for v in sheet.query("VIEWPORT") if v.dxf.id != 1)

    assert view.dxf.view_height / view.dxf.height * 1000 == pytest.approx(500)
    assert "1:500" in texts_of(sheet)
    assert "合成数据 SYNTHETIC" in texts_of(sheet)


def test_texts_use_a_truetype_font_and_no_shape_files(drawing):
    style = drawing.styles.get("TW-HZ")

    assert style.dxf.font == "simhei.ttf"
    assert style.dxf.get("bigfont", "") == ""
    assert {text.dxf.style for text in drawing.modelspace().query("TEXT")} == {"TW-HZ"}


def test_codes_of_the_format_in_a_name_are_not_obeyed(tmp_path):
    file = drawn(town.scheme(name="%%c100 \\U+4E00\nEOF\n0\nSECTION"), tmp_path)

    drawing = ezdxf.readfile(file)
    heading = next(t for t in texts_of(drawing.layout("接水平面图")) if "100" in t)

    assert drawing.audit().errors == []
    assert "%%c" not in heading
    assert "SECTION" in heading  # on the same line, as text


def view_of(layout):
    return next(v for v in layout.query("VIEWPORT") if v.dxf.id != 1)


def centre_of(view):
    return np.array(view.dxf.view_center_point.vec2)


def on_the_ground(view, at_mm):
    """Where a place on the sheet lies in the survey, by the rule of viewports."""
    metres = view.dxf.view_height / view.dxf.height
    return tuple(
        centre + (place - middle) * metres
        for centre, place, middle in zip(view.dxf.view_center_point, at_mm, view.dxf.center, strict=False)
    )[:2]


@pytest.fixture(scope="module")
def long_drawing(tmp_path_factory):
    """A route of 600 m: 400 m east, then 200 m north."""
    scheme = town.scheme()
    corners = [(0, 0), (400, 0), (400, 200)]
    scheme["options"][0]["route"]["geometry"]["coordinates"] = [town.lonlat(*at) for at in corners]
    route = shapely.LineString([(town.EAST + x, town.NORTH + y) for x, y in corners])
    return ezdxf.readfile(drawn(scheme, tmp_path_factory.mktemp("long"))), route


def plan_sheets_of(drawing):
    return [lay for lay in drawing.layouts if re.fullmatch(r"接水平面图 \d+-\d+", lay.name)]


def test_a_long_route_is_cut_into_sheets_at_1_to_500_that_show_all_of_it(long_drawing):
    drawing, route = long_drawing
    shown = []
    for sheet in plan_sheets_of(drawing):
        view = view_of(sheet)
        assert view.dxf.view_height / view.dxf.height * 1000 == pytest.approx(500)
        half = np.array([view.dxf.width, view.dxf.height]) / 4  # half the view in metres at 1:500
        shown.append(shapely.box(*(centre_of(view) - half), *(centre_of(view) + half)))

    assert drawing.audit().errors == []
    assert 4 <= len(shown) <= 6
    assert shapely.union_all(shown).covers(route)


def test_neighbouring_sheets_meet_at_one_match_line_on_the_route(long_drawing):
    drawing, route = long_drawing
    crossed = {}
    for sheet in plan_sheets_of(drawing):
        here = int(re.search(r"(\d+)-", sheet.name)[1])
        told = [t.dxf.text for t in sheet.query("TEXT") if t.dxf.text.startswith("接图")]
        lines = list(sheet.query("LINE[layer=='接图线']"))
        assert len(lines) == len(told) == (1 if here in {1, len(plan_sheets_of(drawing))} else 2)
        for line, words in zip(lines, told, strict=True):
            other = int(re.search(r"接图 (\d+)/", words)[1])
            ends = [on_the_ground(view_of(sheet), end) for end in (line.dxf.start, line.dxf.end)]
            cut = shapely.intersection(shapely.LineString(ends), route)
            chainage = re.search(r"(\d+)\+([\d.]+)", words)
            assert route.project(cut) == pytest.approx(
                float(chainage[1]) * 1000 + float(chainage[2]), abs=0.01
            )
            crossed.setdefault(frozenset((here, other)), []).append(cut)

    assert all(len(cuts) == 2 and cuts[0].distance(cuts[1]) < 0.001 for cuts in crossed.values())


def test_the_key_plan_shows_where_every_sheet_lies(long_drawing):
    drawing, _ = long_drawing
    key = drawing.layout("接水平面图 总图")
    windows = {tuple(np.round(centre_of(view_of(sheet)), 2)) for sheet in plan_sheets_of(drawing)}
    frames = [line.get_points("xy") for line in key.query("LWPOLYLINE[layer=='接图线']")]
    middles = {tuple(np.round(on_the_ground(view_of(key), np.mean(frame, axis=0)), 2)) for frame in frames}

    assert middles == windows
    assert {f"{n}/{len(windows)}" for n in range(1, len(windows) + 1)} <= set(texts_of(key))


@pytest.mark.parametrize("around", [{}, {"pipes": town.surroundings()["pipes"].iloc[:0]}])
def test_a_drawing_without_surroundings_or_options_is_sound(tmp_path, around):
    for scheme in (town.scheme(), town.scheme(options=[], feasible=False)):
        assert ezdxf.readfile(drawn(scheme, tmp_path, surroundings=around)).audit().errors == []
