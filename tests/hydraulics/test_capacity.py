"""Capacity against bisection by EPANET on a file of its own, opened cold for every question."""

import numpy as np
import pytest

from hydraulics.capacity import CapacityRule, can_take, capacities
from hydraulics.errors import HydraulicsError
from hydraulics.spare.verify import verified
from tests.hydraulics.models import N1, session_of, written
from tests.hydraulics.plain_epanet import DEMAND, HEAD, PlainEpanet

REQUIRED_M = 20.0

# Alperovits and Shamir (1977) with the published least-cost diameters of 419,000 dollars.
TWO_LOOPS = """
[JUNCTIONS]
2 150 100
3 160 100
4 155 120
5 150 270
6 165 330
7 160 200
[RESERVOIRS]
1 210
[PIPES]
1 1 2 1000 457.2 130 0 Open
2 2 3 1000 254.0 130 0 Open
3 2 4 1000 406.4 130 0 Open
4 4 5 1000 101.6 130 0 Open
5 4 6 1000 406.4 130 0 Open
6 6 7 1000 254.0 130 0 Open
7 3 5 1000 254.0 130 0 Open
8 5 7 1000 25.4 130 0 Open
[OPTIONS]
Units CMH
Headloss H-W
[END]
"""


class Judge:
    """A model's file in plain EPANET: demands set through its own toolkit, solved cold each time."""

    def __init__(self, plain, session, rule):
        self.plain = plain
        self.plain.engine.ENopenH()
        self.place = {name: n for n, name in enumerate(self.plain.nodes)}
        self.names = session.model.engine_nodes
        base, demand = self._heads(), self.plain.values(DEMAND)
        elevation = self.plain.values(0)
        junctions = len(self.plain.junctions)
        above = base - elevation >= rule.required_pressure_m
        self.lowest = np.where(above, elevation + rule.required_pressure_m, base - rule.no_worse_m)
        known = np.zeros(len(base), dtype=bool)
        for n, name in enumerate(self.names):
            known[self.place[name]] = np.isfinite(session.base.head_m[n])
        self.asked = (np.arange(len(base)) < junctions) & (demand > 0) & known

    def _heads(self):
        self.plain.engine.ENinitH(10)
        self.plain.engine.ENrunH()
        return self.plain.values(HEAD)

    def bears(self, node, flow_m3s):
        place = self.place[self.names[node]]
        engine = self.plain.engine
        before = engine.ENgetnodevalue(place + 1, 1)
        engine.ENsetnodevalue(place + 1, 1, before + flow_m3s * 1000.0)
        heads = self._heads()
        engine.ENsetnodevalue(place + 1, 1, before)
        asked = self.asked.copy()
        asked[place] = True
        return bool((heads >= self.lowest - 1e-4)[asked].all())


def close_to_epanet(judge, answer, place, cap_m3s):
    """Never above by 1 % + 0.05 L/s, never below by 3 %: EPANET must bear a little less, and not bear a little more."""
    node, given = int(answer.nodes[place]), float(answer.capacity_m3s[place])
    slightly_less = max((given - 5e-5) / 1.01, 0.0)
    slightly_more = given / 0.97 + 5e-5
    return judge.bears(node, slightly_less) and (given >= cap_m3s or not judge.bears(node, slightly_more))


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["L-TOWN", "ky8", "Modena", "Net3", "EXN_designres", "Vitens_benchmark"])
def test_no_capacity_is_above_what_epanet_bears_and_none_is_far_below(name, shared_data, tmp_path):
    rule = CapacityRule(REQUIRED_M)
    with session_of(shared_data / "networks" / f"{name}.inp", tmp_path) as session:
        junctions = np.flatnonzero(session.index.is_junction & np.isfinite(session.base.head_m))
        count = 8 if name == "Vitens_benchmark" else 50
        nodes = np.random.default_rng(4).choice(junctions, min(count, len(junctions)), replace=False)
        answer = capacities(session, rule, nodes=nodes)
        with PlainEpanet(session.model.inp) as plain:
            judge = Judge(plain, session, rule)
            wrong = [
                (session.index.node_ids[n], answer.capacity_m3s[k], bool(answer.by_epanet[k]))
                for k, n in enumerate(answer.nodes)
                if not close_to_epanet(judge, answer, k, rule.cap_m3s)
            ]
        assert not wrong


def test_two_loops_have_the_spare_capacities_of_the_reference(tmp_path):
    """Required 30 m at every node; figures by bisection with EPANET, as `renewal.md` gives them."""
    published_m3h = [39.21, 6.03, 18.36, 6.35, 12.80, 6.87]
    with session_of(written(tmp_path, TWO_LOOPS), tmp_path / "model") as session:
        answer = capacities(session, CapacityRule(30.0))

        assert answer.capacity_m3s * 3600.0 == pytest.approx(published_m3h, rel=0.005)


def test_a_false_map_is_refused_by_name(tmp_path):
    rule = CapacityRule(REQUIRED_M)
    with session_of(written(tmp_path, N1), tmp_path / "model") as session:
        answer = capacities(session, rule)
        trial = verified(session.model, rule, answer, sample=3)
        assert trial.tried == 3 and trial.worst_over_m3s < 1e-3
        answer.capacity_m3s[:] *= 1.05

        with pytest.raises(HydraulicsError) as refusal:
            verified(session.model, rule, answer, sample=3)

        assert refusal.value.code == "capacity-not-verified"


def test_an_answer_near_nothing_is_tried_even_when_the_sample_misses_it(tmp_path):
    """Required pressure so that the lowest junction has nothing to spare: a promise of 0.09 L/s there is found out."""
    with session_of(written(tmp_path, N1), tmp_path / "model") as session:
        lowest = float(np.nanmin(session.base.pressure_m[:3]))
        rule = CapacityRule(lowest - 1e-5)
        answer = capacities(session, rule)
        worst = int(np.argmin(session.base.pressure_m[:3]))
        assert answer.capacity_m3s[worst] < 5e-5
        answer.capacity_m3s[worst] = 0.9e-4

        with pytest.raises(HydraulicsError):
            verified(session.model, rule, answer, sample=0)


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["L-TOWN", "ky8", "Modena", "Net3"])
def test_whether_a_place_can_take_a_household_is_what_epanet_says(name, shared_data, tmp_path):
    rule = CapacityRule(REQUIRED_M)
    with session_of(shared_data / "networks" / f"{name}.inp", tmp_path) as session:
        for flow_m3s in (0.0003, 0.005):
            takes = can_take(session, rule, flow_m3s)
            junctions = np.flatnonzero(session.index.is_junction & np.isfinite(session.base.head_m))
            chosen = np.random.default_rng(8).choice(junctions, min(125, len(junctions)), replace=False)
            with PlainEpanet(session.model.inp) as plain:
                judge = Judge(plain, session, rule)
                wrong = [
                    session.index.node_ids[n] for n in chosen if judge.bears(int(n), flow_m3s) != takes[n]
                ]

            assert not wrong
