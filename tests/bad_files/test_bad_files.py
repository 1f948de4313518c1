"""
Every bad file of the reliability list comes to its stated outcome, and does no harm on the way.

REJ: exit 2, file and place and way out in both languages, nothing stored. ASK: a refusal or a warning with a best guess that says
what to pass, and passing it works. FIX: mended by a rule, the old value kept in the list. WARN: taken and listed.
"""

import itertools

import pytest

from tests.bad_files import (
    drawings,
    geojson,
    geopackages,
    ids,
    kml,
    models,
    models_refused,
    places,
    rasters,
    shapefiles,
    shapes,
    sheets,
    texts,
    zips,
)
from tests.bad_files.case import try_case
from tests.bad_files.guards import Canary, scratch_in, watched

FAMILIES = (
    shapefiles,
    zips,
    geojson,
    geopackages,
    shapes,
    ids,
    kml,
    places,
    rasters,
    drawings,
    sheets,
    texts,
    models,
    models_refused,
)
CASES = list(itertools.chain.from_iterable(family.CASES for family in FAMILIES))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_bad_file_comes_to_its_stated_outcome(case, tmp_path, monkeypatch):
    canary = Canary(tmp_path)
    try:
        with scratch_in(tmp_path / "scratch", monkeypatch):
            try_case(case, tmp_path / "delivered", tmp_path / "w", lambda: watched(tmp_path))
        canary.untouched()
    finally:
        canary.close()


def test_no_two_cases_share_a_name():
    assert len({case.id for case in CASES}) == len(CASES)
