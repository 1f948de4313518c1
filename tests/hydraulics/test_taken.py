"""Nodes between the ends of pipes, and promised demand in the base, against EPANET and the secant of the tie-in."""

import numpy as np
import pytest

from hydraulics.model import write_model
from hydraulics.results import TieIn
from hydraulics.session import Session
from hydraulics.demand.taken import Taken, with_places, with_taken
from hydraulics.tie_in import tap
from tests.hydraulics.models import N1, random_sites, session_of, written
from tests.hydraulics.plain_epanet import heads_of


def opened(tables, session, folder):
    return Session(write_model(tables, folder, version="v", description=session.model.description))


def test_a_pipe_cut_twice_behaves_as_before(tmp_path):
    with session_of(written(tmp_path, N1), tmp_path / "model") as session:
        wanted = [
            TieIn(pipe_id="P2", fraction=0.75),
            TieIn(pipe_id="P2", fraction=0.25),
            TieIn(node_id="R1"),
            TieIn(pipe_id="X"),
        ]
        tables, places = with_places(session.model.tables, wanted)
        with opened(tables, session, tmp_path / "cut") as cut:
            heads = dict(zip(cut.index.node_ids, cut.base.head_m))
            j1, j2 = heads["J1"], heads["J2"]

            assert heads == pytest.approx(
                {**heads_of(tmp_path / "model.inp"), **{n: heads[n] for n in heads if "@" in n}}, abs=1e-3
            )
            assert heads["P2@0.75"] == pytest.approx(j1 + 0.75 * (j2 - j1), abs=1e-3)
            assert [tables.node_ids[n] for n in places[:3]] == ["P2@0.75", "P2@0.25", "R1"]
            assert places[3] == -1
            assert sum(cut.index.link_length_m) == pytest.approx(3600.0)
            assert tables.link_ids == ("P1", "P2", "P3", "P4", "P2~1", "P2~2")


def test_promised_demand_between_the_ends_of_a_pipe_gives_the_heads_of_the_tie_in(tmp_path):
    with session_of(written(tmp_path, N1), tmp_path / "model") as session:
        tie_in = TieIn(pipe_id="P4", fraction=0.3)
        tapped = tap(session, tie_in, flow_m3s=0.004)
        tables, lost = with_taken(
            session.model.tables, [Taken(tie_in, 0.004, "A"), Taken(TieIn(node_id="NO"), 1.0, "B")]
        )
        with opened(tables, session, tmp_path / "cut") as cut:
            assert [one.name for one in lost] == ["B"]
            assert cut.base.head_m[:3] == pytest.approx(tapped.after.head_m[:3], abs=2e-3)
            assert cut.base.head_m[cut.node_position["P4@0.3"]] == pytest.approx(
                tapped.head_after_m, abs=2e-3
            )


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["Net3", "EXN_designres"])
def test_cut_pipes_of_real_networks_change_no_head_and_carry_what_the_secant_says(
    name, shared_data, tmp_path
):
    with session_of(shared_data / "networks" / f"{name}.inp", tmp_path) as session:
        sites = [site for site, _ in random_sites(session, count=16) if site.pipe_id]
        tables, places = with_places(session.model.tables, sites)
        assert (places >= 0).all()
        with opened(tables, session, tmp_path / "cut") as cut:
            before = [cut.base.head_m[cut.node_position[n]] for n in session.index.node_ids]
            known = np.isfinite(session.base.head_m)
            assert np.abs(np.array(before) - session.base.head_m)[known].max() < 0.01
            for site, place in list(zip(sites, places))[:4]:
                ours = cut.solve({int(place): 0.002}).head_m[place]
                assert ours == pytest.approx(tap(session, site, flow_m3s=0.002).head_after_m, abs=0.01)
