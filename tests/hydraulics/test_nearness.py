"""An answer of EPANET is taken once our own equations find every head near enough; how near is told by cold EPANET."""

import numpy as np
import pytest

import hydraulics.epanet.runner
import hydraulics.session
from hydraulics.epanet.codes import LinkValue, NodeValue
from hydraulics.gga.nearness import Nearness
from hydraulics.gga.system import system_of
from hydraulics.inp.written import write_after
from hydraulics.pressure import check_connection
from hydraulics.results import TieIn
from hydraulics.tie_in import tap
from tests.hydraulics.models import N1, random_sites, session_of, written
from tests.hydraulics.plain_epanet import heads_of
from tests.hydraulics.truth import compared

DARCY = N1.replace("Headloss H-W", "Headloss D-W").replace(" 120 0", " 0.5 0").replace(" 110 0", " 1 0")
NETWORKS = {"H-W": N1, "D-W": DARCY.replace(" 100 0 Open", " 2 0 Open")}


@pytest.fixture
def any_size(monkeypatch):
    """Small models are asked as large ones are, and measured from the first question on."""
    monkeypatch.setattr(hydraulics.epanet.runner, "_LARGE_COUNT", 0)
    monkeypatch.setattr(hydraulics.epanet.runner, "_LOOKED_AT", ("D-W", "H-W"))
    monkeypatch.setattr(hydraulics.session, "_PLAIN_QUESTIONS", -1)
    monkeypatch.setattr(hydraulics.session, "_PLAIN_QUESTIONS_BESIDE", -1)


def cold_heads(session, folder, extra_m3s):
    """Heads by plain EPANET on a file with the demand in it."""
    ((node, flow_m3s),) = extra_m3s.items()
    write_after(
        session.model, folder / "after.inp", tie_in=TieIn(node_id=session.index.node_ids[node]), flow_m3s=flow_m3s,
        service=None,
    )  # fmt: skip
    plain = heads_of(folder / "after.inp")
    return np.array([plain[name] for name in session.model.engine_nodes])


@pytest.mark.parametrize("formula", NETWORKS)
@pytest.mark.parametrize("flow_m3s", [0.0002, 0.001])
def test_the_distance_told_is_that_to_plain_epanet(formula, flow_m3s, tmp_path):
    with session_of(written(tmp_path, NETWORKS[formula]), tmp_path / "model") as session:
        extra, base = {session.node_position["J3"]: flow_m3s}, session.base
        told_m = Nearness(system_of(session)).away_m(base.head_m, base.flow_m3s, extra)
        real_m = np.abs(cold_heads(session, tmp_path, extra) - base.head_m).max()

        # The base is a whole demand away, and its tangents bend on the way.
        assert real_m > 0.005
        assert told_m == pytest.approx(real_m, rel=0.25)


def test_a_state_that_keeps_something_of_another_scenario_is_far(tmp_path):
    with session_of(written(tmp_path, N1), tmp_path / "model") as session:
        near, node = Nearness(system_of(session)), session.node_position["J3"]
        other = session.solve({node: 0.004})

        assert near.away_m(session.base.head_m, session.base.flow_m3s, {}) < 1e-4
        assert near.away_m(other.head_m, other.flow_m3s, {node: 0.004}) < 1e-4
        assert near.away_m(other.head_m, other.flow_m3s, {}) > 0.02
        assert near.away_m(session.base.head_m, other.flow_m3s, {}) > 0.02
        assert not near.away_m(session.base.head_m * np.nan, session.base.flow_m3s, {}) < 1e6
        assert not near.away_m(session.base.head_m, session.base.flow_m3s * np.nan, {}) < 1e6


@pytest.mark.parametrize("formula", NETWORKS)
@pytest.mark.parametrize("pipe", ["P1", "P2", "P4"])
def test_flow_through_a_pipe_moves_with_its_ends_as_plain_epanet_moves_it(formula, pipe, tmp_path):
    step_m3s = 0.0002
    with session_of(written(tmp_path, NETWORKS[formula]), tmp_path / "model") as session:
        link = session.link_position[pipe]
        told = Nearness(system_of(session)).through_change(link)
        for end, change in zip(("link_start", "link_end"), told, strict=True):
            node = int(getattr(session.index, end)[link])
            if not session.index.is_junction[node]:
                assert change == 0.0
                continue
            moved = session.solve({node: step_m3s}).flow_m3s - session.solve({node: -step_m3s}).flow_m3s
            assert change == pytest.approx(moved[link] / step_m3s / 2, abs=0.01)


