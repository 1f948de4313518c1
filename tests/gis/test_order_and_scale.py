"""The order of files and rows does not matter, and at the size of a town a second repair still changes nothing."""

import numpy as np
import pytest
import shapely

from gis.repair.clean import repair
from gis.versions.fingerprint import version_id
from gis.importing import import_sources
from gis.intake.normalise import Working
from gis.sample.city import write_sample
from gis.repair.thresholds import load_thresholds
from tests.benchmarks.topology import drawn_town, pipes_of

LIMITS = load_thresholds()


@pytest.fixture(scope="module")
def town():
    lines, pairs, _ = drawn_town(10_000)
    return lines, len(pairs)


def test_repairing_a_town_twice_changes_nothing_more(town):
    lines, edges = town
    once = repair(pipes_of(lines), None, LIMITS)
    assert len(once.pipes) == edges
    again = repair(Working("pipes", once.pipes, []), Working("nodes", once.nodes, []), LIMITS)
    assert [i for i in again.issues if i.severity == "repaired"] == []
    # Pieces of a line follow it the first time and are lines of their own, with places of their own, the second.
    before, after = (net.pipes.sort_values("pipe_id") for net in (once, again))
    for column in ("pipe_id", "start_node_id", "end_node_id"):
        assert after[column].tolist() == before[column].tolist()
    assert shapely.equals_exact(after.geometry.to_numpy(), before.geometry.to_numpy()).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_town_with_shuffled_rows_is_the_same_network(town, seed):
    lines, _ = town
    forward = repair(pipes_of(lines), None, LIMITS)
    rows = np.random.default_rng(seed).permutation(len(lines))
    plain = pipes_of(lines)
    shuffled = repair(Working("pipes", plain.table.iloc[rows].reset_index(drop=True), []), None, LIMITS)
    for column in ("pipe_id", "start_node_id", "end_node_id"):
        assert shuffled.pipes[column].tolist() == forward.pipes[column].tolist()
    assert {i.issue_id for i in shuffled.issues} == {i.issue_id for i in forward.issues}


def test_the_files_of_a_city_may_come_in_any_order(tmp_path):
    write_sample(tmp_path, seed=7, pipes=500)
    files = sorted(path for path in tmp_path.iterdir() if path.suffix in {".xlsx", ".shp", ".gpkg"})
    assert len(files) > 5
    ids = {version_id(import_sources(order)) for order in (files, files[::-1], files[3:] + files[:3])}
    assert len(ids) == 1
