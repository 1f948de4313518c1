"""EPANET files that are refused with line and reason."""

from tests.bad_files.case import Case, refused
from tests.bad_files.models import SOUND, before, model

FALLING = "[CURVES]\nC1 0 40\nC1 10 30\nC1 5 20\n[PUMPS]\nPU R1 J1 HEAD C1\n"
GPV = "[CURVES]\nC1 {}\n[VALVES]\nV1 J1 J2 100 GPV C1 0\n"
MANY = (
    "[CURVES]\n"
    + "".join(f"C1 {x} {20000 - x}\n" for x in range(10_000))
    + "[VALVES]\nV1 J1 J2 100 GPV C1 0\n"
)


def line_of(text):
    return SOUND[: SOUND.index(text)].count("\n") + 1


CASES = [
    Case("B-042 a section name misspelled", model(("[OPTIONS]", "[OPTIENS]")), refused("模型.inp", line_of("[OPTIONS]"), "[OPTIENS]")),
    Case("B-042 a section name of three letters", model(("[PIPES]", "[PIP]")), refused("模型.inp", line_of("[PIPES]"), "[PIP]")),
    Case("B-042 a misspelled section behind the title", model(("[JUNCTIONS]", "[JUNKTIONS]")), refused("模型.inp", 3, "[JUNKTIONS]")),
    *(
        # EPANET takes a roughness of nothing and divides by it: ours is the refusal, by the pipe.
        Case(f"B-047 {what} {figure}", model((old, new)), refused("模型.inp", *([] if what == "roughness" else [line_of(old)]), "P4"))
        for what, old, parts in (("length", "P4 J1 J3 900", "P4 J1 J3 {}"), ("bore", "P4 J1 J3 900 150", "P4 J1 J3 900 {}"), ("roughness", "P4 J1 J3 900 150 100", "P4 J1 J3 900 150 {}"))
        for figure in ("0", "-100")
        for new in (parts.format(figure),)
    ),
    Case("B-050 a curve that falls back in x", model(before("OPTIONS", FALLING)), refused("模型.inp", "PU")),
    Case("B-050 a valve's curve that falls back in x", model(before("OPTIONS", GPV.format("10 20\nC1 5 25"))), refused("模型.inp", "C1", "V1")),
    Case("B-050 a curve of one point", model(before("OPTIONS", GPV.format("10 20"))), refused("模型.inp", "C1", "V1")),
    Case("B-050 a curve of 10,000 points", model(before("OPTIONS", MANY)), refused("模型.inp", "C1", "V1", 10_000, 1000)),
    Case("B-053 a demand of 1e30", model(("J3 52.0 6", "J3 52.0 1e30")), refused("模型.inp", "J3", "demand_m3s")),
    Case("B-053 a demand that is no number", model(("J3 52.0 6", "J3 52.0 NaN")), refused("模型.inp", "J3", "demand_m3s")),
    Case("B-053 an elevation without end", model(("J3 52.0 6", "J3 1e400 6")), refused("模型.inp", "J3", "elevation_m")),
    Case("B-055 two nodes with one id", model(("J2 51.2 12", "J1 51 12")), refused("模型.inp", 5, "J1")),
    Case("B-055 a node and a reservoir with one id", model(("R1 85", "J3 85")), refused("模型.inp", 8, "J3")),
    Case("B-055 two pipes with one id", model(("P2 J1", "P1 J1")), refused("模型.inp", 11, "P1")),
    Case("B-055 an id with a quotation mark in it", model(("J2 51.2 12", 'J"2 51 12')), refused("模型.inp", 5, 'J"2')),
    Case("B-055 an id with a semicolon", model(("J2 51.2 12", "J;2 51 12")), refused("模型.inp", 5, "J;2")),
]  # fmt: skip
