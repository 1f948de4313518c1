"""EPANET files that are mended, or taken with a doubt that is listed."""

from tests.bad_files.case import Case, accepted, refused
from tests.bad_files.guards import canary_file, canary_url
from tests.hydraulics.models import N1

SOUND = f"[TITLE]\n某县供水模型{N1}"
LONG = "经十路与舜耕路交叉口东南角加压泵站出水总管流量计后第一个检查井预留节点甲乙丙丁戊"
assert len(LONG) == 40


def model(*changes, encoding="utf-8", end=b""):
    """The sound model with pieces of its text replaced; every piece must be there."""

    def build(folder):
        text = SOUND
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new(folder) if callable(new) else new)
        (folder / "模型.inp").write_bytes(text.encode(encoding) + end)
        return folder / "模型.inp"

    return build


def before(section, text):
    return (f"[{section}]", f"{text}\n[{section}]")


def has(*pipes, nodes=("J1", "J2", "J3", "R1")):
    def look(network):
        assert sorted(network.pipes["pipe_id"]) == sorted(pipes or ("P1", "P2", "P3", "P4"))
        assert sorted(network.nodes["node_id"]) == sorted(nodes)

    return look


whole = has()


def long_ids(network):
    """The ids of the file everywhere, though the engine has shorter ones."""
    assert LONG in set(network.nodes["node_id"])
    assert LONG in set(network.pipes.set_index("pipe_id").loc["P2", ["end_node_id"]])


RULES = """[RULES]
RULE 1
IF NODE J2 PRESSURE BELOW 20
THEN PIPE P4 STATUS IS OPEN
RULE 2
IF NODE J2 PRESSURE BELOW 20
THEN PIPE P4 STATUS IS CLOSED
"""
CONTROLS = "[CONTROLS]\nLINK P4 CLOSED AT TIME 5\nLINK P4 OPEN AT TIME 5\n"
UNKNOWN = "[CONTROLS]\nLINK P9 CLOSED AT TIME 5\nLINK P4 CLOSED IF NODE J9 BELOW 5\n[RULES]\nRULE 1\nIF TANK T9 LEVEL > 5\nTHEN PIPE P4 STATUS IS CLOSED\n"
OTHER_SECTIONS = (
    "[EMITTERS]\nJ3 0.1\n[QUALITY]\nJ1 0.5\n[REACTIONS]\nGLOBAL BULK -1\n[ENERGY]\nGLOBAL EFFIC 75\n"
)

