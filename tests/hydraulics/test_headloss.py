"""Closed forms against EPANET itself and against the standards' worked figures."""

import json

import pytest
from pytest import approx

from hydraulics.headloss import (
    PipeLaw,
    colebrook_gradient_m_m,
    darcy_weisbach_loss_m,
    gb50013_loss_m,
    gb50015_gradient_kpa_m,
    hazen_williams_loss_m,
    minor_k_of_loss,
    minor_loss_m,
)
from tests.hydraulics.models import written
from tests.hydraulics.plain_epanet import heads_of

ONE_PIPE = """
[JUNCTIONS]
J 0 {flow_lps}
[RESERVOIRS]
R 1000
[PIPES]
P R J {length} {bore_mm} {roughness} {k} Open
[OPTIONS]
Units LPS
Headloss {formula}
Accuracy 0.0000001
Trials 200
[END]
"""


def loss_by_epanet_m(folder, **pipe):
    heads = heads_of(written(folder, ONE_PIPE.format(**pipe)))
    return heads["R"] - heads["J"]


@pytest.mark.parametrize("bore_mm", [40.8, 100.0, 300.0, 800.0])
@pytest.mark.parametrize("c", [67.0, 100.0, 145.0])
def test_hazen_williams_is_that_of_epanet(bore_mm, c, tmp_path):
    flow_lps = 1.1 * (bore_mm / 35.7) ** 2
    plain_m = loss_by_epanet_m(
        tmp_path, formula="H-W", flow_lps=flow_lps, length=137, bore_mm=bore_mm, roughness=c, k=0
    )
    ours_m = hazen_williams_loss_m(flow_lps / 1000, length_m=137, inner_diameter_m=bore_mm / 1000, c=c)

    assert ours_m == approx(plain_m, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("velocity", [0.01, 0.02, 0.03, 0.05, 0.3, 1.0, 2.5])
def test_darcy_weisbach_is_that_of_epanet_in_laminar_transitional_and_turbulent_flow(velocity, tmp_path):
    bore_m = 0.1
    flow_m3s = velocity * 3.14159 / 4 * bore_m**2
    plain_m = loss_by_epanet_m(
        tmp_path, formula="D-W", flow_lps=flow_m3s * 1000, length=5000, bore_mm=100, roughness=0.2, k=0
    )
    ours_m = darcy_weisbach_loss_m(flow_m3s, length_m=5000, inner_diameter_m=bore_m, roughness_m=0.0002)

    assert ours_m == approx(plain_m, rel=1e-5, abs=1e-6)


def test_manning_and_fittings_are_those_of_epanet(tmp_path):
    plain_m = loss_by_epanet_m(
        tmp_path, formula="C-M", flow_lps=30, length=400, bore_mm=200, roughness=0.012, k=7.5
    )

    assert PipeLaw("C-M", 400.0, 0.2, 0.012, minor_k=7.5).loss_m(0.030) == approx(plain_m, rel=1e-5)


def test_reversed_flow_gives_the_negative_loss():
    for formula, roughness in (("H-W", 120.0), ("D-W", 0.1), ("C-M", 0.012)):
        law = PipeLaw(formula, 100.0, 0.15, roughness, minor_k=2.0)
        assert law.loss_m(-0.012) == -law.loss_m(0.012) < 0


def test_two_pieces_lose_what_the_whole_pipe_loses():
    law = PipeLaw("H-W", 310.0, 0.15, 110.0, minor_k=3.0)

    assert law.part(0.3).loss_m(0.02) + law.part(0.7).loss_m(0.02) == approx(law.loss_m(0.02), rel=1e-12)


def test_a_loss_turned_into_k_gives_the_loss_again():
    k = minor_k_of_loss(3.06, flow_m3s=0.004, inner_diameter_m=0.08)

    assert minor_loss_m(0.004, inner_diameter_m=0.08, minor_k=k) == approx(3.06, rel=1e-12)
    assert minor_k_of_loss(3.06, flow_m3s=0.0, inner_diameter_m=0.08) == 0.0


@pytest.mark.real_data
def test_the_chinese_forms_give_the_reference_vectors(shared_data):
    vectors = json.loads((shared_data / "results" / "engineering-test-vectors.json").read_text())
    for case in vectors["hazen_williams"]:
        size = {"inner_diameter_m": case["d_m"], "c": case["C"]}
        assert gb50015_gradient_kpa_m(case["q_m3s"], **size) == approx(case["gb50015_kPa_m"], abs=6e-6)
        assert gb50013_loss_m(case["q_m3s"], length_m=1.0, **size) == approx(case["gb50013_m_m"], abs=6e-7)


# Engineering reference 2.2: q L/s, d mm, C, kPa/m by GB 50015, m/m by GB 50013.
REFERENCE_ROWS = [
    (2.0, 51.4, 140, 0.21645, 0.021511),
    (5.0, 90.0, 140, 0.07705, 0.007671),
    (2.0, 52.7, 100, 0.35717, 0.035518),
    (11.6, 103.2, 130, 0.21529, 0.021473),
    (15.0, 103.2, 130, 0.34637, 0.034565),
    (30.0, 200.0, 120, 0.05772, 0.005769),
]


@pytest.mark.parametrize(("flow_lps", "bore_mm", "c", "kpa_m", "m_m"), REFERENCE_ROWS)
def test_the_rows_of_the_reference_are_met(flow_lps, bore_mm, c, kpa_m, m_m):
    size = {"inner_diameter_m": bore_mm / 1000, "c": c}

    assert gb50015_gradient_kpa_m(flow_lps / 1000, **size) == approx(kpa_m, abs=6e-6)
    assert gb50013_loss_m(flow_lps / 1000, length_m=1.0, **size) == approx(m_m, abs=6e-7)
    # Two standards for one pipe: near, but not the same.
    epanet = hazen_williams_loss_m(flow_lps / 1000, length_m=1.0, **size)
    assert epanet == approx(m_m, rel=0.004)


@pytest.mark.parametrize(
    ("flow_lps", "bore_mm", "roughness_mm", "m_m"),
    [(2.0, 51.4, 0.01, 0.021048), (30.0, 200.0, 0.1, 0.0045147)],
)
def test_colebrook_gives_the_reference_slopes(flow_lps, bore_mm, roughness_mm, m_m):
    slope = colebrook_gradient_m_m(
        flow_lps / 1000, inner_diameter_m=bore_mm / 1000, roughness_m=roughness_mm / 1000
    )

    assert slope == approx(m_m, rel=1e-4)
