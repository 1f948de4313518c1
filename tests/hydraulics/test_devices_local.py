"""Own equations on models built from GIS with pumps, valves and tanks: their heads are EPANET's, in scenarios too."""

import numpy as np
import pytest
from pytest import approx

from hydraulics.epanet.repeatable import Repeatable
from hydraulics.gga.solver import LocalSolver
from hydraulics.gga.system import build_system
from hydraulics.model import build_peak_model
from hydraulics.scenarios.peak import peak_of_file
from hydraulics.results import TieIn
from hydraulics.scenarios.book import Scenarios
from hydraulics.scenarios.rules import scenario_rules
from hydraulics.scenarios.tables import largest_source
from hydraulics.session import Session
from tests.hydraulics.models import pipe, town
from tests.hydraulics.plain_epanet import heads_of
from tests.hydraulics.test_round_trip import as_gis


def zone_of_all(**columns):
    """A grid of 5 by 5 nodes: a pump from the well, a tank far off, a reduced zone behind a PRV, a check valve."""
    pipes = [
        pipe(f"H{x}{y}", f"{x},{y}", f"{x + 1},{y}", dn=150, inner_diameter_m=0.15)
        for x in range(4)
        for y in range(5)
    ]
    pipes += [pipe(f"V{x}{y}", f"{x},{y}", f"{x},{y + 1}") for x in range(5) for y in range(3)]
    pipes += [pipe("ZONE", "2,3", "2,4")]
    ground = [
        {"node_id": f"{x},{y}", "elevation_m": 10.0 + x - 2 * (y == 4), "at": (100.0 * x, 100.0 * y)}
        for x in range(5) for y in range(5)
    ]  # fmt: skip
    pipes += [pipe("IN", "-1,0", "0,0", dn=200, inner_diameter_m=0.2)]
    ground += [{"node_id": "-1,0", "elevation_m": 10.0, "at": (-100.0, 0.0)}]
    customers = [
        {"customer_id": f"C{x}{y}", "node_id": f"{x},{y}", "design_flow_m3s": 0.0006}
        for x in range(5) for y in range(5)
    ]  # fmt: skip
    sources = [
        {"source_id": "W", "node_id": "-1,0", "kind": "reservoir", "head_m": 15.0},
        {"source_id": "T", "node_id": "4,0", "kind": "tank", "bottom_m": 45.0, "depth_m": 3.0, "min_depth_m": 0.5,
         "max_depth_m": 5.0, "diameter_m": 10.0},
    ]  # fmt: skip
    return town(
        pipes, sources=sources, nodes=ground, customers=customers,
        pumps=[{"pump_id": "PU", "node_id": "0,0", "to_node_id": "1,0", "rated_flow_m3s": 0.012, "rated_head_m": 36.0,
                **columns}],
        valves=[
            {"valve_id": "RED", "kind": "PRV", "node_id": "2,3", "to_node_id": "2,4", "setting_mpa": 0.2, "dn": 100},
            {"valve_id": "BACK", "kind": "check", "node_id": "3,1", "to_node_id": "3,2"},
        ],
    )  # fmt: skip


@pytest.mark.parametrize("columns", [{}, {"control": "constant-pressure", "outlet_head_m": 50.0}])
def test_own_equations_give_the_heads_of_epanet_behind_pumps_and_valves(columns, tmp_path):
    with Session(build_peak_model(zone_of_all(**columns), tmp_path)) as session:
        tables = session.model.tables
        assert len(tables.pumps) == 1 and len(tables.tanks) == 1 and (tables.pipe_state == 2).sum() == 1
        solver, answered = LocalSolver(build_system(session)), 0
        for name, node in session.node_position.items():
            if not session.index.is_junction[node]:
                continue
            for flow_m3s in (0.0003, 0.002):
                answer = solver.ask({node: flow_m3s}, tolerance_m=0.003)
                if answer.way is None:
                    continue
                answered += 1
                ours = np.zeros(len(session.index.node_ids))
                ours[answer.nodes] = answer.head_change_m
                epanet = session.solve({node: flow_m3s}).head_m - session.base.head_m
                assert np.abs(ours - epanet).max() <= 0.0035, name
        assert answered > 20


def test_the_model_of_all_devices_is_what_plain_epanet_reads(tmp_path):
    with Session(build_peak_model(zone_of_all(), tmp_path)) as session:
        plain = heads_of(session.model.inp)
        for row, name in enumerate(session.model.engine_nodes):
            assert session.base.head_m[row] == approx(plain[name], abs=0.001)
        checker = Repeatable(session, small_count=0)
        node = session.node_position["3,3"]
        assert checker.solve({node: 0.001}).head_m[node] == approx(
            session.solve({node: 0.001}).head_m[node], abs=0.005
        )


def test_low_tanks_and_the_largest_source_out_are_scenarios_of_a_gis_model(tmp_path):
    with Session(build_peak_model(zone_of_all(), tmp_path)) as session:
        book = Scenarios(session)
        try:
            low = book.session("low-tank")
            share = scenario_rules().low_tank_share
            tank = low.model.tables.tanks[0]
            assert tank.level_m == approx(min(3.0, 0.5 + share * 4.5))
            at = low.node_position["4,0"]
            assert low.base.head_m[at] == approx(45.0 + tank.level_m, abs=0.001)
            site = TieIn(node_id="4,1")
            checks = {
                one.name: one
                for one in book.checks(["peak", "low-tank", "source-out"], site, flow_m3s=0.001, limit_m=14.0)
            }
            heads = {
                name: one.check.tie_in_head_after_m for name, one in checks.items() if one.check is not None
            }
            assert heads["low-tank"] < heads["peak"] - 0.5
            out = session.model.tables.node_ids[largest_source(session)]
            assert ("source-out" in heads) or out in checks["source-out"].reason[0]
        finally:
            book.close()


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["L-TOWN", "ky6"])
def test_own_equations_follow_real_networks_that_came_as_gis_layers(name, shared_data, tmp_path):
    path = shared_data / "networks" / f"{name}.inp"
    with Session(build_peak_model(as_gis(path, peak_of_file(path)), tmp_path)) as session:
        solver = LocalSolver(build_system(session))
        nodes = solver.system.node[: solver.system.unknowns]
        rng, answered = np.random.default_rng(5), 0
        for node in rng.choice(nodes[session.index.is_junction[nodes]], 20):
            answer = solver.ask({int(node): 0.001}, tolerance_m=0.01)
            if answer.way is not None:
                answered += 1
                ours = np.zeros(len(session.index.node_ids))
                ours[answer.nodes] = answer.head_change_m
                epanet = session.solve({int(node): 0.001}).head_m - session.base.head_m
                known = np.isfinite(epanet)
                assert np.abs(ours - epanet)[known].max() <= 0.01
        assert answered >= 10
