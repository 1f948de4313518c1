"""Valves layers built in code, and networks that have them."""

import geopandas as gpd
import numpy as np

from gis.network import Network
from gis.schema import conform, empty_layer


def valves_at(seats, **columns):
    """A valves layer of (pipe id, node id) pairs."""
    rows = [
        {"valve_id": f"V{n}", "pipe_id": pipe, "node_id": node, "kind": "gate", "state": "open"}
        for n, (pipe, node) in enumerate(seats)
    ]
    frame = gpd.GeoDataFrame(rows, geometry=[None] * len(rows)).assign(**columns)
    return conform(frame, "valves")


def random_valves(session, *, share, seed=1):
    """A valve at that share of all pipe ends."""
    tables, rng = session.model.tables, np.random.default_rng(seed)
    ends = [
        (session.index.link_ids[k], session.index.node_ids[node])
        for k in range(tables.pipe_count)
        for node in (tables.link_start[k], tables.link_end[k])
    ]
    return valves_at([end for end in ends if rng.random() < share])


def with_layers(**layers):
    """A network version with those layers and no others."""
    return Network(
        "v", None, "test", True, lambda name: layers[name] if name in layers else empty_layer(name, None)
    )
