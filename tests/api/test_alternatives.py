"""Alternatives on the sample city: all are weighed, none that is shown loses to one that is not without a stated reason."""

import itertools
import json
import math
import random
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from pytest import approx
from shapely.geometry import LineString

from api.positions import wire_position
from api.settings import read_settings
from api.workbench import Workbench
from design.alternatives.weights import PARTS, shipped_weights
from gis.errors import InputError


@pytest.fixture(scope="module")
def bench(sample_workspace):
    settings = replace(read_settings(workspace=str(sample_workspace)), fixed_day=date(2026, 11, 21))
    opened = Workbench.open(settings)
    yield opened
    opened.close()


def request(at=(117.02, 36.66), **changes):
    return {
        "name": "甲", "site": {"position": list(at), "storeys": 6}, "use": {"type": "residential", "dwellings": 48},
        "options": {"count": 3}, **changes,
    }  # fmt: skip


@pytest.fixture(scope="module")
def many(bench):
    """Schemes for sites all over the city, of several sizes and heights."""
    rng, found = random.Random(11), []
    parcels = bench.network.layer("parcels")
    for _ in range(14):
        site = parcels.geometry.iloc[rng.randrange(len(parcels))].representative_point()
        at = wire_position(bench.network, (site.x, site.y))
        wanted = request(at, use={"type": "residential", "dwellings": rng.choice([6, 48, 300])})
        wanted["site"]["storeys"] = rng.choice([1, 6, 7])
        found.append(bench.plan(wanted))
    return found


def dominates(one, other):
    """At least as good in every part, and better in one."""
    pairs = [(one["parts"][name], other["parts"][name]) for name in PARTS]
    return all(own <= theirs for own, theirs in pairs) and any(own < theirs for own, theirs in pairs)


def test_no_option_shown_is_dominated_by_a_rejected_one_without_a_stated_reason(many):
    met = 0
    for scheme in many:
        for lost in scheme["rejected"]:
            for shown in scheme["options"]:
                if lost["score"] is None or not dominates(lost["score"], shown["score"]):
                    continue
                met += 1
                named = shown["connection"]["tapoff_id"]
                first = scheme["options"][0]["connection"]["tapoff_id"]
                stated = (first and f"预留口 {first} 优先" in lost["reason"]) or "差" in lost["reason"] or "个用户节点" in lost["reason"] or "校核不通过" in lost["reason"]  # fmt: skip
                assert stated, (lost, named)
    assert met > 0, "no pair put the rule to the test"


def test_the_score_is_the_sum_of_its_stated_parts_and_the_price_is_that_of_the_quote(many):
    for scheme in many:
        weights = scheme["provenance"]["weights"]
        for option in scheme["options"]:
            score = option["score"]
            assert score["total"] == approx(sum(score["parts"].values()), abs=0.01)
            assert Decimal(str(score["parts"]["cost"])) == Decimal(option["quote"]["total_cny"])
            lacking = max(weights["pressure_enough_m"] - option["check"]["margin_m"], 0.0)
            assert score["parts"]["pressure"] == approx(lacking * weights["pressure_cny_m"], abs=0.1)
            assert score["parts"]["days"] == approx(option["workdays"] * weights["days_cny"])


def test_among_equals_of_the_policy_the_lower_sum_goes_first(many):
    compared = 0
    for scheme in many:
        ranked = [one for one in scheme["options"] if one["feasible"]]
        for better, worse in itertools.pairwise(ranked):
            if better["connection"]["kind"] == worse["connection"]["kind"] == "tapoff":
                assert better["score"]["total"] <= worse["score"]["total"]
                compared += 1
    assert compared > 0, "no two options put the rule to the test"


def lines_of(scheme):
    """Routes that were worked out, by point: of the options shown and of those that lost."""
    found = {}
    for one in [*scheme["options"], *scheme["rejected"]]:
        if one["route"] is None or one["route"]["number"] is None:
            continue
        place, route = one["connection"], one["route"]
        found.setdefault((place["kind"], place["tapoff_id"] or place["pipe_id"]), []).append(route)
    return found


