"""Single values: sizes of engineering-reference 9.4 rule 3, dates, materials, code lists."""

import pytest

from gis.repair.diameters import inner_diameter_m, read_size
from gis.schema import codes, layers, materials
from gis.intake.cells.values import UNREADABLE, code, date, material, number

SIZES = [
    ("200", 200, "nominal"), ("DN200", 200, "nominal"), ("dn110", 110, "nominal"), ("De110", 110, "outside"),
    ("Φ219", 200, "outside"), ("D325x8", 300, "outside"), ("D325×8", 300, "outside"), ("2-Φ100", 100, "nominal"),
    ("ＤＮ３００", 300, "nominal"), ("DN300mm", 300, "nominal"), (300.0, 300, "nominal"), (300, 300, "nominal"),
    ("PE110", 110, "outside"), ("φ100", 100, "nominal"),
    ("200X300", None, "rectangle"), ("200*300", None, "rectangle"), ("", None, "missing"), (None, None, "missing"),
    ("0", None, "missing"), (0, None, "missing"), ("DN0", None, "missing"), ("不详", None, "unreadable"),
    ("DN100/80", None, "unreadable"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "dn", "kind"), SIZES)
def test_sizes_are_read_as_surveys_write_them(written, dn, kind):
    size = read_size(written)
    assert (size.dn, size.kind) == (dn, kind)


# Outside diameter and minimum wall of engineering-reference 4.1 (GB/T 13663.2).
@pytest.mark.parametrize(("written", "inner_mm"), [("De20", 15.4), ("De63", 51.4), ("De90", 73.6), ("De110", 96.8), ("De160", 141.0), ("De315", 277.6)])  # fmt: skip
def test_the_bore_of_polyethylene_is_less_than_its_label(written, inner_mm):
    assert inner_diameter_m(read_size(written), "PE") == pytest.approx(inner_mm / 1000)


def test_the_bore_of_metal_is_its_label_and_of_a_stated_wall_what_is_left():
    assert inner_diameter_m(read_size("DN300"), "DI") == 0.3
    assert inner_diameter_m(read_size("D325x8"), "ST") == pytest.approx(0.309)
    assert inner_diameter_m(read_size("Φ219"), "ST") == 0.2
    assert inner_diameter_m(read_size(""), "DI") is None


def test_a_plastic_pipe_called_by_its_bore_is_taken_as_its_equivalent():
    assert inner_diameter_m(read_size("DN100"), "PE") == pytest.approx(0.0968)


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2008-06-01", "2008-06-01"), ("2008/6/1", "2008-06-01"), ("2008.6", "2008-06-01"), ("2008年6月", "2008-06-01"),
        ("2008年6月15日", "2008-06-15"), ("2008年", "2008-01-01"), ("2008", "2008-01-01"), (2008, "2008-01-01"),
        (20080615, "2008-06-15"), (39600, "2008-06-01"), ("1979/01/01 00:00:00+00", "1979-01-01"),
        ("２００８－０６－０１", "2008-06-01"),
    ],
)  # fmt: skip
def test_dates_are_read_as_papers_write_them(written, iso):
    assert date(written) == iso


@pytest.mark.parametrize("written", ["2026年9月31日", "2008-13-01", "七十年代", "12/6", "1"])
def test_what_is_no_date_is_not_guessed(written):
    assert date(written) is UNREADABLE


@pytest.mark.parametrize("written", ["约100", "1.2.3", "12,34", "1e999", "nan ", True])
def test_what_is_no_number_is_not_guessed(written):
    assert number(written) is UNREADABLE


def test_every_material_is_known_by_code_label_and_synonym():
    for entry in materials().values():
        for word in (entry.code, entry.label_zh, *entry.synonyms):
            assert material(word) == entry.code


def test_every_code_is_known_by_itself_its_label_and_its_synonyms():
    for layer in layers().values():
        for attribute in layer.attributes:
            if attribute.value_type != "code" or attribute.name == "material":
                continue
            read = code(layer.name, attribute.name)
            entries = codes(layer.name, attribute.name)
            assert entries, f"{layer.name}.{attribute.name} has no code list"
            for entry in entries.values():
                assert {read(word) for word in (entry.code, entry.label_zh)} == {entry.code}
            if attribute.default:
                assert attribute.default in entries
