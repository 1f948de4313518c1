"""Long routes in pieces: each fits a sheet, together they are the whole route, ends stand at round distances."""

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.ops import substring

from gis.ways.strips import MOST_SHEETS, PIECE_MM, sheet_strips, spans

CORNER = st.tuples(st.floats(-900, 900), st.floats(-900, 900))


@settings(deadline=None, max_examples=60)
@given(st.lists(CORNER, min_size=2, max_size=6, unique=True))
def test_the_pieces_are_the_whole_route_and_each_fits_its_sheet(corners):
    route = shapely.LineString(corners)
    strips = sheet_strips(route)

    assert strips[0].from_m == 0.0
    assert strips[-1].to_m == pytest.approx(route.length)
    assert all(one.to_m == other.from_m for one, other in zip(strips, strips[1:], strict=False))
    assert len(strips) <= MOST_SHEETS
    for strip in strips:
        assert strip.window(*PIECE_MM).buffer(1e-6).covers(substring(route, strip.from_m, strip.to_m))
        assert strip.number == strips[-1].count or strip.to_m % 10 == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("corners", "count", "scale"),
    [
        ([(0, 0), (140, 0)], 1, 500),  # 280 mm of paper
        ([(0, 0), (140.1, 0)], 2, 500),
        ([(0, 0), (0, 104)], 1, 500),  # 208 mm
        ([(0, 0), (0, 104.1)], 2, 500),
        ([(0, 0), (2000, 0)], 15, 500),
        ([(0, 0), (6000, 0)], 22, 1000),
    ],
)
def test_a_route_takes_as_few_sheets_as_its_size_asks_for(corners, count, scale):
    strips = sheet_strips(shapely.LineString(corners))

    assert (len(strips), strips[0].scale) == (count, scale)


@given(st.floats(1.0, 5000.0), st.floats(50.0, 300.0))
def test_spans_are_not_longer_than_asked_and_leave_nothing_out(length_m, most_m):
    cut = spans(length_m, most_m=most_m)

    assert cut[0][0] == 0.0
    assert cut[-1][1] == length_m
    assert all(one[1] == other[0] for one, other in zip(cut, cut[1:], strict=False))
    assert all(0 < end - start <= most_m + 1e-6 for start, end in cut)


def test_two_inlets_share_a_sheet_where_both_fit_and_have_their_own_where_not():
    first = shapely.LineString([(0, 0), (100, 0)])
    near, far = shapely.LineString([(0, 60), (100, 0)]), shapely.LineString([(0, 160), (100, 0)])

    assert [(s.line, s.neighbours) for s in sheet_strips(first, near)] == [(0, [])]
    assert [(s.number, s.line) for s in sheet_strips(first, far)] == [(1, 0), (2, 1), (3, 1)]
    one, other = sheet_strips(first, far)[1:]
    assert (one.neighbours, other.neighbours) == ([(one.to_m, 3)], [(one.to_m, 2)])
