"""`tapwright isolate` and the segments of `tapwright outages` on the sample city, judged by its files read plainly."""

import csv

import geopandas as gpd
import pandas as pd
import pytest

from tests.api.command import said

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def pipe_with_customers(sample_sources):
    customers = gpd.read_file(sample_sources / "运行数据.gpkg", layer="用户水表")
    return customers["接水管段"].dropna().value_counts().index[0], customers


def test_the_notice_list_holds_the_customers_of_the_closed_pipes_and_those_behind(
    sample_workspace, pipe_with_customers, tmp_path
):
    pipe, customers = pipe_with_customers
    out = tmp_path / "notices.xlsx"
    answer = said(
        "isolate", "--workspace", sample_workspace, "--pipe", pipe, "--starts", "2026-11-25T08:00", "--hours", 6,
        "--out", out, "--json",
    ).document  # fmt: skip
    table = pd.read_excel(out, engine="calamine", dtype=str)

    assert answer["valves_known"] and answer["valves"]
    assert pipe in answer["pipe_ids"]
    assert answer["notify_by"] == "2026-11-24 08:00" and answer["ends"] == "2026-11-25 14:00"
    at_home = set(customers.loc[customers["接水管段"].isin(answer["pipe_ids"]), "户号"])
    without = set(table.loc[table["影响"] == "停水", "户号"])
    assert at_home and at_home <= without
    assert len(without) == answer["customers_out"]
    assert answer["by_pressure"]["unserved_lps"] == pytest.approx(answer["unserved_lps"], rel=0.02, abs=0.01)


def test_a_valve_that_does_not_turn_is_never_asked_to_be_closed(sample_workspace, pipe_with_customers):
    pipe, _ = pipe_with_customers
    words = ("isolate", "--workspace", sample_workspace, "--pipe", pipe, "--quick", "--json")
    first = said(*words).document
    stuck = next(valve["id"] for valve in first["valves"] if valve["feeds"])
    other = said(*words, "--failed-valve", stuck).document

    assert stuck not in {valve["id"] for valve in other["valves"]}
    assert set(first["pipe_ids"]) < set(other["pipe_ids"])
    assert other["customers_out"] >= first["customers_out"]
    told = {entry["failed_valve"]: entry for entry in first["alternatives"]}
    assert told[stuck]["customers_out"] == other["customers_out"]


def test_words_that_cannot_be_followed_are_refused(sample_workspace, pipe_with_customers, tmp_path):
    words = ("isolate", "--workspace", sample_workspace, "--pipe", pipe_with_customers[0])
    said(*words, "--failed-valve", "no-such").refused(2, "no-such")
    said(*words, "--starts", "tomorrow").refused(2, "tomorrow")
    said(*words, "--out", tmp_path / "list.doc").refused(2, "list.doc")
    said("isolate", "--workspace", sample_workspace, "--pipe", "no-pipe").refused(2, "no-pipe")


def test_every_pipe_of_a_segment_says_the_same_of_it(sample_workspace, tmp_path):
    out = tmp_path / "outages.csv"
    answer = said("outages", "--workspace", sample_workspace, "--out", out, "--json").document
    with out.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))

    assert answer["valves_known"] and len(rows) == answer["pipes"]
    by_segment = {}
    for row in rows:
        told = tuple(
            value for name, value in row.items() if name.startswith("segment_") or name == "valves_to_close"
        )
        by_segment.setdefault(row["segment_id"], set()).add(told)
    assert 1 < len(by_segment) < len(rows)
    assert all(len(told) == 1 for told in by_segment.values())
    # Shutting the whole segment takes at least what losing one pipe of it cuts off.
    assert all(float(row["segment_cut_off_lps"]) >= float(row["cut_off_lps"]) - 1e-3 for row in rows)


def test_valves_are_suggested_and_ranked(sample_workspace, tmp_path):
    out = tmp_path / "valves.csv"
    told = said(
        "valves", "suggest", "--workspace", sample_workspace, "--count", 7, "--out", out, "--json"
    ).document
    with out.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    saved = [float(row["saved_lps"]) for row in rows]
    assert told["valves_known"] and len(rows) == 7 and saved == sorted(saved, reverse=True) and saved[-1] > 0
    assert all(
        max(float(r["out_node_side_lps"]), float(r["out_pipe_side_lps"])) <= float(r["out_before_lps"])
        for r in rows
    )

    ranked = said("valves", "rank", "--workspace", sample_workspace, "--count", 5, "--json").document
    most = [valve["more_out_lps"] for valve in ranked["valves"]]
    assert len(most) == 5 and most == sorted(most, reverse=True)
    said("valves", "rank", "--workspace", sample_workspace, "--count", 0).refused(2, "0")
