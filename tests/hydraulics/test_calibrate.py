"""Calibration against networks whose true parameters are known: readings come from EPANET with them."""

from dataclasses import replace

import numpy as np
import pytest

from gis.progress import SILENT
from hydraulics.model import write_model
from hydraulics.session import Session
from hydraulics.uncertainty.calibrate import calibrate
from hydraulics.uncertainty.calibrated import Calibration, calibrated_tables, narrowed
from hydraulics.uncertainty.groups import Groups
from hydraulics.uncertainty.readings import Reading
from tests.hydraulics.models import session_of, written
from tests.hydraulics.test_capacity import TWO_LOOPS


def groups_by_bore(tables, edges, names):
    group = np.full(len(tables.link_ids), -1)
    group[: tables.pipe_count] = np.digitize(tables.diameter_m[: tables.pipe_count], edges)
    links, nodes = len(tables.link_ids), len(tables.node_ids)
    return Groups(names, group, np.full(len(names), 0.15), np.full(links, 0.01), np.full(nodes, 0.1))


def truth_of(session, groups, folder, rough, demand=1.0):
    tables = session.model.tables
    factor = np.append(rough, 1.0)[groups.group]
    changed = replace(
        tables, roughness_factor=tables.roughness_factor * factor, demand_m3s=tables.demand_m3s * demand
    )
    return Session(write_model(changed, folder, version="v", description=session.model.description))


def hydrant_tests(truth, nodes, flows, accuracy_m=0.05, noise=None):
    """A reading without and one with flow at each node."""
    readings = []
    for node in nodes:
        for flow in (0.0, *flows):
            pressure = truth.solve({node: flow} if flow else {}).pressure_m[node]
            pressure += 0.0 if noise is None else noise.standard_normal() * accuracy_m
            name = truth.index.node_ids[node]
            readings.append(Reading(name, float(pressure), accuracy_m, 1.0, name, flow))
    return readings


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "formula_power"), [("two-loops", 1), ("Modena", 1), ("EXN_designres", 1)])
def test_known_coefficients_are_recovered(name, formula_power, request, tmp_path):
    """Groups 12 % rougher and 10 % smoother than the table; EXNET is by Darcy-Weisbach, where millimetres move."""
    path = (
        written(tmp_path, TWO_LOOPS)
        if name == "two-loops"
        else request.getfixturevalue("shared_data") / "networks" / f"{name}.inp"
    )
    with session_of(path, tmp_path / "model") as session:
        tables = session.model.tables
        assert name != "EXN_designres" or tables.options.formula == "D-W"
        middle = float(np.median(tables.diameter_m[: tables.pipe_count]))
        groups = groups_by_bore(tables, [middle], ("small", "large"))
        known = np.array([0.88, 1.10])
        with truth_of(session, groups, tmp_path / "truth", known) as truth:
            demanding = np.flatnonzero(
                truth.index.is_junction & (truth.index.demand_m3s > 0) & np.isfinite(truth.base.head_m)
            )
            lowest = demanding[np.argsort(truth.base.pressure_m[demanding])]
            nodes = lowest[np.linspace(0, len(lowest) - 1, min(10, len(lowest))).astype(int)]
            flow = 0.02 if name == "two-loops" else 0.01
            readings = hydrant_tests(truth, [int(n) for n in nodes], (flow,), accuracy_m=0.02)
        fit = calibrate(session, groups, readings, scratch=tmp_path / "fit", progress=SILENT)

    found = [fit.calibration.roughness[n].factor for n in groups.names]
    judged = [fit.calibration.roughness[n].is_identified for n in groups.names]
    assert fit.calibration.rms_after_m < 0.05 < fit.calibration.rms_before_m
    for factor, right, sure in zip(found, known, judged):
        if sure:
            assert factor == pytest.approx(right, rel=0.03)
    assert any(judged)


