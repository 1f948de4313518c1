"""How figures and names stand on paper."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from design.documents.figures import capital_cny, figure, unlike_figures
from design.documents.glyphs import printable
from design.errors import DesignDataError
from tests.built_site import site_part


@pytest.mark.parametrize(
    ("amount", "capitals"),
    [  # 支付结算办法 附一 正确填写票据和结算凭证的基本规定, examples of the text itself
        ("1409.50", "壹仟肆佰零玖元伍角"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("0.00", "零元整"),
        ("100000000.00", "壹亿元整"),
    ],
)
def test_amounts_in_capitals_follow_the_payment_rules(amount, capitals):
    # The rules allow a 零 after 万 to be left out or written: both read the same.
    assert capital_cny(amount).replace("万零", "万") == capitals.replace("万零", "万")


@given(
    st.decimals(min_value=-1000, max_value=1000, places=6),
    st.sampled_from(["MPa", "m", "m/s", "L/s", "%", ""]),
)
def test_a_figure_is_the_value_within_half_its_last_place(value, unit):
    text = figure(float(value), unit)
    places = {"MPa": 3, "m": 2, "m/s": 2, "L/s": 2, "%": 2, "": 3}[unit]

    assert abs(Decimal(text) - value) <= Decimal(1).scaleb(-places) / 2


@given(st.floats(0.0, 2.0), st.floats(0.0, 2.0))
def test_measured_and_limit_read_alike_only_when_they_are(measured, limit):
    left, right = unlike_figures(measured, limit, "MPa")

    if abs(measured - limit) > 1e-8:
        assert Decimal(left) != Decimal(right)


def test_a_character_no_font_has_stands_as_its_code_point_and_the_rest_stays():
    fonts = site_part("fonts")

    shown = printable({"name": ["𠮷㙟塱淏骉", "\U0002a6d6", "a\x00\u202eb"]}, fonts)

    assert shown == ({"name": ["𠮷㙟塱淏骉", "〔U+2A6D6〕", "a〔U+202E〕b"]}, ["U+202E", "U+2A6D6"])


def test_a_folder_without_fonts_is_refused_by_name(tmp_path):
    with pytest.raises(DesignDataError) as refusal:
        printable("𠮷", tmp_path)

    assert refusal.value.code == "document-fonts-missing"
    assert refusal.value.params["folder"] == str(tmp_path)
