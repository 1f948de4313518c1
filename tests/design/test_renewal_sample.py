"""Renewal on the sample city, through the product's own import."""

from datetime import date

import pytest

from design.renewal.assessment.breaks import assign_breaks
from design.renewal.assessment.condition import assess
from design.renewal.matching.coordination import coordinate
from design.renewal.reports.report import assessment_document
from gis.importing import import_sources
from gis.sample.city import write_sample
from tests.design.renewal_town import network_of, parameters
from tests.design.test_renewal_coordination import ON, check_against_overlay


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder, seed=7, pipes=2000)
    candidate = import_sources([folder])
    return network_of(synthetic=candidate.synthetic, **candidate.layers)


@pytest.fixture(scope="module")
def assessment(city):
    return assess(city, on=ON, parameters=parameters())


def test_coordination_of_the_sample_city_equals_an_overlay_of_everything_with_everything(city, assessment):
    coordination = coordinate(assessment, city, on=ON, horizon_years=5, parameters=parameters())

    check_against_overlay(city, assessment, coordination)
    assert len(coordination.matches) > 0
    assert (coordination.pipes["ban"] >= 0).sum() > 0


def test_breaks_found_by_place_lie_on_the_pipe_the_record_names(city):
    breaks = city.layer("breaks")
    named = breaks[breaks["pipe_id"].isin(city.pipes["pipe_id"])].reset_index(drop=True)
    unnamed = named.assign(pipe_id=None)

    found = assign_breaks(city.pipes, unnamed, parameters=parameters())

    # Positions are noisy by up to 2 m and pieces are some 20 m long, so a few fall on the next piece.
    assert len(named) >= 15
    assert (found["pipe_id"].to_numpy() == named["pipe_id"].to_numpy()).mean() >= 0.8
    assert (found["relation"] == "own").all()


def test_the_list_is_called_synthetic_and_knows_its_gaps(assessment):
    document = assessment_document(assessment)
    gaps = {gap["attribute"]: gap["pipes"] for gap in document["data_gaps"]}
    assert document["provenance"]["synthetic"] is True
    assert gaps["place"] == 0 and gaps["lining"] > 0 and gaps["install_year"] > 0
    assert document["counts"]["certain"]["pipes"] > 0 and document["counts"]["possible"]["pipes"] > 0


def test_old_brittle_pipes_break_more_so_the_list_catches_more_than_its_length(assessment):
    grades = {grade.reading: grade for grade in assessment.grades}
    for grade in grades.values():
        assert grade.breaks_share_pct > grade.length_share_pct
    assert assessment.on == date(2026, 11, 21)
