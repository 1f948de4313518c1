"""The range of a pressure: sensitivities against EPANET's own differences, coverage against sampling with EPANET."""

from dataclasses import replace

import numpy as np
import pytest

from hydraulics.gga.system import build_system
from hydraulics.model import write_model
from hydraulics.session import Session
from hydraulics.uncertainty.band import Question, pressure_range, prior_of
from hydraulics.uncertainty.groups import Groups
from hydraulics.uncertainty.sensitivity import Sensitivity
from tests.hydraulics.models import session_of, written
from tests.hydraulics.test_capacity import TWO_LOOPS

EXTRA_M3S = 0.002


def heads(session, tables, folder, extra=None):
    with Session(write_model(tables, folder, version="v", description=session.model.description)) as other:
        return other.solve(extra or {}).head_m


def middle_node(session):
    """A junction far from the sources: with demand, water and a median head."""
    junctions = np.flatnonzero(
        session.index.is_junction & (session.index.demand_m3s > 0) & np.isfinite(session.base.head_m)
    )
    return int(junctions[np.argsort(session.base.head_m[junctions])[len(junctions) // 4]])


NETWORKS = ["two-loops", "Modena", "L-TOWN", "Net3"]


def opened(name, request, tmp_path):
    if name == "two-loops":
        return session_of(written(tmp_path, TWO_LOOPS), tmp_path / "model")
    return session_of(request.getfixturevalue("shared_data") / "networks" / f"{name}.inp", tmp_path / "model")


@pytest.mark.real_data
@pytest.mark.parametrize("name", NETWORKS)
def test_sensitivities_are_epanets_differences(name, request, tmp_path):
    """Roughness of one big pipe, demand of all, source heads: central differences of EPANET's heads; L-TOWN has PRVs."""
    with opened(name, request, tmp_path) as session:
        tables, system, node = session.model.tables, build_system(session), middle_node(session)
        extra = {node: EXTRA_M3S}
        part = Sensitivity(system, tables, extra).backward({int(system.row[node]): 1.0})
        pipe_laws = np.flatnonzero(system.link < tables.pipe_count)
        law = int(pipe_laws[np.argmax(np.abs(part.roughness[pipe_laws]))])

        def differs(change, step):
            up, down = (
                heads(session, change(sign * step), tmp_path / "try", extra)[node] for sign in (1, -1)
            )
            return (up - down) / (2 * step)

        def rougher(step):
            rough = tables.roughness_factor.copy()
            rough[system.link[law]] *= np.exp(step)
            return replace(tables, roughness_factor=rough)

        reservoirs = slice(tables.junction_count, tables.junction_count + tables.reservoir_count)
        fixed = system.row[np.arange(len(tables.node_ids))[reservoirs]]
        assert differs(rougher, 0.01) == pytest.approx(part.roughness[law], rel=0.02, abs=2e-3)
        more = float((part.demand * tables.demand_m3s[system.node]).sum())
        assert differs(
            lambda s: replace(tables, demand_m3s=tables.demand_m3s * (1 + s)), 0.01
        ) == pytest.approx(more, rel=0.02, abs=5e-3)
        raised = differs(lambda s: replace(tables, reservoir_head_m=tables.reservoir_head_m + s), 0.05)
        assert raised == pytest.approx(float(part.source[fixed[fixed >= 0]].sum()), rel=0.02, abs=5e-3)


@pytest.mark.real_data
@pytest.mark.parametrize("name", NETWORKS)
def test_all_heads_move_forward_as_each_head_does_backward(name, request, tmp_path):
    with opened(name, request, tmp_path) as session:
        tables, system, node = session.model.tables, build_system(session), middle_node(session)
        today = Sensitivity(system, tables, {})
        prior = prior_of(system, tables, groups_by_size(tables))
        row = int(system.row[node])
        part = today.backward({row: 1.0})
        along = today.forward(prior.direction(part))
        for other in np.random.default_rng(3).choice(system.unknowns, 5):
            there = today.backward({int(other): 1.0})
            assert along[other] == pytest.approx(sum(prior.product(part, there).values()), rel=1e-4, abs=1e-7)


def groups_by_size(tables):
    pipes = tables.pipe_count
    codes = np.digitize(tables.diameter_m[:pipes], [0.15, 0.3])
    group = np.full(len(tables.link_ids), -1)
    group[:pipes] = codes
    bore = np.zeros(len(tables.link_ids))
    bore[:pipes] = 0.03
    return Groups(
        ("small", "middle", "large"),
        group,
        np.array([0.15, 0.1, 0.08]),
        bore,
        np.full(len(tables.node_ids), 0.5),
    )


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "draws"), [("two-loops", 400), ("Modena", 300), ("EXN_designres", 150)])
def test_the_range_covers_what_it_says_of_epanet_runs_with_drawn_parameters(name, draws, request, tmp_path):
    """90 % asked: between 85 and 95 % of the draws (two standard errors of 300 draws are 3.5 %)."""
    rng = np.random.default_rng(11)
    with opened(name, request, tmp_path) as session:
        tables, system, node = session.model.tables, build_system(session), middle_node(session)
        groups = groups_by_size(tables)
        prior = prior_of(system, tables, groups)
        middle_m = session.solve({node: EXTRA_M3S}).pressure_m[node]
        question = Question({node: 1.0}, {node: EXTRA_M3S}, float(middle_m), 20.0)
        band = pressure_range(system, tables, groups, question, node_ids=session.index.node_ids)
        pipes, junctions = slice(0, tables.pipe_count), slice(0, tables.junction_count)
        drawn = []
        for _ in range(draws):
            demand, rough, bore = (
                tables.demand_m3s.copy(),
                tables.roughness_factor.copy(),
                tables.diameter_m.copy(),
            )
            local = 1 + prior.node_share * rng.standard_normal(tables.junction_count)
            demand[junctions] *= local + prior.common_share * rng.standard_normal()
            shift = groups.roughness_share * rng.standard_normal(3)
            rough[pipes] *= np.exp(shift[groups.group[pipes]])
            bore[pipes] *= np.exp(0.03 * rng.standard_normal(tables.pipe_count))
            head = tables.reservoir_head_m + 0.3 * rng.standard_normal(tables.reservoir_count)
            changed = replace(
                tables, demand_m3s=demand, roughness_factor=rough, diameter_m=bore, reservoir_head_m=head
            )
            ground = 0.5 * rng.standard_normal()
            drawn.append(
                heads(session, changed, tmp_path / "try", {node: EXTRA_M3S})[node]
                - tables.elevation_m[node]
                - ground
            )
        inside = np.mean((np.array(drawn) >= band.low_m) & (np.array(drawn) <= band.high_m))

        assert 0.85 <= inside <= 0.95
        # in a few draws a valve shuts and leaves the node without water: below the range, and of no size
        assert np.nanstd(drawn) == pytest.approx(band.sd_m, rel=0.15)


def test_the_reading_named_takes_away_what_it_says(tmp_path):
    """Against the exact conditional variance of drawn linear parameters, by the reading at every node in turn."""
    with session_of(written(tmp_path, TWO_LOOPS), tmp_path / "model") as session:
        tables, system = session.model.tables, build_system(session)
        groups = groups_by_size(tables)
        node = 4
        pressure_m = float(session.base.pressure_m[node])
        question = Question({node: 1.0}, {node: EXTRA_M3S}, pressure_m, pressure_m)
        band = pressure_range(system, tables, groups, question, node_ids=session.index.node_ids)
        prior = prior_of(system, tables, groups)
        loaded = Sensitivity(system, tables, question.extra_m3s).backward({int(system.row[node]): 1.0})
        today, gains = Sensitivity(system, tables, {}), {}
        for other in range(6):
            there = today.backward({int(system.row[other]): 1.0})
            same = 0.25 if other == node else 0.0
            shared = sum(prior.product(loaded, there).values()) + same
            gains[other] = (
                shared**2 / (sum(prior.product(there, there).values()) + 0.25 + 0.09) / band.sd_m**2
            )

        assert band.verdict == "measure-here"
        assert band.measure_at.quantity == "pressure"
        assert band.measure_at.removes_share == pytest.approx(
            gains[session.node_position[band.measure_at.node_id]], rel=1e-3
        )
        assert band.measure_at.removes_share >= 0.97 * max(gains.values())


def test_where_all_but_the_ground_is_sure_the_ground_is_to_be_levelled(tmp_path):
    """A gauge of 0.3 m tells less of a height that is sure to 0.4 m than a level does."""
    with session_of(written(tmp_path, TWO_LOOPS), tmp_path / "model") as session:
        tables, system = session.model.tables, build_system(session)
        ground = np.zeros(len(tables.node_ids))
        ground[2] = 0.4
        groups = replace(groups_by_size(tables), elevation_sd_m=ground)
        prior = prior_of(system, tables, groups)
        sure = replace(
            prior,
            common_share=0.0,
            node_share=0.0,
            group_share=np.zeros(3),
            bore_share=prior.bore_share * 0,
            source_m=prior.source_m * 0,
        )
        band = pressure_range(
            system,
            tables,
            groups,
            Question({2: 1.0}, {2: EXTRA_M3S}, 40.0, 20.0),
            node_ids=session.index.node_ids,
            prior=sure,
        )

        assert (band.measure_at.node_id, band.measure_at.quantity) == (session.index.node_ids[2], "elevation")
        assert band.measure_at.removes_share == pytest.approx(1.0) and band.verdict == "safe"
        assert band.high_m - band.low_m == pytest.approx(2 * 1.645 * 0.4, rel=1e-3)


@pytest.mark.real_data
def test_sources_whose_effect_bends_within_their_spread_are_taken_over_all_of_it(shared_data, tmp_path):
    """EXN has a valve that holds 58.4 m below a source of 58.4 m: heads move 3.6 m a metre there, 1.8 m over the spread."""
    rng = np.random.default_rng(11)
    with session_of(shared_data / "networks" / "EXN_designres.inp", tmp_path / "model") as session:
        tables, system, node = session.model.tables, build_system(session), middle_node(session)
        prior, extra = prior_of(system, tables, groups_by_size(tables)), {node: EXTRA_M3S}
        rows = {int(system.row[node]): 1.0}
        loaded = Sensitivity(system, tables, extra)
        at_point = loaded.backward(rows)
        over = loaded.over_spread(rows, at_point, prior.source_m)
        drawn = []
        for _ in range(60):
            head = tables.reservoir_head_m + 0.3 * rng.standard_normal(tables.reservoir_count)
            drawn.append(
                heads(session, replace(tables, reservoir_head_m=head), tmp_path / "try", extra)[node]
            )
        sampled_m = float(np.std(drawn))

        def sd_m(part):
            return float(np.sqrt(((part.source * prior.source_m) ** 2).sum()))

        assert sd_m(at_point) > 1.5 * sampled_m
        assert 0.9 * sampled_m <= sd_m(over) <= 1.4 * sampled_m