CASES = [
    Case("B-041 comments in GBK", model(("J2 51.2 12", "J2 51.2 12 ;解放路"), encoding="gb18030"), accepted(whole)),
    Case("B-041 ids in GBK", model(("J2", "解放路2号"), encoding="gb18030"), accepted(has(nodes=("J1", "解放路2号", "J3", "R1")))),
    Case("B-041 ids of 40 Chinese characters", model(("J2", LONG)), accepted(long_ids, model_id_long=(LONG, "TW-1"))),
    Case("B-041 ids of 40 Chinese characters in GBK", model(("J2", LONG), encoding="gb18030"), accepted(long_ids, model_id_long=(LONG, "TW-1"))),
    Case("B-042 [PIPE] and [JUNC]", model(("[PIPES]", "[PIPE]"), ("[JUNCTIONS]", "[JUNC]")),
         accepted(whole, model_section_short=("[PIPE]", "[JUNC]", "[PIPES]", "[JUNCTIONS]"))),
    Case("B-043 no [END]", model(("[END]\n", "")), accepted(whole)),
    Case("B-043 CR and CRLF mixed", model(("[PIPES]\n", "[PIPES]\r\n"), ("J1 50.0 20\n", "J1 50.0 20\r"), ("J2 51.2 12\n", "J2 51.2 12\r")),
         accepted(whole, model_line_ends="2")),
    Case("B-043 zeros at the end", model(end=b"\0" * 3000), accepted(whole, model_zero_bytes="3000")),
    Case("B-043 zeros at the end and no [END]", model(("[END]\n", ""), end=b"\0" * 3000), accepted(whole, model_zero_bytes="3000")),
    # EPANET 2.2 overruns its buffers on these and takes the whole process with it.
    Case("B-043 a comment of 1 MB", model(("J2 51.2 12", "J2 51.2 12 ;" + "长" * 350_000)), accepted(whole)),
    Case("B-043 a title of 1 MB", model(("某县供水模型", "长" * 350_000)), accepted(whole)),
    Case("B-043 a line of 1 MB", model(("J2 51.2 12", "J2 51.2 12" + " 1" * 500_000)), refused("模型.inp", 5, 1000)),
    Case("B-043 a word of 300 bytes", model(("J2 51.2 12", "J2 51.2 12 " + "x" * 300)), refused("模型.inp", 5, "x" * 60)),
    Case("B-045 a pipe to a node that is not there", model(("P3 J2 J3 400", "P3 J2 J9 400"), ("P4 J1 J3 900", "P4 J1 J8 900")),
         accepted(has("P1", "P2", nodes=("J1", "J2", "R1")), model_link_without_node=("2", "P3 J2 J9", "10"), model_demand_alone=("J3 52.0 6",),
                  model_lines_of_unknown="COORDINATES")),
    Case("B-045 nodes without coordinates", model(("J2 2300 0\nJ3 2300 400\n", "")), accepted(whole, model_node_no_coordinates=("J2", "J3"))),
    Case("B-045 coordinates of a node that is not there", model(("J3 2300 400", "J9 2300 400")),
         accepted(whole, model_lines_of_unknown=("J9 2300 400", "1"), model_node_no_coordinates="J3")),
    Case("B-046 no reservoir or tank", model(("[RESERVOIRS]\nR1 85", "R1 85")), accepted(whole, model_no_source="模型.inp")),
    Case("B-046 an isolated part", model(before("RESERVOIRS", "X1 40 1\nX2 40 1"), before("OPTIONS", "P9 X1 X2 9 99 99")),
         accepted(model_part_without_source=("X1", "2"))),
    Case("B-046 a node on its own", model(before("RESERVOIRS", "X1 40 0")), accepted(whole, model_node_alone=("X1 40 0", "1"))),
    Case("B-046 a customer on its own", model(before("RESERVOIRS", "X1 40 1")), accepted(whole, model_demand_alone=("X1 40 1", "1"))),
    Case("B-046 all valves closed", model(("120 0 Open", "120 0 Closed")), accepted(whole, model_node_cut_off=("J1", "J2", "J3"))),
    Case("B-047 a bore of 100 in a file in inches", model(("Units LPS", "Units GPM")), accepted(whole, model_units_doubtful=("模型.inp", "250"))),
    Case("B-049 roughness 0.1 in a model with C", model(("900 150 100", "900 150 0.1")), accepted(whole, model_roughness_doubtful=("P4", "0.1"))),
    Case("B-049 Darcy-Weisbach with C for roughness", model(("H-W", "D-W")), accepted(whole, model_roughness_formula=("D-W", "4", "110"))),
    Case("B-051 controls and rules of unknown ids", model(before("OPTIONS", UNKNOWN)),
         accepted(whole, model_control_unknown=("CONTROLS", "RULES", "2", "1", "LINK P9 CLOSED AT TIME 5"))),
    Case("B-051 rules at odds", model(before("OPTIONS", RULES)), accepted(whole, model_controls_contradict=("P4", "PRESSURE"))),
    Case("B-051 controls at odds", model(before("OPTIONS", CONTROLS)), accepted(whole, model_controls_contradict=("P4", "AT TIME 5"))),
    Case("B-053 a demand of -5", model(("J3 52.0 6", "J3 52.0 -5")), accepted(whole, model_demand_negative=("J3", "-5"))),
    Case("B-053 an elevation of -9999", model(("J3 52.0 6", "J3 -9999 6")), accepted(whole, model_ground_impossible=("J3", "-9999"))),
    # Emitters are part of the hydraulics and are computed with; only the rest is kept unused.
    Case("B-054 emitters, quality and energy", model(before("OPTIONS", OTHER_SECTIONS)),
         accepted(whole, model_sections_unused=("QUALITY, REACTIONS, ENERGY",))),
    # Better than refused: an id that is a keyword, or one in quotes, is read for what it is.
    Case("B-055 an id equal to a keyword", model(("J2", "OPEN"), ("P2", "JUNCTIONS")),
         accepted(has("P1", "JUNCTIONS", "P3", "P4", nodes=("J1", "OPEN", "J3", "R1")))),
    Case("B-055 an id in quotes", model(("J2", '"J 2"')), accepted(has(nodes=("J1", "J 2", "J3", "R1")), model_id_long=("J 2", "TW-1"))),
    Case("B-057 a backdrop and a map on a share, and one here",
         model(before("COORDINATES", "MAP \\\\server\\share\\x.map\n[BACKDROP]\nDIMENSIONS 0 0 1 1\nFILE \\\\server\\share\\x.bmp")),
         accepted(whole, model_outward="x.map")),
    Case("B-057 hydraulics of another file", model(("Units LPS", lambda folder: f"Units LPS\nHYDRAULICS USE {canary_file(folder)}")),
         accepted(whole, model_outward="canary.txt")),
    Case("B-057 hydraulics and report written to another file",
         model(("Units LPS", lambda folder: f"Units LPS\nHYDRAULICS SAVE {folder}/a.hyd\nMAP {canary_file(folder)}\n[REPORT]\nFILE {folder}/a.rpt\nSTATUS FULL\n[OPTIONS]")),
         accepted(whole, model_outward=("a.hyd", "a.rpt"))),
    Case("B-057 a backdrop at an address", model(before("COORDINATES", "[BACKDROP]\nFILE @@\n"), ("@@", canary_url)), accepted(whole)),
    Case("B-058 a model that does not converge", model((" 400 120", " 0.0001 120"), (" 300 110", " 0.0001 110"), (" 150 100", " 0.0001 100")),
         accepted(whole, model_bore_impossible=("P1", "P2", "P4"), model_stops="模型.inp")),
    Case("B-058 unbalanced CONTINUE", model((" 400 120", " 0.0001 120"), ("Units LPS", "Units LPS\nUnbalanced CONTINUE 10\nTrials 3")),
         accepted(whole, model_bore_impossible="P1", model_stops="模型.inp")),
]  # fmt: skip