@pytest.mark.real_data
def test_measured_answers_are_those_of_plain_epanet_at_any_site(any_size, shared_data, tmp_path):
    with session_of(shared_data / "networks" / "Modena.inp", tmp_path) as session:
        truth = compared(session, tmp_path, count=24)

        assert session._runner.measure is not None
        assert truth.where == []
        assert truth.after_m <= 0.01


@pytest.mark.real_data
def test_measured_answers_of_a_large_real_network_are_those_of_plain_epanet(any_size, shared_data, tmp_path):
    """Friction by Darcy and Weisbach, flows that turn round: where trials are many and the last ones hard to spare."""
    with session_of(shared_data / "networks" / "Vitens_benchmark.inp", tmp_path) as session:
        truth = compared(session, tmp_path, count=8, allowed_m=0.005)

        assert session._runner.measure is not None
        assert truth.where == []


def test_an_answer_that_never_comes_near_is_solved_cold_and_closely(any_size, tmp_path, monkeypatch):
    with session_of(written(tmp_path, N1), tmp_path / "model") as session:
        site, colds = TieIn(node_id="J3"), []
        check_connection(session, site, flow_m3s=0.001, limit_m=14.0)
        forget = session._project.forget_flows
        monkeypatch.setattr(session._project, "forget_flows", lambda: [colds.append(1), forget()])
        monkeypatch.setattr(session._runner.measure, "away_m", lambda *_: np.nan)
        after = check_connection(session, site, flow_m3s=0.004, limit_m=14.0).after

        assert colds == [1]
        plain = cold_heads(session, tmp_path, {session.node_position["J3"]: 0.004})
        np.testing.assert_allclose(after.head_m, plain, atol=1e-4)
        assert session._runner._tight == (session._project.option(1), session._project.option(5))


def test_what_was_asked_before_leaves_no_trace_in_a_measured_answer(any_size, tmp_path):
    with session_of(written(tmp_path, DARCY), tmp_path / "model") as session:
        for flow_m3s in (0.05, 50.0, 0.0001, 0.2):
            for node in ("J1", "J3"):
                check_connection(session, TieIn(node_id=node), flow_m3s=flow_m3s, limit_m=14.0)
        after = check_connection(session, TieIn(node_id="J2"), flow_m3s=0.001, limit_m=14.0).after

        plain = cold_heads(session, tmp_path, {session.node_position["J2"]: 0.001})
        np.testing.assert_allclose(after.head_m, plain, atol=0.005)


def test_a_model_with_devices_is_never_measured(any_size, tmp_path):
    text = N1.replace("P4 J1 J3 900 150 100 0 Open", "P4 J1 J3 900 150 100 0 CV")
    with session_of(written(tmp_path, text), tmp_path / "model") as session:
        check_connection(session, TieIn(node_id="J3"), flow_m3s=0.001, limit_m=14.0)

        assert session._runner.measure is None


@pytest.mark.parametrize("spoiled", ["heads", "states"])
def test_the_guard_starts_cold_where_the_base_is_not_found_again(spoiled, tmp_path, monkeypatch):
    monkeypatch.setattr(hydraulics.session, "_GUARD_EVERY", 1)
    with session_of(written(tmp_path, N1), tmp_path / "model") as session:
        project, colds = session._project, []
        forget = project.forget_flows
        monkeypatch.setattr(project, "forget_flows", lambda: [colds.append(1), forget()])
        session.solve({0: 0.001})
        assert colds == []

        name, what = (("node_values", NodeValue.HEAD), ("link_values", LinkValue.STATE))[spoiled == "states"]
        read = getattr(project, name)
        monkeypatch.setattr(project, name, lambda asked: read(asked) + (1.0 if asked == what else 0.0))
        session.solve({0: 0.001})
        assert colds == [1]


def test_who_confirms_anothers_heads_solves_closely(any_size, tmp_path):
    with session_of(written(tmp_path, DARCY), tmp_path / "model") as session:
        for site in (TieIn(node_id="J3"), TieIn(pipe_id="P2", fraction=0.4)):
            tap(session, site, flow_m3s=0.05)
            found = tap(session, site, flow_m3s=0.004, closely=True)
            write_after(session.model, tmp_path / "after.inp", tie_in=site, flow_m3s=0.004, service=None)
            plain = heads_of(tmp_path / "after.inp")

            names = session.model.engine_nodes
            np.testing.assert_allclose(found.after.head_m, [plain[name] for name in names], atol=5e-4)
