"""Drawings on paper measure what their scale says: millimetres on the page against metres of the survey."""

import ctypes

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import shapely

from design.documents.draft.profile import profile_sheets
from design.documents.pictures import PlanPicture, SchemePictures
from design.documents.scheme_pdf import Press
from design.documents.words import Words
from gis.ways.strips import sheet_strips
from maps.plan.picture import plan_sheet, plan_svg, strip_sheet
from tests.built_site import site_part
from tests.design import scheme_builder as town

NEW_PIPE, PIPE_MM = (0xD8, 0x1B, 0x60), 1.0
MM_A_POINT = 25.4 / 72


def lines_on(page, colour, width_mm):
    """Polylines of that colour and width of pen on a page, in millimetres of paper (y up)."""
    found = []
    for item in page.get_objects(max_depth=8):
        channels = [ctypes.c_uint() for _ in range(4)]
        pen = ctypes.c_float()
        if item.type != pdfium.FPDF_PAGEOBJ_PATH:
            continue
        pdfium.FPDFPageObj_GetStrokeColor(item.raw, *channels)
        pdfium.FPDFPageObj_GetStrokeWidth(item.raw, pen)
        if tuple(c.value for c in channels[:3]) != colour or abs(pen.value - width_mm) > 0.01:
            continue
        matrix = pdfium.FS_MATRIX()
        pdfium.FPDFPageObj_GetMatrix(item.raw, matrix)
        places = []
        for n in range(pdfium.FPDFPath_CountSegments(item.raw)):
            x, y = ctypes.c_float(), ctypes.c_float()
            pdfium.FPDFPathSegment_GetPoint(pdfium.FPDFPath_GetPathSegment(item.raw, n), x, y)
            places.append(
                (
                    matrix.a * x.value + matrix.c * y.value + matrix.e,
                    matrix.b * x.value + matrix.d * y.value + matrix.f,
                )
            )
        found.append(np.array(places) * MM_A_POINT)
    return found


def plans_of(route):
    common = {"layers": town.surroundings(), "route_line": route, "tie_in_xy": route.coords[0], "site": shapely.Point(route.coords[-1])}  # fmt: skip
    strips = sheet_strips(route)
    if len(strips) == 1:
        sheet = plan_sheet(route, common["site"])
        return (PlanPicture(plan_svg(**common, title="平面", sheet=sheet), sheet.paper, sheet.scale),)
    return tuple(
        PlanPicture(
            plan_svg(**common, title="平面", sheet=strip_sheet(s), strip=s), "a3", s.scale, s.number, s.count
        )
        for s in strips
    )


def pages_of(route, tmp_path):
    """The plan sheets of a book with that route, opened."""
    plans = plans_of(route)
    pictures = SchemePictures(plans, plan_svg(layers={}, route_line=route, tie_in_xy=route.coords[0],
                                              site=shapely.Point(route.coords[-1]), title="位置"), "")  # fmt: skip
    file = tmp_path / "scheme.pdf"
    with Press(site_part("fonts")) as press:
        press.book(town.scheme(), file, pictures=pictures)
    book = pypdfium2.PdfDocument(file)
    sheets = [page for page in book if page.get_width() > page.get_height()][: len(plans)]
    return book, sheets


def test_the_route_measures_1_to_500_on_the_page_in_length_and_direction(tmp_path):
    route = town.route_line(1)
    book, (sheet,) = pages_of(route, tmp_path)
    drawn, _legend = lines_on(sheet, NEW_PIPE, PIPE_MM)
    book.close()

    metres = shapely.get_coordinates(route)
    assert drawn - drawn[0] == pytest.approx((metres - metres[0]) * 1000 / 500, abs=0.02)


def test_the_pieces_of_a_long_route_together_measure_all_of_it(tmp_path):
    route = shapely.LineString(
        [(town.EAST, town.NORTH), (town.EAST + 350, town.NORTH), (town.EAST + 350, town.NORTH + 170)]
    )
    book, sheets = pages_of(route, tmp_path)
    lengths_m = []
    for sheet in sheets:
        drawn, _legend = lines_on(sheet, NEW_PIPE, PIPE_MM)
        lengths_m.append(np.hypot(*np.diff(drawn, axis=0).T).sum() * 500 / 1000)
    book.close()

    assert len(sheets) == len(sheet_strips(route)) > 3
    assert sum(lengths_m) == pytest.approx(route.length, abs=0.05)


@pytest.mark.parametrize("length_m", [6.0, 30.0, 56.0, 400.0])
def test_a_profile_measures_what_its_scales_say(length_m):
    option = town.scheme()["options"][0]
    stations = [
        {"at_m": at, "kind": kind, "ground_m": 30.0 + at / 100, "cover_m": 1.0, "pipe_top_m": 29.0 + at / 100,
         "pipe_bottom_m": 28.9 + at / 100}
        for at, kind in ((0.0, "tie-in"), (length_m / 2, "bend"), (length_m, "site"))
    ]  # fmt: skip
    option["route"] |= {"profile": stations, "crossings": [], "length_m": length_m}
    sheets = profile_sheets(option, Words("zh"))

    along_m = 0.0
    for sheet in sheets:
        ground = next(
            np.array(item["p"]) for item in sheet.draft.items if item["k"] == "line" and item["s"] == "ground"
        )
        along_m += (ground[-1][0] - ground[0][0]) * sheet.sheet.scale / 1000
    assert along_m == pytest.approx(length_m, abs=0.01)
    assert all(sheet.sheet.scale <= 500 for sheet in sheets)
    assert len(sheets) == (3 if length_m == 400.0 else 1)
