"""Weights of valves against the tables that WNTR publishes for Net3."""

import warnings

import numpy as np
import pandas as pd
import pytest

from gis.segments import segments_of
from hydraulics.closures.weights import valve_weights
from tests.gis.test_segments import net3, seats  # noqa: F401


@pytest.mark.real_data
def test_the_weight_of_each_valve_of_net3_is_what_wntr_publishes(net3, shared_data):  # noqa: F811
    import wntr

    link_ids, start, end, node_segment, link_segment = net3
    published = link_segment[link_ids].to_numpy()
    # The valves in the order of their nodes; WNTR drew the order at one node by lot.
    pairs = [
        (k, n)
        for n in range(len(node_segment))
        for k in np.flatnonzero((start == n) | (end == n)).tolist()
        if published[k] != node_segment.iloc[n]
    ]
    found = segments_of(start, end, node_count=len(node_segment), seats=seats(*zip(*pairs)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = wntr.network.WaterNetworkModel(str(shared_data / "networks" / "Net3.inp"))
        demand = wntr.metrics.average_expected_demand(model)
    length = model.query_link_attribute("length").reindex(link_ids).fillna(0.0).to_numpy()

    weights = valve_weights(
        found, demand_m3s=demand.reindex(node_segment.index).fillna(0.0).to_numpy(), length_m=length
    )

    folder, at_node = shared_data / "results" / "wntr_expected", [n for _, n in pairs]
    for name, ours in (
        ("valve", weights.around_count), ("demand", weights.demand_ratio), ("length", weights.length_ratio)
    ):  # fmt: skip
        expected = pd.read_csv(folder / f"valve_crit_{name}.csv", index_col=0).squeeze().to_numpy()
        assert np.allclose(_by_node(at_node, ours), _by_node(at_node, expected), rtol=1e-4, atol=1e-6), name


def _by_node(nodes, values):
    order = np.lexsort((np.round(values, 5), nodes))
    return np.asarray(values, dtype=float)[order]
