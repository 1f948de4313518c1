"""Whatever a model file counts in and is made of, its frozen peak state has the heads of plain EPANET."""

import pytest
from pytest import approx

from hydraulics.inp.written import write_after
from hydraulics.pressure import check_connection
from hydraulics.results import TieIn
from tests.hydraulics.models import session_of, written
from tests.hydraulics.plain_epanet import PlainEpanet, heads_of, peak_step

TOWN = """
[JUNCTIONS]
A 10 2 DAY
B 12 4 DAY
C 11 3
D 9 1
[DEMANDS]
C 3 DAY
C 1 NIGHT
[RESERVOIRS]
R 60 SOURCE
[TANKS]
T 30 4 1 6 8 0
[EMITTERS]
D 0.2
[PIPES]
P1 R A 500 200 120 0 Open
P2 A B 300 150 110 3 Open
P3 B C 300 150 110 0 Open
P4 C D 300 100 110 0 CV
P5 C T 200 150 110 0 Open
{links}
[PATTERNS]
DAY 0.4 1.6 1.0 1.6
NIGHT 2.0 0.5 0.5 0.5
SOURCE 1.0 0.97 1.0 1.0
[CURVES]
ONE 5 20
THREE 0 30
THREE 5 20
THREE 9 5
MANY 0 30
MANY 3 26
MANY 6 18
MANY 9 5
LOSS 0 0
LOSS 5 3
LOSS 10 12
{more}
[TIMES]
Duration 8:00
Hydraulic Timestep 1:00
Pattern Timestep 2:00
[OPTIONS]
{options}
Headloss H-W
Accuracy 0.000001
Trials 200
[END]
"""

PDA = "Demand Model PDA\nMinimum Pressure {}\nRequired Pressure {}\nPressure Exponent 0.5"
UNITS = [
    "Units LPS", "Units CMH", "Units LPM", "Units MLD", "Units CMD", "Units GPM", "Units CFS", "Units MGD", "Units IMGD",
    "Units AFD", "Units LPS\nPressure KPA", "Units GPM\nPressure KPA", "Units LPS\nSpecific Gravity 1.1",
    "Units LPS\nViscosity 2", "Units LPS\nEmitter Exponent 0.9", "Units LPS\nDemand Multiplier 1.7",
    f"Units LPS\n{PDA.format(3, 40)}", f"Units GPM\n{PDA.format(3, 40)}",
    f"Units LPS\nPressure KPA\n{PDA.format(30, 400)}",
]  # fmt: skip
LINKS = [
    "[VALVES]\nV B D 100 PRV 12 0", "[VALVES]\nV B D 100 PSV 40 0", "[VALVES]\nV B D 100 PBV 6 0",
    "[VALVES]\nV B D 100 FCV 2 0", "[VALVES]\nV B D 100 TCV 30 2", "[VALVES]\nV B D 100 GPV LOSS 0",
    "[VALVES]\nV B D 100 PRV 12 2\n[STATUS]\nV OPEN", "[VALVES]\nV B D 100 TCV 30 2\n[STATUS]\nV CLOSED",
    "[PUMPS]\nU B D HEAD ONE", "[PUMPS]\nU B D HEAD THREE SPEED 0.8", "[PUMPS]\nU B D HEAD MANY",
    "[PUMPS]\nU B D POWER 0.6", "[PUMPS]\nU B D HEAD THREE PATTERN DAY", "[PUMPS]\nU B D 30 20 5 5 9 9",
]  # fmt: skip
MORE = [
    "[CONTROLS]\nLINK P2 CLOSED AT TIME 2\nLINK P2 OPEN AT TIME 5",
    "[CONTROLS]\nLINK P5 CLOSED IF NODE T ABOVE 4.1",
    "[RULES]\nRULE 1\nIF TANK T LEVEL ABOVE 4.05\nTHEN PIPE P5 STATUS IS CLOSED",
    "[STATUS]\nP3 CLOSED",
]


def assert_frozen(folder, text):
    path = written(folder, text)
    heads, total_lps, time_s = peak_step(path)
    with session_of(path, folder / "model") as session:
        index = session.index
        assert index.demand_m3s.sum() * 1000 == approx(total_lps, rel=1e-5)
        assert f"(hour {time_s // 3600}:" in session.model.description[1]
        for node, head_m in heads.items():
            assert session.base.head_m[session.node_position[node]] == approx(head_m, abs=0.002), node
        for site in (TieIn(node_id="B"), TieIn(pipe_id="P3", fraction=0.4)):
            if not session.can_tap("P3"):
                continue
            check = check_connection(session, site, flow_m3s=0.001, limit_m=14.0)
            write_after(session.model, folder / "after.inp", tie_in=site, flow_m3s=0.001, service=None)
            after = heads_of(folder / "after.inp")
            for node, row in session.node_position.items():
                assert check.after.head_m[row] == approx(after[node], abs=0.005), (site, node)


@pytest.mark.parametrize("options", UNITS, ids=lambda o: o.replace("\n", ", ").replace("Units ", ""))
def test_units_and_options_survive(options, tmp_path):
    # Without emitters: their share is not demand, and its size depends on the pressure unit alone.
    text = TOWN.format(links="[VALVES]\nV B D 100 PRV 12 0", more="", options=options).replace("D 0.2\n", "")

    assert_frozen(tmp_path, text)


@pytest.mark.parametrize("exponent", [0.5, 1.1])
@pytest.mark.parametrize("pressure", ["Meters", "KPA"])
def test_emitters_go_on_leaking_as_in_the_file(pressure, exponent, tmp_path):
    options = f"Units LPS\nPressure {pressure}\nEmitter Exponent {exponent}"
    path = written(
        tmp_path, TOWN.format(links="", more="", options=options).replace("Duration 8:00", "Duration 0")
    )
    with PlainEpanet(path) as plain:
        heads = plain.solve().heads()
    with session_of(path, tmp_path / "model") as session:
        for node, head_m in heads.items():
            assert session.base.head_m[session.node_position[node]] == approx(head_m, abs=0.002), node


@pytest.mark.parametrize("links", LINKS, ids=lambda o: " ".join(o.split()[1:6]))
def test_pumps_and_valves_of_every_kind_survive(links, tmp_path):
    text = TOWN.format(links=links, more="", options="Units LPS").replace("D 0.2\n", "")

    assert_frozen(tmp_path, text)


@pytest.mark.parametrize("units", ["LPS", "GPM"])
@pytest.mark.parametrize("more", MORE, ids=lambda o: o.split()[0])
def test_what_controls_and_rules_have_done_by_then_stays_done(more, units, tmp_path):
    text = TOWN.format(links="", more=more, options=f"Units {units}").replace("D 0.2\n", "")

    assert_frozen(tmp_path, text)


def test_the_first_of_equal_peaks_is_taken(tmp_path):
    path = written(tmp_path, TOWN.format(links="", more="", options="Units LPS"))
    with session_of(path, tmp_path / "model") as session:
        assert "2:00" in session.model.description[1]
