"""A tie-in between the ends of a pipe is the same as cutting the pipe there."""

import numpy as np
import pytest
from pytest import approx

from hydraulics.errors import ModelInputError
from hydraulics.inp.written import ServiceLine, write_after
from hydraulics.pressure import check_connection
from hydraulics.results import TieIn
from tests.hydraulics.models import N1, session_of, written
from tests.hydraulics.plain_epanet import PlainEpanet, heads_of

DEVICES = """
[JUNCTIONS]
A 10 2
B 12 4
C 11 3
D 10 1
[RESERVOIRS]
R 60
[TANKS]
T 50 3 1 6 10 0
[PIPES]
P1 R A 500 200 120 0 Open
P2 A B 400 100 110 5 Open
P3 B C 300 100 110 0 CV
P4 D T 200 150 120 0 Open
P5 A C 100 100 100 0 Closed
[PUMPS]
PU C D HEAD H
[CURVES]
H 6 25
[OPTIONS]
Units LPS
Headloss {formula}
[END]
"""


@pytest.mark.parametrize("fraction", [0.001, 0.2, 0.5, 0.8, 0.999])
@pytest.mark.parametrize("pipe", ["P1", "P2", "P3", "P4"])
def test_every_pipe_of_a_loop_can_be_tapped_anywhere(pipe, fraction, tmp_path):
    with session_of(written(tmp_path, N1), tmp_path / "model") as session:
        site = TieIn(pipe_id=pipe, fraction=fraction)
        check = check_connection(session, site, flow_m3s=0.02, limit_m=14.0)
        write_after(session.model, tmp_path / "after.inp", tie_in=site, flow_m3s=0.02, service=None)

        with PlainEpanet(tmp_path / "after.inp") as plain:
            plain.tighten()
            heads = plain.solve().heads()

        assert check.tie_in_head_after_m == approx(heads["TW-TIE-IN"], abs=0.001)
        for node, row in session.node_position.items():
            assert check.after.head_m[row] == approx(heads[node], abs=0.001)


@pytest.mark.parametrize("formula", ["H-W", "C-M"])
@pytest.mark.parametrize(("pipe", "fraction"), [("P2", 0.35), ("P3", 0.5), ("P4", 0.9)])
def test_pipes_beside_pumps_check_valves_and_tanks_can_be_tapped(pipe, fraction, formula, tmp_path):
    text = DEVICES.format(formula=formula)
    if formula == "C-M":
        text = (
            text.replace(" 120 ", " 0.011 ")
            .replace(" 110 ", " 0.012 ")
            .replace(" 100 0 Closed", " 0.012 0 Closed")
        )
    with session_of(written(tmp_path, text), tmp_path / "model") as session:
        site = TieIn(pipe_id=pipe, fraction=fraction)
        check = check_connection(session, site, flow_m3s=0.003, limit_m=14.0)
        write_after(session.model, tmp_path / "after.inp", tie_in=site, flow_m3s=0.003, service=None)
        heads = heads_of(tmp_path / "after.inp")

        assert check.tie_in_head_after_m == approx(heads["TW-TIE-IN"], abs=0.005)
        for node, row in session.node_position.items():
            assert check.after.head_m[row] == approx(heads[node], abs=0.005)


def test_the_ends_of_a_pipe_are_its_nodes(tmp_path):
    with session_of(written(tmp_path, N1), tmp_path / "model") as session:
        for fraction, node in ((0.0, "J1"), (1.0, "J2")):
            by_pipe = check_connection(
                session, TieIn(pipe_id="P2", fraction=fraction), flow_m3s=0.01, limit_m=14.0
            )
            by_node = check_connection(session, TieIn(node_id=node), flow_m3s=0.01, limit_m=14.0)
            assert by_pipe.tie_in_head_after_m == approx(by_node.tie_in_head_after_m, abs=1e-6)


def test_before_the_demand_the_head_falls_evenly_along_the_pipe(tmp_path):
    with session_of(written(tmp_path, N1), tmp_path / "model") as session:
        start_m, end_m = (session.base.head_m[session.node_position[n]] for n in ("J1", "J2"))
        check = check_connection(session, TieIn(pipe_id="P2", fraction=0.25), flow_m3s=0.0, limit_m=14.0)

        assert check.tie_in_head_before_m == approx(start_m - 0.25 * (start_m - end_m))
        assert check.tie_in_head_after_m == check.tie_in_head_before_m


