"""A warm session forgets what it was asked, shares no state with others, and leaves nothing behind."""

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from gis.messages import both_languages
from hydraulics.errors import HydraulicsError, ModelInputError
from hydraulics.model import build_peak_model
from hydraulics.pressure import check_connection
from hydraulics.results import TieIn
from hydraulics.session import Session
from tests.hydraulics.models import N1, network_of, random_sites, session_of, written


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["Modena", "ky10", "L-TOWN", "Rural"])
def test_fifty_scenarios_leave_the_base_state_as_it_was(name, shared_data, tmp_path):
    rng = np.random.default_rng(11)
    with session_of(shared_data / "networks" / f"{name}.inp", tmp_path) as session:
        nodes = np.flatnonzero(session.index.is_junction & session.index.is_fed)
        for _ in range(50):
            chosen = rng.choice(nodes, size=3)
            session.solve({int(n): float(q) for n, q in zip(chosen, rng.choice([0.0005, 0.01, 0.2], 3))})

        again = session.solve({})

        np.testing.assert_allclose(again.head_m, session.base.head_m, atol=0.001)
        np.testing.assert_allclose(again.flow_m3s, session.base.flow_m3s, atol=2e-5)


@pytest.mark.real_data
def test_sessions_of_different_networks_in_eight_threads_answer_as_alone(shared_data, tmp_path):
    names = ["Modena", "ky4", "Net3", "L-TOWN"]
    sessions = [
        session_of(shared_data / "networks" / f"{name}.inp", tmp_path / f"{name}-{copy}")
        for name in names
        for copy in range(2)
    ]
    work = [(s, site, flow) for s in sessions for site, flow in random_sites(s, count=12)]

    def heads(job):
        session, site, flow_m3s = job
        return check_connection(session, site, flow_m3s=flow_m3s, limit_m=20.0).after.head_m

    alone = [heads(job) for job in work]
    order = np.random.default_rng(5).permutation(len(work))
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(heads, [work[n] for n in order]))

    for place, got in zip(order, together):
        np.testing.assert_allclose(got, alone[place], atol=1e-4)
    for session in sessions:
        session.close()


def test_a_closed_session_says_so_and_leaves_no_file(tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.chdir(scratch)
    session = session_of(written(tmp_path, N1), tmp_path / "model")
    session.solve({0: 0.001})
    session.close()
    session.close()

    assert list(scratch.iterdir()) == []
    with pytest.raises(HydraulicsError) as refusal:
        session.solve({})
    assert "重新打开" in both_languages(refusal.value)


def test_a_refused_file_leaves_no_file_and_no_open_handle(tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    path = written(tmp_path, N1.replace("P3 J2 J3 400", "P3 J2 J3 long"))
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    for _ in range(20):
        with pytest.raises(ModelInputError):
            build_peak_model(network_of(path), tmp_path / "model")
    after = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0

    assert list(scratch.iterdir()) == []
    assert after <= before + 1


def test_extra_demand_at_a_reservoir_changes_nothing(tmp_path):
    with session_of(written(tmp_path, N1), tmp_path / "model") as session:
        after = session.solve({session.node_position["R1"]: 5.0})

        np.testing.assert_allclose(after.head_m, session.base.head_m, atol=1e-4)


def test_a_hopeless_demand_is_answered_and_does_not_spoil_the_next_question(tmp_path):
    with session_of(written(tmp_path, N1), tmp_path / "model") as session:
        hopeless = session.solve({session.node_position["J3"]: 50.0})
        again = session.solve({})

        assert hopeless.pressure_m[session.node_position["J3"]] < -100.0
        np.testing.assert_allclose(again.head_m, session.base.head_m, atol=0.001)


def test_unknown_places_are_refused_by_name(tmp_path):
    with session_of(written(tmp_path, N1), tmp_path / "model") as session:
        for tie_in, name in ((TieIn(node_id="J99"), "J99"), (TieIn(pipe_id="P99"), "P99")):
            with pytest.raises(ModelInputError) as refusal:
                check_connection(session, tie_in, flow_m3s=0.001, limit_m=14.0)
            assert both_languages(refusal.value).count(name) == 2


def test_a_session_is_a_context_that_closes_itself(tmp_path):
    with Session(build_peak_model(network_of(written(tmp_path, N1)), tmp_path / "model")) as session:
        assert session.base.converged
    with pytest.raises(HydraulicsError):
        session.solve({})
