"""Breaks go to the pipe they happened on, never to one laid later."""

from datetime import date

import pytest
import shapely

from design.renewal.assessment.breaks import assign_breaks, known_breaks
from tests.design.renewal_town import leak, parameters, pipe, random_city, table_of

HERE = shapely.Point(50, 0)


def line(y, **more):
    return {"geometry": shapely.LineString([(0, y), (100, y)]), **more}


def assigned(pipes, row, **tables):
    from gis.schema import conform

    return assign_breaks(
        conform(table_of(pipes), "pipes"), conform(table_of([row]), "breaks"), parameters=parameters(**tables)
    ).iloc[0]


def test_a_recorded_pipe_is_believed_whatever_lies_nearer():
    near, far = pipe("near", installed_on="1990-01-02"), pipe("far", installed_on="1990-01-02", **line(900))
    found = assigned([near, far], leak("far", geometry=HERE))
    assert (found["pipe_id"], found["relation"], found["method"], found["probability"]) == (
        "far",
        "own",
        "recorded",
        1.0,
    )


@pytest.mark.parametrize(("precision", "relation"), [("day", "predecessor"), ("year", "own")])
def test_a_break_before_the_present_pipe_was_laid_is_its_predecessors(precision, relation):
    row = leak("P1", "2010-03-01")
    assert (
        assigned([pipe(installed_on="2010-09-15")], row, breaks={"installed_precision": precision})[
            "relation"
        ]
        == relation
    )
    assert (
        assigned([pipe(installed_on="2011-09-15")], row, breaks={"installed_precision": precision})[
            "relation"
        ]
        == "predecessor"
    )


def test_a_break_on_the_day_of_laying_or_in_a_year_alone_is_the_pipes_own():
    assert assigned([pipe(installed_on="2010-03-01")], leak("P1", "2010-03-01"))["relation"] == "own"
    assert assigned([pipe(year=2010)], leak("P1", "2010-03-01"))["relation"] == "own"


def test_the_same_material_and_size_beat_a_nearer_pipe():
    near = pipe("near", "PE", "1990-01-02", dn=100, **line(1))
    twin = pipe("twin", "GCI", "1990-01-02", dn=200, **line(9))
    found = assigned([near, twin], leak(None, dn=200, material="GCI", geometry=HERE))
    assert (found["pipe_id"], found["method"]) == ("twin", "place-material-dn")
    assert found["distance_m"] == pytest.approx(9.0)


def test_a_pipe_laid_after_the_break_is_passed_over_and_alone_means_a_predecessor():
    new, old = (
        pipe("new", installed_on="2021-01-02", **line(1)),
        pipe("old", installed_on="1990-01-02", **line(9)),
    )
    row = leak(None, "2015-01-01", geometry=HERE)
    assert assigned([new, old], row)["pipe_id"] == "old"
    alone = assigned([new], row)
    assert (alone["relation"], alone["method"]) == ("predecessor", "place-predecessor")


def test_a_recorded_pipe_that_is_gone_is_looked_for_by_place_and_may_find_nothing():
    row = leak("gone", geometry=HERE)
    assert assigned([pipe(installed_on="1990-01-02", **line(5))], row)["method"] == "place-any"
    nothing = assigned([pipe(installed_on="1990-01-02", **line(25))], row)
    assert (nothing["relation"], nothing["method"], nothing["pipe_id"]) == ("none", "none", None)


def test_two_pipes_at_equal_distance_share_the_probability():
    pipes = [
        pipe("a", installed_on="1990-01-02", **line(5)),
        pipe("b", installed_on="1990-01-02", **line(-5)),
    ]
    found = assigned(pipes, leak(None, geometry=HERE))
    assert (found["pipe_id"], found["probability"]) == ("a", pytest.approx(0.5))


def test_records_are_cut_to_the_span_they_are_known_for():
    rows = table_of(
        [
            leak("P1", day, day)
            for day in ("1999-12-31", "2000-01-01", "2020-06-30", "2020-07-01", "2024-01-01")
        ]
    )
    from gis.schema import conform

    limits = parameters(breaks={"known_since": date(2000, 1, 1), "known_until": date(2020, 6, 30)})
    found = known_breaks(conform(rows, "breaks"), on=date(2024, 6, 30), parameters=limits)
    assert list(found["break_id"]) == ["2000-01-01", "2020-06-30"]


@pytest.mark.parametrize("seed", [1, 2])
def test_assignment_equals_a_loop_over_every_pipe(seed):
    network = random_city(seed)
    found = assign_breaks(network.pipes, network.layer("breaks"), parameters=parameters())
    expected = [
        by_loop(network.pipes, row, reach_m=20.0) for row in network.layer("breaks").to_dict("records")
    ]

    assert list(found["pipe_id"]) == [e[0] for e in expected]
    assert list(found["relation"]) == [e[1] for e in expected]
    for got, (_, _, probability, distance_m) in zip(found.to_dict("records"), expected, strict=True):
        assert got["probability"] == pytest.approx(probability, abs=1e-9)
        if distance_m is not None:
            assert got["distance_m"] == pytest.approx(distance_m, abs=1e-9)
    assert len(found["method"].unique()) >= 6


def by_loop(pipes, record, reach_m):
    """The rule told again with plain loops: (pipe_id, relation, probability, distance)."""
    rows = pipes.to_dict("records")
    same_id = [p for p in rows if p["pipe_id"] == record["pipe_id"]]
    if same_id:
        later = same_id[0]["installed_on"] is not None and record["occurred_on"] < same_id[0]["installed_on"]
        return same_id[0]["pipe_id"], "predecessor" if later else "own", 1.0, None
    near = [(p["geometry"].distance(record["geometry"]), n, p) for n, p in enumerate(rows)]
    near = [c for c in near if c[0] <= reach_m]
    laid = [c for c in near if c[2]["installed_on"] is None or record["occurred_on"] >= c[2]["installed_on"]]

    def same_dn(p):
        return isinstance(record["dn"], int) and abs(p["dn"] - record["dn"]) <= 4

    def same_material(p):
        return record["material"] != "unknown" and p["material"] == record["material"]

    for test in (lambda p: same_dn(p) and same_material(p), same_dn, same_material, lambda p: True):
        if group := [c for c in laid if test(c[2])]:
            return (*_nearest(group, "own", reach_m),)
    return (*_nearest(near, "predecessor", reach_m),) if near else (None, "none", 0.0, None)


def _nearest(group, relation, reach_m):
    distance_m, _, best = min(group, key=lambda c: c[:2])
    weights = [(1 - c[0] / reach_m) ** 2 for c in group]
    share = (1 - distance_m / reach_m) ** 2 / sum(weights) if sum(weights) else 1 / len(group)
    return best["pipe_id"], relation, share, distance_m
