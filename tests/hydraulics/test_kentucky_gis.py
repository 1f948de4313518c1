"""A real utility's GIS with its pumps and tanks: imported by a mapping, modelled, and EPANET's own heads at the peak."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest

from gis.importing import import_sources
from gis.network import Network
from gis.schema import conform, empty_layer
from hydraulics.model import build_peak_model
from hydraulics.peak import peak_of_file
from hydraulics.session import Session

MAPPING = """
format = 1
crs = "EPSG:3547"

[repair]
snap_m = 0.0
tee_m = 0.0
named_end_m = 15.0

[[layer]]
layer = "pipes"
file = "ky4_pipes.geojson"
fields.pipe_id = "name"
fields.start_node_id = "start_node_name"
fields.end_node_id = "end_node_name"
fields.dn = { column = "diameter", unit = "m" }
fields.length_m = { column = "length", unit = "m" }
fields.roughness_c = "roughness"
fields.loss_k = "minor_loss"

[[layer]]
layer = "nodes"
file = "ky4_junctions.geojson"
fields.node_id = "name"
fields.elevation_m = "elevation"

[[layer]]
layer = "sources"
file = "ky4_tanks.geojson"
fields.source_id = "name"
fields.node_id = "name"
fields.kind = { value = "tank" }
fields.bottom_m = "elevation"
fields.depth_m = "init_level"
fields.min_depth_m = "min_level"
fields.max_depth_m = "max_level"
fields.diameter_m = "diameter"

[[layer]]
layer = "sources"
file = "ky4_reservoirs.geojson"
fields.source_id = "name"
fields.node_id = "name"
fields.kind = { value = "reservoir" }
fields.head_m = "base_head"

[[layer]]
layer = "pumps"
file = "ky4_pumps.geojson"
fields.pump_id = "name"
fields.node_id = "start_node_name"
fields.to_node_id = "end_node_name"
fields.state = "initial_status"
fields.power_kw = { column = "power", unit = "W" }
fields.speed_ratio = "base_speed"
"""


@pytest.fixture(scope="module")
def kentucky(shared_data, tmp_path_factory):
    mapping = tmp_path_factory.mktemp("ky4") / "ky4.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    names = ("pipes", "junctions", "tanks", "reservoirs", "pumps")
    files = [shared_data / "gis" / "ky4" / f"ky4_{name}.geojson" for name in names]
    return import_sources(files, mapping=mapping)


@pytest.mark.real_data
def test_pumps_and_tanks_of_the_gis_suffice_and_nothing_has_to_be_assumed(kentucky):
    pumps = kentucky.layers["pumps"].set_index("pump_id")
    assert pumps["power_kw"].to_dict() == pytest.approx({"~@Pump-1": 111.8549808, "~@Pump-2": 37.2849936})
    assert pumps["state"].to_dict() == {"~@Pump-1": "off", "~@Pump-2": "on"}
    assert not {issue.kind for issue in kentucky.issues} & {
        "pump-without-figures",
        "tank-without-levels",
        "part-without-source",
    }


@pytest.mark.real_data
def test_its_model_has_the_heads_of_epanet_at_the_peak_hour(kentucky, shared_data, tmp_path):
    """The GIS has no hours: levels, pump states and demand of the peak hour are put in from EPANET's run."""
    peak = peak_of_file(shared_data / "networks" / "ky4.inp")
    tables, layers = peak.tables, {name: conform(table, name) for name, table in kentucky.layers.items()}
    first = tables.junction_count + tables.reservoir_count
    depth_m = {name: tank.level_m for name, tank in zip(tables.node_ids[first:], tables.tanks, strict=True)}
    known = layers["sources"]["source_id"].map(depth_m)
    layers["sources"]["depth_m"] = known.fillna(layers["sources"]["depth_m"])
    off = {
        name: pump.is_closed
        for name, pump in zip(tables.link_ids[tables.pipe_count :], tables.pumps, strict=False)
    }
    layers["pumps"]["state"] = ["off" if off[name] else "on" for name in layers["pumps"]["pump_id"]]
    drawing = np.flatnonzero(tables.demand_m3s > 0)
    nodes = [tables.node_ids[n] for n in drawing]
    customers = {"customer_id": nodes, "node_id": nodes, "design_flow_m3s": tables.demand_m3s[drawing]}
    layers["customers"] = conform(gpd.GeoDataFrame(customers, geometry=[None] * len(nodes)), "customers")
    empty = Network("v", None, "ky4", synthetic=False, read_layer=lambda name: empty_layer(name, None))
    network = replace(empty, read_layer=lambda name: layers.get(name, empty_layer(name, None)), _cache={})

    with Session(build_peak_model(network, tmp_path)) as session:
        model = session.model.tables
        assert (len(model.pumps), len(model.tanks), len(model.doubts)) == (2, 4, 0)
        worst = max(
            abs(float(session.base.head_m[session.node_position[node]]) - head_m)
            for node, head_m in zip(tables.node_ids, peak.head_m.tolist(), strict=True)
        )
    assert worst < 0.01
