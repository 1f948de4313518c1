"""
Which files the suite begins with: the longest, so that no worker is left alone with one at the end.

A file goes to one worker as a whole. All that is not named here takes less than a few seconds and fills the gaps, files of
many tests first. `pytest --durations=40` tells when the list is out of date.
"""

from __future__ import annotations

from collections import Counter

LONGEST = (
    "tests/api/test_scheme_truth.py",
    "tests/gis/test_round_trip.py",
    "tests/api/test_scheme_life.py",
    "tests/golden/test_golden.py",
    "tests/bad_files/test_bad_files.py",
    "tests/gis/test_tapoffs_100k.py",
    "tests/architecture/test_house.py",
    "tests/e2e/test_journey.py",
    "tests/e2e/test_scheme_journey.py",
    "tests/api/test_cli_database.py",
    "tests/api/test_alternatives.py",
    "tests/api/test_cli_warm.py",
    "tests/api/test_bad_input.py",
    "tests/api/test_cli_documents.py",
    "tests/api/test_asbuilt.py",
    "tests/e2e/test_data_journey.py",
    "tests/api/test_cli_process.py",
    "tests/api/test_server.py",
    "tests/api/test_fixes.py",
    "tests/api/test_calibrate.py",
    "tests/gis/test_fill_import.py",
    "tests/api/test_capacity_maps.py",
    "tests/api/test_cli_export.py",
    "tests/hydraulics/test_capacity.py",
    "tests/hydraulics/test_closures.py",
    "tests/hydraulics/test_published_networks.py",
    "tests/api/test_cli_scenarios.py",
    "tests/hydraulics/test_range.py",
    "tests/api/test_cli_renewal.py",
    "tests/hydraulics/test_parity.py",
    "tests/hydraulics/test_truth.py",
    "tests/gis/test_store_postgis.py",
    "tests/gis/test_corridors.py",
    "tests/gis/test_corridors_shanghai.py",
    "tests/hydraulics/test_inp_asbuilt.py",
)


def longest_first(files: list[str]) -> dict[str, int]:
    """Rank of each file of a list that names a file once for each of its tests."""
    tests = Counter(files)
    known = {file: rank for rank, file in enumerate(LONGEST)}
    ordered = sorted(tests, key=lambda file: (known.get(file, len(known)), -tests[file], file))
    return {file: rank for rank, file in enumerate(ordered)}
