"""EPANET files made into GIS layers and modelled from those again: the heads of the peak hour are EPANET's own."""

import geopandas as gpd
import numpy as np
import pytest

from gis.network import Network
from gis.schema import conform, empty_layer
from hydraulics.inp.importing import import_inp
from hydraulics.model import build_peak_model
from hydraulics.scenarios.peak import peak_of_file
from hydraulics.session import Session
from hydraulics.tables import PipeState


def as_gis(path, peak):
    """The file's layers without the file; pipes stand and nodes draw as they do at the peak."""
    layers, tables = dict(import_inp(path, crs=None).layers), peak.tables
    shut = np.where(tables.pipe_state == PipeState.CLOSED, "closed", "open")
    layers["pipes"]["status"] = layers["pipes"]["pipe_id"].map(dict(zip(tables.link_ids, shut, strict=False)))
    drawing = np.flatnonzero(tables.demand_m3s > 0)
    nodes = [tables.node_ids[n] for n in drawing]
    customers = {"customer_id": nodes, "node_id": nodes, "design_flow_m3s": tables.demand_m3s[drawing]}
    layers["customers"] = conform(gpd.GeoDataFrame(customers, geometry=[None] * len(nodes)), "customers")
    return Network(
        "v",
        None,
        path.name,
        synthetic=False,
        read_layer=lambda name: layers.get(name, empty_layer(name, None)),
    )


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "pumps", "valves", "tanks"),
    [
        ("Net3", 2, 0, 3), ("L-TOWN", 1, 3, 1), ("Anytown", 1, 0, 0), ("DTown", 11, 5, 7), ("ky6", 2, 1, 3),
        ("ky14", 5, 0, 3), ("ky10", 13, 5, 13), ("MiniTown", 2, 0, 1),
    ],
)  # fmt: skip
def test_pumps_valves_and_tanks_survive_the_way_through_gis_layers(
    shared_data, tmp_path, name, pumps, valves, tanks
):
    path = shared_data / "networks" / f"{name}.inp"
    peak = peak_of_file(path)
    with Session(build_peak_model(as_gis(path, peak), tmp_path)) as session:
        tables = session.model.tables
        assert (len(tables.pumps), len(tables.valves), len(tables.tanks)) == (pumps, valves, tanks)
        assert not tables.doubts
        compared = 0
        for node, head_m in zip(peak.tables.node_ids, peak.head_m, strict=True):
            row = session.node_position.get(node)
            if row is not None and np.isfinite(session.base.head_m[row]):
                compared += 1
                assert session.base.head_m[row] == pytest.approx(head_m, abs=0.01), node
        assert compared > 0.99 * len(peak.tables.node_ids)
