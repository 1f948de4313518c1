"""The single valve that helps most, against every place tried one after the other; weights of valves against WNTR's."""

import numpy as np
import pytest

from gis.schema import empty_layer
from hydraulics.closures.added import added_valves, average_out_m3s
from hydraulics.closures.outage import Closures
from hydraulics.outages import Service
from tests.hydraulics.models import session_of
from tests.hydraulics.valve_layers import random_valves, valves_at, with_layers


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "share"), [("Modena", 0.35), ("Net3", 0.5)])
def test_no_other_valve_saves_more_than_the_one_suggested(name, share, shared_data, tmp_path):
    with session_of(shared_data / "networks" / f"{name}.inp", tmp_path / "model") as session:
        layer, service = random_valves(session, share=share, seed=3), Service(20.0)
        closures = Closures(session, with_layers(valves=layer), service)
        before = average_out_m3s(closures)
        ranked = added_valves(closures, count=500)
        index, tables = session.index, session.model.tables
        there = set(zip(layer["pipe_id"], layer["node_id"]))

        def with_valve(pipe, node):
            more = valves_at([*zip(layer["pipe_id"], layer["node_id"]), (pipe, node)])
            return before - average_out_m3s(Closures(session, with_layers(valves=more), service))

        for valve in ranked[:6]:
            saved = with_valve(index.link_ids[valve.link], index.node_ids[valve.node])
            assert saved == pytest.approx(valve.saved_m3s, rel=1e-6)
        best = ranked[0].saved_m3s
        ends = [
            (index.link_ids[k], index.node_ids[n])
            for k in range(tables.pipe_count)
            for n in (tables.link_start[k], tables.link_end[k])
        ]
        tried = [end for end in ends if end not in there]
        for n in np.random.default_rng(1).choice(len(tried), 40, replace=False):
            assert with_valve(*tried[n]) <= best * (1 + 1e-9)


@pytest.mark.real_data
def test_the_best_valve_of_every_segment_is_found(shared_data, tmp_path):
    with session_of(shared_data / "networks" / "Net3.inp", tmp_path / "model") as session:
        layer, service = random_valves(session, share=0.6, seed=9), Service(20.0)
        closures = Closures(session, with_layers(valves=layer), service)
        before, ranked = average_out_m3s(closures), added_valves(closures, count=500)
        told = {valve.segment: valve.saved_m3s for valve in ranked}
        index, segments = session.index, closures.plan.segments
        there = set(zip(layer["pipe_id"], layer["node_id"]))
        best = {}
        for k in range(session.model.tables.pipe_count):
            for n in (int(index.link_start[k]), int(index.link_end[k])):
                pair = (index.link_ids[k], index.node_ids[n])
                if pair in there or segments.link[k] != segments.node[n]:
                    continue
                more = valves_at([*there, pair])
                saved = before - average_out_m3s(Closures(session, with_layers(valves=more), service))
                best[int(segments.link[k])] = max(best.get(int(segments.link[k]), 0.0), saved)

        for segment, saved in best.items():
            assert told.get(segment, 0.0) == pytest.approx(saved, rel=1e-6, abs=1e-12)


def test_a_network_without_customers_asks_for_no_valve(tmp_path, shared_data):
    with session_of(shared_data / "networks" / "Net1.inp", tmp_path / "model") as session:
        closures = Closures(session, with_layers(valves=empty_layer("valves", None)), Service(20.0))
        # Without recorded valves every pipe stands alone already: nothing to part.
        assert added_valves(closures, count=5) == []
