import copy
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from design.errors import RequestError
from design.asked.uses import fixture_codes, use_types
from design.request import parse_request
from design.rules.ruleset import load_rules
from gis.messages import both_languages
from tests.contract_request import CONTRACT_REQUEST
from tests.design.works_builder import TODAY


def changed(path: str, value):
    document = copy.deepcopy(CONTRACT_REQUEST)
    *parents, last = path.split(".")
    place = document
    for key in parents:
        place = place[key]
    place[last] = value
    return document


def refusal(document) -> RequestError:
    with pytest.raises(RequestError) as caught:
        parse_request(document)
    assert both_languages(caught.value).count("\n") == 1
    return caught.value


def test_the_request_of_the_contract_is_read_whole():
    request = parse_request(CONTRACT_REQUEST)

    assert request.name == "某居住小区"
    assert request.position_xy == (117.02, 36.66)
    assert (request.crs, request.polygon, request.elevation_m) == (None, None, None)
    assert (request.storeys, request.option_count) == (6, 3)
    assert request.fire.outdoor_m3s == approx(0.015)
    assert request.uses[0].use_type == "residential"
    assert request.uses[0].figures["dwellings"] == 48
    assert request.design_flow_m3s is None
    assert request.assumptions == ()
    assert request.document == CONTRACT_REQUEST


def test_a_use_may_be_a_list_or_only_a_flow():
    several = parse_request(
        changed("use", [{"type": "office", "area_m2": 1200}, {"type": "shop", "area_m2": 300}])
    )
    flow = parse_request(changed("use", {"design_flow_lps": 3.2}))

    assert [use.use_type for use in several.uses] == ["office", "shop"]
    assert flow.uses[0].use_type is None
    assert flow.design_flow_m3s == approx(0.0032)


def test_what_is_left_out_is_filled_and_said():
    request = parse_request({"site": {"position": [117.0, 36.6]}, "use": {"type": "hotel", "beds": 20}})

    assert (request.storeys, request.option_count, request.fire.outdoor_m3s) == (6, 3, None)
    assert request.assumptions == ("site.storeys",)


def test_full_width_digits_are_digits():
    request = parse_request(changed("use.dwellings", "４８"))
    assert request.uses[0].figures["dwellings"] == 48


def test_a_red_line_is_a_polygon_and_places_the_site():
    ring = [[117.0, 36.0], [117.1, 36.0], [117.1, 36.1], [117.0, 36.1]]
    document = changed("site.polygon", {"type": "Polygon", "coordinates": [[*ring, ring[0]]]})
    del document["site"]["position"]

    request = parse_request(document)

    assert request.polygon.area == approx(0.01)
    assert request.polygon.contains(__import__("shapely").Point(request.position_xy))
    assert parse_request(changed("site.polygon", ring)).polygon.area == approx(0.01)


@pytest.mark.parametrize("value", [math.nan, math.inf, "abc", "", "1_000", True, None, [], {}])
def test_a_position_that_is_no_number_is_refused_by_name(value):
    error = refusal(changed("site.position", [value, 36.66]))
    assert error.params["field"] == "site.position[0]"


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("site.position", [117.02], "field-wrong-shape"),
        ("site.position", "117.02,36.66", "field-wrong-shape"),
        ("site.position", None, "field-missing"),
        ("site.storeys", 0, "field-out-of-range"),
        ("site.storeys", 201, "field-out-of-range"),
        ("site.storeys", 5.5, "field-not-whole"),
        ("site.storeys", -3, "field-out-of-range"),
        ("site.elevation_m", "high", "field-not-number"),
        ("site.crs", "CGCS2000", "field-wrong-shape"),
        ("site.polygon", [[0, 0], [1, 1]], "field-wrong-shape"),
        ("site.polygon", [[0, 0], [2, 2], [2, 0], [0, 2]], "field-wrong-shape"),
        ("site.polygon", {"type": "Point", "coordinates": [1, 2]}, "field-wrong-shape"),
        ("site.polygon", {"type": "Nonsense"}, "field-wrong-shape"),
        ("site.sotreys", 6, "field-unknown"),
        ("site", None, "field-missing"),
        ("site", [1, 2], "field-wrong-shape"),
        ("use", None, "field-missing"),
        ("use", [], "field-wrong-shape"),
        ("use", "residential", "field-wrong-shape"),
        ("use", [3], "field-wrong-shape"),
        ("use", {"dwellings": 3}, "field-missing"),
        ("use", {"type": "residential"}, "field-missing"),
        ("use", {"type": "spaceport", "area_m2": 3}, "use-unknown"),
        ("use", {"type": ["office"], "area_m2": 3}, "use-unknown"),
        ("use.dwelings", 4, "field-unknown"),
        ("use.dwellings", 0, "field-out-of-range"),
        ("use.dwellings", -48, "field-out-of-range"),
        ("use.dwellings", 1.5, "field-not-whole"),
        ("use.dwellings", 10**400, "field-not-number"),
        ("use.quota_lpcd", math.nan, "field-not-number"),
        ("use.fixtures", {"fountain": 3}, "field-unknown"),
        ("use.fixtures", {"wash-basin": -1}, "field-out-of-range"),
        ("use.fixtures", 3, "field-wrong-shape"),
        ("fire", {"outdoor_lps": -1}, "field-out-of-range"),
        ("fire", {"outdoor": 15}, "field-unknown"),
        ("options", {"count": 0}, "field-out-of-range"),
        ("options", {"count": 11}, "field-out-of-range"),
        ("name", 7, "field-wrong-shape"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_its_place(path, value, code):
    error = refusal(changed(path, value))
    assert error.code == code
    assert error.params["field"].startswith(path.split(".")[0])
    assert error.exit_status == 2


@pytest.mark.parametrize("document", [None, 3, "text", [], [CONTRACT_REQUEST]])
def test_a_document_that_is_no_object_is_refused(document):
    assert refusal(document).code == "field-wrong-shape"


def test_an_unknown_use_is_answered_with_the_known_ones():
    error = refusal(changed("use", {"type": "spaceport", "area_m2": 3}))
    assert {"residential", "office", "school", "hotel", "hospital", "shop"} <= set(
        error.params["known"].split(", ")
    )


def test_the_name_keeps_rare_characters_and_drops_control_characters():
    assert parse_request(changed("name", "𠮷㙟\x00\n小区 ")).name == "𠮷㙟小区"


def test_every_use_finds_its_rows_in_the_rules():
    rules = load_rules(on=TODAY)
    quotas = {
        row["quota_row"] for name in ("public-quotas", "dwelling-quotas") for row in rules.table(name).rows
    }
    alphas = {row["alpha_row"] for row in rules.table("public-alpha").rows}
    dense = {row["dense_row"] for row in rules.table("dense-percent").rows}
    for kind in use_types().values():
        assert kind.quota_row in quotas | {""}
        assert kind.alpha_row in (alphas if kind.method == "alpha" else alphas | {""})
        assert kind.dense_row in (dense if kind.method == "dense" else dense | {""})
    assert set(fixture_codes()) >= {row["fixture"] for row in rules.table("dense-percent").rows}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(["site", "use", "fire", "options", "name", "site.position", "site.polygon", "use.type",
                        "use.dwellings", "use.fixtures", "site.storeys", "site.crs", "options.count"]), JSON)  # fmt: skip
def test_anything_at_all_is_read_or_refused_in_words(path, value):
    document = changed(path, value)
    try:
        parse_request(document)
    except RequestError as error:
        assert both_languages(error)
        json.dumps(error.params, allow_nan=False)
