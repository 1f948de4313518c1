"""What the warm session says is what plain, cold EPANET computes from the exported files."""

import numpy as np
import pytest
from pytest import approx

from hydraulics.headloss import hazen_williams_loss_m
from hydraulics.inp.written import ServiceLine, write_after, write_before
from hydraulics.pressure import check_connection
from tests.hydraulics.models import random_sites, session_of
from tests.hydraulics.plain_epanet import heads_of, peak_step

NETWORKS = ["ky4", "L-TOWN", "HU_ferto_orig", "Modena", "Net3", "CTown"]


@pytest.mark.real_data
@pytest.mark.parametrize("name", NETWORKS)
def test_every_head_after_twenty_connections_is_that_of_plain_epanet(name, shared_data, tmp_path):
    with session_of(shared_data / "networks" / f"{name}.inp", tmp_path) as session:
        ids = dict(zip(session.index.node_ids, session.model.engine_nodes))
        for site, flow_m3s in random_sites(session, count=20):
            check = check_connection(session, site, flow_m3s=flow_m3s, limit_m=20.0)
            write_after(session.model, tmp_path / "after.inp", tie_in=site, flow_m3s=flow_m3s, service=None)
            plain = heads_of(tmp_path / "after.inp")

            worst = worst_difference_m(ids, check.after.head_m, plain)
            assert worst < 0.005, (site, worst)
            tie_in = plain["TW-TIE-IN" if site.pipe_id else ids[site.node_id]]
            assert check.tie_in_head_after_m == approx(tie_in, abs=0.005), site


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["ky4", "HU_ferto_orig", "Modena"])
def test_the_site_in_the_after_file_has_the_tie_in_head_less_the_loss_of_the_service_pipe(
    name, shared_data, tmp_path
):
    service = ServiceLine(
        site_elevation_m=12.5, length_m=63.0, inner_diameter_m=0.0968, roughness_c=140.0, local_loss_m=4.2
    )
    with session_of(shared_data / "networks" / f"{name}.inp", tmp_path) as session:
        for site, flow_m3s in random_sites(session, count=6, seed=3):
            check = check_connection(session, site, flow_m3s=flow_m3s, limit_m=20.0)
            write_after(
                session.model, tmp_path / "after.inp", tie_in=site, flow_m3s=flow_m3s, service=service
            )
            friction_m = hazen_williams_loss_m(flow_m3s, length_m=63.0, inner_diameter_m=0.0968, c=140.0)

            site_head_m = heads_of(tmp_path / "after.inp")["TW-SITE"]

            assert site_head_m == approx(check.tie_in_head_after_m - friction_m - 4.2, abs=0.005)


@pytest.mark.real_data
@pytest.mark.parametrize(
    "name", ["ky4", "L-TOWN", "HU_ferto_orig", "Modena", "Net3", "CTown", "Net1", "MiniTown"]
)
def test_the_before_file_is_the_peak_step_of_the_whole_run(name, shared_data, tmp_path):
    source = shared_data / "networks" / f"{name}.inp"
    with session_of(source, tmp_path) as session:
        write_before(session.model, tmp_path / "before.inp")
        ids = dict(zip(session.index.node_ids, session.model.engine_nodes))
        demand_lps = np.maximum(session.index.demand_m3s, 0.0).sum() * 1000.0

        heads, total_lps, _ = peak_step(source)

        assert demand_lps == approx(total_lps, rel=1e-6)
        plain = heads_of(tmp_path / "before.inp")
        assert worst_difference_m(ids, session.base.head_m, plain) < 0.001
        assert max(abs(plain[ids[node]] - head) for node, head in heads.items()) < FILE_TOLERANCE_M


# The files ask EPANET for an accuracy of 0.001 to 0.01 of the flow; their own run is this inexact.
FILE_TOLERANCE_M = 0.02


def worst_difference_m(ids, head_m, plain):
    return max(
        abs(head - plain[ids[node]]) for node, head in zip(ids, head_m, strict=True) if np.isfinite(head)
    )


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["ky4", "CTown", "Modena", "Net3", "L-TOWN"])
def test_wntr_reads_the_exported_files_and_its_simulator_gives_the_same_heads(name, shared_data, tmp_path):
    import wntr

    with session_of(shared_data / "networks" / f"{name}.inp", tmp_path) as session:
        ids = dict(zip(session.index.node_ids, session.model.engine_nodes))
        for site, flow_m3s in random_sites(session, count=4, seed=9):
            check = check_connection(session, site, flow_m3s=flow_m3s, limit_m=20.0)
            write_after(session.model, tmp_path / "after.inp", tie_in=site, flow_m3s=flow_m3s, service=None)
            model = wntr.network.WaterNetworkModel(str(tmp_path / "after.inp"))
            results = wntr.sim.EpanetSimulator(model).run_sim(file_prefix=str(tmp_path / "wntr"))

            plain = results.node["head"].iloc[0].to_dict()

            # wntr keeps single precision: 1e-5 of the head.
            assert worst_difference_m(ids, check.after.head_m, plain) < 0.01
