"""The cut font holds the wanted characters with the very outlines of the whole font."""

from io import BytesIO

import pytest
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont

from maps.quick.webfont import cut_font, font_face
from tests.built_site import site_part

TEXT = "接水匠㙟塱淏骉,DN300é·Ä"


@pytest.fixture(scope="module")
def whole():
    return (site_part("fonts") / "NotoSansSC-Regular.ttf").read_bytes()


def drawing(font, char):
    glyphs = font.getGlyphSet()
    name = font.getBestCmap()[ord(char)]
    pen = DecomposingRecordingPen(glyphs)
    glyphs[name].draw(pen)
    return pen.value, glyphs[name].width


def test_another_reader_finds_the_same_outlines_and_widths(whole):
    cut, found = cut_font(whole, {ord(char) for char in TEXT})

    ours, theirs = TTFont(BytesIO(cut)), TTFont(BytesIO(whole))
    assert found == {ord(char) for char in TEXT}
    assert set(ours.getBestCmap()) == found
    assert all(drawing(ours, char) == drawing(theirs, char) for char in TEXT)
    assert len(cut) < len(whole) / 200


def test_characters_the_font_lacks_are_not_promised(whole):
    cut, found = cut_font(whole, {ord("水"), 0x20BB7, 0x2A6D6})

    assert found == {ord("水")}
    assert set(TTFont(BytesIO(cut)).getBestCmap()) == found


def test_the_fallback_font_covers_what_the_first_lacks():
    rules = font_face(site_part("fonts"), "水𠮷").split("@font-face")[1:]

    assert len(rules) == 2
    assert "U+6C34" in rules[0]
    assert "U+20BB7" in rules[1]
    assert "U+20BB7" not in rules[0]


def test_without_font_files_the_reader_s_own_are_used(tmp_path):
    assert font_face(tmp_path, "水") == ""