def metres(coordinates):
    """A line of lon, lat in metres on a plane: good to a thousandth over some hundred metres."""
    lon, lat = coordinates[0]
    across = 111_320.0 * math.cos(math.radians(lat))
    return LineString([((x - lon) * across, (y - lat) * 110_946.0) for x, y in coordinates])


def test_routes_of_a_point_are_numbered_few_and_really_different(many):
    several = 0
    for scheme in many:
        for routes in lines_of(scheme).values():
            numbers = sorted(route["number"] for route in routes)
            assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) <= 3
            several += len(numbers) > 1
            for route, other in itertools.combinations(sorted(routes, key=lambda one: one["number"]), 2):
                assert route["geometry"]["coordinates"][0] == other["geometry"]["coordinates"][0]
                assert route["geometry"]["coordinates"][-1] == other["geometry"]["coordinates"][-1]
                origin = route["geometry"]["coordinates"]
                one, two = metres(origin), metres([origin[0], *other["geometry"]["coordinates"][1:]])
                common = two.intersection(one.buffer(2.0)).length / two.length
                assert common <= 0.7 + 0.02, (common, route["how"], other["how"])
    assert several > 5


def test_every_route_that_was_not_worked_out_says_why_with_its_length(many):
    told = [
        lost for scheme in many for lost in scheme["rejected"]
        if lost["route"] is not None and lost["route"]["number"] is None
    ]  # fmt: skip
    assert told
    for lost in told:
        assert lost["score"] is None and f"{lost['route']['length_m']:.1f} m" in lost["reason"]
        assert any(words in lost["reason"] for words in ("同位", "超过最省路由", "只比较"))
        assert len(lost["route"]["geometry"]["coordinates"]) >= 2


def test_another_route_of_the_first_choice_says_how_it_runs_and_by_how_much_it_lost(many):
    told = 0
    for scheme in many:
        first = scheme["options"][0]["connection"]
        for lost in scheme["rejected"]:
            route = lost["route"]
            if lost["connection"]["tapoff_id"] != first["tapoff_id"] or (route or {}).get("number") in {
                None,
                1,
            }:
                continue
            told += 1
            assert route["how"] in lost["reason"] and "折算" in lost["reason"] or "差" in lost["reason"]
            assert route["how_en"] in lost["reason_en"]
    assert told > 3


def test_as_many_routes_are_compared_as_the_request_asks_for(bench):
    alone = bench.plan(request(options={"count": 3, "routes": 1}))
    assert all(route["number"] == 1 for routes in lines_of(alone).values() for route in routes)
    assert not [lost for lost in alone["rejected"] if lost["route"] and lost["route"]["number"] is None]
    five = bench.plan(request(options={"count": 3, "routes": 5}))
    assert max(len(routes) for routes in lines_of(five).values()) > 1
    assert five["options"][0]["connection"] == alone["options"][0]["connection"]


@pytest.mark.parametrize("routes", [0, 6, "all", 1.5])
def test_a_number_of_routes_that_makes_no_sense_is_refused(bench, routes):
    with pytest.raises(InputError):
        bench.plan(request(options={"routes": routes}))


