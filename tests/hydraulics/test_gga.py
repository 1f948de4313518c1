"""Our own solver against EPANET: the same laws, the same base state, and every head within what was asked."""

import numpy as np
import pytest

from hydraulics.errors import HydraulicsError
from hydraulics.gga.from_tables import laws_of
from hydraulics.gga.laws import loss_and_slope
from hydraulics.gga.solver import LocalSolver
from hydraulics.gga.system import build_system
from hydraulics.tie_in import law_of
from tests.hydraulics.models import N1, session_of, written

# 2,000 questions of this kind are asked by `make soak`.
NETWORKS = ["Vitens_benchmark", "L-TOWN", "ky10", "Net6", "Modena"]


def ask_at_random(session, solver, *, count, seed):
    """(answer, EPANET's head changes at all rows, tolerance, flow) for random sites, flows and tolerances."""
    system, rng = solver.system, np.random.default_rng(seed)
    nodes = system.node[: system.unknowns]
    for node in rng.choice(nodes[session.index.is_junction[nodes]], count):
        flow_m3s = float(rng.choice([0.3, 1.0, 2.0, 10.0])) / 1000.0
        tolerance_m = float(rng.choice([0.01, 0.03]))
        answer = solver.ask({int(node): flow_m3s}, tolerance_m=tolerance_m)
        epanet = session.solve({int(node): flow_m3s}).head_m - session.base.head_m
        yield answer, epanet[system.node], tolerance_m


def error_m(system, answer, epanet_m):
    """Largest difference over all nodes; an unnamed node is taken as unchanged."""
    ours = np.zeros(len(system.row))
    ours[answer.nodes] = answer.head_change_m
    return np.abs(ours[system.node] - epanet_m).max()


@pytest.mark.real_data
@pytest.mark.parametrize("name", NETWORKS)
def test_every_head_is_within_what_was_asked_and_few_questions_are_declined(name, shared_data, tmp_path):
    with session_of(shared_data / "networks" / f"{name}.inp", tmp_path) as session:
        solver = LocalSolver(build_system(session))
        declined = 0
        for answer, epanet_m, tolerance_m in ask_at_random(session, solver, count=25, seed=3):
            if answer.way is None:
                declined += 1
                assert answer.declined == "device"
            else:
                assert error_m(solver.system, answer, epanet_m) <= tolerance_m

        assert declined <= 5


@pytest.mark.real_data
def test_a_valve_shut_against_a_part_without_water_is_left_to_epanet_where_it_may_open(shared_data, tmp_path):
    """EPANET opens O-RV-4 of ky10 between 5 and 6 L/s: the head falls to that of the side where no water is."""
    with session_of(shared_data / "networks" / "ky10.inp", tmp_path) as session:
        solver, node = LocalSolver(build_system(session)), session.index.node_ids.index("O-RV-4")
        answered = {}
        for flow_lps in (0.3, 1.0, 3.0, 5.0, 6.0, 8.0, 14.0):
            answer = solver.ask({node: flow_lps / 1000}, tolerance_m=0.01)
            answered[flow_lps] = answer.way is not None
            epanet = session.solve({node: flow_lps / 1000}).head_m - session.base.head_m
            if answered[flow_lps]:
                assert error_m(solver.system, answer, epanet[solver.system.node]) <= 0.01

    assert answered[0.3]
    assert answered[1.0]
    assert not answered[6.0]
    assert not answered[14.0]


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["L-TOWN", "Vitens_benchmark", "ky8"])
def test_a_question_leaves_no_trace(name, shared_data, tmp_path):
    with session_of(shared_data / "networks" / f"{name}.inp", tmp_path) as session:
        solver = LocalSolver(build_system(session))
        node = int(solver.system.node[solver.system.unknowns // 2])
        first = solver.ask({node: 0.0003}, tolerance_m=0.01)
        for other in solver.system.node[:40]:
            solver.ask({int(other): 0.002}, tolerance_m=0.01)

        again = solver.ask({node: 0.0003}, tolerance_m=0.01)

        assert np.array_equal(first.nodes, again.nodes)
        assert np.array_equal(first.head_change_m, again.head_change_m)


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["Modena", "Vitens_benchmark", "DTown"])
def test_the_compiled_laws_are_those_of_one_pipe_at_a_time(name, shared_data, tmp_path):
    with session_of(shared_data / "networks" / f"{name}.inp", tmp_path) as session:
        laws, rng = laws_of(session.model.tables), np.random.default_rng(1)
        for link in rng.choice(session.model.tables.pipe_count, 50):
            law = law_of(session, int(link))
            for flow_m3s in (-0.4, -0.003, 0.01, 0.2):
                loss_m, slope = loss_and_slope(laws, int(link), flow_m3s)
                step = 1e-6 * abs(flow_m3s)
                rise = law.loss_m(flow_m3s + step) - law.loss_m(flow_m3s - step)

                assert loss_m == pytest.approx(law.loss_m(flow_m3s), rel=1e-9, abs=1e-7)
                assert slope == pytest.approx(rise / (2 * step), rel=1e-3, abs=1e-5)


def test_what_is_not_followed_is_said_by_name(tmp_path):
    pressure_driven = N1.replace("[OPTIONS]", "[OPTIONS]\nDemand Model PDA\nRequired Pressure 20")
    with session_of(written(tmp_path, pressure_driven), tmp_path / "model") as session:
        with pytest.raises(HydraulicsError) as refusal:
            build_system(session)

        assert refusal.value.params["reason"] == "pressure-driven"


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["Modena", "Vitens_benchmark", "L-TOWN"])
def test_what_reaches_far_has_the_heads_and_flows_of_epanet_everywhere(name, shared_data, tmp_path):
    with session_of(shared_data / "networks" / f"{name}.inp", tmp_path) as session:
        solver, rng = LocalSolver(build_system(session)), np.random.default_rng(4)
        solver._widest = 0  # as if every change reached far
        nodes, asked = solver.system.node[: solver.system.unknowns], 0
        for node in rng.choice(nodes[session.index.is_junction[nodes]], 8):
            extra_m3s = {int(node): 0.008}
            answer = solver.ask(extra_m3s, tolerance_m=0.01, links=solver.system.link.tolist())
            if answer.way is None:  # a device may switch
                continue
            with session.hold() as runner:
                runner.run(extra_m3s)
                plain = runner.solution()

            asked += 1
            assert answer.way == "whole"
            assert (
                error_m(solver.system, answer, (plain.head_m - session.base.head_m)[solver.system.node])
                <= 0.001
            )
            np.testing.assert_allclose(answer.link_flow_m3s, plain.flow_m3s[solver.system.link], atol=5e-5)

        assert asked >= 4