def test_demand_and_roughness_are_told_apart_by_opened_hydrants_and_not_without(tmp_path):
    """Loggers alone see only the loss, so C and demand trade; a known flow breaks the tie."""
    with session_of(written(tmp_path, TWO_LOOPS), tmp_path / "model") as session:
        groups = groups_by_bore(session.model.tables, [], ("all",))
        with truth_of(session, groups, tmp_path / "truth", [0.9], demand=1.08) as truth:
            loggers = [Reading(str(n), float(truth.base.pressure_m[n - 2]), 0.02) for n in range(2, 8)]
            tests = hydrant_tests(truth, [2, 4], (0.03, 0.06), accuracy_m=0.02)
        blind = calibrate(session, groups, loggers, scratch=tmp_path / "a", progress=SILENT)
        told = calibrate(session, groups, [*loggers, *tests], scratch=tmp_path / "b", progress=SILENT)

    assert blind.alike == (("all", "demand"),)
    assert blind.calibration.rms_after_m < 0.02
    assert told.alike == () or told.calibration.demand.share < 0.3 * blind.calibration.demand.share
    assert told.calibration.roughness["all"].factor == pytest.approx(0.9, rel=0.02)
    assert told.calibration.demand.factor == pytest.approx(1.08, rel=0.02)


def test_what_no_reading_sees_stays_and_is_said_so(tmp_path):
    """A reading beside the source sees no loss: nothing is judged by it."""
    with session_of(written(tmp_path, TWO_LOOPS), tmp_path / "model") as session:
        tables = session.model.tables
        groups = groups_by_bore(tables, [0.2], ("small", "large"))
        reading = Reading("2", float(session.base.pressure_m[0]), 2.0)
        fit = calibrate(session, groups, [reading], scratch=tmp_path / "fit", progress=SILENT)
        one = fit.calibration

    assert not any(factor.is_identified for factor in (*one.roughness.values(), one.demand))
    assert [factor.factor for factor in one.roughness.values()] == pytest.approx([1.0, 1.0], abs=1e-3)
    assert Calibration.from_doc(one.doc()) == one
    assert calibrated_tables(tables, groups, one).demand_m3s == pytest.approx(tables.demand_m3s, rel=1e-3)
    assert (narrowed(groups, one).roughness_share <= groups.roughness_share + 1e-9).all()


def test_noisy_readings_end_within_what_the_spread_says(tmp_path):
    """Twenty noisy sets: the mean squared miss of ln C in its own standard deviations is near 1."""
    misses = []
    with session_of(written(tmp_path, TWO_LOOPS), tmp_path / "model") as session:
        groups = groups_by_bore(session.model.tables, [0.2], ("small", "large"))
        rng = np.random.default_rng(5)
        for number in range(20):
            known = np.exp(0.15 * rng.standard_normal(2))
            with truth_of(session, groups, tmp_path / f"t{number}", known) as truth:
                readings = hydrant_tests(truth, [1, 3, 5], (0.01,), accuracy_m=0.3, noise=rng)
            one = calibrate(
                session, groups, readings, scratch=tmp_path / f"f{number}", progress=SILENT
            ).calibration
            for name, right in zip(groups.names, known):
                misses.append(np.log(one.roughness[name].factor / right) / one.roughness[name].share)
    assert 0.5 < np.sqrt(np.mean(np.square(misses))) < 1.5


def test_readings_no_roughness_explains_are_said_to_be_unexplained(tmp_path):
    """A closed valve in truth: pressures 20 m off, which 45 % of C and 30 % of demand cannot bring about."""
    with session_of(written(tmp_path, TWO_LOOPS), tmp_path / "model") as session:
        groups = groups_by_bore(session.model.tables, [0.2], ("small", "large"))
        readings = [
            Reading("6", float(session.base.pressure_m[4]) - 20.0, 0.1),
            Reading("3", float(session.base.pressure_m[1]) + 5.0, 0.1),
        ]
        fit = calibrate(session, groups, readings, scratch=tmp_path / "fit", progress=SILENT)
        shares = [one.share for one in (*fit.calibration.roughness.values(), fit.calibration.demand)]

    assert not fit.calibration.is_sound
    assert any(one.is_at_bound for one in fit.calibration.roughness.values())
    assert all(0.0 < share < 0.16 for share in shares)
