"""The priority score of engineering-reference 7.2."""

from datetime import date

import networkx as nx
import numpy as np
import pytest

from design.renewal.assessment.condition import assess
from design.renewal.assessment.runs import run_numbers
from tests.design.renewal_town import (
    ON,
    assessed,
    leak,
    network_of,
    parameters,
    pipe,
    random_city,
    table_of,
    verdict,
)


@pytest.mark.parametrize(
    ("row", "breaks", "expected"),
    [
        # 0.35*1.0 + 0.25*min(46/50, 1.5)/1.5 + 0.25*min(60/50, 1)
        (pipe(material="GCI", lining="unlined", installed_on="1978-03-01", length_m=500.0), 3, 0.35 + 0.25 * 0.92 / 1.5 + 0.25),
        # 0.35*0.1 + 0.25*(34/50)/1.5, no break
        (pipe(material="DI", installed_on="1990-03-01"), 0, 0.035 + 0.25 * 0.68 / 1.5),
        # 0.35*0.8 + 0.25*1 (44/20 > 1.5) + 0.25*min(20/50, 1): one break in ten years on 0.5 km
        (pipe(material="GS", installed_on="1980-03-01", length_m=500.0), 1, 0.28 + 0.25 + 0.25 * 20 / 50),
    ],
)  # fmt: skip
def test_the_score_follows_the_published_formula(row, breaks, expected):
    records = [leak("P1", f"20{15 + n}-01-01", f"B{n + 1}") for n in range(breaks)]
    found = verdict(assessed([row], records, breaks={"known_since": date(2000, 1, 1)}))
    assert found["score"] == pytest.approx(expected, abs=1e-12)


def test_a_recent_leak_and_a_quality_complaint_add_their_weights():
    row = pipe(installed_on="2010-03-01")
    plain = verdict(assessed([row], [leak("P1", "2020-01-01")]))["score"]
    leaking = verdict(assessed([row], [leak("P1", "2020-01-01", kind="leak")]))["score"]
    dirty = verdict(assessed([row], [leak("P1", "2020-01-01")], score={"quality_pipe_ids": ["P1"]}))["score"]
    assert leaking - plain == pytest.approx(0.10)
    assert dirty - plain == pytest.approx(0.05)


def test_the_parts_sum_to_the_score_for_every_pipe_of_a_random_city():
    pipes = assess(random_city(3), on=ON, parameters=parameters()).pipes
    parts = pipes[["part_material", "part_age", "part_break", "part_leak", "part_quality"]].sum(axis=1)
    assert np.abs(parts - pipes["score"]).max() < 1e-9
    assert (pipes["score_possible"] >= pipes["score"] - 1e-12).all()
    assert pipes["score"].nunique() > 100


def test_unknown_facts_widen_the_range_and_do_not_raise_the_score():
    rows = [
        pipe("known", "GCI", "1978-03-01", lining="lined"),
        pipe("open", "GCI", "1978-03-01"),
        pipe("worst", "GCI", "1978-03-01", lining="unlined"),
    ]
    assessment = assessed(rows)
    assert verdict(assessment, "open")["score"] == verdict(assessment, "known")["score"]
    assert verdict(assessment, "open")["score_possible"] == pytest.approx(
        verdict(assessment, "worst")["score"]
    )


def test_candidates_come_certain_first_and_by_score():
    listed = assess(random_city(4), on=ON, parameters=parameters()).candidates()
    certain = listed["certainty"] == "certain"
    assert certain.is_monotonic_decreasing and certain.any() and not certain.all()
    assert listed.loc[certain, "score"].is_monotonic_decreasing
    assert listed.loc[~certain, "score_possible"].is_monotonic_decreasing


def test_a_short_piece_takes_the_break_rate_of_the_run_it_is_cut_from():
    cut = [
        pipe(
            f"P{n}",
            "DI",
            "2010-03-01",
            start_node_id=f"N{n}",
            end_node_id=f"N{n + 1}",
            length_m=20.0,
            road_name="甲路",
        )
        for n in range(10)
    ]
    side = pipe(
        "side", "DI", "2010-03-01", start_node_id="N5", end_node_id="N99", length_m=20.0, road_name="乙路"
    )
    records = [leak("P0", "2020-01-01", "B1"), leak("P3", "2021-01-01", "B2")]
    since = {"known_since": date(2000, 1, 1)}

    found = assessed([*cut, side], records, breaks=since)
    alone = assessed([*cut, side], records, breaks={**since, "rate_basis": "pipe"})

    # Two breaks in ten years on 200 m: one a km and year. On 20 m alone one break is five.
    assert [verdict(found, i)["rate_per_km_year"] for i in ("P0", "P9", "side")] == pytest.approx(
        [1.0, 1.0, 0.0]
    )
    assert [verdict(alone, i)["rate_per_km_year"] for i in ("P0", "P9", "side")] == pytest.approx(
        [5.0, 0.0, 0.0]
    )
    assert [verdict(found, i)["cause_leakage"] for i in ("P0", "P9", "side")] == [2, 2, 0]


def test_runs_equal_a_search_from_pipe_to_pipe():
    rng = np.random.default_rng(5)
    rows = [
        pipe(
            f"P{n}",
            str(rng.choice(["DI", "PE"])),
            None,
            start_node_id=f"N{rng.integers(120)}",
            end_node_id=f"N{rng.integers(120)}",
        )
        for n in range(150)
    ]
    pipes = network_of(pipes=table_of(rows)).pipes

    found = run_numbers(pipes)

    ends = [({r["start_node_id"], r["end_node_id"]}, r["material"]) for r in rows]
    graph = nx.Graph()
    graph.add_nodes_from(range(len(rows)))
    graph.add_edges_from(
        (i, j) for i, (a, m) in enumerate(ends) for j, (b, k) in enumerate(ends[:i]) if m == k and a & b
    )
    parts = {frozenset(part) for part in nx.connected_components(graph)}
    assert {frozenset(np.flatnonzero(found == run)) for run in set(found)} == parts
    assert 10 < len(parts) < 140
