"""A built connection in an EPANET file: the file's own units, rows and bytes kept, and plain EPANET finds the planned heads."""

import datetime as dt

import numpy as np
import pytest
import shapely
from pytest import approx

from gis.asbuilt.built import Built
from gis.asbuilt.capture import capture, is_captured
from gis.errors import GisInputError
from gis.store import create_store
from hydraulics.inp.written import write_after
from hydraulics.inp.asbuilt import write_with_service
from hydraulics.inp.importing import import_inp
from hydraulics.model import build_peak_model
from hydraulics.pressure import check_connection
from hydraulics.results import TieIn
from hydraulics.session import Session
from tests.hydraulics.models import N1, written
from tests.hydraulics.plain_epanet import PlainEpanet, heads_of

FLOW_M3S = 0.004


def built(network, pipe_id, fraction, *, flow_m3s=FLOW_M3S):
    line = network.pipes.set_index("pipe_id").geometry[pipe_id]
    place = line.interpolate(fraction, normalized=True)
    return Built(
        scheme_id="S1", name="新小区", kind="new-tap", tapoff_id=None, pipe_id=pipe_id, tie_in_xy=(place.x, place.y),
        line=shapely.LineString([(place.x, place.y), (place.x + 30.0, place.y + 40.0)]), length_m=50.0, dn=100,
        material="PE", outer_diameter_m=0.11, inner_diameter_m=0.09, has_valve=True, meter_dn=80, use="residential",
        dwellings=100, storeys=6, design_flow_m3s=flow_m3s, site_elevation_m=50.0, road_name=None,
        built_on=dt.date(2026, 5, 1),
    )  # fmt: skip


def stored(path, folder, crs=None):
    store = create_store(folder)
    store.publish(import_inp(path, crs=crs))
    return store.open()


def captured(path, folder, pipe_id, fraction):
    """The network, and its file with the connection in it."""
    network = stored(path, folder / "W")
    what = built(network, pipe_id, fraction)
    target = folder / "built.inp"
    target.write_bytes(network.model_inp.read_bytes())
    found = capture(network, (), what)
    write_with_service(target, found, what)
    return network, found, target


@pytest.mark.parametrize("fraction", [0.2, 0.8])
def test_plain_epanet_finds_the_heads_that_the_check_promised(fraction, tmp_path):
    network, found, target = captured(written(tmp_path, N1), tmp_path, "P2", fraction)
    with Session(build_peak_model(network, tmp_path / "model")) as session:
        tie_in = TieIn(pipe_id="P2", fraction=fraction)
        check = check_connection(session, tie_in, flow_m3s=FLOW_M3S, limit_m=14.0)
        write_after(session.model, tmp_path / "after.inp", tie_in=tie_in, flow_m3s=FLOW_M3S, service=None)
    heads, promised = heads_of(target), heads_of(tmp_path / "after.inp")
    assert heads[found.tie_in.node_id] == approx(check.tie_in_head_after_m, abs=0.01)
    for node in ("J1", "J2", "J3"):
        assert heads[node] == approx(promised[node], abs=0.01)
    # Hazen-Williams in SI: 10.67 q^1.852 / (C^1.852 d^4.871) a metre, C of new PE by GB 50013 150 at most
    loss_m = heads[found.tie_in.node_id] - heads["S1-M"]
    low, high = (10.67 * FLOW_M3S**1.852 / (c**1.852 * 0.09**4.871) * 50.0 for c in (152, 138))
    assert low < loss_m < high


def test_the_pieces_are_the_main_and_meet_on_the_node(tmp_path):
    network, found, target = captured(written(tmp_path, N1), tmp_path, "P2", 0.3)
    pipes = found.candidate.layers["pipes"].set_index("pipe_id")
    cut = found.tie_in.cut
    assert (cut.second, cut.fraction) == ("P2", approx(0.3, abs=1e-9))
    assert pipes.length_m[cut.first] + pipes.length_m["P2"] == approx(800.0)
    assert pipes.length_m[cut.first] == approx(240.0)
    with PlainEpanet(target) as plain:
        assert plain.link_value(cut.first, 1) == approx(240.0, abs=0.01)
        assert plain.link_value("P2", 1) == approx(560.0, abs=0.01)


