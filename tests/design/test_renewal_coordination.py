"""Going along with others' works, and no-dig periods, in space and time."""

from datetime import date, timedelta

import numpy as np
import pytest
import shapely

from design.renewal.matching.bans import blocked_through
from design.renewal.assessment.condition import assess
from design.renewal.matching.coordination import coordinate
from design.renewal.reports.coordination_report import coordination_document
from tests.design.renewal_town import network_of, parameters, pipe, random_city, table_of

ON = date(2026, 11, 21)
ALONG = shapely.LineString([(-200, 0), (300, 0)])
ACROSS = shapely.LineString([(0, -200), (0, 200)])


def coordinated(*, streets=(), works=(), renovations=(), on=ON, **tables):
    """One asbestos pipe of 100 m along the x axis, and what happens around it."""
    network = network_of(
        pipes=table_of([pipe("P1", "AC", "1980-01-02")]), streets=table_of(streets), road_works=table_of(works),
        renovations=table_of(renovations),
    )  # fmt: skip
    chosen = parameters(**tables)
    assessment = assess(network, on=on, parameters=chosen)
    return coordinate(assessment, network, on=on, parameters=chosen)


def only(coordination):
    return coordination_document(coordination)["pipes"][0]


def street(**dates):
    return {"street_id": "S1", "name": "文化路", "width_m": 20.0, "geometry": ALONG, **dates}


def work(kind="overhaul", starts="2027-03-01", ends="2027-10-31", work_id="W1", **more):
    return {
        "work_id": work_id, "name": "文化路大修", "kind": kind, "starts_on": starts, "ends_on": ends, "status": "planned",
        "geometry": ALONG, **more,
    }  # fmt: skip


def renovation(starts="2028-03-01", ends="2028-11-30", **more):
    return {
        "renovation_id": "R1", "name": "幸福里改造", "starts_on": starts, "ends_on": ends, "status": "planned",
        "geometry": shapely.box(-10, -50, 60, 50), **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("start", "years", "last"),
    [("2022-06-30", 5, "2027-06-30"), ("2023-09-15", 3, "2026-09-15"), ("2024-02-29", 5, "2029-02-28")],
)
def test_the_last_blocked_day_of_the_reference(start, years, last):
    assert str(blocked_through(np.array([start], dtype="datetime64[D]"), years)[0]) == last


@pytest.mark.parametrize(
    ("dates", "on", "allowed"),
    [
        ({"opened_on": "2022-06-30"}, date(2027, 6, 30), "2027-07-01"), ({"opened_on": "2022-06-30"}, date(2027, 7, 1), None),
        ({"paved_on": "2023-09-15"}, date(2026, 9, 15), "2026-09-16"), ({"paved_on": "2023-09-15"}, date(2026, 9, 16), None),
    ],
)  # fmt: skip
def test_a_street_is_blocked_through_its_last_day_and_free_the_day_after(dates, on, allowed):
    found = only(coordinated(streets=[street(**dates)], on=on))
    assert found["outcome"] == ("free" if allowed is None else "after-ban")
    assert found["earliest_on"] == (allowed or on.isoformat())
    if allowed:
        assert found["recommended_year"] == int(allowed[:4])
        assert found["sentence_zh"].startswith(f"{allowed}前禁挖")


def test_of_two_bans_the_later_one_counts():
    found = only(coordinated(streets=[street(opened_on="2022-06-30", paved_on="2025-05-01")]))
    assert found["blocked_through"] == "2028-05-01"
    assert "大修" in found["blocked_by_zh"]


def test_finished_road_works_block_like_a_street_and_utility_works_do_not():
    done = {"starts": "2025-01-01", "ends": "2025-08-31", "status": "done"}
    assert only(coordinated(works=[work("new", **done)]))["blocked_through"] == "2030-08-31"
    assert only(coordinated(works=[work("overhaul", **done)]))["blocked_through"] == "2028-08-31"
    assert only(coordinated(works=[work("utility", **done)]))["blocked_through"] is None


def test_a_pipe_goes_with_the_road_overhaul_and_hears_what_missing_it_costs():
    found = only(coordinated(works=[work()]))
    assert (found["outcome"], found["recommended_year"], found["programme_id"]) == (
        "with-programme",
        2027,
        "W1",
    )
    assert found["sentence_zh"] == "随2027年文化路大修一并实施；错过则竣工后禁挖至2030-10-31"
    assert found["overlap_m"] == 100.0


