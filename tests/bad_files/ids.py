"""Ids that are not one thing's own, and layers that are not what their name says."""

import pandas as pd
import pyogrio

from tests.bad_files import good
from tests.bad_files.case import Case, accepted, refused
from tests.bad_files.good import line, point


def named(*ids, layer="供水管段", file="管网.gpkg"):
    def build(folder):
        shapes = [line((10 * at, 0), (10 * at + 10, 0)) for at in range(len(ids))]
        table = good.gpd.GeoDataFrame(
            {"管段编号": list(ids), "公称直径": 200, "管材": "球墨铸铁"}, geometry=shapes, crs=good.CRS
        )
        return good.geopackage(folder, table, name=layer, file=file)

    return build


def holds(*ids):
    def look(network):
        assert sorted(network.pipes["pipe_id"]) == sorted(ids)

    return look


def numbers(folder):
    """A column that is text in one row and a number in the other, as spreadsheets have it."""
    pipes = pd.DataFrame(
        {"点号": ["A", "B"], "连接点号": ["B", "C"], "管径": [200, 200], "管线编号": ["001", 1]}
    )
    points = pd.DataFrame(
        {"点号": ["A", "B", "C"], "X": [4057600.0] * 3, "Y": [510700.0, 510711.0, 510723.0]}
    )
    with pd.ExcelWriter(folder / "成果.xlsx") as book:
        points.to_excel(book, sheet_name="管点", index=False)
        pipes.to_excel(book, sheet_name="管线", index=False)
    return folder / "成果.xlsx"


def swapped(folder):
    """Valves in the layer of pipes, pipes in the layer of valves."""
    valves = good.gpd.GeoDataFrame(
        {"阀门编号": ["V1", "V2", "V3"], "口径": 200},
        geometry=[point(0, 0), point(100, 0), point(100, 50)],
        crs=good.CRS,
    )
    file = good.geopackage(folder, valves, name="供水管段")
    pyogrio.write_dataframe(good.pipes(), file, layer="阀门", driver="GPKG", append=True)
    return file


EXCHANGED = '[[layer]]\nlayer = "valves"\ntable = "供水管段"\nfields.valve_id = "阀门编号"\nfields.dn = "口径"\n' \
    '[[layer]]\nlayer = "pipes"\ntable = "阀门"\nfields.pipe_id = "管段编号"\nfields.dn = "公称直径"\nfields.material = "管材"\nfields.road_name = "所在道路"\n'  # fmt: skip


def exchanged(network):
    good.both_pipes(network)
    assert sorted(network.layer("valves")["valve_id"]) == ["V1", "V2", "V3"]


CASES = [
    Case("B-030 an id twice", named("A1", "A1", "B"), accepted(holds("A1", "A1~2", "B"), id_twice=("A1", "A1~2"))),
    Case("B-030 ids that differ by case", named("a1", "A1"), accepted(holds("a1", "A1"), ids_alike=("a1", "A1"))),
    Case("B-030 ids that differ by width", named("Ａ１", "A1"), accepted(holds("Ａ１", "A1"), ids_alike=("Ａ１", "A1"))),
    Case("B-030 an id with a blank behind it", named("A1", "A1 ", "B"), accepted(holds("A1", "A1~2", "B"), id_twice="A1", id_blanks=("1", "2", "A1 "))),
    Case("B-030 an id 001 and a 1", named("001", "1"), accepted(holds("001", "1"), ids_alike=("001", "1"))),
    Case("B-030 an id 001 and a number 1 in a workbook", numbers, accepted(holds("001", "1"), ids_alike=("001", "1"))),
    Case("B-031 valves in the layer of pipes and pipes in that of valves", swapped, refused("管网.gpkg", "供水管段", "valves", 3), EXCHANGED, accepted(exchanged)),
]  # fmt: skip
