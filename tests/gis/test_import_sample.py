"""The product's own sample city goes in by the same door as a utility's files, and comes out whole."""

from collections import Counter

import numpy as np
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from gis.importing import import_sources
from gis.sample.city import write_sample
from gis.store import create_store


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    stated = write_sample(folder, seed=7, pipes=2000)
    return folder, stated, import_sources([folder])


@pytest.fixture(scope="module")
def planted(city):
    import json

    return json.loads((city[0] / "sample.json").read_text(encoding="utf-8"))["planted"]


def test_it_is_called_synthetic_and_lies_in_its_zone(city):
    assert city[2].synthetic
    assert city[2].crs == "EPSG:4548"


def test_every_layer_has_the_things_that_were_laid(city):
    _, stated, candidate = city
    for layer, count in stated["counts"].items():
        assert len(candidate.layers[layer]) == pytest.approx(
            count, rel=0.03 if layer in {"pipes", "nodes"} else 0
        ), layer


def test_all_pipes_in_use_are_one_connected_part_and_nothing_is_an_error(city):
    candidate = city[2]
    pipes = candidate.layers["pipes"]
    live = pipes[pipes["status"] != "abandoned"]
    nodes = {node: i for i, node in enumerate(set(live["start_node_id"]) | set(live["end_node_id"]))}
    a, b = (live[end].map(nodes).to_numpy() for end in ("start_node_id", "end_node_id"))
    parts, _ = connected_components(coo_matrix((np.ones(len(a)), (a, b)), shape=(len(nodes), len(nodes))))
    assert parts == 1
    assert not [issue for issue in candidate.issues if issue.severity == "error"]


def test_every_planted_fault_is_found(city, planted):
    found = Counter(issue.kind for issue in city[2].issues)
    assert found["pipe-twice"] >= planted["lines_listed_twice"]
    assert found["ends-apart"] + found["points-at-one-place"] >= planted["ends_off"]
    assert found["tee-unsplit"] >= planted["tees_not_split"]
    assert found["dn-missing"] == planted["diameter_missing"]
    assert city[2].layers["pipes"]["installed_on"].isna().sum() == pytest.approx(
        planted["date_missing"], abs=3
    )
    assert (city[2].layers["pipes"]["status"] == "abandoned").sum() == planted["abandoned_lines"]


def test_every_tapoff_hangs_on_a_main_at_least_its_own_size_and_has_its_valve(city):
    tapoffs = city[2].layers["tapoffs"]
    assert tapoffs["pipe_id"].isin(city[2].layers["pipes"]["pipe_id"]).all()
    assert (tapoffs["pipe_dn"] >= tapoffs["dn"]).all()
    assert tapoffs["valve_id"].isin(city[2].layers["valves"]["valve_id"]).all()


def test_every_customer_is_linked_to_a_pipe_and_the_nearer_of_its_ends(city):
    candidate = city[2]
    pipes = candidate.layers["pipes"].set_index("pipe_id")
    nodes = candidate.layers["nodes"].set_index("node_id").geometry
    for row in candidate.layers["customers"].itertuples():
        pipe = pipes.loc[row.pipe_id]
        assert row.node_id in {pipe["start_node_id"], pipe["end_node_id"]}
        along = pipe.geometry.project(row.geometry, normalized=True)
        assert row.node_id == (pipe["start_node_id"] if along <= 0.5 else pipe["end_node_id"])
    assert not candidate.layers["customers"]["node_id"].isna().any()
    assert nodes.is_valid.all()


def test_importing_it_again_is_the_same_version(city, tmp_path):
    store = create_store(tmp_path / "W")
    first = store.publish(city[2])
    assert store.publish(import_sources([city[0]])) == first
    assert store.open().synthetic