def test_the_least_an_alternative_can_be_weighed_at_is_never_more_than_what_it_is(bench, monkeypatch):
    from design.alternatives import choosing
    from design.alternatives.sketch import Figures

    met = []

    def both(entry, case):
        figures = sketch(entry, case)
        if isinstance(figures, Figures):
            met.append((least_of(entry, case), figures))
        return figures

    sketch, least_of = choosing.sketch, choosing.least_of
    monkeypatch.setattr(choosing, "sketch", both)
    monkeypatch.setattr(choosing._Race, "_settled", lambda *_: False)
    for at, dwellings in (((117.02, 36.66), 48), ((117.0215, 36.6612), 6), ((117.0185, 36.6588), 300)):
        for weights in ({}, {"risk": 5, "digging": 0}, {"cost": 0.5, "tapoff_first": False}):
            bench.plan(request(at, weights=weights, use={"type": "residential", "dwellings": dwellings}))
    assert len(met) > 80
    for least, figures in met:
        assert least.first == figures.first and least.cost_cny <= float(figures.total_cny)
        assert all(least.score.parts[name] <= figures.score.parts[name] for name in PARTS)
        assert least.key <= figures.key
    shares = [least.score.total_cny / figures.score.total_cny for least, figures in met]
    assert max(shares) > 0.6, "a bound so far off spares nobody"


def test_with_every_alternative_sketched_the_same_options_are_shown(bench, many, monkeypatch):
    from design.alternatives import choosing

    class Eager(choosing._Race):
        def enter(self, entries, progress):
            super().enter(entries, progress)
            for one in list(self.waiting):
                if isinstance(one, choosing.Least):
                    self._sketch(one)

    monkeypatch.setattr(choosing, "_Race", Eager)
    for scheme in many:
        again = bench.plan(scheme["request"])
        told = [
            [(one["connection"], one["route"], one["score"]) for one in each["options"]]
            for each in (scheme, again)
        ]
        assert json.dumps(told[0]) == json.dumps(told[1])


def test_what_was_not_worked_out_says_what_it_costs_at_least(many):
    told = [lost for scheme in many for lost in scheme["rejected"] if "至少" in lost["reason"]]
    assert len(told) > 20
    for lost in told:
        assert (
            lost["score"] is None and "未核算水力" in lost["reason"] and "not worked out" in lost["reason_en"]
        )
        length_m = float(re.search(r"路由 ([\d.]+) m", lost["reason"])[1])
        assert length_m == approx(lost["route"]["length_m"], abs=0.051)


def test_every_loser_that_could_be_built_says_its_price_length_and_margin_against_the_first_choice(many):
    told = [lost for scheme in many for lost in scheme["rejected"] if lost["score"] is not None]
    assert len(told) > 50
    for lost in told:
        assert "元" in lost["reason"] and " m" in lost["reason"] and "CNY" in lost["reason_en"]


def test_the_first_choice_says_why_it_is_not_the_nearer_one(bench):
    best = bench.plan(request())["options"][0]
    (told,) = [reason for reason in best["reasons"] if reason.startswith("更近的")]
    assert (
        "JS1321-JS939" in told
        and "预留口优先" not in told
        and f"预留口 {best['connection']['tapoff_id']} 优先" in told
    )
    assert "元" in told


def test_without_the_policy_of_tapoffs_first_the_lower_sum_wins(bench):
    first = bench.plan(request())["options"][0]
    free = bench.plan(request(weights={"tapoff_first": False}))["options"]
    assert first["connection"]["kind"] == "tapoff"
    assert free[0]["connection"]["kind"] == "new-tap"
    assert free[0]["score"]["total"] < first["score"]["total"]
    totals = [one["score"]["total"] for one in free[:2]]
    assert totals == sorted(totals)


def test_a_weight_of_the_request_changes_its_part_and_is_frozen_with_the_scheme(bench):
    plain, heavy = bench.plan(request()), bench.plan(request(weights={"risk": 10, "digging": 0}))
    by_place = {one["connection"]["position"][0]: one["score"]["parts"] for one in plain["options"]}
    for option in heavy["options"]:
        parts = by_place.get(option["connection"]["position"][0])
        if parts is not None:
            assert option["score"]["parts"]["risk"] == approx(10 * parts["risk"])
            assert option["score"]["parts"]["digging"] == 0.0
    told = heavy["provenance"]["weights"]
    assert (told["risk"], told["digging"], told["file"]) == (10.0, 0.0, shipped_weights().mark)


