"""Node details: every standard detail of the data has a drawing with each of its parts numbered, inside its field, readable."""

import itertools
import math

import pytest

from design.documents.draft.details import detail_sheets
from design.documents.draft.draft import BALLOON_MM, Draft, text_width_mm
from design.documents.draft.kinds import KINDS
from design.documents.words import Words
from design.works.assembly_book import assembly_rows

OWN_MM = {
    "thrust": {"width": 700, "height": 400, "thickness": 400},
    "trench": {"width": 900, "depth": 1300, "bedding": 100, "cover": 1000},
    "sheeting": {"width": 1300, "depth": 2600, "bedding": 100, "cover": 2000},
    "casing": {"length": 12000, "casing_dn": 300},
}


def option_with(row, dn, *, reason="转角 45°"):
    """An option whose only detail is that one, with all the parts its list may have."""
    parts = {
        part.no: {
            "no": part.no, "name": part.name_zh, "name_en": part.name_en, "spec": "DN", "unit": part.unit, "count": "1",
        }
        for part in row.parts
    }  # fmt: skip
    sizes = {**row.dimensions_mm, **OWN_MM.get(row.kind, {}), **({"depth": 1450} if row.is_well else {})}
    assembly = {
        "code": row.code, "kind": row.kind, "name": row.name_zh, "name_en": row.name_en, "drawing": row.atlas, "count": 1,
        "reason": reason, "reason_en": reason, "dimensions_mm": sizes, "parts": list(parts.values()),
    }  # fmt: skip
    method = row.rule.get("method", ["cut-in"])[0]
    return {
        "connection": {
            "pipe_dn": max(200, dn), "dn": dn, "method": method, "pipe_material": "DI", "pipe_id": "P-1", "method_text": "接法",
        },
        "service_pipe": {"dn": dn, "outer_diameter_mm": dn * 1.1, "series": f"DN{dn}", "material": "DI"},
        "meter": {"dn": dn}, "devices": None, "inlets": None, "assemblies": [assembly],
        "works": {
            "cover_depth_m": 1.0, "trench_depth_m": 1.3, "trench_width_m": 0.9, "trench_top_width_m": 0.9, "bedding_m": 0.1,
        },
    }  # fmt: skip


CASES = [
    pytest.param(row, int(row.rule[end]), id=f"{row.code}-{row.rule[end]}")
    for row in assembly_rows()
    for end in ("dn_min", "dn_max")
]


def balloons_of(draft):
    """Numbers in circles: their places."""
    rounds = [
        (i["x"], i["y"]) for i in draft.items if i["k"] == "ellipse" and math.isclose(i["a"], BALLOON_MM)
    ]
    words = [i for i in draft.items if i["k"] == "text"]
    told = [
        next(w["t"] for w in words if math.dist((w["x"], w["y"] - 0.9), place) < 0.01) for place in rounds
    ]
    return dict(zip(map(int, told), rounds, strict=True))


@pytest.mark.parametrize(("row", "dn"), CASES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_part_of_every_standard_detail_is_numbered_on_its_drawing(row, dn, language):
    option = option_with(row, dn)
    ((draft, _),) = detail_sheets(option, Words(language))

    found = balloons_of(draft)
    assert set(found) == {part["no"] for part in option["assemblies"][0]["parts"]}
    assert all(math.dist(a, b) > 2 * BALLOON_MM for a, b in itertools.combinations(found.values(), 2))


@pytest.mark.parametrize(("row", "dn"), CASES)
def test_a_detail_stays_inside_its_sheet(row, dn):
    ((draft, _),) = detail_sheets(option_with(row, dn), Words("zh"))

    for item in draft.items:
        if item["k"] == "line":
            xs, ys = zip(*item["p"], strict=True)
        elif item["k"] == "ellipse":
            xs, ys = (
                (item["x"] - item["a"], item["x"] + item["a"]),
                (item["y"] - item["b"], item["y"] + item["b"]),
            )
        else:
            half = (
                text_width_mm(item["t"], item["h"]) / 2
                if item["anchor"] == "middle" and not item["turn"]
                else 0
            )
            xs, ys = (item["x"] - half, item["x"] + half), (item["y"], item["y"])
        assert min(xs) >= -0.01, item
        assert max(xs) <= draft.width_mm + 0.01, item
        assert min(ys) >= -0.01, item
        assert max(ys) <= draft.height_mm + 0.01, item


def test_no_kind_of_standard_detail_is_left_without_a_drawing():
    assert {row.kind for row in assembly_rows()} <= set(KINDS)


def test_a_block_behind_a_tee_shows_the_main_and_behind_a_bend_its_angle():
    row = next(row for row in assembly_rows() if row.kind == "thrust")
    ((tee, _),) = detail_sheets(option_with(row, 100, reason="转角 0°（0 为三通）"), Words("zh"))
    ((bend, _),) = detail_sheets(option_with(row, 100, reason="转角 45°"), Words("zh"))

    assert any(item["s"] == "existing" for item in tee.items)
    legs = [
        item["p"]
        for item in bend.items
        if item["k"] == "line" and item["s"] == "centre" and len(item["p"]) == 2
    ]
    ways = [math.atan2(end[1] - start[1], end[0] - start[0]) for start, end in legs]
    turn = math.degrees(abs(ways[0] - ways[1]))
    assert min(turn, 360 - turn) == pytest.approx(180 - 45, abs=0.1)


def test_a_number_that_finds_its_place_taken_moves_aside():
    draft = Draft(100.0, 100.0)
    draft.balloon(1, (50.0, 40.0), (50.0, 50.0))
    draft.balloon(2, (50.0, 40.0), (50.5, 50.0))
    draft.settle()

    one, other = balloons_of(draft).values()
    assert one == (50.0, 40.0)
    assert math.dist(one, other) > 2 * BALLOON_MM