def test_a_file_in_feet_and_gallons_with_bends_and_another_encoding_keeps_its_own(tmp_path):
    text = (
        N1.replace("Units LPS", "Units GPM\nDemand Multiplier 2.0\nPattern 7")
        .replace("[COORDINATES]", "[PATTERNS]\n7 0.5 1.5\n[TIMES]\nDuration 2:00\n[VERTICES]\nP2 1800 100\nP2 2000 100\n[COORDINATES]")
        .replace("P1 R1", ";主干管\nP1 R1")
    )  # fmt: skip
    path = written(tmp_path, text.replace("\n", "\r\n").encode("gbk"))
    network, found, target = captured(path, tmp_path, "P2", 0.25)
    raw = target.read_bytes()
    assert "主干管".encode("gbk") in raw
    assert raw.count(b"\n") == raw.count(b"\r\n")
    second = found.candidate.layers["pipes"].set_index("pipe_id").geometry["P2"]
    assert second.length / network.pipes.set_index("pipe_id").geometry["P2"].length == approx(0.75)
    with PlainEpanet(target) as plain:
        plain.solve()
        demands = dict(zip(plain.nodes, plain.values(9) * plain.lps))
        assert demands["S1-M"] == approx(FLOW_M3S * 1000.0, rel=1e-3)
        assert plain.link_value("S1-P", 1) * 0.3048 == approx(50.0, rel=1e-3)
        assert plain.link_value("S1-P", 0) * 0.0254 == approx(0.09, rel=1e-3)
    again = import_inp(target, crs=None)
    bends = shapely.get_num_points(again.layers["pipes"].set_index("pipe_id").geometry["P2"])
    assert bends == shapely.get_num_points(second)


def test_what_was_captured_is_known_as_such(tmp_path):
    network, found, _ = captured(written(tmp_path, N1), tmp_path, "P2", 0.3)
    store = create_store(tmp_path / "W")
    store.publish(found.candidate)
    assert is_captured(store.open(), "S1")
    assert not is_captured(network, "S1")


def test_a_main_that_is_not_there_is_refused(tmp_path):
    network = stored(written(tmp_path, N1), tmp_path / "W")
    what = built(network, "P2", 0.5)
    from dataclasses import replace

    with pytest.raises(GisInputError) as refusal:
        capture(network, (), replace(what, tie_in_xy=(9000.0, 9000.0)))
    assert refusal.value.code == "asbuilt-main-gone"


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["Net3.inp", "ky4.inp"])
def test_published_networks_hold_the_promise_at_their_peak(name, shared_data, tmp_path):
    path = next((shared_data / "networks").rglob(name))
    network = stored(path, tmp_path / "W")
    with Session(build_peak_model(network, tmp_path / "model")) as session:
        pipes = network.pipes
        longest = pipes[[session.can_tap(p) for p in pipes["pipe_id"]]].nlargest(5, "length_m")
        assert len(longest) == 5
        for number, pipe_id in enumerate(longest["pipe_id"]):
            tie_in = TieIn(pipe_id=pipe_id, fraction=0.4)
            check = check_connection(session, tie_in, flow_m3s=FLOW_M3S, limit_m=14.0)
            what = built(network, pipe_id, 0.4)
            found = capture(network, (), what)
            target = tmp_path / f"built{number}.inp"
            target.write_bytes(network.model_inp.read_bytes())
            write_with_service(target, found, what)
            after = stored(target, tmp_path / f"W{number}")
            model = build_peak_model(after, tmp_path / f"model{number}")
            heads = heads_of(model.inp)
            node = model.engine_nodes[model.tables.node_ids.index(found.tie_in.node_id)]
            assert heads[node] == approx(check.tie_in_head_after_m, abs=0.1)
            assert np.isfinite(heads[node])
