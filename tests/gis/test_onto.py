"""A change of one version, such as an as-built capture: made to what is current, told as what it is, in both stores."""

import datetime as dt

import geopandas as gpd
import pytest
import shapely

from gis.asbuilt.built import Built
from gis.asbuilt.capture import capture, is_captured
from gis.errors import GisInputError
from gis.store import create_store
from gis.version import Candidate
from gis.versions.history import Onto
from tests.gis.test_version_history import street


def town():
    pipes = street(pipes=4).layers["pipes"]
    ends = [f"N{k}" for k in range(5)]
    pipes = pipes.assign(
        start_node_id=ends[:4], end_node_id=ends[1:], inner_diameter_m=0.2, status="open", role="main"
    )
    nodes = gpd.GeoDataFrame(
        {"node_id": ends, "elevation_m": [10.0, 11.0, 12.0, 13.0, 14.0]},
        geometry=[shapely.Point(50 * k, 0) for k in range(5)], crs=pipes.crs,
    )  # fmt: skip
    customers = gpd.GeoDataFrame(
        {"customer_id": ["K1", "K2"], "pipe_id": ["P1", "P1"], "node_id": ["N1", "N2"], "annual_m3": [100.0, 200.0]},
        geometry=[shapely.Point(52, 5), shapely.Point(98, 5)], crs=pipes.crs,
    )  # fmt: skip
    return Candidate({"pipes": pipes, "nodes": nodes, "customers": customers}, (), "town", "EPSG:4548")


def built(x=70.0):
    return Built(
        scheme_id="S1", name="新院", kind="new-tap", tapoff_id=None, pipe_id="P1", tie_in_xy=(x, 0.0),
        line=shapely.LineString([(x, 0.0), (x, 20.0)]), length_m=20.0, dn=65, material="PE", outer_diameter_m=0.075,
        inner_diameter_m=0.0614, has_valve=True, meter_dn=50, use="office", dwellings=None, storeys=3,
        design_flow_m3s=0.002, site_elevation_m=11.0, road_name=None, built_on=dt.date(2026, 5, 1),
    )  # fmt: skip


def taken(store, what):
    network = store.open()
    found = capture(network, store.issues(), what)
    onto = Onto(network.version, "asbuilt", {"scheme": what.scheme_id})
    return found, onto


def test_what_was_built_comes_back_from_either_store(address):
    store = create_store(address)
    first = store.publish(town())
    found, onto = taken(store, built())
    record = store.publish(found.candidate, by="李工", onto=onto)
    network = store.open()
    assert (record.parent, is_captured(network, "S1")) == (first.version, True)
    pipes = network.pipes.set_index("pipe_id")
    assert pipes.loc[["P1", "P1#2"], "length_m"].tolist() == pytest.approx([30.0, 20.0])
    assert pipes.loc["P1#2", ["start_node_id", "end_node_id"]].tolist() == ["N1", "S1-T"]
    assert pipes.loc["P1", ["start_node_id", "end_node_id"]].tolist() == ["S1-T", "N2"]
    customers = network.layer("customers").set_index("customer_id")
    assert customers["pipe_id"].to_dict() == {"K1": "P1#2", "K2": "P1", "S1-C": "S1-P"}
    assert customers["node_id"].to_dict() == {"K1": "N1", "K2": "N2", "S1-C": "S1-M"}
    assert customers["design_flow_m3s"]["S1-C"] == 0.002
    nodes = network.nodes.set_index("node_id")
    assert nodes["elevation_m"]["S1-T"] == pytest.approx(11.4)
    last = store.history()[-1]
    assert (last["action"], last["by"], last["details"]) == ("asbuilt", "李工", {"scheme": "S1"})


def test_a_tie_in_at_the_end_of_a_main_cuts_nothing(address):
    store = create_store(address)
    store.publish(town())
    found, _ = taken(store, built(x=50.01))
    assert found.tie_in.cut is None
    assert found.tie_in.node_id == "N1"
    assert len(found.candidate.layers["pipes"]) == 5


def test_who_changed_what_is_current_meanwhile_is_not_overwritten(address):
    store = create_store(address)
    store.publish(town())
    found, onto = taken(store, built())
    other = store.publish(street(dn=300))
    with pytest.raises(GisInputError) as refusal:
        store.publish(found.candidate, by="李工", onto=onto)
    assert refusal.value.code == "current-moved"
    assert store.current() == other.version