@pytest.mark.parametrize(
    "weights", [{"risk": -1}, {"risk": "much"}, {"beauty": 1}, {"tapoff_first": "no"}, 7]
)
def test_weights_that_make_no_sense_are_refused(bench, weights):
    with pytest.raises(InputError):
        bench.plan(request(weights=weights))


def test_the_same_question_has_the_same_answer_to_the_last_digit_whatever_was_asked_before(bench, many):
    first = bench.plan(request())
    bench.plan(request((117.0215, 36.6612), use={"design_flow_lps": 40.0}))
    again = bench.plan(request())
    for document in (first, again):
        del document["provenance"]["created"]
    assert json.dumps(first) == json.dumps(again)


def pinned(**changes):
    return request(connection={"reason": "现场已开挖", "by": "王工", **changes})


def test_a_pinned_point_goes_first_with_its_reason_and_the_others_say_that_it_was_decided(bench):
    plain = bench.plan(request())
    other = plain["rejected"][0]["connection"]["tapoff_id"]
    document = bench.plan(pinned(tapoff_id=other))
    best = document["options"][0]
    assert best["connection"]["tapoff_id"] == other
    assert best["pinned"] == {"reason": "现场已开挖", "by": "王工", "route_given": False, "dn": None}
    assert "现场已开挖" in best["reasons"][0] and "王工" in best["reasons"][0]
    former = plain["options"][0]["connection"]["tapoff_id"]
    assert former in [one["connection"]["tapoff_id"] for one in document["options"][1:]]
    assert all(one.get("pinned") is None for one in document["options"][1:])


def test_a_pinned_size_and_route_are_taken_as_given(bench):
    best = bench.plan(request())["options"][0]
    line, size = best["route"]["geometry"]["coordinates"], best["connection"]["dn"]
    around = [line[0], [line[0][0] + 1e-4, line[0][1]], *line[1:]]
    route = {"type": "LineString", "coordinates": around}
    found = bench.plan(pinned(tapoff_id=best["connection"]["tapoff_id"], route=route, dn=size))["options"][0]
    assert found["service_pipe"]["dn"] == size > best["service_pipe"]["dn"]
    assert found["service_pipe"]["velocity_mps"] < best["service_pipe"]["velocity_mps"]
    assert found["route"]["length_m"] > best["route"]["length_m"] + 5.0
    assert found["route"]["basis"] == "drawn" and found["pinned"]["route_given"]


def test_a_pinned_pipe_too_small_in_size_is_drawn_and_fails_by_its_velocity(bench):
    best = bench.plan(request())["options"][0]
    found = bench.plan(pinned(tapoff_id=best["connection"]["tapoff_id"], dn=25))["options"][0]
    assert found["service_pipe"]["dn"] == 25 and not found["feasible"]
    assert [one for one in found["findings"] if one["rule"] == "service-velocity"][0]["verdict"] == "fail"


def test_a_pinned_main_is_tapped_where_it_is_nearest(bench):
    main = next(one for one in bench.plan(request())["options"] if one["connection"]["kind"] == "new-tap")
    found = bench.plan(pinned(pipe_id=main["connection"]["pipe_id"]))["options"][0]
    assert found["connection"] == main["connection"]


@pytest.mark.parametrize(
    "pin",
    [
        {"tapoff_id": "NOWHERE"}, {"pipe_id": "NOWHERE"}, {}, {"tapoff_id": "YLK00027", "reason": ""},
        {"tapoff_id": "YLK00026"}, {"tapoff_id": "YLK00027", "route": [[117.0, 36.0], [117.1, 36.1]]},
        {"tapoff_id": "YLK00027", "pipe_id": "JS1321-JS939"}, {"tapoff_id": "YLK00027", "route": "straight"},
    ],
)  # fmt: skip
def test_a_pin_that_cannot_be_is_refused_in_words(bench, pin):
    with pytest.raises(InputError):
        bench.plan(pinned(**pin))
