"""
The city of Kitchener, graded against published figures.

Published shares (research notes A2, G3 and appendix): mains of asbestos or unlined grey iron 19.7 % of the length and 65.5 %
of the breaks; with 30 years in service 53.8 % and 96.1 %; with 30 years and an earlier break 24.5 % and 78.4 %. They are
sums over the test years 2013 to 2022 (824 breaks): each year's register is the pipes laid before it, each list is made from
what was known on 31 December before it, and the breaks are those of the year. The recipe drops mains shorter than 1 m.
"""

from datetime import date
from pathlib import Path

import pytest

from design.renewal.assessment.condition import assess
from design.renewal.reports.report import assessment_document
from gis.importing import import_sources
from tests.design.renewal_town import network_of, parameters

pytestmark = pytest.mark.real_data
MAPPING = Path(__file__).parents[1] / "gis" / "mappings" / "kitchener.toml"
PUBLISHED = {"class": (19.7, 65.5), "class-or-aged": (53.8, 96.1), "class-or-aged-broken": (24.5, 78.4)}


@pytest.fixture(scope="module")
def kitchener(shared_data):
    layers = import_sources([shared_data / "gis" / "kitchener"], mapping=MAPPING).layers
    return network_of(pipes=layers["pipes"], breaks=layers["breaks"])


@pytest.fixture(scope="module")
def recipe(kitchener):
    pipes = kitchener.pipes
    return network_of(
        pipes=pipes[pipes["length_m"] >= 1.0].reset_index(drop=True), breaks=kitchener.layer("breaks")
    )


@pytest.fixture(scope="module")
def assessment(kitchener):
    return assess(kitchener, on=date(2023, 6, 1), parameters=parameters())


def test_the_register_and_its_breaks_are_all_there(assessment):
    whole = assessment_document(assessment)["counts"]["all"]
    assert (whole["pipes"], round(whole["length_km"], 1)) == (15_903, 928.9)
    assert len(assessment.breaks) == 2_736


def test_breaks_older_than_the_present_main_are_predecessors(kitchener, assessment):
    by_year = assess(
        kitchener, on=date(2023, 6, 1), parameters=parameters(breaks={"installed_precision": "year"})
    )
    relations = by_year.breaks["relation"].value_counts()
    assert relations["predecessor"] == 317
    assert relations["own"] + relations["predecessor"] == 2_339
    assert relations["none"] == 397
    # Day by day 14 more are older than their main; they fall into the year it was laid.
    document = assessment_document(assessment)["breaks"]
    assert document["by_relation"]["predecessor"] - document["predecessor_same_year"] == 317


def test_the_year_1997_has_its_99_breaks(assessment):
    assert (assessment.breaks["occurred_on"].dt.year == 1997).sum() == 99


@pytest.mark.parametrize("precision", ["day", "year"])
def test_the_readings_of_the_national_list_have_their_published_shares(recipe, precision):
    chosen = parameters(breaks={"installed_precision": precision})
    grades = assess(recipe, on=date(2023, 6, 1), parameters=chosen).grades

    assert {(g.first_year, g.last_year, g.breaks_all) for g in grades} == {(2013, 2022, 824)}
    has_published_shares(grades)


def test_the_shares_hold_for_the_whole_register_as_imported(assessment):
    has_published_shares(assessment.grades)


def has_published_shares(grades):
    grades = {grade.reading: grade for grade in grades}
    for reading, (length_pct, breaks_pct) in PUBLISHED.items():
        assert grades[reading].length_share_pct == pytest.approx(length_pct, abs=0.2)
        assert grades[reading].breaks_share_pct == pytest.approx(breaks_pct, abs=0.2)


def test_ten_yearly_lists_made_at_past_dates_give_the_same_shares(recipe):
    """The graded list is the real one: `certain` of an assessment at the end of each year, history to the year before."""
    caught = listed_m = all_m = breaks = 0.0
    for year in range(2013, 2023):
        cut = parameters(
            breaks={"known_until": date(year - 1, 12, 31), "installed_precision": "year"},
            grading={"years": 0},
        )
        found = assess(recipe, on=date(year, 12, 31), parameters=cut).pipes
        found = found[found["install_year"] < year]
        now = _broken_in(recipe, year)
        hits = found["pipe_id"].map(now).fillna(0)
        certain = found["certainty"] == "certain"
        caught, breaks = caught + hits[certain].sum(), breaks + hits.sum()
        listed_m, all_m = listed_m + found.loc[certain, "length_m"].sum(), all_m + found["length_m"].sum()
    assert breaks == 824
    assert 100 * listed_m / all_m == pytest.approx(24.5, abs=0.2)
    assert 100 * caught / breaks == pytest.approx(78.4, abs=0.2)


def _broken_in(network, year):
    breaks = network.layer("breaks")
    return breaks[breaks["occurred_on"].str.startswith(str(year))].groupby("pipe_id").size()


def test_concrete_cylinder_pipe_is_not_counted_as_cement(assessment):
    pipes = assessment.pipes
    assert (pipes["material"] == "PCCP").sum() == 205
    assert not (pipes["rule_class"] == "cement").any()
