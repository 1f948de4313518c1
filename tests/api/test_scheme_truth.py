"""
The scheme against plain EPANET: every junction of model-after.inp, solved cold.

EPANET reads each file as it was written; every tenth also goes through WNTR's reader and simulator, which takes a second.
"""

from __future__ import annotations

import json
import math
import random
import warnings
from functools import partial

import numpy as np
import pytest

from api.network.imports import import_into
from api.positions import position_of, wire_position
from api.planning.schemes import FILES, make_scheme, read_book
from api.settings import read_settings
from api.workbench import Workbench
from design.request import parse_request
from design.scheme import plan_connection
from hydraulics.inp.written import ServiceLine, write_after
from tests.hydraulics.plain_epanet import heads_of

SITES = 50
REAL = [("ky4", "EPSG:3089"), ("L-TOWN", None), ("HU_ferto_orig", "EPSG:23700")]


def random_requests(bench: Workbench, seed: int):
    """Sites anywhere in the extent of the network, and sites within a street's width of its pipes, in turn."""
    rng = random.Random(seed)
    nodes = bench.network.nodes
    places = nodes.geometry[nodes.geometry.notna()]
    west, south, east, north = places.total_bounds
    for number in range(SITES):
        if number % 2:
            near = places.iloc[rng.randrange(len(places))]
            xy = near.x + rng.uniform(-80, 80), near.y + rng.uniform(-80, 80)
        else:
            xy = rng.uniform(west, east), rng.uniform(south, north)
        yield {
            "name": f"site {number}",
            "site": {
                "position": list(wire_position(bench.network, xy)),
                "storeys": rng.choice([1, 3, 6, 11]),
            },
            "use": {"type": "residential", "dwellings": rng.choice([6, 48, 200])},
        }


def wntr_heads(path, folder):
    """Heads of a file [m], by WNTR's reader and EpanetSimulator: nothing of ours is involved."""
    import wntr

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = wntr.network.WaterNetworkModel(str(path))
        results = wntr.sim.EpanetSimulator(model).run_sim(file_prefix=str(folder / "plain"))
    return results.node["head"].iloc[0]


def assert_every_junction_agrees(bench, scheme, folder, *, by):
    session, best = bench.city.session, scheme.best
    path = folder / "model-after.inp"
    service = ServiceLine(
        site_elevation_m=scheme.site.elevation_m, length_m=best.service.length_m,
        inner_diameter_m=best.service.inner_diameter_m, roughness_c=best.service.roughness_c,
        local_loss_m=best.service.local_m, friction_m=best.service.friction_m,
    )  # fmt: skip
    write_after(
        session.model, path, tie_in=best.point.tie_in, flow_m3s=scheme.demand.design_flow_m3s, service=service
    )
    plain = by(path)
    index = session.index
    rows = np.flatnonzero(index.is_junction & np.isfinite(best.check.after.head_m))
    assert len(rows) > 0.9 * np.count_nonzero(index.is_junction & index.is_fed)
    theirs = np.array([plain[session.model.engine_nodes[row]] for row in rows], float)
    worst_m = float(np.abs(theirs - best.check.after.head_m[rows]).max())
    assert worst_m < 0.01, (scheme.request.name, worst_m)
    site_m = float(plain["TW-SITE"]) - scheme.site.elevation_m
    assert site_m == pytest.approx(best.site_pressure_after_m, abs=0.01)


def check_sites(workspace, tmp_path, seed):
    bench = Workbench.open(read_settings(workspace=str(workspace)))
    try:
        book = read_book(bench)
        answered = 0
        for document in random_requests(bench, seed):
            request = parse_request(document)
            place = position_of(bench.network, request.position_xy, None)
            scheme = plan_connection(request, place.xy, city=bench.city, book=book)
            assert len(scheme.options) == 3
            assert all(option.reasons for option in scheme.options)
            answered += 1
            assert_every_junction_agrees(bench, scheme, tmp_path, by=heads_of)
            if answered % 10 == 0:
                assert_every_junction_agrees(bench, scheme, tmp_path, by=partial(wntr_heads, folder=tmp_path))
        assert answered == SITES
    finally:
        bench.close()


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "crs"), REAL)
def test_fifty_random_sites_of_a_real_network_get_a_scheme_plain_epanet_confirms(
    name, crs, shared_data, tmp_path
):
    import_into(tmp_path / "w", [shared_data / "networks" / f"{name}.inp"], crs=crs)
    check_sites(tmp_path / "w", tmp_path, seed=5)


def test_fifty_random_sites_of_the_sample_city_get_a_scheme_plain_epanet_confirms(sample_workspace, tmp_path):
    check_sites(sample_workspace, tmp_path, seed=6)


def test_the_files_of_a_scheme_say_what_its_document_says(sample_workspace, tmp_path):
    bench = Workbench.open(read_settings(workspace=str(sample_workspace)))
    document = next(random_requests(bench, 3))
    answer = make_scheme(bench, document, tmp_path / "out", progress=_silent())
    bench.close()

    kept = json.loads((tmp_path / "out" / "scheme.json").read_text(encoding="utf-8"))
    assert kept == json.loads(json.dumps(answer))
    assert {path.name for path in (tmp_path / "out").iterdir()} - {"permits"} == set(FILES)
    plain = wntr_heads(tmp_path / "out" / "model-after.inp", tmp_path)
    check = kept["options"][0]["check"]
    worst = check["worst_neighbour"]
    head_m = worst["pressure_after_m"] + worst["elevation_m"]
    assert float(plain[worst["node_id"]]) == pytest.approx(head_m, abs=0.01)
    site_m = float(plain["TW-SITE"]) - check["site_elevation_m"]
    assert site_m * 9.80665 / 1000 == pytest.approx(check["site_pressure_after_mpa"], abs=1e-4)


def test_sample_city_sources_give_believable_peak_pressures(sample_workspace):
    bench = Workbench.open(read_settings(workspace=str(sample_workspace)))
    index, base = bench.city.session.index, bench.city.session.base
    mpa = base.pressure_m[index.is_junction & index.is_fed] * 9.80665 / 1000
    bench.close()
    assert base.converged
    assert math.isfinite(mpa.min())
    assert np.mean((mpa >= 0.20) & (mpa <= 0.45)) >= 0.80
    assert index.is_fed.mean() > 0.97


def _silent():
    from gis.progress import SILENT

    return SILENT
