"""A real utility's GIS with its pumps and tanks: imported by a mapping, modelled, and EPANET's own heads at the peak."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest

from gis.importing import import_sources
from gis.network import Network
from gis.schema import conform, empty_layer
from hydraulics.model import build_peak_model
from hydraulics.scenarios.peak import peak_of_file
from hydraulics.session import Session

REPAIR = """
format = 1
crs = "EPSG:3547"

[repair]
snap_m = 0.0
tee_m = 0.0
named_end_m = 15.0
"""
# layer and file; what we call it = the column of the file, or what stands there in every row
TABLES = [
    ("pipes", "pipes", {
        "pipe_id": "name", "start_node_id": "start_node_name", "end_node_id": "end_node_name",
        "dn": {"column": "diameter", "unit": "m"}, "length_m": {"column": "length", "unit": "m"},
        "roughness_c": "roughness", "loss_k": "minor_loss",
    }),
    ("nodes", "junctions", {"node_id": "name", "elevation_m": "elevation"}),
    ("sources", "tanks", {
        "source_id": "name", "node_id": "name", "kind": {"value": "tank"}, "bottom_m": "elevation",
        "depth_m": "init_level", "min_depth_m": "min_level", "max_depth_m": "max_level", "diameter_m": "diameter",
    }),
    ("sources", "reservoirs", {
        "source_id": "name", "node_id": "name", "kind": {"value": "reservoir"}, "head_m": "base_head",
    }),
    ("pumps", "pumps", {
        "pump_id": "name", "node_id": "start_node_name", "to_node_id": "end_node_name", "state": "initial_status",
        "power_kw": {"column": "power", "unit": "W"}, "speed_ratio": "base_speed",
    }),
]  # fmt: skip


def toml_value(given):
    if isinstance(given, str):
        return f'"{given}"'
    return "{ " + ", ".join(f'{key} = "{value}"' for key, value in given.items()) + " }"


def mapping_of(tables):
    lines = [REPAIR]
    for layer, file, fields in tables:
        lines += ["[[layer]]", f'layer = "{layer}"', f'file = "ky4_{file}.geojson"']
        lines += [f"fields.{name} = {toml_value(given)}" for name, given in fields.items()]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def kentucky(shared_data, tmp_path_factory):
    mapping = tmp_path_factory.mktemp("ky4") / "ky4.toml"
    mapping.write_text(mapping_of(TABLES), encoding="utf-8")
    files = [shared_data / "gis" / "ky4" / f"ky4_{file}.geojson" for _, file, _ in TABLES]
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