def test_a_closed_pipe_a_pump_and_a_valve_cannot_be_tapped(tmp_path):
    with session_of(written(tmp_path, DEVICES.format(formula="H-W")), tmp_path / "model") as session:
        for pipe, code in (("P5", "tie-in-closed"), ("PU", "tie-in-no-pipe")):
            assert not session.can_tap(pipe)
            with pytest.raises(ModelInputError) as refusal:
                check_connection(session, TieIn(pipe_id=pipe, fraction=0.5), flow_m3s=0.001, limit_m=14.0)
            assert refusal.value.code == code
        assert session.can_tap("P2")


def test_the_service_pipe_of_a_darcy_weisbach_model_loses_what_the_scheme_says(tmp_path):
    text = (
        N1.replace("H-W", "D-W")
        .replace(" 120 0", " 0.3 0")
        .replace(" 110 0", " 0.4 0")
        .replace(" 100 0 ", " 0.5 0 ")
    )
    with session_of(written(tmp_path, text), tmp_path / "model") as session:
        for length_m, local_m in ((45.0, 3.0), (45.0, 0.0), (400.0, 0.0)):
            service = ServiceLine(
                53.0, length_m, 0.0514, 140.0, local_loss_m=local_m, friction_m=length_m * 0.0221
            )
            check = check_connection(session, TieIn(node_id="J2"), flow_m3s=0.002, limit_m=14.0)
            write_after(
                session.model, tmp_path / "after.inp", tie_in=check.tie_in, flow_m3s=0.002, service=service
            )

            site_m = heads_of(tmp_path / "after.inp")["TW-SITE"]

            assert site_m == approx(check.tie_in_head_after_m - length_m * 0.0221 - local_m, abs=0.001)


def test_a_service_pipe_smoother_than_its_own_friction_is_written_smoother(tmp_path):
    with session_of(written(tmp_path, N1), tmp_path / "model") as session:
        service = ServiceLine(53.0, 200.0, 0.0514, 100.0, friction_m=2.0)
        check = check_connection(session, TieIn(node_id="J2"), flow_m3s=0.002, limit_m=14.0)
        write_after(
            session.model, tmp_path / "after.inp", tie_in=check.tie_in, flow_m3s=0.002, service=service
        )

        assert heads_of(tmp_path / "after.inp")["TW-SITE"] == approx(
            check.tie_in_head_after_m - 2.0, abs=0.001
        )


def test_ids_already_taken_are_not_used_twice(tmp_path):
    text = N1.replace("J3", "TW-SITE").replace("P4", "TW-SERVICE").replace("J2", "TW-TIE-IN")
    with session_of(written(tmp_path, text), tmp_path / "model") as session:
        site, service = TieIn(pipe_id="P2", fraction=0.4), ServiceLine(53.0, 45.0, 0.0514, 140.0)
        check = check_connection(session, site, flow_m3s=0.002, limit_m=14.0)
        write_after(session.model, tmp_path / "after.inp", tie_in=site, flow_m3s=0.002, service=service)

        heads = heads_of(tmp_path / "after.inp")

        assert heads["TW-TIE-IN-2"] == approx(check.tie_in_head_after_m, abs=0.001)
        assert heads["TW-SITE"] == approx(check.after.head_m[session.node_position["TW-SITE"]], abs=0.001)
        assert set(heads) - set(session.index.node_ids) == {"TW-TIE-IN-2", "TW-SITE-2"}


def test_the_ground_of_a_tie_in_lies_between_its_ends(tmp_path):
    with session_of(written(tmp_path, N1), tmp_path / "model") as session:
        write_after(
            session.model,
            tmp_path / "after.inp",
            tie_in=TieIn(pipe_id="P2", fraction=0.25),
            flow_m3s=0.001,
            service=None,
        )
        rows = [line.split() for line in (tmp_path / "after.inp").read_text().splitlines()]

        assert [row[1] for row in rows if row[:1] == ["TW-TIE-IN"]] == ["50.3"]
        lengths = [float(row[3]) for row in rows if len(row) == 8 and "TW-TIE-IN" in row[1:3]]
        assert lengths == approx([200.0, 600.0])


def test_before_and_after_differ_only_in_the_connection(tmp_path):
    with session_of(written(tmp_path, N1), tmp_path / "model") as session:
        write_after(
            session.model, tmp_path / "after.inp", tie_in=TieIn(node_id="J2"), flow_m3s=0.001, service=None
        )
        before = session.model.inp.read_text().splitlines()
        after = (tmp_path / "after.inp").read_text().splitlines()

        changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
        assert [(float(a.split()[2]), float(b.split()[2])) for a, b in changed] == [(12.0, 13.0)]
        assert np.isfinite(session.base.head_m).all()