def test_a_pipe_goes_with_its_communitys_renovation_for_the_part_inside():
    found = only(coordinated(renovations=[renovation()]))
    assert found["sentence_zh"] == "随2028年幸福里改造一并实施"
    assert (found["overlap_m"], found["overlap_share"]) == (60.0, 0.6)


def test_the_first_opening_is_taken_because_the_road_closes_after_it():
    both = coordinated(works=[work()], renovations=[renovation()])
    assert only(both)["programme_id"] == "W1"
    assert {row["programme_id"] for row in coordination_document(both)["matches"]} == {"W1", "R1"}


def test_a_ban_moves_the_start_within_a_renovation_or_rules_it_out():
    partly = only(coordinated(streets=[street(opened_on="2023-06-30")], renovations=[renovation()]))
    assert (partly["outcome"], partly["window_from"]) == ("with-programme", "2028-07-01")
    out = only(coordinated(streets=[street(opened_on="2024-06-30")], renovations=[renovation()]))
    assert (out["outcome"], out["recommended_year"], out["programme_id"]) == ("conflict", 2029, None)
    assert "幸福里改造" in out["sentence_zh"] and "批准" in out["sentence_zh"]


def test_works_that_open_the_road_themselves_take_the_pipe_during_a_ban_and_others_do_not():
    banned = [street(opened_on="2025-06-30")]
    assert only(coordinated(streets=banned, works=[work("widen")]))["outcome"] == "with-programme"
    assert only(coordinated(streets=banned, works=[work("utility")]))["outcome"] == "conflict"


def test_a_street_or_works_that_only_cross_the_pipe_do_not_count():
    crossing = coordinated(
        streets=[street(opened_on="2025-06-30", geometry=ACROSS)], works=[work(geometry=ACROSS)]
    )
    assert only(crossing)["outcome"] == "free"
    assert not coordination_document(crossing)["matches"]


def test_cancelled_past_and_distant_programmes_are_not_offered_and_undated_ones_are_named():
    assert only(coordinated(works=[work(status="cancelled")]))["outcome"] == "free"
    assert only(coordinated(works=[work(starts="2025-03-01", ends="2026-11-20")]))["outcome"] == "free"
    assert only(coordinated(works=[work(starts="2031-11-22", ends="2032-10-31")]))["outcome"] == "free"
    assert (
        only(coordinated(works=[work(starts="2031-11-21", ends="2032-10-31")]))["outcome"] == "with-programme"
    )
    for dates in ({"starts": None, "ends": None}, {"starts": "2028-05-01", "ends": "2027-05-01"}):
        undated = coordinated(works=[work(**dates)])
        assert only(undated)["outcome"] == "undated"
        assert coordination_document(undated)["data_gaps"]["programmes_without_dates"] == 1


def test_a_pipe_without_a_place_is_listed_only():
    network = network_of(pipes=table_of([pipe("P1", "AC", geometry=None)]), road_works=table_of([work()]))
    assessment = assess(network, on=ON, parameters=parameters())
    coordination = coordinate(assessment, network, on=ON, parameters=parameters())
    assert only(coordination)["outcome"] == "no-place"
    assert coordination_document(coordination)["data_gaps"]["pipes_without_place"] == 1


def test_programmes_say_how_much_could_and_how_much_should_go_with_them():
    rows = {
        r["programme_id"]: r
        for r in coordination_document(coordinated(works=[work()], renovations=[renovation()]))["programmes"]
    }
    assert (rows["W1"]["pipes"], rows["W1"]["recommended_pipes"], rows["W1"]["recommended_km"]) == (1, 1, 0.1)
    assert (rows["R1"]["pipes"], rows["R1"]["recommended_pipes"], rows["R1"]["overlap_km"]) == (1, 0, 0.06)


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_coordination_equals_an_overlay_of_everything_with_everything(seed):
    network = random_city(seed)
    chosen = parameters()
    assessment = assess(network, on=ON, parameters=chosen)
    coordination = coordinate(assessment, network, on=ON, horizon_years=5, parameters=chosen)

    check_against_overlay(network, assessment, coordination)
    outcomes = coordination.pipes["outcome"].value_counts()
    assert {"with-programme", "after-ban", "free"} <= set(outcomes.index) and len(coordination.matches) > 20


def check_against_overlay(network, assessment, coordination):
    """Every pair of candidate and area, by plain loops, against what `coordinate` answered."""
    expected = overlay(network, assessment.candidates()["pipe_id"])
    document = coordination_document(coordination)
    matches = {(m["pipe_id"], m["programme_id"]): m for m in document["matches"]}
    assert set(matches) == {(p, w) for p, answer in expected.items() for w in answer["matches"]}
    for row in document["pipes"]:
        answer = expected[row["pipe_id"]]
        assert row["blocked_through"] == (answer["through"] and answer["through"].isoformat())
        assert (row["programme_id"], row["window_from"]) == answer["chosen"]
        for programme_id, (overlap_m, feasible) in answer["matches"].items():
            match = matches[row["pipe_id"], programme_id]
            assert match["overlap_m"] == pytest.approx(overlap_m, abs=0.006)
            assert match["feasible"] is feasible


def overlay(network, pipe_ids):
    lines = dict(zip(network.pipes["pipe_id"], network.pipes.geometry))
    return {pipe_id: _answer(network, lines[pipe_id]) for pipe_id in pipe_ids}


def _answer(network, line):
    through = None
    for shape, last in _ban_areas(network):
        if _together(line, shape) and (through is None or last > through):
            through = last
    free = ON if through is None else through + timedelta(days=1)
    matches, choices = {}, []
    for key, (programme_id, shape, starts, ends, rebuilds) in enumerate(_programme_areas(network)):
        if not (overlap_m := _together(line, shape)):
            continue
        begin = None if starts is None else (max(starts, ON) if rebuilds else max(starts, ON, free))
        feasible = begin is not None and begin <= min(ends, ON.replace(year=ON.year + 5))
        matches[programme_id] = (overlap_m, feasible)
        if feasible:
            choices.append((begin, -overlap_m, key, programme_id))
    chosen = min(choices) if choices else None
    return {
        "through": through,
        "matches": matches,
        "chosen": (chosen[3], chosen[0].isoformat()) if chosen else (None, None),
    }


def _together(line, shape):
    overlap_m = line.intersection(shape).length
    return overlap_m if overlap_m >= 30.0 or overlap_m >= 0.5 * line.length else 0.0


def _ban_areas(network):
    for row in network.layer("streets").to_dict("records"):
        width_m = row["width_m"] if row["width_m"] > 0 else 20.0
        for day, years in ((row["opened_on"], 5), (row["paved_on"], 3)):
            yield from _ban(row["geometry"], width_m / 2, day, years)
    for row in network.layer("road_works").to_dict("records"):
        years = {"new": 5, "widen": 5, "overhaul": 3}.get(row["kind"])
        if row["status"] == "done" and years:
            yield from _ban(row["geometry"], 15.0, row["ends_on"], years)


def _ban(line, reach_m, day, years):
    if day is not None:
        start = date.fromisoformat(day)
        last = start.replace(
            year=start.year + years, day=28 if (start.month, start.day) == (2, 29) else start.day
        )
        if start <= ON <= last:
            yield line.buffer(reach_m), last


def _programme_areas(network):
    """Open programmes within five years, in the order of layer and id."""
    for layer, key, reach_m in (("renovations", "renovation_id", 0.0), ("road_works", "work_id", 15.0)):
        rows = [
            r
            for r in network.layer(layer).to_dict("records")
            if r["status"] in ("planned", "approved", "running")
        ]
        for row in sorted(rows, key=lambda r: r[key]):
            starts, ends = (r and date.fromisoformat(r) for r in (row["starts_on"], row["ends_on"]))
            if starts and ends and ends < starts:
                starts = ends = None
            starts, ends = starts or ends, ends or starts
            if starts is None or (ends >= ON and starts <= ON.replace(year=ON.year + 5)):
                rebuilds = layer == "road_works" and row["kind"] != "utility"
                yield row[key], row["geometry"].buffer(reach_m), starts, ends, rebuilds
